//! Lists of customers: what is done to many at once, lists kept by name, and the figures by which
//! they are narrowed and sorted.

use domain::calendar::in_words;
use domain::customer::Channel;
use domain::hold::{Hold, HoldKind};
use domain::ids::{CustomerId, HoldId, ImportId, SavedViewId};
use jiff::civil::Date;
use store::portfolio::figures;
use store::{customers, holds, views};

use crate::company::Company;
use crate::customers::PointFacts;
use crate::{Engine, Error, Result};

/// Customers changed at once by one decision of a person.
pub const BULK_MAX: usize = 5_000;
/// Customers changed in one transaction.
const CHUNK: usize = 500;
/// Letters of a view's name.
const NAME_CHARS_MAX: usize = 60;
/// Letters of a view's question.
const QUERY_CHARS_MAX: usize = 2_000;

/// What was done to many customers, and to whom it was not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BulkDone {
    /// How many were changed.
    pub done: u64,
    /// Keys of those who were not, each with the reason in Spanish.
    pub refused: Vec<(String, String)>,
}

/// Why and until when the collection of many customers is stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkHold {
    /// Why.
    pub kind: HoldKind,
    /// First day on which it no longer holds.
    pub until: Option<Date>,
    /// The reason.
    pub reason: String,
}

/// One address in place of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAddress {
    /// The channel.
    pub channel: Channel,
    /// The address as it is on record.
    pub from: String,
    /// The address from now on.
    pub to: String,
}

impl Engine {
    /// Stops the collection of customers from today on. One who is held already for the same
    /// reason is left as it is, and so is one that is not there.
    ///
    /// # Errors
    /// [`Error::Invalid`] for too many customers, an empty reason or an end that is not to come,
    /// and what the database says; what was committed before an error stays.
    pub async fn hold_customers(
        &self,
        company: &Company,
        chosen: &[CustomerId],
        hold: &BulkHold,
        author: &str,
    ) -> Result<BulkDone> {
        bounded(chosen)?;
        let today = company.day_of(self.now());
        let reason = hold.reason.trim();
        if reason.is_empty() {
            return Err(Error::invalid(
                "motivo",
                "escriba por qué se detiene el cobro",
            ));
        }
        if let Some(until) = hold.until.filter(|until| *until <= today) {
            return Err(Error::invalid(
                "hasta",
                format!("el {} no es posterior a hoy", in_words(until)),
            ));
        }
        let stamp = self.stamp(author);
        let mut done = BulkDone::default();
        for chunk in chosen.chunks(CHUNK) {
            let mut tx = self.db.begin().await?;
            let names = customers::keys(&mut tx, company.id, chunk).await?;
            for (customer, key) in names {
                customers::lock(&mut tx, company.id, customer).await?;
                let known = holds::of_customer(&mut tx, company.id, customer).await?;
                let same = |it: &Hold| {
                    it.holds_on(today)
                        && it.document.is_none()
                        && it.kind == hold.kind
                        && it.reason == reason
                };
                if known.iter().any(same) {
                    let why = "ya está retenido por ese motivo";
                    done.refused.push((key, why.to_owned()));
                    continue;
                }
                let hold = Hold {
                    id: HoldId::from_uuid(stamp.ids.draw()),
                    kind: hold.kind,
                    document: None,
                    amount: None,
                    from: today,
                    until: hold.until,
                    reason: reason.to_owned(),
                    author: author.to_owned(),
                };
                holds::add(&mut tx, &stamp, company.id, customer, &hold).await?;
                done.done += 1;
            }
            tx.commit().await?;
        }
        Ok(done)
    }

    /// Puts one address in the place of another wherever customers have it.
    ///
    /// # Errors
    /// [`Error::Invalid`] for too many customers or what is no address, and what the database says;
    /// what was committed before an error stays.
    pub async fn replace_address(
        &self,
        company: &Company,
        chosen: &[CustomerId],
        new: &NewAddress,
        author: &str,
    ) -> Result<BulkDone> {
        bounded(chosen)?;
        let from = new.from.trim().to_lowercase();
        if from.is_empty() || new.to.trim().is_empty() {
            return Err(Error::invalid(
                "dirección",
                "escriba la que está y la nueva",
            ));
        }
        let mut done = BulkDone::default();
        for chunk in chosen.chunks(CHUNK) {
            for (customer, key) in customers::keys(&self.db, company.id, chunk).await? {
                let points =
                    customers::points_on(&self.db, company.id, customer, new.channel).await?;
                let point = points
                    .into_iter()
                    .find(|it| it.address.to_lowercase() == from);
                let Some(point) = point else {
                    let why = format!("no tiene {}", new.from.trim());
                    done.refused.push((key, why));
                    continue;
                };
                let facts = PointFacts {
                    address: new.to.clone(),
                    role: point.role,
                    source: point.source,
                    health: domain::customer::Health::Good,
                    consent: None,
                };
                let whose = (customer, point.id);
                match self.change_point(company, whose, facts, author).await {
                    Ok(()) => done.done += 1,
                    Err(Error::Invalid { why, .. }) => done.refused.push((key, why)),
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(done)
    }

    /// Keeps a list by name; one of the same author and name is overwritten.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a name that is empty or too long, and what the database says.
    pub async fn save_view(
        &self,
        company: &Company,
        (list, name): (&str, &str),
        query: &str,
        shared: bool,
        author: &str,
    ) -> Result<SavedViewId> {
        let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
        if name.is_empty() || name.chars().count() > NAME_CHARS_MAX {
            let why = format!("escriba de 1 a {NAME_CHARS_MAX} letras");
            return Err(Error::invalid("nombre de la vista", why));
        }
        if query.chars().count() > QUERY_CHARS_MAX {
            return Err(Error::invalid("vista", "tiene demasiadas condiciones"));
        }
        let mut tx = self.db.begin().await?;
        let stamp = self.stamp(author);
        let id = views::save(&mut tx, &stamp, company.id, (list, &name), query, shared).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Takes away a list that its author kept.
    ///
    /// # Errors
    /// What the database says, also when the author has no such view.
    pub async fn remove_view(
        &self,
        company: &Company,
        view: SavedViewId,
        author: &str,
    ) -> Result<()> {
        let mut tx = self.db.begin().await?;
        views::remove(&mut tx, &self.stamp(author), company.id, view).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Brings the figures by which lists are narrowed up to now.
    pub(crate) async fn bring_up_figures(&self, company: &Company) -> Result<()> {
        Ok(figures::bring_up(&self.db, company.id, self.now()).await?)
    }

    /// Notes that an import is about to change money: cut short, the next run takes the figures.
    pub(crate) async fn owe_figures(&self, company: &Company, import: ImportId) -> Result<()> {
        let mut tx = self.db.begin().await?;
        figures::begin_import(&mut tx, company.id, import).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Takes the figures of what an import changed.
    pub(crate) async fn take_figures(
        &self,
        company: &Company,
        import: Option<ImportId>,
        touched: &[CustomerId],
    ) -> Result<()> {
        figures::refresh_customers(&self.db, company.id, touched, self.now()).await?;
        if let Some(import) = import {
            let mut tx = self.db.begin().await?;
            figures::end_import(&mut tx, company.id, import).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}

fn bounded(chosen: &[CustomerId]) -> Result<()> {
    if chosen.len() > BULK_MAX {
        let why = format!("son más de {BULK_MAX}: reduzca la lista con los filtros");
        return Err(Error::invalid("clientes", why));
    }
    Ok(())
}
