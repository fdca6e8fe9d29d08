//! How one customer pays, listens and answers: the truth that is planted.

use domain::contact::Tone;
use domain::customer::{BehaviourClass, Channel};
use jiff::civil::Date;

use crate::life::Reason;

/// How one customer behaves. All rates are per mille.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Behaviour {
    /// How it pays when nobody writes.
    pub pays: Pays,
    /// The days on which it pays.
    pub habit: Habit,
    /// Whether one deposit pays all that is to be paid that day.
    pub bundles: bool,
    /// Share of its documents that it pays in two parts.
    pub parts_permille: u16,
    /// Where it reads and answers.
    pub channel: Channel,
    /// The hour, in its own zone, at which it reads and answers most.
    pub hour: i8,
    /// The tone that moves it most.
    pub tone: Tone,
    /// Chance that a read reminder moves its payment, by tone in the order of [`Tone::ALL`],
    /// everything of this customer included except the hour.
    pub moved_permille: [u16; 5],
    /// Chance that it answers what it has read.
    pub answers_permille: u16,
    /// Share of its promises that it keeps.
    pub keeps_permille: u16,
    /// Chance that a read message makes it ask for no more.
    pub opts_out_permille: u16,
    /// What is wrong with its address, if anything.
    pub address: Address,
    /// How it writes.
    pub voice: Voice,
}

/// How a customer pays when nobody writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pays {
    /// On the day, or before it.
    Punctual,
    /// Late with that share, and quick once reminded.
    Forgetful {
        /// Share of documents paid after the due date.
        late_permille: u16,
    },
    /// Late with that share, whatever is said.
    Slow {
        /// Share of documents paid after the due date.
        late_permille: u16,
    },
    /// Contests that share of its documents, always for the same true reason.
    Disputing {
        /// Share of documents contested.
        disputed_permille: u16,
        /// Why.
        reason: Reason,
    },
    /// Stopped being able to pay.
    Insolvent {
        /// Documents that fall due from this day on are paid with the share below, if ever.
        since: Date,
        /// Share of those documents that is paid in the end.
        paid_permille: u16,
    },
}

impl Pays {
    /// The class it belongs to.
    pub const fn class(self) -> BehaviourClass {
        match self {
            Self::Punctual => BehaviourClass::Punctual,
            Self::Forgetful { .. } => BehaviourClass::Forgetful,
            Self::Slow { .. } => BehaviourClass::Slow,
            Self::Disputing { .. } => BehaviourClass::Disputing,
            Self::Insolvent { .. } => BehaviourClass::Insolvent,
        }
    }
}

/// The days on which a customer pays. A late payment waits for the next one, a punctual one is made
/// on the last one before the due date; never on a weekend or holiday.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Habit {
    /// Any business day.
    AnyDay,
    /// Fridays.
    Fridays,
    /// The 15th and the last day of the month.
    Fortnights,
}

/// What is wrong with an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Address {
    /// Nothing.
    Good,
    /// Its e-mail address does not exist.
    Bounces,
    /// Someone else reads there.
    WrongPerson,
}

/// How a customer writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Voice {
    /// Says "usted" rather than "tú".
    pub formal: bool,
    /// Shortens words and forgets accents, as in a chat.
    pub hurried: bool,
}
