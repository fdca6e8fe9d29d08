//! What a part of the papers means: whose each is, under which number it stands in the ledger, and
//! what it says of others.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use domain::Money;
use domain::document::DocumentKind;
use domain::file::clean_name;
use domain::paper::{PaperEvent, PaperLink, part_number};
use formats::invoice::{
    Event, EventKind, Found, Invoice, PaymentPart, Reading, Receipt, ReceivedPayment, Reference,
    Relation, Standard,
};
use formats::spreadsheet::{CustomerFields, Record};
use jiff::ToSpan;
use jiff::civil::Date;
use store::bulk::{LinkFacts, OriginalFacts, PaperChunk, PaperEventFacts, PartFacts, StampFacts};
use store::documents::KnownDocument;
use store::papers::{self, Asked, FreePayment, KnownPapers};

use super::own::{Own, Side, normal};
use super::read::Batch;
use super::rows::{
    accept_by, by_currency, document_row, fields, original_kind, parts, receipt_reference,
    standard_code, told_of,
};
use super::{Fault, Papers, Place, Tally};
use crate::Result;

/// Signs of a bank's number that can tell one operation from another.
const OPERATION_CHARS_MIN: usize = 4;

/// What a paper is to the company.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It is owed something more or less.
    Invoice,
    /// It was paid so often.
    Receipt(u64),
    /// Something befell a document.
    Event,
    /// A list names a document.
    Listed,
    /// Nothing for the ledger.
    Silent(&'static str),
    /// Others are owed by it.
    OfSupplier,
}

impl Kind {
    /// What it would make in a ledger that knows nothing yet.
    pub(super) fn entities(&self) -> Vec<(&'static str, u64)> {
        match self {
            Self::Invoice => vec![("documents", 1)],
            Self::Receipt(payments) => vec![("payments", *payments)],
            Self::Event => vec![("document_events", 1)],
            Self::Listed | Self::Silent(_) | Self::OfSupplier => Vec::new(),
        }
    }
}

/// What a paper is to the company, or why it cannot be told.
pub(super) fn kind_of(own: &Own, found: &Found) -> Result<Kind, Fault> {
    let place = Place {
        file: found.name.clone(),
        line: found.line,
        number: String::new(),
    };
    let reading = match &found.outcome {
        Ok(reading) => reading,
        Err(fault) => {
            let file = fault.file.clone();
            let line = fault.line.unwrap_or(found.line);
            let place = Place {
                file,
                line,
                ..place
            };
            return Err(place.fault(
                fault.field.clone().unwrap_or_default(),
                fault.reason.clone(),
            ));
        }
    };
    let (kind, issuer, receiver) = match reading {
        Reading::Silent { what, .. } => return Ok(Kind::Silent(what)),
        Reading::Invoice(it) if it.trial => {
            return Ok(Kind::Silent("comprobantes del ambiente de pruebas"));
        }
        Reading::Invoice(it) if it.global => {
            return Ok(Kind::Silent("facturas globales: no tienen un cliente"));
        }
        Reading::Invoice(it) => (Kind::Invoice, &it.issuer.tax_id, &it.receiver.tax_id),
        Reading::Receipt(it) => (
            Kind::Receipt(it.payments.len() as u64),
            &it.issuer.tax_id,
            &it.receiver.tax_id,
        ),
        Reading::Event(it) if it.issuer.is_none() => return Ok(kind_of_event(it)),
        Reading::Event(it) => (kind_of_event(it), &it.issuer, &it.receiver),
    };
    match own.side(issuer.as_deref(), receiver.as_deref()) {
        Side::Ours => Ok(kind),
        Side::OfSupplier => Ok(Kind::OfSupplier),
        Side::Foreign if own.is_empty() => Err(place.fault(
            "emisor",
            "no se sabe cuál identificación fiscal es la de la empresa: dígala con `puntual \
             company set tax_ids=…` e importe otra vez"
                .to_owned(),
        )),
        Side::Foreign => {
            let name = |id: &Option<String>| id.clone().unwrap_or_else(|| "nadie".to_owned());
            let (issuer, receiver) = (name(issuer), name(receiver));
            let reason = format!(
                "lo emitió {issuer} para {receiver}, y ninguno es la empresa: si lo es, agréguelo \
                 con `puntual company set tax_ids=…`"
            );
            Err(place.fault("emisor", reason))
        }
    }
}

const fn kind_of_event(event: &Event) -> Kind {
    match event.kind {
        EventKind::Listed { .. } => Kind::Listed,
        _ => Kind::Event,
    }
}

