//! Where the debtor may be: candidate zones, clock changes, countries without a pack.

use crate::words::{attempt, facts};
use domain::law::{At, Flag, Packs, may_contact};

/// Someone in the zones given, tried at an instant.
fn at_instant(who: &str, zones: &[&str], instant: &str, how: &str) -> String {
    let mut facts = facts(who);
    facts.zones = zones
        .iter()
        .map(|name| domain::calendar::zone(name).expect("a zone of the database"))
        .collect();
    let mut attempt = attempt(&format!("11-18T10:00 {how}"));
    attempt.at = At::Instant(instant.parse().expect("an instant"));
    let verdict = may_contact(Packs::embedded(), &facts, &[], &attempt);
    verdict.reasons().collect::<Vec<_>>().join(" ")
}

#[test]
fn every_candidate_zone_must_allow() {
    let person = "MX person of-bank";
    let at = |zones: &[&str], instant| at_instant(person, zones, instant, "call");
    // 13:30 UTC is 07:30 in Mexico City and 05:30 in Tijuana.
    let early = "2026-11-18T13:30:00Z";
    assert_eq!(at(&["America/Mexico_City"], early), "");
    assert_eq!(at(&["America/Tijuana"], early), "MX-CONDUSEF/window");
    let both = ["America/Mexico_City", "America/Tijuana"];
    assert_eq!(at(&both, early), "MX-CONDUSEF/window");
    // No zone on record: all of the country's, Tijuana to Cancún.
    assert_eq!(at(&[], early), "MX-CONDUSEF/window");
    assert_eq!(at(&[], "2026-11-18T15:00:00Z"), "");
    assert_eq!(at(&[], "2026-11-19T03:00:00Z"), "MX-CONDUSEF/window");
    // Already Good Friday on the mainland, still Thursday on Easter Island.
    let holiday = at_instant("CL person", &[], "2026-04-03T04:30:00Z", "call");
    assert_eq!(holiday, "CL-LPC-37/window CL-LPC-37/holiday");
}

#[test]
fn the_border_keeps_its_own_clock_changes() {
    // 14:30 UTC in Tijuana: 06:30 in winter, 07:30 in summer.
    let at = |instant| at_instant("MX person of-bank", &["America/Tijuana"], instant, "email");
    assert_eq!(at("2026-03-07T14:30:00Z"), "MX-CONDUSEF/window");
    assert_eq!(at("2026-03-08T14:30:00Z"), "");
}

#[test]
fn without_a_pack_the_house_is_cautious_and_says_so() {
    let packs = Packs::embedded();
    let ask = |who: &str, tried: &str| {
        let verdict = may_contact(packs, &facts(who), &[], &attempt(tried));
        assert_eq!(verdict.flags, [Flag::GenericPack]);
        verdict.reasons().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        ask("DE person with-house no-consent", "11-18T10:00 email"),
        ""
    );
    assert_eq!(
        ask("DE person with-house no-consent", "11-18T10:00 letter"),
        ""
    );
    let sms = ask("DE person with-house no-consent", "11-18T10:00 sms");
    assert_eq!(sms, "GENERIC/consent");
    assert_eq!(ask("DE person with-house", "11-18T10:00 sms"), "");
    assert_eq!(
        ask("DE person with-house", "11-18T18:00 email"),
        "GENERIC/window"
    );
    assert_eq!(
        ask("DE person with-house", "11-21T10:00 email"),
        "GENERIC/window"
    );
    let bought = ask(
        "DE person with-house",
        "11-18T10:00 email source=skip_trace",
    );
    assert_eq!(bought, "GENERIC/contact_point");
    // The law alone does not know Germany, and the house's rules stay out of it.
    let law = may_contact(packs, &facts("DE person"), &[], &attempt("11-21T03:00 sms"));
    assert!(law.allowed() && law.flags.is_empty());
}

#[test]
fn who_asks_to_be_left_alone_is_left_alone_on_that_channel() {
    let packs = Packs::embedded();
    let mut facts = facts("PE company with-house");
    facts
        .consents
        .withdrawn
        .insert(domain::customer::Channel::Email);
    let ask = |tried: &str| may_contact(packs, &facts, &[], &attempt(tried));
    let email: Vec<_> = ask("11-18T10:00 email ap_contact").failures;
    assert_eq!(email.len(), 1);
    assert_eq!(email[0].id, "HOUSE-OPT-OUT/consent");
    assert!(ask("11-18T10:00 call ap_contact").allowed());
}
