//! Ladders: stages, steps and what must hold along them.

use std::collections::BTreeSet;

use super::action::{Occasion, read_action};
use super::{DAYS_MAX, Reader, Reported, Table, key, number, text};
use crate::contact::Tone;
use crate::policy::error::Rule;
use crate::policy::explain::words::{days, every};
use crate::policy::{
    COURTESY_KEY, FOLLOW_UP_KEY, FollowUp, Ladder, Quiet, Segment, Stage, Step, StepAction, Terms,
    Treatment,
};

/// What the rest of the policy needs to know of its ladders.
pub(super) struct LadderLines {
    ladders: Vec<(String, usize)>,
    pub(super) step_keys: BTreeSet<String>,
}

impl LadderLines {
    pub(super) fn has(&self, key: &str) -> bool {
        self.ladders.iter().any(|(known, _)| known == key)
    }

    pub(super) fn keys(&self) -> Vec<&str> {
        self.ladders.iter().map(|(key, _)| key.as_str()).collect()
    }

    pub(super) fn warn_unused(&self, reader: &Reader, segments: &[Segment]) {
        for (key, line) in &self.ladders {
            let is_used = segments.iter().any(|segment| {
                matches!(&segment.treatment, Treatment::Ladder { key: used, .. } if used == key)
            });
            if !is_used {
                let message =
                    format!("ningún segmento usa la escalera `{key}`: úsela en uno o quítela");
                reader.warn(*line, Rule::LadderUsed, message);
            }
        }
    }
}

/// Keys the program gives itself: the courtesy notice and the follow-ups.
pub(super) fn is_reserved(key: &str) -> bool {
    key == COURTESY_KEY
        || key.strip_prefix(FOLLOW_UP_KEY).is_some_and(|rest| {
            rest.is_empty()
                || rest
                    .strip_prefix('-')
                    .is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()))
        })
}

pub(super) fn read_ladders(
    root: &Table<'_>,
    quiet: Option<&Quiet>,
    terms: Option<&Terms>,
) -> Result<(Vec<Ladder>, LadderLines), Reported> {
    let tables = root.tables("ladder")?;
    if tables.is_empty() {
        let message = "falta una escalera: agregue al menos un [[ladder]] con sus etapas y pasos";
        return Err(root.reader.error(root.line, Rule::Missing, message));
    }
    let mut ladders: Vec<Ladder> = Vec::new();
    let mut lines = LadderLines {
        ladders: Vec::new(),
        step_keys: BTreeSet::new(),
    };
    let mut failed = None;
    for table in tables {
        match read_ladder(&table, quiet, terms) {
            Ok(ladder) => {
                if lines.has(&ladder.key) {
                    failed = Some(duplicate(&table, "dos escaleras", &ladder.key));
                }
                lines.ladders.push((ladder.key.clone(), table.line));
                lines
                    .step_keys
                    .extend(ladder.steps().map(|(_, step)| step.key.clone()));
                ladders.push(ladder);
            }
            Err(reported) => failed = Some(reported),
        }
    }
    failed.map_or(Ok((ladders, lines)), Err)
}

fn duplicate(table: &Table<'_>, what: &str, key: &str) -> Reported {
    let message = format!("hay {what} con la clave `{key}`: cambie una");
    table
        .reader
        .error(table.line_of("key"), Rule::Duplicate, message)
}

fn read_ladder(
    table: &Table<'_>,
    quiet: Option<&Quiet>,
    terms: Option<&Terms>,
) -> Result<Ladder, Reported> {
    let own_key = table.required("key", key);
    let mut walk = Walk::default();
    let stages = read_stages(table, &mut walk, quiet, terms);
    let follow_up = table
        .table("follow_up")
        .and_then(|follow_up| match follow_up {
            Some(follow_up) => read_follow_up(&follow_up, quiet, terms).map(Some),
            None => Ok(None),
        });
    table.finish();
    Ok(Ladder {
        key: own_key?,
        stages: stages?,
        follow_up: follow_up?,
    })
}

/// Where the reading of a ladder stands: what the next step is compared with.
#[derive(Default)]
struct Walk {
    step_keys: BTreeSet<String>,
    last_offset: Option<(String, u16)>,
    last_tone: Option<(String, Tone)>,
}

fn read_stages(
    ladder: &Table<'_>,
    walk: &mut Walk,
    quiet: Option<&Quiet>,
    terms: Option<&Terms>,
) -> Result<Vec<Stage>, Reported> {
    let tables = ladder.tables("stage")?;
    if tables.is_empty() {
        let message = "la escalera no tiene etapas: agregue un [[ladder.stage]] con sus pasos";
        return Err(ladder.reader.error(ladder.line, Rule::Missing, message));
    }
    let mut stages: Vec<Stage> = Vec::new();
    let mut failed = None;
    for table in tables {
        match read_stage(&table, walk, quiet, terms) {
            Ok(stage) => {
                if stages.iter().any(|earlier| earlier.key == stage.key) {
                    failed = Some(duplicate(&table, "dos etapas", &stage.key));
                }
                stages.push(stage);
            }
            Err(reported) => failed = Some(reported),
        }
    }
    failed.map_or(Ok(stages), Err)
}

