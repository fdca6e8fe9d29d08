//! Companies and what each declares of all its customers.

use domain::calendar;
use domain::company::{Actor, CreditorClass, DebtClass, Declarations, Declared};
use domain::customer::{Channel, ContactSource, Country, DebtorClass, RecipientRole};
use domain::{CompanyId, Currency};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::db::{Access, Tx, first, rows, run};
use crate::error::{Result, StoreError};
use crate::events;
use crate::stamp::Stamp;
use crate::value::{FromRow, Row, binds};

/// A creditor; the tenant.
#[derive(Clone, Debug, PartialEq)]
pub struct Company {
    /// Our id.
    pub id: CompanyId,
    /// Unique short name.
    pub name: String,
    /// Name in messages.
    pub legal_name: String,
    /// Country of its customers where theirs is not known.
    pub country: Country,
    /// Currency of amounts that come without one.
    pub currency: Currency,
    /// IANA time zone.
    pub zone: String,
    /// Language of messages where the customer's is not known, BCP 47.
    pub language: String,
    /// Whatever else it set; an object.
    pub settings: Value,
    /// When it was made.
    pub created_at: Timestamp,
}

const COLUMNS: &str =
    "id, name, legal_name, country, currency, zone, language, settings, created_at";

impl FromRow for Company {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            name: row.get()?,
            legal_name: row.get()?,
            country: row.get()?,
            currency: row.get()?,
            zone: row.get()?,
            language: row.get()?,
            settings: row.get()?,
            created_at: row.get()?,
        })
    }
}

/// Makes a company; `created_at` is the stamp's.
///
/// # Errors
/// [`StoreError::Exists`] when the name is taken.
pub async fn create(tx: &mut Tx, stamp: &Stamp, company: &Company) -> Result<()> {
    const SQL: &str = "INSERT INTO companies \
        (id, name, legal_name, country, currency, zone, language, settings, created_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let binds = binds![
        company.id,
        &company.name,
        &company.legal_name,
        company.country,
        company.currency,
        &company.zone,
        &company.language,
        &company.settings,
        stamp.at,
    ];
    let done = run(&mut *tx, SQL, &binds).await;
    done.map_err(|error| error.named("company", &company.name))?;
    let body = json!({ "after": body(company) });
    events::append(
        tx,
        stamp,
        company.id,
        "company.created",
        Some(company.id.uuid()),
        &body,
    )
    .await
}

/// Overwrites a company's own record but its id and `created_at`.
///
/// # Errors
/// [`StoreError::Missing`], or [`StoreError::Exists`] when the new name is taken.
pub async fn change(tx: &mut Tx, stamp: &Stamp, company: &Company) -> Result<()> {
    const SQL: &str = "UPDATE companies SET name = $2, legal_name = $3, country = $4, \
        currency = $5, zone = $6, language = $7, settings = $8 WHERE id = $1";
    let Some(before) = get(&mut *tx, company.id).await? else {
        return Err(StoreError::Missing {
            what: "company",
            key: company.name.clone(),
        });
    };
    let (before, after) = events_of_change(&body(&before), &body(company));
    if before == after {
        return Ok(());
    }
    let binds = binds![
        company.id,
        &company.name,
        &company.legal_name,
        company.country,
        company.currency,
        &company.zone,
        &company.language,
        &company.settings,
    ];
    let done = run(&mut *tx, SQL, &binds).await;
    done.map_err(|error| error.named("company", &company.name))?;
    let body = json!({ "before": before, "after": after });
    events::append(
        tx,
        stamp,
        company.id,
        "company.changed",
        Some(company.id.uuid()),
        &body,
    )
    .await
}

fn body(company: &Company) -> Value {
    json!({
        "name": company.name,
        "legal_name": company.legal_name,
        "country": company.country.code(),
        "currency": company.currency.code(),
        "zone": company.zone,
        "language": company.language,
        "settings": company.settings,
    })
}

/// What differs between two objects, on each side.
pub(crate) fn events_of_change(before: &Value, after: &Value) -> (Value, Value) {
    let (mut old, mut new) = (serde_json::Map::new(), serde_json::Map::new());
    for (key, value) in after.as_object().into_iter().flatten() {
        let was = before.get(key).unwrap_or(&Value::Null);
        if was != value {
            old.insert(key.clone(), was.clone());
            new.insert(key.clone(), value.clone());
        }
    }
    (Value::Object(old), Value::Object(new))
}

/// The company of that id.
///
/// # Errors
/// What the database says.
pub async fn get(on: impl Access, company: CompanyId) -> Result<Option<Company>> {
    let sql = format!("SELECT {COLUMNS} FROM companies WHERE id = $1");
    first(on, &sql, &binds![company], FromRow::from_row).await
}

/// The company of that name.
///
/// # Errors
/// What the database says.
pub async fn by_name(on: impl Access, name: &str) -> Result<Option<Company>> {
    let sql = format!("SELECT {COLUMNS} FROM companies WHERE name = $1");
    first(on, &sql, &binds![name], FromRow::from_row).await
}

/// Every company, oldest first.
///
/// # Errors
/// What the database says.
pub async fn all(on: impl Access) -> Result<Vec<Company>> {
    let sql = format!("SELECT {COLUMNS} FROM companies ORDER BY id");
    rows(on, &sql, &[], FromRow::from_row).await
}

