//! Money on its documents: lines of banks matched, applied where it is sure, proposed where a
//! person should look.
//!
//! What is applied becomes a payment with its applications in one transaction with its match. What
//! a person refuses or undoes is kept, and the machine does not do it again. Money that is on
//! record already, from a spreadsheet or by hand, is recognised and not booked twice.

mod book;
mod gaps;
mod overview;
mod person;
mod read;

use std::collections::{HashMap, HashSet};

use domain::ids::BankTransactionId;
use domain::ledger::matching::{Incoming, Rules, Verdict};
use domain::{Currency, Money};
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::value::RawValue;
use store::bank::{self, BankLine, LineState};
use store::matches::{self, MatchRecord};

use crate::company::Company;
use crate::imports::{Progress, QuarantinedEntry, Source, Upload};
use crate::{Engine, Error, Result};

pub use gaps::{Gap, gaps};
pub use overview::{AccountSeen, HandChoice};

/// Lines read or written at a time.
const LINES_AT_ONCE: usize = 2_000;

/// What reading statements and matching their lines did.
#[derive(Debug, Default, Serialize)]
pub struct Reconciled {
    /// Every line that came in, in the order of the files.
    pub matches: Vec<LineMatched>,
    /// Lines that could not be read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub quarantined: Vec<QuarantinedEntry>,
    /// What was unusual, in sentences.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// What became of one line.
#[derive(Debug, Serialize)]
pub struct LineMatched {
    /// The bank's own reference.
    pub transaction: String,
    /// `applied`, `proposed` or `unmatched`.
    pub status: &'static str,
    /// From 0 to 1.
    pub confidence: Box<RawValue>,
    /// What it pays.
    pub applications: Vec<LineShare>,
    /// Why, in sentences.
    pub reasons: Vec<String>,
}

/// A part of a line on a document.
#[derive(Debug, Serialize)]
pub struct LineShare {
    /// The document's number.
    pub invoice: String,
    /// How much, in the line's currency.
    pub amount: Box<RawValue>,
}

/// How many lines went which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Applied.
    pub applied: u64,
    /// Waiting for a person.
    pub proposed: u64,
    /// Of nobody known.
    pub unmatched: u64,
}

impl Engine {
    /// Reads files, matches the lines of the bank statements among them, and applies what is sure.
    ///
    /// # Errors
    /// What reading the files and the database say; what was committed before stays.
    pub async fn reconcile(
        &self,
        company: &Company,
        sources: Vec<Source<'_>>,
        author: &str,
        progress: &mut dyn Progress,
    ) -> Result<Reconciled> {
        let mut answer = Reconciled::default();
        let mut lines = Vec::new();
        for source in sources {
            let report = if crate::imports::is_statement(&source)? {
                let read = self.import_statement(company, &source, author, progress);
                let read = read.await?;
                lines.extend(read.lines);
                read.report
            } else {
                self.import(company, source, author, progress).await?
            };
            answer.quarantined.extend(report.quarantined);
            answer.warnings.extend(report.warnings);
        }
        let mut seen = HashSet::with_capacity(lines.len());
        lines.retain(|line| seen.insert(*line));
        self.match_lines(company, &lines).await?;
        answer.matches = self.matched(company, &lines).await?;
        Ok(answer)
    }

    /// Reads an uploaded statement and matches its lines; the file itself is not kept.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it is no bank statement, and as [`Engine::reconcile`].
    pub async fn reconcile_upload(
        &self,
        company: &Company,
        upload: Upload,
        author: &str,
    ) -> Result<Reconciled> {
        let source = upload.source();
        if !crate::imports::is_statement(&source)? {
            return Err(Error::invalid(
                "archivo",
                "no es un estado de cuenta que se conozca: descárguelo del banco como camt, \
                 MT940, OFX u hoja de cálculo",
            ));
        }
        self.reconcile(company, vec![source], author, &mut ()).await
    }

