//! What other products got wrong on a generated portfolio, each as a case this one gets right, as a
//! user would see it: through the binary, on both databases.
//!
//! The portfolio's day is a Saturday and its customers are in Great Britain, Germany and France,
//! where nobody is written to on weekends: what Saturday plans leaves on Monday.

mod books;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use books::{
    BUCKETS, Debt, FILES, MONDAY, SATURDAY, SMALL, ageing, cents, credit, debts, decisions,
    dispatch, filled, is_reachable, is_step, items, list, outbox, plain_part, portfolio, reachable,
    run_on, said, sent, text, written,
};
use jiff::Timestamp;
use jiff::civil::date;
use serde_json::{Value, json};
use testkit::portfolio::{Item, money};
use testkit::program::Program;

testkit::both_programs! {
    fn a_day_run_twice_changes_nothing_and_sends_nothing_more(puntual: &Program) {
        filled(puntual);
        let first = run_on(puntual, SATURDAY);
        let planned = first["contacts"].as_u64().expect("a number");
        assert!(planned > 100, "{first}");
        let contacts = puntual.export("contacts");

        let second = run_on(puntual, SATURDAY);
        assert_eq!(second["contacts"], 0);
        assert_eq!(second["by_step"], json!({}));
        assert_eq!(second["silences"]["already_planned"], planned);
        assert_eq!(puntual.export("contacts"), contacts, "nothing moved");

        assert_eq!(dispatch(puntual)["sent"], planned);
        let left = outbox(puntual);
        for day in [SATURDAY, MONDAY] {
            run_on(puntual, day);
            assert_eq!(run_on(puntual, day)["contacts"], 0);
        }
        let more = sent(puntual);
        assert!(more > 0, "Monday reaches those for whom Saturday left no lawful hour");
        let all = outbox(puntual);
        assert_eq!(all.len(), left.len() + more);
        for (name, bytes) in &left {
            assert!(all[name] == *bytes, "{name} was written again");
        }
        let threads = puntual.export("threads");
        let told: BTreeSet<&str> = threads.iter().map(|it| text(it, "customer")).collect();
        assert_eq!(told.len(), threads.len(), "nobody was written to twice");
        assert_eq!(sent(puntual), 0);
        assert_eq!(outbox(puntual).len(), all.len());
    }

    fn inv_10_part_paid_invoices_are_asked_for_at_what_is_open(puntual: &Program) {
        let portfolio = filled(puntual);
        run_on(puntual, MONDAY);
        dispatch(puntual);
        let items = items(&portfolio);
        let said = said(puntual);
        let (mut part_paid, mut shown) = (0, 0);
        for contact in puntual.export("contacts") {
            let said = &said[text(&contact, "id")];
            let mut total = 0;
            for document in list(&contact, "documents") {
                let item = items[text(document, "invoice")];
                assert_eq!(cents(&document["amount"]), item.residual, "{document}");
                assert_eq!(cents(&document["open"]), item.residual, "{document}");
                assert_eq!(cents(&document["original"]), item.gross(), "{document}");
                total += item.residual;
                if item.residual == item.gross() {
                    continue;
                }
                part_paid += 1;
                let asked = format!("{}: {}", item.number, written(item.residual));
                let of = format!("saldo de {}", written(item.gross()));
                let line = said.lines().find(|line| line.contains(&item.number));
                shown += usize::from(line.is_some());
                let line = line.unwrap_or_default();
                assert!(line.contains(&asked) && line.contains(&of), "{line}");
            }
            if is_step(&contact) {
                assert_eq!(cents(&contact["totals"][0]), total);
                assert!(said.contains(&format!("Total: {}", written(total))), "{said}");
            }
        }
        let open = reachable(&portfolio);
        let owed = debts(&portfolio, MONDAY);
        let chased = owed.iter().filter(|(key, debt)| open.contains(*key) && debt.is_chased());
        let asked = chased.flat_map(|(_, debt)| &debt.chaseable);
        let expected = asked.filter(|item| item.residual < item.gross()).count();
        assert!(expected > 20, "{expected}");
        assert_eq!((part_paid, shown), (expected, expected));
    }

    fn a_credit_that_covers_the_debt_is_a_silence_and_no_message_is_empty(puntual: &Program) {
        let portfolio = filled(puntual);
        let owed = debts(&portfolio, MONDAY);
        let open = reachable(&portfolio);
        let mut by_debt: Vec<(i64, &str)> = owed
            .iter()
            .filter(|(key, debt)| open.contains(*key) && debt.is_chased() && debt.credits == 0)
            .map(|(key, debt)| (debt.total(), *key))
            .filter(|(total, _)| *total > 4 * SMALL)
            .collect();
        by_debt.sort_unstable();
        let [(first, covered), (second, nearly), ..] = by_debt[..] else {
            panic!("two customers owe");
        };
        let left = 2 * SMALL;
        let notes = format!(
            "invoice_no,kind,customer_id,issue_date,due_date,currency,gross\n\
             CX1,credit_note,{covered},2026-10-20,2026-10-20,EUR,-{}\n\
             CX2,credit_note,{nearly},2026-10-20,2026-10-20,EUR,-{}\n",
            money(first),
            money(second - left),
        );
        puntual.file("notes.csv", &notes);
        puntual.json(&["import", "notes.csv"]);
        let run = run_on(puntual, MONDAY);
        let decided = decisions(puntual);
        let silent = decided.values().filter(|it| it["reason"] == "credits_cover").count();
        assert!(silent >= 1);
        assert_eq!(run["silences"]["credits_cover"], silent, "{run}");
        for (key, debt) in &owed {
            if debt.credits >= debt.total() && !debt.chaseable.is_empty() {
                // What is not yet due may still be announced.
                let reason = text(&decided[*key], "reason");
                assert!(["credits_cover", "cortesia"].contains(&reason), "{key}: {reason}");
            }
        }
        let decision = &decided[covered];
        assert_eq!(decision["reason"], "credits_cover");
        let sentence = text(&decision["decision"]["silence"], "sentence");
        assert!(sentence.contains(&money(first)), "{sentence}");

        dispatch(puntual);
        let contacts = puntual.export("contacts");
        assert!(contacts.iter().all(|contact| contact["customer"] != covered));
        let asked = contacts.iter().find(|contact| contact["customer"] == nearly);
        let asked = asked.expect("what the credit leaves is asked for");
        assert_eq!(cents(&asked["totals"][0]), second);
        assert_eq!(credit(asked), second - left);

        let said = said(puntual);
        let threads = puntual.export("threads");
        assert_eq!(threads.len(), contacts.len());
        assert!(threads.iter().all(|message| !text(message, "subject").trim().is_empty()));
        for contact in &contacts {
            let said = &said[text(contact, "id")];
            let named = [list(contact, "documents"), list(contact, "upcoming")].concat();
            assert!(!named.is_empty(), "{contact}");
            assert!(said.contains(text(&named[0], "invoice")), "{said}");
            let credit = credit(contact);
            if is_step(contact) && credit > 0 {
                let left = cents(&contact["totals"][0]) - credit;
                assert!(left > 0, "{contact}");
                assert!(said.contains(&format!("A su favor: {}", written(credit))), "{said}");
                assert!(said.contains(&format!("Por pagar: {}", written(left))), "{said}");
            }
        }
    }

    fn inv_21_one_message_per_customer_lists_all_that_is_overdue(puntual: &Program) {
        let portfolio = filled(puntual);
        run_on(puntual, SATURDAY);
        let mut left = sent(puntual);
        run_on(puntual, MONDAY);
        left += sent(puntual);

        let contacts = puntual.export("contacts");
        assert_eq!(contacts.len(), left);
        assert_eq!(outbox(puntual).len(), left);
        let owed = debts(&portfolio, MONDAY);
        let told: BTreeMap<&str, &Value> =
            contacts.iter().map(|contact| (text(contact, "customer"), contact)).collect();
        assert_eq!(told.len(), contacts.len(), "one message for each customer");
        let mut most = 0;
        for contact in contacts.iter().filter(|contact| is_step(contact)) {
            let debt = &owed[text(contact, "customer")];
            let documents = list(contact, "documents");
            let named: BTreeSet<&str> =
                documents.iter().map(|document| text(document, "invoice")).collect();
            assert_eq!(named.len(), documents.len());
            assert_eq!(named, debt.numbers(), "{contact}");
            assert_eq!(cents(&contact["totals"][0]), debt.total());
            assert_eq!(credit(contact), debt.credits);
            most = most.max(named.len());
        }
        assert!(most > 10, "the largest message lists {most} invoices");
        for key in reachable(&portfolio) {
            let chased = owed.get(key).is_some_and(Debt::is_chased);
            let asked = told.get(key).is_some_and(|contact| is_step(contact));
            assert_eq!(chased, asked, "{key}");
        }
    }

    fn customers_without_email_are_listed_and_told_once_an_address_comes(puntual: &Program) {
        let portfolio = filled(puntual);
        let owed = debts(&portfolio, MONDAY);
        let silent = portfolio.customers.iter().filter(|it| !is_reachable(it));
        let silent: BTreeSet<&str> = silent
            .map(|customer| customer.key.as_str())
            .filter(|key| owed.get(key).is_some_and(Debt::is_chased))
            .collect();
        let expected = silent.len();
        assert!(expected >= portfolio.expected().overdue_customers_without_email);
        let before = run_on(puntual, MONDAY);
        let decided = decisions(puntual);
        // Beside them, those who would only have got a courtesy notice.
        let listed = decided.values().filter(|it| it["reason"] == "no_contact_point").count();
        assert_eq!(before["silences"]["no_contact_point"], listed);
        for key in &silent {
            assert_eq!(decided[*key]["outcome"], "silence");
            assert_eq!(decided[*key]["reason"], "no_contact_point");
            let sentence = text(&decided[*key]["decision"]["silence"], "sentence");
            assert!(sentence.contains("medio de contacto"), "{sentence}");
        }
        let told = |puntual: &Program| -> Vec<Value> {
            let contacts = puntual.export("contacts").into_iter();
            contacts.filter(|it| silent.contains(text(it, "customer"))).collect()
        };
        assert_eq!(told(puntual).len(), 0);
        dispatch(puntual);

        let mut found = String::from("customer_id,email\n");
        for key in &silent {
            found.push_str(&format!("{key},{}@found.example\n", key.to_lowercase()));
        }
        puntual.file("found.csv", &found);
        let report = puntual.json(&["import", "found.csv"]);
        assert_eq!(report["by_entity"]["contact_points"]["created"], expected);
        let after = run_on(puntual, MONDAY);
        assert_eq!(after["contacts"], expected, "{after}");
        let left = after["silences"]["no_contact_point"].as_u64().unwrap_or(0);
        assert_eq!(usize::try_from(left), Ok(listed - expected));
        assert_eq!(sent(puntual), expected);
        // They stand where their invoices put them, not a step further for what nobody told them.
        let step_at = |days: i64| match days {
            ..=2 => "recordatorio-1",
            3..=9 => "recordatorio-2",
            10..=19 => "aviso-claro",
            20..=34 => "aviso-firme",
            35..=49 => "propuesta-de-pagos",
            50..=89 => "aviso-final",
            90.. => "convenio-deuda-antigua",
        };
        let contacts = told(puntual);
        assert_eq!(contacts.len(), expected);
        for contact in &contacts {
            let late = owed[text(contact, "customer")].days_late(MONDAY);
            assert_eq!(contact["step"], step_at(late), "{contact}");
            assert_eq!(contact["state"], "sent");
        }
    }

    fn what_is_disputed_is_not_dunned_and_the_rest_is(puntual: &Program) {
        let portfolio = filled(puntual);
        let owed = debts(&portfolio, MONDAY);
        let open = reachable(&portfolio);
        let free = owed.iter().filter(|(key, debt)| {
            let clear = debt.disputed.is_empty() && debt.credits == 0;
            clear && open.contains(*key) && debt.is_chased()
        });
        let mut free: Vec<_> = free.collect();
        free.sort_by_key(|(_, debt)| std::cmp::Reverse(debt.chaseable.len()));
        let (contested, whole, paused) = (*free[0].0, *free[1].0, *free[2].0);
        let (debt, item) = (free[0].1, free[0].1.chaseable[0]);
        // Before anybody was written to: one invoice of many, all of a customer, and a pause.
        let hold = |kind: &str, customer: &str, invoice: &[&str]| {
            let reason = ["--kind", kind, "--reason", "mercancía dañada", "--from", "2026-10-30"];
            let typed = [&["hold", "add", "--customer", customer], &reason[..], invoice];
            puntual.json(&typed.concat());
        };
        hold("dispute", contested, &["--invoice", &item.number]);
        hold("dispute", whole, &[]);
        hold("pause", paused, &[]);

        let run = run_on(puntual, MONDAY);
        assert_eq!(run["silences"]["paused"], 1);
        assert_eq!(dispatch(puntual)["suppressed"], json!({}));
        let decided = decisions(puntual);
        assert_eq!(decided[whole]["reason"], "held");
        assert_eq!(decided[paused]["reason"], "paused");

        let said = said(puntual);
        let disputed = portfolio.items.iter().filter(|it| it.disputed).chain([item]);
        let disputed: BTreeMap<&str, &Item> =
            disputed.map(|it| (it.number.as_str(), it)).collect();
        let mut held_back = 0;
        for contact in puntual.export("contacts").iter().filter(|it| is_step(it)) {
            let customer = text(contact, "customer");
            assert!(customer != whole && customer != paused, "{contact}");
            let mut asked = list(contact, "documents").iter();
            assert!(asked.all(|line| !disputed.contains_key(text(line, "invoice"))), "{contact}");
            let said = &said[text(contact, "id")];
            for line in list(contact, "held") {
                held_back += 1;
                assert_eq!(cents(&line["amount"]), disputed[text(line, "invoice")].residual);
                assert!(said.contains(text(line, "invoice")), "the text says so: {said}");
            }
            if customer == contested {
                let rest = debt.total() - item.residual;
                assert_eq!(cents(&contact["totals"][0]), rest, "the rest is chased");
                assert_eq!(list(contact, "held").len(), 1);
            }
        }
        let chased = owed.iter().filter(|(key, debt)| open.contains(*key) && debt.is_chased());
        let expected: usize = chased.map(|(_, debt)| debt.disputed.len()).sum();
        assert!(expected > 5);
        assert_eq!(held_back, expected + 1);
        for (key, debt) in &owed {
            if open.contains(key) && debt.chaseable.is_empty() && !debt.disputed.is_empty() {
                assert_eq!(decided[*key]["reason"], "held", "{key}");
            }
        }
    }

    fn the_day_asked_for_rules_the_decision_and_not_todays(puntual: &Program) {
        let portfolio = filled(puntual);
        let earlier = date(2026, 9, 1);
        let run = puntual.json(&["run", "--dry-run", "--as-of", &earlier.to_string()]);
        assert_eq!(run["as_of"], earlier.to_string());
        let steps = run["by_step"].as_object().expect("counts").keys();
        let chased = steps.filter(|step| *step != "cortesia").count();
        assert!(chased > 0, "{run}");
        assert_eq!(puntual.export("contacts"), Vec::<Value>::new(), "a dry run writes nothing");
        let rows = ageing(puntual, earlier)["rows"].as_array().map_or(0, Vec::len);
        let known = portfolio.items.iter().filter(|item| item.issued <= earlier);
        assert_eq!(rows, known.count(), "what was not yet issued is not yet there");
        run_on(puntual, SATURDAY);
        for decision in puntual.export("decisions") {
            assert_eq!(decision["as_of"], SATURDAY.to_string());
        }
        let owed = debts(&portfolio, MONDAY);
        let countries: BTreeMap<&str, &str> =
            portfolio.customers.iter().map(|it| (it.key.as_str(), it.country)).collect();
        let contacts = puntual.export("contacts");
        for contact in contacts.iter().filter(|contact| is_step(contact)) {
            let customer = text(contact, "customer");
            let zone = match countries[customer] {
                "GB" => "Europe/London",
                "DE" => "Europe/Berlin",
                _ => "Europe/Paris",
            };
            let zone = domain::calendar::zone(zone).expect("a zone");
            let at: Timestamp = text(contact, "planned_at").parse().expect("an instant");
            let local = at.to_zoned(zone);
            assert_eq!(local.date(), MONDAY, "the next day on which anybody is written to");
            assert!((9..18).contains(&local.hour()), "{contact}");
            let late = list(contact, "documents").iter().filter_map(|it| it["days_late"].as_i64());
            assert_eq!(late.max(), Some(owed[customer].days_late(MONDAY)));
        }
    }

    fn what_was_sent_is_kept_word_for_word(puntual: &Program) {
        filled(puntual);
        run_on(puntual, MONDAY);
        let sent = sent(puntual);
        let outbox = outbox(puntual);
        let threads = puntual.export("threads");
        assert_eq!((threads.len(), outbox.len()), (sent, sent));
        for message in &threads {
            assert_eq!(message["direction"], "out");
            let eml = &outbox[text(message, "contact")];
            let eml = str::from_utf8(eml).expect("messages are ASCII");
            let kept = text(message, "text");
            assert_eq!(plain_part(eml).trim_end(), kept.trim_end());
            let head = eml.split("\r\n\r\n").next().expect("a head");
            let to = head.lines().find(|line| line.starts_with("To:"));
            let to = to.expect("a recipient");
            assert!(to.contains(text(message, "address")), "{to}");
            assert!(!kept.contains("escriba a ;"), "a hole where an address should be: {kept}");
        }
    }

    fn part_payments_age_with_their_invoice_and_every_cent_is_in_its_column(puntual: &Program) {
        let portfolio = filled(puntual);
        let expected = portfolio.expected();
        let report = ageing(puntual, SATURDAY);
        assert_eq!(report["as_of"], SATURDAY.to_string());
        let columns = &report["currencies"]["EUR"];
        for (name, open) in BUCKETS.iter().zip(expected.ageing) {
            assert_eq!(cents(&columns[name]), open, "{name}");
        }
        assert_eq!(cents(&columns["credits"]), -expected.credit_notes);
        assert_eq!(cents(&columns["net"]), expected.net());

        let items = items(&portfolio);
        let rows = list(&report, "rows");
        assert_eq!(rows.len(), portfolio.items.len());
        let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
        for row in rows {
            let item = items[text(row, "invoice")];
            let open = cents(&row["open"]);
            assert!(open > 0, "no negative cell: {row}");
            assert_eq!(open, item.residual.abs(), "{row}");
            assert_eq!(row["bucket"] == "credits", item.credit_note, "{row}");
            *sums.entry(text(row, "bucket")).or_default() += open;
        }
        for name in BUCKETS.iter().chain(&["credits"]) {
            assert_eq!(sums[name], cents(&columns[name]), "the rows hold up {name}");
        }
    }

    fn the_ageing_of_any_day_is_that_of_the_facts_up_to_it(puntual: &Program) {
        let portfolio = filled(puntual);
        for day in [date(2026, 6, 30), date(2026, 8, 15), date(2026, 10, 30), date(2027, 1, 31)] {
            let mut paid: BTreeMap<usize, i64> = BTreeMap::new();
            for payment in portfolio.prior.iter().filter(|payment| payment.on <= day) {
                *paid.entry(payment.item).or_default() += payment.cents;
            }
            let mut columns = [0; 6];
            for (place, item) in portfolio.items.iter().enumerate() {
                let column = match item.days_late(day) {
                    _ if item.issued > day => continue,
                    _ if item.credit_note => 5,
                    ..=0 => 0,
                    1..=30 => 1,
                    31..=60 => 2,
                    61..=90 => 3,
                    91.. => 4,
                };
                columns[column] += item.gross().abs() - paid.get(&place).unwrap_or(&0);
            }
            let report = ageing(puntual, day);
            for (name, expected) in BUCKETS.iter().chain(&["credits"]).zip(columns) {
                assert_eq!(cents(&report["currencies"]["EUR"][name]), expected, "{name} on {day}");
            }
        }
    }

    fn inv_15_a_second_import_changes_nothing(puntual: &Program) {
        let portfolio = portfolio(puntual);
        let first = puntual.json(&["import", FILES[0], FILES[1], FILES[2]]);
        let disputed = portfolio.items.iter().filter(|item| item.disputed).count();
        for (entity, count) in [
            ("customers", portfolio.customers.len()),
            ("documents", portfolio.items.len()),
            ("payments", portfolio.prior.len()),
            ("applications", portfolio.prior.len()),
            ("holds", disputed),
        ] {
            assert_eq!(first["by_entity"][entity]["created"], count, "{entity}");
        }
        let state = |puntual: &Program| {
            let exports = ["customers", "documents"].map(|what| puntual.export(what));
            (ageing(puntual, SATURDAY), exports)
        };
        let before = state(puntual);
        // Other names and another order are still the same facts.
        let again = FILES.map(|name| format!("again-{name}"));
        for (name, other) in FILES.iter().zip(&again) {
            let moved = fs::rename(puntual.folder().join(name), puntual.folder().join(other));
            moved.expect("the disk has room");
        }
        let second = puntual.json(&["import", &again[2], &again[1], &again[0]]);
        assert_eq!(second["created"], 0, "{second}");
        assert_eq!(second["updated"], 0, "{second}");
        assert_eq!(second["unchanged"], first["created"]);
        assert_eq!(second["read"], first["read"]);
        assert!(state(puntual) == before, "nothing changed");
    }
}
