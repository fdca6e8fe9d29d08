//! The next lawful instant. It walks the instants at which an answer can turn: a window opens, a
//! local day begins, a gap ends, a clock is changed; never the minutes between.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::facts::{At, Attempt, PastAttempt};
use super::rules::Applicable;

/// How far one look ahead reaches.
const STRIDE: SignedDuration = SignedDuration::from_hours(24);

impl Applicable<'_> {
    /// The earliest instant from the attempt's own up to and including `until` at which it is
    /// allowed; `None` when there is none or when something other than time denies. An attempt in
    /// civil time is read in the first zone.
    pub fn next_allowed(
        &self,
        history: &[PastAttempt],
        attempt: &Attempt,
        until: Timestamp,
    ) -> Option<Timestamp> {
        let from = match attempt.at {
            At::Instant(at) => at,
            At::Civil(at) => self.first_zone().to_timestamp(at).ok()?,
        };
        let line = Line {
            zones: self.zones,
            first: self.first_zone(),
            write: At::Instant,
        };
        self.walk(history, attempt, &line, from, until)
    }

    /// The same on the debtor's own clock, where no zone is known or wanted.
    pub fn next_allowed_civil(
        &self,
        history: &[PastAttempt],
        attempt: &Attempt,
        until: DateTime,
    ) -> Option<DateTime> {
        // A civil clock runs like a zone that is never changed.
        let utc = TimeZone::UTC;
        let line = Line {
            zones: std::slice::from_ref(&utc),
            first: self.first_zone(),
            write: |at| At::Civil(utc.to_datetime(at)),
        };
        let from = utc.to_timestamp(attempt.at.civil(self.first_zone())).ok()?;
        let until = utc.to_timestamp(until).ok()?;
        let found = self.walk(history, attempt, &line, from, until)?;
        Some(utc.to_datetime(found))
    }

    fn walk<W: Fn(Timestamp) -> At>(
        &self,
        history: &[PastAttempt],
        attempt: &Attempt,
        line: &Line<'_, W>,
        from: Timestamp,
        until: Timestamp,
    ) -> Option<Timestamp> {
        let mut trial = attempt.clone();
        trial.at = (line.write)(from);
        let verdict = self.verdict(history, &trial);
        if verdict.allowed() {
            return (from <= until).then_some(from);
        }
        if verdict.is_final() {
            return None;
        }
        let openings = self.openings(attempt);
        let gap_ends = self.gap_ends(history, attempt, line);
        let mut start = from;
        while start < until {
            let end = start.checked_add(STRIDE).ok()?.min(until);
            for candidate in line.turns(&openings, &gap_ends, start, end) {
                trial.at = (line.write)(candidate);
                if self.verdict(history, &trial).allowed() {
                    return Some(candidate);
                }
            }
            start = end;
        }
        None
    }

    /// The times of day at which a window of the channel opens, with midnight for all that is
    /// counted by dates.
    fn openings(&self, attempt: &Attempt) -> Vec<Time> {
        let mut seconds: Vec<u32> = self
            .regimes
            .iter()
            .filter_map(|regime| regime.hours[attempt.channel as usize].as_ref())
            .flat_map(|hours| hours.days.iter().flatten().map(|(from, _)| *from))
            .chain([0])
            .collect();
        seconds.sort_unstable();
        seconds.dedup();
        seconds
            .into_iter()
            .filter_map(|of_day| {
                let hour = i8::try_from(of_day / 3600).ok()?;
                let minute = i8::try_from(of_day % 3600 / 60).ok()?;
                Time::new(hour, minute, 0, 0).ok()
            })
            .collect()
    }

    fn gap_ends<W: Fn(Timestamp) -> At>(
        &self,
        history: &[PastAttempt],
        attempt: &Attempt,
        line: &Line<'_, W>,
    ) -> Vec<Timestamp> {
        let gaps = self.regimes.iter().flat_map(|regime| {
            regime
                .caps
                .iter()
                .filter(|cap| cap.counting.channels.has(attempt.channel))
                .filter_map(|cap| cap.gap_seconds.as_ref().map(|(gap, _)| *gap))
        });
        let mut ends = Vec::new();
        for gap in gaps {
            for past in history {
                let end = line
                    .place(past.at)
                    .and_then(|at| at.checked_add(SignedDuration::from_secs(gap)).ok());
                ends.extend(end);
            }
        }
        ends
    }
}

/// The line of instants a search walks along, and the zones whose clocks matter on it.
struct Line<'a, W> {
    zones: &'a [TimeZone],
    first: &'a TimeZone,
    write: W,
}

impl<W: Fn(Timestamp) -> At> Line<'_, W> {
    /// Where a past attempt lies on the line.
    fn place(&self, at: At) -> Option<Timestamp> {
        match ((self.write)(Timestamp::UNIX_EPOCH), at) {
            (At::Instant(_), At::Instant(at)) => Some(at),
            (At::Instant(_), At::Civil(at)) => self.first.to_timestamp(at).ok(),
            (At::Civil(_), at) => TimeZone::UTC.to_timestamp(at.civil(self.first)).ok(),
        }
    }

    /// The instants after `start`, up to and including `end`, at which an answer may turn, sorted.
    fn turns(
        &self,
        openings: &[Time],
        gap_ends: &[Timestamp],
        start: Timestamp,
        end: Timestamp,
    ) -> Vec<Timestamp> {
        let mut turns: Vec<Timestamp> = gap_ends.to_vec();
        for zone in self.zones {
            let last = zone.to_datetime(end).date();
            let mut day: Option<Date> = Some(zone.to_datetime(start).date());
            while let Some(date) = day.filter(|date| *date <= last) {
                for opening in openings {
                    let civil = zone.to_ambiguous_timestamp(date.to_datetime(*opening));
                    // Where the clock is set back a time of day comes twice: either may be first.
                    turns.extend(civil.earlier());
                    turns.extend(civil.later());
                }
                day = date.checked_add(1.day()).ok();
            }
            let changes = zone
                .following(start)
                .take_while(|change| change.timestamp() <= end);
            turns.extend(changes.map(|change| change.timestamp()));
        }
        turns.retain(|turn| start < *turn && *turn <= end);
        turns.sort_unstable();
        turns.dedup();
        turns
    }
}
