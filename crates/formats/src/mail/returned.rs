//! Messages that came back: what a mail server reports of an address.

use mail_parser::{Message, PartType};

use super::{is_type, plain};

/// Addresses that one report may name.
const ADDRESSES_MAX: usize = 50;
/// Letters of a reason that are kept.
const REASON_LETTERS_MAX: usize = 300;

/// What a report says of one address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returned {
    /// The address, in lower case; `None` where the report names none.
    pub address: Option<String>,
    /// Whether the address will never take a message; else it may later.
    pub hard: bool,
    /// What the server said, in its words.
    pub reason: String,
    /// The `Message-ID` of ours that came back, where it is told.
    pub original: Option<String>,
}

/// Words of servers that say that the address is none. Lower case, no accents.
const NO_ADDRESS: [&str; 26] = [
    "user unknown",
    "unknown user",
    "no such user",
    "no such recipient",
    "no such address",
    "no mailbox here",
    "no existe",
    "does not exist",
    "doesn't exist",
    "nao existe",
    "mailbox not found",
    "mailbox unavailable",
    "invalid recipient",
    "invalid mailbox",
    "recipient rejected",
    "address rejected",
    "recipient not found",
    "address not found",
    "no se encontro la direccion",
    "couldn't be found",
    "account is disabled",
    "account that you tried to reach is disabled",
    "mailbox disabled",
    "account has been disabled",
    "domain not found",
    "host or domain name not found",
];

/// Subjects of reports that keep to no form.
const SUBJECTS: [&str; 16] = [
    "undeliver",
    "undelivered",
    "delivery status notification",
    "delivery failure",
    "delivery has failed",
    "mail delivery failed",
    "mail delivery failure",
    "mail system error",
    "returned mail",
    "failure notice",
    "message not delivered",
    "no se puede entregar",
    "no se pudo entregar",
    "mensaje no entregado",
    "correo devuelto",
    "nao foi possivel entregar",
];

/// What a message says of addresses; `None` when it is no report.
pub(super) fn of(
    message: &Message<'_>,
    from: Option<&str>,
    subject: &str,
    text: &str,
) -> Option<Vec<Returned>> {
    let original = original(message).or_else(|| id_in(text));
    let reports = || {
        message
            .parts
            .iter()
            .filter(|it| is_type(it, "message", "delivery-status"))
    };
    if reports().next().is_some() {
        let fields = reports().flat_map(|part| groups(&String::from_utf8_lossy(part.contents())));
        let told = fields.filter_map(|group| told(&group, original.as_deref()));
        return Some(told.take(ADDRESSES_MAX).collect());
    }
    let sender = from.map(str::to_lowercase).unwrap_or_default();
    let local = sender.split('@').next().unwrap_or_default();
    let machine = ["mailer-daemon", "postmaster", "mail-daemon", "mailerdaemon"].contains(&local);
    let subject = plain(subject);
    if !machine || !SUBJECTS.iter().any(|start| subject.contains(start)) {
        return None;
    }
    Some(loose(text, &sender, original.as_deref()))
}

/// The header groups of a report: first the message's, then one for each address.
fn groups(text: &str) -> Vec<Vec<(String, String)>> {
    let mut groups: Vec<Vec<(String, String)>> = vec![Vec::new()];
    for line in text.lines() {
        let Some(last) = groups.last_mut() else { break };
        if line.trim().is_empty() {
            if !last.is_empty() {
                groups.push(Vec::new());
            }
        } else if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = last.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            last.push((name.trim().to_lowercase(), value.trim().to_owned()));
        }
    }
    groups
}

/// What a group says of its address; `None` for one that is about none, or about one that works.
fn told(group: &[(String, String)], original: Option<&str>) -> Option<Returned> {
    let field = |name: &str| {
        let found = group.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    };
    let recipient = field("original-recipient").or_else(|| field("final-recipient"));
    let recipient = recipient.or_else(|| field("final-recipient"))?;
    let address = recipient.rsplit(';').next().and_then(address_in);
    let action = field("action").unwrap_or_default().to_lowercase();
    let status = field("status").unwrap_or_default();
    let diagnostic = field("diagnostic-code").unwrap_or_default();
    let hard = match action.as_str() {
        "failed" => is_for_good(status, diagnostic),
        "delayed" => false,
        _ => return None,
    };
    Some(Returned {
        address,
        hard,
        reason: bounded(&format!("{status} {diagnostic}")),
        original: original.map(str::to_owned),
    })
}