fn read_stage(
    table: &Table<'_>,
    walk: &mut Walk,
    quiet: Option<&Quiet>,
    terms: Option<&Terms>,
) -> Result<Stage, Reported> {
    let own_key = table.required("key", key);
    let name = table.required("name", text);
    let steps = table.tables("step").and_then(|tables| {
        if tables.is_empty() {
            let message = "la etapa no tiene pasos: agregue un [[ladder.stage.step]]";
            return Err(table.reader.error(table.line, Rule::Missing, message));
        }
        let read: Vec<_> = tables
            .iter()
            .map(|step| read_step(step, walk, quiet, terms))
            .collect();
        read.into_iter().collect()
    });
    table.finish();
    Ok(Stage {
        key: own_key?,
        name: name?,
        steps: steps?,
    })
}

fn read_step(
    table: &Table<'_>,
    walk: &mut Walk,
    quiet: Option<&Quiet>,
    terms: Option<&Terms>,
) -> Result<Step, Reported> {
    let own_key = table
        .required("key", key)
        .and_then(|key| walk.check_key(table, key));
    let name = own_key.as_deref().unwrap_or("este paso").to_owned();
    let offset = table.required("offset_days", number::<i64>(i64::MIN..=i64::MAX));
    let offset = offset
        .and_then(|days| offset_after_due(table, days))
        .and_then(|days| walk.check_offset(table, &name, days, quiet));
    let max_lateness_days = table.optional("max_lateness_days", number(0..=DAYS_MAX));
    let action = read_action(table, Occasion::Step, terms);
    let action = action.and_then(|action| walk.check_tone(table, &name, action));
    table.finish();
    Ok(Step {
        key: own_key?,
        offset_days: offset?,
        max_lateness_days: max_lateness_days?,
        action: action?,
    })
}

fn offset_after_due(table: &Table<'_>, days: i64) -> Result<u16, Reported> {
    let line = table.line_of("offset_days");
    match u16::try_from(days) {
        Ok(offset) if offset >= 1 && days <= DAYS_MAX => Ok(offset),
        _ if days > DAYS_MAX => Err(table.reader.error(
            line,
            Rule::Limit,
            format!("`offset_days` vale {days}: use un número de 1 a {DAYS_MAX}"),
        )),
        _ => Err(table.reader.error(
            line,
            Rule::OffsetAfterDue,
            format!(
                "`offset_days` vale {days}, y un paso viene al menos 1 día después del \
                 vencimiento: para avisar antes use [courtesy] con `days_before`"
            ),
        )),
    }
}

impl Walk {
    fn check_key(&mut self, table: &Table<'_>, key: String) -> Result<String, Reported> {
        if is_reserved(&key) {
            let message =
                format!("la clave `{key}` la usa el programa para otro mensaje: elija otra");
            return Err(table
                .reader
                .error(table.line_of("key"), Rule::Duplicate, message));
        }
        if !self.step_keys.insert(key.clone()) {
            return Err(duplicate(table, "dos pasos en la escalera", &key));
        }
        Ok(key)
    }

    fn check_offset(
        &mut self,
        table: &Table<'_>,
        name: &str,
        days_late: u16,
        quiet: Option<&Quiet>,
    ) -> Result<u16, Reported> {
        let line = table.line_of("offset_days");
        let Some((last_name, last)) = self.last_offset.replace((name.to_owned(), days_late)) else {
            return Ok(days_late);
        };
        let Some(distance) = days_late.checked_sub(last).filter(|distance| *distance > 0) else {
            let message = format!(
                "`{name}` viene el día {days_late} y el paso anterior, `{last_name}`, el día \
                 {last}: los días deben subir de paso en paso"
            );
            return Err(table.reader.error(line, Rule::OffsetsRise, message));
        };
        if let Some(quiet) = quiet.filter(|quiet| distance < quiet.min_gap_days) {
            let message = format!(
                "`{name}` viene {} después de `{last_name}`, pero `min_gap_days` pide {} entre dos \
                 mensajes y llegará tarde: sepárelos o baje `min_gap_days`",
                days(distance),
                days(quiet.min_gap_days)
            );
            table.reader.warn(line, Rule::GapFits, message);
        }
        Ok(days_late)
    }

    fn check_tone(
        &mut self,
        table: &Table<'_>,
        name: &str,
        action: StepAction,
    ) -> Result<StepAction, Reported> {
        let tone = action.tone;
        match self.last_tone.replace((name.to_owned(), tone)) {
            Some((last_name, last)) if tone < last => Err(table.reader.error(
                table.line_of("tone"),
                Rule::ToneNeverFalls,
                format!(
                    "`{name}` habla en tono `{tone}`, más suave que `{last}` de `{last_name}`: el \
                     tono nunca baja en una escalera"
                ),
            )),
            _ => Ok(action),
        }
    }
}

fn read_follow_up(
    table: &Table<'_>,
    quiet: Option<&Quiet>,
    terms: Option<&Terms>,
) -> Result<FollowUp, Reported> {
    let every_days = table.required("every_days", number::<u16>(1..=DAYS_MAX));
    let times_max = table.optional("times_max", number(1..=1_000));
    let action = read_action(table, Occasion::FollowUp, terms);
    table.finish();
    let every_days = every_days?;
    if let Some(quiet) = quiet.filter(|quiet| every_days < quiet.min_gap_days) {
        let message = format!(
            "el seguimiento se repite {}, pero `min_gap_days` pide {} entre dos mensajes: \
             súbalo o baje `min_gap_days`",
            every(every_days),
            days(quiet.min_gap_days)
        );
        table
            .reader
            .warn(table.line_of("every_days"), Rule::GapFits, message);
    }
    Ok(FollowUp {
        every_days,
        times_max: times_max?,
        action: action?,
    })
}
