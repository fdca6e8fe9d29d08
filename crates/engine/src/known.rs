//! What was known at an instant: the same figures from only what was recorded by then.

use std::collections::HashMap;

use domain::document::Document;
use domain::ids::DocumentId;
use domain::ledger::{Books, Payment, Source};
use jiff::Timestamp;
use jiff::civil::Date;
use store::bulk;
use store::positions::{Slice, Standing, positions_known_at};

use crate::company::Company;
use crate::{Engine, Result};

/// Customers whose books are read at a time.
const PART_CUSTOMERS: u32 = 1_000;

impl Engine {
    /// Gives every customer of the company as known at an instant, part by part.
    pub(crate) async fn each_known(
        &self,
        company: &Company,
        instant: Timestamp,
        take: &mut (dyn FnMut(Standing) + Send),
    ) -> Result<()> {
        for part in bulk::divide(&self.db, company.id, PART_CUSTOMERS).await? {
            let slice = Slice::Between {
                after: part.after,
                last: part.last,
            };
            let known = positions_known_at(&self.db, company.id, slice, instant).await?;
            known.into_iter().for_each(&mut *take);
        }
        Ok(())
    }
}

/// Documents of a customer with what is open or left of each at the end of a day, above zero.
pub(crate) fn open_documents(books: &Books, day: Date) -> Vec<(&Document, i64)> {
    let mut laid: HashMap<DocumentId, i64> = HashMap::new();
    for application in books.applications.iter().filter(|it| it.on <= day) {
        *laid.entry(application.document).or_default() += application.minor;
        if let Source::Credit(credit) = application.source {
            *laid.entry(credit).or_default() += application.minor;
        }
    }
    let issued = books.documents.iter().filter(|it| it.issued <= day);
    let open = issued.map(|it| (it, it.amount.minor - laid.get(&it.id).copied().unwrap_or(0)));
    open.filter(|(_, minor)| *minor > 0).collect()
}

/// Payments of a customer with what lies on no document at the end of a day, above zero.
pub(crate) fn unapplied(books: &Books, day: Date) -> Vec<(&Payment, i64)> {
    let mut spent = HashMap::new();
    for application in books.applications.iter().filter(|it| it.on <= day) {
        if let Source::Payment(payment) = application.source {
            *spent.entry(payment).or_insert(0) += application.minor;
        }
    }
    let paid = books.payments.iter().filter(|it| it.on <= day);
    let left = paid.map(|it| {
        (
            it,
            it.amount.minor - spent.get(&it.id).copied().unwrap_or(0),
        )
    });
    left.filter(|(_, minor)| *minor > 0).collect()
}

/// Day and minor units of each application to a document, oldest first.
pub(crate) fn laid_on(books: &Books, document: DocumentId) -> Vec<(Date, i64)> {
    let on = books
        .applications
        .iter()
        .filter(|it| it.document == document);
    let mut laid: Vec<(Date, i64)> = on.map(|it| (it.on, it.minor)).collect();
    laid.sort_unstable();
    laid
}
