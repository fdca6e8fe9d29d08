//! What a line of a bank is taken to pay: proposed, applied, accepted, refused, undone.
//!
//! A line has one match that stands at most. What a person refuses or undoes is kept as a refusal
//! of its own, which the machine reads before it proposes again (invariant 16).

mod carry;
mod learn;
mod settle;

use domain::code::UnknownCode;
use domain::{BankTransactionId, CompanyId, CustomerId, DocumentId, MatchId, Money, PaymentId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::bank::{self, BankLine, LINE, LineState};
use crate::db::{Access, Tx, first, rows, run};
use crate::error::Result;
use crate::events;
use crate::stamp::Stamp;
use crate::value::{Bind, FromRow, Row, binds};

pub use carry::{Step, TakenBack, carry_out};
pub use learn::{Alias, AliasKind, Refusal, aliases, refusals};
pub use settle::{NewMatch, SettleChunk, Settled, settle};

/// Where a match stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MatchState {
    /// It waits for a person.
    Proposed,
    /// The machine applied it.
    Applied,
    /// A person accepted it.
    Accepted,
    /// A person refused it.
    Refused,
    /// It was applied or accepted, and taken back.
    Undone,
}

impl MatchState {
    /// Every state, in order.
    pub const ALL: [Self; 5] = [
        Self::Proposed,
        Self::Applied,
        Self::Accepted,
        Self::Refused,
        Self::Undone,
    ];

    /// The word it is stored as.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Applied => "applied",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Undone => "undone",
        }
    }

    /// Whether its money lies on documents.
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::Applied | Self::Accepted)
    }
}

impl std::str::FromStr for MatchState {
    type Err = UnknownCode;

    fn from_str(text: &str) -> Result<Self, UnknownCode> {
        let found = Self::ALL.into_iter().find(|state| state.code() == text);
        found.ok_or_else(|| UnknownCode {
            found: text.to_owned(),
            allowed: Self::ALL.iter().map(|state| state.code()).collect(),
        })
    }
}

impl FromRow for MatchState {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        row.code()
    }
}

impl From<MatchState> for Bind<'_> {
    fn from(value: MatchState) -> Self {
        value.code().into()
    }
}

/// A part of a line on a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// The document.
    pub document: String,
    /// Its number.
    pub invoice: String,
    /// Minor units of the line that lie there.
    pub minor: i64,
    /// What closes the rest of it, in a word with minor units (`discount`, `withholding`, `fee`,
    /// `rounding`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub closes_by: Vec<(String, i64)>,
}

impl Share {
    /// The document's id, when it reads.
    pub fn document_id(&self) -> Option<DocumentId> {
        self.document.parse().ok()
    }
}

/// Why a match was found, for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Why {
    /// In a word.
    pub code: String,
    /// In a Spanish sentence.
    pub text: String,
}

/// A match as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatchRecord {
    /// Our id.
    pub id: MatchId,
    /// The line.
    pub line: BankTransactionId,
    /// Whose money it is.
    pub customer: CustomerId,
    /// The payment it became, once settled.
    pub payment: Option<PaymentId>,
    /// Where it stands.
    pub state: MatchState,
    /// Millionths.
    pub confidence: i64,
    /// The line's amount.
    pub amount: Money,
    /// What lies where; nothing where the line stays as credit.
    pub shares: Vec<Share>,
    /// Why.
    pub reasons: Vec<Why>,
    /// Who found it.
    pub author: String,
    /// When.
    pub recorded_at: Timestamp,
    /// Who accepted, refused or undid it.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<Timestamp>,
}

impl FromRow for MatchRecord {
    const WIDTH: usize = 14;

    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            line: row.get()?,
            customer: row.get()?,
            payment: row.get()?,
            state: row.get()?,
            confidence: row.get()?,
            amount: row.get()?,
            shares: list(row.get()?),
            reasons: list(row.get()?),
            author: row.get()?,
            recorded_at: row.get()?,
            decided_by: row.get()?,
            decided_at: row.get()?,
        })
    }
}

