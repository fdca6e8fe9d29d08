home-title = Hoje
home-tasks = O que espera por uma pessoa
home-no-tasks = Nada espera por enquanto. A próxima execução dirá se há algo para ver.
