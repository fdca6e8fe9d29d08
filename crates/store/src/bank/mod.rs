//! What banks write of the company's accounts: accounts, statements, and their lines.
//!
//! Ids of statements and lines follow from their content, so that the same file twice, and
//! statements whose days overlap, bring the same rows. A line told before it is booked gives way to
//! the booked one in place: what was matched stays matched.

mod keep;
mod open_items;

use domain::code::UnknownCode;
use domain::ids::uuid_of_content;
use domain::{
    BankAccountId, BankStatementId, BankTransactionId, CompanyId, Currency, ImportId, Money,
};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::db::{Access, Tx, first, rows, run};
use crate::error::{Result, StoreError};
use crate::events;
use crate::stamp::Stamp;
use crate::value::{Bind, FromRow, Row, binds};

pub use keep::{KeptLines, NewLine, keep_lines};
pub use open_items::{OpenItem, Payer, open_items, payers};

/// An account of the company at a bank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankAccount {
    /// Our id.
    pub id: BankAccountId,
    /// IBAN, CLABE or account number without blanks.
    pub number: String,
    /// BIC or bank code; may be empty.
    pub bank: String,
    /// Whose it is; may be empty.
    pub holder: String,
    /// Its currency.
    pub currency: Currency,
    /// Whether money of customers comes in here.
    pub watched: bool,
    /// The last day of which the bank told something.
    pub data_until: Option<Date>,
}

impl FromRow for BankAccount {
    const WIDTH: usize = 7;

    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            number: row.get()?,
            bank: row.get()?,
            holder: row.get()?,
            currency: row.get()?,
            watched: row.get()?,
            data_until: row.get()?,
        })
    }
}

const ACCOUNT: &str = "a.id, a.number, a.bank, a.holder, a.currency, a.watched, \
    a.data_until_projection";

/// The company's accounts, those with the oldest data first.
///
/// # Errors
/// What the database says.
pub async fn accounts(on: impl Access, company: CompanyId) -> Result<Vec<BankAccount>> {
    let sql = format!(
        "SELECT {ACCOUNT} FROM bank_accounts a WHERE a.company_id = $1 \
         ORDER BY a.watched DESC, a.data_until_projection, a.number"
    );
    rows(on, &sql, &binds![company], FromRow::from_row).await
}

/// The account of that number and currency; it is made where it is not there yet.
///
/// # Errors
/// What the database says.
pub async fn account(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    (number, bank, holder): (&str, &str, &str),
    currency: Currency,
) -> Result<BankAccountId> {
    const SQL: &str = "INSERT INTO bank_accounts (company_id, id, number, bank, holder, currency, \
        watched, recorded_at) VALUES ($1, $2, $3, $4, $5, $6, TRUE, $7) \
        ON CONFLICT (company_id, number, currency) DO NOTHING";
    const FOUND: &str = "SELECT id FROM bank_accounts \
        WHERE company_id = $1 AND number = $2 AND currency = $3";
    let find = binds![company, number, currency];
    if let Some(id) = first(&mut *tx, FOUND, &find, FromRow::from_row).await? {
        return Ok(id);
    }
    let id = BankAccountId::from_uuid(stamp.ids.draw());
    let binds = binds![company, id, number, bank, holder, currency, stamp.at];
    if run(&mut *tx, SQL, &binds).await? > 0 {
        let body = json!({ "after": { "number": number, "currency": currency.code() } });
        let entity = Some(id.uuid());
        events::append(tx, stamp, company, "bank_account.added", entity, &body).await?;
        return Ok(id);
    }
    let found = first(&mut *tx, FOUND, &find, FromRow::from_row).await?;
    found.ok_or_else(|| StoreError::Missing {
        what: "bank account",
        key: number.to_owned(),
    })
}

/// Says whether money of customers comes in on an account: only then its last day counts.
///
/// # Errors
/// [`StoreError::Missing`] when there is no such account.
pub async fn watch(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    account: BankAccountId,
    watched: bool,
) -> Result<()> {
    const SQL: &str = "UPDATE bank_accounts SET watched = $3 WHERE company_id = $1 AND id = $2";
    if run(&mut *tx, SQL, &binds![company, account, watched]).await? == 0 {
        return Err(StoreError::Missing {
            what: "bank account",
            key: account.to_string(),
        });
    }
    let body = json!({ "after": { "watched": watched } });
    let entity = Some(account.uuid());
    events::append(tx, stamp, company, "bank_account.changed", entity, &body).await
}

