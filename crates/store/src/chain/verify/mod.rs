//! Reading a chain through: every link, every record it holds, and what should be in it and is not
//! (`around`). One snapshot, in the order of the chain, so that writers go on meanwhile.

mod around;

use std::collections::HashMap;

use domain::CompanyId;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::lists::{ENTRY, StoredList};
use super::{Head, genesis, head_of};
use crate::bulk::{Heavy, read_heavily};
use crate::db::Db;
use crate::error::Result;
use crate::proofs::record_digest;
use crate::value::{FromRow, Row, binds};

/// Findings that are kept one by one; beyond them they are counted.
const FINDINGS_MAX: usize = 10_000;

/// Heads tried as the foot of a link.
const PREVIOUS_MAX: usize = 4;

/// A head as it was written down outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// Its place.
    pub sequence: i64,
    /// The head.
    pub head: [u8; 32],
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wrong {
    /// A record is not what was sealed.
    AlteredRecord,
    /// A record that was sealed, or waits to be, is not there.
    MissingRecord,
    /// A record is there that nobody left with the sealer.
    InsertedRecord,
    /// A decision is not what its list says.
    AlteredDecision,
    /// A decision of a list is not there.
    MissingDecision,
    /// A decision is in no list.
    InsertedDecision,
    /// A link does not follow from the one before it.
    AlteredLink,
    /// A link is not there.
    MissingLink,
    /// The head is not that of the last link.
    AlteredHead,
    /// A contact was made, or not made, and the proof of it is not there.
    Unproven,
    /// A message is not the one its proof allowed.
    AlteredMessage,
    /// A head written down outside is not that of the chain.
    AnchorDiffers,
}

impl Wrong {
    /// The word for it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::AlteredRecord => "altered_record",
            Self::MissingRecord => "missing_record",
            Self::InsertedRecord => "inserted_record",
            Self::AlteredDecision => "altered_decision",
            Self::MissingDecision => "missing_decision",
            Self::InsertedDecision => "inserted_decision",
            Self::AlteredLink => "altered_link",
            Self::MissingLink => "missing_link",
            Self::AlteredHead => "altered_head",
            Self::Unproven => "unproven_contact",
            Self::AlteredMessage => "altered_message",
            Self::AnchorDiffers => "anchor_differs",
        }
    }
}

/// Something wrong, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub wrong: Wrong,
    /// Its place in the chain, where it has one.
    pub sequence: Option<i64>,
    /// The proof, list, decision or contact.
    pub record: Option<Uuid>,
}

/// What a reading found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Links read.
    pub links: u64,
    /// Proofs and lists compared with their links.
    pub records: u64,
    /// Decisions compared with their lists.
    pub decisions: u64,
    /// Contacts asked for their proofs.
    pub contacts: u64,
    /// Messages compared with their proofs.
    pub messages: u64,
    /// Heads from outside that were compared.
    pub anchors: u64,
    /// Records that wait for the sealer.
    pub unsealed: Vec<Uuid>,
    /// The head as stored.
    pub head: Option<Head>,
    /// What is wrong, up to ten thousand.
    pub findings: Vec<Finding>,
    /// How much is wrong altogether.
    pub wrong: u64,
}

impl Checked {
    fn say(&mut self, wrong: Wrong, sequence: Option<i64>, record: Option<Uuid>) {
        self.wrong += 1;
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(Finding {
                wrong,
                sequence,
                record,
            });
        }
    }
}

/// Reads a company's chain through and compares it with heads written down outside.
///
/// # Errors
/// What the database says, [`crate::StoreError::Unreadable`] included, where a column holds what no
/// writer of ours writes.
pub async fn verify(db: &Db, company: CompanyId, anchors: Vec<Anchor>) -> Result<Checked> {
    read_heavily!(db, |heavy| read(heavy, company, anchors))
}

async fn read(heavy: &mut Heavy<'_>, company: CompanyId, anchors: Vec<Anchor>) -> Result<Checked> {
    let mut walk = Walk::new(company, anchors);
    walk.links(heavy).await?;
    walk.head(heavy).await?;
    walk.anchors();
    walk.waiting(heavy).await?;
    walk.strays(heavy).await?;
    walk.decisions(heavy).await?;
    walk.contacts(heavy).await?;
    walk.messages(heavy).await?;
    Ok(walk.out)
}

