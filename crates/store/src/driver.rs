//! How the three drivers take our values and give them back.

use jiff::civil::Date;
use rusqlite::types::{ToSqlOutput, Value as SqliteCell, ValueRef};
use serde_json::Value;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgRow, PgTypeInfo, PgValueFormat, PgValueRef};
use sqlx::query::Query;
use sqlx::sqlite::SqliteRow;
use sqlx::{Database, Decode, Encode, Postgres, Row as _, Sqlite, Type, ValueRef as _};
use uuid::Uuid;

use crate::error::{Result, StoreError};
use crate::value::{Bind, Columns};

/// OID of the JSONB type, fixed in PostgreSQL's catalogue.
const JSONB_OID: u32 = 3802;
/// OID of the DATE type.
const DATE_OID: u32 = 1082;
/// The version byte in front of a binary JSONB.
const JSONB_VERSION: u8 = 1;
/// PostgreSQL counts civil days from here.
const POSTGRES_EPOCH: Date = Date::constant(2000, 1, 1);

/// A civil date on its way to or from PostgreSQL.
struct Day(Date);

/// Days since PostgreSQL's epoch.
pub(crate) fn postgres_days(day: Date) -> i32 {
    POSTGRES_EPOCH.until(day).map_or(0, |span| span.get_days())
}

impl Type<Postgres> for Day {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(DATE_OID))
    }
}

impl Encode<'_, Postgres> for Day {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        buffer.extend_from_slice(&postgres_days(self.0).to_be_bytes());
        Ok(IsNull::No)
    }
}

impl Decode<'_, Postgres> for Day {
    fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
        if value.format() == PgValueFormat::Text {
            return Ok(Self(value.as_str()?.parse()?));
        }
        let days = i32::from_be_bytes(value.as_bytes()?.try_into()?);
        let span = jiff::Span::new().try_days(days)?;
        Ok(Self(POSTGRES_EPOCH.checked_add(span)?))
    }
}

/// A JSON text on its way to PostgreSQL.
struct Jsonb<'a>(&'a str);

impl Type<Postgres> for Jsonb<'_> {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(JSONB_OID))
    }
}

impl Encode<'_, Postgres> for Jsonb<'_> {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        buffer.push(JSONB_VERSION);
        buffer.extend_from_slice(self.0.as_bytes());
        Ok(IsNull::No)
    }
}

/// A JSON value out of PostgreSQL.
struct JsonbValue(Value);

impl Decode<'_, Postgres> for JsonbValue {
    fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
        let bytes = value.as_bytes()?;
        let text = match value.format() {
            PgValueFormat::Binary => bytes.get(1..).unwrap_or_default(),
            PgValueFormat::Text => bytes,
        };
        Ok(Self(serde_json::from_slice(text)?))
    }
}

/// An engine that sqlx drives.
pub(crate) trait Bound: Database {
    fn bind<'q>(
        query: Query<'q, Self, <Self as Database>::Arguments>,
        value: &Bind<'_>,
    ) -> Query<'q, Self, <Self as Database>::Arguments>;
}

impl Bound for Sqlite {
    fn bind<'q>(
        query: Query<'q, Self, <Self as Database>::Arguments>,
        value: &Bind<'_>,
    ) -> Query<'q, Self, <Self as Database>::Arguments> {
        match value {
            Bind::Text(text) => query.bind(text.as_ref().map(|text| text.as_ref().to_owned())),
            Bind::Int(int) => query.bind(*int),
            Bind::Uuid(uuid) => query.bind(*uuid),
            Bind::Bytes(bytes) => query.bind(bytes.as_ref().map(|it| it.as_ref().to_vec())),
            Bind::Day(day) => query.bind(day.map(|day| day.to_string())),
            Bind::Bool(bool) => query.bind(*bool),
            Bind::Json(text) => query.bind(text.as_ref().to_owned()),
            Bind::Uuids(uuids) => query.bind(hex_list(uuids)),
            Bind::Texts(texts) => query.bind(text_list(texts)),
        }
    }
}

impl Bound for Postgres {
    fn bind<'q>(
        query: Query<'q, Self, <Self as Database>::Arguments>,
        value: &Bind<'_>,
    ) -> Query<'q, Self, <Self as Database>::Arguments> {
        match value {
            Bind::Text(text) => query.bind(text.as_ref().map(|text| text.as_ref().to_owned())),
            Bind::Int(int) => query.bind(*int),
            Bind::Uuid(uuid) => query.bind(*uuid),
            Bind::Bytes(bytes) => query.bind(bytes.as_ref().map(|it| it.as_ref().to_vec())),
            Bind::Day(day) => query.bind(day.map(Day)),
            Bind::Bool(bool) => query.bind(*bool),
            Bind::Json(text) => query.bind(Jsonb(text)),
            Bind::Uuids(uuids) => query.bind(uuids.as_ref().to_vec()),
            Bind::Texts(texts) => query.bind(
                texts
                    .iter()
                    .map(|it| (*it).to_owned())
                    .collect::<Vec<String>>(),
            ),
        }
    }
}

/// UUIDs as the JSON list of hexadecimal texts that `unhex(json_each.value)` takes apart.
fn hex_list(uuids: &[Uuid]) -> String {
    let mut list = String::with_capacity(uuids.len() * 35 + 2);
    list.push('[');
    for (index, uuid) in uuids.iter().enumerate() {
        if index > 0 {
            list.push(',');
        }
        list.push('"');
        list.push_str(uuid.simple().encode_lower(&mut Uuid::encode_buffer()));
        list.push('"');
    }
    list.push(']');
    list
}

