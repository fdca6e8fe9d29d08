//! Why a contact was allowed, or why it was not made: canonical bytes with their digest, chained in
//! [`chain`](crate::chain).

use domain::{CompanyId, ContactId, CustomerId, ProofId};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::bulk::{Clash, Heavy, Rows, Table};
use crate::chain::{self, RecordKind, UNSEALED, framed};
use crate::db::{Access, Tx, rows, run};
use crate::error::Result;
use crate::stamp::Stamp;
use crate::value::{Bind, FromRow, Row, binds};

/// What a proof says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofKind {
    /// It may be made.
    Allowed,
    /// It was not made.
    Suppressed,
    /// What became of it.
    Result,
    /// A person wanted to make it and was not let.
    Refused,
    /// A person let it be made against a rule, and says why.
    Override,
}

impl ProofKind {
    /// The word it is stored as.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Suppressed => "suppressed",
            Self::Result => "result",
            Self::Refused => "refused",
            Self::Override => "override",
        }
    }
}

/// The word of a proof that is of a contact of ours.
const OF_CONTACT: &str = "contact";

/// The word of a proof that is of what a person did: a call, a visit, a letter, an exception.
const OF_ACT: &str = "act";

/// A proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Our id.
    pub id: ProofId,
    /// The customer.
    pub customer: CustomerId,
    /// The contact; of a person's act, its id.
    pub contact: ContactId,
    /// What it says: the word of a [`ProofKind`].
    pub kind: String,
    /// Canonical JSON, as written.
    pub body: String,
    /// SHA-256 of the body, from the transaction that wrote it.
    pub digest: [u8; 32],
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// What it is of: `contact` or `act`.
    pub subject: String,
}

impl Proof {
    /// Whether the body is still what was written.
    pub fn is_intact(&self) -> bool {
        digest(&self.body) == self.digest
    }

    /// Whether it is of what a person did.
    pub fn is_of_act(&self) -> bool {
        self.subject == OF_ACT
    }
}

/// SHA-256 of a proof's body.
pub fn digest(body: &str) -> [u8; 32] {
    Sha256::digest(body.as_bytes()).into()
}

/// SHA-256 over a proof's columns: what its link in the chain holds.
pub(crate) fn record_digest(
    [id, customer, contact]: [Uuid; 3],
    (subject, kind): (&[u8], &[u8]),
    body: &[u8],
    recorded_at: i64,
) -> [u8; 32] {
    framed(&[
        id.as_bytes(),
        customer.as_bytes(),
        contact.as_bytes(),
        subject,
        kind,
        &Sha256::digest(body),
        &recorded_at.to_be_bytes(),
    ])
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
            subject: row.get()?,
        })
    }
}

const COLUMNS: &str = "id, customer_id, contact_id, kind, body, digest, recorded_at, subject";

const PROOFS: Table = Table {
    name: "proofs",
    columns: &[
        "company_id",
        "id",
        "customer_id",
        "contact_id",
        "kind",
        "body",
        "digest",
        "recorded_at",
    ],
};

/// Proofs of contacts on their way to their table and to the sealer.
pub(crate) struct NewProofs<'a> {
    company: CompanyId,
    at: Timestamp,
    proofs: Rows<'a>,
    waiting: Rows<'a>,
}

impl<'a> NewProofs<'a> {
    pub(crate) const fn new(company: CompanyId, at: Timestamp) -> Self {
        Self {
            company,
            at,
            proofs: Rows::new(PROOFS.columns.len()),
            waiting: Rows::new(UNSEALED.columns.len()),
        }
    }