/// Something a company declares of all its customers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Declaration {
    /// Kind of creditor.
    Creditor(CreditorClass),
    /// Who acts.
    Actor(Actor),
    /// Class of its customers.
    Debtor(DebtorClass),
    /// Origin of its debts.
    Debt(DebtClass),
    /// Whether its customers are final consumers.
    FinalConsumer(bool),
    /// Where its contact points come from.
    ContactSource(ContactSource),
    /// Role of those who receive its messages.
    Recipient(RecipientRole),
    /// Channels for which it holds its customers' consent.
    Consents(Vec<Channel>),
}

impl Declaration {
    /// The word of the fact.
    pub const fn fact(&self) -> &'static str {
        match self {
            Self::Creditor(_) => "creditor",
            Self::Actor(_) => "actor",
            Self::Debtor(_) => "debtor",
            Self::Debt(_) => "debt",
            Self::FinalConsumer(_) => "final_consumer",
            Self::ContactSource(_) => "contact_source",
            Self::Recipient(_) => "recipient",
            Self::Consents(_) => "consents",
        }
    }

    /// The value as written: a word, `true` or `false`, channels with commas.
    pub fn value(&self) -> String {
        match self {
            Self::Creditor(value) => value.code().to_owned(),
            Self::Actor(value) => value.code().to_owned(),
            Self::Debtor(value) => value.code().to_owned(),
            Self::Debt(value) => value.code().to_owned(),
            Self::FinalConsumer(value) => value.to_string(),
            Self::ContactSource(value) => value.code().to_owned(),
            Self::Recipient(value) => value.code().to_owned(),
            Self::Consents(channels) => {
                let codes: Vec<_> = channels.iter().map(|channel| channel.code()).collect();
                codes.join(",")
            }
        }
    }

    /// Reads what [`Declaration::fact`] and [`Declaration::value`] wrote.
    ///
    /// # Errors
    /// A sentence with the words allowed.
    pub fn parse(fact: &str, value: &str) -> Result<Self, String> {
        fn word<T: std::str::FromStr>(value: &str) -> Result<T, String>
        where
            T::Err: std::fmt::Display,
        {
            value
                .trim()
                .parse()
                .map_err(|error: T::Err| error.to_string())
        }
        Ok(match fact {
            "creditor" => Self::Creditor(word(value)?),
            "actor" => Self::Actor(word(value)?),
            "debtor" => Self::Debtor(word(value)?),
            "debt" => Self::Debt(word(value)?),
            "final_consumer" => Self::FinalConsumer(word(value)?),
            "contact_source" => Self::ContactSource(word(value)?),
            "recipient" => Self::Recipient(word(value)?),
            "consents" => {
                let words = value.split(',').filter(|part| !part.trim().is_empty());
                Self::Consents(words.map(word).collect::<Result<_, _>>()?)
            }
            _ => {
                return Err(format!(
                    "`{fact}` cannot be declared: use one of creditor, actor, debtor, debt, \
                     final_consumer, contact_source, recipient, consents"
                ));
            }
        })
    }
}

/// Records what a company declares; the latest of a fact holds.
///
/// # Errors
/// What the database says.
pub async fn declare(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    declaration: &Declaration,
) -> Result<()> {
    const SQL: &str = "INSERT INTO declarations (company_id, fact, value, author, recorded_at) \
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT (company_id, fact, recorded_at) \
        DO UPDATE SET value = excluded.value, author = excluded.author";
    let (fact, value) = (declaration.fact(), declaration.value());
    let body = json!({ "after": { fact: value } });
    run(
        &mut *tx,
        SQL,
        &binds![company, fact, &value, &stamp.author, stamp.at],
    )
    .await?;
    events::append(
        tx,
        stamp,
        company,
        "company.declared",
        Some(company.uuid()),
        &body,
    )
    .await
}

/// What a company declares, each fact with its author and the day in the company's zone.
///
/// # Errors
/// What the database says; [`StoreError::Unreadable`] for a value of another version.
pub async fn declarations(on: impl Access, company: &Company) -> Result<Declarations> {
    const SQL: &str = "SELECT fact, value, author, recorded_at FROM declarations \
        WHERE company_id = $1 ORDER BY recorded_at";
    let read = |row: &mut Row<'_>| {
        let (fact, value, author, at): (String, String, String, Timestamp) =
            (row.get()?, row.get()?, row.get()?, row.get()?);
        let declaration = Declaration::parse(&fact, &value)
            .map_err(|found| StoreError::Unreadable { column: 1, found })?;
        Ok((declaration, author, at))
    };
    let zone = calendar::zone(&company.zone).unwrap_or(TimeZone::UTC);
    let mut declared = Declarations::default();
    for (declaration, author, at) in rows(on, SQL, &binds![company.id], read).await? {
        let on = calendar::local(at, &zone).date();
        macro_rules! set {
            ($field:ident, $value:expr) => {
                declared.$field = Some(Declared {
                    value: $value,
                    author,
                    on,
                })
            };
        }
        match declaration {
            Declaration::Creditor(value) => set!(creditor, value),
            Declaration::Actor(value) => set!(actor, value),
            Declaration::Debtor(value) => set!(debtor, value),
            Declaration::Debt(value) => set!(debt, value),
            Declaration::FinalConsumer(value) => set!(final_consumer, value),
            Declaration::ContactSource(value) => set!(contact_source, value),
            Declaration::Recipient(value) => set!(recipient, value),
            Declaration::Consents(value) => set!(consents, value),
        }
    }
    Ok(declared)
}
