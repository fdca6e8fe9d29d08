//! What e-invoices say beside the ledger's own rows, as it is read.

use std::collections::{BTreeSet, HashMap, HashSet};

use domain::document::Document;
use domain::paper::{PaperEvent, PaperLink};
use domain::{CompanyId, CustomerId, DocumentId, Money};
use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use crate::applications::UNDONE;
use crate::bulk::{Heavy, read_heavily};
use crate::db::{Access, Db, rows};
use crate::error::{Result, StoreError};
use crate::facts::DOCUMENT;
use crate::value::{Bind, FromRow, Row, binds};

/// Texts or ids looked up by one statement.
const LIST_MAX: usize = 10_000;

/// A stamp that is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownStamp {
    /// The word of the standard whose file told of it.
    pub standard: String,
    /// The numbers of its documents: several where it is in parts.
    pub numbers: Vec<String>,
}

/// What is known of the papers that a part of a file tells of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownPapers {
    /// Documents by stamp.
    pub stamps: HashMap<String, KnownStamp>,
    /// Stamps by number; `None` for a document that bears none.
    pub numbers: HashMap<String, Option<String>>,
    /// Receipts that were read before.
    pub receipts: HashSet<String>,
    /// Days of credit by the key of the customer, where its list says some.
    pub terms: HashMap<String, i64>,
}

/// What is known of these stamps, numbers, receipts and customers.
///
/// # Errors
/// What the database says.
pub async fn known(db: &Db, company: CompanyId, asked: Asked) -> Result<KnownPapers> {
    read_heavily!(db, |heavy| known_of(heavy, company, asked))
}

/// What is asked for by [`known`].
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Stamps of documents.
    pub stamps: BTreeSet<String>,
    /// Numbers of documents.
    pub numbers: BTreeSet<String>,
    /// Stamps of receipts.
    pub receipts: BTreeSet<String>,
    /// Tax ids of customers.
    pub tax_ids: BTreeSet<String>,
}

async fn known_of(heavy: &mut Heavy<'_>, company: CompanyId, asked: Asked) -> Result<KnownPapers> {
    const STAMPS: &str = "SELECT s.stamp, s.standard, d.number FROM document_stamps s \
        JOIN documents d ON d.company_id = s.company_id AND d.id = s.document_id \
        WHERE s.company_id = $1 AND s.stamp {texts:2} ORDER BY d.number";
    const NUMBERS: &str = "SELECT d.number, s.stamp FROM documents d \
        LEFT JOIN document_stamps s ON s.company_id = d.company_id AND s.document_id = d.id \
        WHERE d.company_id = $1 AND d.number {texts:2}";
    const WHOLES: &str = "SELECT p.whole, s.stamp FROM document_parts p \
        LEFT JOIN document_stamps s ON s.company_id = p.company_id \
            AND s.document_id = p.document_id \
        WHERE p.company_id = $1 AND p.whole {texts:2}";
    const RECEIPTS: &str = "SELECT DISTINCT receipt FROM document_links \
        WHERE company_id = $1 AND receipt {texts:2} AND receipt <> ''";
    const TERMS: &str = "SELECT tax_id, extra FROM customers \
        WHERE company_id = $1 AND tax_id {texts:2} ORDER BY id";
    let mut known = KnownPapers::default();
    let mut note = |row: &mut Row<'_>| {
        let (stamp, standard, number): (String, String, String) =
            (row.get()?, row.get()?, row.get()?);
        let entry = known.stamps.entry(stamp).or_default();
        entry.standard = standard;
        entry.numbers.push(number);
        Ok(())
    };
    each_text(heavy, STAMPS, company, &asked.stamps, &mut note).await?;
    let mut numbers = HashMap::new();
    let mut note = |row: &mut Row<'_>| {
        let (number, stamp): (String, Option<String>) = (row.get()?, row.get()?);
        numbers.insert(number, stamp);
        Ok(())
    };
    each_text(heavy, NUMBERS, company, &asked.numbers, &mut note).await?;
    each_text(heavy, WHOLES, company, &asked.numbers, &mut note).await?;
    known.numbers = numbers;
    let mut note = |row: &mut Row<'_>| {
        known.receipts.insert(row.get()?);
        Ok(())
    };
    each_text(heavy, RECEIPTS, company, &asked.receipts, &mut note).await?;
    let mut note = |row: &mut Row<'_>| {
        let (tax_id, extra): (String, serde_json::Value) = (row.get()?, row.get()?);
        let days = extra["días de crédito"].as_str();
        if let Some(days) = days.and_then(|days| days.parse().ok()) {
            known.terms.entry(tax_id).or_insert(days);
        }
        Ok(())
    };
    each_text(heavy, TERMS, company, &asked.tax_ids, &mut note).await?;
    Ok(known)
}

