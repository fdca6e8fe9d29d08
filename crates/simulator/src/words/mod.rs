//! What customers write, in their own words, with the meaning kept beside.
//!
//! The sentences stand in `replies.txt`: by meaning, country and register, with slots.

mod date;

use std::sync::OnceLock;

use domain::Money;
use domain::customer::Channel;
use jiff::civil::Date;

use crate::chance::Chance;
use crate::customer::Customer;
use crate::life::Meaning;
use crate::names::without_accent;
use crate::spec::Profile;

/// Who writes, to whom, where and when.
pub(crate) struct Speaker<'a> {
    pub company: &'a Profile,
    pub customer: &'a Customer,
    pub channel: Channel,
    pub today: Date,
    /// Nobody asked.
    pub unasked: bool,
}

/// A sentence of `replies.txt`.
#[derive(Debug)]
struct Sentence {
    section: &'static str,
    /// Countries, or all when empty.
    countries: Vec<&'static str>,
    /// Only for those who say "usted", or only for those who say "tú".
    formal: Option<bool>,
    text: &'static str,
}

/// The words of a meaning, and the meaning with what the words turned out to state.
pub(crate) fn say(
    speaker: &Speaker<'_>,
    meaning: Meaning,
    chance: &mut Chance,
) -> (String, Meaning) {
    let section = match &meaning {
        Meaning::Dispute { reason, .. } => format!("dispute.{}", reason.code()),
        Meaning::AlreadyPaid { .. } if speaker.unasked => "receipt".to_owned(),
        other => other.code().to_owned(),
    };
    let fitting: Vec<&Sentence> = sentences()
        .iter()
        .filter(|it| it.section == section && it.suits(speaker))
        .collect();
    let sentence = chance.pick(&fitting).text;
    let said = fill(sentence, speaker, &meaning, chance);
    let meaning = match meaning {
        Meaning::Promise { date, amount, .. } => Meaning::Promise {
            date,
            amount,
            amount_said: sentence.contains("{importe}"),
        },
        other => other,
    };
    let is_machine = matches!(meaning, Meaning::OutOfOffice { .. });
    let text = match (speaker.channel, is_machine) {
        (_, true) => said,
        (Channel::Email, false) => {
            let signs = !matches!(meaning, Meaning::WrongPerson);
            letter(speaker, &said, signs, chance)
        }
        _ if speaker.customer.behaviour.voice.hurried => hurry(&said, chance),
        _ => said,
    };
    (text, meaning)
}

impl Sentence {
    fn suits(&self, speaker: &Speaker<'_>) -> bool {
        let country = speaker.customer.country;
        let voice = speaker.customer.behaviour.voice;
        (self.countries.is_empty() || self.countries.contains(&country.code()))
            && self.formal.is_none_or(|formal| formal == voice.formal)
    }
}

fn fill(sentence: &str, speaker: &Speaker<'_>, meaning: &Meaning, chance: &mut Chance) -> String {
    let mut text = sentence.to_owned();
    let mut put = |slot: &str, value: &str| text = text.replace(slot, value);
    put("{empresa}", speaker.company.name);
    match meaning {
        Meaning::Promise { date, amount, .. } => {
            put("{fecha}", &date::name(chance, speaker.today, *date));
            put("{importe}", &money(*amount));
        }
        Meaning::Dispute { number, amount, .. } => {
            put("{folio}", number);
            put("{importe}", &money(*amount));
        }
        Meaning::AlreadyPaid { reference, numbers } => {
            put("{referencia}", reference);
            put("{folio}", &numbers.join(", "));
        }
        Meaning::NeedsCopy { number } => put("{folio}", number),
        Meaning::OutOfOffice { back } => {
            let day = format!("{} de {}", back.day(), date::month(back.month()));
            put("{regreso}", &day);
            put("{firma}", &speaker.customer.person);
        }
        Meaning::Hardship | Meaning::OptOut | Meaning::Thanks | Meaning::WrongPerson => {}
    }
    capitalised(&text)
}

/// The text with a capital letter at the start of each sentence.
fn capitalised(text: &str) -> String {
    let mut starts = true;
    let mut before = ' ';
    let mut capitalised = String::with_capacity(text.len());
    for letter in text.chars() {
        match starts && letter.is_alphabetic() {
            true => capitalised.extend(letter.to_uppercase()),
            false => capitalised.push(letter),
        }
        starts = match letter {
            ' ' => starts || matches!(before, '.' | '?' | '!'),
            '¿' | '¡' => starts,
            _ => false,
        };
        before = letter;
    }
    capitalised
}

