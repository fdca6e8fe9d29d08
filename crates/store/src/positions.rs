//! Everything a decision may see, for many customers at once: one range query per table, children
//! laid beside their customers in one pass.

use std::collections::{HashMap, HashSet};

use domain::contact::{ContactKey, PastContact};
use domain::customer::{Consent, ContactPoint, Customer, LegalEvent};
use domain::document::Document;
use domain::facts::Position;
use domain::hold::Hold;
use domain::ledger::{Application, Books, Payment, Source};
use domain::promise::Promise;
use domain::{CompanyId, CustomerId, DocumentId, PaymentId};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value;
use uuid::Uuid;

use crate::bulk::{Heavy, read_heavily};
use crate::db::Db;
use crate::error::{Result, StoreError};
use crate::value::{Bind, FromRow, Row, binds};

/// Which customers to load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Slice {
    /// The next ones in the order of their ids.
    After {
        /// The last one of the slice before; `None` from the start.
        customer: Option<CustomerId>,
        /// At most this many.
        limit: u32,
    },
    /// These.
    Only(Vec<CustomerId>),
}

/// A customer as of now, with what was last decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// What a decision may see.
    pub position: Position,
    /// Digest of the latest decision.
    pub digest: Option<[u8; 32]>,
}

/// Loads customers in the order of their ids, on one snapshot.
///
/// With a `horizon`, documents and payments closed on or before that day are left out, and contacts
/// planned before it unless still planned or claimed; balances from the day after it on are exact.
///
/// # Errors
/// What the database says.
pub async fn positions(
    db: &Db,
    company: CompanyId,
    slice: Slice,
    horizon: Option<Date>,
) -> Result<Vec<Standing>> {
    read_heavily!(db, |heavy| load(heavy, company, slice, horizon))
}

/// Loads positions on a connection of ours, inside its transaction.
pub(crate) async fn load(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    slice: Slice,
    horizon: Option<Date>,
) -> Result<Vec<Standing>> {
    let mut loading = Loading::start(heavy, company, slice, horizon).await?;
    if !loading.standings.is_empty() {
        loading.contact_points(heavy).await?;
        loading.documents(heavy).await?;
        loading.payments(heavy).await?;
        loading.applications(heavy).await?;
        loading.holds(heavy).await?;
        loading.promises(heavy).await?;
        loading.contacts(heavy).await?;
        loading.answers(heavy).await?;
    }
    Ok(loading.standings)
}

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
        })
    };
    entries.iter().filter_map(read).collect()
}

/// Columns of an address, in the order [`ContactPoint`] is read.
pub(crate) const CONTACT_POINT: &str = "t.id, t.channel, t.address, t.role, t.source, t.health, t.consent, t.consent_on, \
     t.consent_source";

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
    t.amount_minor, t.currency, t.direct_debit";

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
    t.state, t.planned_at, COALESCE(t.performed_at, t.claimed_at)";

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
        };
        if !contact.state.counts() {
            contact.performed_at = None;
        }
        Ok(contact)
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

/// Which rows of a child table belong to the slice.
enum Range {
    Between(Uuid, Uuid),
    Only(Vec<Uuid>),
}

struct Loading {
    company: CompanyId,
    range: Range,
    horizon: Option<Date>,
    standings: Vec<Standing>,
}

