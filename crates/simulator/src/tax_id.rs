//! Tax ids with the check digits that their offices prescribe.

use domain::customer::Country;

/// Symbols of an RFC in the order of their values; the space stands before the three letters of a
/// company (SAT, Anexo 1-A, "Procedimiento para obtener la clave del RFC").
const RFC_VALUES: &str = "0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ Ñ";

/// The last symbol of an RFC, from the 11 or 12 before it; `None` when one is no RFC symbol.
pub(crate) fn rfc_check(body: &str) -> Option<char> {
    let padded = format!("{body:>12}");
    let mut sum = 0;
    for (place, symbol) in padded.chars().enumerate() {
        let value = RFC_VALUES.chars().position(|known| known == symbol)?;
        sum += value * (13 - place);
    }
    match (11 - sum % 11) % 11 {
        10 => Some('A'),
        digit => char::from_digit(u32::try_from(digit).ok()?, 10),
    }
}

/// The check symbol of a RUT: modulo 11 with the weights 2 to 7 from the right (SII).
pub(crate) fn rut_check(number: u64) -> char {
    let weights = [2, 3, 4, 5, 6, 7].into_iter().cycle();
    match 11 - weighted(number, weights) % 11 {
        11 => '0',
        10 => 'K',
        digit => digit_of(digit),
    }
}

/// The check digit of a NIT: modulo 11 with prime weights from the right (DIAN, Orden
/// Administrativa 4 de 1989).
pub(crate) fn nit_check(number: u64) -> char {
    let weights = [3, 7, 13, 17, 19, 23, 29, 37, 41, 43, 47, 53, 59, 67, 71];
    match weighted(number, weights.into_iter()) % 11 {
        rest @ 0..2 => digit_of(rest),
        rest => digit_of(11 - rest),
    }
}

/// A Peruvian RUC: modulo 11 with the weights 5 4 3 2 7 6 5 4 3 2 (SUNAT); of a person it begins
/// with 10, of a company with 20.
pub(crate) fn ruc(is_person: bool, number: u64) -> String {
    let begins = if is_person { 10 } else { 20 };
    let body = begins * 100_000_000 + 10_000_000 + number;
    format!("{body}{}", digit_of(peru_check(body)))
}

fn peru_check(body: u64) -> u64 {
    match 11 - weighted(body, SIX_THEN_REPEAT.into_iter()) % 11 {
        10 => 0,
        11 => 1,
        digit => digit,
    }
}

/// A Brazilian CPF from its nine digits: two check digits, modulo 11 (Receita Federal).
pub(crate) fn cpf(number: u64) -> String {
    let first = brazil_check(weighted(number, 2..=10));
    let second = brazil_check(weighted(number * 10 + first, 2..=11));
    format!("{number:09}-{first}{second}")
}

/// A Brazilian CNPJ from its eight digits, of the head office: two check digits, modulo 11.
pub(crate) fn cnpj(number: u64) -> String {
    let body = number * 10_000 + 1;
    let weights = || (2..=9).cycle();
    let first = brazil_check(weighted(body, weights()));
    let second = brazil_check(weighted(body * 10 + first, weights()));
    format!("{number:08}/0001-{first}{second}")
}

const fn brazil_check(sum: u64) -> u64 {
    match sum % 11 {
        0 | 1 => 0,
        rest => 11 - rest,
    }
}

/// An Argentine CUIT: modulo 11 (AFIP). Where the check would be 10 the next prefix is taken.
pub(crate) fn cuit(is_person: bool, number: u64) -> String {
    let prefixes: [u64; 3] = if is_person {
        [20, 24, 27]
    } else {
        [30, 33, 34]
    };
    let made = prefixes.into_iter().find_map(|prefix| {
        let check = argentina_check(prefix * 100_000_000 + number)?;
        Some(format!("{prefix}-{number:08}-{check}"))
    });
    made.unwrap_or_default()
}

fn argentina_check(body: u64) -> Option<u64> {
    match 11 - weighted(body, SIX_THEN_REPEAT.into_iter()) % 11 {
        10 => None,
        11 => Some(0),
        digit => Some(digit),
    }
}

/// An Ecuadorian cédula: modulo 10 with the weights 2 1 2 1 …, as of a bank card.
pub(crate) fn cedula(number: u64) -> String {
    let province = if number < 6_000_000 { 17 } else { 9 };
    let body = province * 10_000_000 + number % 6_000_000;
    format!("{body:09}{}", ecuador_check(body))
}

fn ecuador_check(body: u64) -> u64 {
    let mut sum = 0;
    for place in 0..9 {
        let digit = body / 10_u64.pow(place) % 10;
        let twice = digit * if place % 2 == 0 { 2 } else { 1 };
        sum += if twice > 9 { twice - 9 } else { twice };
    }
    (10 - sum % 10) % 10
}

/// The RUC of an Ecuadorian company: modulo 11 with the weights 4 3 2 7 6 5 4 3 2 (SRI). Where the
/// check would be 10 another province is taken.
pub(crate) fn ruc_of_ecuador(number: u64) -> String {
    let serial = number % 1_000_000;
    let made = [1, 9, 17].into_iter().find_map(|province| {
        let body = (province + number / 1_000_000) * 10_000_000 + 9_000_000 + serial;
        let check = ecuador_company_check(body)?;
        Some(format!("{body:09}{check}001"))
    });
    made.unwrap_or_default()
}

