nav-work = My work
work-title = My work
work-mine = My customers
work-all = Everyone’s
work-more = There may be more: they appear when these are done.
work-help = Broken promises first; then money at stake times urgency.
work-none = Nothing waits for a person. The next run will tell whether there is something to see.
work-none-mine = Nothing waits among the customers you look after.
work-no-customer = A task of the company
work-overdue = Overdue
work-done = Done
work-later = Tomorrow
work-keys = Keys
work-keys-move = next and previous
work-keys-open = open
work-broken-promise = Promise broken { $days }: { $amount } missing.
work-promise-today = Its promise falls due today: { $amount } missing.
work-dispute = Dispute open { $days } over { $amount }:
flash-work-done = Done. The first of the list is next.
flash-work-later = It comes back tomorrow.
work-days-ago = { $n ->
    [0] today
    [one] { $text } day ago
   *[other] { $text } days ago
}
work-answer-waiting = { $n ->
    [0] Wrote today and waits for an answer.
    [one] Wrote { $text } day ago and waits for an answer.
   *[other] Wrote { $text } days ago and waits for an answer.
}
work-task = { $n ->
    [0] Task of today:
    [one] Task of { $text } day ago:
   *[other] Task of { $text } days ago:
}
work-gone-quiet = { $n ->
    [0] A high balance, and nobody said anything.
    [one] A high balance and silence for { $text } day.
   *[other] A high balance and silence for { $text } days.
}
work-found = { $n ->
    [0] Nothing to do
    [one] { $text } to do
   *[other] { $text } to do
}
work-step-by-hand = { $n ->
    [0] A call, visit or letter is due today.
    [one] A call, visit or letter has been due for { $text } day.
   *[other] A call, visit or letter has been due for { $text } days.
}
