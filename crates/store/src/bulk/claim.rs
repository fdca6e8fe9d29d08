//! Taking up contacts that are due: facts read, verdict given and claim written in one transaction,
//! so that a stale plan never acts (invariant 4) and no contact is handed out twice (invariant 1).

use std::collections::HashMap;

use domain::contact::{ContactKey, Tone};
use domain::customer::Channel;
use domain::{CompanyId, ContactId, ContactPointId, CustomerId, DecisionId, PortalLinkId, RunId};
use jiff::Timestamp;
use uuid::Uuid;

use super::sqlite::blocking;
use super::{Clash, Heavy, Rows, Table, at_once, lock_customers};
use crate::db::Db;
use crate::error::Result;
use crate::kin;
use crate::messages;
use crate::positions::{self, Slice, Standing};
use crate::proofs::{NewProofs, ProofKind};
use crate::stamp::{Ids, Stamp};
use crate::value::{Bind, FromRow, Row, binds};

/// A contact that is to be made now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueContact {
    /// Our id.
    pub id: ContactId,
    /// The customer.
    pub customer: CustomerId,
    /// The run that planned it.
    pub run: RunId,
    /// The decision it follows from.
    pub decision: DecisionId,
    /// What it is for.
    pub key: ContactKey,
    /// The channel.
    pub channel: Channel,
    /// The address it goes to.
    pub point: ContactPointId,
    /// The template.
    pub template: String,
    /// The tone.
    pub tone: Tone,
    /// Documents, amounts, totals and recipients as planned, canonical JSON.
    pub content: String,
    /// When it was to be made.
    pub planned_at: Timestamp,
    /// When it was taken up; `None` while planned.
    pub claimed_at: Option<Timestamp>,
}

pub(crate) const DUE: &str = "t.id, t.customer_id, t.run_id, t.decision_id, t.kind, t.step, \
    t.key_day, t.channel, t.point_id, t.template, t.tone, t.content, t.planned_at, t.claimed_at";

impl FromRow for DueContact {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            customer: row.get()?,
            run: row.get()?,
            decision: row.get()?,
            key: row.get()?,
            channel: row.get()?,
            point: row.get()?,
            template: row.get()?,
            tone: row.get()?,
            content: row.get()?,
            planned_at: row.get()?,
            claimed_at: row.get()?,
        })
    }
}

/// What is to happen to a due contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClaimVerdict {
    /// It is taken up.
    Send {
        /// The contact.
        contact: ContactId,
        /// What is sent, word for word.
        message: OutgoingMessage,
        /// Documents, amounts, totals and recipients as they are now; replaces what was planned.
        content: String,
        /// Why it is allowed, canonical JSON.
        proof: String,
        /// The customer's way to its own page that the message carries.
        link: Option<NewLink>,
    },
    /// It is not made.
    Suppress {
        /// The contact.
        contact: ContactId,
        /// Why, a word.
        reason: String,
        /// Why, canonical JSON.
        proof: String,
    },
}

impl ClaimVerdict {
    /// The contact it is about.
    pub const fn contact(&self) -> ContactId {
        match self {
            Self::Send { contact, .. } | Self::Suppress { contact, .. } => *contact,
        }
    }
}

/// What is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutgoingMessage {
    /// The address.
    pub address: String,
    /// The subject; empty where the channel has none.
    pub subject: String,
    /// The text.
    pub text: String,
    /// The HTML.
    pub html: Option<String>,
}

/// A link that a message carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewLink {
    /// Its id.
    pub id: PortalLinkId,
    /// The address it goes to.
    pub point: ContactPointId,
    /// The first instant at which it opens nothing.
    pub expires_at: Timestamp,
}

/// How many contacts may be taken up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// At most this many now.
    pub batch: u32,
    /// At most this many that were made, or are under way, since an instant; counted in the
    /// claiming transaction, one claimer of the company at a time.
    pub since: Option<(Timestamp, u32)>,
}

impl From<u32> for Limit {
    fn from(batch: u32) -> Self {
        Self { batch, since: None }
    }
}

impl Limit {
    /// What is left of it.
    async fn left(self, heavy: &mut Heavy<'_>, company: CompanyId) -> Result<u32> {
        const LOCK: &str = "SELECT 1 FROM companies WHERE id = $1 {lock_weak}";
        const MADE: &str = "SELECT COUNT(*) FROM contacts WHERE company_id = $1 \
            AND (performed_at >= $2 OR (state = 'claimed' AND claimed_at >= $2))";
        let Some((since, most)) = self.since else {
            return Ok(self.batch);
        };
        heavy.each(LOCK, &binds![company], &mut |_| Ok(())).await?;
        let made: Vec<i64> = heavy
            .rows(MADE, &binds![company, since], FromRow::from_row)
            .await?;
        let made = made.first().map_or(0, |made| made.unsigned_abs());
        let left = u64::from(most).saturating_sub(made);
        Ok(u32::try_from(left).unwrap_or(u32::MAX).min(self.batch))
    }
}

