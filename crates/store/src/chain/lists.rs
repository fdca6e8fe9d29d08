//! Decisions are chained by lists: one record for all that a part of a run wrote, with the
//! customer, the id and the digest of each, so that three hundred thousand of them cost a few
//! hundred links and an altered one is still named.

use domain::{CompanyId, CustomerId, DecisionId, RunId};
use jiff::Timestamp;
use uuid::Uuid;

use super::{RecordKind, UNSEALED, framed};
use crate::bulk::{Clash, Heavy, NewDecision, Rows, RunChunk, Table};
use crate::error::Result;
use crate::stamp::Stamp;
use crate::value::{Bind, FromRow, Row, binds};

/// Bytes of a customer, a decision, or the digest of one: half of a SHA-256, which is enough to
/// tell an alteration from a coincidence.
pub(super) const PART: usize = 16;

/// Bytes of an entry.
pub(super) const ENTRY: usize = 3 * PART;

const LISTS: Table = Table {
    name: "decision_lists",
    columns: &[
        "company_id",
        "id",
        "run_id",
        "removed",
        "entries",
        "recorded_at",
    ],
};

/// The first half of SHA-256 over a decision's columns.
pub(super) fn decision_digest(
    id: &[u8],
    run: &[u8],
    customer: &[u8],
    as_of: &[u8],
    (outcome, reason, facts): (&[u8], &[u8], &[u8]),
    recorded_at: i64,
) -> [u8; PART] {
    let at = recorded_at.to_be_bytes();
    let whole = framed(&[id, run, customer, as_of, outcome, reason, facts, &at]);
    let mut half = [0; PART];
    half.copy_from_slice(&whole[..PART]);
    half
}

/// SHA-256 over a list's columns.
pub(super) fn list_digest(
    id: &[u8],
    run: &[u8],
    removed: bool,
    entries: &[u8],
    recorded_at: i64,
) -> [u8; 32] {
    let at = recorded_at.to_be_bytes();
    framed(&[id, run, &[u8::from(removed)], entries, &at])
}

/// Decisions written together.
pub(crate) struct DecisionList {
    id: Uuid,
    run: RunId,
    removed: bool,
    entries: Vec<u8>,
    at: Timestamp,
}

impl DecisionList {
    /// The list of what a part of a run decides; `None` where it is nothing. Its id is that of its
    /// first decision.
    pub(crate) fn of(chunk: &RunChunk) -> Option<Self> {
        let first = chunk.decisions.first()?;
        let as_of = chunk.as_of.to_string();
        let mut entries = Vec::with_capacity(chunk.decisions.len() * ENTRY);
        for decision in &chunk.decisions {
            let NewDecision {
                id,
                customer,
                outcome,
                reason,
                facts,
            } = decision;
            entries.extend_from_slice(customer.uuid().as_bytes());
            entries.extend_from_slice(id.uuid().as_bytes());
            entries.extend_from_slice(&decision_digest(
                id.uuid().as_bytes(),
                chunk.run.uuid().as_bytes(),
                customer.uuid().as_bytes(),
                as_of.as_bytes(),
                (
                    outcome.code().as_bytes(),
                    reason.as_bytes(),
                    facts.as_bytes(),
                ),
                chunk.at.as_microsecond(),
            ));
        }
        Some(Self {
            id: first.id.uuid(),
            run: chunk.run,
            removed: false,
            entries,
            at: chunk.at,
        })
    }

    /// Writes the list and leaves it with the sealer.
    pub(crate) async fn write(&self, heavy: &mut Heavy<'_>, company: CompanyId) -> Result<()> {
        self.write_with(heavy, company, Clash::Fail).await
    }

    async fn write_with(
        &self,
        heavy: &mut Heavy<'_>,
        company: CompanyId,
        clash: Clash,
    ) -> Result<()> {
        let (id, run) = (self.id, self.run.uuid());
        let micros = self.at.as_microsecond();
        let (id_bytes, run_bytes) = (id.as_bytes(), run.as_bytes());
        let digest = list_digest(id_bytes, run_bytes, self.removed, &self.entries, micros);
        let mut lists = Rows::new(LISTS.columns.len());
        lists.push([
            Bind::from(company),
            id.into(),
            run.into(),
            self.removed.into(),
            Bind::from(self.entries.as_slice()),
            self.at.into(),
        ]);
        let mut waiting = Rows::new(UNSEALED.columns.len());
        waiting.push([
            Bind::from(company),
            id.into(),
            RecordKind::Decisions.code().into(),
            digest.into(),
        ]);
        heavy.insert(&LISTS, &lists, clash).await?;
        heavy.insert(&UNSEALED, &waiting, clash).await.map(drop)
    }
}

