nav-search = Buscar
nav-customers = Clientes
nav-documents = Documentos
portfolio-customers-title = Clientes
portfolio-documents-title = Documentos
portfolio-search-title = Buscar
portfolio-q = Nome, CNPJ, código ou número da fatura
portfolio-q-customers = Nome, CNPJ ou código do cliente
portfolio-q-documents = Número do documento
portfolio-find = Buscar
portfolio-filters = Mais filtros
portfolio-apply = Aplicar filtros
portfolio-clear = Limpar filtros
portfolio-from = De
portfolio-to = Até
portfolio-days-late = Dias de atraso
portfolio-amount = Valor do documento
portfolio-amount-open = Saldo em aberto
portfolio-due = Data de vencimento
portfolio-tag = Etiqueta
portfolio-assigned = Responsável
portfolio-assigned-me = Eu
portfolio-anyone = Qualquer um
portfolio-any = Qualquer um
portfolio-any-currency = Todas as moedas
portfolio-held = Com algo retido hoje
portfolio-unreachable = Sem um contato que funcione
portfolio-held-tag = Retido
portfolio-unreachable-tag = Sem contato
portfolio-states = O que é mostrado
portfolio-sorts = Em que ordem
portfolio-pages = Páginas
portfolio-customers-all = Todos
portfolio-customers-open = Com saldo
portfolio-customers-overdue = Vencidos
portfolio-customers-due_soon = Vencem em 7 dias
portfolio-customers-settled = Sem saldo
portfolio-customers-credit = Com crédito
portfolio-documents-all = Todos
portfolio-documents-open = Em aberto
portfolio-documents-overdue = Vencidos
portfolio-documents-due_soon = Vencem em 7 dias
portfolio-documents-settled = Pagos
portfolio-sort-name = Por nome
portfolio-sort-days = Mais atrasados primeiro
portfolio-sort-amount = Maior valor primeiro
portfolio-sort-due = Por vencimento
portfolio-sort-number = Por número
portfolio-sort-settled = Últimos pagos primeiro
portfolio-kind-debit_note = Nota de débito
portfolio-kind-credit_note = Nota de crédito
portfolio-behaviour-punctual = Pontual
portfolio-behaviour-forgetful = Esquecido
portfolio-behaviour-slow = Lento
portfolio-behaviour-disputing = Contesta faturas
portfolio-behaviour-insolvent = Sem fundos
portfolio-column-key = Código
portfolio-column-name = Cliente
portfolio-column-tax-id = CNPJ/CPF
portfolio-column-currency = Moeda
portfolio-column-open = Saldo
portfolio-column-overdue = Vencido
portfolio-column-credit = A favor
portfolio-column-documents = Documentos
portfolio-column-oldest-due = Vencimento mais antigo
portfolio-column-days-late = Atraso
portfolio-column-behaviour = Comportamento
portfolio-column-tags = Etiquetas
portfolio-column-number = Número
portfolio-column-kind = Tipo
portfolio-column-issued = Emissão
portfolio-column-due = Vence
portfolio-column-amount = Valor
portfolio-column-settled = Pago em
portfolio-next-due = Próximo vencimento
portfolio-customers-help = Saldos em { $currency } no dia de hoje: o faturado menos o aplicado. O atraso é o do documento em aberto mais antigo.
portfolio-documents-help = Saldo: valor do documento menos o aplicado. O atraso conta desde o dia do vencimento.
portfolio-customers-empty = Nenhum cliente atende a estes filtros. Retire algum, ou importe sua carteira se ainda está vazia.
portfolio-documents-empty = Nenhum documento atende a estes filtros. Retire algum, ou importe suas faturas se ainda não estão.
portfolio-show-all = Ver todos
portfolio-see-all = Ver todos
portfolio-unfinished = Uma parte da lista foi revisada; pode haver mais adiante.
portfolio-go-on = Continuar buscando
portfolio-before = Anteriores
portfolio-after = Seguintes
portfolio-documents-of = Documentos: { $text }
portfolio-credit-of = A favor: { $amount }
portfolio-settled-on = Pago em { $day }
portfolio-of-customer = Cliente: { $name }
portfolio-of-everyone = Ver os de todos os clientes
portfolio-search-help = Escreva ao menos o começo de uma palavra ou de um número.
portfolio-search-empty = Nada foi encontrado. Tente com menos palavras ou só com os dígitos do número.
portfolio-mark = Marcar
portfolio-mark-one = Marcar { $name }
portfolio-view-save = Salvar esta visão
portfolio-view-name = Nome da visão
portfolio-view-shared = Para toda a empresa
portfolio-view-keep = Salvar
portfolio-view-remove = Remover a visão { $name }
portfolio-bulk-title = Fazer com vários clientes
portfolio-bulk-marked = Os marcados
portfolio-bulk-all = Todos desta lista
portfolio-bulk-action = O que fazer
portfolio-bulk-hold = Suspender a cobrança
portfolio-bulk-tag = Pôr uma etiqueta
portfolio-bulk-untag = Tirar uma etiqueta
portfolio-bulk-assign = Mudar o responsável
portfolio-bulk-address = Mudar um contato
portfolio-bulk-next = Continuar…
portfolio-bulk-help = Antes de fazer, você verá quem será afetado.
portfolio-bulk-none = Você não marcou nenhum cliente.
portfolio-bulk-many = São mais de { $most } clientes: reduza a lista com os filtros.
portfolio-bulk-about = Alcança { $count }.
portfolio-bulk-who = Quem
portfolio-bulk-kind = Por que se suspende
portfolio-bulk-reason = Motivo
portfolio-bulk-reason-help = Será lido por quem abrir a página do cliente.
portfolio-bulk-until = Até (dia em que se retoma)
portfolio-bulk-until-help = Sem data, fica suspenso até que alguém retome.
portfolio-bulk-channel = Canal
portfolio-bulk-from = Endereço atual
portfolio-bulk-to = Endereço novo
portfolio-bulk-address-help = Muda nos clientes que têm o primeiro; os outros ficam como estão.
portfolio-bulk-nobody = Ninguém
portfolio-bulk-confirm = Fazer
portfolio-bulk-cancel = Não fazer nada
portfolio-bulk-done-title = Feito
portfolio-bulk-refused = Não foi feito com
portfolio-bulk-back = Voltar à lista
portfolio-bulk-wrong-date = escreva uma data
portfolio-bulk-no-tag = escreva a etiqueta
portfolio-bulk-no-member = essa pessoa já não trabalha nesta empresa
portfolio-xlsx-long = São mais de { $most } linhas: baixe como CSV.
portfolio-xlsx-failed = Não foi possível escrever a planilha: baixe a lista como CSV.
flash-view-saved = A visão foi salva.
flash-view-removed = A visão foi removida.
portfolio-count =
    { $n ->
        [one] { $text } linha
       *[other] { $text } linhas
    }
portfolio-count-more =
    { $n ->
        [one] Mais de { $text } linha
       *[other] Mais de { $text } linhas
    }
portfolio-days =
    { $n ->
        [one] { $text } dia
       *[other] { $text } dias
    }
portfolio-bulk-others =
    { $n ->
        [one] e mais { $text }
       *[other] e mais { $text }
    }
portfolio-bulk-done =
    { $n ->
        [one] Feito com { $text } cliente.
       *[other] Feito com { $text } clientes.
    }
