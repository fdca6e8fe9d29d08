//! Everything a decision may see of one customer.

use jiff::Timestamp;

use crate::call::PastCall;
use crate::contact::{ContactState, PastContact};
use crate::customer::{Channel, Customer};
use crate::ids::ContactId;
use crate::law::{Outcome, PastAttempt};
use crate::ledger::Books;
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
    /// Calls of people, in any order.
    pub calls: Vec<PastCall>,
    /// The last time the customer wrote or called.
    pub last_answer: Option<Timestamp>,
    /// When and how the customer wants to be contacted.
    pub preferences: Preferences,
}

impl Position {
    /// What the law counts: contacts made, without `but`, and calls of people.
    pub fn attempts(&self, but: Option<ContactId>) -> Vec<PastAttempt> {
        let counted = |contact: &&PastContact| contact.state.counts() && Some(contact.id) != but;
        let contacts = self.contacts.iter().filter(counted).filter_map(|contact| {
            Some(PastAttempt {
                at: contact.performed_at?.into(),
                channel: contact.channel,
                outcome: match contact.state {
                    ContactState::Answered => Outcome::Conversation,
                    ContactState::Delivered | ContactState::Read => Outcome::Delivered,
                    _ => Outcome::Attempt,
                },
                incoming: false,
                debt: None,
            })
        });
        let calls = self.calls.iter().map(|call| {
            let (outcome, incoming) = call.result.in_law();
            PastAttempt {
                at: call.at.into(),
                channel: Channel::Call,
                outcome,
                incoming,
                debt: None,
            }
        });
        contacts.chain(calls).collect()
    }
}
