//! Contacts: attempts to reach a customer, and the tones they are made in.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::code::code_enum;
use crate::customer::Channel;
use crate::ids::ContactId;
use crate::law::{Outcome, PastAttempt};
use crate::policy::COURTESY_KEY;

code_enum! {
    /// How a message speaks, from the softest to the firmest. The order is the ladder's.
    pub enum Tone {
        /// Thanks and courtesy.
        Warm = "warm",
        /// A friendly reminder.
        Friendly = "friendly",
        /// Clear: asks for a date.
        Clear = "clear",
        /// Firm: names what follows.
        Firm = "firm",
        /// The last word before other means.
        Final = "final",
    }
}

impl Tone {
    /// The Spanish word on screens.
    pub const fn name_es(self) -> &'static str {
        match self {
            Self::Warm => "cordial",
            Self::Friendly => "amable",
            Self::Clear => "claro",
            Self::Firm => "firme",
            Self::Final => "último aviso",
        }
    }
}

code_enum! {
    /// Where a contact stands.
    pub enum ContactState {
        /// Decided, not yet due or not yet taken up.
        Planned = "planned",
        /// Taken up; the provider may or may not have been called.
        Claimed = "claimed",
        /// The provider accepted it.
        Sent = "sent",
        /// It reached the address.
        Delivered = "delivered",
        /// It was opened.
        Read = "read",
        /// The customer answered.
        Answered = "answered",
        /// Not made, with a reason.
        Suppressed = "suppressed",
        /// The provider refused it.
        Failed = "failed",
        /// Nobody knows whether it left: never repeated by the machine.
        Unknown = "unknown",
    }
}

impl ContactState {
    /// Whether the contact was made, or may have been: these count for steps and legal caps.
    pub const fn counts(self) -> bool {
        matches!(
            self,
            Self::Claimed
                | Self::Sent
                | Self::Delivered
                | Self::Read
                | Self::Answered
                | Self::Unknown
        )
    }

    /// Whether a contact may pass from this state to `next`.
    pub const fn may_become(self, next: Self) -> bool {
        match self {
            Self::Planned => matches!(next, Self::Claimed | Self::Suppressed),
            Self::Claimed => {
                matches!(
                    next,
                    Self::Sent | Self::Failed | Self::Unknown | Self::Planned
                )
            }
            Self::Unknown => matches!(
                next,
                Self::Sent | Self::Failed | Self::Delivered | Self::Read | Self::Answered
            ),
            Self::Sent => matches!(
                next,
                Self::Delivered | Self::Read | Self::Answered | Self::Failed
            ),
            Self::Delivered => matches!(next, Self::Read | Self::Answered | Self::Failed),
            Self::Read => matches!(next, Self::Answered),
            Self::Answered | Self::Suppressed | Self::Failed => false,
        }
    }

    /// The state after something is heard of the contact; `None` when it says nothing new: signs
    /// are repeated and come out of order.
    ///
    /// # Errors
    /// [`NeverMade`] when the contact was not made, or its sending is not finished.
    pub const fn after(self, sign: Sign) -> Result<Option<Self>, NeverMade> {
        let next = match sign {
            Sign::Delivered => Self::Delivered,
            Sign::Read => Self::Read,
            Sign::Answered => Self::Answered,
            Sign::Bounced => Self::Failed,
        };
        match self {
            Self::Planned | Self::Claimed | Self::Suppressed => {
                Err(NeverMade { state: self, sign })
            }
            Self::Sent
            | Self::Delivered
            | Self::Read
            | Self::Answered
            | Self::Failed
            | Self::Unknown => Ok(if self.may_become(next) {
                Some(next)
            } else {
                None
            }),
        }
    }
}

code_enum! {
    /// What is heard of a contact after it was made.
    pub enum Sign {
        /// It reached the address.
        Delivered = "delivered",
        /// It was opened.
        Read = "read",
        /// The customer answered.
        Answered = "answered",
        /// It came back: the address does not take it.
        Bounced = "bounced",
    }
}

/// A sign of a contact that was not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a contact that is {state} cannot be {sign}: check which contact the sign is about")]
pub struct NeverMade {
    /// Where the contact stands.
    pub state: ContactState,
    /// What was heard.
    pub sign: Sign,
}

/// What a contact was for; with the customer it makes the key that is claimed once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ContactKey {
    /// A step of the ladder in a cycle.
    Step {
        /// Key of the step in the policy; a repeated follow-up carries its number
        /// (`seguimiento-2`).
        step: String,
        /// First day of the cycle.
        cycle: Date,
    },
    /// The courtesy notice for a due date.
    Courtesy {
        /// The due date.
        due: Date,
    },
    /// An answer to something that happened on a day: thanks for a payment, a promise broken.
    Event {
        /// Key of the step in the policy.
        step: String,
        /// The day it happened.
        on: Date,
    },
}

