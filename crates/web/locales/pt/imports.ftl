nav-imports = Arquivos
imports-title = Arquivos da empresa
flash-imports-uploaded = O arquivo foi enviado. Veja como seria lido antes de importar.
flash-imports-begun = A importação começou. Pode fechar esta página.
flash-imports-discarded = O arquivo foi descartado; nada foi importado.
flash-imports-stopping = Vai parar ao terminar a parte que está lendo.
flash-imports-undone = A importação foi desfeita por completo.
flash-imports-explained = É assim que o arquivo seria lido agora.
imports-some-refused = Estes arquivos não puderam ser enviados:
imports-upload = Enviar arquivos
imports-files = Listas de clientes, faturas ou pagamentos
imports-files-help = Excel (XLSX, XLS, XLSB), ODS ou CSV, até 200 MB. Envie a planilha como está: antes de gravar algo verá como é lida.
imports-look = Enviar e revisar
imports-history = Histórico
imports-empty = Ainda não há arquivos. Envie sua lista de faturas para começar.
imports-file = Arquivo
imports-when = Quando
imports-who = Quem
imports-state = Estado
imports-read = Linhas lidas
imports-changed = Novos e alterados
imports-waiting = Em quarentena
imports-older = Ver anteriores
imports-state-draft = Por revisar
imports-state-running = Importando
imports-state-done = Importado
imports-state-cancelled = Interrompido
imports-state-failed = Falhou
imports-state-undone = Desfeito
imports-state-cut-short = Interrompido
imports-upload-broken = O envio foi interrompido: tente de novo.
imports-upload-none = Nenhum arquivo foi escolhido.
imports-upload-too-large = tem mais de { $max } MB: divida em vários arquivos.
imports-error-empty = está vazio.
imports-error-kind = não é uma planilha nem um texto com colunas (CSV).
imports-error-web-page = é uma página web com nome de planilha: abra no Excel e salve como XLSX.
imports-error-no-table = não parece uma tabela: tem uma linha longa demais.
imports-error-broken = não pôde ser aberto: salve de novo, sem senha.
imports-error-too-large = contém demais para uma planilha: salve como CSV.
imports-error-unreadable = não pôde ser lido: envie de novo.
imports-error-gone = não está mais neste computador: envie de novo.
imports-progress = { $read } de { $rows } linhas lidas · { $created } novos · { $updated } alterados · { $waiting } em quarentena
imports-how-far = Andamento
imports-cut-short-help = Ninguém a está lendo mais: o que foi gravado está na carteira. Envie o arquivo de novo para completar (nada se duplica) ou desfaça.
imports-stop = Parar
imports-stop-help = O que já foi gravado fica; depois pode desfazer.
imports-figures = O que mudou
imports-figures-help = Novo: não estava na carteira. Alterado: estava com outros dados. Igual: nada a fazer.
imports-nothing = Nada foi gravado.
imports-what = O quê
imports-created = Novos
imports-updated = Alterados
imports-unchanged = Iguais
imports-rows-read =
    { $n ->
        [one] Foi lida uma linha.
       *[other] Foram lidas { $text } linhas.
    }
imports-applied =
    { $n ->
        [one] Um pagamento foi aplicado pela regra da política.
       *[other] { $text } pagamentos foram aplicados pela regra da política.
    }
imports-rows-waiting =
    { $n ->
        [one] Uma linha espera em quarentena: corrija.
       *[other] { $text } linhas esperam em quarentena: corrija.
    }
imports-undo = Desfazer
imports-undo-help = Tira tudo o que este arquivo trouxe e devolve o que mudou, enquanto nada depender disso. Se algo impedir, diz o que é e não toca em nada.
imports-undo-all = Desfazer toda a importação
imports-in-the-way = Nada foi feito, porque:
imports-obstacle-running =
    { $n ->
        [one] ainda está sendo lida: pare primeiro ({ $text })
       *[other] ainda está sendo lida: pare primeiro ({ $text })
    }
imports-obstacle-not-read =
    { $n ->
        [one] não há nada a desfazer ({ $text })
       *[other] não há nada a desfazer ({ $text })
    }
imports-obstacle-not-kept =
    { $n ->
        [one] foi lida por uma versão que não guardava como desfazer ({ $text })
       *[other] foi lida por uma versão que não guardava como desfazer ({ $text })
    }
imports-obstacle-changed =
    { $n ->
        [one] um dado seu foi alterado depois; se foi outro arquivo, desfaça-o antes
       *[other] { $text } dados seus foram alterados depois; se foi outro arquivo, desfaça-o antes
    }
imports-obstacle-application =
    { $n ->
        [one] um pagamento foi aplicado depois ao que trouxe, ou a partir disso
       *[other] { $text } pagamentos foram aplicados depois ao que trouxe, ou a partir disso
    }
imports-obstacle-contact =
    { $n ->
        [one] já se escreveu a um cliente pelo que trouxe
       *[other] já se escreveu { $text } vezes a clientes pelo que trouxe
    }
imports-obstacle-promise =
    { $n ->
        [one] há uma promessa de pagamento posterior
       *[other] há { $text } promessas de pagamento posteriores
    }
imports-obstacle-hold =
    { $n ->
        [one] há uma retenção posterior
       *[other] há { $text } retenções posteriores
    }
