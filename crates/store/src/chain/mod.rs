//! The chain of a company's records: proofs, and lists of decisions. Whoever writes a record leaves
//! its digest with the sealer in the same transaction; the sealer lays links in batches behind the
//! writers, so that they do not queue. One sealer works on a company at a time, by the row of its
//! head.
//!
//! ```text
//! digest of a record = SHA-256 over its columns      (`proofs`, `lists`)
//! head 0             = SHA-256 over the company's id
//! head n             = SHA-256 over head n−1, n, kind, id and digest of the record, instant
//! ```
//! Every part stands behind its length in eight bytes, so that none runs into the next.

mod lists;
mod verify;

use domain::CompanyId;
use jiff::Timestamp;
use jiff::civil::Date;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::bulk::{Clash, Heavy, Rows, Table, write_heavily};
use crate::db::{Access, Db, Tx, first, rows, run};
use crate::error::Result;
use crate::value::{Bind, FromRow, Row, binds};

pub(crate) use lists::{DecisionList, list_old, remove};
pub use verify::{Anchor, Checked, Finding, Wrong, verify};

/// Records sealed in one transaction.
const BATCH: u32 = 2_000;

/// What a link holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordKind {
    /// A proof.
    Proof,
    /// Decisions written together.
    Decisions,
}

impl RecordKind {
    /// The word it is stored as.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Proof => "proof",
            Self::Decisions => "decisions",
        }
    }
}

/// How far a company's chain reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Links, and the place of the last.
    pub sequence: i64,
    /// The last link's head.
    pub head: [u8; 32],
    /// When it was laid.
    pub sealed_at: Timestamp,
}

impl FromRow for Head {
    const WIDTH: usize = 3;

    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            sequence: row.get()?,
            head: row.get()?,
            sealed_at: row.get()?,
        })
    }
}

/// The place of one record in the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// The record.
    pub record: Uuid,
    /// Its digest.
    pub digest: [u8; 32],
    /// Its place, its head, and when it was laid.
    pub at: Head,
    /// The head before it.
    pub previous: [u8; 32],
}