/// The last day of which every watched account has data; `None` where no statement was ever read.
///
/// # Errors
/// What the database says.
pub async fn data_until(on: impl Access, company: CompanyId) -> Result<Option<Date>> {
    let found = first(on, DATA_UNTIL, &binds![company], FromRow::from_row).await?;
    Ok(found.flatten())
}

/// The day of [`data_until`].
pub(crate) const DATA_UNTIL: &str = "SELECT MIN(data_until_projection) FROM bank_accounts \
    WHERE company_id = $1 AND watched AND data_until_projection IS NOT NULL";

/// A statement as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankStatement {
    /// Our id; see [`BankStatement::id_of`].
    pub id: BankStatementId,
    /// Its account.
    pub account: BankAccountId,
    /// The import it came with.
    pub import: ImportId,
    /// How it was written.
    pub format: String,
    /// The bank's own number; may be empty.
    pub number: String,
    /// First day it covers.
    pub from: Option<Date>,
    /// Last day it covers.
    pub to: Option<Date>,
    /// Minor units before its first line.
    pub opening: Option<i64>,
    /// Minor units after its last booked line.
    pub closing: Option<i64>,
    /// Sum of its booked lines.
    pub sum: i64,
    /// How many lines it has.
    pub lines: i64,
    /// Whether it only announces what a later one will say.
    pub interim: bool,
    /// When it was recorded.
    pub recorded_at: Timestamp,
}

impl BankStatement {
    /// The id that follows from account and content.
    #[must_use]
    pub fn id_of(&self) -> BankStatementId {
        let text = format!(
            "{}\n{}\n{}\n{:?}\n{:?}\n{:?}\n{:?}\n{}\n{}",
            self.account,
            self.format,
            self.number,
            self.from,
            self.to,
            self.opening,
            self.closing,
            self.sum,
            self.lines,
        );
        BankStatementId::from_uuid(uuid_of_content(&Sha256::digest(text.as_bytes()).into()))
    }

    /// Whether opening and booked lines give the closing balance; `None` where it says not both.
    pub fn balances(&self) -> Option<bool> {
        let (opening, closing) = (self.opening?, self.closing?);
        Some(opening.checked_add(self.sum) == Some(closing))
    }
}

impl FromRow for BankStatement {
    const WIDTH: usize = 13;

    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            account: row.get()?,
            import: row.get()?,
            format: row.get()?,
            number: row.get()?,
            from: row.get()?,
            to: row.get()?,
            opening: row.get()?,
            closing: row.get()?,
            sum: row.get()?,
            lines: row.get()?,
            interim: row.get()?,
            recorded_at: row.get()?,
        })
    }
}

const STATEMENT: &str = "s.id, s.account_id, s.import_id, s.format, s.number, s.from_on, s.to_on, \
    s.opening_minor, s.closing_minor, s.sum_minor, s.lines, s.interim, s.recorded_at";

/// Keeps a statement that was read to its end, with the last day its account has data of. Says
/// whether it is new.
///
/// # Errors
/// What the database says.
pub async fn add_statement(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    statement: &BankStatement,
    data_until: Option<Date>,
) -> Result<bool> {
    const SQL: &str = "INSERT INTO bank_statements (company_id, id, account_id, import_id, format, \
        number, from_on, to_on, opening_minor, closing_minor, sum_minor, lines, interim, author, \
        recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) \
        ON CONFLICT (company_id, id) DO NOTHING";
    const UNTIL: &str = "UPDATE bank_accounts SET data_until_projection = $3 \
        WHERE company_id = $1 AND id = $2 \
        AND (data_until_projection IS NULL OR data_until_projection < $3)";
    if let Some(until) = data_until {
        run(&mut *tx, UNTIL, &binds![company, statement.account, until]).await?;
    }
    let binds = binds![
        company,
        statement.id,
        statement.account,
        statement.import,
        &statement.format,
        &statement.number,
        statement.from,
        statement.to,
        statement.opening,
        statement.closing,
        statement.sum,
        statement.lines,
        statement.interim,
        &stamp.author,
        stamp.at,
    ];
    if run(&mut *tx, SQL, &binds).await? == 0 {
        return Ok(false);
    }
    let body = json!({ "import": statement.import.to_string(), "after": {
        "account": statement.account.to_string(),
        "number": statement.number,
        "lines": statement.lines,
        "sum": statement.sum,
    }});
    let entity = Some(statement.id.uuid());
    events::append(tx, stamp, company, "bank_statement.added", entity, &body).await?;
    Ok(true)
}

