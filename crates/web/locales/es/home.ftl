home-title = Hoy
home-tasks = Lo que espera a una persona
home-no-tasks = Nada espera por ahora. La próxima corrida dirá si hay algo que ver.
