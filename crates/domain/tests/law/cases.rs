//! The veto on cases a bookkeeper can read: the packs' own, and the interactions that naive rules
//! get wrong. Reasons are compared whole, not only looked for.

use crate::words::{attempt, facts, history};
use domain::law::{Expected, Packs, may_contact};

#[test]
fn every_case_of_the_packs_holds() {
    let packs = Packs::embedded();
    assert_eq!(packs.failing_cases(), []);
    // Asked as `law check` does, on the law alone or with its overlays.
    for case in packs.tests() {
        let answer = case.scenario.check(packs).expect("the case can be asked");
        match case.expect.0 {
            Expected::Allow => assert_eq!(answer.reasons, [""; 0], "{}", answer.id),
            Expected::Deny => {
                let rule = case.deny_by.as_ref().expect("a denied case names its rule");
                assert!(
                    answer.reasons.contains(rule),
                    "{}: {:?}",
                    answer.id,
                    answer.reasons
                );
            }
        }
        assert_eq!(answer.allowed, answer.reasons.is_empty());
    }
    let house = ["UY-01", "UY-02", "CR-01", "CR-02"];
    let of_the_house = |id: &str| house.iter().any(|own| id.starts_with(own));
    let tests = packs.tests().iter();
    let researched = tests
        .filter(|case| !of_the_house(&case.scenario.id))
        .count();
    assert_eq!((researched, packs.tests().len()), (61, 65));
}

/// (who, done before, tried, the reasons it is denied by)
type Case = (&'static str, &'static str, &'static str, &'static str);

const COLOMBIA: &[Case] = &[
    // One channel a week, not one contact a week.
    (
        "CO person",
        "11-18T08:00 whatsapp",
        "11-19T08:00 email",
        "CO-ONE-CHANNEL-PER-WEEK",
    ),
    (
        "CO person",
        "11-18T08:00 whatsapp",
        "11-19T08:00 whatsapp",
        "",
    ),
    // The week is the seven dates that end today.
    (
        "CO person",
        "11-18T08:00 whatsapp",
        "11-24T08:00 email",
        "CO-ONE-CHANNEL-PER-WEEK",
    ),
    ("CO person", "11-18T08:00 whatsapp", "11-25T08:00 email", ""),
    // A machine's call and a person's are one family.
    ("CO person", "11-18T08:00 voicebot", "11-19T08:00 call", ""),
    // An unanswered call uses the day and binds the week.
    (
        "CO person",
        "11-18T08:00 call:not_connected",
        "11-18T09:00 call",
        "CO-1-PER-DAY",
    ),
    (
        "CO person",
        "11-18T08:00 call:not_connected",
        "11-19T09:00 sms",
        "CO-ONE-CHANNEL-PER-WEEK",
    ),
    (
        "CO person",
        "11-18T08:00 call:attempt",
        "11-18T09:00 sms",
        "CO-1-PER-DAY CO-ONE-CHANNEL-PER-WEEK",
    ),
    // What the debtor starts is never counted.
    (
        "CO person",
        "11-18T08:00 whatsapp:conversation:in",
        "11-18T09:00 email",
        "",
    ),
    // Monday of an Emiliani holiday bars every channel; the receipt of a payment passes, even at
    // night on a Sunday, but only where the channel was authorised.
    ("CO person", "", "11-16T10:00 email", "CO-LEY-2300/holiday"),
    ("CO person", "", "11-16T10:00 letter", "CO-LEY-2300/holiday"),
    (
        "CO person",
        "",
        "11-22T21:00 whatsapp kind=transaction_confirmation",
        "",
    ),
    (
        "CO person no-consent",
        "",
        "11-22T21:00 whatsapp kind=transaction_confirmation",
        "CO-LEY-2300/consent",
    ),
    (
        "CO person",
        "11-18T08:00 whatsapp",
        "11-18T21:00 email kind=info_requested_by_debtor",
        "",
    ),
    (
        "CO person",
        "",
        "11-22T21:00 whatsapp",
        "CO-LEY-2300/window",
    ),
    // Hours are half open, on Saturday shorter.
    ("CO person", "", "11-20T18:59:59 call", ""),
    ("CO person", "", "11-20T19:00 call", "CO-LEY-2300/window"),
    ("CO person", "", "11-21T14:59:59 call", ""),
    ("CO person", "", "11-21T15:00 call", "CO-LEY-2300/window"),
    // A letter has no hour but no Sunday either, and needs no consent.
    ("CO person no-consent", "", "11-21T23:30 letter", ""),
    (
        "CO person no-consent",
        "",
        "11-22T10:00 letter",
        "CO-LEY-2300/window",
    ),
    // Stock for resale is free; the same company's bank loan is not; nor is a sole trader's own.
    (
        "CO company",
        "11-18T08:00 email",
        "11-18T20:00 call ap_contact",
        "",
    ),
    (
        "CO company of-bank",
        "11-18T08:00 email",
        "11-18T20:00 call ap_contact",
        "CO-LEY-2300/window CO-1-PER-DAY CO-ONE-CHANNEL-PER-WEEK",
    ),
    (
        "CO company final",
        "",
        "11-18T20:00 call ap_contact",
        "CO-LEY-2300/window",
    ),
    // Visits are banned whatever was agreed, and that is said beside the rest.
    (
        "CO person",
        "",
        "11-18T10:00 visit",
        "CO-LEY-2300/channel_ban",
    ),
    // References never; a guarantor yes, by his own history.
    (
        "CO person",
        "",
        "11-18T10:00 call reference",
        "CO-LEY-2300/recipient",
    ),
    ("CO person", "", "11-18T10:00 call guarantor", ""),
    // Whom a person names for payables is a third party; whom a company names is the company.
    (
        "CO person",
        "",
        "11-18T10:00 call ap_contact",
        "CO-LEY-2300/recipient",
    ),
    // Before the law was in force.
    ("CO person", "", "2023-10-09T20:00 call", ""),
    (
        "CO person",
        "",
        "2023-10-10T20:00 call",
        "CO-LEY-2300/window",
    ),
];

