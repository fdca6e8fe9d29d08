sign-in-title = Sign in
sign-in-email = E-mail
sign-in-password = Password
sign-in-code = Code from your app
sign-in-enter = Sign in
sign-in-refused = The e-mail or the password is not right.
sign-in-locked = There were several failed attempts. Wait a few minutes and try again.
