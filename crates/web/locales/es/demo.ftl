demo-title = Empresa de ejemplo
demo-help = Nadie de aquí existe y no sale ningún mensaje. Entre como:
role-admin = Administración
role-manager = Gerencia
role-collector = Cobranza
role-auditor = Auditoría
demo-building = Preparando la empresa de ejemplo
demo-building-help = Sus clientes viven sus últimos meses día por día. Esta página se actualiza sola.
