//! Rows in quarantine: listed, corrected cell by cell, read again by the code that read the file.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::ids::{CustomerId, ImportId, QuarantineId};
use formats::spreadsheet::{
    CellKind, Mapping, PaymentRow, Quarantined, RawCell, Read, Record, parse_row_as,
};
use serde::Serialize;
use serde_json::Value;
use store::bulk::{self, ImportChunk};
use store::quarantine::{self, Leaving, Wanted};
use store::{documents, payments};

use super::meaning::{numbered, reference_key};
use super::parts::number_parts;
use super::report;
use super::walk::{Walk, quarantined_row};
use crate::company::Company;
use crate::{Engine, Error, Result};

/// Rows looked at in one go.
const ROWS_MAX: u32 = 10_000;

/// Payments that may bear one reference.
const SAME_REFERENCE_MAX: u32 = 1_000;

/// What a retry did.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RetryReport {
    /// Rows that could be read now.
    pub fixed: u64,
    /// Rows that still wait, with what is wrong.
    pub waiting: Vec<WaitingRow>,
}

/// A row in quarantine.
#[derive(Clone, Debug, Serialize)]
pub struct WaitingRow {
    /// Its id, by which it is corrected.
    pub id: String,
    /// The file.
    pub file: String,
    /// Its row.
    pub row: u32,
    /// The column.
    pub field: String,
    /// Why, and what to do.
    pub reason: String,
    /// The row as it stands in the file: column and text.
    pub cells: Vec<(String, String)>,
}

/// A row with what is needed to read it again.
struct Waiting {
    id: QuarantineId,
    import: ImportId,
    file: String,
    mapping: Mapping,
    sheet: Option<String>,
    row: Quarantined,
}

impl Engine {
    /// The rows that wait, in the order they came.
    ///
    /// # Errors
    /// What the database says.
    pub async fn quarantined(&self, company: &Company) -> Result<Vec<WaitingRow>> {
        let rows = quarantine::open(&self.db, company.id, ROWS_MAX).await?;
        Ok(rows.iter().map(listed).collect())
    }

    /// A page of the rows that wait.
    ///
    /// # Errors
    /// What the database says.
    pub async fn quarantine_page(
        &self,
        company: &Company,
        wanted: &Wanted,
        after: Option<QuarantineId>,
        limit: u32,
    ) -> Result<Vec<WaitingRow>> {
        let rows = quarantine::page(&self.db, company.id, wanted, after, limit).await?;
        Ok(rows.iter().map(listed).collect())
    }

    /// Corrects a row as a form gives it back: only cells whose text differs are corrected, so that
    /// the others keep what they were in the file.
    ///
    /// # Errors
    /// As [`Engine::fix_quarantined`].
    pub async fn mend_quarantined(
        &self,
        company: &Company,
        id: QuarantineId,
        cells: &[(String, String)],
        author: &str,
    ) -> Result<RetryReport> {
        let found = quarantine::get(&self.db, company.id, id).await?;
        let was: HashMap<String, String> = found
            .as_ref()
            .map(|found| cells_of(&found.raw).into_iter().collect())
            .unwrap_or_default();
        let differs = |(column, text): &&(String, String)| was.get(column) != Some(text);
        let changed: Vec<_> = cells.iter().filter(differs).cloned().collect();
        self.fix_quarantined(company, &id.to_string(), &changed, author)
            .await
    }

    /// Takes a row out for good, with the reason why nobody needs it.
    ///
    /// # Errors
    /// [`Error::Invalid`] without a reason, and what the database says.
    pub async fn dismiss_quarantined(
        &self,
        company: &Company,
        id: QuarantineId,
        why: &str,
        author: &str,
    ) -> Result<()> {
        let why = why.trim();
        if why.is_empty() {
            return Err(Error::invalid(
                "motivo",
                "escriba por qué se descarta la fila",
            ));
        }
        let mut tx = self.db.begin().await?;
        quarantine::dismiss(&mut tx, &self.stamp(author), company.id, id, why).await?;
        Ok(tx.commit().await?)
    }

