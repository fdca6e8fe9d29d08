//! What a file tells of the company it belongs to, for the first import into an empty database.

use std::collections::HashMap;
use std::hash::Hash;

use domain::Currency;
use domain::customer::Country;
use formats::spreadsheet::{self, Entity, Read};

use super::{Source, bank, profile};
use crate::Result;

/// Rows looked at per table.
const SAMPLE_ROWS: usize = 2_000;

/// What the first files tell of the company.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Guess {
    /// The country of most customers.
    pub country: Option<Country>,
    /// The currency of most documents.
    pub currency: Option<Currency>,
}

/// Looks at files for the country of most customers and the currency of most documents. Where only
/// one of them shows, the other follows where it can only be one.
///
/// # Errors
/// What opening the files says.
pub fn guess(sources: &[Source<'_>]) -> Result<Guess> {
    let mut countries = HashMap::new();
    let mut currencies = HashMap::new();
    for source in sources {
        if bank::is_statement(source)? {
            currencies.tally(bank::currency(source)?);
            continue;
        }
        for table in &profile(source)?.tables {
            for read in spreadsheet::records(source.open()?, table)?.take(SAMPLE_ROWS) {
                if let Read::Record { record, .. } = read? {
                    countries.tally(record.customer().country);
                    currencies.tally(record.currency());
                }
            }
        }
    }
    let country = most(&countries);
    let currency = most(&currencies);
    Ok(Guess {
        country: country.or_else(|| currency.and_then(country_of)),
        currency,
    })
}

/// Puts files in the order in which they build on each other: customers, documents, payments.
///
/// # Errors
/// What opening the files says.
pub fn order(sources: Vec<Source<'_>>) -> Result<Vec<Source<'_>>> {
    let mut ranked = Vec::with_capacity(sources.len());
    for source in sources {
        if bank::is_statement(&source)? {
            ranked.push((Some(STATEMENT), source));
            continue;
        }
        let rank = profile(&source)?
            .tables
            .iter()
            .map(|table| rank(table.mapping.entity))
            .min();
        ranked.push((rank, source));
    }
    ranked.sort_by_key(|(rank, _)| *rank);
    Ok(ranked.into_iter().map(|(_, source)| source).collect())
}

/// Behind everything that its lines may pay.
const STATEMENT: u8 = 3;

/// Customers before documents before payments.
pub(super) const fn rank(entity: Entity) -> u8 {
    match entity {
        Entity::Customers => 0,
        Entity::Documents => 1,
        Entity::Payments => 2,
    }
}

trait Count<T> {
    fn tally(&mut self, value: Option<T>);
}

impl<T: Eq + Hash> Count<T> for HashMap<T, u32> {
    fn tally(&mut self, value: Option<T>) {
        if let Some(value) = value {
            *self.entry(value).or_insert(0) += 1;
        }
    }
}

fn most<T: Copy + Ord>(counts: &HashMap<T, u32>) -> Option<T> {
    counts
        .iter()
        .max_by_key(|(value, count)| (**count, **value))
        .map(|(value, _)| *value)
}

/// The country of a currency that only one country has.
fn country_of(currency: Currency) -> Option<Country> {
    let code = match currency.code() {
        "MXN" => "MX",
        "CLP" | "CLF" => "CL",
        "COP" => "CO",
        "PEN" => "PE",
        "BRL" => "BR",
        "ARS" => "AR",
        "UYU" => "UY",
        "CRC" => "CR",
        "GTQ" => "GT",
        "BOB" => "BO",
        "PYG" => "PY",
        _ => return None,
    };
    Country::new(code)
}
