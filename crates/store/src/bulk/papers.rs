//! What e-invoices say beside the ledger's own rows: stamps, parts, what befell documents, what one
//! paper says of another, and the files themselves. The same again writes nothing.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use domain::file::FileKind;
use domain::paper::{PaperEvent, PaperLink};
use domain::{CompanyId, ImportId, Money};
use jiff::civil::Date;
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::import::EVENTS;
use super::import_facts::Tally;
use super::made::Part;
use super::{Clash, Heavy, Rows, Table, write_heavily};
use crate::db::Db;
use crate::error::Result;
use crate::stamp::Stamp;
use crate::value::{Bind, Row, binds};

/// What a part of an import says beside the ledger's rows, by the company's own keys; the rows
/// themselves are there already.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PaperChunk {
    /// The import it is a part of.
    pub import: Option<ImportId>,
    /// What makes documents one of a kind.
    pub stamps: Vec<StampFacts>,
    /// Documents that are parts of one.
    pub parts: Vec<PartFacts>,
    /// What befell documents.
    pub events: Vec<PaperEventFacts>,
    /// What papers say of each other.
    pub links: Vec<LinkFacts>,
    /// The files.
    pub originals: Vec<OriginalFacts>,
}

/// A document's stamp.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StampFacts {
    /// The document's number.
    pub document: String,
    /// The stamp.
    pub stamp: String,
    /// The word of the standard.
    pub standard: &'static str,
    /// Whether a receipt is owed for each payment.
    pub owes_receipts: bool,
    /// Whether it was paid when it was issued, by its own words.
    pub paid_at_once: bool,
    /// The last day on which the customer can contest it.
    pub accept_by: Option<Date>,
}

/// A document that is a part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartFacts {
    /// Its own number.
    pub document: String,
    /// The number of the whole.
    pub whole: String,
    /// Which part, from one.
    pub part: u32,
    /// Of how many.
    pub parts: u32,
}

/// Something that befell a document; what is said twice happened once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaperEventFacts {
    /// The document's stamp, or a `#` and its number.
    pub stamp: String,
    /// What.
    pub kind: PaperEvent,
    /// When.
    pub on: Option<Date>,
    /// To whom it was assigned, by what it was replaced.
    pub who: String,
    /// In the words of the file.
    pub text: String,
    /// How much of it.
    pub amount: Option<Money>,
}

/// What one paper says of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkFacts {
    /// The customer's key.
    pub customer: String,
    /// What it says.
    pub kind: PaperLink,
    /// The credit note's stamp, or the payment's reference.
    pub source: String,
    /// The stamp of the document, or a `#` and its number.
    pub target: String,
    /// The stamp of the receipt that says so; empty for a credit note.
    pub receipt: String,
    /// The day of the payment or credit note.
    pub on: Date,
    /// How much, where it is said.
    pub amount: Option<Money>,
    /// Which of the document's payments it is.
    pub partiality: Option<u32>,
}

/// A file as it came, with the document it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginalFacts {
    /// The document's number.
    pub document: String,
    /// Its name, cleaned.
    pub name: String,
    /// What it is.
    pub kind: FileKind,
    /// Its bytes.
    pub content: Arc<[u8]>,
}

/// What became of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PaperCounts {
    /// What befell documents.
    pub events: Tally,
    /// What papers say of each other.
    pub links: Tally,
    /// Files.
    pub files: Tally,
}

const STAMPS: Table = Table {
    name: "document_stamps",
    columns: &[
        "company_id",
        "id",
        "customer_id",
        "document_id",
        "stamp",
        "standard",
        "owes_receipts",
        "paid_at_once",
        "accept_by",
        "recorded_at",
    ],
};

/// What a fuller file says of a document that a list had named.
const FULLER_STAMPS: Table = Table {
    name: "document_stamps",
    columns: &[
        "company_id",
        "stamp",
        "document_id",
        "standard",
        "owes_receipts",
        "paid_at_once",
        "accept_by",
    ],
};

const PARTS: Table = Table {
    name: "document_parts",
    columns: &[
        "company_id",
        "document_id",
        "customer_id",
        "whole",
        "part",
        "parts",
        "recorded_at",
    ],
};

