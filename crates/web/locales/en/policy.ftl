nav-policy = Policy
policy-title = Collections policy
policy-help = All that Puntual decides follows this text. The law of the country always comes first.
policy-edit = Change
policy-stages = The stages, day by day
policy-picture = Ladder { $ladder }: its steps in days after the due date
policy-due = due
policy-days-after = days after the due date
policy-follow-up = then every { $days } days
policy-templates = The messages
policy-templates-help = See them with example figures, as a customer would.
policy-versions = Versions
policy-version = Version
policy-author = Who
policy-when = When
policy-state = State
policy-rules = in use
policy-see-changes = See what would change
policy-shipped-help = You may also begin from a policy that ships with Puntual:
policy-edit-title = Change the policy
policy-edit-help = Keeping it does not put it to use: first you see which messages would change.
policy-text = Text of the policy
policy-check = Check
policy-keep = Keep and see what changes
policy-leave = Leave it as it is
policy-wrong = To mend:
policy-right = The text is right.
policy-warnings = Allowed, but perhaps not what you mean:
policy-line = line
policy-in-prose = The policy in words
policy-change-title = What changes
policy-comparing = Living the next 30 days under each policy…
policy-look-again = Look again
policy-what-changes = What would change in the next 30 days
policy-assumes = It is assumed that nobody pays or answers in those days.
policy-sample = On an even sample of { $some } of { $all } customers: totals are of the sample.
policy-nothing-changes = No message changes.
policy-messages-added = messages added
policy-messages-removed = messages taken away
policy-messages-moved = messages changed
policy-messages-same = messages as before
policy-by-step = Messages by step
policy-step = Step
policy-now = As today
policy-then = With this version
policy-by-customer = Customer by customer
policy-added = added
policy-removed = removed
policy-moved = changed
policy-use-help = From the next decision on this version rules. What is planned is checked again when it leaves.
policy-use = Put to use
policy-go-on-editing = Go on editing
policy-text-changes = What changes in the text
policy-template-title = Message
policy-template-help = With example figures and your company's name, colours and payment details.
policy-subject = Subject:
policy-as-text = As plain text
policy-back = Back to the policy
flash-policy-kept = Version kept. It does not rule yet.
flash-policy-used = This version rules from now on.
policy-all-customers =
    { $n ->
        [one] The one customer was lived.
       *[other] All { $text } customers were lived.
    }
policy-and-more =
    { $n ->
        [one] And one more customer.
       *[other] And { $text } more customers.
    }
