//! The one model of a bank statement.

use domain::{Currency, Money};
use jiff::civil::Date;
use rust_decimal::Decimal;

/// How a statement is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BankFormat {
    /// ISO 20022 camt.052, camt.053, camt.054 and camt.003.
    Camt,
    /// SWIFT MT940.
    Mt940,
    /// SWIFT MT942.
    Mt942,
    /// Open Financial Exchange 1 (SGML) and 2 (XML).
    Ofx,
    /// Febraban CNAB 240, return file.
    Cnab240,
    /// Febraban CNAB 400, return file.
    Cnab400,
    /// AEB *Cuaderno 43* of Spanish banks.
    Norma43,
    /// Quicken Interchange Format.
    Qif,
    /// PayPal settlement report.
    PayPal,
    /// Adyen settlement details report.
    Adyen,
    /// *Comprobante Electrónico de Pago* of a SPEI transfer (Banco de México).
    Cep,
    /// A spreadsheet of a bank.
    Table,
}

/// One thing that a reader hands back.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// A statement begins.
    Opens(Box<StatementHead>),
    /// Something moved, or is announced to.
    Moved(Box<Transaction>),
    /// Something of it could not be read and is missing from what was handed back.
    Fault(Fault),
    /// Nothing is missing, but something does not add up.
    Warning(Fault),
    /// The statement that began last ends.
    Closes(Box<StatementTail>),
}

/// An account as a statement names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct AccountId {
    /// IBAN, CLABE or account number, upper case, without blanks.
    pub number: Option<String>,
    /// BIC, routing number or bank code.
    pub bank: Option<String>,
    /// Whose it is.
    pub holder: Option<String>,
}

/// What is known when a statement begins.
#[derive(Clone, Debug, PartialEq)]
pub struct StatementHead {
    /// How it is written.
    pub format: BankFormat,
    /// The account.
    pub account: AccountId,
    /// The account's currency, where it is said.
    pub currency: Option<Currency>,
    /// The bank's own number of the statement.
    pub number: Option<String>,
    /// First day it covers.
    pub from: Option<Date>,
    /// Last day it covers.
    pub to: Option<Date>,
    /// Balance before its first transaction, where it comes first.
    pub opening: Option<Balance>,
    /// It announces or repeats what a statement will say (camt.052, camt.054, MT942): its lines
    /// may come again with that.
    pub interim: bool,
}

/// What is known when a statement ends; it completes what its head left open.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StatementTail {
    /// Balance before its first transaction.
    pub opening: Option<Balance>,
    /// Balance after its last booked transaction.
    pub closing: Option<Balance>,
    /// First day it covers.
    pub from: Option<Date>,
    /// Last day it covers.
    pub to: Option<Date>,
    /// How many lines it says to hold, and their sum, where it says so.
    pub announced: Option<(u64, Option<Decimal>)>,
}

/// A balance at the end of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balance {
    /// The day.
    pub on: Option<Date>,
    /// Negative when the account is overdrawn.
    pub amount: Money,
}

/// One movement. A batch whose parts are told gives one for each part.
#[derive(Clone, Debug, PartialEq)]
pub struct Transaction {
    /// 1-based line or entry in the file.
    pub line: u64,
    /// Civil date it was booked.
    pub booked: Date,
    /// Civil date it bears interest from.
    pub value: Option<Date>,
    /// Positive when it came in.
    pub amount: Money,
    /// Whether it is final.
    pub state: TransactionState,
    /// The bank's own reference of it: AcctSvcrRef, FITID, what stands behind `//` in `:61:`.
    pub reference: Option<String>,
    /// The bank's reference of the batch it is a part of.
    pub batch: Option<String>,
    /// The payer's reference, end to end; tracking key of SPEI.
    pub end_to_end: Option<String>,
    /// Who is on the other side.
    pub counterparty: Counterparty,
    /// The account's own number the payer was given: a virtual account, CLABE, *nosso número*.
    pub virtual_account: Option<String>,
    /// Structured creditor references (ISO 11649 and national ones), as written.
    pub creditor_references: Vec<String>,
    /// Documents it says to pay.
    pub documents: Vec<ReferredDocument>,
    /// Free text, its lines joined by one blank.
    pub text: String,
    /// What the bank kept: the payer paid `amount` and this.
    pub charges: Option<Money>,
    /// What was paid in another currency, and units of the account's for one of it.
    pub original: Option<(Money, Option<Decimal>)>,
    /// It takes back an earlier one: a reversal, a returned debit, a bounced cheque, a chargeback.
    pub reversal: bool,
    /// Why it was returned, as coded.
    pub return_reason: Option<String>,
    /// What kind of movement the bank says it is: `PMNT/RCDT/ESCT`, `NTRF`, `CREDIT`.
    pub code: Option<String>,
}

/// Whether a movement is final.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionState {
    /// It happened.
    Booked,
    /// It is expected to.
    Pending,
    /// It is only told of.
    Information,
}

/// Who is on the other side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counterparty {
    /// Name as the bank writes it.
    pub name: Option<String>,
    /// Tax id.
    pub tax_id: Option<String>,
    /// IBAN, CLABE or account number, upper case, without blanks.
    pub account: Option<String>,
    /// BIC or bank code.
    pub bank: Option<String>,
    /// On whose behalf it was paid.
    pub ultimate: Option<String>,
}

/// A document that a payer says to pay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferredDocument {
    /// Its number as written.
    pub number: String,
    /// What is paid of it.
    pub amount: Option<Money>,
}

/// A line that could not be read, or that does not add up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The entry of the archive, where the file is one.
    pub entry: Option<String>,
    /// 1-based line or entry in the file.
    pub line: u64,
    /// Which field, in Spanish.
    pub field: &'static str,
    /// Why, in Spanish, and what to do.
    pub reason: String,
    /// The line as it stands, shortened.
    pub raw: String,
}

impl Fault {
    /// Letters kept of a line that could not be read.
    const RAW_MAX: usize = 200;

    /// A fault at a line; `raw` is shortened.
    pub fn new(line: u64, field: &'static str, reason: impl Into<String>, raw: &str) -> Self {
        let plain = raw
            .chars()
            .map(|letter| if letter.is_control() { ' ' } else { letter });
        let mut kept: String = plain.take(Self::RAW_MAX).collect();
        if raw.chars().nth(Self::RAW_MAX).is_some() {
            kept.push('…');
        }
        Self {
            entry: None,
            line,
            field,
            reason: reason.into(),
            raw: kept,
        }
    }
}
