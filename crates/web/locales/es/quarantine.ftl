nav-quarantine = Cuarentena
quarantine-title = Filas por corregir
quarantine-help = Son filas de sus archivos que no se pudieron leer. Corrija la celda señalada y se leerán de nuevo; el archivo original no cambia.
quarantine-waiting =
    { $n ->
        [one] Una fila espera.
       *[other] { $text } filas esperan.
    }
quarantine-waiting-more =
    { $n ->
        [one] Más de una fila espera.
       *[other] Más de { $text } filas esperan.
    }
quarantine-empty = Ninguna fila espera: todo lo que subió se leyó.
quarantine-to-imports = Subir otro archivo
quarantine-all = Ver todas
quarantine-retry-all = Leer todas otra vez
quarantine-retry-help = Por ejemplo, después de importar las facturas que faltaban.
quarantine-row = { $file }, fila { $row }
quarantine-mend = Corregir
quarantine-read-again = Guardar y leer otra vez
quarantine-dismiss = Descartar
quarantine-why = Por qué no hace falta
quarantine-why-missing = Escriba por qué la fila no hace falta.
quarantine-dismiss-it = Descartar la fila
quarantine-more = Ver más
flash-quarantine-mended = La fila se leyó y ya está en la cartera.
flash-quarantine-still-waits = La corrección se guardó, pero la fila todavía no se puede leer: vea el motivo.
flash-quarantine-all-read = Todas las filas se leyeron.
flash-quarantine-some-read = Algunas filas se leyeron; las demás siguen esperando.
flash-quarantine-none-read = Ninguna fila se pudo leer todavía.
flash-quarantine-dismissed = La fila se descartó, con su motivo.
