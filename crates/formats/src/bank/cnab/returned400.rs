//! CNAB 400 return files: one record for each occurrence of a title. Every bank moved some
//! columns of the common layout; the table below says which.

use std::collections::VecDeque;

use jiff::civil::Date;

use super::super::record::{DateForm, Machine, Record};
use super::super::{
    AccountId, BankFormat, Counterparty, Fault, Part, StatementHead, StatementTail, Transaction,
    TransactionState,
};
use super::occurrence::{self, Occurrence};
use super::returned240::{documents, reference, words};
use super::{reais, real, settled, tax_id};

type Columns = (usize, usize);

/// Where a bank writes what.
#[derive(Clone, Copy)]
struct Layout {
    our_number: Columns,
    company_use: Columns,
    code: Columns,
    occurred: Columns,
    document: Columns,
    value: Columns,
    charge: Columns,
    rebate: Columns,
    discount: Columns,
    received: Columns,
    interest: Columns,
    credited: Columns,
    dates: DateForm,
    credited_as: DateForm,
    /// What was credited once the charge is taken off, where the bank writes it apart.
    posted: Option<Columns>,
    payer: Option<Columns>,
    payer_tax_id: Option<Columns>,
}

/// Itaú, Santander and those who followed them.
const COMMON: Layout = Layout {
    our_number: (63, 70),
    company_use: (38, 62),
    code: (109, 110),
    occurred: (111, 116),
    document: (117, 126),
    value: (153, 165),
    charge: (176, 188),
    rebate: (228, 240),
    discount: (241, 253),
    received: (254, 266),
    interest: (267, 279),
    credited: (296, 301),
    dates: DateForm::DdMmYy,
    credited_as: DateForm::DdMmYy,
    posted: None,
    payer: None,
    payer_tax_id: None,
};

/// Banco do Brasil (CBR643) and the cooperatives that use its layout.
const BRASIL: Layout = Layout {
    our_number: (64, 80),
    company_use: (39, 63),
    charge: (182, 188),
    credited: (176, 181),
    posted: Some((306, 318)),
    ..COMMON
};

/// Banco de Brasília writes years with four digits, so that everything behind stands further.
const BRASILIA: Layout = Layout {
    our_number: (71, 82),
    occurred: (111, 118),
    document: (119, 128),
    value: (157, 169),
    charge: (180, 192),
    rebate: (232, 244),
    discount: (245, 257),
    received: (258, 270),
    interest: (271, 283),
    credited: (300, 307),
    dates: DateForm::DdMmYyyy,
    credited_as: DateForm::DdMmYyyy,
    ..COMMON
};

/// Credisis repeats the remittance's record and writes only what was paid and when.
const CREDISIS: Layout = Layout {
    our_number: (63, 73),
    company_use: NOWHERE,
    occurred: NOWHERE,
    document: NOWHERE,
    value: (254, 266),
    charge: NOWHERE,
    rebate: NOWHERE,
    discount: NOWHERE,
    interest: NOWHERE,
    credited: (176, 181),
    payer: Some((235, 253)),
    payer_tax_id: Some((224, 234)),
    ..COMMON
};

/// A bank does not write it.
const NOWHERE: Columns = (0, 0);

fn layout(bank: &str, kind: &str) -> Layout {
    match (bank, kind) {
        ("001", "1") => Layout {
            our_number: (63, 70),
            company_use: (38, 62),
            ..BRASIL
        },
        ("001", _) => BRASIL,
        ("756", _) => Layout {
            our_number: (63, 74),
            company_use: (38, 62),
            ..BRASIL
        },
        // Banco do Nordeste writes no day of credit: the day it occurred stands for it.
        ("004", _) => Layout {
            credited: NOWHERE,
            ..COMMON
        },
        ("041", _) => Layout {
            our_number: (63, 72),
            ..COMMON
        },
        ("070", _) => BRASILIA,
        ("097", _) => CREDISIS,
        ("104", _) => Layout {
            our_number: (57, 73),
            company_use: (32, 56),
            credited: (294, 299),
            ..COMMON
        },
        ("237", _) => Layout {
            our_number: (71, 82),
            ..COMMON
        },
        ("341", _) => Layout {
            payer: Some((325, 354)),
            ..COMMON
        },
        ("748", _) => Layout {
            our_number: (48, 62),
            company_use: NOWHERE,
            credited: (329, 336),
            credited_as: DateForm::YyyyMmDd,
            ..COMMON
        },
        _ => COMMON,
    }
}

/// A file under way: one statement.
#[derive(Default)]
pub(super) struct Returned {
    bank: String,
    opened: bool,
    ended: bool,
    records: i64,
    days: Option<(Date, Date)>,
}

