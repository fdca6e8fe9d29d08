//! The facts that laws ask for: of the customer, and of the debt of one document.

use axum::extract::{Form, Path, State};
use axum::response::Response;
use domain::company::{Actor, CreditorClass, DebtClass};
use domain::customer::{Country, Customer, DebtorClass, LegalEvent};
use domain::document::DebtFacts;
use domain::ids::{CustomerId, DocumentId};
use engine::customers::{LEGAL_EVENTS, LawChange};
use serde::Deserialize;

use super::acts::form;
use super::fields::{Field, FormPage, Kind, Typed, day, filled, text};
use super::{At, refusal};
use crate::Web;
use crate::page::{Page, Problem};
use crate::session::Seat;

/// A document of a path.
#[derive(Clone, Copy, Deserialize)]
pub(super) struct AtDocument {
    customer: CustomerId,
    document: DocumentId,
}

/// A legal event in the reader's words.
pub(super) fn event_word(page: &Page, event: &str) -> String {
    let words = page.words.get(&format!("customers-event-{event}"));
    words.unwrap_or_else(|| event.to_owned())
}

fn fields(page: &Page, known: &Customer, today: String) -> Vec<Field> {
    let none = || (String::new(), page.t("customers-unknown"));
    let classes = DebtorClass::ALL.iter().map(|it| {
        let code = it.code();
        (code.to_owned(), page.t(&format!("customers-class-{code}")))
    });
    let nothing = || (String::new(), page.t("customers-event-none"));
    let all = LEGAL_EVENTS
        .iter()
        .map(|it| ((*it).to_owned(), event_word(page, it)));
    let here = known.legal_events.iter().map(|it| {
        let words = format!("{} · {}", event_word(page, &it.event), page.date(&it.on));
        (it.event.clone(), words)
    });
    let country = known.country.map(|it| it.to_string());
    let mut fields = vec![
        Field::new(Kind::Choice, "class", page.t("customers-class"))
            .options([none()].into_iter().chain(classes).collect())
            .value(known.class.map_or("", |it| it.code())),
        Field::new(Kind::Line, "country", page.t("customers-country"))
            .value(country.unwrap_or_default())
            .help(page.t("customers-country-help"))
            .optional(),
        Field::new(Kind::Line, "subdivision", page.t("customers-subdivision"))
            .value(known.subdivision.clone().unwrap_or_default())
            .help(page.t("customers-subdivision-help"))
            .optional(),
        Field::new(Kind::Line, "zone", page.t("customers-zone"))
            .value(known.zone.clone().unwrap_or_default())
            .help(page.t("customers-zone-help"))
            .optional(),
        Field::new(Kind::Choice, "event", page.t("customers-event"))
            .options([nothing()].into_iter().chain(all).collect())
            .help(page.t("customers-event-help")),
        Field::new(Kind::Day, "event_on", page.t("customers-event-on"))
            .value(today)
            .optional(),
        Field::new(Kind::Line, "event_source", page.t("customers-event-source")).optional(),
    ];
    if !known.legal_events.is_empty() {
        fields.push(
            Field::new(Kind::Choice, "over", page.t("customers-event-over"))
                .options([nothing()].into_iter().chain(here).collect()),
        );
    }
    fields
}

async fn law_page(web: &Web, seat: &Seat, at: At) -> Result<FormPage, Problem> {
    let form = form(web, seat, at, "law", |customer, page| {
        let today = customer.today.to_string();
        fields(page, &customer.position.customer, today)
    });
    let form = form.await?;
    Ok(FormPage {
        intro: Some(form.page.t("customers-law-intro")),
        ..form
    })
}

pub(super) async fn law_form(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<At>,
) -> Result<Response, Problem> {
    law_page(&web, &seat, at).await?.show()
}

/// What was typed, or the field that cannot be read.
fn change(seat: &Seat, typed: &Typed) -> Result<LawChange, (&'static str, String)> {
    let choose = |field| (field, seat.words().t("customers-choose"));
    let class = filled(typed, "class").map(str::parse::<DebtorClass>);
    let country = match filled(typed, "country") {
        Some(code) => Some(Country::new(code).ok_or_else(|| choose("country"))?),
        None => None,
    };
    let no_day = || ("event_on", seat.words().t("customers-no-day"));
    let happened = match filled(typed, "event") {
        None => None,
        Some(event) => {
            let on = day(text(typed, "event_on")).map_err(|()| no_day())?;
            Some(LegalEvent {
                event: event.to_owned(),
                on: on.ok_or_else(no_day)?,
                source: filled(typed, "event_source").map(str::to_owned),
            })
        }
    };
    Ok(LawChange {
        class: Some(class.transpose().map_err(|_| choose("class"))?),
        country: Some(country),
        subdivision: Some(filled(typed, "subdivision").map(str::to_owned)),
        zone: Some(filled(typed, "zone").map(str::to_owned)),
        happened,
        over: filled(typed, "over").map(str::to_owned),
    })
}

