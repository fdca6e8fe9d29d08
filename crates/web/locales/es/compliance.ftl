nav-compliance = Cumplimiento
compliance-title = Cumplimiento
compliance-help = Qué frenó la ley y por qué, qué estuvo cerca del límite y qué reglas están vigentes. No sustituye a su abogado: cada regla dice qué tan probada está.
compliance-parts = Partes de la página
compliance-older = Ver anteriores
compliance-title-held = Frenado por la ley
compliance-help-held = Clientes a los que la última corrida no encontró un momento legal para escribir, por regla. Un cliente puede chocar con varias.
compliance-empty-held = La última corrida no frenó a nadie por la ley.
compliance-held-note = Corrida del { $when }: { $customers } clientes frenados en total.
compliance-title-stopped = Detenido al salir
compliance-help-stopped = Gestiones ya planeadas que la ley o el horario detuvieron en el último momento, de las más recientes.
compliance-empty-stopped = Nada se detuvo al salir.
compliance-title-edges = Cerca del límite
compliance-help-edges = Gestiones que la ley movió a otra hora, que se hicieron en los últimos 30 minutos del horario permitido o que fueron la última que permitía un tope.
compliance-empty-edges = Ninguna de estas gestiones estuvo cerca de un límite.
compliance-edges-note = { $n ->
    [0] Todavía no hay gestiones hechas.
    [one] Se revisó { $text } gestión hecha.
   *[other] Se revisaron { $text } gestiones hechas, de la más reciente hacia atrás.
}
compliance-edge-moved = La ley la movió desde { $from }
compliance-edge-end = A menos de 30 minutos del cierre
compliance-edge-last = La última permitida por el tope
compliance-title-packs = Leyes vigentes
compliance-help-packs = Los archivos de reglas con los que se decide, su versión y su huella. Pasada la fecha de revisión conviene que un abogado los lea de nuevo.
compliance-empty-packs = No hay archivos de reglas.
compliance-review-past = revisión vencida
compliance-title-regimes = Regímenes
compliance-help-regimes = Cada régimen con el texto legal en que se apoya, desde cuándo rige y qué tan probado está.
compliance-empty-regimes = No hay regímenes.
compliance-title-declared = Lo que la empresa declara
compliance-help-declared = Se usa cuando el dato no viene con el cliente; cada constancia lo cita. Se cambia en «Empresa».
compliance-empty-declared = Nada declarado.
compliance-column-rule = Regla
compliance-column-article = Artículo
compliance-column-tier = Prueba
compliance-column-customers = Clientes
compliance-column-customer = Cliente
compliance-column-contact = Gestión
compliance-column-when = Cuándo
compliance-column-edge = Qué pasó
compliance-column-author = Quién
compliance-column-pack = Archivo
compliance-column-version = Versión
compliance-column-as-of = Investigado al
compliance-column-review = Revisar antes de
compliance-column-hash = Huella
compliance-column-regime = Régimen
compliance-column-country = País
compliance-column-binding = Obliga por
compliance-column-from = Desde
compliance-column-to = Hasta
compliance-column-fact = Dato
compliance-column-value = Respuesta
compliance-column-on = Fecha
compliance-tier-P = Texto legal leído
compliance-tier-S = Fuente secundaria
compliance-tier-G-high = General, confianza alta
compliance-tier-G-med = General, confianza media
compliance-tier-G-low = General, confianza baja
compliance-binding-law = Ley
compliance-binding-voluntary = Guía voluntaria
compliance-binding-policy = Prudencia
compliance-binding-platform = Plataforma
compliance-binding-house = Regla de la casa
compliance-binding-company = Regla de la empresa
compliance-back = Volver a Cumplimiento
compliance-chain-title = Cadena de constancias
compliance-sealed = { $n ->
    [one] { $text } constancia sellada.
   *[other] { $text } constancias selladas.
}
compliance-unsealed = Todavía no hay constancias selladas.
compliance-waiting = { $n ->
    [0] Ninguna espera sello.
    [one] { $text } espera sello.
   *[other] { $text } esperan sello.
}
compliance-chain-head = Última cabeza (SHA-256); anótela fuera de Puntual para poder compararla:
compliance-chain-verify = Revisarla ahora
compliance-chain-good = Intacta
compliance-chain-bad = Con diferencias
compliance-chain-long = La cadena es larga y no se terminó de leer aquí: use «puntual audit verify».
compliance-chain-read = Se leyeron { $links } eslabones y { $records } registros.
compliance-title-overrides = Excepciones
compliance-help-overrides = Llamadas, visitas y cartas que se hicieron con la palabra de un responsable aunque la ley decía que no: qué se hizo, por qué y quién lo decidió. La constancia dice qué respondió cada regla.
compliance-empty-overrides = Nadie ha hecho una excepción.
compliance-title-to-come = Leyes por venir
compliance-help-to-come = Textos ya cargados que todavía no rigen, con el día en que empiezan y lo que cambiarían.
compliance-empty-to-come = No hay textos esperando su día.
compliance-column-what = Qué fue
compliance-column-reason = Motivo
compliance-column-proof = Constancia
compliance-column-changes = Cambios
compliance-proof = Ver constancia
compliance-see-changes = Ver qué cambia
compliance-law-title = Qué cambiaría una ley
compliance-law-help = Compara los próximos 30 días con la ley de hoy y con el texto propuesto: qué mensajes se agregan, cuáles se quitan y cuáles se mueven. Ver la comparación no cambia nada.
compliance-law-waits = { $name } rige desde el { $day }.
compliance-law-refused = El texto no se puede usar:
compliance-law-name = Nombre del archivo
compliance-law-name-help = El país en minúsculas, como cl.toml; para una regla propia, el nombre que usted quiera.
compliance-law-from = Rige desde
compliance-law-text = Texto
compliance-law-load = Para que rija, quien administra el programa lo carga con «puntual law load»; una regla propia de la empresa, con «puntual law tighten».
compliance-law-no-day = Escriba el día desde el que regiría.
compliance-law-long = El texto es demasiado largo.
compliance-law-slow = La comparación tardó demasiado para una página: use «puntual law diff».
