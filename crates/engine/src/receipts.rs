//! Receipts that the company owes: a Mexican invoice payable in parts or later asks for one for
//! each payment. They are the company's own duty: nobody is chased for them.

use std::collections::BTreeSet;

use domain::Money;
use domain::calendar::in_words;
use domain::paper::receipt_deadline;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Serialize;
use store::{papers, tasks};

use crate::company::Company;
use crate::record::Amount;
use crate::{Engine, Result};

/// Payments listed.
const LIST_MAX: u32 = 10_000;
/// Payments looked at for a reminder.
const REMINDED_MAX: u32 = 1_000;
/// So many days before the last one the company is reminded.
const REMINDED_DAYS: i64 = 12;
/// How far back payments are looked at.
const MONTHS_BACK: i32 = 18;

/// A payment that asks for a receipt and has none yet.
#[derive(Clone, Debug, Serialize)]
pub struct OwedReceipt {
    /// The customer's key.
    pub customer: String,
    /// The document's number.
    pub invoice: String,
    /// Its stamp.
    pub stamp: String,
    /// The payment's reference.
    pub payment: String,
    /// The day of the payment.
    pub paid_on: Date,
    /// What of it lies on the document.
    pub amount: Amount,
    /// The last day on which the receipt may be stamped.
    pub deadline: Option<Date>,
    /// Whether that day has passed.
    pub late: bool,
}

impl Engine {
    /// Payments of the last months that ask for a receipt and have none yet, oldest first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn receipts_owed(&self, company: &Company, day: Date) -> Result<Vec<OwedReceipt>> {
        let from = day.saturating_sub(MONTHS_BACK.months());
        let owed = papers::receipts_owed(&self.db, company.id, from, LIST_MAX).await?;
        let told = owed.into_iter().filter(|it| it.paid_on <= day).map(|it| {
            let deadline = receipt_deadline(it.paid_on);
            OwedReceipt {
                customer: it.customer,
                invoice: it.document,
                stamp: it.stamp,
                payment: it.payment,
                paid_on: it.paid_on,
                amount: Amount(Money::new(it.amount.minor, it.amount.currency)),
                deadline,
                late: deadline.is_some_and(|deadline| day > deadline),
            }
        });
        Ok(told.collect())
    }

    /// Reminds the company once a month of the receipts it owes for the month before, and of those
    /// of this month from its last week on.
    pub(crate) async fn remind_receipts(&self, company: &Company, day: Date) -> Result<()> {
        let from = day.first_of_month().saturating_sub(1.month());
        let owed = papers::receipts_owed(&self.db, company.id, from, REMINDED_MAX).await?;
        let months: BTreeSet<Date> = owed.iter().map(|it| it.paid_on.first_of_month()).collect();
        let stamp = self.stamp(crate::AUTHOR);
        for month in months {
            let Some(deadline) = receipt_deadline(month) else {
                continue;
            };
            if day < deadline.saturating_sub(REMINDED_DAYS.days()) {
                continue;
            }
            let text = format!(
                "Hay pagos de {}/{} que esperan su comprobante (complemento de pago): emítalos a \
                 más tardar el {}. La lista: puntual report receipts",
                month.month(),
                month.year(),
                in_words(deadline)
            );
            let mut tx = self.db.begin().await?;
            tasks::add_first(&mut tx, &stamp, company.id, "receipts_owed", &text).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}
