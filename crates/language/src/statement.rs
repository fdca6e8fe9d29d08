//! The statement of account as an e-mail: what a customer asked for, in plain words and one table.
//!
//! The subject says nothing of a debt: others may read it over a shoulder.

use std::fmt::Write;

use domain::charges::Charges;
use domain::document::DocumentKind;
use domain::ledger::{Account, MovementKind};
use jiff::civil::Date;

use crate::figures::{self, Style};

/// What a statement is about.
#[derive(Clone, Debug)]
pub struct StatementFacts<'a> {
    /// The company, as customers know it.
    pub company: &'a str,
    /// The customer.
    pub customer: &'a str,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// One per currency.
    pub accounts: &'a [Account],
    /// What being late costs at the end of the last day.
    pub charges: &'a Charges,
    /// How to pay, in the company's own words.
    pub bank_data: Option<&'a str>,
    /// Colour, `#rrggbb`.
    pub colour: &'a str,
}

/// A statement, written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The subject.
    pub subject: String,
    /// The text.
    pub text: String,
    /// The HTML.
    pub html: String,
}

/// The words of one language.
struct Words {
    subject: &'static str,
    greeting: &'static str,
    intro: &'static str,
    opening: &'static str,
    closing: &'static str,
    day: &'static str,
    what: &'static str,
    amount: &'static str,
    balance: &'static str,
    invoice: &'static str,
    debit: &'static str,
    credit: &'static str,
    payment: &'static str,
    none: &'static str,
    to_pay: &'static str,
    charges: &'static str,
    charges_total: &'static str,
    left_out: &'static str,
}

const ES: Words = Words {
    subject: "La información que solicitó a",
    greeting: "Estimado cliente",
    intro: "Le enviamos su estado de cuenta del",
    opening: "Saldo anterior",
    closing: "Saldo al",
    day: "Fecha",
    what: "Concepto",
    amount: "Importe",
    balance: "Saldo",
    invoice: "Factura",
    debit: "Nota de cargo",
    credit: "Nota de crédito",
    payment: "Pago",
    none: "No hay movimientos.",
    to_pay: "Datos para pagar",
    charges: "Recargos calculados al",
    charges_total: "Total de recargos, aparte del saldo",
    left_out: "No se calculó",
};

const PT: Words = Words {
    subject: "A informação que pediu a",
    greeting: "Prezado cliente",
    intro: "Enviamos o seu extrato de conta de",
    opening: "Saldo anterior",
    closing: "Saldo em",
    day: "Data",
    what: "Descrição",
    amount: "Valor",
    balance: "Saldo",
    invoice: "Fatura",
    debit: "Nota de débito",
    credit: "Nota de crédito",
    payment: "Pagamento",
    none: "Não há movimentos.",
    to_pay: "Dados para pagar",
    charges: "Encargos calculados em",
    charges_total: "Total de encargos, à parte do saldo",
    left_out: "Não se calculou",
};

const EN: Words = Words {
    subject: "The information you asked for from",
    greeting: "Dear customer",
    intro: "This is your statement of account of",
    opening: "Previous balance",
    closing: "Balance on",
    day: "Date",
    what: "Entry",
    amount: "Amount",
    balance: "Balance",
    invoice: "Invoice",
    debit: "Debit note",
    credit: "Credit note",
    payment: "Payment",
    none: "There are no entries.",
    to_pay: "How to pay",
    charges: "Charges reckoned on",
    charges_total: "Total charges, apart from the balance",
    left_out: "Not reckoned",
};

impl Words {
    fn of(language: &str) -> &'static Self {
        match language.split(['-', '_']).next() {
            Some("pt") => &PT,
            Some("en") => &EN,
            _ => &ES,
        }
    }

    const fn kind(&self, kind: MovementKind) -> &'static str {
        match kind {
            MovementKind::Document(DocumentKind::Invoice) => self.invoice,
            MovementKind::Document(DocumentKind::DebitNote) => self.debit,
            MovementKind::Document(DocumentKind::CreditNote) => self.credit,
            MovementKind::Payment => self.payment,
        }
    }
}

