//! The conversation with an IMAP server: commands with their tags, answers with their literals.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::{MESSAGE_BYTES_MAX, MailboxConfig, MailboxError};
use crate::channels::Security;

/// Bytes of one line of an answer.
const LINE_BYTES_MAX: usize = 1024 * 1024;
/// Lines of one answer.
const LINES_MAX: usize = 100_000;
/// Letters of a strange answer that are told.
const SAID_MAX: usize = 120;

trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// A connection that is logged in.
pub(super) struct Conversation {
    wire: BufReader<Box<dyn Wire>>,
    host: String,
    patience: Duration,
    tags: u32,
}

/// A line of an answer; what came as literals stands apart, in its order.
pub(super) struct Line {
    pub text: String,
    pub literals: Vec<Vec<u8>>,
}

/// What came before the line with the command's tag, and whether that said OK.
pub(super) struct Answer {
    pub lines: Vec<Line>,
    pub ok: bool,
    said: String,
}

impl Answer {
    /// The lines of a command that succeeded.
    pub(super) fn done(self, talk: &Conversation) -> Result<Vec<Line>, MailboxError> {
        if self.ok {
            Ok(self.lines)
        } else {
            Err(talk.strange(&self.said))
        }
    }
}

impl Conversation {
    pub(super) async fn open(config: &MailboxConfig) -> Result<Self, MailboxError> {
        check_clear_text(config)?;
        let host = config.host.clone();
        let patience = Duration::from_secs(config.timeout_seconds.into());
        let connecting = TcpStream::connect((host.as_str(), config.port));
        let stream = timeout(patience, connecting)
            .await
            .map_err(|_| MailboxError::Late(host.clone()))?
            .map_err(|error| lost(&host, &error))?;
        let mut talk = match config.security {
            Security::Tls => Self::on(Box::new(secure(config, stream).await?), host, patience),
            Security::None { .. } => Self::on(Box::new(stream), host, patience),
            Security::Starttls => {
                let mut talk = Self::on(Box::new(stream), host, patience);
                talk.greet().await?;
                talk.command("STARTTLS").await?.done(&talk)?;
                let Self { wire, host, .. } = talk;
                // What came in clear behind the answer is not part of the secured conversation.
                if !wire.buffer().is_empty() {
                    let reason = "the server sent more than its answer before TLS".to_owned();
                    return Err(MailboxError::Tls { host, reason });
                }
                let stream = secure(config, wire.into_inner()).await?;
                Self::on(Box::new(stream), host, patience)
            }
        };
        if !matches!(config.security, Security::Starttls) {
            talk.greet().await?;
        }
        let login = format!("LOGIN {} ", quoted(&config.user));
        talk.log_in(&login, config.password.reveal()).await?;
        Ok(talk)
    }

    fn on(wire: Box<dyn Wire>, host: String, patience: Duration) -> Self {
        Self {
            wire: BufReader::new(wire),
            host,
            patience,
            tags: 0,
        }
    }

    async fn greet(&mut self) -> Result<(), MailboxError> {
        let greeting = self.line().await?.text;
        if greeting.starts_with("* OK") || greeting.starts_with("* PREAUTH") {
            Ok(())
        } else {
            Err(self.strange(&greeting))
        }
    }

    /// User and password; a password that no quoted string can hold goes as a literal.
    async fn log_in(&mut self, login: &str, password: &str) -> Result<(), MailboxError> {
        let refused = MailboxError::Refused(self.host.clone());
        let printable = password.bytes().all(|byte| (0x20..0x7f).contains(&byte));
        if printable {
            let answer = self
                .command(&format!("{login}{}", quoted(password)))
                .await?;
            return if answer.ok { Ok(()) } else { Err(refused) };
        }
        let tag = self.tag();
        self.send(format!("{tag} {login}{{{}}}\r\n", password.len()).as_bytes())
            .await?;
        if !self.line().await?.text.starts_with('+') {
            return Err(refused);
        }
        self.send(format!("{password}\r\n").as_bytes()).await?;
        let answer = self.answer(&tag).await?;
        if answer.ok { Ok(()) } else { Err(refused) }
    }

    pub(super) async fn command(&mut self, command: &str) -> Result<Answer, MailboxError> {
        let tag = self.tag();
        self.send(format!("{tag} {command}\r\n").as_bytes()).await?;
        self.answer(&tag).await
    }

    /// Takes leave; what the server answers changes nothing.
    pub(super) async fn leave(mut self) {
        drop(self.command("LOGOUT").await);
    }

    fn tag(&mut self) -> String {
        self.tags += 1;
        format!("p{}", self.tags)
    }

    async fn send(&mut self, bytes: &[u8]) -> Result<(), MailboxError> {
        let host = self.host.clone();
        let sending = async {
            self.wire.write_all(bytes).await?;
            self.wire.flush().await
        };
        timeout(self.patience, sending)
            .await
            .map_err(|_| MailboxError::Late(host.clone()))?
            .map_err(|error| lost(&host, &error))
    }

