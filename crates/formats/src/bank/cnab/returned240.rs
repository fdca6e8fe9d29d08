//! CNAB 240 return files: paid titles (segments T and U), the account's extract (segment E) and
//! payments made (segments A and J). Layouts: Febraban, with Santander's own columns.

use std::collections::VecDeque;

use domain::Money;
use jiff::civil::Date;

use super::super::record::{DateForm, Machine, Record};
use super::super::{
    AccountId, Balance, BankFormat, Counterparty, Fault, Part, ReferredDocument, StatementHead,
    StatementTail, Transaction, TransactionState,
};
use super::occurrence::{self, Occurrence};
use super::payment::{PAYMENT_A, PAYMENT_J, payment};
use super::{account_number, reais, real, settled, tax_id};

/// Columns of segment T that banks place differently.
struct TitleColumns {
    our_number: (usize, usize),
    document: (usize, usize),
    value: (usize, usize),
    company_use: (usize, usize),
    payer_kind: (usize, usize),
    payer_tax_id: (usize, usize),
    payer_name: (usize, usize),
    charge: (usize, usize),
    reasons: (usize, usize),
}

const FEBRABAN: TitleColumns = TitleColumns {
    our_number: (38, 57),
    document: (59, 73),
    value: (82, 96),
    company_use: (106, 130),
    payer_kind: (133, 133),
    payer_tax_id: (134, 148),
    payer_name: (149, 188),
    charge: (199, 213),
    reasons: (214, 223),
};

const SANTANDER: TitleColumns = TitleColumns {
    our_number: (41, 53),
    document: (55, 69),
    value: (78, 92),
    company_use: (101, 125),
    payer_kind: (128, 128),
    payer_tax_id: (129, 143),
    payer_name: (144, 183),
    charge: (194, 208),
    reasons: (209, 218),
};

/// Categories of the extract that take back an earlier movement (Febraban: reversals of debit and
/// credit, returned cheques).
const REVERSING_CATEGORIES: [&str; 3] = ["103", "203", "204"];

/// A file under way.
#[derive(Default)]
pub(super) struct Returned {
    bank: String,
    account: AccountId,
    number: Option<String>,
    made: Option<Date>,
    records: i64,
    batch: Option<Batch>,
    ended: bool,
}

/// A batch under way: one statement.
struct Batch {
    number: String,
    details: i64,
    opened: bool,
    title: Option<Title>,
    days: Option<(Date, Date)>,
    debits: i64,
    credits: i64,
}

/// Segment T, until its segment U comes.
struct Title {
    line: u64,
    raw: String,
    our_number: Option<String>,
    document: Option<String>,
    company_use: Option<String>,
    value: i64,
    charge: i64,
    payer: Counterparty,
    reasons: Option<String>,
}

impl Machine for Returned {
    fn take(&mut self, record: &Record, out: &mut VecDeque<Part>) {
        self.records += 1;
        let done = match record.cut((8, 8)) {
            "0" => self.file_header(record),
            "1" => self.batch_header(record, out),
            "3" => self.detail(record, out),
            "5" => self.batch_trailer(record, out),
            "9" => self.file_trailer(record, out),
            // Balances of batches begin and end some extracts; nothing moved.
            "2" | "4" => Ok(()),
            kind => Err(record.fault(
                "tipo de registro",
                format!(
                    "No hay registros de tipo «{kind}» en CNAB 240. Descargue el archivo otra vez."
                ),
            )),
        };
        if let Err(fault) = done {
            out.push_back(Part::Fault(fault));
        }
    }

    fn end(&mut self, line: u64, out: &mut VecDeque<Part>) {
        if !self.ended {
            let reason = "El archivo se interrumpe: falta su último registro (tipo 9). \
                          Descárguelo otra vez.";
            out.push_back(Part::Fault(Fault::new(line, "archivo", reason, "")));
        }
    }
}

