//! Rows as they were known at an instant: what was changed since is as it was before.

use std::collections::HashMap;

use domain::contact::ContactState;
use domain::{CompanyId, Money};
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::Value;
use uuid::Uuid;

use crate::bulk::Heavy;
use crate::error::Result;
use crate::positions::Standing;
use crate::value::{Row, binds};

/// Ids looked up by one statement.
const IDS_MAX: usize = 10_000;

/// Brings documents and payments back to what they were, and takes back what befell contacts.
pub(crate) async fn roll_back(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    standings: &mut [Standing],
    instant: Timestamp,
) -> Result<()> {
    const CHANGES: &str = "SELECT entity, body FROM events WHERE company_id = $1 \
        AND entity {uuids:2} AND recorded_at > $3 \
        AND kind IN ('document.changed', 'payment.changed') ORDER BY recorded_at DESC, id DESC";
    let mut ids: Vec<Uuid> = Vec::new();
    for standing in standings.iter() {
        let books = &standing.position.books;
        ids.extend(books.documents.iter().map(|it| it.id.uuid()));
        ids.extend(books.payments.iter().map(|it| it.id.uuid()));
    }
    let mut before: HashMap<Uuid, Value> = HashMap::new();
    let mut note = |row: &mut Row<'_>| {
        let (entity, body): (Uuid, String) = (row.get()?, row.get()?);
        let body: Value = serde_json::from_str(&body).unwrap_or_default();
        let was = before
            .entry(entity)
            .or_insert_with(|| Value::Object(serde_json::Map::new()));
        // The earliest of the changes after the instant is the last that is read.
        for (name, value) in body["before"].as_object().into_iter().flatten() {
            was[name] = value.clone();
        }
        Ok(())
    };
    for ids in ids.chunks(IDS_MAX) {
        heavy
            .each(CHANGES, &binds![company, ids, instant], &mut note)
            .await?;
    }
    for standing in standings {
        let position = &mut standing.position;
        for document in &mut position.books.documents {
            let Some(was) = before.get(&document.id.uuid()) else {
                continue;
            };
            let word = |name: &str| was[name].as_str();
            let day = |name: &str| word(name).and_then(|it| it.parse().ok());
            document.due = day("due").unwrap_or(document.due);
            document.issued = day("issued").unwrap_or(document.issued);
            document.amount = word("amount").and_then(money).unwrap_or(document.amount);
            let kind = word("kind").and_then(|it| it.parse().ok());
            document.kind = kind.unwrap_or(document.kind);
            let debit = was["direct_debit"].as_bool();
            document.direct_debit = debit.unwrap_or(document.direct_debit);
        }
        for payment in &mut position.books.payments {
            let Some(was) = before.get(&payment.id.uuid()) else {
                continue;
            };
            let on = was["on"].as_str().and_then(|it| it.parse().ok());
            payment.on = on.unwrap_or(payment.on);
            let amount = was["amount"].as_str().and_then(money);
            payment.amount = amount.unwrap_or(payment.amount);
        }
        for contact in &mut position.contacts {
            if contact.performed_at.is_some_and(|at| at > instant) {
                contact.performed_at = None;
                contact.state = ContactState::Planned;
            }
        }
    }
    Ok(())
}

/// An amount as events write it: `1234.56 MXN`.
fn money(text: &str) -> Option<Money> {
    let (amount, currency) = text.rsplit_once(' ')?;
    let amount: Decimal = amount.parse().ok()?;
    Money::from_decimal(amount, domain::Currency::new(currency).ok()?).ok()
}
