//! What is open and who the customers are, laid out for looking up a hundred thousand lines.

use std::collections::HashMap;

use jiff::civil::Date;

use super::confidence::ln;
use super::keys::{self, Kind, digest, digest_of};
use super::names;
use super::postings::Postings;
use crate::ids::{CustomerId, DocumentId};
use crate::money::{Currency, Money};

/// Tax ids that belong to nobody: the public and foreigners of Mexico (Anexo 20), final consumers
/// of Chile, Colombia and Ecuador.
const NOBODYS: [&str; 7] = [
    "xaxx010101000",
    "xexx010101000",
    "666666666",
    "555555555",
    "222222222",
    "222222222222",
    "9999999999999",
];
/// Digits from which the number of a document paid before is known by them alone.
const SETTLED_DIGITS_MIN: usize = 5;
/// Longest run of digits whose frequency is kept.
const LENGTHS: usize = 20;

/// A customer as a matcher knows it.
#[derive(Clone, Copy, Debug)]
pub struct KnownCustomer<'a> {
    /// Our id.
    pub id: CustomerId,
    /// The company's own key.
    pub key: &'a str,
    /// Name as the company writes it.
    pub name: &'a str,
    /// Tax id.
    pub tax_id: Option<&'a str>,
}

/// A document with something open.
#[derive(Clone, Copy, Debug)]
pub struct KnownDocument<'a> {
    /// Our id.
    pub id: DocumentId,
    /// Whose it is.
    pub customer: CustomerId,
    /// The company's own number.
    pub number: &'a str,
    /// Whether it is a credit note: never paid, only taken off.
    pub credit: bool,
    /// Civil date of issue.
    pub issued: Date,
    /// Civil date it falls due.
    pub due: Date,
    /// What is open of it, positive.
    pub open: Money,
    /// Its amount without tax, in minor units, where known: withholdings are reckoned from it.
    pub net: Option<i64>,
    /// Its amount with tax, in minor units.
    pub total: i64,
    /// Creditor references and other numbers it may be paid by.
    pub references: &'a [&'a str],
    /// Its fiscal stamp (UUID, CUFE, folio).
    pub stamp: Option<&'a str>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Text {
    start: u32,
    len: u32,
}

#[derive(Clone, Debug)]
pub(super) struct Item {
    pub id: DocumentId,
    pub customer: u32,
    pub currency: Currency,
    pub credit: bool,
    pub number: Text,
    pub issued: Date,
    pub due: Date,
    pub open: i64,
    pub total: i64,
    pub net: Option<i64>,
}

#[derive(Clone, Debug)]
pub(super) struct Debtor {
    pub id: CustomerId,
    pub name: Text,
    /// Digest of its tax id; 0 when not known.
    pub tax_id: u64,
    /// Its documents are those from the first number to before the second.
    pub items: (u32, u32),
}

/// Gathers what an [`Index`] is built from, in any order.
#[derive(Debug, Default)]
pub struct IndexBuilder {
    texts: String,
    debtors: Vec<Debtor>,
    places: HashMap<CustomerId, u32>,
    items: Vec<Item>,
    of_documents: Vec<(u64, u32)>,
    of_customers: Vec<(u64, u32)>,
    words: HashMap<u64, u32>,
    lengths: [u64; LENGTHS],
    settled: Vec<u64>,
    form: String,
}

/// Everything open, by all that a line may say of it. Built once; reading it changes nothing.
#[derive(Clone, Debug)]
pub struct Index {
    texts: String,
    debtors: Vec<Debtor>,
    items: Vec<Item>,
    of_documents: Postings,
    of_customers: Postings,
    words: HashMap<u64, u32>,
    lengths: [u64; LENGTHS],
    settled: Vec<u64>,
}

impl IndexBuilder {
    /// An empty one with room.
    pub fn with_capacity(customers: usize, documents: usize) -> Self {
        Self {
            texts: String::with_capacity(customers * 24 + documents * 12),
            debtors: Vec::with_capacity(customers),
            places: HashMap::with_capacity(customers),
            items: Vec::with_capacity(documents),
            of_documents: Vec::with_capacity(documents * 4),
            of_customers: Vec::with_capacity(customers * 6),
            ..Self::default()
        }
    }

    /// Adds a customer.
    pub fn customer(&mut self, known: &KnownCustomer<'_>) {
        let place = self.place(known.id);
        let name = self.keep(known.name);
        self.debtors[place as usize].name = name;
        self.name(place, known.name, true);
        if let Some(tax_id) = known.tax_id {
            keys::alphanumeric(tax_id, &mut self.form);
            if let Some(key) = tax_key(&self.form) {
                self.debtors[place as usize].tax_id = key;
                self.of_customers.push((key, place));
            }
        }
        keys::number(known.key, &mut self.form);
        if is_telling_key(&self.form) {
            let key = digest(Kind::CustomerKey, self.form.as_bytes());
            self.of_customers.push((key, place));
        }
    }