/// The latest statements of an account that are not interim, newest first.
///
/// # Errors
/// What the database says.
pub async fn statements(
    on: impl Access,
    company: CompanyId,
    account: BankAccountId,
    limit: u32,
) -> Result<Vec<BankStatement>> {
    let sql = format!(
        "SELECT {STATEMENT} FROM bank_statements s WHERE s.company_id = $1 \
         AND s.account_id = $2 AND NOT s.interim \
         ORDER BY s.to_on DESC, s.recorded_at DESC, s.id LIMIT $3"
    );
    let binds = binds![company, account, limit];
    rows(on, &sql, &binds, FromRow::from_row).await
}

/// Where a line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LineState {
    /// It is no customer's money.
    Other,
    /// It waits for a match.
    Waiting,
    /// A match waits for a person.
    Proposed,
    /// It is matched.
    Matched,
}

impl LineState {
    /// The word it is stored as.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Other => "other",
            Self::Waiting => "waiting",
            Self::Proposed => "proposed",
            Self::Matched => "matched",
        }
    }
}

impl std::str::FromStr for LineState {
    type Err = UnknownCode;

    fn from_str(text: &str) -> Result<Self, UnknownCode> {
        let all = [Self::Other, Self::Waiting, Self::Proposed, Self::Matched];
        let found = all.into_iter().find(|state| state.code() == text);
        found.ok_or_else(|| UnknownCode {
            found: text.to_owned(),
            allowed: all.iter().map(|state| state.code()).collect(),
        })
    }
}

impl FromRow for LineState {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        row.code()
    }
}

impl From<LineState> for Bind<'_> {
    fn from(value: LineState) -> Self {
        value.code().into()
    }
}

/// A line of a bank.
#[derive(Clone, Debug, PartialEq)]
pub struct BankLine {
    /// Our id.
    pub id: BankTransactionId,
    /// Its account.
    pub account: BankAccountId,
    /// Civil date it was booked.
    pub booked: Date,
    /// Civil date it bears interest from.
    pub value: Option<Date>,
    /// Positive when it came in.
    pub amount: Money,
    /// It takes back an earlier one.
    pub reversal: bool,
    /// Told before it is booked.
    pub interim: bool,
    /// The bank's own reference, or what stands for it.
    pub reference: String,
    /// The payer's reference; may be empty.
    pub end_to_end: String,
    /// Who is on the other side; may be empty.
    pub payer_name: String,
    /// Its tax id; may be empty.
    pub payer_tax_id: String,
    /// Its account; may be empty.
    pub payer_account: String,
    /// The account's own number the payer was given; may be empty.
    pub virtual_account: String,
    /// Free text.
    pub text: String,
    /// Documents and creditor references named, charges, original amount, code: an object.
    pub detail: Value,
    /// Where it stands.
    pub state: LineState,
    /// When it was recorded.
    pub recorded_at: Timestamp,
}

impl FromRow for BankLine {
    const WIDTH: usize = 18;

    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            account: row.get()?,
            booked: row.get()?,
            value: row.get()?,
            amount: row.get()?,
            reversal: row.get()?,
            interim: row.get()?,
            reference: row.get()?,
            end_to_end: row.get()?,
            payer_name: row.get()?,
            payer_tax_id: row.get()?,
            payer_account: row.get()?,
            virtual_account: row.get()?,
            text: row.get()?,
            detail: row.get()?,
            state: row.get()?,
            recorded_at: row.get()?,
        })
    }
}

pub(crate) const LINE: &str = "l.id, l.account_id, l.booked_on, l.value_on, l.amount_minor, \
    l.currency, l.reversal, l.interim, l.reference, l.end_to_end, l.payer_name, l.payer_tax_id, \
    l.payer_account, l.virtual_account, l.text, l.detail, l.state_projection, l.recorded_at";

/// Lines by their ids, in any order.
///
/// # Errors
/// What the database says.
pub async fn lines(
    on: impl Access,
    company: CompanyId,
    ids: &[BankTransactionId],
) -> Result<Vec<BankLine>> {
    let sql = format!(
        "SELECT {LINE} FROM bank_transactions l WHERE l.company_id = $1 AND l.id {{uuids:2}}"
    );
    let ids: Vec<Uuid> = ids.iter().map(|it| it.uuid()).collect();
    rows(on, &sql, &binds![company, ids], FromRow::from_row).await
}

