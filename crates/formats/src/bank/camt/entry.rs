//! One entry of a camt statement, and the transactions it books.

use domain::Money;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::super::xml::Node;
use super::super::{
    AccountId, Counterparty, Fault, Part, ReferredDocument, Transaction, TransactionState, figure,
};
use super::Statement;

/// Transactions told of one entry; one with more is kept as a whole.
const DETAILS_MAX: usize = 200_000;

/// Sub-families of movements that take back an earlier one: returned transfers, unpaid debits and
/// cheques, reversals (external code set *Bank Transaction Codes*).
const RETURNS: [&str; 7] = ["RRTN", "UPDD", "UPCQ", "PRDD", "CQRV", "RPCR", "ARPD"];

/// What an entry said so far.
pub(super) struct Entry {
    line: u64,
    /// All of it but its details.
    node: Node,
    batch: Option<String>,
    details: Vec<Detail>,
    told: usize,
}

/// What is told of one transaction of an entry.
struct Detail {
    line: u64,
    /// Signed as told; `None` where nothing is.
    credit: Option<bool>,
    amount: Option<Node>,
    said: Said,
}

/// What entry and details can both say.
#[derive(Default)]
struct Said {
    reference: Option<String>,
    weak_reference: Option<String>,
    end_to_end: Option<String>,
    debtor: Counterparty,
    creditor: Counterparty,
    virtual_account: Option<String>,
    creditor_references: Vec<String>,
    documents: Vec<(String, Option<Node>)>,
    text: String,
    charges: Option<Node>,
    original: Option<(Node, Option<Decimal>)>,
    returned: bool,
    return_reason: Option<String>,
    code: Option<String>,
}

impl Entry {
    pub fn new(line: u64) -> Self {
        Self {
            line,
            node: Node::default(),
            batch: None,
            details: Vec::new(),
            told: 0,
        }
    }

    /// Takes in an element of the entry or of its details.
    pub fn take(&mut self, node: Node, own: &AccountId) {
        match node.name.as_str() {
            "TxDtls" => {
                self.told += 1;
                if self.told <= DETAILS_MAX {
                    self.details.push(Detail::of(&node, own));
                }
            }
            "Btch" => {
                let named = node.text("PmtInfId").or_else(|| node.text("MsgId"));
                self.batch = named.and_then(figure::reference);
            }
            _ => self.node.children.push(node),
        }
    }

    /// The transactions of the entry, or what is wrong with it.
    pub fn parts(mut self, statement: &Statement) -> Vec<Part> {
        let basics = match Basics::of(&self.node, statement) {
            Ok(basics) => basics,
            Err((field, reason)) => {
                let raw = self.raw();
                return vec![Part::Fault(Fault::new(self.line, field, reason, &raw))];
            }
        };
        if self.told <= 1 {
            let detail = self.details.pop();
            return vec![self.whole(&basics, detail.as_ref(), statement)];
        }
        let amounts = self.split(&basics, statement);
        let Some(amounts) = amounts else {
            let reason = format!(
                "Los {} pagos del lote no suman {}: se toma el movimiento entero. Pida al banco \
                 el detalle del lote.",
                self.told,
                basics.amount.decimal()
            );
            let warning = Fault::new(self.line, "lote", reason, &self.raw());
            return vec![Part::Warning(warning), self.whole(&basics, None, statement)];
        };
        let batch = self.reference().or_else(|| self.batch.clone());
        let transactions = self.details.iter().zip(amounts).map(|(detail, amount)| {
            let mut moved = transaction(&basics, &detail.said, amount, detail.line, statement);
            moved.batch.clone_from(&batch);
            Part::Moved(Box::new(moved))
        });
        transactions.collect()
    }

