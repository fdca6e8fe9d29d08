//! Heads of the chain, written down once a day where whoever could change the database cannot.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use connect::channels::{Mailbox, OutgoingEmail, SendOutcome};
use domain::ids::ContactId;

use crate::audit::HeadLine;
use crate::company::Company;
use crate::outreach::{DEFAULT_SENDER, Mailer};
use crate::{Engine, Error, Result};

/// Where heads go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Anchors {
    /// A file to which a line is added.
    pub file: Option<PathBuf>,
    /// An address to which it is sent.
    pub email: Option<String>,
}

impl Engine {
    /// Writes today's head of a company's chain down at every place that is set, once a day.
    ///
    /// # Errors
    /// [`Error::File`] or [`Error::Invalid`] when a place does not take it: then it is tried
    /// again; and what the database says.
    pub async fn anchor(&self, company: &Company, mailer: Option<&Mailer>) -> Result<()> {
        if let Some(file) = self.anchors.file.clone() {
            let place = file.display().to_string();
            if let Some(head) = self.take_anchor(company, &place).await? {
                let added = add(&file, &head);
                self.settle(company, &place, added).await?;
            }
        }
        if let (Some(address), Some(mailer)) = (&self.anchors.email, mailer)
            && let Some(head) = self.take_anchor(company, address).await?
        {
            let sent = self.send_head(company, address, mailer, &head).await;
            self.settle(company, address, sent).await?;
        }
        Ok(())
    }

    /// What a place did not take is not noted as there.
    async fn settle(&self, company: &Company, place: &str, done: Result<()>) -> Result<()> {
        if done.is_err() {
            self.forget_anchor(company, place).await?;
        }
        done
    }

    async fn send_head(
        &self,
        company: &Company,
        address: &str,
        mailer: &Mailer,
        head: &HeadLine,
    ) -> Result<()> {
        let email = self.head_email(company, address, head)?;
        let refused = match mailer {
            Mailer::Outbox(outbox) => outbox.write(&email).err().map(|error| error.to_string()),
            Mailer::Smtp(smtp) => match smtp.send(&email).await {
                SendOutcome::Accepted { .. } => None,
                SendOutcome::Refused { code, text, .. } => Some(format!("{code} {text}")),
                SendOutcome::NotSent { reason } | SendOutcome::Unknown { reason } => Some(reason),
            },
        };
        match refused {
            None => Ok(()),
            Some(why) => Err(Error::invalid("audit.anchor_email", why)),
        }
    }

    fn head_email(
        &self,
        company: &Company,
        address: &str,
        head: &HeadLine,
    ) -> Result<OutgoingEmail> {
        let line = serde_json::to_string(head).map_err(Error::json)?;
        let text = format!(
            "Guarde este mensaje. La línea siguiente es la cabeza de la cadena de constancias de \
             {}: con ella se puede probar que nadie cambió, quitó ni agregó después una constancia \
             anterior (puntual audit verify --anchor ARCHIVO).\n\n{line}\n",
            company.legal_name
        );
        let escaped = text.replace('&', "&amp;").replace('<', "&lt;");
        let settings = &company.settings;
        Ok(OutgoingEmail {
            contact: ContactId::from_uuid(self.effects.uuid()),
            from: match &settings.sender {
                Some(sender) => Mailbox::named(&sender.name, &sender.address),
                None => Mailbox::named(&company.legal_name, DEFAULT_SENDER),
            },
            reply_to: None,
            to: vec![Mailbox::bare(address)],
            cc: Vec::new(),
            subject: format!("Cadena de constancias de {}", company.name),
            html: format!("<pre>{escaped}</pre>"),
            text,
            unsubscribe_mailto: None,
            unsubscribe_url: None,
            date: self.now(),
            test_recipient: None,
        })
    }
}

/// Adds a line to a file and waits until it is on disk.
fn add(file: &Path, head: &HeadLine) -> Result<()> {
    let mut line = serde_json::to_string(head).map_err(Error::json)?;
    line.push('\n');
    let failed = |source| Error::File {
        path: file.to_owned(),
        source,
    };
    let mut open = OpenOptions::new()
        .create(true)
        .append(true)
        .open(file)
        .map_err(failed)?;
    open.write_all(line.as_bytes()).map_err(failed)?;
    open.sync_all().map_err(failed)
}
