//! Which text is in force: the highest version that proves itself, whatever the order; a bad one
//! never takes the place of a good one.

use crate::own::OWN;
use crate::words::{attempt, facts};
use domain::law::{Draft, Origin, Packs, Shelf, Version, may_contact};
use proptest::prelude::*;

fn chile() -> &'static str {
    let mut files = Packs::embedded_files().iter();
    files
        .find(|(name, _)| *name == "cl.toml")
        .expect("it ships")
        .1
}

/// Chile's law in a version of its own, calls ending at an hour; its cases follow.
fn chile_until(version: &str, hour: &str) -> String {
    let text = chile().replace("version = \"1\"", &format!("version = \"{version}\""));
    let text = text.replacen("to   = \"20:00\"", &format!("to   = \"{hour}\""), 1);
    text.replace("T19:50", "T10:50")
}

fn draft(text: String, origin: Origin) -> Draft {
    Draft {
        name: "cl.toml".to_owned(),
        text,
        origin,
    }
}

/// The last full hour at which a call is allowed on a Wednesday.
fn last_hour(shelf: &Shelf) -> u8 {
    let open = |hour: &u8| {
        let tried = attempt(&format!("11-18T{hour:02}:00 call"));
        may_contact(shelf.packs(), &facts("CL person"), &[], &tried).allowed()
    };
    (0..24).rev().find(open).expect("some hour")
}

#[test]
fn versions_are_numbers() {
    let version = |text: &str| text.parse::<Version>().expect("a version");
    assert!(version("2") < version("10") && version("2") < version("2.1"));
    assert!(version("2026.12") < version("2027.1"));
    assert_eq!(version("2027.1").to_string(), "2027.1");
    assert!("v2".parse::<Version>().is_err() && "".parse::<Version>().is_err());
}

#[test]
fn the_highest_version_rules_wherever_it_comes_from() {
    let three = draft(chile_until("3", "18:00"), Origin::Folder);
    let two = draft(chile_until("2", "19:00"), Origin::Database);
    for drafts in [
        vec![two.clone(), three.clone()],
        vec![three.clone(), two.clone()],
    ] {
        let shelf = Shelf::embedded().with(drafts);
        assert_eq!(shelf.refused(), []);
        assert_eq!(last_hour(&shelf), 17);
        assert_eq!(shelf.origin("cl"), Some(Origin::Folder));
        assert_eq!(shelf.origin("co"), Some(Origin::Embedded));
        assert!(shelf.packs().version().contains("cl-3"));
    }
    // The text that ships, once more: nothing changes. An older one neither.
    let same = draft(chile().replace('\n', "\r\n"), Origin::Folder);
    let shelf = Shelf::embedded().with(vec![three]).with(vec![same]);
    assert_eq!((shelf.refused(), last_hour(&shelf)), (&[][..], 17));
}

#[test]
fn a_bad_text_is_refused_with_its_place_and_the_one_before_stays() {
    let two = draft(chile_until("2", "19:00"), Origin::Database);
    let bad = [
        (chile_until("3", "07:00"), "line 39", "is not before"),
        (
            chile_until("3", "25:00"),
            "line 39",
            "`25:00` is no time of day",
        ),
        // Its own case says that a call at 19:50 on a Saturday is allowed.
        (
            chile_until("3", "18:00").replace("T10:50", "T19:50"),
            "line ",
            "case `CL-01",
        ),
        (chile_until("new", "18:00"), "line 1", "`new` is no version"),
        (
            chile_until("2", "17:00"),
            "line 1",
            "version 2 has another text",
        ),
        ("what is this".to_owned(), "line 1", "cl.toml"),
        (OWN.to_owned().replace("\"1\"", "\"9\""), "line 6", "no law"),
    ];
    for (text, line, part) in bad {
        let told = draft(text, Origin::Database);
        let shelf = Shelf::embedded().with(vec![told, two.clone()]);
        let refused = shelf.refused();
        assert_eq!(refused.len(), 1, "{part}");
        let said = refused[0].to_string();
        assert!(
            said.contains(line) && said.contains(part),
            "{line} {part}: {said}"
        );
        let kept = if part.contains("another text") {
            16..=18
        } else {
            18..=18
        };
        assert!(kept.contains(&last_hour(&shelf)), "{part}");
    }
}

#[test]
fn what_is_proposed_is_newer_and_proves_itself() {
    let shelf = Shelf::embedded();
    let ask = |text: String| shelf.proposed(&draft(text, Origin::Database));
    assert!(ask(chile_until("2", "19:00")).is_ok());
    let same = ask(chile().to_owned()).expect_err("in force already");
    assert_eq!(
        same[0].to_string(),
        "cl.toml, line 1: version 1 is in force: raise `version`"
    );
    // Every failing case is told, not only the first.
    let closed = chile_until("2", "09:00").replace("T10:50", "T19:50");
    let failing = ask(closed).expect_err("its cases fail");
    assert!(failing.len() >= 2, "{failing:?}");
    assert!(failing.iter().all(|error| error.line > 100));
    // Another file for a country that has one is no way round.
    let mut other = draft(chile_until("2", "19:00"), Origin::Folder);
    other.name = "chile.toml".to_owned();
    let twice = shelf.proposed(&other).expect_err("two packs");
    assert!(twice[0].to_string().contains("there twice"), "{}", twice[0]);
}

#[test]
fn files_are_tried_without_being_in_force() {
    let shelf = Shelf::embedded();
    assert_eq!(shelf.tried("cl.toml", chile()), Ok(12));
    assert_eq!(shelf.tried("calma.toml", OWN), Ok(0));
    // A country's law that breaks another file's case is told too.
    let text = chile().replace("version = \"1\"", "version = \"x\"");
    assert_eq!(
        shelf.tried("cl.toml", &text),
        Ok(12),
        "versions are for the shelf"
    );
}

#[test]
fn a_regime_ends_with_its_last_day() {
    let from = "effective_from = \"2021-04-20\"";
    let text =
        chile_until("2", "20:00").replace(from, &format!("{from}\neffective_to = \"2026-11-30\""));
    let text = text
        .split("# Cases")
        .next()
        .expect("what comes before")
        .to_owned();
    let shelf = Shelf::embedded().with(vec![draft(text, Origin::Database)]);
    assert_eq!(shelf.refused(), []);
    let ask = |tried: &str| {
        may_contact(shelf.packs(), &facts("CL person"), &[], &attempt(tried)).allowed()
    };
    assert!(!ask("11-30T23:00 call") && ask("12-01T23:00 call"));
}

const PUT_IN: &[&str] = &["", "[[regime]]\n", "\"", "= [", "\u{f1}", "24:00", "-1"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, ..ProptestConfig::default() })]

    /// Whatever happens to a file, it is read or refused with a place inside it; nothing else.
    #[test]
    fn a_mangled_file_is_read_or_refused(
        which in 0..Packs::embedded_files().len(),
        thousandth in 0usize..1_000,
        cut in 0usize..60,
        put in prop::sample::select(PUT_IN),
    ) {
        let (name, text) = Packs::embedded_files()[which];
        let letters: Vec<char> = text.chars().collect();
        let start = letters.len() * thousandth / 1_000;
        let end = (start + cut).min(letters.len());
        let mangled: String = letters[..start]
            .iter()
            .copied()
            .chain(put.chars())
            .chain(letters[end..].iter().copied())
            .collect();
        if let Err(errors) = Shelf::embedded().tried(name, &mangled) {
            prop_assert!(!errors.is_empty());
            for error in errors {
                prop_assert!(error.line >= 1 && !error.reason.is_empty());
            }
        }
    }
}
