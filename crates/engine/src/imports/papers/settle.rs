//! What lies where by the word of papers, computed anew from all they said: so the order in which
//! they came is of no matter. Nothing is taken back that a person or the bank laid.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::Money;
use domain::document::{DebtFacts, DocumentKind};
use domain::hold::HoldKind;
use domain::ids::{CustomerId, ImportId};
use domain::paper::{ASSIGNED_TO, Claim, Debt, PaperEvent, PaperLink, lay};
use jiff::civil::Date;
use serde_json::json;
use store::bulk::{
    self, ApplicationFacts, ChunkCounts, DocumentFacts, HoldFacts, ImportChunk, SourceKey,
};
use store::papers::{self, Befallen, LinkedPayment, StampedDocument};

use super::super::meaning::document_digest;
use crate::company::Company;
use crate::{Engine, Result};

/// Why money lies where a paper says.
const BY_PAPER: &str = "einvoice";
/// Customers settled in one transaction.
const CHUNK_CUSTOMERS: usize = 500;

/// First the receipts, then the credit notes, then what reverses a cancelled document.
const RECEIPTS: u8 = 0;
const CREDIT_NOTES: u8 = 1;
const REVERSALS: u8 = 2;

impl Engine {
    /// Lays what papers say of these customers: receipts on what they pay, credit notes on what
    /// they lower, a reversing document on what was cancelled; holds what is contested or assigned.
    pub(in crate::imports) async fn settle_papers(
        &self,
        company: &Company,
        (import, customers): (Option<ImportId>, &[CustomerId]),
        author: &str,
    ) -> Result<ChunkCounts> {
        let mut told = ChunkCounts::default();
        for customers in customers.chunks(CHUNK_CUSTOMERS) {
            let papers = papers::of_customers(&self.db, company.id, customers.to_vec()).await?;
            let chunk = Settling::new(&papers).chunk();
            if chunk == ImportChunk::default() {
                continue;
            }
            let chunk = ImportChunk { import, ..chunk };
            let stamp = self.stamp(author);
            let counts = bulk::import_chunk(&self.db, &stamp, company.id, chunk).await?;
            told.documents.add(counts.documents);
            told.applications.add(counts.applications);
            told.holds.add(counts.holds);
        }
        Ok(told)
    }
}

/// A source and the document it lies on.
type Pair = (SourceKey, String);

/// What lies of a pair by day.
#[derive(Default)]
struct Present {
    by_paper: BTreeMap<Date, i64>,
    by_others: BTreeMap<Date, i64>,
    /// A person took it from there: the machine never lays it there again.
    undone: bool,
}

struct Settling<'a> {
    papers: &'a papers::Papers,
    /// Documents by their stamp, their number and the number of their whole.
    named: HashMap<String, Vec<&'a StampedDocument>>,
    /// Stamps that hold no longer, with the day and the event.
    ended: HashMap<&'a str, &'a Befallen>,
    present: BTreeMap<Pair, Present>,
    claims: Vec<Claim<SourceKey, String>>,
    debts: HashMap<String, Debt<String>>,
    left: HashMap<SourceKey, i64>,
    chunk: ImportChunk,
}

impl<'a> Settling<'a> {
    fn new(papers: &'a papers::Papers) -> Self {
        let mut named: HashMap<String, Vec<&StampedDocument>> = HashMap::new();
        for document in &papers.documents {
            let number = Some(format!("#{}", document.document.number));
            let whole = document.whole.as_ref().map(|whole| format!("#{whole}"));
            for name in [document.stamp.clone(), number, whole]
                .into_iter()
                .flatten()
            {
                named.entry(name).or_default().push(document);
            }
        }
        let mut ended: HashMap<&str, &Befallen> = HashMap::new();
        for event in papers.events.iter().filter(|event| event.kind.ends()) {
            let before = ended.entry(event.stamp.as_str()).or_insert(event);
            let key = |it: &Befallen| (it.kind, it.on.unwrap_or(Date::MAX));
            if key(event) < key(before) {
                *before = event;
            }
        }
        let mut present: BTreeMap<Pair, Present> = BTreeMap::new();
        for lying in &papers.lying {
            let payment = lying.payment.clone().map(SourceKey::Payment);
            let Some(source) = payment.or_else(|| lying.credit.clone().map(SourceKey::Credit))
            else {
                continue;
            };
            let entry = present.entry((source, lying.document.clone())).or_default();
            entry.undone |= lying.is_undone();
            let days = if lying.matched == BY_PAPER {
                &mut entry.by_paper
            } else {
                &mut entry.by_others
            };
            *days.entry(lying.on).or_default() += lying.minor;
        }
        Self {
            papers,
            named,
            ended,
            present,
            claims: Vec::new(),
            debts: HashMap::new(),
            left: HashMap::new(),
            chunk: ImportChunk::default(),
        }
    }

    fn chunk(mut self) -> ImportChunk {
        for document in &self.papers.documents {
            self.document(document);
        }
        self.receipts();
        self.credit_notes();
        for payment in &self.papers.payments {
            self.payment(payment);
        }
        self.holds();
        self.spend_of_others();
        self.applications();
        self.chunk
    }

