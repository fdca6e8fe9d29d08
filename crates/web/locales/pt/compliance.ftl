nav-compliance = Conformidade
compliance-title = Conformidade
compliance-help = O que a lei impediu e por quê, o que chegou perto do limite e quais regras valem. Não substitui seu advogado: cada regra diz quão comprovada está.
compliance-parts = Partes da página
compliance-older = Ver anteriores
compliance-title-held = Impedido pela lei
compliance-help-held = Clientes para os quais a última rodada não encontrou um momento legal para escrever, por regra. Um cliente pode esbarrar em várias.
compliance-empty-held = A última rodada não impediu ninguém por causa da lei.
compliance-held-note = Rodada de { $when }: { $customers } clientes impedidos ao todo.
compliance-title-stopped = Parado na saída
compliance-help-stopped = Contatos já planejados que a lei ou o horário pararam no último momento, dos mais recentes.
compliance-empty-stopped = Nada parou na saída.
compliance-title-edges = Perto do limite
compliance-help-edges = Contatos que a lei passou para outra hora, feitos nos últimos 30 minutos do horário permitido ou que foram o último que um limite permitia.
compliance-empty-edges = Nenhum destes contatos chegou perto de um limite.
compliance-edges-note = { $n ->
    [0] Ainda não há contatos feitos.
    [one] Foi revisto { $text } contato feito.
   *[other] Foram revistos { $text } contatos feitos, do mais recente para trás.
}
compliance-edge-moved = A lei o adiou desde { $from }
compliance-edge-end = A menos de 30 minutos do fim
compliance-edge-last = O último permitido pelo limite
compliance-title-packs = Leis vigentes
compliance-help-packs = Os arquivos de regras com que se decide, sua versão e sua impressão. Passada a data de revisão, convém que um advogado os leia de novo.
compliance-empty-packs = Não há arquivos de regras.
compliance-review-past = revisão vencida
compliance-title-regimes = Regimes
compliance-help-regimes = Cada regime com o texto legal em que se apoia, desde quando vale e quão comprovado está.
compliance-empty-regimes = Não há regimes.
compliance-title-declared = O que a empresa declara
compliance-help-declared = Usa-se quando o dado não vem com o cliente; cada comprovação o cita. Muda-se em «Empresa».
compliance-empty-declared = Nada declarado.
compliance-column-rule = Regra
compliance-column-article = Artigo
compliance-column-tier = Prova
compliance-column-customers = Clientes
compliance-column-customer = Cliente
compliance-column-contact = Contato
compliance-column-when = Quando
compliance-column-edge = O que houve
compliance-column-author = Quem
compliance-column-pack = Arquivo
compliance-column-version = Versão
compliance-column-as-of = Pesquisado até
compliance-column-review = Rever antes de
compliance-column-hash = Impressão
compliance-column-regime = Regime
compliance-column-country = País
compliance-column-binding = Obriga por
compliance-column-from = Desde
compliance-column-to = Até
compliance-column-fact = Dado
compliance-column-value = Resposta
compliance-column-on = Data
compliance-tier-P = Texto legal lido
compliance-tier-S = Fonte secundária
compliance-tier-G-high = Geral, confiança alta
compliance-tier-G-med = Geral, confiança média
compliance-tier-G-low = Geral, confiança baixa
compliance-binding-law = Lei
compliance-binding-voluntary = Guia voluntário
compliance-binding-policy = Prudência
compliance-binding-platform = Plataforma
compliance-binding-house = Regra da casa
compliance-binding-company = Regra da empresa
compliance-back = Voltar a Conformidade
compliance-chain-title = Cadeia de comprovações
compliance-sealed = { $n ->
    [one] { $text } comprovação selada.
   *[other] { $text } comprovações seladas.
}
compliance-unsealed = Ainda não há comprovações seladas.
compliance-waiting = { $n ->
    [0] Nenhuma espera selo.
    [one] { $text } espera selo.
   *[other] { $text } esperam selo.
}
compliance-chain-head = Última cabeça (SHA-256); anote-a fora do Puntual para poder compará-la:
compliance-chain-verify = Conferir agora
compliance-chain-good = Intacta
compliance-chain-bad = Com diferenças
compliance-chain-long = A cadeia é longa e não foi lida até o fim aqui: use «puntual audit verify».
compliance-chain-read = Foram lidos { $links } elos e { $records } registros.
compliance-title-overrides = Exceções
compliance-help-overrides = Ligações, visitas e cartas feitas com a palavra de um responsável embora a lei dissesse que não: o que se fez, por quê e quem decidiu. O comprovante diz o que cada regra respondeu.
compliance-empty-overrides = Ninguém fez uma exceção.
compliance-title-to-come = Leis por vir
compliance-help-to-come = Textos já carregados que ainda não vigoram, com o dia em que começam e o que mudariam.
compliance-empty-to-come = Não há textos à espera do seu dia.
compliance-column-what = O que foi
compliance-column-reason = Motivo
compliance-column-proof = Comprovante
compliance-column-changes = Mudanças
compliance-proof = Ver comprovante
compliance-see-changes = Ver o que muda
compliance-law-title = O que uma lei mudaria
compliance-law-help = Compara os próximos 30 dias com a lei de hoje e com o texto proposto: quais mensagens se acrescentam, quais se retiram e quais se movem. Ver a comparação não muda nada.
compliance-law-waits = { $name } vigora a partir de { $day }.
compliance-law-refused = O texto não pode ser usado:
compliance-law-name = Nome do arquivo
compliance-law-name-help = O país em minúsculas, como cl.toml; para uma regra própria, o nome que quiser.
compliance-law-from = Vigora a partir de
compliance-law-text = Texto
compliance-law-load = Para que vigore, quem administra o programa o carrega com «puntual law load»; uma regra própria da empresa, com «puntual law tighten».
compliance-law-no-day = Escreva o dia a partir do qual vigoraria.
compliance-law-long = O texto é longo demais.
compliance-law-slow = A comparação demorou demais para uma página: use «puntual law diff».