pub(super) async fn law(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<At>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let again = async |why| law_page(&web, &seat, at).await?.again(&typed, why);
    let change = match change(&seat, &typed) {
        Ok(change) => change,
        Err(why) => return again(why).await,
    };
    let engine = &web.engine;
    let done = engine
        .change_law_facts(&seat.company, at.customer, change, seat.author())
        .await;
    match done {
        Ok(_) => Ok(super::acts::done(&seat, at.customer, "customer-changed")),
        Err(error) => {
            let (what, why) = refusal(error)?;
            let field = match what {
                "subdivisión" => "subdivision",
                "zona" => "zone",
                "fecha del hecho legal" => "event_on",
                "dónde consta" => "event_source",
                _ => "event",
            };
            again((field, why)).await
        }
    }
}

async fn debt_page(web: &Web, seat: &Seat, at: AtDocument) -> Result<FormPage, Problem> {
    let customer = At {
        customer: at.customer,
    };
    let position = web.engine.position(&seat.company, at.customer).await?;
    let mut documents = position.books.documents.iter();
    let known = documents.find(|it| it.id == at.document);
    let known = known.ok_or(Problem::NotFound)?;
    let (number, debt) = (known.number.clone(), known.debt);
    let form = form(web, seat, customer, "debt", |_, page| {
        debt_fields(page, debt)
    })
    .await?;
    let title = format!("{} · {number}", form.page.t("customers-act-debt"));
    let path = format!("/customers/{}/documents/{}/debt", at.customer, at.document);
    Ok(FormPage {
        action: seat.url(&path),
        intro: Some(form.page.t("customers-debt-intro")),
        page: form.page.titled(title),
        ..form
    })
}

fn debt_fields(page: &Page, debt: DebtFacts) -> Vec<Field> {
    let choice = |name: &'static str, label: &str, codes: Vec<&str>, words: &str, value: &str| {
        let none = (String::new(), page.t("customers-as-declared"));
        let options = codes.into_iter().map(|code| {
            let text = page.t(&format!("company-{words}-{}", code.replace('_', "-")));
            (code.to_owned(), text)
        });
        Field::new(Kind::Choice, name, page.t(label))
            .options([none].into_iter().chain(options).collect())
            .value(value)
    };
    let word = |it: bool| if it { "true" } else { "false" };
    let classes = DebtClass::ALL.iter().map(|it| it.code());
    let creditors = CreditorClass::ALL.iter().map(|it| it.code());
    let actors = Actor::ALL.iter().map(|it| it.code());
    vec![
        choice(
            "class",
            "customers-debt-class",
            classes.collect(),
            "debt",
            debt.class.map_or("", |it| it.code()),
        ),
        choice(
            "final_consumer",
            "customers-debt-final-consumer",
            vec!["true", "false"],
            "yes-no",
            debt.final_consumer.map_or("", word),
        ),
        choice(
            "creditor",
            "customers-debt-creditor",
            creditors.collect(),
            "creditor",
            debt.creditor.map_or("", |it| it.code()),
        ),
        choice(
            "actor",
            "customers-debt-actor",
            actors.collect(),
            "actor",
            debt.actor.map_or("", |it| it.code()),
        ),
    ]
}

pub(super) async fn debt_form(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<AtDocument>,
) -> Result<Response, Problem> {
    debt_page(&web, &seat, at).await?.show()
}

pub(super) async fn debt(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<AtDocument>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let wrong = || Problem::Invalid(seat.words().t("customers-choose"));
    let final_consumer = match text(&typed, "final_consumer") {
        "" => None,
        "true" => Some(true),
        "false" => Some(false),
        _ => return Err(wrong()),
    };
    macro_rules! read {
        ($name:literal) => {
            filled(&typed, $name)
                .map(str::parse)
                .transpose()
                .map_err(|_| wrong())?
        };
    }
    let debt = DebtFacts {
        class: read!("class"),
        final_consumer,
        creditor: read!("creditor"),
        actor: read!("actor"),
    };
    let whose = (at.customer, at.document);
    web.engine
        .set_debt_facts(&seat.company, whose, debt, seat.author())
        .await?;
    Ok(super::acts::done(&seat, at.customer, "customer-changed"))
}
