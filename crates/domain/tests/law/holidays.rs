//! Holidays by rule against a list of dates made elsewhere (python-holidays 0.109, 2025–2031, less
//! Peru's Easter Sunday, which D.Leg. 713 does not name).

use std::collections::BTreeSet;

use domain::customer::Country;
use domain::law::Packs;
use jiff::civil::{Date, date};

fn country(code: &str) -> Country {
    Country::new(code).expect("two letters")
}

#[test]
fn rules_give_the_dates_of_the_independent_list() {
    let packs = Packs::embedded();
    let mut listed: BTreeSet<(Country, Date)> = BTreeSet::new();
    for line in include_str!("../data/holidays.csv").lines().skip(1) {
        let (code, day) = line.split_once(',').expect("country and date");
        listed.insert((country(code), day.parse().expect("a date")));
    }
    let mut ruled: BTreeSet<(Country, Date)> = BTreeSet::new();
    for code in ["MX", "CL", "CO", "PE"] {
        for year in 2025..=2031 {
            let days = packs.holidays(country(code), year);
            ruled.extend(days.into_iter().map(|day| (country(code), day)));
        }
    }
    let missing: Vec<_> = listed.difference(&ruled).collect();
    let extra: Vec<_> = ruled.difference(&listed).collect();
    assert_eq!((missing, extra), (Vec::new(), Vec::new()));
    assert_eq!(listed.len(), 407);
}

#[test]
fn asking_agrees_with_the_list_day_by_day_also_beyond_the_years_kept_ready() {
    let packs = Packs::embedded();
    for code in ["MX", "CL", "CO", "PE"] {
        for year in [2009, 2010, 2026, 2060, 2061] {
            let days: BTreeSet<Date> = packs.holidays(country(code), year).into_iter().collect();
            for day in date(year, 1, 1).series(jiff::ToSpan::days(1i64)).take(365) {
                let holiday = packs.is_holiday(country(code), None, day);
                assert_eq!(holiday, days.contains(&day), "{code} {day}");
            }
        }
    }
}

#[test]
fn moved_shared_and_regional_days() {
    let packs = Packs::embedded();
    let on =
        |code: &str, place: Option<&str>, day: Date| packs.is_holiday(country(code), place, day);
    let cases: &[(&str, Option<&str>, Date, bool)] = &[
        // Colombia: two feasts on one Monday are one day off.
        ("CO", None, date(2025, 6, 30), true),
        ("CO", None, date(2030, 7, 1), true),
        // Law 2578 of 2026 moves 9 July to Monday, not before 2026.
        ("CO", None, date(2026, 7, 13), true),
        ("CO", None, date(2025, 7, 14), false),
        // Chile: 31 October on a Tuesday goes to the Friday before, on a Wednesday to the next.
        ("CL", None, date(2028, 10, 27), true),
        ("CL", None, date(2028, 10, 31), false),
        ("CL", None, date(2029, 11, 2), true),
        ("CL", None, date(2029, 10, 31), false),
        // Only around a bridge.
        ("CL", None, date(2027, 9, 17), true),
        ("CL", None, date(2026, 9, 17), false),
        ("CL", None, date(2023, 1, 2), true),
        ("CL", None, date(2024, 1, 2), false),
        ("CL", Some("CL-AP"), date(2026, 6, 7), true),
        ("CL", Some("CL-NB"), date(2026, 8, 20), true),
        ("CL", None, date(2026, 6, 7), false),
        // The other's day is not one's own.
        ("CL", Some("CL-AP"), date(2026, 8, 20), false),
        // Mexico: the change of President, every six years from 2024.
        ("MX", None, date(2024, 10, 1), true),
        ("MX", None, date(2030, 10, 1), true),
        ("MX", None, date(2026, 10, 1), false),
        ("MX", None, date(2018, 10, 1), false),
        // Peru: Holy Thursday and Friday, no Easter Sunday, never moved.
        ("PE", None, date(2026, 4, 2), true),
        ("PE", None, date(2026, 4, 5), false),
        ("PE", None, date(2027, 7, 23), true),
        // No calendar, no holiday.
        ("DE", None, date(2026, 12, 25), false),
    ];
    for (code, place, day, holiday) in cases {
        assert_eq!(on(code, *place, *day), *holiday, "{code} {place:?} {day}");
    }
}

