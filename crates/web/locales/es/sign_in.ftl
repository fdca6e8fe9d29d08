sign-in-title = Entrar
sign-in-email = Correo
sign-in-password = Contraseña
sign-in-code = Código de su aplicación
sign-in-enter = Entrar
sign-in-refused = El correo o la contraseña no son correctos.
sign-in-locked = Hubo varios intentos fallidos. Espere unos minutos y vuelva a intentar.
