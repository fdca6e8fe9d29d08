//! Compliance: what the law held back, what came near its edges, the law in force, what the company
//! declared, and where the chain of proofs stands.

mod law;

use std::time::Duration;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use domain::company::Declared;
use domain::law::Packs;
use domain::user::Permission;
use engine::compliance::{Edge, Edges, HeldBack, LOOKED_MAX, RuleLine, Stopped};
use jiff::Timestamp;
use serde::Deserialize;
use store::law::LawPack;
use store::outbox::{Cursor, Listed};
use store::overrides::{self, Override};

use crate::Web;
use crate::console::outbox::{escaped, reason_text};
use crate::download::{Cell, Format, Sheet};
use crate::page::{Page, Problem, html};
use crate::routes::Routes;
use crate::session::Seat;

/// A chain that takes longer to read through is read by command.
const VERIFY_WITHIN: Duration = Duration::from_secs(20);
/// What is wrong with it and is listed.
const FINDINGS: usize = 100;
/// Letters of a digest that are shown.
const DIGEST: usize = 12;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/compliance", Permission::See, show)
        .get("/compliance/chain", Permission::See, verify)
        .get("/compliance/law", Permission::Policy, law::ask)
        .post("/compliance/law", Permission::Policy, law::compare)
        .get(
            "/compliance/law/{name}/{version}",
            Permission::See,
            law::to_come,
        )
        .get("/compliance/{part}/export", Permission::See, export)
}

/// The lists of the page, in its order.
const PARTS: [&str; 8] = [
    "held",
    "stopped",
    "edges",
    "overrides",
    "to-come",
    "packs",
    "regimes",
    "declared",
];

/// A cell of a list.
#[derive(Default)]
struct Shown {
    text: String,
    link: Option<String>,
    /// A caution, as a tag.
    tag: Option<String>,
}

impl Shown {
    fn text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    fn link(text: impl Into<String>, link: String) -> Self {
        Self {
            text: text.into(),
            link: Some(link),
            tag: None,
        }
    }
}

/// A list of the page, which may be taken away.
struct Part {
    key: &'static str,
    title: String,
    help: String,
    empty: String,
    columns: Vec<String>,
    rows: Vec<Vec<Shown>>,
    /// What is said below it: how far it looked.
    note: Option<String>,
    next: Option<String>,
    export: String,
}

impl Part {
    fn new(page: &Page, key: &'static str, columns: &[&str], rows: Vec<Vec<Shown>>) -> Self {
        Self {
            key,
            title: page.t(&format!("compliance-title-{key}")),
            help: page.t(&format!("compliance-help-{key}")),
            empty: page.t(&format!("compliance-empty-{key}")),
            columns: columns
                .iter()
                .map(|column| page.t(&format!("compliance-column-{column}")))
                .collect(),
            rows,
            note: None,
            next: None,
            export: page.url(&format!("/compliance/{key}/export")),
        }
    }
}

#[derive(Deserialize)]
struct Asked {
    /// Where the stretch of contacts begins that is looked at for near misses.
    after: Option<String>,
}

impl Asked {
    fn after(&self) -> Option<Cursor> {
        let (at, contact) = self.after.as_deref()?.split_once('.')?;
        let at = Timestamp::from_microsecond(at.parse().ok()?).ok()?;
        Some((at, contact.parse().ok()?))
    }
}

#[derive(Template)]
#[template(path = "console/compliance/show.html")]
struct CompliancePage {
    page: Page,
    may_compare: bool,
    chain: Chain,
    parts: Vec<Part>,
}

/// Where the chain of proofs stands.
struct Chain {
    sealed: String,
    head: Option<String>,
    waiting: String,
}

async fn show(
    State(web): State<Web>,
    seat: Seat,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let page = seat.page("compliance-title");
    let mut parts = Vec::new();
    for key in PARTS {
        parts.push(part(&web, &seat, &page, (key, asked.after())).await?);
    }
    let head = web.engine.audit_head(&seat.company).await?;
    let waiting = store::chain::waiting(web.engine.db(), seat.company.id).await?;
    let chain = Chain {
        sealed: match &head {
            Some(head) => page.count("compliance-sealed", head.sequence),
            None => page.t("compliance-unsealed"),
        },
        head: head.map(|head| head.head),
        waiting: page.count("compliance-waiting", waiting),
    };
    html(&CompliancePage {
        may_compare: seat.may(Permission::Policy),
        page,
        chain,
        parts,
    })
}