/// Writes a statement in a language (`es-MX`); Spanish where there is none of that tag.
pub fn write(facts: &StatementFacts<'_>, language: &str) -> Statement {
    let words = Words::of(language);
    let style = Style::of(language);
    Statement {
        subject: format!("{} {}", words.subject, facts.company),
        text: text(facts, words, style),
        html: html(facts, words, style),
    }
}

fn text(facts: &StatementFacts<'_>, words: &Words, style: Style) -> String {
    let short = figures::date_short;
    let mut out = format!(
        "{}: {}\n\n{} {} – {}.\n",
        words.greeting,
        facts.customer,
        words.intro,
        short(facts.from),
        short(facts.to)
    );
    // Writing to a String cannot fail.
    for account in facts.accounts {
        let _ = writeln!(out, "\n{}: {}", words.opening, style.money(account.opening));
        for line in &account.movements {
            let _ = writeln!(
                out,
                "{}  {} {}  {}",
                short(line.on),
                words.kind(line.kind),
                line.name,
                style.money(line.amount)
            );
        }
        let (day, closing) = (short(facts.to), style.money(account.closing));
        let _ = writeln!(out, "{} {day}: {closing}", words.closing);
    }
    if facts.accounts.is_empty() {
        let _ = writeln!(out, "\n{}", words.none);
    }
    for line in charge_lines(facts, words, style) {
        let _ = writeln!(out, "{line}");
    }
    if let Some(bank_data) = facts.bank_data {
        let _ = writeln!(out, "\n{}:\n{bank_data}", words.to_pay);
    }
    let _ = write!(out, "\n{}\n", facts.company);
    out
}

fn html(facts: &StatementFacts<'_>, words: &Words, style: Style) -> String {
    let short = figures::date_short;
    let mut out = format!(
        "<!doctype html><html><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"></head>\
         <body style=\"margin:0;padding:24px;font:15px/1.5 sans-serif;color:#1d2420\">\
         <p style=\"font-weight:bold;color:{}\">{}</p><p>{}: {}</p><p>{} {} – {}.</p>",
        colour(facts.colour),
        escape(facts.company),
        words.greeting,
        escape(facts.customer),
        words.intro,
        short(facts.from),
        short(facts.to)
    );
    let cell = "padding:6px 8px;border-bottom:1px solid #ddd;text-align:";
    for account in facts.accounts {
        let _ = write!(
            out,
            "<table style=\"border-collapse:collapse;width:100%;max-width:640px\"><tr>\
             <th style=\"{cell}left\">{}</th><th style=\"{cell}left\">{}</th>\
             <th style=\"{cell}right\">{}</th><th style=\"{cell}right\">{}</th></tr>\
             <tr><td style=\"{cell}left\" colspan=\"3\">{}</td>\
             <td style=\"{cell}right\">{}</td></tr>",
            words.day,
            words.what,
            words.amount,
            words.balance,
            words.opening,
            style.money(account.opening)
        );
        for line in &account.movements {
            let _ = write!(
                out,
                "<tr><td style=\"{cell}left\">{}</td><td style=\"{cell}left\">{} {}</td>\
                 <td style=\"{cell}right\">{}</td><td style=\"{cell}right\">{}</td></tr>",
                short(line.on),
                words.kind(line.kind),
                escape(&line.name),
                style.money(line.amount),
                style.money(line.balance)
            );
        }
        let _ = write!(
            out,
            "<tr><th style=\"{cell}left\" colspan=\"3\">{} {}</th>\
             <th style=\"{cell}right\">{}</th></tr></table><br>",
            words.closing,
            short(facts.to),
            style.money(account.closing)
        );
    }
    if facts.accounts.is_empty() {
        let _ = write!(out, "<p>{}</p>", words.none);
    }
    let charges = charge_lines(facts, words, style);
    if !charges.is_empty() {
        let lines: Vec<String> = charges.iter().map(|line| escape(line.trim())).collect();
        let _ = write!(out, "<p>{}</p>", lines.join("<br>"));
    }
    if let Some(bank_data) = facts.bank_data {
        let lines = escape(bank_data).replace('\n', "<br>");
        let _ = write!(out, "<p><b>{}</b><br>{lines}</p>", words.to_pay);
    }
    out.push_str("</body></html>");
    out
}

