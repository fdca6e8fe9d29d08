//! A mailbox over IMAP (RFC 3501), read and never changed: it is opened with `EXAMINE`, so that no
//! message is marked as seen, moved or deleted.
//!
//! A handful of commands is spoken, one connection for each look. What a server sends is bounded:
//! lines, messages and how many of them.

mod wire;

use std::time::Duration;

use jiff::civil::Date;
use tokio::time::timeout;

use crate::Secret;
use crate::channels::Security;
use wire::{Conversation, quoted};

/// Bytes of a message that are fetched: its headers and text; attachments lie behind them.
pub const MESSAGE_BYTES_MAX: usize = 512 * 1024;

/// Where a mailbox is and who reads it.
#[derive(Clone, Debug)]
pub struct MailboxConfig {
    /// Name or address of the server; with TLS its certificate must bear it.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Protection.
    pub security: Security,
    /// The user.
    pub user: String,
    /// Its password.
    pub password: Secret,
    /// The folder; `INBOX` everywhere.
    pub folder: String,
    /// Seconds allowed for each answer.
    pub timeout_seconds: u32,
    /// A certificate to trust beside the public ones, as PEM. Invalid ones are never accepted.
    pub extra_root_pem: Option<Vec<u8>>,
}

impl MailboxConfig {
    /// The name under which it is remembered how far it was read.
    pub fn name(&self) -> String {
        format!("{}@{}:{}/{}", self.user, self.host, self.port, self.folder)
    }
}

/// How far a mailbox was read: UIDs only grow while the validity stays (RFC 3501 §2.3.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The validity of its UIDs.
    pub validity: u32,
    /// The last one read.
    pub last: u32,
}

/// Messages of a mailbox, the oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// The validity of their UIDs.
    pub validity: u32,
    /// UID and bytes, at most [`MESSAGE_BYTES_MAX`] of each.
    pub mails: Vec<(u32, Vec<u8>)>,
    /// Whether there are more.
    pub more: bool,
}

/// Why a mailbox could not be read. None of these bears a password.
#[derive(Debug, thiserror::Error)]
pub enum MailboxError {
    /// Clear text over the network.
    #[error("the password for {0} would travel unencrypted: use STARTTLS or TLS")]
    Unencrypted(String),
    /// The certificate or the server's name cannot be used.
    #[error("TLS with {host} failed: {reason}; check host and certificate")]
    Tls {
        /// The server.
        host: String,
        /// What is wrong.
        reason: String,
    },
    /// No connection, or one that ended.
    #[error("the connection to the mailbox at {host} failed: {reason}")]
    Lost {
        /// The server.
        host: String,
        /// What happened.
        reason: String,
    },
    /// Nothing came in time.
    #[error("the mailbox at {0} did not answer in time")]
    Late(String),
    /// User and password were not taken.
    #[error("the mailbox at {0} refused user and password: check them")]
    Refused(String),
    /// The folder cannot be opened.
    #[error("the mailbox at {host} has no folder {folder}: check its name")]
    NoFolder {
        /// The server.
        host: String,
        /// The folder.
        folder: String,
    },
    /// An answer that is none of those expected.
    #[error("the mailbox at {host} gave an answer that is not understood: {said}")]
    Strange {
        /// The server.
        host: String,
        /// The beginning of what it said.
        said: String,
    },
}

/// Reads what is behind `mark`, at most `most` messages. Without a mark, or where the server gave
/// its messages new UIDs, those that came on `since` or later.
///
/// # Errors
/// [`MailboxError`]; then nothing was read.
pub async fn fetch(
    config: &MailboxConfig,
    mark: Option<Mark>,
    since: Date,
    most: usize,
) -> Result<Fetched, MailboxError> {
    let whole = Duration::from_secs(u64::from(config.timeout_seconds)) * 20;
    timeout(whole, look(config, mark, since, most))
        .await
        .map_err(|_| MailboxError::Late(config.host.clone()))?
}

async fn look(
    config: &MailboxConfig,
    mark: Option<Mark>,
    since: Date,
    most: usize,
) -> Result<Fetched, MailboxError> {
    let mut talk = Conversation::open(config).await?;
    let opened = talk
        .command(&format!("EXAMINE {}", quoted(&config.folder)))
        .await?;
    if !opened.ok {
        return Err(MailboxError::NoFolder {
            host: config.host.clone(),
            folder: config.folder.clone(),
        });
    }
    let validity = opened
        .lines
        .iter()
        .find_map(|line| number_after(&line.text, "UIDVALIDITY "));
    let validity = validity.ok_or_else(|| talk.strange("no UIDVALIDITY"))?;
    let known = mark.filter(|mark| mark.validity == validity);
    let search = match known {
        Some(mark) => format!("UID SEARCH UID {}:*", mark.last.saturating_add(1)),
        None => format!("UID SEARCH SINCE {}", imap_day(since)),
    };
    let found = talk.command(&search).await?.done(&talk)?;
    let after = known.map_or(0, |mark| mark.last);
    let mut uids: Vec<u32> = found
        .iter()
        .filter_map(|line| line.text.strip_prefix("* SEARCH"))
        .flat_map(|list| list.split_whitespace().filter_map(|uid| uid.parse().ok()))
        // A range that ends in `*` always holds the last message (RFC 3501 §6.4.8).
        .filter(|uid| *uid > after)
        .collect();
    uids.sort_unstable();
    uids.dedup();
    let more = uids.len() > most;
    uids.truncate(most);
    let mut mails = Vec::with_capacity(uids.len());
    for uid in uids {
        let fetch = format!("UID FETCH {uid} (UID BODY.PEEK[]<0.{MESSAGE_BYTES_MAX}>)");
        let answer = talk.command(&fetch).await?.done(&talk)?;
        let body = answer.into_iter().find_map(|line| {
            let is = line.text.contains(" FETCH ") && line.text.contains("BODY[]");
            is.then_some(line.literals)
                .and_then(|mut literals| literals.pop())
        });
        // One that is gone meanwhile has nothing to read.
        mails.push((uid, body.unwrap_or_default()));
    }
    talk.leave().await;
    Ok(Fetched {
        validity,
        mails,
        more,
    })
}

fn number_after(text: &str, word: &str) -> Option<u32> {
    let rest = text.split_once(word)?.1;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// A day as IMAP writes it: `3-Mar-2026`.
fn imap_day(day: Date) -> String {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let month = usize::from(day.month().unsigned_abs()).saturating_sub(1);
    let name = MONTHS.get(month).copied().unwrap_or("Jan");
    format!("{}-{name}-{:04}", day.day(), day.year())
}