#[derive(Deserialize)]
struct OfPart {
    part: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Taken {
    format: Format,
    after: Option<String>,
}

async fn export(
    State(web): State<Web>,
    seat: Seat,
    Path(of): Path<OfPart>,
    Query(taken): Query<Taken>,
) -> Result<Response, Problem> {
    let page = seat.page("compliance-title");
    let key = PARTS.into_iter().find(|key| *key == of.part);
    let key = key.ok_or(Problem::NotFound)?;
    let after = Asked { after: taken.after }.after();
    let part = part(&web, &seat, &page, (key, after)).await?;
    let row = |row: Vec<Shown>| row.into_iter().map(cell).collect();
    let sheet = Sheet {
        name: format!("cumplimiento-{key}"),
        columns: part.columns,
        rows: part.rows.into_iter().map(row).collect(),
    };
    sheet.answer(taken.format)
}

fn cell(shown: Shown) -> Cell {
    match shown.tag {
        Some(tag) => Cell::Text(format!("{} ({tag})", shown.text)),
        None => Cell::Text(shown.text),
    }
}

async fn part(
    web: &Web,
    seat: &Seat,
    page: &Page,
    (key, after): (&'static str, Option<Cursor>),
) -> Result<Part, Problem> {
    let (engine, company) = (&web.engine, &seat.company);
    Ok(match key {
        "held" => held(page, engine.held_by_law(company).await?),
        "stopped" => stopped(page, &engine.stopped_by_law(company).await?),
        "edges" => edges(page, engine.near_the_edge(company, after).await?),
        "overrides" => {
            let found = overrides::latest(engine.db(), company.id, LOOKED_MAX).await?;
            overridden(page, &found)
        }
        "to-come" => to_come(page, &engine.law_to_come(company).await?),
        "packs" => packs(page, &company.packs, company.day_of(engine.now())),
        "regimes" => regimes(page, &company.packs),
        _ => declared(page, seat),
    })
}

/// The cells of a rule: sentence, article, tier.
fn rule(page: &Page, rule: &RuleLine) -> [Shown; 3] {
    let tier = match rule.tier.as_str() {
        "" => String::new(),
        tier => page.t(&format!("compliance-tier-{tier}")),
    };
    [
        Shown::text(&rule.sentence),
        Shown::text(&rule.article),
        Shown::text(tier),
    ]
}

/// The cells of several rules, one under the other.
fn rules(page: &Page, all: &[RuleLine]) -> [Shown; 3] {
    let mut cells = [Vec::new(), Vec::new(), Vec::new()];
    for one in all {
        for (cell, shown) in cells.iter_mut().zip(rule(page, one)) {
            if !cell.contains(&shown.text) {
                cell.push(shown.text);
            }
        }
    }
    cells.map(|cell| Shown::text(cell.join(" · ")))
}

fn held(page: &Page, held: Option<HeldBack>) -> Part {
    let columns = ["rule", "article", "tier", "customers"];
    let Some(held) = held else {
        return Part::new(page, "held", &columns, Vec::new());
    };
    let rows = held.rules.iter().map(|(line, count)| {
        let mut row = Vec::from(rule(page, line));
        let id: String = line.id.bytes().map(escaped).collect();
        let path = page.url(&format!("/runs/left-alone/unlawful?rule={id}"));
        row.push(Shown::link(page.number(*count), path));
        row
    });
    let mut part = Part::new(page, "held", &columns, rows.collect());
    let (when, customers) = (page.instant(&held.run.at), page.number(held.customers));
    let said = [("when", when.as_str()), ("customers", customers.as_str())];
    part.note = Some(page.say("compliance-held-note", &said));
    part
}

/// The cells that name a contact.
fn contact(page: &Page, contact: &Listed, at: Timestamp) -> Vec<Shown> {
    let customer = page.url(&format!("/customers/{}", contact.customer));
    let path = page.url(&format!("/outbox/{}", contact.id));
    let channel = page.t(&format!("outbox-channel-{}", contact.channel));
    vec![
        Shown::link(&contact.customer_name, customer),
        Shown::link(format!("{} · {channel}", contact.key.step()), path),
        Shown::text(page.instant(&at)),
    ]
}

fn stopped(page: &Page, found: &[Stopped]) -> Part {
    let columns = ["customer", "contact", "when", "rule", "article", "tier"];
    let rows = found.iter().map(|it| {
        let mut row = contact(page, &it.contact, it.contact.at);
        if it.rules.is_empty() {
            let code = it.contact.reason.as_deref().unwrap_or_default();
            row.push(Shown::text(reason_text(page, code)));
            row.extend([Shown::default(), Shown::default()]);
        } else {
            row.extend(rules(page, &it.rules));
        }
        row
    });
    Part::new(page, "stopped", &columns, rows.collect())
}

fn edges(page: &Page, found: Edges) -> Part {
    let columns = [
        "customer", "contact", "when", "edge", "rule", "article", "tier",
    ];
    let rows = found.rows.iter().map(|it| {
        let made = it.contact.performed_at.unwrap_or(it.contact.at);
        let mut row = contact(page, &it.contact, made);
        row.push(Shown::text(match it.edge {
            Edge::Moved { from } => {
                page.say("compliance-edge-moved", &[("from", &page.instant(&from))])
            }
            Edge::EndOfHours => page.t("compliance-edge-end"),
            Edge::LastAllowed => page.t("compliance-edge-last"),
        }));
        row.extend(rules(page, &it.rules));
        row
    });
    let mut part = Part::new(page, "edges", &columns, rows.collect());
    part.note = Some(page.count("compliance-edges-note", found.looked));
    part.next = found.next.map(|(at, id)| {
        page.url(&format!(
            "/compliance?after={}.{id}#edges",
            at.as_microsecond()
        ))
    });
    part
}

/// What people did on a manager's word although the law spoke against it.
fn overridden(page: &Page, found: &[(Override, String)]) -> Part {
    let columns = ["customer", "what", "when", "reason", "author", "proof"];
    let rows = found.iter().map(|(it, name)| {
        let customer = page.url(&format!("/customers/{}", it.customer));
        let proof = page.url(&format!("/proofs/{}", it.message));
        vec![
            Shown::link(name, customer),
            Shown::text(page.t(&format!("outbox-channel-{}", it.channel))),
            Shown::text(page.instant(&it.at)),
            Shown::text(&it.reason),
            Shown::text(&it.author),
            Shown::link(page.t("compliance-proof"), proof),
        ]
    });
    Part::new(page, "overrides", &columns, rows.collect())
}

/// Law that is put in and waits for its day.
fn to_come(page: &Page, found: &[LawPack]) -> Part {
    let columns = ["pack", "version", "from", "author", "changes"];
    let rows = found.iter().map(|it| {
        let version: String = it.version.bytes().map(escaped).collect();
        let path = page.url(&format!("/compliance/law/{}/{version}", it.name));
        vec![
            Shown::text(it.name.to_uppercase()),
            Shown::text(&it.version),
            Shown::text(page.date(&it.in_force_from)),
            Shown::text(&it.author),
            Shown::link(page.t("compliance-see-changes"), path),
        ]
    });
    Part::new(page, "to-come", &columns, rows.collect())
}

fn packs(page: &Page, packs: &Packs, today: jiff::civil::Date) -> Part {
    let columns = ["pack", "version", "as-of", "review", "hash"];
    let rows = packs.files().iter().map(|file| {
        let review = file.review_by.map(|day| Shown {
            text: page.date(&day),
            link: None,
            tag: (day < today).then(|| page.t("compliance-review-past")),
        });
        vec![
            Shown::text(file.name.to_uppercase()),
            Shown::text(&file.version),
            Shown::text(page.date(&file.as_of)),
            review.unwrap_or_default(),
            Shown::text(file.hash.get(..DIGEST).unwrap_or(&file.hash)),
        ]
    });
    Part::new(page, "packs", &columns, rows.collect())
}

fn regimes(page: &Page, packs: &Packs) -> Part {
    let columns = [
        "regime", "country", "article", "binding", "tier", "from", "to",
    ];
    let rows = packs.regimes().map(|regime| {
        let last = regime.effective_to.map(|day| page.date(&day));
        vec![
            Shown::text(&*regime.id),
            Shown::text(regime.country_code()),
            Shown::text(&regime.article),
            Shown::text(page.t(&format!("compliance-binding-{}", regime.binding.code()))),
            Shown::text(page.t(&format!("compliance-tier-{}", regime.tier.code()))),
            Shown::text(page.date(&regime.effective_from)),
            Shown::text(last.unwrap_or_default()),
        ]
    });
    Part::new(page, "regimes", &columns, rows.collect())
}

fn declared(page: &Page, seat: &Seat) -> Part {
    let all = &seat.company.declarations;
    let word =
        |what: &str, code: &str| page.t(&format!("company-{what}-{}", code.replace('_', "-")));
    let line = |fact: &str, said: Option<(String, &str, jiff::civil::Date)>| {
        let name = Shown::text(page.t(&format!("company-field-{fact}")));
        let [value, author, on] = match said {
            Some((value, author, on)) => [value, author.to_owned(), page.date(&on)],
            None => [page.t("company-undeclared"), String::new(), String::new()],
        };
        vec![
            name,
            Shown::text(value),
            Shown::text(author),
            Shown::text(on),
        ]
    };
    fn said<T>(
        of: &Option<Declared<T>>,
        text: impl Fn(&T) -> String,
    ) -> Option<(String, &str, jiff::civil::Date)> {
        let it = of.as_ref()?;
        Some((text(&it.value), it.author.as_str(), it.on))
    }
    let channels = |channels: &Vec<domain::customer::Channel>| {
        let names = channels.iter().map(|it| word("channel", it.code()));
        names.collect::<Vec<_>>().join(", ")
    };
    let rows = vec![
        line(
            "creditor",
            said(&all.creditor, |it| word("creditor", it.code())),
        ),
        line("actor", said(&all.actor, |it| word("actor", it.code()))),
        line("debtor", said(&all.debtor, |it| word("debtor", it.code()))),
        line("debt", said(&all.debt, |it| word("debt", it.code()))),
        line(
            "final-consumer",
            said(&all.final_consumer, |it| word("yes-no", &it.to_string())),
        ),
        line(
            "contact-source",
            said(&all.contact_source, |it| word("contact-source", it.code())),
        ),
        line(
            "recipient",
            said(&all.recipient, |it| word("recipient", it.code())),
        ),
        line("consents", said(&all.consents, channels)),
    ];
    let columns = ["fact", "value", "author", "on"];
    Part::new(page, "declared", &columns, rows)
}

#[derive(Template)]
#[template(path = "console/compliance/chain.html")]
struct ChainPage {
    page: Page,
    /// Whether nothing is wrong; `None` when there was no time to read it through.
    ok: Option<bool>,
    read: String,
    findings: Vec<String>,
}

/// Reads the chain through, now.
async fn verify(State(web): State<Web>, seat: Seat) -> Result<Response, Problem> {
    let page = seat.page("compliance-chain-title");
    let reading = web.engine.audit_verify(&seat.company, &[]);
    let Ok(report) = tokio::time::timeout(VERIFY_WITHIN, reading).await else {
        return html(&ChainPage {
            ok: None,
            read: page.t("compliance-chain-long"),
            findings: Vec::new(),
            page,
        });
    };
    let report = report?;
    let (links, records) = (page.number(report.links), page.number(report.records));
    let said = [("links", links.as_str()), ("records", records.as_str())];
    html(&ChainPage {
        ok: Some(report.ok),
        read: page.say("compliance-chain-read", &said),
        findings: report
            .findings
            .into_iter()
            .map(|it| it.sentence)
            .take(FINDINGS)
            .collect(),
        page,
    })
}
