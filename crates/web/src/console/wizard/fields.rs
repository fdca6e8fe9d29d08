//! Steps that are forms over what a company sets and declares.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::company::{CreditorClass, DebtClass};
use domain::customer::{Channel, ContactSource, DebtorClass};
use engine::{Company, CompanyChange, Error};

use super::{Frame, onward};
use crate::Web;
use crate::page::{Page, Problem, html, html_as};
use crate::session::Seat;
use crate::words::Words;

/// How a field is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Email,
    Colour,
    Lines,
    Creditor,
    Debtor,
    Debt,
    Source,
    Channels,
}

/// What is asked: the name under which it is set, and how.
type Fields = &'static [(&'static str, Kind)];

const BRAND: Fields = &[
    ("brand.name", Kind::Text),
    ("brand.colour", Kind::Colour),
    ("brand.logo", Kind::Text),
    ("brand.bank_data", Kind::Lines),
    ("brand.phone", Kind::Text),
    ("sender.name", Kind::Text),
    ("sender.address", Kind::Email),
];

const LEGAL: Fields = &[
    ("creditor", Kind::Creditor),
    ("debtor", Kind::Debtor),
    ("debt", Kind::Debt),
    ("contact_source", Kind::Source),
    ("consents", Kind::Channels),
];

/// Channels for which a consent can be held.
const CHANNELS: [Channel; 4] = [
    Channel::Email,
    Channel::Whatsapp,
    Channel::Sms,
    Channel::Call,
];

/// Something to choose.
struct Choice {
    value: &'static str,
    text: String,
    chosen: bool,
}

/// A field as it stands on the page.
struct FieldView {
    name: &'static str,
    id: String,
    label: String,
    help: String,
    value: String,
    kind: &'static str,
    choices: Vec<Choice>,
}

#[derive(Template)]
#[template(path = "console/wizard/fields.html")]
struct FieldsPage {
    page: Page,
    frame: Frame,
    step: &'static str,
    error: Option<String>,
    fields: Vec<FieldView>,
}

pub(super) fn brand(seat: &Seat) -> Result<Response, Problem> {
    html(&fields_page(seat, "brand", BRAND, None, None))
}

pub(super) fn legal(seat: &Seat) -> Result<Response, Problem> {
    html(&fields_page(seat, "legal", LEGAL, None, None))
}

fn fields_page(
    seat: &Seat,
    step: &'static str,
    fields: Fields,
    typed: Option<&HashMap<&'static str, String>>,
    error: Option<String>,
) -> FieldsPage {
    let view = |(name, kind): &(&'static str, Kind)| {
        let kept = || value_of(&seat.company, name);
        let typed = typed.and_then(|typed| typed.get(name).cloned());
        view(seat.words(), name, *kind, typed.unwrap_or_else(kept))
    };
    FieldsPage {
        page: seat.page("wizard-title"),
        frame: Frame::of(seat, step),
        step,
        error,
        fields: fields.iter().map(view).collect(),
    }
}

fn view(words: &Words, name: &'static str, kind: Kind, value: String) -> FieldView {
    let id = name.replace(['.', '_'], "-");
    let codes: Vec<&'static str> = match kind {
        Kind::Creditor => CreditorClass::ALL.iter().map(|it| it.code()).collect(),
        Kind::Debtor => DebtorClass::ALL.iter().map(|it| it.code()).collect(),
        Kind::Debt => DebtClass::ALL.iter().map(|it| it.code()).collect(),
        Kind::Source => ContactSource::ALL.iter().map(|it| it.code()).collect(),
        Kind::Channels => CHANNELS.iter().map(|it| it.code()).collect(),
        Kind::Text | Kind::Email | Kind::Colour | Kind::Lines => Vec::new(),
    };
    let mut choices = Vec::new();
    if !codes.is_empty() && kind != Kind::Channels {
        choices.push(Choice {
            value: "",
            text: words.t("wizard-not-declared"),
            chosen: value.is_empty(),
        });
    }
    choices.extend(codes.into_iter().map(|code| Choice {
        value: code,
        text: words.t(&format!("wizard-{id}-{}", code.replace('_', "-"))),
        chosen: value.split(',').any(|it| it.trim() == code),
    }));
    FieldView {
        name,
        label: words.t(&format!("wizard-field-{id}")),
        help: words.t(&format!("wizard-help-{id}")),
        value,
        kind: match kind {
            Kind::Text => "text",
            Kind::Email => "email",
            Kind::Colour => "color",
            Kind::Lines => "lines",
            Kind::Channels => "ticks",
            Kind::Creditor | Kind::Debtor | Kind::Debt | Kind::Source => "one",
        },
        choices,
        id,
    }
}

