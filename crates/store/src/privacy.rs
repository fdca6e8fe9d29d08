//! A person's data: all that is kept of a customer, and what of it goes when it is erased.
//!
//! What goes is overwritten or deleted where it lies. Figures, dates, ids, states and digests stay
//! under a pseudonym, so that the ledger balances and the chain of proofs, which holds no personal
//! text, stays valid. Every table with customers in it has a fate; a test refuses one without.

mod everything;
mod sweep;

use domain::customer::Customer;
use domain::{CompanyId, CustomerId};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::json;
use uuid::Uuid;

use crate::db::{Access, Tx, first, rows, run};
use crate::error::{Result, StoreError};
use crate::facts::{CONTACT_POINT, CUSTOMER};
use crate::stamp::Stamp;
use crate::value::{FromRow, Row, binds};
use crate::{events, portal, search};

pub use everything::everything;

/// What stands where a person's text was.
pub const GONE: &str = "[borrado]";

/// What becomes of a customer's rows in a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Ids, figures, dates, states and digests: nothing to erase.
    Stays,
    /// The rows go.
    Deleted,
    /// These columns are overwritten.
    Overwritten(&'static str),
    /// Done by hand in [`erase`].
    ByHand,
}

/// The fate of every table that has a `customer_id`.
pub const FATES: &[(&str, Fate)] = &[
    ("applications", Fate::Stays),
    ("assignments", Fate::Stays),
    ("bounces", Fate::Overwritten("reason = ''")),
    ("calls", Fate::Stays),
    // Figures, days and the policy's own words.
    ("charge_notes", Fate::Stays),
    (
        "consents",
        Fate::Overwritten("source = '[borrado]', shown = ''"),
    ),
    ("contact_points", Fate::Deleted),
    (
        "contacts",
        Fate::Overwritten(
            "held_reason = CASE WHEN held_reason IS NULL THEN NULL ELSE '[borrado]' END",
        ),
    ),
    ("customer_figures", Fate::Stays),
    ("customer_terms", Fate::ByHand),
    // Chained: they hold ids, figures and days.
    ("decisions", Fate::Stays),
    ("documents", Fate::Overwritten("extra = '{}'")),
    ("erasures", Fate::Stays),
    ("files", Fate::Deleted),
    ("holds", Fate::Overwritten("reason = '[borrado]'")),
    ("match_refusals", Fate::Stays),
    ("matches", Fate::Overwritten("reasons = '[]'")),
    (
        "messages",
        Fate::Overwritten("address = '[borrado]', subject = '', body_text = '', body_html = NULL"),
    ),
    ("notes", Fate::Overwritten("text = '[borrado]'")),
    ("overrides", Fate::Overwritten("reason = '[borrado]'")),
    ("payer_aliases", Fate::Deleted),
    (
        "payment_claims",
        Fate::Overwritten(
            "reference = '[borrado]', note = '', \
             answer = CASE WHEN answer IS NULL THEN NULL ELSE '[borrado]' END",
        ),
    ),
    ("payments", Fate::Overwritten("extra = '{}'")),
    ("portal_links", Fate::ByHand),
    ("preferences", Fate::Deleted),
    ("promises", Fate::Overwritten("note = ''")),
    // Chained: they hold ids, figures, rules and digests.
    ("proofs", Fate::Stays),
    ("standings", Fate::Stays),
    ("tasks", Fate::Overwritten("text = '[borrado]'")),
    ("work_marks", Fate::Stays),
];

/// The last instants and days on which something happened with a customer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LastActivity {
    /// A due date or settlement of a document.
    pub document: Option<Date>,
    /// A payment.
    pub payment: Option<Date>,
    /// A contact made.
    pub contact: Option<Timestamp>,
    /// A message, in or out.
    pub message: Option<Timestamp>,
}

/// When something last happened with a customer.
///
/// # Errors
/// What the database says.
pub async fn last_activity(
    on: impl Access,
    company: CompanyId,
    customer: CustomerId,
) -> Result<LastActivity> {
    const SQL: &str = "SELECT \
        (SELECT MAX(COALESCE(settled_on_projection, due_on)) FROM documents \
         WHERE company_id = $1 AND customer_id = $2), \
        (SELECT MAX(paid_on) FROM payments WHERE company_id = $1 AND customer_id = $2), \
        (SELECT MAX(performed_at) FROM contacts WHERE company_id = $1 AND customer_id = $2), \
        (SELECT MAX(at) FROM messages WHERE company_id = $1 AND customer_id = $2)";
    let read = |row: &mut Row<'_>| {
        Ok(LastActivity {
            document: row.get()?,
            payment: row.get()?,
            contact: row.get()?,
            message: row.get()?,
        })
    };
    let found = first(on, SQL, &binds![company, customer], read).await?;
    Ok(found.unwrap_or_default())
}