    /// Corrects cells of a row (column and new text) and reads it again.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a row or a column that is not there, and what the database says.
    pub async fn fix_quarantined(
        &self,
        company: &Company,
        id: &str,
        cells: &[(String, String)],
        author: &str,
    ) -> Result<RetryReport> {
        let missing = || Error::NotFound {
            what: "en cuarentena la fila",
            key: id.to_owned(),
            hint: ": vea las que hay con `puntual quarantine list`".to_owned(),
        };
        let key: QuarantineId = id.parse().map_err(|_| missing())?;
        let found = quarantine::get(&self.db, company.id, key)
            .await?
            .ok_or_else(missing)?;
        if found.raw["mapping"].is_null() {
            let why = "no viene de una tabla: corrija el archivo e impórtelo otra vez";
            return Err(Error::invalid("fila", why));
        }
        let mut waiting = waiting(found)?;
        for (column, text) in cells {
            let known = waiting
                .mapping
                .columns
                .iter()
                .any(|known| *known.name == **column);
            if !known {
                let names: Vec<&str> = waiting
                    .mapping
                    .columns
                    .iter()
                    .map(|column| &*column.name)
                    .collect();
                return Err(Error::NotFound {
                    what: "la columna",
                    key: column.clone(),
                    hint: format!(": el archivo tiene {}", names.join(", ")),
                });
            }
            let kind = CellKind::Text;
            match waiting
                .row
                .raw
                .iter_mut()
                .find(|cell| *cell.column == **column)
            {
                Some(cell) => (cell.text, cell.kind) = (text.clone(), kind),
                None => {
                    let column = column.as_str().into();
                    waiting.row.raw.push(RawCell {
                        column,
                        text: text.clone(),
                        kind,
                    });
                }
            }
        }
        self.read_again(company, vec![waiting], author).await
    }

    /// Reads every row that waits once more, for instance after its invoices were imported.
    ///
    /// # Errors
    /// What the database says.
    pub async fn retry_quarantined(&self, company: &Company, author: &str) -> Result<RetryReport> {
        let rows = quarantine::open(&self.db, company.id, ROWS_MAX).await?;
        // What came from an e-invoice is read again with its file.
        let rows = rows.into_iter().filter(|row| !row.raw["mapping"].is_null());
        let rows = rows.map(waiting).collect::<Result<Vec<_>>>()?;
        self.read_again(company, rows, author).await
    }

    async fn read_again(
        &self,
        company: &Company,
        rows: Vec<Waiting>,
        author: &str,
    ) -> Result<RetryReport> {
        let mut report = RetryReport::default();
        let mut touched: BTreeMap<ImportId, BTreeSet<CustomerId>> = BTreeMap::new();
        for waiting in rows {
            let (read, _) = parse_row_as(
                &waiting.mapping,
                waiting.sheet.clone(),
                waiting.row.row,
                &waiting.row.raw,
            );
            let problem = match read {
                Read::Quarantined(row) => Some(report::first_problem(&row)),
                Read::Record { row, record } => {
                    let file = waiting.file.clone();
                    let mut walk = Walk::new(self, company, waiting.import, file, author);
                    if let Record::Payment(payment) = &record {
                        self.number_reference(company, payment, &mut walk.references)
                            .await?;
                    }
                    let mut rows = vec![(row, record)];
                    number_parts(&mut rows);
                    let (chunk, mut meaningless) = walk.meaning(&rows).await?;
                    match meaningless.pop() {
                        Some((_, field, reason)) => Some((field, reason)),
                        None => {
                            let chunk = ImportChunk {
                                import: Some(waiting.import),
                                ..chunk
                            };
                            let counts = self.write(company, chunk, author).await?;
                            touched
                                .entry(waiting.import)
                                .or_default()
                                .extend(counts.touched);
                            let refused = counts.refused.first();
                            refused.map(|it| (it.key.clone(), it.why.reason_es().to_owned()))
                        }
                    }
                }
            };
            match problem {
                None => {
                    self.leave(company, waiting.id, Leaving::Fixed, author)
                        .await?;
                    report.fixed += 1;
                }
                Some((field, reason)) => {
                    report
                        .waiting
                        .push(self.keep(company, waiting, field, reason, author).await?);
                }
            }
        }
        for (import, touched) in touched {
            let touched: Vec<_> = touched.into_iter().collect();
            self.apply_imported(company, Some(import), &touched, author)
                .await?;
            self.take_figures(company, None, &touched).await?;
        }
        Ok(report)
    }

