//! Finding customers and documents by what someone types: words, keys, tax ids and numbers, kept
//! folded (`domain::search`) and found by their beginnings.

use std::collections::{BTreeSet, HashSet};

use domain::customer::Customer;
use domain::search::{Question, customer_terms, fold, name_key, tag_term};
use domain::{CompanyId, CustomerId, DocumentId};
use uuid::Uuid;

use crate::bulk::{Clash, Heavy, Rows, Table, read_heavily};
use crate::db::{Db, Tx, run};
use crate::error::Result;
use crate::facts::CUSTOMER;
use crate::value::{Bind, FromRow, Row, binds};

/// Customers that are looked at to answer a question of several words.
const CANDIDATES_MAX: u32 = 1_000;
/// Terms that are gone through where every word of a question is common.
const COMMON_MAX: u32 = 10_000;
/// Keys and tax ids that begin with what was typed.
const GLUED_MAX: u32 = 50;
/// Numbers that begin with what was typed.
const NUMBERS_MAX: u32 = 50;
/// Documents whose digits begin with those typed.
const DIGITS_MAX: u32 = 300;

pub(crate) const TERMS: Table = Table {
    name: "customer_terms",
    columns: &["company_id", "term", "customer_id"],
};

/// The terms of many customers, to be written in the order in which they are kept: what lies side
/// by side is written side by side.
#[derive(Default)]
pub(crate) struct NewTerms(BTreeSet<(String, Uuid)>);

impl NewTerms {
    pub(crate) fn add(&mut self, terms: BTreeSet<String>, customer: CustomerId) {
        let customer = customer.uuid();
        self.0
            .extend(terms.into_iter().map(|term| (term, customer)));
    }

    pub(crate) fn rows(self, company: CompanyId) -> Rows<'static> {
        let mut rows = Rows::new(TERMS.columns.len());
        for (term, customer) in self.0 {
            rows.push([company.into(), bytes(term), customer.into()]);
        }
        rows
    }
}

/// Text that both engines compare byte by byte.
pub(crate) fn bytes(text: String) -> Bind<'static> {
    Bind::Bytes(Some(text.into_bytes().into()))
}

/// Terms that a customer no longer has.
pub(crate) const FORGET: &str = "DELETE FROM customer_terms \
    WHERE company_id = $1 AND term = $2 AND customer_id = $3";

const NAME_KEYS: Table = Table {
    name: "customers",
    columns: &["company_id", "id", "name_key"],
};

/// Keeps the terms and the name of lists of customers as they stand.
pub(crate) async fn remember(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    customers: &[Customer],
) -> Result<()> {
    let mut keys = Rows::new(NAME_KEYS.columns.len());
    let mut terms = NewTerms::default();
    for customer in customers {
        let key = bytes(name_key(&customer.name));
        keys.push([company.into(), customer.id.into(), key]);
        terms.add(customer_terms(customer), customer.id);
    }
    heavy.update(&NAME_KEYS, 2, "", &keys).await?;
    let terms = terms.rows(company);
    heavy.insert(&TERMS, &terms, Clash::Skip).await?;
    Ok(())
}

/// Takes away the terms of customers as they stand.
pub(crate) async fn forget(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    customers: &[Customer],
) -> Result<()> {
    for customer in customers {
        for term in customer_terms(customer) {
            let binds = [company.into(), bytes(term), customer.id.into()];
            heavy.run(FORGET, &binds).await?;
        }
    }
    Ok(())
}

/// Customers as they stand.
pub(crate) async fn those(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    ids: &[Uuid],
) -> Result<Vec<Customer>> {
    let sql =
        format!("SELECT {CUSTOMER} FROM customers c WHERE c.company_id = $1 AND c.id {{uuids:2}}");
    heavy
        .rows(&sql, &binds![company, ids], FromRow::from_row)
        .await
}

/// Keeps what changed of a customer's terms, in the transaction that changes the customer.
pub(crate) async fn change(
    tx: &mut Tx,
    company: CompanyId,
    before: &Customer,
    after: &Customer,
) -> Result<()> {
    let (old, new) = (customer_terms(before), customer_terms(after));
    replace(tx, company, after.id, (&old, &new)).await
}

