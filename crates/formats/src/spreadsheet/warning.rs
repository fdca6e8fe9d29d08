//! What was unusual and did no harm: counted, with a few examples, never one line per row.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Examples kept of each warning.
const EXAMPLES_MAX: usize = 3;

/// One kind of oddity, once per table and column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// What it is.
    pub kind: WarningKind,
    /// The sheet, in a workbook.
    pub sheet: Option<String>,
    /// The user's name of the column, if it is about one.
    pub column: Option<Arc<str>>,
    /// How many rows.
    pub count: u64,
    /// The first rows with what stands there.
    pub examples: Vec<(u64, String)>,
}

/// The kinds of warnings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WarningKind {
    /// A row of totals was left out.
    TotalRow,
    /// A row with a remark was left out.
    RemarkRow,
    /// The column names stood there again.
    RepeatedHeader,
    /// The same row stood in the file before.
    DuplicateRow,
    /// An optional field could not be read and was kept as it is.
    KeptRaw,
    /// Decimals beyond the currency's, left by a spreadsheet's arithmetic, were rounded.
    Rounded,
    /// No date of issue: the due date was taken.
    IssuedFromDue,
    /// The due date was counted from the date of issue and the days of credit.
    DueFromTerms,
    /// No due date.
    NoDue,
    /// The due date is before the date of issue.
    DueBeforeIssued,
    /// No amount of the document: what is open of it was taken.
    AmountFromBalance,
    /// A negative amount was read as a credit note.
    NegativeIsCredit,
    /// A consent without its day was not taken.
    ConsentWithoutDay,
}

impl WarningKind {
    /// Whether the rows it counts gave no record.
    pub const fn leaves_out(self) -> bool {
        matches!(
            self,
            Self::TotalRow | Self::RemarkRow | Self::RepeatedHeader | Self::DuplicateRow
        )
    }
}

impl WarningKind {
    /// What is counted, of one and of several; `{}` stands for the column.
    const fn words_es(self) -> (&'static str, &'static str) {
        match self {
            Self::TotalRow => (
                "fila de totales que no se leyó",
                "filas de totales que no se leyeron",
            ),
            Self::RemarkRow => (
                "fila con notas que no se leyó",
                "filas con notas que no se leyeron",
            ),
            Self::RepeatedHeader => (
                "encabezado repetido que no se leyó",
                "encabezados repetidos que no se leyeron",
            ),
            Self::DuplicateRow => (
                "fila idéntica a otra anterior",
                "filas idénticas a otra anterior",
            ),
            Self::KeptRaw => (
                "valor de «{}» que no se entendió y se guardó como está",
                "valores de «{}» que no se entendieron y se guardaron como están",
            ),
            Self::Rounded => (
                "importe de «{}» con decimales sobrantes que se redondeó",
                "importes de «{}» con decimales sobrantes que se redondearon",
            ),
            Self::IssuedFromDue => (
                "documento sin fecha de emisión: se tomó la de vencimiento",
                "documentos sin fecha de emisión: se tomó la de vencimiento",
            ),
            Self::DueFromTerms => (
                "vencimiento calculado con los días de crédito",
                "vencimientos calculados con los días de crédito",
            ),
            Self::NoDue => (
                "documento sin fecha de vencimiento: se tomó la de emisión",
                "documentos sin fecha de vencimiento: se tomó la de emisión",
            ),
            Self::DueBeforeIssued => (
                "documento que vence antes de su emisión",
                "documentos que vencen antes de su emisión",
            ),
            Self::AmountFromBalance => (
                "documento sin importe: se tomó «{}»",
                "documentos sin importe: se tomó «{}»",
            ),
            Self::NegativeIsCredit => (
                "importe negativo leído como nota de crédito",
                "importes negativos leídos como notas de crédito",
            ),
            Self::ConsentWithoutDay => (
                "consentimiento de «{}» sin fecha que no se tomó: agregue la columna «Fecha del \
                 consentimiento»",
                "consentimientos de «{}» sin fecha que no se tomaron: agregue la columna «Fecha \
                 del consentimiento»",
            ),
        }
    }
}

impl Warning {
    /// The warning as a sentence for a bookkeeper.
    pub fn text_es(&self) -> String {
        let (one, many) = self.kind.words_es();
        let column = self.column.as_deref().unwrap_or_default();
        let what = if self.count == 1 { one } else { many }.replace("{}", column);
        let examples: Vec<String> = self
            .examples
            .iter()
            .map(|(row, text)| match text.as_str() {
                "" => format!("fila {row}"),
                text => format!("fila {row}: «{text}»"),
            })
            .collect();
        format!("{} {what} ({})", self.count, examples.join("; "))
    }
}

/// Warnings under way, one entry per kind and column.
#[derive(Clone, Debug, Default)]
pub(super) struct Warnings {
    pub sheet: Option<String>,
    list: Vec<Warning>,
}

impl Warnings {
    pub fn new(sheet: Option<String>) -> Self {
        Self {
            sheet,
            list: Vec::new(),
        }
    }

    pub fn add(&mut self, kind: WarningKind, column: Option<&Arc<str>>, row: u64, text: &str) {
        let found = self.list.iter().position(|warning| {
            warning.kind == kind && warning.column.as_deref() == column.map(|name| &**name)
        });
        let at = found.unwrap_or_else(|| {
            self.list.push(Warning {
                kind,
                sheet: self.sheet.clone(),
                column: column.cloned(),
                count: 0,
                examples: Vec::new(),
            });
            self.list.len() - 1
        });
        let warning = &mut self.list[at];
        warning.count += 1;
        if warning.examples.len() < EXAMPLES_MAX {
            warning
                .examples
                .push((row, text.chars().take(80).collect()));
        }
    }

    pub fn list(&self) -> &[Warning] {
        &self.list
    }
}