    /// Counts the payments on record that bear this one's reference and are others: a deposit may
    /// pay several invoices, one of which was not yet known.
    async fn number_reference(
        &self,
        company: &Company,
        row: &PaymentRow,
        references: &mut HashMap<[u8; 16], u32>,
    ) -> Result<()> {
        let Some(base) = row
            .key
            .as_deref()
            .or(row.reference.as_deref())
            .map(str::trim)
        else {
            return Ok(());
        };
        let document = row.document.as_deref();
        let numbers: Vec<&str> = document.into_iter().collect();
        let known = documents::known(&self.db, company.id, &numbers).await?;
        for count in 0..SAME_REFERENCE_MAX {
            let reference = numbered(base, count + 1);
            let found = payments::by_reference(&self.db, company.id, &reference).await?;
            let is_this = found.is_none_or(|found| match document {
                Some(number) => known
                    .get(number)
                    .is_some_and(|document| document.laid_by.contains_key(&reference)),
                None => {
                    found.payment.on == row.paid_on && found.payment.amount.decimal() == row.amount
                }
            });
            if is_this {
                references.insert(reference_key(base), count);
                break;
            }
        }
        Ok(())
    }

    async fn write(
        &self,
        company: &Company,
        chunk: ImportChunk,
        author: &str,
    ) -> Result<bulk::ChunkCounts> {
        Ok(bulk::import_chunk(&self.db, &self.stamp(author), company.id, chunk).await?)
    }

    async fn leave(
        &self,
        company: &Company,
        id: QuarantineId,
        how: Leaving,
        author: &str,
    ) -> Result<()> {
        let mut tx = self.db.begin().await?;
        quarantine::leave(&mut tx, &self.stamp(author), company.id, id, how).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Keeps a row that is still wrong, with the corrections made so far.
    async fn keep(
        &self,
        company: &Company,
        mut waiting: Waiting,
        field: String,
        reason: String,
        author: &str,
    ) -> Result<WaitingRow> {
        let problem = formats::spreadsheet::Problem { field, reason };
        waiting.row.problems = vec![problem];
        let row = quarantined_row(
            waiting.import,
            &waiting.file,
            &waiting.mapping,
            waiting.sheet.as_deref(),
            &waiting.row,
        );
        let kept = WaitingRow {
            id: waiting.id.to_string(),
            file: row.file.clone(),
            row: row.row,
            field: row.field.clone(),
            reason: row.reason.clone(),
            cells: cells_of(&row.raw),
        };
        let mut tx = self.db.begin().await?;
        let stamp = self.stamp(author);
        quarantine::change(&mut tx, &stamp, company.id, waiting.id, &row).await?;
        tx.commit().await?;
        Ok(kept)
    }
}

fn waiting(found: quarantine::Quarantined) -> Result<Waiting> {
    let mut raw = found.raw;
    let mut take = |key: &str| raw[key].take();
    Ok(Waiting {
        id: found.id,
        import: found.import,
        file: found.file,
        mapping: serde_json::from_value(take("mapping")).map_err(Error::json)?,
        sheet: serde_json::from_value(take("sheet")).map_err(Error::json)?,
        row: serde_json::from_value(take("row")).map_err(Error::json)?,
    })
}

fn listed(found: &quarantine::Quarantined) -> WaitingRow {
    WaitingRow {
        id: found.id.to_string(),
        file: found.file.clone(),
        row: found.row,
        field: found.field.clone(),
        reason: found.reason.clone(),
        cells: cells_of(&found.raw),
    }
}

fn cells_of(raw: &Value) -> Vec<(String, String)> {
    let text = |cell: &Value, key: &str| cell[key].as_str().unwrap_or_default().to_owned();
    let cells = raw["row"]["raw"].as_array();
    cells
        .into_iter()
        .flatten()
        .map(|cell| (text(cell, "column"), text(cell, "text")))
        .collect()
}
