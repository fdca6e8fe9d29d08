//! Profiles: how one bank writes its table. Some ship with Puntual; others are kept from a
//! mapping that a person made once.

use std::sync::LazyLock;

use domain::Currency;
use serde::{Deserialize, Serialize};

use super::super::BankFormat;
use super::words::{Role, folded as fold_name};
use crate::amount::DecimalMark;
use crate::date::DateOrder;

/// How one bank writes its table.
///
/// With column names it is recognised by them; without any it is a table without names, and is
/// recognised by what stands in each column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The bank and which of its tables.
    pub name: String,
    /// ISO 4217 code, where the table does not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Order of day and month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dates: Option<DateOrder>,
    /// Decimal mark.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decimal: Option<DecimalMark>,
    /// A positive amount went out, as card statements write it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub outflows_positive: bool,
    /// Columns of fees are negative where something was kept.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fees_negative: bool,
    /// The provider of payments whose settlement it is, if it is no bank's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<Provider>,
    /// The columns, in order.
    pub columns: Vec<ProfileColumn>,
}

/// Providers of payments whose settlements are tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provider {
    /// PayPal: the download of its activity.
    PayPal,
    /// Adyen: the settlement details report.
    Adyen,
}

impl Provider {
    /// How its statements are written.
    pub(super) const fn format(self) -> BankFormat {
        match self {
            Self::PayPal => BankFormat::PayPal,
            Self::Adyen => BankFormat::Adyen,
        }
    }
}

/// A column of a profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfileColumn {
    /// Its name as the bank writes it; empty in a table without names.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// What it holds.
    pub role: Role,
    /// The cells stand this many columns to the right of the name (merged cells).
    #[serde(default, skip_serializing_if = "is_zero")]
    pub offset: usize,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the shape serde calls it with"
)]
fn is_zero(offset: &usize) -> bool {
    *offset == 0
}

impl Profile {
    /// A profile from what a person said of a table's columns: their names in order and what each
    /// holds.
    pub fn learnt(name: &str, columns: impl IntoIterator<Item = (String, Role)>) -> Self {
        Self {
            name: name.to_owned(),
            currency: None,
            dates: None,
            decimal: None,
            outflows_positive: false,
            fees_negative: false,
            provider: None,
            columns: columns
                .into_iter()
                .map(|(name, role)| ProfileColumn {
                    name,
                    role,
                    offset: 0,
                })
                .collect(),
        }
    }

    /// What a table with this header is recognised by, whatever case and accents.
    pub fn signature(&self) -> String {
        let folded = self.columns.iter().map(|column| fold_name(&column.name));
        let named: Vec<String> = folded.filter(|name| !name.is_empty()).collect();
        named.join("|")
    }

    /// Whether the table has no column names.
    pub(super) fn is_nameless(&self) -> bool {
        self.columns.iter().all(|column| column.name.is_empty())
    }

    /// Where its columns stand under these names; `None` when one of them is missing.
    pub(super) fn columns_in(&self, names: &[String]) -> Option<Vec<(usize, Role)>> {
        if self.is_nameless() {
            return None;
        }
        let folded: Vec<String> = names.iter().map(|name| fold_name(name)).collect();
        let mut taken = vec![false; folded.len()];
        let mut found = Vec::new();
        for (index, column) in self.columns.iter().enumerate() {
            if column.name.is_empty() {
                found.push((index, column.role));
                continue;
            }
            let wanted = fold_name(&column.name);
            let at = (0..folded.len()).find(|at| !taken[*at] && folded[*at] == wanted)?;
            taken[at] = true;
            found.push((at + column.offset, column.role));
        }
        Some(found)
    }

    /// The currency it says.
    pub(super) fn currency(&self) -> Option<Currency> {
        Currency::new(self.currency.as_deref()?).ok()
    }
}

/// The file of profiles.
#[derive(Deserialize)]
struct Pack {
    profile: Vec<Profile>,
}

/// Profiles that ship with Puntual, by country.
const PACKS: [&str; 3] = [
    include_str!("../../../../../packs/banks/america.toml"),
    include_str!("../../../../../packs/banks/europe.toml"),
    include_str!("../../../../../packs/banks/providers.toml"),
];

/// The profiles that ship with Puntual.
pub fn shipped() -> &'static [Profile] {
    static SHIPPED: LazyLock<Vec<Profile>> = LazyLock::new(|| {
        PACKS
            .iter()
            .filter_map(|pack| toml::from_str::<Pack>(pack).ok())
            .flat_map(|pack| pack.profile)
            .collect()
    });
    &SHIPPED
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pack_is_read() {
        for pack in PACKS {
            let pack: Pack = toml::from_str(pack).expect("a pack of profiles");
            for profile in &pack.profile {
                let roles: Vec<Role> = profile.columns.iter().map(|column| column.role).collect();
                let has = |role| roles.contains(&role);
                assert!(has(Role::Booked), "{}", profile.name);
                assert!(
                    has(Role::Amount) || has(Role::Debit) || has(Role::Credit),
                    "{}",
                    profile.name
                );
                assert!(
                    profile.currency.is_none() || profile.currency().is_some(),
                    "{}",
                    profile.name
                );
            }
        }
        assert!(shipped().len() >= 20);
    }

    #[test]
    fn a_mapping_made_once_is_kept_as_text() {
        let learnt = Profile::learnt(
            "Banco del Sur",
            [
                ("Día".to_owned(), Role::Booked),
                ("Monto".to_owned(), Role::Amount),
                ("Notas".to_owned(), Role::Text),
            ],
        );
        let kept = serde_json::to_string(&learnt).expect("JSON");
        let read: Profile = serde_json::from_str(&kept).expect("JSON");
        assert_eq!(read, learnt);
        assert_eq!(learnt.signature(), "dia|monto|notas");
        let names = ["NOTAS", "dia", "otra", "Monto"].map(str::to_owned);
        assert_eq!(
            learnt.columns_in(&names),
            Some(vec![(1, Role::Booked), (3, Role::Amount), (0, Role::Text)])
        );
    }
}