/// The dates other countries keep, worked out by hand.
const BY_HAND: &[(&str, &str, &str)] = &[
    // (country, year, days)
    (
        "AR",
        "2027",
        "01-01 02-08 02-09 03-24 03-25 03-26 04-02 05-01 05-25 06-20 06-21 07-09 08-16 10-11 11-20 \
         12-08 12-25",
    ),
    (
        "BR",
        "2026",
        "01-01 04-03 04-21 05-01 09-07 10-12 11-02 11-15 11-20 12-25",
    ),
    (
        "BR",
        "2023",
        "01-01 04-07 04-21 05-01 09-07 10-12 11-02 11-15 12-25",
    ),
    // 24 May is a Sunday: the Monday after is kept too. 1 January 2028 is a Saturday: so is the
    // last day of the year before.
    (
        "EC",
        "2026",
        "01-01 02-16 02-17 04-03 05-01 05-24 05-25 08-10 10-09 11-02 11-03 12-25",
    ),
    (
        "EC",
        "2027",
        "01-01 02-08 02-09 03-26 04-30 05-01 05-24 08-09 08-10 10-09 10-08 11-01 11-02 11-03 12-24 \
         12-25 12-31",
    ),
    ("UY", "2026", "01-01 05-01 07-18 08-25 12-25"),
    (
        "CR",
        "2026",
        "01-01 04-02 04-03 04-11 05-01 07-25 08-15 09-15 12-25",
    ),
    (
        "ES",
        "2026",
        "01-01 01-06 04-03 05-01 08-15 10-12 11-01 12-06 12-08 12-25",
    ),
    ("US", "2026", ""),
];

#[test]
fn the_other_countries_by_hand() {
    let packs = Packs::embedded();
    for (code, year, days) in BY_HAND {
        let mut expected: Vec<Date> = days
            .split_whitespace()
            .map(|day| format!("{year}-{day}").parse().expect("a date"))
            .collect();
        expected.sort_unstable();
        let year = year.parse().expect("a year");
        assert_eq!(
            packs.holidays(country(code), year),
            expected,
            "{code} {year}"
        );
    }
}

/// Where the independent list for all countries is at hand: every date, but for bridges of 2025
/// that Argentina fixed by decree and are over, the Sundays that the list leaves out for Spain,
/// Peru's Easter Sunday, and the United States, whose law of collections knows no holiday.
#[test]
fn every_country_against_the_whole_list_where_it_is_at_hand() {
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let list = "shared/reference/law/holidays_2025_2031.csv";
    let found = here
        .ancestors()
        .map(|folder| folder.join(list))
        .find(|path| path.exists());
    let Some(text) = found.and_then(|path| std::fs::read_to_string(path).ok()) else {
        return;
    };
    let packs = Packs::embedded();
    let mut listed: BTreeSet<(String, Date)> = BTreeSet::new();
    for line in text.lines().skip(1) {
        let mut cells = line.split(',');
        let (code, day) = (
            cells.next().expect("a country"),
            cells.next().expect("a date"),
        );
        listed.insert((code.to_owned(), day.parse().expect("a date")));
    }
    let codes: BTreeSet<String> = listed.iter().map(|(code, _)| code.clone()).collect();
    let mut odd = Vec::new();
    for code in codes.iter().filter(|code| *code != "US") {
        for year in 2025..=2031 {
            let ruled = packs.holidays(country(code), year);
            for day in &ruled {
                let sunday = day.weekday() == jiff::civil::Weekday::Sunday;
                let own = (code.clone(), *day);
                let left_out = code == "ES" && sunday;
                if !(listed.contains(&own) || left_out) {
                    odd.push(format!("+{code} {day}"));
                }
            }
            let of_year = listed
                .iter()
                .filter(|(it, day)| it == code && day.year() == year);
            for (_, day) in of_year {
                let easter = code == "PE" && day.weekday() == jiff::civil::Weekday::Sunday;
                if !ruled.contains(day) && !easter {
                    odd.push(format!("-{code} {day}"));
                }
            }
        }
    }
    assert_eq!(odd, ["-AR 2025-05-02", "-AR 2025-08-15", "-AR 2025-11-21"]);
}
