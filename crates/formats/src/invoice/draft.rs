//! What the readers of every standard do alike: spell a tax id, settle a sign, lay out instalments.

use domain::Money;
use domain::document::DocumentKind;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::fault::Problem;
use super::model::{Instalment, Line, Terms};
use super::node::Node;

/// A tax id in one spelling: upper case, without dots, blanks and strokes; `None` for the ways of
/// writing that there is none (`-`, `0`, `00000000`).
pub(super) fn tax_id(text: &str) -> Option<String> {
    let id: String = text
        .chars()
        .filter(|c| c.is_ascii_alphanumeric())
        .map(|c| c.to_ascii_uppercase())
        .collect();
    id.bytes().any(|byte| byte != b'0').then_some(id)
}

/// Series and number as people write them: `A-1045`. A number that begins with the letters of its
/// series holds it already.
pub(super) fn numbered(series: Option<&str>, number: &str) -> String {
    match series {
        Some(series) => {
            let holds = number.starts_with(series) && series.chars().any(char::is_alphabetic);
            if holds {
                number.to_owned()
            } else {
                format!("{series}-{number}")
            }
        }
        None => number.to_owned(),
    }
}

/// What is owed, its sign settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Owed {
    pub kind: DocumentKind,
    pub total: Money,
    pub payable: Money,
    /// The document's own amounts carry the other sign.
    pub flipped: bool,
}

impl Owed {
    /// Amounts as the document writes them; a negative total turns an invoice into a credit note.
    /// `None` where there is nothing to be paid, nor ever was.
    pub fn new(kind: DocumentKind, total: Money, payable: Money) -> Option<Self> {
        if total.minor == 0 {
            return None;
        }
        let flipped = total.minor < 0;
        let positive = |money: Money| Money {
            minor: if flipped {
                money.minor.saturating_neg()
            } else {
                money.minor
            },
            ..money
        };
        Some(Self {
            kind: match (kind, flipped) {
                (kind, false) => kind,
                (DocumentKind::CreditNote, true) => DocumentKind::DebitNote,
                (_, true) => DocumentKind::CreditNote,
            },
            total: positive(total),
            payable: positive(payable),
            flipped,
        })
    }

    /// Keeps what is to be paid between nothing and the total, and says so.
    pub fn bound(&mut self, warnings: &mut Vec<String>) {
        if self.payable.minor < 0 {
            warnings.push(format!(
                "Por pagar: {} es menos que cero (se anticipó de más); se tomó cero.",
                self.payable.decimal()
            ));
            self.payable.minor = 0;
        }
        if self.payable.minor > self.total.minor {
            warnings.push(format!(
                "Por pagar: {} es más que el total {}; se tomó el total.",
                self.payable.decimal(),
                self.total.decimal()
            ));
            self.payable = self.total;
        }
    }

    /// Turns lines the way the totals were turned.
    pub fn turn(&self, lines: &mut [Line]) {
        if !self.flipped {
            return;
        }
        for line in lines {
            line.amount = -line.amount;
            line.quantity = line.quantity.map(|quantity| -quantity);
        }
    }
}

/// Lays out the parts a document names: one is a due date, several are instalments in the order of
/// their days. Parts that do not add up to what is to be paid leave the last day alone.
pub(super) fn lay_out(
    terms: &mut Terms,
    mut parts: Vec<Instalment>,
    payable: Money,
    warnings: &mut Vec<String>,
) {
    let Some(last) = parts.iter().map(|part| part.due).max() else {
        return;
    };
    terms.due = Some(last);
    let sum = sum(&parts, payable.currency);
    if sum != Some(payable) {
        warnings.push(format!(
            "Vencimientos: suman {} y por pagar son {}; se tomó el último día.",
            sum.map_or("demasiado".to_owned(), |sum| sum.decimal().to_string()),
            payable.decimal()
        ));
        return;
    }
    if parts.len() > 1 {
        parts.sort_by_key(|part| part.due);
        terms.instalments = parts;
    }
}