impl Loading {
    async fn start(
        heavy: &mut Heavy<'_>,
        company: CompanyId,
        slice: Slice,
        horizon: Option<Date>,
    ) -> Result<Self> {
        let tail = "FROM customers c LEFT JOIN standings s \
            ON s.company_id = c.company_id AND s.customer_id = c.id WHERE c.company_id = $1";
        let read = |row: &mut Row<'_>| -> Result<Standing> {
            let customer = row.get()?;
            let digest = row.get()?;
            let books = Books {
                complete_after: horizon,
                ..Books::default()
            };
            Ok(Standing {
                position: Position {
                    customer,
                    books,
                    contacts: Vec::new(),
                    last_answer: None,
                },
                digest,
            })
        };
        let mut standings = Vec::new();
        let mut push = |row: &mut Row<'_>| {
            standings.push(read(row)?);
            Ok(())
        };
        match &slice {
            Slice::After { customer, limit } => {
                let after = customer.map_or(Uuid::nil(), CustomerId::uuid);
                let sql = format!(
                    "SELECT {CUSTOMER}, s.digest {tail} AND c.id > $2 ORDER BY c.id LIMIT $3"
                );
                heavy
                    .each(&sql, &binds![company, after, *limit], &mut push)
                    .await?;
            }
            Slice::Only(customers) => {
                let ids: Vec<Uuid> = customers.iter().map(|it| it.uuid()).collect();
                let sql = format!(
                    "SELECT {CUSTOMER}, s.digest {tail} AND c.id {{uuids:2}} ORDER BY c.id"
                );
                heavy.each(&sql, &binds![company, ids], &mut push).await?;
            }
        }
        let id = |standing: &Standing| standing.position.customer.id.uuid();
        let range = match (slice, standings.first(), standings.last()) {
            (Slice::After { .. }, Some(first), Some(last)) => Range::Between(id(first), id(last)),
            _ => Range::Only(standings.iter().map(id).collect()),
        };
        Ok(Self {
            company,
            range,
            horizon,
            standings,
        })
    }

    /// Reads the rows of a child table in the order of their customers and gives each to `lay`.
    async fn children<T: FromRow>(
        &mut self,
        heavy: &mut Heavy<'_>,
        query: Children,
        lay: fn(&mut Position, T),
    ) -> Result<()> {
        let Children {
            columns,
            table,
            closed,
            order,
        } = query;
        let mut binds = vec![Bind::from(self.company)];
        let who = match &self.range {
            Range::Between(first, last) => {
                binds.extend(binds![*first, *last]);
                "t.customer_id >= $2 AND t.customer_id <= $3"
            }
            Range::Only(ids) => {
                binds.push(Bind::from(ids.as_slice()));
                "t.customer_id {uuids:2}"
            }
        };
        let mut sql = format!(
            "SELECT t.customer_id, {columns} FROM {table} t \
            WHERE t.company_id = $1 AND {who}"
        );
        if let (Some(horizon), Some(condition)) = (self.horizon, closed) {
            binds.push(condition.bind(horizon));
            sql.push_str(&condition.text(binds.len()));
        }
        sql.push_str(" ORDER BY t.customer_id");
        sql.push_str(order);

        let standings = &mut self.standings;
        let mut at = 0;
        let mut place = |row: &mut Row<'_>| {
            let customer: CustomerId = row.get()?;
            while standings[at].position.customer.id < customer {
                at += 1;
                if at == standings.len() {
                    // A customer made after the slice was read: impossible on one snapshot.
                    at -= 1;
                    return Ok(());
                }
            }
            if standings[at].position.customer.id == customer {
                lay(&mut standings[at].position, row.get()?);
            }
            Ok(())
        };
        heavy.each(&sql, &binds, &mut place).await
    }
}

/// A query over a child table, as `t`.
struct Children {
    columns: &'static str,
    table: &'static str,
    closed: Option<Closed>,
    order: &'static str,
}

/// How a row says that it lies behind the horizon.
enum Closed {
    /// By the day in a column, NULL while open.
    On(&'static str),
    /// A contact, by its state and instant.
    Contact,
}

impl Closed {
    fn bind(&self, horizon: Date) -> Bind<'static> {
        match self {
            Self::On(_) => horizon.into(),
            Self::Contact => {
                let at = horizon
                    .to_zoned(TimeZone::UTC)
                    .map(|midnight| midnight.timestamp());
                at.unwrap_or(Timestamp::MIN).into()
            }
        }
    }

    fn text(&self, number: usize) -> String {
        match self {
            Self::On(column) => format!(" AND (t.{column} IS NULL OR t.{column} > ${number})"),
            Self::Contact => {
                format!(" AND (t.planned_at >= ${number} OR t.state IN ('planned', 'claimed'))")
            }
        }
    }
}

