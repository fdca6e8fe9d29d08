//! Holidays by rule. Each calendar's dates are worked out once for the years a ledger may touch, so
//! that asking is a binary search.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use serde::Deserialize;
use toml::Spanned;

use super::source::{Coded, Day, Tier};
use crate::code::code_enum;

/// The first and last year whose holidays are kept ready; other years are worked out when asked.
const YEARS: std::ops::RangeInclusive<i16> = 2010..=2060;

code_enum! {
    /// How a holiday leaves its date.
    pub enum Shift {
        /// It does not.
        None = "none",
        /// Not a Monday: the following Monday (Colombia, Ley 51 de 1983).
        NextMonday = "next_monday",
        /// Tuesday to Thursday: the Monday before; Friday: the Monday after (Chile, Ley 19.668).
        ClNearestMonday = "cl_nearest_monday",
        /// Tuesday: the Friday before; Wednesday: the Friday after (Chile, Ley 20.299).
        ClReformation = "cl_reformation",
        /// Tuesday, Wednesday: the Monday before; Thursday, Friday: the Monday after (Argentina).
        ArMovable = "ar_movable",
    }
}

/// A calendar as written: rules, never tables of dates.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarText {
    #[serde(rename = "v")]
    pub _v: Coded<Tier>,
    pub rules: Vec<Spanned<RuleText>>,
    #[serde(default)]
    pub regional: Vec<Spanned<RegionalText>>,
    /// Single dates by yearly act: elections, bridges.
    #[serde(default)]
    pub overrides: Vec<Coded<Date>>,
    /// Days some places keep; they bind nobody by law.
    #[serde(default, rename = "optional")]
    pub _optional: Vec<RuleText>,
    #[serde(rename = "notes")]
    pub _notes: Option<String>,
}

/// One holiday as written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RuleText {
    md: Option<String>,
    nth: Option<i8>,
    wd: Option<Coded<Day>>,
    month: Option<i8>,
    easter: Option<i32>,
    solstice: Option<String>,
    tz: Option<String>,
    shift: Option<Coded<Shift>>,
    only_if: Option<String>,
    since: Option<i16>,
    every: Option<i16>,
    anchor: Option<i16>,
    observe: BTreeMap<String, i32>,
    #[serde(rename = "name")]
    _name: Option<String>,
    #[serde(rename = "v")]
    _v: Option<Coded<Tier>>,
    #[serde(rename = "note")]
    _note: Option<String>,
}

/// A holiday of one subdivision, on a fixed date.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegionalText {
    subdivision: String,
    md: String,
    #[serde(rename = "note")]
    _note: Option<String>,
}

/// The holidays of a country and of its subdivisions.
#[derive(Debug)]
pub struct Calendar {
    national: Vec<Rule>,
    regional: Vec<(String, Rule)>,
    /// Sorted, over [`YEARS`].
    national_dates: Vec<Date>,
    /// Sorted by subdivision and date, over [`YEARS`].
    regional_dates: Vec<(usize, Date)>,
    overrides: Vec<Date>,
}

impl Calendar {
    /// Reads a calendar and works out its dates.
    ///
    /// # Errors
    /// The byte offset of the rule that cannot be read, and why.
    pub fn parse(text: &CalendarText) -> Result<Self, (usize, String)> {
        let mut national = Vec::with_capacity(text.rules.len());
        for rule in &text.rules {
            national
                .push(Rule::parse(rule.get_ref()).map_err(|reason| (rule.span().start, reason))?);
        }
        let mut regional = Vec::with_capacity(text.regional.len());
        for rule in &text.regional {
            let written = rule.get_ref();
            let (month, day) =
                month_day(&written.md).map_err(|reason| (rule.span().start, reason))?;
            let base = Base::MonthDay { month, day };
            regional.push((written.subdivision.clone(), Rule::plain(base)));
        }
        let overrides: Vec<Date> = text.overrides.iter().map(|date| date.0).collect();
        let mut calendar = Self {
            national,
            regional,
            national_dates: Vec::new(),
            regional_dates: Vec::new(),
            overrides,
        };
        calendar.work_out();
        Ok(calendar)
    }

    /// Whether the date is a holiday of the whole country or of that subdivision.
    pub fn has(&self, subdivision: Option<&str>, date: Date) -> bool {
        if !YEARS.contains(&date.year()) {
            return self.reckon(subdivision, date);
        }
        self.national_dates.binary_search(&date).is_ok()
            || subdivision.is_some_and(|wanted| {
                self.regional.iter().enumerate().any(|(index, (name, _))| {
                    name == wanted && self.regional_dates.binary_search(&(index, date)).is_ok()
                })
            })
    }

