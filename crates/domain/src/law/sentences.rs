//! Why a rule denies, in Spanish a bookkeeper understands.

use super::regime::Place;
use super::rules::Saw;
use super::set::Set;
use super::source::ConsentMode;
use crate::calendar::WEEKDAYS_ES;
use crate::customer::{Channel, ContactSource, RecipientRole};

pub fn window(channel: Channel, days: &[Vec<(u32, u32)>; 7]) -> String {
    format!(
        "Fuera del horario permitido para {}: {} (hora del cliente).",
        channel.name_es(),
        week(days)
    )
}

pub fn holiday(place: Place) -> String {
    let wherever = match place {
        Place::Country(country) => match country.code() {
            "AR" => " en Argentina",
            "BR" => " en Brasil",
            "CL" => " en Chile",
            "CO" => " en Colombia",
            "EC" => " en Ecuador",
            "MX" => " en México",
            "PE" => " en Perú",
            _ => "",
        },
        Place::Everywhere | Place::Unpacked => "",
    };
    format!("Es día feriado{wherever} y ese día no se permite contactar por este medio.")
}

pub fn consent(mode: ConsentMode) -> String {
    match mode {
        ConsentMode::PriorExpress => "Falta la autorización del cliente para usar este medio.",
        ConsentMode::OptOut => "El cliente pidió no ser contactado por este medio.",
    }
    .to_owned()
}

pub fn recipient() -> String {
    "No se puede hablar de la deuda con esta persona: solo con quien debe, con quien responde por \
     la deuda o con quien lo representa."
        .to_owned()
}

pub fn contact_point() -> String {
    "El dato de contacto debe venir de los registros de la empresa o del propio cliente.".to_owned()
}

pub fn channel_ban(channels: Set<Channel>) -> String {
    format!("No se permite cobrar por este medio: {}.", list(channels))
}

pub fn stop(event: &str) -> String {
    let what = match event {
        "lawsuit_served" => "ya se notificó una demanda de cobro",
        "insolvency_opened" | "bankruptcy" => "hay un procedimiento de insolvencia abierto",
        "open_complaint_public_service" => "hay un reclamo en trámite sobre el monto",
        "attorney_represented" => "un abogado representa al cliente",
        "written_cease_request" => "el cliente pidió por escrito que no se le contacte",
        "written_dispute_in_30_days" => "el cliente objetó la deuda por escrito",
        other => return format!("La cobranza está detenida por un hecho legal: {other}."),
    };
    format!("La cobranza está detenida: {what}.")
}

pub fn cap(max: u32, days: u16, channels: Set<Channel>) -> String {
    let contacts = if max == 1 { "contacto" } else { "contactos" };
    let span = if days == 1 {
        "al día".to_owned()
    } else {
        format!("en {days} días")
    };
    format!(
        "Ya se llegó al máximo: {max} {contacts} {span} ({}).",
        list(channels)
    )
}

pub fn gap(hours: u32, channels: Set<Channel>) -> String {
    format!(
        "Deben pasar al menos {hours} horas entre un contacto y otro ({}).",
        list(channels)
    )
}

pub fn single_channel(days: u16) -> String {
    format!("En los últimos {days} días ya se usó otro medio y solo se permite uno.")
}

pub fn cooldown(days: u16) -> String {
    format!("Después de hablar con el cliente hay que esperar {days} días.")
}

pub fn fees() -> String {
    "Lo que se cobra por el atraso pasa de lo que permite la ley.".to_owned()
}

pub fn no_zone() -> String {
    "No se conoce la zona horaria del cliente ni la de su país: no se puede saber qué hora es allá."
        .to_owned()
}