/// Lines that wait for a match, the largest amounts first, at most `limit` behind the amount and id
/// `after`.
///
/// # Errors
/// What the database says.
pub async fn waiting(
    on: impl Access,
    company: CompanyId,
    after: Option<(i64, BankTransactionId)>,
    limit: u32,
) -> Result<Vec<BankLine>> {
    let sql = format!(
        "SELECT {LINE} FROM bank_transactions l WHERE l.company_id = $1 \
         AND l.state_projection = 'waiting' \
         AND (l.amount_minor < $2 OR (l.amount_minor = $2 AND l.id < $3)) \
         ORDER BY l.amount_minor DESC, l.id DESC LIMIT $4"
    );
    let (minor, id) = after.map_or((i64::MAX, Uuid::max()), |(minor, id)| (minor, id.uuid()));
    let binds = binds![company, minor, id, limit];
    rows(on, &sql, &binds, FromRow::from_row).await
}

/// The line that a reversal takes back: the latest before it of the same account and opposite
/// amount that bears its reference, its end-to-end reference or its payer; `None` where there is
/// none or not one alone.
///
/// # Errors
/// What the database says.
pub async fn reversed_by(
    on: impl Access,
    company: CompanyId,
    reversal: &BankLine,
) -> Result<Option<BankLine>> {
    let sql = format!(
        "SELECT {LINE} FROM bank_transactions l WHERE l.company_id = $1 AND l.account_id = $2 \
         AND l.booked_on <= $3 AND l.booked_on >= $4 AND l.amount_minor = $5 AND NOT l.reversal \
         AND l.state_projection IN ('matched', 'proposed', 'waiting') AND ( \
            l.reference = $6 OR (l.end_to_end <> '' AND l.end_to_end = $7) \
            OR (l.payer_account <> '' AND l.payer_account = $8)) \
         ORDER BY l.booked_on DESC, l.id LIMIT 2"
    );
    let since = reversal
        .booked
        .saturating_sub(jiff::ToSpan::days(REVERSED_WITHIN_DAYS));
    let binds = binds![
        company,
        reversal.account,
        reversal.booked,
        since,
        reversal.amount.minor.saturating_neg(),
        &reversal.reference,
        &reversal.end_to_end,
        &reversal.payer_account,
    ];
    let mut found: Vec<BankLine> = rows(on, &sql, &binds, FromRow::from_row).await?;
    let same = |it: &BankLine| {
        it.reference == reversal.reference
            || (!it.end_to_end.is_empty() && it.end_to_end == reversal.end_to_end)
    };
    if let Some(at) = found.iter().position(same) {
        return Ok(Some(found.swap_remove(at)));
    }
    Ok((found.len() == 1).then(|| found.swap_remove(0)))
}

/// How long after a payment it may come back: disputes of cards and debits last longest.
const REVERSED_WITHIN_DAYS: i64 = 400;

/// Says where a line stands.
///
/// # Errors
/// What the database says.
pub(crate) async fn set_state(
    tx: &mut Tx,
    company: CompanyId,
    line: BankTransactionId,
    state: LineState,
) -> Result<()> {
    const SQL: &str = "UPDATE bank_transactions SET state_projection = $3 \
        WHERE company_id = $1 AND id = $2";
    run(tx, SQL, &binds![company, line, state]).await.map(drop)
}

/// Sets a waiting line aside, because it is no customer's money, or brings it back.
///
/// # Errors
/// [`StoreError::Missing`] when no such line waits, or none was set aside.
pub async fn set_aside(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    line: BankTransactionId,
    aside: bool,
) -> Result<()> {
    const SQL: &str = "UPDATE bank_transactions SET state_projection = $4 \
        WHERE company_id = $1 AND id = $2 AND state_projection = $3 AND amount_minor > 0";
    let (from, to) = if aside {
        (LineState::Waiting, LineState::Other)
    } else {
        (LineState::Other, LineState::Waiting)
    };
    if run(&mut *tx, SQL, &binds![company, line, from, to]).await? == 0 {
        return Err(StoreError::Missing {
            what: "bank line in that state",
            key: line.to_string(),
        });
    }
    let body = json!({ "before": { "state": from.code() }, "after": { "state": to.code() } });
    let entity = Some(line.uuid());
    events::append(tx, stamp, company, "bank_line.changed", entity, &body).await
}
