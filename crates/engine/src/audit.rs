//! The chain of proofs: sealed behind those who write, read through when somebody asks, and its
//! head written down where nobody here can change it.

use std::collections::HashMap;

use domain::CompanyId;
use domain::ids::{ContactId, CustomerId, ProofId};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::chain::{self, Anchor, Checked, Finding, Head, Wrong};
use store::proofs::{self, Act, ProofKind};
use store::{Stamp, Tx};
use uuid::Uuid;

use crate::company::Company;
use crate::record::{hex, unhex};
use crate::{Engine, Result};

/// Records that wait for the sealer and are listed one by one.
const UNSEALED_LISTED: usize = 1_000;

/// The head of a company's chain, as it is written down outside: a line of JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeadLine {
    /// The company's short name.
    pub company: String,
    /// The company's id.
    pub company_id: String,
    /// The place of the last link.
    pub sequence: i64,
    /// Its head, in hexadecimal digits.
    pub head: String,
    /// When it was laid.
    pub sealed_at: String,
}

/// What a reading of a chain found.
#[derive(Clone, Debug, Serialize)]
pub struct AuditReport {
    /// The company's short name.
    pub company: String,
    /// Whether nothing is wrong.
    pub ok: bool,
    /// Links read.
    pub links: u64,
    /// Proofs and lists compared with their links.
    pub records: u64,
    /// Decisions compared with their lists.
    pub decisions: u64,
    /// Contacts asked for their proofs.
    pub contacts: u64,
    /// Messages compared with their proofs.
    pub messages: u64,
    /// Heads from outside that were compared.
    pub anchors: u64,
    /// How many records wait for the sealer.
    pub unsealed: u64,
    /// The first thousand of them.
    pub unsealed_records: Vec<String>,
    /// The head; `None` while there is no link.
    pub head: Option<HeadLine>,
    /// How much is wrong.
    pub wrong: u64,
    /// What is wrong, up to ten thousand.
    pub findings: Vec<Named>,
}

/// Something wrong, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Named {
    /// What, a word.
    pub what: &'static str,
    /// Its place in the chain.
    pub sequence: Option<i64>,
    /// The proof, list, decision or contact.
    pub record: Option<String>,
    /// In Spanish, for whoever has to look at it.
    pub sentence: String,
}

impl Named {
    fn of(finding: &Finding) -> Self {
        let record = finding.record.map(|it| it.to_string());
        let of = record.as_deref().unwrap_or("desconocido");
        let place = finding.sequence.unwrap_or_default();
        let sentence = match finding.wrong {
            Wrong::AlteredRecord => format!("El registro {of} no es el que se selló."),
            Wrong::MissingRecord => format!("Falta el registro {of}, que la cadena nombra."),
            Wrong::InsertedRecord => format!("El registro {of} no pasó por la cadena."),
            Wrong::AlteredDecision => format!("La decisión {of} no es la que se tomó."),
            Wrong::MissingDecision => format!("Falta la decisión {of}, que su lista nombra."),
            Wrong::InsertedDecision => format!("La decisión {of} no está en ninguna lista."),
            Wrong::AlteredLink => {
                format!("El eslabón {place} no sigue al anterior: se cambió o se movió.")
            }
            Wrong::MissingLink => format!("Falta el eslabón {place}."),
            Wrong::AlteredHead => "La cabeza guardada no es la del último eslabón.".to_owned(),
            Wrong::Unproven => format!("La gestión {of} no tiene la constancia que le toca."),
            Wrong::AlteredMessage => {
                format!("El mensaje de la gestión {of} no es el que su constancia permitió.")
            }
            Wrong::AnchorDiffers => {
                format!("La cabeza anotada afuera para el eslabón {place} no es la de esta cadena.")
            }
        };
        Self {
            what: finding.wrong.code(),
            sequence: finding.sequence,
            record,
            sentence,
        }
    }
}

impl Engine {
    /// Seals what waits in the chain of a company; gives how many records.
    ///
    /// # Errors
    /// What the database says. That another process holds it for long is none: what waits is
    /// sealed the next time.
    pub async fn seal(&self, company: CompanyId) -> Result<u64> {
        match chain::seal(&self.db, company, self.now()).await {
            Err(error) if error.may_retry() => Ok(0),
            sealed => Ok(sealed?),
        }
    }

    /// The head of a company's chain; `None` while it has no link.
    ///
    /// # Errors
    /// What the database says.
    pub async fn audit_head(&self, company: &Company) -> Result<Option<HeadLine>> {
        let head = chain::head(&self.db, company.id).await?;
        Ok(head
            .filter(|it| it.sequence > 0)
            .map(|it| line(company, &it)))
    }

