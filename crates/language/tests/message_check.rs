//! Good texts and bad ones, under the law of each country; and the notice that says what is asked.

use std::collections::BTreeSet;

use domain::company::{Actor, CreditorClass, DebtClass};
use domain::customer::{Channel, Country, DebtorClass};
use domain::law::{Consents, Facts, Layers, MessageKind, Packs, Statement};
use jiff::civil::{Date, date};
use language::message::MessageContext;
use language::message_check::notice::{self, sentences};
use language::message_check::{Finding, Known, Message, Part, check};
use language::templates::{KEYS, Templates};

const DAY: Date = date(2026, 11, 23);

fn facts(country: &str, debtor: Option<DebtorClass>, creditor: Option<CreditorClass>) -> Facts {
    let is_person = debtor.map(DebtorClass::is_person);
    Facts {
        country: Country::new(country),
        subdivision: None,
        zones: Vec::new(),
        debtor,
        debt: is_person.map(|it| {
            if it {
                DebtClass::ConsumerGoodsServices
            } else {
                DebtClass::TradeReceivable
            }
        }),
        creditor,
        actor: Some(Actor::FirstParty),
        final_consumer: is_person,
        consents: Consents::default(),
        events: Vec::new(),
        layers: Layers::ALL,
    }
}

/// What a text alone may not say, as `check-message` asks with a language only.
fn judged(country: &str, text: &str) -> Vec<Finding> {
    let facts = facts(country, None, None);
    let law = Packs::embedded().applicable(&facts);
    let mut asked = law.content(DAY, MessageKind::Collection);
    asked.required.clear();
    let message = Message {
        channel: Channel::Whatsapp,
        subject: "",
        preview: "",
        text,
        html: None,
    };
    check(&message, &asked, &law.fees(DAY), &Known::default())
}

/// A table of texts: country, the last word of a rule that must be among the reasons (empty when
/// the text may leave), text.
const TEXTS: &str = include_str!("messages.txt");

/// The rows of the table, with letters that are written by their number.
fn texts() -> Vec<(&'static str, &'static str, String)> {
    let rows = TEXTS
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let row = |line: &'static str| {
        let mut cells = line.splitn(3, '|').map(str::trim);
        let mut cell = || cells.next().expect("three cells");
        let (country, expected, text) = (cell(), cell(), cell());
        let text = text
            .replace("\\u{301}", "\u{301}")
            .replace("\\u{ad}", "\u{ad}");
        (country, expected, text)
    };
    rows.map(row).collect()
}

