//! Open Financial Exchange 1 (SGML, end tags left out) and 2 (XML), as banks write it.
//!
//! The day of a movement is the one written, in the offset written beside it. Source of elements:
//! *Open Financial Exchange Specification* 2.2, chapters 3 and 11.

mod tokens;

use std::collections::VecDeque;

use domain::Currency;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{
    AccountId, Balance, BankFormat, Counterparty, Fault, Hints, Part, Parts, Source, StatementHead,
    StatementTail, Transaction, TransactionState, figure,
};
use tokens::{Token, Tokens};

/// Elements that hold others; every other holds text.
const AGGREGATES: [&str; 24] = [
    "AVAILBAL",
    "BANKACCTFROM",
    "BANKACCTTO",
    "BANKMSGSRSV1",
    "BANKTRANLIST",
    "BANKTRANLISTP",
    "CCACCTFROM",
    "CCACCTTO",
    "CCSTMTRS",
    "CCSTMTTRNRS",
    "CREDITCARDMSGSRSV1",
    "CURRENCY",
    "INVSTMTMSGSRSV1",
    "INVSTMTRS",
    "LEDGERBAL",
    "OFX",
    "ORIGCURRENCY",
    "PAYEE",
    "SONRS",
    "STATUS",
    "STMTRS",
    "STMTTRN",
    "STMTTRNP",
    "STMTTRNRS",
];
/// Elements open at once: what is deeper says nothing of use.
const OPEN_MAX: usize = 64;
/// Fields kept of one movement.
const FIELDS_MAX: usize = 100;

/// Tells OFX by its header or its first element.
pub(super) fn sniff(text: &str) -> Option<BankFormat> {
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let head = start
        .get(..9)
        .is_some_and(|head| head.eq_ignore_ascii_case("OFXHEADER"));
    let root = start.starts_with('<') && text.contains("<OFX>");
    (head || root).then_some(BankFormat::Ofx)
}

/// Opens the response.
pub(super) fn read(source: Source, hints: &Hints) -> Result<Parts, Fault> {
    Ok(Box::new(Ofx {
        tokens: Tokens::new(source)?,
        fallback: hints.currency,
        open: Vec::new(),
        parts: VecDeque::new(),
        status: Status::default(),
        statement: None,
        movement: None,
        told: false,
        investments: false,
        done: false,
    }))
}

struct Ofx {
    tokens: Tokens,
    fallback: Option<Currency>,
    open: Vec<String>,
    parts: VecDeque<Part>,
    status: Status,
    statement: Option<Statement>,
    movement: Option<Movement>,
    told: bool,
    investments: bool,
    done: bool,
}

#[derive(Default)]
struct Status {
    code: String,
    severity: String,
    message: String,
}

/// What is known of the statement that is open.
#[derive(Default)]
struct Statement {
    opened: bool,
    account: AccountId,
    branch: Option<String>,
    currency: Option<Currency>,
    from: Option<Date>,
    to: Option<Date>,
    balance: String,
    balance_on: Option<Date>,
}

/// The fields of a movement by element, with the aggregate they stand in.
struct Movement {
    line: u64,
    pending: bool,
    fields: Vec<(String, String, String)>,
}

impl Movement {
    fn of(&self, within: &str, name: &str) -> Option<&str> {
        let found = self
            .fields
            .iter()
            .find(|(known_within, known, _)| known == name && known_within == within)?;
        Some(found.2.as_str()).filter(|text| !text.is_empty())
    }

    fn own(&self, name: &str) -> Option<&str> {
        let within = if self.pending { "STMTTRNP" } else { "STMTTRN" };
        self.of(within, name)
    }
}

impl Iterator for Ofx {
    type Item = Part;

    fn next(&mut self) -> Option<Part> {
        while self.parts.is_empty() && !self.done {
            if let Err(fault) = self.step() {
                self.done = true;
                self.parts.push_back(Part::Fault(fault));
            }
        }
        self.parts.pop_front()
    }
}