async fn each_text(
    heavy: &mut Heavy<'_>,
    sql: &str,
    company: CompanyId,
    texts: &BTreeSet<String>,
    note: &mut (dyn FnMut(&mut Row<'_>) -> Result<()> + Send),
) -> Result<()> {
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    for texts in texts.chunks(LIST_MAX) {
        let binds = binds![company, texts.to_vec()];
        heavy.each(sql, &binds, note).await?;
    }
    Ok(())
}

/// Customers by their keys, and those whose documents or receipts bear these stamps.
///
/// # Errors
/// What the database says.
pub async fn concerned(
    db: &Db,
    company: CompanyId,
    keys: BTreeSet<String>,
    stamps: Vec<String>,
) -> Result<Vec<CustomerId>> {
    const KEYS: &str = "SELECT id FROM customers WHERE company_id = $1 AND key {texts:2}";
    const STAMPS: &str =
        "SELECT customer_id FROM document_stamps WHERE company_id = $1 AND stamp {texts:2}";
    const RECEIPTS: &str = "SELECT customer_id FROM document_links \
        WHERE company_id = $1 AND receipt {texts:2} AND receipt <> ''";
    const NUMBERS: &str =
        "SELECT customer_id FROM documents WHERE company_id = $1 AND number {texts:2}";
    let bare = stamps.iter().filter_map(|it| it.strip_prefix('#'));
    let numbers: BTreeSet<String> = bare.map(str::to_owned).collect();
    let stamps: BTreeSet<String> = stamps.into_iter().collect();
    read_heavily!(db, |heavy| async {
        let mut found = BTreeSet::new();
        let mut note = |row: &mut Row<'_>| {
            found.insert(row.get()?);
            Ok(())
        };
        each_text(heavy, KEYS, company, &keys, &mut note).await?;
        each_text(heavy, STAMPS, company, &stamps, &mut note).await?;
        each_text(heavy, RECEIPTS, company, &stamps, &mut note).await?;
        each_text(heavy, NUMBERS, company, &numbers, &mut note).await?;
        Ok::<_, StoreError>(found.into_iter().collect())
    })
}

/// A payment that no receipt speaks of yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FreePayment {
    /// The key of its customer.
    pub customer: String,
    /// Its reference.
    pub reference: String,
    /// Its day.
    pub on: Date,
    /// Its amount.
    pub amount: Money,
}

/// Payments of these customers, by their keys, that no receipt speaks of.
///
/// # Errors
/// What the database says.
pub async fn free_payments(
    on: &Db,
    company: CompanyId,
    customers: Vec<String>,
) -> Result<Vec<FreePayment>> {
    const SQL: &str = "SELECT c.key, p.reference, p.paid_on, p.amount_minor, p.currency \
        FROM customers c CROSS JOIN payments p \
        WHERE c.company_id = $1 AND c.key {texts:2} AND p.company_id = c.company_id \
            AND p.customer_id = c.id AND NOT EXISTS (SELECT 1 FROM document_links l \
                WHERE l.company_id = p.company_id AND l.source = p.reference) \
        ORDER BY p.paid_on, p.id";
    let read = |row: &mut Row<'_>| {
        Ok(FreePayment {
            customer: row.get()?,
            reference: row.get()?,
            on: row.get()?,
            amount: row.get()?,
        })
    };
    if customers.is_empty() {
        return Ok(Vec::new());
    }
    read_heavily!(on, |heavy| async {
        let customers: Vec<&str> = customers.iter().map(String::as_str).collect();
        heavy.rows(SQL, &binds![company, customers], read).await
    })
}

/// A document that bears a stamp or that a paper names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StampedDocument {
    /// The document.
    pub document: Document,
    /// Whose it is.
    pub customer: CustomerId,
    /// The customer's key.
    pub customer_key: String,
    /// Its stamp.
    pub stamp: Option<String>,
    /// The number of the whole, where it is a part.
    pub whole: Option<String>,
}

