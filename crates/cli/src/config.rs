//! Configuration: `puntual.toml` and the environment. Passwords stand in neither: the file names
//! where they are.

use std::path::{Path, PathBuf};

use connect::Secret;
use connect::channels::{Security, SmtpConfig};
use connect::mailbox::MailboxConfig;
use serde::Deserialize;

use crate::failure::Failure;

/// The database when nobody says.
const DEFAULT_DB: &str = "sqlite:puntual.db";

/// The file that is read when nobody names one.
const DEFAULT_FILE: &str = "puntual.toml";

/// The variable that names the folder of packs.
const LAW_VARIABLE: &str = "PUNTUAL_LAW";

/// The variable that holds the mail server's password.
const PASSWORD_VARIABLE: &str = "PUNTUAL_SMTP_PASSWORD";

/// The variable that holds the mailbox's password.
const IMAP_PASSWORD: &str = "PUNTUAL_IMAP_PASSWORD";

/// What `puntual.toml` may say.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Database URL.
    pub db: Option<String>,
    /// Company, where there are several.
    pub company: Option<String>,
    /// Folder of messages while there is no server.
    pub outbox: Option<PathBuf>,
    /// Folder with the company's own templates.
    pub templates: Option<PathBuf>,
    /// Mail server.
    pub smtp: Option<SmtpSection>,
    /// The mailbox customers answer to.
    pub mail: Option<MailSection>,
    /// Console and portal.
    pub web: Option<WebSection>,
    /// Where heads of the chain of proofs are written down.
    pub audit: Option<AuditSection>,
    /// The law.
    pub law: Option<LawSection>,
}

/// Where the head of each company's chain goes once a day, out of reach of whoever could change
/// the database.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditSection {
    /// A file to which a line is added; on another machine or on paper it is worth most.
    pub anchor_file: Option<PathBuf>,
    /// An address to which it is sent.
    pub anchor_email: Option<String>,
}

/// Where texts of law are, beside those that come with the program.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LawSection {
    /// Folder of packs; of each file the highest version rules.
    pub packs: PathBuf,
}

/// How the console and the portal are served.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebSection {
    /// Address and port to listen at; this machine only when it is not said.
    pub listen: Option<std::net::SocketAddr>,
    /// The address customers and users reach it at, such as `https://cobranza.example.mx`; a server
    /// in front of Puntual speaks TLS there.
    pub base_url: Option<String>,
}

/// The mail server.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmtpSection {
    /// Host name.
    pub host: String,
    /// Port; that of its security when it is not said.
    pub port: Option<u16>,
    /// `starttls` (the default), `tls`, or `none` for a server on this machine.
    #[serde(default)]
    pub security: SecurityWord,
    /// User, when the server asks for one.
    pub user: Option<String>,
    /// File that holds the password; else the variable `PUNTUAL_SMTP_PASSWORD`.
    pub password_file: Option<PathBuf>,
    /// Seconds to wait for an answer to a command.
    pub timeout_seconds: Option<u32>,
    /// Seconds to wait for the answer to a whole message.
    pub answer_timeout_seconds: Option<u32>,
    /// Conversations at a time.
    pub connections_max: Option<usize>,
    /// File with a certificate authority of the house, PEM.
    pub root_certificate: Option<PathBuf>,
}

/// What comes in by mail.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailSection {
    /// The mailbox.
    pub imap: Option<ImapSection>,
}

/// The mailbox customers answer to, read over IMAP and never changed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImapSection {
    /// Host name.
    pub host: String,
    /// Port; that of its security when it is not said.
    pub port: Option<u16>,
    /// `tls` (the default), `starttls`, or `none` for a server on this machine.
    pub security: Option<SecurityWord>,
    /// User.
    pub user: String,
    /// File that holds the password; else the variable `PUNTUAL_IMAP_PASSWORD`.
    pub password_file: Option<PathBuf>,
    /// Folder; `INBOX` when it is not said.
    pub folder: Option<String>,
    /// Seconds to wait for an answer.
    pub timeout_seconds: Option<u32>,
    /// Seconds between two looks of `serve`.
    pub every_seconds: Option<u64>,
    /// File with a certificate authority of the house, PEM.
    pub root_certificate: Option<PathBuf>,
}

/// How the connection is protected.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SecurityWord {
    /// Plain first, then TLS; refused without.
    #[default]
    Starttls,
    /// TLS from the first byte.
    Tls,
    /// None.
    None,
}

