//! The rows as they lie in the tables, read past the program on both databases.
//!
//! Each table is read whole by one plain SELECT whose columns come as text; what a column means is
//! said by the type of its field.

use std::fmt::Debug;

use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};
use tempfile::TempDir;

use super::calendar::Day;

/// What a column may hold.
trait Cell: Sized {
    /// The expression that gives it as text on SQLite.
    fn on_sqlite(column: &str) -> String {
        format!("CAST({column} AS TEXT)")
    }
    /// The expression that gives it as text on PostgreSQL.
    fn on_postgres(column: &str) -> String {
        format!("CAST({column} AS TEXT)")
    }
    fn read(text: Option<String>) -> Option<Self>;
}

/// An id or a digest, in hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hex(pub String);

impl std::fmt::Display for Hex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Cell for Hex {
    fn on_sqlite(column: &str) -> String {
        format!("CASE WHEN {column} IS NULL THEN NULL ELSE lower(hex({column})) END")
    }
    fn on_postgres(column: &str) -> String {
        // A UUID prints with hyphens, bytes with \x in front.
        format!("replace(replace(CAST({column} AS TEXT), '-', ''), '\\x', '')")
    }
    fn read(text: Option<String>) -> Option<Self> {
        text.map(Self)
    }
}

impl Cell for String {
    fn read(text: Option<String>) -> Option<Self> {
        text
    }
}

impl Cell for i128 {
    fn read(text: Option<String>) -> Option<Self> {
        text?.parse().ok()
    }
}

impl Cell for Day {
    fn read(text: Option<String>) -> Option<Self> {
        Self::parse(&text?)
    }
}

impl Cell for bool {
    fn read(text: Option<String>) -> Option<Self> {
        text.map(|text| text == "1" || text == "true")
    }
}

impl<T: Cell> Cell for Option<T> {
    fn on_sqlite(column: &str) -> String {
        T::on_sqlite(column)
    }
    fn on_postgres(column: &str) -> String {
        T::on_postgres(column)
    }
    fn read(text: Option<String>) -> Option<Self> {
        match text {
            None => Some(None),
            Some(text) => T::read(Some(text)).map(Some),
        }
    }
}

/// The connection, in the way of each engine.
enum Source {
    /// With the folder it lies in, where that is to go with it.
    Sqlite(
        rusqlite::Connection,
        #[expect(dead_code, reason = "it is dropped")] Option<TempDir>,
    ),
    Postgres(tokio::runtime::Runtime, PgConnection),
}

impl Source {
    fn open(url: &str) -> Self {
        if let Some(path) = url.strip_prefix("sqlite:") {
            let connection = rusqlite::Connection::open(path).expect("the database opens");
            return Self::Sqlite(connection, None);
        }
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime starts");
        let connection = runtime.block_on(PgConnection::connect(url));
        Self::Postgres(runtime, connection.expect("PostgreSQL answers"))
    }

    fn glance(url: &str) -> Option<Self> {
        let Some(path) = url.strip_prefix("sqlite:") else {
            return Some(Self::open(url));
        };
        // A copy: to open what a dead process left is to mend it.
        let folder = tempfile::tempdir().ok()?;
        let copy = folder.path().join("copy.db");
        std::fs::copy(path, &copy).ok()?;
        let _none = std::fs::copy(format!("{path}-wal"), folder.path().join("copy.db-wal"));
        let connection = rusqlite::Connection::open(&copy).ok()?;
        Some(Self::Sqlite(connection, Some(folder)))
    }

    /// The first column, if the statement can be read.
    fn texts(&mut self, sql: &str) -> Option<Vec<String>> {
        match self {
            Self::Sqlite(connection, _) => {
                let mut statement = connection.prepare(sql).ok()?;
                let rows = statement.query_map([], |row| row.get(0)).ok()?;
                rows.collect::<Result<_, _>>().ok()
            }
            Self::Postgres(runtime, connection) => {
                let query = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
                let rows = runtime.block_on(query.fetch_all(connection)).ok()?;
                Some(rows.iter().map(|row| row.get(0)).collect())
            }
        }
    }

