//! ISO 20022 camt.052, camt.053 and camt.054, from the first drafts on.
//!
//! Elements are known by their local names, which the versions share, so that a wrong or missing
//! namespace costs nothing. Source of names and meanings: the message definition reports of
//! *Bank-to-Customer Cash Management*, versions 1 to 13.

mod entry;

use std::collections::VecDeque;

use domain::{Currency, Money};
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::xml::{Node, Step, Xml};
use super::{
    AccountId, Balance, BankFormat, Fault, Hints, Part, Parts, Source, StatementHead,
    StatementTail, figure,
};
use entry::Entry;

/// How the element begins that holds statements, reports or notifications.
const MESSAGE: &str = "BkToCstmr";

/// Whether a root of this name, in a text that begins so, is a camt message.
pub(super) fn is_root(name: &str, text: &str) -> bool {
    name.starts_with(MESSAGE)
        || text.contains(MESSAGE)
        || (name == "Document" && text.contains("camt."))
}

/// Opens the message.
pub(super) fn read(source: Source, head: &[u8], hints: &Hints) -> Result<Parts, Fault> {
    Ok(Box::new(Camt {
        xml: Xml::new(source, head)?,
        currency: hints.currency,
        parts: VecDeque::new(),
        statement: None,
        entry: None,
        statements: 0,
        other: None,
        done: false,
    }))
}

struct Camt {
    xml: Xml,
    currency: Option<Currency>,
    parts: VecDeque<Part>,
    statement: Option<Statement>,
    entry: Option<Entry>,
    statements: u64,
    /// The message it is, where it is none of statements.
    other: Option<String>,
    done: bool,
}

impl Iterator for Camt {
    type Item = Part;

    fn next(&mut self) -> Option<Part> {
        while self.parts.is_empty() && !self.done {
            match self.xml.step(walk) {
                Ok(Some(step)) => self.take(step),
                Ok(None) => self.end(),
                Err(fault) => {
                    self.done = true;
                    self.parts.push_back(Part::Fault(fault));
                }
            }
        }
        self.parts.pop_front()
    }
}

/// Whether to walk into an element rather than take it whole.
fn walk(open: &[String], name: &str) -> bool {
    let Some(message) = open.iter().position(|name| name.starts_with(MESSAGE)) else {
        return name != "AppHdr";
    };
    match &open[message + 1..] {
        [] => matches!(name, "Stmt" | "Rpt" | "Ntfctn"),
        [_] => name == "Ntry",
        [_, _] => name == "NtryDtls",
        _ => false,
    }
}

impl Camt {
    fn take(&mut self, step: Step) {
        match step {
            Step::Open(node) => self.open(&node),
            Step::Whole(node) => self.whole(node),
            Step::Close(name) => self.close(&name),
        }
    }

    fn open(&mut self, node: &Node) {
        match node.name.as_str() {
            "Stmt" | "Rpt" | "Ntfctn" => {
                self.statements += 1;
                self.statement = Some(Statement::new(node.name != "Stmt", self.currency));
            }
            "Ntry" => {
                if let Some(statement) = &mut self.statement {
                    self.parts.extend(statement.open());
                    statement.entries += 1;
                }
                self.entry = Some(Entry::new(node.line));
            }
            "NtryDtls" => {}
            name if self.other.is_none() && self.xml.depth() == 2 => {
                self.other = Some(name.to_owned());
            }
            _ => {}
        }
    }

    fn whole(&mut self, node: Node) {
        match (&mut self.entry, &mut self.statement) {
            (Some(entry), Some(statement)) => entry.take(node, &statement.account),
            (None, Some(statement)) => {
                if let Err(fault) = statement.take(&node) {
                    self.parts.push_back(Part::Warning(fault));
                }
            }
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "Ntry" => {
                if let (Some(entry), Some(statement)) = (self.entry.take(), &mut self.statement) {
                    let parts = entry.parts(statement);
                    for part in &parts {
                        statement.add(part);
                    }
                    self.parts.extend(parts);
                }
            }
            "Stmt" | "Rpt" | "Ntfctn" => {
                if let Some(mut statement) = self.statement.take() {
                    self.parts.extend(statement.open());
                    let line = self.xml.line();
                    self.parts.extend(statement.count(line).map(Part::Warning));
                    self.parts
                        .push_back(Part::Closes(Box::new(statement.tail())));
                }
            }
            _ => {}
        }
    }

