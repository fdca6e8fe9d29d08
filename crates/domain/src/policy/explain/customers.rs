//! The policy for those it is about: short, kind, without threats and without inner words.

use std::collections::BTreeSet;

use super::charges;
use super::tongue::Tongue;
use crate::customer::{Channel, RecipientRole};
use crate::policy::{Ladder, Policy, StepAction, Terms, Treatment};

/// A text in the language of the page: Spanish, Portuguese, English.
macro_rules! said {
    ($tongue:expr, $spanish:literal, $portuguese:literal, $english:literal) => {
        match $tongue {
            Tongue::Spanish => format!($spanish),
            Tongue::Portuguese => format!($portuguese),
            Tongue::English => format!($english),
        }
    };
}

/// The page "Cómo cobramos" of a company, as Markdown in the customer's language.
pub fn customers(policy: &Policy, company: &str, tongue: Tongue) -> String {
    let mut text = said!(
        tongue,
        "# Cómo cobramos\n\nEn {company} queremos que pagar sea sencillo y que nada le tome por \
         sorpresa. Esto es lo que puede esperar de nosotros.\n",
        "# Como cobramos\n\nNa {company} queremos que pagar seja simples e que nada pegue você de \
         surpresa. Isto é o que pode esperar de nós.\n",
        "# How we collect\n\nAt {company} we want paying to be simple and nothing to take you by \
         surprise. This is what you can expect of us.\n"
    );
    let mut section = |title: (&str, &str, &str), items: &[String]| {
        text.push_str(&format!(
            "\n## {}\n\n",
            tongue.pick(title.0, title.1, title.2)
        ));
        for item in items {
            text.push_str(&format!("- {item}\n"));
        }
    };
    section(
        (
            "Qué puede esperar",
            "O que pode esperar",
            "What you can expect",
        ),
        &expectations(policy, tongue),
    );
    section(
        (
            "Si necesita más tiempo",
            "Se precisar de mais tempo",
            "If you need more time",
        ),
        &more_time(&policy.terms, tongue),
    );
    section(
        (
            "Si algo no está bien",
            "Se algo não estiver certo",
            "If something is not right",
        ),
        &not_right(tongue),
    );
    section(
        (
            "Cuándo dejamos de escribirle",
            "Quando deixamos de escrever",
            "When we stop writing to you",
        ),
        &stops(policy, tongue),
    );
    if let Some(charges) = &policy.late_charges {
        section(
            (
                "Intereses y recargos",
                "Juros e encargos",
                "Interest and charges",
            ),
            &charges::for_customers(charges, tongue),
        );
    }
    text
}