/// A payment that a receipt tells, as the ledger takes it.
#[derive(Clone, Debug)]
pub(in crate::imports) struct Received {
    /// Who paid.
    pub customer: CustomerFields,
    /// Its reference.
    pub reference: String,
    /// The day.
    pub on: Date,
    /// How much.
    pub amount: Money,
    /// What else is told of it.
    pub extra: Vec<(Arc<str>, String)>,
}

/// A document with its place in the files.
pub(super) type Row = (u64, Place, Record);

/// A part of the papers, put in order.
#[derive(Default)]
pub(super) struct Sorted {
    pub(super) rows: Vec<Row>,
    pub(super) received: Vec<Received>,
    pub(super) papers: PaperChunk,
    /// Keys of the customers whose papers these are.
    pub(super) customers: BTreeSet<String>,
    pub(super) faults: Vec<Fault>,
    pub(super) warnings: Vec<String>,
    pub(super) tally: Tally,
}

impl Papers<'_> {
    /// Puts a part in order, against what the ledger knows.
    pub(super) async fn sort(&self, batch: Batch) -> Result<Sorted> {
        let mut sorted = Sorted::default();
        let mut ours = Vec::with_capacity(batch.len());
        for found in batch {
            match kind_of(&self.own, &found) {
                Err(fault) => sorted.faults.push(fault),
                Ok(kind) => {
                    sorted.tally.add(&kind);
                    if !matches!(kind, Kind::Silent(_) | Kind::OfSupplier) {
                        ours.push(found);
                    }
                }
            }
        }
        let (db, company) = (&self.engine.db, self.company.id);
        let known = papers::known(db, company, asked(&ours)).await?;
        let unstamped = known.numbers.iter().filter(|(_, stamp)| stamp.is_none());
        let unstamped: Vec<&str> = unstamped.map(|(number, _)| number.as_str()).collect();
        let listed = store::documents::known(db, company, &unstamped).await?;
        let keys = self.keys(&ours).await?;
        let payers: BTreeSet<String> = ours
            .iter()
            .filter_map(|found| match &found.outcome {
                Ok(Reading::Receipt(receipt)) => keys.of(&fields(&receipt.receiver)),
                _ => None,
            })
            .collect();
        let payers = payers.into_iter().collect();
        let free = papers::free_payments(db, company, payers).await?;
        let mut sorting = Sorting {
            known: &known,
            listed: &listed,
            keys: &keys,
            free,
            taken: HashMap::new(),
            told: BTreeSet::new(),
            row: 0,
            sorted,
        };
        for found in ours {
            sorting.take(found);
        }
        Ok(sorting.sorted)
    }

    /// The keys under which the ledger knows who received these papers.
    async fn keys(&self, found: &[Found]) -> Result<Keys> {
        let fields: Vec<CustomerFields> = found
            .iter()
            .filter_map(|found| match found.outcome.as_ref().ok()? {
                Reading::Invoice(it) => Some(fields(&it.receiver)),
                Reading::Receipt(it) => Some(fields(&it.receiver)),
                _ => None,
            })
            .collect();
        let tax_ids: BTreeSet<&str> = fields
            .iter()
            .filter_map(|it| Some(it.tax_id.as_ref()?.normal.as_str()))
            .collect();
        let names: BTreeSet<String> = fields
            .iter()
            .filter_map(super::super::meaning::customer_name)
            .collect();
        let tax_ids: Vec<&str> = tax_ids.into_iter().collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let (db, company) = (&self.engine.db, self.company.id);
        let identities = store::customers::identities(db, company, &tax_ids, &names).await?;
        Ok(Keys { identities })
    }
}

/// The keys of customers.
struct Keys {
    identities: store::customers::Identities,
}

impl Keys {
    fn of(&self, fields: &CustomerFields) -> Option<String> {
        super::super::meaning::known_key(&self.identities, fields)
    }
}

/// What has to be known before a part can be put in order.
fn asked(found: &[Found]) -> Asked {
    let mut asked = Asked::default();
    for found in found {
        match &found.outcome {
            Ok(Reading::Invoice(it)) => {
                asked.stamps.insert(stamp_of(it));
                asked.numbers.insert(it.number.clone());
                let id = it.receiver.tax_id.as_deref().map(normal);
                asked.tax_ids.extend(id);
            }
            Ok(Reading::Receipt(it)) => {
                asked.receipts.insert(stamp_of_receipt(it));
            }
            _ => {}
        }
    }
    asked
}

