//! How numbers, accounts and tax ids are written so that the same ones are equal.

use crate::search::plain;

/// What a digest is of, so that an account never meets a tax id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Number = 1,
    Digits,
    Reference,
    Stamp,
    Account,
    TaxId,
    VirtualAccount,
    Name,
    Word,
    CustomerKey,
    Amount,
    OwnAmount,
}

/// Sixty-four well-mixed bits of some bytes (FNV-1a with a finisher): the same on every machine.
pub fn digest(kind: Kind, bytes: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325 ^ (kind as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    for byte in bytes {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    mix(hash)
}

/// The digest of some numbers.
pub fn digest_of(kind: Kind, parts: &[u64]) -> u64 {
    parts.iter().fold(digest(kind, &[]), |hash, part| {
        mix(hash ^ part.wrapping_mul(0x9E37_79B9_7F4A_7C15))
    })
}

const fn mix(mut hash: u64) -> u64 {
    hash ^= hash >> 32;
    hash = hash.wrapping_mul(0xd6e8_feb8_6659_fd93);
    hash ^= hash >> 32;
    hash = hash.wrapping_mul(0xd6e8_feb8_6659_fd93);
    hash ^ (hash >> 32)
}

/// A number's own form: lower case, no separators between letters and digits, one hyphen between
/// two runs of digits, no leading zeros in any: `F-0004532` → `f4532`, `001-02-000123` → `1-2-123`.
pub fn number(written: &str, into: &mut String) {
    #[derive(PartialEq)]
    enum Run {
        None,
        Letters,
        Zeros,
        Digits,
    }
    into.clear();
    let mut run = Run::None;
    let mut gap = false;
    for letter in written.chars().map(plain) {
        if letter.is_ascii_digit() {
            let inside = matches!(run, Run::Zeros | Run::Digits);
            if gap || !inside {
                if run == Run::Zeros {
                    into.push('0');
                }
                if inside {
                    into.push('-');
                }
                run = Run::Zeros;
            }
            if letter != '0' || run == Run::Digits {
                into.push(letter);
                run = Run::Digits;
            }
            gap = false;
        } else if letter.is_alphanumeric() {
            if run == Run::Zeros {
                into.push('0');
            }
            into.push(letter);
            run = Run::Letters;
            gap = false;
        } else {
            gap = true;
        }
    }
    if run == Run::Zeros {
        into.push('0');
    }
}

/// Letters and digits alone, lower case.
pub fn alphanumeric(written: &str, into: &mut String) {
    into.clear();
    into.extend(written.chars().map(plain).filter(|it| it.is_alphanumeric()));
}

/// The last run of digits without its leading zeros, from a number's own form.
pub fn last_digits(number: &str) -> Option<&str> {
    let end = number.rfind(|it: char| it.is_ascii_digit())? + 1;
    let start = number[..end]
        .rfind(|it: char| !it.is_ascii_digit())
        .map_or(0, |at| {
            at + number[at..].chars().next().map_or(1, char::len_utf8)
        });
    Some(number[start..end].trim_start_matches('0')).filter(|it| !it.is_empty())
}

/// Whether two words are one edit apart: a letter more, less or other, or two neighbours swapped.
pub fn one_edit_apart(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let (short, long) = (short.as_bytes(), long.as_bytes());
    let same = short.iter().zip(long).take_while(|(x, y)| x == y).count();
    match long.len() - short.len() {
        0 if same == short.len() => false,
        0 => {
            let rest = short[same + 1..] == long[same + 1..];
            let swapped = same + 1 < short.len()
                && short[same] == long[same + 1]
                && short[same + 1] == long[same]
                && short[same + 2..] == long[same + 2..];
            rest || swapped
        }
        1 => short[same..] == long[same + 1..],
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_one_form_however_it_is_written() {
        let cases = [
            ("F-0004532", "f4532"),
            ("f 4532", "f4532"),
            ("F4532", "f4532"),
            ("001-002-000123", "1-2-123"),
            ("A-17/0000", "a17-0"),
            ("F001-00000012", "f1-12"),
            ("0", "0"),
            ("N°0012 B", "n°12b"),
            ("…", ""),
        ];
        let mut into = String::new();
        for (written, wanted) in cases {
            number(written, &mut into);
            assert_eq!(into.replace('°', ""), wanted.replace('°', ""), "{written}");
        }
    }

    #[test]
    fn one_slip_is_seen_and_two_are_not() {
        let cases = [
            ("inv5486", "inv50486", true),
            ("1234", "1324", true),
            ("1234", "1235", true),
            ("1234", "123", true),
            ("1234", "1234", false),
            ("1234", "1432", false),
            ("1234", "12", false),
            ("", "1", true),
            ("12", "21", true),
        ];
        for (a, b, wanted) in cases {
            assert_eq!(one_edit_apart(a, b), wanted, "{a} {b}");
            assert_eq!(one_edit_apart(b, a), wanted, "{b} {a}");
        }
    }

    #[test]
    fn digits_of_a_number() {
        for (form, wanted) in [("f4532", Some("4532")), ("1-2-0", None), ("ab", None)] {
            assert_eq!(last_digits(form), wanted, "{form}");
        }
    }
}
