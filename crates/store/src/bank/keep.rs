//! Lines of a statement, thousands in one transaction.

use domain::ids::uuid_of_content;
use domain::{BankAccountId, BankTransactionId, CompanyId, ImportId, Money};
use jiff::civil::Date;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::LineState;
use crate::bulk::{Clash, Heavy, Rows, Table, Tally, write_heavily};
use crate::db::Db;
use crate::error::Result;
use crate::stamp::Stamp;
use crate::value::{Bind, Row, binds};

/// A line as a file tells of it.
#[derive(Clone, Debug, PartialEq)]
pub struct NewLine {
    /// 1-based line or entry in the file.
    pub line: u32,
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
    /// The bank's own reference; may be empty: then one is made.
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
    /// The rest that was told: an object.
    pub detail: Value,
}

impl NewLine {
    /// What makes this line another than those beside it, on its account: where the bank refers to
    /// it, its references; else all that it says.
    pub fn content(&self, account: BankAccountId) -> [u8; 32] {
        let mut hasher = Sha256::new();
        let mut add = |text: &str| {
            hasher.update((text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        };
        add(&account.to_string());
        add(&self.booked.to_string());
        add(&format!("{} {}", self.amount.minor, self.amount.currency));
        add(if self.reversal { "reversal" } else { "" });
        add(&self.reference);
        add(&self.end_to_end);
        if self.reference.is_empty() {
            add(&self.payer_name);
            add(&self.payer_account);
            add(&self.virtual_account);
            add(&self.text);
        }
        hasher.finalize().into()
    }

    /// The id of the `ordinal`-th line of that content in one statement, from 0.
    pub fn id(content: &[u8; 32], ordinal: u32) -> BankTransactionId {
        let mut hasher = Sha256::new();
        hasher.update(content);
        hasher.update(ordinal.to_le_bytes());
        BankTransactionId::from_uuid(uuid_of_content(&hasher.finalize().into()))
    }

    /// The bank's own reference, or what stands for it.
    fn reference_of(&self, id: BankTransactionId) -> String {
        if !self.reference.is_empty() {
            return self.reference.clone();
        }
        let short: String = id.to_string().chars().take(8).collect();
        if self.end_to_end.is_empty() {
            format!("{} {short}", self.booked)
        } else {
            format!("{} {short}", self.end_to_end)
        }
    }
}

/// Lines of one statement.
#[derive(Clone, Debug)]
pub struct KeptLines {
    /// Their account.
    pub account: BankAccountId,
    /// The import that reads them.
    pub import: ImportId,
    /// Lines with their ids.
    pub lines: Vec<(BankTransactionId, NewLine)>,
}

const LINES: Table = Table {
    name: "bank_transactions",
    columns: &[
        "company_id",
        "id",
        "account_id",
        "import_id",
        "line",
        "booked_on",
        "value_on",
        "currency",
        "amount_minor",
        "reversal",
        "interim",
        "reference",
        "end_to_end",
        "payer_name",
        "payer_tax_id",
        "payer_account",
        "virtual_account",
        "text",
        "detail",
        "state_projection",
        "recorded_at",
    ],
};

/// What the booked line says in the place of the one told before it.
const BOOKED: Table = Table {
    name: "bank_transactions",
    columns: &[
        "company_id",
        "id",
        "interim",
        "import_id",
        "line",
        "value_on",
        "payer_name",
        "payer_tax_id",
        "payer_account",
        "virtual_account",
        "text",
        "detail",
    ],
};

/// Keeps lines in one transaction: those that are there already stay as they are, but for one told
/// before it was booked.
///
/// # Errors
/// What the database says; then none of them was kept.
pub async fn keep_lines(
    db: &Db,
    stamp: &Stamp,
    company: CompanyId,
    kept: KeptLines,
) -> Result<Tally> {
    let stamp = stamp.clone();
    write_heavily!(db, |heavy| keep(heavy, stamp, company, kept))
}

async fn keep(
    heavy: &mut Heavy<'_>,
    stamp: Stamp,
    company: CompanyId,
    kept: KeptLines,
) -> Result<Tally> {
    let mut tally = Tally {
        updated: book(heavy, company, &kept).await?,
        ..Tally::default()
    };
    let mut rows = Rows::new(LINES.columns.len());
    for (id, line) in &kept.lines {
        let state = if line.amount.minor > 0 && !line.reversal {
            LineState::Waiting
        } else {
            LineState::Other
        };
        rows.push([
            Bind::from(company),
            (*id).into(),
            kept.account.into(),
            kept.import.into(),
            line.line.into(),
            line.booked.into(),
            line.value.into(),
            line.amount.currency.into(),
            line.amount.minor.into(),
            line.reversal.into(),
            line.interim.into(),
            line.reference_of(*id).into(),
            Bind::from(&line.end_to_end),
            Bind::from(&line.payer_name),
            Bind::from(&line.payer_tax_id),
            Bind::from(&line.payer_account),
            Bind::from(&line.virtual_account),
            Bind::from(&line.text),
            Bind::from(&line.detail),
            state.into(),
            stamp.at.into(),
        ]);
    }
    tally.created = heavy.insert(&LINES, &rows, Clash::Skip).await?;
    let all = kept.lines.len() as u64;
    tally.unchanged = all.saturating_sub(tally.created + tally.updated);
    Ok(tally)
}

/// Lets booked lines take the place of those told before; how many did.
async fn book(heavy: &mut Heavy<'_>, company: CompanyId, kept: &KeptLines) -> Result<u64> {
    const ANY: &str = "SELECT 1 FROM bank_transactions \
        WHERE company_id = $1 AND account_id = $2 AND interim LIMIT 1";
    let mut any = false;
    let mut note = |_: &mut Row<'_>| {
        any = true;
        Ok(())
    };
    let binds = binds![company, kept.account];
    heavy.each(ANY, &binds, &mut note).await?;
    if !any {
        return Ok(0);
    }
    let mut rows = Rows::new(BOOKED.columns.len());
    for (id, line) in kept.lines.iter().filter(|(_, line)| !line.interim) {
        rows.push([
            Bind::from(company),
            (*id).into(),
            false.into(),
            kept.import.into(),
            line.line.into(),
            line.value.into(),
            Bind::from(&line.payer_name),
            Bind::from(&line.payer_tax_id),
            Bind::from(&line.payer_account),
            Bind::from(&line.virtual_account),
            Bind::from(&line.text),
            Bind::from(&line.detail),
        ]);
    }
    heavy.update(&BOOKED, 2, "t.interim", &rows).await
}
