//! Norma 43 (*Cuaderno 43* of the Spanish banks' association, AEB): statements of accounts in
//! records of eighty columns, in its three modalities.

use std::collections::VecDeque;

use domain::{Currency, Money};
use jiff::civil::Date;

use super::record::{DateForm, Machine, Record, by_line};
use super::{
    AccountId, Balance, BankFormat, Counterparty, Fault, Part, Parts, Source, StatementHead,
    StatementTail, Transaction, TransactionState,
};

/// Common concepts that take back an earlier movement: returned and unpaid, annulled.
const REVERSING_CONCEPTS: [&str; 2] = ["14", "98"];
/// Records of free text that may follow a movement.
const TEXTS_MAX: usize = 5;

/// Tells the norm by its first record: kind 11, an account, two dates, a sign, a balance.
pub(super) fn sniff(text: &str) -> Option<BankFormat> {
    let line = text.lines().next()?.trim_end();
    let bytes = line.as_bytes();
    let is_header = bytes.len() >= 51
        && line.starts_with("11")
        && bytes[2..51].iter().all(u8::is_ascii_digit)
        && matches!(bytes[32], b'1' | b'2');
    is_header.then_some(BankFormat::Norma43)
}

/// Reads the statements of a file.
pub(super) fn read(source: Source) -> Result<Parts, Fault> {
    by_line(source, Norma43::default())
}

/// A file under way.
#[derive(Default)]
struct Norma43 {
    account: Option<Account>,
    moved: Option<Moved>,
    records: i64,
    ended: bool,
}

/// An account under way: one statement.
struct Account {
    currency: Currency,
    from: Option<Date>,
    to: Option<Date>,
    opening: Balance,
    debits: (i64, i64),
    credits: (i64, i64),
}

/// A movement whose texts may still come.
struct Moved {
    transaction: Box<Transaction>,
    texts: Vec<String>,
}

impl Machine for Norma43 {
    fn take(&mut self, record: &Record, out: &mut VecDeque<Part>) {
        let kind = record.cut((1, 2));
        if kind != "88" {
            self.records += 1;
        }
        if !matches!(kind, "23" | "24") {
            self.finish(out);
        }
        let done = match kind {
            "11" => self.header(record, out),
            "22" => self.movement(record),
            "23" => self.text(record),
            "24" => self.original(record),
            "33" => self.trailer(record, out),
            "88" => self.end_of_file(record),
            // The file's own header, which some banks write.
            "00" => Ok(()),
            kind => Err(record.fault(
                "tipo de registro",
                format!("No hay registros «{kind}» en Norma 43. Descargue el archivo otra vez."),
            )),
        };
        if let Err(fault) = done {
            out.push_back(Part::Fault(fault));
        }
    }

    fn end(&mut self, line: u64, out: &mut VecDeque<Part>) {
        self.finish(out);
        // Some banks leave the file's last record out; what counts is the account's.
        if self.account.is_some() || (!self.ended && self.records == 0) {
            let reason = "El archivo se interrumpe: falta el registro final de la cuenta (33). \
                          Descárguelo otra vez.";
            out.push_back(Part::Fault(Fault::new(line, "archivo", reason, "")));
        }
    }
}

impl Norma43 {
    fn header(&mut self, record: &Record, out: &mut VecDeque<Part>) -> Result<(), Fault> {
        let unfinished = self.account.take().is_some();
        let currency = currency(record, (48, 50))?;
        let from = record.date((21, 26), DateForm::YyMmDd, "fecha inicial")?;
        let to = record.date((27, 32), DateForm::YyMmDd, "fecha final")?;
        let opening = Balance {
            on: from,
            amount: signed(record, 33, (34, 47), currency, "saldo inicial")?,
        };
        self.account = Some(Account {
            currency,
            from,
            to,
            opening,
            debits: (0, 0),
            credits: (0, 0),
        });
        let [bank, office, account] =
            [(3, 6), (7, 10), (11, 20)].map(|columns| record.cut(columns));
        out.push_back(Part::Opens(Box::new(StatementHead {
            format: BankFormat::Norma43,
            account: AccountId {
                number: Some(iban(bank, office, account)),
                bank: Some(bank.to_owned()),
                holder: record.text((52, 77)),
            },
            currency: Some(currency),
            number: None,
            from,
            to,
            opening: Some(opening),
            interim: false,
        })));
        if unfinished {
            return Err(record.fault(
                "cuenta",
                "La cuenta anterior no termina (falta su registro 33). Descargue el archivo otra \
                 vez.",
            ));
        }
        Ok(())
    }

