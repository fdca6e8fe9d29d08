//! What a customer said about being contacted: for which purpose it agreed or objected, at which
//! hours of its day, and by which channel it would rather hear.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::code::code_enum;
use crate::customer::{Channel, Consent};

/// Days looked over for one on which the hours exist; clocks are changed on one of them at most.
const DAYS_MAX: usize = 3;

code_enum! {
    /// What a customer agrees to be contacted for.
    pub enum Purpose {
        /// What it owes.
        Collection = "collection",
        /// Offers that are not about what it owes.
        Offers = "offers",
    }
}

impl Purpose {
    /// The Spanish word on screens.
    pub const fn name_es(self) -> &'static str {
        match self {
            Self::Collection => "cobranza",
            Self::Offers => "ofertas",
        }
    }
}

code_enum! {
    /// What a customer said about a purpose.
    pub enum Said {
        /// It agrees.
        Given = "given",
        /// It does not want it, or not any more.
        Withdrawn = "withdrawn",
        /// An earlier record was wrong: nothing is known.
        Unknown = "unknown",
    }
}

/// What was said about one purpose at one address, with where it is on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// About what.
    pub purpose: Purpose,
    /// What.
    pub said: Said,
    /// The day.
    pub since: Date,
    /// Where the record is ("contrato", "página del cliente").
    pub source: String,
    /// The words shown or said; empty where they are not on record.
    pub shown: String,
}

impl Statement {
    /// What it makes of an address.
    pub fn consent(&self) -> Consent {
        match self.said {
            Said::Given => Consent::Given {
                on: self.since,
                source: self.source.clone(),
            },
            Said::Withdrawn => Consent::Withdrawn { on: self.since },
            Said::Unknown => Consent::Unknown,
        }
    }

    /// What an address's consent says about collection; `otherwise` is the day of one that has
    /// none.
    pub fn of_consent(consent: &Consent, otherwise: Date) -> Self {
        let (said, since, source) = match consent {
            Consent::Given { on, source } => (Said::Given, *on, source.as_str()),
            Consent::Withdrawn { on } => (Said::Withdrawn, *on, ""),
            Consent::Unknown => (Said::Unknown, otherwise, ""),
        };
        Self {
            purpose: Purpose::Collection,
            said,
            since,
            source: source.to_owned(),
            shown: String::new(),
        }
    }
}

/// When and how a customer wants to be contacted. It narrows what law and company allow and widens
/// nothing; that it does not want a channel at all is a consent withdrawn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preferences {
    /// The hours; `None` where any will do.
    pub hours: Option<HoursOfDay>,
    /// Channels it would rather hear by, first wanted first.
    pub channels: Vec<Channel>,
}

impl Preferences {
    /// The same channels, those that are wanted first.
    pub fn in_order(&self, channels: &[Channel]) -> Vec<Channel> {
        let wanted = self.channels.iter().filter(|it| channels.contains(it));
        let mut ordered: Vec<Channel> = wanted.copied().collect();
        for channel in channels {
            if !ordered.contains(channel) {
                ordered.push(*channel);
            }
        }
        ordered
    }
}

/// Hours of the customer's own day, `[from, to)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HoursOfDay {
    /// First hour, 0 to 23.
    pub from: u8,
    /// The hour behind the last, 1 to 24.
    pub to: u8,
}

impl HoursOfDay {
    /// Hours of a day; `None` when they are none.
    pub fn new(from: u8, to: u8) -> Option<Self> {
        (from < to && to <= 24).then_some(Self { from, to })
    }

    /// Whether a time of day lies within them.
    pub fn has(self, time: Time) -> bool {
        let hour = time.hour().unsigned_abs();
        self.from <= hour && hour < self.to
    }

    /// `at` itself within the hours, else the next instant within them; `None` at the end of time.
    pub fn next(self, at: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let local = zone.to_datetime(at);
        if self.has(local.time()) {
            return Some(at);
        }
        let opens = Time::new(i8::try_from(self.from).ok()?, 0, 0, 0).ok()?;
        let mut day = local.date();
        if local.time() >= opens {
            day = day.tomorrow().ok()?;
        }
        for _ in 0..DAYS_MAX {
            // Where the clock skips the hour, it opens with the hour after it, if that is one.
            let opening = zone.to_timestamp(day.to_datetime(opens)).ok()?;
            if opening > at && self.has(zone.to_datetime(opening).time()) {
                return Some(opening);
            }
            day = day.checked_add(1.day()).ok()?;
        }
        None
    }
}

impl std::fmt::Display for HoursOfDay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "de {} a {} h", self.from, self.to)
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use proptest::prelude::*;

    use super::*;
    use crate::calendar;

    const ZONES: [&str; 10] = [
        "America/Mexico_City",
        "America/Tijuana",
        "America/Santiago",
        "America/Bogota",
        "America/Lima",
        "America/Sao_Paulo",
        "America/Asuncion",
        "America/Havana",
        "America/New_York",
        "Pacific/Easter",
    ];

    #[test]
    fn hours_are_some_and_within_a_day() {
        for (from, to, is) in [(9, 18, true), (0, 24, true), (9, 9, false), (20, 25, false)] {
            assert_eq!(HoursOfDay::new(from, to).is_some(), is, "{from}-{to}");
        }
    }

    #[test]
    fn wanted_channels_come_first_and_none_is_added() {
        use Channel::{Call, Email, Letter, Whatsapp};
        let preferences = Preferences {
            hours: None,
            channels: vec![Whatsapp, Letter],
        };
        assert_eq!(
            preferences.in_order(&[Email, Whatsapp, Call]),
            [Whatsapp, Email, Call]
        );
        assert_eq!(
            Preferences::default().in_order(&[Call, Email]),
            [Call, Email]
        );
    }

    proptest! {
        /// The next instant is within the hours and not before; no quarter of an hour between lies
        /// within them. Clocks are changed at quarters.
        #[test]
        fn the_next_instant_is_the_first_within_the_hours(
            zone in prop::sample::select(&ZONES[..]),
            seconds in 1_500_000_000_i64..1_900_000_000,
            from in 0_u8..24,
            length in 1_u8..=24,
        ) {
            let zone = calendar::zone(zone).expect("bundled");
            let hours = HoursOfDay::new(from, (from + length).min(24)).expect("hours");
            let at = Timestamp::from_second(seconds).expect("an instant");
            let next = hours.next(at, &zone).expect("there is one");
            prop_assert!(next >= at);
            prop_assert!(hours.has(zone.to_datetime(next).time()));
            let quarter = SignedDuration::from_mins(15);
            let first = at.as_second().div_euclid(900) + 1;
            let mut between = Timestamp::from_second(first * 900).expect("an instant");
            while between < next {
                let time = zone.to_datetime(between).time();
                prop_assert!(!hours.has(time), "{between} is {time} and before {next}");
                between += quarter;
            }
        }
    }
}
