nav-work = Meu trabalho
work-title = Meu trabalho
work-mine = Dos meus clientes
work-all = De todos
work-more = Pode haver mais: aparecem ao terminar estes.
work-help = Primeiro as promessas não cumpridas; depois, dinheiro em jogo por urgência.
work-none = Nada espera uma pessoa. A próxima execução dirá se há algo a ver.
work-none-mine = Nada espera dos clientes a seu cargo.
work-no-customer = Tarefa da empresa
work-overdue = Vencido
work-done = Feito
work-later = Amanhã
work-keys = Teclas
work-keys-move = próximo e anterior
work-keys-open = abrir
work-broken-promise = Promessa não cumprida { $days }: faltam { $amount }.
work-promise-today = Hoje vence sua promessa: faltam { $amount }.
work-dispute = Disputa aberta { $days } por { $amount }:
flash-work-done = Feito. Segue o primeiro da lista.
flash-work-later = Voltará à lista amanhã.
work-days-ago = { $n ->
    [0] hoje
    [one] há { $text } dia
   *[other] há { $text } dias
}
work-answer-waiting = { $n ->
    [0] Escreveu hoje e espera resposta.
    [one] Escreveu há { $text } dia e espera resposta.
   *[other] Escreveu há { $text } dias e espera resposta.
}
work-task = { $n ->
    [0] Tarefa de hoje:
    [one] Tarefa de há { $text } dia:
   *[other] Tarefa de há { $text } dias:
}
work-gone-quiet = { $n ->
    [0] Saldo alto e ninguém disse nada.
    [one] Saldo alto e silêncio há { $text } dia.
   *[other] Saldo alto e silêncio há { $text } dias.
}
work-found = { $n ->
    [0] Nada pendente
    [one] { $text } pendente
   *[other] { $text } pendentes
}
work-step-by-hand = { $n ->
    [0] Hoje é dia de ligar, visitar ou enviar uma carta.
    [one] Há { $text } dia é preciso ligar, visitar ou enviar uma carta.
   *[other] Há { $text } dias é preciso ligar, visitar ou enviar uma carta.
}
