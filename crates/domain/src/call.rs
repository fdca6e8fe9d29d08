//! Calls made by people: how they ended.

use crate::code::code_enum;

code_enum! {
    /// How a call ended.
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
    }
}

impl CallResult {
    /// Whether the customer said something: then the customer is left in peace for a while.
    pub const fn is_conversation(self) -> bool {
        matches!(self, Self::Conversation)
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
        }
    }
}