const PAPER_EVENTS: Table = Table {
    name: "document_events",
    columns: &[
        "company_id",
        "id",
        "import_id",
        "stamp",
        "kind",
        "happened_on",
        "who",
        "text",
        "currency",
        "amount_minor",
        "digest",
        "author",
        "recorded_at",
    ],
};

const LINKS: Table = Table {
    name: "document_links",
    columns: &[
        "company_id",
        "id",
        "customer_id",
        "kind",
        "source",
        "target",
        "receipt",
        "happened_on",
        "currency",
        "amount_minor",
        "partiality",
        "digest",
        "recorded_at",
    ],
};

const FILES: Table = Table {
    name: "files",
    columns: &[
        "company_id",
        "id",
        "customer_id",
        "document_id",
        "name",
        "kind",
        "size",
        "digest",
        "content",
        "author",
        "recorded_at",
    ],
};

/// Keeps what e-invoices say beside the ledger's rows. What names a document or customer that is
/// not there is left out.
///
/// # Errors
/// What the database says; then nothing of the chunk was kept.
pub async fn keep_papers(
    db: &Db,
    stamp: &Stamp,
    company: CompanyId,
    chunk: PaperChunk,
) -> Result<PaperCounts> {
    let stamp = stamp.clone();
    write_heavily!(db, |heavy| keep(heavy, stamp, company, chunk))
}

/// Documents by their numbers: id and customer.
type Known = HashMap<String, (Uuid, Uuid)>;

struct Keeping<'a> {
    stamp: &'a Stamp,
    company: CompanyId,
    import: Option<ImportId>,
    known: Known,
    counts: PaperCounts,
}

async fn keep(
    heavy: &mut Heavy<'_>,
    stamp: Stamp,
    company: CompanyId,
    chunk: PaperChunk,
) -> Result<PaperCounts> {
    const ONE_AT_A_TIME: &str = "SELECT id FROM companies WHERE id = $1 {lock_weak}";
    heavy
        .each(ONE_AT_A_TIME, &binds![company], &mut |_| Ok(()))
        .await?;
    let known = documents(heavy, company, &chunk).await?;
    let mut keeping = Keeping {
        stamp: &stamp,
        company,
        import: chunk.import,
        known,
        counts: PaperCounts::default(),
    };
    let stamps = keeping.stamps(heavy, &chunk.stamps).await?;
    let parts = keeping.parts(heavy, &chunk.parts).await?;
    keeping.events(heavy, &chunk.events).await?;
    let links = keeping.links(heavy, &chunk.links).await?;
    let files = keeping.files(heavy, &chunk.originals).await?;
    if let Some(import) = chunk.import {
        let made: [(&'static str, &Rows<'_>, &[usize]); 4] = [
            ("document_stamps", &stamps, &[1]),
            ("document_parts", &parts, &[1]),
            ("document_links", &links, &[1]),
            ("files", &files, &[1]),
        ];
        let part = Part::new(&stamp, company, import);
        part.made(heavy, &made).await?;
    }
    Ok(keeping.counts)
}

/// The documents named, by their numbers.
async fn documents(heavy: &mut Heavy<'_>, company: CompanyId, chunk: &PaperChunk) -> Result<Known> {
    const SQL: &str =
        "SELECT number, id, customer_id FROM documents WHERE company_id = $1 AND number {texts:2}";
    let named: HashSet<&str> = chunk
        .stamps
        .iter()
        .map(|it| it.document.as_str())
        .chain(chunk.parts.iter().map(|it| it.document.as_str()))
        .chain(chunk.originals.iter().map(|it| it.document.as_str()))
        .collect();
    let mut known = Known::new();
    if named.is_empty() {
        return Ok(known);
    }
    let mut note = |row: &mut Row<'_>| {
        known.insert(row.get()?, (row.get()?, row.get()?));
        Ok(())
    };
    let named: Vec<&str> = named.into_iter().collect();
    heavy.each(SQL, &binds![company, named], &mut note).await?;
    Ok(known)
}