fn list<T: for<'a> Deserialize<'a>>(value: Value) -> Vec<T> {
    serde_json::from_value(value).unwrap_or_default()
}

const MATCH: &str = "m.id, m.transaction_id, m.customer_id, m.payment_id, m.state, m.confidence, \
    m.amount_minor, m.currency, m.applications, m.reasons, m.author, m.recorded_at, m.decided_by, \
    m.decided_at";

/// A match with its line and whose it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// The match.
    pub matched: MatchRecord,
    /// The customer's key.
    pub customer_key: String,
    /// The customer's name.
    pub customer_name: String,
    /// The line.
    pub line: BankLine,
}

impl FromRow for Listed {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            matched: row.get()?,
            customer_key: row.get()?,
            customer_name: row.get()?,
            line: row.get()?,
        })
    }
}

const JOINED: &str = "FROM matches m \
    JOIN customers c ON c.company_id = m.company_id AND c.id = m.customer_id \
    JOIN bank_transactions l ON l.company_id = m.company_id AND l.id = m.transaction_id";

/// The match of that id.
///
/// # Errors
/// What the database says.
pub async fn get(on: impl Access, company: CompanyId, id: MatchId) -> Result<Option<Listed>> {
    let sql = format!(
        "SELECT {MATCH}, c.key, c.name, {LINE} {JOINED} WHERE m.company_id = $1 AND m.id = $2"
    );
    first(on, &sql, &binds![company, id], FromRow::from_row).await
}

/// Matches that stand, of these lines.
///
/// # Errors
/// What the database says.
pub async fn standing(
    on: impl Access,
    company: CompanyId,
    lines: &[BankTransactionId],
) -> Result<Vec<MatchRecord>> {
    let sql = format!(
        "SELECT {MATCH} FROM matches m WHERE m.company_id = $1 AND m.transaction_id {{uuids:2}} \
         AND m.state IN ('proposed', 'applied', 'accepted')"
    );
    let ids: Vec<Uuid> = lines.iter().map(|it| it.uuid()).collect();
    rows(on, &sql, &binds![company, ids], FromRow::from_row).await
}

/// Every match there ever was of a line, oldest first.
///
/// # Errors
/// What the database says.
pub async fn of_line(
    on: impl Access,
    company: CompanyId,
    line: BankTransactionId,
) -> Result<Vec<Listed>> {
    let sql = format!(
        "SELECT {MATCH}, c.key, c.name, {LINE} {JOINED} WHERE m.company_id = $1 \
         AND m.transaction_id = $2 ORDER BY m.recorded_at, m.id"
    );
    rows(on, &sql, &binds![company, line], FromRow::from_row).await
}

/// Proposals, the largest amounts first, at most `limit` behind the amount and id `after`.
///
/// # Errors
/// What the database says.
pub async fn proposed(
    on: impl Access,
    company: CompanyId,
    after: Option<(i64, MatchId)>,
    limit: u32,
) -> Result<Vec<Listed>> {
    let sql = format!(
        "SELECT {MATCH}, c.key, c.name, {LINE} {JOINED} WHERE m.company_id = $1 \
         AND m.state = 'proposed' \
         AND (m.amount_minor < $2 OR (m.amount_minor = $2 AND m.id < $3)) \
         ORDER BY m.amount_minor DESC, m.id DESC LIMIT $4"
    );
    let (minor, id) = after.map_or((i64::MAX, Uuid::max()), |(minor, id)| (minor, id.uuid()));
    let binds = binds![company, minor, id, limit];
    rows(on, &sql, &binds, FromRow::from_row).await
}

