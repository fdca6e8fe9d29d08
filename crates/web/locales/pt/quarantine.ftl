nav-quarantine = Quarentena
quarantine-title = Linhas por corrigir
quarantine-help = São linhas de seus arquivos que não puderam ser lidas. Corrija a célula indicada e serão lidas de novo; o arquivo original não muda.
quarantine-waiting =
    { $n ->
        [one] Uma linha espera.
       *[other] { $text } linhas esperam.
    }
quarantine-waiting-more =
    { $n ->
        [one] Mais de uma linha espera.
       *[other] Mais de { $text } linhas esperam.
    }
quarantine-empty = Nenhuma linha espera: tudo o que enviou foi lido.
quarantine-to-imports = Enviar outro arquivo
quarantine-all = Ver todas
quarantine-retry-all = Ler todas de novo
quarantine-retry-help = Por exemplo, depois de importar as faturas que faltavam.
quarantine-row = { $file }, linha { $row }
quarantine-mend = Corrigir
quarantine-read-again = Salvar e ler de novo
quarantine-dismiss = Descartar
quarantine-why = Por que não é necessária
quarantine-why-missing = Escreva por que a linha não é necessária.
quarantine-dismiss-it = Descartar a linha
quarantine-more = Ver mais
flash-quarantine-mended = A linha foi lida e já está na carteira.
flash-quarantine-still-waits = A correção foi salva, mas a linha ainda não pode ser lida: veja o motivo.
flash-quarantine-all-read = Todas as linhas foram lidas.
flash-quarantine-some-read = Algumas linhas foram lidas; as outras continuam esperando.
flash-quarantine-none-read = Nenhuma linha pôde ser lida ainda.
flash-quarantine-dismissed = A linha foi descartada, com o motivo.
