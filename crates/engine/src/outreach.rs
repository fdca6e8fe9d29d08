//! Sending: claim, re-read, send, record.
//!
//! A due contact is claimed in one transaction that loads its customer's position again and asks
//! policy and law once more; what no longer holds is suppressed with its proof. Only then, with the
//! claim on disk, is the provider called. What is not known to have left is never sent again.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use connect::channels::{Mailbox, Outbox, OutgoingEmail, SendOutcome, Smtp};
use domain::contact::ContactState;
use domain::customer::{Channel, ContactPoint, Health};
use domain::decide::{Plan, Rules, confirm};
use domain::ids::{ContactId, ContactPointId};
use futures_util::StreamExt;
use futures_util::stream;
use jiff::{Timestamp, ToSpan};
use language::templates::Rendered;
use serde::Serialize;
use serde_json::{Value, json};
use store::bulk::{
    self, ClaimVerdict, ClaimedContact, DueContact, NewTask, OutgoingMessage, PointChange,
    SendResult,
};
use store::positions::Standing;
use uuid::Uuid;

use crate::company::Company;
use crate::daily_run::CHANNELS;
use crate::record::{self, Provenance};
use crate::{Engine, Error, Result, compose};

/// Contacts claimed at once when the messages go to a folder.
const OUTBOX_BATCH: u32 = 200;

/// Contacts claimed at once when they go to a server: as many as may become "unknown" if the process
/// dies before their answers are recorded.
const SMTP_BATCH: u32 = 10;

/// Conversations with the mail server at a time.
const SMTP_PARALLEL: usize = 4;

/// A claim this old belongs to a process that died.
const CLAIM_TIMEOUT_MINUTES: i64 = 15;

/// Where messages leave.
#[derive(Clone)]
pub enum Mailer {
    /// A mail server.
    Smtp(Arc<Smtp>),
    /// A folder of `.eml` files: the same message written twice is one file.
    Outbox(Outbox),
}

impl Mailer {
    const fn via(&self) -> &'static str {
        match self {
            Self::Smtp(_) => "smtp",
            Self::Outbox(_) => "outbox",
        }
    }
}

/// What a dispatch did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DispatchSummary {
    /// Messages accepted by the server or written to the outbox.
    pub sent: u64,
    /// Contacts not made, by reason.
    pub suppressed: BTreeMap<String, u64>,
    /// Messages the server refused.
    pub failed: u64,
    /// Messages of which nobody knows whether they left.
    pub unknown: u64,
    /// Contacts put back because the server could not be reached: they wait for the next dispatch.
    pub put_back: u64,
}

impl Engine {
    /// Sends what is due at the engine's clock. With `once`, one batch; else until nothing is due.
    ///
    /// # Errors
    /// What the database says. A server that cannot be reached is no error: its contacts are put
    /// back and counted.
    pub async fn dispatch(
        &self,
        company: &Company,
        mailer: &Mailer,
        once: bool,
    ) -> Result<DispatchSummary> {
        let mut summary = DispatchSummary::default();
        let worker = self.effects.uuid();
        self.settle_stale_claims(company, &mut summary).await?;
        let mut pace = Pace::new(company.settings.sends_per_minute);
        loop {
            let limit = self.batch(company, mailer).await?;
            if limit == 0 {
                break;
            }
            let claimed = self.claim(company, mailer, worker, limit, &mut summary).await?;
            let Some(claimed) = claimed else { break };
            let results = self.send_all(company, mailer, claimed, &mut pace).await;
            let put_back = results.iter().any(|result| result.state == ContactState::Planned);
            for result in &results {
                summary.count(result.state);
            }
            bulk::record_results(&self.db, company.id, results, self.stamp("puntual")).await?;
            if once || put_back {
                break;
            }
        }
        Ok(summary)
    }

