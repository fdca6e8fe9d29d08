//! What money can be matched to: every open document and every customer, each in one pass.

use domain::{CompanyId, CustomerId, DocumentId, Money};
use jiff::civil::Date;
use uuid::Uuid;

use crate::bulk::{Heavy, read_heavily};
use crate::db::Db;
use crate::error::Result;
use crate::value::{FromRow, Row, binds};

/// A document of which something is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenItem {
    /// Our id.
    pub document: DocumentId,
    /// Whose it is.
    pub customer: CustomerId,
    /// The company's own number.
    pub number: String,
    /// Whether it is a credit note, of which something is not laid yet.
    pub credit: bool,
    /// Civil date of issue.
    pub issued: Date,
    /// Civil date it falls due.
    pub due: Date,
    /// Amount as issued.
    pub amount: Money,
    /// Minor units open of it.
    pub open: i64,
}

impl FromRow for OpenItem {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            document: row.get()?,
            customer: row.get()?,
            number: row.get()?,
            credit: row.get()?,
            issued: row.get()?,
            due: row.get()?,
            amount: row.get()?,
            open: row.get()?,
        })
    }
}

/// Every document of the company of which something is open, in the order of their ids.
///
/// # Errors
/// What the database says.
pub async fn open_items(db: &Db, company: CompanyId) -> Result<Vec<OpenItem>> {
    read_heavily!(db, |heavy| load_items(heavy, company))
}

async fn load_items(heavy: &mut Heavy<'_>, company: CompanyId) -> Result<Vec<OpenItem>> {
    // What lies where is read in one pass of its own and laid beside the documents by their ids: a
    // look-up for each of a million documents would cost several times as much.
    const ITEMS: &str = "SELECT id, customer_id, number, kind = 'credit_note', issued_on, due_on, \
        amount_minor, currency, amount_minor FROM documents WHERE company_id = $1 \
        AND settled_on_projection IS NULL";
    const LAID: &str = "SELECT document_id, credit_id, amount_minor FROM applications \
        WHERE company_id = $1";
    let mut items: Vec<OpenItem> = heavy
        .rows(ITEMS, &binds![company], FromRow::from_row)
        .await?;
    items.sort_unstable_by_key(|it| it.document);
    let mut lay = |row: &mut Row<'_>| {
        let (document, credit): (DocumentId, Option<DocumentId>) = (row.get()?, row.get()?);
        let minor: i64 = row.get()?;
        for touched in [Some(document), credit].into_iter().flatten() {
            if let Ok(at) = items.binary_search_by_key(&touched, |it| it.document) {
                items[at].open -= minor;
            }
        }
        Ok(())
    };
    heavy.each(LAID, &binds![company], &mut lay).await?;
    items.retain(|item| item.open > 0);
    Ok(items)
}

/// A customer as money may come from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payer {
    /// Our id.
    pub customer: CustomerId,
    /// The company's key.
    pub key: String,
    /// Its name.
    pub name: String,
    /// Its tax id.
    pub tax_id: Option<String>,
    /// Accounts it pays from, as imported with it; upper case, without blanks.
    pub accounts: Vec<String>,
}

/// Columns under which files bring the accounts a customer pays from, folded.
const ACCOUNT_COLUMNS: &[&str] = &[
    "iban",
    "clabe",
    "account",
    "bank_account",
    "cuenta",
    "cuenta_bancaria",
    "conta",
    "numero_de_cuenta",
];

/// Every customer of the company, in the order of their ids.
///
/// # Errors
/// What the database says.
pub async fn payers(db: &Db, company: CompanyId) -> Result<Vec<Payer>> {
    read_heavily!(db, |heavy| load_payers(heavy, company))
}

async fn load_payers(heavy: &mut Heavy<'_>, company: CompanyId) -> Result<Vec<Payer>> {
    const SQL: &str = "SELECT id, key, name, tax_id, extra FROM customers \
        WHERE company_id = $1 ORDER BY id";
    let read = |row: &mut Row<'_>| -> Result<Payer> {
        let (id, key, name): (Uuid, String, String) = (row.get()?, row.get()?, row.get()?);
        let tax_id = row.get()?;
        let extra: serde_json::Value = row.get()?;
        Ok(Payer {
            customer: CustomerId::from_uuid(id),
            key,
            name,
            tax_id,
            accounts: accounts_of(&extra),
        })
    };
    heavy.rows(SQL, &binds![company], read).await
}

/// The accounts among unmapped columns.
fn accounts_of(extra: &serde_json::Value) -> Vec<String> {
    let Some(columns) = extra.as_object() else {
        return Vec::new();
    };
    columns
        .iter()
        .filter(|(name, _)| {
            let name = domain::search::fold(name).replace([' ', '-', '.'], "_");
            ACCOUNT_COLUMNS.contains(&name.as_str())
        })
        .filter_map(|(_, value)| value.as_str())
        .map(|text| {
            let kept = text.chars().filter(|mark| mark.is_alphanumeric());
            kept.collect::<String>().to_uppercase()
        })
        .filter(|text| text.len() >= ACCOUNT_CHARACTERS_MIN)
        .collect()
}

/// An account number shorter than this tells nothing.
const ACCOUNT_CHARACTERS_MIN: usize = 6;