    fn movement(&mut self, record: &Record) -> Result<(), Fault> {
        let Some(account) = &mut self.account else {
            return Err(record.fault("cuenta", "El movimiento no tiene una cuenta delante (11)."));
        };
        let amount = signed(record, 28, (29, 42), account.currency, "importe")?;
        let value = record.date((17, 22), DateForm::YyMmDd, "fecha valor")?;
        let Some(booked) = record
            .date((11, 16), DateForm::YyMmDd, "fecha de operación")?
            .or(value)
        else {
            return Err(record.fault("fecha de operación", "El movimiento no tiene fecha."));
        };
        let side = if amount.minor < 0 {
            &mut account.debits
        } else {
            &mut account.credits
        };
        side.0 += 1;
        side.1 = side.1.saturating_add(amount.minor.abs());
        let concept = record.cut((23, 24));
        let first = record.code((53, 64));
        // Number of the bank's slip or cheque and both references: payers write in any of them.
        let texts = [(43, 52), (53, 64), (65, 80)]
            .into_iter()
            .filter(|columns| record.code(*columns).is_some())
            .filter_map(|columns| record.text(columns))
            .collect();
        self.moved = Some(Moved {
            transaction: Box::new(Transaction {
                line: record.number,
                booked,
                value,
                amount,
                state: TransactionState::Booked,
                reference: first.map(str::to_owned),
                batch: None,
                end_to_end: None,
                counterparty: Counterparty::default(),
                virtual_account: None,
                creditor_references: Vec::new(),
                documents: Vec::new(),
                text: String::new(),
                charges: None,
                original: None,
                reversal: REVERSING_CONCEPTS.contains(&concept),
                return_reason: None,
                code: Some(format!("{concept}/{}", record.cut((25, 27)))),
            }),
            texts,
        });
        Ok(())
    }

    fn text(&mut self, record: &Record) -> Result<(), Fault> {
        let Some(moved) = &mut self.moved else {
            return Err(record.fault(
                "conceptos",
                "El registro de conceptos (23) no tiene un movimiento delante.",
            ));
        };
        // Two halves of one text: a word may go from one into the other.
        if moved.texts.len() < TEXTS_MAX + 3 {
            moved.texts.extend(record.text((5, 80)));
        }
        Ok(())
    }

    fn original(&mut self, record: &Record) -> Result<(), Fault> {
        let Some(moved) = &mut self.moved else {
            return Err(record.fault(
                "equivalencia",
                "El registro de equivalencia (24) no tiene un movimiento delante.",
            ));
        };
        let currency = currency(record, (5, 7))?;
        let minor = record.number((8, 21), "importe en la otra divisa")?;
        if minor != 0 && currency != moved.transaction.amount.currency {
            moved.transaction.original = Some((hundredths(minor, currency, record)?, None));
        }
        Ok(())
    }

    fn trailer(&mut self, record: &Record, out: &mut VecDeque<Part>) -> Result<(), Fault> {
        let Some(account) = self.account.take() else {
            return Err(record.fault("cuenta", "El registro final (33) no tiene su inicial (11)."));
        };
        let closing = Balance {
            on: account.to,
            amount: signed(record, 59, (60, 73), account.currency, "saldo final")?,
        };
        let counts = [
            ("número de apuntes del debe", (21, 25), account.debits.0),
            ("número de apuntes del haber", (40, 44), account.credits.0),
        ];
        let mut announced = 0;
        for (field, columns, read) in counts {
            let said = record.number(columns, field)?;
            announced += said;
            if said != read {
                let reason = format!(
                    "El banco anuncia {said} apuntes y se leyeron {read}. Descargue el archivo \
                     otra vez."
                );
                out.push_back(Part::Warning(record.fault(field, reason)));
            }
        }
        let sums = [
            ("total del debe", (26, 39), account.debits.1),
            ("total del haber", (45, 58), account.credits.1),
        ];
        for (field, columns, read) in sums {
            let said = hundredths(record.number(columns, field)?, account.currency, record)?;
            if said.minor != read {
                let reason = format!(
                    "El banco suma {} y los apuntes leídos suman {}. Descargue el archivo otra \
                     vez.",
                    said.decimal(),
                    Money::new(read, account.currency).decimal()
                );
                out.push_back(Part::Warning(record.fault(field, reason)));
            }
        }
        out.push_back(Part::Closes(Box::new(StatementTail {
            opening: Some(account.opening),
            closing: Some(closing),
            from: account.from,
            to: account.to,
            announced: u64::try_from(announced).ok().map(|count| (count, None)),
        })));
        Ok(())
    }

    fn end_of_file(&mut self, record: &Record) -> Result<(), Fault> {
        self.ended = true;
        let said = record.number((21, 26), "número de registros")?;
        // Some banks count this record too.
        if said == self.records || said == self.records + 1 {
            return Ok(());
        }
        Err(record.fault(
            "número de registros",
            format!(
                "El archivo dice tener {said} registros y trae {}. Descárguelo otra vez.",
                self.records
            ),
        ))
    }

