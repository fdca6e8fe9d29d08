//! Values on their way into a statement and out of a row, the same for the three drivers.
//!
//! Instants are BIGINT microseconds, civil dates are DATE (text `YYYY-MM-DD` in SQLite), UUIDs are
//! 16 bytes in SQLite, JSON is text in SQLite.

use std::borrow::Cow;
use std::str::FromStr;

use domain::call::CallResult;
use domain::company::{Actor, CreditorClass, DebtClass};
use domain::contact::{ContactState, Tone};
use domain::customer::{
    BehaviourClass, Channel, ContactSource, Country, DebtorClass, Health, RecipientRole,
};
use domain::document::DocumentKind;
use domain::file::FileKind;
use domain::hold::HoldKind;
use domain::portal::ClaimState;
use domain::preference::{Purpose, Said};
use domain::user::{LinkPurpose, Role};
use domain::work::Reason;
use domain::{Currency, Money};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;
use uuid::Uuid;

use crate::error::{Result, StoreError};

/// A value of a statement.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Bind<'a> {
    Text(Option<Cow<'a, str>>),
    Int(Option<i64>),
    Uuid(Option<Uuid>),
    Bytes(Option<Cow<'a, [u8]>>),
    Day(Option<Date>),
    Bool(Option<bool>),
    Json(Cow<'a, str>),
    /// A list for `{uuids:n}`.
    Uuids(Cow<'a, [Uuid]>),
    /// A list for `{texts:n}`.
    Texts(Vec<&'a str>),
}

impl Bind<'_> {
    /// The id it is, if it is one.
    pub(crate) const fn uuid(&self) -> Option<Uuid> {
        match self {
            Self::Uuid(uuid) => *uuid,
            _ => None,
        }
    }
}

/// The values of a statement, in order.
macro_rules! binds {
    ($($value:expr),* $(,)?) => { [$($crate::value::Bind::from($value)),*] };
}
pub(crate) use binds;

macro_rules! bind_from {
    ($($from:ty => |$value:ident| $bind:expr;)*) => {$(
        impl<'a> From<$from> for Bind<'a> {
            fn from($value: $from) -> Self { $bind }
        }
    )*};
}

bind_from! {
    &'a str => |value| Self::Text(Some(Cow::Borrowed(value)));
    &'a String => |value| Self::Text(Some(Cow::Borrowed(value)));
    String => |value| Self::Text(Some(Cow::Owned(value)));
    Option<&'a str> => |value| Self::Text(value.map(Cow::Borrowed));
    &'a Option<String> => |value| Self::Text(value.as_deref().map(Cow::Borrowed));
    i64 => |value| Self::Int(Some(value));
    u32 => |value| Self::Int(Some(i64::from(value)));
    Option<i64> => |value| Self::Int(value);
    Option<&'a [u8]> => |value| Self::Bytes(value.map(Cow::Borrowed));
    Option<u8> => |value| Self::Int(value.map(i64::from));
    Uuid => |value| Self::Uuid(Some(value));
    Option<Uuid> => |value| Self::Uuid(value);
    &'a [u8] => |value| Self::Bytes(Some(Cow::Borrowed(value)));
    &'a [u8; 32] => |value| Self::Bytes(Some(Cow::Borrowed(value)));
    [u8; 32] => |value| Self::Bytes(Some(Cow::Owned(value.to_vec())));
    Date => |value| Self::Day(Some(value));
    Option<Date> => |value| Self::Day(value);
    bool => |value| Self::Bool(Some(value));
    Option<bool> => |value| Self::Bool(value);
    Timestamp => |value| Self::Int(Some(value.as_microsecond()));
    Option<Timestamp> => |value| Self::Int(value.map(Timestamp::as_microsecond));
    &'a Value => |value| Self::Json(Cow::Owned(value.to_string()));
    Currency => |value| Self::Text(Some(Cow::Owned(value.code().to_owned())));
    Option<Currency> => |value| Self::Text(value.map(|it| Cow::Owned(it.code().to_owned())));
    Option<Country> => |value| Self::Text(value.map(|it| Cow::Owned(it.code().to_owned())));
    Country => |value| Self::Text(Some(Cow::Owned(value.code().to_owned())));
    &'a [Uuid] => |value| Self::Uuids(Cow::Borrowed(value));
    Vec<Uuid> => |value| Self::Uuids(Cow::Owned(value));
    Vec<&'a str> => |value| Self::Texts(value);
}

/// What a driver's row can give.
pub(crate) trait Columns {
    fn is_null(&self, column: usize) -> Result<bool>;
    fn text(&self, column: usize) -> Result<String>;
    fn int(&self, column: usize) -> Result<i64>;
    fn uuid(&self, column: usize) -> Result<Uuid>;
    fn bytes(&self, column: usize) -> Result<Vec<u8>>;
    fn day(&self, column: usize) -> Result<Date>;
    fn bool(&self, column: usize) -> Result<bool>;
    fn json(&self, column: usize) -> Result<Value>;
}

/// A row read from its first column to its last.
pub(crate) struct Row<'a> {
    columns: &'a dyn Columns,
    next: usize,
}

impl<'a> Row<'a> {
    pub(crate) const fn new(columns: &'a dyn Columns) -> Self {
        Self { columns, next: 0 }
    }

    /// The next column or columns.
    pub(crate) fn get<T: FromRow>(&mut self) -> Result<T> {
        T::from_row(self)
    }

    fn step(&mut self) -> usize {
        self.next += 1;
        self.next - 1
    }

    fn unreadable<E: std::fmt::Display>(&self, error: E) -> StoreError {
        StoreError::Unreadable {
            column: self.next.saturating_sub(1),
            found: error.to_string(),
        }
    }

    pub(crate) fn code<T: FromStr>(&mut self) -> Result<T>
    where
        T::Err: std::fmt::Display,
    {
        let text: String = self.get()?;
        text.parse().map_err(|error: T::Err| self.unreadable(error))
    }
}

/// What can be read from the next columns of a row.
pub(crate) trait FromRow: Sized {
    /// How many columns it takes.
    const WIDTH: usize = 1;

    fn from_row(row: &mut Row<'_>) -> Result<Self>;
}

macro_rules! from_columns {
    ($($type:ty: $method:ident;)*) => {$(
        impl FromRow for $type {
            fn from_row(row: &mut Row<'_>) -> Result<Self> {
                let column = row.step();
                row.columns.$method(column)
            }
        }
    )*};
}

from_columns! {
    String: text;
    i64: int;
    Uuid: uuid;
    Vec<u8>: bytes;
    Date: day;
    bool: bool;
    Value: json;
}

macro_rules! from_code {
    ($($type:ty)*) => {$(
        impl FromRow for $type {
            fn from_row(row: &mut Row<'_>) -> Result<Self> {
                row.code()
            }
        }

        impl From<$type> for Bind<'_> {
            fn from(value: $type) -> Self {
                Self::Text(Some(Cow::Borrowed(value.code())))
            }
        }

        impl From<Option<$type>> for Bind<'_> {
            fn from(value: Option<$type>) -> Self {
                Self::Text(value.map(|it| Cow::Borrowed(it.code())))
            }
        }
    )*};
}

from_code! {
    Channel DebtorClass RecipientRole ContactSource Health BehaviourClass DocumentKind HoldKind
    Tone ContactState CallResult ClaimState FileKind LinkPurpose Purpose Reason Role Said Actor
    CreditorClass DebtClass
}

macro_rules! from_id {
    ($($type:ident)*) => {$(
        impl FromRow for domain::$type {
            fn from_row(row: &mut Row<'_>) -> Result<Self> {
                row.get().map(Self::from_uuid)
            }
        }

        impl From<domain::$type> for Bind<'_> {
            fn from(value: domain::$type) -> Self {
                Self::Uuid(Some(value.uuid()))
            }
        }

        impl From<Option<domain::$type>> for Bind<'_> {
            fn from(value: Option<domain::$type>) -> Self {
                Self::Uuid(value.map(domain::$type::uuid))
            }
        }
    )*};
}