/// The same where only the tags change.
pub(crate) async fn change_tags(
    tx: &mut Tx,
    company: CompanyId,
    customer: CustomerId,
    (before, after): (&[String], &[String]),
) -> Result<()> {
    let terms = |tags: &[String]| tags.iter().map(|tag| tag_term(tag)).collect();
    replace(tx, company, customer, (&terms(before), &terms(after))).await
}

async fn replace(
    tx: &mut Tx,
    company: CompanyId,
    customer: CustomerId,
    (old, new): (&BTreeSet<String>, &BTreeSet<String>),
) -> Result<()> {
    const ADD: &str = "INSERT INTO customer_terms (company_id, term, customer_id) \
        VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    for (sql, terms) in [(FORGET, old.difference(new)), (ADD, new.difference(old))] {
        for term in terms {
            let binds = [company.into(), bytes(term.clone()), customer.into()];
            run(&mut *tx, sql, &binds).await?;
        }
    }
    Ok(())
}

/// Customers who answer a question, the closest first, at most `limit`; where every word of it is
/// common, those found among the first [`COMMON_MAX`].
///
/// # Errors
/// What the database says.
pub async fn customers(
    db: &Db,
    company: CompanyId,
    question: &Question,
    limit: usize,
) -> Result<Vec<CustomerId>> {
    let question = question.clone();
    read_heavily!(db, |heavy| find_customers(heavy, company, question, limit))
}

pub(crate) async fn find_customers(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    question: Question,
    limit: usize,
) -> Result<Vec<CustomerId>> {
    let mut found = Vec::new();
    if let Some(glued) = &question.glued {
        found = begun(heavy, company, glued, GLUED_MAX).await?;
    }
    let mut rarest: Option<(&str, u32)> = None;
    for word in &question.words {
        let count = frequency(heavy, company, word).await?;
        if rarest.is_none_or(|(_, least)| count < least) {
            rarest = Some((word, count));
        }
    }
    if let Some((word, count)) = rarest {
        let of_words = if question.words.len() == 1 {
            let most = u32::try_from(limit).unwrap_or(CANDIDATES_MAX);
            begun(heavy, company, word, most).await?
        } else if count < CANDIDATES_MAX {
            let candidates = begun(heavy, company, word, CANDIDATES_MAX).await?;
            answering(heavy, company, &question, candidates).await?
        } else {
            with_all(heavy, company, word, &question.words).await?
        };
        found.extend(of_words);
    }
    let mut seen = HashSet::new();
    found.retain(|customer| seen.insert(*customer));
    found.truncate(limit);
    Ok(found)
}

/// The bounds of all terms that begin like this.
fn bounds(beginning: &str) -> [Bind<'static>; 2] {
    let low = beginning.as_bytes().to_vec();
    let mut high = low.clone();
    // UTF-8 has no byte 0xFF.
    if let Some(last) = high.last_mut() {
        *last += 1;
    }
    [low, high].map(|bound| Bind::Bytes(Some(bound.into())))
}

/// How many terms begin like this, counted to [`CANDIDATES_MAX`].
async fn frequency(heavy: &mut Heavy<'_>, company: CompanyId, word: &str) -> Result<u32> {
    const SQL: &str = "SELECT COUNT(*) FROM (SELECT 1 FROM customer_terms \
        WHERE company_id = $1 AND term >= $2 AND term < $3 LIMIT $4) AS part";
    let [low, high] = bounds(word);
    let binds = [company.into(), low, high, CANDIDATES_MAX.into()];
    let counts: Vec<u32> = heavy.rows(SQL, &binds, FromRow::from_row).await?;
    Ok(counts.first().copied().unwrap_or(0))
}

/// Customers of the terms that begin like this, in the order of the terms.
async fn begun(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    word: &str,
    limit: u32,
) -> Result<Vec<CustomerId>> {
    const SQL: &str = "SELECT customer_id FROM customer_terms \
        WHERE company_id = $1 AND term >= $2 AND term < $3 ORDER BY term, customer_id LIMIT $4";
    let [low, high] = bounds(word);
    let binds = [company.into(), low, high, limit.into()];
    heavy.rows(SQL, &binds, FromRow::from_row).await
}