/// Whether a status means that the address is none (RFC 3463 §3). Full mailboxes, rules against
/// spam, sizes and policies say nothing of the address, whatever their class.
fn is_for_good(status: &str, diagnostic: &str) -> bool {
    let mut numbers = status
        .split_whitespace()
        .next()
        .unwrap_or_default()
        .split('.');
    let (class, subject, detail) = (numbers.next(), numbers.next(), numbers.next());
    match (class, subject, detail) {
        (Some("5"), Some("1"), Some("0" | "1" | "2" | "3" | "6" | "10")) => true,
        (Some("5"), Some("2"), Some("1")) => true,
        (Some("5"), Some("4"), Some("4")) => true,
        (Some("5"), Some("2" | "3" | "6" | "7"), _) => false,
        (Some("5"), ..) => says_none(diagnostic),
        _ => false,
    }
}

fn says_none(text: &str) -> bool {
    let text = plain(text);
    NO_ADDRESS.iter().any(|words| text.contains(words))
}

/// A report in free words: the first address it names that is not the reporter's, or ours that
/// follows; for good only where the words say that there is none.
fn loose(text: &str, sender: &str, original: Option<&str>) -> Vec<Returned> {
    let host = sender.split('@').nth(1).unwrap_or_default();
    // What follows is our own message, with our own addresses.
    let own = [
        "original message",
        "mensaje original",
        "message headers",
        "copy of the message",
    ];
    let lines = text.lines().take_while(|line| {
        let line = plain(line);
        !own.iter().any(|start| line.contains(start))
    });
    let lines: Vec<&str> = lines.collect();
    let found = lines.iter().enumerate().find_map(|(at, line)| {
        let address = address_in(line)?;
        let daemon = address == sender || address.split('@').nth(1) == Some(host);
        let about = lines[at..]
            .iter()
            .take(6)
            .copied()
            .collect::<Vec<_>>()
            .join(" ");
        (!daemon || says_none(&about)).then_some((address, about))
    });
    let whole = || bounded(&lines.join(" "));
    vec![match found {
        Some((address, about)) => Returned {
            hard: says_none(&about),
            address: Some(address),
            reason: bounded(&about),
            original: original.map(str::to_owned),
        },
        None => Returned {
            address: None,
            hard: false,
            reason: whole(),
            original: original.map(str::to_owned),
        },
    }]
}

/// The `Message-ID` of the message that came back, in the part that holds it or its headers.
fn original(message: &Message<'_>) -> Option<String> {
    message.parts.iter().find_map(|part| match &part.body {
        PartType::Message(inner) => inner.message_id().map(str::to_owned),
        _ if is_type(part, "text", "rfc822-headers") => {
            id_in(&String::from_utf8_lossy(part.contents()))
        }
        _ => None,
    })
}

/// The first `Message-ID` written in a text.
fn id_in(text: &str) -> Option<String> {
    let line = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim()
            .eq_ignore_ascii_case("message-id")
            .then_some(value)
    })?;
    let id = line.trim().trim_start_matches('<').split('>').next()?;
    (!id.is_empty()).then(|| id.to_owned())
}

/// The first address written in a text.
fn address_in(text: &str) -> Option<String> {
    let edges = |letter: char| !(letter.is_ascii_alphanumeric() || "._%+-@=".contains(letter));
    let words =
        text.split(|letter: char| letter.is_whitespace() || "<>\"',;:()[]".contains(letter));
    words
        .map(|word| word.trim_matches(edges).trim_end_matches('.'))
        .find_map(|word| {
            let (local, host) = word.split_once('@')?;
            let whole = !local.is_empty() && host.contains('.') && !host.contains('@');
            whole.then(|| word.to_lowercase())
        })
}

