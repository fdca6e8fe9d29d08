//! Everything a decision may see of one customer.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use crate::call::PastCall;
use crate::contact::PastContact;
use crate::customer::Customer;
use crate::document::DebtFacts;
use crate::ids::{ContactId, CustomerId, DocumentId};
use crate::law::PastAttempt;
use crate::ledger::Books;
use crate::money::Money;
use crate::preference::Preferences;

/// One customer as of an instant. Built by the store in bulk, one per customer; facts that are not
/// known are variants, never defaults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// Who the customer is and how to reach them.
    pub customer: Customer,
    /// The customer's money.
    pub books: Books,
    /// Contacts planned or made, oldest first.
    pub contacts: Vec<PastContact>,
    /// Calls, visits and letters of people, in any order.
    pub calls: Vec<PastCall>,
    /// The last time the customer wrote or called.
    pub last_answer: Option<Timestamp>,
    /// With whom the customer shares a tax id or an address, one for each of those.
    pub kin: Vec<Arc<Kin>>,
    /// When and how the customer wants to be contacted.
    pub preferences: Preferences,
    /// Money that may be the customer's and is on no document yet.
    pub under_way: UnderWay,
}

/// Money that may be a customer's and is on no document yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnderWay {
    /// The last day of which the bank told everything; `None` where the company never read a
    /// statement.
    pub bank_until: Option<Date>,
    /// Lines of banks proposed as the customer's that no person has accepted yet.
    pub proposed: Vec<Money>,
    /// Whether something that the customer says it paid waits for a person.
    pub claim_waits: bool,
}

impl UnderWay {
    /// What is proposed in a currency, in minor units.
    pub fn proposed_minor(&self, currency: crate::money::Currency) -> i64 {
        let own = self.proposed.iter().filter(|it| it.currency == currency);
        own.fold(0, |sum, it| sum.saturating_add(it.minor))
    }
}

/// Customers who share a tax id or an address: before the law one person, so that what is done with
/// one of them counts for all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kin {
    /// Who they are, the customer itself among them; in the order of their ids.
    pub members: Vec<CustomerId>,
    /// What was done with each of them.
    pub attempts: Vec<KinAttempt>,
}

/// What was done with one of several customers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KinAttempt {
    /// With whom.
    pub customer: CustomerId,
    /// The contact, or the message of a call: the same attempt is found by each thing shared.
    pub id: Uuid,
    /// What the law counts.
    pub attempt: PastAttempt,
}

/// Tax ids that say nothing of who someone is: those the tax offices give for sales to the public
/// and to foreigners (SAT, SII, DIAN, SUNAT, AFIP, SRI and Receita Federal).
pub const TAX_IDS_OF_NOBODY: &[&str] = &[
    "XAXX010101000",
    "XEXX010101000",
    "666666666",
    "555555555",
    "222222222222",
    "222222222",
    "00000000",
    "99999999",
    "00000000000",
    "9999999999",
    "9999999999999",
    "00000000000000",
];

impl Position {
    /// What the law counts: contacts made, without `but`, and what people did, with this customer
    /// and with all who are one person with it.
    pub fn attempts(&self, but: Option<ContactId>) -> Vec<PastAttempt> {
        let contacts = self
            .contacts
            .iter()
            .filter(|contact| Some(contact.id) != but)
            .filter_map(PastContact::attempt);
        let calls = self.calls.iter().map(PastCall::attempt);
        let mut attempts: Vec<PastAttempt> = contacts.chain(calls).collect();
        if self.kin.is_empty() {
            return attempts;
        }
        let mut seen: HashSet<Uuid> = HashSet::new();
        let others = self.kin.iter().flat_map(|kin| &kin.attempts);
        attempts.extend(
            others
                .filter(|other| other.customer != self.customer.id && seen.insert(other.id))
                .map(|other| other.attempt.clone()),
        );
        attempts
    }

    /// What those documents that are `spoken_of` say of their debts, each once. Hardly any says
    /// anything: then there is nothing to look for.
    pub fn debts(&self, spoken_of: impl Fn(DocumentId) -> bool) -> Vec<DebtFacts> {
        let silent = DebtFacts::default();
        let documents = &self.books.documents;
        if documents.iter().all(|it| it.debt == silent) {
            return Vec::new();
        }
        let mut debts = Vec::new();
        for document in documents.iter().filter(|it| spoken_of(it.id)) {
            if !debts.contains(&document.debt) {
                debts.push(document.debt);
            }
        }
        debts
    }

    /// All who are one person with the customer, without it; in the order of their ids.
    pub fn others(&self) -> Vec<CustomerId> {
        let members = self.kin.iter().flat_map(|kin| kin.members.iter().copied());
        let mut others: Vec<CustomerId> = members.filter(|it| *it != self.customer.id).collect();
        others.sort_unstable();
        others.dedup();
        others
    }

    /// Adds what is done with one of them while this position is looked at.
    pub fn also_done(&mut self, customer: CustomerId, id: Uuid, attempt: PastAttempt) {
        let members = vec![customer];
        let attempts = vec![KinAttempt {
            customer,
            id,
            attempt,
        }];
        self.kin.push(Arc::new(Kin { members, attempts }));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::customer::Channel;
    use crate::law::Outcome;

    fn id(number: u8) -> CustomerId {
        CustomerId::from_uuid(Uuid::from_u128(u128::from(number)))
    }

    fn kin(members: &[u8], done: &[(u8, u8)]) -> Arc<Kin> {
        let attempts = done.iter().map(|(who, what)| KinAttempt {
            customer: id(*who),
            id: Uuid::from_u128(u128::from(*what)),
            attempt: PastAttempt {
                at: Timestamp::UNIX_EPOCH.into(),
                channel: Channel::Email,
                outcome: Outcome::Attempt,
                incoming: false,
                debt: None,
            },
        });
        Arc::new(Kin {
            members: members.iter().map(|it| id(*it)).collect(),
            attempts: attempts.collect(),
        })
    }

    fn position(own: u8, kin: Vec<Arc<Kin>>) -> Position {
        let customer = Customer::known_by_name(id(own), "", "");
        Position {
            customer,
            books: Books::default(),
            contacts: Vec::new(),
            calls: Vec::new(),
            last_answer: None,
            kin,
            preferences: Preferences::default(),
            under_way: UnderWay::default(),
        }
    }

    proptest! {
        /// Everything that was done with another counts, once, however many things are shared.
        #[test]
        fn what_was_done_with_others_counts_once(
            done in proptest::collection::vec((1_u8..6, 1_u8..40), 0..30),
            twice in any::<bool>(),
        ) {
            let mut done = done;
            done.sort_unstable_by_key(|it| it.1);
            done.dedup_by_key(|it| it.1);
            let one = kin(&[1, 2, 3, 4, 5], &done);
            let all = if twice { vec![Arc::clone(&one), one] } else { vec![one] };
            let counted = position(1, all).attempts(None).len();
            prop_assert_eq!(counted, done.iter().filter(|(who, _)| *who != 1).count());
        }
    }
}