const CHILE: &[Case] = &[
    // A visit eats the quota of calls; e-mail has its own.
    (
        "CL person",
        "11-17T10:00 visit",
        "11-20T10:00 call",
        "CL-1-CALL-OR-VISIT-PER-WEEK",
    ),
    ("CL person", "11-17T10:00 visit", "11-20T10:00 email", ""),
    // The 48 hours run across all that is written, to the minute.
    (
        "CL person",
        "11-16T10:00 letter",
        "11-18T09:59 email",
        "CL-2-WRITTEN-PER-WEEK/gap",
    ),
    ("CL person", "11-16T10:00 letter", "11-18T10:00 email", ""),
    // Both rules of a cap may fail at once, each named once.
    (
        "CL person",
        "11-16T10:00 email, 11-18T11:00 whatsapp",
        "11-20T10:00 sms",
        "CL-2-WRITTEN-PER-WEEK CL-2-WRITTEN-PER-WEEK/gap",
    ),
    // Friday and Monday are two calendar weeks and three days.
    (
        "CL person",
        "11-13T10:00 call",
        "11-16T10:00 call",
        "CL-1-CALL-OR-VISIT-PER-WEEK",
    ),
    (
        "CL person",
        "11-13T10:00 call",
        "11-19T10:00 call",
        "CL-1-CALL-OR-VISIT-PER-WEEK",
    ),
    ("CL person", "11-13T10:00 call", "11-20T10:00 call", ""),
    // A change of agency resets nothing.
    (
        "CL person by-agency",
        "11-17T10:00 call",
        "11-20T10:00 call",
        "CL-1-CALL-OR-VISIT-PER-WEEK",
    ),
    // A small firm is protected like a consumer, even as the buyer of stock; a large one is not.
    (
        "CL small",
        "11-17T10:00 call",
        "11-18T10:00 call ap_contact",
        "CL-1-CALL-OR-VISIT-PER-WEEK",
    ),
    (
        "CL small",
        "",
        "11-18T21:00 call ap_contact",
        "CL-LPC-37/window",
    ),
    (
        "CL company",
        "11-17T10:00 call",
        "11-18T21:00 call ap_contact",
        "",
    ),
    // Saint Peter moves from Tuesday to Monday; Saturday is open unless it is Holy.
    (
        "CL person",
        "",
        "2027-06-28T11:00 call",
        "CL-LPC-37/holiday",
    ),
    ("CL person", "", "2027-06-29T11:00 call", ""),
    (
        "CL person",
        "",
        "2026-04-04T11:00 call",
        "CL-LPC-37/holiday",
    ),
    ("CL person", "", "2026-04-11T11:00 call", ""),
    ("CL person", "", "2026-04-12T11:00 call", "CL-LPC-37/window"),
    // Written channels have no hours and no holidays.
    ("CL person", "", "2026-04-04T23:00 email", ""),
    // Arica keeps a day of its own.
    (
        "CL person in=CL-AP",
        "",
        "2027-06-07T11:00 call",
        "CL-LPC-37/holiday",
    ),
    ("CL person in=CL-RM", "", "2027-06-07T11:00 call", ""),
    ("CL person", "", "2027-06-07T11:00 call", ""),
    // Served or insolvent: nothing, in any form, not even what is exempt elsewhere.
    (
        "CL person event=lawsuit_served",
        "",
        "11-18T10:00 letter",
        "CL-LPC-37/stop",
    ),
    (
        "CL person event=insolvency_opened event=lawsuit_served",
        "",
        "11-18T10:00 email attorney",
        "CL-LPC-37/stop",
    ),
    ("CL person event=birthday", "", "11-18T10:00 email", ""),
];