/// The stamp, or what tells the document apart where there is none.
fn stamp_of(invoice: &Invoice) -> String {
    let issuer = invoice
        .issuer
        .tax_id
        .as_deref()
        .map(normal)
        .unwrap_or_default();
    let own = || format!("{issuer}-{}-{}", invoice.kind.code(), invoice.number);
    invoice.stamp.clone().unwrap_or_else(own)
}

fn stamp_of_receipt(receipt: &Receipt) -> String {
    let issuer = receipt
        .issuer
        .tax_id
        .as_deref()
        .map(normal)
        .unwrap_or_default();
    let own = || format!("{issuer}-receipt-{}", receipt.number);
    receipt.stamp.clone().unwrap_or_else(own)
}

fn target_of(stamp: Option<&String>, number: Option<&String>) -> Option<String> {
    let numbered = || number.map(|number| format!("#{number}"));
    stamp.cloned().or_else(numbered)
}

/// A part that is being put in order.
struct Sorting<'a> {
    known: &'a KnownPapers,
    /// Documents that the company's own lists told of.
    listed: &'a HashMap<String, KnownDocument>,
    keys: &'a Keys,
    /// Payments of these customers that no receipt speaks of yet.
    free: Vec<FreePayment>,
    /// Stamps by the numbers that this part gave out.
    taken: HashMap<String, String>,
    /// Stamps this part told of.
    told: BTreeSet<String>,
    row: u64,
    sorted: Sorted,
}