/// Why a rule allows, after what it saw.
pub fn passed(saw: &Saw) -> String {
    match saw {
        Saw::Hours(week) => format!("Se hizo dentro del horario permitido: {week}."),
        Saw::Holiday => "No era día feriado donde vive el cliente.".to_owned(),
        Saw::Consent { prior: true, .. } => {
            "Hay autorización del cliente para usar este medio, y no la ha retirado.".to_owned()
        }
        Saw::Consent { prior: false, .. } => {
            "El cliente no ha pedido que se deje de usar este medio.".to_owned()
        }
        Saw::Recipient(role) => format!("Va dirigido a quien se puede: {}.", reader(*role)),
        Saw::Origin(source) => match source {
            ContactSource::DebtorProvided => "El dato de contacto lo dio el propio cliente.",
            ContactSource::CreditorRecord => {
                "El dato de contacto viene de los registros de la empresa."
            }
            ContactSource::SkipTrace | ContactSource::PublicRecord => {
                "La regla admite el origen del dato de contacto."
            }
        }
        .to_owned(),
        Saw::Channel(channel) => format!("Este medio se puede usar: {}.", channel.name_es()),
        Saw::Event(event) => {
            let fact = fact(event);
            format!("No consta este hecho, que detendría la cobranza: {fact}.")
        }
        Saw::Count { made, max, days } => {
            let before = match made {
                0 => "no se había hecho ninguno".to_owned(),
                1 => "se había hecho 1".to_owned(),
                many => format!("se habían hecho {many}"),
            };
            let span = if *days == 1 {
                "ese día".to_owned()
            } else {
                format!("en {days} días")
            };
            format!("Se permiten {max} contactos {span}: {before} antes de este.")
        }
        Saw::Gap { wanted, nearest } => {
            let hours = wanted / 3600;
            let since = match nearest {
                None => "no había ninguno anterior".to_owned(),
                Some(seconds) => format!("habían pasado {} horas", seconds / 3600),
            };
            format!("Deben pasar al menos {hours} horas entre un contacto y otro: {since}.")
        }
        Saw::OtherChannels(days) => {
            format!("En los últimos {days} días no se usó otro medio.")
        }
        Saw::Conversations(days) => {
            format!("En los últimos {days} días no se había hablado con el cliente.")
        }
        Saw::Exempt(_) => {
            "Esta clase de mensaje no cuenta para los límites de horario y de número.".to_owned()
        }
    }
}

/// Who reads at an address, in words.
const fn reader(role: RecipientRole) -> &'static str {
    match role {
        RecipientRole::Debtor => "quien debe",
        RecipientRole::CoDebtor => "quien debe junto con el cliente",
        RecipientRole::Guarantor => "quien responde por la deuda",
        RecipientRole::LegalRepresentative => "quien representa al cliente",
        RecipientRole::Attorney => "el abogado del cliente",
        RecipientRole::ApContact => "quien lleva los pagos de la empresa cliente",
        RecipientRole::Reference => "una referencia del cliente",
        RecipientRole::Relative => "un familiar del cliente",
        RecipientRole::Employer => "el empleador del cliente",
        RecipientRole::Neighbour => "un vecino del cliente",
        RecipientRole::OtherThirdParty => "otra persona",
    }
}

/// A legal event in words.
pub fn fact(event: &str) -> &str {
    match event {
        "lawsuit_served" => "una demanda de cobro notificada",
        "insolvency_opened" | "bankruptcy" => "un procedimiento de insolvencia abierto",
        "open_complaint_public_service" => "un reclamo en trámite sobre el monto",
        "attorney_represented" => "un abogado que representa al cliente",
        "written_cease_request" => "un pedido por escrito de que no se le contacte",
        "written_dispute_in_30_days" => "una objeción por escrito de la deuda",
        other => other,
    }
}

/// `lunes a viernes de 07:00 a 19:00; sábado de 08:00 a 15:00`.
pub fn week(days: &[Vec<(u32, u32)>; 7]) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut first = 0;
    while first < days.len() {
        let alike = days[first..]
            .iter()
            .take_while(|spans| **spans == days[first])
            .count();
        let last = first + alike - 1;
        if !days[first].is_empty() {
            let spans: Vec<String> = days[first]
                .iter()
                .map(|(from, to)| format!("de {} a {}", clock(*from), clock(*to)))
                .collect();
            let run = match alike {
                1 => WEEKDAYS_ES[first].to_owned(),
                _ => format!("{} a {}", WEEKDAYS_ES[first], WEEKDAYS_ES[last]),
            };
            parts.push(format!("{run} {}", spans.join(" y ")));
        }
        first = last + 1;
    }
    parts.join("; ")
}

fn clock(seconds: u32) -> String {
    format!("{:02}:{:02}", seconds / 3600, seconds % 3600 / 60)
}

fn list(channels: Set<Channel>) -> String {
    let names: Vec<&str> = Channel::ALL
        .iter()
        .filter(|channel| channels.has(**channel))
        .map(|channel| channel.name_es())
        .collect();
    if names.len() == Channel::ALL.len() {
        "por cualquier medio".to_owned()
    } else {
        names.join(", ")
    }
}