    /// Hands over the movement whose texts are complete.
    fn finish(&mut self, out: &mut VecDeque<Part>) {
        if let Some(mut moved) = self.moved.take() {
            moved.transaction.text = moved.texts.join(" ");
            out.push_back(Part::Moved(moved.transaction));
        }
    }
}

/// Amount with its sign: 1 is debit, 2 is credit.
fn signed(
    record: &Record,
    sign: usize,
    columns: (usize, usize),
    currency: Currency,
    field: &'static str,
) -> Result<Money, Fault> {
    let minor = record.number(columns, field)?;
    let minor = match record.cut((sign, sign)) {
        "1" => -minor,
        "2" => minor,
        other => {
            let reason = format!(
                "La columna {sign} debe decir 1 (debe) o 2 (haber) y dice «{other}». Descargue \
                 el archivo otra vez."
            );
            return Err(record.fault(field, reason));
        }
    };
    hundredths(minor, currency, record)
}

/// The norm writes two decimals whatever the currency.
fn hundredths(number: i64, currency: Currency, record: &Record) -> Result<Money, Fault> {
    let value = rust_decimal::Decimal::new(number, 2);
    Money::from_decimal(value, currency).map_err(|error| {
        let reason = format!("El importe {value} no existe en {currency} ({error}).");
        record.fault("importe", reason)
    })
}

/// Numbers of ISO 4217 that statements of Iberian banks are in.
const CURRENCIES: [(&str, &str); 30] = [
    ("032", "ARS"),
    ("036", "AUD"),
    ("068", "BOB"),
    ("124", "CAD"),
    ("152", "CLP"),
    ("156", "CNY"),
    ("170", "COP"),
    ("188", "CRC"),
    ("203", "CZK"),
    ("208", "DKK"),
    ("214", "DOP"),
    ("320", "GTQ"),
    ("340", "HNL"),
    ("348", "HUF"),
    ("392", "JPY"),
    ("484", "MXN"),
    ("504", "MAD"),
    ("554", "NZD"),
    ("578", "NOK"),
    ("590", "PAB"),
    ("600", "PYG"),
    ("604", "PEN"),
    ("752", "SEK"),
    ("756", "CHF"),
    ("826", "GBP"),
    ("840", "USD"),
    ("858", "UYU"),
    ("978", "EUR"),
    ("985", "PLN"),
    ("986", "BRL"),
];

fn currency(record: &Record, columns: (usize, usize)) -> Result<Currency, Fault> {
    let number = record.cut(columns);
    CURRENCIES
        .binary_search_by_key(&number, |(number, _)| number)
        .ok()
        .and_then(|at| Currency::new(CURRENCIES[at].1).ok())
        .ok_or_else(|| {
            let reason = format!(
                "«{number}» no es una divisa conocida (978 es el euro). Pida al banco el archivo \
                 en la divisa de la cuenta."
            );
            record.fault("divisa", reason)
        })
}

/// The account's IBAN, so that it is the same account whatever format a statement comes in.
///
/// Check digits of the *Código Cuenta Cliente* (weights 1, 2, 4, 8, 5, 10, 9, 7, 3, 6 modulo 11)
/// and of ISO 13616 (modulo 97; E and S are 14 and 28).
fn iban(bank: &str, office: &str, account: &str) -> String {
    let digit = |digits: &str| {
        let weights = [1u32, 2, 4, 8, 5, 10, 9, 7, 3, 6];
        let sum: u32 = digits
            .bytes()
            .zip(weights)
            .map(|(byte, weight)| u32::from(byte.wrapping_sub(b'0') % 10) * weight)
            .sum();
        match 11 - sum % 11 {
            11 => 0,
            10 => 1,
            other => other,
        }
    };
    let first = digit(&format!("00{bank}{office}"));
    let second = digit(account);
    let basic = format!("{bank}{office}{first}{second}{account}");
    let rest = format!("{basic}142800").bytes().fold(0u32, |rest, byte| {
        (rest * 10 + u32::from(byte.wrapping_sub(b'0') % 10)) % 97
    });
    format!("ES{:02}{basic}", 98 - rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_the_same_as_in_other_formats() {
        // The example account of the Spanish IBAN in ISO 13616's registry.
        assert_eq!(
            iban("2100", "0418", "0200051332"),
            "ES9121000418450200051332"
        );
    }

    #[test]
    fn currencies_are_in_order() {
        assert!(CURRENCIES.is_sorted_by_key(|(number, _)| number));
    }
}
