//! The reasons for saying nothing. Each has a word for counting and a sentence for reading.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::calendar::in_words;
use crate::contact::{ContactKey, step_words};
use crate::customer::Channel;
use crate::hold::HoldKind;
use crate::law;
use crate::money::Money;
use crate::preference::HoursOfDay;

/// Why nothing is done for a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Silence {
    /// The customer owes nothing.
    NothingOpen,
    /// Nothing is overdue yet.
    NotDue {
        /// The next due date.
        next_due: Date,
    },
    /// The customer's own money covers what is overdue.
    CreditsCover {
        /// That money.
        credits: Vec<Money>,
    },
    /// A line of a bank that may be the customer's waits for a person, and would cover what is
    /// asked for.
    UnappliedCreditMayCover {
        /// What waits.
        proposed: Vec<Money>,
    },
    /// The customer says that it paid, and nobody has looked at it yet.
    ClaimAwaitsReview,
    /// The bank's data is older than the policy allows for chasing.
    StaleBankData {
        /// The last day of which there is data.
        until: Date,
        /// Business days without data that the policy allows.
        days_max: u16,
    },
    /// All that is overdue is contested, promised or in a plan.
    Held {
        /// As what.
        kinds: Vec<HoldKind>,
    },
    /// The company paused the customer.
    Paused {
        /// The reason given.
        reason: String,
        /// First day after the pause, when it has one.
        until: Option<Date>,
    },
    /// All that is overdue is collected by direct debit.
    DirectDebit,
    /// The policy leaves the segment alone.
    LeftAlone {
        /// The segment.
        segment: String,
        /// The reason in the policy.
        reason: String,
    },
    /// Less is overdue than the policy chases.
    BelowMinimum,
    /// The customer answered lately.
    Answered {
        /// First day on which chasing may go on.
        until: Date,
    },
    /// The last message is too recent.
    Gap {
        /// First day on which another may go.
        until: Date,
    },
    /// A promise has just been broken; the answer to it comes first.
    PromiseBroken {
        /// The day of that answer.
        until: Date,
    },
    /// The step that applies was made; the next one is not due.
    StepMade {
        /// Key of the step that was made; `None` before the first.
        step: Option<String>,
        /// Key and day of the next one, when there is one.
        next: Option<(String, Date)>,
    },
    /// A person cancelled the step that applies.
    Cancelled {
        /// Key of the step.
        step: String,
        /// Key and day of the next one, when there is one.
        next: Option<(String, Date)>,
    },
    /// The step that applies is past its maximum lateness.
    StepTooLate {
        /// Key of the step.
        step: String,
    },
    /// A contact is planned or under way.
    AlreadyPlanned {
        /// What for.
        key: ContactKey,
        /// When.
        at: Timestamp,
        /// The company's day on which that is.
        on: Date,
    },
    /// No address on the channels of the step that the company can use.
    NoContactPoint {
        /// Those channels; empty when the company can use none of the step's channels.
        channels: Vec<Channel>,
    },
    /// Nothing can be sent, but the step may be made by a person, and the law leaves an instant.
    ByHand {
        /// Key of the step.
        step: String,
        /// Call, visit or letter.
        channel: Channel,
    },
    /// There are addresses, but the law leaves no instant for them.
    Unlawful {
        /// What the law says of the address that came nearest.
        verdict: Box<law::Verdict>,
    },
    /// The law leaves instants, but none within the hours the customer asked for.
    PreferredHours {
        /// Those hours.
        hours: HoursOfDay,
    },
    /// While claiming: something else is due now.
    Superseded {
        /// What.
        by: ContactKey,
    },
    /// While claiming: law or policy do not allow it at this hour.
    OutOfHours {
        /// When it would be allowed.
        next_allowed: Timestamp,
        /// The company's day on which that is.
        on: Date,
    },
}

