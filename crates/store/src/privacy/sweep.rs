//! Personal text in rows that are not a customer's own columns: the log of changes, summaries, rows
//! in quarantine. There it is found by what it says: name, tax id, addresses, a long key.

use domain::customer::Customer;
use domain::{CompanyId, CustomerId};
use serde_json::Value;
use uuid::Uuid;

use super::GONE;
use crate::db::{Tx, rows, run};
use crate::error::Result;
use crate::value::{Bind, FromRow, Row, binds};

/// Shorter texts stand in rows of others as well.
const NEEDLE_LETTERS_MIN: usize = 6;
/// Ids asked for with one statement.
const IDS_MAX: usize = 500;

/// Names of values that say nothing of a person: words of lists.
const PLAIN_FIELDS: &[&str] = &[
    "behaviour",
    "channel",
    "channels",
    "class",
    "consent",
    "country",
    "currency",
    "health",
    "hours",
    "kind",
    "language",
    "matched",
    "purpose",
    "result",
    "role",
    "state",
    "subdivision",
    "zone",
];

/// Where a text may lie, and whether only in the customer's own rows.
const PLACES: &[(&str, &str, Kind, bool)] = &[
    ("contacts", "content", Kind::Text, true),
    ("contacts", "reason", Kind::Text, true),
    ("payments", "reference", Kind::Text, true),
    ("tasks", "text", Kind::Text, false),
    ("quarantine", "raw", Kind::Json, false),
    ("quarantine", "reason", Kind::Text, false),
    ("imports", "summary", Kind::Json, false),
    ("imports", "options", Kind::Json, false),
    ("imports", "problem", Kind::Text, false),
    ("saved_views", "query", Kind::Text, false),
    ("saved_views", "name", Kind::Text, false),
    ("access_log", "detail", Kind::Text, false),
];

/// How a column is kept.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Json,
}

/// What is looked for: as written, and as JSON writes it.
pub(super) fn needles(known: &Customer) -> Vec<String> {
    let addresses = known
        .contact_points
        .iter()
        .map(|point| point.address.as_str());
    let own = [
        Some(known.name.as_str()),
        known.tax_id.as_deref(),
        Some(known.key.as_str()),
    ];
    let mut needles: Vec<String> = Vec::new();
    for text in own.into_iter().flatten().chain(addresses) {
        if text.chars().count() < NEEDLE_LETTERS_MIN {
            continue;
        }
        let quoted = Value::from(text).to_string();
        let inner = quoted.trim_matches('"').to_owned();
        for form in [
            text.to_owned(),
            inner,
            text.to_lowercase(),
            text.to_uppercase(),
        ] {
            if !needles.contains(&form) {
                needles.push(form);
            }
        }
    }
    // The longest first: a shorter one may be a part of it.
    needles.sort_by_key(|needle| std::cmp::Reverse(needle.len()));
    needles
}

/// Rewrites the log of what is the customer's own, and of whatever names it. Lines stay, with who
/// did what and when.
pub(super) async fn events(
    tx: &mut Tx,
    company: CompanyId,
    ids: &[Uuid],
    needles: &[String],
) -> Result<u64> {
    const OWN: &str = "SELECT id, body FROM events WHERE company_id = $1 AND entity {uuids:2}";
    let mut changed = 0;
    for part in ids.chunks(IDS_MAX) {
        let own = rows(&mut *tx, OWN, &binds![company, part], pair).await?;
        for (id, body) in own {
            let told: Value = serde_json::from_str(&body).unwrap_or(Value::Null);
            let left = without_text(&told).to_string();
            changed += put(
                tx,
                company,
                ("events", "body", Kind::Text),
                id,
                (&body, left),
            )
            .await?;
        }
    }
    changed += texts_in(tx, company, None, ("events", "body", Kind::Text), needles).await?;
    Ok(changed)
}

/// Takes the person's texts out of other places; how many rows were changed, by table.
pub(super) async fn texts(
    tx: &mut Tx,
    company: CompanyId,
    customer: CustomerId,
    needles: &[String],
) -> Result<Vec<(String, u64)>> {
    let mut told = Vec::new();
    for (table, column, kind, own) in PLACES {
        let whose = own.then_some(customer);
        let place = (*table, *column, *kind);
        let changed = texts_in(tx, company, whose, place, needles).await?;
        told.push(((*table).to_owned(), changed));
    }
    Ok(told)
}