/// What one paper says of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Whose the papers are.
    pub customer: CustomerId,
    /// What it says.
    pub kind: PaperLink,
    /// The credit note's stamp, or the payment's reference.
    pub source: String,
    /// The stamp of the document, or a `#` and its number.
    pub target: String,
    /// The stamp of the receipt that says so.
    pub receipt: String,
    /// The day of the payment or credit note.
    pub on: Date,
    /// How much, where it is said.
    pub minor: Option<i64>,
}

/// Something that befell a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Befallen {
    /// The document's stamp, or a `#` and its number.
    pub stamp: String,
    /// What.
    pub kind: PaperEvent,
    /// When.
    pub on: Option<Date>,
    /// To whom, by what.
    pub who: String,
    /// In the words of the file.
    pub text: String,
    /// When it was recorded.
    pub recorded_at: Timestamp,
}

impl FromRow for Befallen {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            stamp: row.get()?,
            kind: row.get()?,
            on: row.get()?,
            who: row.get()?,
            text: row.get()?,
            recorded_at: row.get()?,
        })
    }
}

/// A payment that papers speak of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkedPayment {
    /// Its reference.
    pub reference: String,
    /// Whose it is.
    pub customer: CustomerId,
    /// Its day.
    pub on: Date,
    /// Its amount.
    pub amount: Money,
    /// Whether it is known from its receipt only.
    pub from_receipt: bool,
}

/// Money that lies somewhere, by the keys of source and document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lying {
    /// Whose money.
    pub customer: CustomerId,
    /// A payment's reference.
    pub payment: Option<String>,
    /// Or a credit note's number.
    pub credit: Option<String>,
    /// The document's number.
    pub document: String,
    /// The day.
    pub on: Date,
    /// Minor units.
    pub minor: i64,
    /// Why it lies there.
    pub matched: String,
}

impl Lying {
    /// Whether a person took this money from there.
    pub fn is_undone(&self) -> bool {
        self.matched == UNDONE
    }
}

/// All that papers say of some customers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Papers {
    /// Documents.
    pub documents: Vec<StampedDocument>,
    /// What papers say of each other.
    pub links: Vec<Link>,
    /// What befell them.
    pub events: Vec<Befallen>,
    /// Payments that links name.
    pub payments: Vec<LinkedPayment>,
    /// What lies on those documents, or comes from those payments and credit notes.
    pub lying: Vec<Lying>,
}

/// All that papers say of these customers.
///
/// # Errors
/// What the database says.
pub async fn of_customers(
    db: &Db,
    company: CompanyId,
    customers: Vec<CustomerId>,
) -> Result<Papers> {
    read_heavily!(db, |heavy| papers(heavy, company, customers))
}

async fn papers(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    customers: Vec<CustomerId>,
) -> Result<Papers> {
    const LINKS: &str = "SELECT customer_id, kind, source, target, receipt, happened_on, \
        amount_minor FROM document_links WHERE company_id = $1 AND customer_id {uuids:2} \
        ORDER BY digest";
    let ids: Vec<Uuid> = customers.iter().map(|it| it.uuid()).collect();
    let read = |row: &mut Row<'_>| {
        Ok(Link {
            customer: row.get()?,
            kind: row.get()?,
            source: row.get()?,
            target: row.get()?,
            receipt: row.get()?,
            on: row.get()?,
            minor: row.get()?,
        })
    };
    let links = heavy
        .rows(LINKS, &binds![company, ids.as_slice()], read)
        .await?;
    let documents = documents(heavy, company, &ids, &links).await?;
    let mut stamps: BTreeSet<String> = documents.iter().filter_map(|it| it.stamp.clone()).collect();
    stamps.extend(links.iter().map(|it| it.receipt.clone()));
    stamps.extend(
        documents
            .iter()
            .map(|it| format!("#{}", it.document.number)),
    );
    stamps.extend(
        documents
            .iter()
            .filter_map(|it| Some(format!("#{}", it.whole.as_ref()?))),
    );
    let mut events = Vec::new();
    let mut note = |row: &mut Row<'_>| {
        events.push(row.get()?);
        Ok(())
    };
    each_text(heavy, EVENTS, company, &stamps, &mut note).await?;
    let payments = payments(heavy, company, &links).await?;
    let lying = lying(heavy, company, &ids).await?;
    Ok(Papers {
        documents,
        links,
        events,
        payments,
        lying,
    })
}