impl Keeping<'_> {
    fn id(&self) -> Uuid {
        self.stamp.ids.draw()
    }

    async fn stamps<'a>(
        &mut self,
        heavy: &mut Heavy<'_>,
        stamps: &'a [StampFacts],
    ) -> Result<Rows<'a>> {
        let mut rows = Rows::new(STAMPS.columns.len());
        let mut fuller = Rows::new(FULLER_STAMPS.columns.len());
        for facts in stamps {
            let Some((document, customer)) = self.known.get(&facts.document).copied() else {
                continue;
            };
            rows.push([
                Bind::from(self.company),
                self.id().into(),
                customer.into(),
                document.into(),
                Bind::from(&facts.stamp),
                facts.standard.into(),
                facts.owes_receipts.into(),
                facts.paid_at_once.into(),
                facts.accept_by.into(),
                self.stamp.at.into(),
            ]);
            fuller.push([
                Bind::from(self.company),
                Bind::from(&facts.stamp),
                document.into(),
                facts.standard.into(),
                facts.owes_receipts.into(),
                facts.paid_at_once.into(),
                facts.accept_by.into(),
            ]);
        }
        heavy.insert(&STAMPS, &rows, Clash::Skip).await?;
        heavy.update(&FULLER_STAMPS, 3, "", &fuller).await?;
        Ok(rows)
    }

    async fn parts<'a>(
        &mut self,
        heavy: &mut Heavy<'_>,
        parts: &'a [PartFacts],
    ) -> Result<Rows<'a>> {
        let mut rows = Rows::new(PARTS.columns.len());
        for facts in parts {
            let Some((document, customer)) = self.known.get(&facts.document).copied() else {
                continue;
            };
            rows.push([
                Bind::from(self.company),
                document.into(),
                customer.into(),
                Bind::from(&facts.whole),
                facts.part.into(),
                facts.parts.into(),
                self.stamp.at.into(),
            ]);
        }
        heavy.insert(&PARTS, &rows, Clash::Skip).await?;
        Ok(rows)
    }

    async fn events(&mut self, heavy: &mut Heavy<'_>, events: &[PaperEventFacts]) -> Result<()> {
        let mut rows = Rows::new(PAPER_EVENTS.columns.len());
        let mut seen = HashSet::new();
        for facts in events {
            let digest = event_digest(facts);
            if !seen.insert(digest) {
                self.counts.events.unchanged += 1;
                continue;
            }
            rows.push([
                Bind::from(self.company),
                self.id().into(),
                self.import.into(),
                Bind::from(&facts.stamp),
                facts.kind.into(),
                facts.on.into(),
                Bind::from(&facts.who),
                Bind::from(&facts.text),
                facts.amount.map(|it| it.currency).into(),
                facts.amount.map(|it| it.minor).into(),
                digest.into(),
                Bind::from(&self.stamp.author),
                self.stamp.at.into(),
            ]);
        }
        let kept = heavy.insert(&PAPER_EVENTS, &rows, Clash::Skip).await?;
        tally(&mut self.counts.events, rows.iter().count() as u64, kept);
        Ok(())
    }

    async fn links<'a>(
        &mut self,
        heavy: &mut Heavy<'_>,
        links: &'a [LinkFacts],
    ) -> Result<Rows<'a>> {
        const SQL: &str = "SELECT key, id FROM customers WHERE company_id = $1 AND key {texts:2}";
        let mut rows = Rows::new(LINKS.columns.len());
        if links.is_empty() {
            return Ok(rows);
        }
        let keys: HashSet<&str> = links.iter().map(|it| it.customer.as_str()).collect();
        let keys: Vec<&str> = keys.into_iter().collect();
        let mut customers: HashMap<String, Uuid> = HashMap::new();
        let mut note = |row: &mut Row<'_>| {
            customers.insert(row.get()?, row.get()?);
            Ok(())
        };
        heavy
            .each(SQL, &binds![self.company, keys], &mut note)
            .await?;
        let mut seen = HashSet::new();
        for facts in links {
            let digest = link_digest(facts);
            let Some(customer) = customers.get(&facts.customer).copied() else {
                continue;
            };
            if !seen.insert(digest) {
                self.counts.links.unchanged += 1;
                continue;
            }
            rows.push([
                Bind::from(self.company),
                self.id().into(),
                customer.into(),
                facts.kind.into(),
                Bind::from(&facts.source),
                Bind::from(&facts.target),
                Bind::from(&facts.receipt),
                facts.on.into(),
                facts.amount.map(|it| it.currency).into(),
                facts.amount.map(|it| it.minor).into(),
                facts.partiality.map(i64::from).into(),
                digest.into(),
                self.stamp.at.into(),
            ]);
        }
        let kept = heavy.insert(&LINKS, &rows, Clash::Skip).await?;
        tally(&mut self.counts.links, rows.iter().count() as u64, kept);
        Ok(rows)
    }

    async fn files<'a>(
        &mut self,
        heavy: &mut Heavy<'_>,
        originals: &'a [OriginalFacts],
    ) -> Result<Rows<'a>> {
        let mut rows = Rows::new(FILES.columns.len());
        let mut events = Rows::new(EVENTS.columns.len());
        let mut ids: Vec<Uuid> = originals
            .iter()
            .filter_map(|it| self.known.get(&it.document).map(|known| known.0))
            .collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.is_empty() {
            return Ok(rows);
        }
        let mut there = there(heavy, self.company, ids).await?;
        for original in originals {
            let Some((document, customer)) = self.known.get(&original.document).copied() else {
                continue;
            };
            let digest: [u8; 32] = Sha256::digest(&original.content).into();
            if !there.insert((document, digest.to_vec())) {
                self.counts.files.unchanged += 1;
                continue;
            }
            self.counts.files.created += 1;
            let id = self.id();
            let size = i64::try_from(original.content.len()).unwrap_or(i64::MAX);
            rows.push([
                Bind::from(self.company),
                id.into(),
                customer.into(),
                document.into(),
                Bind::from(&original.name),
                original.kind.into(),
                size.into(),
                digest.into(),
                Bind::from(&*original.content),
                Bind::Text(Some(self.stamp.author.clone().into())),
                self.stamp.at.into(),
            ]);
            let body = json!({ "import": self.import.map(|it| it.to_string()), "after": {
                "customer": customer.to_string(),
                "document": document.to_string(),
                "name": original.name,
                "kind": original.kind.code(),
                "size": size,
            }});
            events.push([
                Bind::from(self.company),
                self.id().into(),
                "file.added".into(),
                id.into(),
                body.to_string().into(),
                Bind::from(&self.stamp.author),
                self.stamp.at.into(),
            ]);
        }
        heavy.insert(&FILES, &rows, Clash::Fail).await?;
        heavy.insert(&EVENTS, &events, Clash::Fail).await?;
        Ok(rows)
    }
}

