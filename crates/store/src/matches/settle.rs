//! Many matches in one transaction: payments, what they lie on, and the matches themselves.

use std::collections::HashMap;

use domain::{BankTransactionId, CompanyId, CustomerId, MatchId, Money, PaymentId};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{MatchState, Share, Why};
use crate::bank::LineState;
use crate::bulk::{
    ChunkCounts, Clash, EVENTS, Heavy, ImportChunk, Rows, Table, import, write_heavily,
};
use crate::db::Db;
use crate::error::{Result, StoreError};
use crate::portfolio::figures;
use crate::stamp::Stamp;
use crate::value::{Bind, FromRow, Row, binds};

/// A match that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMatch {
    /// The line.
    pub line: BankTransactionId,
    /// Whose money it is.
    pub customer: CustomerId,
    /// Millionths.
    pub confidence: i64,
    /// The line's amount.
    pub amount: Money,
    /// What lies where; empty where the line stays as credit.
    pub shares: Vec<Share>,
    /// Why.
    pub reasons: Vec<Why>,
}

/// How far a match goes at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It waits for a person.
    Proposed,
    /// The chunk holds the payment of this reference, with what it lies on.
    Paid(String),
    /// It is a payment that is on record already.
    Recognised(PaymentId),
}

/// Matches with the money they move.
#[derive(Clone, Debug, Default)]
pub struct SettleChunk {
    /// Payments, what closes small differences, and what lies where; of no import, because each
    /// match is undone by itself.
    pub money: ImportChunk,
    /// The matches.
    pub matches: Vec<(NewMatch, Settled)>,
}

const MATCHES: Table = Table {
    name: "matches",
    columns: &[
        "company_id",
        "id",
        "transaction_id",
        "customer_id",
        "payment_id",
        "state",
        "confidence",
        "currency",
        "amount_minor",
        "applications",
        "reasons",
        "author",
        "recorded_at",
        "decided_by",
        "decided_at",
    ],
};

const LINE_STATES: Table = Table {
    name: "bank_transactions",
    columns: &["company_id", "id", "state_projection"],
};

const PAYMENT_LINES: Table = Table {
    name: "payments",
    columns: &["company_id", "id", "transaction_id"],
};

/// Keeps matches with the money they move in one transaction. Nothing is kept when a document or
/// payment would be laid more than it holds, or when the ledger refuses a part.
///
/// # Errors
/// [`StoreError::Refused`] for that, [`StoreError::Exists`] when a line has a match already, and
/// what the database says; then nothing of the chunk was kept.
pub async fn settle(
    db: &Db,
    stamp: &Stamp,
    company: CompanyId,
    chunk: SettleChunk,
) -> Result<ChunkCounts> {
    let stamp = stamp.clone();
    write_heavily!(db, |heavy| settle_all(heavy, stamp, company, chunk))
}

async fn settle_all(
    heavy: &mut Heavy<'_>,
    stamp: Stamp,
    company: CompanyId,
    chunk: SettleChunk,
) -> Result<ChunkCounts> {
    let SettleChunk { money, matches } = chunk;
    let references: Vec<String> = money
        .payments
        .iter()
        .map(|it| it.reference.clone())
        .collect();
    let counts = import_whole(heavy, &stamp, company, money).await?;
    let payments = payment_ids(heavy, company, &references).await?;
    write_matches(heavy, &stamp, company, &matches, &payments).await?;
    figures::refresh(heavy, company, &counts.touched, stamp.at).await?;
    Ok(counts)
}

/// Writes payments and what they lie on, all of it or nothing.
pub(super) async fn import_whole(
    heavy: &mut Heavy<'_>,
    stamp: &Stamp,
    company: CompanyId,
    money: ImportChunk,
) -> Result<ChunkCounts> {
    let numbers: Vec<String> = money
        .applications
        .iter()
        .map(|it| it.document.clone())
        .collect();
    let counts = import(heavy, stamp.clone(), company, money).await?;
    if let Some(refused) = counts.refused.first() {
        return Err(StoreError::Refused {
            what: "a match",
            key: refused.key.clone(),
            why: refused.why.reason_es(),
        });
    }
    nothing_overlaid(heavy, company, &numbers).await?;
    Ok(counts)
}

