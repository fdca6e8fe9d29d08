//! From the text of a policy to a [`Policy`], or to everything that is wrong with it.

use std::fmt::Write as _;

use jiff::civil::Weekday;
use sha2::{Digest, Sha256};
use toml::de::DeTable;

use super::error::{PolicyError, Rule};
use super::reader::{
    Reader, Reported, Table, amounts, key, list, number, one_of, text, time, word,
};
use super::{Conditions, Courtesy, EventStep, Hours, Policy, Quiet, Segment, Terms, Treatment};
use crate::customer::BehaviourClass;

mod action;
mod ladder;
mod late_charges;

use action::{Occasion, read_action};
use ladder::{LadderLines, read_ladders};
use late_charges::read_late_charges;

/// Bytes in one policy; a real one has five thousand.
const TEXT_BYTES_MAX: usize = 256 * 1024;
/// Days in any figure: ten years.
const DAYS_MAX: i64 = 3_650;

const WEEKDAYS: &[(&str, Weekday)] = &[
    ("lun", Weekday::Monday),
    ("mar", Weekday::Tuesday),
    ("mié", Weekday::Wednesday),
    ("jue", Weekday::Thursday),
    ("vie", Weekday::Friday),
    ("sáb", Weekday::Saturday),
    ("dom", Weekday::Sunday),
];

impl Policy {
    /// Reads and validates the text of a policy.
    ///
    /// # Errors
    /// Everything that is wrong, in the order of the lines; errors of TOML itself hide the others,
    /// because what follows them cannot be told from noise.
    pub fn parse(source: &str) -> Result<Self, Vec<PolicyError>> {
        let reader = Reader::new(source);
        if source.len() > TEXT_BYTES_MAX {
            let message = "la política es demasiado larga: deje a lo más 256 KiB";
            let _ = reader.error(1, Rule::Limit, message);
            return Err(reader.finish().0);
        }
        let (root, syntax) = DeTable::parse_recoverable(source);
        for error in &syntax {
            let _ = reader.error(
                reader.line_at(error.span().map_or(0, |span| span.start)),
                Rule::Syntax,
                format!(
                    "no se puede leer: revise comillas, corchetes y signos igual, y que nada esté \
                     escrito dos veces (TOML dice: {})",
                    error.message().replace('\n', " ")
                ),
            );
        }
        if !syntax.is_empty() {
            return Err(reader.finish().0);
        }
        let read = read_policy(&Table::new(&reader, 0, root.get_ref()), source);
        let (errors, warnings) = reader.finish();
        match read {
            Ok(policy) if errors.is_empty() => Ok(Self { warnings, ..policy }),
            _ => Err(errors),
        }
    }
}

fn read_policy(root: &Table<'_>, source: &str) -> Result<Policy, Reported> {
    let own_key = root.required("key", key);
    let name = root.required("name", text);
    let application = root.required("application", word);
    let quiet = required_table(root, "quiet").and_then(|table| read_quiet(&table));
    let terms = match root.table("terms") {
        Ok(Some(table)) => read_terms(&table),
        Ok(None) => Ok(Terms::default()),
        Err(reported) => Err(reported),
    };
    let late_charges = root.table("late_charges").and_then(|table| match table {
        Some(table) => read_late_charges(&table).map(Some),
        None => Ok(None),
    });
    let courtesy = root.table("courtesy").and_then(|table| match table {
        Some(table) => read_courtesy(&table, terms.as_ref().ok()).map(Some),
        None => Ok(None),
    });
    let ladders = read_ladders(root, quiet.as_ref().ok(), terms.as_ref().ok());
    let ladder_lines = ladders.as_ref().ok().map(|(_, lines)| lines);
    let segments = read_segments(root, ladder_lines);
    let events = read_events(root, terms.as_ref().ok(), ladder_lines);
    root.finish();
    Ok(Policy {
        key: own_key?,
        name: name?,
        hash: sha256_hex(source),
        quiet: quiet?,
        application: application?,
        courtesy: courtesy?,
        ladders: ladders?.0,
        segments: segments?,
        events: events?,
        terms: terms?,
        late_charges: late_charges?,
        warnings: Vec::new(),
    })
}

