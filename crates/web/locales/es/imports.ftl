nav-imports = Archivos
imports-title = Archivos de la empresa
flash-imports-uploaded = El archivo se subió. Revise cómo se leería antes de importarlo.
flash-imports-begun = La importación empezó. Puede cerrar esta página.
flash-imports-discarded = El archivo se descartó; nada se importó.
flash-imports-stopping = Se detendrá al terminar la parte que está leyendo.
flash-imports-undone = La importación se deshizo por completo.
flash-imports-explained = Así se leería el archivo ahora.
imports-some-refused = Estos archivos no se pudieron subir:
imports-upload = Subir archivos
imports-files = Listas de clientes, facturas o pagos
imports-files-help = Excel (XLSX, XLS, XLSB), ODS o CSV, hasta 200 MB. Suba su hoja tal como está: antes de guardar nada verá cómo se lee.
imports-look = Subir y revisar
imports-history = Historial
imports-empty = Todavía no hay archivos. Suba su lista de facturas para empezar.
imports-file = Archivo
imports-when = Cuándo
imports-who = Quién
imports-state = Estado
imports-read = Filas leídas
imports-changed = Nuevos y cambiados
imports-waiting = En cuarentena
imports-older = Ver anteriores
imports-state-draft = Por revisar
imports-state-running = Importando
imports-state-done = Importado
imports-state-cancelled = Detenido
imports-state-failed = Falló
imports-state-undone = Deshecho
imports-state-cut-short = Interrumpido
imports-upload-broken = La subida se cortó: intente otra vez.
imports-upload-none = No se eligió ningún archivo.
imports-upload-too-large = pesa más de { $max } MB: divídalo en varios archivos.
imports-error-empty = está vacío.
imports-error-kind = no es una hoja de cálculo ni un texto con columnas (CSV).
imports-error-web-page = es una página web con nombre de hoja de cálculo: ábrala en Excel y guárdela como XLSX.
imports-error-no-table = no parece una tabla: tiene una línea demasiado larga.
imports-error-broken = no se pudo abrir: guárdelo otra vez, sin contraseña.
imports-error-too-large = contiene demasiado para una hoja de cálculo: guárdelo como CSV.
imports-error-unreadable = no se pudo leer: súbalo otra vez.
imports-error-gone = ya no está en este equipo: súbalo otra vez.
imports-progress = { $read } de { $rows } filas leídas · { $created } nuevos · { $updated } cambiados · { $waiting } en cuarentena
imports-how-far = Avance
imports-cut-short-help = Nadie la está leyendo ya: lo que se escribió está en la cartera. Suba el archivo otra vez para completarla (no se duplica nada) o deshágala.
imports-stop = Detener
imports-stop-help = Lo que ya se escribió se queda; después puede deshacerlo.
imports-figures = Lo que cambió
imports-figures-help = Nuevo: no estaba en la cartera. Cambiado: estaba con otros datos. Igual: nada que hacer.
imports-nothing = No se escribió nada.
imports-what = Qué
imports-created = Nuevos
imports-updated = Cambiados
imports-unchanged = Iguales
imports-rows-read =
    { $n ->
        [one] Se leyó una fila.
       *[other] Se leyeron { $text } filas.
    }
imports-applied =
    { $n ->
        [one] Un pago se aplicó por la regla de la política.
       *[other] { $text } pagos se aplicaron por la regla de la política.
    }
imports-rows-waiting =
    { $n ->
        [one] Una fila espera en cuarentena: corríjala.
       *[other] { $text } filas esperan en cuarentena: corríjalas.
    }
imports-undo = Deshacer
imports-undo-help = Quita todo lo que este archivo trajo y devuelve lo que cambió, mientras nada dependa de ello. Si algo lo impide, se dice qué y no se toca nada.
imports-undo-all = Deshacer toda la importación
imports-in-the-way = No se hizo nada, porque:
imports-obstacle-running =
    { $n ->
        [one] todavía se está leyendo: deténgala primero ({ $text })
       *[other] todavía se está leyendo: deténgala primero ({ $text })
    }
imports-obstacle-not-read =
    { $n ->
        [one] no hay nada que deshacer ({ $text })
       *[other] no hay nada que deshacer ({ $text })
    }
imports-obstacle-not-kept =
    { $n ->
        [one] la leyó una versión que no guardaba cómo deshacerla ({ $text })
       *[other] la leyó una versión que no guardaba cómo deshacerla ({ $text })
    }
imports-obstacle-changed =
    { $n ->
        [one] un dato suyo se cambió después; si fue otro archivo, deshágalo antes
       *[other] { $text } datos suyos se cambiaron después; si fue otro archivo, deshágalo antes
    }
imports-obstacle-application =
    { $n ->
        [one] un pago se aplicó después a lo que trajo, o desde ello
       *[other] { $text } pagos se aplicaron después a lo que trajo, o desde ello
    }
imports-obstacle-contact =
    { $n ->
        [one] ya se escribió a un cliente por lo que trajo
       *[other] ya se escribió { $text } veces a clientes por lo que trajo
    }
imports-obstacle-promise =
    { $n ->
        [one] hay una promesa de pago posterior
       *[other] hay { $text } promesas de pago posteriores
    }
imports-obstacle-hold =
    { $n ->
        [one] hay una retención posterior
       *[other] hay { $text } retenciones posteriores
    }