    fn end(&mut self) {
        self.done = true;
        if self.statements > 0 {
            return;
        }
        let reason = match &self.other {
            Some(name) if !name.starts_with(MESSAGE) => format!(
                "Es un mensaje {name}, que no trae movimientos: pida al banco camt.053, \
                 camt.052 o camt.054."
            ),
            _ => "No trae ningún estado de cuenta: pida al banco el archivo completo.".to_owned(),
        };
        self.parts
            .push_back(Part::Fault(Fault::new(1, "archivo", reason, "")));
    }
}

/// What is known of the statement that is open.
struct Statement {
    opened: bool,
    interim: bool,
    account: AccountId,
    currency: Option<Currency>,
    /// Currency of amounts that name none, beside the account's.
    fallback: Option<Currency>,
    number: Option<String>,
    id: Option<String>,
    from: Option<Date>,
    to: Option<Date>,
    created: Option<Date>,
    balances: Vec<(String, Balance)>,
    announced: Option<(u64, Option<Decimal>)>,
    entries: u64,
    /// Net of all entries read; `None` once one was not.
    net: Option<Decimal>,
}

impl Statement {
    fn new(interim: bool, fallback: Option<Currency>) -> Self {
        Self {
            opened: false,
            interim,
            account: AccountId::default(),
            currency: None,
            fallback,
            number: None,
            id: None,
            from: None,
            to: None,
            created: None,
            balances: Vec::new(),
            announced: None,
            entries: 0,
            net: Some(Decimal::ZERO),
        }
    }

    /// Takes in what the statement says of itself.
    fn take(&mut self, node: &Node) -> Result<(), Fault> {
        match node.name.as_str() {
            "Id" => self.id = figure::words(&node.text),
            "ElctrncSeqNb" => self.number = figure::words(&node.text),
            "LglSeqNb" if self.number.is_none() => self.number = figure::words(&node.text),
            "CreDtTm" => self.created = figure::iso_day(&node.text),
            "FrToDt" => {
                let day = |names: [&str; 2]| {
                    names
                        .iter()
                        .find_map(|name| figure::iso_day(node.text(name)?))
                };
                self.from = day(["FrDtTm", "FrDt"]);
                self.to = day(["ToDtTm", "ToDt"]);
            }
            "Acct" => self.take_account(node),
            "Bal" => {
                let code = ["Tp/CdOrPrtry/Cd", "Tp/CdOrPrtry/Prtry", "Tp/Cd"];
                let code = code
                    .iter()
                    .find_map(|path| node.text(path))
                    .unwrap_or_default();
                let balance = self.balance(node)?;
                self.balances.push((code.to_owned(), balance));
            }
            "TxsSummry" => self.take_summary(node),
            _ => {}
        }
        Ok(())
    }

    fn take_account(&mut self, node: &Node) {
        self.account = AccountId {
            number: entry::account_number(node),
            bank: node.at("Svcr/FinInstnId").and_then(entry::bank_code),
            holder: node.at("Ownr").and_then(entry::party_name),
        };
        self.currency = node.text("Ccy").and_then(|code| Currency::new(code).ok());
    }

    fn take_summary(&mut self, node: &Node) {
        let total = node.child("TtlNtries");
        let count = total.and_then(|total| total.text("NbOfNtries")?.parse().ok());
        let net = total.and_then(|total| {
            let (net, sign) = match total.child("TtlNetNtry") {
                Some(nested) => (nested.text("Amt")?, nested.text("CdtDbtInd")?),
                None => (total.text("TtlNetNtryAmt")?, total.text("CdtDbtInd")?),
            };
            let net = figure::with_point(net).ok()?;
            Some(if sign == "DBIT" { -net } else { net })
        });
        self.announced = count.map(|count| (count, net));
    }

