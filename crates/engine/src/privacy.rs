//! The rights of the people in the ledger: to see all that is kept of them, and to have their
//! personal text erased. Figures stay under a pseudonym, so that the books balance and the chain of
//! proofs, which holds none of their words, stays valid.

use domain::customer::Country;
use domain::ids::CustomerId;
use domain::law::Retention;
use domain::{Currency, Money};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use serde_json::{Value, json};
use store::positions::{Slice, positions};
use store::privacy::LastActivity;
use store::{customers, privacy as kept};

use crate::company::Company;
use crate::{Engine, Error, Result};

/// Customers looked at with one question.
const PAGE: u32 = 500;
/// Lines of a list of those past their retention.
const DUE_MAX: usize = 1_000;

/// Whether and when a customer's personal text may be erased.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ErasureTerms {
    /// The customer's key.
    pub customer: String,
    /// Amounts still open, owed or in its favour.
    pub open: Vec<String>,
    /// The last day on which something happened with it; `None` when nothing ever did.
    pub last_activity: Option<String>,
    /// Years the record has to be kept behind that day.
    pub years: u16,
    /// What asks for them; `None` for the house's own.
    pub rule: Option<String>,
    /// The first day on which nothing has to be kept; `None` while something is open.
    pub from: Option<String>,
    /// Whether that day is here.
    pub possible: bool,
    /// The pseudonym, where it was done already.
    pub erased: Option<String>,
}

/// What an erasure did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Erased {
    /// The name the figures stay under.
    pub pseudonym: String,
    /// Rows overwritten or deleted, by table.
    pub rows: Vec<(String, u64)>,
}

/// A customer past its retention.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PastRetention {
    /// The customer's key.
    pub customer: String,
    /// Its name.
    pub name: String,
    /// The last day on which something happened with it.
    pub last_activity: String,
    /// The day its retention ended.
    pub since: String,
    /// What asked for it; `None` for the house's own years.
    pub rule: Option<String>,
}

impl Engine {
    /// All that is kept of a customer: as a person reads it, and every row that bears it.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a customer that is not there, and what the database says.
    pub async fn export_person(
        &self,
        company: &Company,
        customer: &str,
        author: &str,
    ) -> Result<Value> {
        let id = self.person(company, customer).await?;
        let rows = kept::everything(&self.db, company.id, id).await?;
        let terms = self.terms(company, id).await?;
        let now = self.now();
        self.note_export(company, id, author).await?;
        Ok(json!({
            "responsable": company.legal_name,
            "cliente": customer,
            "fecha": now.to_string(),
            "conservacion": {
                "años": terms.years,
                "regla": terms.rule,
                "ultima_actividad": terms.last_activity,
                "hasta": terms.from,
            },
            "notas": "Todo lo que se guarda del cliente, tabla por tabla. Los importes van en la \
                      unidad menor de su moneda; los instantes, en microsegundos desde 1970 (UTC); \
                      los archivos, en Base64.",
            "datos": rows,
        }))
    }

