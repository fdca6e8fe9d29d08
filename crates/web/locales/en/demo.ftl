demo-title = Example company
demo-help = Nobody here exists and no message leaves. Come in as:
role-admin = Administrator
role-manager = Manager
role-collector = Collector
role-auditor = Auditor
demo-building = Preparing the example company
demo-building-help = Its customers live their last months day by day. This page refreshes by itself.