    /// Matches every line that waits: new documents and what was learned may tell more than before.
    ///
    /// # Errors
    /// What the database says; what was committed before stays.
    pub async fn match_waiting(&self, company: &Company) -> Result<Tally> {
        let limit = u32::try_from(LINES_AT_ONCE).unwrap_or(u32::MAX);
        let (mut lines, mut after) = (Vec::new(), None);
        loop {
            let page = bank::waiting(&self.db, company.id, after, limit).await?;
            let Some(last) = page.last() else {
                break;
            };
            after = Some((last.amount.minor, last.id));
            lines.extend(page.iter().map(|line| line.id));
        }
        self.match_lines(company, &lines).await
    }

    /// Matches those of some lines that wait, and takes back what reversals among them take back.
    async fn match_lines(&self, company: &Company, ids: &[BankTransactionId]) -> Result<Tally> {
        let mut waiting: Vec<BankLine> = Vec::new();
        for part in ids.chunks(LINES_AT_ONCE) {
            let lines = bank::lines(&self.db, company.id, part).await?;
            for line in lines {
                if line.reversal && line.amount.minor < 0 {
                    self.bank_takes_back(company, &line).await?;
                } else if line.state == LineState::Waiting {
                    waiting.push(line);
                }
            }
        }
        if waiting.is_empty() {
            return Ok(Tally::default());
        }
        let known = self.known(company).await?;
        let refused = known.refused();
        let rules = Rules {
            apply_from_ppm: company.settings.apply_from_ppm,
            ..Rules::of(company.country)
        };
        let matched = off_thread(move || {
            let incoming: Vec<Incoming> = waiting.iter().map(read::incoming).collect();
            let proposals = known.index.match_lines(&incoming, &rules, &refused);
            (waiting, known, proposals)
        });
        let (waiting, known, proposals) = matched.await?;
        self.book(company, &known, (waiting, proposals)).await
    }

    /// Where lines stand, for an answer; those that take money out are left out.
    async fn matched(
        &self,
        company: &Company,
        ids: &[BankTransactionId],
    ) -> Result<Vec<LineMatched>> {
        let mut answer = Vec::with_capacity(ids.len());
        for part in ids.chunks(LINES_AT_ONCE) {
            let lines = bank::lines(&self.db, company.id, part).await?;
            let standing = matches::standing(&self.db, company.id, part).await?;
            let mut lines: HashMap<_, _> = lines.into_iter().map(|it| (it.id, it)).collect();
            let standing: HashMap<_, _> = standing.into_iter().map(|it| (it.line, it)).collect();
            for id in part {
                if let Some(line) = lines.remove(id).filter(|line| line.amount.is_positive()) {
                    answer.push(told(&line, standing.get(id)));
                }
            }
        }
        Ok(answer)
    }
}

/// A line as an answer tells of it.
fn told(line: &BankLine, matched: Option<&MatchRecord>) -> LineMatched {
    let Some(matched) = matched else {
        let why = match line.state {
            LineState::Other => "No es dinero de clientes.",
            _ => "No se reconoce de quién es ni qué documento paga.",
        };
        return LineMatched {
            transaction: line.reference.clone(),
            status: Verdict::Unmatched.code(),
            confidence: number(Decimal::ZERO),
            applications: Vec::new(),
            reasons: vec![why.to_owned()],
        };
    };
    let verdict = if matched.state.is_settled() {
        Verdict::Applied
    } else {
        Verdict::Proposed
    };
    let shares = matched.shares.iter().map(|share| LineShare {
        invoice: share.invoice.clone(),
        amount: amount(share.minor, line.amount.currency),
    });
    LineMatched {
        transaction: line.reference.clone(),
        status: verdict.code(),
        confidence: number(Decimal::new(matched.confidence, 6).normalize()),
        applications: shares.collect(),
        reasons: matched.reasons.iter().map(|it| it.text.clone()).collect(),
    }
}

fn amount(minor: i64, currency: Currency) -> Box<RawValue> {
    number(Money::new(minor, currency).decimal())
}

/// A decimal as JSON writes numbers, exactly.
fn number(value: Decimal) -> Box<RawValue> {
    // What a decimal writes is always a number of JSON.
    RawValue::from_string(value.to_string()).unwrap_or_default()
}

/// Computes off the threads that talk to the database.
async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| Error::Stopped("la conciliación"))
}