impl Returned {
    fn file_header(&mut self, record: &Record) -> Result<(), Fault> {
        self.bank = record.cut((1, 3)).to_owned();
        let (agency, account) = if self.bank == "033" {
            ((33, 36), (38, 47))
        } else {
            ((53, 57), (59, 71))
        };
        self.account = AccountId {
            number: account_number(record.code(agency), record.code(account)),
            bank: Some(self.bank.clone()),
            holder: record.text((73, 102)),
        };
        self.number = record
            .code((158, 163))
            .map(|code| code.trim_start_matches('0').to_owned());
        // Only for movements without a day of their own.
        self.made = record
            .date((144, 151), DateForm::DdMmYyyy, "fecha del archivo")
            .ok()
            .flatten();
        Ok(())
    }

    fn batch_header(&mut self, record: &Record, out: &mut VecDeque<Part>) -> Result<(), Fault> {
        let unfinished = self.batch.take();
        let number = record.cut((4, 7)).trim_start_matches('0').to_owned();
        let is_extract = record.cut((10, 11)) == "04";
        let mut opening = None;
        if is_extract {
            opening = balance(record)?;
        }
        let head = StatementHead {
            format: BankFormat::Cnab240,
            account: self.account.clone(),
            currency: Some(real()),
            number: self.number.as_ref().map(|file| format!("{file}/{number}")),
            from: None,
            to: None,
            opening,
            interim: !is_extract,
        };
        self.batch = Some(Batch {
            number,
            details: 0,
            opened: true,
            title: None,
            days: None,
            debits: 0,
            credits: 0,
        });
        out.push_back(Part::Opens(Box::new(head)));
        match unfinished {
            Some(batch) if batch.opened => Err(record.fault(
                "lote",
                format!(
                    "El lote {} no termina (falta su registro tipo 5). Descargue el archivo otra \
                     vez.",
                    batch.number
                ),
            )),
            _ => Ok(()),
        }
    }

    fn detail(&mut self, record: &Record, out: &mut VecDeque<Part>) -> Result<(), Fault> {
        let columns = if self.bank == "033" {
            &SANTANDER
        } else {
            &FEBRABAN
        };
        let made = self.made;
        let Some(batch) = &mut self.batch else {
            return Err(record.fault(
                "lote",
                "El registro está fuera de todo lote. Descargue el archivo otra vez.",
            ));
        };
        batch.details += 1;
        let transaction = match record.cut((14, 14)) {
            "T" => return batch.keep_title(record, columns),
            "U" => batch.settle_title(record, made)?,
            "E" => batch.extract_line(record)?,
            "A" => payment(record, &PAYMENT_A)?,
            "J" if record.cut((18, 19)) != "52" => payment(record, &PAYMENT_J)?,
            // Details of the one before (addresses, PIX keys, cheques): no money.
            _ => return Ok(()),
        };
        if transaction.state == TransactionState::Booked {
            let day = transaction.booked;
            let (first, last) = batch.days.unwrap_or((day, day));
            batch.days = Some((first.min(day), last.max(day)));
        }
        out.push_back(Part::Moved(Box::new(transaction)));
        Ok(())
    }

    fn batch_trailer(&mut self, record: &Record, out: &mut VecDeque<Part>) -> Result<(), Fault> {
        let Some(mut batch) = self.batch.take() else {
            return Err(record.fault(
                "lote",
                "El lote termina sin haber empezado. Descargue el archivo otra vez.",
            ));
        };
        if let Some(title) = batch.title.take() {
            out.push_back(Part::Fault(title.alone()));
        }
        let announced = record.number((18, 23), "cantidad de registros")?;
        // Santander counts the details alone; the others, the first and the last record too.
        if announced != 0 && announced != batch.details && announced != batch.details + 2 {
            out.push_back(Part::Fault(record.fault(
                "cantidad de registros",
                format!(
                    "El lote dice tener {announced} registros y trae {}. Descargue el archivo \
                     otra vez.",
                    batch.details + 2
                ),
            )));
        }
        let mut tail = StatementTail {
            from: batch.days.map(|(first, _)| first),
            to: batch.days.map(|(_, last)| last),
            ..StatementTail::default()
        };
        if batch.debits > 0 || batch.credits > 0 || record.code((143, 168)).is_some() {
            tail.closing = balance(record)?;
            let totals = [
                ("total de débitos", (177, 194), batch.debits),
                ("total de créditos", (195, 212), batch.credits),
            ];
            for (field, columns, read) in totals {
                let said = record.number(columns, field)?;
                if said != 0 && said != read {
                    let reason = format!(
                        "El banco suma {} y las líneas leídas suman {}.",
                        reais(said).decimal(),
                        reais(read).decimal()
                    );
                    out.push_back(Part::Warning(record.fault(field, reason)));
                }
            }
        }
        out.push_back(Part::Closes(Box::new(tail)));
        Ok(())
    }