    fn rows(&mut self, table: &str, columns: &[[String; 2]]) -> Vec<Vec<Option<String>>> {
        let side = usize::from(matches!(self, Self::Postgres(..)));
        let list: Vec<&str> = columns.iter().map(|it| it[side].as_str()).collect();
        let sql = format!("SELECT {} FROM {table}", list.join(", "));
        match self {
            Self::Sqlite(connection, _) => {
                let mut statement = connection.prepare(&sql).expect("the table is there");
                let width = columns.len();
                let read = |row: &rusqlite::Row<'_>| (0..width).map(|it| row.get(it)).collect();
                let rows = statement.query_map([], read).expect("it can be read");
                rows.map(|row| row.expect("a row")).collect()
            }
            Self::Postgres(runtime, connection) => {
                let query = sqlx::raw_sql(AssertSqlSafe(sql));
                let rows = runtime.block_on(query.fetch_all(connection));
                let rows = rows.expect("the table is there");
                let cells = rows
                    .iter()
                    .map(|row| (0..columns.len()).map(|it| row.get(it)).collect());
                cells.collect()
            }
        }
    }
}

macro_rules! tables {
    ($($(#[$doc:meta])* $all:ident: $one:ident = $table:literal by $owner:ident
        { $($field:ident: $kind:ty),* $(,)? })*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug)]
            pub struct $one { $owner: Hex, $(pub $field: $kind),* }

            impl $one {
                fn read(source: &mut Source) -> Vec<Self> {
                    let columns = [[
                        Hex::on_sqlite(stringify!($owner)),
                        Hex::on_postgres(stringify!($owner)),
                    ], $([
                        <$kind as Cell>::on_sqlite(stringify!($field)),
                        <$kind as Cell>::on_postgres(stringify!($field)),
                    ]),*];
                    let rows = source.rows($table, &columns).into_iter();
                    rows.map(|row| {
                        let mut cells = row.into_iter();
                        let owner = cells.next().flatten().unwrap_or_default();
                        Self { $owner: Hex(owner), $($field: {
                            let text = cells.next().flatten();
                            let said = format!("{}.{}: {text:?}", $table, stringify!($field));
                            <$kind as Cell>::read(text).unwrap_or_else(|| panic!("{said}"))
                        }),* }
                    }).collect()
                }
            }
        )*

        /// All that is looked at.
        #[derive(Clone, Debug)]
        pub struct Tables { $(pub $all: Vec<$one>),* }

        impl Tables {
            /// Reads every table.
            pub fn read(url: &str) -> Self {
                let mut source = Source::open(url);
                Self { $($all: $one::read(&mut source)),* }
            }

            /// Whose each row is, with the name of its table.
            pub fn owners(&self) -> impl Iterator<Item = (&'static str, &Hex)> {
                std::iter::empty()$(.chain(self.$all.iter().map(|it| ($table, &it.$owner))))*
            }
        }
    };
}

