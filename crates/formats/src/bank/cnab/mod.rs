//! CNAB 240 and 400, the files Brazilian banks exchange with companies (Febraban).
//!
//! Only return files (*retorno*) are read: what the bank says happened. A paid title is money;
//! every other occurrence (registered, rejected, written off) is only told of. Titles come
//! before the statement of the account shows their sum, so such files are interim; the extract
//! of CNAB 240 (segment E) is the statement itself.

mod occurrence;
mod payment;
mod returned240;
mod returned400;

use domain::{Currency, Money};

use super::record::by_line;
use super::{BankFormat, Fault, Parts, Source};

/// What is called in a remittance, for the refusal.
const REMITTANCE: &str = "Es un archivo de remessa: lo que la empresa pide al banco, no lo que \
                          pasó. Importe el archivo de retorno que el banco devuelve.";

/// Tells CNAB files by their first record.
pub(super) fn sniff(text: &str) -> Option<BankFormat> {
    let mut lines = text.lines();
    let line = lines.next()?;
    let len = line.chars().count();
    let head = line.get(..9)?;
    let is_400 = (380..=460).contains(&len) && (head == "02RETORNO" || head == "01REMESSA");
    if is_400 {
        return Some(BankFormat::Cnab400);
    }
    // Bank, batch 0000, kind 0; then the same bank's first batch. The last columns may be cut off.
    let bytes = line.as_bytes();
    let is_240 = (140..=244).contains(&len)
        && bytes[..3].iter().all(u8::is_ascii_digit)
        && &bytes[3..8] == b"00000"
        && (matches!(column(line, 143), Some('1' | '2')) || opens_batch(&line[..3], lines.next()));
    is_240.then_some(BankFormat::Cnab240)
}

/// Whether a line opens a batch of a bank.
fn opens_batch(bank: &str, line: Option<&str>) -> bool {
    line.is_some_and(|line| line.starts_with(bank) && line.as_bytes().get(7) == Some(&b'1'))
}

fn column(line: &str, column: usize) -> Option<char> {
    line.chars().nth(column - 1)
}

/// Reads a return file.
///
/// # Errors
/// A [`Fault`] for a remittance: nothing in it happened.
pub(super) fn read(mut source: Source, format: BankFormat) -> Result<Parts, Fault> {
    let head = super::text::preview(&source.peek(super::HEAD_BYTES)?);
    let first = head.lines().next().unwrap_or_default();
    let is_remittance = match format {
        BankFormat::Cnab400 => first.starts_with("01"),
        _ => column(first, 143) == Some('1'),
    };
    if is_remittance {
        return Err(Fault::new(
            1,
            "tipo de archivo",
            REMITTANCE,
            first.trim_end(),
        ));
    }
    match format {
        BankFormat::Cnab400 => by_line(source, returned400::Returned::default()),
        _ => by_line(source, returned240::Returned::default()),
    }
}

/// The only currency of these files.
#[expect(clippy::expect_used, reason = "three letters")]
fn real() -> Currency {
    Currency::new("BRL").expect("a currency code")
}

fn reais(minor: i64) -> Money {
    Money::new(minor, real())
}

/// A Brazilian tax id without the zeros that fill its column: eleven digits for a person,
/// fourteen for a company (the last ones, whatever the column's width).
fn tax_id(kind: &str, digits: Option<&str>) -> Option<String> {
    let digits = digits?;
    let significant = digits.trim_start_matches('0').len();
    let len = match kind.trim_start_matches('0') {
        "1" => 11,
        "2" => 14,
        _ if significant > 11 => 14,
        _ => 11,
    };
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    let start = digits.len().checked_sub(len)?;
    (is_number && significant <= len).then(|| digits[start..].to_owned())
}

/// What of a paid title came to the account, and what the bank kept of it.
///
/// The bank's charge counts as kept only where the figures prove it: otherwise it was debited
/// apart and will come as a movement of its own.
fn settled(paid: i64, net: i64) -> (Money, Option<Money>) {
    if net > 0 && net < paid {
        (reais(net), Some(reais(paid - net)))
    } else {
        (reais(if net > paid { net } else { paid }), None)
    }
}

/// `agency-account`, without the zeros that fill the columns.
fn account_number(agency: Option<&str>, account: Option<&str>) -> Option<String> {
    let bare = |digits: &str| {
        let glued: String = digits.split_whitespace().collect();
        glued.trim_start_matches('0').to_owned()
    };
    let account = bare(account?);
    Some(match agency {
        Some(agency) => format!("{}-{account}", bare(agency)),
        None => account,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tax_ids_lose_the_zeros_of_their_column() {
        let cases = [
            ("2", Some("044952927000138"), Some("44952927000138")),
            ("1", Some("000528679945"), Some("00528679945")),
            ("0", Some("003997783000118"), Some("03997783000118")),
            ("2", Some("12"), None),
            ("1", Some("044952927000138"), None),
            ("2", None, None),
        ];
        for (kind, digits, expected) in cases {
            assert_eq!(
                tax_id(kind, digits).as_deref(),
                expected,
                "{kind} {digits:?}"
            );
        }
    }

    #[test]
    fn charges_are_what_is_missing_of_what_was_paid() {
        assert_eq!(settled(400, 350), (reais(350), Some(reais(50))));
        assert_eq!(settled(400, 400), (reais(400), None));
        assert_eq!(settled(400, 0), (reais(400), None));
        assert_eq!(settled(400, 410), (reais(410), None));
    }
}
