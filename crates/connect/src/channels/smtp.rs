//! SMTP that knows, for every failure, whether the message may have left.
//!
//! The commands are sent one by one instead of through a ready-made transport, because the answer
//! hangs on the phase: up to the `DATA` command nothing of the message is out, and from its first
//! byte on only the server's own answer settles it (RFC 5321 §4.1.1.4 and §6.1).

mod config;
mod outcome;

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use lettre::transport::smtp::Error as WireError;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Severity;
use tokio::sync::Semaphore;
use tokio::time::timeout;

pub use config::{Security, SmtpConfig, SmtpConfigError};
pub use outcome::{RecipientRefusal, SendOutcome};

use super::email::{BuiltEmail, OutgoingEmail};
use config::{check_clear_text, tls_parameters};
use outcome::{Answer, bounded, refused_by_recipients, words};

/// Messages over one connection before it is renewed; many servers end it at a hundred.
const MESSAGES_PER_CONNECTION_MAX: u32 = 100;
/// "Service not available, closing": the code a server says goodbye with.
const CLOSING: u16 = 421;

/// A mail server, with a few connections kept open.
pub struct Smtp {
    config: SmtpConfig,
    tls: Option<TlsParameters>,
    hello: ClientId,
    slots: Semaphore,
    idle: Mutex<Vec<Kept>>,
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Smtp")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

impl Smtp {
    /// Checks the settings; no connection is made.
    ///
    /// # Errors
    /// [`SmtpConfigError`]: clear text to another machine, an unusable certificate or host, a zero.
    pub fn new(config: SmtpConfig) -> Result<Self, SmtpConfigError> {
        for (name, value) in [
            ("timeout_seconds", config.timeout_seconds),
            ("answer_timeout_seconds", config.answer_timeout_seconds),
            ("connections_max", u32::from(config.connections_max > 0)),
        ] {
            if value == 0 {
                return Err(SmtpConfigError::Zero(name));
            }
        }
        let tls = match config.security {
            Security::None { allow_remote } => {
                check_clear_text(&config, allow_remote)?;
                None
            }
            Security::Starttls | Security::Tls => Some(tls_parameters(&config)?),
        };
        let hello = config
            .hello_name
            .clone()
            .map_or_else(ClientId::default, ClientId::Domain);
        Ok(Self {
            slots: Semaphore::new(config.connections_max),
            tls,
            hello,
            config,
            idle: Mutex::new(Vec::new()),
        })
    }

    /// The longest one [`Smtp::send`] can take once a connection is free. A claim must live longer.
    pub fn send_max(&self) -> Duration {
        // A dead kept connection, opening a new one, sender, recipients, RSET after a refusal.
        self.command_time() * 5 + self.answer_time()
    }

    /// Sends one message once, and says what is known.
    ///
    /// A kept connection that proves dead before the server accepted `MAIL` is replaced once;
    /// nothing else is tried twice.
    pub async fn send(&self, email: &OutgoingEmail) -> SendOutcome {
        let built = match email.build() {
            Ok(built) => built,
            Err(error) => return not_sent(error.to_string()),
        };
        let Ok(_slot) = self.slots.acquire().await else {
            return not_sent("the mail connection is being closed".to_owned());
        };
        if let Some(kept) = self.take_idle()
            && let Ok(outcome) = self.deliver(kept, &built).await
        {
            return outcome;
        }
        let fresh = match timeout(self.command_time(), self.open()).await {
            Ok(Ok(connection)) => Kept {
                connection,
                messages: 0,
            },
            Ok(Err(reason)) => return not_sent(reason),
            Err(_) => return not_sent(format!("{} did not answer in time", self.server())),
        };
        match self.deliver(fresh, &built).await {
            Ok(outcome) => outcome,
            Err(DiedBeforeMail(reason)) => not_sent(reason),
        }
    }

