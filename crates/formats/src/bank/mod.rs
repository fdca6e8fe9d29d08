//! Bank statements: what banks write of what moved on an account, in one model for every format.
//!
//! [`open`] tells the format by the bytes and hands back one [`Part`] after the other with flat
//! memory: a statement opens, its transactions follow, it closes with its balances. A line that
//! cannot be read comes back as a fault with its place and reason; the rest is read on. Where a
//! file breaks off, the last fault says so and the statement does not close.
//!
//! An archive of statements is read entry by entry. Opening balance and booked movements must give
//! the closing balance: [`check`], whose warning comes before the statement closes.

mod archive;
mod balance;
mod camt;
mod cep;
mod cnab;
mod figure;
mod model;
mod mt940;
mod norma43;
mod ofx;
mod qif;
mod record;
mod settlement;
mod source;
mod table;
mod text;
mod xml;

use std::io::{Read, Seek, SeekFrom};

use domain::Currency;

pub use balance::check;
pub use model::{
    AccountId, Balance, BankFormat, Counterparty, Fault, Part, ReferredDocument, StatementHead,
    StatementTail, Transaction, TransactionState,
};
pub use table::{Profile, ProfileColumn, Provider, Role, shipped};

use crate::amount::DecimalMark;
use crate::date::DateOrder;
use balance::Checked;
use source::Source;

/// Bytes looked at to tell what a file is.
const HEAD_BYTES: usize = 64 * 1024;

/// What is known of a file beside its bytes.
#[derive(Clone, Debug, Default)]
pub struct Hints {
    /// Currency of amounts that name none.
    pub currency: Option<Currency>,
    /// Order of day and month where the file does not prove one.
    pub dates: Option<DateOrder>,
    /// Decimal mark where the file does not prove one.
    pub decimal: Option<DecimalMark>,
    /// Tables a person has said the columns of, stronger than those that ship.
    pub profiles: Vec<Profile>,
}

/// The parts of a file's statements, one after another.
pub struct Statements {
    parts: Parts,
}

impl Iterator for Statements {
    type Item = Part;

    fn next(&mut self) -> Option<Part> {
        self.parts.next()
    }
}

impl std::fmt::Debug for Statements {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Statements").finish_non_exhaustive()
    }
}

/// What every reader of a format hands back.
type Parts = Box<dyn Iterator<Item = Part> + Send>;

/// Opens a file of bank statements, or an archive of such files.
///
/// # Errors
/// A [`Fault`] when the file is no bank statement of a known format, or when it can be seen from
/// its beginning that nothing of it can be read.
pub fn open(
    reader: impl Read + Seek + Send + 'static,
    name: &str,
    hints: &Hints,
) -> Result<Statements, Fault> {
    let mut source = Source::Seekable(Box::new(reader));
    let head = source.peek(HEAD_BYTES)?;
    let parts = if archive::is_archive(&head) {
        archive::read(source, name, hints)?
    } else {
        statements(source, name, hints)?
    };
    Ok(Statements { parts })
}

/// Reads statements from bytes at hand, as a fuzzer has them.
///
/// # Errors
/// As [`open`].
pub fn open_bytes(bytes: &[u8], name: &str, hints: &Hints) -> Result<Statements, Fault> {
    open(std::io::Cursor::new(bytes.to_vec()), name, hints)
}

/// Which format of bank statement a file has, by its first bytes; `None` where it is none.
///
/// Of an archive it is the format of its first entry that is a statement.
pub fn sniff(head: &[u8], name: &str) -> Option<BankFormat> {
    archive::first_entry(head).map_or_else(
        || sniff_file(head, name, &[]),
        |(entry, inflated)| sniff_file(&inflated, &entry, &[]),
    )
}

/// The same for a whole file: of a workbook the first bytes tell nothing. The reader is at its
/// beginning again afterwards.
///
/// # Errors
/// When reading itself fails.
pub fn recognise(
    reader: &mut (impl Read + Seek),
    name: &str,
    hints: &Hints,
) -> std::io::Result<Option<BankFormat>> {
    reader.seek(SeekFrom::Start(0))?;
    let mut head = Vec::new();
    reader
        .by_ref()
        .take(HEAD_BYTES as u64)
        .read_to_end(&mut head)?;
    let format = match archive::first_entry(&head) {
        Some((entry, inflated)) => sniff_file(&inflated, &entry, &hints.profiles),
        None if table::is_workbook(&head) => table::sniff(&mut *reader, &hints.profiles),
        None => sniff_file(&head, name, &hints.profiles),
    };
    reader.seek(SeekFrom::Start(0))?;
    Ok(format)
}

/// Which format the file has that is no archive.
fn sniff_file(head: &[u8], _name: &str, profiles: &[Profile]) -> Option<BankFormat> {
    let text = text::preview(head);
    if let Some(root) = xml::root(&text) {
        return match root.name.as_str() {
            name if camt::is_root(name, &text) => Some(BankFormat::Camt),
            name if cep::is_root(name) => Some(BankFormat::Cep),
            "OFX" => Some(BankFormat::Ofx),
            _ => None,
        };
    }
    ofx::sniff(&text)
        .or_else(|| mt940::sniff(&text))
        .or_else(|| qif::sniff(&text))
        .or_else(|| cnab::sniff(&text))
        .or_else(|| norma43::sniff(&text))
        .or_else(|| settlement::sniff(&text))
        .or_else(|| table::sniff_head(head, profiles))
}

/// The parts of one file's statements, their balances checked.
fn statements(mut source: Source, name: &str, hints: &Hints) -> Result<Parts, Fault> {
    let head = source.peek(HEAD_BYTES)?;
    if head.iter().all(u8::is_ascii_whitespace) {
        return Err(Fault::new(1, "archivo", "El archivo está vacío.", ""));
    }
    if table::is_workbook(&head) {
        return readable(Checked::new(table::read(source, hints)?));
    }
    let Some(format) = sniff_file(&head, name, &hints.profiles) else {
        let first = text::preview(&head);
        return Err(Fault::new(
            1,
            "archivo",
            "No es un estado de cuenta de un formato conocido (camt, MT940, MT942, OFX, CNAB, \
             Norma 43, QIF, CEP o tabla). Descargue el estado de cuenta del banco en uno de ellos.",
            first.lines().next().unwrap_or_default(),
        ));
    };
    let parts = match format {
        BankFormat::Camt => camt::read(source, &head, hints)?,
        BankFormat::Mt940 | BankFormat::Mt942 => mt940::read(source, hints)?,
        BankFormat::Ofx => ofx::read(source, hints)?,
        BankFormat::Cep => cep::read(source, &head)?,
        BankFormat::Qif => qif::read(source, hints)?,
        BankFormat::Cnab240 | BankFormat::Cnab400 => cnab::read(source, format)?,
        BankFormat::Norma43 => norma43::read(source)?,
        BankFormat::PayPal if settlement::sniff(&text::preview(&head)).is_some() => {
            settlement::read(source)?
        }
        BankFormat::PayPal | BankFormat::Adyen | BankFormat::Table => table::read(source, hints)?,
    };
    readable(Checked::new(parts))
}

/// Refuses what tells nothing but one fault.
fn readable(mut parts: Checked) -> Result<Parts, Fault> {
    match (parts.next(), parts.next()) {
        (Some(Part::Fault(fault)), None) => Err(fault),
        (first, second) => Ok(Box::new(first.into_iter().chain(second).chain(parts))),
    }
}