/// Whose personal text was erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasure {
    /// The name its figures stay under.
    pub pseudonym: String,
    /// Why.
    pub reason: String,
    /// Who did it.
    pub author: String,
    /// When.
    pub at: Timestamp,
}

impl FromRow for Erasure {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            pseudonym: row.get()?,
            reason: row.get()?,
            author: row.get()?,
            at: row.get()?,
        })
    }
}

/// The erasure of a customer, if there was one.
///
/// # Errors
/// What the database says.
pub async fn erasure(
    on: impl Access,
    company: CompanyId,
    customer: CustomerId,
) -> Result<Option<Erasure>> {
    const SQL: &str = "SELECT pseudonym, reason, author, recorded_at FROM erasures \
        WHERE company_id = $1 AND customer_id = $2";
    first(on, SQL, &binds![company, customer], FromRow::from_row).await
}

/// Erases a customer's personal text; what it is called from now on. How many rows were changed or
/// deleted, by table.
///
/// # Errors
/// [`StoreError::Missing`] for a customer that is not there, and what the database says; then
/// nothing was erased.
pub async fn erase(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    customer: CustomerId,
    (pseudonym, reason): (&str, &str),
) -> Result<Vec<(String, u64)>> {
    let known = load(tx, company, customer).await?;
    let ids = entities(tx, company, &known).await?;
    let needles = sweep::needles(&known);
    let mut told = vec![(
        "events".to_owned(),
        sweep::events(tx, company, &ids, &needles).await?,
    )];
    told.extend(sweep::texts(tx, company, customer, &needles).await?);
    told.push((
        "access_log".to_owned(),
        forget_looks(tx, company, &ids).await?,
    ));
    told.push((
        "import_changes".to_owned(),
        forget_changes(tx, company, &ids).await?,
    ));
    portal::revoke_links(tx, stamp, company, customer).await?;
    for (table, sql) in OF_OTHERS {
        let done = run(&mut *tx, sql, &binds![company, customer]).await?;
        told.push(((*table).to_owned(), done));
    }
    for (table, fate) in FATES {
        let whose = "WHERE company_id = $1 AND customer_id = $2";
        let sql = match fate {
            Fate::Stays | Fate::ByHand => continue,
            Fate::Deleted => format!("DELETE FROM {table} {whose}"),
            Fate::Overwritten(columns) => format!("UPDATE {table} SET {columns} {whose}"),
        };
        let done = run(&mut *tx, &sql, &binds![company, customer]).await?;
        told.push(((*table).to_owned(), done));
    }
    rename(tx, company, &known, pseudonym).await?;
    remember(tx, stamp, company, customer, (pseudonym, reason)).await?;
    let body = json!({ "after": { "pseudonym": pseudonym } });
    let entity = Some(customer.uuid());
    events::append(tx, stamp, company, "customer.erased", entity, &body).await?;
    told.retain(|(_, count)| *count > 0);
    Ok(told)
}

/// Rows of a customer that do not bear its id; figures of the company that pages show again as soon
/// as they are asked for.
const OF_OTHERS: &[(&str, &str)] = &[
    (
        "hold_ends",
        "UPDATE hold_ends SET reason = '[borrado]' WHERE company_id = $1 AND hold_id IN \
         (SELECT id FROM holds WHERE company_id = $1 AND customer_id = $2)",
    ),
    (
        "bank_transactions",
        "UPDATE bank_transactions SET payer_name = '[borrado]', payer_tax_id = '', \
         payer_account = '', text = '', detail = '{}' WHERE company_id = $1 AND id IN \
         (SELECT transaction_id FROM matches WHERE company_id = $1 AND customer_id = $2)",
    ),
    (
        "files",
        "DELETE FROM files WHERE company_id = $1 AND document_id IN \
         (SELECT id FROM documents WHERE company_id = $1 AND customer_id = $2)",
    ),
    (
        "figures",
        "DELETE FROM figures WHERE company_id = $1 AND $2 = $2",
    ),
];

