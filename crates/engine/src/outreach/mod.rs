//! Sending: claim, re-read, send, record.
//!
//! A due contact is claimed in one transaction that loads its customer's position again and asks
//! policy and law once more; what no longer holds is suppressed with its proof. Only then, with the
//! claim on disk, is the provider called. What is not known to have left is never sent again.

mod judge;

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use connect::channels::{Outbox, OutboxError, RecipientRefusal, SendOutcome, Smtp};
use domain::Money;
use domain::contact::{ContactState, Tone};
use domain::customer::{Channel, Consent, Health};
use domain::ids::ContactId;
use futures_util::{StreamExt, stream};
use jiff::{Timestamp, ToSpan};
use serde::Serialize;
use serde_json::{Value, json};
use store::bulk::{self, DueContact, Limit, NewTask, PointChange, SendResult};
use store::{contact_points, contacts, customers, messages, tasks};
use uuid::Uuid;

use crate::company::Company;
use crate::{AUTHOR, Engine, Result, record};
pub(crate) use judge::DEFAULT_SENDER;
use judge::{Judge, Outgoing};

/// Contacts claimed at once when the messages go to a folder.
const OUTBOX_BATCH: u32 = 200;

/// Contacts claimed at once when they go to a server: as many as may become "unknown" if the
/// process dies before their answers are recorded.
const SMTP_BATCH: u32 = 10;

/// Conversations with the mail server at a time.
const SMTP_PARALLEL: usize = 4;

/// Why a claimed message is put back.
const NOT_WANTED: &str = "not wanted any more at its address";

/// A claim this old belongs to a process that died.
const CLAIM_TIMEOUT_MINUTES: i64 = 60;

/// Stale claims settled at the start of a dispatch.
const STALE_MAX: u32 = 10_000;

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
    /// Contacts put back because the server could not be reached or the folder not written: they
    /// wait for the next dispatch.
    pub put_back: u64,
    /// Why the first of those was put back.
    #[serde(skip)]
    pub put_back_why: Option<String>,
    /// The first messages that left, for people to read: customer, address, subject, file.
    #[serde(skip)]
    pub first: Vec<[String; 4]>,
}

/// Contacts whose messages are looked up at once.
const LEFT_PAGE: usize = 500;

/// How many messages an answer lists.
const LISTED_MAX: usize = 40;

/// A contact as it left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// The contact.
    pub contact: ContactId,
    /// The customer's key.
    pub customer: String,
    /// When.
    pub at: Timestamp,
    /// The step of the policy.
    pub step: String,
    /// Its tone.
    pub tone: Tone,
    /// The channel.
    pub channel: Channel,
    /// The address it went to.
    pub address: String,
    /// The documents it asks for or announces, with what it says is open of each.
    pub documents: Vec<(String, Money)>,
}