#[test]
fn good_texts_leave_and_bad_ones_are_named() {
    let packs = Packs::embedded();
    let texts = texts();
    assert!(texts.len() >= 60);
    let mut wrong = Vec::new();
    for (country, expected, text) in &texts {
        let found = judged(country, text);
        let ids: Vec<&str> = found.iter().map(|it| it.rule.id.as_str()).collect();
        let has_pack = Country::new(country).is_none_or(|it| packs.has(it));
        let right = if expected.is_empty() {
            ids.is_empty()
        } else if has_pack {
            ids.iter().any(|id| id.ends_with(expected))
        } else {
            !ids.is_empty()
        };
        if !right {
            wrong.push(format!("{country} «{text}»: {ids:?}, not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_finding_says_where_and_why() {
    let found = judged("CL", "Señora: habrá un juicio.");
    let finding = found.first().expect("a finding");
    assert_eq!(
        finding.rule.sentence,
        "Se refiere a un juicio, a un tribunal o a sus documentos: ahí no se permite."
    );
    assert!(
        finding.rule.article.contains("19.496"),
        "{}",
        finding.rule.article
    );
    let span = finding.spans.first().expect("a place");
    assert_eq!((span.part, span.chars.clone()), (Part::Text, 17..23));
}

#[test]
fn the_outside_of_a_message_says_nothing_of_money() {
    let facts = facts(
        "MX",
        Some(DebtorClass::Company),
        Some(CreditorClass::Supplier),
    );
    let law = Packs::embedded().applicable(&facts);
    let asked = law.content(DAY, MessageKind::Collection);
    for (subject, names, quiet) in [
        (
            "Información de su cuenta con Aceros del Valle",
            vec![],
            true,
        ),
        (
            "Su cuenta con Cobros y Pagos 24, S. A.",
            vec!["Cobros y Pagos 24, S. A."],
            true,
        ),
        ("Factura vencida", vec![], false),
        ("Pago pendiente", vec![], false),
        ("Su adeudo de $1,500.00", vec![], false),
        ("Aviso 1500", vec![], false),
        ("Dívida em atraso", vec![], false),
    ] {
        let message = Message {
            channel: Channel::Email,
            subject,
            preview: "",
            text: "Buen día.",
            html: None,
        };
        let known = Known {
            names,
            ..Known::default()
        };
        let found = check(&message, &asked, &[], &known);
        assert_eq!(found.is_empty(), quiet, "{subject}: {found:?}");
    }
}

#[test]
fn fees_before_their_day_or_beyond_their_cap_are_stopped() {
    let facts = facts(
        "CL",
        Some(DebtorClass::NaturalConsumer),
        Some(CreditorClass::Supplier),
    );
    let law = Packs::embedded().applicable(&facts);
    let mut asked = law.content(DAY, MessageKind::Collection);
    asked.required.clear();
    for (text, days_late, lawful) in [
        ("Gastos de cobranza: $12.000", Some(20), false),
        ("Gastos de cobranza: $12.000", Some(21), true),
        ("Gastos de cobranza: $12.000", None, true),
        ("Este mensaje no agrega gastos de cobranza.", Some(3), true),
        ("Gastos de cobranza de hasta 9 %", Some(30), true),
        ("Gastos de cobranza del 9,5 %", Some(30), false),
        ("Descuento del 15 % si paga hoy.", Some(30), true),
    ] {
        let message = Message {
            channel: Channel::Email,
            subject: "",
            preview: "",
            text,
            html: None,
        };
        let known = Known {
            days_late,
            ..Known::default()
        };
        let found = check(&message, &asked, &law.fees(DAY), &known);
        assert_eq!(found.is_empty(), lawful, "{text} {days_late:?}: {found:?}");
    }
}

/// Every country with a pack and every usual class of debtor and creditor.
fn everyone() -> Vec<Facts> {
    let countries: BTreeSet<&str> = [
        "MX", "CL", "CO", "PE", "BR", "AR", "EC", "UY", "CR", "ES", "US",
    ]
    .into();
    let mut all = Vec::new();
    for country in countries {
        for debtor in [
            DebtorClass::NaturalConsumer,
            DebtorClass::MicroSmallCompany,
            DebtorClass::Company,
        ] {
            for creditor in [CreditorClass::Supplier, CreditorClass::SupervisedFinancial] {
                all.push(facts(country, Some(debtor), Some(creditor)));
            }
        }
    }
    all
}

/// The house's own messages carry all that is asked, once the company has said what only it knows.
#[test]
fn the_shipped_messages_pass_in_every_country() {
    let templates = Templates::embedded().expect("the shipped templates");
    let packs = Packs::embedded();
    let mut seen = BTreeSet::new();
    for facts in everyone() {
        let law = packs.applicable(&facts);
        let asked = law.content(DAY, MessageKind::Collection);
        let required = asked.required.iter().map(|it| it.rule.id.clone());
        let forbidden = asked.forbidden.iter().map(|(_, rule)| rule.id.clone());
        if !seen.insert(required.chain(forbidden).collect::<Vec<_>>()) {
            continue; // the same is asked as of somebody before
        }
        for language in ["es-MX", "es-CL"] {
            for key in KEYS {
                let sample = MessageContext::sample();
                let said = notice::Facts {
                    creditor: "Aceros del Valle SA de CV",
                    company: &sample.company.name,
                    tax_id: Some("AVA010203AB1"),
                    address: Some("Av. Industria 120, Monterrey"),
                    complaints: Some("UNE, Av. Industria 120, une@example.com, 81 5555 0100"),
                    signer: &sample.signer.name,
                    today: &sample.today,
                    agency: Some(notice::Agency {
                        name: "Despacho Ejemplo SC",
                        address: Some("Calle 5 de Mayo 10, Monterrey"),
                        phone: Some("81 5555 0199"),
                    }),
                    dispute_until: "4 de diciembre de 2026",
                    charges: false,
                };
                let context = MessageContext {
                    legal: sentences(&asked, Channel::Email, language, &said),
                    charges: None,
                    ..MessageContext::sample()
                };
                let rendered = templates
                    .render(key, language, &context)
                    .expect("a message");
                let message = Message {
                    channel: Channel::Email,
                    subject: &rendered.subject,
                    preview: &rendered.preview,
                    text: &rendered.text,
                    html: Some(&rendered.html),
                };
                let known = Known {
                    creditors: vec![said.creditor],
                    names: vec![said.company, &context.customer.name],
                    address: said.address,
                    tax_id: said.tax_id,
                    signer: Some(said.signer),
                    agency: Some("Despacho Ejemplo SC"),
                    agency_address: Some("Calle 5 de Mayo 10, Monterrey"),
                    actor: facts.actor,
                    written_before: Some(false),
                    days_late: Some(20),
                };
                // `gracias` confirms a payment: what must be said is not asked of it.
                let mut asked = asked.clone();
                if key == "gracias" {
                    asked.required.clear();
                }
                let found = check(&message, &asked, &law.fees(DAY), &known);
                let ids: Vec<_> = found.iter().map(|it| (&it.rule.id, &it.spans)).collect();
                assert!(
                    ids.is_empty(),
                    "{:?} {language}/{key}: {ids:?}\n{}",
                    facts.country,
                    rendered.text
                );
            }
        }
    }
}

#[test]
fn what_the_company_has_not_told_is_missed() {
    let bank = facts(
        "MX",
        Some(DebtorClass::NaturalConsumer),
        Some(CreditorClass::SupervisedFinancial),
    );
    let law = Packs::embedded().applicable(&bank);
    let asked = law.content(DAY, MessageKind::Collection);
    assert!(asked.asks(Statement::ComplaintChannel, Channel::Email));
    let message = Message {
        channel: Channel::Email,
        subject: "",
        preview: "",
        text: "Pague ya.",
        html: None,
    };
    let mut first = check(
        &message,
        &asked,
        &[],
        &Known {
            actor: Some(Actor::FirstParty),
            ..Known::default()
        },
    );
    let ids: Vec<String> = first.drain(..).map(|it| it.rule.id.clone()).collect();
    insta::assert_snapshot!(ids.join("\n"), @r"
    MX-CONDUSEF/agent_name
    MX-CONDUSEF/responsible_person
    MX-CONDUSEF/creditor_name
    MX-CONDUSEF/contract_or_operation
    MX-CONDUSEF/amount_due
    MX-CONDUSEF/amount_calc_date
    MX-CONDUSEF/settlement_conditions
    MX-CONDUSEF/une_address_email_phone
    MX-CONDUSEF/payments_only_to_creditor
    ");
    let known = Known {
        written_before: Some(true),
        ..Known::default()
    };
    assert!(
        check(&message, &asked, &[], &known).is_empty(),
        "only the first says all"
    );
}