async fn load(tx: &mut Tx, company: CompanyId, customer: CustomerId) -> Result<Customer> {
    let sql = format!("SELECT {CUSTOMER} FROM customers c WHERE c.company_id = $1 AND c.id = $2");
    let binds = binds![company, customer];
    let known: Option<Customer> = first(&mut *tx, &sql, &binds, FromRow::from_row).await?;
    let Some(mut known) = known else {
        return Err(StoreError::Missing {
            what: "customer",
            key: customer.to_string(),
        });
    };
    let sql = format!(
        "SELECT {CONTACT_POINT} FROM contact_points t \
         WHERE t.company_id = $1 AND t.customer_id = $2"
    );
    known.contact_points = rows(&mut *tx, &sql, &binds, FromRow::from_row).await?;
    Ok(known)
}

/// The customer's id and those of everything that is its own: what events and looks are about.
async fn entities(tx: &mut Tx, company: CompanyId, known: &Customer) -> Result<Vec<Uuid>> {
    const OWN: [&str; 12] = [
        "contact_points",
        "documents",
        "payments",
        "contacts",
        "messages",
        "holds",
        "promises",
        "notes",
        "files",
        "payment_claims",
        "portal_links",
        "tasks",
    ];
    let mut ids = vec![known.id.uuid()];
    for table in OWN {
        let sql = format!("SELECT id FROM {table} WHERE company_id = $1 AND customer_id = $2");
        let own: Vec<Uuid> = rows(
            &mut *tx,
            &sql,
            &binds![company, known.id],
            FromRow::from_row,
        )
        .await?;
        ids.extend(own);
    }
    Ok(ids)
}

/// What its pages were called when someone looked at them.
async fn forget_looks(tx: &mut Tx, company: CompanyId, ids: &[Uuid]) -> Result<u64> {
    const SQL: &str = "UPDATE access_log SET detail = '' \
        WHERE company_id = $1 AND entity {uuids:2} AND detail <> ''";
    run(tx, SQL, &binds![company, ids]).await
}

/// Rows as they were before an import; an undone import does not bring them back.
async fn forget_changes(tx: &mut Tx, company: CompanyId, ids: &[Uuid]) -> Result<u64> {
    const SQL: &str = "DELETE FROM import_changes WHERE company_id = $1 AND entity_id {uuids:2}";
    run(tx, SQL, &binds![company, ids]).await
}

/// The customer under its pseudonym: country, zone and class stay, since figures are told by them.
async fn rename(tx: &mut Tx, company: CompanyId, known: &Customer, pseudonym: &str) -> Result<()> {
    const SQL: &str = "UPDATE customers SET key = $3, name = $3, tax_id = NULL, tags = '[]', \
        extra = '{}', source_digest = $4, name_key = $5 WHERE company_id = $1 AND id = $2";
    let after = Customer {
        key: pseudonym.to_owned(),
        name: pseudonym.to_owned(),
        tax_id: None,
        tags: Vec::new(),
        contact_points: Vec::new(),
        ..known.clone()
    };
    let name_key = search::bytes(domain::search::name_key(pseudonym));
    let nothing = [0_u8; 32];
    let binds = binds![company, known.id, pseudonym, &nothing, name_key];
    run(&mut *tx, SQL, &binds).await?;
    search::change(&mut *tx, company, known, &after).await
}

async fn remember(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    customer: CustomerId,
    (pseudonym, reason): (&str, &str),
) -> Result<()> {
    const SQL: &str = "INSERT INTO erasures \
        (company_id, customer_id, pseudonym, reason, author, recorded_at) \
        VALUES ($1, $2, $3, $4, $5, $6)";
    let binds = binds![
        company,
        customer,
        pseudonym,
        reason,
        &stamp.author,
        stamp.at
    ];
    run(tx, SQL, &binds).await.map(drop)
}

/// Customers behind one, in the order of ids, of whom nothing is open and who were not erased.
///
/// # Errors
/// What the database says.
pub async fn settled_after(
    on: impl Access,
    company: CompanyId,
    after: Option<CustomerId>,
    limit: u32,
) -> Result<Vec<CustomerId>> {
    const SQL: &str = "SELECT c.id FROM customers c WHERE c.company_id = $1 AND c.id > $2 \
        AND NOT EXISTS (SELECT 1 FROM documents d WHERE d.company_id = c.company_id \
            AND d.customer_id = c.id AND d.settled_on_projection IS NULL) \
        AND NOT EXISTS (SELECT 1 FROM payments p WHERE p.company_id = c.company_id \
            AND p.customer_id = c.id AND p.spent_on_projection IS NULL) \
        AND NOT EXISTS (SELECT 1 FROM erasures e WHERE e.company_id = c.company_id \
            AND e.customer_id = c.id) ORDER BY c.id LIMIT $3";
    let after = after.map_or(Uuid::nil(), CustomerId::uuid);
    rows(on, SQL, &binds![company, after, limit], FromRow::from_row).await
}