impl Engine {
    /// What left in a span of time, its last instant included, in the order in which it left.
    ///
    /// # Errors
    /// What the database says, and [`Error::Json`] for a record that does not read.
    pub async fn left(&self, company: &Company, span: (Timestamp, Timestamp)) -> Result<Vec<Left>> {
        let made = contacts::performed(&self.db, company.id, span).await?;
        let mut left = Vec::with_capacity(made.len());
        for page in made.chunks(LEFT_PAGE) {
            let ids: Vec<ContactId> = page.iter().map(|contact| contact.id).collect();
            let messages = messages::of_contacts(&self.db, company.id, &ids).await?;
            let mut addresses: HashMap<ContactId, String> = messages
                .into_iter()
                .filter_map(|message| Some((message.contact?, message.address)))
                .collect();
            for contact in page.iter().filter(|contact| contact.state.counts()) {
                let Some(at) = contact.performed_at else {
                    continue;
                };
                left.push(Left {
                    contact: contact.id,
                    customer: contact.customer_key.clone(),
                    at,
                    step: contact.key.step().to_owned(),
                    tone: contact.tone,
                    channel: contact.channel,
                    address: addresses.remove(&contact.id).unwrap_or_default(),
                    documents: record::documents(&contact.content)?,
                });
            }
        }
        Ok(left)
    }

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
        self.settle_stale_claims(company, mailer, &mut summary)
            .await?;
        let mut pace = Pace::new(company.settings.sends_per_minute);
        loop {
            let Some(claimed) = self.claim(company, mailer, worker, &mut summary).await? else {
                break;
            };
            summary.list(mailer, &claimed);
            let results = self.send_all(company, mailer, claimed, &mut pace).await;
            let put_back = results
                .iter()
                .any(|result| result.state == ContactState::Planned && !is_unwanted(result));
            for result in results.iter().filter(|result| !is_unwanted(result)) {
                summary.count(result);
            }
            bulk::record_results(&self.db, &self.stamp(AUTHOR), company.id, results).await?;
            if once || put_back {
                break;
            }
        }
        self.seal(company.id).await?;
        Ok(summary)
    }

    /// How many contacts may be claimed: the batch, within what the company's day allows.
    fn limit(&self, company: &Company, mailer: &Mailer) -> Limit {
        match mailer {
            Mailer::Outbox(_) => Limit::from(OUTBOX_BATCH),
            Mailer::Smtp(_) => {
                let today = company.day_of(self.now());
                let midnight = company.zone.to_timestamp(today.at(0, 0, 0, 0));
                let midnight = midnight.unwrap_or(Timestamp::UNIX_EPOCH);
                Limit {
                    batch: SMTP_BATCH,
                    since: Some((midnight, company.settings.sends_per_day)),
                }
            }
        }
    }

    /// Claims a batch and gives the messages that may leave; `None` when nothing was due.
    async fn claim(
        &self,
        company: &Company,
        mailer: &Mailer,
        worker: Uuid,
        summary: &mut DispatchSummary,
    ) -> Result<Option<Vec<Outgoing>>> {
        let stamp = self.stamp(AUTHOR);
        let limit = self.limit(company, mailer);
        // A dispatch may last for hours.
        let company = self.under_law_now(company).await?;
        let rates = match &company.policy.late_charges {
            Some(terms) if terms.ask => Some(self.charge_rates(&company, terms).await?),
            _ => None,
        };
        let mut judge = Judge {
            rates,
            engine: self,
            company: &company,
            via: mailer.via(),
            now: stamp.at,
            gate: self.gate().await?,
            seen: 0,
            outgoing: HashMap::new(),
            suppressed: Vec::new(),
            claimed: Vec::new(),
            unlawful: BTreeMap::new(),
        };
        let claimed = bulk::claim(&self.db, &stamp, company.id, worker, limit, |due| {
            judge.verdicts(&due)
        })
        .await?;
        if judge.seen == 0 {
            return Ok(None);
        }
        self.ask_to_mend(&company, &judge.unlawful).await?;
        for reason in judge.suppressed {
            *summary.suppressed.entry(reason).or_default() += 1;
        }
        let mut outgoing = judge.outgoing;
        Ok(Some(
            claimed
                .iter()
                .filter_map(|contact| outgoing.remove(&contact.id))
                .collect(),
        ))
    }

    /// One open task for each thing a template says, or leaves out, that the law does not let
    /// leave, however many messages it stopped.
    async fn ask_to_mend(
        &self,
        company: &Company,
        unlawful: &BTreeMap<(String, String), String>,
    ) -> Result<()> {
        if unlawful.is_empty() {
            return Ok(());
        }
        let stamp = self.stamp(AUTHOR);
        let mut tx = self.db.begin().await?;
        for ((template, _), sentence) in unlawful {
            let text = format!(
                "La plantilla «{template}» no puede salir como está: {sentence} Corríjala, o \
                 complete los datos de la empresa."
            );
            tasks::add_once(&mut tx, &stamp, company.id, "mend_wording", &text).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Why a claimed message is not wanted any more at one of its addresses: then nothing of it has
    /// left, it is put back, and the next claim decides it anew.
    async fn unwanted(&self, company: &Company, outgoing: &Outgoing) -> Option<&'static str> {
        let copies = outgoing.copies.iter().map(|(point, _)| *point);
        for point in copies.chain([outgoing.point]) {
            let whose = (outgoing.customer, point);
            match contact_points::get(&self.db, company.id, whose).await {
                Ok(Some(point)) => {
                    let refused = matches!(point.consent, Consent::Withdrawn { .. });
                    if refused || point.health != Health::Good {
                        return Some(NOT_WANTED);
                    }
                }
                Ok(None) => return Some(NOT_WANTED),
                Err(_) => return Some("the database did not say whether it is still wanted"),
            }
        }
        None
    }

    async fn send_all(
        &self,
        company: &Company,
        mailer: &Mailer,
        claimed: Vec<Outgoing>,
        pace: &mut Pace,
    ) -> Vec<SendResult> {
        match mailer {
            Mailer::Outbox(outbox) => claimed
                .into_iter()
                .map(|outgoing| self.written(&outgoing, outbox.write(&outgoing.email)))
                .collect(),
            Mailer::Smtp(smtp) => {
                let mut sends = Vec::with_capacity(claimed.len());
                for outgoing in claimed {
                    let start = pace.next();
                    let smtp = Arc::clone(smtp);
                    sends.push(async move {
                        tokio::time::sleep_until(start).await;
                        // Between the claim and its turn, minutes may have passed.
                        if let Some(why) = self.unwanted(company, &outgoing).await {
                            let body = json!({ "not_sent": why });
                            let why = Some(why.to_owned());
                            return self.result(outgoing.id, ContactState::Planned, why, body);
                        }
                        let outcome = smtp.send(&outgoing.email).await;
                        self.answered(&outgoing, outcome)
                    });
                }
                stream::iter(sends)
                    .buffer_unordered(SMTP_PARALLEL)
                    .collect()
                    .await
            }
        }
    }

    fn written(&self, contact: &Outgoing, written: Result<PathBuf, OutboxError>) -> SendResult {
        match written {
            Ok(path) => {
                let file = path
                    .file_name()
                    .map(|name| name.to_string_lossy().into_owned());
                self.result(
                    contact.id,
                    ContactState::Sent,
                    None,
                    json!({ "outbox": file }),
                )
            }
            Err(error) => {
                let reason = Some(error.to_string());
                let body = json!({ "outbox": error.to_string() });
                self.result(contact.id, ContactState::Planned, reason, body)
            }
        }
    }

    fn answered(&self, contact: &Outgoing, outcome: SendOutcome) -> SendResult {
        match outcome {
            SendOutcome::Accepted {
                response,
                recipients_refused,
            } => self.accepted(contact, &response, &recipients_refused),
            SendOutcome::Refused {
                permanent,
                code,
                text,
                recipients_refused,
            } => {
                let answer = json!({ "refused": text, "code": code, "permanent": permanent });
                let reason = format!("{code} {text}");
                let mut result =
                    self.result(contact.id, ContactState::Failed, Some(reason), answer);
                let refused = |it: &RecipientRefusal| it.permanent && it.address == contact.address;
                if recipients_refused.iter().any(refused) {
                    result.point = Some(PointChange {
                        point: contact.point,
                        health: Health::Bouncing,
                    });
                    result.task = Some(address_task(&contact.address, &contact.customer_key));
                } else if permanent {
                    result.task = Some(refusal_task(contact, code, &text));
                }
                result
            }
            SendOutcome::NotSent { reason } => {
                let body = json!({ "not_sent": reason });
                self.result(contact.id, ContactState::Planned, Some(reason), body)
            }
            SendOutcome::Unknown { reason } => {
                let body = json!({ "unknown": reason });
                let mut result = self.result(contact.id, ContactState::Unknown, Some(reason), body);
                result.task = Some(unknown_task(&contact.customer_key));
                result
            }
        }
    }

    /// It left, if without some copies. One refused for good is used no more; of several, the
    /// next message shows the next.
    fn accepted(
        &self,
        contact: &Outgoing,
        response: &str,
        left_out: &[RecipientRefusal],
    ) -> SendResult {
        let mut answer = json!({ "accepted": response });
        if !left_out.is_empty() {
            let words = |it: &RecipientRefusal| json!({ "code": it.code, "refused": it.text });
            answer["left_out"] = left_out.iter().map(words).collect();
        }
        let mut result = self.result(contact.id, ContactState::Sent, None, answer);
        let is_refused = |address: &str| {
            let mut for_good = left_out.iter().filter(|it| it.permanent);
            for_good.any(|it| it.address == address)
        };
        let mut copies = contact.copies.iter();
        if let Some((point, address)) = copies.find(|(_, address)| is_refused(address)) {
            result.point = Some(PointChange {
                point: *point,
                health: Health::Bouncing,
            });
            result.task = Some(address_task(address, &contact.customer_key));
        }
        result
    }

    fn result(
        &self,
        contact: ContactId,
        state: ContactState,
        reason: Option<String>,
        answer: Value,
    ) -> SendResult {
        let at = self.now();
        let provider = answer.to_string();
        let told: Value = serde_json::from_str(&record::without_addresses(&provider))
            .unwrap_or_else(|_| json!("‹dirección›"));
        let proof = json!({
            "kind": "result",
            "at": at.to_string(),
            "answer": told,
            "state": state.code(),
        });
        SendResult {
            contact,
            state,
            reason,
            provider,
            proof: proof.to_string(),
            at,
            point: None,
            task: None,
        }
    }

    /// Claims of processes that died: the file in the folder tells whether a message left, and one
    /// that did not is written; what went to a server becomes "unknown" with a task for a person.
    async fn settle_stale_claims(
        &self,
        company: &Company,
        mailer: &Mailer,
        summary: &mut DispatchSummary,
    ) -> Result<()> {
        let now = self.now();
        let older_than = now
            .checked_sub(CLAIM_TIMEOUT_MINUTES.minutes())
            .unwrap_or(now);
        let stale = bulk::stale_claims(&self.db, company.id, older_than, STALE_MAX).await?;
        let mut results = Vec::with_capacity(stale.len());
        for claim in stale {
            let answer = json!({ "claim_expired": claim.claimed_at.map(|at| at.to_string()) });
            if claimed_for_outbox(&claim) {
                let result = self.settled_by_file(&claim, mailer, answer);
                summary.sent += u64::from(result.state == ContactState::Sent);
                results.push(result);
                continue;
            }
            summary.unknown += 1;
            let reason = Some("el proceso que lo enviaba se interrumpió".to_owned());
            let mut result = self.result(claim.id, ContactState::Unknown, reason, answer);
            let keys = customers::keys(&self.db, company.id, &[claim.customer]).await?;
            let key = keys.first().map_or("", |(_, key)| key.as_str());
            result.task = Some(unknown_task(key));
            results.push(result);
        }
        if !results.is_empty() {
            bulk::record_results(&self.db, &self.stamp(AUTHOR), company.id, results).await?;
        }
        Ok(())
    }
}

