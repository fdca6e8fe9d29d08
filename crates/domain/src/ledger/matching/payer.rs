//! Whose money a line is: what it says of the payer, against the customers.

use super::confidence::PayerKnown;
use super::index::{Index, is_telling_key, name_key, tax_key};
use super::keys::{self, Kind, digest};
use super::{Incoming, PAYERS_MAX, Reason, names};

/// Customers that may share an account or a tax id before it says nothing.
const SHARED_MAX: usize = 8;
/// Names that hold a word, above which it finds nobody.
const WORD_SHARED_MAX: u32 = 500;
/// Rare words of a name by which similar ones are looked for.
const WORDS_LOOKED_UP: usize = 3;
/// Thousandths of likeness from which a name is like another.
const LIKE_MIN: i64 = 780;
/// Thousandths of a customer's name that a text must hold.
const IN_TEXT_MIN: i64 = 950;

/// A customer who may have paid.
#[derive(Clone, Debug)]
pub struct Lead {
    pub customer: u32,
    pub known: PayerKnown,
    pub reasons: Vec<Reason>,
}

/// What a line says of its payer.
#[derive(Clone, Debug, Default)]
pub struct Leads {
    /// The likeliest first.
    pub all: Vec<Lead>,
    /// The tax id is of customers, of these.
    tax_id: Option<(u64, Vec<u32>)>,
    /// The account is of these customers.
    account: Vec<u32>,
    /// The name is of this customer and of no other.
    name: Option<u32>,
}

impl Leads {
    /// How well a customer is known to have paid.
    pub fn of(&self, customer: u32) -> Option<&Lead> {
        self.all.iter().find(|lead| lead.customer == customer)
    }

    /// What speaks against a customer.
    pub fn against(&self, index: &Index, customer: u32) -> Option<Reason> {
        if let Some((key, owners)) = &self.tax_id {
            let own = index.debtor(customer).tax_id;
            if !owners.contains(&customer) && ((own != 0 && own != *key) || !owners.is_empty()) {
                return Some(Reason::OtherTaxId);
            }
        }
        if !self.account.is_empty() && !self.account.contains(&customer) {
            let name = index.name(self.account[0]).to_owned();
            return Some(Reason::OtherAccount { name });
        }
        let stranger = self
            .name
            .filter(|it| *it != customer && self.of(customer).is_none());
        stranger.map(|it| Reason::OtherName {
            name: index.name(it).to_owned(),
        })
    }

    fn add(&mut self, customer: u32, known: PayerKnown, reason: Reason) {
        match self.all.iter_mut().find(|it| it.customer == customer) {
            Some(lead) => {
                let sure = lead.known >= PayerKnown::Surely || known >= PayerKnown::Surely;
                lead.known = match lead.known.max(known) {
                    _ if sure && lead.known.min(known) >= PayerKnown::ByName => PayerKnown::Doubly,
                    known => known,
                };
                lead.reasons.push(reason);
            }
            None => self.all.push(Lead {
                customer,
                known,
                reasons: vec![reason],
            }),
        }
    }
}

/// Reads a line.
pub fn read(index: &Index, line: &Incoming) -> Leads {
    let mut leads = Leads::default();
    let mut form = String::new();
    if let Some(given) = &line.virtual_account {
        keys::alphanumeric(given, &mut form);
        let key = digest(Kind::VirtualAccount, form.as_bytes());
        owners(index, key, &mut leads, |_| Reason::VirtualAccount);
    }
    if let Some(account) = &line.payer.account {
        keys::alphanumeric(account, &mut form);
        let key = digest(Kind::Account, form.as_bytes());
        leads.account = owners(index, key, &mut leads, |_| Reason::Account);
    }
    if let Some(tax_id) = &line.payer.tax_id {
        keys::alphanumeric(tax_id, &mut form);
        if let Some(key) = tax_key(&form) {
            let found = owners(index, key, &mut leads, |_| Reason::TaxId);
            leads.tax_id = Some((key, found));
        }
    }
    for name in [&line.payer.name, &line.payer.ultimate]
        .into_iter()
        .flatten()
    {
        by_name(index, name, &mut leads);
    }
    by_key(index, line, &mut leads, &mut form);
    if leads.all.is_empty() {
        for text in &line.texts {
            in_text(index, text, &mut leads);
        }
    }
    leads.all.sort_by(|a, b| {
        let id = |it: &Lead| index.debtor(it.customer).id;
        b.known.cmp(&a.known).then_with(|| id(a).cmp(&id(b)))
    });
    leads.all.truncate(PAYERS_MAX);
    leads
}