const EVENTS: &str = "SELECT stamp, kind, happened_on, who, text, recorded_at \
    FROM document_events WHERE company_id = $1 AND stamp {texts:2} ORDER BY digest";

async fn documents(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    customers: &[Uuid],
    links: &[Link],
) -> Result<Vec<StampedDocument>> {
    let select = format!(
        "SELECT {DOCUMENT}, t.customer_id, c.key, s.stamp, p.whole FROM documents t \
         JOIN customers c ON c.company_id = t.company_id AND c.id = t.customer_id \
         LEFT JOIN document_stamps s ON s.company_id = t.company_id AND s.document_id = t.id \
         LEFT JOIN document_parts p ON p.company_id = t.company_id AND p.document_id = t.id \
         WHERE t.company_id = $1"
    );
    let mut found: HashMap<DocumentId, StampedDocument> = HashMap::new();
    let mut note = |row: &mut Row<'_>| {
        let document = StampedDocument {
            document: row.get()?,
            customer: row.get()?,
            customer_key: row.get()?,
            stamp: row.get()?,
            whole: row.get()?,
        };
        found.insert(document.document.id, document);
        Ok(())
    };
    let stamped = format!("{select} AND t.customer_id {{uuids:2}} AND s.stamp IS NOT NULL");
    heavy
        .each(&stamped, &binds![company, customers], &mut note)
        .await?;
    let targets = links.iter().filter_map(|it| it.target.strip_prefix('#'));
    let numbers: BTreeSet<String> = targets.map(str::to_owned).collect();
    let numbered = format!("{select} AND t.number {{texts:2}}");
    each_text(heavy, &numbered, company, &numbers, &mut note).await?;
    let whole = format!("{select} AND p.whole {{texts:2}}");
    each_text(heavy, &whole, company, &numbers, &mut note).await?;
    let mut found: Vec<StampedDocument> = found.into_values().collect();
    found.sort_unstable_by_key(|it| it.document.id);
    Ok(found)
}

async fn payments(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    links: &[Link],
) -> Result<Vec<LinkedPayment>> {
    const SQL: &str = "SELECT reference, customer_id, paid_on, amount_minor, currency, extra \
        FROM payments WHERE company_id = $1 AND reference {texts:2}";
    let named = links.iter().filter(|it| it.kind == PaperLink::Pays);
    let references: BTreeSet<String> = named.map(|it| it.source.clone()).collect();
    let mut found = Vec::new();
    let mut note = |row: &mut Row<'_>| {
        let payment = LinkedPayment {
            reference: row.get()?,
            customer: row.get()?,
            on: row.get()?,
            amount: row.get()?,
            from_receipt: !row.get::<serde_json::Value>()?["recibo"].is_null(),
        };
        found.push(payment);
        Ok(())
    };
    each_text(heavy, SQL, company, &references, &mut note).await?;
    Ok(found)
}

async fn lying(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    customers: &[Uuid],
) -> Result<Vec<Lying>> {
    const SQL: &str = "SELECT a.customer_id, p.reference, n.number, d.number, a.applied_on, \
            a.amount_minor, a.matched \
        FROM applications a \
        JOIN documents d ON d.company_id = a.company_id AND d.id = a.document_id \
        LEFT JOIN payments p ON p.company_id = a.company_id AND p.id = a.payment_id \
        LEFT JOIN documents n ON n.company_id = a.company_id AND n.id = a.credit_id \
        WHERE a.company_id = $1 AND a.customer_id {uuids:2} ORDER BY a.id";
    let read = |row: &mut Row<'_>| {
        Ok(Lying {
            customer: row.get()?,
            payment: row.get()?,
            credit: row.get()?,
            document: row.get()?,
            on: row.get()?,
            minor: row.get()?,
            matched: row.get()?,
        })
    };
    heavy.rows(SQL, &binds![company, customers], read).await
}

/// What papers say of one document, for its page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaperOf {
    /// The document.
    pub document: DocumentId,
    /// Its stamp.
    pub stamp: Option<String>,
    /// The word of the standard.
    pub standard: Option<String>,
    /// The last day on which the customer can contest it.
    pub accept_by: Option<Date>,
    /// The number of the whole, which part it is, and of how many.
    pub part: Option<(String, u32, u32)>,
    /// What befell it, oldest first.
    pub events: Vec<Befallen>,
}