imports-obstacle-message =
    { $n ->
        [one] hay un mensaje de un cliente que trajo
       *[other] hay { $text } mensajes de clientes que trajo
    }
imports-obstacle-later =
    { $n ->
        [one] otro archivo o una persona agregó algo después a sus clientes
       *[other] se agregaron después { $text } documentos, pagos o medios de contacto a sus clientes
    }
imports-obstacle-record =
    { $n ->
        [one] hay una nota, tarea o archivo de sus clientes
       *[other] hay { $text } notas, tareas o archivos de sus clientes
    }
imports-all = Todos los archivos
imports-draft-help = Nada se ha guardado todavía. Revise cómo se lee el archivo, corrija lo que haga falta y luego impórtelo.
imports-refused = Esto no se leerá:
imports-would = Lo que haría
imports-would-help = Calculado con su cartera de ahora, por el mismo programa que importa.
imports-weighed =
    { $n ->
        [one] Calculado con la primera fila; el archivo tiene más.
       *[other] Calculado con las primeras { $text } filas; el archivo tiene más.
    }
imports-would-nothing = Todavía no se reconoce nada: indique abajo qué dice cada columna.
imports-would-wait =
    { $n ->
        [one] Una fila esperaría en cuarentena
       *[other] { $text } filas esperarían en cuarentena
    }
imports-would-wait-help = No se pierden: se guardan aparte para corregirlas después, y las demás se importan.
imports-row = Fila { $row }
imports-warnings =
    { $n ->
        [one] Un aviso
       *[other] { $text } avisos
    }
imports-begin = Importar
imports-discard = Descartar el archivo
imports-how = Cómo se lee
imports-how-help = Se deduce de las columnas. Si algo se entendió mal, corríjalo aquí.
imports-dates = Fechas escritas con números
imports-as-shown = Según lo que muestre el archivo
imports-dates-dmy = Día/mes/año (31/12/2026)
imports-dates-mdy = Mes/día/año (12/31/2026)
imports-decimal = Decimales
imports-decimal-point = Con punto (1,234.56)
imports-decimal-comma = Con coma (1.234,56)
imports-currency = Moneda de lo que no la dice
imports-currency-help = Si lo deja vacío: la de la factura que se paga, y si no, { $code }.
imports-wrong-currency = «{ $code }» no es una moneda: escriba su código, por ejemplo MXN.
imports-table-of-sheet = Hoja «{ $sheet }»
imports-table = Tabla que empieza en la fila { $row }
imports-missing = Falta indicar qué columna dice: { $what }
imports-rows =
    { $n ->
        [one] Una fila
       *[other] { $text } filas
    }
imports-lists = Qué lista esta tabla
imports-first-rows = Las primeras filas, como se leerían
imports-row-number = Fila
imports-problem = Por qué esperaría
imports-look-again = Aplicar y volver a revisar
imports-remembered = Se recordará para el próximo archivo con estas columnas.
imports-entity-customers = Clientes
imports-entity-contact_points = Medios de contacto
imports-entity-documents = Facturas y notas
imports-entity-payments = Pagos
imports-entity-applications = Pagos aplicados a facturas
imports-entity-holds = Retenciones
imports-entity-bank_transactions = Movimientos del banco
imports-field-none = (se guarda como está)
imports-field-number = Número de documento
imports-field-series = Serie
imports-field-instalment = Cuota
imports-field-fiscal_id = Folio fiscal
imports-field-kind = Tipo de documento
imports-field-issued = Fecha de emisión
imports-field-due = Vencimiento
imports-field-amount = Importe
imports-field-open_balance = Saldo pendiente
imports-field-paid_amount = Importe pagado
imports-field-paid_on = Fecha de pago
imports-field-status = Estado
imports-field-currency = Moneda
imports-field-disputed = En aclaración
imports-field-terms_days = Días de crédito
imports-field-direct_debit = Domiciliado
imports-field-reference = Referencia
imports-field-payment_key = Número de pago
imports-field-customer_key = Clave del cliente
imports-field-customer_name = Nombre del cliente
imports-field-tax_id = RFC, RUT, NIT o RUC
imports-field-email = Correo
imports-field-phone = Teléfono
imports-field-whatsapp = WhatsApp
imports-field-country = País
imports-field-subdivision = Estado o provincia
imports-field-zone = Zona horaria
imports-field-language = Idioma
imports-field-class = Persona o empresa
imports-field-importance = Importancia
imports-field-tags = Etiquetas
imports-field-behaviour = Cómo ha pagado
imports-field-debt_class = Origen de la deuda
imports-field-final_consumer = Consumidor final
imports-field-creditor = Clase de acreedor
imports-field-actor = Quién cobra
imports-field-role = Quién atiende el medio
imports-field-source = De dónde viene el medio
imports-field-legal_event = Hecho legal
imports-field-legal_event_on = Fecha del hecho legal
imports-field-consent_email = Consentimiento para correo
imports-field-consent_whatsapp = Consentimiento para WhatsApp
imports-field-consent_sms = Consentimiento para SMS
imports-field-consent_phone = Consentimiento para llamadas
imports-field-consent_on = Fecha del consentimiento
imports-field-consent_source = Origen del consentimiento
imports-field-consent_text = Texto del consentimiento