/// Files that documents have already, by their digests.
async fn there(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    documents: Vec<Uuid>,
) -> Result<HashSet<(Uuid, Vec<u8>)>> {
    const SQL: &str =
        "SELECT document_id, digest FROM files WHERE company_id = $1 AND document_id {uuids:2}";
    let mut there = HashSet::new();
    let mut note = |row: &mut Row<'_>| {
        there.insert((row.get()?, row.get()?));
        Ok(())
    };
    heavy
        .each(SQL, &binds![company, documents], &mut note)
        .await?;
    Ok(there)
}

fn tally(tally: &mut Tally, told: u64, kept: u64) {
    tally.created += kept;
    tally.unchanged += told - kept;
}

fn event_digest(facts: &PaperEventFacts) -> [u8; 32] {
    let on = facts.on.map(|on| on.to_string()).unwrap_or_default();
    let amount = facts.amount.map(|it| it.to_string()).unwrap_or_default();
    let parts = [
        facts.stamp.as_str(),
        facts.kind.code(),
        &on,
        &facts.who,
        &facts.text,
        &amount,
    ];
    digest(&parts)
}

/// What tells one saying from another.
fn link_digest(facts: &LinkFacts) -> [u8; 32] {
    let amount = facts.amount.map(|it| it.to_string()).unwrap_or_default();
    let on = facts.on.to_string();
    let which = facts.partiality.map(|it| it.to_string());
    digest(&[
        facts.kind.code(),
        &facts.source,
        &facts.target,
        &facts.receipt,
        &on,
        &amount,
        which.as_deref().unwrap_or_default(),
    ])
}

fn digest(parts: &[&str]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.len().to_be_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().into()
}
