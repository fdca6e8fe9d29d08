//! `puntual policy`: the company's rules, listed, explained, checked, put to use.

use std::path::Path;

use domain::policy::{Policy, explain};
use engine::policies::{parse, shipped};
use serde_json::json;

use crate::args::PolicyCommand;
use crate::failure::Failure;
use crate::output::{self, Rows};
use crate::session::Session;

/// Lists, explains, checks or uses a policy.
pub async fn policy(session: &Session, command: PolicyCommand) -> Result<(), Failure> {
    match command {
        PolicyCommand::List => list(session).await,
        PolicyCommand::Show {
            policy,
            customers,
            source,
        } => show(session, policy.as_deref(), customers, source).await,
        PolicyCommand::Check { file } => {
            let policy = check(&file)?;
            for warning in &policy.warnings {
                output::notice(&format!("Aviso: {warning}"));
            }
            let body = json!({
                "key": policy.key,
                "name": policy.name,
                "hash": policy.hash,
                "warnings": policy.warnings.iter().map(ToString::to_string).collect::<Vec<_>>(),
            });
            let text = || format!("La política «{}» está bien.\n", policy.name);
            session.output.answer(&body, text, || one(&policy))
        }
        PolicyCommand::Use { policy } => {
            let engine = session.engine().await?;
            let company = session.company(&engine).await?;
            let text = read(&policy)?;
            let author = session.author();
            let (policy, version) = engine.use_policy(&company, &policy, &text, &author).await?;
            for problem in engine.wording_problems(&company, &policy)? {
                output::notice(&format!("Aviso: {problem}"));
            }
            let body = json!({ "key": policy.key, "version": version, "hash": policy.hash });
            let text = || format!("En uso: «{}», versión {version}.\n", policy.name);
            session.output.answer(&body, text, || one(&policy))
        }
    }
}

async fn list(session: &Session) -> Result<(), Failure> {
    let engine = session.engine().await?;
    let company = session.company(&engine).await?;
    let policies = engine.policies(&company).await?;
    let rows = || {
        let mut rows = Rows::new(&["clave", "nombre", "versión", "en uso"]);
        for policy in &policies {
            rows.push([
                policy.key.clone(),
                policy.name.clone(),
                policy
                    .version
                    .map(|version| version.to_string())
                    .unwrap_or_default(),
                if policy.in_use {
                    "sí".to_owned()
                } else {
                    String::new()
                },
            ]);
        }
        rows
    };
    session.output.list(&policies, rows)
}

async fn show(
    session: &Session,
    named: Option<&str>,
    customers: bool,
    source: bool,
) -> Result<(), Failure> {
    let (policy, text, company) = match named {
        Some(named) => (None, Some(read(named)?), None),
        None => {
            let engine = session.engine().await?;
            let company = session.company(&engine).await?;
            let text = if source {
                engine.policy_source(&company).await?
            } else {
                None
            };
            (Some(company.policy.clone()), text, Some(company.legal_name))
        }
    };
    let policy = match (policy, &text) {
        (Some(policy), _) => policy,
        (None, text) => parse(
            named.unwrap_or_default(),
            text.as_deref().unwrap_or_default(),
        )?,
    };
    let prose = if source {
        text.unwrap_or_default()
    } else if customers {
        explain::customers(&policy, company.as_deref().unwrap_or("nuestra empresa"))
    } else {
        explain::staff(&policy)
    };
    let body =
        json!({ "key": policy.key, "name": policy.name, "hash": policy.hash, "text": prose });
    session
        .output
        .answer(&body, || prose.clone(), || one(&policy))
}

fn one(policy: &Policy) -> Rows {
    let mut rows = Rows::new(&["clave", "nombre", "huella"]);
    rows.push([policy.key.clone(), policy.name.clone(), policy.hash.clone()]);
    rows
}

/// The text of a policy that ships, or of a file.
fn read(named: &str) -> Result<String, Failure> {
    if let Some(text) = shipped(named) {
        return Ok(text.to_owned());
    }
    std::fs::read_to_string(named).map_err(|error| {
        let all: Vec<&str> = domain::policy::embedded()
            .iter()
            .map(|(key, _)| *key)
            .collect();
        Failure::new(format!(
            "«{named}» no es una política que venga con Puntual ({}) ni un archivo que se pueda \
             leer ({error})",
            all.join(", ")
        ))
    })
}

fn check(file: &Path) -> Result<Policy, Failure> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::new(format!("no se pudo leer {}: {error}", file.display())))?;
    Ok(parse(&output::path(file), &text)?)
}
