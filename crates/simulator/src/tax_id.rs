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
        _ => false,
    }
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
        for (country, wrong) in [
            (Country::MX, "SAT970701NN4"),
            (Country::MX, "AT970701NN3"),
            (chile, "60803000-1"),
            (colombia, "800197268-5"),
        ] {
            assert!(!is_valid(country, wrong), "{wrong}");
        }
    }
}
