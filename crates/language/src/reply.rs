//! What a customer says with one lone phrase: that it wants no more messages, or that someone else
//! reads here. Everything else is for a person to read.

use domain::search::{fold, plain};

/// Lines behind the phrase that may be a signature.
const SIGNATURE_LINES_MAX: usize = 6;
/// Words of a line of a signature.
const SIGNATURE_WORDS_MAX: usize = 6;

/// A phrase that stands alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lone {
    /// No more messages to this address.
    OptOut,
    /// The person who was meant does not read here.
    WrongPerson,
}

/// Phrases that ask for no more messages. Lower case, no accents.
const OPT_OUT: [&str; 44] = [
    "alto",
    "baja",
    "cancelar",
    "cancelar suscripcion",
    "dar de baja",
    "darme de baja",
    "dame de baja",
    "deme de baja",
    "denme de baja",
    "de baja",
    "descadastrar",
    "eliminar de la lista",
    "eliminenme de la lista",
    "eliminenme de su lista",
    "nao enviar mais",
    "nao me enviem mais e mails",
    "nao me escrevam mais",
    "nao quero mais receber e mails",
    "nao quero receber mais e mails",
    "no deseo recibir mas correos",
    "no enviar mas correos",
    "no mas",
    "no mas correos",
    "no mas e mails",
    "no mas mails",
    "no mas mensajes",
    "no me envien mas correos",
    "no me envien mas mensajes",
    "no me escriban",
    "no me escriban mas",
    "no me manden mas correos",
    "no quiero mas correos",
    "no quiero recibir mas correos",
    "no quiero recibir mas mensajes",
    "parar",
    "quitar de la lista",
    "quitenme de la lista",
    "remove me",
    "remover",
    "sair",
    "solicito la baja",
    "stop",
    "stop emails",
    "unsubscribe",
];

/// Phrases that say that someone else reads here.
const WRONG_PERSON: [&str; 20] = [
    "correo equivocado",
    "esta persona ya no labora aqui",
    "esta persona ya no trabaja aqui",
    "esta persona ya no trabaja con nosotros",
    "essa pessoa nao trabalha mais aqui",
    "ja nao trabalha aqui",
    "nao trabalha mais aqui",
    "no longer works here",
    "no soy esa persona",
    "no trabaja aqui",
    "numero equivocado",
    "numero errado",
    "persona equivocada",
    "pessoa errada",
    "wrong person",
    "ya no labora aqui",
    "ya no labora con nosotros",
    "ya no trabaja aqui",
    "ya no trabaja con nosotros",
    "ya no trabaja en la empresa",
];

/// Courtesies around a phrase that change nothing of it.
const COURTESIES: [&str; 26] = [
    "a todos",
    "atentamente",
    "atte",
    "boa tarde",
    "bom dia",
    "buen dia",
    "buenas",
    "buenas noches",
    "buenas tardes",
    "buenos dias",
    "cordialmente",
    "estimados",
    "favor de",
    "gracias",
    "hello",
    "hi",
    "hola",
    "muchas gracias",
    "obrigada",
    "obrigado",
    "ola",
    "please",
    "por favor",
    "quedo atento",
    "saludos",
    "thanks",
];

/// What a reply says, if it says one of these and nothing else. Quoted lines of the message it
/// answers do not count; neither do courtesies. Behind "no more messages" a signature may follow:
/// it is the customer's right, and a doubt is read in its favour. That someone else reads here is
/// believed only of a phrase that stands alone.
pub fn lone(subject: &str, text: &str) -> Option<Lone> {
    let own = own_words(text);
    let lines: Vec<String> = own
        .lines()
        .map(bare)
        .filter(|line| !line.is_empty())
        .collect();
    let Some(first) = lines.first() else {
        // Mail programs that unsubscribe write the word in the subject and nothing else.
        let subject = bare(subject);
        return OPT_OUT.contains(&subject.as_str()).then_some(Lone::OptOut);
    };
    let all = bare(&lines.join(" "));
    if OPT_OUT.contains(&all.as_str()) {
        return Some(Lone::OptOut);
    }
    if WRONG_PERSON.contains(&all.as_str()) {
        return Some(Lone::WrongPerson);
    }
    let signature = &lines[1..];
    let short = |line: &String| line.split(' ').count() <= SIGNATURE_WORDS_MAX;
    let is_signature =
        signature.len() <= SIGNATURE_LINES_MAX && signature.iter().all(short) && !own.contains('?');
    (OPT_OUT.contains(&first.as_str()) && is_signature).then_some(Lone::OptOut)
}