    async fn answer(&mut self, tag: &str) -> Result<Answer, MailboxError> {
        let mut lines = Vec::new();
        while lines.len() < LINES_MAX {
            let line = self.line().await?;
            match line
                .text
                .strip_prefix(tag)
                .and_then(|rest| rest.strip_prefix(' '))
            {
                Some(result) => {
                    let ok = result
                        .get(..2)
                        .is_some_and(|word| word.eq_ignore_ascii_case("OK"));
                    let said = result.to_owned();
                    return Ok(Answer { lines, ok, said });
                }
                None => lines.push(line),
            }
        }
        Err(self.strange("an answer without end"))
    }

    /// One line, with the literals it announces and what follows them.
    async fn line(&mut self) -> Result<Line, MailboxError> {
        let mut line = Line {
            text: String::new(),
            literals: Vec::new(),
        };
        loop {
            let part = self.part().await?;
            let length = literal_length(&part);
            line.text.push_str(&part);
            let Some(length) = length else {
                return Ok(line);
            };
            if length > MESSAGE_BYTES_MAX || line.text.len() > LINE_BYTES_MAX {
                return Err(self.strange("a literal larger than what was asked for"));
            }
            let mut literal = vec![0; length];
            let host = self.host.clone();
            timeout(self.patience, self.wire.read_exact(&mut literal))
                .await
                .map_err(|_| MailboxError::Late(host.clone()))?
                .map_err(|error| lost(&host, &error))?;
            line.literals.push(literal);
        }
    }

    /// Bytes up to the end of a line.
    async fn part(&mut self) -> Result<String, MailboxError> {
        let host = self.host.clone();
        let mut bytes = Vec::new();
        let most = u64::try_from(LINE_BYTES_MAX).unwrap_or(u64::MAX);
        let mut bounded = (&mut self.wire).take(most);
        timeout(self.patience, bounded.read_until(b'\n', &mut bytes))
            .await
            .map_err(|_| MailboxError::Late(host.clone()))?
            .map_err(|error| lost(&host, &error))?;
        if bytes.last() != Some(&b'\n') {
            let reason = "it ended in the middle of an answer".to_owned();
            return Err(MailboxError::Lost { host, reason });
        }
        let text = String::from_utf8_lossy(&bytes);
        Ok(text.trim_end_matches(['\r', '\n']).to_owned())
    }

    pub(super) fn strange(&self, said: &str) -> MailboxError {
        MailboxError::Strange {
            host: self.host.clone(),
            said: said
                .chars()
                .filter(|letter| !letter.is_control())
                .take(SAID_MAX)
                .collect(),
        }
    }
}

/// The length of the literal that a line announces at its end: `{123}`.
fn literal_length(line: &str) -> Option<usize> {
    let inner = line.strip_suffix('}')?;
    let digits = inner.rsplit_once('{')?.1;
    digits.trim_end_matches('+').parse().ok()
}

/// A text as a quoted string; what cannot stand in one is left out.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for letter in text.chars().filter(|letter| !letter.is_control()) {
        if letter == '"' || letter == '\\' {
            quoted.push('\\');
        }
        quoted.push(letter);
    }
    quoted.push('"');
    quoted
}

fn lost(host: &str, error: &std::io::Error) -> MailboxError {
    MailboxError::Lost {
        host: host.to_owned(),
        reason: error.to_string(),
    }
}

/// A password never travels in clear text to another machine.
fn check_clear_text(config: &MailboxConfig) -> Result<(), MailboxError> {
    let host = config.host.as_str();
    let here = host.eq_ignore_ascii_case("localhost")
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback());
    if here || !matches!(config.security, Security::None { .. }) {
        Ok(())
    } else {
        Err(MailboxError::Unencrypted(host.to_owned()))
    }
}

async fn secure(
    config: &MailboxConfig,
    stream: impl Wire + 'static,
) -> Result<impl Wire + 'static, MailboxError> {
    let host = config.host.clone();
    let wrong = |reason: String| MailboxError::Tls {
        host: host.clone(),
        reason,
    };
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    for pem in config.extra_root_pem.iter() {
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|error| wrong(error.to_string()))?;
            roots
                .add(certificate)
                .map_err(|error| wrong(error.to_string()))?;
        }
    }
    let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(host.clone()).map_err(|error| wrong(error.to_string()))?;
    let patience = Duration::from_secs(config.timeout_seconds.into());
    let shaking = TlsConnector::from(Arc::new(tls)).connect(name, stream);
    timeout(patience, shaking)
        .await
        .map_err(|_| MailboxError::Late(host.clone()))?
        .map_err(|error| wrong(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_announced_at_the_end_of_a_line() {
        let cases = [
            ("* 1 FETCH (UID 7 BODY[]<0> {342}", Some(342)),
            ("* 1 FETCH (UID 7 BODY[]<0> {0+}", Some(0)),
            ("* OK {not this} ready", None),
            ("* OK done}", None),
        ];
        for (line, wanted) in cases {
            assert_eq!(literal_length(line), wanted, "{line}");
        }
    }

    #[test]
    fn quoting_keeps_a_value_within_its_string() {
        assert_eq!(quoted("INBOX"), "\"INBOX\"");
        assert_eq!(quoted("a\"b\\c\r\nx LOGOUT"), "\"a\\\"b\\\\cx LOGOUT\"");
    }
}
