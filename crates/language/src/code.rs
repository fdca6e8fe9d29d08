//! The message that carries a code for the customer's own page. It says nothing of an account: it
//! is asked for by whoever holds a link, and read by whoever reads at the address.

/// What is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeMessage {
    /// Subject line.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// HTML.
    pub html: String,
}

/// The words of one language.
struct Words {
    subject: &'static str,
    lead: &'static str,
    valid: &'static str,
    unasked: &'static str,
}

const SPANISH: Words = Words {
    subject: "Su código para entrar",
    lead: "Su código para entrar a la página de {company} es:",
    valid: "Vale {minutes} minutos y sirve una sola vez. No lo comparta con nadie.",
    unasked: "Si usted no lo pidió, no tiene que hacer nada.",
};

const PORTUGUESE: Words = Words {
    subject: "Seu código para entrar",
    lead: "Seu código para entrar na página de {company} é:",
    valid: "Vale {minutes} minutos e serve uma única vez. Não o compartilhe com ninguém.",
    unasked: "Se você não o pediu, não precisa fazer nada.",
};

const ENGLISH: Words = Words {
    subject: "Your code to sign in",
    lead: "Your code to open the page of {company} is:",
    valid: "It works for {minutes} minutes, once. Do not share it with anyone.",
    unasked: "If you did not ask for it, you need not do anything.",
};

/// Writes the message with a code; Spanish where there are no words in the language.
///
/// ```
/// let message = language::code::message("pt-BR", "Aceros & Co", "012345", 10);
/// assert!(message.text.contains("012345") && !message.subject.contains("012345"));
/// assert!(message.html.contains("Aceros &amp; Co"));
/// ```
pub fn message(language: &str, company: &str, code: &str, minutes: i64) -> CodeMessage {
    let words = match language.get(..2) {
        Some("pt") => &PORTUGUESE,
        Some("en") => &ENGLISH,
        _ => &SPANISH,
    };
    let lead = words.lead.replace("{company}", company);
    let valid = words.valid.replace("{minutes}", &minutes.to_string());
    let unasked = words.unasked;
    CodeMessage {
        subject: words.subject.to_owned(),
        text: format!("{lead}\n\n{code}\n\n{valid}\n{unasked}\n\n{company}\n"),
        html: format!(
            "<!doctype html><html><body style=\"font:16px/1.5 Helvetica,Arial,sans-serif;\
             color:#222\"><p>{}</p><p style=\"font-size:28px;letter-spacing:4px\"><b>{}</b></p>\
             <p>{}<br>{}</p><p>{}</p></body></html>",
            escaped(&lead),
            escaped(code),
            escaped(&valid),
            escaped(unasked),
            escaped(company),
        ),
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            _ => out.push(letter),
        }
    }
    out
}
