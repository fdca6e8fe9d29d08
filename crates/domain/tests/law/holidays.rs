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