/// SHA-256 over parts, each behind its length.
pub(crate) fn framed(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// The head before the first link.
pub fn genesis(company: CompanyId) -> [u8; 32] {
    framed(&[b"puntual", company.uuid().as_bytes()])
}

/// The head of a link.
pub(crate) fn head_of(
    previous: &[u8],
    sequence: i64,
    kind: &[u8],
    record: Uuid,
    digest: &[u8],
    sealed_at: i64,
) -> [u8; 32] {
    framed(&[
        previous,
        &sequence.to_be_bytes(),
        kind,
        record.as_bytes(),
        digest,
        &sealed_at.to_be_bytes(),
    ])
}

pub(crate) const UNSEALED: Table = Table {
    name: "unsealed",
    columns: &["company_id", "record_id", "kind", "digest"],
};

const LINKS: Table = Table {
    name: "chain_links",
    columns: &[
        "company_id",
        "sequence",
        "kind",
        "record_id",
        "digest",
        "head",
        "sealed_at",
    ],
};

/// Leaves one record with the sealer.
pub(crate) async fn leave(
    tx: &mut Tx,
    company: CompanyId,
    record: Uuid,
    kind: RecordKind,
    digest: [u8; 32],
) -> Result<()> {
    const SQL: &str = "INSERT INTO unsealed (company_id, record_id, kind, digest) \
        VALUES ($1, $2, $3, $4)";
    let binds = binds![company, record, kind.code(), digest];
    run(tx, SQL, &binds).await.map(drop)
}

/// Lays a link for every record that waits; gives how many were laid here. Several processes may
/// do so at once, and one that is killed leaves whole batches.
///
/// # Errors
/// What the database says; batches laid before stay.
pub async fn seal(db: &Db, company: CompanyId, at: Timestamp) -> Result<u64> {
    const WAITS: &str = "SELECT kind FROM unsealed WHERE company_id = $1 LIMIT 1";
    let mut sealed = 0;
    loop {
        // Asked before the one writer of SQLite is taken.
        let waits: Option<String> = first(db, WAITS, &binds![company], FromRow::from_row).await?;
        if waits.is_none() {
            return Ok(sealed);
        }
        sealed += write_heavily!(db, |heavy| seal_batch(heavy, company, at))?;
    }
}

async fn seal_batch(heavy: &mut Heavy<'_>, company: CompanyId, at: Timestamp) -> Result<u64> {
    const BEGIN: &str = "INSERT INTO chain_heads (company_id, sequence, head, sealed_at) \
        VALUES ($1, 0, $2, $3) ON CONFLICT DO NOTHING";
    const HEAD: &str = "SELECT sequence, head, sealed_at FROM chain_heads \
        WHERE company_id = $1 {lock}";
    const WAITING: &str = "SELECT u.record_id, u.kind, u.digest, \
            EXISTS (SELECT 1 FROM chain_links l \
                WHERE l.company_id = u.company_id AND l.record_id = u.record_id) \
        FROM unsealed u WHERE u.company_id = $1 ORDER BY u.record_id LIMIT $2";
    const DONE: &str = "DELETE FROM unsealed WHERE company_id = $1 AND record_id {uuids:2}";
    const MOVE: &str = "UPDATE chain_heads SET sequence = $2, head = $3, sealed_at = $4 \
        WHERE company_id = $1";
    let begin = binds![company, genesis(company), at];
    heavy.run(BEGIN, &begin).await?;
    let found: Vec<Head> = heavy
        .rows(HEAD, &binds![company], FromRow::from_row)
        .await?;
    let Some(mut last) = found.first().copied() else {
        return Ok(0);
    };
    let read = |row: &mut Row<'_>| Ok((row.get()?, row.get()?, row.get()?, row.get()?));
    let waiting: Vec<(Uuid, String, Vec<u8>, bool)> =
        heavy.rows(WAITING, &binds![company, BATCH], read).await?;
    let mut links = Rows::new(LINKS.columns.len());
    for (record, kind, digest, _) in waiting.iter().filter(|(.., linked)| !linked) {
        last.sequence += 1;
        let micros = at.as_microsecond();
        let kind_bytes = kind.as_bytes();
        last.head = head_of(
            &last.head,
            last.sequence,
            kind_bytes,
            *record,
            digest,
            micros,
        );
        links.push([
            Bind::from(company),
            last.sequence.into(),
            Bind::from(kind),
            (*record).into(),
            Bind::from(digest.as_slice()),
            last.head.into(),
            at.into(),
        ]);
    }
    heavy.insert(&LINKS, &links, Clash::Fail).await?;
    let done: Vec<Uuid> = waiting.iter().map(|(record, ..)| *record).collect();
    heavy.run(DONE, &binds![company, done]).await?;
    let moved = binds![company, last.sequence, &last.head, at];
    heavy.run(MOVE, &moved).await?;
    Ok(waiting.len() as u64)
}

/// How far the chain of a company reaches; `None` while it has no link.
///
/// # Errors
/// What the database says.
pub async fn head(on: impl Access, company: CompanyId) -> Result<Option<Head>> {
    const SQL: &str = "SELECT sequence, head, sealed_at FROM chain_heads WHERE company_id = $1";
    first(on, SQL, &binds![company], FromRow::from_row).await
}

/// How many records wait for the sealer, a hundred thousand at most.
///
/// # Errors
/// What the database says.
pub async fn waiting(on: impl Access, company: CompanyId) -> Result<u32> {
    const SQL: &str = "SELECT COUNT(*) FROM (SELECT 1 FROM unsealed WHERE company_id = $1 \
        LIMIT 100000) AS counted";
    let count = first(on, SQL, &binds![company], FromRow::from_row).await?;
    Ok(count.unwrap_or(0))
}

/// The links of some records, in the order of the chain.
///
/// # Errors
/// What the database says.
pub async fn links_of(on: impl Access, company: CompanyId, records: &[Uuid]) -> Result<Vec<Link>> {
    const SQL: &str = "SELECT l.record_id, l.digest, l.sequence, l.head, l.sealed_at, p.head \
        FROM chain_links l LEFT JOIN chain_links p \
        ON p.company_id = l.company_id AND p.sequence = l.sequence - 1 \
        WHERE l.company_id = $1 AND l.record_id {uuids:2} ORDER BY l.sequence";
    let read = |row: &mut Row<'_>| {
        let (record, digest, at) = (row.get()?, row.get()?, row.get()?);
        let previous: Option<[u8; 32]> = row.get()?;
        Ok((record, digest, at, previous))
    };
    let found = rows(on, SQL, &binds![company, records], read).await?;
    let link = |(record, digest, at, previous): (_, _, _, Option<[u8; 32]>)| Link {
        record,
        digest,
        at,
        previous: previous.unwrap_or_else(|| genesis(company)),
    };
    Ok(found.into_iter().map(link).collect())
}

/// Notes that a head was written or sent somewhere on a day; `false` when one was already, so that
/// of several processes one does it.
///
/// # Errors
/// What the database says.
pub async fn note_anchor(
    tx: &mut Tx,
    company: CompanyId,
    (day, place): (Date, &str),
    head: &Head,
    at: Timestamp,
) -> Result<bool> {
    const SQL: &str = "INSERT INTO anchors (company_id, day, place, sequence, head, recorded_at) \
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
    let binds = binds![company, day, place, head.sequence, &head.head, at];
    Ok(run(tx, SQL, &binds).await? > 0)
}

/// Takes back the note of an anchor that could not be written or sent.
///
/// # Errors
/// What the database says.
pub async fn forget_anchor(
    tx: &mut Tx,
    company: CompanyId,
    (day, place): (Date, &str),
) -> Result<()> {
    const SQL: &str = "DELETE FROM anchors WHERE company_id = $1 AND day = $2 AND place = $3";
    let binds = binds![company, day, place];
    run(tx, SQL, &binds).await.map(drop)
}

/// Whether a head was written or sent to a place on a day.
///
/// # Errors
/// What the database says.
pub async fn is_anchored(
    on: impl Access,
    company: CompanyId,
    (day, place): (Date, &str),
) -> Result<bool> {
    const SQL: &str = "SELECT sequence FROM anchors \
        WHERE company_id = $1 AND day = $2 AND place = $3";
    let binds = binds![company, day, place];
    let found: Option<i64> = first(on, SQL, &binds, FromRow::from_row).await?;
    Ok(found.is_some())
}