    fn file_trailer(&mut self, record: &Record, out: &mut VecDeque<Part>) -> Result<(), Fault> {
        self.ended = true;
        if self.batch.take().is_some() {
            out.push_back(Part::Fault(record.fault(
                "lote",
                "El último lote no termina (falta su registro tipo 5). Descargue el archivo otra \
                 vez.",
            )));
        }
        let announced = record.number((24, 29), "cantidad de registros")?;
        if announced == 0 || announced == self.records {
            return Ok(());
        }
        Err(record.fault(
            "cantidad de registros",
            format!(
                "El archivo dice tener {announced} registros y trae {}. Descárguelo otra vez.",
                self.records
            ),
        ))
    }
}

impl Batch {
    fn keep_title(&mut self, record: &Record, columns: &TitleColumns) -> Result<(), Fault> {
        let before = self.title.take();
        self.title = Some(Title {
            line: record.number,
            raw: record.cut((1, 240)).trim_end().to_owned(),
            our_number: record.code(columns.our_number).map(str::to_owned),
            document: record.code(columns.document).map(str::to_owned),
            company_use: record
                .code(columns.company_use)
                .map(|code| code.trim_start_matches('0').to_owned()),
            value: record.number(columns.value, "valor del título")?,
            charge: record.number(columns.charge, "tarifa")?,
            payer: Counterparty {
                name: record
                    .code(columns.payer_name)
                    .and(record.text(columns.payer_name)),
                tax_id: tax_id(
                    record.cut(columns.payer_kind),
                    record.code(columns.payer_tax_id),
                ),
                ..Counterparty::default()
            },
            reasons: record.code(columns.reasons).map(str::to_owned),
        });
        before.map_or(Ok(()), |title| Err(title.alone()))
    }

    /// Segment U: what was paid of the title, and when.
    fn settle_title(&mut self, record: &Record, made: Option<Date>) -> Result<Transaction, Fault> {
        let Some(title) = self.title.take() else {
            return Err(record.fault(
                "segmento T",
                "El segmento U no tiene su segmento T delante. Descargue el archivo otra vez.",
            ));
        };
        let interest = record.number((18, 32), "juros y multa")?;
        let paid = record.number((78, 92), "valor pagado")?;
        let net = record.number((93, 107), "valor líquido")?;
        let occurred = record.date((138, 145), DateForm::DdMmYyyy, "fecha de ocurrencia")?;
        let credited = record.date((146, 153), DateForm::DdMmYyyy, "fecha de crédito")?;
        let code = record.cut((16, 17));
        let (amount, charges, state) = match occurrence::of_240(code) {
            Occurrence::Paid if paid.max(net) > 0 => {
                let (amount, charges) = settled(paid, net);
                (amount, charges, TransactionState::Booked)
            }
            Occurrence::Charge if title.charge > 0 => {
                (reais(-title.charge), None, TransactionState::Booked)
            }
            _ => (reais(title.value), None, TransactionState::Information),
        };
        let Some(booked) = credited.or(occurred).or(made) else {
            return Err(record.fault(
                "fecha de crédito",
                "No dice qué día se acreditó ni qué día ocurrió. Pida el archivo de nuevo al banco.",
            ));
        };
        let is_paid = state == TransactionState::Booked && amount.is_positive();
        Ok(Transaction {
            line: title.line,
            booked,
            value: credited,
            amount,
            state,
            reference: reference(title.our_number.as_deref(), code),
            batch: None,
            end_to_end: None,
            counterparty: title.payer,
            virtual_account: title.our_number,
            creditor_references: Vec::new(),
            text: words(
                code,
                title.document.as_ref().and(title.company_use.as_deref()),
            ),
            documents: documents(
                title.document.or(title.company_use),
                is_paid.then(|| reais((paid - interest).max(0))),
            ),
            charges,
            original: None,
            reversal: false,
            return_reason: (!is_paid).then_some(title.reasons).flatten(),
            code: Some(code.to_owned()),
        })
    }

