//! Where and how to send, and what of it is not allowed.

use std::net::IpAddr;

use lettre::transport::smtp::Error as WireError;
use lettre::transport::smtp::client::{Certificate, TlsParameters, TlsParametersBuilder};

use crate::Secret;

/// How the connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// Plain greeting, then `STARTTLS`, which must succeed. Usual port 587.
    Starttls,
    /// TLS from the first byte. Usual port 465.
    Tls,
    /// No encryption. Only to this machine, unless `allow_remote`; never with a password elsewhere.
    None {
        /// The company insists on clear text to another machine.
        allow_remote: bool,
    },
}

/// Where and how to send.
#[derive(Clone, Debug)]
pub struct SmtpConfig {
    /// Name or address of the server; with TLS its certificate must bear it.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Protection.
    pub security: Security,
    /// User and password, where the server asks for them.
    pub login: Option<(String, Secret)>,
    /// The name told to the server in `EHLO`; without one, an address literal.
    pub hello_name: Option<String>,
    /// Seconds allowed for opening a connection, and again for the commands before the message.
    pub timeout_seconds: u32,
    /// Seconds allowed for handing over the message and waiting for the answer. RFC 5321
    /// §4.5.3.2.6 asks for ten minutes: giving up earlier makes the outcome unknown.
    pub answer_timeout_seconds: u32,
    /// Most connections at a time, and most kept open between messages.
    pub connections_max: usize,
    /// A certificate to trust beside the public ones, as PEM. Invalid ones are never accepted.
    pub extra_root_pem: Option<Vec<u8>>,
}

impl SmtpConfig {
    /// The usual settings for a server: `STARTTLS`, 60 s for commands, 600 s for the answer, two
    /// connections.
    pub fn new(host: impl Into<String>, port: u16) -> Self {
        Self {
            host: host.into(),
            port,
            security: Security::Starttls,
            login: None,
            hello_name: None,
            timeout_seconds: 60,
            answer_timeout_seconds: 600,
            connections_max: 2,
            extra_root_pem: None,
        }
    }
}

/// Settings that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SmtpConfigError {
    /// Clear text over the network.
    #[error("mail to {0} would travel unencrypted: use STARTTLS or TLS, or allow it explicitly")]
    UnencryptedRemote(String),
    /// A password in clear text over the network.
    #[error("the password for {0} would travel unencrypted: use STARTTLS or TLS")]
    UnencryptedPassword(String),
    /// The certificate or the server's name cannot be used.
    #[error("TLS for {host} cannot be set up: {reason}; check host and certificate")]
    Tls {
        /// The server.
        host: String,
        /// What is wrong.
        reason: String,
    },
    /// Zero where at least one is needed.
    #[error("`{0}` of the mail server must be at least 1")]
    Zero(&'static str),
}

pub(super) fn check_clear_text(
    config: &SmtpConfig,
    allow_remote: bool,
) -> Result<(), SmtpConfigError> {
    let host = config.host.as_str();
    let here = host.eq_ignore_ascii_case("localhost")
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback());
    if here {
        Ok(())
    } else if config.login.is_some() {
        Err(SmtpConfigError::UnencryptedPassword(host.to_owned()))
    } else if allow_remote {
        Ok(())
    } else {
        Err(SmtpConfigError::UnencryptedRemote(host.to_owned()))
    }
}

pub(super) fn tls_parameters(config: &SmtpConfig) -> Result<TlsParameters, SmtpConfigError> {
    let tls_error = |error: WireError| SmtpConfigError::Tls {
        host: config.host.clone(),
        reason: error.to_string(),
    };
    let mut builder = TlsParametersBuilder::new(config.host.clone());
    if let Some(pem) = &config.extra_root_pem {
        builder = builder.add_root_certificate(Certificate::from_pem(pem).map_err(tls_error)?);
    }
    builder.build().map_err(tls_error)
}
