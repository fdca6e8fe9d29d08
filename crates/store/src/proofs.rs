//! Why a contact was allowed, or why it was not made: canonical bytes with their digest.

use domain::{CompanyId, ContactId, CustomerId, ProofId};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::db::{Access, rows};
use crate::error::Result;
use crate::value::{FromRow, Row, binds};

/// What a proof says of its contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofKind {
    /// It may be made.
    Allowed,
    /// It was not made.
    Suppressed,
    /// What became of it.
    Result,
}

impl ProofKind {
    /// The word it is stored as.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Suppressed => "suppressed",
            Self::Result => "result",
        }
    }
}

/// A proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Our id.
    pub id: ProofId,
    /// The customer.
    pub customer: CustomerId,
    /// The contact.
    pub contact: ContactId,
    /// What it says: the word of a [`ProofKind`].
    pub kind: String,
    /// Canonical JSON, as written.
    pub body: String,
    /// SHA-256 of the body, from the transaction that wrote it.
    pub digest: [u8; 32],
    /// When it was recorded.
    pub recorded_at: Timestamp,
}

impl Proof {
    /// Whether the body is still what was written.
    pub fn is_intact(&self) -> bool {
        digest(&self.body) == self.digest
    }
}

/// SHA-256 of a proof's body.
pub fn digest(body: &str) -> [u8; 32] {
    Sha256::digest(body.as_bytes()).into()
}

impl FromRow for Proof {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            customer: row.get()?,
            contact: row.get()?,
            kind: row.get()?,
            body: row.get()?,
            digest: row.get()?,
            recorded_at: row.get()?,
        })
    }
}

const COLUMNS: &str = "id, customer_id, contact_id, kind, body, digest, recorded_at";

/// The proofs of some contacts, oldest first.
///
/// # Errors
/// What the database says.
pub async fn of_contacts(
    on: impl Access,
    company: CompanyId,
    contacts: &[ContactId],
) -> Result<Vec<Proof>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM proofs WHERE company_id = $1 AND contact_id {{uuids:2}} \
         ORDER BY id"
    );
    let ids: Vec<Uuid> = contacts.iter().map(|it| it.uuid()).collect();
    rows(on, &sql, &binds![company, ids], FromRow::from_row).await
}

/// Proofs by pages, in the order of their ids.
///
/// # Errors
/// What the database says.
pub async fn page(
    on: impl Access,
    company: CompanyId,
    after: Option<ProofId>,
    limit: u32,
) -> Result<Vec<Proof>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM proofs WHERE company_id = $1 AND id > $2 ORDER BY id LIMIT $3"
    );
    let after = after.map_or(Uuid::nil(), ProofId::uuid);
    rows(on, &sql, &binds![company, after, limit], FromRow::from_row).await
}