impl Sorting<'_> {
    fn take(&mut self, found: Found) {
        let place = Place {
            file: found.name.clone(),
            line: found.line,
            number: String::new(),
        };
        match found.outcome {
            Ok(Reading::Invoice(invoice)) => self.invoice(&invoice, &found.bytes, place),
            Ok(Reading::Receipt(receipt)) => self.receipt(&receipt, place),
            Ok(Reading::Event(event)) => self.event(*event),
            Ok(Reading::Silent { .. }) | Err(_) => {}
        }
    }

    fn invoice(&mut self, invoice: &Invoice, bytes: &Arc<[u8]>, place: Place) {
        for warning in &invoice.warnings {
            self.sorted
                .warnings
                .push(format!("{}: {warning}", place.file));
        }
        let stamp = stamp_of(invoice);
        let customer = fields(&invoice.receiver);
        let Some(key) = self.keys.of(&customer) else {
            let reason = "no dice a quién se emitió: falta la identificación fiscal y el nombre \
                          del receptor";
            let fault = place.fault("receptor", reason.to_owned());
            self.sorted.faults.push(fault);
            return;
        };
        self.sorted.customers.insert(key.clone());
        let standard = standard_code(invoice.standard);
        let known = self.known.stamps.get(&stamp);
        let from_list = |standard: &str| standard == standard_code(Standard::Rcv);
        // A list says less than the file: what it told is told anew by the file.
        let fuller = known.filter(|it| from_list(&it.standard) && !from_list(standard));
        let numbers = match (known, fuller) {
            _ if !self.told.insert(stamp.clone()) => return,
            (Some(known), None) => {
                self.original(known.numbers.first(), invoice, bytes, &place.file);
                return;
            }
            (_, Some(known)) => {
                let whole = known.numbers.first().cloned();
                self.documents(
                    invoice,
                    (customer, whole.unwrap_or_default(), true),
                    place.clone(),
                )
            }
            (None, None) => match self.known.numbers.get(&invoice.number) {
                Some(None) => self.already_listed(invoice, &place.file),
                _ => {
                    let whole = self.free_number(&invoice.number, &stamp);
                    self.documents(invoice, (customer, whole, false), place.clone())
                }
            },
        };
        self.original(numbers.first(), invoice, bytes, &place.file);
        for number in numbers {
            self.sorted.papers.stamps.push(StampFacts {
                document: number,
                stamp: stamp.clone(),
                standard,
                owes_receipts: invoice.terms.owes_receipts,
                paid_at_once: invoice.terms.paid_at_once,
                accept_by: accept_by(invoice),
            });
        }
        self.references(invoice, &stamp, &key);
    }

    /// A number that no other document bears: two papers may bear the same one.
    fn free_number(&mut self, number: &str, stamp: &str) -> String {
        let other = self.known.numbers.contains_key(number)
            || self.taken.get(number).is_some_and(|taken| taken != stamp);
        let number = if other {
            let signs: Vec<char> = stamp.chars().filter(|it| it.is_alphanumeric()).collect();
            let tail: String = signs[signs.len().saturating_sub(8)..].iter().collect();
            format!("{number}/{tail}")
        } else {
            number.to_owned()
        };
        self.taken.insert(number.clone(), stamp.to_owned());
        number
    }

    /// A document that the company's own list told of: it stays as the list says.
    fn already_listed(&mut self, invoice: &Invoice, file: &str) -> Vec<String> {
        let number = &invoice.number;
        let differs = self
            .listed
            .get(number)
            .filter(|known| known.amount != invoice.payable && known.amount != invoice.total);
        if let Some(known) = differs {
            self.sorted.warnings.push(format!(
                "{file}: {number} dice {} y la cartera {}: se dejó la cartera",
                invoice.payable, known.amount
            ));
        }
        vec![number.clone()]
    }

    /// The rows of a document, one for each of its parts; their numbers.
    fn documents(
        &mut self,
        invoice: &Invoice,
        (customer, whole, fuller): (CustomerFields, String, bool),
        place: Place,
    ) -> Vec<String> {
        let tax_id = customer.tax_id.as_ref().map(|it| it.normal.clone());
        let days = tax_id.and_then(|id| self.known.terms.get(&id).copied());
        let due = self.due(invoice, days);
        let parts = if fuller {
            vec![(due, invoice.payable)]
        } else {
            parts(invoice, due, &place.file, &mut self.sorted.warnings)
        };
        let count = u32::try_from(parts.len()).unwrap_or(u32::MAX);
        let mut numbers = Vec::with_capacity(parts.len());
        for (part, (due, amount)) in (1..).zip(parts) {
            let number = if count == 1 {
                whole.clone()
            } else {
                let number = part_number(&whole, part, count);
                self.sorted.papers.parts.push(PartFacts {
                    document: number.clone(),
                    whole: whole.clone(),
                    part,
                    parts: count,
                });
                number
            };
            let row = document_row(invoice, &customer, &number, (due, amount));
            self.row += 1;
            let place = Place {
                number: number.clone(),
                ..place.clone()
            };
            let record = Record::Document(Box::new(row));
            self.sorted.rows.push((self.row, place, record));
            numbers.push(number);
        }
        numbers
    }

    /// The day the whole falls due: the paper's own, from its days of credit, else from those of
    /// the customer. What is to be paid in one exhibition has until the end of the month of issue
    /// (Resolución Miscelánea Fiscal 2.7.1.39).
    fn due(&mut self, invoice: &Invoice, customer_days: Option<i64>) -> Date {
        let terms = &invoice.terms;
        let issued = invoice.issued;
        let after = |days: i64| issued.checked_add(days.days()).ok();
        if terms.paid_at_once && !invoice.kind.is_credit() {
            self.sorted.tally.paid_at_once += 1;
        }
        let said = terms
            .due
            .or_else(|| terms.days.and_then(|days| after(i64::from(days))));
        let said = said.or_else(|| invoice.terms.instalments.first().map(|it| it.due));
        let said = said.or_else(|| customer_days.and_then(after));
        if let Some(due) = said {
            return due.max(issued);
        }
        if terms.paid_at_once && invoice.standard == Standard::Cfdi {
            return issued.last_of_month();
        }
        if !terms.paid_at_once && !invoice.kind.is_credit() {
            self.sorted.tally.undated += 1;
        }
        issued
    }

    fn original(
        &mut self,
        document: Option<&String>,
        invoice: &Invoice,
        bytes: &Arc<[u8]>,
        file: &str,
    ) {
        let (Some(document), Some(kind)) = (document, original_kind(bytes)) else {
            return;
        };
        let entry = file.rsplit(['/', '\\']).next().unwrap_or(file);
        // One of a set is told from the others by its number.
        let own = entry.to_lowercase().ends_with(kind.extension());
        let number = invoice.number.replace(['/', '\\'], "-");
        let name = if own { entry.to_owned() } else { number };
        self.sorted.papers.originals.push(OriginalFacts {
            document: document.clone(),
            name: clean_name(&name, kind),
            kind,
            content: Arc::clone(bytes),
        });
    }

    /// What an invoice or note says of other papers.
    fn references(&mut self, invoice: &Invoice, stamp: &str, key: &str) {
        for reference in &invoice.references {
            let Some(target) = target_of(reference.stamp.as_ref(), reference.number.as_ref())
            else {
                continue;
            };
            let credit = invoice.kind == DocumentKind::CreditNote;
            match reference.relation {
                Relation::Adjusts | Relation::Annuls | Relation::Advance if credit => {
                    self.sorted.papers.links.push(LinkFacts {
                        customer: key.to_owned(),
                        kind: PaperLink::Adjusts,
                        source: stamp.to_owned(),
                        target,
                        receipt: String::new(),
                        on: invoice.issued,
                        amount: None,
                        partiality: None,
                    });
                }
                Relation::Replaces => self.replaced(target, invoice.issued, &invoice.number),
                _ => {}
            }
        }
    }

    fn replaced(&mut self, stamp: String, on: Date, by: &str) {
        self.sorted.papers.events.push(PaperEventFacts {
            stamp,
            kind: PaperEvent::Replaced,
            on: Some(on),
            who: by.to_owned(),
            text: String::new(),
            amount: None,
        });
    }

    fn receipt(&mut self, receipt: &Receipt, place: Place) {
        let stamp = stamp_of_receipt(receipt);
        let customer = fields(&receipt.receiver);
        let Some(key) = self.keys.of(&customer) else {
            let reason =
                "no dice quién pagó: falta la identificación fiscal y el nombre del receptor";
            self.sorted
                .faults
                .push(place.fault("receptor", reason.to_owned()));
            return;
        };
        self.sorted.customers.insert(key.clone());
        if self.known.receipts.contains(&stamp) || !self.told.insert(stamp.clone()) {
            return;
        }
        for Reference { stamp, number, .. } in &receipt.replaces {
            if let Some(target) = target_of(stamp.as_ref(), number.as_ref()) {
                self.replaced(target, receipt.issued, &receipt.number);
            }
        }
        let mut at = 0;
        for payment in &receipt.payments {
            for (amount, parts) in by_currency(payment) {
                at += 1;
                let reference = match self.free_payment(&key, payment, amount) {
                    Some(there) => there,
                    None => {
                        let reference = receipt_reference(receipt, &stamp, at);
                        self.sorted.received.push(Received {
                            customer: customer.clone(),
                            reference: reference.clone(),
                            on: payment.on,
                            amount,
                            extra: told_of(receipt, &stamp, payment),
                        });
                        reference
                    }
                };
                let paper = (key.as_str(), stamp.as_str(), reference.as_str(), payment.on);
                self.pays(paper, &parts);
            }
        }
    }

    fn pays(
        &mut self,
        (key, receipt, reference, on): (&str, &str, &str, Date),
        parts: &[&PaymentPart],
    ) {
        for part in parts {
            let Some(target) = target_of(part.stamp.as_ref(), part.number.as_ref()) else {
                continue;
            };
            self.sorted.papers.links.push(LinkFacts {
                customer: key.to_owned(),
                kind: PaperLink::Pays,
                source: reference.to_owned(),
                target,
                receipt: receipt.to_owned(),
                on,
                amount: Some(part.paid),
                partiality: part.partiality,
            });
        }
    }

    /// The reference of a payment that came in before, by the bank or by hand: same customer and
    /// amount, and the same operation or the same day.
    fn free_payment(
        &mut self,
        key: &str,
        payment: &ReceivedPayment,
        amount: Money,
    ) -> Option<String> {
        let operation = payment.operation.as_deref().map(normal).unwrap_or_default();
        let same = |free: &FreePayment| free.customer == key && free.amount == amount;
        let by_operation = |free: &FreePayment| {
            operation.len() >= OPERATION_CHARS_MIN && normal(&free.reference).contains(&operation)
        };
        let found = self
            .free
            .iter()
            .position(|free| same(free) && by_operation(free));
        let on_day = || {
            self.free
                .iter()
                .position(|free| same(free) && free.on == payment.on)
        };
        let found = found.or_else(on_day)?;
        Some(self.free.remove(found).reference)
    }

    fn event(&mut self, event: Event) {
        let Some(stamp) = target_of(event.stamp.as_ref(), event.number.as_ref()) else {
            return;
        };
        let (kind, who, text, amount) = match event.kind {
            EventKind::Cancelled => (PaperEvent::Cancelled, String::new(), String::new(), None),
            EventKind::Accepted => (PaperEvent::Accepted, String::new(), String::new(), None),
            EventKind::GoodsReceived => (
                PaperEvent::GoodsReceived,
                String::new(),
                String::new(),
                None,
            ),
            EventKind::Claimed { reason } => (PaperEvent::Claimed, String::new(), reason, None),
            EventKind::Assigned { to, amount } => {
                let id = to.tax_id.map(|id| format!(" ({id})")).unwrap_or_default();
                let who = format!("{}{id}", to.name);
                (PaperEvent::Assigned, who, String::new(), amount)
            }
            EventKind::Listed { total, .. } => {
                (PaperEvent::Listed, String::new(), String::new(), total)
            }
        };
        self.sorted.papers.events.push(PaperEventFacts {
            stamp,
            kind,
            on: event.on,
            who,
            text,
            amount,
        });
    }
}
