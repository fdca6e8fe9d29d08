//! `puntual contact`, `puntual customer`: what people do by hand, and what the law asks of a
//! customer.

use domain::customer::{Country, LegalEvent};
use domain::ids::CustomerId;
use engine::Engine;
use engine::by_hand::{Leave, NewCall};
use engine::customers::{LawChange, LawFacts};
use serde_json::{Value, json};

use crate::args::{ContactCommand, CustomerCommand};
use crate::failure::Failure;
use crate::output::{self, Rows};
use crate::session::Session;

async fn id_of(
    engine: &Engine,
    company: &engine::Company,
    customer: &str,
) -> Result<CustomerId, Failure> {
    let found = store::customers::id_of(engine.db(), company.id, customer).await?;
    found.ok_or_else(|| Failure::new(format!("no existe el cliente «{customer}»")))
}

/// Asks the law about a person's contact, or records one.
pub async fn contact(session: &Session, command: ContactCommand) -> Result<(), Failure> {
    let engine = session.engine().await?;
    let company = session.company(&engine).await?;
    let customer = match &command {
        ContactCommand::Ask { customer } | ContactCommand::Add { customer, .. } => {
            id_of(&engine, &company, customer).await?
        }
    };
    if let ContactCommand::Add {
        channel,
        result,
        number,
        note,
        overriding,
        ..
    } = command
    {
        let new = NewCall {
            customer,
            channel,
            number,
            result,
            note,
            at: None,
            overriding,
        };
        engine.add_call(&company, new, &session.author()).await?;
    }
    let position = engine.position(&company, customer).await?;
    let leaves = engine.leaves(&company, &position, engine.now());
    let body: Vec<Value> = leaves.iter().map(body).collect();
    let rows = || {
        let mut rows = Rows::new(&["canal", "dirección", "ahora", "por qué", "desde"]);
        for leave in &leaves {
            rows.push([
                leave.channel.name_es().to_owned(),
                leave.address.clone(),
                if leave.allowed { "sí" } else { "no" }.to_owned(),
                leave.why.join(" "),
                leave.next.map(|at| at.to_string()).unwrap_or_default(),
            ]);
        }
        rows
    };
    let text = || output::table(&rows());
    session.output.answer(&body, text, rows)
}

fn body(leave: &Leave) -> Value {
    json!({
        "channel": leave.channel.code(),
        "address": leave.address,
        "allowed": leave.allowed,
        "reasons": leave.why,
        "next_allowed": leave.next.map(|at| at.to_string()),
        "regimes": leave.regimes,
        "assumptions": leave.assumed,
    })
}

/// Changes or shows what the law asks of a customer.
pub async fn customer(session: &Session, command: CustomerCommand) -> Result<(), Failure> {
    let CustomerCommand::Set { customer, changes } = command;
    let engine = session.engine().await?;
    let company = session.company(&engine).await?;
    let id = id_of(&engine, &company, &customer).await?;
    let today = session.day(&engine, &company);
    let change = read(&changes, today)?;
    let author = session.author();
    let facts = engine
        .change_law_facts(&company, id, change, &author)
        .await?;
    let rows = || {
        let mut rows = Rows::new(&["qué", "valor"]);
        for (name, value) in shown(&facts) {
            rows.push([name.to_owned(), value]);
        }
        rows
    };
    let text = || output::table(&rows());
    session.output.answer(&facts, text, rows)
}

fn shown(facts: &LawFacts) -> Vec<(&'static str, String)> {
    let text = |it: &Option<String>| it.clone().unwrap_or_default();
    vec![
        ("customer", facts.customer.clone()),
        ("class", facts.class.unwrap_or_default().to_owned()),
        ("country", text(&facts.country)),
        ("subdivision", text(&facts.subdivision)),
        ("zone", text(&facts.zone)),
        ("events", facts.legal_events.join(", ")),
    ]
}

fn read(changes: &[(String, String)], today: jiff::civil::Date) -> Result<LawChange, Failure> {
    let mut change = LawChange::default();
    let mut source = None;
    for (name, value) in changes {
        let value = value.trim();
        let given = || Some(value.to_owned()).filter(|it| !it.is_empty());
        let wrong = || Failure::usage(format!("«{name}={value}» no se entiende"));
        match name.as_str() {
            "class" => {
                let class = given().map(|it| it.parse()).transpose();
                change.class = Some(class.map_err(|_| wrong())?);
            }
            "country" => {
                let country = match given() {
                    Some(code) => Some(Country::new(&code).ok_or_else(wrong)?),
                    None => None,
                };
                change.country = Some(country);
            }
            "subdivision" => change.subdivision = Some(given()),
            "zone" => change.zone = Some(given()),
            "event" => {
                let (event, on) = match value.split_once('@') {
                    Some((event, on)) => (event, on.parse().map_err(|_| wrong())?),
                    None => (value, today),
                };
                let event = event.to_owned();
                let source = None;
                change.happened = Some(LegalEvent { event, on, source });
            }
            "source" => source = given(),
            "over" => change.over = given(),
            _ => return Err(wrong()),
        }
    }
    if let Some(event) = &mut change.happened {
        event.source = source;
    }
    Ok(change)
}
