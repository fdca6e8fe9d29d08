//! What is owed and how it may be paid.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use domain::charges::{Charged, Line as ChargeLine};
use domain::ledger::OpenDocument;
use domain::policy::explain::{self, Tongue};
use domain::portal::Totals;
use engine::portal::Account;

use super::{Asked, Frame, Inside};
use crate::Web;
use crate::console::policy::prose;
use crate::page::Problem;
use crate::qr;

/// Documents on a page.
const DOCUMENTS: usize = 40;
/// Documents on a statement.
const STATEMENT_DOCUMENTS: usize = 100;

/// A document as a customer sees it.
struct Line {
    number: String,
    issued: String,
    due: String,
    amount: String,
    applied: Option<String>,
    open: String,
    held: Option<String>,
    overdue: bool,
    may_dispute: bool,
    /// What it consists of, where it is a note of charges.
    note: Option<Note>,
}

/// What a note of charges consists of.
struct Note {
    what: String,
    lines: Vec<(String, String)>,
}

/// A sum per currency.
struct Sum {
    currency: String,
    open: String,
    overdue: String,
    held: Option<String>,
    credit: Option<String>,
    to_pay: String,
    nothing: bool,
}

fn line(p: &Frame, account: &Account, document: &OpenDocument) -> Line {
    let applied = domain::Money::new(
        document.amount.minor - document.open.minor,
        document.amount.currency,
    );
    let some = |money: domain::Money| (money.minor > 0).then(|| p.money(&money));
    Line {
        number: document.number.clone(),
        issued: p.date(&document.issued),
        due: p.date(&document.due),
        amount: p.money(&document.amount),
        applied: some(applied),
        open: p.money(&document.open),
        held: some(document.held),
        overdue: document.due < account.day(),
        may_dispute: document.free().minor > 0,
        note: account.charges_of(document.id).map(|it| note(p, it)),
    }
}

fn note(p: &Frame, charged: &Charged) -> Note {
    let invoice = charged.invoice_number.as_str();
    let day = p.date(&charged.up_to);
    let line = |line: &ChargeLine| {
        let name = &line.name;
        let what = if line.formula.is_empty() {
            name.clone()
        } else {
            format!("{name} ({})", line.formula)
        };
        (what, p.money(&line.amount))
    };
    Note {
        what: p.say(
            "portal-account-note",
            &[("invoice", invoice), ("day", day.as_str())],
        ),
        lines: charged.lines.iter().map(line).collect(),
    }
}

fn sum(p: &Frame, totals: &Totals) -> Sum {
    let some = |money: domain::Money| (money.minor > 0).then(|| p.money(&money));
    Sum {
        currency: totals.open.currency.code().to_owned(),
        open: p.money(&totals.open),
        overdue: p.money(&totals.overdue),
        held: some(totals.held),
        credit: some(totals.credit),
        to_pay: p.money(&totals.to_pay),
        nothing: totals.to_pay.minor == 0,
    }
}

fn lines(p: &Frame, account: &Account, from: usize, most: usize) -> Vec<Line> {
    let documents = account.statement.documents.iter().skip(from).take(most);
    documents
        .map(|document| line(p, account, document))
        .collect()
}

fn sums(p: &Frame, account: &Account) -> Vec<Sum> {
    account.totals.iter().map(|totals| sum(p, totals)).collect()
}

#[derive(Template)]
#[template(path = "portal/account.html")]
struct AccountPage {
    p: Frame,
    customer: String,
    day: String,
    sums: Vec<Sum>,
    lines: Vec<Line>,
    next: Option<usize>,
    promises: Vec<(String, String)>,
    claims: Vec<(String, String)>,
}

pub(super) async fn show(
    State(web): State<Web>,
    Query(asked): Query<Asked>,
    inside: Inside,
) -> Result<Response, Problem> {
    let account = web.engine.portal_account(&inside.visit).await?;
    let p = inside.frame("account").confirming(&asked);
    let next = asked.from.saturating_add(DOCUMENTS);
    let promises = account.promises.iter();
    let claims = account.claims.iter();
    inside.page(&AccountPage {
        customer: inside.visit.customer.name.clone(),
        day: p.date(&account.day()),
        sums: sums(&p, &account),
        lines: lines(&p, &account, asked.from, DOCUMENTS),
        next: (next < account.statement.documents.len()).then_some(next),
        promises: promises
            .map(|it| (p.money(&it.amount), p.date(&it.due_on)))
            .collect(),
        claims: claims
            .map(|it| (p.money(&it.amount), p.date(&it.paid_on)))
            .collect(),
        p,
    })
}

#[derive(Template)]
#[template(path = "portal/statement.html")]
struct StatementPage {
    p: Frame,
    customer: String,
    tax_id: Option<String>,
    legal_name: String,
    day: String,
    sums: Vec<Sum>,
    lines: Vec<Line>,
    more: bool,
}

pub(super) async fn statement(State(web): State<Web>, inside: Inside) -> Result<Response, Problem> {
    let account = web.engine.portal_account(&inside.visit).await?;
    let p = inside.frame("statement");
    inside.page(&StatementPage {
        customer: inside.visit.customer.name.clone(),
        tax_id: inside.visit.customer.tax_id.clone(),
        legal_name: inside.visit.company.legal_name.clone(),
        day: p.date(&account.day()),
        sums: sums(&p, &account),
        lines: lines(&p, &account, 0, STATEMENT_DOCUMENTS),
        more: account.statement.documents.len() > STATEMENT_DOCUMENTS,
        p,
    })
}

#[derive(Template)]
#[template(path = "portal/pay.html")]
struct PayPage {
    p: Frame,
    sums: Vec<Sum>,
    bank: Vec<String>,
    reference: String,
    picture: Option<String>,
    email: Option<String>,
    phone: Option<String>,
}

pub(super) async fn pay(State(web): State<Web>, inside: Inside) -> Result<Response, Problem> {
    let account = web.engine.portal_account(&inside.visit).await?;
    let p = inside.frame("pay");
    let company = &inside.visit.company;
    let brand = &company.settings.brand;
    let bank = brand.bank_data.as_deref().unwrap_or_default();
    let lines = bank.lines().map(str::trim).filter(|line| !line.is_empty());
    let bank: Vec<String> = lines.map(str::to_owned).collect();
    let reference = inside.visit.customer.key.clone();
    let sums = sums(&p, &account);
    let said = p.t("portal-pay-reference");
    let text = format!("{}\n{}\n{said}: {reference}", p.company, bank.join("\n"));
    let sender = company.settings.sender.as_ref();
    inside.page(&PayPage {
        picture: (!bank.is_empty())
            .then(|| qr::svg(&text, &p.t("portal-pay-qr")))
            .flatten(),
        sums,
        bank,
        reference,
        email: brand
            .email
            .clone()
            .or_else(|| sender.map(|sender| sender.address.clone())),
        phone: brand.phone.clone(),
        p,
    })
}

#[derive(Template)]
#[template(path = "portal/how.html")]
struct HowPage {
    p: Frame,
    prose: String,
}

pub(super) async fn how(inside: Inside) -> Result<Response, Problem> {
    let p = inside.frame("how");
    let tongue = Tongue::of(p.words.tag);
    let text = explain::customers(&inside.visit.company.policy, &p.company, tongue);
    inside.page(&HowPage {
        prose: prose::html(&text),
        p,
    })
}