    /// The holidays of the whole country in a year, sorted, each once.
    pub fn national_in(&self, year: i16) -> Vec<Date> {
        let mut dates: Vec<Date> = self.overrides.clone();
        for rule in &self.national {
            // A day observed instead may fall in the year before or after its own.
            for base_year in year - 1..=year + 1 {
                rule.dates_in(base_year, &mut dates);
            }
        }
        dates.retain(|date| date.year() == year);
        dates.sort_unstable();
        dates.dedup();
        dates
    }

    fn work_out(&mut self) {
        self.national_dates = YEARS.flat_map(|year| self.national_in(year)).collect();
        let mut dates = Vec::new();
        for (index, (_, rule)) in self.regional.iter().enumerate() {
            for year in YEARS {
                let mut found = Vec::new();
                rule.dates_in(year, &mut found);
                dates.extend(found.into_iter().map(|date| (index, date)));
            }
        }
        dates.sort_unstable();
        self.regional_dates = dates;
    }

    fn reckon(&self, subdivision: Option<&str>, date: Date) -> bool {
        let mut dates = self.national_in(date.year());
        for (name, rule) in &self.regional {
            if Some(name.as_str()) == subdivision {
                rule.dates_in(date.year(), &mut dates);
            }
        }
        dates.contains(&date)
    }
}

/// Where a rule starts from.
#[derive(Clone, Copy, Debug)]
enum Base {
    MonthDay {
        month: i8,
        day: i8,
    },
    Nth {
        nth: i8,
        weekday: Weekday,
        month: i8,
    },
    Easter {
        offset: i32,
    },
    JuneSolsticeSantiago,
}

#[derive(Clone, Debug)]
struct Rule {
    base: Base,
    shift: Shift,
    only_if: Vec<Weekday>,
    since: Option<i16>,
    every: Option<(i16, i16)>,
    observe: Vec<(Weekday, i32)>,
}

impl Rule {
    const fn plain(base: Base) -> Self {
        Self {
            base,
            shift: Shift::None,
            only_if: Vec::new(),
            since: None,
            every: None,
            observe: Vec::new(),
        }
    }

    fn parse(text: &RuleText) -> Result<Self, String> {
        let base = Base::parse(text)?;
        let every = match (text.every, text.anchor) {
            (None, None) => None,
            (Some(every), Some(anchor)) if every > 0 => Some((every, anchor)),
            _ => return Err("`every` (at least 1) and `anchor` go together".to_owned()),
        };
        let only_if = match &text.only_if {
            None => Vec::new(),
            Some(days) => days.split('|').map(weekday).collect::<Result<_, _>>()?,
        };
        let observe = text
            .observe
            .iter()
            .map(|(day, offset)| Ok((weekday(day)?, *offset)))
            .collect::<Result<_, String>>()?;
        Ok(Self {
            base,
            shift: text.shift.map_or(Shift::None, |shift| shift.0),
            only_if,
            since: text.since,
            every,
            observe,
        })
    }

    /// Adds the dates the rule gives for a year; a day observed instead may lie in the next one.
    fn dates_in(&self, year: i16, dates: &mut Vec<Date>) {
        let runs = self.since.is_none_or(|since| year >= since)
            && self
                .every
                .is_none_or(|(every, anchor)| year >= anchor && (year - anchor) % every == 0);
        let Some(date) = self.base.date(year).filter(|_| runs) else {
            return;
        };
        if !self.only_if.is_empty() && !self.only_if.contains(&date.weekday()) {
            return;
        }
        dates.extend(self.shift.moved(date));
        for (day, offset) in &self.observe {
            if *day == date.weekday() {
                dates.extend(plus(date, *offset));
            }
        }
    }
}