/// What papers say of these documents; those of which they say nothing are left out.
///
/// # Errors
/// What the database says.
pub async fn of_documents(
    on: &Db,
    company: CompanyId,
    documents: &[DocumentId],
) -> Result<Vec<PaperOf>> {
    const SQL: &str = "SELECT t.id, s.stamp, s.standard, s.accept_by, p.whole, p.part, p.parts \
        FROM documents t \
        LEFT JOIN document_stamps s ON s.company_id = t.company_id AND s.document_id = t.id \
        LEFT JOIN document_parts p ON p.company_id = t.company_id AND p.document_id = t.id \
        WHERE t.company_id = $1 AND t.id {uuids:2} \
            AND (s.stamp IS NOT NULL OR p.whole IS NOT NULL) ORDER BY t.id";
    const BEFELL: &str = "SELECT e.stamp, e.kind, e.happened_on, e.who, e.text, e.recorded_at \
        FROM document_events e WHERE e.company_id = $1 AND e.stamp IN \
            (SELECT s.stamp FROM document_stamps s \
             WHERE s.company_id = $1 AND s.document_id {uuids:2}) \
        ORDER BY e.recorded_at, e.id";
    let read = |row: &mut Row<'_>| {
        let (document, stamp, standard, accept_by) =
            (row.get()?, row.get()?, row.get()?, row.get()?);
        let (whole, part, parts): (Option<String>, Option<u32>, Option<u32>) =
            (row.get()?, row.get()?, row.get()?);
        let part = whole.and_then(|whole| Some((whole, part?, parts?)));
        Ok(PaperOf {
            document,
            stamp,
            standard,
            accept_by,
            part,
            events: Vec::new(),
        })
    };
    if documents.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = documents.iter().map(|it| it.uuid()).collect();
    let binds = binds![company, ids];
    let mut papers: Vec<PaperOf> = rows(on, SQL, &binds, read).await?;
    let befell: Vec<Befallen> = rows(on, BEFELL, &binds, FromRow::from_row).await?;
    for event in befell {
        for paper in &mut papers {
            if paper.stamp.as_ref() == Some(&event.stamp) {
                paper.events.push(event.clone());
            }
        }
    }
    Ok(papers)
}

/// A payment of a document that asks for a receipt and has none yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwedReceipt {
    /// The customer's key.
    pub customer: String,
    /// The document's number.
    pub document: String,
    /// Its stamp.
    pub stamp: String,
    /// The payment's reference.
    pub payment: String,
    /// The day of the payment.
    pub paid_on: Date,
    /// What of it lies on the document.
    pub amount: Money,
}

/// Payments of documents that ask for a receipt and have none yet, oldest first, at most `limit`.
///
/// # Errors
/// What the database says.
pub async fn receipts_owed(
    on: impl Access,
    company: CompanyId,
    from: Date,
    limit: u32,
) -> Result<Vec<OwedReceipt>> {
    const SQL: &str = "SELECT c.key, d.number, s.stamp, p.reference, p.paid_on, \
            CAST(SUM(a.amount_minor) AS BIGINT), d.currency \
        FROM document_stamps s \
        JOIN documents d ON d.company_id = s.company_id AND d.id = s.document_id \
        JOIN customers c ON c.company_id = d.company_id AND c.id = d.customer_id \
        JOIN applications a ON a.company_id = d.company_id AND a.customer_id = d.customer_id \
            AND a.document_id = d.id \
        JOIN payments p ON p.company_id = a.company_id AND p.id = a.payment_id \
        WHERE s.company_id = $1 AND s.owes_receipts AND p.paid_on >= $2 \
            AND NOT EXISTS (SELECT 1 FROM document_links l \
                WHERE l.company_id = s.company_id AND l.source = p.reference \
                    AND l.target = s.stamp AND NOT EXISTS (SELECT 1 FROM document_events e \
                        WHERE e.company_id = l.company_id AND e.stamp = l.receipt \
                            AND e.kind IN ('cancelled', 'replaced'))) \
        GROUP BY c.key, d.number, s.stamp, p.reference, p.paid_on, d.currency \
        HAVING SUM(a.amount_minor) > 0 ORDER BY p.paid_on, d.number LIMIT $3";
    let read = |row: &mut Row<'_>| {
        Ok(OwedReceipt {
            customer: row.get()?,
            document: row.get()?,
            stamp: row.get()?,
            payment: row.get()?,
            paid_on: row.get()?,
            amount: row.get()?,
        })
    };
    rows(on, SQL, &binds![company, from, limit], read).await
}