impl Loading {
    async fn contact_points(&mut self, heavy: &mut Heavy<'_>) -> Result<()> {
        let query = Children {
            columns: CONTACT_POINT,
            table: "contact_points",
            closed: None,
            order: ", t.id",
        };
        self.children(heavy, query, |position, point| {
            position.customer.contact_points.push(point);
        })
        .await
    }

    async fn documents(&mut self, heavy: &mut Heavy<'_>) -> Result<()> {
        let query = Children {
            columns: DOCUMENT,
            table: "documents",
            closed: Some(Closed::On("settled_on_projection")),
            order: ", t.id",
        };
        self.children(heavy, query, |position, document| {
            position.books.documents.push(document);
        })
        .await
    }

    async fn payments(&mut self, heavy: &mut Heavy<'_>) -> Result<()> {
        let query = Children {
            columns: PAYMENT,
            table: "payments",
            closed: Some(Closed::On("spent_on_projection")),
            order: ", t.id",
        };
        self.children(heavy, query, |position, payment| {
            position.books.payments.push(payment);
        })
        .await
    }

    /// Those of any loaded document, payment or credit note, so that what is open and what is
    /// unapplied are exact.
    async fn applications(&mut self, heavy: &mut Heavy<'_>) -> Result<()> {
        let query = Children {
            columns: APPLICATION,
            table: "applications",
            closed: None,
            order: ", t.id",
        };
        self.children(heavy, query, |position, application| {
            position.books.applications.push(application);
        })
        .await?;
        for standing in &mut self.standings {
            let books = &mut standing.position.books;
            let documents: HashSet<_> = books.documents.iter().map(|it| it.id).collect();
            let payments: HashSet<_> = books.payments.iter().map(|it| it.id).collect();
            books.applications.retain(|application| {
                documents.contains(&application.document)
                    || match &application.source {
                        Source::Payment(payment) => payments.contains(payment),
                        Source::Credit(credit) => documents.contains(credit),
                    }
            });
        }
        Ok(())
    }

    async fn holds(&mut self, heavy: &mut Heavy<'_>) -> Result<()> {
        let query = Children {
            columns: HOLD,
            table: "holds",
            closed: None,
            order: ", t.id",
        };
        self.children(heavy, query, |position, hold| {
            position.books.holds.push(hold)
        })
        .await
    }

    async fn promises(&mut self, heavy: &mut Heavy<'_>) -> Result<()> {
        let query = Children {
            columns: PROMISE,
            table: "promises",
            closed: None,
            order: ", t.id",
        };
        self.children(heavy, query, |position, promise| {
            position.books.promises.push(promise);
        })
        .await
    }

    async fn contacts(&mut self, heavy: &mut Heavy<'_>) -> Result<()> {
        let query = Children {
            columns: PAST_CONTACT,
            table: "contacts",
            closed: Some(Closed::Contact),
            order: ", t.planned_at, t.id",
        };
        self.children(heavy, query, |position, contact| {
            position.contacts.push(contact)
        })
        .await
    }

    async fn answers(&mut self, heavy: &mut Heavy<'_>) -> Result<()> {
        let mut sql = "SELECT t.customer_id, MAX(t.at) FROM messages t \
            WHERE t.company_id = $1 AND t.incoming AND "
            .to_owned();
        let mut binds = vec![Bind::from(self.company)];
        match &self.range {
            Range::Between(first, last) => {
                binds.extend(binds![*first, *last]);
                sql.push_str("t.customer_id >= $2 AND t.customer_id <= $3");
            }
            Range::Only(ids) => {
                binds.push(Bind::from(ids.as_slice()));
                sql.push_str("t.customer_id {uuids:2}");
            }
        }
        sql.push_str(" GROUP BY t.customer_id");
        let mut last: HashMap<CustomerId, Timestamp> = HashMap::new();
        let mut note = |row: &mut Row<'_>| {
            last.insert(row.get()?, row.get()?);
            Ok(())
        };
        heavy.each(&sql, &binds, &mut note).await?;
        for standing in &mut self.standings {
            let position = &mut standing.position;
            position.last_answer = last.get(&position.customer.id).copied();
        }
        Ok(())
    }
}