impl Ofx {
    fn step(&mut self) -> Result<(), Fault> {
        match self.tokens.token()? {
            Some(Token::Open(name)) if AGGREGATES.contains(&name.as_str()) => self.enter(name),
            Some(Token::Open(name)) => {
                let text = self.tokens.text()?;
                self.leaf(&name, text);
            }
            Some(Token::Close(name)) => self.leave(&name),
            Some(Token::Text(_)) => {}
            None => return self.end(),
        }
        Ok(())
    }

    fn enter(&mut self, name: String) {
        match name.as_str() {
            "STMTRS" | "CCSTMTRS" => {
                self.close();
                self.statement = Some(Statement::default());
            }
            "STMTTRN" | "STMTTRNP" => {
                self.moved();
                self.movement = Some(Movement {
                    line: self.tokens.line(),
                    pending: name == "STMTTRNP",
                    fields: Vec::new(),
                });
            }
            "STATUS" => self.status = Status::default(),
            "INVSTMTRS" => self.investments = true,
            _ => {}
        }
        if self.open.len() < OPEN_MAX {
            self.open.push(name);
        }
    }

    fn leave(&mut self, name: &str) {
        let Some(at) = self.open.iter().rposition(|open| open == name) else {
            return;
        };
        // What was left open within it ends with it.
        while self.open.len() > at {
            match self.open.pop().as_deref() {
                Some("STMTRS" | "CCSTMTRS") => self.close(),
                Some("STMTTRN" | "STMTTRNP") => self.moved(),
                Some("STATUS") => self.judge(),
                _ => {}
            }
        }
    }

    fn leaf(&mut self, name: &str, text: String) {
        let within = self.open.last().map_or("", String::as_str);
        if let Some(movement) = &mut self.movement {
            if movement.fields.len() < FIELDS_MAX {
                movement
                    .fields
                    .push((within.to_owned(), name.to_owned(), text));
            }
            return;
        }
        if within == "STATUS" {
            match name {
                "CODE" => self.status.code = text,
                "SEVERITY" => self.status.severity = text,
                "MESSAGE" | "MESSAGE2" => self.status.message = text,
                _ => {}
            }
            return;
        }
        if let Some(statement) = &mut self.statement {
            statement.take(within, name, text);
        }
    }

    /// What the bank says went wrong.
    fn judge(&mut self) {
        let status = std::mem::take(&mut self.status);
        let error = status.severity.eq_ignore_ascii_case("ERROR")
            || (status.severity.is_empty() && !matches!(status.code.as_str(), "" | "0"));
        if error {
            self.told = true;
            let message = if status.message.is_empty() {
                "sin más explicación"
            } else {
                &status.message
            };
            let reason = format!(
                "El banco no entregó el estado de cuenta (código {}): {message}. Descárguelo otra \
                 vez.",
                status.code
            );
            let fault = Fault::new(self.tokens.line(), "respuesta del banco", reason, "");
            self.parts.push_back(Part::Fault(fault));
        }
    }

    fn moved(&mut self) {
        let Some(movement) = self.movement.take() else {
            return;
        };
        let Some(statement) = &mut self.statement else {
            return;
        };
        self.parts.extend(statement.open(self.fallback));
        match transaction(&movement, statement, self.fallback) {
            Ok(moved) => {
                let outgoing = matches!(moved.code.as_deref(), Some("DEBIT" | "CHECK" | "FEE"));
                if outgoing && moved.amount.is_positive() {
                    let reason = format!(
                        "Dice ser un cargo ({}) pero su importe no lleva signo menos: se toma como \
                         abono.",
                        moved.code.as_deref().unwrap_or_default()
                    );
                    let fault = Fault::new(movement.line, "TRNAMT", reason, "");
                    self.parts.push_back(Part::Warning(fault));
                }
                self.parts.push_back(Part::Moved(Box::new(moved)));
            }
            Err((field, reason)) => {
                let raw: Vec<&str> = movement
                    .fields
                    .iter()
                    .map(|(_, _, text)| text.as_str())
                    .collect();
                let fault = Fault::new(movement.line, field, reason, &raw.join(" "));
                self.parts.push_back(Part::Fault(fault));
            }
        }
    }