    /// Amounts of the details, if all are told and add up to the entry.
    fn split(&self, basics: &Basics, statement: &Statement) -> Option<Vec<Money>> {
        if self.told > DETAILS_MAX {
            return None;
        }
        let total = basics.amount;
        let unsigned: Vec<Money> = self
            .details
            .iter()
            .map(|detail| statement.money(detail.amount.as_ref()?).ok())
            .collect::<Option<_>>()?;
        let adds_up = |amounts: &[Money]| {
            let zero = Money::zero(total.currency);
            let sum = amounts
                .iter()
                .try_fold(zero, |sum, one| sum.checked_add(*one).ok());
            sum == Some(total)
        };
        let signed = |credit: bool, amount: Money| {
            let minor = if credit { amount.minor } else { -amount.minor };
            Money::new(minor, amount.currency)
        };
        let credit = total.minor >= 0;
        let own = self.details.iter().zip(&unsigned);
        let told: Vec<Money> = own
            .map(|(detail, amount)| signed(detail.credit.unwrap_or(credit), *amount))
            .collect();
        if adds_up(&told) {
            return Some(told);
        }
        // Some banks write the payer's side of each part.
        let plain: Vec<Money> = unsigned.iter().map(|one| signed(credit, *one)).collect();
        adds_up(&plain).then_some(plain)
    }

    /// The entry as one transaction, with what one detail tells of it.
    fn whole(&self, basics: &Basics, detail: Option<&Detail>, statement: &Statement) -> Part {
        let mut said = Said::of(&self.node, &statement.account);
        let within = detail.map(|detail| &detail.said);
        let mut moved = match within {
            Some(within) => transaction(basics, within, basics.amount, self.line, statement),
            None => transaction(basics, &said, basics.amount, self.line, statement),
        };
        moved.reference = said
            .reference
            .take()
            .or_else(|| within?.reference.clone())
            .or_else(|| said.weak_reference.take())
            .or_else(|| within?.weak_reference.clone());
        moved.batch.clone_from(&self.batch);
        moved.code = moved.code.or(said.code);
        moved.reversal |= said.returned;
        figure::add_words(&mut moved.text, &said.text);
        if moved.charges.is_none() {
            moved.charges = said
                .charges
                .and_then(|node| charged(&node, basics, statement));
        }
        Part::Moved(Box::new(moved))
    }

    fn reference(&self) -> Option<String> {
        let named = self
            .node
            .text("AcctSvcrRef")
            .or_else(|| self.node.text("NtryRef"));
        named.and_then(figure::reference)
    }

    /// What stands in the entry's leaves, for those who have to look it up.
    fn raw(&self) -> String {
        let leaves = self
            .node
            .children
            .iter()
            .filter(|node| node.children.is_empty());
        let texts: Vec<&str> = leaves.map(|node| node.text.as_str()).collect();
        texts.join(" ")
    }
}

/// What every transaction of an entry shares.
struct Basics {
    booked: Date,
    value: Option<Date>,
    amount: Money,
    state: TransactionState,
    reversal: bool,
}

impl Basics {
    fn of(node: &Node, statement: &Statement) -> Result<Self, (&'static str, String)> {
        let amount = statement
            .amount(node)
            .map_err(|reason| ("importe", reason))?;
        let credit = match node.text("CdtDbtInd") {
            Some("CRDT") => true,
            Some("DBIT") => false,
            _ => {
                let reason = "No dice si es abono o cargo (CdtDbtInd).";
                return Err(("sentido", reason.to_owned()));
            }
        };
        let status = ["Sts/Cd", "Sts/Prtry", "Sts"];
        let state = match status.iter().find_map(|path| node.text(path)) {
            Some("BOOK") | None => TransactionState::Booked,
            Some("PDNG" | "FUTR") => TransactionState::Pending,
            Some(_) => TransactionState::Information,
        };
        let value = day(node, "ValDt");
        let booked = day(node, "BookgDt").or(value);
        // What is still to come has no day of its own: it is known since the statement was made.
        let known = match state {
            TransactionState::Booked => None,
            _ => statement.created,
        };
        let booked = booked.or(known).ok_or_else(|| {
            let reason = "No trae fecha de registro ni fecha valor que se pueda leer.";
            ("fecha", reason.to_owned())
        })?;
        Ok(Self {
            booked,
            value,
            amount: if credit {
                amount
            } else {
                Money::new(-amount.minor, amount.currency)
            },
            state,
            reversal: matches!(node.text("RvslInd"), Some("true" | "1")),
        })
    }
}

