//! What the company is, declares and shows of itself.

use askama::Template;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::company::{Actor, CreditorClass, DebtClass};
use domain::customer::{Channel, ContactSource, DebtorClass, RecipientRole};
use domain::law::Packs;
use domain::user::Permission;
use engine::{Company, CompanyChange, PortalCheck};

use crate::Web;
use crate::page::{Page, Problem, html, html_as};
use crate::routes::Routes;
use crate::session::Seat;
use crate::words::Words;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/company", Permission::Company, show)
        .post("/company", Permission::Company, save)
}

/// How a field is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Email,
    Lines,
    Colour,
    Time,
    Number,
    Tick,
    /// One of these words.
    One(&'static str),
    /// Any of the channels.
    Channels,
    Language,
    Zone,
}

/// The fields of one part of the page: its name, what can be set, and how.
type Part = (&'static str, &'static [(&'static str, Kind)]);

const PARTS: &[Part] = &[
    (
        "company",
        &[
            ("legal_name", Kind::Text),
            ("country", Kind::Text),
            ("currency", Kind::Text),
            ("zone", Kind::Zone),
            ("language", Kind::Language),
        ],
    ),
    (
        "brand",
        &[
            ("brand.name", Kind::Text),
            ("brand.logo", Kind::Text),
            ("brand.colour", Kind::Colour),
            ("brand.signature", Kind::Lines),
            ("brand.phone", Kind::Text),
            ("brand.email", Kind::Email),
            ("brand.bank_data", Kind::Lines),
            ("brand.next_step", Kind::Lines),
            ("brand.tax_id", Kind::Text),
            ("brand.address", Kind::Text),
            ("brand.complaints", Kind::Text),
            ("brand.agency_name", Kind::Text),
            ("brand.agency_address", Kind::Text),
            ("brand.agency_phone", Kind::Text),
        ],
    ),
    (
        "sending",
        &[
            ("sender.name", Kind::Text),
            ("sender.address", Kind::Email),
            ("test_recipient", Kind::Email),
            ("run_hour", Kind::Time),
            ("sends_per_minute", Kind::Number),
            ("sends_per_day", Kind::Number),
        ],
    ),
    (
        "declared",
        &[
            ("creditor", Kind::One("creditor")),
            ("actor", Kind::One("actor")),
            ("debtor", Kind::One("debtor")),
            ("debt", Kind::One("debt")),
            ("final_consumer", Kind::One("yes-no")),
            ("contact_source", Kind::One("contact-source")),
            ("recipient", Kind::One("recipient")),
            ("consents", Kind::Channels),
        ],
    ),
    (
        "safety",
        &[
            ("portal_check", Kind::One("portal-check")),
            ("match_confidence", Kind::Text),
            ("totp_required", Kind::Tick),
        ],
    ),
];

/// Languages that messages are written in, as people there write them.
const LANGUAGES: &[&str] = &[
    "es-MX", "es-AR", "es-CL", "es-CO", "es-EC", "es-ES", "es-PE", "es-US", "pt-BR", "en-US",
];

/// A choice of a field.
struct Choice {
    value: String,
    text: String,
    chosen: bool,
}

/// A field as it is shown.
struct Field {
    name: &'static str,
    id: String,
    label: String,
    help: Option<String>,
    kind: Kind,
    value: String,
    choices: Vec<Choice>,
    error: Option<String>,
}

/// A part of the page.
struct Fields {
    id: &'static str,
    title: String,
    help: String,
    fields: Vec<Field>,
}

#[derive(Template)]
#[template(path = "console/company/show.html")]
struct CompanyPage {
    page: Page,
    parts: Vec<Fields>,
    failed: bool,
}

/// What was sent, field by field.
type Sent = Vec<(String, String)>;

async fn show(seat: Seat) -> Result<Response, Problem> {
    html(&company_page(&seat, &[], &[]))
}

async fn save(
    State(web): State<Web>,
    seat: Seat,
    Form(sent): Form<Sent>,
) -> Result<Response, Problem> {
    let company = &seat.company;
    let fields = PARTS.iter().flat_map(|(_, fields)| fields.iter());
    let changes: Vec<CompanyChange> = fields
        .filter_map(|(name, kind)| {
            let value = sent_value(&sent, name, *kind)?;
            (value != value_of(company, name)).then(|| CompanyChange {
                name: (*name).to_owned(),
                value,
            })
        })
        .collect();
    let wrong: Vec<(String, String)> = changes
        .iter()
        .filter_map(|change| {
            let refused = web.engine.check_company(company, change).err()?;
            Some((change.name.clone(), refused.to_string()))
        })
        .collect();
    if !wrong.is_empty() {
        let page = company_page(&seat, &sent, &wrong);
        return html_as(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    if !changes.is_empty() {
        let author = seat.author();
        web.engine.set_company(company, &changes, author).await?;
    }
    Ok(seat.done("/company", "company-saved"))
}

/// What was sent for a field; `None` where nothing was asked.
fn sent_value(sent: &Sent, name: &str, kind: Kind) -> Option<String> {
    let mut values = sent
        .iter()
        .filter(|(key, _)| key == name)
        .map(|(_, value)| value.trim())
        .peekable();
    values.peek()?;
    Some(match kind {
        Kind::Tick => values.any(|value| value == "true").to_string(),
        Kind::Channels => {
            let channels: Vec<&str> = values.filter(|value| !value.is_empty()).collect();
            channels.join(",")
        }
        _ => values.next_back()?.replace("\r\n", "\n"),
    })
}

fn company_page(seat: &Seat, sent: &[(String, String)], wrong: &[(String, String)]) -> CompanyPage {
    let page = seat.page("company-title");
    let sent = sent.to_vec();
    let field = |(name, kind): &(&'static str, Kind)| {
        let value = sent_value(&sent, name, *kind);
        let value = value.unwrap_or_else(|| value_of(&seat.company, name));
        let id = name.replace(['.', '_'], "-");
        let error = wrong.iter().find(|(key, _)| key == name);
        Field {
            name,
            label: page.t(&format!("company-field-{id}")),
            help: page.words.get(&format!("company-help-{id}")),
            choices: choices(page.words, &seat.company, *kind, &value),
            id,
            kind: *kind,
            value,
            error: error.map(|(_, why)| why.clone()),
        }
    };
    let parts = PARTS
        .iter()
        .map(|(id, fields)| Fields {
            id,
            title: page.t(&format!("company-part-{id}")),
            help: page.t(&format!("company-part-help-{id}")),
            fields: fields.iter().map(field).collect(),
        })
        .collect();
    CompanyPage {
        page,
        parts,
        failed: !wrong.is_empty(),
    }
}

/// What may be chosen in a field.
fn choices(words: &Words, company: &Company, kind: Kind, value: &str) -> Vec<Choice> {
    let choice = |code: &str, text: String| Choice {
        value: code.to_owned(),
        text,
        chosen: code == value,
    };
    match kind {
        Kind::One(what) => {
            let codes = codes(what);
            let known = codes.iter().map(|code| {
                let text = words.t(&format!("company-{what}-{}", code.replace('_', "-")));
                choice(code, text)
            });
            // What was declared once can be changed, not taken back.
            let none = value
                .is_empty()
                .then(|| choice("", words.t("company-undeclared")));
            none.into_iter().chain(known).collect()
        }
        Kind::Channels => {
            let held: Vec<&str> = value.split(',').collect();
            let channels = Channel::ALL.iter().map(|channel| Choice {
                value: channel.code().to_owned(),
                text: words.t(&format!("company-channel-{}", channel.code())),
                chosen: held.contains(&channel.code()),
            });
            channels.collect()
        }
        Kind::Language => {
            let mut tags = LANGUAGES.to_vec();
            if !tags.contains(&value) {
                tags.insert(0, value);
            }
            let text = |tag: &str| {
                let region = tag.split('-').nth(1).unwrap_or_default();
                format!("{} ({region})", Words::of(tag).name)
            };
            tags.iter().map(|tag| choice(tag, text(tag))).collect()
        }
        Kind::Zone => {
            let zones = Packs::embedded().zones(company.country);
            let mut names: Vec<&str> = zones.iter().filter_map(|it| it.iana_name()).collect();
            if !names.contains(&value) {
                names.insert(0, value);
            }
            names
                .iter()
                .map(|name| choice(name, (*name).to_owned()))
                .collect()
        }
        _ => Vec::new(),
    }
}

fn codes(what: &str) -> Vec<&'static str> {
    macro_rules! all {
        ($type:ty) => {
            <$type>::ALL.iter().map(|it| it.code()).collect()
        };
    }
    match what {
        "creditor" => all!(CreditorClass),
        "actor" => all!(Actor),
        "debtor" => all!(DebtorClass),
        "debt" => all!(DebtClass),
        "contact-source" => all!(ContactSource),
        "recipient" => all!(RecipientRole),
        "portal-check" => vec!["amount_or_code", "code"],
        _ => vec!["true", "false"],
    }
}

/// What a field holds now, as it is sent.
fn value_of(company: &Company, name: &str) -> String {
    let (settings, declared) = (&company.settings, &company.declarations);
    let brand = &settings.brand;
    let text = |it: &Option<String>| it.clone().unwrap_or_default();
    macro_rules! declared {
        ($field:ident) => {
            declared
                .$field
                .as_ref()
                .map_or_else(String::new, |it| it.value.code().to_owned())
        };
    }
    match name {
        "legal_name" => company.legal_name.clone(),
        "country" => company.country.to_string(),
        "currency" => company.currency.code().to_owned(),
        "zone" => company.zone.iana_name().unwrap_or_default().to_owned(),
        "language" => company.language.clone(),
        "brand.name" => text(&brand.name),
        "brand.logo" => text(&brand.logo),
        "brand.colour" => brand.colour.clone(),
        "brand.signature" => brand.signature.join("\n"),
        "brand.phone" => text(&brand.phone),
        "brand.email" => text(&brand.email),
        "brand.bank_data" => text(&brand.bank_data),
        "brand.next_step" => text(&brand.next_step),
        "brand.tax_id" => text(&brand.tax_id),
        "brand.address" => text(&brand.address),
        "brand.complaints" => text(&brand.complaints),
        "brand.agency_name" => text(&brand.agency_name),
        "brand.agency_address" => text(&brand.agency_address),
        "brand.agency_phone" => text(&brand.agency_phone),
        "sender.name" => sender(company).map_or_else(String::new, |it| it.name.clone()),
        "sender.address" => sender(company).map_or_else(String::new, |it| it.address.clone()),
        "test_recipient" => text(&settings.test_recipient),
        "run_hour" => settings.run_hour.strftime("%H:%M").to_string(),
        "sends_per_minute" => settings.sends_per_minute.to_string(),
        "sends_per_day" => settings.sends_per_day.to_string(),
        "match_confidence" => {
            let share = rust_decimal::Decimal::new(i64::from(settings.apply_from_ppm), 6);
            share.normalize().to_string()
        }
        "totp_required" => settings.totp_required.to_string(),
        "portal_check" => match settings.portal_check {
            PortalCheck::AmountOrCode => "amount_or_code".to_owned(),
            PortalCheck::Code => "code".to_owned(),
        },
        "creditor" => declared!(creditor),
        "actor" => declared!(actor),
        "debtor" => declared!(debtor),
        "debt" => declared!(debt),
        "contact_source" => declared!(contact_source),
        "recipient" => declared!(recipient),
        "final_consumer" => {
            let declared = declared.final_consumer.as_ref();
            declared.map_or_else(String::new, |it| it.value.to_string())
        }
        "consents" => {
            let held = declared.consents.iter().flat_map(|it| &it.value);
            let codes: Vec<&str> = held.map(|channel| channel.code()).collect();
            codes.join(",")
        }
        _ => String::new(),
    }
}

fn sender(company: &Company) -> Option<&engine::Sender> {
    company.settings.sender.as_ref()
}

#[cfg(test)]
mod tests {
    use engine::SETTABLE;

    use super::*;

    #[test]
    fn all_that_can_be_set_is_asked_for() {
        let mut asked: Vec<&str> = PARTS
            .iter()
            .flat_map(|(_, fields)| fields.iter().map(|(name, _)| *name))
            .collect();
        // Whether a run waits for a look is chosen where runs are seen.
        asked.push("runs");
        asked.sort_unstable();
        let mut settable = SETTABLE.to_vec();
        settable.sort_unstable();
        assert_eq!(asked, settable);
    }
}