/// A reading under way.
struct Walk {
    company: CompanyId,
    out: Checked,
    /// The place of the last link read.
    sequence: i64,
    /// The heads the next link may stand on: as stored, and as it should be.
    previous: Vec<[u8; 32]>,
    anchors: HashMap<i64, Vec<[u8; 32]>>,
    /// Entries of the lists read.
    entries: usize,
}

/// A proof as it is stored; text as bytes, which a damaged file may hold in any form.
struct StoredProof {
    ids: [Uuid; 3],
    kind: Vec<u8>,
    subject: Vec<u8>,
    body: Vec<u8>,
    digest: Vec<u8>,
    recorded_at: i64,
}

impl FromRow for StoredProof {
    const WIDTH: usize = 8;

    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            ids: [row.get()?, row.get()?, row.get()?],
            kind: row.get()?,
            subject: row.get()?,
            body: row.get()?,
            digest: row.get()?,
            recorded_at: row.get()?,
        })
    }
}

impl StoredProof {
    /// Its digest, and whether its own digest is that of its body.
    fn digest(&self) -> ([u8; 32], bool) {
        let words = (self.subject.as_slice(), self.kind.as_slice());
        let whole = record_digest(self.ids, words, &self.body, self.recorded_at);
        let own = self.digest == Sha256::digest(&self.body).as_slice();
        (whole, own)
    }
}

/// What a link or a waiting record names: its columns, then those of the record where it is there.
struct Held {
    proof: Option<StoredProof>,
    list: Option<StoredList>,
}

/// The columns of a [`Held`], of the tables `p` and `d`.
const HELD: &str = "p.id, p.customer_id, p.contact_id, {blob:p.kind}, {blob:p.subject}, \
    {blob:p.body}, p.digest, p.recorded_at, d.id, d.run_id, d.removed, d.entries, d.recorded_at";

impl FromRow for Held {
    const WIDTH: usize = StoredProof::WIDTH + StoredList::WIDTH;

    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            proof: row.get()?,
            list: row.get()?,
        })
    }
}

impl Held {
    /// The digest of the record a link of this kind names, and whether it is sound in itself;
    /// `None` where it is not there.
    fn digest(&self, kind: &[u8]) -> Option<([u8; 32], bool)> {
        match kind {
            b"proof" => self.proof.as_ref().map(StoredProof::digest),
            b"decisions" => self.list.as_ref().map(|list| {
                let whole = list.entries.len() % ENTRY == 0;
                (list.digest(), whole)
            }),
            _ => None,
        }
    }
}

impl Walk {
    fn new(company: CompanyId, anchors: Vec<Anchor>) -> Self {
        let mut by_place: HashMap<i64, Vec<[u8; 32]>> = HashMap::new();
        let mut out = Checked::default();
        for anchor in anchors {
            out.anchors += 1;
            by_place
                .entry(anchor.sequence)
                .or_default()
                .push(anchor.head);
        }
        Self {
            company,
            out,
            sequence: 0,
            previous: vec![genesis(company)],
            anchors: by_place,
            entries: 0,
        }
    }