    /// Segment E: a line of the account's statement.
    fn extract_line(&mut self, record: &Record) -> Result<Transaction, Fault> {
        let booked = record.date((143, 150), DateForm::DdMmYyyy, "fecha del lanzamiento")?;
        let value = record.date((135, 142), DateForm::DdMmYyyy, "fecha contable")?;
        let minor = record.number((151, 168), "valor del lanzamiento")?;
        let signed = match record.cut((169, 169)) {
            "C" => {
                self.credits = self.credits.saturating_add(minor);
                minor
            }
            "D" => {
                self.debits = self.debits.saturating_add(minor);
                -minor
            }
            other => {
                let reason = format!("Debe decir C (crédito) o D (débito) y dice «{other}».");
                return Err(record.fault("tipo de lanzamiento", reason));
            }
        };
        let Some(booked) = booked.or(value) else {
            return Err(record.fault("fecha del lanzamiento", "El lanzamiento no tiene fecha."));
        };
        let category = record.cut((170, 172)).trim();
        let kind = record.cut((173, 176)).trim();
        let text: Vec<String> = [(177, 201), (114, 133)]
            .into_iter()
            .filter_map(|columns| record.text(columns))
            .filter(|text| text.chars().any(|letter| letter != '0'))
            .collect();
        Ok(Transaction {
            line: record.number,
            booked,
            value,
            amount: reais(signed),
            state: TransactionState::Booked,
            reference: record.code((202, 240)).map(str::to_owned),
            batch: None,
            end_to_end: None,
            counterparty: Counterparty::default(),
            virtual_account: None,
            creditor_references: Vec::new(),
            documents: Vec::new(),
            text: text.join(" "),
            charges: None,
            original: None,
            reversal: REVERSING_CATEGORIES.contains(&category),
            return_reason: None,
            code: Some(format!("{category}/{kind}")),
        })
    }
}

impl Title {
    /// What to say of a title whose segment U never came.
    fn alone(&self) -> Fault {
        let reason = "El título no tiene su segmento U, donde dice cuánto se pagó. Descargue el \
                      archivo otra vez.";
        Fault::new(self.line, "segmento U", reason, &self.raw)
    }
}

/// Balance of an extract's first or last record: day, 16 digits and 2 decimals, D or C.
fn balance(record: &Record) -> Result<Option<Balance>, Fault> {
    let on = record.date((143, 150), DateForm::DdMmYyyy, "fecha del saldo")?;
    let minor = record.number((151, 168), "saldo")?;
    let amount = match record.cut((169, 169)) {
        "D" => Money::new(-minor, real()),
        "C" => reais(minor),
        _ => return Ok(None),
    };
    Ok(Some(Balance { on, amount }))
}

/// One title has many occurrences: its number and the code tell them apart.
pub(super) fn reference(our_number: Option<&str>, code: &str) -> Option<String> {
    our_number.map(|number| format!("{number}/{code}"))
}

/// The document a title was written for.
pub(super) fn documents(number: Option<String>, amount: Option<Money>) -> Vec<ReferredDocument> {
    number
        .into_iter()
        .map(|number| ReferredDocument { number, amount })
        .collect()
}

/// What the occurrence is called, and the company's own note on the title.
pub(super) fn words(code: &str, company_use: Option<&str>) -> String {
    let words: Vec<&str> = [occurrence::name(code), company_use]
        .into_iter()
        .flatten()
        .collect();
    words.join(" ")
}