/// Matches that were applied, accepted, refused or undone, the latest first, at most `limit`
/// behind the instant and id `before`.
///
/// # Errors
/// What the database says.
pub async fn decided(
    on: impl Access,
    company: CompanyId,
    before: Option<(Timestamp, MatchId)>,
    limit: u32,
) -> Result<Vec<Listed>> {
    let sql = format!(
        "SELECT {MATCH}, c.key, c.name, {LINE} {JOINED} WHERE m.company_id = $1 \
         AND m.state IN ('applied', 'accepted', 'undone', 'refused') \
         AND (m.decided_at < $2 OR (m.decided_at = $2 AND m.id < $3)) \
         ORDER BY m.decided_at DESC, m.id DESC LIMIT $4"
    );
    let (at, id) = before.map_or((i64::MAX, Uuid::max()), |(at, id)| {
        (at.as_microsecond(), id.uuid())
    });
    let binds = binds![company, at, id, limit];
    rows(on, &sql, &binds, FromRow::from_row).await
}

/// Adds a match that a person makes by hand.
///
/// # Errors
/// [`StoreError::Exists`] when another one of the line stands.
pub async fn add(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    new: &NewMatch,
) -> Result<MatchId> {
    const SQL: &str = "INSERT INTO matches (company_id, id, transaction_id, customer_id, state, \
        confidence, currency, amount_minor, applications, reasons, author, recorded_at) \
        VALUES ($1, $2, $3, $4, 'proposed', $5, $6, $7, $8, $9, $10, $11)";
    let id = MatchId::from_uuid(stamp.ids.draw());
    let (shares, reasons) = (json!(new.shares), json!(new.reasons));
    let binds = binds![
        company,
        id,
        new.line,
        new.customer,
        new.confidence,
        new.amount.currency,
        new.amount.minor,
        &shares,
        &reasons,
        &stamp.author,
        stamp.at,
    ];
    let done = run(&mut *tx, SQL, &binds).await;
    done.map_err(|error| error.named("match of the bank line", &new.line.to_string()))?;
    bank::set_state(&mut *tx, company, new.line, LineState::Proposed).await?;
    let body = json!({ "after": { "line": new.line.to_string(), "shares": shares } });
    let entity = Some(id.uuid());
    events::append(tx, stamp, company, "match.proposed", entity, &body).await?;
    Ok(id)
}

/// A payment that came in otherwise than by a bank's line, as far as one must know it to say that
/// it is the same money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownPayment {
    /// Our id.
    pub payment: PaymentId,
    /// Whose it is.
    pub customer: CustomerId,
    /// Its reference.
    pub reference: String,
    /// The day it counts from.
    pub on: jiff::civil::Date,
    /// Its amount.
    pub amount: Money,
    /// The bank's line it is, once that is known.
    pub line: Option<BankTransactionId>,
}

impl FromRow for KnownPayment {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            payment: row.get()?,
            customer: row.get()?,
            reference: row.get()?,
            on: row.get()?,
            amount: row.get()?,
            line: row.get()?,
        })
    }
}

const KNOWN: &str = "SELECT p.id, p.customer_id, p.reference, p.paid_on, p.amount_minor, \
    p.currency, p.transaction_id FROM payments p WHERE p.company_id = $1";

/// Payments that bear one of these references.
///
/// # Errors
/// What the database says.
pub async fn payments_named(
    on: impl Access,
    company: CompanyId,
    references: &[&str],
) -> Result<Vec<KnownPayment>> {
    let sql = format!("{KNOWN} AND p.reference {{texts:2}}");
    let binds = binds![company, references.to_vec()];
    rows(on, &sql, &binds, FromRow::from_row).await
}

/// Payments of these customers since a day that are of no bank's line yet.
///
/// # Errors
/// What the database says.
pub async fn payments_unlinked(
    on: impl Access,
    company: CompanyId,
    customers: &[CustomerId],
    since: jiff::civil::Date,
) -> Result<Vec<KnownPayment>> {
    let sql = format!(
        "{KNOWN} AND p.customer_id {{uuids:2}} AND p.paid_on >= $3 AND p.transaction_id IS NULL \
         ORDER BY p.paid_on, p.id"
    );
    let ids: Vec<Uuid> = customers.iter().map(|it| it.uuid()).collect();
    rows(on, &sql, &binds![company, ids, since], FromRow::from_row).await
}
