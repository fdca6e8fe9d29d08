//! Conditions of payment in the issuer's own words: «Crédito a 30 días».

use crate::fold::fold;

/// Longest credit that is believed.
const DAYS_MAX: u16 = 365;

/// Days of credit, where the words say one plain number of them and nothing else. `contado` is
/// none. Parts, percentages and several terms are left to people.
pub(super) fn days(text: &str) -> Option<u16> {
    if text.contains(['%', '/']) {
        return None;
    }
    let text = fold(text);
    let mut numbers = text
        .split(|letter: char| !letter.is_ascii_digit())
        .filter(|part| !part.is_empty());
    let (number, more) = (numbers.next(), numbers.next());
    let words: Vec<&str> = text
        .split(|letter: char| !letter.is_alphabetic())
        .filter(|word| !word.is_empty())
        .collect();
    let says = |any: &[&str]| words.iter().any(|word| any.contains(word));
    match (number, more) {
        (None, _) if says(&["contado"]) && !says(&["credito", "plazo"]) => Some(0),
        (Some(number), None) if says(&DAY_WORDS) && !says(&OTHER_UNITS) => {
            number.parse().ok().filter(|days| *days <= DAYS_MAX)
        }
        _ => None,
    }
}

const DAY_WORDS: [&str; 10] = [
    "d", "dia", "dias", "days", "net", "neto", "credito", "plazo", "ds", "dd",
];
/// Numbers beside these are no days of credit, or not from the day of issue.
const OTHER_UNITS: [&str; 12] = [
    "anticipo",
    "cuotas",
    "exhibiciones",
    "fin",
    "mes",
    "meses",
    "months",
    "pagos",
    "parcialidades",
    "semanas",
    "habiles",
    "quincenas",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_plain_number_of_days() {
        let cases = [
            ("30 días", Some(30)),
            ("Pago a 30 días.", Some(30)),
            ("crédito 15 dias", Some(15)),
            ("CREDITO A 60 DIAS FECHA FACTURA", Some(60)),
            ("30D", Some(30)),
            ("Neto 45", Some(45)),
            ("NET 30", Some(30)),
            ("CONTADO", Some(0)),
            ("Contado, 15 días de crédito", Some(15)),
            ("Credito", None),
            ("CONDICIONES", None),
            ("50% anticipo y 50% a 30 días", None),
            ("2/10 neto 30", None),
            ("30, 60 y 90 días", None),
            ("3 pagos", None),
            ("2 meses", None),
            ("30 días fin de mes", None),
            ("10 días hábiles", None),
            ("900 días", None),
            ("Factura 1234", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(days(text), expected, "{text}");
        }
    }
}
