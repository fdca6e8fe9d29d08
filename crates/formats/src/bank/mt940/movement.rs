//! One `:61:` line: days, sign, amount, type and references.

use domain::{Currency, Money};
use jiff::civil::Date;

use super::super::{Counterparty, Transaction, TransactionState, figure};
use super::details::is_iban;

/// Two-digit years from here on are of the last century.
const CENTURY: i16 = 80;

/// Letters of the reference for the account's owner.
const REFERENCE_LEN: usize = 16;

/// Why a line cannot be read: the field, and a sentence in Spanish.
type Refusal = (&'static str, String);

/// Reads the line and the one that may follow it.
pub(super) fn read(
    lines: &[String],
    line: u64,
    currency: Option<Currency>,
) -> Result<Transaction, Refusal> {
    let first = lines.first().map_or("", |line| line.trim());
    let (value, rest) = value_day(first)?;
    let (entry, rest) = entry_day(rest, value);
    let (sign, rest) = Sign::of(rest)?;
    let (amount, rest) = amount(rest, currency)?;
    let (code, rest) = rest.split_at(rest.char_indices().nth(4).map_or(rest.len(), |(at, _)| at));
    let references = References::of(rest);
    let mut moved = Transaction {
        line,
        booked: entry.unwrap_or(value),
        value: Some(value),
        amount: if sign.debit {
            Money::new(-amount.minor, amount.currency)
        } else {
            amount
        },
        state: if sign.expected {
            TransactionState::Pending
        } else {
            TransactionState::Booked
        },
        reference: references.bank,
        batch: None,
        end_to_end: references.owner,
        counterparty: Counterparty {
            name: references.name,
            account: is_iban(first_word(rest)).then(|| first_word(rest).to_owned()),
            ..Counterparty::default()
        },
        virtual_account: None,
        creditor_references: Vec::new(),
        documents: Vec::new(),
        text: String::new(),
        charges: None,
        original: None,
        reversal: sign.reversal,
        return_reason: None,
        code: figure::words(code),
    };
    for more in lines.iter().skip(1) {
        supplement(more.trim(), &mut moved);
    }
    Ok(moved)
}

/// `YYMMDD`. German banks book interest on a 30th of February: the month's last day.
pub(super) fn six_digits(text: &str) -> Option<Date> {
    let number = |range: std::ops::Range<usize>| {
        let digits = text.get(range)?;
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| digits.parse::<i8>().ok()).flatten()
    };
    if text.len() != 6 {
        return None;
    }
    let year = i16::from(number(0..2)?);
    let year = if year >= CENTURY {
        1900 + year
    } else {
        2000 + year
    };
    let (month, day) = (number(2..4)?, number(4..6)?);
    let first = Date::new(year, month, 1).ok()?;
    (1..=31).contains(&day).then(|| {
        let day = day.min(first.days_in_month());
        Date::new(year, month, day).unwrap_or(first)
    })
}

fn value_day(text: &str) -> Result<(Date, &str), Refusal> {
    let day = text.get(..6).and_then(six_digits);
    let day = day.ok_or_else(|| {
        let reason = "El movimiento no empieza con su fecha valor (AAMMDD).";
        ("fecha valor", reason.to_owned())
    })?;
    Ok((day, &text[6..]))
}

/// `MMDD`, in the year that brings it closest to the value day: they may stand on both sides of a
/// new year. Four blanks mean nothing.
fn entry_day(text: &str, value: Date) -> (Option<Date>, &str) {
    let Some(four) = text.get(..4) else {
        return (None, text);
    };
    if four.trim().is_empty() {
        return (None, &text[4..]);
    }
    if !four.bytes().all(|byte| byte.is_ascii_digit()) {
        return (None, text);
    }
    let days = [-1, 0, 1].into_iter().filter_map(|years: i16| {
        let year = value.year().checked_add(years)?;
        let two = format!("{:02}", year.rem_euclid(100));
        let day = six_digits(&format!("{two}{four}"))?;
        let distance = day.since(value).ok()?.get_days().abs();
        Some((distance, day))
    });
    (days.min().map(|(_, day)| day), &text[4..])
}

/// `C`, `D`, `RC`, `RD`, `EC`, `ED`, and the letter of the funds code behind it.
struct Sign {
    debit: bool,
    reversal: bool,
    expected: bool,
}

impl Sign {
    fn of(text: &str) -> Result<(Self, &str), Refusal> {
        let text = text.trim_start();
        let marks: [(&str, bool, bool, bool); 6] = [
            // A reversed credit goes out, a reversed debit comes in.
            ("RC", true, true, false),
            ("RD", false, true, false),
            ("EC", false, false, true),
            ("ED", true, false, true),
            ("C", false, false, false),
            ("D", true, false, false),
        ];
        for (mark, debit, reversal, expected) in marks {
            if let Some(rest) = text.strip_prefix(mark) {
                let sign = Self {
                    debit,
                    reversal,
                    expected,
                };
                let funds = rest.starts_with(|letter: char| letter.is_ascii_alphabetic());
                return Ok((sign, if funds { &rest[1..] } else { rest }));
            }
        }
        let reason = "No dice si es abono (C) o cargo (D).";
        Err(("sentido", reason.to_owned()))
    }
}

