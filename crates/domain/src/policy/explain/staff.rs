//! The policy for those who work with it: all of it, in the order in which it acts.

use super::charges;
use super::words::{
    amounts_or, and, behaviour, by_channel, counted, days, hours, or, quoted_or, span, to_role,
};
use crate::contact::Tone;
use crate::policy::{
    ApplicationRule, Conditions, EventStep, FollowUp, Ladder, Offer, Policy, Segment, Step,
    StepAction, Terms, Treatment, Trigger,
};

const HOW_TO_READ: &str = "Los días se cuentan después del vencimiento del documento más antiguo \
    que se puede cobrar. Se hace solo el paso más alto que corresponde, una vez por ciclo. De \
    varios medios o destinatarios se usa el primero que se pueda. Donde no se dice quién firma, \
    firma la empresa.";

/// The whole policy in Spanish prose, as Markdown.
pub fn staff(policy: &Policy) -> String {
    let mut text = format!(
        "# {}\n\nPolítica `{}`, versión `{}`.\n",
        policy.name,
        policy.key,
        &policy.hash.get(..12).unwrap_or(&policy.hash),
    );
    section(&mut text, "Antes del vencimiento", &[before_due(policy)]);
    section(&mut text, "A quién se trata cómo", &segments(policy));
    section(
        &mut text,
        "Cómo leer las escaleras",
        &[HOW_TO_READ.to_owned()],
    );
    for ladder in &policy.ladders {
        section(
            &mut text,
            &format!("Escalera `{}`", ladder.key),
            &walk(policy, ladder),
        );
    }
    if !policy.events.is_empty() {
        section(
            &mut text,
            "Lo que se contesta",
            &[bullets(policy.events.iter().map(event))],
        );
    }
    section(
        &mut text,
        "Cuándo no se escribe",
        &[bullets(silences(policy))],
    );
    section(
        &mut text,
        "Qué se puede conceder sin preguntar",
        &[bullets(terms(&policy.terms))],
    );
    section(
        &mut text,
        "Qué cuesta pagar tarde",
        &[match &policy.late_charges {
            Some(charges) => bullets(charges::all(charges)),
            None => "Nada: no se cobran intereses ni recargos.".to_owned(),
        }],
    );
    section(
        &mut text,
        "Pagos sin instrucciones",
        &[application(policy.application).to_owned()],
    );
    if !policy.warnings.is_empty() {
        let warnings = policy.warnings.iter().map(|warning| format!("{warning}."));
        section(&mut text, "Advertencias", &[bullets(warnings)]);
    }
    text
}

fn section(text: &mut String, title: &str, paragraphs: &[String]) {
    text.push_str(&format!("\n## {title}\n"));
    for paragraph in paragraphs {
        text.push_str(&format!("\n{paragraph}\n"));
    }
}

fn bullets(items: impl IntoIterator<Item = String>) -> String {
    items
        .into_iter()
        .map(|item| format!("- {item}"))
        .collect::<Vec<_>>()
        .join("\n")
}

fn before_due(policy: &Policy) -> String {
    let Some(courtesy) = &policy.courtesy else {
        return "No se envía nada antes del vencimiento.".to_owned();
    };
    let minimum = if courtesy.minimum_amounts.is_empty() {
        String::new()
    } else {
        format!(
            " No se envía por menos de {}.",
            amounts_or(&courtesy.minimum_amounts)
        )
    };
    format!(
        "Un aviso de cortesía {} antes de cada vencimiento: {} Es lo único que se envía antes del \
         vencimiento.{minimum}",
        days(courtesy.days_before),
        message(&courtesy.action)
    )
}

fn segments(policy: &Policy) -> Vec<String> {
    let rows = policy
        .segments
        .iter()
        .enumerate()
        .map(|(index, segment)| format!("{}. {}", index + 1, treatment(segment)));
    vec![
        "Cada cliente recibe el trato del primer segmento que le corresponde. Un dato que no se \
         conoce nunca cumple una condición."
            .to_owned(),
        rows.collect::<Vec<_>>().join("\n"),
    ]
}

fn treatment(segment: &Segment) -> String {
    let who = if segment.when.is_catch_all() {
        format!("**{}**", segment.name)
    } else {
        format!("**{}** ({})", segment.name, and(&conditions(&segment.when)))
    };
    match &segment.treatment {
        Treatment::LeaveAlone { reason } => format!("{who}: no se les cobra. Motivo: {reason}"),
        Treatment::Ladder { key, grace_days: 0 } => format!("{who}: escalera `{key}`."),
        Treatment::Ladder { key, grace_days } => {
            format!(
                "{who}: escalera `{key}`, con cada paso {} más tarde.",
                days(*grace_days)
            )
        }
    }
}