impl Detail {
    fn of(node: &Node, own: &AccountId) -> Self {
        let amounts = ["Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/InstdAmt/Amt"];
        Self {
            line: node.line,
            credit: node.text("CdtDbtInd").map(|code| code == "CRDT"),
            amount: amounts.iter().find_map(|path| node.at(path)).cloned(),
            said: Said::of(node, own),
        }
    }
}

impl Said {
    fn of(node: &Node, own: &AccountId) -> Self {
        let at = |paths: &[&str]| {
            let text = paths.iter().find_map(|path| node.text(path))?;
            figure::reference(text)
        };
        let mut said = Self {
            reference: at(&["AcctSvcrRef", "Refs/AcctSvcrRef"]),
            weak_reference: at(&["NtryRef", "Refs/TxId", "Refs/UETR", "Refs/ClrSysRef"]),
            end_to_end: at(&["Refs/EndToEndId"]),
            debtor: party(node, "Dbtr"),
            creditor: party(node, "Cdtr"),
            charges: node.child("Chrgs").cloned(),
            original: original(node),
            returned: node.child("RtrInf").is_some(),
            return_reason: ["RtrInf/Rsn/Cd", "RtrInf/Rsn/Prtry", "RtrInf/RtrRsn/Cd"]
                .iter()
                .find_map(|path| node.text(path))
                .map(str::to_owned),
            ..Self::default()
        };
        let credited = said.creditor.account.clone();
        said.virtual_account = credited.filter(|account| own.number.as_ref() != Some(account));
        said.take_code(node);
        if let Some(remittance) = node.child("RmtInf") {
            said.take_remittance(remittance);
        }
        for name in ["AddtlTxInf", "AddtlNtryInf"] {
            figure::add_words(&mut said.text, node.text(name).unwrap_or_default());
        }
        said
    }

    fn take_code(&mut self, node: &Node) {
        let Some(code) = node.child("BkTxCd") else {
            return;
        };
        let family = code.text("Domn/Fmly/SubFmlyCd");
        self.returned |= family.is_some_and(|code| RETURNS.contains(&code));
        let levels = [code.text("Domn/Cd"), code.text("Domn/Fmly/Cd"), family];
        let levels: Vec<&str> = levels.into_iter().flatten().collect();
        self.code = if levels.is_empty() {
            code.text("Prtry/Cd").map(str::to_owned)
        } else {
            Some(levels.join("/"))
        };
    }

    fn take_remittance(&mut self, node: &Node) {
        for line in node.all("Ustrd") {
            figure::add_words(&mut self.text, &line.text);
        }
        for structured in node.all("Strd") {
            let reference = ["CdtrRefInf/Ref", "CdtrRefInf/CdtrRef"];
            let reference = reference.iter().find_map(|path| structured.text(path));
            self.creditor_references
                .extend(reference.and_then(figure::reference));
            let mut numbers: Vec<&str> = structured
                .all("RfrdDocInf")
                .filter_map(|document| document.text("Nb").or_else(|| document.text("RfrdDocNb")))
                .collect();
            numbers.extend(structured.text("RfrdDocNb"));
            let amounts = ["RfrdDocAmt/RmtdAmt", "RfrdDocAmt/DuePyblAmt"];
            let amount = amounts.iter().find_map(|path| structured.at(path));
            // An amount beside several numbers is that of none of them.
            let amount = amount.filter(|_| numbers.len() == 1);
            let numbers = numbers.into_iter().filter_map(figure::reference);
            self.documents
                .extend(numbers.map(|number| (number, amount.cloned())));
            for line in structured.all("AddtlRmtInf") {
                figure::add_words(&mut self.text, &line.text);
            }
        }
    }
}