impl Silence {
    /// The word it is counted under.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NothingOpen => "nothing_open",
            Self::NotDue { .. } => "not_due",
            Self::CreditsCover { .. } => "credits_cover",
            Self::UnappliedCreditMayCover { .. } => "unapplied_credit_may_cover",
            Self::ClaimAwaitsReview => "claim_awaits_review",
            Self::StaleBankData { .. } => "stale_bank_data",
            Self::Held { .. } => "held",
            Self::Paused { .. } => "paused",
            Self::DirectDebit => "direct_debit",
            Self::LeftAlone { .. } => "left_alone",
            Self::BelowMinimum => "below_minimum",
            Self::Answered { .. } => "answered",
            Self::Gap { .. } => "minimum_gap",
            Self::PromiseBroken { .. } => "promise_just_broken",
            Self::StepMade { .. } => "step_made",
            Self::Cancelled { .. } => "cancelled",
            Self::StepTooLate { .. } => "step_too_late",
            Self::AlreadyPlanned { .. } => "already_planned",
            Self::NoContactPoint { .. } => "no_contact_point",
            Self::ByHand { .. } => "by_hand",
            Self::Unlawful { .. } => "unlawful",
            Self::PreferredHours { .. } => "preferred_hours",
            Self::Superseded { .. } => "superseded",
            Self::OutOfHours { .. } => "out_of_hours",
        }
    }

    /// One Spanish sentence for staff.
    pub fn sentence(&self) -> String {
        match self {
            Self::NothingOpen => "No debe nada.".to_owned(),
            Self::NotDue { next_due } => {
                let day = in_words(*next_due);
                format!("No tiene nada vencido; su próximo vencimiento es el {day}.")
            }
            Self::CreditsCover { credits } => format!(
                "Su saldo a favor ({}) cubre lo vencido: falta aplicarlo, no cobrar.",
                list(credits.iter())
            ),
            Self::UnappliedCreditMayCover { proposed } => may_cover(proposed),
            Self::ClaimAwaitsReview => CLAIM_AWAITS.to_owned(),
            Self::StaleBankData { until, days_max } => stale_bank_data(*until, *days_max),
            Self::Held { kinds } => format!(
                "Todo lo vencido está detenido por {}.",
                list(kinds.iter().map(|kind| kind.name_es()))
            ),
            Self::Paused {
                reason,
                until: Some(until),
            } => {
                format!("En pausa hasta el {}: {reason}.", in_words(*until))
            }
            Self::Paused {
                reason,
                until: None,
            } => format!("En pausa sin fecha de fin: {reason}."),
            Self::DirectDebit => "Lo vencido se cobra por domiciliación.".to_owned(),
            Self::LeftAlone { segment, reason } => {
                format!("La política no cobra al segmento «{segment}»: {reason}.")
            }
            Self::BelowMinimum => "Lo vencido es menos que el mínimo de la política.".to_owned(),
            Self::Answered { until } | Self::Gap { until } | Self::PromiseBroken { until } => {
                self.waiting(*until)
            }
            Self::StepMade { step, next } => step_made(step.as_deref(), next.as_ref()),
            Self::Cancelled { step, next } => cancelled(step, next.as_ref()),
            Self::StepTooLate { step } => format!(
                "El paso «{}» ya pasó su plazo y no se envía tarde.",
                step_words(step)
            ),
            Self::AlreadyPlanned { key, on, .. } => format!(
                "Ya tiene planeada la gestión «{}» para el {}.",
                key.words(),
                in_words(*on)
            ),
            Self::NoContactPoint { channels } if channels.is_empty() => {
                "La empresa no tiene activo ningún canal de los que usa este paso.".to_owned()
            }
            Self::NoContactPoint { channels } => format!(
                "No hay un medio de contacto que sirva por {}: pida uno al cliente.",
                list(channels.iter().map(|channel| channel.name_es()))
            ),
            Self::ByHand { step, channel } => {
                let (step, channel) = (step_words(step), channel.name_es());
                format!("El paso «{step}» lo hace una persona: {channel}.")
            }
            Self::Unlawful { verdict } => unlawful(verdict),
            Self::PreferredHours { hours } => format!(
                "El cliente pidió que se le contacte {hours}, y en esas horas no queda ninguna \
                 permitida dentro del plazo del paso."
            ),
            Self::Superseded { by } => {
                format!("Los hechos cambiaron: ahora corresponde «{}».", by.words())
            }
            Self::OutOfHours { on, .. } => {
                let day = in_words(*on);
                format!("Fuera del horario permitido; se podrá el {day}.")
            }
        }
    }

    /// What is waited for, and the day on which it ends.
    fn waiting(&self, until: Date) -> String {
        let day = in_words(until);
        match self {
            Self::Answered { .. } => {
                format!("El cliente respondió hace poco: se le deja en paz hasta el {day}.")
            }
            Self::PromiseBroken { .. } => {
                format!("Acaba de vencer su promesa de pago: se le escribe sobre ella el {day}.")
            }
            _ => format!("El último mensaje es reciente: el siguiente puede salir el {day}."),
        }
    }
}

/// What is said while nobody has answered a customer who says that it paid.
const CLAIM_AWAITS: &str =
    "El cliente avisó que pagó y nadie lo ha revisado: primero se le contesta.";

fn may_cover(proposed: &[Money]) -> String {
    format!(
        "Un movimiento del banco por conciliar ({}) puede ser su pago y cubriría lo vencido: \
         revíselo antes de cobrar.",
        list(proposed.iter())
    )
}

fn stale_bank_data(until: Date, days_max: u16) -> String {
    let allowed = match days_max {
        0 => "ningún día hábil".to_owned(),
        1 => "1 día hábil".to_owned(),
        more => format!("{more} días hábiles"),
    };
    format!(
        "Los datos del banco llegan hasta el {} y la política admite {allowed} sin ellos: importe \
         el estado de cuenta antes de cobrar, porque el cliente puede haber pagado.",
        in_words(until)
    )
}

fn unlawful(verdict: &law::Verdict) -> String {
    if verdict.allowed() {
        return "No queda una hora permitida dentro del plazo del paso.".to_owned();
    }
    let rules: Vec<&str> = verdict
        .failures
        .iter()
        .map(|rule| rule.sentence.as_str())
        .collect();
    format!("La ley no lo permite: {}", rules.join(" "))
}

fn step_made(step: Option<&str>, next: Option<&(String, Date)>) -> String {
    let made = match step {
        Some(step) => format!("El paso «{}» ya se hizo.", step_words(step)),
        None => "Todavía no toca el primer paso.".to_owned(),
    };
    and_then(&made, next)
}

fn cancelled(step: &str, next: Option<&(String, Date)>) -> String {
    let step = step_words(step);
    and_then(
        &format!("Una persona canceló el paso «{step}»: no se repite."),
        next,
    )
}

fn and_then(said: &str, next: Option<&(String, Date)>) -> String {
    match next {
        Some((next, on)) => {
            let (next, on) = (step_words(next), in_words(*on));
            format!("{said} Sigue «{next}» el {on}.")
        }
        None => format!("{said} No hay más pasos."),
    }
}

fn list<T: std::fmt::Display>(items: impl Iterator<Item = T>) -> String {
    items
        .map(|item| item.to_string())
        .collect::<Vec<_>>()
        .join(", ")
}