from_id! {
    ApplicationId BankAccountId BankStatementId BankTransactionId CompanyId ContactId ContactPointId
    CustomerId DecisionId DocumentId EventId FileId HoldId ImportId MatchId NoteId PaymentClaimId
    PaymentId PortalLinkId PromiseId ProofId QuarantineId
    RunId SavedViewId SessionId TaskId UserId
}

/// NULL only where the first of the columns is.
impl<T: FromRow> FromRow for Option<T> {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        if row.columns.is_null(row.next)? {
            row.next += T::WIDTH;
            Ok(None)
        } else {
            T::from_row(row).map(Some)
        }
    }
}

/// Minor units, then currency.
impl FromRow for Money {
    const WIDTH: usize = 2;

    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self::new(row.get()?, row.get()?))
    }
}

impl FromRow for Currency {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        row.code()
    }
}

impl FromRow for Country {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        let text: String = row.get()?;
        Self::new(&text).ok_or_else(|| row.unreadable(text))
    }
}

impl FromRow for u8 {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        let value: i64 = row.get()?;
        Self::try_from(value).map_err(|error| row.unreadable(error))
    }
}

impl FromRow for u32 {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        let value: i64 = row.get()?;
        Self::try_from(value).map_err(|error| row.unreadable(error))
    }
}

impl FromRow for Timestamp {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        let value: i64 = row.get()?;
        Self::from_microsecond(value).map_err(|error| row.unreadable(error))
    }
}

impl FromRow for [u8; 32] {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        let value: Vec<u8> = row.get()?;
        Self::try_from(value.as_slice()).map_err(|error| row.unreadable(error))
    }
}
