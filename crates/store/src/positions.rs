//! Everything a decision may see, for many customers at once: one range query per table, children
//! laid beside their customers in one pass.

use std::collections::{HashMap, HashSet};

use domain::facts::{Position, UnderWay};
use domain::ledger::{Books, Source};
use domain::preference::Preferences;
use domain::{CompanyId, CustomerId};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use uuid::Uuid;

use crate::bank::DATA_UNTIL;
use crate::bulk::{Heavy, read_heavily};
use crate::charge_notes::{CHARGE_NOTES, CHARGED};
use crate::db::Db;
use crate::error::Result;
use crate::facts::{
    APPLICATION, CALLS, CONTACT_POINT, CUSTOMER, DOCUMENT, HOLD, PAST_CALL, PAST_CONTACT, PAYMENT,
    PROMISE,
};
use crate::kin::{self, Who};
use crate::preferences::PREFERENCES;
use crate::value::{Bind, FromRow, Row, binds};

/// Which customers to load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Slice {
    /// Those of a part of the company, in the order of their ids.
    Between {
        /// The one before the first; the nil id from the start.
        after: CustomerId,
        /// The last; the greatest id to the end.
        last: CustomerId,
    },
    /// These.
    Only(Vec<CustomerId>),
}

impl Slice {
    /// Every customer of the company.
    pub fn everyone() -> Self {
        Self::Between {
            after: CustomerId::from_uuid(Uuid::nil()),
            last: CustomerId::from_uuid(Uuid::max()),
        }
    }
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

/// The same without what only a decision asks for: addresses, preferences, and who else is the same
/// person. For lists that weigh many customers and show few of them.
///
/// # Errors
/// What the database says.
pub async fn weighed(
    db: &Db,
    company: CompanyId,
    customers: Vec<CustomerId>,
    horizon: Option<Date>,
) -> Result<Vec<Standing>> {
    let slice = Slice::Only(customers);
    read_heavily!(db, |heavy| weigh(heavy, company, slice, horizon))
}

async fn weigh(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    slice: Slice,
    horizon: Option<Date>,
) -> Result<Vec<Standing>> {
    let mut loading = Loading::start(heavy, company, slice, horizon).await?;
    if !loading.standings.is_empty() {
        loading.facts(heavy).await?;
    }
    Ok(loading.standings)
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
        loading.facts(heavy).await?;
        loading.charged(heavy).await?;
        loading.kin(heavy).await?;
        loading.preferences(heavy).await?;
        loading.under_way(heavy).await?;
    }
    Ok(loading.standings)
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
                    calls: Vec::new(),
                    last_answer: None,
                    kin: Vec::new(),
                    preferences: Preferences::default(),
                    under_way: UnderWay::default(),
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
            Slice::Between { after, last } => {
                let sql = format!(
                    "SELECT {CUSTOMER}, s.digest {tail} AND c.id > $2 AND c.id <= $3 ORDER BY c.id"
                );
                heavy
                    .each(&sql, &binds![company, *after, *last], &mut push)
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
            (Slice::Between { .. }, Some(first), Some(last)) => Range::Between(id(first), id(last)),
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
            "SELECT t.customer_id, {columns} FROM {table} \
            WHERE t.company_id = $1 AND {who}"
        );
        if let Some(Closed::Always(condition)) = &closed {
            sql.push_str(&format!(" AND {condition}"));
        } else if let (Some(horizon), Some(condition)) = (self.horizon, &closed) {
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

/// A query over a child table, named `t`.
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
    /// Whatever the horizon, unless this holds.
    Always(&'static str),
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
            Self::Always(_) => Bind::Day(None),
        }
    }

    fn text(&self, number: usize) -> String {
        match self {
            Self::On(column) => format!(" AND (t.{column} IS NULL OR t.{column} > ${number})"),
            Self::Contact => {
                format!(" AND (t.planned_at >= ${number} OR t.state IN ('planned', 'claimed'))")
            }
            Self::Always(condition) => format!(" AND {condition}"),
        }
    }
}

