//! Structured creditor references: what their check digits prove.

/// What a reference carries, once its check digits agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// By which rule it was checked.
    pub rule: Rule,
    /// What the creditor wrote into it, without check digits.
    pub body: String,
}

/// Rules by which references are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// ISO 11649: `RF`, two check digits (ISO 7064 MOD 97-10), up to 21 letters and digits.
    Iso11649,
    /// Belgium, `+++090/9337/55493+++`: ten digits and their remainder by 97, 97 for 0.
    Belgian,
    /// Switzerland, QR reference: 26 digits and a recursive modulo 10.
    Swiss,
    /// Finland, *viitenumero*: weights 7, 3, 1.
    Finnish,
    /// Norway (*KID*), Sweden (*OCR*), many banks of Mexico: the last digit is Luhn's.
    Luhn,
}

/// Reads a reference by ISO 11649, the one rule that shows in its writing.
///
/// ```
/// use domain::ledger::matching::references::iso11649;
/// assert_eq!(iso11649("RF18 5390 0754 7034").as_deref(), Some("539007547034"));
/// assert_eq!(iso11649("RF19 5390 0754 7034"), None);
/// ```
pub fn iso11649(written: &str) -> Option<String> {
    let text = compact(written);
    if !text.starts_with("RF") || !(5..=25).contains(&text.len()) {
        return None;
    }
    let (head, body) = text.split_at(4);
    let mut rest = 0_u32;
    for letter in body.chars().chain(head.chars()) {
        let value = letter.to_digit(36)?;
        rest = (rest * if value > 9 { 100 } else { 10 } + value) % 97;
    }
    (rest == 1).then(|| body.to_owned())
}

/// Every rule by which a reference of a field of its own is whole, the strictest first. One digit
/// of Luhn's proves little, so callers look its body up and never trust it alone.
pub fn read(written: &str) -> Vec<Reference> {
    let mut read = Vec::new();
    if let Some(body) = iso11649(written) {
        read.push(Reference {
            rule: Rule::Iso11649,
            body,
        });
    }
    let text = compact(written);
    if text.is_empty() || !text.bytes().all(|it| it.is_ascii_digit()) {
        return read;
    }
    let digits: Vec<u32> = text.bytes().map(|it| u32::from(it - b'0')).collect();
    let rules: [(Rule, usize, bool); 4] = [
        (Rule::Belgian, 2, belgian(&digits)),
        (Rule::Swiss, 1, digits.len() == 27 && swiss(&digits)),
        (
            Rule::Finnish,
            1,
            (4..=20).contains(&digits.len()) && finnish(&digits),
        ),
        (
            Rule::Luhn,
            1,
            (3..=25).contains(&digits.len()) && luhn(&digits),
        ),
    ];
    for (rule, checks, holds) in rules {
        if holds {
            let body = text[..text.len() - checks].to_owned();
            read.push(Reference { rule, body });
        }
    }
    read
}

fn compact(written: &str) -> String {
    let kept = written.chars().filter(char::is_ascii_alphanumeric);
    kept.map(|it| it.to_ascii_uppercase()).collect()
}

fn belgian(digits: &[u32]) -> bool {
    if digits.len() != 12 {
        return false;
    }
    let rest = digits[..10]
        .iter()
        .fold(0, |rest, it| (rest * 10 + it) % 97);
    let check = digits[10] * 10 + digits[11];
    check == if rest == 0 { 97 } else { rest }
}

fn swiss(digits: &[u32]) -> bool {
    const TABLE: [u32; 10] = [0, 9, 4, 6, 8, 2, 7, 1, 3, 5];
    let step = |carry: u32, digit: &u32| TABLE[((carry + digit) % 10) as usize];
    let carry = digits[..digits.len() - 1].iter().fold(0, step);
    (10 - carry) % 10 == digits[digits.len() - 1]
}

fn finnish(digits: &[u32]) -> bool {
    let weights = [7, 3, 1].into_iter().cycle();
    let body = digits[..digits.len() - 1].iter().rev();
    let sum: u32 = body
        .zip(weights)
        .map(|(digit, weight)| digit * weight)
        .sum();
    (10 - sum % 10) % 10 == digits[digits.len() - 1]
}

fn luhn(digits: &[u32]) -> bool {
    let doubled = |(at, digit): (usize, &u32)| match (at % 2, digit * 2) {
        (0, _) => *digit,
        (_, twice) if twice > 9 => twice - 9,
        (_, twice) => twice,
    };
    digits.iter().rev().enumerate().map(doubled).sum::<u32>() % 10 == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(written: &str) -> Vec<Rule> {
        read(written).into_iter().map(|it| it.rule).collect()
    }

    #[test]
    fn published_examples_hold_and_a_changed_digit_breaks_them() {
        assert_eq!(rules("RF18 5390 0754 7034"), [Rule::Iso11649]);
        assert_eq!(rules("RF18 5390 0754 7035"), []);
        assert!(rules("+++090/9337/55493+++").contains(&Rule::Belgian));
        assert!(!rules("+++090/9337/55494+++").contains(&Rule::Belgian));
        assert!(rules("21 00000 00003 13947 14300 09017").contains(&Rule::Swiss));
        assert!(!rules("21 00000 00003 13947 14300 09018").contains(&Rule::Swiss));
        assert!(rules("1232").contains(&Rule::Finnish));
        assert!(rules("79927398713").contains(&Rule::Luhn));
        assert_eq!(rules("RF"), []);
        assert_eq!(rules("ÑÑ"), []);
    }

    #[test]
    fn any_single_wrong_character_is_seen_by_iso_11649() {
        let good = "RF29INV0002821";
        assert_eq!(iso11649(good).as_deref(), Some("INV0002821"));
        for at in 2..good.len() {
            for digit in '0'..='9' {
                let mut bad: Vec<char> = good.chars().collect();
                if bad[at] == digit || !bad[at].is_ascii_digit() {
                    continue;
                }
                bad[at] = digit;
                let bad: String = bad.into_iter().collect();
                assert_eq!(iso11649(&bad), None, "{bad}");
            }
        }
    }
}