    async fn note_export(&self, company: &Company, id: CustomerId, author: &str) -> Result<()> {
        let stamp = self.stamp(author);
        let mut tx = self.db.begin().await?;
        let body = json!({});
        let (kind, entity) = ("customer.exported", Some(id.uuid()));
        store::events::append(&mut tx, &stamp, company.id, kind, entity, &body).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Whether a customer's personal text may be erased, and from when.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a customer that is not there, and what the database says.
    pub async fn erasure_terms(&self, company: &Company, customer: &str) -> Result<ErasureTerms> {
        let id = self.person(company, customer).await?;
        self.terms(company, id).await
    }

    async fn terms(&self, company: &Company, id: CustomerId) -> Result<ErasureTerms> {
        let today = company.day_of(self.now());
        let slice = Slice::Only(vec![id]);
        let found = positions(&self.db, company.id, slice, None).await?;
        let position = found.into_iter().next().map(|standing| standing.position);
        let position = position.ok_or_else(|| Error::no_customer(&id.to_string()))?;
        let statement = position.books.statement(today);
        let owed = statement.documents.iter().map(|it| it.open);
        let open = sums(owed.chain(statement.credits.iter().copied()));
        let activity = kept::last_activity(&self.db, company.id, id).await?;
        let last = last_day(company, activity);
        let retention = retention(company, position.customer.country);
        let erased = kept::erasure(&self.db, company.id, id).await?;
        let ends = last.map_or(today, |last| retention.ends(last));
        let from = open.is_empty().then_some(ends);
        Ok(ErasureTerms {
            customer: position.customer.key,
            open: open.iter().map(ToString::to_string).collect(),
            last_activity: last.map(|day| day.to_string()),
            years: retention.years,
            rule: rule(&retention),
            possible: from.is_some_and(|from| from <= today) && erased.is_none(),
            from: from.map(|day| day.to_string()),
            erased: erased.map(|it| it.pseudonym),
        })
    }

    /// Erases a customer's personal text: name, addresses, tax id, messages, notes, files, what was
    /// said on its page, and what the log tells of them. Figures, days and proofs stay under a
    /// pseudonym. `early` does it although something is open or has to be kept: then the company
    /// cannot contact the customer any more.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a customer that is not there; [`Error::Invalid`] without a reason,
    /// for one that was erased, and, unless `early`, while something is open or its retention runs;
    /// and what the database says. Then nothing was erased.
    pub async fn erase_person(
        &self,
        company: &Company,
        customer: &str,
        (reason, early): (&str, bool),
        author: &str,
    ) -> Result<Erased> {
        let reason = reason.trim();
        if reason.is_empty() {
            return Err(Error::invalid(
                "motivo",
                "escriba por qué se borra, sin nombrar a nadie",
            ));
        }
        let id = self.person(company, customer).await?;
        let terms = self.terms(company, id).await?;
        if terms.erased.is_some() {
            return Err(Error::invalid("cliente", "sus datos ya se borraron"));
        }
        if !early && !terms.possible {
            return Err(Error::invalid("borrado", refusal(&terms)));
        }
        let stamp = self.stamp(author);
        let mut tx = self.db.begin().await?;
        customers::lock(&mut tx, company.id, id).await?;
        let pseudonym = pseudonym(id);
        let said = (pseudonym.as_str(), reason);
        let rows = kept::erase(&mut tx, &stamp, company.id, id, said).await?;
        tx.commit().await?;
        Ok(Erased { pseudonym, rows })
    }

    /// Customers of whom nothing is open and whose retention has ended. Nothing is erased by this.
    ///
    /// # Errors
    /// What the database says.
    pub async fn past_retention(&self, company: &Company) -> Result<Vec<PastRetention>> {
        let today = company.day_of(self.now());
        let (mut after, mut due) = (None, Vec::new());
        loop {
            let page = kept::settled_after(&self.db, company.id, after, PAGE).await?;
            let Some(last) = page.last().copied() else {
                return Ok(due);
            };
            after = Some(last);
            for id in page {
                let activity = kept::last_activity(&self.db, company.id, id).await?;
                let Some(day) = last_day(company, activity) else {
                    continue;
                };
                let Some(record) = customers::get(&self.db, company.id, id).await? else {
                    continue;
                };
                let retention = retention(company, record.customer.country);
                let since = retention.ends(day);
                if since > today {
                    continue;
                }
                due.push(PastRetention {
                    customer: record.customer.key,
                    name: record.customer.name,
                    last_activity: day.to_string(),
                    since: since.to_string(),
                    rule: rule(&retention),
                });
                if due.len() == DUE_MAX {
                    return Ok(due);
                }
            }
        }
    }

    async fn person(&self, company: &Company, customer: &str) -> Result<CustomerId> {
        let id = customers::id_of(&self.db, company.id, customer).await?;
        id.ok_or_else(|| Error::no_customer(customer))
    }
}

/// The name under which figures stay: of the customer's id, so that it says nothing and is one's
/// own.
fn pseudonym(id: CustomerId) -> String {
    let id = id.uuid().simple().to_string();
    format!("borrado-{}", &id[id.len() - 12..])
}

/// What the law of today asks for, where the customer is.
fn retention(company: &Company, country: Option<Country>) -> Retention {
    company.packs.retention(country.unwrap_or(company.country))
}

fn rule(retention: &Retention) -> Option<String> {
    let regime = retention.regime.as_ref()?;
    let article = retention.article.as_deref().unwrap_or_default();
    Some(format!("{regime} ({article})"))
}

fn refusal(terms: &ErasureTerms) -> String {
    match &terms.from {
        None => format!(
            "todavía hay importes abiertos ({}): ciérrelos primero, o borre solo el texto personal \
             con --only-text",
            terms.open.join(", ")
        ),
        Some(from) => format!(
            "la constancia de lo hecho se conserva {} años; se podrá desde el {from}. Mientras \
             tanto puede borrar solo el texto personal con --only-text",
            terms.years
        ),
    }
}

fn last_day(company: &Company, activity: LastActivity) -> Option<Date> {
    let day = |at: Option<Timestamp>| at.map(|at| company.day_of(at));
    let days = [
        activity.document,
        activity.payment,
        day(activity.contact),
        day(activity.message),
    ];
    days.into_iter().flatten().max()
}

/// Sums per currency that are not zero.
fn sums(amounts: impl Iterator<Item = Money>) -> Vec<Money> {
    let mut sums: std::collections::BTreeMap<Currency, i64> = std::collections::BTreeMap::new();
    for amount in amounts {
        let sum = sums.entry(amount.currency).or_insert(0);
        *sum = sum.saturating_add(amount.minor.abs());
    }
    let open = sums.into_iter().filter(|(_, minor)| *minor != 0);
    open.map(|(currency, minor)| Money::new(minor, currency))
        .collect()
}
