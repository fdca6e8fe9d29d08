nav-imports = Files
imports-title = Company files
flash-imports-uploaded = The file is here. See how it would be read before importing it.
flash-imports-begun = The import has begun. You may close this page.
flash-imports-discarded = The file was thrown away; nothing was imported.
flash-imports-stopping = It will stop after the part it is reading.
flash-imports-undone = The import was undone completely.
flash-imports-explained = This is how the file would be read now.
imports-some-refused = These files could not be taken:
imports-upload = Upload files
imports-files = Lists of customers, invoices or payments
imports-files-help = Excel (XLSX, XLS, XLSB), ODS or CSV, up to 200 MB. Upload your sheet as it is: you will see how it is read before anything is kept.
imports-look = Upload and look
imports-history = History
imports-empty = No files yet. Upload your list of invoices to begin.
imports-file = File
imports-when = When
imports-who = Who
imports-state = State
imports-read = Rows read
imports-changed = New and changed
imports-waiting = In quarantine
imports-older = See older ones
imports-state-draft = To be looked at
imports-state-running = Importing
imports-state-done = Imported
imports-state-cancelled = Stopped
imports-state-failed = Failed
imports-state-undone = Undone
imports-state-cut-short = Cut short
imports-upload-broken = The upload broke off: try again.
imports-upload-none = No file was chosen.
imports-upload-too-large = is larger than { $max } MB: divide it into several files.
imports-error-empty = is empty.
imports-error-kind = is neither a spreadsheet nor a text with columns (CSV).
imports-error-web-page = is a web page named like a spreadsheet: open it in Excel and save it as XLSX.
imports-error-no-table = does not look like a table: one of its lines is too long.
imports-error-broken = could not be opened: save it again, without a password.
imports-error-too-large = holds too much for a spreadsheet: save it as CSV.
imports-error-unreadable = could not be read: upload it again.
imports-error-gone = is no longer on this computer: upload it again.
imports-progress = { $read } of { $rows } rows read · { $created } new · { $updated } changed · { $waiting } in quarantine
imports-how-far = Progress
imports-cut-short-help = Nobody is reading it any more: what was written is in the portfolio. Upload the file again to complete it (nothing is doubled) or undo it.
imports-stop = Stop
imports-stop-help = What is written stays; you may undo it afterwards.
imports-figures = What changed
imports-figures-help = New: it was not in the portfolio. Changed: it was there with other data. Same: nothing to do.
imports-nothing = Nothing was written.
imports-what = What
imports-created = New
imports-updated = Changed
imports-unchanged = Same
imports-rows-read =
    { $n ->
        [one] One row was read.
       *[other] { $text } rows were read.
    }
imports-applied =
    { $n ->
        [one] One payment was applied by the rule of the policy.
       *[other] { $text } payments were applied by the rule of the policy.
    }
imports-rows-waiting =
    { $n ->
        [one] One row waits in quarantine: mend it.
       *[other] { $text } rows wait in quarantine: mend them.
    }
imports-undo = Undo
imports-undo-help = Takes out all that this file brought and brings back what it changed, while nothing depends on it. If something stands in the way, it says what and touches nothing.
imports-undo-all = Undo the whole import
imports-in-the-way = Nothing was done, because:
imports-obstacle-running =
    { $n ->
        [one] it is still being read: stop it first ({ $text })
       *[other] it is still being read: stop it first ({ $text })
    }
imports-obstacle-not-read =
    { $n ->
        [one] there is nothing to undo ({ $text })
       *[other] there is nothing to undo ({ $text })
    }
imports-obstacle-not-kept =
    { $n ->
        [one] a version read it that did not keep how to undo it ({ $text })
       *[other] a version read it that did not keep how to undo it ({ $text })
    }
imports-obstacle-changed =
    { $n ->
        [one] something of it was changed later; if another file did, undo that one first
       *[other] { $text } things of it were changed later; if another file did, undo that one first
    }
imports-obstacle-application =
    { $n ->
        [one] money was laid later on what it brought, or from it
       *[other] money was laid { $text } times later on what it brought, or from it
    }
imports-obstacle-contact =
    { $n ->
        [one] a customer was written to about what it brought
       *[other] customers were written to { $text } times about what it brought
    }
imports-obstacle-promise =
    { $n ->
        [one] there is a later promise
       *[other] there are { $text } later promises
    }
imports-obstacle-hold =
    { $n ->
        [one] there is a later hold
       *[other] there are { $text } later holds
    }
