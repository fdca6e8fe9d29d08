nav-search = Search
nav-customers = Customers
nav-documents = Documents
portfolio-customers-title = Customers
portfolio-documents-title = Documents
portfolio-search-title = Search
portfolio-q = Name, tax id, key or invoice number
portfolio-q-customers = Customer's name, tax id or key
portfolio-q-documents = Document number
portfolio-find = Search
portfolio-filters = More filters
portfolio-apply = Apply filters
portfolio-clear = Clear filters
portfolio-from = From
portfolio-to = To
portfolio-days-late = Days late
portfolio-amount = Document amount
portfolio-amount-open = Open balance
portfolio-due = Due date
portfolio-tag = Tag
portfolio-assigned = Looked after by
portfolio-assigned-me = Me
portfolio-anyone = Anyone
portfolio-any = Any
portfolio-any-currency = Every currency
portfolio-held = With something on hold today
portfolio-unreachable = Without an address that works
portfolio-held-tag = On hold
portfolio-unreachable-tag = No address
portfolio-states = What is shown
portfolio-sorts = In which order
portfolio-pages = Pages
portfolio-customers-all = All
portfolio-customers-open = Open
portfolio-customers-overdue = Overdue
portfolio-customers-due_soon = Due within 7 days
portfolio-customers-settled = Nothing open
portfolio-customers-credit = In credit
portfolio-documents-all = All
portfolio-documents-open = Open
portfolio-documents-overdue = Overdue
portfolio-documents-due_soon = Due within 7 days
portfolio-documents-settled = Settled
portfolio-sort-name = By name
portfolio-sort-days = Latest first
portfolio-sort-amount = Largest first
portfolio-sort-due = By due date
portfolio-sort-number = By number
portfolio-sort-settled = Last settled first
portfolio-kind-debit_note = Debit note
portfolio-kind-credit_note = Credit note
portfolio-behaviour-punctual = Punctual
portfolio-behaviour-forgetful = Forgetful
portfolio-behaviour-slow = Slow
portfolio-behaviour-disputing = Contests invoices
portfolio-behaviour-insolvent = Insolvent
portfolio-column-key = Key
portfolio-column-name = Customer
portfolio-column-tax-id = Tax id
portfolio-column-currency = Currency
portfolio-column-open = Open
portfolio-column-overdue = Overdue
portfolio-column-credit = Credit
portfolio-column-documents = Documents
portfolio-column-oldest-due = Oldest due date
portfolio-column-days-late = Late
portfolio-column-behaviour = Behaviour
portfolio-column-tags = Tags
portfolio-column-number = Number
portfolio-column-kind = Kind
portfolio-column-issued = Issued
portfolio-column-due = Due
portfolio-column-amount = Amount
portfolio-column-settled = Settled on
portfolio-next-due = Next due
portfolio-customers-help = Balances in { $currency } as of today: what was invoiced less what was applied. Days late are those of the oldest open document.
portfolio-documents-help = Open: the document's amount less what was applied. Days late count from the due date.
portfolio-customers-empty = No customer matches these filters. Remove one, or import your portfolio if it is still empty.
portfolio-documents-empty = No document matches these filters. Remove one, or import your invoices if they are not here yet.
portfolio-show-all = Show all
portfolio-see-all = See all
portfolio-unfinished = Part of the list was looked through; there may be more further on.
portfolio-go-on = Keep looking
portfolio-before = Previous
portfolio-after = Next
portfolio-documents-of = Documents: { $text }
portfolio-credit-of = In credit: { $amount }
portfolio-settled-on = Settled on { $day }
portfolio-of-customer = Customer: { $name }
portfolio-of-everyone = Show every customer's
portfolio-search-help = Type at least the beginning of a word or a number.
portfolio-search-empty = Nothing was found. Try fewer words, or only the digits of the number.
portfolio-mark = Mark
portfolio-mark-one = Mark { $name }
portfolio-view-save = Save this view
portfolio-view-name = Name of the view
portfolio-view-shared = For the whole company
portfolio-view-keep = Save
portfolio-view-remove = Remove the view { $name }
portfolio-bulk-title = Do with several customers
portfolio-bulk-marked = Those marked
portfolio-bulk-all = All of this list
portfolio-bulk-action = What to do
portfolio-bulk-hold = Put collection on hold
portfolio-bulk-tag = Add a tag
portfolio-bulk-untag = Remove a tag
portfolio-bulk-assign = Change who looks after them
portfolio-bulk-address = Change an address
portfolio-bulk-next = Continue…
portfolio-bulk-help = You will see whom it reaches before it is done.
portfolio-bulk-none = You marked no customer.
portfolio-bulk-many = There are more than { $most } customers: narrow the list with the filters.
portfolio-bulk-about = It reaches { $count }.
portfolio-bulk-who = Whom
portfolio-bulk-kind = Why it is held
portfolio-bulk-reason = Reason
portfolio-bulk-reason-help = Whoever opens the customer's page will read it.
portfolio-bulk-until = Until (the day it resumes)
portfolio-bulk-until-help = Without a date it stays on hold until someone ends it.
portfolio-bulk-channel = Channel
portfolio-bulk-from = Address on record
portfolio-bulk-to = New address
portfolio-bulk-address-help = It changes for customers who have the first one; the others stay as they are.
portfolio-bulk-nobody = Nobody
portfolio-bulk-confirm = Do it
portfolio-bulk-cancel = Do nothing
portfolio-bulk-done-title = Done
portfolio-bulk-refused = Not done with
portfolio-bulk-back = Back to the list
portfolio-bulk-wrong-date = write a date
portfolio-bulk-no-tag = write the tag
portfolio-bulk-no-member = that person no longer works at this company
portfolio-xlsx-long = There are more than { $most } rows: take them as CSV.
portfolio-xlsx-failed = The workbook could not be written: take the list as CSV.
flash-view-saved = The view was saved.
flash-view-removed = The view was removed.
portfolio-count =
    { $n ->
        [one] { $text } row
       *[other] { $text } rows
    }
portfolio-count-more =
    { $n ->
        [one] More than { $text } row
       *[other] More than { $text } rows
    }
portfolio-days =
    { $n ->
        [one] { $text } day
       *[other] { $text } days
    }
portfolio-bulk-others =
    { $n ->
        [one] and { $text } more
       *[other] and { $text } more
    }
portfolio-bulk-done =
    { $n ->
        [one] Done with { $text } customer.
       *[other] Done with { $text } customers.
    }
