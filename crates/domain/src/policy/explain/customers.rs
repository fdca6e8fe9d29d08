//! The policy for those it is about: short, kind, without threats and without inner words.

use std::collections::BTreeSet;

use super::charges;
use super::words::{and, by_channel, days, every, hours, or};
use crate::customer::{Channel, RecipientRole};
use crate::policy::{Ladder, Policy, StepAction, Terms, Treatment};

/// The page "Cómo cobramos" of a company, as Markdown.
pub fn customers(policy: &Policy, company: &str) -> String {
    let mut text = format!(
        "# Cómo cobramos\n\nEn {company} queremos que pagar sea sencillo y que nada le tome por \
         sorpresa. Esto es lo que puede esperar de nosotros.\n"
    );
    section(&mut text, "Qué puede esperar", &expectations(policy));
    section(
        &mut text,
        "Si necesita más tiempo",
        &more_time(&policy.terms),
    );
    section(
        &mut text,
        "Si algo no está bien",
        &[
            "Si un importe no le parece correcto, si ya pagó o si no recibió lo que se le factura, \
             conteste el mensaje y cuéntenos qué pasó."
                .to_owned(),
            "Mientras lo aclaramos, no le cobramos la parte en duda.".to_owned(),
        ],
    );
    section(&mut text, "Cuándo dejamos de escribirle", &stops(policy));
    if let Some(charges) = &policy.late_charges {
        section(
            &mut text,
            "Intereses y recargos",
            &charges::for_customers(charges),
        );
    }
    text
}

fn section(text: &mut String, title: &str, items: &[String]) {
    text.push_str(&format!("\n## {title}\n\n"));
    for item in items {
        text.push_str(&format!("- {item}\n"));
    }
}

fn expectations(policy: &Policy) -> Vec<String> {
    let mut all = Vec::new();
    if let Some(courtesy) = &policy.courtesy {
        all.push(format!(
            "**Antes del vencimiento** le avisamos una sola vez, {} antes, por si le sirve.",
            days(courtesy.days_before)
        ));
    }
    if let Some((ladder, grace_days)) = usual_ladder(policy) {
        all.push(reminders(ladder, grace_days));
    }
    let gap = match policy.quiet.min_gap_days {
        1 => "pasa al menos 1 día".to_owned(),
        gap => format!("pasan al menos {gap} días"),
    };
    all.push(format!(
        "Le escribimos un solo mensaje con todo lo pendiente, y entre uno y otro {gap}."
    ));
    let channels: BTreeSet<Channel> = actions(policy)
        .flat_map(|action| action.channels.iter().copied())
        .collect();
    let channels: Vec<_> = channels.into_iter().map(by_channel).collect();
    all.push(match &policy.quiet.hours {
        Some(own) => format!("Le contactamos {}, {}.", or(&channels), hours(own)),
        None => format!("Le contactamos {}.", or(&channels)),
    });
    let copies: BTreeSet<RecipientRole> = actions(policy)
        .flat_map(|action| action.copies.iter().copied())
        .collect();
    let copies: Vec<_> = copies.into_iter().filter_map(your).collect();
    if !copies.is_empty() {
        all.push(format!(
            "Algunos mensajes los recibe también {}.",
            and(&copies)
        ));
    }
    all.push(
        "De su cuenta no hablamos con familiares, vecinos ni compañeros de trabajo.".to_owned(),
    );
    if policy.events.iter().any(|event| event.on.is_thanks()) {
        all.push("Cuando llega su pago, se lo confirmamos y se lo agradecemos.".to_owned());
    }
    all
}

/// The ladder of those for whom nothing special holds.
fn usual_ladder(policy: &Policy) -> Option<(&Ladder, u16)> {
    match &policy.segments.last()?.treatment {
        Treatment::Ladder { key, grace_days } => Some((policy.ladder(key)?, *grace_days)),
        Treatment::LeaveAlone { .. } => None,
    }
}

fn reminders(ladder: &Ladder, grace_days: u16) -> String {
    let offsets: Vec<u32> = ladder
        .steps()
        .map(|(_, step)| u32::from(step.offset_days) + u32::from(grace_days))
        .collect();
    let when = match offsets.as_slice() {
        [only] => days(*only),
        all => format!(
            "{} días",
            and(&all.iter().map(ToString::to_string).collect::<Vec<_>>())
        ),
    };
    let then = match &ladder.follow_up {
        Some(again) => format!("; después, a lo más un mensaje {}", every(again.every_days)),
        None => String::new(),
    };
    format!(
        "**Si un pago se atrasa**, se lo recordamos con amabilidad. Lo usual es que le escribamos \
         a {when} del vencimiento{then}."
    )
}

fn actions(policy: &Policy) -> impl Iterator<Item = &StepAction> {
    let steps = policy.ladders.iter().flat_map(|ladder| {
        let again = ladder.follow_up.iter().map(|again| &again.action);
        ladder.steps().map(|(_, step)| &step.action).chain(again)
    });
    let courtesy = policy.courtesy.iter().map(|courtesy| &courtesy.action);
    let events = policy.events.iter().map(|event| &event.action);
    courtesy.chain(steps).chain(events)
}

const fn your(role: RecipientRole) -> Option<&'static str> {
    match role {
        RecipientRole::ApContact => Some("su encargado de pagos"),
        RecipientRole::LegalRepresentative => Some("su representante legal"),
        RecipientRole::Attorney => Some("su abogado"),
        RecipientRole::CoDebtor => Some("su codeudor"),
        RecipientRole::Guarantor => Some("su aval"),
        _ => None,
    }
}

fn more_time(terms: &Terms) -> Vec<String> {
    let mut all =
        vec!["Conteste cualquiera de nuestros mensajes y díganos qué día puede pagar.".to_owned()];
    all.extend(terms.promise_days_max.map(|most| {
        format!(
            "Si es dentro de {} o menos, queda anotado sin más trámite.",
            days(most)
        )
    }));
    let mut ways = Vec::new();
    ways.extend(
        terms
            .extension_days_max
            .map(|most| format!("darle una prórroga de hasta {}", days(most))),
    );
    ways.extend(
        terms
            .instalments_max
            .map(|most| format!("dividirlo en hasta {most} pagos")),
    );
    if !ways.is_empty() {
        all.push(format!("También podemos {}.", or(&ways)));
    }
    all.push("Si necesita otra cosa, pídala: una persona le contesta.".to_owned());
    all.push("Mientras se cumpla lo acordado, no le cobramos esa parte.".to_owned());
    all
}

fn stops(policy: &Policy) -> Vec<String> {
    let mut all = vec!["En cuanto registramos su pago.".to_owned()];
    if policy.quiet.after_answer_days > 0 {
        all.push(format!(
            "Cuando nos contesta: esperamos {} antes de volver a escribir.",
            days(policy.quiet.after_answer_days)
        ));
    }
    all.push("Cuando acordamos una fecha o un convenio, mientras siga vigente.".to_owned());
    all.push(
        "Cuando nos pide que no le escribamos por un medio: por ahí ya no le contactamos."
            .to_owned(),
    );
    all
}
