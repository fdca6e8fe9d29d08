//! Days on which laws are silent, and the clocks of countries: dates, not rules.

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;

/// The holidays of a country from October 2026 to January 2027, as the offices publish them.
/// Outside these months the checker knows of none, and [`is_known`] says so.
pub fn holidays(country: &str) -> &'static [Date] {
    match country {
        "MX" => MEXICO,
        "CL" => CHILE,
        "CO" => COLOMBIA,
        "PE" => PERU,
        "BR" => BRAZIL,
        "AR" => ARGENTINA,
        "EC" => ECUADOR,
        _ => &[],
    }
}

/// LFT art. 74: third Monday of November, 25 December, 1 January.
const MEXICO: &[Date] = &[NOV_16, DEC_25, JAN_1];

/// 12 October is a Monday; 31 October a Saturday, which stays; Leyes 19.668 and 20.299.
const CHILE: &[Date] = &[OCT_12, date(2026, 10, 31), NOV_1, DEC_8, DEC_25, JAN_1];

/// Ley 51 de 1983: 1 November moves to the 2nd, 11 November to the 16th, 6 January to the 11th.
const COLOMBIA: &[Date] = &[
    OCT_12,
    NOV_2,
    NOV_16,
    DEC_8,
    DEC_25,
    JAN_1,
    date(2027, 1, 11),
];

/// D.Leg. 713 art. 6: none is moved.
const PERU: &[Date] = &[
    date(2026, 10, 8),
    NOV_1,
    DEC_8,
    date(2026, 12, 9),
    DEC_25,
    JAN_1,
];

/// Leis 662/1949, 6.802/1980 and 14.759/2023.
const BRAZIL: &[Date] = &[
    OCT_12,
    NOV_2,
    date(2026, 11, 15),
    date(2026, 11, 20),
    DEC_25,
    JAN_1,
];

/// 20 November is a Friday and moves to the 23rd; 9 November by decree; 7 December a bridge.
const ARGENTINA: &[Date] = &[
    OCT_12,
    date(2026, 11, 9),
    date(2026, 11, 23),
    date(2026, 12, 7),
    DEC_8,
    DEC_25,
    JAN_1,
];

/// 9 October is a Friday, 2 and 3 November Monday and Tuesday: none is moved.
const ECUADOR: &[Date] = &[date(2026, 10, 9), NOV_2, date(2026, 11, 3), DEC_25, JAN_1];

/// Whether the table of holidays covers a day.
pub fn is_known(day: Date) -> bool {
    (date(2026, 10, 1)..=date(2027, 1, 31)).contains(&day)
}

const OCT_12: Date = date(2026, 10, 12);
const NOV_1: Date = date(2026, 11, 1);
const NOV_2: Date = date(2026, 11, 2);
const NOV_16: Date = date(2026, 11, 16);
const DEC_8: Date = date(2026, 12, 8);
const DEC_25: Date = date(2026, 12, 25);
const JAN_1: Date = date(2027, 1, 1);

/// The clocks of a country, the capital's first: where somebody's zone is not known it may be any.
pub fn zones(country: &str) -> Vec<TimeZone> {
    let names: &[&str] = match country {
        "MX" => &[
            "America/Mexico_City",
            "America/Cancun",
            "America/Hermosillo",
            "America/Mazatlan",
            "America/Ciudad_Juarez",
            "America/Ojinaga",
            "America/Matamoros",
            "America/Tijuana",
        ],
        "CL" => &["America/Santiago", "America/Punta_Arenas", "Pacific/Easter"],
        "CO" => &["America/Bogota"],
        "PE" => &["America/Lima"],
        "BR" => &[
            "America/Sao_Paulo",
            "America/Noronha",
            "America/Manaus",
            "America/Rio_Branco",
        ],
        "AR" => &["America/Argentina/Buenos_Aires"],
        "EC" => &["America/Guayaquil", "Pacific/Galapagos"],
        "US" => &[
            "America/New_York",
            "America/Chicago",
            "America/Denver",
            "America/Phoenix",
            "America/Los_Angeles",
            "America/Anchorage",
            "America/Adak",
            "Pacific/Honolulu",
        ],
        _ => &[],
    };
    names.iter().map(|name| zone(name)).collect()
}

/// A zone by its name.
///
/// # Panics
/// For a name that is none: a truth was written wrongly.
#[expect(
    clippy::disallowed_methods,
    reason = "the second reading shares no code with the first; only the bundled database is built"
)]
pub fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or_else(|error| panic!("{name} is no zone: {error}"))
}
