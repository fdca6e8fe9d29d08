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

/// Country, text, and the last word of a rule that must be among the reasons; empty when it may
/// leave. `??` is a country that is not known.
const TEXTS: &[(&str, &str, &str)] = &[
    // Plain and kind texts, everywhere.
    (
        "CL",
        "Hola, Ana. Su boleta 123 por $45.000 venció el 3 de noviembre. ¿Puede pagarla hoy?",
        "",
    ),
    (
        "CL",
        "Estimado cliente: tiene un saldo pendiente de $120.000. Puede proponer una fecha.",
        "",
    ),
    (
        "CL",
        "Esta comunicación no constituye un procedimiento de ejecución.",
        "",
    ),
    (
        "CL",
        "Su cobranza extrajudicial se informa conforme a la Ley 19.496.",
        "",
    ),
    (
        "CL",
        "Por la alta demanda, nuestros horarios cambiaron.",
        "",
    ),
    ("CL", "Sin embargo, aún no vemos su pago.", ""),
    (
        "CL",
        "La factura está a nombre de la persona jurídica Aceros Ltda.",
        "",
    ),
    (
        "CL",
        "¿Ya pagó? Envíenos el comprobante y lo registraremos.",
        "",
    ),
    (
        "MX",
        "Le recordamos su pago de $1,500.00 MXN, factura A-1041.",
        "",
    ),
    (
        "MX",
        "Si no recibimos su pago podríamos iniciar una demanda ante los tribunales.",
        "",
    ),
    (
        "MX",
        "Su asunto se turnará al área legal para su revisión.",
        "",
    ),
    (
        "MX",
        "Si ya pagó, no tome en cuenta este mensaje. Gracias.",
        "",
    ),
    (
        "CO",
        "Podemos acordar un plan de pagos que le sea posible. ¿Qué fecha le acomoda?",
        "",
    ),
    ("CO", "Los intereses corren a causa de la mora.", ""),
    (
        "CO",
        "¿Algo no coincide? Díganos qué documento y por qué.",
        "",
    ),
    (
        "PE",
        "Su recibo venció ayer. Puede pagar por transferencia.",
        "",
    ),
    (
        "BR",
        "Sua fatura venceu ontem. Você pode pagar por Pix.",
        "",
    ),
    (
        "AR",
        "Le pedimos regularizar su cuenta. Puede abonar en cuotas.",
        "",
    ),
    ("EC", "Le recordamos amablemente su cuota del mes.", ""),
    (
        "US",
        "Your invoice 100 is past due. You can pay online.",
        "",
    ),
    (
        "??",
        "Le recordamos su factura vencida. Avísenos si ya pagó.",
        "",
    ),
    (
        "??",
        "Síganos en redes sociales. Su deuda puede pagarse en línea.",
        "",
    ),
    (
        "??",
        "Avísenos a su familia de atención si necesita ayuda.",
        "",
    ),
    // Chile: nothing that is, looks like or refers to a court.
    (
        "CL",
        "De no pagar, iniciaremos acciones judiciales.",
        "court_document",
    ),
    ("CL", "Evite un juicio y pague hoy.", "court_document"),
    (
        "CL",
        "Su caso pasará a cobranza judicial.",
        "court_document",
    ),
    (
        "CL",
        "Presentaremos una demanda en su contra.",
        "court_document",
    ),
    (
        "CL",
        "Esto no es una demanda, pero podría serlo.",
        "court_document",
    ),
    (
        "CL",
        "El tribunal podrá decretar el embargo de sus bienes.",
        "court_document",
    ),
    (
        "CL",
        "Última instancia antes de la vía legal.",
        "court_document",
    ),
    (
        "CL",
        "Derivaremos sus antecedentes a nuestro estudio jurídico.",
        "court_document",
    ),
    (
        "CL",
        "Tomaremos las medidas legales que correspondan.",
        "court_document",
    ),
    (
        "CL",
        "Se iniciará un procedimiento ejecutivo.",
        "court_document",
    ),
    (
        "CL",
        "Será notificado por un receptor judicial.",
        "court_document",
    ),
    ("CL", "Usted será embargado.", "court_document"),
    ("CL", "Causa rol C-1234-2026.", "court_document"),
    ("CL", "Evite el remate de sus bienes.", "court_document"),
    (
        "CL",
        "Accio\u{301}n ju\u{ad}dicial en curso.",
        "court_document",
    ),
    // Court documents where a truthful notice is lawful.
    (
        "MX",
        "ORDEN DE EMBARGO. Expediente judicial 44/2026.",
        "simulated_court_document",
    ),
    (
        "MX",
        "Citatorio: deberá comparecer el lunes.",
        "simulated_court_document",
    ),
    (
        "MX",
        "Requerimiento de pago judicial.",
        "simulated_court_document",
    ),
    (
        "PE",
        "Notificación judicial: se ha dictado embargo.",
        "simulated_court_document",
    ),
    (
        "AR",
        "Cédula de notificación. Intimación.",
        "appearance_of_judicial_claim",
    ),
    (
        "??",
        "Mandamiento de ejecución y embargo.",
        "simulated_court_document",
    ),
    // Authority.
    (
        "MX",
        "Le habla el actuario del juzgado.",
        "pose_as_authority",
    ),
    (
        "MX",
        "Somos del Ministerio Público, Unidad de Delitos.",
        "pose_as_authority",
    ),
    ("??", "Por orden del juez, pague hoy.", "pose_as_authority"),
    // Threats and offences.
    (
        "MX",
        "Si no paga, irá a la cárcel.",
        "threat_offence_intimidation",
    ),
    (
        "MX",
        "Aténgase a las consecuencias.",
        "threat_offence_intimidation",
    ),
    (
        "MX",
        "Usted es un ratero y un sinvergüenza.",
        "threat_offence_intimidation",
    ),
    (
        "MX",
        "Sabemos dónde vive y dónde estudian sus hijos.",
        "threat_offence_intimidation",
    ),
    (
        "EC",
        "Presentaremos una denuncia penal por estafa.",
        "threat_offence_intimidation",
    ),
    (
        "BR",
        "Se não pagar, vai para a cadeia.",
        "threat_offence_intimidation",
    ),
    (
        "BR",
        "Seu caloteiro, pague já.",
        "threat_offence_intimidation",
    ),
    (
        "US",
        "You will go to jail if you do not pay.",
        "threat_offence_intimidation",
    ),
    (
        "AR",
        "Morosa irresponsable, pague.",
        "threat_offence_intimidation",
    ),
    (
        "??",
        "Será detenido si no liquida hoy.",
        "threat_offence_intimidation",
    ),
    // Exposure and others.
    (
        "MX",
        "Publicaremos su nombre en redes sociales.",
        "public_shaming",
    ),
    (
        "PE",
        "Aparecerá en la lista de morosos del barrio.",
        "publish_debtor_lists",
    ),
    ("PE", "Pondremos un cartel en su casa.", "posters"),
    (
        "MX",
        "Le informaremos a su jefe de esta deuda.",
        "informs_third_party",
    ),
    (
        "CL",
        "Hablaremos con su empleador sobre su deuda.",
        "informs_third_party",
    ),
    ("CL", "Avisaremos a sus vecinos.", "informs_third_party"),
    (
        "EC",
        "Llamaremos a su esposa y a sus familiares.",
        "informs_third_party",
    ),
    (
        "??",
        "Dígale a Juan que pague su deuda.",
        "informs_third_party",
    ),
    // Colombia does not let anyone ask why.
    (
        "CO",
        "¿Por qué no ha pagado su cuota?",
        "ask_reason_for_default",
    ),
    (
        "CO",
        "Indíquenos el motivo del atraso.",
        "ask_reason_for_default",
    ),
    (
        "CO",
        "¿A qué se debe el retraso en su pago?",
        "ask_reason_for_default",
    ),
    (
        "CO",
        "Explíquenos las razones del incumplimiento.",
        "ask_reason_for_default",
    ),
    // Into the right hands.
    (
        "MX",
        "Entregue el dinero a nuestro gestor.",
        "pay_to_collector",
    ),
    ("MX", "Deposite a mi cuenta personal.", "pay_to_collector"),
    // Charges beyond the law.
    (
        "CL",
        "Se agregarán gastos de cobranza de 15 % sobre la deuda.",
        "fees",
    ),
];

#[test]
fn good_texts_leave_and_bad_ones_are_named() {
    let packs = Packs::embedded();
    assert!(TEXTS.len() >= 60);
    let mut wrong = Vec::new();
    for (country, text, expected) in TEXTS {
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
        let required = asked.required.iter().map(|it| it.rule.id.as_str());
        let forbidden = asked.forbidden.iter().map(|(_, rule)| rule.id.as_str());
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
