//! All that a message may say. Figures are text already: no template can round or add them.

use domain::Money;
use domain::calendar::days_late;
use domain::charges::{Charged, Charges, Line};
use jiff::civil::Date;
use serde::Serialize;

use crate::figures::{self, Style};

/// The facts of one message, as the templates name them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MessageContext {
    /// Who is owed.
    pub company: CompanyFacts,
    /// Who owes.
    pub customer: CustomerFacts,
    /// Documents past their due date that this message asks about, oldest first.
    pub documents: Vec<DocumentLine>,
    /// Documents not yet due.
    pub upcoming: Vec<DocumentLine>,
    /// What is asked for, one amount per currency.
    pub totals: Vec<String>,
    /// What falls due soon, one amount per currency.
    pub upcoming_totals: Vec<String>,
    /// The customer's own money in those currencies, to be deducted, one amount per currency.
    pub credits: Vec<String>,
    /// The totals less the credits, per currency; empty where nothing is deducted.
    pub to_pay: Vec<String>,
    /// What is frozen (in dispute, promised, in a plan) and therefore not asked for.
    pub held: Vec<HeldLine>,
    /// The same, one amount per currency.
    pub held_totals: Vec<String>,
    /// What it costs to be late, asked for beside the totals; only where the policy asks for it.
    pub charges: Option<ChargesFacts>,
    /// What the notes among the documents consist of by which charges became documents.
    pub charge_notes: Vec<ChargeNoteFacts>,
    /// What the law asks every message to say, in sentences.
    pub legal: Vec<String>,
    /// What the company offers in this message, in a sentence.
    pub offer: Option<String>,
    /// The payment thanked for (`gracias`).
    pub payment: Option<AmountOn>,
    /// The promise whose day has passed (`promesa-incumplida`).
    pub promise: Option<AmountOn>,
    /// The customer's own page, where there is one.
    pub portal: Option<PortalLinks>,
    /// The person who signs.
    pub signer: Signer,
    /// The day the message speaks from, in words.
    pub today: String,
}

/// Addresses (https) of the customer's own page, for this message alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PortalLinks {
    /// Its door.
    pub account: String,
    /// Where one asks for no more messages.
    pub opt_out: String,
}

/// The company as its messages show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CompanyFacts {
    /// Its name, as customers know it.
    pub name: String,
    /// Legal name and tax id on one line, where the law wants the creditor named in full.
    pub legal_name: Option<String>,
    /// The name messages are sent under.
    pub sender_name: String,
    /// Address of the logo (https).
    pub logo: Option<String>,
    /// Colour of the header, as `#rrggbb`.
    pub colour: String,
    /// Colour of letters on it, as `#rrggbb`.
    pub ink: String,
    /// Lines under the signature.
    pub signature: Vec<String>,
    /// Phone for questions.
    pub phone: Option<String>,
    /// Address for questions.
    pub email: String,
    /// How to pay, in the company's own words: bank, account, reference. May have several lines.
    pub bank_data: Option<String>,
    /// Address that takes "no more messages".
    pub opt_out_address: Option<String>,
    /// What truly follows a last notice, as the company states it, in a sentence.
    pub next_step: Option<String>,
}

/// The customer as addressed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CustomerFacts {
    /// Name.
    pub name: String,
}

/// A document on the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DocumentLine {
    /// The number the customer knows it by.
    pub number: String,
    /// Issue date.
    pub issued: Option<String>,
    /// Due date.
    pub due: String,
    /// Days past the due date; negative before it.
    pub days_late: i64,
    /// What is asked for of it.
    pub open: String,
    /// Its full amount.
    pub original: String,
    /// Whether a part was paid or credited already.
    pub part_paid: bool,
}

/// An amount that is not asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HeldLine {
    /// The document, where the hold is on one.
    pub number: Option<String>,
    /// The amount.
    pub amount: String,
}

/// Charges for being late, as of a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChargesFacts {
    /// The day, in words.
    pub date: String,
    /// Every line.
    pub lines: Vec<ChargeLine>,
    /// One amount per currency.
    pub totals: Vec<String>,
}

/// One charge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChargeLine {
    /// What it is.
    pub name: String,
    /// The document it is for.
    pub number: String,
    /// How much.
    pub amount: String,
    /// How it was reckoned.
    pub formula: String,
}

