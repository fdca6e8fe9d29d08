demo-title = Empresa de exemplo
demo-help = Ninguém aqui existe e nenhuma mensagem sai. Entre como:
role-admin = Administração
role-manager = Gerência
role-collector = Cobrança
role-auditor = Auditoria
demo-building = Preparando a empresa de exemplo
demo-building-help = Seus clientes vivem os últimos meses dia a dia. Esta página se atualiza sozinha.
