//! What a company asks of itself: it can deny and never allow, whatever it says.

use crate::words::{attempt, facts, history};
use domain::customer::Channel;
use domain::law::{Packs, is_own, may_contact};
use proptest::prelude::*;

pub const OWN: &str = r#"
schema = "compliance-pack/0.1"
version = "1"
as_of = "2026-11-21"
[[regime]]
id = "NUESTRA-CALMA"
article = "Decisión del directorio del 2 de noviembre de 2026"
country = "*"
binding = "company"
effective_from = "2026-01-01"
v = "P"
[regime.applies]
debtor = ["natural_consumer", "natural_business", "micro_small_company", "company"]
debt = ["consumer_credit", "consumer_goods_services", "trade_receivable"]
creditor = ["supervised_financial", "commercial_lender", "supplier", "debt_buyer"]
actor = ["first_party", "third_party_agency"]
final_consumer = "any"
"#;

const LUNCH: &str = r#"
[[regime.windows]]
channels = ["call", "email"]
days = ["mon", "tue", "wed", "thu", "fri"]
from = "09:00"
to = "13:00"
[[test]]
id = "no calls after lunch"
facts.country = "CL"
facts.debtor = "company"
facts.debt = "trade_receivable"
facts.creditor = "supplier"
facts.actor = "first_party"
facts.final_consumer = false
try = { at = "2026-11-18T15:00", channel = "call", role = "ap_contact" }
expect = "deny"
deny_by = "NUESTRA-CALMA/window"
"#;

fn tightened(rules: &str) -> Packs {
    let text = format!("{OWN}{rules}");
    Packs::embedded()
        .tightened(&[("calma.toml", &text)])
        .expect("rules of a company")
}

