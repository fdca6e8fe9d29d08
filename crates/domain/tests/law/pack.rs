//! Packs are read whole or refused with the place and the reason; and rules no embedded pack uses
//! yet are read as they are written.

use crate::words::{attempt, facts, history};
use domain::customer::Country;
use domain::law::{Attempt, Packs, may_contact};
use proptest::prelude::*;

const HEAD: &str = "schema = \"compliance-pack/0.1\"\nversion = \"1\"\nas_of = \"2026-11-21\"\n";

const APPLIES: &str = r#"
country = "*"
article = "Ley de prueba"
binding = "law"
effective_from = "2020-01-01"
v = "S"
[regime.applies]
debtor = ["natural_consumer", "natural_business", "micro_small_company", "company"]
debt = ["consumer_credit", "consumer_goods_services", "trade_receivable"]
creditor = ["supervised_financial", "commercial_lender", "supplier", "debt_buyer"]
actor = ["first_party", "third_party_agency"]
final_consumer = "any"
"#;

fn regime(rules: &str) -> String {
    format!("{HEAD}[[regime]]\nid = \"TEST\"{APPLIES}{rules}\n")
}

fn refused(text: &str) -> String {
    match Packs::parse(&[("test.toml", text)]) {
        Ok(_) => panic!("read as if nothing were wrong"),
        Err(error) => error.to_string(),
    }
}

