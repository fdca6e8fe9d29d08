//! All that is kept of a customer, as the tables have it: every table that bears its id, so that a
//! new one is never forgotten, and those that belong to what is its own.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::{CompanyId, CustomerId};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::bulk::{Heavy, read_heavily};
use crate::db::Db;
use crate::error::Result;
use crate::value::{Bind, Row, binds};

/// Tables whose rows are found by way of others: where `$1` is the company, `$2` the customer.
const BY_WAY: &[(&str, &str)] = &[
    ("customers", "company_id = $1 AND id = $2"),
    (
        "hold_ends",
        "company_id = $1 AND hold_id IN \
         (SELECT id FROM holds WHERE company_id = $1 AND customer_id = $2)",
    ),
    (
        "portal_codes",
        "company_id = $1 AND link_id IN \
         (SELECT id FROM portal_links WHERE company_id = $1 AND customer_id = $2)",
    ),
    (
        "portal_sessions",
        "company_id = $1 AND link_id IN \
         (SELECT id FROM portal_links WHERE company_id = $1 AND customer_id = $2)",
    ),
    ("events", "company_id = $1 AND entity {uuids:3}"),
    ("access_log", "company_id = $1 AND entity {uuids:3}"),
    ("import_changes", "company_id = $1 AND entity_id {uuids:3}"),
];

/// A column of a table.
#[derive(Clone, Debug)]
struct Column {
    table: String,
    name: String,
    kind: String,
}

/// Everything that is kept of a customer: by table its rows, bytes in Base64, instants in
/// microseconds since 1970 (UTC) as they are stored.
///
/// # Errors
/// What the database says.
pub async fn everything(db: &Db, company: CompanyId, customer: CustomerId) -> Result<Value> {
    let columns = columns(db).await?;
    read_heavily!(db, |heavy| dump(heavy, columns, company, customer))
}

async fn columns(db: &Db) -> Result<Vec<Column>> {
    const SQLITE: &str = "SELECT m.name, p.name, p.type FROM sqlite_master m, \
        pragma_table_info(m.name) p WHERE m.type = 'table' ORDER BY m.name, p.cid";
    const POSTGRES: &str = "SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT), \
        CAST(data_type AS TEXT) FROM information_schema.columns \
        WHERE table_schema = current_schema() ORDER BY table_name, ordinal_position";
    let sql = match db {
        Db::Sqlite(_) => SQLITE,
        Db::Postgres(_) => POSTGRES,
    };
    crate::db::rows(db, sql, &[], |row| {
        Ok(Column {
            table: row.get()?,
            name: row.get()?,
            kind: row.get::<String>()?.to_lowercase(),
        })
    })
    .await
}

async fn dump(
    heavy: &mut Heavy<'_>,
    columns: Vec<Column>,
    company: CompanyId,
    customer: CustomerId,
) -> Result<Value> {
    let mut all = Map::new();
    let mut ids = vec![customer.uuid()];
    let own = |table: &str| -> Vec<Column> {
        columns
            .iter()
            .filter(|it| it.table == table)
            .cloned()
            .collect()
    };
    let mut tables: Vec<&str> = columns.iter().map(|it| it.table.as_str()).collect();
    tables.dedup();
    for table in tables {
        let cells = own(table);
        let bears = |name: &str| cells.iter().any(|it| it.name == name);
        if bears("customer_id") && bears("company_id") {
            let whose = "company_id = $1 AND customer_id = $2";
            let binds = binds![company, customer];
            let found = rows(heavy, table, &cells, whose, &binds).await?;
            ids.extend(
                found
                    .iter()
                    .filter_map(|row| row["id"].as_str()?.parse::<Uuid>().ok()),
            );
            keep(&mut all, table, found);
        }
    }
    for (table, whose) in BY_WAY {
        let cells = own(table);
        let found = if whose.contains("{uuids:3}") {
            let binds = binds![company, customer, ids.as_slice()];
            // Both texts and lists are numbered: the second is named so that every number is used.
            let whose = format!("{whose} AND $2 = $2");
            rows(heavy, table, &cells, &whose, &binds).await?
        } else {
            rows(heavy, table, &cells, whose, &binds![company, customer]).await?
        };
        keep(&mut all, table, found);
    }
    Ok(Value::Object(all))
}

fn keep(all: &mut Map<String, Value>, table: &str, rows: Vec<Value>) {
    if !rows.is_empty() {
        all.insert(table.to_owned(), Value::Array(rows));
    }
}

async fn rows(
    heavy: &mut Heavy<'_>,
    table: &str,
    columns: &[Column],
    whose: &str,
    binds: &[Bind<'_>],
) -> Result<Vec<Value>> {
    let names: Vec<&str> = columns.iter().map(|it| it.name.as_str()).collect();
    let sql = format!("SELECT {} FROM {table} WHERE {whose}", names.join(", "));
    let mut found = Vec::new();
    let mut read = |row: &mut Row<'_>| {
        let mut object = Map::new();
        for column in columns {
            // The company is the asker itself.
            let value = cell(row, &column.kind)?;
            if column.name != "company_id" {
                object.insert(column.name.clone(), value);
            }
        }
        found.push(Value::Object(object));
        Ok(())
    };
    heavy.each(&sql, binds, &mut read).await?;
    Ok(found)
}

fn cell(row: &mut Row<'_>, kind: &str) -> Result<Value> {
    Ok(match kind {
        "uuid" => row.get::<Option<Uuid>>()?.map(|it| it.to_string()).into(),
        "bigint" | "integer" => row.get::<Option<i64>>()?.into(),
        "boolean" => row.get::<Option<bool>>()?.into(),
        "date" => row
            .get::<Option<jiff::civil::Date>>()?
            .map(|it| it.to_string())
            .into(),
        "jsonb" => row.get::<Option<Value>>()?.unwrap_or(Value::Null),
        "bytea" => row
            .get::<Option<Vec<u8>>>()?
            .map(|it| STANDARD.encode(it))
            .into(),
        _ => row.get::<Option<String>>()?.into(),
    })
}
