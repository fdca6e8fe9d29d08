//! From what the matcher answers to what is written.

use std::collections::{HashMap, HashSet};

use domain::document::{DebtFacts, DocumentKind};
use domain::ids::{BankTransactionId, CustomerId, DocumentId, PaymentId};
use domain::ledger::matching::{
    AdjustmentKind, Index, IndexBuilder, KnownCustomer, KnownDocument, Laid, Proposal, Refused,
    Target, Verdict,
};
use domain::{CompanyId, Money};
use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::json;
use sha2::{Digest, Sha256};
use store::bank::{BankLine, OpenItem, Payer, open_items, payers};
use store::bulk::{ApplicationFacts, DocumentFacts, ImportChunk, PaymentFacts, SourceKey};
use store::matches::{
    self, Alias, AliasKind, KnownPayment, NewMatch, Refusal, SettleChunk, Settled, Share, Why,
};
use store::{Db, StoreError};

use super::{LINES_AT_ONCE, Tally, off_thread};
use crate::company::Company;
use crate::{AUTHOR, Engine, Result};

/// Why money lies where a match laid it.
pub(super) const MATCHED: &str = "bank_match";
/// A payment on record within so many days of a bank's line, of the same customer and amount, is
/// the same money.
const SAME_MONEY_DAYS: i64 = 3;
/// What begins the word under which a customer's own credit note closes a document.
pub(super) const CREDIT_NOTE: &str = "credit_note:";

/// What is open and who the customers are, with their keys.
pub(super) struct Known {
    pub(super) index: Index,
    refusals: HashSet<Refusal>,
    items: Vec<OpenItem>,
    payers: Vec<Payer>,
}

impl Known {
    fn item(&self, document: DocumentId) -> Option<&OpenItem> {
        let at = self.items.binary_search_by_key(&document, |it| it.document);
        at.ok().map(|at| &self.items[at])
    }

    /// Whether a person said that a line is not this customer's money at all.
    fn is_refused(&self, line: BankTransactionId, customer: CustomerId) -> bool {
        self.refusals.contains(&Refusal {
            line,
            customer,
            document: None,
        })
    }

    /// Whether a person said that a line pays none of what a proposal lays it on.
    fn refuses(&self, line: BankTransactionId, proposal: &Proposal) -> bool {
        let Some(customer) = proposal.customer else {
            return false;
        };
        let document = |laid: &Laid| {
            self.refusals.contains(&Refusal {
                line,
                customer,
                document: Some(laid.document),
            })
        };
        self.is_refused(line, customer)
            || (!proposal.applications.is_empty() && proposal.applications.iter().all(document))
    }

    /// What people refused or undid, as the matcher reads it.
    pub(super) fn refused(&self) -> Vec<Refused> {
        let refused = self.refusals.iter().map(|it| Refused {
            incoming: it.line.to_string(),
            target: match it.document {
                Some(document) => Target::Document(document),
                None => Target::Customer(it.customer),
            },
        });
        refused.collect()
    }

    fn key(&self, customer: CustomerId) -> Option<&str> {
        let at = self
            .payers
            .binary_search_by_key(&customer, |it| it.customer);
        at.ok().map(|at| self.payers[at].key.as_str())
    }
}

/// A payment that a line becomes.
pub(super) struct Paying<'a> {
    /// The customer's key.
    pub customer: &'a str,
    /// The line.
    pub line: &'a BankLine,
    /// The reference it is booked under.
    pub reference: &'a str,
    /// What lies where.
    pub shares: &'a [Share],
}

