//! How people name a day: "el viernes", "la quincena", "a fin de mes", "el 15".
//!
//! Each way of saying is offered only where it can mean no other day, read as people read it: a
//! weekday is the next one, "el 15" the next 15th, the fortnight the next 15th or last of a month.

use domain::calendar::{month_es, weekday_es};
use jiff::civil::Date;

use crate::calendar::{days_between, plus};
use crate::chance::Chance;

/// A way of naming `day` for someone who speaks on `today`.
pub(crate) fn name(chance: &mut Chance, today: Date, day: Date) -> String {
    let ways = ways(today, day);
    chance.pick(&ways).clone()
}

fn ways(today: Date, day: Date) -> Vec<String> {
    let ahead = days_between(today, day);
    let weekday = weekday_es(day.weekday());
    let mut ways = match ahead {
        ..=0 => return vec!["hoy".to_owned(), "hoy mismo".to_owned()],
        1 => vec!["mañana".to_owned(), "mañana mismo".to_owned()],
        2 => vec!["pasado mañana".to_owned(), format!("el {weekday}")],
        3..=6 => vec![
            format!("el {weekday}"),
            format!("el {weekday}"),
            format!("en {ahead} días"),
        ],
        _ => Vec::new(),
    };
    let monday = plus(
        today,
        7 - i64::from(today.weekday().to_monday_zero_offset()),
    );
    if ahead > 6 && (monday..plus(monday, 7)).contains(&day) {
        ways.push(format!("el {weekday} de la próxima semana"));
    }
    if ahead > 2 && next_of_month(today, day.day()) == Some(day) {
        ways.push(format!("el {}", day.day()));
        ways.push(format!("el día {}", day.day()));
    }
    if ahead > 2 && day == day.last_of_month() && day == today.last_of_month() {
        ways.push("a fin de mes".to_owned());
    }
    if ahead > 2 && day == next_fortnight(today) {
        ways.push("en la quincena".to_owned());
    }
    if ahead > 3 {
        ways.push(format!("el {} de {}", day.day(), month_es(day)));
    }
    ways
}

/// The next day of the month after today; `None` when this or the next month lacks it.
fn next_of_month(today: Date, of_month: i8) -> Option<Date> {
    let next = plus(today.last_of_month(), 1);
    let months = [today, next].map(|month| Date::new(month.year(), month.month(), of_month));
    months.into_iter().flatten().find(|day| *day > today)
}

/// The 15th or the last of the month, whichever comes first, on or after today.
fn next_fortnight(today: Date) -> Date {
    let middle = plus(today.first_of_month(), 14);
    if today <= middle {
        middle
    } else {
        today.last_of_month()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn each_way_means_that_day_alone() {
        // A Wednesday.
        let today = date(2026, 10, 7);
        let cases = [
            (date(2026, 10, 7), "hoy, hoy mismo"),
            (date(2026, 10, 8), "mañana, mañana mismo"),
            (date(2026, 10, 9), "pasado mañana, el viernes"),
            (
                date(2026, 10, 12),
                "el lunes, el lunes, en 5 días, el 12, el día 12, el 12 de octubre",
            ),
            (
                date(2026, 10, 15),
                "el jueves de la próxima semana, el 15, el día 15, en la quincena, el 15 de octubre",
            ),
            (
                date(2026, 10, 31),
                "el 31, el día 31, a fin de mes, el 31 de octubre",
            ),
            (date(2026, 11, 20), "el 20 de noviembre"),
            (date(2026, 11, 6), "el 6, el día 6, el 6 de noviembre"),
        ];
        for (day, expected) in cases {
            assert_eq!(ways(today, day).join(", "), expected, "{day}");
        }
    }
}
