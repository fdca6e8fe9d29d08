//! One e-mail as bytes: the same input gives the same bytes, whoever sends it and how often.

use std::time::SystemTime;

use domain::ContactId;
use jiff::Timestamp;
use lettre::address::Envelope;
use lettre::message::header::{
    ContentTransferEncoding, ContentType, HeaderName, HeaderValue, MessageId,
};
use lettre::message::{Mailbox as WireMailbox, MultiPart, SinglePart};
use lettre::{Address, Message};

/// Most recipients of one message, `to` and `cc` together.
pub const RECIPIENTS_MAX: usize = 50;
/// Most bytes of the subject; longer ones are an error of the template.
pub const SUBJECT_BYTES_MAX: usize = 500;
/// Most bytes of each body part before encoding.
pub const BODY_BYTES_MAX: usize = 2_000_000;

/// Names the real recipients of a message sent in test mode.
const ORIGINAL_RECIPIENTS: &str = "X-Puntual-Original-Recipients";
/// The range the `Date` header can write (years 1970 to 9999), in seconds since the epoch.
const DATE_SECONDS: std::ops::Range<i64> = 0..253_402_300_800;

/// A name and an address, as in `Ana Díaz <ana@example.com>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mailbox {
    /// The name shown; it may hold any letter.
    pub name: Option<String>,
    /// The address: ASCII, with an internationalised domain in its `xn--` form.
    pub address: String,
}

impl Mailbox {
    /// An address without a name.
    pub fn bare(address: impl Into<String>) -> Self {
        Self {
            name: None,
            address: address.into(),
        }
    }

    /// An address with the name shown beside it.
    pub fn named(name: impl Into<String>, address: impl Into<String>) -> Self {
        Self {
            name: Some(name.into()),
            address: address.into(),
        }
    }

    fn to_wire(&self) -> Result<WireMailbox, EmailError> {
        let name = self.name.as_deref().map(one_line);
        Ok(WireMailbox::new(
            name.filter(|name| !name.is_empty()),
            wire_address(&self.address)?,
        ))
    }
}

/// A message ready to be sent: every choice is made.
///
/// No `Auto-Submitted` header is written: a person answers for the message and an answer is
/// wanted, an absence note is news about the address, and the ticket queues behind many
/// accounts-payable addresses set aside what declares itself automatic (RFC 3834 §5 asks for the
/// header where answers are of no use).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutgoingEmail {
    /// The contact this message carries out; it names the message and its file.
    pub contact: ContactId,
    /// Who signs. Its domain also names the message.
    pub from: Mailbox,
    /// Where answers go, if not to `from`.
    pub reply_to: Option<Mailbox>,
    /// Main recipients; at least one.
    pub to: Vec<Mailbox>,
    /// Recipients of a copy.
    pub cc: Vec<Mailbox>,
    /// Subject line, without line breaks.
    pub subject: String,
    /// The plain-text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
    /// Address that takes "no more messages" (RFC 2369 `List-Unsubscribe`).
    pub unsubscribe_mailto: Option<String>,
    /// Address (https) that takes the same by one POST (RFC 8058 `List-Unsubscribe-Post`).
    pub unsubscribe_url: Option<String>,
    /// The instant written in the `Date` header, to the second.
    pub date: Timestamp,
    /// Test mode: everything goes to this address alone, and subject and header name the real ones.
    pub test_recipient: Option<Mailbox>,
}

/// The bytes of a message and whom they go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuiltEmail {
    /// The whole message (RFC 5322), ASCII with CRLF line ends.
    pub bytes: Vec<u8>,
    /// The `Message-ID` with its angle brackets.
    pub message_id: String,
    /// Envelope sender.
    pub(super) from: Address,
    /// Main recipients of the envelope.
    pub(super) to: Vec<Address>,
    /// Recipients of a copy.
    pub(super) cc: Vec<Address>,
}