impl Paying<'_> {
    /// Adds the payment, what closes small differences, and what lies where.
    pub(super) fn add_to(&self, money: &mut ImportChunk, issued: impl Fn(&Share) -> Option<Date>) {
        let (line, reference) = (self.line, self.reference);
        money.payments.push(PaymentFacts {
            customer: self.customer.to_owned(),
            reference: reference.to_owned(),
            on: line.booked,
            amount: line.amount,
            extra: json!({ "bank_line": line.id.to_string() }),
            digest: Sha256::digest(line.id.uuid().as_bytes()).into(),
        });
        for share in self.shares {
            let on = issued(share).map_or(line.booked, |day| day.max(line.booked));
            let lay = |source, minor| ApplicationFacts {
                source,
                document: share.invoice.clone(),
                on,
                minor,
                matched: MATCHED.to_owned(),
            };
            if share.minor > 0 {
                let paid = SourceKey::Payment(reference.to_owned());
                money.applications.push(lay(paid, share.minor));
            }
            for (place, (kind, minor)) in share.closes_by.iter().enumerate() {
                let number = match kind.strip_prefix(CREDIT_NOTE) {
                    Some(number) => number.to_owned(),
                    None => {
                        let credit = self.adjustment(share, (place, kind.as_str(), *minor), on);
                        let number = credit.number.clone();
                        money.documents.push(credit);
                        number
                    }
                };
                money
                    .applications
                    .push(lay(SourceKey::Credit(number), *minor));
            }
        }
    }

    /// The credit note of a difference that is let go.
    fn adjustment(
        &self,
        share: &Share,
        (place, kind, minor): (usize, &str, i64),
        on: Date,
    ) -> DocumentFacts {
        let number = adjustment_number(self.line.id, share, place);
        let digest = Sha256::digest(format!("{number} {minor}").as_bytes()).into();
        DocumentFacts {
            customer: self.customer.to_owned(),
            number,
            kind: DocumentKind::CreditNote,
            issued: on,
            due: on,
            amount: Money::new(minor, self.line.amount.currency),
            direct_debit: false,
            debt: DebtFacts::default(),
            extra: json!({ "adjustment": kind, "of": share.invoice }),
            digest,
        }
    }
}

/// The number of the credit note for a difference: of one line and document there is one each.
pub(super) fn adjustment_number(line: BankTransactionId, share: &Share, place: usize) -> String {
    let short: String = line.to_string().chars().take(8).collect();
    format!("AJ-{short}-{}-{}", share.invoice, place + 1)
}

impl Engine {
    /// Everything open and everybody who may pay it.
    pub(super) async fn known(&self, company: &Company) -> Result<Known> {
        let (items, payers) = load(&self.db, company.id).await?;
        let aliases = matches::aliases(&self.db, company.id).await?;
        let refusals = matches::refusals(&self.db, company.id).await?;
        let refusals = refusals.into_iter().collect();
        off_thread(move || {
            let index = index_of(&items, &payers, &aliases);
            Known {
                index,
                refusals,
                items,
                payers,
            }
        })
        .await
    }

    /// Writes what the matcher answers, thousands of lines in one transaction.
    pub(super) async fn book(
        &self,
        company: &Company,
        known: &Known,
        (lines, proposals): (Vec<BankLine>, Vec<Proposal>),
    ) -> Result<Tally> {
        let mut by_id: HashMap<String, Proposal> = proposals
            .into_iter()
            .map(|it| (it.incoming.clone(), it))
            .collect();
        let mut tally = Tally::default();
        let answered: Vec<(BankLine, Proposal)> = lines
            .into_iter()
            .filter_map(|line| {
                let proposal = by_id.remove(&line.id.to_string())?;
                Some((line, proposal))
            })
            .collect();
        for part in answered.chunks(LINES_AT_ONCE) {
            self.book_part(company, known, part, &mut tally).await?;
        }
        Ok(tally)
    }

