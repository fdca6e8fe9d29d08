sign-in-title = Entrar
sign-in-email = E-mail
sign-in-password = Senha
sign-in-code = Código do seu aplicativo
sign-in-enter = Entrar
sign-in-refused = O e-mail ou a senha não estão corretos.
sign-in-locked = Houve várias tentativas sem sucesso. Espere alguns minutos e tente de novo.
