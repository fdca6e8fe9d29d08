//! What is known after one try, and the server's words it rests on.

use lettre::transport::smtp::Error as WireError;
use lettre::transport::smtp::response::Response;

/// Most letters of a server's words that are kept.
const ANSWER_CHARS_MAX: usize = 500;

/// A recipient the server would not take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecipientRefusal {
    /// The address.
    pub address: String,
    /// Whether trying again is of no use (5xx).
    pub permanent: bool,
    /// The server's code.
    pub code: u16,
    /// The server's words.
    pub text: String,
}

/// What is known after one try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendOutcome {
    /// The server took the message over.
    Accepted {
        /// Its words, often with its queue number.
        response: String,
        /// Recipients it left out; at least one main recipient was taken.
        recipients_refused: Vec<RecipientRefusal>,
    },
    /// The server said no to this message: it has not left.
    Refused {
        /// Whether trying again is of no use (5xx).
        permanent: bool,
        /// The server's code.
        code: u16,
        /// The server's words.
        text: String,
        /// Recipients refused by name.
        recipients_refused: Vec<RecipientRefusal>,
    },
    /// Nothing of the message was handed over: no connection, no login, or lost before `DATA`.
    NotSent {
        /// What happened.
        reason: String,
    },
    /// The message was being handed over and no answer came: it may have left. Never repeat it.
    Unknown {
        /// What happened.
        reason: String,
    },
}

/// A "no" in the server's own words.
#[derive(Clone)]
pub(super) struct Answer {
    pub code: u16,
    pub permanent: bool,
    pub text: String,
}

impl Answer {
    /// `None` when the error is not an answer: a lost connection, bytes that make no sense.
    pub fn of(error: &WireError) -> Option<Self> {
        let code = error.status()?;
        let text = std::error::Error::source(error).map(ToString::to_string);
        Some(Self {
            code: u16::from(code),
            permanent: error.is_permanent(),
            text: bounded(&text.unwrap_or_default()),
        })
    }

    pub fn refusal(self) -> SendOutcome {
        SendOutcome::Refused {
            permanent: self.permanent,
            code: self.code,
            text: self.text,
            recipients_refused: Vec::new(),
        }
    }

    pub fn of_recipient(self, address: String) -> RecipientRefusal {
        RecipientRefusal {
            address,
            permanent: self.permanent,
            code: self.code,
            text: self.text,
        }
    }

    /// The first word, where it is an enhanced status code such as `5.7.8` (RFC 3463).
    pub fn enhanced_code(&self) -> Option<&str> {
        let word = self.text.split_whitespace().next()?;
        let parts: Vec<&str> = word.split('.').collect();
        let digits = |part: &&str| part.len() <= 3 && part.parse::<u16>().is_ok();
        (parts.len() == 3 && parts.iter().all(digits)).then_some(word)
    }
}

/// One recipient that may be taken later makes the whole refusal a passing one.
pub(super) fn refused_by_recipients(
    main: &[Answer],
    recipients_refused: Vec<RecipientRefusal>,
) -> SendOutcome {
    let passing = main.iter().find(|answer| !answer.permanent);
    let answer = passing.or_else(|| main.first());
    SendOutcome::Refused {
        permanent: passing.is_none(),
        code: answer.map_or(0, |answer| answer.code),
        text: answer.map(|answer| answer.text.clone()).unwrap_or_default(),
        recipients_refused,
    }
}

pub(super) fn words(answer: &Response) -> String {
    bounded(&answer.message().collect::<Vec<_>>().join(" "))
}

/// A server's words on one line and of bounded length, fit for a record.
pub(super) fn bounded(text: &str) -> String {
    text.chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .take(ANSWER_CHARS_MAX)
        .collect()
}