    /// How many contacts may be claimed now: the batch, within what the day still allows.
    async fn batch(&self, company: &Company, mailer: &Mailer) -> Result<u32> {
        match mailer {
            Mailer::Outbox(_) => Ok(OUTBOX_BATCH),
            Mailer::Smtp(_) => {
                let now = self.now();
                let midnight = company
                    .zone
                    .to_timestamp(company.day_of(now).at(0, 0, 0, 0))
                    .unwrap_or(Timestamp::UNIX_EPOCH);
                let performed =
                    store::contacts::performed_since(&self.db, company.id, midnight).await?;
                let left = u64::from(company.settings.sends_per_day).saturating_sub(performed);
                Ok(u32::try_from(left).unwrap_or(u32::MAX).min(SMTP_BATCH))
            }
        }
    }

    /// Claims a batch and says which messages may leave; `None` when nothing was due.
    async fn claim(
        &self,
        company: &Company,
        mailer: &Mailer,
        worker: Uuid,
        limit: u32,
        summary: &mut DispatchSummary,
    ) -> Result<Option<Vec<(ClaimedContact, OutgoingEmail)>>> {
        let now = self.now();
        let judge = Judge {
            engine: self.clone(),
            company: company.clone(),
            via: mailer.via(),
            now,
        };
        let claim = bulk::claim(
            &self.db,
            company.id,
            worker,
            limit,
            self.stamp("puntual"),
            move |due| judge.verdicts(due),
        )
        .await?;
        if claim.seen == 0 {
            return Ok(None);
        }
        for reason in &claim.suppressed {
            *summary.suppressed.entry(reason.clone()).or_default() += 1;
        }
        let emails = claim.claimed.into_iter().map(|claimed| {
            let email = outgoing(company, &claimed, now);
            (claimed, email)
        });
        Ok(Some(emails.collect()))
    }

    async fn send_all(
        &self,
        company: &Company,
        mailer: &Mailer,
        claimed: Vec<(ClaimedContact, OutgoingEmail)>,
        pace: &mut Pace,
    ) -> Vec<SendResult> {
        match mailer {
            Mailer::Outbox(outbox) => claimed
                .into_iter()
                .map(|(contact, email)| self.written(&contact, outbox.write(&email)))
                .collect(),
            Mailer::Smtp(smtp) => {
                let mut sends = Vec::with_capacity(claimed.len());
                for (contact, email) in claimed {
                    let wait = pace.next();
                    let smtp = Arc::clone(smtp);
                    sends.push(async move {
                        tokio::time::sleep(wait).await;
                        let outcome = smtp.send(&email).await;
                        self.answered(company, &contact, outcome)
                    });
                }
                stream::iter(sends).buffer_unordered(SMTP_PARALLEL).collect().await
            }
        }
    }

    fn written(
        &self,
        contact: &ClaimedContact,
        written: Result<std::path::PathBuf, connect::channels::OutboxError>,
    ) -> SendResult {
        match written {
            Ok(path) => {
                let file = path.file_name().map(|name| name.to_string_lossy().into_owned());
                self.result(contact, ContactState::Sent, None, json!({ "outbox": file }))
            }
            Err(error) => {
                let reason = Some(error.to_string());
                let body = json!({ "outbox": error.to_string() });
                self.result(contact, ContactState::Planned, reason, body)
            }
        }
    }