/// Why a message cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// An address no server would take.
    #[error("`{0}` is not an e-mail address: write it as name@domain in plain ASCII letters")]
    Address(String),
    /// An address of the web that no mail program would follow.
    #[error("`{0}` cannot take one-click unsubscribing: give a whole https address")]
    Url(String),
    /// Nobody to send to.
    #[error("the message of contact {0} has no main recipient: give it at least one")]
    NoRecipient(ContactId),
    /// More recipients than one message may have.
    #[error("the message of contact {0} has {1} recipients, more than {RECIPIENTS_MAX}: split it")]
    TooManyRecipients(ContactId, usize),
    /// A part longer than allowed.
    #[error("the {part} of contact {contact}'s message has {bytes} bytes, more than {limit}")]
    TooLong {
        /// `subject`, `text` or `html`.
        part: &'static str,
        /// The contact.
        contact: ContactId,
        /// Its length.
        bytes: usize,
        /// The most allowed.
        limit: usize,
    },
    /// The date cannot be written in a header.
    #[error("{0} cannot be written as the date of a message: use a year from 1970 to 9999")]
    Date(Timestamp),
    /// The MIME builder refused it.
    #[error("the message of contact {contact} cannot be built: {reason}")]
    Build {
        /// The contact.
        contact: ContactId,
        /// What the builder said.
        reason: String,
    },
}

impl OutgoingEmail {
    /// Writes the message as `multipart/alternative`, both parts quoted-printable.
    ///
    /// Nothing is drawn or read from outside: `Message-ID` and boundary come from the contact, the
    /// date is given. Line breaks and control characters in names and subject become spaces, so
    /// that no value can add a header.
    ///
    /// # Errors
    /// [`EmailError`]: an unusable address, no recipient, a part over its limit, a date outside
    /// what the header can write.
    pub fn build(&self) -> Result<BuiltEmail, EmailError> {
        self.check_limits()?;
        let from = self.from.to_wire()?;
        let (to, cc) = match &self.test_recipient {
            Some(only) => (vec![only.to_wire()?], Vec::new()),
            None => (all_to_wire(&self.to)?, all_to_wire(&self.cc)?),
        };
        let message_id = format!("<{}@{}>", self.contact, from.email.domain());
        let envelope = Envelope::new(
            Some(from.email.clone()),
            addresses(&to).chain(addresses(&cc)).collect(),
        )
        .map_err(|error| self.build_error(&error))?;

        let mut builder = Message::builder()
            .envelope(envelope)
            .header(MessageId::from(message_id.clone()))
            .date(SystemTime::from(self.date))
            .from(from.clone())
            .subject(self.subject_line());
        if let Some(reply_to) = &self.reply_to {
            builder = builder.reply_to(reply_to.to_wire()?);
        }
        builder = to
            .iter()
            .cloned()
            .fold(builder, |builder, one| builder.to(one));
        builder = cc
            .iter()
            .cloned()
            .fold(builder, |builder, one| builder.cc(one));
        for (name, value) in self.unsubscribe_headers()? {
            builder = builder.raw_header(header(name, value));
        }
        if self.test_recipient.is_some() {
            let names = self.recipients().map(|one| one.address.as_str());
            let value = names.collect::<Vec<_>>().join(", ");
            builder = builder.raw_header(header(ORIGINAL_RECIPIENTS, one_line(&value)));
        }
        let message = builder
            .multipart(self.body())
            .map_err(|error| self.build_error(&error))?;
        Ok(BuiltEmail {
            bytes: message.formatted(),
            message_id,
            from: from.email,
            to: to.into_iter().map(|one| one.email).collect(),
            cc: cc.into_iter().map(|one| one.email).collect(),
        })
    }