impl Machine for Returned {
    fn take(&mut self, record: &Record, out: &mut VecDeque<Part>) {
        self.records += 1;
        let done = match record.cut((1, 1)) {
            "0" => {
                out.push_back(self.header(record));
                Ok(())
            }
            "1" | "7" => self.detail(record, out),
            "9" => self.trailer(record, out),
            // Shares, messages, PIX: they belong to the title before.
            "2" | "3" | "4" | "5" | "6" | "8" => Ok(()),
            kind => Err(record.fault(
                "tipo de registro",
                format!(
                    "No hay registros de tipo «{kind}» en CNAB 400. Descargue el archivo otra vez."
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
    fn header(&mut self, record: &Record) -> Part {
        self.bank = record.cut((77, 79)).to_owned();
        self.opened = true;
        let columns = match self.bank.as_str() {
            "001" => (27, 40),
            _ => (27, 46),
        };
        let account: String = record.cut(columns).split_whitespace().collect();
        let account = account.trim_start_matches('0');
        Part::Opens(Box::new(StatementHead {
            format: BankFormat::Cnab400,
            account: AccountId {
                number: (!account.is_empty()).then(|| account.to_owned()),
                bank: Some(self.bank.clone()),
                holder: record.text((47, 76)),
            },
            currency: Some(real()),
            number: record
                .code(if self.bank == "001" {
                    (101, 107)
                } else {
                    (109, 113)
                })
                .map(|code| code.trim_start_matches('0').to_owned()),
            from: None,
            to: None,
            opening: None,
            interim: true,
        }))
    }

    fn detail(&mut self, record: &Record, out: &mut VecDeque<Part>) -> Result<(), Fault> {
        if !self.opened {
            return Err(record.fault(
                "encabezado",
                "Falta el primer registro del archivo (tipo 0). Descárguelo otra vez.",
            ));
        }
        let layout = layout(&self.bank, record.cut((1, 1)));
        let transaction = occurrence_of(record, &layout, &self.bank)?;
        if transaction.state == TransactionState::Booked {
            let day = transaction.booked;
            let (first, last) = self.days.unwrap_or((day, day));
            self.days = Some((first.min(day), last.max(day)));
        }
        out.push_back(Part::Moved(Box::new(transaction)));
        Ok(())
    }

    fn trailer(&mut self, record: &Record, out: &mut VecDeque<Part>) -> Result<(), Fault> {
        self.ended = true;
        let announced = record.number((395, 400), "número de registro")?;
        if announced != 0 && announced != self.records {
            out.push_back(Part::Fault(record.fault(
                "número de registro",
                format!(
                    "El último registro es el número {announced} y el archivo trae {}. \
                     Descárguelo otra vez.",
                    self.records
                ),
            )));
        }
        if self.opened {
            self.opened = false;
            out.push_back(Part::Closes(Box::new(StatementTail {
                from: self.days.map(|(first, _)| first),
                to: self.days.map(|(_, last)| last),
                ..StatementTail::default()
            })));
        }
        Ok(())
    }
}

/// What a record says of its title.
fn occurrence_of(record: &Record, layout: &Layout, bank: &str) -> Result<Transaction, Fault> {
    let title = record.number(layout.value, "valor del título")?;
    let charge = record.number(layout.charge, "tarifa")?;
    let received = record.number(layout.received, "valor recibido")?;
    let occurred = record.date(layout.occurred, layout.dates, "fecha de ocurrencia")?;
    let credited = record.date(layout.credited, layout.credited_as, "fecha de crédito")?;
    let code = record.cut(layout.code).trim();
    // Credisis writes no code: what has a day of credit was paid.
    let kind = match (bank, code) {
        ("097", _) if credited.is_some() => Occurrence::Paid,
        _ => occurrence::of_400(bank, code),
    };
    let Some(booked) = credited.or(occurred) else {
        return Err(record.fault(
            "fecha de crédito",
            "No dice qué día se acreditó ni qué día ocurrió. Pida el archivo de nuevo al banco.",
        ));
    };
    let (amount, charges, state) = match kind {
        Occurrence::Paid if received > 0 => {
            let (amount, charges) = money_of(record, layout, title, charge, received)?;
            (amount, charges, TransactionState::Booked)
        }
        Occurrence::Charge if charge > 0 => (reais(-charge), None, TransactionState::Booked),
        _ => (reais(title), None, TransactionState::Information),
    };
    let company_use = record
        .code(layout.company_use)
        .map(|code| code.trim_start_matches('0'));
    let document = record.code(layout.document);
    let our_number = record.code(layout.our_number).map(str::to_owned);
    Ok(Transaction {
        line: record.number,
        booked,
        value: credited,
        amount,
        state,
        reference: reference(our_number.as_deref(), code),
        batch: None,
        end_to_end: None,
        counterparty: Counterparty {
            name: layout.payer.and_then(|columns| record.text(columns)),
            tax_id: layout
                .payer_tax_id
                .and_then(|columns| tax_id("1", record.code(columns))),
            ..Counterparty::default()
        },
        virtual_account: our_number,
        creditor_references: Vec::new(),
        documents: documents(document.or(company_use).map(str::to_owned), None),
        text: words(code, document.and(company_use)),
        charges,
        original: None,
        reversal: false,
        return_reason: None,
        code: (!code.is_empty()).then(|| code.to_owned()),
    })
}

/// What came to the account, and what the bank kept.
///
/// Banco do Brasil writes apart what it credited. Others write one figure, which is what was
/// paid or what is left of it: title, interest, rebate and discount tell which.
fn money_of(
    record: &Record,
    layout: &Layout,
    title: i64,
    charge: i64,
    received: i64,
) -> Result<(domain::Money, Option<domain::Money>), Fault> {
    if let Some(columns) = layout.posted {
        return Ok(settled(
            received,
            record.number(columns, "valor acreditado")?,
        ));
    }
    let owed = title + record.number(layout.interest, "juros")?
        - record.number(layout.rebate, "abatimento")?
        - record.number(layout.discount, "desconto")?;
    if charge > 0 && received + charge == owed {
        return Ok(settled(owed, received));
    }
    Ok(settled(received, received))
}
