//! Files kept with what they belong to: an invoice as it was issued, the proof of a payment.

use domain::file::FileKind;
use domain::{CompanyId, CustomerId, DocumentId, FileId};
use jiff::Timestamp;
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::db::{Access, Tx, first, rows, run};
use crate::error::Result;
use crate::events;
use crate::stamp::Stamp;
use crate::value::{FromRow, Row, binds};

/// A file without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Our id.
    pub id: FileId,
    /// Whose it is.
    pub customer: Option<CustomerId>,
    /// The document it shows.
    pub document: Option<DocumentId>,
    /// Its name, cleaned.
    pub name: String,
    /// What it is, told by its bytes.
    pub kind: FileKind,
    /// Bytes.
    pub size: u32,
    /// SHA-256.
    pub digest: [u8; 32],
    /// Who brought it.
    pub author: String,
    /// When.
    pub recorded_at: Timestamp,
}

const COLUMNS: &str = "id, customer_id, document_id, name, kind, size, digest, author, recorded_at";

impl FromRow for File {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            customer: row.get()?,
            document: row.get()?,
            name: row.get()?,
            kind: row.get()?,
            size: row.get()?,
            digest: row.get()?,
            author: row.get()?,
            recorded_at: row.get()?,
        })
    }
}

/// A file as it comes in; name and kind are those of [`domain::file`].
#[derive(Clone, Copy, Debug)]
pub struct NewFile<'a> {
    /// Whose it is.
    pub customer: Option<CustomerId>,
    /// The document it shows.
    pub document: Option<DocumentId>,
    /// Its name, cleaned.
    pub name: &'a str,
    /// What it is.
    pub kind: FileKind,
    /// Its bytes.
    pub content: &'a [u8],
}

/// Keeps a file.
///
/// # Errors
/// What the database says.
pub async fn add(tx: &mut Tx, stamp: &Stamp, company: CompanyId, new: NewFile<'_>) -> Result<File> {
    const SQL: &str = "INSERT INTO files (company_id, id, customer_id, document_id, name, kind, \
        size, digest, content, author, recorded_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    let file = File {
        id: FileId::from_uuid(stamp.ids.draw()),
        customer: new.customer,
        document: new.document,
        name: new.name.to_owned(),
        kind: new.kind,
        size: u32::try_from(new.content.len()).unwrap_or(u32::MAX),
        digest: Sha256::digest(new.content).into(),
        author: stamp.author.clone(),
        recorded_at: stamp.at,
    };
    let binds = binds![
        company,
        file.id,
        file.customer,
        file.document,
        new.name,
        new.kind,
        file.size,
        &file.digest,
        new.content,
        &stamp.author,
        stamp.at,
    ];
    run(&mut *tx, SQL, &binds).await?;
    let body = json!({ "after": {
        "customer": new.customer.map(|it| it.to_string()),
        "document": new.document.map(|it| it.to_string()),
        "name": new.name,
        "kind": new.kind.code(),
        "size": file.size,
    }});
    let entity = Some(file.id.uuid());
    events::append(tx, stamp, company, "file.added", entity, &body).await?;
    Ok(file)
}

/// What is known of a file.
///
/// # Errors
/// What the database says.
pub async fn get(on: impl Access, company: CompanyId, file: FileId) -> Result<Option<File>> {
    let sql = format!("SELECT {COLUMNS} FROM files WHERE company_id = $1 AND id = $2");
    first(on, &sql, &binds![company, file], FromRow::from_row).await
}

/// The bytes of a file.
///
/// # Errors
/// What the database says.
pub async fn content(on: impl Access, company: CompanyId, file: FileId) -> Result<Option<Vec<u8>>> {
    const SQL: &str = "SELECT content FROM files WHERE company_id = $1 AND id = $2";
    first(on, SQL, &binds![company, file], FromRow::from_row).await
}

/// The latest files of a customer, newest first.
///
/// # Errors
/// What the database says.
pub async fn of_customer(
    on: impl Access,
    company: CompanyId,
    customer: CustomerId,
    limit: u32,
) -> Result<Vec<File>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM files WHERE company_id = $1 AND customer_id = $2 \
         ORDER BY id DESC LIMIT $3"
    );
    let binds = binds![company, customer, limit];
    rows(on, &sql, &binds, FromRow::from_row).await
}

/// The files of some documents, oldest first.
///
/// # Errors
/// What the database says.
pub async fn of_documents(
    on: impl Access,
    company: CompanyId,
    documents: &[DocumentId],
) -> Result<Vec<File>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM files WHERE company_id = $1 AND document_id {{uuids:2}} ORDER BY id"
    );
    if documents.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = documents.iter().map(|it| it.uuid()).collect();
    rows(on, &sql, &binds![company, ids], FromRow::from_row).await
}
