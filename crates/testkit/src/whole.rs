//! The whole database, column by column, read past the program: for what must not be in it.

use sqlx::{AssertSqlSafe, Connection, PgConnection, Row, SqliteConnection};

use crate::TestDb;

/// Every column of every table: table, column, type in lower case.
pub async fn columns(test: &TestDb) -> Vec<(String, String, String)> {
    const SQLITE: &str = "SELECT m.name, p.name, lower(p.type) FROM sqlite_master m, \
        pragma_table_info(m.name) p WHERE m.type = 'table' ORDER BY m.name, p.cid";
    const POSTGRES: &str = "SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT), \
        CAST(data_type AS TEXT) FROM information_schema.columns \
        WHERE table_schema = current_schema() ORDER BY table_name, ordinal_position";
    macro_rules! read {
        ($connection:ty, $sql:expr) => {{
            let mut connection = <$connection>::connect(&test.url).await.expect("it opens");
            let rows = sqlx::query($sql)
                .fetch_all(&mut connection)
                .await
                .expect("the schema");
            rows.iter()
                .map(|row| (row.get(0), row.get(1), row.get(2)))
                .collect()
        }};
    }
    if test.url.starts_with("sqlite:") {
        read!(SqliteConnection, SQLITE)
    } else {
        read!(PgConnection, POSTGRES)
    }
}

/// The columns in which a text stands anywhere, as `table.column`; upper and lower case of ASCII
/// letters are the same.
pub async fn columns_with(test: &TestDb, text: &str) -> Vec<String> {
    let sqlite = test.url.starts_with("sqlite:");
    let mut found = Vec::new();
    for (table, column, kind) in columns(test).await {
        let has = match (sqlite, kind.as_str()) {
            (true, _) => format!("instr(lower(CAST({column} AS TEXT)), lower($1)) > 0"),
            (false, "bytea") => format!("position(convert_to($1, 'UTF8') IN {column}) > 0"),
            (false, _) => format!("position(lower($1) IN lower(CAST({column} AS TEXT))) > 0"),
        };
        let sql = format!("SELECT COUNT(*) FROM {table} WHERE {has}");
        macro_rules! count {
            ($connection:ty) => {{
                let mut connection = <$connection>::connect(&test.url).await.expect("it opens");
                let query = sqlx::query(AssertSqlSafe(sql)).bind(text.to_owned());
                let row = query.fetch_one(&mut connection).await.expect("a count");
                row.get::<i64, _>(0)
            }};
        }
        let count = if sqlite {
            count!(SqliteConnection)
        } else {
            count!(PgConnection)
        };
        if count > 0 {
            found.push(format!("{table}.{column}"));
        }
    }
    found
}
