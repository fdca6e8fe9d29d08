//! Documents in parts: each part is a document of its own number, due date and amount, tied to the
//! number of the whole.

use std::collections::{HashMap, HashSet};

use domain::paper::part_number;
use formats::spreadsheet::Record;
use store::bulk::PartFacts;
use store::{documents, papers};

use super::ahead::Rows;
use crate::company::Company;
use crate::{Engine, Result};

/// Gives rows that say which part of a document they are the number of the part.
pub(super) fn number_parts(rows: &mut Rows) -> Vec<PartFacts> {
    let mut parts = Vec::new();
    for (_, record) in rows {
        let Record::Document(row) = record else {
            continue;
        };
        let Some(label) = row.instalment.as_deref().map(Label::of) else {
            continue;
        };
        let whole = row.number.clone();
        let (part, of) = match label {
            Label::Whole => continue,
            Label::Word(word) => {
                row.number = format!("{whole} ({word})");
                continue;
            }
            Label::Part(part, Some(of)) => {
                row.number = part_number(&whole, part, of);
                (part, of)
            }
            Label::Part(part, None) => {
                row.number = format!("{whole} ({part})");
                (part, part)
            }
        };
        parts.push(PartFacts {
            document: row.number.clone(),
            whole,
            part,
            parts: of,
        });
    }
    parts
}

/// What a column of instalments says.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Label {
    /// The only part there is.
    Whole,
    /// So manieth, of so many where it is said.
    Part(u32, Option<u32>),
    /// Something else that tells it from the others.
    Word(String),
}

impl Label {
    fn of(text: &str) -> Self {
        let digits = text.split(|sign: char| !sign.is_ascii_digit());
        let mut numbers = digits.filter(|it| !it.is_empty()).map(str::parse::<u32>);
        match (numbers.next(), numbers.next(), numbers.next()) {
            (Some(Ok(1)), Some(Ok(1)), None) => Self::Whole,
            (Some(Ok(part)), Some(Ok(of)), None) if part >= 1 && part <= of => {
                Self::Part(part, Some(of))
            }
            (Some(Ok(part)), None, _) if part >= 1 => Self::Part(part, None),
            _ => Self::Word(text.split_whitespace().collect::<Vec<_>>().join(" ")),
        }
    }
}

/// What the ledger knows in parts.
#[derive(Default)]
pub(super) struct KnownParts {
    /// The numbers of the parts by that of the whole, the earliest due first.
    pub(super) parts: HashMap<String, Vec<String>>,
    /// What is known of each part.
    pub(super) known: HashMap<String, documents::KnownDocument>,
}

impl Engine {
    /// The parts of documents that payments name by the number of the whole.
    pub(super) async fn known_parts(
        &self,
        company: &Company,
        wholes: &[&str],
    ) -> Result<KnownParts> {
        if wholes.is_empty() {
            return Ok(KnownParts::default());
        }
        let parts = papers::parts_of(&self.db, company.id, wholes).await?;
        let numbers: Vec<&str> = parts.values().flatten().map(String::as_str).collect();
        let known = documents::known(&self.db, company.id, &numbers).await?;
        Ok(KnownParts { parts, known })
    }

    /// Takes out rows of documents that are there in parts: a list that names the whole only says
    /// less than what is known. Their numbers.
    pub(super) async fn leave_parts(
        &self,
        company: &Company,
        rows: &mut Rows,
    ) -> Result<Vec<String>> {
        let number = |record: &Record| match record {
            Record::Document(row) => Some(row.number.clone()),
            Record::Customer(_) | Record::Payment(_) => None,
        };
        let numbers: HashSet<String> = rows.iter().filter_map(|(_, it)| number(it)).collect();
        if numbers.is_empty() || !papers::has_parts(&self.db, company.id).await? {
            return Ok(Vec::new());
        }
        let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
        let wholes = papers::wholes(&self.db, company.id, &numbers).await?;
        rows.retain(|(_, record)| number(record).is_none_or(|it| !wholes.contains(&it)));
        let mut wholes: Vec<String> = wholes.into_iter().collect();
        wholes.sort_unstable();
        Ok(wholes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_says_which_part_it_is() {
        for (text, label) in [
            ("1/3", Label::Part(1, Some(3))),
            ("2 de 12", Label::Part(2, Some(12))),
            ("Cuota 003", Label::Part(3, None)),
            ("1/1", Label::Whole),
            ("4/3", Label::Word("4/3".to_owned())),
            ("anticipo", Label::Word("anticipo".to_owned())),
        ] {
            assert_eq!(Label::of(text), label, "{text}");
        }
    }
}
