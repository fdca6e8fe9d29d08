//! What customers write, in their own words, with the meaning kept beside.
//!
//! The sentences stand in `replies.txt`: by meaning, country and register, with slots.

mod date;

use std::sync::OnceLock;

use domain::Money;
use domain::calendar::month_es;
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
    let must_say = matches!(
        meaning,
        Meaning::Promise {
            amount_said: true,
            ..
        }
    );
    let fitting: Vec<&Sentence> = sentences()
        .iter()
        .filter(|it| it.section == section && it.suits(speaker))
        .filter(|it| !must_say || it.states_amount())
        .collect();
    let sentence = *chance.pick(&fitting);
    let said = fill(sentence.text, speaker, &meaning, chance);
    let meaning = match meaning {
        Meaning::Promise { date, amount, .. } => Meaning::Promise {
            date,
            amount,
            amount_said: sentence.states_amount(),
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

    fn states_amount(&self) -> bool {
        self.text.contains("{importe}")
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
            let day = format!("{} de {}", back.day(), month_es(*back));
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::civil::date;

    use super::*;
    use crate::chance::Purpose;
    use crate::company::Company;
    use crate::life::Reason;
    use crate::model::Model;
    use crate::spec::{Kind, Spec};

    const TEXT: &str = include_str!("../../replies.txt");

    fn company(kind: Kind) -> Company {
        Company::new(Spec {
            kind,
            seed: 9,
            documents: 400,
            until: date(2026, 10, 31),
            model: Model::embedded(),
        })
    }

    #[test]
    fn every_line_is_a_sentence_and_every_meaning_has_plenty() {
        let is_line = |line: &&str| !line.is_empty() && !line.starts_with(['#', '[']);
        assert_eq!(TEXT.lines().filter(is_line).count(), sentences().len());
        let mut meanings: BTreeMap<&str, usize> = BTreeMap::new();
        for sentence in sentences() {
            let meaning = sentence.section.split('.').next().expect("a word");
            *meanings.entry(meaning).or_default() += 1;
        }
        assert!(meanings.remove("receipt").is_some_and(|count| count >= 10));
        assert_eq!(meanings.len(), 9, "{meanings:?}");
        for (meaning, count) in meanings {
            assert!(count >= 25, "{meaning}: {count}");
        }
    }

    #[test]
    fn sentences_are_written_as_spanish_is() {
        for it in sentences() {
            let text = it.text;
            let count = |sign: char| text.matches(sign).count();
            assert_eq!(count('¿'), count('?'), "{text}");
            assert_eq!(count('¡'), count('!'), "{text}");
            assert!(!text.contains("  ") && text.trim() == text, "{text}");
            assert!(!text.contains(" ,") && !text.contains(" ."), "{text}");
            let first = text
                .trim_start_matches(['¿', '¡'])
                .chars()
                .next()
                .expect("words");
            assert!(first.is_uppercase() || "{👍".contains(first), "{text}");
            let bare = ["BAJA", "ALTO", "👍", "{referencia}", "{firma}"];
            assert!(text.ends_with(['.', '?', '!']) || bare.iter().any(|it| text.ends_with(it)));
            for before in [
                "para {fecha}",
                "el {fecha}",
                "del {fecha}",
                "tardar {fecha}",
            ] {
                assert!(!text.contains(before), "{text}");
            }
            for known in it.countries.iter() {
                assert!(["MX", "CL", "CO"].contains(known), "{text}");
            }
        }
    }

    fn meanings(company: &Company) -> Vec<Meaning> {
        let number = "A00001-01".to_owned();
        let amount = company.money(123_400);
        let mut meanings = vec![
            Meaning::Promise {
                date: date(2026, 10, 15),
                amount,
                amount_said: false,
            },
            Meaning::AlreadyPaid {
                reference: "P1".to_owned(),
                numbers: vec![number.clone()],
            },
            Meaning::NeedsCopy {
                number: number.clone(),
            },
            Meaning::Hardship,
            Meaning::OptOut,
            Meaning::Thanks,
            Meaning::WrongPerson,
            Meaning::OutOfOffice {
                back: date(2026, 10, 19),
            },
        ];
        meanings.extend(Reason::ALL.map(|reason| {
            let number = number.clone();
            Meaning::Dispute {
                number,
                reason,
                amount,
            }
        }));
        meanings
    }

    #[test]
    fn nothing_is_left_to_fill_whoever_speaks() {
        for kind in Kind::ALL {
            let company = company(kind);
            for customer in company.customers().take(12) {
                for (at, meaning) in (0..).zip(meanings(&company)) {
                    for ordinal in 0..60 {
                        let channel = [Channel::Email, Channel::Whatsapp][ordinal % 2];
                        let speaker = Speaker {
                            company: company.profile(),
                            customer: &customer,
                            channel,
                            today: date(2026, 10, 7),
                            unasked: ordinal % 3 == 0,
                        };
                        let which = at * 1000 + u64::try_from(ordinal).expect("small");
                        let mut chance = company.chance(customer.index, Purpose::Words, which);
                        let (text, said) = say(&speaker, meaning.clone(), &mut chance);
                        assert!(!text.contains(['{', '}']) && !text.is_empty(), "{text}");
                        assert_eq!(said.code(), meaning.code());
                        if let Meaning::Promise { amount_said, .. } = said {
                            assert_eq!(amount_said, text.contains("$1"), "{text}");
                        }
                        let hurried = customer.behaviour.voice.hurried;
                        if channel == Channel::Whatsapp && !hurried {
                            assert!(!text.starts_with(char::is_lowercase), "{text}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_hurried_voice_shortens_but_keeps_figures() {
        let mut seen = Vec::new();
        for ordinal in 0..200 {
            let mut chance = Chance::of(1, 0, Purpose::Words, ordinal);
            let text = hurry(
                "Por favor, mañana pago $1,250.50 también por la A-7.",
                &mut chance,
            );
            assert!(
                text.contains("$1,250.50") && text.contains("mañana"),
                "{text}"
            );
            seen.push(text);
        }
        assert!(
            seen.iter()
                .any(|it| it.starts_with("xfa") && it.contains("tmb"))
        );
    }

    #[test]
    fn money_is_written_as_in_each_country() {
        let cases = [
            (Kind::Distributor, 123_456_789, "$1,234,567.89"),
            (Kind::Distributor, 905, "$9.05"),
            (Kind::Services, 1_234_567, "$1.234.567"),
            (Kind::Lender, 12_540_000, "$125.400"),
        ];
        for (kind, minor, written) in cases {
            assert_eq!(money(company(kind).money(minor)), written);
        }
    }

    #[test]
    fn sentences_begin_with_capitals() {
        let cases = [
            ("listo. el lunes pago", "Listo. El lunes pago"),
            ("¿quién es? aquí no es.", "¿Quién es? Aquí no es."),
            ("son $1.250 por la F-7.", "Son $1.250 por la F-7."),
        ];
        for (text, capital) in cases {
            assert_eq!(capitalised(text), capital);
        }
    }
}
