//! Messages of a mailbox: who writes, in answer to what, and whether it is a person, a machine, or
//! a message that came back (RFC 3464, and the common reports that do not keep to it).

mod returned;

use jiff::Timestamp;
use mail_parser::{Message, MessageParser, MimeHeaders};

pub use returned::Returned;

/// Letters of a text that are kept.
const TEXT_LETTERS_MAX: usize = 20_000;
/// Messages that one says it answers.
const ANSWERED_MAX: usize = 50;

/// A message as it lay in the mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Its `Message-ID` without brackets, where it has one.
    pub key: Option<String>,
    /// The address it was written from, in lower case.
    pub from: Option<String>,
    /// The subject; empty where there is none.
    pub subject: String,
    /// The text a person reads.
    pub text: String,
    /// When it was written, as it says.
    pub at: Option<Timestamp>,
    /// The `Message-ID`s it answers, the nearest first.
    pub answers: Vec<String>,
    /// What it is.
    pub kind: MailKind,
}

/// What a message is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailKind {
    /// Someone wrote it.
    Written,
    /// A machine did: out of office, a receipt, a mailing list.
    Automatic,
    /// One of ours that came back, or is late: for each address what is said of it. Empty where the
    /// report names none.
    Returned(Vec<Returned>),
}

/// Reads a message; `None` for what is none.
pub fn read(bytes: &[u8]) -> Option<Mail> {
    let message = MessageParser::default().parse(bytes)?;
    let from = message.from().and_then(|from| from.first()?.address());
    let subject = message.subject().unwrap_or_default().trim().to_owned();
    let text = text_of(&message);
    let kind = if let Some(returned) = returned::of(&message, from, &subject, &text) {
        MailKind::Returned(returned)
    } else if is_automatic(&message, &subject) {
        MailKind::Automatic
    } else {
        MailKind::Written
    };
    let at = message.date().map(mail_parser::DateTime::to_timestamp);
    Some(Mail {
        key: message.message_id().map(str::to_owned),
        from: from.map(str::to_lowercase),
        at: at.and_then(|seconds| Timestamp::from_second(seconds).ok()),
        answers: answered(&message),
        subject,
        text,
        kind,
    })
}

fn text_of(message: &Message<'_>) -> String {
    let text = message.body_text(0).unwrap_or_default();
    text.replace("\r\n", "\n")
        .trim()
        .chars()
        .take(TEXT_LETTERS_MAX)
        .collect()
}

/// The messages it answers: that of `In-Reply-To`, then those of `References` from the last.
fn answered(message: &Message<'_>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let named = |value: &mail_parser::HeaderValue<'_>| -> Vec<String> {
        match (value.as_text_list(), value.as_text()) {
            (Some(list), _) => list.iter().map(|it| it.to_string()).collect(),
            (None, Some(one)) => vec![one.to_owned()],
            (None, None) => Vec::new(),
        }
    };
    let references = named(message.references());
    for id in named(message.in_reply_to())
        .into_iter()
        .chain(references.into_iter().rev())
    {
        if found.len() < ANSWERED_MAX && !found.contains(&id) {
            found.push(id);
        }
    }
    found
}

/// Whether a machine answered: RFC 3834 §5, and what was usual before it.
fn is_automatic(message: &Message<'_>, subject: &str) -> bool {
    const SUBJECTS: [&str; 12] = [
        "out of office",
        "automatic reply",
        "auto reply",
        "autoreply",
        "fuera de oficina",
        "fuera de la oficina",
        "respuesta automatica",
        "ausencia",
        "ausente",
        "resposta automatica",
        "fora do escritorio",
        "ausencia temporaria",
    ];
    let says = |name: &'static str| {
        let value = message.header(name).and_then(|it| it.as_text());
        value.map(str::to_lowercase)
    };
    if says("Auto-Submitted").is_some_and(|it| !it.trim().starts_with("no")) {
        return true;
    }
    let precedence = says("Precedence").unwrap_or_default();
    if ["bulk", "junk", "list", "auto_reply"].contains(&precedence.trim()) {
        return true;
    }
    if ["X-Autoreply", "X-Autorespond", "X-Auto-Reply", "List-Id"]
        .iter()
        .any(|name| message.header(*name).is_some())
    {
        return true;
    }
    let subject = plain(subject);
    SUBJECTS.iter().any(|start| subject.starts_with(start))
}

/// In lower case and without accents.
fn plain(text: &str) -> String {
    text.to_lowercase()
        .chars()
        .map(domain::search::plain)
        .collect()
}

/// Whether a part is of a type.
fn is_type(part: &mail_parser::MessagePart<'_>, type_: &str, subtype: &str) -> bool {
    part.content_type().is_some_and(|it| {
        it.ctype().eq_ignore_ascii_case(type_)
            && it
                .subtype()
                .is_some_and(|it| it.eq_ignore_ascii_case(subtype))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(headers: &str, text: &str) -> Mail {
        let bytes = format!("{headers}\r\n\r\n{text}").replace('\n', "\r\n");
        read(bytes.replace("\r\r", "\r").as_bytes()).expect("a message")
    }

    #[test]
    fn a_message_says_who_writes_when_and_in_answer_to_what() {
        let found = mail(
            "From: =?utf-8?Q?Mar=C3=ADa?= <Maria@Cliente.Example>\nSubject: =?utf-8?B?UGFnw7M=?=\n\
             Date: Tue, 3 Mar 2026 09:30:00 -0600\nMessage-ID: <a1@cliente.example>\n\
             In-Reply-To: <c2@empresa.example>\n\
             References: <c1@empresa.example> <c2@empresa.example>\n\
             Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable",
            "Pagu=C3=A9 ayer.\n",
        );
        assert_eq!(found.from.as_deref(), Some("maria@cliente.example"));
        assert_eq!(
            (found.subject.as_str(), found.text.as_str()),
            ("Pagó", "Pagué ayer.")
        );
        assert_eq!(found.at, "2026-03-03T15:30:00Z".parse().ok());
        assert_eq!(found.key.as_deref(), Some("a1@cliente.example"));
        assert_eq!(found.answers, ["c2@empresa.example", "c1@empresa.example"]);
        assert_eq!(found.kind, MailKind::Written);
    }

    #[test]
    fn machines_are_known_by_what_they_say_of_themselves() {
        let cases = [
            ("Auto-Submitted: auto-replied\nSubject: Re: pago", true),
            ("Auto-Submitted: no\nSubject: Re: pago", false),
            ("Precedence: bulk\nSubject: boletín", true),
            ("X-Autoreply: yes\nSubject: hola", true),
            ("Subject: Respuesta automática: factura", true),
            ("Subject: Fuera de la oficina", true),
            ("Subject: Re: Fuera de plazo", false),
            ("Subject: Estamos ausentes de mercancía", false),
        ];
        for (headers, automatic) in cases {
            let found = mail(&format!("From: a@b.example\n{headers}"), "hola");
            let wanted = if automatic {
                MailKind::Automatic
            } else {
                MailKind::Written
            };
            assert_eq!(found.kind, wanted, "{headers}");
        }
    }

    #[test]
    fn the_text_of_html_alone_is_read() {
        let found = mail(
            "From: a@b.example\nContent-Type: text/html; charset=utf-8",
            "<html><body><p>BAJA</p></body></html>",
        );
        assert_eq!(found.text, "BAJA");
    }
}