/// Lists the decisions of customers that are about to be taken back with what an import had made,
/// so that the chain knows where they went.
pub(crate) async fn remove(
    heavy: &mut Heavy<'_>,
    stamp: &Stamp,
    company: CompanyId,
    customers: &[Uuid],
) -> Result<()> {
    const SQL: &str = "SELECT customer_id, id FROM decisions \
        WHERE company_id = $1 AND customer_id {uuids:2} ORDER BY customer_id, id";
    let read = |row: &mut Row<'_>| Ok((row.get()?, row.get()?));
    let found: Vec<(CustomerId, DecisionId)> =
        heavy.rows(SQL, &binds![company, customers], read).await?;
    if found.is_empty() {
        return Ok(());
    }
    let mut entries = Vec::with_capacity(found.len() * ENTRY);
    for (customer, decision) in found {
        entries.extend_from_slice(customer.uuid().as_bytes());
        entries.extend_from_slice(decision.uuid().as_bytes());
        entries.extend_from_slice(&[0; PART]);
    }
    let list = DecisionList {
        id: stamp.ids.draw(),
        run: RunId::from_uuid(Uuid::nil()),
        removed: true,
        entries,
        at: stamp.at,
    };
    list.write(heavy, company).await
}

/// Lists a page of decisions that are older than the chain; the last of them. Done again it changes
/// nothing.
pub(crate) async fn list_old(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    after: (Uuid, Uuid),
    limit: u32,
) -> Result<Option<(Uuid, Uuid)>> {
    const SQL: &str = "SELECT customer_id, id, run_id, CAST(as_of AS TEXT), outcome, reason, \
        facts, recorded_at FROM decisions WHERE company_id = $1 \
        AND (customer_id, id) > ($2, $3) ORDER BY customer_id, id LIMIT $4";
    let mut entries = Vec::new();
    let (mut first, mut last, mut at) = (None, None, Timestamp::UNIX_EPOCH);
    let mut step = |row: &mut Row<'_>| {
        let [customer, id, run]: [Uuid; 3] = [row.get()?, row.get()?, row.get()?];
        let [as_of, outcome, reason, facts]: [String; 4] =
            [row.get()?, row.get()?, row.get()?, row.get()?];
        at = row.get()?;
        first.get_or_insert(id);
        last = Some((customer, id));
        entries.extend_from_slice(customer.as_bytes());
        entries.extend_from_slice(id.as_bytes());
        entries.extend_from_slice(&decision_digest(
            id.as_bytes(),
            run.as_bytes(),
            customer.as_bytes(),
            as_of.as_bytes(),
            (outcome.as_bytes(), reason.as_bytes(), facts.as_bytes()),
            at.as_microsecond(),
        ));
        Ok(())
    };
    let binds = binds![company, after.0, after.1, limit];
    heavy.each(SQL, &binds, &mut step).await?;
    let Some(id) = first else {
        return Ok(None);
    };
    let run = RunId::from_uuid(Uuid::nil());
    let removed = false;
    let list = DecisionList {
        id,
        run,
        removed,
        entries,
        at,
    };
    list.write_with(heavy, company, Clash::Skip).await?;
    Ok(last)
}

/// A list as it is stored.
pub(super) struct StoredList {
    pub(super) id: Uuid,
    pub(super) run: Uuid,
    pub(super) removed: bool,
    pub(super) entries: Vec<u8>,
    pub(super) recorded_at: i64,
}

impl FromRow for StoredList {
    const WIDTH: usize = 5;

    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            run: row.get()?,
            removed: row.get()?,
            entries: row.get()?,
            recorded_at: row.get()?,
        })
    }
}

impl StoredList {
    pub(super) fn digest(&self) -> [u8; 32] {
        let (id, run) = (self.id.as_bytes(), self.run.as_bytes());
        list_digest(id, run, self.removed, &self.entries, self.recorded_at)
    }
}