type Bad = (String, Vec<&'static str>);

/// Rules that cannot be read, with what the error must say.
fn bad_rules() -> Vec<Bad> {
    let window = "[[regime.windows]]\nchannels = [\"call\"]\ndays = [\"mon\"]\n";
    vec![
        (
            regime("[regime.hours]\nx = 1"),
            vec!["line 17", "regime TEST", "unknown field `hours`"],
        ),
        (
            regime(&format!(
                "{window}from = \"07:00\"\nto = \"19:00\"\nuntil = \"x\""
            )),
            vec!["line 22", "regime TEST", "unknown field `until`"],
        ),
        (
            regime("[regime.channel_ban]\nchannels = [\"pigeon\"]"),
            vec![
                "line 18",
                "regime TEST",
                "`pigeon` is not known here",
                "whatsapp",
            ],
        ),
        (
            regime(&format!("{window}from = \"19:00\"\nto = \"07:00\"")),
            vec!["line 17", "regime TEST", "not before"],
        ),
        (
            regime(&format!("{window}from = \"7h\"\nto = \"19:00\"")),
            vec!["regime TEST", "`7h` is no time of day"],
        ),
        (
            regime("[regime.holiday]\ncalendar = \"XX\"\nchannels = []\naction = \"block\""),
            vec!["regime TEST", "there is no [holidays.XX]"],
        ),
        (
            regime(
                "[[regime.caps]]\nid = \"C\"\nchannels = [\"call\"]\nmax = 0\nscope = \"debt\"\n\
                 window = { kind = \"calendar_day\" }\ncounts = \"attempt\"",
            ),
            vec!["regime TEST", "allows none"],
        ),
        (
            regime("[regime.exempt_messages]\nkinds = [\"gossip\"]"),
            vec!["regime TEST", "`gossip` is not known here"],
        ),
        (
            regime("[[regime.stops]]\nevent = \"x\"\neffect = \"maybe\""),
            vec!["regime TEST", "`maybe` is not known here"],
        ),
    ]
}

/// Rules that can be read and contradict each other, could never be met, or bind nobody.
fn contradictions() -> Vec<Bad> {
    let cap = "[[regime.caps]]\nid = \"C\"\nscope = \"debt\"\ncounts = \"attempt\"\n";
    let stop = "[[regime.stops]]\nevent = \"x\"\neffect = \"stop_all\"\n";
    let recipients = "[regime.recipients]\nallowed = [\"debtor\", \"relative\"]\n";
    let from = "effective_from = \"2020-01-01\"";
    vec![
        (
            regime("").replace(from, &format!("{from}\neffective_to = \"2019-12-31\"")),
            vec!["line 10", "regime TEST", "`effective_to` lies before"],
        ),
        (
            regime(&format!("{recipients}forbidden = [\"relative\"]")),
            vec![
                "line 17",
                "regime TEST",
                "`relative` is both allowed and forbidden",
            ],
        ),
        (
            regime("[regime.recipients]\nallowed = []"),
            vec!["regime TEST", "nobody is `allowed`"],
        ),
        (
            regime(&format!(
                "{cap}channels = [\"call\"]\nmax = 2\nmin_gap_hours = 49\n\
                 window = {{ kind = \"rolling_days\", n = 2 }}"
            )),
            vec!["line 17", "regime TEST", "49 hours in a stretch of 2 days"],
        ),
        (
            regime(&format!(
                "{cap}channels = []\nmax = 2\nwindow = {{ kind = \"calendar_day\" }}"
            )),
            vec!["regime TEST", "counts no channel"],
        ),
        (
            regime(
                "[[regime.windows]]\nchannels = [\"call\"]\ndays = []\nfrom = \"07:00\"\n\
                 to = \"08:00\"",
            ),
            vec!["line 17", "regime TEST", "names its `channels` and `days`"],
        ),
        (
            regime(&format!("{stop}{stop}")),
            vec!["line 20", "regime TEST", "`x` stops twice"],
        ),
        (
            regime("").replace(
                "debt = [\"consumer_credit\", \"consumer_goods_services\", \"trade_receivable\"]",
                "debt = []",
            ),
            vec!["regime TEST", "`applies.debt` is empty"],
        ),
        (
            regime("").replace(
                "country = \"*\"",
                "country = \"BR\"\nsubdivisions = [\"AR-C\"]",
            ),
            vec!["regime TEST", "`AR-C` is no subdivision of `BR`"],
        ),
        (
            regime("").replace("binding = \"law\"", "binding = \"company\""),
            vec!["regime TEST", "are no law"],
        ),
        (
            format!(
                "{}[[test]]\nid = \"t\"\nfacts = {{}}\nexpect = \"deny\"\n\
                 try = {{ at = \"2026-11-18T10:00\", channel = \"call\" }}\n",
                regime("")
            ),
            vec!["line 18", "names its rule in `deny_by`"],
        ),
    ]
}

#[test]
fn what_contradicts_itself_is_refused_with_its_place() {
    for (text, parts) in contradictions() {
        let error = refused(&text);
        for part in parts {
            assert!(error.contains(part), "`{part}` is missing in: {error}");
        }
    }
}

/// Files that cannot be read.
fn bad_files() -> Vec<Bad> {
    vec![
        (
            format!("{}{}", regime(""), &regime("")[HEAD.len()..]),
            vec!["TEST", "there twice"],
        ),
        (
            format!("{HEAD}country = \"MX\"\n"),
            vec!["line 4", "`zones`"],
        ),
        (
            format!("{HEAD}country = \"MX\"\nzones = [\"America/Nowhere\"]\n"),
            vec!["line 5", "`America/Nowhere` is no zone"],
        ),
        (
            format!("{HEAD}[holidays.MX]\nv = \"S\"\nrules = [\n{{ md = \"13-01\" }},\n]\n"),
            vec!["line 7", "`13-01` is no month and day"],
        ),
        (
            format!("{HEAD}[holidays.MX]\nv = \"S\"\nrules = [{{ name = \"x\" }}]\n"),
            vec!["line 6", "one of `md`"],
        ),
        (
            "schema = \"other\"\nversion = \"1\"\nas_of = \"2026-01-01\"".to_owned(),
            vec!["line 1", "schema"],
        ),
        (
            regime("").replace("article = \"Ley de prueba\"\n", ""),
            vec!["test.toml", "TEST", "missing field `article`"],
        ),
        (
            regime("").replace("\"any\"", "\"perhaps\""),
            vec!["line 16", "regime TEST", "`perhaps` is not known here"],
        ),
    ]
}

#[test]
fn what_is_not_understood_is_refused_with_its_place() {
    for (text, parts) in bad_rules().into_iter().chain(bad_files()) {
        let error = refused(&text);
        for part in parts {
            assert!(error.contains(part), "`{part}` is missing in: {error}");
        }
    }
}

#[test]
fn tables_that_only_inform_are_kept_as_they_stand() {
    let packs = Packs::embedded();
    let chile = packs.regimes().find(|regime| &*regime.id == "CL-LPC-37");
    let informs = &chile.expect("the Chilean law").informs;
    let names: Vec<&str> = informs.keys().copied().collect();
    assert_eq!(names, ["content", "duties", "fees", "records"]);
    assert_eq!(
        informs["fees"]["charge_after_days_late"].as_integer(),
        Some(20)
    );
}

#[test]
fn version_and_hash_follow_the_text_and_nothing_else() {
    let packs = Packs::embedded();
    assert_eq!(
        packs.version(),
        "ar-1 br-1 cl-1 co-1 cr-1 ec-1 es-1 generic-1 mx-1 overlays-1 pe-1 us-1 uy-1"
    );
    assert_eq!(packs.hash().len(), 64);
    let mut files = Packs::embedded_files().to_vec();
    files.reverse();
    let windows: Vec<(&str, String)> = files
        .iter()
        .map(|(name, text)| (*name, text.replace('\n', "\r\n")))
        .collect();
    let windows: Vec<(&str, &str)> = windows
        .iter()
        .map(|(name, text)| (*name, &**text))
        .collect();
    let same = Packs::parse(&windows).expect("the same packs");
    assert_eq!(same.hash(), packs.hash());
    let changed = files[0].1.replace("version = \"1\"", "version = \"2\"");
    files[0].1 = &changed;
    let other = Packs::parse(&files).expect("packs of another version");
    assert_ne!(other.hash(), packs.hash());
    assert_ne!(other.version(), packs.version());
}

#[test]
fn each_country_lists_its_zones() {
    let packs = Packs::embedded();
    let zones = |code: &str| packs.zones(Country::new(code).expect("two letters")).len();
    assert_eq!(
        (zones("MX"), zones("CL"), zones("CO"), zones("PE")),
        (12, 4, 1, 1)
    );
    // Known clocks make no pack.
    assert_eq!((zones("DE"), zones("ZZ")), (1, 0));
    let has = |code: &str| packs.has(Country::new(code).expect("two letters"));
    for own in [
        "MX", "CL", "CO", "PE", "BR", "AR", "EC", "UY", "CR", "US", "ES",
    ] {
        assert!(has(own), "{own}");
    }
    assert!(!has("DE"));
}

/// Rules of the shapes other countries use: counts by debt, silence after a conversation, opt-out,
/// attorneys.
const OTHER_SHAPES: &str = r#"
[[regime.caps]]
id = "T-3-IN-7"
channels = ["call", "voicebot"]
max = 3
window = { kind = "rolling_days", n = 7 }
scope = "debt"
counts = "attempt"
exclude_outcomes = ["not_connected"]
[[regime.caps]]
id = "T-TALK"
channels = ["visit"]
max = 1
window = { kind = "calendar_day" }
scope = "debtor_creditor"
counts = "conversation"
[[regime.cooldowns]]
id = "T-AFTER-TALK"
after = "conversation"
after_channels = ["call", "voicebot"]
blocks = ["call"]
days = 7
day_one_is_event_date = true
scope = "debt"
[regime.consent]
mode = "opt_out"
channels = ["email"]
[[regime.stops]]
event = "attorney_represented"
effect = "contact_attorney_only"
[[regime.stops]]
event = "bankruptcy"
effect = "stop_all"
"#;

/// (who, done before, tried, the reasons); CALLS stands for two calls made on the 12th and 13th.
const SHAPES: &[(&str, &str, &str, &str)] = &[
    (
        "US person",
        "CALLS, 11-14T10:00 call:attempt",
        "11-18T10:00 call",
        "T-3-IN-7",
    ),
    (
        "US person",
        "CALLS, 11-14T10:00 call:not_connected",
        "11-18T10:00 call",
        "",
    ),
    (
        "US person",
        "CALLS, 11-14T10:00 call:attempt:in",
        "11-18T10:00 call",
        "",
    ),
    (
        "US person",
        "CALLS, 11-14T10:00 call:attempt:debt=A",
        "11-18T10:00 call",
        "",
    ),
    // No debt named is one and the same debt, called X.
    (
        "US person",
        "CALLS, 11-14T10:00 call:attempt:debt=X",
        "11-18T10:00 call",
        "T-3-IN-7",
    ),
    (
        "US person",
        "CALLS, 11-14T10:00 call:attempt",
        "11-19T10:00 call",
        "",
    ),
    // A conversation, also the debtor's own, and its date is day one.
    (
        "US person",
        "11-09T10:00 call:conversation",
        "11-15T10:00 call",
        "T-AFTER-TALK",
    ),
    (
        "US person",
        "11-09T10:00 call:conversation",
        "11-16T10:00 call",
        "",
    ),
    (
        "US person",
        "11-10T10:00 voicebot:conversation:in",
        "11-12T10:00 call",
        "T-AFTER-TALK",
    ),
    (
        "US person",
        "11-10T10:00 call:conversation",
        "11-11T10:00 email",
        "",
    ),
    (
        "US person",
        "11-10T10:00 call:conversation:debt=A",
        "11-12T10:00 call debt=B",
        "",
    ),
    // Only conversations count where the rule says so.
    ("US person", "11-18T09:00 visit", "11-18T10:00 visit", ""),
    (
        "US person",
        "11-18T09:00 visit:conversation",
        "11-18T10:00 visit",
        "T-TALK",
    ),
    (
        "US person event=attorney_represented",
        "",
        "11-18T10:00 call",
        "TEST/stop",
    ),
    (
        "US person event=attorney_represented",
        "",
        "11-18T10:00 call attorney",
        "",
    ),
    (
        "US person event=attorney_represented event=bankruptcy",
        "",
        "11-18T10:00 call attorney",
        "TEST/stop",
    ),
    ("US person no-consent", "", "11-18T10:00 email", ""),
];

#[test]
fn shapes_of_other_countries_are_read_as_written() {
    let packs = Packs::parse(&[("t.toml", &regime(OTHER_SHAPES))]).expect("a pack");
    for (who, done, tried, expected) in SHAPES {
        let done = done.replace(
            "CALLS",
            "11-12T10:00 call:attempt, 11-13T10:00 call:attempt",
        );
        let verdict = may_contact(&packs, &facts(who), &history(&done), &attempt(tried));
        let found = verdict.reasons().collect::<Vec<_>>().join(" ");
        assert_eq!(found, *expected, "{who} | {done} | {tried}");
    }
    let mut refusing = facts("US person");
    refusing
        .consents
        .withdrawn
        .insert(domain::customer::Channel::Email);
    let verdict = may_contact(&packs, &refusing, &[], &attempt("11-18T10:00 email"));
    assert_eq!(verdict.reasons().collect::<Vec<_>>(), ["TEST/consent"]);
}

#[test]
fn a_regime_of_a_subdivision_needs_it_known_and_unknown_classes_count_as_covered() {
    let ban = "[regime.channel_ban]\nchannels = [\"call\"]";
    let text = regime(ban).replace(
        "[regime.applies]",
        "subdivisions = [\"US-CA\"]\n[regime.applies]",
    );
    let packs = Packs::parse(&[("t.toml", &text)]).expect("a pack");
    let denied =
        |who: &str| !may_contact(&packs, &facts(who), &[], &attempt("11-18T10:00 call")).allowed();
    assert!(denied("US person in=US-CA"));
    assert!(!denied("US person in=US-MA") && !denied("US person"));
    let consumers = regime(ban).replace("\"any\"", "\"required\"");
    let packs = Packs::parse(&[("t.toml", &consumers)]).expect("a pack");
    let denied =
        |who: &str| !may_contact(&packs, &facts(who), &[], &attempt("11-18T10:00 call")).allowed();
    assert!(denied("US") && denied("US person") && denied("US company final"));
    assert!(!denied("US company"));
}

const WHO: &[&str] = &[
    "CO person",
    "CL small",
    "MX person of-bank",
    "PE person with-house",
];

fn extra_rules() -> impl Strategy<Value = String> {
    let channel = prop::sample::select(domain::customer::Channel::ALL);
    (channel, 0..5u8, 0..23u8, 1..4u8).prop_map(|(channel, shape, hour, number)| match shape {
        0 => format!(
            "[[regime.windows]]\nchannels = [\"{channel}\"]\ndays = [\"mon\", \"wed\"]\n\
             from = \"{hour:02}:00\"\nto = \"{:02}:30\"",
            hour + 1
        ),
        1 => format!("[regime.channel_ban]\nchannels = [\"{channel}\"]"),
        2 => format!(
            "[[regime.caps]]\nid = \"EXTRA\"\nchannels = [\"{channel}\", \"email\"]\n\
             max = {number}\n\
             window = {{ kind = \"rolling_days\", n = 5 }}\nmin_gap_hours = {hour}\n\
             scope = \"debtor_creditor\"\ncounts = \"attempt\""
        ),
        3 => format!(
            "[regime.consent]\nmode = \"prior_express_per_channel\"\nchannels = [\"{channel}\"]"
        ),
        _ => "[regime.recipients]\nallowed = [\"debtor\", \"attorney\"]".to_owned(),
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    /// Whatever regime is added, nothing that was denied becomes allowed.
    #[test]
    fn one_more_regime_only_tightens(rules in extra_rules(), hour in 0..24u8, day in 10..28u8) {
        let text = regime(&rules);
        let mut files = Packs::embedded_files().to_vec();
        files.push(("extra.toml", &text));
        let tighter = Packs::parse(&files).expect("packs with one more");
        let done = history("11-11T10:00 email, 11-16T11:00 call:conversation, 11-17T09:00 sms");
        for who in WHO {
            for channel in domain::customer::Channel::ALL {
                for role in ["debtor", "ap_contact", "guarantor"] {
                    let tried: Attempt =
                        attempt(&format!("11-{day}T{hour:02}:15 {channel} {role}"));
                    let before = may_contact(Packs::embedded(), &facts(who), &done, &tried);
                    let after = may_contact(&tighter, &facts(who), &done, &tried);
                    for reason in before.reasons() {
                        prop_assert!(after.reasons().any(|other| other == reason));
                    }
                }
            }
        }
    }
}