/// What being late costs, a line each; nothing where nothing is charged.
fn charge_lines(facts: &StatementFacts<'_>, words: &Words, style: Style) -> Vec<String> {
    let charges = facts.charges;
    if charges.lines.is_empty() && charges.left_out.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![format!(
        "\n{} {}:",
        words.charges,
        figures::date_short(facts.to)
    )];
    lines.extend(charges.lines.iter().map(|line| {
        let amount = style.money(line.amount);
        if line.formula.is_empty() {
            return format!("{} {}: {amount}", line.number, line.name);
        }
        format!(
            "{} {}: {amount} ({}; {})",
            line.number, line.name, line.formula, line.source
        )
    }));
    lines.extend(
        charges
            .totals()
            .iter()
            .map(|total| format!("{}: {}", words.charges_total, style.money(*total))),
    );
    lines.extend(charges.left_out.iter().map(|left| {
        format!(
            "{}: {} {}: {}",
            words.left_out, left.number, left.name, left.reason
        )
    }));
    lines
}

/// A colour of six digits, or black.
fn colour(text: &str) -> &str {
    let digits = text.strip_prefix('#').unwrap_or_default();
    if digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        text
    } else {
        "#000000"
    }
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            letter => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use domain::ledger::Movement;
    use domain::{Currency, Money};
    use jiff::civil::date;

    use super::*;

    fn accounts() -> Vec<Account> {
        let money = |minor| Money::new(minor, Currency::MXN);
        vec![Account {
            opening: money(100_000),
            movements: vec![Movement {
                on: date(2026, 3, 2),
                kind: MovementKind::Payment,
                name: "<img src=x onerror=alert(1)>".to_owned(),
                due: None,
                amount: money(-25_000),
                balance: money(75_000),
            }],
            closing: money(75_000),
        }]
    }

    #[test]
    fn a_statement_reads_plainly_and_holds_no_foreign_mark_up() {
        let accounts = accounts();
        let facts = StatementFacts {
            company: "Papelería & Cía",
            customer: "<b>Hierros</b>",
            from: date(2026, 3, 1),
            to: date(2026, 3, 31),
            accounts: &accounts,
            charges: &Charges::default(),
            bank_data: Some("CLABE 0123\n<script>"),
            colour: "red;background:url(x)",
        };
        let statement = write(&facts, "es-MX");
        assert_eq!(
            statement.subject,
            "La información que solicitó a Papelería & Cía"
        );
        insta::assert_snapshot!(statement.text, @r"
        Estimado cliente: <b>Hierros</b>

        Le enviamos su estado de cuenta del 01/03/2026 – 31/03/2026.

        Saldo anterior: $1,000.00 MXN
        02/03/2026  Pago <img src=x onerror=alert(1)>  -$250.00 MXN
        Saldo al 31/03/2026: $750.00 MXN

        Datos para pagar:
        CLABE 0123
        <script>

        Papelería & Cía
        ");
        for wrong in ["<img", "<script", "<b>H", "url(x)"] {
            assert!(!statement.html.contains(wrong), "{wrong}");
        }
        assert!(statement.html.contains("Papelería &amp; Cía"));
    }

    #[test]
    fn no_subject_names_a_debt() {
        let facts = StatementFacts {
            company: "Valle",
            customer: "C",
            from: date(2026, 3, 1),
            to: date(2026, 3, 31),
            accounts: &[],
            charges: &Charges::default(),
            bank_data: None,
            colour: "#1f5f8b",
        };
        for language in ["es-MX", "pt-BR", "en-US", "xx"] {
            let subject = write(&facts, language).subject.to_lowercase();
            for word in [
                "deud", "sald", "cobr", "pag", "vencid", "dívida", "debt", "owe", "balance",
            ] {
                assert!(!subject.contains(word), "{language}: {subject}");
            }
        }
    }
}
