//! How rows become the domain's types: for each its columns and how they are read in that order.

use domain::call::PastCall;
use domain::contact::{ContactKey, ContactState, PastContact};
use domain::customer::{Consent, ContactPoint, Customer, LegalEvent};
use domain::document::{DebtFacts, Document};
use domain::hold::Hold;
use domain::ledger::{Application, Payment, Source};
use domain::promise::Promise;
use domain::{DocumentId, PaymentId};
use jiff::civil::Date;
use serde_json::Value;

use crate::error::{Result, StoreError};
use crate::value::{FromRow, Row};

/// Columns of a customer, in the order [`Customer`] is read.
pub(crate) const CUSTOMER: &str = "c.id, c.key, c.name, c.class, c.country, c.subdivision, \
    c.zone, c.language, c.tax_id, c.importance, c.behaviour, c.tags, c.legal_events";

impl FromRow for Customer {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            key: row.get()?,
            name: row.get()?,
            class: row.get()?,
            country: row.get()?,
            subdivision: row.get()?,
            zone: row.get()?,
            language: row.get()?,
            tax_id: row.get()?,
            importance: row.get()?,
            behaviour: row.get()?,
            tags: words(row.get()?),
            legal_events: legal_events(&row.get()?),
            contact_points: Vec::new(),
        })
    }
}

fn words(value: Value) -> Vec<String> {
    serde_json::from_value(value).unwrap_or_default()
}

/// Legal events as stored: `[{"event": "lawsuit_served", "on": "2025-01-31"}]`.
fn legal_events(value: &Value) -> Vec<LegalEvent> {
    let entries = value.as_array().map(Vec::as_slice).unwrap_or_default();
    let read = |entry: &Value| {
        Some(LegalEvent {
            event: entry.get("event")?.as_str()?.to_owned(),
            on: entry.get("on")?.as_str()?.parse().ok()?,
            source: entry
                .get("source")
                .and_then(Value::as_str)
                .map(str::to_owned),
        })
    };
    entries.iter().filter_map(read).collect()
}

/// Columns of an address, in the order [`ContactPoint`] is read.
pub(crate) const CONTACT_POINT: &str = "t.id, t.channel, t.address, t.role, t.source, t.health, \
    t.consent, t.consent_on, t.consent_source";

impl FromRow for ContactPoint {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            channel: row.get()?,
            address: row.get()?,
            role: row.get()?,
            source: row.get()?,
            health: row.get()?,
            consent: row.get()?,
        })
    }
}

/// Its word, day and source.
impl FromRow for Consent {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        let (word, on, source): (String, Option<Date>, Option<String>) =
            (row.get()?, row.get()?, row.get()?);
        Ok(match (word.as_str(), on) {
            ("given", Some(on)) => Self::Given {
                on,
                source: source.unwrap_or_default(),
            },
            ("withdrawn", Some(on)) => Self::Withdrawn { on },
            _ => Self::Unknown,
        })
    }
}

/// Columns of a document, in the order [`Document`] is read.
pub(crate) const DOCUMENT: &str = "t.id, t.number, t.kind, t.issued_on, t.due_on, \
    t.amount_minor, t.currency, t.direct_debit, t.debt_class, t.final_consumer, t.creditor, \
    t.actor";

impl FromRow for Document {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            number: row.get()?,
            kind: row.get()?,
            issued: row.get()?,
            due: row.get()?,
            amount: row.get()?,
            direct_debit: row.get()?,
            debt: row.get()?,
        })
    }
}

/// Class, final consumer, creditor and actor.
impl FromRow for DebtFacts {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            class: row.get()?,
            final_consumer: row.get()?,
            creditor: row.get()?,
            actor: row.get()?,
        })
    }
}

/// Columns of a payment, in the order [`Payment`] is read.
pub(crate) const PAYMENT: &str = "t.id, t.reference, t.paid_on, t.amount_minor, t.currency";

impl FromRow for Payment {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            reference: row.get()?,
            on: row.get()?,
            amount: row.get()?,
        })
    }
}

