//! What was said, word for word, in and out.

use domain::customer::Channel;
use domain::{CompanyId, ContactId, CustomerId};
use jiff::Timestamp;
use uuid::Uuid;

use crate::chain::framed;
use crate::db::{Access, Tx, first, rows, run};
use crate::error::Result;
use crate::stamp::Stamp;
use crate::value::{FromRow, Row, binds};

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Our id.
    pub id: Uuid,
    /// The customer.
    pub customer: CustomerId,
    /// The contact it went out with.
    pub contact: Option<ContactId>,
    /// Whether the customer wrote it.
    pub incoming: bool,
    /// The channel.
    pub channel: Channel,
    /// The address.
    pub address: String,
    /// The subject; empty where there is none.
    pub subject: String,
    /// The text.
    pub text: String,
    /// The HTML, if it had one.
    pub html: Option<String>,
    /// SHA-256 over subject, text and HTML.
    pub digest: [u8; 32],
    /// When it was said.
    pub at: Timestamp,
}

impl FromRow for Message {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            customer: row.get()?,
            contact: row.get()?,
            incoming: row.get()?,
            channel: row.get()?,
            address: row.get()?,
            subject: row.get()?,
            text: row.get()?,
            html: row.get()?,
            digest: row.get()?,
            at: row.get()?,
        })
    }
}

const COLUMNS: &str = "id, customer_id, contact_id, incoming, channel, address, subject, \
    body_text, body_html, digest, at";

/// SHA-256 over the parts of a message, each with its length in front so that none runs into the
/// next.
pub fn digest(subject: &str, text: &str, html: Option<&str>) -> [u8; 32] {
    digest_bytes(subject.as_bytes(), text.as_bytes(), html.map(str::as_bytes))
}

/// The same of bytes, which a damaged file may hold in any form.
pub(crate) fn digest_bytes(subject: &[u8], text: &[u8], html: Option<&[u8]>) -> [u8; 32] {
    let parts: Vec<&[u8]> = [Some(subject), Some(text), html]
        .into_iter()
        .flatten()
        .collect();
    framed(&parts)
}

/// Puts a message on the thread; its `digest` is computed anew.
///
/// # Errors
/// [`crate::StoreError::Exists`] when its contact has a message already.
pub async fn add(tx: &mut Tx, stamp: &Stamp, company: CompanyId, message: &Message) -> Result<()> {
    const SQL: &str = "INSERT INTO messages (company_id, id, customer_id, contact_id, incoming, \
        channel, address, subject, body_text, body_html, digest, at, recorded_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    let digest = digest(&message.subject, &message.text, message.html.as_deref());
    let binds = binds![
        company,
        message.id,
        message.customer,
        message.contact,
        message.incoming,
        message.channel,
        &message.address,
        &message.subject,
        &message.text,
        &message.html,
        digest,
        message.at,
        stamp.at,
    ];
    run(tx, SQL, &binds).await.map(drop)
}

/// The thread of a customer, oldest first.
///
/// # Errors
/// What the database says.
pub async fn of_customer(
    on: impl Access,
    company: CompanyId,
    customer: CustomerId,
) -> Result<Vec<Message>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM messages WHERE company_id = $1 AND customer_id = $2 \
         ORDER BY at, id"
    );
    rows(on, &sql, &binds![company, customer], FromRow::from_row).await
}

/// How many messages a customer has written since an instant, a hundred at most.
///
/// # Errors
/// What the database says.
pub async fn incoming_since(
    on: impl Access,
    company: CompanyId,
    customer: CustomerId,
    since: Timestamp,
) -> Result<u32> {
    const SQL: &str = "SELECT COUNT(*) FROM (SELECT 1 FROM messages WHERE company_id = $1 \
        AND customer_id = $2 AND incoming AND at >= $3 LIMIT 100) AS counted";
    let count = first(
        on,
        SQL,
        &binds![company, customer, since],
        FromRow::from_row,
    )
    .await?;
    Ok(count.unwrap_or(0))
}

/// The messages of some contacts.
///
/// # Errors
/// What the database says.
pub async fn of_contacts(
    on: impl Access,
    company: CompanyId,
    contacts: &[ContactId],
) -> Result<Vec<Message>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM messages WHERE company_id = $1 AND contact_id {{uuids:2}} \
         ORDER BY id"
    );
    let ids: Vec<Uuid> = contacts.iter().map(|it| it.uuid()).collect();
    rows(on, &sql, &binds![company, ids], FromRow::from_row).await
}

/// Where the messages of some contacts went.
///
/// # Errors
/// What the database says.
pub async fn addresses_of_contacts(
    on: impl Access,
    company: CompanyId,
    contacts: &[Uuid],
) -> Result<Vec<(Uuid, String)>> {
    const SQL: &str = "SELECT contact_id, address FROM messages \
        WHERE company_id = $1 AND incoming = false AND contact_id {uuids:2}";
    let read = |row: &mut Row<'_>| Ok((row.get()?, row.get()?));
    rows(on, SQL, &binds![company, contacts.to_vec()], read).await
}

/// Messages by pages, by customer and then in the order of ids.
///
/// # Errors
/// What the database says.
pub async fn page(
    on: impl Access,
    company: CompanyId,
    after: Option<(CustomerId, Uuid)>,
    limit: u32,
) -> Result<Vec<Message>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM messages WHERE company_id = $1 AND (customer_id, id) > ($2, $3) \
         ORDER BY customer_id, id LIMIT $4"
    );
    let (customer, id) = after.map_or((Uuid::nil(), Uuid::nil()), |(it, id)| (it.uuid(), id));
    rows(
        on,
        &sql,
        &binds![company, customer, id, limit],
        FromRow::from_row,
    )
    .await
}

/// The message of that id of a customer.
///
/// # Errors
/// What the database says.
pub async fn get(
    on: impl Access,
    company: CompanyId,
    (customer, message): (CustomerId, Uuid),
) -> Result<Option<Message>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM messages WHERE company_id = $1 AND customer_id = $2 AND id = $3"
    );
    let binds = binds![company, customer, message];
    first(on, &sql, &binds, FromRow::from_row).await
}
