//! What a verdict may see: who owes, to whom, what was tried before, and what is tried now.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use super::set::Set;
use crate::code::code_enum;
use crate::company::{Actor, CreditorClass, DebtClass};
use crate::customer::{Channel, ContactSource, Country, DebtorClass, RecipientRole};

code_enum! {
    /// What a message is for, as far as a law tells them apart.
    pub enum MessageKind {
        /// Asking for payment, or announcing that it falls due.
        Collection = "collection",
        /// Confirming a payment or another operation.
        TransactionConfirmation = "transaction_confirmation",
        /// Warning of a fraud.
        FraudAlert = "fraud_alert",
        /// Answering what the debtor asked.
        InfoRequestedByDebtor = "info_requested_by_debtor",
    }
}

code_enum! {
    /// How far an attempt came.
    pub enum Outcome {
        /// It was made; nobody is known to have received it.
        Attempt = "attempt",
        /// The address could not be reached at all.
        NotConnected = "not_connected",
        /// It reached the address.
        Delivered = "delivered",
        /// Both sides spoke.
        Conversation = "conversation",
    }
}

/// Which layers beside the law are asked. A layer only ever tightens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layers {
    /// Prudence and the rules of platforms (`binding` policy or platform).
    pub policy: bool,
    /// The house's own caution, with the generic regime for countries without a pack.
    pub house: bool,
}

impl Layers {
    /// The law alone.
    pub const LAW: Self = Self {
        policy: false,
        house: false,
    };
    /// The law, prudence and platforms.
    pub const LAW_AND_POLICY: Self = Self {
        policy: true,
        house: false,
    };
    /// Everything: what a contact is checked with before it leaves.
    pub const ALL: Self = Self {
        policy: true,
        house: true,
    };
}

/// What is known of consent, channel by channel. What is on neither list was not given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Consents {
    /// Channels for which consent was given.
    pub given: Set<Channel>,
    /// Channels on which the debtor asked not to be contacted; stronger than consent given.
    pub withdrawn: Set<Channel>,
}

impl Consents {
    /// Consent given for these channels and refused for none.
    pub fn given_for(channels: impl IntoIterator<Item = Channel>) -> Self {
        Self {
            given: channels.into_iter().collect(),
            withdrawn: Set::EMPTY,
        }
    }
}

/// The facts of a debtor and a debt that regimes key on. An unknown class (`None`) may be any, so
/// every regime that could apply does.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The debtor's country; unknown is treated as one without a pack.
    pub country: Option<Country>,
    /// ISO 3166-2; unknown means that rules of a subdivision do not apply.
    pub subdivision: Option<String>,
    /// The zones the debtor may live in. Empty: every zone of the country.
    pub zones: Vec<TimeZone>,
    /// Who the debtor is.
    pub debtor: Option<DebtorClass>,
    /// Where the debt comes from.
    pub debt: Option<DebtClass>,
    /// Who the creditor is.
    pub creditor: Option<CreditorClass>,
    /// Who acts.
    pub actor: Option<Actor>,
    /// Whether the debtor is the final recipient of what was sold.
    pub final_consumer: Option<bool>,
    /// Consent per channel.
    pub consents: Consents,
    /// Legal events in the packs' words (`lawsuit_served`).
    pub events: Vec<String>,
    /// Which layers are asked.
    pub layers: Layers,
}

/// When something is tried or was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// The debtor's own civil time: no zone is needed.
    Civil(DateTime),
    /// An instant, read in every candidate zone.
    Instant(Timestamp),
}

impl From<Timestamp> for At {
    fn from(at: Timestamp) -> Self {
        Self::Instant(at)
    }
}

impl From<DateTime> for At {
    fn from(at: DateTime) -> Self {
        Self::Civil(at)
    }
}

impl From<&Zoned> for At {
    fn from(at: &Zoned) -> Self {
        Self::Instant(at.timestamp())
    }
}

impl At {
    /// The debtor's civil time; an instant is read in `zone`.
    pub(super) fn civil(self, zone: &TimeZone) -> DateTime {
        match self {
            Self::Civil(at) => at,
            Self::Instant(at) => zone.to_datetime(at),
        }
    }

    /// The debtor's civil date.
    pub(super) fn date(self, zone: &TimeZone) -> Date {
        self.civil(zone).date()
    }
}

/// What is tried now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// When it would leave.
    pub at: At,
    /// The channel.
    pub channel: Channel,
    /// Who reads there.
    pub role: RecipientRole,
    /// Where the address comes from.
    pub source: ContactSource,
    /// What it is for.
    pub kind: MessageKind,
    /// The debt it is about, for caps that count by debt; `None` is one and the same debt.
    pub debt: Option<String>,
}

/// What was done before, with this person or at this address, by this creditor or for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastAttempt {
    /// When.
    pub at: At,
    /// The channel.
    pub channel: Channel,
    /// How far it came.
    pub outcome: Outcome,
    /// Whether the debtor started it: never counted, but a conversation starts a cooldown.
    pub incoming: bool,
    /// The debt it was about.
    pub debt: Option<String>,
}
