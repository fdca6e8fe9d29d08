//! The languages in which customers read how a company collects, and the small words of each.

use jiff::civil::{Time, Weekday};

use super::words;
use crate::customer::{Channel, RecipientRole};
use crate::policy::Hours;

/// A language of the customers' page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tongue {
    /// Spanish.
    #[default]
    Spanish,
    /// Portuguese of Brazil.
    Portuguese,
    /// English.
    English,
}

impl Tongue {
    /// The language of a tag such as `pt-BR`; Spanish where there is no other.
    pub fn of(tag: &str) -> Self {
        match tag.split(['-', '_']).next() {
            Some("pt") => Self::Portuguese,
            Some("en") => Self::English,
            _ => Self::Spanish,
        }
    }

    /// The one of three texts that is in this language.
    pub(super) fn pick<T>(self, spanish: T, portuguese: T, english: T) -> T {
        match self {
            Self::Spanish => spanish,
            Self::Portuguese => portuguese,
            Self::English => english,
        }
    }

    /// `1 day`, `3 days`.
    pub(super) fn days(self, count: impl Into<u64>) -> String {
        let count = count.into();
        match self {
            Self::Spanish => words::days(count),
            Self::Portuguese => words::counted(count, "dia", "dias"),
            Self::English => words::counted(count, "day", "days"),
        }
    }

    /// `every day`, `every 3 days`.
    pub(super) fn every(self, count: u16) -> String {
        match (self, count) {
            (Self::Spanish, _) => words::every(count),
            (Self::Portuguese, 1) => "por dia".to_owned(),
            (Self::Portuguese, _) => format!("a cada {}", self.days(count)),
            (Self::English, 1) => "a day".to_owned(),
            (Self::English, _) => format!("every {}", self.days(count)),
        }
    }

    /// `a, b and c`.
    pub(super) fn and<T: AsRef<str>>(self, items: &[T]) -> String {
        match self {
            Self::Spanish => words::and(items),
            Self::Portuguese => words::joined(items, |_| "e"),
            Self::English => words::joined(items, |_| "and"),
        }
    }

    /// `a, b or c`.
    pub(super) fn or<T: AsRef<str>>(self, items: &[T]) -> String {
        match self {
            Self::Spanish => words::or(items),
            Self::Portuguese => words::joined(items, |_| "ou"),
            Self::English => words::joined(items, |_| "or"),
        }
    }

    /// The channel with its preposition.
    pub(super) const fn by_channel(self, channel: Channel) -> &'static str {
        match self {
            Self::Spanish => words::by_channel(channel),
            Self::Portuguese => match channel {
                Channel::Email => "por e-mail",
                Channel::Whatsapp => "por WhatsApp",
                Channel::Sms => "por SMS",
                Channel::Call => "por telefone",
                Channel::Voicebot => "por ligação automática",
                Channel::Visit => "em uma visita",
                Channel::Push => "com um aviso no aplicativo",
                Channel::Letter => "por carta",
            },
            Self::English => match channel {
                Channel::Email => "by e-mail",
                Channel::Whatsapp => "by WhatsApp",
                Channel::Sms => "by text message",
                Channel::Call => "by telephone",
                Channel::Voicebot => "by automatic call",
                Channel::Visit => "in a visit",
                Channel::Push => "with a notice in the app",
                Channel::Letter => "by letter",
            },
        }
    }

    /// Someone beside the customer who also receives messages.
    pub(super) fn your(self, role: RecipientRole) -> Option<&'static str> {
        let (spanish, portuguese, english) = match role {
            RecipientRole::ApContact => (
                "su encargado de pagos",
                "seu responsável por pagamentos",
                "your accounts payable contact",
            ),
            RecipientRole::LegalRepresentative => (
                "su representante legal",
                "seu representante legal",
                "your legal representative",
            ),
            RecipientRole::Attorney => ("su abogado", "seu advogado", "your lawyer"),
            RecipientRole::CoDebtor => ("su codeudor", "seu codevedor", "your co-debtor"),
            RecipientRole::Guarantor => ("su aval", "seu avalista", "your guarantor"),
            _ => return None,
        };
        Some(self.pick(spanish, portuguese, english))
    }

    /// `Monday to Friday, 9:00 to 18:00, except holidays`.
    pub(super) fn hours(self, hours: &Hours) -> String {
        let days = self.weekdays(&hours.weekdays);
        let (from, to) = (time(hours.from), time(hours.to));
        match self {
            Self::Spanish => words::hours(hours),
            Self::Portuguese => format!("{days}, das {from} às {to}, exceto feriados"),
            Self::English => format!("{days}, from {from} to {to}, except on holidays"),
        }
    }

    fn weekdays(self, days: &[Weekday]) -> String {
        let name = |day: Weekday| self.weekday(day);
        match days {
            _ if days.len() == 7 => self
                .pick("todos los días", "todos os dias", "every day")
                .to_owned(),
            [first, .., last] if words::is_run(days) => {
                let (first, last) = (name(*first), name(*last));
                match self {
                    Self::English => format!("{first} to {last}"),
                    _ => format!("de {first} a {last}"),
                }
            }
            days => self.and(&days.iter().copied().map(name).collect::<Vec<_>>()),
        }
    }

    fn weekday(self, day: Weekday) -> &'static str {
        match day {
            Weekday::Monday => self.pick("lunes", "segunda", "Monday"),
            Weekday::Tuesday => self.pick("martes", "terça", "Tuesday"),
            Weekday::Wednesday => self.pick("miércoles", "quarta", "Wednesday"),
            Weekday::Thursday => self.pick("jueves", "quinta", "Thursday"),
            Weekday::Friday => self.pick("viernes", "sexta", "Friday"),
            Weekday::Saturday => self.pick("sábado", "sábado", "Saturday"),
            Weekday::Sunday => self.pick("domingo", "domingo", "Sunday"),
        }
    }
}

fn time(time: Time) -> String {
    format!("{}:{:02}", time.hour(), time.minute())
}