    /// Takes leave of the kept connections.
    pub async fn close(&self) {
        while let Some(mut kept) = self.take_idle() {
            // Leaving is a courtesy: what the server answers changes nothing.
            drop(timeout(self.command_time(), kept.connection.quit()).await);
        }
    }

    async fn open(&self) -> Result<AsyncSmtpConnection, String> {
        let wrapped = match self.config.security {
            Security::Tls => self.tls.clone(),
            Security::Starttls | Security::None { .. } => None,
        };
        let address = (self.config.host.as_str(), self.config.port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(address, None, &self.hello, wrapped, None)
                .await
                .map_err(|error| self.open_error("connecting to", &error))?;
        if let (Security::Starttls, Some(tls)) = (self.config.security, &self.tls) {
            connection
                .starttls(tls.clone(), &self.hello)
                .await
                .map_err(|error| self.open_error("starting TLS with", &error))?;
        }
        if let Some((user, password)) = &self.config.login {
            let login = Credentials::new(user.clone(), password.reveal().to_owned());
            connection
                .auth(DEFAULT_MECHANISMS, &login)
                .await
                .map_err(|error| self.login_error(&error))?;
        }
        Ok(connection)
    }

    /// One message over one connection; the error says that nothing was begun.
    async fn deliver(
        &self,
        mut kept: Kept,
        email: &BuiltEmail,
    ) -> Result<SendOutcome, DiedBeforeMail> {
        let connection = &mut kept.connection;
        let late = || {
            format!(
                "{} did not answer in time before the message",
                self.server()
            )
        };
        let mail = self.hand_sender(connection, email);
        let mut envelope = match timeout(self.command_time(), mail).await {
            Ok(envelope) => envelope?,
            Err(_) => return Err(DiedBeforeMail(late())),
        };
        if let Envelope::Ready { .. } = envelope {
            let recipients = self.hand_recipients(connection, email);
            envelope = match timeout(self.command_time(), recipients).await {
                Ok(envelope) => envelope,
                Err(_) => Envelope::Lost(late()),
            };
        }
        match envelope {
            Envelope::Ready { refused } => {
                let outcome = self.hand_message(connection, email, refused).await;
                if !matches!(outcome, SendOutcome::Unknown { .. }) {
                    self.keep(kept);
                }
                Ok(outcome)
            }
            Envelope::Refused(outcome) => {
                if let Ok(Ok(_)) = timeout(self.command_time(), connection.command(Rset)).await {
                    self.keep(kept);
                }
                Ok(outcome)
            }
            Envelope::Lost(reason) => Ok(not_sent(reason)),
        }
    }

    async fn hand_sender(
        &self,
        connection: &mut AsyncSmtpConnection,
        email: &BuiltEmail,
    ) -> Result<Envelope, DiedBeforeMail> {
        let mail = Mail::new(Some(email.from.clone()), Vec::new());
        match connection.command(mail).await {
            Ok(_) => Ok(Envelope::Ready {
                refused: Vec::new(),
            }),
            Err(error) => match Answer::of(&error) {
                Some(answer) if answer.code != CLOSING => Ok(Envelope::Refused(answer.refusal())),
                _ => Err(DiedBeforeMail(self.lost("before the message", &error))),
            },
        }
    }

    async fn hand_recipients(
        &self,
        connection: &mut AsyncSmtpConnection,
        email: &BuiltEmail,
    ) -> Envelope {
        let mut refused = Vec::new();
        let mut refused_main = Vec::new();
        for (index, address) in email.to.iter().chain(&email.cc).enumerate() {
            let recipient = Rcpt::new(address.clone(), Vec::new());
            let Err(error) = connection.command(recipient).await else {
                continue;
            };
            match Answer::of(&error) {
                Some(answer) if answer.code != CLOSING => {
                    if index < email.to.len() {
                        refused_main.push(answer.clone());
                    }
                    refused.push(answer.of_recipient(address.to_string()));
                }
                _ => return Envelope::Lost(self.lost("while naming recipients", &error)),
            }
        }
        if refused_main.len() == email.to.len() {
            return Envelope::Refused(refused_by_recipients(&refused_main, refused));
        }
        match connection.command(Data).await {
            Ok(answer) if answer.code().severity == Severity::PositiveIntermediate => {
                Envelope::Ready { refused }
            }
            Ok(answer) => Envelope::Lost(format!(
                "{} answered {} where it should ask for the message",
                self.server(),
                answer.code()
            )),
            Err(error) => match Answer::of(&error) {
                Some(answer) if answer.code != CLOSING => Envelope::Refused(answer.refusal()),
                _ => Envelope::Lost(self.lost("before the message", &error)),
            },
        }
    }

    async fn hand_message(
        &self,
        connection: &mut AsyncSmtpConnection,
        email: &BuiltEmail,
        recipients_refused: Vec<RecipientRefusal>,
    ) -> SendOutcome {
        let server = self.server();
        match timeout(self.answer_time(), connection.message(&email.bytes)).await {
            Ok(Ok(answer)) if answer.code().severity == Severity::PositiveCompletion => {
                SendOutcome::Accepted {
                    response: words(&answer),
                    recipients_refused,
                }
            }
            Ok(Ok(answer)) => SendOutcome::Unknown {
                reason: format!("{server} answered the message with {}", answer.code()),
            },
            Ok(Err(error)) => match Answer::of(&error) {
                Some(answer) => SendOutcome::Refused {
                    permanent: answer.permanent,
                    code: answer.code,
                    text: answer.text,
                    recipients_refused,
                },
                None => SendOutcome::Unknown {
                    reason: self.lost("while the message was handed over", &error),
                },
            },
            Err(_) => SendOutcome::Unknown {
                reason: format!(
                    "{server} took the message but did not answer within {} s",
                    self.config.answer_timeout_seconds
                ),
            },
        }
    }

    fn take_idle(&self) -> Option<Kept> {
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop()
    }

    fn keep(&self, mut kept: Kept) {
        kept.messages += 1;
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.messages < MESSAGES_PER_CONNECTION_MAX && idle.len() < self.config.connections_max {
            idle.push(kept);
        }
    }

    fn server(&self) -> String {
        format!("the mail server {}:{}", self.config.host, self.config.port)
    }

    fn lost(&self, phase: &str, error: &WireError) -> String {
        bounded(&format!(
            "the connection to {} was lost {phase}: {error}",
            self.server()
        ))
    }

    fn open_error(&self, doing: &str, error: &WireError) -> String {
        bounded(&format!("{doing} {} failed: {error}", self.server()))
    }

    /// Only the codes: some servers repeat the command they refuse, and it holds the password.
    fn login_error(&self, error: &WireError) -> String {
        let server = self.server();
        match Answer::of(error) {
            Some(answer) => format!(
                "{server} refused user and password ({}{}); check them",
                answer.code,
                answer
                    .enhanced_code()
                    .map(|code| format!(" {code}"))
                    .unwrap_or_default()
            ),
            None if error.is_client() => {
                format!("{server} offers no way to log in that is known here (PLAIN, LOGIN)")
            }
            None => format!("the connection to {server} was lost while logging in"),
        }
    }

    fn command_time(&self) -> Duration {
        Duration::from_secs(self.config.timeout_seconds.into())
    }

    fn answer_time(&self) -> Duration {
        Duration::from_secs(self.config.answer_timeout_seconds.into())
    }
}

struct Kept {
    connection: AsyncSmtpConnection,
    messages: u32,
}

struct DiedBeforeMail(String);

enum Envelope {
    Ready { refused: Vec<RecipientRefusal> },
    Refused(SendOutcome),
    Lost(String),
}

fn not_sent(reason: String) -> SendOutcome {
    SendOutcome::NotSent { reason }
}