tables! {
    /// A company.
    companies: Company = "companies" by id { zone: String }
    /// A customer.
    customers: Customer = "customers" by company_id {
        id: Hex, key: String, name: String, country: Option<String>,
    }
    /// An address.
    points: Point = "contact_points" by company_id {
        id: Hex, customer_id: Hex, channel: String, address: String,
    }
    /// A document.
    documents: Document = "documents" by company_id {
        id: Hex, customer_id: Hex, number: String, kind: String, issued_on: Day,
        due_on: Day, currency: String, amount_minor: i128, direct_debit: bool,
        settled_on_projection: Option<Day>, recorded_at: i128,
    }
    /// A payment.
    payments: Payment = "payments" by company_id {
        id: Hex, customer_id: Hex, reference: String, paid_on: Day,
        currency: String, amount_minor: i128, spent_on_projection: Option<Day>, recorded_at: i128,
    }
    /// Money laid on a document.
    applications: Application = "applications" by company_id {
        id: Hex, customer_id: Hex, payment_id: Option<Hex>,
        credit_id: Option<Hex>, document_id: Hex, applied_on: Day, amount_minor: i128,
        recorded_at: i128,
    }
    /// A hold.
    holds: Hold = "holds" by company_id {
        id: Hex, customer_id: Hex, document_id: Option<Hex>, kind: String,
        currency: Option<String>, amount_minor: Option<i128>, from_on: Day, until_on: Option<Day>,
        recorded_at: i128,
    }
    /// The end of a hold.
    hold_ends: HoldEnd = "hold_ends" by company_id {
        hold_id: Hex, until_on: Day, recorded_at: i128,
    }
    /// A promise.
    promises: Promise = "promises" by company_id {
        customer_id: Hex, currency: String, amount_minor: i128,
        made_on: Day, due_on: Day, recorded_at: i128,
    }
    /// A run.
    runs: Run = "runs" by company_id {
        id: Hex, at: i128, summary: String, started_at: i128,
        finished_at: Option<i128>,
    }
    /// Customers of a run that were decided together.
    parts: Part = "run_parts" by company_id {
        run_id: Hex, number: i128, after_customer: Hex, last_customer: Hex,
        summary: Option<String>,
    }
    /// A decision.
    decisions: Decision = "decisions" by company_id {
        id: Hex, run_id: Hex, customer_id: Hex, outcome: String, reason: String,
    }
    /// The decision that stands.
    standings: Standing = "standings" by company_id { customer_id: Hex, decision_id: Hex }
    /// A contact.
    contacts: Contact = "contacts" by company_id {
        id: Hex, customer_id: Hex, run_id: Hex, decision_id: Hex, kind: String,
        step: String, key_day: Day, channel: String, point_id: Hex, content: String,
        state: String, planned_at: i128, claimed_at: Option<i128>, performed_at: Option<i128>,
        recorded_at: i128,
    }
    /// A message.
    messages: Message = "messages" by company_id {
        id: Hex, customer_id: Hex, contact_id: Option<Hex>, address: String, subject: String,
        body_text: String, body_html: Option<String>,
        digest: Hex,
    }
    /// A proof.
    proofs: Proof = "proofs" by company_id {
        id: Hex, customer_id: Hex, contact_id: Hex, kind: String, body: String,
        digest: Hex, subject: String,
    }
    /// An import.
    imports: Import = "imports" by company_id {
        id: Hex, file: String, digest: Hex, finished_at: Option<i128>,
    }
    /// A row that could not be read.
    quarantine: Quarantined = "quarantine" by company_id {
        id: Hex, import_id: Hex, file: String, row_number: i128, state: String,
    }
    /// A task.
    tasks: Task = "tasks" by company_id { contact_id: Option<Hex>, kind: String }
    /// An event.
    events: Event = "events" by company_id { id: Hex, kind: String, entity: Option<Hex> }
}

/// What lies there at a glance, without waking a database that was left in the middle; `None` while
/// there are no tables.
pub fn glance(url: &str) -> Option<std::collections::BTreeMap<String, i128>> {
    const COUNTS: [(&str, &str); 7] = [
        ("customers", "customers"),
        ("documents", "documents"),
        ("files begun", "imports"),
        ("files ended", "imports WHERE finished_at IS NOT NULL"),
        ("decisions", "decisions"),
        ("runs ended", "runs WHERE finished_at IS NOT NULL"),
        ("messages", "messages"),
    ];
    let mut source = Source::glance(url)?;
    let mut counts = std::collections::BTreeMap::new();
    for (name, rows) in COUNTS {
        let count = source.texts(&format!("SELECT CAST(COUNT(*) AS TEXT) FROM {rows}"))?;
        counts.insert(name.to_owned(), count.first()?.parse().ok()?);
    }
    for state in source.texts("SELECT state FROM contacts")? {
        *counts.entry(state).or_insert(0) += 1;
    }
    Some(counts)
}

/// The state of each contact by its id, in hexadecimal digits.
pub fn states(url: &str) -> std::collections::BTreeMap<String, String> {
    let mut source = Source::open(url);
    let contacts = Contact::read(&mut source).into_iter();
    contacts.map(|it| (it.id.0, it.state)).collect()
}
