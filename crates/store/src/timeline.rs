//! All that happened with one customer, in one order, by pages: messages, money, decisions, holds,
//! promises, notes, and contacts that were not made.
//!
//! A page is found in two steps: which things are on it, over every table's rows of the customer,
//! and then each kind's rows by their ids.

use std::collections::HashMap;

use domain::call::CallResult;
use domain::contact::ContactState;
use domain::customer::Channel;
use domain::hold::Hold;
use domain::ledger::Payment;
use domain::promise::Promise;
use domain::{CompanyId, ContactId, CustomerId};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;
use uuid::Uuid;

use crate::db::{Db, rows};
use crate::error::{Result, StoreError};
use crate::facts::{HOLD, PAYMENT, PROMISE};
use crate::notes::{self, Note};
use crate::value::{Row, binds};

/// Where a page ends: the next begins behind it. Instants of the newest things come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The instant.
    pub at: Timestamp,
    /// The thing.
    pub id: Uuid,
    /// Its kind, as a number of this file.
    pub kind: i64,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its place.
    pub cursor: Cursor,
    /// What it is.
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// Something was said, in or out.
    Message(Said),
    /// Money came in.
    Payment {
        /// The payment.
        payment: Payment,
        /// Who recorded it.
        author: String,
    },
    /// A run or a claim decided.
    Decision {
        /// The day it was decided for.
        as_of: Date,
        /// `contact` or `silence`.
        outcome: String,
        /// The silence's word, or the step.
        reason: String,
        /// The decision as it was recorded.
        facts: Value,
    },
    /// A hold began to be recorded.
    Hold(Hold),
    /// A hold was ended.
    HoldEnd {
        /// The hold.
        hold: Hold,
        /// First day on which it no longer holds.
        until: Date,
        /// Why.
        reason: String,
        /// Who ended it.
        author: String,
    },
    /// A promise was made.
    Promise {
        /// The promise.
        promise: Promise,
        /// The customer's words.
        note: String,
    },
    /// Someone wrote something down.
    Note(Note),
    /// A contact waits, or was not made.
    Contact {
        /// The contact.
        id: ContactId,
        /// The step.
        step: String,
        /// The channel.
        channel: Channel,
        /// Where it stands.
        state: ContactState,
        /// Why it was not made.
        reason: Option<String>,
        /// When it is or was to be made.
        planned_at: Timestamp,
    },
}

/// A message as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Its id.
    pub id: Uuid,
    /// Whether the customer said it.
    pub incoming: bool,
    /// The channel.
    pub channel: Channel,
    /// The address.
    pub address: String,
    /// The subject.
    pub subject: String,
    /// The text.
    pub text: String,
    /// The contact it went out with: its step, where it stands and why.
    pub contact: Option<(String, ContactState, Option<String>)>,
    /// How it ended and who made it, where it was a call.
    pub call: Option<(CallResult, String)>,
}

const MESSAGE: i64 = 1;
const PAYMENT_IN: i64 = 2;
const DECISION: i64 = 3;
const HELD: i64 = 4;
const HOLD_ENDED: i64 = 5;
const PROMISED: i64 = 6;
const NOTED: i64 = 7;
const CONTACT: i64 = 8;

/// What a timeline shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shown {
    /// Everything.
    #[default]
    All,
    /// What was said and written down.
    Talk,
    /// Money, promises and holds.
    Money,
    /// Decisions and contacts not made.
    Decisions,
}

impl Shown {
    const fn kinds(self) -> &'static [i64] {
        match self {
            Self::All => &[
                MESSAGE, PAYMENT_IN, DECISION, HELD, HOLD_ENDED, PROMISED, NOTED, CONTACT,
            ],
            Self::Talk => &[MESSAGE, NOTED],
            Self::Money => &[PAYMENT_IN, HELD, HOLD_ENDED, PROMISED],
            Self::Decisions => &[DECISION, CONTACT],
        }
    }
}

/// The branch of a kind: instant, id and number of its rows of customer `$2`.
const fn branch(kind: i64) -> &'static str {
    match kind {
        MESSAGE => {
            "SELECT at, id, CAST(1 AS BIGINT) AS kind FROM messages \
             WHERE company_id = $1 AND customer_id = $2"
        }
        PAYMENT_IN => {
            "SELECT recorded_at AS at, id, CAST(2 AS BIGINT) AS kind FROM payments \
             WHERE company_id = $1 AND customer_id = $2"
        }
        DECISION => {
            "SELECT recorded_at AS at, id, CAST(3 AS BIGINT) AS kind FROM decisions \
             WHERE company_id = $1 AND customer_id = $2"
        }
        HELD => {
            "SELECT recorded_at AS at, id, CAST(4 AS BIGINT) AS kind FROM holds \
             WHERE company_id = $1 AND customer_id = $2"
        }
        HOLD_ENDED => {
            "SELECT e.recorded_at AS at, e.hold_id AS id, CAST(5 AS BIGINT) AS kind \
             FROM holds h JOIN hold_ends e ON e.company_id = h.company_id AND e.hold_id = h.id \
             WHERE h.company_id = $1 AND h.customer_id = $2"
        }
        PROMISED => {
            "SELECT recorded_at AS at, id, CAST(6 AS BIGINT) AS kind FROM promises \
             WHERE company_id = $1 AND customer_id = $2"
        }
        NOTED => {
            "SELECT recorded_at AS at, id, CAST(7 AS BIGINT) AS kind FROM notes \
             WHERE company_id = $1 AND customer_id = $2"
        }
        _ => {
            "SELECT recorded_at AS at, id, CAST(8 AS BIGINT) AS kind FROM contacts \
             WHERE company_id = $1 AND customer_id = $2 AND state IN ('planned', 'suppressed')"
        }
    }
}