/// Adds the customers under a key: surely where there is one, weakly where there are several,
/// nobody where it is everybody's.
fn owners(index: &Index, key: u64, leads: &mut Leads, reason: impl Fn(u32) -> Reason) -> Vec<u32> {
    let mut found: Vec<u32> = index.customers_by(key).take(SHARED_MAX + 1).collect();
    found.sort_unstable();
    found.dedup();
    let known = match found.len() {
        1 => PayerKnown::Surely,
        0..=SHARED_MAX => PayerKnown::Weakly,
        _ => return Vec::new(),
    };
    for customer in &found {
        leads.add(*customer, known, reason(*customer));
    }
    found
}

fn by_name(index: &Index, name: &str, leads: &mut Leads) {
    let words = names::words(name);
    if words.is_empty() {
        return;
    }
    let key = name_key(&words);
    let mut found: Vec<u32> = index.customers_by(key).take(SHARED_MAX + 1).collect();
    found.sort_unstable();
    found.dedup();
    let reason = || Reason::Name {
        written: name.trim().to_owned(),
    };
    match found.as_slice() {
        [one] => {
            leads.name = leads.name.or(Some(*one));
            leads.add(*one, PayerKnown::ByName, reason());
        }
        several if !several.is_empty() => {
            for customer in several.iter().take(SHARED_MAX) {
                leads.add(*customer, PayerKnown::Weakly, reason());
            }
        }
        _ => {
            let weight = |word: &str| index.weight(word);
            for customer in having_words(index, &words) {
                let theirs = names::words(index.name(customer));
                if names::likeness(&words, &theirs, weight, true) >= LIKE_MIN {
                    let reason = Reason::NameAlike {
                        written: name.trim().to_owned(),
                    };
                    leads.add(customer, PayerKnown::Weakly, reason);
                }
            }
        }
    }
}

/// Customers whose names hold one of the rarest of some words.
fn having_words(index: &Index, words: &[String]) -> Vec<u32> {
    let mut rare: Vec<(u32, &String)> = words
        .iter()
        .map(|word| (index.frequency(word), word))
        .filter(|(frequency, _)| (1..=WORD_SHARED_MAX).contains(frequency))
        .collect();
    rare.sort_unstable();
    let mut found: Vec<u32> = rare
        .iter()
        .take(WORDS_LOOKED_UP)
        .flat_map(|(_, word)| index.customers_by(digest(Kind::Word, word.as_bytes())))
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// A customer's own key in a text.
fn by_key(index: &Index, line: &Incoming, leads: &mut Leads, form: &mut String) {
    for text in &line.texts {
        for word in text.split_whitespace().take(60) {
            keys::number(word, form);
            if !is_telling_key(form) {
                continue;
            }
            let key = digest(Kind::CustomerKey, form.as_bytes());
            let mut found = index.customers_by(key);
            if let (Some(customer), None) = (found.next(), found.next()) {
                let written = word.to_owned();
                leads.add(
                    customer,
                    PayerKnown::Weakly,
                    Reason::CustomerKey { written },
                );
            }
        }
    }
}

/// A customer's whole name in a text, where the payer's fields say nothing.
fn in_text(index: &Index, text: &str, leads: &mut Leads) {
    let words = names::words(text);
    let weight = |word: &str| index.weight(word);
    let mut found = Vec::new();
    for customer in having_words(index, &words) {
        let theirs = names::words(index.name(customer));
        let telling = theirs.len() > 1 || theirs.iter().any(|word| word.len() > 7);
        if telling && names::likeness(&words, &theirs, weight, false) >= IN_TEXT_MIN {
            found.push(customer);
        }
    }
    let known = match found.len() {
        1 => PayerKnown::ByName,
        _ => PayerKnown::Weakly,
    };
    for customer in found.into_iter().take(SHARED_MAX) {
        let written = index.name(customer).to_owned();
        leads.add(customer, known, Reason::NameInText { written });
    }
}
