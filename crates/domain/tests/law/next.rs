//! The next lawful instant: cases by hand, and the search against every quarter of an hour.

use crate::words::{attempt, facts, history};
use domain::calendar::zone;
use domain::law::{
    At, Attempt, Facts, Layers, MessageKind, Outcome, Packs, PastAttempt, may_contact, next_allowed,
};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

fn zones(names: &[&str]) -> Vec<TimeZone> {
    names
        .iter()
        .map(|name| zone(name).expect("a zone of the database"))
        .collect()
}

fn instant(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

fn days(count: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * count)
}

/// (who, done before, tried, first lawful civil time within a month)
const CIVIL: &[(&str, &str, &str, &str)] = &[
    (
        "CO person",
        "",
        "11-18T10:00 whatsapp",
        "2026-11-18T10:00:00",
    ),
    // Saturday at three: Sunday is barred, Monday opens at seven.
    (
        "CO person",
        "",
        "11-21T15:00 whatsapp",
        "2026-11-23T07:00:00",
    ),
    // The same before a Monday that is a holiday.
    (
        "CO person",
        "",
        "11-14T15:00 whatsapp",
        "2026-11-17T07:00:00",
    ),
    // One a day: tomorrow's opening. One channel a week: the eighth date.
    (
        "CO person",
        "11-18T08:00 email",
        "11-18T09:00 email",
        "2026-11-19T07:00:00",
    ),
    (
        "CO person",
        "11-18T08:00 email",
        "11-18T09:00 sms",
        "2026-11-25T07:00:00",
    ),
    // 48 hours to the minute; the third of a week when the first leaves it, at midnight.
    (
        "CL person",
        "11-16T10:07 email",
        "11-17T09:00 sms",
        "2026-11-18T10:07:00",
    ),
    (
        "CL person",
        "11-16T10:00 email, 11-18T11:00 email",
        "11-20T12:00 email",
        "2026-11-23T00:00:00",
    ),
    // A call a week from Friday: next Friday.
    (
        "CL person",
        "11-13T10:00 call",
        "11-16T10:00 call",
        "2026-11-20T08:00:00",
    ),
    // Over Easter, Thursday night to Monday morning.
    (
        "CL person",
        "",
        "2026-04-02T20:00 call",
        "2026-04-06T08:00:00",
    ),
    (
        "PE person",
        "",
        "2026-12-07T20:00 visit",
        "2026-12-10T07:00:00",
    ),
    // What time does not heal.
    ("CO person no-consent", "", "11-21T15:00 whatsapp", "never"),
    ("CO person", "", "11-18T10:00 visit", "never"),
    ("CO person", "", "11-18T10:00 call reference", "never"),
    (
        "CL person event=lawsuit_served",
        "",
        "11-18T10:00 email",
        "never",
    ),
];

#[test]
fn the_next_lawful_civil_time() {
    let packs = Packs::embedded();
    for (who, done, tried, expected) in CIVIL {
        let (facts, attempt) = (facts(who), attempt(tried));
        let At::Civil(at) = attempt.at else {
            panic!("the cases are civil")
        };
        let until = at.checked_add(days(31)).expect("in range");
        let found = packs
            .applicable(&facts)
            .next_allowed_civil(&history(done), &attempt, until)
            .map_or("never".to_owned(), |next: DateTime| next.to_string());
        assert_eq!(found, *expected, "{who} | {done} | {tried}");
    }
}

fn next_instant(who: &str, names: &[&str], tried: &str, at: &str) -> Option<Timestamp> {
    let mut facts = facts(who);
    facts.zones = zones(names);
    let mut attempt = attempt(&format!("11-18T10:00 {tried}"));
    let from = instant(at);
    attempt.at = At::Instant(from);
    next_allowed(Packs::embedded(), &facts, &[], &attempt, from + days(31))
}

#[test]
fn hours_are_scheduled_on_the_clock_not_by_adding_days() {
    let next = |who, names: &[&str], tried, at| next_instant(who, names, tried, at);
    // Tijuana, evening before the clock is set forward: seven in summer time.
    let tijuana = ["America/Tijuana"];
    assert_eq!(
        next(
            "MX person of-bank",
            &tijuana,
            "email",
            "2026-03-08T06:30:00Z"
        ),
        Some(instant("2026-03-08T14:00:00Z"))
    );
    // Before it is set back: seven in winter time.
    assert_eq!(
        next(
            "MX person of-bank",
            &tijuana,
            "email",
            "2026-11-01T05:30:00Z"
        ),
        Some(instant("2026-11-01T15:00:00Z"))
    );
    // Santiago, Saturday night 4 April 2026, clock set back at midnight; Sunday is closed.
    let santiago = ["America/Santiago"];
    assert_eq!(
        next("CL person", &santiago, "call", "2026-04-05T00:00:00Z"),
        Some(instant("2026-04-06T12:00:00Z"))
    );
    // Set forward at midnight of 6 September: that midnight does not exist.
    assert_eq!(
        next("CL person", &santiago, "call", "2026-09-06T00:00:00Z"),
        Some(instant("2026-09-07T11:00:00Z"))
    );
    // Unknown zone: when the last zone of the country has opened.
    assert_eq!(
        next("CL person", &[], "call", "2026-11-18T04:00:00Z"),
        Some(instant("2026-11-18T13:00:00Z"))
    );
    // No zone and none of the country: never, rather than at a bad hour.
    assert_eq!(
        next("ZZ person with-house", &[], "email", "2026-11-18T14:00:00Z"),
        None
    );
}