/// What the company set or declared so far.
fn value_of(company: &Company, name: &str) -> String {
    let (brand, said) = (&company.settings.brand, &company.declarations);
    let sender = company.settings.sender.as_ref();
    match name {
        "brand.name" => brand.name.clone(),
        "brand.colour" => Some(brand.colour.clone()),
        "brand.logo" => brand.logo.clone(),
        "brand.bank_data" => brand.bank_data.clone(),
        "brand.phone" => brand.phone.clone(),
        "sender.name" => sender.map(|sender| sender.name.clone()),
        "sender.address" => sender.map(|sender| sender.address.clone()),
        "creditor" => said.creditor.as_ref().map(|it| it.value.code().to_owned()),
        "debtor" => said.debtor.as_ref().map(|it| it.value.code().to_owned()),
        "debt" => said.debt.as_ref().map(|it| it.value.code().to_owned()),
        "contact_source" => {
            let source = said.contact_source.as_ref();
            source.map(|it| it.value.code().to_owned())
        }
        "consents" => said.consents.as_ref().map(|it| {
            let codes: Vec<&str> = it.value.iter().map(|channel| channel.code()).collect();
            codes.join(",")
        }),
        _ => None,
    }
    .unwrap_or_default()
}

pub(super) async fn save_brand(
    State(web): State<Web>,
    seat: Seat,
    Form(typed): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    save(&web, &seat, ("brand", BRAND), typed).await
}

pub(super) async fn save_legal(
    State(web): State<Web>,
    seat: Seat,
    Form(typed): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    save(&web, &seat, ("legal", LEGAL), typed).await
}

/// Sets what differs and goes on; what cannot be is said beside what was typed.
async fn save(
    web: &Web,
    seat: &Seat,
    (step, fields): (&'static str, Fields),
    typed: Vec<(String, String)>,
) -> Result<Response, Problem> {
    let values: HashMap<&'static str, String> = fields
        .iter()
        .map(|(name, _)| {
            let own = typed.iter().filter(|(key, _)| key == name);
            let all: Vec<&str> = own.map(|(_, value)| value.trim()).collect();
            (*name, all.join(","))
        })
        .collect();
    let changes: Vec<CompanyChange> = fields
        .iter()
        .map(|(name, kind)| (*name, *kind, &values[name]))
        // What is declared stays declared; an empty choice says nothing.
        .filter(|(name, kind, value)| {
            let declared = matches!(
                kind,
                Kind::Creditor | Kind::Debtor | Kind::Debt | Kind::Source
            );
            let nameless = name.starts_with("sender.") && value.is_empty();
            **value != value_of(&seat.company, name) && !(declared && value.is_empty()) && !nameless
        })
        .map(|(name, _, value)| CompanyChange {
            name: name.to_owned(),
            value: value.clone(),
        })
        .collect();
    let set = web
        .engine
        .set_company(&seat.company, &changes, seat.author())
        .await;
    match set {
        Ok(_) => Ok(onward(seat, step)),
        Err(error @ Error::Invalid { .. }) => {
            let error = Some(error.to_string());
            let page = fields_page(seat, step, fields, Some(&values), error);
            html_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error.into()),
    }
}