    fn close(&mut self) {
        self.moved();
        let Some(mut statement) = self.statement.take() else {
            return;
        };
        self.told = true;
        self.parts.extend(statement.open(self.fallback));
        let closing = match statement.closing(self.fallback) {
            Ok(closing) => closing,
            Err(reason) => {
                let line = self.tokens.line();
                let fault = Fault::new(line, "saldo", reason, &statement.balance);
                self.parts.push_back(Part::Warning(fault));
                None
            }
        };
        self.parts.push_back(Part::Closes(Box::new(StatementTail {
            opening: None,
            closing,
            from: statement.from,
            to: statement.to.or(statement.balance_on),
            announced: None,
        })));
    }

    /// The end of the bytes: what is still open was cut off.
    fn end(&mut self) -> Result<(), Fault> {
        self.done = true;
        if self.statement.is_some() {
            self.moved();
            let reason = "El archivo está cortado: termina antes de tiempo. Descárguelo otra vez.";
            return Err(Fault::new(self.tokens.line(), "archivo", reason, ""));
        }
        if self.told {
            return Ok(());
        }
        let reason = if self.investments {
            "Es un estado de cuenta de inversiones, que no trae pagos."
        } else {
            "No trae ningún estado de cuenta: descargue los movimientos de la cuenta."
        };
        Err(Fault::new(1, "archivo", reason, ""))
    }
}

impl Statement {
    fn take(&mut self, within: &str, name: &str, text: String) {
        match (within, name) {
            ("BANKACCTFROM" | "CCACCTFROM", "ACCTID") => {
                self.account.number = figure::account(&text);
            }
            ("BANKACCTFROM", "BANKID") => self.account.bank = figure::account(&text),
            ("BANKACCTFROM", "BRANCHID") => self.branch = figure::account(&text),
            (_, "CURDEF") => self.currency = Currency::new(text.trim()).ok(),
            (_, "DTSTART") => self.from = figure::iso_day(&text),
            (_, "DTEND") => self.to = figure::iso_day(&text),
            ("LEDGERBAL", "BALAMT") => self.balance = text,
            ("LEDGERBAL", "DTASOF") => self.balance_on = figure::iso_day(&text),
            _ => {}
        }
    }

    fn open(&mut self, fallback: Option<Currency>) -> Option<Part> {
        if std::mem::replace(&mut self.opened, true) {
            return None;
        }
        Some(Part::Opens(Box::new(StatementHead {
            format: BankFormat::Ofx,
            account: self.account.clone(),
            currency: self.currency.or(fallback),
            number: None,
            from: self.from,
            to: self.to,
            opening: None,
            interim: false,
        })))
    }

    fn closing(&self, fallback: Option<Currency>) -> Result<Option<Balance>, String> {
        if self.balance.trim().is_empty() {
            return Ok(None);
        }
        let Some(currency) = self.currency.or(fallback) else {
            return Ok(None);
        };
        let amount = figure::money(number(&self.balance)?, currency)?;
        Ok(Some(Balance {
            on: self.balance_on,
            amount,
        }))
    }
}