/// Fails when more lies on a document than it holds: somebody else laid money there meanwhile.
async fn nothing_overlaid(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    numbers: &[String],
) -> Result<()> {
    const SQL: &str = "SELECT d.number FROM documents d WHERE d.company_id = $1 \
        AND d.number {texts:2} AND d.amount_minor < (SELECT SUM(a.amount_minor) \
            FROM applications a WHERE a.company_id = d.company_id \
            AND a.customer_id = d.customer_id AND a.document_id = d.id) LIMIT 1";
    if numbers.is_empty() {
        return Ok(());
    }
    let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
    let over: Vec<String> = heavy
        .rows(SQL, &binds![company, numbers], FromRow::from_row)
        .await?;
    match over.into_iter().next() {
        None => Ok(()),
        Some(key) => Err(StoreError::Refused {
            what: "a match",
            key,
            why: "the document does not hold as much any more",
        }),
    }
}

/// The ids of payments by their references.
pub(super) async fn payment_ids(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    references: &[String],
) -> Result<HashMap<String, Uuid>> {
    const SQL: &str =
        "SELECT reference, id FROM payments WHERE company_id = $1 AND reference {texts:2}";
    let mut found = HashMap::with_capacity(references.len());
    if references.is_empty() {
        return Ok(found);
    }
    let mut note = |row: &mut Row<'_>| {
        found.insert(row.get()?, row.get()?);
        Ok(())
    };
    let references: Vec<&str> = references.iter().map(String::as_str).collect();
    heavy
        .each(SQL, &binds![company, references], &mut note)
        .await?;
    Ok(found)
}

async fn write_matches(
    heavy: &mut Heavy<'_>,
    stamp: &Stamp,
    company: CompanyId,
    matches: &[(NewMatch, Settled)],
    payments: &HashMap<String, Uuid>,
) -> Result<()> {
    let mut rows = Rows::new(MATCHES.columns.len());
    let mut states = Rows::new(LINE_STATES.columns.len());
    let mut lines = Rows::new(PAYMENT_LINES.columns.len());
    let mut events = Rows::new(EVENTS.columns.len());
    for (found, settled) in matches {
        let (state, line_state, payment) = match settled {
            Settled::Proposed => (MatchState::Proposed, LineState::Proposed, None),
            Settled::Paid(reference) => {
                let payment = payments.get(reference).copied();
                (MatchState::Applied, LineState::Matched, payment)
            }
            Settled::Recognised(payment) => (
                MatchState::Applied,
                LineState::Matched,
                Some(payment.uuid()),
            ),
        };
        let id = MatchId::from_uuid(stamp.ids.draw());
        let decided = state == MatchState::Applied;
        let shares = json!(found.shares);
        let body = event_body(found, state, &shares);
        rows.push([
            Bind::from(company),
            id.into(),
            found.line.into(),
            found.customer.into(),
            payment.into(),
            state.into(),
            found.confidence.into(),
            found.amount.currency.into(),
            found.amount.minor.into(),
            Bind::Json(shares.to_string().into()),
            Bind::Json(json!(found.reasons).to_string().into()),
            Bind::from(&stamp.author),
            stamp.at.into(),
            Bind::from(decided.then_some(stamp.author.as_str())),
            Bind::from(decided.then_some(stamp.at)),
        ]);
        states.push([Bind::from(company), found.line.into(), line_state.into()]);
        if let Some(payment) = payment {
            lines.push([Bind::from(company), payment.into(), found.line.into()]);
        }
        events.push([
            Bind::from(company),
            stamp.ids.draw().into(),
            "match.found".into(),
            id.into(),
            body.to_string().into(),
            Bind::from(&stamp.author),
            stamp.at.into(),
        ]);
    }
    heavy.insert(&MATCHES, &rows, Clash::Fail).await?;
    heavy.update(&LINE_STATES, 2, "", &states).await?;
    heavy.update(&PAYMENT_LINES, 2, "", &lines).await?;
    heavy.insert(&EVENTS, &events, Clash::Fail).await?;
    Ok(())
}

fn event_body(found: &NewMatch, state: MatchState, shares: &Value) -> Value {
    json!({ "after": {
        "line": found.line.to_string(),
        "customer": found.customer.to_string(),
        "state": state.code(),
        "confidence": found.confidence,
        "shares": shares,
    }})
}