/// Takes up contacts planned for `stamp.at` or earlier, at most `limit`, the longest due first.
///
/// `decide` gets them with their customers' facts as of this transaction and gives a verdict for
/// each; one without verdict stays planned. It must be pure and quick: the customers are locked
/// meanwhile. The claim is on disk when this returns, before any provider is called. Gives those
/// taken up, to be sent.
///
/// # Errors
/// What the database says; then nothing was claimed.
pub async fn claim(
    db: &Db,
    stamp: &Stamp,
    company: CompanyId,
    worker: Uuid,
    limit: impl Into<Limit>,
    decide: impl FnOnce(Vec<(DueContact, Standing)>) -> Vec<ClaimVerdict> + Send,
) -> Result<Vec<DueContact>> {
    let at = stamp.at;
    let limit = limit.into();
    match db {
        Db::Sqlite(sqlite) => {
            let mut writer = sqlite.bulk_writer(true).await?;
            let (writer, due) = blocking(move || {
                let due = at_once(due(
                    &mut Heavy::Sqlite(&mut writer.connection),
                    company,
                    at,
                    limit,
                ))?;
                Ok((writer, due))
            })
            .await?;
            let contacts: Vec<_> = due.iter().map(|(contact, _)| contact.clone()).collect();
            let claim = Claim::new(company, worker, at, contacts, decide(due));
            let ids = stamp.ids.clone();
            let mut writer = writer;
            blocking(move || {
                let heavy = &mut Heavy::Sqlite(&mut writer.connection);
                let claimed = at_once(claim.write(heavy, &ids))?;
                writer.commit()?;
                Ok(claimed)
            })
            .await
        }
        Db::Postgres(pool) => {
            let mut tx = pool.begin().await?;
            let claimed = {
                let heavy = &mut Heavy::Postgres(&mut tx);
                let due = due(heavy, company, at, limit).await?;
                let contacts: Vec<_> = due.iter().map(|(contact, _)| contact.clone()).collect();
                let claim = Claim::new(company, worker, at, contacts, decide(due));
                claim.write(heavy, &stamp.ids).await?
            };
            tx.commit().await?;
            Ok(claimed)
        }
    }
}

async fn due(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    at: Timestamp,
    limit: Limit,
) -> Result<Vec<(DueContact, Standing)>> {
    let limit = limit.left(heavy, company).await?;
    let sql = format!(
        "SELECT {DUE} FROM contacts t WHERE t.company_id = $1 \
         AND t.state = 'planned' AND t.held_at IS NULL AND t.planned_at <= $2 \
         ORDER BY t.planned_at, t.id LIMIT $3 {{skip_locked}}"
    );
    let contacts: Vec<DueContact> = heavy
        .rows(&sql, &binds![company, at, limit], FromRow::from_row)
        .await?;
    let mut customers: Vec<CustomerId> = contacts.iter().map(|it| it.customer).collect();
    customers.sort_unstable();
    customers.dedup();
    let ids: Vec<Uuid> = customers.iter().map(|it| it.uuid()).collect();
    // What is done with one of several customers who are one person counts for all of them.
    let ids = kin::members(heavy, company, &ids).await?;
    // From here no payment, hold or promise of these customers can be recorded by another writer:
    // either it is committed and read below, or it waits for this transaction.
    lock_customers(heavy, company, &ids).await?;
    let standings = positions::load(heavy, company, Slice::Only(customers), None).await?;
    let by_customer: HashMap<CustomerId, Standing> = standings
        .into_iter()
        .map(|standing| (standing.position.customer.id, standing))
        .collect();
    let pair = |contact: DueContact| {
        let standing = by_customer.get(&contact.customer)?.clone();
        Some((contact, standing))
    };
    Ok(contacts.into_iter().filter_map(pair).collect())
}

/// Contacts claimed but without result whose claim is older than an instant: nobody knows whether
/// they left. They are finished by [`super::record_results`] as unknown, with a task.
///
/// # Errors
/// What the database says.
pub async fn stale_claims(
    db: &Db,
    company: CompanyId,
    older_than: Timestamp,
    limit: u32,
) -> Result<Vec<DueContact>> {
    let sql = format!(
        "SELECT {DUE} FROM contacts t \
         WHERE t.company_id = $1 AND t.state = 'claimed' AND t.claimed_at < $2 \
         ORDER BY t.claimed_at, t.id LIMIT $3"
    );
    crate::db::rows(
        db,
        &sql,
        &binds![company, older_than, limit],
        FromRow::from_row,
    )
    .await
}

