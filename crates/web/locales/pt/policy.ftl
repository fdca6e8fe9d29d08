nav-policy = Política
policy-title = Política de cobrança
policy-help = Tudo que o Puntual decide segue este texto. A lei do país sempre manda sobre ele.
policy-edit = Mudar
policy-stages = As etapas, dia a dia
policy-picture = Escada { $ladder }: os passos em dias após o vencimento
policy-due = vence
policy-days-after = dias após o vencimento
policy-follow-up = e depois a cada { $days } dias
policy-templates = As mensagens
policy-templates-help = Veja com dados de exemplo, como um cliente veria.
policy-versions = Versões
policy-version = Versão
policy-author = Quem
policy-when = Quando
policy-state = Estado
policy-rules = em uso
policy-see-changes = Ver o que mudaria
policy-shipped-help = Também pode partir de uma política que vem com o Puntual:
policy-edit-title = Mudar a política
policy-edit-help = Salvar não a põe em uso: antes se vê que mensagens mudariam.
policy-text = Texto da política
policy-check = Conferir
policy-keep = Salvar e ver o que muda
policy-leave = Deixar como está
policy-wrong = Falta corrigir:
policy-right = O texto está certo.
policy-warnings = Permitido, mas talvez não seja o que quer:
policy-line = linha
policy-in-prose = A política em palavras
policy-change-title = O que muda
policy-comparing = Vivendo os próximos 30 dias com cada política…
policy-look-again = Olhar de novo
policy-what-changes = O que mudaria nos próximos 30 dias
policy-assumes = Supõe-se que ninguém paga nem responde nesses dias.
policy-sample = Sobre uma amostra uniforme de { $some } de { $all } clientes: os totais são da amostra.
policy-nothing-changes = Nenhuma mensagem muda.
policy-messages-added = mensagens a mais
policy-messages-removed = mensagens a menos
policy-messages-moved = mensagens diferentes
policy-messages-same = mensagens iguais
policy-by-step = Mensagens por passo
policy-step = Passo
policy-now = Como hoje
policy-then = Com esta versão
policy-by-customer = Cliente por cliente
policy-added = entra
policy-removed = sai
policy-moved = muda
policy-use-help = A partir da próxima decisão vale esta versão. O que já está planejado é conferido de novo ao sair.
policy-use = Pôr em uso
policy-go-on-editing = Continuar editando
policy-text-changes = O que muda no texto
policy-template-title = Mensagem
policy-template-help = Com dados de exemplo e o nome, as cores e os dados de pagamento da sua empresa.
policy-subject = Assunto:
policy-as-text = Como texto sem formato
policy-back = Voltar à política
flash-policy-kept = Versão salva. Ainda não está em uso.
flash-policy-used = Esta versão vale a partir de agora.
policy-all-customers =
    { $n ->
        [one] O único cliente foi vivido.
       *[other] Os { $text } clientes foram vividos.
    }
policy-and-more =
    { $n ->
        [one] E mais um cliente.
       *[other] E mais { $text } clientes.
    }