const MEXICO: &[Case] = &[
    // The same invoice and debtor: supplier, then the lender who bought it.
    ("MX company", "", "11-23T06:30 email ap_contact", ""),
    (
        "MX company of-bank",
        "",
        "11-23T06:30 email ap_contact",
        "MX-CONDUSEF/window",
    ),
    ("MX company of-bank", "", "11-23T07:00 email ap_contact", ""),
    (
        "MX company of-bank",
        "",
        "11-23T22:00 email ap_contact",
        "MX-CONDUSEF/window",
    ),
    // Sundays and holidays are lawful; prudence says no.
    ("MX person of-bank", "", "11-22T10:00 call", ""),
    (
        "MX person of-bank with-policy",
        "",
        "11-22T10:00 call",
        "MX-POLICY/window",
    ),
    (
        "MX person of-bank with-policy",
        "",
        "11-16T10:00 call",
        "MX-POLICY/holiday",
    ),
    (
        "MX person of-bank with-policy",
        "11-23T09:00 call:not_connected, 11-23T10:00 voicebot, 11-23T11:00 call",
        "11-23T12:00 call",
        "MX-POLICY-3-CALLS-DAY",
    ),
    // An old man may be called as the debtor, not as the relative who picks up.
    ("MX person of-bank", "", "11-23T10:00 call debtor", ""),
    (
        "MX person of-bank",
        "",
        "11-23T10:00 call relative",
        "MX-CONDUSEF/recipient",
    ),
    // A telephone found elsewhere, and a public page.
    (
        "MX person of-bank",
        "",
        "11-23T10:00 call source=skip_trace",
        "MX-CONDUSEF/contact_point",
    ),
    (
        "MX person of-bank",
        "",
        "11-23T10:00 call source=public_record",
        "MX-CONDUSEF/contact_point",
    ),
    ("MX person", "", "11-23T10:00 call source=skip_trace", ""),
    // Platforms ask for an opt-in that the law does not.
    (
        "MX company with-policy no-consent",
        "",
        "11-23T10:00 whatsapp ap_contact",
        "WHATSAPP-PLATFORM/consent",
    ),
];

const PERU: &[Case] = &[
    // Written at any hour; calls and visits on working days.
    ("PE person", "", "11-21T11:00 whatsapp", ""),
    ("PE person", "", "11-21T11:00 call", "PE-CPDC-62/window"),
    ("PE person", "", "11-20T19:59 visit", ""),
    ("PE person", "", "11-20T20:00 visit", "PE-CPDC-62/window"),
    // A holiday on a Saturday fails twice.
    (
        "PE person",
        "",
        "2027-08-28T11:00 call",
        "PE-CPDC-62/window",
    ),
    (
        "PE person",
        "",
        "2025-06-07T11:00 call",
        "PE-CPDC-62/window PE-CPDC-62/holiday",
    ),
    // Twenty calls a day are lawful; only hours are ruled.
    (
        "PE person",
        "11-18T09:00 call, 11-18T10:00 call",
        "11-18T11:00 call",
        "",
    ),
    (
        "PE person event=open_complaint_public_service",
        "",
        "11-18T11:00 email",
        "PE-CPDC-62/stop",
    ),
    ("PE company", "", "11-21T23:00 call ap_contact", ""),
];

#[test]
fn interactions_that_naive_rules_get_wrong() {
    let packs = Packs::embedded();
    let mut wrong = Vec::new();
    for (who, done, tried, reasons) in [COLOMBIA, CHILE, MEXICO, PERU].concat() {
        let verdict = may_contact(packs, &facts(who), &history(done), &attempt(tried));
        let found = verdict.reasons().collect::<Vec<_>>().join(" ");
        if found != reasons {
            wrong.push(format!(
                "{who} | {done} | {tried}: `{found}`, not `{reasons}`"
            ));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn a_verdict_says_which_rule_where_it_stands_and_why() {
    let verdict = may_contact(
        Packs::embedded(),
        &facts("CO person"),
        &history("11-21T08:00 call"),
        &attempt("11-21T15:00 whatsapp"),
    );
    let shown: Vec<String> = verdict
        .failures
        .iter()
        .map(|rule| format!("{} [{}] {}", rule.id, rule.tier, rule.article))
        .collect();
    assert_eq!(
        shown,
        [
            "CO-LEY-2300/window [S] Ley 2300 de 2023, art. 3",
            "CO-1-PER-DAY [S] Ley 2300 de 2023, art. 3",
            "CO-ONE-CHANNEL-PER-WEEK [S] Ley 2300 de 2023, art. 3",
        ]
    );
    assert_eq!(
        verdict.failures[0].sentence,
        "Fuera del horario permitido para WhatsApp: lunes a viernes de 07:00 a 19:00; sábado de \
         08:00 a 15:00 (hora del cliente)."
    );
    assert_eq!(
        verdict.failures[2].sentence,
        "En los últimos 7 días ya se usó otro medio y solo se permite uno."
    );
    let regimes: Vec<&str> = verdict.regimes.iter().map(|id| &**id).collect();
    assert_eq!(regimes, ["CO-LEY-2300", "CO-LEY-1266-REPORT"]);
}