    async fn links(&mut self, heavy: &mut Heavy<'_>) -> Result<()> {
        let sql = format!(
            "SELECT l.sequence, {{blob:l.kind}}, l.record_id, l.digest, l.head, l.sealed_at, \
                {HELD} FROM chain_links l \
             LEFT JOIN proofs p ON p.company_id = l.company_id AND p.id = l.record_id \
             LEFT JOIN decision_lists d ON d.company_id = l.company_id AND d.id = l.record_id \
             WHERE l.company_id = $1 ORDER BY l.sequence"
        );
        let company = self.company;
        let mut step = |row: &mut Row<'_>| {
            let link = StoredLink::from_row(row)?;
            self.link(&link, &row.get()?);
            Ok(())
        };
        heavy.each(&sql, &binds![company], &mut step).await
    }

    fn link(&mut self, link: &StoredLink, held: &Held) {
        self.out.links += 1;
        while self.sequence + 1 < link.sequence {
            self.sequence += 1;
            self.out.say(Wrong::MissingLink, Some(self.sequence), None);
            // What stood there is not known, so nothing can be said of the next one's foot.
            self.previous.clear();
            if self.out.wrong > FINDINGS_MAX as u64 {
                break;
            }
        }
        let place = Some(link.sequence);
        let (found, sound) = match held.digest(&link.kind) {
            Some((digest, sound)) => (Some(digest), sound),
            None => (None, true),
        };
        let kept = <[u8; 32]>::try_from(link.digest.as_slice()).ok();
        let as_kept = self.heads(link, &link.digest);
        let follows = self.previous.is_empty() || as_kept.iter().any(|it| link.head == *it);
        // A link whose own digest was changed holds again with that of its record.
        let as_found = found.map(|digest| self.heads(link, &digest));
        let mended = as_found.iter().flatten().any(|it| link.head == *it);
        if !follows {
            self.out.say(Wrong::AlteredLink, place, Some(link.record));
        }
        self.out.records += 1;
        match found {
            None => self.out.say(Wrong::MissingRecord, place, Some(link.record)),
            Some(found) if !sound || (kept != Some(found) && !mended) => {
                self.out.say(Wrong::AlteredRecord, place, Some(link.record));
            }
            Some(_) if kept != found && follows => {
                self.out.say(Wrong::AlteredRecord, place, Some(link.record));
            }
            Some(_) => {}
        }
        if let Some(list) = &held.list {
            self.entries += list.entries.len() / ENTRY;
        }
        if let Some(wanted) = self.anchors.remove(&link.sequence) {
            let same = wanted.iter().all(|head| link.head == *head);
            if !same {
                self.out.say(Wrong::AnchorDiffers, place, Some(link.record));
            }
        }
        self.sequence = link.sequence;
        // Where it does not follow, the next one may stand on it as it is or as it should be.
        self.previous.clear();
        self.previous
            .extend(<[u8; 32]>::try_from(link.head.as_slice()).ok());
        if !follows {
            self.previous
                .extend(as_kept.iter().chain(&as_found.unwrap_or_default()));
        }
    }

    /// The heads a link may have on what stands before it.
    fn heads(&self, link: &StoredLink, digest: &[u8]) -> Vec<[u8; 32]> {
        let on = |previous: &[u8; 32]| {
            let (place, at) = (link.sequence, link.sealed_at);
            head_of(previous, place, &link.kind, link.record, digest, at)
        };
        self.previous.iter().take(PREVIOUS_MAX).map(on).collect()
    }

    async fn head(&mut self, heavy: &mut Heavy<'_>) -> Result<()> {
        const SQL: &str = "SELECT sequence, head, sealed_at FROM chain_heads WHERE company_id = $1";
        let read = |row: &mut Row<'_>| Ok((row.get()?, row.get()?, row.get()?));
        let found: Vec<(i64, Vec<u8>, i64)> = heavy.rows(SQL, &binds![self.company], read).await?;
        let Some((sequence, head, sealed_at)) = found.into_iter().next() else {
            if self.sequence > 0 {
                self.out.say(Wrong::AlteredHead, None, None);
            }
            return Ok(());
        };
        // Whoever cuts links off the end and leaves the head is told each place that is empty.
        let mut missing = self.sequence;
        while missing < sequence && self.out.wrong <= FINDINGS_MAX as u64 {
            missing += 1;
            self.out.say(Wrong::MissingLink, Some(missing), None);
        }
        let known = <[u8; 32]>::try_from(head.as_slice()).ok();
        let same =
            sequence == self.sequence && known.is_some_and(|head| self.previous.contains(&head));
        if !same && missing == self.sequence {
            self.out.say(Wrong::AlteredHead, Some(sequence), None);
        }
        let sealed_at = jiff::Timestamp::from_microsecond(sealed_at).ok();
        if let (Some(head), Some(sealed_at)) = (known, sealed_at) {
            self.out.head = Some(Head {
                sequence,
                head,
                sealed_at,
            });
        }
        Ok(())
    }

    /// Heads from outside whose place the chain does not reach.
    fn anchors(&mut self) {
        let mut beyond: Vec<i64> = self.anchors.keys().copied().filter(|it| *it > 0).collect();
        beyond.sort_unstable();
        for sequence in beyond {
            self.out.say(Wrong::AnchorDiffers, Some(sequence), None);
        }
    }
}

/// A link as it is stored.
struct StoredLink {
    sequence: i64,
    kind: Vec<u8>,
    record: Uuid,
    digest: Vec<u8>,
    head: Vec<u8>,
    sealed_at: i64,
}

impl FromRow for StoredLink {
    const WIDTH: usize = 6;

    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            sequence: row.get()?,
            kind: row.get()?,
            record: row.get()?,
            digest: row.get()?,
            head: row.get()?,
            sealed_at: row.get()?,
        })
    }
}