/// The text without what it quotes: lines behind `>`, and all behind the line that announces the
/// message answered.
pub fn own_words(text: &str) -> String {
    let mut own: Vec<&str> = Vec::new();
    let lines: Vec<&str> = text.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        let trimmed = line.trim();
        if trimmed.starts_with('>') {
            continue;
        }
        let next = lines.get(at + 1).map_or("", |line| line.trim());
        if announces(trimmed, next) {
            break;
        }
        own.push(line);
    }
    own.join("\n").trim().to_owned()
}

/// Whether a line announces the message that is answered; the announcement may take two lines.
fn announces(line: &str, next: &str) -> bool {
    let said = folded(line);
    let both = folded(&format!("{line} {next}"));
    let wrote = |text: &str| {
        ["escribio:", "escreveu:", "wrote:"]
            .iter()
            .any(|end| text.ends_with(end))
    };
    let begins = ["el ", "em ", "on ", "le "]
        .iter()
        .any(|start| said.starts_with(start));
    (begins && (wrote(&said) || (both.len() < 400 && wrote(&both))))
        || said.starts_with("-----mensaje original")
        || said.starts_with("-----original message")
        || said.starts_with("-----mensagem original")
        || (said.starts_with("________________") && said.trim_matches('_').is_empty())
        || (["de: ", "from: "]
            .iter()
            .any(|start| said.starts_with(start))
            && ["enviado", "sent:", "para:", "to:", "date:", "fecha:"]
                .iter()
                .any(|start| folded(next).starts_with(start)))
        || said == "--"
}

fn folded(text: &str) -> String {
    text.to_lowercase().chars().map(plain).collect()
}

/// Lower-case words without accents, signs and courtesies at both ends.
fn bare(line: &str) -> String {
    let mut words = fold(line);
    let mut before = 0;
    while before != words.len() {
        before = words.len();
        for courtesy in COURTESIES {
            if let Some(rest) = words.strip_prefix(courtesy)
                && (rest.is_empty() || rest.starts_with(' '))
            {
                words = rest.trim().to_owned();
            }
            if let Some(rest) = words.strip_suffix(courtesy)
                && (rest.is_empty() || rest.ends_with(' '))
            {
                words = rest.trim().to_owned();
            }
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_lone_phrase_is_understood() {
        let out = Some(Lone::OptOut);
        let wrong = Some(Lone::WrongPerson);
        let cases = [
            ("BAJA", out),
            ("baja.", out),
            ("Stop!", out),
            ("Hola,\n\nNo más correos, por favor.\n\nGracias", out),
            ("Buenos días, dar de baja. Saludos", out),
            (
                "BAJA\n\nJuan Pérez\nCuentas por pagar\nTel. 55 1234 5678",
                out,
            ),
            (
                "baja\n\nEl mar, 3 mar 2026 a las 9:30, Cobranza escribió:\n> Su factura",
                out,
            ),
            (
                "BAJA\n\nOn Tue, Mar 3, 2026 at 9:30 AM Cobranza\n<c@e.example> wrote:\n> x",
                out,
            ),
            (
                "unsubscribe\n-----Mensaje original-----\nDe: x\nmucho texto aquí que sigue",
                out,
            ),
            ("Ya no trabaja aquí.", wrong),
            ("Hola, esta persona ya no trabaja aquí. Saludos", wrong),
            ("Não trabalha mais aqui", wrong),
            // What says more is a person's to read.
            ("La factura se dio de baja en el sistema", None),
            (
                "Ya no trabaja aquí el señor Díaz, escriba a pagos@cliente.example",
                None,
            ),
            ("¿Por qué me piden la baja?", None),
            ("Baja el precio y pago", None),
            ("No más tarde del viernes pago", None),
            (
                "Stop, ya pagué el martes con transferencia 123 y espero la factura corregida",
                None,
            ),
            ("Baja\n\n¿Ya recibieron mi pago?", None),
            ("Ya no trabaja aquí\n\nMaría López", None),
            ("Cancelar la factura F-1", None),
            ("", None),
            ("> BAJA", None),
        ];
        for (text, wanted) in cases {
            assert_eq!(lone("Re: su cuenta", text), wanted, "{text:?}");
        }
        assert_eq!(lone("Baja", ""), out, "as mail programs unsubscribe");
        assert_eq!(lone("unsubscribe", "  \n"), out);
        assert_eq!(lone("Re: baja de precios", ""), None);
    }

    #[test]
    fn quoted_words_are_not_the_customers() {
        let text = "Mañana pago.\n\nDe: Cobranza\nEnviado: martes\nPara: Ana\n\nBAJA aquí";
        assert_eq!(own_words(text), "Mañana pago.");
        assert_eq!(own_words("> baja\nPago\n> más"), "Pago");
    }
}
