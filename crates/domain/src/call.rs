//! What people do themselves: calls, visits and letters, and how they ended.

use jiff::Timestamp;

use crate::code::code_enum;
use crate::customer::Channel;
use crate::law::{Outcome, PastAttempt};

code_enum! {
    /// How a call, a visit or a letter ended.
    pub enum CallResult {
        /// Both sides spoke.
        Conversation = "conversation",
        /// Nobody picked up.
        NoAnswer = "no_answer",
        /// A message was left with a machine.
        Voicemail = "voicemail",
        /// The line was busy.
        Busy = "busy",
        /// Someone else picked up, and takes no messages.
        WrongPerson = "wrong_person",
        /// Someone picked up who will pass the message on.
        ThirdParty = "third_party",
        /// The number does not exist.
        Unreachable = "unreachable",
        /// The customer called, and both sides spoke.
        CustomerCalled = "customer_called",
        /// Something written was left or sent: a letter, a notice under the door.
        Left = "left",
    }
}

/// What a person does by hand; everything else is sent by the machine.
pub const BY_HAND: &[Channel] = &[Channel::Call, Channel::Visit, Channel::Letter];

impl CallResult {
    /// Whether what is done on a channel can end so.
    pub const fn fits(self, channel: Channel) -> bool {
        match channel {
            Channel::Call => !matches!(self, Self::Left),
            Channel::Visit => !matches!(self, Self::Voicemail | Self::Busy),
            Channel::Letter => matches!(self, Self::Left | Self::Unreachable),
            _ => false,
        }
    }

    /// Whether the customer said something: then the customer is left in peace for a while.
    pub const fn is_conversation(self) -> bool {
        matches!(self, Self::Conversation | Self::CustomerCalled)
    }

    /// How the law reads the call: how far it came, and whether the customer made it.
    pub const fn in_law(self) -> (Outcome, bool) {
        let outcome = match self {
            Self::Conversation | Self::CustomerCalled => Outcome::Conversation,
            Self::NoAnswer | Self::Busy => Outcome::Attempt,
            Self::Voicemail | Self::WrongPerson | Self::ThirdParty | Self::Left => {
                Outcome::Delivered
            }
            Self::Unreachable => Outcome::NotConnected,
        };
        (outcome, matches!(self, Self::CustomerCalled))
    }

    /// The Spanish words on screens.
    pub const fn name_es(self) -> &'static str {
        match self {
            Self::Conversation => "conversación",
            Self::NoAnswer => "no contestó",
            Self::Voicemail => "buzón de voz",
            Self::Busy => "ocupado",
            Self::WrongPerson => "número equivocado",
            Self::ThirdParty => "contestó otra persona",
            Self::Unreachable => "el número no existe",
            Self::CustomerCalled => "llamó el cliente",
            Self::Left => "se dejó por escrito",
        }
    }
}

/// A call, visit or letter between a person of the company and the customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PastCall {
    /// What it was.
    pub channel: Channel,
    /// When.
    pub at: Timestamp,
    /// How it ended.
    pub result: CallResult,
}

impl PastCall {
    /// What the law counts of it.
    pub fn attempt(&self) -> PastAttempt {
        let (outcome, incoming) = self.result.in_law();
        PastAttempt {
            at: self.at.into(),
            channel: self.channel,
            outcome,
            incoming,
            debt: None,
        }
    }
}
