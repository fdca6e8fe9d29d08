//! What being late costs a customer: reckoned when asked, from the books, the policy, the law and
//! the rates of that day.

mod book;

use std::collections::BTreeSet;

use domain::charges::{Charges, FeeAmount, LateCharges, Rate, Rates, Reckoning};
use domain::customer::{Channel, Consent, ContactPoint, Health};
use domain::facts::Position;
use domain::ids::{ContactPointId, CustomerId};
use domain::law::{self, Facts, Packs};
use jiff::civil::Date;
use store::customers;
use uuid::Uuid;

pub use book::{Booked, BookedNote};

use crate::company::Company;
use crate::{Engine, Error, Result};

impl Engine {
    /// The charges of a customer at the end of a day; none where the policy charges nothing.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a customer that is not there, and what the database says.
    pub async fn charges(
        &self,
        company: &Company,
        customer: CustomerId,
        as_of: Date,
    ) -> Result<Charges> {
        let Some(terms) = &company.policy.late_charges else {
            return Ok(Charges::default());
        };
        let position = self.position(company, customer).await?;
        let rates = self.charge_rates(company, terms).await?;
        Ok(self.reckon(company, terms, &rates, &position, as_of))
    }

    /// The same, for a customer by its key.
    ///
    /// # Errors
    /// As [`Self::charges`].
    pub async fn charges_of(
        &self,
        company: &Company,
        customer: &str,
        as_of: Date,
    ) -> Result<Charges> {
        let id = customers::id_of(&self.db, company.id, customer).await?;
        let id = id.ok_or_else(|| Error::no_customer(customer))?;
        self.charges(company, id, as_of).await
    }

    /// Every rate that the terms and the caps of any law may ask for.
    pub(crate) async fn charge_rates(
        &self,
        company: &Company,
        terms: &LateCharges,
    ) -> Result<Rates> {
        let series = series(terms, &company.packs);
        let series: Vec<&str> = series.into_iter().collect();
        self.rates(company, &series).await
    }

    /// The charges of a position under the law that covers the customer.
    pub(crate) fn reckon(
        &self,
        company: &Company,
        terms: &LateCharges,
        rates: &Rates,
        position: &Position,
        as_of: Date,
    ) -> Charges {
        let facts = Self::facts_of(company, position);
        let law = company.packs.applicable(&facts);
        Reckoning::new(terms, &law, rates, as_of).charges(&position.books)
    }

    /// The facts of the law about a customer, whatever address it has.
    fn facts_of(company: &Company, position: &Position) -> Facts {
        let customer = &position.customer;
        let none = ContactPoint {
            id: ContactPointId::from_uuid(Uuid::nil()),
            channel: Channel::Letter,
            address: String::new(),
            role: None,
            source: None,
            health: Health::Good,
            consent: Consent::Unknown,
        };
        let point = customer.contact_points.first().unwrap_or(&none);
        let declared = &company.declarations;
        law::resolve(&company.packs, company.country, declared, customer, point).facts
    }
}

/// The series that terms and laws name.
fn series<'a>(terms: &'a LateCharges, packs: &'a Packs) -> BTreeSet<&'a str> {
    let mut all = BTreeSet::new();
    if let Some(interest) = &terms.interest
        && let Rate::Series { series, .. } = &interest.rate
    {
        all.insert(series.as_str());
    }
    for fee in &terms.fees {
        if let FeeAmount::Tiered { unit, .. } = &fee.amount {
            all.extend(unit.as_deref());
        }
    }
    for fees in packs.regimes().filter_map(|regime| regime.fees.as_ref()) {
        all.extend(fees.interest_cap_series.as_deref());
        all.extend(fees.progressive.as_ref().map(|scale| scale.unit.as_str()));
    }
    all
}
