//! What a bookkeeper may write wrong, and what the program then says.

use proptest::prelude::*;

use crate::policy::{Policy, embedded};

const GOOD: &str = r#"key = "mia"
name = "Mía"
application = "explicit"
[quiet]
min_gap_days = 3
max_lateness_days = 5
after_answer_days = 2
hours = { from = "09:00", to = "18:00", weekdays = ["vie", "lun"] }
[terms]
instalments_max = 3
[courtesy]
days_before = 2
channels = ["email"]
template = "cortesia"
tone = "warm"
to = ["debtor"]
[[ladder]]
key = "una"
[[ladder.stage]]
key = "amable"
name = "Amable"
[[ladder.stage.step]]
key = "primero"
offset_days = 1
channels = ["email"]
template = "recordatorio"
tone = "friendly"
to = ["debtor"]
[[ladder.stage]]
key = "firme"
name = "Firme"
[[ladder.stage.step]]
key = "segundo"
offset_days = 10
channels = ["email", "call"]
template = "aviso-firme"
tone = "firm"
to = ["debtor"]
offer = { instalments_max = 3 }
[[segment]]
name = "Abogados"
when = { tags_any = ["legal"] }
leave_alone = "Está con abogados."
[[segment]]
name = "Todos"
ladder = "una"
[[event]]
key = "gracias"
on = "account_cleared"
after_days = 0
within_days = 2
channels = ["email"]
template = "gracias"
tone = "warm"
to = ["debtor"]
"#;

/// Every error of a text, one on a line.
fn errors(text: &str) -> String {
    match Policy::parse(text) {
        Ok(_) => String::new(),
        Err(errors) => errors.iter().map(|error| format!("{error}\n")).collect(),
    }
}

/// The good text with one thing written otherwise.
fn with(good: &str, bad: &str) -> String {
    assert!(GOOD.contains(good), "{good} is not in the text");
    GOOD.replacen(good, bad, 1)
}

#[test]
fn a_text_saved_on_windows_reads_the_same() {
    let windows = format!("\u{feff}{}", GOOD.replace('\n', "\r\n"));
    let (read, good) = (Policy::parse(&windows), Policy::parse(GOOD));
    let without_hash = |policy: Result<Policy, _>| {
        policy.map(|policy| Policy {
            hash: String::new(),
            ..policy
        })
    };
    assert_eq!(without_hash(read), without_hash(good));
    let windows = windows.replace("min_gap_days = 3", "min_gap_days = 0");
    assert!(errors(&windows).starts_with("línea 5: `min_gap_days`"));
}

#[test]
fn the_good_text_is_good() {
    let policy = Policy::parse(GOOD)
        .map_err(|errors| format!("{errors:#?}"))
        .expect("valid");
    assert_eq!(policy.warnings, []);
    assert_eq!(
        policy.hash,
        "ef9ec069b626338807500c34aa7226c7eda742ec213a5572a46e41d4c1009ef9"
    );
    let hours = policy.quiet.hours.expect("it has hours");
    assert_eq!(
        hours.weekdays,
        [jiff::civil::Weekday::Monday, jiff::civil::Weekday::Friday]
    );
}

/// What stands in the good text, and what is written instead.
const MISTAKES: &[(&str, &str)] = &[
    ("key = \"mia\"", "key = \"Mi Política\""),
    ("name = \"Mía\"\n", ""),
    ("name = \"Mía\"", "name = 7"),
    ("name = \"Mía\"", "name = \"Mía"),
    ("name = \"Mía\"", "name = \"Mía\"\nname = \"Otra\""),
    ("\"explicit\"", "\"al tanteo\""),
    ("min_gap_days = 3", "min_gap = 3"),
    ("min_gap_days = 3", "min_gap_days = 0"),
    ("min_gap_days = 3", "min_gap_days = \"tres\""),
    ("min_gap_days = 3", "min_gap_days = 99999999999999999999999"),
    (
        "after_answer_days = 2",
        "after_answer_days = 2\nminimum_amounts = [\"200\", \"-1 MXN\"]",
    ),
    (
        "after_answer_days = 2",
        "after_answer_days = 2\nminimum_amounts = [\"2 MXN\", \"3 MXN\"]",
    ),
    (
        "after_answer_days = 2",
        "after_answer_days = 2\nminimum_amounts = [\"1.234 MXN\"]",
    ),
    ("\"18:00\"", "\"8:00\""),
    ("\"18:00\"", "\"08:00\""),
    ("\"vie\"", "\"fri\""),
    ("days_before = 2", "days_before = 0"),
    ("tone = \"warm\"", "tone = \"firm\""),
    ("template = \"cortesia\"", "template = \"aviso-final\""),
    ("offset_days = 1\n", "offset_days = -5\n"),
    ("offset_days = 10", "offset_days = 1"),
    ("offset_days = 10", "offset_days = 4000"),
    ("tone = \"friendly\"", "tone = \"final\""),
    ("tone = \"friendly\"", "tone = \"warm\""),
    ("template = \"recordatorio\"", "template = \"saludo\""),
    ("channels = [\"email\", \"call\"]", "channels = []"),
    (
        "channels = [\"email\", \"call\"]",
        "channels = [\"email\", \"fax\", \"email\"]",
    ),
    ("key = \"segundo\"", "key = \"primero\""),
    ("key = \"segundo\"", "key = \"seguimiento-2\""),
    ("key = \"firme\"", "key = \"amable\""),
    (
        "to = [\"debtor\"]\noffer",
        "to = [\"debtor\"]\ncopies = [\"employer\"]\noffer",
    ),
    (
        "offer = { instalments_max = 3 }",
        "offer = { instalments_max = 6 }",
    ),
    (
        "offer = { instalments_max = 3 }",
        "offer = { early_payment_percent = 5 }",
    ),
    (
        "offer = { instalments_max = 3 }",
        "signed_by = { name = \"Ana\" }",
    ),
    ("name = \"Todos\"", "name = \"Abogados\""),
    ("ladder = \"una\"", "ladder = \"otra\""),
    (
        "ladder = \"una\"",
        "ladder = \"una\"\nleave_alone = \"No.\"",
    ),
    (
        "ladder = \"una\"",
        "ladder = \"una\"\nwhen = { importance_at_most = 2 }",
    ),
    ("when = { tags_any = [\"legal\"] }\n", ""),
    (
        "when = { tags_any = [\"legal\"] }",
        "when = { tag = \"legal\" }",
    ),
    ("when = { tags_any = [\"legal\"] }", "when = {}"),
    ("key = \"gracias\"", "key = \"primero\""),
    ("after_days = 0", "after_days = 3"),
    ("on = \"account_cleared\"", "on = \"promise_broken\""),
    ("[terms]", "[terminos]"),
    ("[[event]]", "[event]"),
];

