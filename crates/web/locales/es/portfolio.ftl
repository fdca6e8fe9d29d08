nav-search = Buscar
nav-customers = Clientes
nav-documents = Documentos
portfolio-customers-title = Clientes
portfolio-documents-title = Documentos
portfolio-search-title = Buscar
portfolio-q = Nombre, identificación fiscal, clave o número de factura
portfolio-q-customers = Nombre, identificación fiscal o clave del cliente
portfolio-q-documents = Número del documento
portfolio-find = Buscar
portfolio-filters = Más filtros
portfolio-apply = Aplicar filtros
portfolio-clear = Quitar filtros
portfolio-from = Desde
portfolio-to = Hasta
portfolio-days-late = Días de atraso
portfolio-amount = Importe del documento
portfolio-amount-open = Saldo pendiente
portfolio-due = Fecha de vencimiento
portfolio-tag = Etiqueta
portfolio-assigned = Responsable
portfolio-assigned-me = Yo
portfolio-anyone = Cualquiera
portfolio-any = Cualquiera
portfolio-any-currency = Todas las monedas
portfolio-held = Con algo retenido hoy
portfolio-unreachable = Sin un medio de contacto que funcione
portfolio-held-tag = Retenido
portfolio-unreachable-tag = Sin contacto
portfolio-states = Qué se muestra
portfolio-sorts = En qué orden
portfolio-pages = Páginas
portfolio-customers-all = Todos
portfolio-customers-open = Con saldo
portfolio-customers-overdue = Vencidos
portfolio-customers-due_soon = Vencen en 7 días
portfolio-customers-settled = Sin saldo
portfolio-customers-credit = Con saldo a favor
portfolio-documents-all = Todos
portfolio-documents-open = Pendientes
portfolio-documents-overdue = Vencidos
portfolio-documents-due_soon = Vencen en 7 días
portfolio-documents-settled = Pagados
portfolio-sort-name = Por nombre
portfolio-sort-days = Más atrasados primero
portfolio-sort-amount = Mayor importe primero
portfolio-sort-due = Por vencimiento
portfolio-sort-number = Por número
portfolio-sort-settled = Últimos pagados primero
portfolio-kind-debit_note = Nota de cargo
portfolio-kind-credit_note = Nota de crédito
portfolio-behaviour-punctual = Puntual
portfolio-behaviour-forgetful = Olvidadizo
portfolio-behaviour-slow = Lento
portfolio-behaviour-disputing = Contesta facturas
portfolio-behaviour-insolvent = Sin fondos
portfolio-column-key = Clave
portfolio-column-name = Cliente
portfolio-column-tax-id = Identificación fiscal
portfolio-column-currency = Moneda
portfolio-column-open = Saldo
portfolio-column-overdue = Vencido
portfolio-column-credit = A favor
portfolio-column-documents = Documentos
portfolio-column-oldest-due = Vencimiento más antiguo
portfolio-column-days-late = Atraso
portfolio-column-behaviour = Comportamiento
portfolio-column-tags = Etiquetas
portfolio-column-number = Número
portfolio-column-kind = Tipo
portfolio-column-issued = Emisión
portfolio-column-due = Vence
portfolio-column-amount = Importe
portfolio-column-settled = Pagado el
portfolio-next-due = Próximo vencimiento
portfolio-customers-help = Saldos en { $currency } al día de hoy: lo facturado menos lo aplicado. El atraso es el de su documento pendiente más antiguo.
portfolio-documents-help = Saldo: importe del documento menos lo aplicado. El atraso se cuenta desde el día de vencimiento.
portfolio-customers-empty = Ningún cliente cumple con estos filtros. Quite alguno, o importe su cartera si aún está vacía.
portfolio-documents-empty = Ningún documento cumple con estos filtros. Quite alguno, o importe sus facturas si aún no están.
portfolio-show-all = Ver todos
portfolio-see-all = Ver todos
portfolio-unfinished = Se revisó una parte de la lista; puede haber más adelante.
portfolio-go-on = Seguir buscando
portfolio-before = Anteriores
portfolio-after = Siguientes
portfolio-documents-of = Documentos: { $text }
portfolio-credit-of = A favor: { $amount }
portfolio-settled-on = Pagado el { $day }
portfolio-of-customer = Cliente: { $name }
portfolio-of-everyone = Ver los de todos los clientes
portfolio-search-help = Escriba al menos el principio de una palabra o de un número.
portfolio-search-empty = No se encontró nada. Pruebe con menos palabras o solo con las cifras del número.
portfolio-mark = Marcar
portfolio-mark-one = Marcar a { $name }
portfolio-view-save = Guardar esta vista
portfolio-view-name = Nombre de la vista
portfolio-view-shared = Para toda la empresa
portfolio-view-keep = Guardar
portfolio-view-remove = Quitar la vista { $name }
portfolio-bulk-title = Hacer con varios clientes
portfolio-bulk-marked = Los marcados
portfolio-bulk-all = Todos los de esta lista
portfolio-bulk-action = Qué hacer
portfolio-bulk-hold = Detener el cobro
portfolio-bulk-tag = Poner una etiqueta
portfolio-bulk-untag = Quitar una etiqueta
portfolio-bulk-assign = Cambiar el responsable
portfolio-bulk-address = Cambiar un medio de contacto
portfolio-bulk-next = Continuar…
portfolio-bulk-help = Antes de hacerlo verá a quiénes alcanza.
portfolio-bulk-none = No marcó a ningún cliente.
portfolio-bulk-many = Son más de { $most } clientes: reduzca la lista con los filtros.
portfolio-bulk-about = Alcanza a { $count }.
portfolio-bulk-who = A quiénes
portfolio-bulk-kind = Por qué se detiene
portfolio-bulk-reason = Motivo
portfolio-bulk-reason-help = Lo leerá quien abra la página del cliente.
portfolio-bulk-until = Hasta (día en que se reanuda)
portfolio-bulk-until-help = Sin fecha, queda detenido hasta que alguien lo reanude.
portfolio-bulk-channel = Medio
portfolio-bulk-from = Dirección que está
portfolio-bulk-to = Dirección nueva
portfolio-bulk-address-help = Se cambia en los clientes que tienen la primera; los demás quedan igual.
portfolio-bulk-nobody = Nadie
portfolio-bulk-confirm = Hacerlo
portfolio-bulk-cancel = No hacer nada
portfolio-bulk-done-title = Hecho
portfolio-bulk-refused = No se hizo con
portfolio-bulk-back = Volver a la lista
portfolio-bulk-wrong-date = escriba una fecha
portfolio-bulk-no-tag = escriba la etiqueta
portfolio-bulk-no-member = esa persona ya no trabaja en esta empresa
portfolio-xlsx-long = Son más de { $most } filas: descárguelas como CSV.
portfolio-xlsx-failed = No se pudo escribir el libro: descargue la lista como CSV.
flash-view-saved = La vista quedó guardada.
flash-view-removed = La vista se quitó.
portfolio-count =
    { $n ->
        [one] { $text } fila
       *[other] { $text } filas
    }
portfolio-count-more =
    { $n ->
        [one] Más de { $text } fila
       *[other] Más de { $text } filas
    }
portfolio-days =
    { $n ->
        [one] { $text } día
       *[other] { $text } días
    }
portfolio-bulk-others =
    { $n ->
        [one] y { $text } más
       *[other] y { $text } más
    }
portfolio-bulk-done =
    { $n ->
        [one] Se hizo con { $text } cliente.
       *[other] Se hizo con { $text } clientes.
    }
