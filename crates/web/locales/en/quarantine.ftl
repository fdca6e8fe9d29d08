nav-quarantine = Quarantine
quarantine-title = Rows to mend
quarantine-help = These are rows of your files that could not be read. Mend the cell that is marked and they are read again; the file itself does not change.
quarantine-waiting =
    { $n ->
        [one] One row waits.
       *[other] { $text } rows wait.
    }
quarantine-waiting-more =
    { $n ->
        [one] More than one row waits.
       *[other] More than { $text } rows wait.
    }
quarantine-empty = No row waits: all you uploaded was read.
quarantine-to-imports = Upload another file
quarantine-all = See all
quarantine-retry-all = Read all again
quarantine-retry-help = For instance after importing the invoices that were missing.
quarantine-row = { $file }, row { $row }
quarantine-mend = Mend
quarantine-read-again = Keep and read again
quarantine-dismiss = Dismiss
quarantine-why = Why it is not needed
quarantine-why-missing = Write why the row is not needed.
quarantine-dismiss-it = Dismiss the row
quarantine-more = See more
flash-quarantine-mended = The row was read and is in the portfolio.
flash-quarantine-still-waits = The correction is kept, but the row cannot be read yet: see why.
flash-quarantine-all-read = All rows were read.
flash-quarantine-some-read = Some rows were read; the others still wait.
flash-quarantine-none-read = No row could be read yet.
flash-quarantine-dismissed = The row was dismissed, with its reason.