fn sha256_hex(source: &str) -> String {
    Sha256::digest(source.as_bytes())
        .iter()
        .fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

fn required_table<'a>(table: &Table<'a>, key: &'static str) -> Result<Table<'a>, Reported> {
    table.table(key)?.ok_or_else(|| {
        let message = format!("falta la sección [{key}]: agréguela");
        table.reader.error(table.line, Rule::Missing, message)
    })
}

fn read_quiet(table: &Table<'_>) -> Result<Quiet, Reported> {
    let min_gap_days = table.required("min_gap_days", number(1..=365));
    let max_lateness_days = table.required("max_lateness_days", number(0..=DAYS_MAX));
    let after_answer_days = table.required("after_answer_days", number(0..=365));
    let bank_data_days_max = table.optional("bank_data_days_max", number(0..=60));
    let minimum_amounts = table.list_or_empty("minimum_amounts", amounts);
    let hours = table.table("hours").and_then(|hours| match hours {
        Some(hours) => read_hours(&hours).map(Some),
        None => Ok(None),
    });
    table.finish();
    Ok(Quiet {
        min_gap_days: min_gap_days?,
        max_lateness_days: max_lateness_days?,
        after_answer_days: after_answer_days?,
        bank_data_days_max: bank_data_days_max?,
        minimum_amounts: minimum_amounts?,
        hours: hours?,
    })
}

fn read_hours(table: &Table<'_>) -> Result<Hours, Reported> {
    let from = table.required("from", time);
    let to = table.required("to", time);
    let weekdays = table.required("weekdays", list(one_of(WEEKDAYS)));
    table.finish();
    let (from, to, mut weekdays) = (from?, to?, weekdays?);
    if from >= to {
        let message = "`to` debe ser más tarde que `from`: cambie una de las dos horas";
        return Err(table.reader.error(table.line_of("to"), Rule::Form, message));
    }
    weekdays.sort_by_key(|day| day.to_monday_zero_offset());
    Ok(Hours { from, to, weekdays })
}

fn read_terms(table: &Table<'_>) -> Result<Terms, Reported> {
    let promise_days_max = table.optional("promise_days_max", number(1..=DAYS_MAX));
    let extension_days_max = table.optional("extension_days_max", number(1..=DAYS_MAX));
    let instalments_max = table.optional("instalments_max", number(2..=120));
    table.finish();
    Ok(Terms {
        promise_days_max: promise_days_max?,
        extension_days_max: extension_days_max?,
        instalments_max: instalments_max?,
    })
}

fn read_courtesy(table: &Table<'_>, terms: Option<&Terms>) -> Result<Courtesy, Reported> {
    let days_before = table.required("days_before", number(1..=90));
    let minimum_amounts = table.list_or_empty("minimum_amounts", amounts);
    let action = read_action(table, Occasion::Courtesy, terms);
    table.finish();
    Ok(Courtesy {
        days_before: days_before?,
        minimum_amounts: minimum_amounts?,
        action: action?,
    })
}

fn read_events(
    root: &Table<'_>,
    terms: Option<&Terms>,
    ladders: Option<&LadderLines>,
) -> Result<Vec<EventStep>, Reported> {
    let mut events: Vec<EventStep> = Vec::new();
    let mut failed = None;
    for table in root.tables("event")? {
        match read_event(&table, terms) {
            Ok(event) => {
                let taken = events.iter().any(|earlier| earlier.key == event.key)
                    || ladders.is_some_and(|lines| lines.step_keys.contains(&event.key));
                if taken || ladder::is_reserved(&event.key) {
                    failed = Some(table.reader.error(
                        table.line_of("key"),
                        Rule::Duplicate,
                        format!(
                            "la clave `{}` ya se usa para otro mensaje: elija otra",
                            event.key
                        ),
                    ));
                }
                events.push(event);
            }
            Err(reported) => failed = Some(reported),
        }
    }
    failed.map_or(Ok(events), Err)
}

fn read_event(table: &Table<'_>, terms: Option<&Terms>) -> Result<EventStep, Reported> {
    let own_key = table.required("key", key);
    let on = table.required("on", word);
    let after_days = table.required("after_days", number(0..=DAYS_MAX));
    let within_days = table.required("within_days", number(0..=DAYS_MAX));
    let occasion = on
        .as_ref()
        .map_or(Occasion::UnknownEvent, |on| Occasion::Event(*on));
    let action = read_action(table, occasion, terms);
    table.finish();
    let (after_days, within_days) = (after_days?, within_days?);
    if within_days < after_days {
        return Err(table.reader.error(
            table.line_of("within_days"),
            Rule::EventInTime,
            format!(
                "`within_days` ({within_days}) es menor que `after_days` ({after_days}), así nunca \
                 se enviaría: súbalo"
            ),
        ));
    }
    Ok(EventStep {
        key: own_key?,
        on: on?,
        after_days,
        within_days,
        action: action?,
    })
}

fn read_segments(
    root: &Table<'_>,
    ladders: Option<&LadderLines>,
) -> Result<Vec<Segment>, Reported> {
    let tables = root.tables("segment")?;
    let Some(last) = tables.len().checked_sub(1) else {
        let message = "faltan los segmentos: agregue al menos un [[segment]] sin condiciones";
        return Err(root.reader.error(root.line, Rule::Missing, message));
    };
    let mut segments: Vec<Segment> = Vec::new();
    let mut failed = None;
    for (index, table) in tables.iter().enumerate() {
        match read_segment(table, ladders) {
            Ok(segment) => {
                if segments.iter().any(|earlier| earlier.name == segment.name) {
                    failed = Some(table.reader.error(
                        table.line_of("name"),
                        Rule::Duplicate,
                        format!("hay dos segmentos «{}»: cambie un nombre", segment.name),
                    ));
                }
                if table.has("when") == (index == last) {
                    failed = Some(misplaced_catch_all(table, &segment, index == last));
                }
                segments.push(segment);
            }
            Err(reported) => failed = Some(reported),
        }
    }
    if let Some(lines) = ladders.filter(|_| failed.is_none()) {
        lines.warn_unused(root.reader, &segments);
    }
    failed.map_or(Ok(segments), Err)
}

fn misplaced_catch_all(table: &Table<'_>, segment: &Segment, is_last: bool) -> Reported {
    let name = &segment.name;
    let message = if is_last {
        format!(
            "el último segmento, «{name}», tiene condiciones y algunos clientes quedarían sin \
             trato: agregue al final un segmento sin `when`"
        )
    } else {
        format!(
            "«{name}» no tiene condiciones y los segmentos que siguen nunca se alcanzarían: \
             póngalo al final"
        )
    };
    table.reader.error(table.line, Rule::CatchAllLast, message)
}

fn read_segment(table: &Table<'_>, ladders: Option<&LadderLines>) -> Result<Segment, Reported> {
    let name = table.required("name", text);
    let when = match table.table("when") {
        Ok(Some(when)) => read_conditions(&when),
        Ok(None) => Ok(Conditions::default()),
        Err(reported) => Err(reported),
    };
    let treatment = read_treatment(table, ladders);
    table.finish();
    Ok(Segment {
        name: name?,
        when: when?,
        treatment: treatment?,
    })
}

fn read_treatment(table: &Table<'_>, ladders: Option<&LadderLines>) -> Result<Treatment, Reported> {
    let ladder = table.optional("ladder", key);
    let grace_days = table.optional("grace_days", number(0..=DAYS_MAX));
    let reason = table.optional("leave_alone", text);
    let (ladder, grace_days, reason) = (ladder?, grace_days?, reason?);
    match (ladder, reason) {
        (Some(key), None) => {
            if let Some(known) = ladders.filter(|lines| !lines.has(&key)) {
                return Err(table.reader.error(
                    table.line_of("ladder"),
                    Rule::LadderExists,
                    format!(
                        "no hay una escalera `{key}`: use {}",
                        known.keys().join(", ")
                    ),
                ));
            }
            Ok(Treatment::Ladder {
                key,
                grace_days: grace_days.unwrap_or(0),
            })
        }
        (None, Some(reason)) if grace_days.is_none() => Ok(Treatment::LeaveAlone { reason }),
        _ => Err(table.reader.error(
            table.line,
            Rule::Form,
            "el segmento necesita una de dos: `ladder` (y, si se quiere, `grace_days`) o \
             `leave_alone` con el motivo",
        )),
    }
}

fn read_conditions(table: &Table<'_>) -> Result<Conditions, Reported> {
    if table.is_empty() {
        let message = "`when` no dice nada: escriba una condición o quite la línea";
        return Err(table.reader.error(table.line, Rule::Form, message));
    }
    let amount_at_least = table.list_or_empty("amount_at_least", amounts);
    let amount_at_most = table.list_or_empty("amount_at_most", amounts);
    let days_late_at_least = table.optional("days_late_at_least", number(0..=DAYS_MAX));
    let days_late_at_most = table.optional("days_late_at_most", number(0..=DAYS_MAX));
    let reminders_sent_at_least = table.optional("reminders_sent_at_least", number(0..=1_000));
    let reminders_sent_at_most = table.optional("reminders_sent_at_most", number(0..=1_000));
    let behaviour = table.list_or_empty("behaviour", list(word::<BehaviourClass>));
    let importance_at_most = table.optional("importance_at_most", number(1..=255));
    let tags_any = table.list_or_empty("tags_any", list(text));
    let tags_none = table.list_or_empty("tags_none", list(text));
    table.finish();
    Ok(Conditions {
        amount_at_least: amount_at_least?,
        amount_at_most: amount_at_most?,
        days_late_at_least: days_late_at_least?,
        days_late_at_most: days_late_at_most?,
        reminders_sent_at_least: reminders_sent_at_least?,
        reminders_sent_at_most: reminders_sent_at_most?,
        behaviour: behaviour?,
        importance_at_most: importance_at_most?,
        tags_any: tags_any?,
        tags_none: tags_none?,
    })
}

#[cfg(test)]
mod tests;
