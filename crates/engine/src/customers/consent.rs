//! What a customer agreed to, for which purpose, and when it wants to be contacted.

use domain::customer::{Channel, Consent, ContactPoint};
use domain::ids::{CompanyId, ContactPointId, CustomerId};
use domain::preference::{Preferences, Purpose, Said, Statement};
use jiff::civil::Date;
use serde::Serialize;
use store::consents::{self, ConsentRecord};
use store::opt_outs::same_of;
use store::{Stamp, Tx, contact_points, customers, preferences};

use super::PointsChanged;
use crate::company::Company;
use crate::{Engine, Error, Result};

/// Lines of a customer's history that are shown.
const HISTORY_MAX: u32 = 200;
/// Letters of the words a customer was shown.
const SHOWN_MAX: usize = 4_000;

/// A line of a customer's history of consents, for lists and exports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConsentLine {
    /// The address; `None` for one that is not kept any more.
    pub address: Option<String>,
    /// Its channel.
    pub channel: String,
    /// About what: `collection`, `offers`.
    pub purpose: String,
    /// What: `given`, `withdrawn`, `unknown`.
    pub said: String,
    /// The day.
    pub since: String,
    /// Where it is on record.
    pub source: String,
    /// The words shown or said.
    pub shown: String,
    /// Whether it is the latest of its address and purpose.
    pub holds: bool,
    /// Who wrote it down.
    pub author: String,
    /// When.
    pub at: String,
}

/// "No more", about collection.
pub(crate) fn withdrawn(on: Date, source: &str) -> Statement {
    Statement {
        purpose: Purpose::Collection,
        said: Said::Withdrawn,
        since: on,
        source: source.to_owned(),
        shown: String::new(),
    }
}

impl Engine {
    /// Writes down what a customer said of being contacted at each of its addresses on a channel,
    /// or at one of them. What is withdrawn of collection holds at once, for what is planned too;
    /// what is withdrawn at an address is so for every customer who is reached there.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a customer that is not there or has no such address,
    /// [`Error::Invalid`] for an empty source or a day to come, and what the database says.
    pub async fn record_consent(
        &self,
        company: &Company,
        customer: &str,
        (channel, address): (Channel, Option<&str>),
        said: &Statement,
        author: &str,
    ) -> Result<PointsChanged> {
        self.check_said(company, said)?;
        let id = customers::id_of(&self.db, company.id, customer)
            .await?
            .ok_or_else(|| Error::no_customer(customer))?;
        let stamp = self.stamp(author);
        let mut tx = self.db.begin().await?;
        let place = (id, channel, address);
        let others = lock_readers(&mut tx, company.id, place, said.said).await?;
        let points = points_at(&mut tx, company.id, place).await?;
        if points.is_empty() {
            return Err(super::no_point(customer, channel, address));
        }
        say_for(
            &mut tx,
            &stamp,
            company.id,
            (&others, channel, &points),
            said,
        )
        .await?;
        let addresses = say_once(&mut tx, &stamp, company.id, (id, points), said).await?;
        tx.commit().await?;
        Ok(PointsChanged {
            customer: customer.to_owned(),
            addresses,
        })
    }

    /// The same for one address, by its id.
    ///
    /// # Errors
    /// As [`Engine::record_consent`].
    pub async fn record_point_consent(
        &self,
        company: &Company,
        whose: (CustomerId, ContactPointId),
        said: &Statement,
        author: &str,
    ) -> Result<()> {
        self.check_said(company, said)?;
        let stamp = self.stamp(author);
        let mut tx = self.db.begin().await?;
        let known = contact_points::get(&mut tx, company.id, whose).await?;
        let known = known.ok_or_else(|| Error::NotFound {
            what: "el medio de contacto",
            key: whose.1.to_string(),
            hint: ": vuelva a la página del cliente".to_owned(),
        })?;
        let place = (whose.0, known.channel, Some(known.address.as_str()));
        let others = lock_readers(&mut tx, company.id, place, said.said).await?;
        let at = (
            others.as_slice(),
            known.channel,
            std::slice::from_ref(&known),
        );
        say_for(&mut tx, &stamp, company.id, at, said).await?;
        consents::say(&mut tx, &stamp, company.id, whose, said).await?;
        tx.commit().await?;
        Ok(())
    }

    fn check_said(&self, company: &Company, said: &Statement) -> Result<()> {
        if said.since > company.day_of(self.now()) {
            let why = format!("el {} está por venir", said.since);
            return Err(Error::invalid("fecha del consentimiento", why));
        }
        if said.source.trim().is_empty() {
            let why = "escriba dónde consta (contrato, correo…)";
            return Err(Error::invalid("origen del consentimiento", why));
        }
        if said.shown.chars().count() > SHOWN_MAX {
            return Err(Error::invalid(
                "texto del consentimiento",
                "es demasiado largo",
            ));
        }
        Ok(())
    }

    /// What a customer said about being contacted, the latest first.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a customer that is not there, and what the database says.
    pub async fn consents(
        &self,
        company: &Company,
        customer: CustomerId,
    ) -> Result<Vec<ConsentLine>> {
        let record = customers::get(&self.db, company.id, customer).await?;
        let record = record.ok_or_else(|| Error::no_customer(&customer.to_string()))?;
        let history = consents::of_customer(&self.db, company.id, customer, HISTORY_MAX).await?;
        let points = &record.customer.contact_points;
        let line = |it: &ConsentRecord| ConsentLine {
            address: points
                .iter()
                .find(|point| point.id == it.point)
                .map(|point| point.address.clone()),
            channel: it.channel.code().to_owned(),
            purpose: it.said.purpose.code().to_owned(),
            said: it.said.said.code().to_owned(),
            since: it.said.since.to_string(),
            source: it.said.source.clone(),
            shown: it.said.shown.clone(),
            holds: latest(&history, it.point, it.said.purpose).is_some_and(|last| last.id == it.id),
            author: it.author.clone(),
            at: it.at.to_string(),
        };
        Ok(history.iter().map(line).collect())
    }