imports-obstacle-message =
    { $n ->
        [one] há uma mensagem de um cliente que trouxe
       *[other] há { $text } mensagens de clientes que trouxe
    }
imports-obstacle-later =
    { $n ->
        [one] outro arquivo ou uma pessoa acrescentou algo depois a seus clientes
       *[other] foram acrescentados depois { $text } documentos, pagamentos ou contatos a seus clientes
    }
imports-obstacle-record =
    { $n ->
        [one] há uma nota, tarefa ou arquivo de seus clientes
       *[other] há { $text } notas, tarefas ou arquivos de seus clientes
    }
imports-all = Todos os arquivos
imports-draft-help = Nada foi gravado ainda. Veja como o arquivo é lido, corrija o que for preciso e depois importe.
imports-refused = Isto não será lido:
imports-would = O que faria
imports-would-help = Calculado com sua carteira de agora, pelo mesmo programa que importa.
imports-weighed =
    { $n ->
        [one] Calculado com a primeira linha; o arquivo tem mais.
       *[other] Calculado com as primeiras { $text } linhas; o arquivo tem mais.
    }
imports-would-nothing = Ainda não se reconhece nada: indique abaixo o que diz cada coluna.
imports-would-wait =
    { $n ->
        [one] Uma linha esperaria em quarentena
       *[other] { $text } linhas esperariam em quarentena
    }
imports-would-wait-help = Não se perdem: ficam à parte para corrigir depois, e as outras são importadas.
imports-row = Linha { $row }
imports-warnings =
    { $n ->
        [one] Um aviso
       *[other] { $text } avisos
    }
imports-begin = Importar
imports-discard = Descartar o arquivo
imports-how = Como se lê
imports-how-help = Deduz-se das colunas. Se algo foi mal entendido, corrija aqui.
imports-dates = Datas escritas com números
imports-as-shown = Conforme o que o arquivo mostrar
imports-dates-dmy = Dia/mês/ano (31/12/2026)
imports-dates-mdy = Mês/dia/ano (12/31/2026)
imports-decimal = Decimais
imports-decimal-point = Com ponto (1,234.56)
imports-decimal-comma = Com vírgula (1.234,56)
imports-currency = Moeda do que não a diz
imports-currency-help = Se deixar vazio: a da fatura que se paga e, se não, { $code }.
imports-wrong-currency = «{ $code }» não é uma moeda: escreva o código, por exemplo BRL.
imports-table-of-sheet = Planilha «{ $sheet }»
imports-table = Tabela que começa na linha { $row }
imports-missing = Falta indicar qual coluna diz: { $what }
imports-rows =
    { $n ->
        [one] Uma linha
       *[other] { $text } linhas
    }
imports-lists = O que esta tabela lista
imports-first-rows = As primeiras linhas, como seriam lidas
imports-row-number = Linha
imports-problem = Por que esperaria
imports-look-again = Aplicar e revisar de novo
imports-remembered = Será lembrado para o próximo arquivo com estas colunas.
imports-entity-customers = Clientes
imports-entity-contact_points = Contatos
imports-entity-documents = Faturas e notas
imports-entity-payments = Pagamentos
imports-entity-applications = Pagamentos aplicados a faturas
imports-entity-holds = Retenções
imports-entity-bank_transactions = Lançamentos do banco
imports-field-none = (fica como está)
imports-field-number = Número do documento
imports-field-series = Série
imports-field-instalment = Parcela
imports-field-fiscal_id = Chave fiscal
imports-field-kind = Tipo de documento
imports-field-issued = Data de emissão
imports-field-due = Vencimento
imports-field-amount = Valor
imports-field-open_balance = Saldo em aberto
imports-field-paid_amount = Valor pago
imports-field-paid_on = Data do pagamento
imports-field-status = Situação
imports-field-currency = Moeda
imports-field-disputed = Em disputa
imports-field-terms_days = Dias de prazo
imports-field-direct_debit = Débito automático
imports-field-reference = Referência
imports-field-payment_key = Número do pagamento
imports-field-customer_key = Código do cliente
imports-field-customer_name = Nome do cliente
imports-field-tax_id = CNPJ ou CPF
imports-field-email = E-mail
imports-field-phone = Telefone
imports-field-whatsapp = WhatsApp
imports-field-country = País
imports-field-subdivision = Estado
imports-field-zone = Fuso horário
imports-field-language = Idioma
imports-field-class = Pessoa ou empresa
imports-field-importance = Importância
imports-field-tags = Etiquetas
imports-field-behaviour = Como tem pago
imports-field-debt_class = Origem da dívida
imports-field-final_consumer = Consumidor final
imports-field-creditor = Tipo de credor
imports-field-actor = Quem cobra
imports-field-role = Quem atende neste contato
imports-field-source = De onde vem o contato
imports-field-legal_event = Fato jurídico
imports-field-legal_event_on = Data do fato jurídico
imports-field-consent_email = Consentimento para e-mail
imports-field-consent_whatsapp = Consentimento para WhatsApp
imports-field-consent_sms = Consentimento para SMS
imports-field-consent_phone = Consentimento para ligações
imports-field-consent_on = Data do consentimento
imports-field-consent_source = Origem do consentimento
imports-field-consent_text = Texto do consentimento
