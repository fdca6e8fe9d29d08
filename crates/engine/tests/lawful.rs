//! Companies in eight countries, whose policy would write every day and whose collectors try at all
//! hours: a second reading of the law, which shares no code with the first, finds nothing unlawful
//! in what they did, and finds what is spoilt on purpose.

use std::collections::BTreeSet;

use testkit::TestDb;
use testkit::checker::{spoil, table};
use testkit::lawful::{MEMBERS, Size};

/// Small enough for every day, smaller where each statement goes to a server; `cargo xtask lawful`
/// lives it at full size. Each company comes upon a holiday, or a change of the clock, in a week.
fn size(test: &TestDb) -> Size {
    let is_near = test.folder().is_some();
    Size {
        customers: if is_near { 36 } else { 10 },
        days: if is_near { 10 } else { 7 },
        seed: 3,
    }
}

testkit::both_databases! {
    async fn nothing_unlawful_is_done_in_any_country(test: &TestDb) {
        let mut contacts = BTreeSet::new();
        let (mut tried, mut refused) = (0, 0);
        let mut spoilt = Vec::new();
        for member in MEMBERS {
            let lived = member.live(test, size(test)).await;
            let checked = lived.check();
            let reading = &checked.reading;
            let found = table(&checked.book, reading);
            assert_eq!(reading.faults, [], "{}:\n{found}", member.name);
            assert!(!checked.book.made.is_empty(), "{} did nothing", member.name);
            let wrongly = &checked.refused_wrongly;
            assert!(wrongly.is_empty(), "{}: {:?}", member.name, wrongly.first());
            // A message held back for its words would leave its law untried.
            let held = checked.book.suppressed.iter().filter(|it| it.1 == "wording");
            assert_eq!(held.count(), 0, "{}", member.name);
            contacts.extend(reading.contacts.keys().cloned());
            tried += lived.tries.len();
            refused += checked.refused;
            spoilt.extend(spoil::all(&checked.truths, &lived.lines));
        }
        let channels: BTreeSet<&str> = contacts.iter().map(|it| it.1.as_str()).collect();
        assert_eq!(channels, BTreeSet::from(["call", "email", "letter", "visit"]));
        let countries: BTreeSet<&str> = contacts.iter().map(|it| it.0.as_str()).collect();
        assert_eq!(countries.len(), 8, "{countries:?}");
        // Hours and days are drawn from all: about as many are refused as are not.
        assert!((tried / 4..tried * 9 / 10).contains(&refused), "{refused} of {tried}");
        let missed: Vec<&str> = spoilt
            .iter()
            .filter(|(_, is_found)| !is_found)
            .map(|(rule, _)| rule.as_str())
            .collect();
        assert!(missed.is_empty(), "the second reading overlooks {missed:?}");
        let broken: BTreeSet<&str> = spoilt.iter().map(|(rule, _)| rule.as_str()).collect();
        let all: BTreeSet<&str> = spoil::SPOILS.iter().map(|it| it.rule).collect();
        let untried: Vec<&&str> = all.difference(&broken).collect();
        assert!(untried.is_empty(), "nobody broke {untried:?}");
    }
}
