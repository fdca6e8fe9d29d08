//! `puntual law diff`: what a text of law changes in the days to come, before it is in force.

use std::path::Path;

use domain::law::is_own;
use engine::policy_changes::{Change, Depth, Message, WhatChanges};
use jiff::civil::Date;
use serde_json::{Value, json};

use super::{everywhere, read};
use crate::commands::Bar;
use crate::failure::Failure;
use crate::output::{self, Rows};
use crate::session::Session;

/// Lives the days to come under both laws and tells the difference.
pub async fn diff(
    session: &Session,
    path: &Path,
    from: Option<Date>,
    all: bool,
) -> Result<(), Failure> {
    let (name, text) = read(path)?;
    let engine = session.engine().await?;
    let company = session.company(&engine).await?;
    let depth = if all { Depth::WHOLE } else { Depth::PAGE };
    let bar = Bar::new("clientes");
    let tell = |done: u32, _of: u32| bar.set(u64::from(done));
    let draft = (name.as_str(), text.as_str());
    let changes = if is_own(&text) {
        engine
            .tightening_changes(&company, draft, depth, &tell)
            .await
    } else {
        let from = from.unwrap_or_else(|| everywhere(engine.now()));
        engine
            .law_changes(&company, draft, from, depth, &tell)
            .await
    };
    bar.finish();
    let changes = changes?;
    let time = |message: &Message| {
        let at = message.at.to_zoned(company.zone.clone());
        at.strftime("%d/%m/%Y %H:%M").to_string()
    };
    session.output.answer(
        &body(&changes),
        || sentences(&changes, &time),
        || table(&changes, &time),
    )
}

fn body(changes: &WhatChanges) -> Value {
    let listed: Vec<Value> = changes
        .listed
        .iter()
        .map(|customer| {
            let all: Vec<Value> = customer.changes.iter().map(change).collect();
            json!({ "customer": customer.key, "name": customer.name, "changes": all })
        })
        .collect();
    json!({
        "days": changes.days,
        "customers": changes.customers,
        "looked_at": changes.looked_at,
        "same": changes.same,
        "added": changes.added,
        "removed": changes.removed,
        "moved": changes.moved,
        "changed": changes.changed,
        "listed": listed,
    })
}

fn change(change: &Change) -> Value {
    match change {
        Change::Added(it) => json!({ "kind": "added", "after": message(it) }),
        Change::Removed(it) => json!({ "kind": "removed", "before": message(it) }),
        Change::Moved { before, after } => {
            json!({ "kind": "moved", "before": message(before), "after": message(after) })
        }
    }
}

fn message(it: &Message) -> Value {
    json!({
        "at": it.at.to_string(),
        "step": it.key.step(),
        "channel": it.channel.code(),
        "tone": it.tone.code(),
    })
}

fn sentences(changes: &WhatChanges, time: &dyn Fn(&Message) -> String) -> String {
    let scope = if changes.is_sample() {
        format!("{} de {} clientes", changes.looked_at, changes.customers)
    } else {
        format!("{} clientes", changes.customers)
    };
    let counts = format!(
        "En {} días, sobre {scope}: {} mensajes se agregan, {} se quitan, {} se mueven y {} \
         quedan igual.",
        changes.days, changes.added, changes.removed, changes.moved, changes.same,
    );
    if changes.listed.is_empty() {
        return counts;
    }
    format!("{counts}\n{}", output::table(&table(changes, time)))
}

fn table(changes: &WhatChanges, time: &dyn Fn(&Message) -> String) -> Rows {
    let mut rows = Rows::new(&[
        "cliente", "nombre", "cambio", "paso", "medio", "antes", "después",
    ]);
    for customer in &changes.listed {
        for change in &customer.changes {
            let (word, shown, before, after) = match change {
                Change::Added(it) => ("se agrega", it, None, Some(it)),
                Change::Removed(it) => ("se quita", it, Some(it), None),
                Change::Moved { before, after } => ("se mueve", after, Some(before), Some(after)),
            };
            rows.push([
                customer.key.clone(),
                customer.name.clone(),
                word.to_owned(),
                shown.key.step().to_owned(),
                shown.channel.name_es().to_owned(),
                before.map(time).unwrap_or_default(),
                after.map(time).unwrap_or_default(),
            ]);
        }
    }
    rows
}