/// The key of a step as people read it: `propuesta-de-prorroga` is “Propuesta de prórroga”.
///
/// A key is made of the policy's own words without accents; those that end in `-cion` and the
/// commonest others get theirs back.
pub fn step_words(key: &str) -> String {
    const ACCENTED: [(&str, &str); 17] = [
        ("aclaracion", "aclaración"),
        ("busqueda", "búsqueda"),
        ("catalogo", "catálogo"),
        ("cortesia", "cortesía"),
        ("credito", "crédito"),
        ("debito", "débito"),
        ("dia", "día"),
        ("dias", "días"),
        ("estandar", "estándar"),
        ("interes", "interés"),
        ("maximo", "máximo"),
        ("minimo", "mínimo"),
        ("numero", "número"),
        ("pagare", "pagaré"),
        ("prorroga", "prórroga"),
        ("telefono", "teléfono"),
        ("ultimo", "último"),
    ];
    if key == COURTESY_KEY {
        return "Aviso de cortesía".to_owned();
    }
    let word = |word: &str| {
        let known = ACCENTED.iter().find(|(plain, _)| *plain == word);
        match (known, word.strip_suffix("cion")) {
            (Some((_, accented)), _) => (*accented).to_owned(),
            (None, Some(stem)) => format!("{stem}ción"),
            (None, None) => word.to_owned(),
        }
    };
    let words: Vec<String> = key.split(['-', '_']).map(word).collect();
    let words = words.join(" ");
    let mut letters = words.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

impl ContactKey {
    /// The step as people read it, see [`step_words`].
    pub fn words(&self) -> String {
        step_words(self.step())
    }

    /// The step's key in the policy.
    pub fn step(&self) -> &str {
        match self {
            Self::Step { step, .. } | Self::Event { step, .. } => step,
            Self::Courtesy { .. } => COURTESY_KEY,
        }
    }

    /// The civil date that makes the key unique beside the step.
    pub const fn day(&self) -> Date {
        match self {
            Self::Step { cycle, .. } => *cycle,
            Self::Courtesy { due } => *due,
            Self::Event { on, .. } => *on,
        }
    }

    /// The word of its kind: `step`, `courtesy`, `event`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Step { .. } => "step",
            Self::Courtesy { .. } => "courtesy",
            Self::Event { .. } => "event",
        }
    }

    /// Rebuilds a key from its stored parts; `None` for an unknown kind.
    pub fn from_parts(kind: &str, step: &str, day: Date) -> Option<Self> {
        match kind {
            "step" => Some(Self::Step {
                step: step.to_owned(),
                cycle: day,
            }),
            "courtesy" => Some(Self::Courtesy { due: day }),
            "event" => Some(Self::Event {
                step: step.to_owned(),
                on: day,
            }),
            _ => None,
        }
    }
}

/// A contact as a later decision sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastContact {
    /// Our id.
    pub id: ContactId,
    /// What it was for.
    pub key: ContactKey,
    /// The channel used.
    pub channel: Channel,
    /// Its tone.
    pub tone: Tone,
    /// Where it stands.
    pub state: ContactState,
    /// When it is or was to be made.
    pub planned_at: Timestamp,
    /// When it was taken up or sent; `None` while planned or when suppressed.
    pub performed_at: Option<Timestamp>,
    /// Whether a person decided that it is not made: then it is not planned again.
    pub cancelled: bool,
}

impl PastContact {
    /// What the law counts of it; `None` for one that was not made.
    pub fn attempt(&self) -> Option<PastAttempt> {
        let was_tried = self.state.counts() || self.state == ContactState::Failed;
        let at = self.performed_at.filter(|_| was_tried)?;
        Some(PastAttempt {
            at: at.into(),
            channel: self.channel,
            outcome: match self.state {
                ContactState::Answered => Outcome::Conversation,
                ContactState::Delivered | ContactState::Read => Outcome::Delivered,
                // It left and came back: no step was made, but somebody was written to.
                ContactState::Failed => Outcome::NotConnected,
                _ => Outcome::Attempt,
            },
            incoming: false,
            debt: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "Caps count every outgoing entry, also `not_connected`" (verdict rules of the reference).
    #[test]
    fn what_left_counts_before_the_law_also_when_it_came_back() {
        let at = Timestamp::UNIX_EPOCH;
        let contact = |state, performed_at| PastContact {
            id: ContactId::from_uuid(uuid::Uuid::nil()),
            key: ContactKey::Courtesy {
                due: Date::constant(2026, 1, 1),
            },
            channel: Channel::Email,
            tone: Tone::Warm,
            state,
            planned_at: at,
            performed_at,
            cancelled: false,
        };
        for (state, wanted) in [
            (ContactState::Planned, None),
            (ContactState::Suppressed, None),
            (ContactState::Claimed, Some(Outcome::Attempt)),
            (ContactState::Unknown, Some(Outcome::Attempt)),
            (ContactState::Read, Some(Outcome::Delivered)),
            (ContactState::Answered, Some(Outcome::Conversation)),
            (ContactState::Failed, Some(Outcome::NotConnected)),
        ] {
            let counted = contact(state, Some(at)).attempt().map(|it| it.outcome);
            assert_eq!(counted, wanted, "{state}");
            // What the server did not take never left.
            assert_eq!(contact(state, None).attempt(), None, "{state}");
        }
    }

    /// A state, then the state after delivered, read, answered, bounced; `=` for nothing new, `!`
    /// for a contact that was not made.
    const AFTER: &str = "
        planned    ! ! ! !
        claimed    ! ! ! !
        suppressed ! ! ! !
        sent       delivered read answered failed
        delivered  = read answered failed
        read       = = answered =
        answered   = = = =
        failed     = = = =
        unknown    delivered read answered failed
    ";

    #[test]
    fn signs_move_a_contact_forward_only() {
        let mut lines = 0;
        for line in AFTER.lines().filter(|line| !line.trim().is_empty()) {
            let words: Vec<&str> = line.split_whitespace().collect();
            let state: ContactState = words[0].parse().expect("a state");
            for (sign, wanted) in Sign::ALL.iter().zip(&words[1..]) {
                let found = match state.after(*sign) {
                    Ok(Some(next)) => {
                        assert!(state.may_become(next), "{state} → {next}");
                        next.code()
                    }
                    Ok(None) => "=",
                    Err(NeverMade { .. }) => "!",
                };
                assert_eq!(found, *wanted, "{state} {sign}");
            }
            lines += 1;
        }
        assert_eq!(lines, ContactState::ALL.len());
    }
}