fn transaction(
    basics: &Basics,
    said: &Said,
    amount: Money,
    line: u64,
    statement: &Statement,
) -> Transaction {
    let reversal = basics.reversal || said.returned;
    // A returned transfer names the parties of the one it returns.
    let incoming = (amount.minor >= 0) != basics.reversal;
    let (counterparty, other) = match incoming {
        true => (&said.debtor, &said.creditor),
        false => (&said.creditor, &said.debtor),
    };
    let own = statement.account.number.as_ref();
    let swapped = own.is_some() && counterparty.account.as_ref() == own;
    let counterparty = if swapped { other } else { counterparty };
    let documents = said
        .documents
        .iter()
        .map(|(number, amount)| ReferredDocument {
            number: number.clone(),
            amount: amount.as_ref().and_then(|node| statement.money(node).ok()),
        });
    Transaction {
        line,
        booked: basics.booked,
        value: basics.value,
        amount,
        state: basics.state,
        reference: said
            .reference
            .clone()
            .or_else(|| said.weak_reference.clone()),
        batch: None,
        end_to_end: said.end_to_end.clone(),
        counterparty: counterparty.clone(),
        virtual_account: said.virtual_account.clone().filter(|_| incoming),
        creditor_references: said.creditor_references.clone(),
        documents: documents.collect(),
        text: said.text.clone(),
        charges: said
            .charges
            .as_ref()
            .and_then(|node| charged(node, basics, statement)),
        original: said.original.as_ref().and_then(|(node, rate)| {
            let original = statement.money(node).ok()?;
            let foreign = original.currency != amount.currency && original.minor != 0;
            foreign.then(|| {
                (
                    original,
                    rate.and_then(|rate| direction(rate, original, amount)),
                )
            })
        }),
        reversal,
        return_reason: said.return_reason.clone(),
        code: said.code.clone(),
    }
}

/// What the bank kept of the amount; charges it books apart are none of it.
fn charged(node: &Node, basics: &Basics, statement: &Statement) -> Option<Money> {
    let apart = |node: &Node| matches!(node.text("ChrgInclInd"), Some("false" | "0"));
    let records: Vec<&Node> = node.all("Rcrd").collect();
    if apart(node) || (!records.is_empty() && records.iter().all(|record| apart(record))) {
        return None;
    }
    let total = node
        .child("TtlChrgsAndTaxAmt")
        .or_else(|| node.child("Amt"));
    let total = total.or_else(|| records.first()?.child("Amt"))?;
    let money = statement.money(total).ok()?;
    let counts = money.minor > 0 && money.currency == basics.amount.currency;
    counts.then_some(money)
}

/// What was instructed, and the rate it was exchanged at, as told.
fn original(node: &Node) -> Option<(Node, Option<Decimal>)> {
    let details = node.child("AmtDtls")?;
    let instructed = details
        .child("InstdAmt")
        .or_else(|| details.child("TxAmt"))?;
    let exchange = [
        "CcyXchg/XchgRate",
        "InstdAmt/CcyXchg/XchgRate",
        "TxAmt/CcyXchg/XchgRate",
        "CntrValAmt/CcyXchg/XchgRate",
    ];
    let rate = exchange.iter().find_map(|path| details.text(path));
    let rate = rate.and_then(|rate| figure::with_point(rate).ok());
    Some((instructed.child("Amt")?.clone(), rate))
}

