//! The rows of a table, read on a thread of its own one part ahead of the ledger.

use std::fs::File;
use std::io::BufReader;

use formats::spreadsheet::{self, Quarantined, Read, Record, TableProfile, Warning};
use tokio::runtime::Handle;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::{Error, Result};

/// Rows written in one transaction: so many that they share the pages of the indexes that are not
/// in the file's order, and so few that two such parts can be held in memory.
pub(super) const CHUNK_ROWS: usize = 32_000;

/// Rows of a part with their place in the file.
pub(super) type Rows = Vec<(u64, Record)>;

/// What the reading thread hands over.
pub(super) enum Part {
    /// The next rows, those that could be read and those that could not.
    Rows(Rows, Vec<Quarantined>),
    /// The table is read; what was noticed on the way.
    End(Vec<Warning>),
}

/// Starts to read a table.
pub(super) fn read(reader: BufReader<File>, table: TableProfile) -> Receiver<Result<Part>> {
    let (sender, receiver) = channel(1);
    let runtime = Handle::current();
    // It ends with the table, or when nobody takes its next part.
    tokio::task::spawn_blocking(move || {
        if let Err(error) = send(reader, &table, &sender, &runtime) {
            let _ = sender.blocking_send(Err(error));
        }
    });
    receiver
}

fn send(
    reader: BufReader<File>,
    table: &TableProfile,
    sender: &Sender<Result<Part>>,
    runtime: &Handle,
) -> Result<()> {
    let mut records = spreadsheet::records(reader, table)?;
    let mut rows = Rows::with_capacity(CHUNK_ROWS);
    let mut waiting = Vec::new();
    for read in records.by_ref() {
        match read? {
            Read::Record { row, record } => rows.push((row, record)),
            Read::Quarantined(quarantined) => waiting.push(quarantined),
        }
        if rows.len() + waiting.len() >= CHUNK_ROWS {
            let full = std::mem::replace(&mut rows, Rows::with_capacity(CHUNK_ROWS));
            let part = Part::Rows(full, std::mem::take(&mut waiting));
            // Not a third part before the one that waits is taken.
            let taken = sender.blocking_send(Ok(part)).is_ok()
                && runtime.block_on(sender.reserve()).is_ok();
            if !taken {
                return Ok(());
            }
        }
    }
    let rest = Part::Rows(rows, waiting);
    if sender.blocking_send(Ok(rest)).is_ok() {
        let end = Part::End(records.warnings().to_vec());
        let _ = sender.blocking_send(Ok(end));
    }
    Ok(())
}

/// The next part of a table that is being read.
pub(super) async fn next(parts: &mut Receiver<Result<Part>>) -> Result<Part> {
    match parts.recv().await {
        Some(part) => part,
        None => Err(Error::Stopped("la lectura del archivo")),
    }
}