#[test]
fn a_company_asks_more_of_itself_and_the_law_check_stays_as_it_is() {
    let packs = tightened(LUNCH);
    assert_eq!(packs.failing_cases(), []);
    assert!(is_own(&format!("{OWN}{LUNCH}")));
    let ask = |packs: &Packs, who: &str| {
        let verdict = may_contact(
            packs,
            &facts(who),
            &[],
            &attempt("11-18T15:00 call ap_contact"),
        );
        verdict.reasons().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(ask(Packs::embedded(), "CL company with-house"), "");
    assert_eq!(ask(&packs, "CL company with-house"), "NUESTRA-CALMA/window");
    assert_eq!(ask(&packs, "CL company"), "", "the law alone");
    assert_eq!(ask(&packs, "CL company with-policy"), "");
    // Proofs tell them apart.
    assert_ne!(packs.hash(), Packs::embedded().hash());
    assert_eq!(
        packs.version(),
        format!("{} calma-1", Packs::embedded().version())
    );
    let last = packs.files().last().expect("files");
    assert_eq!((&*last.name, &*last.version), ("calma", "1"));
}

#[test]
fn a_case_of_its_own_that_fails_is_told_with_its_place() {
    let wrong = LUNCH.replace("T15:00", "T12:59");
    let failing = tightened(&wrong).failing_cases();
    let text: Vec<String> = failing.iter().map(ToString::to_string).collect();
    assert_eq!(
        text,
        [
            "calma.toml, line 24: case `no calls after lunch`: should be denied by \
          NUESTRA-CALMA/window, is allowed"
        ]
    );
}

#[test]
fn what_would_change_the_law_itself_is_refused() {
    let law = OWN.replace("\"company\"\neffective", "\"law\"\neffective");
    let head = "as_of = \"2026-11-21\"\n";
    let country = format!("{head}country = \"BO\"\nzones = [\"America/La_Paz\"]\n");
    let zones = format!("{head}[zones_of]\nBO = [\"America/La_Paz\"]\n");
    let feast = format!("{OWN}[holidays.BO]\nv = \"P\"\nrules = [{{ md = \"08-06\" }}]\n");
    let same_id = OWN.replace("NUESTRA-CALMA", "CL-LPC-37");
    for (text, name, part) in [
        (law, "calma.toml", "have `binding = \"company\"`"),
        (
            OWN.replace(head, &country),
            "calma.toml",
            "no country's pack",
        ),
        (OWN.replace(head, &zones), "calma.toml", "name no zones"),
        (feast, "calma.toml", "a longer name"),
        (same_id, "calma.toml", "regime `CL-LPC-37` is there twice"),
        (OWN.to_owned(), "cl.toml", "another file has this name"),
        (
            head.replace("as_of", "x"),
            "calma.toml",
            "unknown field `x`",
        ),
    ] {
        let done = Packs::embedded().tightened(&[(name, &text)]);
        let error = done.map(drop).expect_err("it is refused").to_string();
        assert!(error.contains(part), "`{part}` is missing in: {error}");
    }
}

#[test]
fn a_company_may_keep_days_of_its_own() {
    let rules = r#"
[regime.holiday]
calendar = "ANIVERSARIO"
channels = ["call", "email"]
action = "block"
[holidays.ANIVERSARIO]
v = "P"
rules = [{ md = "11-18" }]
"#;
    let packs = tightened(rules);
    let ask = |day: &str| {
        let tried = attempt(&format!("{day}T10:00 email ap_contact"));
        may_contact(&packs, &facts("MX company with-house"), &[], &tried).allowed()
    };
    assert!(!ask("11-18") && ask("11-19"));
}

fn rules() -> impl Strategy<Value = String> {
    let channel = prop::sample::select(Channel::ALL);
    (channel, 0..6u8, 0..23u8, 1..4u8).prop_map(|(channel, shape, hour, number)| match shape {
        0 => format!(
            "[[regime.windows]]\nchannels = [\"{channel}\"]\ndays = [\"tue\", \"sun\"]\n\
             from = \"{hour:02}:00\"\nto = \"24:00\""
        ),
        1 => format!("[regime.channel_ban]\nchannels = [\"{channel}\"]"),
        2 => format!(
            "[[regime.caps]]\nid = \"OWN-CAP\"\nchannels = [\"{channel}\", \"email\"]\n\
             max = {number}\nwindow = {{ kind = \"rolling_days\", n = 5 }}\n\
             min_gap_hours = {hour}\nscope = \"debtor_creditor\"\ncounts = \"attempt\""
        ),
        3 => "[regime.exempt_messages]\nkinds = [\"collection\"]".to_owned(),
        4 => format!("[regime.consent]\nmode = \"opt_out\"\nchannels = [\"{channel}\"]"),
        _ => "[regime.recipients]\nallowed = [\"debtor\", \"relative\"]".to_owned(),
    })
}

const WHO: &[&str] = &[
    "CO person with-house",
    "CL small with-house",
    "MX person of-bank with-house",
    "US person by-agency with-house",
    "EC person with-house",
    "DE person with-house",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 80, ..ProptestConfig::default() })]

    /// Whatever a company writes, every reason the law had stays.
    #[test]
    fn tightening_never_allows_more(rules in rules(), hour in 0..24u8, day in 10..28u8) {
        let packs = tightened(&rules);
        let done = history("11-11T10:00 email, 11-16T11:00 call:conversation, 11-17T09:00 sms");
        for who in WHO {
            for channel in Channel::ALL {
                for role in ["debtor", "ap_contact", "relative"] {
                    let tried = attempt(&format!("11-{day}T{hour:02}:15 {channel} {role}"));
                    let before = may_contact(Packs::embedded(), &facts(who), &done, &tried);
                    let after = may_contact(&packs, &facts(who), &done, &tried);
                    for reason in before.reasons() {
                        prop_assert!(after.reasons().any(|other| other == reason));
                    }
                    prop_assert!(before.flags.iter().all(|flag| after.flags.contains(flag)));
                }
            }
        }
    }

}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Files may come in any order and under any name: the same rules deny.
    #[test]
    fn the_order_of_packs_does_not_matter(
        order in Just((0..Packs::embedded_files().len()).collect::<Vec<_>>()).prop_shuffle(),
        hour in 0..24u8,
        day in 10..28u8,
    ) {
        let files = Packs::embedded_files();
        let named: Vec<(String, &str)> = order
            .iter()
            .enumerate()
            .map(|(place, index)| (format!("{place:02}.toml"), files[*index].1))
            .collect();
        let named: Vec<(&str, &str)> = named.iter().map(|(name, text)| (&**name, *text)).collect();
        let packs = Packs::parse(&named).expect("the same packs");
        let done = history("11-11T10:00 email, 11-16T11:00 call:conversation, 11-17T09:00 sms");
        for who in WHO {
            for channel in Channel::ALL {
                let tried = attempt(&format!("11-{day}T{hour:02}:15 {channel}"));
                let sorted = |packs: &Packs| {
                    let verdict = may_contact(packs, &facts(who), &done, &tried);
                    let mut reasons: Vec<String> = verdict.reasons().map(str::to_owned).collect();
                    reasons.sort_unstable();
                    reasons
                };
                prop_assert_eq!(sorted(&packs), sorted(Packs::embedded()));
            }
        }
    }
}

