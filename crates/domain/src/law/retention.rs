//! How long the packs ask to keep the record of what was done with a debtor. Their `records` tables
//! say it in numbers or in a sentence with one; where a country says nothing, the house keeps five
//! years.

use jiff::ToSpan;
use jiff::civil::Date;

use super::pack::Packs;
use super::regime::{Place, Regime};
use crate::customer::Country;

/// Years where no pack of the country says any.
pub const YEARS_OTHERWISE: u16 = 5;

/// Years are never more than this.
const YEARS_MAX: u16 = 100;

/// How long records are kept behind the last thing that happened with a debtor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retention {
    /// The years.
    pub years: u16,
    /// The regime that asks for the most; `None` where the house's own years hold.
    pub regime: Option<String>,
    /// The text it rests on.
    pub article: Option<String>,
}

impl Retention {
    /// The first day on which nothing has to be kept.
    pub fn ends(&self, last_activity: Date) -> Date {
        last_activity
            .checked_add(i64::from(self.years).years())
            .unwrap_or(Date::MAX)
    }
}

impl Packs {
    /// The longest retention that a regime of the country asks for, whether or not it covers this
    /// debtor: too long is a fault that can be mended.
    pub fn retention(&self, country: Country) -> Retention {
        let of_country = self.regimes().filter(|regime| match regime.place {
            Place::Country(own) => own == country,
            Place::Everywhere => true,
            Place::Unpacked => !self.has(country),
        });
        let longest = of_country
            .filter_map(|regime| years_of(regime).map(|years| (years, regime)))
            .max_by_key(|(years, _)| *years);
        match longest {
            Some((years, regime)) => Retention {
                years,
                regime: Some(regime.id.to_string()),
                article: Some(regime.article.clone()),
            },
            None => Retention {
                years: YEARS_OTHERWISE,
                regime: None,
                article: None,
            },
        }
    }
}

fn years_of(regime: &Regime) -> Option<u16> {
    let records = regime.informs.get("records")?;
    let numbers = ["retention_years", "retention_years_after_last_activity"]
        .iter()
        .filter_map(|name| records.get(*name)?.as_integer())
        .filter_map(|years| u16::try_from(years).ok());
    let said = records.get("retention").and_then(|it| it.as_str());
    let said = said.and_then(years_in);
    numbers
        .chain(said)
        .filter(|years| *years <= YEARS_MAX)
        .max()
}

/// The greatest number that stands before the word `years` in a sentence.
fn years_in(text: &str) -> Option<u16> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let pairs = words.windows(2).filter(|pair| pair[1].starts_with("year"));
    pairs.filter_map(|pair| pair[0].parse().ok()).max()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn years_are_read_out_of_numbers_and_sentences() {
        let cases = [
            ("not found; use 5 years", Some(5)),
            ("for the life of the debt + 10 years", Some(10)),
            ("as long as needed", None),
            ("years ago 3 days", None),
        ];
        for (text, wanted) in cases {
            assert_eq!(years_in(text), wanted, "{text}");
        }
    }

    #[test]
    fn each_country_has_its_years_and_the_others_the_houses() {
        let packs = Packs::embedded();
        let years = |code: &str| packs.retention(Country::new(code).expect("a code")).years;
        assert_eq!(years("CL"), 2, "Ley 19.496: two years of each action");
        assert_eq!(years("CO"), 10);
        assert_eq!(years("MX"), 5);
        assert_eq!(years("GT"), YEARS_OTHERWISE);
        let kept = packs.retention(Country::MX).ends(date(2024, 2, 29));
        assert_eq!(kept, date(2029, 2, 28));
    }
}
