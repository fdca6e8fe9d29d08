//! A company's customers living on from a day: they pay, read, answer, forget and contest.

mod happening;

use std::io::{self, Write};

use jiff::Timestamp;
use jiff::civil::Date;

pub use happening::{Happening, Meaning, Payment, Reason, Told, Unheard, What};

use crate::company::Company;
use crate::spec::Document;

/// A company living on from a day. Holds what is open or still to be issued, nothing else.
#[derive(Clone, Debug)]
pub struct Life<'c> {
    company: &'c Company,
    from: Date,
}

impl<'c> Life<'c> {
    /// The life that begins on a day, after months in which nobody wrote a reminder.
    pub const fn begin(company: &'c Company, from: Date) -> Self {
        Self { company, from }
    }

    /// The company.
    pub const fn company(&self) -> &'c Company {
        self.company
    }

    /// Writes the customers as CSV, all that ever buy; gives the number of rows.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_customers(&self, _to: &mut dyn Write) -> io::Result<u64> {
        Ok(0)
    }

    /// Writes the documents issued before the first day as CSV; gives the number of rows.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_documents(&self, _to: &mut dyn Write) -> io::Result<u64> {
        Ok(0)
    }

    /// Writes the payments made before the first day as CSV, one row per document paid; gives the
    /// number of rows.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_payments(&self, _to: &mut dyn Write) -> io::Result<u64> {
        Ok(0)
    }

    /// What the company issues on a day, by number.
    pub const fn invoices(&self, _day: Date) -> Vec<Document> {
        Vec::new()
    }

    /// Writes what the company issues on a day as CSV; gives the number of rows.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_invoices(&self, _day: Date, _to: &mut dyn Write) -> io::Result<u64> {
        Ok(0)
    }

    /// A message reached the outside. Tell it before asking for what comes after it.
    ///
    /// # Errors
    /// [`Unheard`] for a customer that does not exist; unknown documents are ignored.
    pub fn hear(&mut self, _told: &Told<'_>) -> Result<(), Unheard> {
        Ok(())
    }

    /// The company settled a dispute on a day: the customer takes it up again.
    ///
    /// # Errors
    /// [`Unheard`] for a document that this life does not know.
    pub fn resolve(&mut self, _number: &str, _day: Date) -> Result<(), Unheard> {
        Ok(())
    }

    /// Documents that customers contest now, with the day they began to.
    pub const fn disputed(&self) -> Vec<(String, Date)> {
        Vec::new()
    }

    /// What happens before an instant and was not given yet, ordered by instant.
    pub const fn until(&mut self, _at: Timestamp) -> Vec<Happening> {
        Vec::new()
    }

    /// What happens up to the end of a day in the company's zone, ordered by instant.
    pub const fn day(&mut self, _day: Date) -> Vec<Happening> {
        let _ = self.from;
        Vec::new()
    }
}