impl Base {
    fn parse(text: &RuleText) -> Result<Self, String> {
        let found = [
            text.md.is_some(),
            text.nth.is_some(),
            text.easter.is_some(),
            text.solstice.is_some(),
        ];
        if found.iter().filter(|given| **given).count() != 1 {
            return Err("a holiday has one of `md`, `nth`, `easter`, `solstice`".to_owned());
        }
        if let Some(md) = &text.md {
            let (month, day) = month_day(md)?;
            return Ok(Self::MonthDay { month, day });
        }
        if let Some(offset) = text.easter {
            return Ok(Self::Easter { offset });
        }
        if let Some(nth) = text.nth {
            let (Some(wd), Some(month)) = (text.wd, text.month) else {
                return Err("`nth` needs `wd` and `month`".to_owned());
            };
            if !(1..=4).contains(&nth) || !(1..=12).contains(&month) {
                return Err("`nth` is 1 to 4 and `month` 1 to 12".to_owned());
            }
            let weekday = wd.0.weekday();
            return Ok(Self::Nth {
                nth,
                weekday,
                month,
            });
        }
        match (text.solstice.as_deref(), text.tz.as_deref()) {
            (Some("june"), Some("America/Santiago")) => Ok(Self::JuneSolsticeSantiago),
            _ => Err("the only solstice known is `june` in `America/Santiago`".to_owned()),
        }
    }

    fn date(self, year: i16) -> Option<Date> {
        match self {
            Self::MonthDay { month, day } => Date::new(year, month, day).ok(),
            Self::Nth {
                nth,
                weekday,
                month,
            } => Date::new(year, month, 1)
                .ok()?
                .nth_weekday_of_month(nth, weekday)
                .ok(),
            Self::Easter { offset } => plus(easter_sunday(year)?, offset),
            Self::JuneSolsticeSantiago => Date::new(year, 6, june_solstice_santiago(year)).ok(),
        }
    }
}

impl Shift {
    fn moved(self, date: Date) -> Option<Date> {
        // Monday 0 … Sunday 6.
        let day = i32::from(date.weekday().to_monday_zero_offset());
        let to_next_monday = (7 - day) % 7;
        let offset = match (self, day) {
            (Self::None, _) => 0,
            (Self::NextMonday, _) => to_next_monday,
            (Self::ClNearestMonday, 1..=3) | (Self::ArMovable, 1..=2) => -day,
            (Self::ClNearestMonday, 4) | (Self::ArMovable, 3..=4) => to_next_monday,
            (Self::ClReformation, 1) => -4,
            (Self::ClReformation, 2) => 2,
            _ => 0,
        };
        plus(date, offset)
    }
}

impl Day {
    pub(super) const fn weekday(self) -> Weekday {
        match self {
            Self::Mon => Weekday::Monday,
            Self::Tue => Weekday::Tuesday,
            Self::Wed => Weekday::Wednesday,
            Self::Thu => Weekday::Thursday,
            Self::Fri => Weekday::Friday,
            Self::Sat => Weekday::Saturday,
            Self::Sun => Weekday::Sunday,
        }
    }
}

fn weekday(text: &str) -> Result<Weekday, String> {
    text.parse::<Day>()
        .map(Day::weekday)
        .map_err(|error| error.to_string())
}

fn month_day(text: &str) -> Result<(i8, i8), String> {
    let wrong = || format!("`{text}` is no month and day: write it as `05-01`");
    let (month, day) = text.split_once('-').ok_or_else(wrong)?;
    let month: i8 = month.parse().map_err(|_| wrong())?;
    let day: i8 = day.parse().map_err(|_| wrong())?;
    // A leap year, so that 29 February may be a holiday too.
    Date::new(2024, month, day).map_err(|_| wrong())?;
    Ok((month, day))
}

fn plus(date: Date, days: i32) -> Option<Date> {
    date.checked_add(days.days()).ok()
}

/// Western Easter Sunday by the Gregorian computus (the algorithm printed by Meeus, ch. 8).
fn easter_sunday(year: i16) -> Option<Date> {
    let year_long = i32::from(year);
    let (golden, century, of_century) = (year_long % 19, year_long / 100, year_long % 100);
    let skipped_moons = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + century - century / 4 - skipped_moons + 15) % 30;
    let to_sunday = (32 + 2 * (century % 4) + 2 * (of_century / 4) - epact - of_century % 4) % 7;
    let late = (golden + 11 * epact + 22 * to_sunday) / 451;
    let count = epact + to_sunday - 7 * late + 114;
    let month = i8::try_from(count / 31).ok()?;
    let day = i8::try_from(count % 31 + 1).ok()?;
    Date::new(year, month, day).ok()
}

/// The day in June of the solstice on Chilean clocks (the formula beside the calendar's data).
const fn june_solstice_santiago(year: i16) -> i8 {
    let in_cycle = year % 4;
    if (in_cycle > 1 && year <= 2046) || (in_cycle > 2 && year <= 2075) {
        21
    } else {
        20
    }
}
