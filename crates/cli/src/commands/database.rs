//! `puntual backup` and `puntual restore`.

use std::path::Path;

use serde_json::json;

use crate::failure::Failure;
use crate::output::{self, Rows};
use crate::session::Session;

/// Writes a copy of the database.
pub async fn backup(session: &Session, to: &Path, overwrite: bool) -> Result<(), Failure> {
    let db = session.db().await?;
    store::backup::backup(&db, to, overwrite).await?;
    said(session, "backup", "Copia guardada en", to)
}

/// Puts a copy back.
pub async fn restore(session: &Session, from: &Path, overwrite: bool) -> Result<(), Failure> {
    store::backup::restore(from, session.db_url(), overwrite).await?;
    said(session, "restored", "Se restauró la copia", from)
}

fn said(session: &Session, key: &'static str, words: &str, path: &Path) -> Result<(), Failure> {
    let path = output::path(path);
    let rows = || {
        let mut rows = Rows::new(&["archivo"]);
        rows.push([path.clone()]);
        rows
    };
    session
        .output
        .answer(&json!({ key: path }), || format!("{words} {path}\n"), rows)
}