    async fn book_part(
        &self,
        company: &Company,
        known: &Known,
        part: &[(BankLine, Proposal)],
        tally: &mut Tally,
    ) -> Result<()> {
        let mut records = self.records(company, part).await?;
        let (chunk, counted) = chunk_of(known, part, &mut records, false);
        let stamp = self.stamp(AUTHOR);
        match matches::settle(&self.db, &stamp, company.id, chunk).await {
            Ok(_) => {
                tally.add(counted);
                return Ok(());
            }
            Err(StoreError::Refused { .. } | StoreError::Exists { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        // Something moved between reading and writing: line by line, and what cannot be applied any
        // more is looked at by a person.
        for one in part {
            let one = std::slice::from_ref(one);
            for only_propose in [false, true] {
                let mut records = self.records(company, one).await?;
                let (chunk, counted) = chunk_of(known, one, &mut records, only_propose);
                let stamp = self.stamp(AUTHOR);
                match matches::settle(&self.db, &stamp, company.id, chunk).await {
                    Ok(_) => {
                        tally.add(counted);
                        break;
                    }
                    Err(StoreError::Refused { .. } | StoreError::Exists { .. }) => {}
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Ok(())
    }

    /// What is on record that may be the money of these lines.
    async fn records(&self, company: &Company, part: &[(BankLine, Proposal)]) -> Result<Records> {
        let references: Vec<&str> = part
            .iter()
            .flat_map(|(line, _)| [line.reference.as_str(), line.end_to_end.as_str()])
            .filter(|it| !it.is_empty())
            .collect();
        let named = matches::payments_named(&self.db, company.id, &references).await?;
        let customers: HashSet<CustomerId> = part.iter().filter_map(|it| it.1.customer).collect();
        let customers: Vec<CustomerId> = customers.into_iter().collect();
        let first = part.iter().map(|(line, _)| line.booked).min();
        let since = first.map(|day| day.saturating_sub(SAME_MONEY_DAYS.days()));
        let unlinked = match since {
            Some(since) if !customers.is_empty() => {
                matches::payments_unlinked(&self.db, company.id, &customers, since).await?
            }
            _ => Vec::new(),
        };
        Ok(Records::new(named, unlinked))
    }
}

async fn load(db: &Db, company: CompanyId) -> Result<(Vec<OpenItem>, Vec<Payer>)> {
    let both = tokio::try_join!(open_items(db, company), payers(db, company));
    Ok(both?)
}

fn index_of(items: &[OpenItem], payers: &[Payer], aliases: &[Alias]) -> Index {
    let mut builder = IndexBuilder::with_capacity(payers.len(), items.len());
    for payer in payers {
        builder.customer(&KnownCustomer {
            id: payer.customer,
            key: &payer.key,
            name: &payer.name,
            tax_id: payer.tax_id.as_deref(),
        });
        for account in &payer.accounts {
            builder.account(payer.customer, account);
        }
    }
    for alias in aliases {
        match alias.kind {
            AliasKind::Account => builder.account(alias.customer, &alias.value),
            AliasKind::Name => builder.alias(alias.customer, &alias.value),
            AliasKind::VirtualAccount => builder.virtual_account(alias.customer, &alias.value),
            AliasKind::TaxId => {}
        }
    }
    for item in items {
        builder.document(&KnownDocument {
            id: item.document,
            customer: item.customer,
            number: &item.number,
            credit: item.credit,
            issued: item.issued,
            due: item.due,
            open: Money::new(item.open, item.amount.currency),
            net: None,
            total: item.amount.minor,
            references: &[],
            stamp: None,
        });
    }
    builder.build()
}

/// Payments on record that may be the money of a line.
struct Records {
    named: HashMap<String, KnownPayment>,
    unlinked: Vec<KnownPayment>,
    /// References that are taken, on record or by this very chunk.
    taken: HashSet<String>,
    used: HashSet<PaymentId>,
}

impl Records {
    fn new(named: Vec<KnownPayment>, unlinked: Vec<KnownPayment>) -> Self {
        Self {
            taken: named.iter().map(|it| it.reference.clone()).collect(),
            named: named
                .into_iter()
                .map(|it| (it.reference.clone(), it))
                .collect(),
            unlinked,
            used: HashSet::new(),
        }
    }

    /// The payment on record that is a line's money; each serves once.
    fn same_money(
        &mut self,
        line: &BankLine,
        customer: Option<CustomerId>,
        may_be: impl Fn(CustomerId) -> bool,
    ) -> Option<KnownPayment> {
        let near = |it: &KnownPayment| days_between(it.on, line.booked) <= SAME_MONEY_DAYS;
        let fits = |it: &KnownPayment| {
            it.line.is_none() && it.amount == line.amount && near(it) && may_be(it.customer)
        };
        let named = [&line.reference, &line.end_to_end]
            .into_iter()
            .filter_map(|it| self.named.get(it))
            .find(|it| fits(it) && !self.used.contains(&it.payment));
        let found = named.or_else(|| {
            let customer = customer?;
            self.unlinked
                .iter()
                .filter(|it| it.customer == customer && fits(it))
                .filter(|it| !self.used.contains(&it.payment))
                .min_by_key(|it| (days_between(it.on, line.booked), it.payment))
        });
        let found = found.cloned()?;
        self.used.insert(found.payment);
        Some(found)
    }

    /// A reference that no payment bears: the bank's own where it is free.
    fn reference(&mut self, line: &BankLine) -> String {
        let own = free_reference(line, |it| self.taken.contains(it));
        self.taken.insert(own.clone());
        own
    }
}

/// The bank's own reference, or with a part of our id where that is taken.
pub(super) fn free_reference(line: &BankLine, is_taken: impl Fn(&str) -> bool) -> String {
    if !is_taken(&line.reference) {
        return line.reference.clone();
    }
    let id = line.id.to_string();
    let with = |length: usize| {
        let short: String = id.chars().take(length).collect();
        format!("{} {short}", line.reference)
    };
    let short = with(8);
    if is_taken(&short) {
        with(id.len())
    } else {
        short
    }
}

fn days_between(one: Date, other: Date) -> i64 {
    one.until(other)
        .map_or(i64::MAX, |span| i64::from(span.get_days()).abs())
}

/// What is written of a part of the lines.
fn chunk_of(
    known: &Known,
    part: &[(BankLine, Proposal)],
    records: &mut Records,
    only_propose: bool,
) -> (SettleChunk, Tally) {
    let mut chunk = SettleChunk::default();
    let mut tally = Tally::default();
    for (line, proposal) in part {
        let same = records.same_money(line, proposal.customer, |customer| {
            !known.is_refused(line.id, customer)
        });
        if let Some(same) = same {
            tally.applied += 1;
            chunk.matches.push(recognised(line, &same));
            continue;
        }
        let key = proposal.customer.and_then(|it| known.key(it));
        let (Some(customer), Some(key)) = (proposal.customer, key) else {
            tally.unmatched += 1;
            continue;
        };
        if known.refuses(line.id, proposal) {
            tally.unmatched += 1;
            continue;
        }
        let shares = shares(known, line, proposal);
        let found = NewMatch {
            line: line.id,
            customer,
            confidence: i64::from(proposal.confidence_ppm),
            amount: line.amount,
            reasons: reasons(proposal, shares.is_none()),
            shares: shares.clone().unwrap_or_default(),
        };
        match (proposal.verdict, shares, only_propose) {
            (Verdict::Unmatched, ..) => tally.unmatched += 1,
            (Verdict::Applied, Some(shares), false) if !shares.is_empty() => {
                let reference = records.reference(line);
                let paying = Paying {
                    customer: key,
                    line,
                    reference: &reference,
                    shares: &shares,
                };
                let issued = |share: &Share| {
                    let item = share.document_id().and_then(|it| known.item(it));
                    item.map(|it| it.issued)
                };
                paying.add_to(&mut chunk.money, issued);
                chunk.matches.push((found, Settled::Paid(reference)));
                tally.applied += 1;
            }
            _ => {
                chunk.matches.push((found, Settled::Proposed));
                tally.proposed += 1;
            }
        }
    }
    (chunk, tally)
}

/// A match with money that is on record already.
fn recognised(line: &BankLine, same: &KnownPayment) -> (NewMatch, Settled) {
    let (reference, on) = (&same.reference, same.on);
    let found = NewMatch {
        line: line.id,
        customer: same.customer,
        confidence: 1_000_000,
        amount: line.amount,
        shares: Vec::new(),
        reasons: vec![Why {
            code: "already_recorded".to_owned(),
            text: format!(
                "Este dinero ya estaba registrado como el pago «{reference}» del {on}: no se \
                 registra otra vez."
            ),
        }],
    };
    (found, Settled::Recognised(same.payment))
}

/// What a proposal lays where; `None` where it cannot be booked as it is, because money and
/// document are of different currencies.
fn shares(known: &Known, line: &BankLine, proposal: &Proposal) -> Option<Vec<Share>> {
    let share = |laid: &Laid| {
        let item = known.item(laid.document)?;
        let same = item.amount.currency == line.amount.currency && laid.minor == laid.paid;
        let closes_by = laid.closes_by.iter().map(|it| {
            let word = match it.kind {
                AdjustmentKind::CreditNote(credit) => {
                    let number = &known.item(credit)?.number;
                    format!("{CREDIT_NOTE}{number}")
                }
                other => other.code().to_owned(),
            };
            Some((word, it.minor))
        });
        same.then_some(Share {
            document: laid.document.to_string(),
            invoice: item.number.clone(),
            minor: laid.minor,
            closes_by: closes_by.collect::<Option<Vec<_>>>()?,
        })
    };
    proposal.applications.iter().map(share).collect()
}

fn reasons(proposal: &Proposal, other_currency: bool) -> Vec<Why> {
    let mut all: Vec<Why> = proposal
        .reasons
        .iter()
        .map(|reason| Why {
            code: reason.code().to_owned(),
            text: reason.sentence(),
        })
        .collect();
    if other_currency {
        all.push(Why {
            code: "register_by_hand".to_owned(),
            text: "El dinero y el documento están en monedas distintas: registre el pago a mano \
                   con el tipo de cambio que corresponda."
                .to_owned(),
        });
    }
    all
}

impl Tally {
    const fn add(&mut self, other: Self) {
        self.applied += other.applied;
        self.proposed += other.proposed;
        self.unmatched += other.unmatched;
    }
}
