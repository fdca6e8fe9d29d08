//! An import in the background: begun, watched, stopped between two parts, undone as a whole.

use std::path::{Path, PathBuf};

use domain::ids::ImportId;
use store::bulk::{self, ALIVE_SECONDS, Undoing};
use store::imports::{self, Import, ImportState};

use super::drafts::{SaidOfFile, named_source, off_thread};
use super::{Begun, ImportReport, PaperSource, is_paper, profile};
use crate::company::Company;
use crate::{Engine, Error, Result};

impl Engine {
    /// Takes up a draft and reads it on a task of its own; the task ends with the process, and what
    /// it wrote stays.
    ///
    /// # Errors
    /// What the database says; [`Error::NotFound`] when it is no draft.
    pub async fn begin_import(
        &self,
        company: &Company,
        import: ImportId,
        author: &str,
    ) -> Result<()> {
        let found = self.take_up(company, import, author).await?;
        let (engine, company, author) = (self.clone(), company.clone(), author.to_owned());
        tokio::spawn(async move { engine.read_begun(&company, found, &author).await });
        Ok(())
    }

    /// The same, waiting for its end.
    ///
    /// # Errors
    /// What the database says, and what reading the file says.
    pub async fn import_draft(
        &self,
        company: &Company,
        import: ImportId,
        author: &str,
    ) -> Result<ImportReport> {
        let found = self.take_up(company, import, author).await?;
        self.read_begun(company, found, author).await
    }

    async fn take_up(&self, company: &Company, import: ImportId, author: &str) -> Result<Import> {
        let found = self.import_of(company, import).await?;
        let stamp = self.stamp(author);
        let mut tx = self.db.begin().await?;
        imports::begin(&mut tx, &stamp, company.id, import).await?;
        tx.commit().await?;
        Ok(found)
    }

    /// Reads a draft that was taken up; an error ends the import.
    #[doc(hidden)]
    pub async fn read_begun(
        &self,
        company: &Company,
        found: Import,
        author: &str,
    ) -> Result<ImportReport> {
        let read = self.read_file(company, &found, author).await;
        if let Err(error) = &read {
            let problem = error.to_string();
            let ended = (ImportState::Failed, Some(problem.as_str()));
            let mut tx = self.db.begin().await?;
            let at = self.now();
            let so_far = imports::get(&mut tx, company.id, found.id).await?;
            let summary = so_far.map_or(found.progress.clone(), |it| it.progress);
            imports::finish(&mut tx, company.id, found.id, ended, &summary, at).await?;
            tx.commit().await?;
        }
        self.remove_file(&found);
        read
    }

    async fn read_file(
        &self,
        company: &Company,
        found: &Import,
        author: &str,
    ) -> Result<ImportReport> {
        let path = draft_path(found)?;
        let begun = Begun {
            id: found.id,
            digest: found.digest,
        };
        if is_paper(&path)? {
            let source = PaperSource::one(&path, &found.file);
            return self
                .read_papers(company, begun, source, author, &mut ())
                .await;
        }
        let said: SaidOfFile =
            serde_json::from_value(found.options.clone()).map_err(Error::json)?;
        let mut options = said.options();
        self.prepare(company, &mut options).await?;
        let profile = {
            let (path, name, options) = (path.clone(), found.file.clone(), options.clone());
            off_thread(move || profile(&named_source(&path, &name, options))).await?
        };
        let source = named_source(&path, &found.file, options);
        self.read(company, begun, (&source, profile), author, &mut ())
            .await
    }

    /// Asks an import to stop behind the part under way; what it wrote stays. One that nobody reads
    /// any more is ended at once.
    ///
    /// # Errors
    /// What the database says; [`Error::NotFound`] when it does not run.
    pub async fn cancel_import(
        &self,
        company: &Company,
        import: ImportId,
        author: &str,
    ) -> Result<()> {
        let found = self.import_of(company, import).await?;
        let stamp = self.stamp(author);
        let mut tx = self.db.begin().await?;
        imports::ask_cancel(&mut tx, &stamp, company.id, import).await?;
        if self.is_cut_short(&found) {
            let ended = (ImportState::Cancelled, None);
            imports::finish(
                &mut tx,
                company.id,
                import,
                ended,
                &found.progress,
                stamp.at,
            )
            .await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Whether an import says that it runs and gave no sign of life for long.
    pub fn is_cut_short(&self, import: &Import) -> bool {
        let silent = import
            .beat_at
            .is_none_or(|beat| self.now().duration_since(beat).as_secs() >= ALIVE_SECONDS);
        import.state == ImportState::Running && silent
    }

    /// Undoes a whole import while nothing depends on it: what it made is taken out and what it
    /// changed is brought back, or nothing is touched and what stands in the way is told.
    ///
    /// # Errors
    /// What the database says; then nothing was changed.
    pub async fn undo_import(
        &self,
        company: &Company,
        import: ImportId,
        author: &str,
    ) -> Result<Undoing> {
        Ok(bulk::undo_import(&self.db, &self.stamp(author), company.id, import).await?)
    }
}

/// Where a draft's file lies.
pub(super) fn draft_path(found: &Import) -> Result<PathBuf> {
    let path = found.path.as_deref().map(Path::new);
    let there = path.filter(|path| path.is_file());
    there.map(Path::to_owned).ok_or_else(|| Error::NotFound {
        what: "el archivo",
        key: found.file.clone(),
        hint: " en este equipo: súbalo otra vez".to_owned(),
    })
}