    fn answered(
        &self,
        company: &Company,
        contact: &ClaimedContact,
        outcome: SendOutcome,
    ) -> SendResult {
        match outcome {
            SendOutcome::Accepted { response, .. } => {
                self.result(contact, ContactState::Sent, None, json!({ "accepted": response }))
            }
            SendOutcome::Refused { permanent, code, text, .. } => {
                let answer = json!({ "refused": text, "code": code, "permanent": permanent });
                let reason = format!("{code} {text}");
                let mut result =
                    self.result(contact, ContactState::Failed, Some(reason), answer);
                if permanent && company.settings.test_recipient.is_none() {
                    result.point = Some(PointChange {
                        point: contact.point,
                        health: Health::Bouncing,
                    });
                    result.task = Some(NewTask {
                        kind: "fix_contact_point".to_owned(),
                        text: format!(
                            "El servidor rechazó {}: consiga otro correo del cliente {}.",
                            contact.message.address, contact.customer_key
                        ),
                    });
                }
                result
            }
            SendOutcome::NotSent { reason } => {
                let body = json!({ "not_sent": reason });
                self.result(contact, ContactState::Planned, Some(reason), body)
            }
            SendOutcome::Unknown { reason } => {
                let body = json!({ "unknown": reason });
                let mut result =
                    self.result(contact, ContactState::Unknown, Some(reason), body);
                result.task = Some(unknown_task(&contact.customer_key));
                result
            }
        }
    }

    fn result(
        &self,
        contact: &ClaimedContact,
        state: ContactState,
        reason: Option<String>,
        answer: Value,
    ) -> SendResult {
        let at = self.now();
        SendResult {
            contact: contact.id,
            state,
            reason,
            proof: json!({ "kind": "result", "at": at.to_string(), "answer": answer }).to_string(),
            at,
            point: None,
            task: None,
        }
    }

    /// Claims of processes that died: what went to a folder is written again under the same name;
    /// what went to a server becomes "unknown" with a task for a person.
    async fn settle_stale_claims(
        &self,
        company: &Company,
        summary: &mut DispatchSummary,
    ) -> Result<()> {
        let now = self.now();
        let older_than = now.checked_sub(CLAIM_TIMEOUT_MINUTES.minutes()).unwrap_or(now);
        let stale = bulk::stale_claims(&self.db, company.id, older_than).await?;
        let results: Vec<SendResult> = stale
            .iter()
            .map(|claim| {
                let answer = json!({ "claim_expired": claim.claimed_at.map(|at| at.to_string()) });
                if claim.via.as_deref() == Some("outbox") {
                    return self.result_of(claim.id, ContactState::Planned, None, answer);
                }
                summary.unknown += 1;
                let reason = Some("el proceso que lo enviaba se interrumpió".to_owned());
                let mut result = self.result_of(claim.id, ContactState::Unknown, reason, answer);
                result.task = Some(unknown_task(&claim.customer_key));
                result
            })
            .collect();
        if !results.is_empty() {
            bulk::record_results(&self.db, company.id, results, self.stamp("puntual")).await?;
        }
        Ok(())
    }
}

fn unknown_task(customer: &str) -> NewTask {
    NewTask {
        kind: "unknown_outcome".to_owned(),
        text: format!(
            "No se sabe si salió el mensaje al cliente {customer}: revise en el servidor de correo \
             antes de escribirle de nuevo."
        ),
    }
}

/// Decides again, within the claiming transaction, what was planned.
struct Judge {
    engine: Engine,
    company: Company,
    via: &'static str,
    now: Timestamp,
}

impl Judge {
    fn verdicts(&self, due: Vec<(DueContact, Standing)>) -> Vec<ClaimVerdict> {
        let facts = self.company.facts(CHANNELS);
        let rules = self.company.rules(self.engine.packs, &facts);
        due.iter().map(|(contact, standing)| self.verdict(&rules, contact, standing)).collect()
    }

    fn verdict(
        &self,
        rules: &Rules<'_>,
        contact: &DueContact,
        standing: &Standing,
    ) -> ClaimVerdict {
        match confirm(rules, &standing.position, contact.id, self.now) {
            Ok((plan, seen)) => {
                let customer = &standing.position.customer;
                let day = self.company.day_of(self.now);
                let rendered =
                    compose::message(&self.engine.templates, &self.company, customer, &plan, day);
                match rendered {
                    Ok(rendered) => self.allow(&plan, record::seen(&seen), standing, rendered),
                    Err(error) => self.suppress(
                        "template",
                        json!({ "reason": "template", "sentence": error.to_string() }),
                    ),
                }
            }
            Err((silence, seen)) => {
                let body = json!({
                    "facts": record::seen(&seen),
                    "silence": record::silence(&silence),
                });
                self.suppress(silence.code(), body)
            }
        }
    }

