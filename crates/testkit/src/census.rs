//! What lies in a database, seen past the program: rows counted, derived rows wiped.

use std::collections::BTreeMap;

use sqlx::{AssertSqlSafe, Connection, PgConnection, Row, SqliteConnection};
use store::Db;

use crate::TestDb;

impl TestDb {
    /// Every row of each table as text, in an order of its own.
    pub async fn contents(&self) -> BTreeMap<String, Vec<String>> {
        let mut contents = BTreeMap::new();
        for table in self.census().await.into_keys() {
            let select = if matches!(self.db, Db::Sqlite(_)) {
                let columns = format!("SELECT name FROM pragma_table_info('{table}')");
                let columns = self.column(&columns).await;
                let quoted: Vec<String> = columns
                    .iter()
                    .map(|name| format!("quote({name})"))
                    .collect();
                format!("SELECT {} FROM {table}", quoted.join(" || ', ' || "))
            } else {
                format!("SELECT CAST(t AS TEXT) FROM {table} AS t")
            };
            let mut rows = self.column(&select).await;
            rows.sort_unstable();
            contents.insert(table, rows);
        }
        contents
    }

    /// How many rows each table has.
    pub async fn census(&self) -> BTreeMap<String, i64> {
        const ON_SQLITE: &str = "SELECT name FROM sqlite_master WHERE type = 'table'";
        const ON_POSTGRES: &str =
            "SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = 'public'";
        let sqlite = matches!(self.db, Db::Sqlite(_));
        let tables = self
            .column(if sqlite { ON_SQLITE } else { ON_POSTGRES })
            .await;
        let mut census = BTreeMap::new();
        for table in tables.into_iter().filter(|name| !name.starts_with('_')) {
            let count = format!("SELECT CAST(COUNT(*) AS TEXT) FROM {table}");
            let count = self.column(&count).await;
            census.insert(table, count[0].parse().expect("a number"));
        }
        census
    }

    /// Wipes all that is derived from facts: what was decided, and which documents are closed.
    pub async fn forget_what_is_derived(&self) {
        for table in ["standings", "decisions", "run_parts", "runs", "events"] {
            self.tamper(&format!("DELETE FROM {table}")).await;
        }
        self.tamper("UPDATE documents SET settled_on_projection = NULL")
            .await;
        self.tamper("UPDATE payments SET spent_on_projection = NULL")
            .await;
    }

    /// Runs a statement the program would never run.
    async fn tamper(&self, sql: &str) {
        let query = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        if matches!(self.db, Db::Sqlite(_)) {
            let mut connection = SqliteConnection::connect(&self.url)
                .await
                .expect("it opens");
            query
                .execute(&mut connection)
                .await
                .expect("the statement runs");
        } else {
            let mut connection = PgConnection::connect(&self.url).await.expect("it opens");
            query
                .execute(&mut connection)
                .await
                .expect("the statement runs");
        }
    }

    /// The first column of a query, as text.
    async fn column(&self, sql: &str) -> Vec<String> {
        let query = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        if matches!(self.db, Db::Sqlite(_)) {
            let mut connection = SqliteConnection::connect(&self.url)
                .await
                .expect("it opens");
            let rows = query.fetch_all(&mut connection).await.expect("rows");
            rows.iter().map(|row| row.get(0)).collect()
        } else {
            let mut connection = PgConnection::connect(&self.url).await.expect("it opens");
            let rows = query.fetch_all(&mut connection).await.expect("rows");
            rows.iter().map(|row| row.get(0)).collect()
        }
    }
}