/// An e-mail: a greeting, the sentence, a signature.
/// Strangers do not sign.
fn letter(speaker: &Speaker<'_>, said: &str, signs: bool, chance: &mut Chance) -> String {
    let formal = speaker.customer.behaviour.voice.formal;
    let greetings: &[&str] = match formal {
        true => &[
            "Buenos días:",
            "Buenas tardes:",
            "Estimados señores:",
            "Buen día:",
        ],
        false => &["Hola:", "Hola, ¿qué tal?", "Buen día:", "Qué tal:"],
    };
    let closings: &[&str] = match formal {
        true => &[
            "Saludos cordiales,",
            "Atentamente,",
            "Quedo atento,",
            "Saludos,",
        ],
        false => &["Saludos,", "Gracias,", "Un saludo,", "Abrazo,"],
    };
    let (greeting, closing) = (chance.pick(greetings), chance.pick(closings));
    if !signs {
        return format!("{greeting}\n\n{said}");
    }
    let (person, name) = (&speaker.customer.person, &speaker.customer.name);
    let signature = match speaker.customer.class.is_person() {
        true => person.clone(),
        false => format!("{person}\n{name}"),
    };
    format!("{greeting}\n\n{said}\n\n{closing}\n{signature}")
}

/// A chat in a hurry: no accents, no opening signs, short words.
fn hurry(said: &str, chance: &mut Chance) -> String {
    const SHORT: [(&str, &str); 8] = [
        (" que ", " q "),
        ("por favor", "xfa"),
        ("Por favor", "Xfa"),
        ("también", "tmb"),
        ("porque", "xq"),
        ("Buenos días", "Bnos días"),
        ("Buenas tardes", "Bnas tardes"),
        ("mensaje", "msj"),
    ];
    let mut text = said.replace(['¿', '¡'], "");
    for (long, short) in SHORT {
        if chance.permille(600) {
            text = text.replace(long, short);
        }
    }
    if chance.permille(700) {
        text = text
            .chars()
            .map(|letter| {
                if letter == 'ñ' {
                    letter
                } else {
                    without_accent(letter)
                }
            })
            .collect();
    }
    if chance.permille(600) {
        text = text.trim_end_matches('.').to_owned();
    }
    if chance.permille(500) {
        let mut letters = text.chars();
        let first = letters.next().into_iter().flat_map(char::to_lowercase);
        text = first.chain(letters).collect();
    }
    text
}

/// An amount as the country writes it: `$12,450.00` in Mexico, `$1.234.567` in Chile and Colombia.
fn money(amount: Money) -> String {
    let hundred = 10_i64.pow(amount.currency.minor_digits());
    let (whole, rest) = (amount.minor / hundred, amount.minor % hundred);
    let (group, decimals) = match amount.currency.code() {
        "MXN" => (',', format!(".{rest:02}")),
        _ => ('.', String::new()),
    };
    let digits = whole.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            grouped.push(group);
        }
        grouped.push(digit);
    }
    format!("${grouped}{decimals}")
}

/// All sentences. A line is `countries register text`; `*` stands for any.
fn sentences() -> &'static [Sentence] {
    static SENTENCES: OnceLock<Vec<Sentence>> = OnceLock::new();
    SENTENCES.get_or_init(|| {
        let mut section = "";
        let mut sentences = Vec::new();
        for line in include_str!("../../replies.txt").lines() {
            if let Some(name) = line.strip_prefix('[') {
                section = name.trim_end_matches(']');
            } else if !line.is_empty() && !line.starts_with('#') {
                sentences.extend(sentence(section, line));
            }
        }
        sentences
    })
}

fn sentence(section: &'static str, line: &'static str) -> Option<Sentence> {
    let (countries, rest) = line.split_once(' ')?;
    let (register, text) = rest.trim_start().split_once(' ')?;
    Some(Sentence {
        section,
        countries: countries.split(',').filter(|it| *it != "*").collect(),
        formal: match register {
            "usted" => Some(true),
            "tú" => Some(false),
            _ => None,
        },
        text: text.trim(),
    })
}