    /// Adds an account (IBAN, CLABE, number) from which a customer pays, imported or learned. One
    /// account may be given for several customers.
    pub fn account(&mut self, customer: CustomerId, account: &str) {
        self.own(customer, Kind::Account, account);
    }

    /// Adds an account or reference that only this customer was given to pay to.
    pub fn virtual_account(&mut self, customer: CustomerId, account: &str) {
        self.own(customer, Kind::VirtualAccount, account);
    }

    /// Adds a name under which a customer was seen to pay.
    pub fn alias(&mut self, customer: CustomerId, name: &str) {
        let place = self.place(customer);
        self.name(place, name, false);
    }

    /// Adds a document of which something is open.
    pub fn document(&mut self, known: &KnownDocument<'_>) {
        let customer = self.place(known.customer);
        let number = self.keep(known.number);
        let at = u32::try_from(self.items.len()).unwrap_or(u32::MAX);
        self.items.push(Item {
            id: known.id,
            customer,
            currency: known.open.currency,
            credit: known.credit,
            number,
            issued: known.issued,
            due: known.due,
            open: known.open.minor,
            total: known.total,
            net: known.net,
        });
        keys::number(known.number, &mut self.form);
        self.of_documents
            .push((digest(Kind::Number, self.form.as_bytes()), at));
        if let Some(digits) = keys::last_digits(&self.form) {
            self.lengths[digits.len().min(LENGTHS - 1)] += 1;
            self.of_documents
                .push((digest(Kind::Digits, digits.as_bytes()), at));
        }
        for (kind, text) in known
            .references
            .iter()
            .map(|it| (Kind::Reference, *it))
            .chain(known.stamp.map(|it| (Kind::Stamp, it)))
        {
            keys::alphanumeric(text, &mut self.form);
            self.of_documents
                .push((digest(kind, self.form.as_bytes()), at));
        }
        if !known.credit {
            for key in amount_keys(known.open, customer) {
                self.of_documents.push((key, at));
            }
        }
    }

    /// Adds the number of a document of which nothing is open any more: a line that names it is
    /// not applied elsewhere. Those of the last months are enough.
    pub fn settled(&mut self, number: &str) {
        keys::number(number, &mut self.form);
        let bare = self.form.bytes().all(|it| it.is_ascii_digit());
        if !bare || self.form.len() >= SETTLED_DIGITS_MIN {
            self.settled
                .push(digest(Kind::Number, self.form.as_bytes()));
        }
    }

    /// Lays everything out.
    pub fn build(self) -> Index {
        let Self {
            texts,
            mut debtors,
            items,
            mut of_documents,
            of_customers,
            words,
            lengths,
            mut settled,
            ..
        } = self;
        settled.sort_unstable();
        let mut order: Vec<u32> = (0..u32::try_from(items.len()).unwrap_or(u32::MAX)).collect();
        let number = |it: &Item| &texts[it.number.start as usize..][..it.number.len as usize];
        order.sort_unstable_by(|a, b| {
            let (a, b) = (&items[*a as usize], &items[*b as usize]);
            (a.customer, a.due, a.issued)
                .cmp(&(b.customer, b.due, b.issued))
                .then_with(|| number(a).cmp(number(b)))
                .then(a.id.cmp(&b.id))
        });
        let mut moved = vec![0_u32; items.len()];
        let mut sorted: Vec<Item> = Vec::with_capacity(items.len());
        for (at, from) in (0_u32..).zip(&order) {
            moved[*from as usize] = at;
            let item = items[*from as usize].clone();
            let debtor = &mut debtors[item.customer as usize];
            if debtor.items.1 == 0 {
                debtor.items.0 = at;
            }
            debtor.items.1 = at + 1;
            sorted.push(item);
        }
        for (_, at) in &mut of_documents {
            *at = moved[*at as usize];
        }
        Index {
            of_documents: Postings::new(&of_documents),
            of_customers: Postings::new(&of_customers),
            texts,
            debtors,
            items: sorted,
            words,
            lengths,
            settled,
        }
    }

    fn place(&mut self, id: CustomerId) -> u32 {
        let next = u32::try_from(self.debtors.len()).unwrap_or(u32::MAX);
        let place = *self.places.entry(id).or_insert(next);
        if place == next {
            self.debtors.push(Debtor {
                id,
                name: Text { start: 0, len: 0 },
                tax_id: 0,
                items: (0, 0),
            });
        }
        place
    }

    fn keep(&mut self, text: &str) -> Text {
        let start = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        self.texts.push_str(text);
        Text {
            start,
            len: u32::try_from(text.len()).unwrap_or(0),
        }
    }