    fn allow(
        &self,
        plan: &Plan,
        seen: Value,
        standing: &Standing,
        rendered: Rendered,
    ) -> ClaimVerdict {
        let points = &standing.position.customer.contact_points;
        let address = |id: ContactPointId| address_of(points, id).unwrap_or_default();
        let digest = store::messages::digest(
            &rendered.subject,
            &rendered.text,
            Some(&rendered.html),
        );
        let body = json!({
            "facts": seen,
            "plan": record::plan(plan),
            "message": {
                "language": rendered.language_used,
                "template": rendered.template_digest,
                "digest": hex(&digest),
            },
        });
        ClaimVerdict::Send {
            message: OutgoingMessage {
                subject: rendered.subject,
                text: rendered.text,
                html: Some(rendered.html),
                address: address(plan.point),
                copies: plan.copies.iter().map(|copy| address(*copy)).collect(),
            },
            point: plan.point,
            content: record::content(plan).to_string(),
            proof: self.proof("allowed", body),
            via: self.via.to_owned(),
        }
    }

    fn suppress(&self, reason: &str, body: Value) -> ClaimVerdict {
        ClaimVerdict::Suppress { reason: reason.to_owned(), proof: self.proof("suppressed", body) }
    }

    fn proof(&self, kind: &str, body: Value) -> String {
        let provenance = Provenance {
            law_hash: self.engine.packs.hash(),
            policy_key: &self.company.policy.key,
            policy_version: self.company.policy_version,
            policy_hash: &self.company.policy.hash,
            at: self.now,
        };
        record::proof(&provenance, kind, body)
    }
}

fn address_of(points: &[ContactPoint], id: ContactPointId) -> Option<String> {
    points
        .iter()
        .find(|point| point.id == id && point.channel == Channel::Email)
        .map(|point| point.address.clone())
}

fn outgoing(company: &Company, claimed: &ClaimedContact, now: Timestamp) -> OutgoingEmail {
    let from = match &company.settings.sender {
        Some(sender) => Mailbox::named(&sender.name, &sender.address),
        None => Mailbox::named(&company.legal_name, DEFAULT_SENDER),
    };
    let message = &claimed.message;
    OutgoingEmail {
        contact: claimed.id,
        unsubscribe_mailto: Some(from.address.clone()),
        from,
        reply_to: company.settings.brand.email.as_ref().map(Mailbox::bare),
        to: vec![Mailbox::named(&claimed.customer_name, &message.address)],
        cc: message.copies.iter().map(Mailbox::bare).collect(),
        subject: message.subject.clone(),
        text: message.text.clone(),
        html: message.html.clone().unwrap_or_default(),
        date: now,
        test_recipient: company.settings.test_recipient.as_ref().map(Mailbox::bare),
    }
}

/// The sender of messages that only go to an outbox, while the company has set none.
const DEFAULT_SENDER: &str = "cobranza@empresa.invalid";

impl DispatchSummary {
    const fn count(&mut self, state: ContactState) {
        match state {
            ContactState::Sent => self.sent += 1,
            ContactState::Failed => self.failed += 1,
            ContactState::Unknown => self.unknown += 1,
            _ => self.put_back += 1,
        }
    }
}

/// Spreads messages over the minute.
struct Pace {
    every: Duration,
    first: bool,
}

impl Pace {
    fn new(per_minute: u32) -> Self {
        Self { every: Duration::from_secs(60) / per_minute.max(1), first: true }
    }

    /// How long the next message waits after the one before.
    fn next(&mut self) -> Duration {
        if std::mem::take(&mut self.first) { Duration::ZERO } else { self.every }
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