/// Verdicts about to be written.
struct Claim {
    company: CompanyId,
    worker: Uuid,
    at: Timestamp,
    contacts: HashMap<ContactId, DueContact>,
    verdicts: Vec<ClaimVerdict>,
}

const CLAIMED: Table = Table {
    name: "contacts",
    columns: &[
        "company_id",
        "id",
        "state",
        "content",
        "claimed_at",
        "claimed_by",
    ],
};

const SUPPRESSED: Table = Table {
    name: "contacts",
    columns: &["company_id", "id", "state", "reason"],
};

const MESSAGES: Table = Table {
    name: "messages",
    columns: &[
        "company_id",
        "id",
        "customer_id",
        "contact_id",
        "incoming",
        "channel",
        "address",
        "subject",
        "body_text",
        "body_html",
        "digest",
        "at",
        "recorded_at",
    ],
};

const LINKS: Table = Table {
    name: "portal_links",
    columns: &[
        "company_id",
        "id",
        "customer_id",
        "point_id",
        "contact_id",
        "made_at",
        "expires_at",
    ],
};

impl Claim {
    fn new(
        company: CompanyId,
        worker: Uuid,
        at: Timestamp,
        contacts: Vec<DueContact>,
        verdicts: Vec<ClaimVerdict>,
    ) -> Self {
        Self {
            company,
            worker,
            at,
            contacts: contacts
                .into_iter()
                .map(|contact| (contact.id, contact))
                .collect(),
            verdicts,
        }
    }

    async fn write(mut self, heavy: &mut Heavy<'_>, ids: &Ids) -> Result<Vec<DueContact>> {
        let mut claimed = Rows::new(CLAIMED.columns.len());
        let mut suppressed = Rows::new(SUPPRESSED.columns.len());
        let mut messages = Rows::new(MESSAGES.columns.len());
        let mut proofs = NewProofs::new(self.company, self.at);
        let mut links = Rows::new(LINKS.columns.len());
        let mut taken = Vec::new();
        for verdict in &self.verdicts {
            // A second verdict for one contact, or one for a contact not asked about, is ignored.
            let Some(mut contact) = self.contacts.remove(&verdict.contact()) else {
                continue;
            };
            let key = [Bind::from(self.company), contact.id.into()];
            let [company, id] = key;
            let (kind, proof) = match verdict {
                ClaimVerdict::Send {
                    message,
                    content,
                    proof,
                    link,
                    ..
                } => {
                    if let Some(link) = link {
                        links.push(self.link_row(&contact, link));
                    }
                    let (state, at) = (Bind::from("claimed"), Bind::from(self.at));
                    claimed.push([company, id, state, content.into(), at, self.worker.into()]);
                    messages.push(self.message_row(&contact, message, ids));
                    (ProofKind::Allowed, proof)
                }
                ClaimVerdict::Suppress { reason, proof, .. } => {
                    suppressed.push([company, id, Bind::from("suppressed"), reason.into()]);
                    (ProofKind::Suppressed, proof)
                }
            };
            proofs.push(ids.draw(), (contact.customer, contact.id), kind, proof);
            if let ClaimVerdict::Send { content, .. } = verdict {
                contact.content.clone_from(content);
                contact.claimed_at = Some(self.at);
                taken.push(contact);
            }
        }
        heavy
            .update(
                &CLAIMED,
                2,
                "t.state = 'planned' AND t.held_at IS NULL",
                &claimed,
            )
            .await?;
        heavy
            .update(&SUPPRESSED, 2, "t.state = 'planned'", &suppressed)
            .await?;
        heavy.insert(&MESSAGES, &messages, Clash::Fail).await?;
        proofs.insert(heavy).await?;
        heavy.insert(&LINKS, &links, Clash::Fail).await?;
        Ok(taken)
    }

    fn link_row(&self, contact: &DueContact, link: &NewLink) -> [Bind<'static>; 7] {
        [
            Bind::from(self.company),
            link.id.into(),
            contact.customer.into(),
            link.point.into(),
            contact.id.into(),
            self.at.into(),
            link.expires_at.into(),
        ]
    }

    fn message_row<'a>(
        &self,
        contact: &DueContact,
        message: &'a OutgoingMessage,
        ids: &Ids,
    ) -> [Bind<'a>; 13] {
        let digest = messages::digest(&message.subject, &message.text, message.html.as_deref());
        [
            Bind::from(self.company),
            ids.draw().into(),
            contact.customer.into(),
            contact.id.into(),
            false.into(),
            contact.channel.into(),
            Bind::from(&message.address),
            Bind::from(&message.subject),
            Bind::from(&message.text),
            Bind::from(&message.html),
            digest.into(),
            self.at.into(),
            self.at.into(),
        ]
    }
}
