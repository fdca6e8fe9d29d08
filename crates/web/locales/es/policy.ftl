nav-policy = Política
policy-title = Política de cobranza
policy-help = Todo lo que Puntual decide sigue este texto. La ley del país siempre manda sobre él.
policy-edit = Cambiar
policy-stages = Las etapas, día por día
policy-picture = Escalera { $ladder }: los pasos en días después del vencimiento
policy-due = vence
policy-days-after = días después del vencimiento
policy-follow-up = y luego cada { $days } días
policy-templates = Los mensajes
policy-templates-help = Véalos con datos de ejemplo, como los vería un cliente.
policy-versions = Versiones
policy-version = Versión
policy-author = Quién
policy-when = Cuándo
policy-state = Estado
policy-rules = en uso
policy-see-changes = Ver qué cambiaría
policy-shipped-help = También puede partir de una política que viene con Puntual:
policy-edit-title = Cambiar la política
policy-edit-help = Guardar no la pone en uso: primero se ve qué mensajes cambiarían.
policy-text = Texto de la política
policy-check = Revisar
policy-keep = Guardar y ver qué cambia
policy-leave = Dejarla como está
policy-wrong = Falta corregir:
policy-right = El texto está bien.
policy-warnings = Permitido, pero quizá no es lo que quiere:
policy-line = línea
policy-in-prose = La política en palabras
policy-change-title = Qué cambia
policy-comparing = Viviendo los próximos 30 días con cada política…
policy-look-again = Mirar de nuevo
policy-what-changes = Qué cambiaría en los próximos 30 días
policy-assumes = Se supone que nadie paga ni contesta en esos días.
policy-sample = Sobre una muestra pareja de { $some } de { $all } clientes: los totales son de la muestra.
policy-nothing-changes = No cambia ningún mensaje.
policy-messages-added = mensajes de más
policy-messages-removed = mensajes de menos
policy-messages-moved = mensajes distintos
policy-messages-same = mensajes iguales
policy-by-step = Mensajes por paso
policy-step = Paso
policy-now = Como hoy
policy-then = Con esta versión
policy-by-customer = Cliente por cliente
policy-added = se agrega
policy-removed = se quita
policy-moved = cambia
policy-use-help = Desde la próxima decisión manda esta versión. Lo que ya está planeado se vuelve a revisar al salir.
policy-use = Poner en uso
policy-go-on-editing = Seguir editando
policy-text-changes = Qué cambia en el texto
policy-template-title = Mensaje
policy-template-help = Con datos de ejemplo y el nombre, los colores y los datos de pago de su empresa.
policy-subject = Asunto:
policy-as-text = Como texto sin formato
policy-back = Volver a la política
flash-policy-kept = Versión guardada. Todavía no está en uso.
flash-policy-used = Esta versión manda desde ahora.
policy-all-customers =
    { $n ->
        [one] Se vivió el único cliente.
       *[other] Se vivieron los { $text } clientes.
    }
policy-and-more =
    { $n ->
        [one] Y un cliente más.
       *[other] Y { $text } clientes más.
    }