#[test]
fn every_error_names_its_line_its_rule_and_what_to_do() {
    let said: String = MISTAKES
        .iter()
        .map(|(good, bad)| {
            let found = errors(&with(good, bad));
            assert!(!found.is_empty(), "{bad} passed");
            format!("{}\n{found}\n", bad.replace('\n', " ⏎ "))
        })
        .collect();
    insta::assert_snapshot!(said);
}

#[test]
fn all_errors_come_at_once_in_the_order_of_the_lines() {
    let text = with("min_gap_days = 3", "min_gap_days = 0")
        .replace("days_before = 2", "days_before = 0")
        .replace("offset_days = 10", "offset_days = 1")
        .replace("tone = \"firm\"", "tone = \"stern\"")
        .replace("ladder = \"una\"", "ladder = 5")
        .replace("within_days = 2", "within_days = -2");
    insta::assert_snapshot!(errors(&text));
}

#[test]
fn what_is_not_there_is_named() {
    insta::assert_snapshot!(errors(""));
    let bare = "key = \"a\"\nname = \"A\"\napplication = \"explicit\"\n[[ladder]]\nkey = \"l\"\n";
    insta::assert_snapshot!(errors(bare));
}

#[test]
fn what_is_allowed_but_not_meant_is_a_warning() {
    let text = with("offset_days = 10", "offset_days = 2")
        .replace(
            "[[segment]]\nname = \"Abogados\"",
            "[ladder.follow_up]\nevery_days = 1\n\
            channels = [\"email\"]\ntemplate = \"seguimiento\"\ntone = \"clear\"\n\
            to = [\"debtor\"]\n[[segment]]\nname = \"Abogados\"",
        )
        .replace("ladder = \"una\"", "leave_alone = \"A nadie.\"");
    let policy = Policy::parse(&text)
        .map_err(|errors| format!("{errors:#?}"))
        .expect("valid");
    let said: String = policy
        .warnings
        .iter()
        .map(|warning| format!("{warning}\n"))
        .collect();
    insta::assert_snapshot!(said);
}

#[test]
fn a_text_without_end_is_refused() {
    let long = format!("{GOOD}# {}", "x".repeat(256 * 1024));
    let said = "línea 1: la política es demasiado larga: deje a lo más 256 KiB (limit)\n";
    assert_eq!(errors(&long), said);
    let deep = format!("a = {}1{}", "[".repeat(50_000), "]".repeat(50_000));
    assert!(errors(&deep).contains("(syntax)"));
}

proptest! {
    #[test]
    fn arbitrary_text_never_panics(text in any::<String>()) {
        let _ = Policy::parse(&text);
    }

    /// Near-misses: a piece of a real policy is cut out or replaced by noise.
    #[test]
    fn mangled_policies_never_panic_and_errors_point_into_the_text(
        which in 0..4usize,
        from in any::<prop::sample::Index>(),
        length in 0..120usize,
        noise in "[\\[\\]{}=\"a-z0-9\\.\\-\\n #ñ]{0,12}",
    ) {
        let letters: Vec<char> = embedded()[which].1.chars().collect();
        let start = from.index(letters.len());
        let end = (start + length).min(letters.len());
        let text: String =
            [&letters[..start], &noise.chars().collect::<Vec<_>>(), &letters[end..]]
                .concat().into_iter().collect();
        if let Err(errors) = Policy::parse(&text) {
            prop_assert!(!errors.is_empty());
            let lines = text.split('\n').count();
            for error in errors {
                prop_assert!((1..=lines).contains(&error.line), "{error}");
                prop_assert!(!error.message.contains('\n'), "{error}");
            }
        }
    }

    /// Any two steps: the text passes exactly when days rise and the tone does not fall.
    #[test]
    fn ladders_rise_and_tones_never_fall(
        offsets in (-3..30i64, -3..30i64),
        tones in (0..4usize, 0..4usize),
    ) {
        let words = ["friendly", "clear", "firm", "final"];
        let first = GOOD
            .replacen("offset_days = 1\n", &format!("offset_days = {}\n", offsets.0), 1)
            .replacen("\"friendly\"", &format!("\"{}\"", words[tones.0]), 1);
        let (before, after) = first.split_once("key = \"segundo\"").expect("it has two steps");
        let after = after
            .replacen("offset_days = 10\n", &format!("offset_days = {}\n", offsets.1), 1)
            .replacen("\"firm\"", &format!("\"{}\"", words[tones.1]), 1);
        let text = format!("{before}key = \"segundo\"{after}");
        let holds = offsets.0 >= 1 && offsets.0 < offsets.1 && tones.0 <= tones.1;
        prop_assert_eq!(Policy::parse(&text).is_ok(), holds);
    }
}