/// Units of the account's currency for one of the other: banks write the rate either way round,
/// and the amounts tell which.
fn direction(rate: Decimal, original: Money, amount: Money) -> Option<Decimal> {
    let real = amount
        .decimal()
        .abs()
        .checked_div(original.decimal().abs())?;
    let inverse = Decimal::ONE.checked_div(rate)?;
    let distance = |rate: Decimal| Some(rate.checked_sub(real)?.abs());
    if distance(rate)? <= distance(inverse)? {
        Some(rate)
    } else {
        Some(inverse.round_dp(10))
    }
}

/// A party with its account, its bank and on whose behalf it acts.
fn party(node: &Node, side: &str) -> Counterparty {
    let parties = node.child("RltdPties");
    let at = |name: String| parties.and_then(|parties| parties.child(&name));
    let named = at(side.to_owned());
    let agent = node.at(&format!("RltdAgts/{side}Agt/FinInstnId"));
    let tax = node.text(&format!("Tax/{side}/TaxId"));
    Counterparty {
        name: named.and_then(party_name),
        tax_id: tax.map(str::to_owned).or_else(|| named.and_then(tax_id)),
        account: at(format!("{side}Acct")).and_then(account_number),
        bank: agent.and_then(bank_code),
        ultimate: at(format!("Ultmt{side}")).and_then(party_name),
    }
}

/// Since version 8 a party may be a person, a company or a bank.
fn inner(party: &Node) -> &Node {
    party
        .child("Pty")
        .or_else(|| party.child("Agt"))
        .unwrap_or(party)
}

pub(super) fn party_name(party: &Node) -> Option<String> {
    let party = inner(party);
    let name = party.text("Nm").or_else(|| party.text("FinInstnId/Nm"));
    figure::words(name?)
}

/// The id marked as that of the tax office, else the first.
fn tax_id(party: &Node) -> Option<String> {
    const TAX: [&str; 5] = ["TXID", "NIDN", "COID", "TAX", "SOSE"];
    let id = inner(party).child("Id")?;
    let known: Vec<&Node> = id
        .children
        .iter()
        .flat_map(|kind| kind.all("Othr").chain(kind.all("PrtryId")))
        .collect();
    let marked = known.iter().find(|other| {
        let scheme = other
            .text("SchmeNm/Cd")
            .or_else(|| other.text("SchmeNm/Prtry"));
        scheme.is_some_and(|scheme| TAX.contains(&scheme))
    });
    let found = marked.or_else(|| known.first())?;
    figure::words(found.text("Id")?)
}

pub(super) fn account_number(account: &Node) -> Option<String> {
    let paths = [
        "Id/IBAN",
        "Id/Othr/Id",
        "Id/BBAN",
        "Id/PrtryAcct/Id",
        "Id/UPIC",
        "Prxy/Id",
    ];
    let number = paths.iter().find_map(|path| account.text(path))?;
    figure::account(number)
}

pub(super) fn bank_code(institution: &Node) -> Option<String> {
    let paths = [
        "BICFI",
        "BIC",
        "ClrSysMmbId/MmbId",
        "ClrSysMmbId/Id",
        "Othr/Id",
    ];
    let code = paths.iter().find_map(|path| institution.text(path))?;
    figure::account(code)
}

/// The civil day of a choice of date and instant.
pub(super) fn day(node: &Node, name: &str) -> Option<Date> {
    let choice = node.child(name)?;
    let written = choice.text("Dt").or_else(|| choice.text("DtTm"))?;
    figure::iso_day(written)
}

#[cfg(test)]
mod tests {
    use domain::Currency;

    use super::*;

    #[test]
    fn a_rate_is_read_either_way_round() {
        let (usd, mxn) = (
            Money::new(10_000, Currency::USD),
            Money::new(185_000, Currency::MXN),
        );
        let rate = Decimal::new(185, 1);
        assert_eq!(direction(rate, usd, mxn), Some(rate));
        let inverse = direction(Decimal::new(54_054_054, 9), usd, mxn).expect("a rate");
        assert_eq!(inverse.round_dp(4), rate);
        assert_eq!(direction(Decimal::ZERO, usd, mxn), None);
    }
}