fn expectations(policy: &Policy, tongue: Tongue) -> Vec<String> {
    let mut all = Vec::new();
    if let Some(courtesy) = &policy.courtesy {
        let days = tongue.days(courtesy.days_before);
        all.push(said!(
            tongue,
            "**Antes del vencimiento** le avisamos una sola vez, {days} antes, por si le sirve.",
            "**Antes do vencimento** avisamos uma única vez, {days} antes, caso ajude.",
            "**Before the due date** we let you know once, {days} before, in case it helps."
        ));
    }
    if let Some((ladder, grace_days)) = usual_ladder(policy) {
        all.push(reminders(ladder, grace_days, tongue));
    }
    all.push(gap(policy.quiet.min_gap_days, tongue));
    all.push(channels(policy, tongue));
    let copies: BTreeSet<RecipientRole> = actions(policy)
        .flat_map(|action| action.copies.iter().copied())
        .collect();
    let copies: Vec<_> = copies
        .into_iter()
        .filter_map(|it| tongue.your(it))
        .collect();
    if !copies.is_empty() {
        let copies = tongue.and(&copies);
        all.push(said!(
            tongue,
            "Algunos mensajes los recibe también {copies}.",
            "Algumas mensagens são enviadas também a {copies}.",
            "Some messages also go to {copies}."
        ));
    }
    all.push(said!(
        tongue,
        "De su cuenta no hablamos con familiares, vecinos ni compañeros de trabajo.",
        "Não falamos da sua conta com familiares, vizinhos nem colegas de trabalho.",
        "We do not speak of your account with relatives, neighbours or colleagues."
    ));
    if policy.events.iter().any(|event| event.on.is_thanks()) {
        all.push(said!(
            tongue,
            "Cuando llega su pago, se lo confirmamos y se lo agradecemos.",
            "Quando o seu pagamento chega, confirmamos e agradecemos.",
            "When your payment arrives, we confirm it and thank you."
        ));
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

fn reminders(ladder: &Ladder, grace_days: u16, tongue: Tongue) -> String {
    let offsets: Vec<u32> = ladder
        .steps()
        .map(|(_, step)| u32::from(step.offset_days) + u32::from(grace_days))
        .collect();
    let when = match offsets.as_slice() {
        [only] => tongue.days(*only),
        all => format!(
            "{} {}",
            tongue.and(&all.iter().map(ToString::to_string).collect::<Vec<_>>()),
            tongue.pick("días", "dias", "days"),
        ),
    };
    let then = ladder.follow_up.as_ref().map_or_else(String::new, |again| {
        let every = tongue.every(again.every_days);
        said!(
            tongue,
            "; después, a lo más un mensaje {every}",
            "; depois, no máximo uma mensagem {every}",
            "; after that, at most one message {every}"
        )
    });
    said!(
        tongue,
        "**Si un pago se atrasa**, se lo recordamos con amabilidad. Lo usual es que le escribamos \
         a {when} del vencimiento{then}.",
        "**Se um pagamento atrasar**, lembramos com gentileza. O usual é escrevermos {when} depois \
         do vencimento{then}.",
        "**If a payment is late**, we remind you kindly. Usually we write {when} after the due \
         date{then}."
    )
}

fn gap(days: u16, tongue: Tongue) -> String {
    let gap = tongue.days(days);
    match (tongue, days) {
        (Tongue::Spanish, 1) => "Le escribimos un solo mensaje con todo lo pendiente, y entre uno \
            y otro pasa al menos 1 día."
            .to_owned(),
        _ => said!(
            tongue,
            "Le escribimos un solo mensaje con todo lo pendiente, y entre uno y otro pasan al \
             menos {gap}.",
            "Escrevemos uma só mensagem com tudo o que está pendente, com pelo menos {gap} entre \
             uma e outra.",
            "We write one message with everything that is open, and leave at least {gap} between \
             one and the next."
        ),
    }
}

fn channels(policy: &Policy, tongue: Tongue) -> String {
    let channels: BTreeSet<Channel> = actions(policy)
        .flat_map(|action| action.channels.iter().copied())
        .collect();
    let channels = channels.into_iter().map(|it| tongue.by_channel(it));
    let channels = tongue.or(&channels.collect::<Vec<_>>());
    let hours = policy.quiet.hours.as_ref();
    let hours = hours.map_or_else(String::new, |own| format!(", {}", tongue.hours(own)));
    said!(
        tongue,
        "Le contactamos {channels}{hours}.",
        "Entramos em contato {channels}{hours}.",
        "We contact you {channels}{hours}."
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

fn more_time(terms: &Terms, tongue: Tongue) -> Vec<String> {
    let mut all = vec![said!(
        tongue,
        "Conteste cualquiera de nuestros mensajes y díganos qué día puede pagar.",
        "Responda a qualquer uma das nossas mensagens e diga em que dia pode pagar.",
        "Answer any of our messages and tell us on which day you can pay."
    )];
    all.extend(terms.promise_days_max.map(|most| {
        let days = tongue.days(most);
        said!(
            tongue,
            "Si es dentro de {days} o menos, queda anotado sin más trámite.",
            "Se for em até {days}, fica anotado sem mais trâmites.",
            "If it is within {days}, it is noted and nothing more is needed."
        )
    }));
    let mut ways = Vec::new();
    ways.extend(terms.extension_days_max.map(|most| {
        let days = tongue.days(most);
        said!(
            tongue,
            "darle una prórroga de hasta {days}",
            "dar uma prorrogação de até {days}",
            "give you up to {days} more"
        )
    }));
    ways.extend(terms.instalments_max.map(|most| {
        said!(
            tongue,
            "dividirlo en hasta {most} pagos",
            "dividir em até {most} pagamentos",
            "split it into up to {most} payments"
        )
    }));
    if !ways.is_empty() {
        let ways = tongue.or(&ways);
        all.push(said!(
            tongue,
            "También podemos {ways}.",
            "Também podemos {ways}.",
            "We can also {ways}."
        ));
    }
    all.push(said!(
        tongue,
        "Si necesita otra cosa, pídala: una persona le contesta.",
        "Se precisar de outra coisa, peça: uma pessoa responde.",
        "If you need something else, ask: a person answers you."
    ));
    all.push(said!(
        tongue,
        "Mientras se cumpla lo acordado, no le cobramos esa parte.",
        "Enquanto o combinado for cumprido, não cobramos essa parte.",
        "While what was agreed is kept, we do not chase that part."
    ));
    all
}

fn not_right(tongue: Tongue) -> [String; 2] {
    [
        said!(
            tongue,
            "Si un importe no le parece correcto, si ya pagó o si no recibió lo que se le factura, \
             conteste el mensaje y cuéntenos qué pasó.",
            "Se um valor não parecer correto, se já pagou ou se não recebeu o que foi faturado, \
             responda à mensagem e conte o que aconteceu.",
            "If an amount does not look right, if you have already paid, or if you did not receive \
             what was invoiced, answer the message and tell us what happened."
        ),
        said!(
            tongue,
            "Mientras lo aclaramos, no le cobramos la parte en duda.",
            "Enquanto esclarecemos, não cobramos a parte em dúvida.",
            "While we clear it up, we do not chase the part in doubt."
        ),
    ]
}

fn stops(policy: &Policy, tongue: Tongue) -> Vec<String> {
    let mut all = vec![said!(
        tongue,
        "En cuanto registramos su pago.",
        "Assim que registramos o seu pagamento.",
        "As soon as we record your payment."
    )];
    if policy.quiet.after_answer_days > 0 {
        let days = tongue.days(policy.quiet.after_answer_days);
        all.push(said!(
            tongue,
            "Cuando nos contesta: esperamos {days} antes de volver a escribir.",
            "Quando nos responde: esperamos {days} antes de voltar a escrever.",
            "When you answer us: we wait {days} before writing again."
        ));
    }
    all.push(said!(
        tongue,
        "Cuando acordamos una fecha o un convenio, mientras siga vigente.",
        "Quando combinamos uma data ou um acordo, enquanto estiver vigente.",
        "When we agree on a date or a plan, for as long as it stands."
    ));
    all.push(said!(
        tongue,
        "Cuando nos pide que no le escribamos por un medio: por ahí ya no le contactamos.",
        "Quando pede que não escrevamos por um meio: por ele não entramos mais em contato.",
        "When you ask us not to use a channel: we no longer contact you there."
    ));
    all
}