impl Engine {
    /// A message whose file is there left when it was claimed, whatever has happened since; one
    /// whose file is not there waits for its next claim.
    fn settled_by_file(
        &self,
        claim: &DueContact,
        mailer: &Mailer,
        mut answer: Value,
    ) -> SendResult {
        let file = match mailer {
            Mailer::Outbox(outbox) => outbox.file_of(claim.id),
            Mailer::Smtp(_) => None,
        };
        let Some(name) = file.as_ref().and_then(|path| path.file_name()) else {
            return self.result(claim.id, ContactState::Planned, None, answer);
        };
        answer["outbox"] = json!(name.to_string_lossy());
        let mut result = self.result(claim.id, ContactState::Sent, None, answer);
        result.at = claim.claimed_at.unwrap_or(result.at);
        result
    }
}

/// Whether a message was put back because it is not wanted any more: the next claim suppresses it.
fn is_unwanted(result: &SendResult) -> bool {
    result.reason.as_deref() == Some(NOT_WANTED)
}

/// Asks a person for another address.
pub(crate) fn address_task(address: &str, customer: &str) -> NewTask {
    NewTask {
        kind: "fix_contact_point".to_owned(),
        text: format!("El servidor rechazó {address}: consiga otro correo del cliente {customer}."),
    }
}