    pub(crate) fn push(
        &mut self,
        id: Uuid,
        (customer, contact): (CustomerId, ContactId),
        kind: ProofKind,
        body: &'a str,
    ) {
        let ids = [id, customer.uuid(), contact.uuid()];
        let words = (OF_CONTACT.as_bytes(), kind.code().as_bytes());
        let sealed = record_digest(ids, words, body.as_bytes(), self.at.as_microsecond());
        self.proofs.push([
            Bind::from(self.company),
            id.into(),
            customer.into(),
            contact.into(),
            kind.code().into(),
            body.into(),
            digest(body).into(),
            self.at.into(),
        ]);
        self.waiting.push([
            Bind::from(self.company),
            id.into(),
            RecordKind::Proof.code().into(),
            sealed.into(),
        ]);
    }

    pub(crate) async fn insert(&self, heavy: &mut Heavy<'_>) -> Result<()> {
        heavy.insert(&PROOFS, &self.proofs, Clash::Fail).await?;
        heavy
            .insert(&UNSEALED, &self.waiting, Clash::Fail)
            .await
            .map(drop)
    }
}

/// What a person did or wanted to do, with its proof.
#[derive(Clone, Copy, Debug)]
pub struct Act<'a> {
    /// The customer.
    pub customer: CustomerId,
    /// The act: the id of the call, visit, letter or exception.
    pub act: Uuid,
    /// What the proof says.
    pub kind: ProofKind,
    /// Why, canonical JSON.
    pub body: &'a str,
}

/// Writes the proof of what a person did, in the transaction that records it.
///
/// # Errors
/// What the database says.
pub async fn add(tx: &mut Tx, stamp: &Stamp, company: CompanyId, act: &Act<'_>) -> Result<ProofId> {
    const SQL: &str = "INSERT INTO proofs (company_id, id, customer_id, contact_id, kind, body, \
        digest, recorded_at, subject) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let id = stamp.ids.draw();
    let binds = binds![
        company,
        id,
        act.customer,
        act.act,
        act.kind.code(),
        act.body,
        digest(act.body),
        stamp.at,
        OF_ACT,
    ];
    run(&mut *tx, SQL, &binds).await?;
    let ids = [id, act.customer.uuid(), act.act];
    let words = (OF_ACT.as_bytes(), act.kind.code().as_bytes());
    let sealed = record_digest(ids, words, act.body.as_bytes(), stamp.at.as_microsecond());
    chain::leave(tx, company, id, RecordKind::Proof, sealed).await?;
    Ok(ProofId::from_uuid(id))
}

/// The proofs of some contacts, or acts by their ids, oldest first.
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

/// The proofs of what people did about a customer, oldest first.
///
/// # Errors
/// What the database says.
pub async fn of_acts(
    on: impl Access,
    company: CompanyId,
    customer: CustomerId,
) -> Result<Vec<Proof>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM proofs WHERE company_id = $1 AND customer_id = $2 \
         AND subject = 'act' ORDER BY id"
    );
    rows(on, &sql, &binds![company, customer], FromRow::from_row).await
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

/// Leaves a page of proofs that are older than the chain with the sealer; the last of them.
pub(crate) async fn leave_old(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    after: Uuid,
    limit: u32,
) -> Result<Option<Uuid>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM proofs WHERE company_id = $1 AND id > $2 ORDER BY id LIMIT $3"
    );
    let binds = binds![company, after, limit];
    let page: Vec<Proof> = heavy.rows(&sql, &binds, FromRow::from_row).await?;
    let mut waiting = Rows::new(UNSEALED.columns.len());
    for proof in &page {
        let ids = [proof.id.uuid(), proof.customer.uuid(), proof.contact.uuid()];
        let words = (proof.subject.as_bytes(), proof.kind.as_bytes());
        let at = proof.recorded_at.as_microsecond();
        waiting.push([
            Bind::from(company),
            proof.id.into(),
            RecordKind::Proof.code().into(),
            record_digest(ids, words, proof.body.as_bytes(), at).into(),
        ]);
    }
    heavy.insert(&UNSEALED, &waiting, Clash::Skip).await?;
    Ok(page.last().map(|it| it.id.uuid()))
}
