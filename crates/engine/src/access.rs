//! Who saw what at the console. A page never waits for a writer: what it notes is kept in memory
//! and written a moment later, many lines in one transaction.

use std::mem;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use domain::{CompanyId, EventId, SessionId};
use jiff::Timestamp;
use store::access::{self, AccessLine, Filter};
use store::sessions;
use uuid::Uuid;

use crate::{Engine, Result};

/// Lines kept in memory at most; whoever notes one more writes them first.
const LINES_MAX: usize = 2_000;
/// How long a line waits for others.
const WAIT: Duration = Duration::from_secs(1);
/// Characters kept of a detail.
const DETAIL_MAX: usize = 200;

/// What was noted and not yet written.
#[derive(Debug, Default)]
pub(crate) struct Notebook(Mutex<Notes>);

#[derive(Debug, Default)]
struct Notes {
    lines: Vec<(CompanyId, AccessLine)>,
    touched: Vec<(SessionId, Timestamp)>,
    /// Whether someone is on the way to write them.
    awaited: bool,
}

impl Notebook {
    fn open(&self) -> std::sync::MutexGuard<'_, Notes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What someone saw or did.
#[derive(Clone, Debug)]
pub struct Saw<'a> {
    /// The company whose it is.
    pub company: CompanyId,
    /// E-mail of who it was.
    pub author: &'a str,
    /// What, a word (`customer.seen`).
    pub action: &'a str,
    /// With which thing.
    pub entity: Option<Uuid>,
    /// What the thing is called.
    pub detail: &'a str,
    /// Address of the client.
    pub from: &'a str,
}

impl Engine {
    /// Notes what someone saw or did; it is written within a second or so.
    pub async fn saw(&self, saw: Saw<'_>) {
        let line = AccessLine {
            id: EventId::from_uuid(self.effects.uuid()),
            author: saw.author.to_owned(),
            action: saw.action.to_owned(),
            entity: saw.entity,
            detail: saw.detail.chars().take(DETAIL_MAX).collect(),
            from: saw.from.to_owned(),
            at: self.now(),
        };
        self.note(|notes| notes.lines.push((saw.company, line)))
            .await;
    }

    /// Notes that a sitting was used.
    pub(crate) async fn touch(&self, session: SessionId, at: Timestamp) {
        self.note(|notes| notes.touched.push((session, at))).await;
    }

    async fn note(&self, write: impl FnOnce(&mut Notes)) {
        let (full, first) = {
            let mut notes = self.access.open();
            write(&mut notes);
            let first = !mem::replace(&mut notes.awaited, true);
            (notes.lines.len() + notes.touched.len() >= LINES_MAX, first)
        };
        if full {
            self.flush_or_keep().await;
        } else if first {
            let engine = self.clone();
            tokio::spawn(async move {
                tokio::time::sleep(WAIT).await;
                engine.flush_or_keep().await;
            });
        }
    }

    /// Writes what was noted. Where that fails it is noted again, for the next time.
    async fn flush_or_keep(&self) {
        // The error was told by whatever else the database refuses; the lines are not lost.
        drop(self.flush_access().await);
    }

    /// Writes what was noted, now: before the process ends, and in tests.
    ///
    /// # Errors
    /// What the database says; then everything is still noted, but no more than fits.
    pub async fn flush_access(&self) -> Result<()> {
        let (lines, touched) = {
            let mut notes = self.access.open();
            notes.awaited = false;
            (mem::take(&mut notes.lines), mem::take(&mut notes.touched))
        };
        if lines.is_empty() && touched.is_empty() {
            return Ok(());
        }
        let done = self.write_notes(&lines, &touched).await;
        if done.is_err() {
            let mut notes = self.access.open();
            let room = LINES_MAX.saturating_sub(notes.lines.len());
            notes.lines.extend(lines.into_iter().take(room));
        }
        done
    }

    async fn write_notes(
        &self,
        lines: &[(CompanyId, AccessLine)],
        touched: &[(SessionId, Timestamp)],
    ) -> Result<()> {
        let mut tx = self.db.begin().await?;
        access::append(&mut tx, lines).await?;
        for (session, at) in touched {
            sessions::touch(&mut tx, *session, *at).await?;
        }
        Ok(tx.commit().await?)
    }

    /// The log of a company, newest first, from before a line.
    ///
    /// # Errors
    /// What the database says.
    pub async fn access_log(
        &self,
        company: CompanyId,
        filter: &Filter,
        before: Option<EventId>,
        limit: u32,
    ) -> Result<Vec<AccessLine>> {
        Ok(access::page(&self.db, company, filter, before, limit).await?)
    }
}