impl Loading {
    /// What is owed and what was said.
    async fn facts(&mut self, heavy: &mut Heavy<'_>) -> Result<()> {
        self.documents(heavy).await?;
        self.payments(heavy).await?;
        self.applications(heavy).await?;
        self.holds(heavy).await?;
        self.promises(heavy).await?;
        self.contacts(heavy).await?;
        self.calls(heavy).await?;
        self.answers(heavy).await
    }

    async fn contact_points(&mut self, heavy: &mut Heavy<'_>) -> Result<()> {
        let query = Children {
            columns: CONTACT_POINT,
            table: "contact_points t",
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
            table: "documents t",
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
            table: "payments t",
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
            table: "applications t",
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

    async fn charged(&mut self, heavy: &mut Heavy<'_>) -> Result<()> {
        let query = Children {
            columns: CHARGED,
            table: CHARGE_NOTES,
            closed: None,
            order: ", t.up_to_on, t.invoice_id, t.part",
        };
        self.children(heavy, query, |position, charged| {
            position.books.charged.push(charged);
        })
        .await
    }

    async fn holds(&mut self, heavy: &mut Heavy<'_>) -> Result<()> {
        let query = Children {
            columns: HOLD,
            table: "holds t",
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
            table: "promises t",
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
            table: "contacts t",
            closed: Some(Closed::Contact),
            order: ", t.planned_at, t.id",
        };
        self.children(heavy, query, |position, contact| {
            position.contacts.push(contact)
        })
        .await
    }

    async fn calls(&mut self, heavy: &mut Heavy<'_>) -> Result<()> {
        let query = Children {
            columns: PAST_CALL,
            table: CALLS,
            closed: None,
            order: ", t.message_id",
        };
        self.children(heavy, query, |position, call| position.calls.push(call))
            .await
    }

    async fn preferences(&mut self, heavy: &mut Heavy<'_>) -> Result<()> {
        let query = Children {
            columns: PREFERENCES,
            table: "preferences t",
            closed: None,
            order: "",
        };
        self.children(heavy, query, |position, preferences| {
            position.preferences = preferences;
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

impl Loading {
    /// Lays beside each customer what was done with those it shares a tax id or an address with.
    async fn kin(&mut self, heavy: &mut Heavy<'_>) -> Result<()> {
        let who = match &self.range {
            Range::Between(first, last) => Who::Between(*first, *last),
            Range::Only(ids) => Who::Only(ids),
        };
        let kin = kin::of(heavy, self.company, who, self.horizon).await?;
        for (customer, kin) in kin {
            let place = self
                .standings
                .binary_search_by_key(&customer, |it| it.position.customer.id);
            if let Ok(place) = place {
                self.standings[place].position.kin.push(kin);
            }
        }
        Ok(())
    }
}

impl Loading {
    /// How fresh the company's bank data is, what is proposed as the customers' money, and whose
    /// word that it paid waits for a person.
    async fn under_way(&mut self, heavy: &mut Heavy<'_>) -> Result<()> {
        let until: Vec<Option<Date>> = heavy
            .rows(DATA_UNTIL, &binds![self.company], |row| row.get())
            .await?;
        let bank_until = until.into_iter().next().flatten();
        for standing in &mut self.standings {
            standing.position.under_way.bank_until = bank_until;
        }
        if bank_until.is_some() {
            let query = Children {
                columns: "t.amount_minor, t.currency",
                table: "matches t",
                closed: Some(Closed::Always("t.state = 'proposed'")),
                order: ", t.id",
            };
            self.children(heavy, query, |position, money| {
                position.under_way.proposed.push(money);
            })
            .await?;
        }
        let query = Children {
            columns: "t.state = 'open'",
            table: "payment_claims t",
            closed: Some(Closed::Always("t.state = 'open'")),
            order: ", t.id",
        };
        self.children(heavy, query, |position, waits: bool| {
            position.under_way.claim_waits |= waits;
        })
        .await
    }
}