fn conditions(when: &Conditions) -> Vec<String> {
    let mut all = Vec::new();
    if !when.tags_any.is_empty() {
        all.push(format!("con la etiqueta {}", quoted_or(&when.tags_any)));
    }
    if !when.tags_none.is_empty() {
        all.push(format!("sin la etiqueta {}", quoted_or(&when.tags_none)));
    }
    if !when.amount_at_least.is_empty() {
        all.push(format!(
            "con un saldo vencido de al menos {}",
            amounts_or(&when.amount_at_least)
        ));
    }
    if !when.amount_at_most.is_empty() {
        all.push(format!(
            "con un saldo vencido de hasta {}",
            amounts_or(&when.amount_at_most)
        ));
    }
    all.extend(
        when.days_late_at_least
            .map(|count| format!("con {} o más de atraso", days(count))),
    );
    all.extend(
        when.days_late_at_most
            .map(|count| format!("con hasta {} de atraso", days(count))),
    );
    let reminders = |count: u32| counted(count, "recordatorio", "recordatorios");
    all.extend(
        when.reminders_sent_at_least
            .map(|count| format!("con {} o más en el ciclo", reminders(count))),
    );
    all.extend(
        when.reminders_sent_at_most
            .map(|count| format!("con hasta {} en el ciclo", reminders(count))),
    );
    if !when.behaviour.is_empty() {
        let classes: Vec<_> = when.behaviour.iter().copied().map(behaviour).collect();
        all.push(format!("quien {}", or(&classes)));
    }
    all.extend(when.importance_at_most.map(|most| match most {
        1 => "de importancia 1, la más alta".to_owned(),
        most => format!("de importancia 1 a {most}"),
    }));
    all
}

fn walk(policy: &Policy, ladder: &Ladder) -> Vec<String> {
    let mut parts = Vec::new();
    for stage in &ladder.stages {
        parts.push(format!("### {}", stage.name));
        parts.push(bullets(
            stage.steps.iter().map(|step| one_step(policy, step)),
        ));
    }
    if let Some(again) = &ladder.follow_up {
        parts.push("### Seguimiento".to_owned());
        parts.push(follow_up(again));
    }
    parts
}

fn one_step(policy: &Policy, step: &Step) -> String {
    let lateness = match step.max_lateness_days {
        Some(own) if own != policy.quiet.max_lateness_days => {
            format!(" Se puede hacer hasta {} más tarde.", span(own))
        }
        _ => String::new(),
    };
    format!(
        "**{} después** (`{}`): {}{lateness}",
        days(step.offset_days),
        step.key,
        message(&step.action)
    )
}

fn follow_up(again: &FollowUp) -> String {
    let limit = match again.times_max {
        Some(1) => ", una sola vez por ciclo".to_owned(),
        Some(most) => format!(", hasta {most} veces por ciclo"),
        None => String::new(),
    };
    format!(
        "Si el paso que corresponde ya se hizo y {} sin enviar nada, se insiste{limit}: {} El tono \
         nunca es más suave que el del último mensaje.",
        match again.every_days {
            1 => "pasa 1 día".to_owned(),
            every => format!("pasan {every} días"),
        },
        message(&again.action)
    )
}

/// Template, tone, channels, readers, offer and signature, in sentences.
fn message(action: &StepAction) -> String {
    let tone = match action.tone {
        Tone::Final => "tono de último aviso".to_owned(),
        tone => format!("tono {}", tone.name_es()),
    };
    let mut text = format!(
        "{tone}, {}, {}; plantilla `{}`.",
        preference(action.channels.iter().copied().map(by_channel)),
        preference(action.to.iter().copied().map(to_role)),
        action.template,
    );
    if !action.copies.is_empty() {
        let copies: Vec<_> = action.copies.iter().copied().map(to_role).collect();
        text.push_str(&format!(" Copia {}.", and(&copies)));
    }
    if let Some(offered) = &action.offer {
        text.push_str(&format!(" Ofrece {}.", offer(offered)));
    }
    if let Some(signer) = &action.signed_by {
        text.push_str(&format!(" Firma {} ({}).", signer.name, signer.role));
    }
    text
}

fn preference(items: impl Iterator<Item = &'static str>) -> String {
    let items: Vec<_> = items.collect();
    match items.as_slice() {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first, rest @ ..] => format!("{first} (o {})", rest.join(", o ")),
    }
}