/// A page of what happened with a customer, newest first.
///
/// # Errors
/// What the database says.
pub async fn page(
    db: &Db,
    company: CompanyId,
    customer: CustomerId,
    (shown, after, limit): (Shown, Option<Cursor>, u32),
) -> Result<Vec<Entry>> {
    let branches: Vec<&str> = shown.kinds().iter().map(|&kind| branch(kind)).collect();
    let sql = format!(
        "SELECT at, id, kind FROM ({}) AS t WHERE (at, id, kind) < ($3, $4, $5) \
         ORDER BY at DESC, id DESC, kind DESC LIMIT $6",
        branches.join(" UNION ALL ")
    );
    let (at, id, kind) = after.map_or((i64::MAX, Uuid::max(), i64::MAX), |it| {
        (it.at.as_microsecond(), it.id, it.kind)
    });
    let read = |row: &mut Row<'_>| {
        Ok(Cursor {
            at: row.get()?,
            id: row.get()?,
            kind: row.get()?,
        })
    };
    let binds = binds![company, customer, at, id, kind, limit];
    let found: Vec<Cursor> = rows(db, &sql, &binds, read).await?;
    let mut loading = Loading {
        db,
        company,
        customer,
        found: HashMap::new(),
    };
    for kind in shown.kinds() {
        let of_kind = found.iter().filter(|cursor| cursor.kind == *kind);
        let ids: Vec<Uuid> = of_kind.map(|cursor| cursor.id).collect();
        if !ids.is_empty() {
            loading.load(*kind, &ids).await?;
        }
    }
    let mut whats = loading.found;
    let entry = |cursor: Cursor| {
        let what = whats.remove(&(cursor.kind, cursor.id))?;
        Some(Entry { cursor, what })
    };
    Ok(found.into_iter().filter_map(entry).collect())
}

struct Loading<'a> {
    db: &'a Db,
    company: CompanyId,
    customer: CustomerId,
    found: HashMap<(i64, Uuid), What>,
}

