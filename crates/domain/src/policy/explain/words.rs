//! Spanish for the values of a policy: plurals, lists, names of channels, roles and days.

use jiff::civil::{Time, Weekday};

use crate::calendar::weekday_es;
use crate::customer::{BehaviourClass, Channel, RecipientRole};
use crate::money::Money;
use crate::policy::Hours;

/// `1 día`, `3 días`.
pub(in crate::policy) fn days(count: impl Into<u64>) -> String {
    counted(count, "día", "días")
}

/// `cada día`, `cada 3 días`.
pub(in crate::policy) fn every(count: u16) -> String {
    match count {
        1 => "cada día".to_owned(),
        count => format!("cada {}", days(count)),
    }
}

pub(super) fn counted(count: impl Into<u64>, one: &str, many: &str) -> String {
    match count.into() {
        1 => format!("1 {one}"),
        count => format!("{count} {many}"),
    }
}

/// `a, b y c`, with `e` where the ear asks for it.
pub(super) fn and<T: AsRef<str>>(items: &[T]) -> String {
    joined(items, |next| {
        let next = next.to_lowercase();
        let sounds_i =
            next.starts_with(['i', 'í']) || (next.starts_with("hi") && !next.starts_with("hie"));
        if sounds_i { "e" } else { "y" }
    })
}

/// `a, b o c`, with `u` where the ear asks for it.
pub(super) fn or<T: AsRef<str>>(items: &[T]) -> String {
    joined(items, |next| {
        let next = next.to_lowercase();
        if next.starts_with(['o', 'ó', '8']) || next.starts_with("ho") {
            "u"
        } else {
            "o"
        }
    })
}

pub(super) fn joined<T: AsRef<str>>(items: &[T], word: impl Fn(&str) -> &'static str) -> String {
    match items {
        [] => String::new(),
        [only] => only.as_ref().to_owned(),
        [first @ .., last] => {
            let first: Vec<_> = first.iter().map(AsRef::as_ref).collect();
            let last = last.as_ref();
            format!("{} {} {last}", first.join(", "), word(last))
        }
    }
}

pub(super) fn quoted_or(texts: &[String]) -> String {
    let quoted: Vec<_> = texts.iter().map(|text| format!("«{text}»")).collect();
    or(&quoted)
}

/// `200 MXN, 10.50 USD o 10000 CLP`: without decimals where there are none.
pub(super) fn amounts_or(amounts: &[Money]) -> String {
    let written = |money: &Money| {
        let amount = money.decimal();
        let amount = if amount.is_integer() {
            amount.normalize()
        } else {
            amount
        };
        format!("{amount} {}", money.currency)
    };
    or(&amounts.iter().map(written).collect::<Vec<_>>())
}

/// A long time in years where it is whole years: `10 años`.
pub(super) fn span(days_long: u16) -> String {
    match days_long / 365 {
        years if years > 0 && days_long.is_multiple_of(365) => counted(years, "año", "años"),
        _ => days(days_long),
    }
}

/// The channel with its preposition.
pub(super) const fn by_channel(channel: Channel) -> &'static str {
    match channel {
        Channel::Email => "por correo electrónico",
        Channel::Whatsapp => "por WhatsApp",
        Channel::Sms => "por SMS",
        Channel::Call => "por teléfono",
        Channel::Voicebot => "por llamada automática",
        Channel::Visit => "en una visita",
        Channel::Push => "con un aviso en la aplicación",
        Channel::Letter => "por carta",
    }
}

/// The reader of a message, with its preposition.
pub(super) const fn to_role(role: RecipientRole) -> &'static str {
    match role {
        RecipientRole::Debtor => "al cliente",
        RecipientRole::CoDebtor => "al codeudor",
        RecipientRole::Guarantor => "al aval",
        RecipientRole::LegalRepresentative => "al representante legal",
        RecipientRole::Attorney => "al abogado del cliente",
        RecipientRole::ApContact => "al encargado de pagos",
        RecipientRole::Reference
        | RecipientRole::Relative
        | RecipientRole::Employer
        | RecipientRole::Neighbour
        | RecipientRole::OtherThirdParty => "a un tercero",
    }
}

pub(super) const fn behaviour(class: BehaviourClass) -> &'static str {
    match class {
        BehaviourClass::Punctual => "suele pagar a tiempo",
        BehaviourClass::Forgetful => "suele pagar cuando se le recuerda",
        BehaviourClass::Slow => "suele pagar tarde",
        BehaviourClass::Disputing => "suele disputar lo que se le factura",
        BehaviourClass::Insolvent => "no puede pagar",
    }
}

/// `de lunes a viernes, de 9:00 a 18:00, salvo días festivos`.
pub(super) fn hours(hours: &Hours) -> String {
    format!(
        "{}, de {} a {}, salvo días festivos",
        weekdays(&hours.weekdays),
        time(hours.from),
        time(hours.to)
    )
}

fn time(time: Time) -> String {
    format!("{}:{:02}", time.hour(), time.minute())
}

fn weekdays(days: &[Weekday]) -> String {
    match days {
        _ if days.len() == 7 => "todos los días".to_owned(),
        [first, .., last] if is_run(days) => {
            format!("de {} a {}", weekday_es(*first), weekday_es(*last))
        }
        days => and(&days.iter().copied().map(weekday_es).collect::<Vec<_>>()),
    }
}

pub(super) fn is_run(days: &[Weekday]) -> bool {
    days.len() > 2
        && days
            .windows(2)
            .all(|pair| pair[0].to_monday_zero_offset() + 1 == pair[1].to_monday_zero_offset())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_numbers_read_as_spoken() {
        let cases = [
            (days(1u16), "1 día"),
            (days(0u16), "0 días"),
            (every(1), "cada día"),
            (every(2), "cada 2 días"),
            (span(730), "2 años"),
            (span(365), "1 año"),
            (span(400), "400 días"),
            (days(3u16), "3 días"),
            (and::<&str>(&[]), ""),
            (and(&["pagos"]), "pagos"),
            (and(&["pagos", "convenios"]), "pagos y convenios"),
            (
                and(&["pagos", "convenios", "intereses"]),
                "pagos, convenios e intereses",
            ),
            (and(&["agua", "hielo"]), "agua y hielo"),
            (or(&["carta", "otro medio"]), "carta u otro medio"),
            (or(&["10 MXN", "5 USD"]), "10 MXN o 5 USD"),
        ];
        for (said, expected) in cases {
            assert_eq!(said, expected);
        }
    }

    #[test]
    fn weekdays_in_a_row_are_a_span() {
        use Weekday::{Friday, Monday, Saturday, Sunday, Thursday, Tuesday, Wednesday};
        let cases: [(&[Weekday], &str); 5] = [
            (
                &[Monday, Tuesday, Wednesday, Thursday, Friday],
                "de lunes a viernes",
            ),
            (&[Monday, Wednesday, Friday], "lunes, miércoles y viernes"),
            (&[Saturday, Sunday], "sábado y domingo"),
            (&[Tuesday], "martes"),
            (
                &[
                    Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday,
                ],
                "todos los días",
            ),
        ];
        for (days, expected) in cases {
            assert_eq!(weekdays(days), expected);
        }
    }
}