/// How many documents a tax office's list names whose file never came.
///
/// # Errors
/// What the database says.
pub async fn missing_files(on: impl Access, company: CompanyId, limit: u32) -> Result<Vec<String>> {
    const SQL: &str = "SELECT e.stamp FROM document_events e \
        WHERE e.company_id = $1 AND e.kind = 'listed' AND NOT EXISTS \
            (SELECT 1 FROM document_stamps s \
             WHERE s.company_id = e.company_id AND s.stamp = e.stamp) \
        ORDER BY e.stamp LIMIT $2";
    rows(on, SQL, &binds![company, limit], |row| row.get()).await
}

/// Sources of money that wait for a document which papers name and which is not there: payments by
/// reference. No rule lays them elsewhere.
///
/// # Errors
/// What the database says.
pub async fn awaiting(
    on: &Db,
    company: CompanyId,
    customers: Vec<CustomerId>,
) -> Result<HashSet<String>> {
    const SQL: &str = "SELECT l.source FROM document_links l \
        WHERE l.company_id = $1 AND l.customer_id {uuids:2} AND l.kind = 'pays' \
            AND NOT EXISTS (SELECT 1 FROM document_stamps s \
                WHERE s.company_id = l.company_id AND s.stamp = l.target) \
            AND NOT EXISTS (SELECT 1 FROM documents d WHERE d.company_id = l.company_id \
                AND d.number = substr(l.target, 2) AND substr(l.target, 1, 1) = '#')";
    let read = |row: &mut Row<'_>| row.get::<String>();
    let ids: Vec<Uuid> = customers.iter().map(|it| it.uuid()).collect();
    let found = read_heavily!(on, |heavy| async {
        heavy
            .rows(SQL, &[Bind::from(company), Bind::from(ids)], read)
            .await
    })?;
    Ok(found.into_iter().collect())
}

/// Numbers of documents that are there in parts, of those asked for.
///
/// # Errors
/// What the database says.
pub async fn wholes(on: &Db, company: CompanyId, numbers: &[&str]) -> Result<HashSet<String>> {
    const SQL: &str = "SELECT DISTINCT whole FROM document_parts \
        WHERE company_id = $1 AND whole {texts:2}";
    if numbers.is_empty() {
        return Ok(HashSet::new());
    }
    let numbers: Vec<String> = numbers.iter().map(|&it| it.to_owned()).collect();
    let read = |row: &mut Row<'_>| row.get::<String>();
    let found = read_heavily!(on, |heavy| async {
        let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
        heavy.rows(SQL, &binds![company, numbers], read).await
    })?;
    Ok(found.into_iter().collect())
}

/// Whether any document of the company is in parts.
///
/// # Errors
/// What the database says.
pub async fn has_parts(on: impl Access, company: CompanyId) -> Result<bool> {
    const SQL: &str = "SELECT part FROM document_parts WHERE company_id = $1 LIMIT 1";
    let read = |row: &mut Row<'_>| row.get::<i64>();
    Ok(!rows(on, SQL, &binds![company], read).await?.is_empty())
}

/// The numbers of the parts by that of the whole, the earliest due first.
///
/// # Errors
/// What the database says.
pub async fn parts_of(
    on: &Db,
    company: CompanyId,
    wholes: &[&str],
) -> Result<HashMap<String, Vec<String>>> {
    const SQL: &str = "SELECT p.whole, d.number FROM document_parts p \
        JOIN documents d ON d.company_id = p.company_id AND d.id = p.document_id \
        WHERE p.company_id = $1 AND p.whole {texts:2} ORDER BY d.due_on, p.part";
    let wholes: BTreeSet<String> = wholes.iter().map(|&it| it.to_owned()).collect();
    read_heavily!(on, |heavy| async {
        let mut parts: HashMap<String, Vec<String>> = HashMap::new();
        let mut note = |row: &mut Row<'_>| {
            let (whole, number): (String, String) = (row.get()?, row.get()?);
            parts.entry(whole).or_default().push(number);
            Ok(())
        };
        each_text(heavy, SQL, company, &wholes, &mut note).await?;
        Ok::<_, StoreError>(parts)
    })
}