    /// Reads a company's chain through, and compares it with heads written down outside; lines of
    /// other companies are passed over.
    ///
    /// # Errors
    /// What the database says.
    pub async fn audit_verify(
        &self,
        company: &Company,
        anchors: &[HeadLine],
    ) -> Result<AuditReport> {
        let own = company.id.to_string();
        let anchors = anchors.iter().filter(|line| line.company_id == own);
        let anchors = anchors.map(|line| Anchor {
            sequence: line.sequence,
            // What does not read is no head of ours.
            head: unhex(&line.head).unwrap_or_default(),
        });
        let checked = chain::verify(&self.db, company.id, anchors.collect()).await?;
        Ok(report(company, &checked))
    }

    /// Whether a head waits to be written down at a place today; the head, once for each day and
    /// place however many processes ask. [`Engine::forget_anchor`] takes it back where it could
    /// not be.
    ///
    /// # Errors
    /// What the database says.
    pub async fn take_anchor(&self, company: &Company, place: &str) -> Result<Option<HeadLine>> {
        let now = self.now();
        let day = company.day_of(now);
        if chain::is_anchored(&self.db, company.id, (day, place)).await? {
            return Ok(None);
        }
        let Some(head) = chain::head(&self.db, company.id).await? else {
            return Ok(None);
        };
        let mut tx = self.db.begin().await?;
        let noted = chain::note_anchor(&mut tx, company.id, (day, place), &head, now).await?;
        tx.commit().await?;
        Ok(noted.then(|| line(company, &head)))
    }

    /// Takes back that today's head was written down at a place.
    ///
    /// # Errors
    /// What the database says.
    pub async fn forget_anchor(&self, company: &Company, place: &str) -> Result<()> {
        let day: Date = company.day_of(self.now());
        let mut tx = self.db.begin().await?;
        chain::forget_anchor(&mut tx, company.id, (day, place)).await?;
        Ok(tx.commit().await?)
    }

    /// Writes the proof of what a person did, was not let do, or let be done against a rule: a
    /// call, a visit, a letter, an exception. In the transaction that records it; `body` holds no
    /// name and no address.
    ///
    /// # Errors
    /// What the database says.
    pub async fn prove_act(
        &self,
        tx: &mut Tx,
        stamp: &Stamp,
        company: &Company,
        (customer, act): (CustomerId, Uuid),
        (kind, body): (ProofKind, Value),
    ) -> Result<ProofId> {
        let body = self.proof(company, stamp.at, kind.code(), body);
        let act = Act {
            customer,
            act,
            kind,
            body: &body,
        };
        Ok(proofs::add(tx, stamp, company.id, &act).await?)
    }

    /// The places of some contacts' proofs in the chain, by proof.
    pub(crate) async fn links(
        &self,
        company: CompanyId,
        proofs: &[proofs::Proof],
    ) -> Result<HashMap<Uuid, chain::Link>> {
        let ids: Vec<Uuid> = proofs.iter().map(|it| it.id.uuid()).collect();
        let links = chain::links_of(&self.db, company, &ids).await?;
        Ok(links.into_iter().map(|it| (it.record, it)).collect())
    }

    /// The proofs of one contact, or of a person's act by its id, oldest first.
    pub(crate) async fn proofs_of(
        &self,
        company: CompanyId,
        contact: ContactId,
    ) -> Result<Vec<proofs::Proof>> {
        Ok(proofs::of_contacts(&self.db, company, &[contact]).await?)
    }
}

fn line(company: &Company, head: &Head) -> HeadLine {
    HeadLine {
        company: company.name.clone(),
        company_id: company.id.to_string(),
        sequence: head.sequence,
        head: hex(&head.head),
        sealed_at: head.sealed_at.to_string(),
    }
}

fn report(company: &Company, checked: &Checked) -> AuditReport {
    let listed = checked.unsealed.iter().take(UNSEALED_LISTED);
    AuditReport {
        company: company.name.clone(),
        ok: checked.wrong == 0,
        links: checked.links,
        records: checked.records,
        decisions: checked.decisions,
        contacts: checked.contacts,
        messages: checked.messages,
        anchors: checked.anchors,
        unsealed: checked.unsealed.len() as u64,
        unsealed_records: listed.map(Uuid::to_string).collect(),
        head: checked.head.as_ref().map(|head| line(company, head)),
        wrong: checked.wrong,
        findings: checked.findings.iter().map(Named::of).collect(),
    }
}