    fn unsubscribe_headers(&self) -> Result<Vec<(&'static str, String)>, EmailError> {
        let mut ways = Vec::new();
        let mut headers = Vec::new();
        if let Some(url) = &self.unsubscribe_url {
            let fits = |letter: char| letter.is_ascii_graphic() && !"<>,".contains(letter);
            if !url.starts_with("https://") || !url.chars().all(fits) {
                return Err(EmailError::Url(url.clone()));
            }
            ways.push(format!("<{url}>"));
        }
        if let Some(address) = &self.unsubscribe_mailto {
            let address = wire_address(address)?;
            ways.push(format!("<mailto:{address}?subject=BAJA>"));
        }
        if !ways.is_empty() {
            headers.push(("List-Unsubscribe", ways.join(", ")));
        }
        if self.unsubscribe_url.is_some() {
            let value = "List-Unsubscribe=One-Click".to_owned();
            headers.push(("List-Unsubscribe-Post", value));
        }
        Ok(headers)
    }

    fn check_limits(&self) -> Result<(), EmailError> {
        if self.to.is_empty() {
            return Err(EmailError::NoRecipient(self.contact));
        }
        let recipients = self.recipients().count();
        if recipients > RECIPIENTS_MAX {
            return Err(EmailError::TooManyRecipients(self.contact, recipients));
        }
        for (part, text, limit) in [
            ("subject", &self.subject, SUBJECT_BYTES_MAX),
            ("text", &self.text, BODY_BYTES_MAX),
            ("html", &self.html, BODY_BYTES_MAX),
        ] {
            if text.len() > limit {
                return Err(EmailError::TooLong {
                    part,
                    contact: self.contact,
                    bytes: text.len(),
                    limit,
                });
            }
        }
        if DATE_SECONDS.contains(&self.date.as_second()) {
            Ok(())
        } else {
            Err(EmailError::Date(self.date))
        }
    }

    fn recipients(&self) -> impl Iterator<Item = &Mailbox> {
        self.to.iter().chain(&self.cc)
    }

    fn subject_line(&self) -> String {
        let subject = one_line(&self.subject);
        if self.test_recipient.is_none() {
            return subject;
        }
        let first = self.to.first().map_or("", |one| one.address.as_str());
        let others = match self.recipients().count().saturating_sub(1) {
            0 => String::new(),
            more => format!(" y {more} más"),
        };
        format!("[PRUEBA → {}{others}] {subject}", one_line(first))
    }

    /// Quoted-printable never writes `=_`, so a boundary that holds it cannot occur in a part.
    fn body(&self) -> MultiPart {
        let boundary = format!("=_{}", self.contact.uuid().simple());
        MultiPart::alternative()
            .boundary(boundary)
            .singlepart(part(ContentType::TEXT_PLAIN, &self.text))
            .singlepart(part(ContentType::TEXT_HTML, &self.html))
    }

    fn build_error(&self, error: &lettre::error::Error) -> EmailError {
        EmailError::Build {
            contact: self.contact,
            reason: error.to_string(),
        }
    }
}

fn part(content_type: ContentType, text: &str) -> SinglePart {
    SinglePart::builder()
        .header(content_type)
        .header(ContentTransferEncoding::QuotedPrintable)
        .body(text.to_owned())
}

fn header(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value)
}

fn all_to_wire(list: &[Mailbox]) -> Result<Vec<WireMailbox>, EmailError> {
    list.iter().map(Mailbox::to_wire).collect()
}

fn addresses(list: &[WireMailbox]) -> impl Iterator<Item = Address> {
    list.iter().map(|one| one.email.clone())
}

/// Only ASCII addresses: the others need SMTPUTF8 at every server on the way.
fn wire_address(text: &str) -> Result<Address, EmailError> {
    let trimmed = text.trim();
    if !trimmed.is_ascii() {
        return Err(EmailError::Address(text.to_owned()));
    }
    trimmed
        .parse()
        .map_err(|_| EmailError::Address(text.to_owned()))
}

/// A header value on one line: runs of white space and control characters become one space.
fn one_line(text: &str) -> String {
    text.split(|letter: char| letter.is_whitespace() || letter.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}