fn amount(text: &str, currency: Option<Currency>) -> Result<(Money, &str), Refusal> {
    let end = text
        .find(|letter: char| !letter.is_ascii_digit() && letter != ',')
        .unwrap_or(text.len());
    let said = |reason| ("importe", reason);
    if !text[..end].contains(',') {
        return Err(said(
            "El importe no lleva la coma decimal que pide SWIFT.".to_owned(),
        ));
    }
    let value = figure::with_comma(&text[..end]).map_err(said)?;
    let currency = currency.ok_or_else(|| {
        let reason = "El estado de cuenta no dice su moneda: indíquela al importar.";
        ("moneda", reason.to_owned())
    })?;
    let money = figure::money(value, currency).map_err(said)?;
    Ok((money, &text[end..]))
}

#[derive(Default)]
struct References {
    owner: Option<String>,
    bank: Option<String>,
    name: Option<String>,
}

impl References {
    /// `owner//bank`; some banks fill the owner's to its sixteen letters and put the other side's
    /// name behind it.
    fn of(text: &str) -> Self {
        let (owner, bank) = text.split_once("//").unwrap_or((text, ""));
        let cut = owner.char_indices().nth(REFERENCE_LEN).map(|(at, _)| at);
        let (owner, name) = match cut {
            Some(at) if owner[..at].ends_with(' ') => (&owner[..at], figure::words(&owner[at..])),
            _ => (owner, None),
        };
        // In SEPA statements these say where the reference stands.
        let marker = ["EREF", "KREF", "KREF+", "EREF+"].contains(&owner.trim());
        Self {
            owner: figure::reference(owner).filter(|_| !marker),
            bank: figure::reference(bank),
            name,
        }
    }
}

fn first_word(text: &str) -> &str {
    text.split_whitespace().next().unwrap_or_default()
}

/// The second line: `/OCMT/EUR10,00//CHGS/EUR1,50/`, the other side's account, or text.
fn supplement(text: &str, moved: &mut Transaction) {
    if let Some(money) = coded(text, "/OCMT/").filter(|one| one.currency != moved.amount.currency) {
        moved.original = Some((money, None));
    }
    if let Some(money) = coded(text, "/CHGS/").filter(|one| one.currency == moved.amount.currency) {
        moved.charges = Some(money);
    }
    if text.starts_with("/OCMT/") || text.starts_with("/CHGS/") {
        return;
    }
    if is_iban(text) {
        moved.counterparty.account = figure::account(text);
        return;
    }
    figure::add_words(&mut moved.text, text);
}

/// The money behind a code word.
pub(super) fn coded(text: &str, word: &str) -> Option<Money> {
    let (_, rest) = text.split_once(word)?;
    let rest = rest.trim_start();
    let currency = Currency::new(rest.get(..3)?).ok()?;
    let rest = rest[3..].trim_start();
    let end = rest.find(|letter: char| !letter.is_ascii_digit() && letter != ',');
    let value = figure::with_comma(&rest[..end.unwrap_or(rest.len())]).ok()?;
    figure::money(value, currency).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn line(text: &str) -> Transaction {
        read(&[text.to_owned()], 1, Some(Currency::EUR)).expect("a movement")
    }

    #[test]
    fn signs_and_amounts() {
        let cases = [
            ("1401020102C79,7FMSC01916//NONREF", 7_970, false),
            ("140102D107,N426NONREF", -10_700, false),
            ("1401020102CR50990,05NTRFNONREF//07", 5_099_005, false),
            ("1401020102RC204,88NRTINONREF", -20_488, true),
            ("1401020102RDR204,88NRTINONREF", 20_488, true),
            ("140102    DD212,39NMSCNONREF//", -21_239, false),
            ("140102DF2402,00S   X", -240_200, false),
            ("140102C000000000025,00N102EREF", 2_500, false),
        ];
        for (text, minor, reversal) in cases {
            let moved = line(text);
            assert_eq!(moved.amount, Money::new(minor, Currency::EUR), "{text}");
            assert_eq!(moved.reversal, reversal, "{text}");
        }
        for text in [
            "",
            "140102",
            "140102X1,00NTRF",
            "140102C1.00NTRF",
            "149902C1,00NTRF",
            "ñ",
        ] {
            assert!(
                read(&[text.to_owned()], 1, Some(Currency::EUR)).is_err(),
                "{text}"
            );
        }
    }

    #[test]
    fn entry_days_cross_new_years() {
        let moved = line("1312310102C1,00NTRFNONREF");
        assert_eq!(
            (moved.value, moved.booked),
            (Some(date(2013, 12, 31)), date(2014, 1, 2))
        );
        let moved = line("1401021231C1,00NTRFNONREF");
        assert_eq!(
            (moved.value, moved.booked),
            (Some(date(2014, 1, 2)), date(2013, 12, 31))
        );
        // A month of thirty days has a 30th, even February's.
        let moved = line("1602300301DR6,00N024NONREF");
        assert_eq!(
            (moved.value, moved.booked),
            (Some(date(2016, 2, 29)), date(2016, 3, 1))
        );
        assert_eq!(six_digits("991231"), Some(date(1999, 12, 31)));
    }

    #[test]
    fn references_of_owner_and_bank() {
        let moved = line("131209C79,7FMSC01916//MUL04");
        assert_eq!(moved.end_to_end.as_deref(), Some("01916"));
        assert_eq!(moved.reference.as_deref(), Some("MUL04"));
        assert_eq!(moved.code.as_deref(), Some("FMSC"));
        let moved = line("110527D1213,28N0440121470966      W.P. Jansen");
        assert_eq!(moved.end_to_end.as_deref(), Some("0121470966"));
        assert_eq!(moved.counterparty.name.as_deref(), Some("W.P. Jansen"));
        assert_eq!(line("110527D1,NTRFNONREF//NONREF").reference, None);
    }
}