/// A note by which charges of an invoice became a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChargeNoteFacts {
    /// Its number.
    pub number: String,
    /// The invoice's number.
    pub invoice: String,
    /// The last day it charges for, in words.
    pub date: String,
    /// What it consists of.
    pub lines: Vec<ChargeLine>,
}

/// An amount and its day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AmountOn {
    /// The amount.
    pub amount: String,
    /// The day, in words.
    pub date: String,
}

/// A person who answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Signer {
    /// Name.
    pub name: String,
    /// What they do: "Crédito y cobranza".
    pub role: Option<String>,
}

impl DocumentLine {
    /// A line from the ledger's figures. `open` is what the message asks for.
    pub fn new(
        style: Style,
        number: impl Into<String>,
        (issued, due): (Option<Date>, Date),
        today: Date,
        original: Money,
        open: Money,
    ) -> Self {
        Self {
            number: number.into(),
            issued: issued.map(figures::date_short),
            due: figures::date_short(due),
            days_late: days_late(due, today),
            open: style.money(open),
            original: style.money(original),
            part_paid: open != original,
        }
    }
}

impl AmountOn {
    /// An amount and its day, written out.
    pub fn new(style: Style, amount: Money, day: Date) -> Self {
        Self {
            amount: style.money(amount),
            date: figures::date(day),
        }
    }
}

impl MessageContext {
    /// A full example in Mexican pesos: what the editor's preview and the check show.
    pub fn sample() -> Self {
        Self {
            company: CompanyFacts::sample(),
            customer: CustomerFacts {
                name: "Ferretería Díaz".to_owned(),
            },
            documents: vec![
                DocumentLine::sample("A-1041", "05/10/2026", 20, "$12,500.00 MXN", false),
                DocumentLine::sample("A-1077", "24/10/2026", 1, "$3,250.50 MXN", true),
            ],
            upcoming: vec![DocumentLine::sample(
                "A-1102",
                "30/10/2026",
                -5,
                "USD 480.00",
                false,
            )],
            totals: vec!["$15,750.50 MXN".to_owned()],
            upcoming_totals: vec!["USD 480.00".to_owned()],
            credits: vec!["$750.50 MXN".to_owned()],
            to_pay: vec!["$15,000.00 MXN".to_owned()],
            held: vec![HeldLine {
                number: Some("A-1050".to_owned()),
                amount: "$2,000.00 MXN".to_owned(),
            }],
            held_totals: vec!["$2,000.00 MXN".to_owned()],
            charges: Some(ChargesFacts::sample()),
            charge_notes: vec![ChargeNoteFacts::sample()],
            legal: vec![
                "Acreedor: Aceros del Valle SA de CV.".to_owned(),
                "Los importes son los saldos calculados al 25 de octubre de 2026.".to_owned(),
            ],
            offer: Some("Si le acomoda, puede pagar en tres partes iguales.".to_owned()),
            payment: Some(AmountOn {
                amount: "$4,000.00 MXN".to_owned(),
                date: "24 de octubre de 2026".to_owned(),
            }),
            promise: Some(AmountOn {
                amount: "$6,000.00 MXN".to_owned(),
                date: "23 de octubre de 2026".to_owned(),
            }),
            portal: Some(PortalLinks {
                account: "https://cuentas.example.com/p/AAECAwQFBgcICQoLDA0ODw".to_owned(),
                opt_out: "https://cuentas.example.com/u/AAECAwQFBgcICQoLDA0ODw".to_owned(),
            }),
            signer: Signer {
                name: "Laura Méndez".to_owned(),
                role: Some("Crédito y cobranza".to_owned()),
            },
            today: "25 de octubre de 2026".to_owned(),
        }
    }

    /// The least a message can know: one document, nothing optional.
    pub fn sample_bare() -> Self {
        let full = Self::sample();
        Self {
            company: CompanyFacts {
                legal_name: None,
                logo: None,
                signature: Vec::new(),
                phone: None,
                bank_data: None,
                opt_out_address: None,
                next_step: None,
                ..full.company
            },
            documents: full.documents.into_iter().take(1).collect(),
            upcoming: Vec::new(),
            totals: vec!["$12,500.00 MXN".to_owned()],
            upcoming_totals: Vec::new(),
            held: Vec::new(),
            held_totals: Vec::new(),
            credits: Vec::new(),
            to_pay: Vec::new(),
            charges: None,
            charge_notes: Vec::new(),
            legal: Vec::new(),
            offer: None,
            payment: None,
            promise: None,
            portal: None,
            signer: Signer {
                role: None,
                ..full.signer
            },
            ..full
        }
    }

