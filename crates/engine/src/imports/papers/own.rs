//! Which tax ids are the company's own: they decide what is owed to it and what it owes.

use std::collections::{BTreeMap, BTreeSet};

use formats::invoice::{Party, Reading};

use super::{ImportReport, PaperSource, read};
use crate::companies::CompanyChange;
use crate::company::Company;
use crate::{Engine, Result};

/// Papers looked at to learn whose they are.
const SAMPLE_PAPERS: u64 = 2_000;

/// The company's own tax ids.
#[derive(Clone, Debug, Default)]
pub(super) struct Own {
    ids: Vec<String>,
}

/// Whose a paper is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// The company issued it.
    Ours,
    /// It was issued to the company.
    OfSupplier,
    /// Neither.
    Foreign,
}

impl Own {
    /// The ids of a company.
    pub(super) fn new(ids: &[String]) -> Self {
        Self {
            ids: ids.iter().map(|id| normal(id)).collect(),
        }
    }

    /// Whether none is known.
    pub(super) fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    fn holds(&self, id: Option<&str>) -> bool {
        id.is_some_and(|id| self.ids.iter().any(|own| same(own, &normal(id))))
    }

    /// Whose a paper of these two is.
    pub(super) fn side(&self, issuer: Option<&str>, receiver: Option<&str>) -> Side {
        if self.holds(issuer) {
            Side::Ours
        } else if self.holds(receiver) {
            Side::OfSupplier
        } else {
            Side::Foreign
        }
    }

    /// Takes the company from the papers, where they leave no doubt: it issued all of them, or is
    /// the only one that stands in each.
    pub(super) fn learn(&mut self, source: &PaperSource) -> Result<()> {
        let mut looked = 0;
        let mut issuers = BTreeSet::new();
        let mut met: BTreeMap<String, u64> = BTreeMap::new();
        read::each(source, &mut |found| {
            let Ok(reading) = &found.outcome else {
                return Ok(());
            };
            let Some((issuer, receiver)) = parties(reading) else {
                return Ok(());
            };
            if looked < SAMPLE_PAPERS {
                looked += 1;
                let both: BTreeSet<String> =
                    [issuer.clone(), receiver].into_iter().flatten().collect();
                issuers.extend(issuer);
                for id in both {
                    *met.entry(id).or_default() += 1;
                }
            }
            Ok(())
        })?;
        let mut in_each = met.into_iter().filter(|(_, count)| *count == looked);
        let only = match (issuers.len(), in_each.next(), in_each.next()) {
            (1, ..) => issuers.into_iter().next(),
            (_, Some((id, _)), None) => Some(id),
            _ => None,
        };
        self.ids.extend(only);
        Ok(())
    }
}

fn parties(reading: &Reading) -> Option<(Option<String>, Option<String>)> {
    let id = |party: &Party| party.tax_id.as_deref().map(normal);
    match reading {
        Reading::Invoice(invoice) => Some((id(&invoice.issuer), id(&invoice.receiver))),
        Reading::Receipt(receipt) => Some((id(&receipt.issuer), id(&receipt.receiver))),
        Reading::Event(_) | Reading::Silent { .. } => None,
    }
}

/// A tax id without the signs it is written with.
pub(super) fn normal(id: &str) -> String {
    let kept = id
        .chars()
        .filter(|sign| sign.is_alphanumeric() || *sign == '&');
    kept.flat_map(char::to_uppercase).collect()
}

/// The same id, one of them perhaps with its country in front (`ESB12345678`).
fn same(one: &str, other: &str) -> bool {
    let bare = |id: &str| -> Option<String> {
        let (country, rest) = id.split_at_checked(2)?;
        let letters = country.bytes().all(|byte| byte.is_ascii_uppercase());
        (letters && rest.len() >= 7).then(|| rest.to_owned())
    };
    one == other || bare(one).as_deref() == Some(other) || bare(other).as_deref() == Some(one)
}

impl Engine {
    /// The company's own tax ids; one that declared none takes it from the papers, and is told.
    pub(super) async fn own(
        &self,
        company: &Company,
        source: &PaperSource,
        author: &str,
        report: &mut ImportReport,
    ) -> Result<Own> {
        let mut own = Own::new(&company.tax_ids());
        if !own.is_empty() {
            return Ok(own);
        }
        let source = source.clone();
        let own = super::super::drafts::off_thread(move || {
            own.learn(&source)?;
            Ok(own)
        })
        .await?;
        if let [id] = own.ids.as_slice() {
            let change = CompanyChange {
                name: "tax_ids".to_owned(),
                value: id.clone(),
            };
            self.set_company(company, &[change], author).await?;
            report.warnings.push(format!(
                "{id} queda como identificación fiscal de la empresa, porque emite los \
                 comprobantes; si no es así: `puntual company set tax_ids=…`"
            ));
        }
        Ok(own)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_a_paper_is() {
        let own = Own::new(&["76.123.456-K".to_owned(), "B12345678".to_owned()]);
        for (issuer, receiver, side) in [
            (Some("76123456-K"), Some("1-9"), Side::Ours),
            (Some("ESB12345678"), None, Side::Ours),
            (Some("1-9"), Some("76123456-K"), Side::OfSupplier),
            (Some("1-9"), Some("2-7"), Side::Foreign),
            (None, None, Side::Foreign),
        ] {
            assert_eq!(own.side(issuer, receiver), side, "{issuer:?} {receiver:?}");
        }
    }
}