#[test]
fn it_ends_with_the_last_instant_asked_for() {
    let (facts, mut attempt) = (facts("CO person"), attempt("11-18T10:00 email"));
    let opening = instant("2026-11-18T12:00:00Z");
    attempt.at = At::Instant(opening - SignedDuration::from_hours(3));
    let packs = Packs::embedded();
    assert_eq!(
        next_allowed(packs, &facts, &[], &attempt, opening),
        Some(opening)
    );
    let before = opening - SignedDuration::from_secs(1);
    assert_eq!(next_allowed(packs, &facts, &[], &attempt, before), None);
}

const WHO: &[&str] = &[
    "CO person",
    "CO company of-bank",
    "CL person",
    "CL small",
    "MX person of-bank",
    "MX person with-policy",
    "MX company with-house",
    "PE person",
    "PE person with-house",
    "DE company with-house",
];

const ZONES: &[&str] = &[
    "America/Tijuana",
    "America/Mexico_City",
    "America/Cancun",
    "America/Santiago",
    "Pacific/Easter",
    "America/Bogota",
    "Europe/Madrid",
];

/// Instants around the clock changes of Tijuana and Santiago and some holidays.
const STARTS: &[&str] = &[
    "2026-03-05T00:00:00Z",
    "2026-04-01T00:00:00Z",
    "2026-09-03T00:00:00Z",
    "2026-10-30T00:00:00Z",
    "2026-11-13T00:00:00Z",
    "2026-12-24T00:00:00Z",
];

fn outcomes() -> impl Strategy<Value = Outcome> {
    prop::sample::select(Outcome::ALL)
}

fn channels() -> impl Strategy<Value = domain::customer::Channel> {
    prop::sample::select(domain::customer::Channel::ALL)
}

prop_compose! {
    fn questions()(
        who in prop::sample::select(WHO),
        in_zones in prop::collection::vec(prop::sample::select(ZONES), 1..4),
        start in prop::sample::select(STARTS),
        minutes in 0i64..4 * 24 * 60,
        channel in channels(),
        kind in prop::sample::select(MessageKind::ALL),
        past in prop::collection::vec(
            (channels(), outcomes(), any::<bool>(), -9 * 24 * 60i64..24 * 60),
            0..4,
        ),
    ) -> (Facts, Attempt, Vec<PastAttempt>) {
        let at = instant(start) + SignedDuration::from_mins(minutes);
        let mut facts = facts(who);
        facts.zones = zones(&in_zones);
        let mut attempt = attempt("11-18T10:00 email");
        attempt.at = At::Instant(at);
        attempt.channel = channel;
        attempt.kind = kind;
        let history = past
            .into_iter()
            .map(|(channel, outcome, incoming, minutes)| PastAttempt {
                at: At::Instant(at + SignedDuration::from_mins(minutes)),
                channel,
                outcome,
                incoming,
                debt: None,
            })
            .collect();
        (facts, attempt, history)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// What is found is allowed; nothing before it is, on a grid of quarters of an hour.
    #[test]
    fn next_is_allowed_and_nothing_before_it_is((facts, attempt, history) in questions()) {
        let packs = Packs::embedded();
        let At::Instant(from) = attempt.at else { unreachable!("made of an instant") };
        let until = from + days(9);
        let applicable = packs.applicable(&facts);
        let allowed = |at: Timestamp| {
            let tried = Attempt { at: At::Instant(at), ..attempt.clone() };
            applicable.verdict(&history, &tried).allowed()
        };
        let found = next_allowed(packs, &facts, &history, &attempt, until);
        if let Some(found) = found {
            prop_assert!(found >= from && found <= until);
            prop_assert!(allowed(found));
            let just_before = found - SignedDuration::from_secs(1);
            prop_assert!(just_before < from || !allowed(just_before));
        }
        let end = found.unwrap_or(until);
        let mut at = from;
        while at < end {
            prop_assert!(!allowed(at), "{at} is allowed, yet {found:?} was found");
            at += SignedDuration::from_mins(15);
        }
    }

    /// Hours and holidays do not care in which order the candidate zones are named.
    #[test]
    fn the_order_of_candidate_zones_does_not_matter((facts, attempt, _) in questions()) {
        let packs = Packs::embedded();
        let mut turned = facts.clone();
        turned.zones.reverse();
        let ask = |facts: &Facts| may_contact(packs, facts, &[], &attempt).failures;
        prop_assert_eq!(ask(&facts), ask(&turned));
    }

    /// One more layer never allows more.
    #[test]
    fn a_layer_only_tightens((mut facts, attempt, history) in questions()) {
        let packs = Packs::embedded();
        let mut before: Vec<String> = Vec::new();
        for layers in [Layers::LAW, Layers::LAW_AND_POLICY, Layers::ALL] {
            facts.layers = layers;
            let verdict = may_contact(packs, &facts, &history, &attempt);
            let reasons: Vec<String> = verdict.reasons().map(str::to_owned).collect();
            prop_assert!(before.iter().all(|reason| reasons.contains(reason)));
            before = reasons;
        }
    }
}