    fn own(&mut self, customer: CustomerId, kind: Kind, account: &str) {
        let place = self.place(customer);
        keys::alphanumeric(account, &mut self.form);
        if !self.form.is_empty() {
            let key = digest(kind, self.form.as_bytes());
            self.of_customers.push((key, place));
        }
    }

    fn name(&mut self, place: u32, name: &str, with_words: bool) {
        let words = names::words(name);
        if words.is_empty() {
            return;
        }
        self.of_customers.push((name_key(&words), place));
        if with_words {
            for word in &words {
                let key = digest(Kind::Word, word.as_bytes());
                *self.words.entry(key).or_default() += 1;
                self.of_customers.push((key, place));
            }
        }
    }
}

impl Index {
    /// Documents held.
    pub const fn documents(&self) -> usize {
        self.items.len()
    }

    /// Customers held.
    pub const fn customers(&self) -> usize {
        self.debtors.len()
    }

    pub(super) fn item(&self, at: u32) -> &Item {
        &self.items[at as usize]
    }

    pub(super) fn debtor(&self, at: u32) -> &Debtor {
        &self.debtors[at as usize]
    }

    pub(super) fn number(&self, at: u32) -> &str {
        self.text(self.item(at).number)
    }

    pub(super) fn name(&self, customer: u32) -> &str {
        self.text(self.debtor(customer).name)
    }

    /// A customer's documents, oldest due date first.
    pub(super) fn items_of(&self, customer: u32) -> std::ops::Range<u32> {
        let (from, to) = self.debtor(customer).items;
        from..to
    }

    pub(super) fn documents_by(&self, key: u64) -> impl Iterator<Item = u32> + '_ {
        self.of_documents.get(key)
    }

    pub(super) fn customers_by(&self, key: u64) -> impl Iterator<Item = u32> + '_ {
        self.of_customers.get(key)
    }

    /// Whether a number's own form is that of a document paid before.
    pub(super) fn is_settled(&self, form: &str) -> bool {
        let key = digest(Kind::Number, form.as_bytes());
        self.settled.binary_search(&key).is_ok()
    }

    /// Customers whose name holds a word.
    pub(super) fn frequency(&self, word: &str) -> u32 {
        let key = digest(Kind::Word, word.as_bytes());
        self.words.get(&key).copied().unwrap_or(0)
    }

    /// How much a word of a name tells, in thousandths of a nat.
    pub(super) fn weight(&self, word: &str) -> i64 {
        let all = self.debtors.len() as u64 + 1;
        ln(all) - ln(u64::from(self.frequency(word)).clamp(1, all)) + 300
    }

    /// How rarely some digits of that length are by chance those of one of `among` documents, in
    /// thousandths of a nat; the more of the portfolio's numbers are that long, the less it tells
    /// where the payer is not known.
    pub(super) fn rarity(&self, digits: usize, among: u64) -> i64 {
        let digits = digits.clamp(1, LENGTHS - 1);
        let all = 9 * 10_u64.pow(u32::try_from(digits - 1).unwrap_or(18).min(18));
        ln(all) - ln(among.max(1).min(all))
    }

    /// Documents whose last digits are that many.
    pub(super) fn of_length(&self, digits: usize) -> u64 {
        self.lengths[digits.min(LENGTHS - 1)]
    }

    fn text(&self, text: Text) -> &str {
        &self.texts[text.start as usize..][..text.len as usize]
    }
}

/// The key of a tax id in its letters and digits; `None` for one that is nobody's.
pub(super) fn tax_key(form: &str) -> Option<u64> {
    let somebodys = form.len() >= 6 && !NOBODYS.contains(&form);
    somebodys.then(|| digest(Kind::TaxId, form.as_bytes()))
}

pub(super) fn name_key(words: &[String]) -> u64 {
    let parts: Vec<u64> = words
        .iter()
        .map(|it| digest(Kind::Name, it.as_bytes()))
        .collect();
    digest_of(Kind::Name, &parts)
}

/// The keys of an amount: among all documents, and among one customer's.
pub(super) fn amount_keys(amount: Money, customer: u32) -> [u64; 2] {
    let minor = amount.minor.unsigned_abs();
    let currency = digest(Kind::Amount, amount.currency.code().as_bytes());
    [
        digest_of(Kind::Amount, &[minor, currency]),
        digest_of(Kind::OwnAmount, &[minor, currency, u64::from(customer)]),
    ]
}

/// Whether a customer's key tells it apart in a text: letters and at least four digits, or six.
pub(super) fn is_telling_key(form: &str) -> bool {
    let digits = form.bytes().filter(u8::is_ascii_digit).count();
    let letters = form.bytes().any(|it| it.is_ascii_alphabetic());
    digits >= if letters { 4 } else { 6 }
}