/// Those of some customers who answer a question, in the same order.
async fn answering(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    question: &Question,
    candidates: Vec<CustomerId>,
) -> Result<Vec<CustomerId>> {
    let ids: Vec<Uuid> = candidates.iter().map(|it| it.uuid()).collect();
    let looked_at = those(heavy, company, &ids).await?;
    let answering: HashSet<CustomerId> = looked_at
        .iter()
        .filter(|customer| question.is_answered_by(&customer_terms(customer)))
        .map(|customer| customer.id)
        .collect();
    Ok(candidates
        .into_iter()
        .filter(|it| answering.contains(it))
        .collect())
}

/// Customers of one common word who have the others as whole words.
async fn with_all(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    first: &str,
    words: &[String],
) -> Result<Vec<CustomerId>> {
    let [low, high] = bounds(first);
    let mut binds = vec![company.into(), low, high];
    let mut others = String::new();
    for word in words.iter().filter(|word| *word != first) {
        binds.push(bytes(word.clone()));
        let condition = format!(
            " AND EXISTS (SELECT 1 FROM customer_terms o WHERE o.company_id = $1 \
             AND o.term = ${} AND o.customer_id = s.customer_id)",
            binds.len()
        );
        others.push_str(&condition);
    }
    let sql = format!(
        "SELECT s.customer_id FROM (SELECT term, customer_id FROM customer_terms \
         WHERE company_id = $1 AND term >= $2 AND term < $3 \
         ORDER BY term, customer_id LIMIT {COMMON_MAX}) AS s WHERE true{others} \
         ORDER BY s.term, s.customer_id LIMIT {CANDIDATES_MAX}"
    );
    heavy.rows(&sql, &binds, FromRow::from_row).await
}

/// Documents whose number answers a question, the closest first, at most `limit`.
///
/// # Errors
/// What the database says.
pub async fn documents(
    db: &Db,
    company: CompanyId,
    question: &Question,
    limit: usize,
) -> Result<Vec<DocumentId>> {
    let question = question.clone();
    read_heavily!(db, |heavy| find_documents(heavy, company, question, limit))
}

pub(crate) async fn find_documents(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    question: Question,
    limit: usize,
) -> Result<Vec<DocumentId>> {
    const BY_NUMBER: &str = "SELECT id, number FROM documents \
        WHERE company_id = $1 AND number >= $2 ORDER BY number LIMIT $3";
    const BY_DIGITS: &str = "SELECT id, number FROM documents WHERE company_id = $1 \
        AND number_digits >= $2 AND number_digits < $3 ORDER BY number_digits LIMIT $4";
    let read = |row: &mut Row<'_>| Ok((row.get()?, row.get()?));
    let mut found: Vec<DocumentId> = Vec::new();
    let text = &question.text;
    let ways = [text.clone(), text.to_uppercase(), text.to_lowercase()];
    for (at, way) in ways.iter().enumerate() {
        if way.is_empty() || ways[..at].contains(way) {
            continue;
        }
        let binds = binds![company, way, NUMBERS_MAX];
        let near: Vec<(DocumentId, String)> = heavy.rows(BY_NUMBER, &binds, read).await?;
        let begun = near
            .into_iter()
            .filter(|(_, number)| number.starts_with(way));
        found.extend(begun.map(|(id, _)| id));
    }
    if let Some(digits) = &question.digits {
        // What is typed before the digits must stand before them.
        let before = fold(text).replace(' ', "");
        let before: String = before
            .chars()
            .take_while(|it| !it.is_ascii_digit())
            .collect();
        let [low, high] = bounds(digits);
        let binds = [company.into(), low, high, DIGITS_MAX.into()];
        let near: Vec<(DocumentId, String)> = heavy.rows(BY_DIGITS, &binds, read).await?;
        let alike = near
            .into_iter()
            .filter(|(_, number)| fold(number).replace(' ', "").starts_with(&before));
        found.extend(alike.map(|(id, _)| id));
    }
    let mut seen = HashSet::new();
    found.retain(|document| seen.insert(*document));
    found.truncate(limit);
    Ok(found)
}