/// Columns of an application, in the order [`Application`] is read.
pub(crate) const APPLICATION: &str =
    "t.payment_id, t.credit_id, t.document_id, t.applied_on, t.amount_minor";

impl FromRow for Application {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        let (payment, credit): (Option<PaymentId>, Option<DocumentId>) = (row.get()?, row.get()?);
        let source = match (payment, credit) {
            (Some(payment), _) => Source::Payment(payment),
            (None, Some(credit)) => Source::Credit(credit),
            (None, None) => {
                return Err(StoreError::Unreadable {
                    column: 0,
                    found: "an application without source".to_owned(),
                });
            }
        };
        Ok(Self {
            source,
            document: row.get()?,
            on: row.get()?,
            minor: row.get()?,
        })
    }
}

/// Columns of a hold, in the order [`Hold`] is read; the least end counts.
pub(crate) const HOLD: &str = "t.id, t.kind, t.document_id, t.amount_minor, t.currency, \
    t.from_on, t.until_on, t.reason, t.author, \
    (SELECT MIN(e.until_on) FROM hold_ends e \
     WHERE e.company_id = t.company_id AND e.hold_id = t.id)";

/// The same with a mark where a condition on the ends goes.
pub(crate) const HOLD_KNOWN: &str = "t.id, t.kind, t.document_id, t.amount_minor, t.currency, \
    t.from_on, t.until_on, t.reason, t.author, \
    (SELECT MIN(e.until_on) FROM hold_ends e \
     WHERE e.company_id = t.company_id AND e.hold_id = t.id {ends})";

impl FromRow for Hold {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        let mut hold = Self {
            id: row.get()?,
            kind: row.get()?,
            document: row.get()?,
            amount: row.get()?,
            from: row.get()?,
            until: row.get()?,
            reason: row.get()?,
            author: row.get()?,
        };
        let ended: Option<Date> = row.get()?;
        hold.until = [hold.until, ended].into_iter().flatten().min();
        Ok(hold)
    }
}

/// Columns of a promise, in the order [`Promise`] is read.
pub(crate) const PROMISE: &str = "t.id, t.amount_minor, t.currency, t.made_on, t.due_on, t.author";

impl FromRow for Promise {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            amount: row.get()?,
            made_on: row.get()?,
            due_on: row.get()?,
            author: row.get()?,
        })
    }
}

/// Columns of a contact, in the order [`PastContact`] is read.
pub(crate) const PAST_CONTACT: &str = "t.id, t.kind, t.step, t.key_day, t.channel, t.tone, \
    t.state, t.planned_at, \
    CASE WHEN t.state = 'failed' THEN t.performed_at \
    ELSE COALESCE(t.performed_at, t.claimed_at) END, \
    COALESCE(t.state = 'suppressed' AND t.reason = 'cancelled', FALSE)";

impl FromRow for PastContact {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        let mut contact = Self {
            id: row.get()?,
            key: row.get()?,
            channel: row.get()?,
            tone: row.get()?,
            state: row.get()?,
            planned_at: row.get()?,
            performed_at: row.get()?,
            cancelled: row.get()?,
        };
        let was_tried = contact.state.counts() || contact.state == ContactState::Failed;
        if !was_tried {
            contact.performed_at = None;
        }
        Ok(contact)
    }
}

/// Columns of a call, in the order [`PastCall`] is read; `m` is its message on the thread.
pub(crate) const PAST_CALL: &str = "m.channel, t.result, m.at";

/// Calls as `t` with their messages as `m`.
pub(crate) const CALLS: &str = "calls t JOIN messages m ON m.company_id = t.company_id \
    AND m.customer_id = t.customer_id AND m.id = t.message_id";

impl FromRow for PastCall {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            channel: row.get()?,
            result: row.get()?,
            at: row.get()?,
        })
    }
}

/// Kind, step and day.
impl FromRow for ContactKey {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        let (kind, step, day): (String, String, Date) = (row.get()?, row.get()?, row.get()?);
        Self::from_parts(&kind, &step, day).ok_or(StoreError::Unreadable {
            column: 1,
            found: kind,
        })
    }
}