    fn balance(&self, node: &Node) -> Result<Balance, Fault> {
        let said = |reason: String| Fault::new(node.line, "saldo", reason, &node.text);
        let amount = self.amount(node).map_err(said)?;
        let on = entry::day(node, "Dt");
        let amount = match node.text("CdtDbtInd") {
            Some("DBIT") => Money::new(-amount.minor, amount.currency),
            _ => amount,
        };
        Ok(Balance { on, amount })
    }

    /// The unsigned money of a node's `Amt`.
    fn amount(&self, node: &Node) -> Result<Money, String> {
        let amount = node.child("Amt").ok_or("No trae importe (Amt).")?;
        self.money(amount)
    }

    /// The money an element with a currency holds.
    fn money(&self, amount: &Node) -> Result<Money, String> {
        let named = amount.attribute("Ccy").map(Currency::new);
        let currency = match named {
            Some(Ok(currency)) => currency,
            Some(Err(_)) => return Err("La moneda (Ccy) no es un código de tres letras.".into()),
            None => self
                .currency
                .or(self.fallback)
                .ok_or("No dice la moneda (Ccy): indíquela al importar.")?,
        };
        figure::money(figure::with_point(&amount.text)?, currency)
    }

    /// The head, the first time it is asked for.
    fn open(&mut self) -> Option<Part> {
        if std::mem::replace(&mut self.opened, true) {
            return None;
        }
        Some(Part::Opens(Box::new(StatementHead {
            format: BankFormat::Camt,
            account: self.account.clone(),
            currency: self.currency.or_else(|| {
                let (_, balance) = self.balances.first()?;
                Some(balance.amount.currency)
            }),
            number: self.number.clone().or_else(|| self.id.clone()),
            from: self.from,
            to: self.to,
            opening: self.opening(),
            interim: self.interim,
        })))
    }

    fn of(&self, code: &str) -> Option<Balance> {
        let found = self.balances.iter().find(|(known, _)| known == code)?;
        Some(found.1)
    }

    /// Opening booked, else what the previous statement closed with, else the first of a page's
    /// two interim balances.
    fn opening(&self) -> Option<Balance> {
        self.of("OPBD").or_else(|| self.of("PRCD")).or_else(|| {
            let mut interim = self.balances.iter().filter(|(code, _)| code == "ITBD");
            let first = interim.next()?;
            interim.next().is_some().then_some(first.1)
        })
    }

    /// Closing booked, else the last interim balance of a page.
    fn closing(&self) -> Option<Balance> {
        self.of("CLBD").or_else(|| {
            let mut interim = self.balances.iter().filter(|(code, _)| code == "ITBD");
            interim.next_back().map(|(_, balance)| *balance)
        })
    }

    fn add(&mut self, part: &Part) {
        self.net = match part {
            Part::Moved(moved) => self
                .net
                .and_then(|net| net.checked_add(moved.amount.decimal())),
            Part::Fault(_) => None,
            _ => self.net,
        };
    }

    /// What is wrong with the summary, if it has one and all entries were read.
    fn count(&self, line: u64) -> Option<Fault> {
        let (count, net) = self.announced?;
        if count != self.entries {
            let reason = format!(
                "El banco anuncia {count} movimientos y el archivo trae {}: pida el archivo \
                 completo.",
                self.entries
            );
            return Some(Fault::new(line, "resumen", reason, ""));
        }
        let (announced, read) = (net?, self.net?);
        (announced != read).then(|| {
            let reason =
                format!("El banco anuncia un total de {announced} y los movimientos suman {read}.");
            Fault::new(line, "resumen", reason, "")
        })
    }

    fn tail(&self) -> StatementTail {
        let closing = self.closing();
        StatementTail {
            opening: self.opening(),
            closing,
            from: self.from,
            to: self.to.or_else(|| closing?.on),
            announced: self.announced,
        }
    }
}