fn ecuador_company_check(body: u64) -> Option<u64> {
    let weights = [2, 3, 4, 5, 6, 7, 2, 3, 4];
    match 11 - weighted(body, weights.into_iter()) % 11 {
        10 => None,
        11 => Some(0),
        digit => Some(digit),
    }
}

/// The weights 5 4 3 2 7 6 5 4 3 2, from the right.
const SIX_THEN_REPEAT: [u64; 10] = [2, 3, 4, 5, 6, 7, 2, 3, 4, 5];

/// Whether a tax id has the form of its country and its check digit is right.
pub fn is_valid(country: Country, tax_id: &str) -> bool {
    match country.code() {
        "MX" => {
            let letters = tax_id.chars().take_while(|it| it.is_alphabetic()).count();
            let length = tax_id.chars().count();
            let mut body = tax_id.to_owned();
            let check = body.pop();
            matches!((letters, length), (3, 12) | (4, 13)) && rfc_check(&body) == check
        }
        "CL" => tax_id.split_once('-').is_some_and(|(number, check)| {
            let number = number.replace('.', "").parse();
            number.is_ok_and(|number| check == rut_check(number).to_string())
        }),
        "CO" => match tax_id.split_once('-') {
            Some((number, check)) => {
                let number = number.replace('.', "").parse();
                number.is_ok_and(|number| check == nit_check(number).to_string())
            }
            // A cédula has no check digit.
            None => (6..=10).contains(&tax_id.len()) && tax_id.parse::<u64>().is_ok(),
        },
        "PE" => split(tax_id, 11).is_some_and(|(body, check)| {
            matches!(body / 100_000_000, 10 | 20) && peru_check(body) == check
        }),
        "BR" => {
            let digits: String = tax_id.chars().filter(char::is_ascii_digit).collect();
            let number = |to: usize| digits.get(..to).and_then(|it| it.parse().ok()).unwrap_or(0);
            match digits.len() {
                11 => cpf(number(9)) == tax_id,
                14 => cnpj(number(8)) == tax_id,
                _ => false,
            }
        }
        "AR" => split(&tax_id.replace('-', ""), 11)
            .is_some_and(|(body, check)| argentina_check(body) == Some(check)),
        "EC" => match tax_id.strip_suffix("001").filter(|it| it.len() == 10) {
            Some(own) => split(own, 10)
                .is_some_and(|(body, check)| ecuador_company_check(body) == Some(check)),
            None => split(tax_id, 10).is_some_and(|(body, check)| ecuador_check(body) == check),
        },
        // Neither has a check digit.
        "US" => tax_id.chars().filter(char::is_ascii_digit).count() == 9,
        _ => false,
    }
}

/// The digits of an id of that length, without the last, and the last.
fn split(digits: &str, length: usize) -> Option<(u64, u64)> {
    let number: u64 = digits.parse().ok()?;
    (digits.len() == length).then_some((number / 10, number % 10))
}

fn weighted(mut number: u64, weights: impl Iterator<Item = u64>) -> u64 {
    let mut sum = 0;
    for weight in weights {
        if number == 0 {
            break;
        }
        sum += number % 10 * weight;
        number /= 10;
    }
    sum
}

fn digit_of(digit: u64) -> char {
    u32::try_from(digit)
        .ok()
        .and_then(|digit| char::from_digit(digit, 10))
        .unwrap_or('0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_check_digits_of_real_bodies() {
        // Each office's own id: SAT, SII, DIAN; and the example of the SAT's own instructions.
        assert!(is_valid(Country::MX, "SAT970701NN3"));
        assert!(is_valid(Country::MX, "GODE561231GR8"));
        let chile = Country::new("CL").expect("a code");
        assert!(is_valid(chile, "60803000-K"));
        assert!(is_valid(chile, "60.805.000-0"));
        let colombia = Country::new("CO").expect("a code");
        assert!(is_valid(colombia, "800197268-4"));
        assert!(is_valid(colombia, "1020304050"));
        // SUNAT, Petrobras, AFIP; the cédula is the usual example.
        let country = |code| Country::new(code).expect("a code");
        for (code, right) in [
            ("PE", "20131312955"),
            ("BR", "33000167/0001-01"),
            ("AR", "33-69345023-9"),
            ("EC", "1710034065"),
        ] {
            assert!(is_valid(country(code), right), "{right}");
        }
        for (country, wrong) in [
            (country("PE"), "20131312956"),
            (country("BR"), "33.000.167/0001-02"),
            (country("AR"), "33-69345023-8"),
            (country("EC"), "1760013211001"),
            (Country::MX, "SAT970701NN4"),
            (Country::MX, "AT970701NN3"),
            (chile, "60803000-1"),
            (colombia, "800197268-5"),
        ] {
            assert!(!is_valid(country, wrong), "{wrong}");
        }
    }
}
