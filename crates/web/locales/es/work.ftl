nav-work = Mi trabajo
work-title = Mi trabajo
work-mine = De mis clientes
work-all = De todos
work-more = Puede haber más: al terminar estos aparecen.
work-help = Primero las promesas incumplidas; luego, dinero en juego por urgencia.
work-none = Nada espera a una persona. La próxima corrida dirá si hay algo que ver.
work-none-mine = Nada espera de los clientes a su cargo.
work-no-customer = Tarea de la empresa
work-overdue = Vencido
work-done = Listo
work-later = Mañana
work-keys = Teclas
work-keys-move = siguiente y anterior
work-keys-open = abrir
work-broken-promise = Promesa incumplida { $days }: faltan { $amount }.
work-promise-today = Hoy vence su promesa: faltan { $amount }.
work-dispute = Disputa abierta { $days } por { $amount }:
flash-work-done = Hecho. Sigue el primero de la lista.
flash-work-later = Volverá a la lista mañana.
work-days-ago = { $n ->
    [0] hoy
    [one] hace { $text } día
   *[other] hace { $text } días
}
work-answer-waiting = { $n ->
    [0] Escribió hoy y espera respuesta.
    [one] Escribió hace { $text } día y espera respuesta.
   *[other] Escribió hace { $text } días y espera respuesta.
}
work-task = { $n ->
    [0] Tarea de hoy:
    [one] Tarea de hace { $text } día:
   *[other] Tarea de hace { $text } días:
}
work-gone-quiet = { $n ->
    [0] Saldo alto y nadie ha dicho nada.
    [one] Saldo alto y silencio desde hace { $text } día.
   *[other] Saldo alto y silencio desde hace { $text } días.
}
work-found = { $n ->
    [0] Nada pendiente
    [one] { $text } pendiente
   *[other] { $text } pendientes
}
work-step-by-hand = { $n ->
    [0] Hoy toca llamar, visitar o enviar una carta.
    [one] Desde hace { $text } día toca llamar, visitar o enviar una carta.
   *[other] Desde hace { $text } días toca llamar, visitar o enviar una carta.
}
