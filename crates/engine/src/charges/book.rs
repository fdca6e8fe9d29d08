//! Charges that become documents: a debit note of its own for each invoice and month, only where
//! the policy says so, and a credit note where a payment dated back shows that less was earned.
//!
//! Which notes are due is a function of the books (`domain::charges::notes`); here they are
//! written, those of one customer in one transaction. A month that was booked is found again by its
//! key, so that the same again, another process or a crash in between books nothing twice.

use std::collections::BTreeMap;

use domain::charges::{Charged, LateCharges, NewNote, Rates, Reckoning, notes};
use domain::facts::Position;
use domain::ids::{CustomerId, DocumentId};
use domain::ledger::{Application, Source};
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value;
use store::positions::{Slice, positions};
use store::{Stamp, StoreError, Tx, applications, charge_notes, documents, tasks};

use crate::company::Company;
use crate::{AUTHOR, Engine, Error, Result, record};

/// Customers loaded at once.
const AT_ONCE: u32 = 1_000;
/// Why the money of a note that takes back lies where it does.
const MATCHED: &str = "charges";

/// A note that was booked, or would be.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BookedNote {
    /// The customer's key.
    pub customer: String,
    /// The invoice it is for.
    pub invoice: String,
    /// The note's number.
    pub note: String,
    /// The last day it charges for.
    pub up_to: Date,
    /// What it comes to; negative where it takes back.
    pub amount: Value,
    /// The day it falls due.
    pub due: Date,
}

/// What a booking did, or would do.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Booked {
    /// The notes.
    pub notes: Vec<BookedNote>,
    /// Notes that could not be written, with the reason; the others were.
    pub left_out: Vec<(String, String)>,
}

impl Engine {
    /// Books what was earned up to the end of the last month, and takes back what was booked and is
    /// not earned; nothing where the policy books nothing. A dry run writes nothing.
    ///
    /// # Errors
    /// What the database says; notes of customers before that stay booked.
    pub async fn book_charges(
        &self,
        company: &Company,
        dry_run: bool,
        author: &str,
    ) -> Result<Booked> {
        let mut booked = Booked::default();
        let Some(terms) = &company.policy.late_charges else {
            return Ok(booked);
        };
        let Some(booking) = terms.booking else {
            return Ok(booked);
        };
        let today = company.day_of(self.now());
        let end = today.first_of_month().saturating_sub(1.day());
        let due = today.saturating_add(i64::from(booking.due_in_days).days());
        let rates = self.charge_rates(company, terms).await?;
        let days = (today, due);
        let mut after: Option<CustomerId> = None;
        loop {
            let span = (end, after, AT_ONCE);
            let ids = charge_notes::concerned(&self.db, company.id, span).await?;
            let Some(last) = ids.last().copied() else {
                return Ok(booked);
            };
            after = Some(last);
            for standing in positions(&self.db, company.id, Slice::Only(ids), None).await? {
                let position = &standing.position;
                let notes = self.notes_due(company, terms, &rates, (position, end));
                if notes.is_empty() {
                    continue;
                }
                if !dry_run {
                    let write = self.write_charges(company, position, &notes, days, author);
                    match write.await {
                        Ok(true) => {}
                        // Somebody booked in between: the next booking reckons anew.
                        Ok(false) => continue,
                        Err(Error::Store(StoreError::Exists { key, .. })) => {
                            let why = "ya hay un documento con ese número: cámbielo o quítelo";
                            booked.left_out.push((key, why.to_owned()));
                            continue;
                        }
                        Err(other) => return Err(other),
                    }
                }
                let key = &position.customer.key;
                booked
                    .notes
                    .extend(notes.iter().map(|note| told(note, key, days)));
            }
        }
    }