imports-obstacle-message =
    { $n ->
        [one] there is a message of a customer it brought
       *[other] there are { $text } messages of customers it brought
    }
imports-obstacle-later =
    { $n ->
        [one] something was added later to its customers
       *[other] { $text } documents, payments or addresses were added later to its customers
    }
imports-obstacle-record =
    { $n ->
        [one] there is a note, task or file of its customers
       *[other] there are { $text } notes, tasks or files of its customers
    }
imports-all = All files
imports-draft-help = Nothing is kept yet. See how the file is read, correct what you need and then import it.
imports-refused = This will not be read:
imports-would = What it would do
imports-would-help = Worked out on your portfolio of now, by the very program that imports.
imports-weighed =
    { $n ->
        [one] Worked out on the first row; the file has more.
       *[other] Worked out on the first { $text } rows; the file has more.
    }
imports-would-nothing = Nothing is recognised yet: say below what each column means.
imports-would-wait =
    { $n ->
        [one] One row would wait in quarantine
       *[other] { $text } rows would wait in quarantine
    }
imports-would-wait-help = They are not lost: they are kept aside to be mended, and the others are imported.
imports-row = Row { $row }
imports-warnings =
    { $n ->
        [one] One remark
       *[other] { $text } remarks
    }
imports-begin = Import
imports-discard = Throw the file away
imports-how = How it is read
imports-how-help = It follows from the columns. If something was misunderstood, correct it here.
imports-dates = Dates written in numbers
imports-as-shown = As the file shows
imports-dates-dmy = Day/month/year (31/12/2026)
imports-dates-mdy = Month/day/year (12/31/2026)
imports-decimal = Decimals
imports-decimal-point = With a point (1,234.56)
imports-decimal-comma = With a comma (1.234,56)
imports-currency = Currency of what names none
imports-currency-help = If you leave it empty: that of the invoice paid, else { $code }.
imports-wrong-currency = “{ $code }” is no currency: write its code, for example USD.
imports-table-of-sheet = Sheet “{ $sheet }”
imports-table = Table that begins at row { $row }
imports-missing = Say which column tells: { $what }
imports-rows =
    { $n ->
        [one] One row
       *[other] { $text } rows
    }
imports-lists = What this table lists
imports-first-rows = The first rows, as they would be read
imports-row-number = Row
imports-problem = Why it would wait
imports-look-again = Apply and look again
imports-remembered = It will be remembered for the next file with these columns.
imports-entity-customers = Customers
imports-entity-contact_points = Addresses
imports-entity-documents = Invoices and notes
imports-entity-payments = Payments
imports-entity-applications = Payments laid on invoices
imports-entity-holds = Holds
imports-entity-bank_transactions = Bank lines
imports-field-none = (kept as it is)
imports-field-number = Document number
imports-field-series = Series
imports-field-instalment = Instalment
imports-field-fiscal_id = Fiscal id
imports-field-kind = Kind of document
imports-field-issued = Date of issue
imports-field-due = Due date
imports-field-amount = Amount
imports-field-open_balance = Open balance
imports-field-paid_amount = Amount paid
imports-field-paid_on = Date of payment
imports-field-status = State
imports-field-currency = Currency
imports-field-disputed = Disputed
imports-field-terms_days = Days of credit
imports-field-direct_debit = Direct debit
imports-field-reference = Reference
imports-field-payment_key = Payment number
imports-field-customer_key = Customer key
imports-field-customer_name = Customer name
imports-field-tax_id = Tax id
imports-field-email = E-mail
imports-field-phone = Telephone
imports-field-whatsapp = WhatsApp
imports-field-country = Country
imports-field-subdivision = State or province
imports-field-zone = Time zone
imports-field-language = Language
imports-field-class = Person or company
imports-field-importance = Importance
imports-field-tags = Tags
imports-field-behaviour = How they have paid
imports-field-debt_class = Origin of the debt
imports-field-final_consumer = Final consumer
imports-field-creditor = Kind of creditor
imports-field-actor = Who collects
imports-field-role = Who reads at the address
imports-field-source = Where the address comes from
imports-field-legal_event = Legal event
imports-field-legal_event_on = Day of the legal event
imports-field-consent_email = Consent to e-mail
imports-field-consent_whatsapp = Consent to WhatsApp
imports-field-consent_sms = Consent to text messages
imports-field-consent_phone = Consent to calls
imports-field-consent_on = Day of the consent
imports-field-consent_source = Source of the consent
imports-field-consent_text = Words of the consent