fn refusal_task(contact: &Outgoing, code: u16, text: &str) -> NewTask {
    NewTask {
        kind: "refused_message".to_owned(),
        text: format!(
            "El servidor de correo rechazó el mensaje al cliente {} ({code} {text}): revise el \
             remitente y el servidor.",
            contact.customer_key
        ),
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

/// Whether a claim was made to write to a folder, where the same message twice is one file.
fn claimed_for_outbox(claim: &DueContact) -> bool {
    let content: Value = serde_json::from_str(&claim.content).unwrap_or_default();
    content["via"] == "outbox"
}

impl DispatchSummary {
    fn list(&mut self, mailer: &Mailer, claimed: &[Outgoing]) {
        let room = LISTED_MAX.saturating_sub(self.first.len());
        self.first.extend(claimed.iter().take(room).map(|outgoing| {
            [
                outgoing.customer_key.clone(),
                outgoing.address.clone(),
                outgoing.email.subject.clone(),
                match mailer {
                    Mailer::Outbox(_) => format!("{}.eml", outgoing.id),
                    Mailer::Smtp(_) => String::new(),
                },
            ]
        }));
    }

    fn count(&mut self, result: &SendResult) {
        match result.state {
            ContactState::Sent => self.sent += 1,
            ContactState::Failed => self.failed += 1,
            ContactState::Unknown => self.unknown += 1,
            _ => {
                self.put_back += 1;
                let why = || result.reason.clone();
                self.put_back_why = self.put_back_why.take().or_else(why);
            }
        }
    }
}

/// Spreads messages over the minute.
struct Pace {
    every: Duration,
    next: tokio::time::Instant,
}

impl Pace {
    fn new(per_minute: u32) -> Self {
        let every = Duration::from_secs(60) / per_minute.max(1);
        Self {
            every,
            next: tokio::time::Instant::now(),
        }
    }

    /// When the next message may start.
    fn next(&mut self) -> tokio::time::Instant {
        let start = self.next.max(tokio::time::Instant::now());
        self.next = start + self.every;
        start
    }
}
