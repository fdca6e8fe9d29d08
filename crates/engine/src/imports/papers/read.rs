//! E-invoices read on a thread of their own, one part ahead of the ledger.

use formats::invoice::{self, Found};
use tokio::runtime::Handle;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::{PaperSource, open};
use crate::{Error, Result};

/// Papers written in one transaction.
const BATCH_PAPERS: usize = 1_000;
/// Bytes of originals held for one part.
const BATCH_BYTES: usize = 16 << 20;

/// Papers in the order they were found.
pub(super) type Batch = Vec<Found>;

/// Gives every paper of some files to `take`. A file that cannot be opened as e-invoices is a paper
/// with a fault.
pub(super) fn each(source: &PaperSource, take: &mut dyn FnMut(&Found) -> Result<()>) -> Result<()> {
    for path in &source.paths {
        let name = source.name_of(path);
        match invoice::open(open(path)?, &name) {
            Ok(mut invoices) => {
                for found in invoices.by_ref() {
                    take(&found)?;
                }
            }
            Err(fault) => take(&Found {
                name,
                line: 0,
                bytes: std::sync::Arc::default(),
                outcome: Err(fault),
            })?,
        }
    }
    Ok(())
}

/// Starts to read.
pub(super) fn ahead(source: PaperSource) -> Receiver<Result<Batch>> {
    let (sender, receiver) = channel(1);
    let runtime = Handle::current();
    // It ends with the files, or when nobody takes its next part.
    tokio::task::spawn_blocking(move || {
        if let Err(error) = send(&source, &sender, &runtime) {
            let _ = sender.blocking_send(Err(error));
        }
    });
    receiver
}

fn send(source: &PaperSource, sender: &Sender<Result<Batch>>, runtime: &Handle) -> Result<()> {
    let (mut batch, mut bytes) = (Batch::new(), 0);
    let mut abandoned = false;
    each(source, &mut |found| {
        if abandoned {
            return Err(Error::Stopped("la lectura de los comprobantes"));
        }
        bytes += found.bytes.len();
        batch.push(found.clone());
        if batch.len() >= BATCH_PAPERS || bytes >= BATCH_BYTES {
            bytes = 0;
            let full = std::mem::take(&mut batch);
            // Not a third part before the one that waits is taken.
            abandoned = sender.blocking_send(Ok(full)).is_err()
                || runtime.block_on(sender.reserve()).is_err();
        }
        Ok(())
    })?;
    if !batch.is_empty() {
        let _ = sender.blocking_send(Ok(batch));
    }
    Ok(())
}

/// The next part; nothing at the end.
pub(super) async fn next(batches: &mut Receiver<Result<Batch>>) -> Result<Option<Batch>> {
    batches.recv().await.transpose()
}