impl Config {
    /// Reads the file named, else `puntual.toml` when there is one.
    pub fn read(named: Option<&Path>) -> Result<Self, Failure> {
        let path = named.unwrap_or(Path::new(DEFAULT_FILE));
        if named.is_none() && !path.exists() {
            return Ok(Self::default());
        }
        let text = std::fs::read_to_string(path).map_err(|error| {
            Failure::usage(format!("no se pudo leer {}: {error}", path.display()))
        })?;
        toml::from_str(&text)
            .map_err(|error| Failure::usage(format!("{}: {error}", path.display())))
    }

    /// The database to use.
    pub fn db<'a>(&'a self, said: Option<&'a str>) -> &'a str {
        said.or(self.db.as_deref()).unwrap_or(DEFAULT_DB)
    }

    /// The mailbox, if one is configured, and the seconds between two looks.
    pub fn mailbox(&self) -> Result<Option<(MailboxConfig, u64)>, Failure> {
        let Some(section) = self.mail.as_ref().and_then(|mail| mail.imap.as_ref()) else {
            return Ok(None);
        };
        let (security, port) = match section.security.unwrap_or(SecurityWord::Tls) {
            SecurityWord::Tls => (Security::Tls, 993),
            SecurityWord::Starttls => (Security::Starttls, 143),
            SecurityWord::None => (
                Security::None {
                    allow_remote: false,
                },
                143,
            ),
        };
        let place = "mail.imap.password_file";
        let password = secret(section.password_file.as_deref(), IMAP_PASSWORD, place)?;
        let root = section.root_certificate.as_deref();
        let config = MailboxConfig {
            host: section.host.clone(),
            port: section.port.unwrap_or(port),
            security,
            user: section.user.clone(),
            password,
            folder: section.folder.clone().unwrap_or_else(|| "INBOX".to_owned()),
            timeout_seconds: section.timeout_seconds.unwrap_or(60).max(1),
            extra_root_pem: root
                .map(|path| std::fs::read(path).map_err(|error| unread(path, &error)))
                .transpose()?,
        };
        let every = section.every_seconds.unwrap_or(300).max(10);
        Ok(Some((config, every)))
    }

    /// Whether somebody named a database, or the usual file is there.
    pub fn has_db(&self, said: Option<&str>) -> bool {
        let usual = DEFAULT_DB.strip_prefix("sqlite:").unwrap_or(DEFAULT_DB);
        said.is_some() || self.db.is_some() || Path::new(usual).exists()
    }

    /// The folder of packs, if one is named.
    pub fn law_folder(&self) -> Option<PathBuf> {
        let said = std::env::var_os(LAW_VARIABLE).filter(|folder| !folder.is_empty());
        let said = said.map(PathBuf::from);
        said.or_else(|| self.law.as_ref().map(|law| law.packs.clone()))
    }

    /// The mail server, if one is configured.
    pub fn smtp(&self) -> Result<Option<SmtpConfig>, Failure> {
        let Some(section) = &self.smtp else {
            return Ok(None);
        };
        let (security, port) = match section.security {
            SecurityWord::Starttls => (Security::Starttls, 587),
            SecurityWord::Tls => (Security::Tls, 465),
            SecurityWord::None => (
                Security::None {
                    allow_remote: false,
                },
                25,
            ),
        };
        let mut config = SmtpConfig::new(&section.host, section.port.unwrap_or(port));
        config.security = security;
        config.login = match &section.user {
            None => None,
            Some(user) => {
                let file = section.password_file.as_deref();
                let password = secret(file, PASSWORD_VARIABLE, "smtp.password_file")?;
                Some((user.clone(), password))
            }
        };
        if let Some(seconds) = section.timeout_seconds {
            config.timeout_seconds = seconds;
        }
        if let Some(seconds) = section.answer_timeout_seconds {
            config.answer_timeout_seconds = seconds;
        }
        if let Some(connections) = section.connections_max {
            config.connections_max = connections;
        }
        if let Some(path) = &section.root_certificate {
            config.extra_root_pem =
                Some(std::fs::read(path).map_err(|error| unread(path, &error))?);
        }
        Ok(Some(config))
    }
}

/// A password out of its file, else out of its variable.
fn secret(file: Option<&Path>, variable: &str, place: &str) -> Result<Secret, Failure> {
    if let Some(path) = file {
        let text = std::fs::read_to_string(path).map_err(|error| unread(path, &error))?;
        return Ok(Secret::new(text.trim_end_matches(['\r', '\n'])));
    }
    std::env::var(variable).map(Secret::new).map_err(|_| {
        Failure::usage(format!(
            "falta la contraseña del correo: póngala en {variable} o en el archivo que diga {place}"
        ))
    })
}

fn unread(path: &Path, error: &std::io::Error) -> Failure {
    Failure::usage(format!("no se pudo leer {}: {error}", path.display()))
}
