//! What people record about a customer: notes, calls, payments, promises, words and keepers.

use axum::extract::{Form, Path, State};
use axum::response::Response;
use domain::ids::{CustomerId, UserId};
use domain::user::Role;
use engine::customers::{CustomerPage, TagChange};
use engine::payments::NewPayment;
use engine::promises::NewPromise;

use super::fields::{Field, FormPage, Kind, Typed, amount, day, filled, text};
use super::{At, refusal};
use crate::Web;
use crate::page::Problem;
use crate::session::Seat;

/// Documents that a select offers.
const OPTIONS_MAX: usize = 200;
/// Members a customer may be given to.
const MEMBERS_MAX: u32 = 200;

/// A form of a customer, with its title and button.
pub(super) async fn form(
    web: &Web,
    seat: &Seat,
    at: At,
    what: &str,
    fields: impl FnOnce(&CustomerPage, &crate::page::Page) -> Vec<Field>,
) -> Result<FormPage, Problem> {
    let customer = web
        .engine
        .customer(&seat.company, at.customer, None)
        .await?;
    let page = seat.page("customers-title");
    let title = page.t(&format!("customers-act-{what}"));
    let fields = fields(&customer, &page);
    let submit = page.t("customers-save");
    let path = format!("/customers/{}", at.customer);
    Ok(FormPage {
        action: seat.url(&format!("{path}/{what}")),
        back: seat.url(&path),
        customer: customer.position.customer.name,
        intro: None,
        submit,
        fields,
        error: None,
        page: page.titled(title),
    })
}

/// Back to the customer, saying what was done.
pub(super) fn done(seat: &Seat, customer: CustomerId, what: &str) -> Response {
    seat.done(&format!("/customers/{customer}"), what)
}

pub(super) async fn key(web: &Web, seat: &Seat, customer: CustomerId) -> Result<String, Problem> {
    let keys = store::customers::keys(web.engine.db(), seat.company.id, &[customer]).await?;
    let key = keys.into_iter().next().map(|(_, key)| key);
    key.ok_or(Problem::NotFound)
}

async fn note_page(web: &Web, seat: &Seat, at: At) -> Result<FormPage, Problem> {
    form(web, seat, at, "note", |_, page| {
        vec![Field::new(Kind::Lines, "note", page.t("customers-note"))]
    })
    .await
}

pub(super) async fn note_form(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<At>,
) -> Result<Response, Problem> {
    note_page(&web, &seat, at).await?.show()
}

pub(super) async fn note(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<At>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let note = text(&typed, "note");
    let engine = &web.engine;
    match engine
        .add_note(&seat.company, at.customer, note, seat.author())
        .await
    {
        Ok(_) => Ok(done(&seat, at.customer, "note-added")),
        Err(error) => {
            let (_, why) = refusal(error)?;
            note_page(&web, &seat, at)
                .await?
                .again(&typed, ("note", why))
        }
    }
}

/// Amount and currency; of several currencies only those the customer has.
pub(super) fn money_fields(
    seat: &Seat,
    customer: &CustomerPage,
    page: &crate::page::Page,
) -> Vec<Field> {
    let currencies = customer.currencies(&seat.company);
    let value = currencies.first().map_or("", |it| it.code()).to_owned();
    let options = currencies
        .iter()
        .map(|it| (it.code().to_owned(), it.code().to_owned()));
    vec![
        Field::new(Kind::Amount, "amount", page.t("customers-amount")),
        Field::new(Kind::Choice, "currency", page.t("customers-currency"))
            .options(options.collect())
            .value(value),
    ]
}

/// The open documents, with what is open of each.
pub(super) fn document_field(
    customer: &CustomerPage,
    page: &crate::page::Page,
    none: String,
) -> Field {
    let mut options = vec![(String::new(), none)];
    let open = customer.statement.documents.iter().take(OPTIONS_MAX);
    options.extend(open.map(|it| {
        let words = format!("{} · {}", it.number, page.money(&it.open));
        (it.number.clone(), words)
    }));
    Field::new(Kind::Choice, "document", page.t("customers-document"))
        .options(options)
        .optional()
}

async fn payment_page(web: &Web, seat: &Seat, at: At) -> Result<FormPage, Problem> {
    form(web, seat, at, "payment", |customer, page| {
        let mut fields = money_fields(seat, customer, page);
        fields.push(
            Field::new(Kind::Day, "on", page.t("customers-paid-on"))
                .value(customer.today.to_string()),
        );
        fields.push(
            Field::new(Kind::Line, "reference", page.t("customers-reference"))
                .optional()
                .help(page.t("customers-reference-help")),
        );
        let rule = page.t("customers-by-rule");
        fields.push(document_field(customer, page, rule));
        fields
    })
    .await
}

pub(super) async fn payment_form(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<At>,
) -> Result<Response, Problem> {
    payment_page(&web, &seat, at).await?.show()
}

