//! What an import did, as the command prints it.

use std::collections::BTreeMap;

use formats::spreadsheet::{Quarantined, Record, Refused, TableProfile, Warning};
use serde::Serialize;
use store::bulk::{ChunkCounts, Tally};

use super::customer_key;

/// What an import did.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ImportReport {
    /// Rows recognised as records.
    pub read: u64,
    /// Entities that are new.
    pub created: u64,
    /// Entities that changed.
    pub updated: u64,
    /// Entities left as they were.
    pub unchanged: u64,
    /// The same per entity.
    pub by_entity: BTreeMap<&'static str, EntityCounts>,
    /// The tables found, with what each column was taken for.
    pub tables: Vec<TableRead>,
    /// Payments laid on documents by the policy's rule after reading.
    pub applied: u64,
    /// Rows that could not be read.
    pub quarantined: Vec<QuarantinedEntry>,
    /// What was unusual, in sentences.
    pub warnings: Vec<String>,
}

/// A table and how its columns were read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TableRead {
    /// The file.
    pub file: String,
    /// The sheet, in a workbook.
    pub sheet: Option<String>,
    /// `customers`, `documents` or `payments`.
    pub entity: &'static str,
    /// Each column with what it was taken for; nothing for one that is kept as it stands.
    pub columns: Vec<(String, Option<&'static str>)>,
}

/// Counts of one entity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct EntityCounts {
    /// New.
    pub created: u64,
    /// Changed.
    pub updated: u64,
    /// As they were.
    pub unchanged: u64,
}

/// A row that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct QuarantinedEntry {
    /// The file.
    pub file: String,
    /// Its row as the user sees it; absent for a whole table.
    pub row: Option<u64>,
    /// The user's name of the column.
    pub field: String,
    /// Why, and what to do.
    pub reason: String,
}

impl ImportReport {
    /// Adds what another file did.
    pub fn add(&mut self, other: Self) {
        self.read += other.read;
        self.applied += other.applied;
        for (entity, counts) in other.by_entity {
            self.tally(entity, counts);
        }
        self.tables.extend(other.tables);
        self.quarantined.extend(other.quarantined);
        self.warnings.extend(other.warnings);
    }

    /// The counts alone, as they are kept with the import.
    pub(super) fn summary(&self) -> serde_json::Value {
        serde_json::json!({
            "read": self.read,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "by_entity": self.by_entity,
            "applied": self.applied,
            "quarantined": self.quarantined.len(),
            "warnings": self.warnings.len(),
        })
    }

    pub(super) fn tally(&mut self, entity: &'static str, counts: EntityCounts) {
        self.created += counts.created;
        self.updated += counts.updated;
        self.unchanged += counts.unchanged;
        let sum = self.by_entity.entry(entity).or_default();
        sum.created += counts.created;
        sum.updated += counts.updated;
        sum.unchanged += counts.unchanged;
    }

    pub(super) fn count(&mut self, counts: &ChunkCounts) {
        let entities = [
            ("customers", counts.customers),
            ("contact_points", counts.contact_points),
            ("documents", counts.documents),
            ("payments", counts.payments),
            ("applications", counts.applications),
            ("holds", counts.holds),
        ];
        for (
            entity,
            Tally {
                created,
                updated,
                unchanged,
            },
        ) in entities
        {
            if created + updated + unchanged > 0 {
                self.tally(
                    entity,
                    EntityCounts {
                        created,
                        updated,
                        unchanged,
                    },
                );
            }
        }
    }

    /// Counts a record of a dry run: without a database all is new.
    pub(super) fn would_create(&mut self, record: &Record) {
        let entity = match record {
            Record::Customer(_) => "customers",
            Record::Document(_) => "documents",
            Record::Payment(_) => "payments",
        };
        self.tally(
            entity,
            EntityCounts {
                created: 1,
                ..EntityCounts::default()
            },
        );
        if let Record::Payment(payment) = record
            && payment.document.is_none()
            && customer_key(&payment.customer).is_none()
        {
            self.warnings
                .push("Un pago no dice ni cliente ni factura.".to_owned());
        }
    }

    /// Holds that a file said are settled.
    pub(super) fn settled(&mut self, holds: u64) {
        self.tally(
            "holds",
            EntityCounts {
                updated: holds,
                ..EntityCounts::default()
            },
        );
    }

    pub(super) fn quarantine(&mut self, file: &str, row: &Quarantined) {
        let (field, reason) = first_problem(row);
        let file = file.to_owned();
        self.quarantined.push(QuarantinedEntry {
            file,
            row: Some(row.row),
            field,
            reason,
        });
    }

    pub(super) fn table(&mut self, file: &str, table: &TableProfile) {
        let columns = table.mapping.columns.iter();
        self.tables.push(TableRead {
            file: file.to_owned(),
            sheet: table.sheet.clone(),
            entity: table.mapping.entity.code(),
            columns: columns
                .map(|column| {
                    (
                        column.name.to_string(),
                        column.field.map(|field| field.name_es()),
                    )
                })
                .collect(),
        });
    }

    pub(super) fn refused(&mut self, file: &str, refused: &[Refused]) {
        for table in refused {
            let sheet = table
                .sheet
                .as_ref()
                .map_or(String::new(), |sheet| format!(" [{sheet}]"));
            self.warnings
                .push(format!("{file}{sheet}: {}", table.reason.text_es()));
        }
    }

    pub(super) fn warn(&mut self, file: &str, warnings: &[Warning]) {
        self.warnings.extend(
            warnings
                .iter()
                .map(|warning| format!("{file}: {}", warning.text_es())),
        );
    }
}

/// The field and the reason shown first.
pub(super) fn first_problem(row: &Quarantined) -> (String, String) {
    row.problems.first().map_or_else(
        || (String::new(), String::new()),
        |problem| (problem.field.clone(), problem.reason.clone()),
    )
}