    /// One open task for each note that could not be written.
    pub(crate) async fn tell_unbooked(&self, company: &Company, booked: &Booked) -> Result<()> {
        if booked.left_out.is_empty() {
            return Ok(());
        }
        let stamp = self.stamp(AUTHOR);
        let mut tx = self.db.begin().await?;
        for (note, why) in &booked.left_out {
            let text = format!("La nota de recargos {note} no se anotó: {why}.");
            tasks::add_once(&mut tx, &stamp, company.id, "charge_unbooked", &text).await?;
        }
        Ok(tx.commit().await?)
    }

    /// The notes a customer's books need up to the end of a day.
    fn notes_due(
        &self,
        company: &Company,
        terms: &LateCharges,
        rates: &Rates,
        (position, end): (&Position, Date),
    ) -> Vec<NewNote> {
        let facts = Self::facts_of(company, position);
        let law = company.packs.applicable(&facts);
        notes(&position.books, terms_digest(terms), end, |day| {
            Reckoning::new(terms, &law, rates, day).earned(&position.books)
        })
    }

    /// Writes a customer's notes in one transaction; `false` when others were booked meanwhile.
    async fn write_charges(
        &self,
        company: &Company,
        position: &Position,
        notes: &[NewNote],
        (today, due): (Date, Date),
        author: &str,
    ) -> Result<bool> {
        let customer = position.customer.id;
        let stamp = self.stamp(author);
        let terms = company.policy.late_charges.as_ref();
        let terms = terms.map(terms_digest).unwrap_or_default();
        let mut tx = self.db.begin().await?;
        let there = charge_notes::lock(&mut tx, company.id, customer).await?;
        if there != position.books.charged.len() {
            return Ok(false);
        }
        for new in notes {
            let charged = Charged {
                note: DocumentId::from_uuid(stamp.ids.draw()),
                number: new.number(),
                invoice: new.invoice,
                invoice_number: new.invoice_number.clone(),
                issued: today,
                up_to: new.up_to,
                part: new.part,
                amount: new.amount,
                terms,
                lines: new.lines.clone(),
            };
            let falls_due = if new.is_credit() { today } else { due };
            let row = (customer, &charged, falls_due);
            charge_notes::add(&mut tx, &stamp, company.id, row).await?;
            if new.is_credit() {
                let of = (company, customer);
                self.lay_back(&mut tx, &stamp, of, (&charged, &position.books.charged))
                    .await?;
            }
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Lays a note that takes back on the debit notes of its invoice, the latest first; what they
    /// have no room for, because they were paid, stays in the customer's favour.
    async fn lay_back(
        &self,
        tx: &mut Tx,
        stamp: &Stamp,
        (company, customer): (&Company, CustomerId),
        (credit, all): (&Charged, &[Charged]),
    ) -> Result<()> {
        let mut debits: BTreeMap<(Date, u16), &Charged> = BTreeMap::new();
        let own = all.iter().filter(|it| it.invoice == credit.invoice);
        for debit in own.filter(|it| it.amount.minor > 0) {
            debits.insert((debit.up_to, debit.part), debit);
        }
        let mut left = credit.amount.minor.saturating_neg();
        for debit in debits.into_values().rev() {
            let open = documents::open_on(&mut *tx, company.id, debit.note, Date::MAX).await?;
            let minor = open.min(left);
            if minor <= 0 {
                continue;
            }
            left -= minor;
            let application = Application {
                source: Source::Credit(credit.note),
                document: debit.note,
                on: credit.issued.max(debit.issued),
                minor,
            };
            applications::add(tx, stamp, company.id, customer, &application, MATCHED).await?;
        }
        Ok(())
    }
}

fn told(note: &NewNote, customer: &str, (today, due): (Date, Date)) -> BookedNote {
    BookedNote {
        customer: customer.to_owned(),
        invoice: note.invoice_number.clone(),
        note: note.number(),
        up_to: note.up_to,
        amount: record::money(note.amount),
        due: if note.is_credit() { today } else { due },
    }
}

/// What tells one set of terms from another; when they become documents is no part of them.
fn terms_digest(terms: &LateCharges) -> [u8; 32] {
    record::digest(&format!("{:?}{:?}", terms.interest, terms.fees))
}