impl Loading<'_> {
    async fn load(&mut self, kind: i64, ids: &[Uuid]) -> Result<()> {
        match kind {
            MESSAGE => self.messages(ids).await,
            PAYMENT_IN => self.payments(ids).await,
            DECISION => self.decisions(ids).await,
            HELD => self.holds(ids).await,
            HOLD_ENDED => self.hold_ends(ids).await,
            PROMISED => self.promises(ids).await,
            NOTED => self.notes(ids).await,
            _ => self.contacts(ids).await,
        }
    }

    async fn each(
        &mut self,
        kind: i64,
        sql: &str,
        ids: &[Uuid],
        read: fn(&mut Row<'_>) -> Result<(Uuid, What)>,
    ) -> Result<()> {
        let binds = binds![self.company, self.customer, ids];
        for (id, what) in rows(self.db, sql, &binds, read).await? {
            self.found.insert((kind, id), what);
        }
        Ok(())
    }

    async fn messages(&mut self, ids: &[Uuid]) -> Result<()> {
        const SQL: &str = "SELECT m.id, m.incoming, m.channel, m.address, m.subject, \
            m.body_text, c.step, c.state, c.reason FROM messages m LEFT JOIN contacts c \
            ON c.company_id = m.company_id AND c.id = m.contact_id \
            WHERE m.company_id = $1 AND m.customer_id = $2 AND m.id {uuids:3}";
        let calls = notes::calls_of_messages(self.db, self.company, self.customer, ids).await?;
        self.each(MESSAGE, SQL, ids, |row| {
            let said = Said {
                id: row.get()?,
                incoming: row.get()?,
                channel: row.get()?,
                address: row.get()?,
                subject: row.get()?,
                text: row.get()?,
                contact: contact_of(row.get()?, row.get()?, row.get()?),
                call: None,
            };
            Ok((said.id, What::Message(said)))
        })
        .await?;
        for call in calls {
            if let Some(What::Message(said)) = self.found.get_mut(&(MESSAGE, call.message)) {
                said.call = Some((call.result, call.author));
            }
        }
        Ok(())
    }

    async fn payments(&mut self, ids: &[Uuid]) -> Result<()> {
        let sql = format!(
            "SELECT {PAYMENT}, t.author FROM payments t \
             WHERE t.company_id = $1 AND t.customer_id = $2 AND t.id {{uuids:3}}"
        );
        self.each(PAYMENT_IN, &sql, ids, |row| {
            let payment: Payment = row.get()?;
            let author = row.get()?;
            Ok((payment.id.uuid(), What::Payment { payment, author }))
        })
        .await
    }

    async fn decisions(&mut self, ids: &[Uuid]) -> Result<()> {
        const SQL: &str = "SELECT id, as_of, outcome, reason, facts FROM decisions \
            WHERE company_id = $1 AND customer_id = $2 AND id {uuids:3}";
        self.each(DECISION, SQL, ids, |row| {
            let id = row.get()?;
            let what = What::Decision {
                as_of: row.get()?,
                outcome: row.get()?,
                reason: row.get()?,
                facts: {
                    let text: String = row.get()?;
                    serde_json::from_str(&text).unwrap_or(Value::Null)
                },
            };
            Ok((id, what))
        })
        .await
    }

    async fn holds(&mut self, ids: &[Uuid]) -> Result<()> {
        let sql = format!(
            "SELECT {HOLD} FROM holds t \
             WHERE t.company_id = $1 AND t.customer_id = $2 AND t.id {{uuids:3}}"
        );
        self.each(HELD, &sql, ids, |row| {
            let hold: Hold = row.get()?;
            Ok((hold.id.uuid(), What::Hold(hold)))
        })
        .await
    }

    async fn hold_ends(&mut self, ids: &[Uuid]) -> Result<()> {
        let sql = format!(
            "SELECT {HOLD}, n.until_on, n.reason, n.author FROM holds t \
             JOIN hold_ends n ON n.company_id = t.company_id AND n.hold_id = t.id \
             WHERE t.company_id = $1 AND t.customer_id = $2 AND t.id {{uuids:3}}"
        );
        self.each(HOLD_ENDED, &sql, ids, |row| {
            let hold: Hold = row.get()?;
            let id = hold.id.uuid();
            let what = What::HoldEnd {
                hold,
                until: row.get()?,
                reason: row.get()?,
                author: row.get()?,
            };
            Ok((id, what))
        })
        .await
    }

    async fn promises(&mut self, ids: &[Uuid]) -> Result<()> {
        let sql = format!(
            "SELECT {PROMISE}, t.note FROM promises t \
             WHERE t.company_id = $1 AND t.customer_id = $2 AND t.id {{uuids:3}}"
        );
        self.each(PROMISED, &sql, ids, |row| {
            let promise: Promise = row.get()?;
            let note = row.get()?;
            Ok((promise.id.uuid(), What::Promise { promise, note }))
        })
        .await
    }

    async fn notes(&mut self, ids: &[Uuid]) -> Result<()> {
        for note in notes::of_ids(self.db, self.company, self.customer, ids).await? {
            self.found.insert((NOTED, note.id.uuid()), What::Note(note));
        }
        Ok(())
    }

    async fn contacts(&mut self, ids: &[Uuid]) -> Result<()> {
        const SQL: &str = "SELECT id, step, channel, state, reason, planned_at FROM contacts \
            WHERE company_id = $1 AND customer_id = $2 AND id {uuids:3}";
        self.each(CONTACT, SQL, ids, |row| {
            let id: ContactId = row.get()?;
            let what = What::Contact {
                id,
                step: row.get()?,
                channel: row.get()?,
                state: row.get()?,
                reason: row.get()?,
                planned_at: row.get()?,
            };
            Ok((id.uuid(), what))
        })
        .await
    }
}

fn contact_of(
    step: Option<String>,
    state: Option<ContactState>,
    reason: Option<String>,
) -> Option<(String, ContactState, Option<String>)> {
    Some((step?, state?, reason))
}

impl std::str::FromStr for Cursor {
    type Err = StoreError;

    /// Reads what [`Cursor`] prints: `microseconds.id.kind`.
    fn from_str(text: &str) -> Result<Self> {
        let unreadable = || StoreError::Unreadable {
            column: 0,
            found: text.to_owned(),
        };
        let mut parts = text.splitn(3, '.');
        let mut next = || parts.next().ok_or_else(unreadable);
        let at = next()?.parse().map_err(|_| unreadable())?;
        Ok(Self {
            at: Timestamp::from_microsecond(at).map_err(|_| unreadable())?,
            id: next()?.parse().map_err(|_| unreadable())?,
            kind: next()?.parse().map_err(|_| unreadable())?,
        })
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.at.as_microsecond(), self.id, self.kind)
    }
}