/// What parts come to; `None` where it cannot be counted.
pub(super) fn sum(parts: &[Instalment], currency: domain::Currency) -> Option<Money> {
    parts
        .iter()
        .try_fold(Money::zero(currency), |sum, part| {
            sum.checked_add(part.amount)
        })
        .ok()
}

/// A date that must be there.
pub(super) fn required_date(node: &Node, path: &str) -> Result<Date, Problem> {
    node.date(path)?
        .ok_or_else(|| node.problem(path, "falta esta fecha"))
}

/// An amount that must be there.
pub(super) fn required_money(
    node: &Node,
    path: &str,
    currency: domain::Currency,
) -> Result<Money, Problem> {
    node.money(path, currency)?
        .ok_or_else(|| node.problem(path, "falta este importe"))
}

/// A rate in per cent as a fraction.
pub(super) fn fraction(per_cent: Decimal) -> Decimal {
    (per_cent / Decimal::ONE_HUNDRED).normalize()
}

/// Addresses of one field, several of them parted by `;` or `,`.
pub(super) fn emails(field: Option<&str>) -> impl Iterator<Item = String> + '_ {
    field
        .into_iter()
        .flat_map(|text| text.split([';', ',']))
        .map(str::trim)
        .filter(|address| address.contains('@'))
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use domain::Currency;
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_tax_id_has_one_spelling() {
        let cases = [
            ("12.345.678/0001-95", Some("12345678000195")),
            ("b-77436020", Some("B77436020")),
            ("es b77436020", Some("ESB77436020")),
            ("-", None),
            ("00000000", None),
        ];
        for (text, expected) in cases {
            assert_eq!(tax_id(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_series_is_not_written_twice() {
        let cases = [
            (Some("A"), "1045", "A-1045"),
            (Some("FAC"), "FAC-7", "FAC-7"),
            (Some("1"), "1234", "1-1234"),
            (None, "9", "9"),
        ];
        for (series, number, expected) in cases {
            assert_eq!(numbered(series, number), expected);
        }
    }

    #[test]
    fn the_sign_decides_what_it_does() {
        let euro = |minor| Money::new(minor, Currency::EUR);
        let kind = |kind, total| Owed::new(kind, euro(total), euro(total)).map(|owed| owed.kind);
        use DocumentKind::{CreditNote, DebitNote, Invoice};
        assert_eq!(kind(Invoice, 100), Some(Invoice));
        assert_eq!(kind(Invoice, -100), Some(CreditNote));
        assert_eq!(kind(CreditNote, 100), Some(CreditNote));
        assert_eq!(kind(CreditNote, -100), Some(DebitNote));
        assert_eq!(kind(Invoice, 0), None);
        let owed = Owed::new(Invoice, euro(-100), euro(-70)).expect("owed");
        assert_eq!((owed.total, owed.payable), (euro(100), euro(70)));
    }

    #[test]
    fn parts_are_laid_out_by_their_days() {
        let part = |number: &str, due, minor| Instalment {
            number: number.to_owned(),
            due,
            amount: Money::new(minor, Currency::EUR),
        };
        let (march, april) = (date(2026, 3, 1), date(2026, 4, 1));
        let (mut terms, mut warnings) = (Terms::default(), Vec::new());
        let payable = Money::new(300, Currency::EUR);
        let parts = vec![part("2", april, 200), part("1", march, 100)];
        lay_out(&mut terms, parts, payable, &mut warnings);
        assert_eq!(terms.instalments[0].number, "1");
        assert_eq!(terms.due, Some(april));
        assert_eq!(warnings, [""; 0]);

        let mut terms = Terms::default();
        lay_out(
            &mut terms,
            vec![part("1", march, 299)],
            payable,
            &mut warnings,
        );
        assert_eq!(terms.due, Some(march));
        assert!(terms.instalments.is_empty());
        assert_eq!(
            warnings,
            ["Vencimientos: suman 2.99 y por pagar son 3.00; se tomó el último día."]
        );
    }
}