fn bounded(reason: &str) -> String {
    let words: Vec<&str> = reason.split_whitespace().collect();
    words.join(" ").chars().take(REASON_LETTERS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{MailKind, read};
    use super::*;

    fn returned(text: &str) -> Option<Vec<Returned>> {
        let bytes = text.trim_start().replace('\n', "\r\n");
        match read(bytes.as_bytes()).expect("a message").kind {
            MailKind::Returned(returned) => Some(returned),
            _ => None,
        }
    }

    /// A report in the form of RFC 3464 with these fields of its address.
    fn report(fields: &str) -> String {
        format!(
            "From: MAILER-DAEMON@mx.example\nSubject: Undelivered Mail Returned to Sender\n\
             Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\n\n\
             --b\nContent-Type: text/plain\n\nLo sentimos.\n\n\
             --b\nContent-Type: message/delivery-status\n\n\
             Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; Pagos@Cliente.example\n\
             {fields}\n\n\
             --b\nContent-Type: message/rfc822\n\nFrom: cobranza@empresa.example\n\
             Message-ID: <0199f000-0000-7000-8000-000000000001@empresa.example>\n\
             Subject: Su cuenta\n\nBuen día.\n\n--b--\n"
        )
    }

    #[test]
    fn a_report_names_address_message_and_whether_it_is_for_good() {
        let cases = [
            (
                "Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 no such user",
                true,
            ),
            ("Action: failed\nStatus: 5.1.10", true),
            ("Action: failed\nStatus: 5.2.1", true),
            ("Action: failed\nStatus: 5.4.4", true),
            (
                "Action: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 550 User\n unknown",
                true,
            ),
            (
                "Action: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 554 try again",
                false,
            ),
            (
                "Action: failed\nStatus: 5.2.2\nDiagnostic-Code: smtp; 552 mailbox full",
                false,
            ),
            (
                "Action: failed\nStatus: 5.7.1\nDiagnostic-Code: smtp; 550 blocked",
                false,
            ),
            ("Action: failed\nStatus: 4.4.7", false),
            ("Action: delayed\nStatus: 4.4.1", false),
        ];
        for (fields, hard) in cases {
            let found = returned(&report(fields)).expect("a report");
            assert_eq!(found.len(), 1, "{fields}");
            assert_eq!(found[0].address.as_deref(), Some("pagos@cliente.example"));
            assert_eq!(found[0].hard, hard, "{fields}");
            let id = "0199f000-0000-7000-8000-000000000001@empresa.example";
            assert_eq!(found[0].original.as_deref(), Some(id), "{fields}");
        }
        // A report of what arrived names nothing that came back.
        let arrived = returned(&report("Action: delivered\nStatus: 2.0.0"));
        assert_eq!(arrived, Some(Vec::new()));
    }

    #[test]
    fn reports_in_free_words_are_read_where_they_are_plain() {
        let exim = "From: Mail Delivery System <Mailer-Daemon@mx.example>\n\
            Subject: Mail delivery failed: returning message to sender\n\n\
            A message that you sent could not be delivered.\n\n  ana@cliente.example\n\
            \x20   host mx.cliente.example: 550 5.1.1 User unknown\n\n\
            ------ This is a copy of the message, including all the headers. ------\n\n\
            Message-ID: <k@empresa.example>\nTo: ana@cliente.example\n";
        let found = returned(exim).expect("a report");
        assert_eq!(found[0].address.as_deref(), Some("ana@cliente.example"));
        assert!(
            found[0].hard && found[0].reason.contains("User unknown"),
            "{found:?}"
        );
        assert_eq!(found[0].original.as_deref(), Some("k@empresa.example"));
        let full = "From: postmaster@cliente.example\nSubject: Mensaje no entregado\n\n\
            No se pudo entregar a luis@otro.example: buzón lleno.\n";
        let found = returned(full).expect("a report");
        assert_eq!(
            (found[0].address.as_deref(), found[0].hard),
            (Some("luis@otro.example"), false)
        );
        let qmail = "From: MAILER-DAEMON@cliente.example\nSubject: failure notice\n\n\
            <rosa@cliente.example>:\nSorry, no mailbox here by that name.\n";
        let found = returned(qmail).expect("a report");
        assert!(found[0].hard, "{found:?}");
        // Only a machine's word is a report; a person may write about failures.
        let person =
            "From: ana@cliente.example\nSubject: failure notice\n\nuser unknown x@y.example";
        assert_eq!(returned(person), None);
        let other = "From: postmaster@cliente.example\nSubject: Mantenimiento\n\nuser unknown";
        assert_eq!(returned(other), None);
    }
}
