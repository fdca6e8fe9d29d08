//! `puntual company`: the creditor, what it sets and declares.

use engine::{CompanyChange, NewCompany};
use serde_json::Value;

use crate::args::CompanyCommand;
use crate::failure::Failure;
use crate::output::{self, Rows};
use crate::session::Session;

/// Makes a company, or changes or shows what it set.
pub async fn company(session: &Session, command: CompanyCommand) -> Result<(), Failure> {
    let engine = session.engine().await?;
    let author = session.author();
    let company = match command {
        CompanyCommand::Add {
            name,
            legal_name,
            country,
            currency,
            zone,
            language,
        } => {
            let new = NewCompany {
                name,
                legal_name,
                country,
                currency,
                zone,
                language,
                ..NewCompany::default()
            };
            engine.add_company(new, &author).await?
        }
        CompanyCommand::Set { changes } => {
            let company = session.company(&engine).await?;
            let changes: Vec<CompanyChange> = changes
                .into_iter()
                .map(|(name, value)| CompanyChange { name, value })
                .collect();
            engine.set_company(&company, &changes, &author).await?
        }
    };
    let body = engine.company_json(&company);
    session
        .output
        .answer(&body, || output::table(&rows(&body)), || rows(&body))
}

fn rows(body: &Value) -> Rows {
    let mut rows = Rows::new(&["qué", "valor"]);
    flatten("", body, &mut rows);
    rows
}

fn flatten(prefix: &str, value: &Value, rows: &mut Rows) {
    match value {
        Value::Null => {}
        Value::Object(entries) => {
            for (key, value) in entries {
                let name = match prefix {
                    "" | "settings" | "declarations" => key.clone(),
                    prefix => format!("{prefix}.{key}"),
                };
                flatten(&name, value, rows);
            }
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(plain).collect();
            if !items.is_empty() {
                rows.push([prefix.to_owned(), items.join(", ")]);
            }
        }
        value => rows.push([prefix.to_owned(), plain(value)]),
    }
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