fn transaction(
    movement: &Movement,
    statement: &Statement,
    fallback: Option<Currency>,
) -> Result<Transaction, (&'static str, String)> {
    if movement.own("CORRECTFITID").is_some() {
        let reason = "Corrige otro movimiento ya entregado: revise ese movimiento a mano.";
        return Err(("CORRECTFITID", reason.to_owned()));
    }
    let day = |name: &str| movement.own(name).and_then(figure::iso_day);
    let posted = if movement.pending {
        "DTTRAN"
    } else {
        "DTPOSTED"
    };
    let booked = day(posted).ok_or_else(|| {
        let written = movement.own(posted).unwrap_or("nada");
        (
            "DTPOSTED",
            format!("La fecha del movimiento no se entiende: dice «{written}»."),
        )
    })?;
    // Amounts in CURRENCY are in that currency; those in ORIGCURRENCY were converted already.
    let currency = movement
        .of("CURRENCY", "CURSYM")
        .and_then(|code| Currency::new(code).ok())
        .or(statement.currency)
        .or(fallback)
        .ok_or_else(|| {
            let reason = "El estado de cuenta no dice su moneda: indíquela al importar.";
            ("CURDEF", reason.to_owned())
        })?;
    let written = movement.own("TRNAMT").unwrap_or_default();
    let amount = number(written).and_then(|value| figure::money(value, currency));
    let amount = amount.map_err(|reason| ("TRNAMT", reason))?;
    let name = movement
        .own("NAME")
        .or_else(|| movement.of("PAYEE", "NAME"));
    let mut text = String::new();
    for more in [name, movement.own("MEMO"), movement.own("EXTDNAME")]
        .into_iter()
        .flatten()
    {
        figure::add_words(&mut text, more);
    }
    let to = ["BANKACCTTO", "CCACCTTO"];
    let to = |name: &str| to.iter().find_map(|within| movement.of(within, name));
    let fitid = movement.own("FITID").and_then(figure::reference);
    let check = movement
        .own("CHECKNUM")
        .filter(|number| !number.trim_matches('0').is_empty());
    let payer = movement.own("REFNUM").or(check).and_then(figure::reference);
    Ok(Transaction {
        line: movement.line,
        booked,
        value: day("DTAVAIL").or_else(|| day("VALUEDATE")),
        amount,
        state: if movement.pending {
            TransactionState::Pending
        } else {
            TransactionState::Booked
        },
        end_to_end: payer.filter(|reference| Some(reference) != fitid.as_ref()),
        reference: fitid,
        batch: None,
        counterparty: Counterparty {
            name: name.and_then(figure::words),
            tax_id: None,
            account: to("ACCTID").and_then(figure::account),
            bank: to("BANKID").and_then(figure::account),
            ultimate: None,
        },
        virtual_account: None,
        creditor_references: Vec::new(),
        documents: Vec::new(),
        text,
        charges: None,
        original: None,
        reversal: false,
        return_reason: None,
        code: movement.own("TRNTYPE").map(str::to_ascii_uppercase),
    })
}

/// A number with a point or, as Brazilian banks write it, a comma before the decimals.
fn number(text: &str) -> Result<Decimal, String> {
    let text: String = text
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .collect();
    let mark = text.rfind(['.', ',']);
    let mark = mark.and_then(|at| text[at..].chars().next());
    let Some(mark) = mark else {
        return figure::with_point(&text);
    };
    let other = if mark == '.' { ',' } else { '.' };
    let (whole, fraction) = text.rsplit_once(mark).unwrap_or((&text, ""));
    let grouped = whole.contains(mark) || whole.contains(other);
    if !grouped {
        return figure::with_point(&format!("{whole}.{fraction}"));
    }
    let groups = |whole: &str, mark: char| {
        let digits = whole.trim_start_matches(['-', '+']);
        let mut groups = digits.split(mark);
        let first = groups.next().map_or(0, str::len);
        (1..=3).contains(&first) && groups.all(|group| group.len() == 3)
    };
    let plain = whole.replace(other, "");
    let several = whole.contains(mark);
    let fits = match (several, whole.contains(other)) {
        (true, false) => groups(&text, mark),
        (false, true) => groups(whole, other),
        _ => false,
    };
    if !fits {
        return Err(format!(
            "«{text}» no es un importe: corríjalo en el archivo."
        ));
    }
    if several {
        return figure::with_point(&text.replace(mark, ""));
    }
    figure::with_point(&format!("{plain}.{fraction}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_with_either_mark() {
        let cases: &[(&str, Option<&str>)] = &[
            ("-1234.50", Some("-1234.50")),
            ("-1234,50", Some("-1234.50")),
            ("1.234,50", Some("1234.50")),
            ("1,234.50", Some("1234.50")),
            ("+ 7", Some("7.0")),
            ("1.234.567", Some("1234567.0")),
            ("12.34.50", None),
            ("1,2.3,4", None),
            ("$120", None),
            ("", None),
            ("-,", None),
        ];
        for (text, expected) in cases {
            let read = number(text).ok().map(|value| value.to_string());
            assert_eq!(read.as_deref(), *expected, "{text:?}");
        }
    }
}