    /// A long one: two currencies, more documents than are listed one by one.
    pub fn sample_long() -> Self {
        let line = |index: usize| {
            let amount = format!("$1,{index:03}.00 MXN");
            DocumentLine::sample(
                &format!("B-{index}"),
                "05/10/2026",
                20,
                &amount,
                index.is_multiple_of(2),
            )
        };
        Self {
            documents: (0..200).map(line).collect(),
            upcoming: (200..400).map(line).collect(),
            totals: vec!["$219,900.00 MXN".to_owned(), "USD 480.00".to_owned()],
            held: vec![HeldLine {
                number: None,
                amount: "$2,000.00 MXN".to_owned(),
            }],
            ..Self::sample()
        }
    }
}

impl ChargesFacts {
    /// Charges written out.
    pub fn new(style: Style, charges: &Charges, day: Date) -> Self {
        let totals = charges.totals();
        Self {
            date: figures::date(day),
            lines: charge_lines(style, &charges.lines),
            totals: totals.iter().map(|total| style.money(*total)).collect(),
        }
    }

    fn sample() -> Self {
        Self {
            date: "25 de octubre de 2026".to_owned(),
            lines: vec![ChargeLine {
                name: "Interés por atraso".to_owned(),
                number: "A-1041".to_owned(),
                amount: "$125.00 MXN".to_owned(),
                formula: "12500.00 MXN × 18 % × 20 ÷ 360".to_owned(),
            }],
            totals: vec!["$125.00 MXN".to_owned()],
        }
    }
}

impl ChargeNoteFacts {
    /// A note written out.
    pub fn new(style: Style, note: &Charged) -> Self {
        Self {
            number: note.number.clone(),
            invoice: note.invoice_number.clone(),
            date: figures::date(note.up_to),
            lines: charge_lines(style, &note.lines),
        }
    }

    fn sample() -> Self {
        Self {
            number: "CARGO-A-1077-2026-09".to_owned(),
            invoice: "A-1077".to_owned(),
            date: "30 de septiembre de 2026".to_owned(),
            lines: vec![ChargeLine {
                name: "Interés por atraso".to_owned(),
                number: "A-1077".to_owned(),
                amount: "$32.50 MXN".to_owned(),
                formula: "3250.50 MXN × 18 % × 20 ÷ 360".to_owned(),
            }],
        }
    }
}

fn charge_lines(style: Style, lines: &[Line]) -> Vec<ChargeLine> {
    let line = |line: &Line| ChargeLine {
        name: line.name.clone(),
        number: line.number.clone(),
        amount: style.money(line.amount),
        formula: line.formula.clone(),
    };
    lines.iter().map(line).collect()
}

impl CompanyFacts {
    fn sample() -> Self {
        Self {
            name: "Aceros del Valle".to_owned(),
            legal_name: Some("Aceros del Valle SA de CV, AVA010203AB1".to_owned()),
            sender_name: "Laura Méndez · Aceros del Valle".to_owned(),
            logo: Some("https://example.com/logo.png".to_owned()),
            colour: "#1f4e79".to_owned(),
            ink: "#ffffff".to_owned(),
            signature: vec!["Av. Industria 120, Monterrey".to_owned()],
            phone: Some("81 5555 0100".to_owned()),
            email: "cuentas@example.com".to_owned(),
            bank_data: Some(
                "Banco Ejemplo, CLABE 000000000000000000\nReferencia: FDIAZ".to_owned(),
            ),
            opt_out_address: Some("baja@example.com".to_owned()),
            next_step: Some("las ventas a crédito quedan en pausa.".to_owned()),
        }
    }
}

impl DocumentLine {
    fn sample(number: &str, due: &str, days_late: i64, open: &str, part_paid: bool) -> Self {
        Self {
            number: number.to_owned(),
            issued: Some("05/09/2026".to_owned()),
            due: due.to_owned(),
            days_late,
            open: open.to_owned(),
            original: if part_paid { "$7,250.50 MXN" } else { open }.to_owned(),
            part_paid,
        }
    }
}