/// Every window of every pack: its first second is inside, its last minute's last second too, and
/// the second at which it ends is outside, unless another span of the day begins there.
#[test]
fn every_window_is_half_open() {
    let mut seen = 0;
    for (who, channel, role, day, from, to) in [
        (
            "MX person of-bank",
            "email",
            "debtor",
            "11-22",
            "07:00",
            "22:00",
        ),
        ("CL person", "visit", "debtor", "11-21", "08:00", "20:00"),
        ("CO person", "sms", "debtor", "11-20", "07:00", "19:00"),
        ("CO person", "sms", "debtor", "11-21", "08:00", "15:00"),
        ("PE person", "call", "debtor", "11-20", "07:00", "20:00"),
        (
            "BR person in=BR-SP",
            "call",
            "debtor",
            "11-18",
            "08:00",
            "20:00",
        ),
        (
            "BR person in=BR-SP",
            "voicebot",
            "debtor",
            "11-21",
            "08:00",
            "14:00",
        ),
        (
            "BR person in=BR-RJ",
            "call",
            "debtor",
            "11-18",
            "09:00",
            "19:00",
        ),
        (
            "BR person in=BR-AL",
            "whatsapp",
            "debtor",
            "11-18",
            "08:00",
            "20:00",
        ),
        (
            "BR person in=BR-AM",
            "call",
            "debtor",
            "11-18",
            "08:00",
            "19:00",
        ),
        ("EC person", "push", "debtor", "11-18", "07:00", "20:00"),
        ("CR person", "call", "debtor", "11-18", "08:00", "19:00"),
        (
            "UY person of-bank",
            "call",
            "debtor",
            "11-18",
            "09:00",
            "20:00",
        ),
        (
            "US person by-agency",
            "email",
            "debtor",
            "11-22",
            "08:00",
            "21:00",
        ),
        (
            "US person in=US-CA",
            "sms",
            "debtor",
            "11-22",
            "08:00",
            "21:00",
        ),
        (
            "US person in=US-MA",
            "visit",
            "debtor",
            "11-22",
            "08:00",
            "21:00",
        ),
    ] {
        let mut facts = facts(who);
        // Of consumer credit where only that is covered.
        if who.contains("of-bank") {
            facts.debt = Some(domain::company::DebtClass::ConsumerCredit);
        }
        let open = |time: &str, seconds: i64| {
            let mut tried = attempt(&format!("{day}T{time} {channel} {role}"));
            let domain::law::At::Civil(at) = tried.at else {
                unreachable!("words are civil")
            };
            let moved = at.checked_add(jiff::SignedDuration::from_secs(seconds));
            tried.at = moved.expect("a time").into();
            let verdict = may_contact(Packs::embedded(), &facts, &[], &tried);
            let mut reasons = verdict.reasons();
            !reasons.any(|reason| reason.ends_with("/window"))
        };
        assert!(!open(from, -1) && open(from, 0), "{who} {channel} {from}");
        assert!(open(to, -1) && !open(to, 0), "{who} {channel} {to}");
        seen += 1;
    }
    assert_eq!(seen, 16);
}