    /// What ended a document, by its stamp or its number.
    fn end_of(&self, document: &StampedDocument) -> Option<&'a Befallen> {
        let stamp = document.stamp.as_deref();
        let by_stamp = stamp.and_then(|stamp| self.ended.get(stamp));
        let number = format!("#{}", document.document.number);
        let whole = document.whole.as_ref().map(|whole| format!("#{whole}"));
        let by_number = || self.ended.get(number.as_str());
        let by_whole = || self.ended.get(whole.as_deref()?);
        by_stamp.or_else(by_number).or_else(by_whole).copied()
    }

    /// A document as debt or as money, and what reverses it when it holds no longer.
    fn document(&mut self, it: &StampedDocument) {
        let document = &it.document;
        let credit = document.kind.is_credit();
        let own = SourceKey::Credit(document.number.clone());
        if credit {
            self.left.insert(own.clone(), document.amount.minor);
        } else {
            let debt = Debt {
                key: document.number.clone(),
                issued: document.issued,
                due: document.due,
                open: document.amount.minor,
            };
            self.debts.insert(debt.key.clone(), debt);
        }
        let Some(end) = self.end_of(it) else {
            return;
        };
        let on = end.on.unwrap_or(document.issued).max(document.issued);
        let kind = if credit {
            DocumentKind::DebitNote
        } else {
            DocumentKind::CreditNote
        };
        let number = format!("{} cancelada", document.number);
        let what = (kind, number, on);
        self.reversal(it.customer_key.clone(), what, document.amount, own);
    }

    /// What takes back a payment that is known from its receipts only, none of which holds.
    fn payment(&mut self, payment: &LinkedPayment) {
        let source = SourceKey::Payment(payment.reference.clone());
        self.left.insert(source.clone(), payment.amount.minor);
        if !payment.from_receipt {
            return;
        }
        let mut links = self.papers.links.iter();
        let of_this = links.by_ref().filter(|it| it.source == payment.reference);
        let mut ends = Vec::new();
        for link in of_this {
            match self.ended.get(link.receipt.as_str()) {
                Some(end) => ends.push(end.on.unwrap_or(payment.on)),
                None => return,
            }
        }
        let Some(on) = ends.into_iter().max() else {
            return;
        };
        let documents = &self.papers.documents;
        let key = documents.iter().find(|it| it.customer == payment.customer);
        if let Some(key) = key.map(|it| it.customer_key.clone()) {
            let number = format!("{} sin efecto", payment.reference);
            let what = (DocumentKind::DebitNote, number, on.max(payment.on));
            self.reversal(key, what, payment.amount, source);
        }
    }

    /// A document that takes back another document or a payment, whole, and nothing is deleted.
    fn reversal(
        &mut self,
        customer: String,
        (kind, number, on): (DocumentKind, String, Date),
        amount: Money,
        reversed: SourceKey,
    ) {
        let what = match &reversed {
            SourceKey::Payment(key) | SourceKey::Credit(key) => key.clone(),
        };
        let facts = DocumentFacts {
            customer,
            number: number.clone(),
            kind,
            issued: on,
            due: on,
            amount,
            direct_debit: false,
            debt: DebtFacts::default(),
            extra: json!({ "cancela": what }),
            digest: [0; 32],
        };
        let digest = document_digest(&facts);
        self.chunk.documents.push(DocumentFacts { digest, ..facts });
        let (source, target) = if kind.is_credit() {
            let source = SourceKey::Credit(number);
            self.left.insert(source.clone(), amount.minor);
            (source, what)
        } else {
            let debt = Debt {
                key: number.clone(),
                issued: on,
                due: on,
                open: amount.minor,
            };
            self.debts.insert(number.clone(), debt);
            (reversed, number)
        };
        self.claims.push(Claim {
            source,
            rank: REVERSALS,
            on,
            key: String::new(),
            minor: None,
            targets: vec![target],
        });
    }

    fn receipts(&mut self) {
        let links = self.papers.links.iter();
        for link in links.filter(|it| it.kind == PaperLink::Pays) {
            if self.ended.contains_key(link.receipt.as_str()) {
                continue;
            }
            let payment = self
                .papers
                .payments
                .iter()
                .find(|it| it.reference == link.source);
            let Some(payment) = payment else {
                continue;
            };
            let whose = (payment.customer, payment.amount);
            let source = SourceKey::Payment(link.source.clone());
            self.claims.push(Claim {
                source,
                rank: RECEIPTS,
                on: payment.on,
                key: format!("{}\n{}", link.receipt, link.target),
                minor: link.minor,
                targets: self.targets(&link.target, whose),
            });
        }
    }

    /// A credit note lowers what it names, all of its links together.
    fn credit_notes(&mut self) {
        let mut by_source: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for link in self
            .papers
            .links
            .iter()
            .filter(|it| it.kind == PaperLink::Adjusts)
        {
            by_source
                .entry(&link.source)
                .or_default()
                .push(&link.target);
        }
        for (stamp, targets) in by_source {
            let Some(credits) = self.named.get(stamp) else {
                continue;
            };
            let mut claims = Vec::new();
            for credit in credits.iter().filter(|it| it.document.kind.is_credit()) {
                if self.end_of(credit).is_some() {
                    continue;
                }
                let whose = (credit.customer, credit.document.amount);
                let targets = targets
                    .iter()
                    .flat_map(|target| self.targets(target, whose));
                claims.push(Claim {
                    source: SourceKey::Credit(credit.document.number.clone()),
                    rank: CREDIT_NOTES,
                    on: credit.document.issued,
                    key: stamp.to_owned(),
                    minor: None,
                    targets: targets.collect(),
                });
            }
            self.claims.extend(claims);
        }
    }

    /// The documents of a customer that a name stands for, in the currency of the money.
    fn targets(&self, name: &str, (customer, amount): (CustomerId, Money)) -> Vec<String> {
        let named = self.named.get(name).into_iter().flatten();
        let own = named.filter(|it| {
            it.customer == customer
                && !it.document.kind.is_credit()
                && it.document.amount.currency == amount.currency
        });
        own.map(|it| it.document.number.clone()).collect()
    }

    /// What is contested, and what is to be paid to somebody else, is not chased.
    fn holds(&mut self) {
        for event in &self.papers.events {
            let (kind, reason) = match event.kind {
                PaperEvent::Claimed if event.text.is_empty() => (
                    HoldKind::Dispute,
                    "el cliente la reclamó ante la autoridad fiscal".to_owned(),
                ),
                PaperEvent::Claimed => (
                    HoldKind::Dispute,
                    format!(
                        "el cliente la reclamó ante la autoridad fiscal: {}",
                        event.text
                    ),
                ),
                PaperEvent::Assigned => (HoldKind::Assigned, format!("{ASSIGNED_TO}{}", event.who)),
                _ => continue,
            };
            for it in self.named.get(&event.stamp).into_iter().flatten() {
                if it.document.kind.is_credit() || self.end_of(it).is_some() {
                    continue;
                }
                self.chunk.holds.push(HoldFacts {
                    customer: it.customer_key.clone(),
                    document: Some(it.document.number.clone()),
                    kind,
                    amount: None,
                    from: event.on.unwrap_or(it.document.issued),
                    until: None,
                    reason: reason.clone(),
                });
            }
        }
    }

    /// Leaves to papers what others left of documents and money; of a pair that both speak of, what
    /// others laid stays and counts for the paper.
    fn spend_of_others(&mut self) {
        for ((source, document), present) in &self.present {
            let mut laid: i64 = present.by_others.values().sum();
            if present.undone {
                laid += present.by_paper.values().sum::<i64>();
            }
            if let Some(debt) = self.debts.get_mut(document) {
                debt.open -= laid;
            }
            if let Some(left) = self.left.get_mut(source) {
                *left -= laid;
            }
            for claim in &mut self.claims {
                if claim.source != *source || !claim.targets.contains(document) {
                    continue;
                }
                if present.undone {
                    claim.targets.retain(|it| it != document);
                } else if let Some(minor) = &mut claim.minor {
                    let counted = laid.clamp(0, *minor);
                    *minor -= counted;
                    laid -= counted;
                }
            }
        }
    }

    /// The rows that lead from what lies there by papers to what papers say.
    fn applications(&mut self) {
        let debts: Vec<Debt<String>> = self.debts.values().cloned().collect();
        let mut wanted: BTreeMap<Pair, BTreeMap<Date, i64>> = BTreeMap::new();
        for laid in lay(&debts, &self.left, &self.claims) {
            let pair = (laid.source, laid.document);
            *wanted.entry(pair).or_default().entry(laid.on).or_default() += laid.minor;
        }
        let pairs: HashSet<&Pair> = wanted.keys().chain(self.present.keys()).collect();
        let mut pairs: Vec<&Pair> = pairs.into_iter().collect();
        pairs.sort_unstable();
        let (none, nothing) = (Present::default(), BTreeMap::new());
        for pair in pairs {
            let present = self.present.get(pair).unwrap_or(&none);
            let wanted = wanted.get(pair).unwrap_or(&nothing);
            let lies = present.by_paper.iter().filter(|(_, minor)| **minor != 0);
            if present.undone || lies.eq(wanted.iter()) {
                continue;
            }
            let mut days = present.by_others.clone();
            for (on, minor) in wanted {
                *days.entry(*on).or_default() += minor;
            }
            let last = present.by_paper.keys().next_back();
            if let (true, Some(last)) = (days.is_empty(), last) {
                days.insert(*last, 0);
            }
            for (on, minor) in days {
                self.chunk.applications.push(ApplicationFacts {
                    source: pair.0.clone(),
                    document: pair.1.clone(),
                    on,
                    minor,
                    matched: BY_PAPER.to_owned(),
                });
            }
        }
    }
}
