nav-compliance = Compliance
compliance-title = Compliance
compliance-help = What the law held back and why, what came near its limits, and which rules are in force. It does not replace your lawyer: each rule says how well it is proven.
compliance-parts = Parts of the page
compliance-older = Show earlier ones
compliance-title-held = Held back by law
compliance-help-held = Customers for whom the last run found no lawful moment to write, by rule. One customer may meet several.
compliance-empty-held = The last run held nobody back because of the law.
compliance-held-note = Run of { $when }: { $customers } customers held back in all.
compliance-title-stopped = Stopped when leaving
compliance-help-stopped = Planned contacts that the law or the hour stopped at the last moment, of the latest ones.
compliance-empty-stopped = Nothing was stopped when leaving.
compliance-title-edges = Near the limit
compliance-help-edges = Contacts that the law moved to another hour, that were made in the last 30 minutes of the hours allowed, or that were the last a limit allowed.
compliance-empty-edges = None of these contacts came near a limit.
compliance-edges-note = { $n ->
    [0] No contacts were made yet.
    [one] { $text } contact was looked at.
   *[other] { $text } contacts were looked at, the latest first.
}
compliance-edge-moved = The law moved it from { $from }
compliance-edge-end = Less than 30 minutes before the end
compliance-edge-last = The last one the limit allowed
compliance-title-packs = Laws in force
compliance-help-packs = The files of rules that decide, their version and digest. Past the review date a lawyer should read them again.
compliance-empty-packs = There are no files of rules.
compliance-review-past = review is past
compliance-title-regimes = Regimes
compliance-help-regimes = Each regime with the legal text it rests on, since when it holds and how well it is proven.
compliance-empty-regimes = There are no regimes.
compliance-title-declared = What the company declares
compliance-help-declared = Used where a customer's own record is silent; each proof cites it. It is changed under "Company".
compliance-empty-declared = Nothing declared.
compliance-column-rule = Rule
compliance-column-article = Article
compliance-column-tier = Evidence
compliance-column-customers = Customers
compliance-column-customer = Customer
compliance-column-contact = Contact
compliance-column-when = When
compliance-column-edge = What happened
compliance-column-author = Who
compliance-column-pack = File
compliance-column-version = Version
compliance-column-as-of = Researched up to
compliance-column-review = Review before
compliance-column-hash = Digest
compliance-column-regime = Regime
compliance-column-country = Country
compliance-column-binding = Binds by
compliance-column-from = From
compliance-column-to = To
compliance-column-fact = Fact
compliance-column-value = Answer
compliance-column-on = Date
compliance-tier-P = Legal text read
compliance-tier-S = Secondary source
compliance-tier-G-high = General, high confidence
compliance-tier-G-med = General, medium confidence
compliance-tier-G-low = General, low confidence
compliance-binding-law = Law
compliance-binding-voluntary = Voluntary guide
compliance-binding-policy = Prudence
compliance-binding-platform = Platform
compliance-binding-house = House rule
compliance-binding-company = Company's own rule
compliance-back = Back to Compliance
compliance-chain-title = Chain of proofs
compliance-sealed = { $n ->
    [one] { $text } proof sealed.
   *[other] { $text } proofs sealed.
}
compliance-unsealed = No proofs are sealed yet.
compliance-waiting = { $n ->
    [0] None waits for its seal.
    [one] { $text } waits for its seal.
   *[other] { $text } wait for their seal.
}
compliance-chain-head = Latest head (SHA-256); write it down outside Puntual to compare it later:
compliance-chain-verify = Check it now
compliance-chain-good = Intact
compliance-chain-bad = Differs
compliance-chain-long = The chain is long and was not read to its end here: use "puntual audit verify".
compliance-chain-read = { $links } links and { $records } records were read.
compliance-title-overrides = Exceptions
compliance-help-overrides = Calls, visits and letters that were made on a manager’s word although the law spoke against it: what was done, why and who decided. The record says what each rule answered.
compliance-empty-overrides = Nobody has made an exception.
compliance-title-to-come = Law to come
compliance-help-to-come = Texts that are put in and not in force yet, with the day they begin and what they would change.
compliance-empty-to-come = No text waits for its day.
compliance-column-what = What it was
compliance-column-reason = Reason
compliance-column-proof = Record
compliance-column-changes = Changes
compliance-proof = See the record
compliance-see-changes = See what changes
compliance-law-title = What a law would change
compliance-law-help = Compares the next 30 days under today’s law and under the text proposed: which messages are added, taken away or moved. Looking changes nothing.
compliance-law-waits = { $name } is in force from { $day }.
compliance-law-refused = The text cannot be used:
compliance-law-name = Name of the file
compliance-law-name-help = The country in lower case, like cl.toml; for a rule of your own, any name you like.
compliance-law-from = In force from
compliance-law-text = Text
compliance-law-load = To put it into force, whoever runs the program loads it with “puntual law load”; a rule of the company’s own, with “puntual law tighten”.
compliance-law-no-day = Write the day from which it would be in force.
compliance-law-long = The text is too long.
compliance-law-slow = The comparison took too long for a page: use “puntual law diff”.