fn offer(offer: &Offer) -> String {
    match offer {
        Offer::Instalments { max } => format!("pagar en hasta {max} partes"),
        Offer::Extension { days_max } => format!("una prórroga de hasta {}", days(*days_max)),
        Offer::EarlyPayment {
            percent,
            days: within,
        } => {
            format!("un descuento de {percent} % por pagar en {}", days(*within))
        }
    }
}

fn event(event: &EventStep) -> String {
    let what = match event.on {
        Trigger::PaymentReceived => "Entra un pago y queda algo vencido",
        Trigger::AccountCleared => "Entra un pago y ya no queda nada vencido",
        Trigger::PromiseBroken => "Pasa el día de una promesa sin que llegue todo el dinero",
    };
    let when = match event.after_days {
        0 => "el mismo día".to_owned(),
        1 => "al día siguiente".to_owned(),
        after => format!("{} después", days(after)),
    };
    let latest = match event.within_days {
        0 => String::new(),
        within if within == event.after_days => String::new(),
        within => format!(" A más tardar {} después.", days(within)),
    };
    format!(
        "{what} (`{}`): {when}, {}{latest}",
        event.key,
        message(&event.action)
    )
}

fn silences(policy: &Policy) -> Vec<String> {
    let quiet = &policy.quiet;
    let mut all = vec![match quiet.min_gap_days {
        1 => "Entre dos mensajes de cobro al mismo cliente pasa al menos 1 día.".to_owned(),
        gap => format!("Entre dos mensajes de cobro al mismo cliente pasan al menos {gap} días."),
    }];
    if quiet.after_answer_days > 0 {
        all.push(format!(
            "Cuando el cliente contesta, no se le cobra durante {}.",
            days(quiet.after_answer_days)
        ));
    }
    if let Some(limit) = quiet.bank_data_days_max {
        let allowed = match limit {
            0 => "al menos un día hábil".to_owned(),
            1 => "más de 1 día hábil".to_owned(),
            more => format!("más de {more} días hábiles"),
        };
        all.push(format!(
            "No se cobra cuando faltan {allowed} de datos del banco; solo cuenta en una empresa que \
             importa estados de cuenta."
        ));
    }
    if let Some(own) = &quiet.hours {
        all.push(format!(
            "Solo se escribe {}, en la hora del cliente.",
            hours(own)
        ));
    }
    if !quiet.minimum_amounts.is_empty() {
        all.push(format!(
            "No se cobran menos de {}.",
            amounts_or(&quiet.minimum_amounts)
        ));
    }
    all.push(match quiet.max_lateness_days {
        0 => "Un paso que no se pudo hacer en su día ya no se hace, salvo donde se dice otra cosa."
            .to_owned(),
        late => format!(
            "Un paso se puede hacer hasta {} más tarde, salvo donde se dice otra cosa; después ya \
             no se hace.",
            days(late)
        ),
    });
    all.extend([
        "Un pago, una promesa vigente, un convenio, una disputa o una pausa detienen el cobro de \
         su parte; el resto se sigue cobrando."
            .to_owned(),
        "Quien pide que no se le escriba por un medio ya no recibe nada por ese medio.".to_owned(),
        "La ley manda: si no permite un mensaje, se espera al primer momento permitido o no se \
         envía."
            .to_owned(),
        "Cada cliente recibe un solo mensaje por corrida, con todos sus documentos.".to_owned(),
    ]);
    all
}

fn terms(terms: &Terms) -> Vec<String> {
    let mut all = Vec::new();
    all.push(match terms.promise_days_max {
        Some(most) => format!("Promesas de pago a {} o menos.", days(most)),
        None => "Promesas de pago: ninguna; las acepta una persona.".to_owned(),
    });
    all.push(match terms.extension_days_max {
        Some(most) => format!("Prórrogas de {} o menos.", days(most)),
        None => "Prórrogas: ninguna; las concede una persona.".to_owned(),
    });
    all.push(match terms.instalments_max {
        Some(most) => format!("Convenios de {most} pagos o menos."),
        None => "Convenios: ninguno; los concede una persona.".to_owned(),
    });
    all
}

const fn application(rule: ApplicationRule) -> &'static str {
    match rule {
        ApplicationRule::Explicit => {
            "Un pago sin instrucciones se queda sin aplicar hasta que alguien diga a qué \
             documento va."
        }
        ApplicationRule::ExactAmounts => {
            "Un pago sin instrucciones se aplica a los documentos que suman justo su importe; si \
             no los hay, se queda sin aplicar."
        }
        ApplicationRule::OldestFirst => {
            "Un pago sin instrucciones se aplica primero al documento que venció antes."
        }
    }
}