fn text_list(texts: &[&str]) -> String {
    Value::from(texts.to_vec()).to_string()
}

impl rusqlite::ToSql for Bind<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let text = |text: String| ToSqlOutput::Owned(SqliteCell::Text(text));
        Ok(match self {
            Self::Text(Some(text)) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Self::Int(Some(int)) => ToSqlOutput::Borrowed(ValueRef::Integer(*int)),
            Self::Uuid(Some(uuid)) => ToSqlOutput::Borrowed(ValueRef::Blob(uuid.as_bytes())),
            Self::Bytes(Some(bytes)) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
            Self::Day(Some(day)) => text(day.to_string()),
            Self::Bool(Some(bool)) => ToSqlOutput::Borrowed(ValueRef::Integer(i64::from(*bool))),
            Self::Json(json) => ToSqlOutput::Borrowed(ValueRef::Text(json.as_bytes())),
            Self::Uuids(uuids) => text(hex_list(uuids)),
            Self::Texts(texts) => text(text_list(texts)),
            Self::Text(None)
            | Self::Int(None)
            | Self::Uuid(None)
            | Self::Bytes(None)
            | Self::Bool(None)
            | Self::Day(None) => ToSqlOutput::Borrowed(ValueRef::Null),
        })
    }
}

fn unreadable(column: usize, error: impl std::fmt::Display) -> StoreError {
    StoreError::Unreadable {
        column,
        found: error.to_string(),
    }
}

fn parsed_day(column: usize, text: &str) -> Result<Date> {
    text.parse().map_err(|error| unreadable(column, error))
}

fn parsed_json(column: usize, text: &[u8]) -> Result<Value> {
    serde_json::from_slice(text).map_err(|error| unreadable(column, error))
}

impl Columns for rusqlite::Row<'_> {
    fn is_null(&self, column: usize) -> Result<bool> {
        Ok(matches!(self.get_ref(column)?, ValueRef::Null))
    }

    fn text(&self, column: usize) -> Result<String> {
        let text = self.get_ref(column)?.as_str();
        text.map(str::to_owned)
            .map_err(|error| unreadable(column, error))
    }

    fn int(&self, column: usize) -> Result<i64> {
        self.get_ref(column)?
            .as_i64()
            .map_err(|error| unreadable(column, error))
    }

    fn uuid(&self, column: usize) -> Result<Uuid> {
        let blob = self.get_ref(column)?.as_blob();
        let blob = blob.map_err(|error| unreadable(column, error))?;
        Uuid::from_slice(blob).map_err(|error| unreadable(column, error))
    }

    fn bytes(&self, column: usize) -> Result<Vec<u8>> {
        let blob = self.get_ref(column)?.as_blob();
        blob.map(<[u8]>::to_vec)
            .map_err(|error| unreadable(column, error))
    }

    fn day(&self, column: usize) -> Result<Date> {
        let text = self.get_ref(column)?.as_str();
        parsed_day(column, text.map_err(|error| unreadable(column, error))?)
    }

    fn bool(&self, column: usize) -> Result<bool> {
        self.int(column).map(|int| int != 0)
    }

    fn json(&self, column: usize) -> Result<Value> {
        let text = self.get_ref(column)?.as_bytes();
        parsed_json(column, text.map_err(|error| unreadable(column, error))?)
    }
}

impl Columns for SqliteRow {
    fn is_null(&self, column: usize) -> Result<bool> {
        Ok(self.try_get_raw(column)?.is_null())
    }

    fn text(&self, column: usize) -> Result<String> {
        Ok(self.try_get_unchecked(column)?)
    }

    fn int(&self, column: usize) -> Result<i64> {
        Ok(self.try_get_unchecked(column)?)
    }

    fn uuid(&self, column: usize) -> Result<Uuid> {
        Ok(self.try_get_unchecked(column)?)
    }

    fn bytes(&self, column: usize) -> Result<Vec<u8>> {
        Ok(self.try_get_unchecked(column)?)
    }

    fn day(&self, column: usize) -> Result<Date> {
        let text: String = self.try_get_unchecked(column)?;
        parsed_day(column, &text)
    }

    fn bool(&self, column: usize) -> Result<bool> {
        Ok(self.try_get_unchecked(column)?)
    }

    fn json(&self, column: usize) -> Result<Value> {
        let text: String = self.try_get_unchecked(column)?;
        parsed_json(column, text.as_bytes())
    }
}

impl Columns for PgRow {
    fn is_null(&self, column: usize) -> Result<bool> {
        Ok(self.try_get_raw(column)?.is_null())
    }

    fn text(&self, column: usize) -> Result<String> {
        Ok(self.try_get_unchecked(column)?)
    }

    fn int(&self, column: usize) -> Result<i64> {
        Ok(self.try_get_unchecked(column)?)
    }

    fn uuid(&self, column: usize) -> Result<Uuid> {
        Ok(self.try_get_unchecked(column)?)
    }

    fn bytes(&self, column: usize) -> Result<Vec<u8>> {
        Ok(self.try_get_unchecked(column)?)
    }

    fn day(&self, column: usize) -> Result<Date> {
        let Day(day) = self.try_get_unchecked(column)?;
        Ok(day)
    }

    fn bool(&self, column: usize) -> Result<bool> {
        Ok(self.try_get_unchecked(column)?)
    }

    fn json(&self, column: usize) -> Result<Value> {
        let JsonbValue(value) = self.try_get_unchecked(column)?;
        Ok(value)
    }
}