    /// The same by the customer's key.
    ///
    /// # Errors
    /// As [`Engine::consents`].
    pub async fn consents_of(&self, company: &Company, customer: &str) -> Result<Vec<ConsentLine>> {
        let id = customers::id_of(&self.db, company.id, customer).await?;
        let id = id.ok_or_else(|| Error::no_customer(customer))?;
        self.consents(company, id).await
    }

    /// Whether a customer may be contacted on a channel for a purpose other than what it owes: only
    /// where the latest it said of one of its addresses there is that it agrees.
    ///
    /// # Errors
    /// What the database says.
    pub async fn agreed_to(
        &self,
        company: &Company,
        customer: CustomerId,
        (channel, purpose): (Channel, Purpose),
    ) -> Result<bool> {
        let points = customers::points_on(&self.db, company.id, customer, channel).await?;
        let history = consents::of_customer(&self.db, company.id, customer, HISTORY_MAX).await?;
        Ok(points.iter().any(|point| {
            let refused = matches!(point.consent, Consent::Withdrawn { .. });
            let last = latest(&history, point.id, purpose);
            !refused && last.is_some_and(|last| last.said.said == Said::Given)
        }))
    }

    /// When and how a customer wants to be contacted.
    ///
    /// # Errors
    /// What the database says.
    pub async fn preferences(
        &self,
        company: &Company,
        customer: CustomerId,
    ) -> Result<Preferences> {
        Ok(preferences::of_customer(&self.db, company.id, customer).await?)
    }

    /// Takes down when and how a customer wants to be contacted, as it told someone.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a customer that is not there, and what the database says.
    pub async fn set_preferences(
        &self,
        company: &Company,
        customer: CustomerId,
        wanted: &Preferences,
        author: &str,
    ) -> Result<bool> {
        let stamp = self.stamp(author);
        let mut tx = self.db.begin().await?;
        if !customers::lock(&mut tx, company.id, customer).await? {
            return Err(Error::no_customer(&customer.to_string()));
        }
        let news = preferences::set(&mut tx, &stamp, company.id, customer, wanted).await?;
        tx.commit().await?;
        Ok(news)
    }
}

/// A customer's addresses on a channel, or the one that is named.
async fn points_at(
    tx: &mut Tx,
    company: CompanyId,
    (customer, channel, address): (CustomerId, Channel, Option<&str>),
) -> Result<Vec<ContactPoint>> {
    let mut points = customers::points_on(tx, company, customer, channel).await?;
    points.retain(|point| address.is_none_or(|address| point.address == address));
    Ok(points)
}

/// Locks a customer and, before a "no", all who are reached at the same addresses; tells those. In
/// the order of ids, so that two who say no at once do not wait for each other.
pub(crate) async fn lock_readers(
    tx: &mut Tx,
    company: CompanyId,
    place: (CustomerId, Channel, Option<&str>),
    said: Said,
) -> Result<Vec<CustomerId>> {
    let mut all = vec![place.0];
    if said == Said::Withdrawn {
        let points = points_at(&mut *tx, company, place).await?;
        let addresses: Vec<String> = points.into_iter().map(|point| point.address).collect();
        all.extend(contact_points::owners(&mut *tx, company, (place.1, &addresses)).await?);
    }
    all.sort_unstable();
    all.dedup();
    for customer in &all {
        customers::lock(tx, company, *customer).await?;
    }
    all.retain(|customer| *customer != place.0);
    Ok(all)
}

/// Writes down what a customer said at some addresses for the others who are reached there; not who
/// said it, since one may be forgotten without the other.
pub(crate) async fn say_for(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    (others, channel, points): (&[CustomerId], Channel, &[ContactPoint]),
    said: &Statement,
) -> Result<()> {
    if others.is_empty() {
        return Ok(());
    }
    let said = Statement {
        source: format!("{} (de otro cliente, en la misma dirección)", said.source),
        ..said.clone()
    };
    for other in others {
        let mut shared = customers::points_on(&mut *tx, company, *other, channel).await?;
        let same = |it: &ContactPoint| same_of(channel, &it.address).to_owned();
        shared.retain(|it| points.iter().any(|point| same(point) == same(it)));
        say_once(tx, stamp, company, (*other, shared), &said).await?;
    }
    Ok(())
}

/// Writes down what was said at some addresses of a customer where it does not stand already; tells
/// those.
async fn say_once(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    (customer, points): (CustomerId, Vec<ContactPoint>),
    said: &Statement,
) -> Result<Vec<String>> {
    let history = consents::of_customer(&mut *tx, company, customer, HISTORY_MAX).await?;
    let mut addresses = Vec::new();
    for point in points {
        if !holds(&history, point.id, said) {
            consents::say(tx, stamp, company, (customer, point.id), said).await?;
            addresses.push(point.address);
        }
    }
    Ok(addresses)
}

/// The latest line of an address and purpose; the history has the latest first.
fn latest(
    history: &[ConsentRecord],
    point: ContactPointId,
    purpose: Purpose,
) -> Option<&ConsentRecord> {
    let mut of_point = history.iter().filter(|it| it.point == point);
    of_point.find(|it| it.said.purpose == purpose)
}

/// Whether that is what stands already.
fn holds(history: &[ConsentRecord], point: ContactPointId, said: &Statement) -> bool {
    let last = latest(history, point, said.purpose);
    last.is_some_and(|last| last.said.said == said.said)
}