pub(super) async fn payment(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<At>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let wrong = |field: &'static str, text: &str| (field, seat.words().t(text));
    let answer = async {
        let amount = amount(text(&typed, "amount"));
        let amount = amount.ok_or_else(|| wrong("amount", "customers-no-amount"))?;
        let on = day(text(&typed, "on")).map_err(|()| wrong("on", "customers-no-day"))?;
        Ok((amount, on))
    };
    let (amount, on) = match answer.await {
        Ok(read) => read,
        Err(error) => return payment_page(&web, &seat, at).await?.again(&typed, error),
    };
    let new = NewPayment {
        customer: key(&web, &seat, at.customer).await?,
        amount,
        currency: currency(&typed),
        on,
        reference: filled(&typed, "reference").map(str::to_owned),
        documents: filled(&typed, "document")
            .map(|number| (number.to_owned(), None))
            .into_iter()
            .collect(),
    };
    match web
        .engine
        .add_payment(&seat.company, new, seat.author())
        .await
    {
        Ok(_) => Ok(done(&seat, at.customer, "payment-added")),
        Err(error) => {
            let (what, why) = refusal(error)?;
            let field = match what {
                "importe" => "amount",
                "referencia" => "reference",
                "aplicación" | "documento" => "document",
                _ => "",
            };
            payment_page(&web, &seat, at)
                .await?
                .again(&typed, (field, why))
        }
    }
}

pub(super) fn currency(typed: &Typed) -> Option<domain::Currency> {
    domain::Currency::new(text(typed, "currency")).ok()
}

async fn promise_page(web: &Web, seat: &Seat, at: At) -> Result<FormPage, Problem> {
    let days = seat.company.policy.terms.promise_days_max;
    form(web, seat, at, "promise", |customer, page| {
        let mut fields = money_fields(seat, customer, page);
        let due = Field::new(Kind::Day, "due_on", page.t("customers-promise-due"));
        fields.push(match days {
            Some(days) => due.help(page.count("customers-promise-days", days)),
            None => due,
        });
        fields.push(Field::new(Kind::Lines, "note", page.t("customers-promise-note")).optional());
        fields
    })
    .await
}

pub(super) async fn promise_form(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<At>,
) -> Result<Response, Problem> {
    promise_page(&web, &seat, at).await?.show()
}

pub(super) async fn promise(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<At>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let Some(amount) = amount(text(&typed, "amount")) else {
        let why = ("amount", seat.words().t("customers-no-amount"));
        return promise_page(&web, &seat, at).await?.again(&typed, why);
    };
    let Ok(Some(due_on)) = day(text(&typed, "due_on")) else {
        let why = ("due_on", seat.words().t("customers-no-day"));
        return promise_page(&web, &seat, at).await?.again(&typed, why);
    };
    let new = NewPromise {
        customer: key(&web, &seat, at.customer).await?,
        amount,
        currency: currency(&typed),
        made_on: None,
        due_on,
        note: text(&typed, "note").to_owned(),
    };
    match web
        .engine
        .add_promise(&seat.company, new, seat.author())
        .await
    {
        Ok(_) => Ok(done(&seat, at.customer, "promise-added")),
        Err(error) => {
            let (what, why) = refusal(error)?;
            let field = if what == "importe" {
                "amount"
            } else {
                "due_on"
            };
            promise_page(&web, &seat, at)
                .await?
                .again(&typed, (field, why))
        }
    }
}

async fn attach_page(web: &Web, seat: &Seat, at: At) -> Result<FormPage, Problem> {
    let members = web
        .engine
        .members(seat.company.id, None, MEMBERS_MAX)
        .await?;
    form(web, seat, at, "attach", |customer, page| {
        let mut options = vec![(String::new(), page.t("customers-nobody"))];
        let working = members.iter().filter(|it| it.role != Role::Auditor);
        options.extend(working.map(|it| (it.user.to_string(), it.name.clone())));
        let keeper = customer.keeper.map(|it| it.to_string());
        vec![
            Field::new(Kind::Line, "tags", page.t("customers-tags"))
                .optional()
                .value(customer.position.customer.tags.join(", "))
                .help(page.t("customers-tags-help")),
            Field::new(Kind::Choice, "keeper", page.t("customers-keeper"))
                .options(options)
                .optional()
                .value(keeper.unwrap_or_default()),
        ]
    })
    .await
}

pub(super) async fn attach_form(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<At>,
) -> Result<Response, Problem> {
    attach_page(&web, &seat, at).await?.show()
}

pub(super) async fn attach(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<At>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let (engine, company) = (&web.engine, &seat.company);
    let before = engine.position(company, at.customer).await?.customer.tags;
    let words = text(&typed, "tags").split(',');
    let words = words.map(str::trim).filter(|it| !it.is_empty());
    let add: Vec<String> = words.map(str::to_owned).collect();
    let same = |a: &String, b: &String| a.to_lowercase() == b.to_lowercase();
    let gone = |tag: &&String| !add.iter().any(|it| same(it, tag));
    let remove = before.iter().filter(gone).cloned().collect();
    let change = TagChange { add, remove };
    let keeper: Option<UserId> = match filled(&typed, "keeper").map(str::parse) {
        None => None,
        Some(Ok(user)) => Some(user),
        Some(Err(_)) => return Err(Problem::NotFound),
    };
    if let Some(user) = keeper
        && store::users::role(engine.db(), company.id, user)
            .await?
            .is_none()
    {
        return Err(Problem::NotFound);
    }
    let one = [at.customer];
    let set = engine.set_tags(company, &one, &change, seat.author()).await;
    if let Err(error) = set {
        let (_, why) = refusal(error)?;
        return attach_page(&web, &seat, at)
            .await?
            .again(&typed, ("tags", why));
    }
    engine.assign(company, &one, keeper, seat.author()).await?;
    Ok(done(&seat, at.customer, "customer-changed"))
}