async fn texts_in(
    tx: &mut Tx,
    company: CompanyId,
    whose: Option<CustomerId>,
    (table, column, kind): (&'static str, &'static str, Kind),
    needles: &[String],
) -> Result<u64> {
    if needles.is_empty() {
        return Ok(0);
    }
    let mut binds: Vec<Bind<'_>> = vec![company.into()];
    let mut likes = Vec::new();
    for needle in needles {
        binds.push(like(needle).into());
        likes.push(format!(
            "CAST({column} AS TEXT) LIKE ${} ESCAPE '!'",
            binds.len()
        ));
    }
    let mut sql = format!(
        "SELECT id, CAST({column} AS TEXT) FROM {table} WHERE company_id = $1 AND ({})",
        likes.join(" OR ")
    );
    if let Some(customer) = whose {
        binds.push(customer.into());
        sql.push_str(&format!(" AND customer_id = ${}", binds.len()));
    }
    let mut changed = 0;
    for (id, text) in rows(&mut *tx, &sql, &binds, pair).await? {
        let left = needles
            .iter()
            .fold(text.clone(), |text, it| text.replace(it, GONE));
        changed += put(tx, company, (table, column, kind), id, (&text, left)).await?;
    }
    Ok(changed)
}

fn pair(row: &mut Row<'_>) -> Result<(Uuid, String)> {
    Ok((Uuid::from_row(row)?, String::from_row(row)?))
}

async fn put(
    tx: &mut Tx,
    company: CompanyId,
    (table, column, kind): (&str, &str, Kind),
    id: Uuid,
    (was, left): (&str, String),
) -> Result<u64> {
    if was == left {
        return Ok(0);
    }
    let sql = format!("UPDATE {table} SET {column} = $3 WHERE company_id = $1 AND id = $2");
    let left = match kind {
        Kind::Text => Bind::from(left),
        Kind::Json => Bind::Json(left.into()),
    };
    run(tx, &sql, &[company.into(), id.into(), left]).await
}

/// A text as a pattern that finds it anywhere.
fn like(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

/// The same value without free text: numbers, days, instants, ids, digests and words of lists stay.
fn without_text(value: &Value) -> Value {
    match value {
        Value::String(text) if !is_plain(text) => Value::from(GONE),
        Value::Array(all) => all.iter().map(without_text).collect(),
        Value::Object(all) => {
            let kept = all.iter().map(|(name, value)| {
                let plain = PLAIN_FIELDS.contains(&name.as_str()) && value.is_string();
                let value = if plain {
                    value.clone()
                } else {
                    without_text(value)
                };
                (name.clone(), value)
            });
            Value::Object(kept.collect())
        }
        other => other.clone(),
    }
}

/// Whether a text is an id, a digest, a day, an instant or empty.
fn is_plain(text: &str) -> bool {
    let digest = text.len() >= 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    text.is_empty()
        || digest
        || Uuid::try_parse(text).is_ok()
        || text.parse::<jiff::civil::Date>().is_ok()
        || text.parse::<jiff::Timestamp>().is_ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_line_of_the_log_keeps_what_is_no_text() {
        let body = json!({
            "before": { "name": "Ana Díaz", "class": "company", "tags": ["moroso"] },
            "after": {
                "address": "ana@x.example", "consent_on": "2026-03-02", "health": "good",
                "id": "0199f000-0000-7000-8000-000000000001", "amount": 120, "note": null,
            },
        });
        let wanted = json!({
            "before": { "name": GONE, "class": "company", "tags": [GONE] },
            "after": {
                "address": GONE, "consent_on": "2026-03-02", "health": "good",
                "id": "0199f000-0000-7000-8000-000000000001", "amount": 120, "note": null,
            },
        });
        assert_eq!(without_text(&body), wanted);
        assert_eq!(without_text(&json!("Juan")), json!(GONE));
    }

    #[test]
    fn patterns_find_their_text_alone() {
        assert_eq!(like("100%_a!"), "%100!%!_a!!%");
    }
}
