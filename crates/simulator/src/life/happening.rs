//! What a life is told and what it answers.

use domain::Money;
use domain::contact::Tone;
use domain::customer::Channel;
use jiff::Timestamp;
use jiff::civil::Date;

/// A message of the company that reached the outside.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// Key of the customer.
    pub customer: &'a str,
    /// When it was sent.
    pub at: Timestamp,
    /// The caller's own name for it; comes back in [`Happening::contact`] and decides nothing.
    pub contact: &'a str,
    /// Step of the policy. One whose key begins with `gracias` asks for nothing.
    pub step: &'a str,
    /// Its tone.
    pub tone: Tone,
    /// Its channel.
    pub channel: Channel,
    /// The address it went to.
    pub address: &'a str,
    /// The documents it names, with what it says is open of each.
    pub documents: &'a [(String, Money)],
}

/// Something a customer, or a mail server on its side, did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening {
    /// Key of the customer.
    pub customer: String,
    /// When.
    pub at: Timestamp,
    /// The message it answers, as the caller named it; `None` when nothing asked for it.
    pub contact: Option<String>,
    /// What.
    pub what: What,
}

/// What a customer did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The message came back.
    Bounced {
        /// The address that refused it.
        address: String,
        /// For good, or only this time.
        hard: bool,
    },
    /// The message reached the address.
    Delivered {
        /// The address.
        address: String,
    },
    /// An e-mail was opened, or a chat message read.
    Read {
        /// The address.
        address: String,
    },
    /// The customer wrote.
    Wrote {
        /// On which channel.
        channel: Channel,
        /// From which address.
        address: String,
        /// The words.
        text: String,
        /// What the words mean: the truth beside the text.
        meaning: Meaning,
    },
    /// Money came in.
    Paid(Payment),
}

/// Money that came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// Key of the customer.
    pub customer: String,
    /// Its reference, unique in the company.
    pub reference: String,
    /// The day, as the company counts it.
    pub on: Date,
    /// The whole amount.
    pub amount: Money,
    /// What it pays, in the order of the documents' age; the parts sum to the amount.
    pub documents: Vec<(String, Money)>,
    /// How it came ("SPEI", "PSE", "domiciliación").
    pub method: &'static str,
}

/// What words of a customer mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Will pay that much on that day.
    Promise {
        /// The day named.
        date: Date,
        /// The amount meant.
        amount: Money,
        /// Whether the text itself states the amount; it always does when it is not all that the
        /// message named.
        amount_said: bool,
    },
    /// Contests a document.
    Dispute {
        /// Its number.
        number: String,
        /// Why, truly.
        reason: Reason,
        /// How much of it.
        amount: Money,
    },
    /// Says these are paid, and they are.
    AlreadyPaid {
        /// The payment's reference.
        reference: String,
        /// The documents' numbers.
        numbers: Vec<String>,
    },
    /// Asks for a copy of a document.
    NeedsCopy {
        /// Its number.
        number: String,
    },
    /// Cannot pay.
    Hardship,
    /// Wants no more messages on the channel they wrote on.
    OptOut,
    /// Thanks.
    Thanks,
    /// Someone else reads at this address.
    WrongPerson,
    /// A machine answered.
    OutOfOffice {
        /// The day they are back.
        back: Date,
    },
}

impl Meaning {
    /// The section of the replies it is said with.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Promise { .. } => "promise",
            Self::Dispute { .. } => "dispute",
            Self::AlreadyPaid { .. } => "already_paid",
            Self::NeedsCopy { .. } => "needs_copy",
            Self::Hardship => "hardship",
            Self::OptOut => "opt_out",
            Self::Thanks => "thanks",
            Self::WrongPerson => "wrong_person",
            Self::OutOfOffice { .. } => "out_of_office",
        }
    }
}

/// Why a document is contested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// Goods or services did not arrive.
    NotReceived,
    /// Arrived damaged or badly done.
    Faulty,
    /// The price or a charge is not what was agreed.
    WrongAmount,
    /// Billed twice.
    BilledTwice,
    /// Never ordered or taken out.
    NotOrdered,
}

impl Reason {
    /// Every reason, in order.
    pub const ALL: [Self; 5] = [
        Self::NotReceived,
        Self::Faulty,
        Self::WrongAmount,
        Self::BilledTwice,
        Self::NotOrdered,
    ];

    /// The word it is written as.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotReceived => "not_received",
            Self::Faulty => "faulty",
            Self::WrongAmount => "wrong_amount",
            Self::BilledTwice => "billed_twice",
            Self::NotOrdered => "not_ordered",
        }
    }
}

/// A message or a resolution that the company of this life cannot have sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unheard {
    /// No such customer.
    #[error("`{0}` is no customer of this company: use a key that the company gave")]
    Customer(String),
    /// No such document, or it was paid before this life began.
    #[error("`{0}` is no document of this life: name one that was open when it began, or later")]
    Document(String),
}
