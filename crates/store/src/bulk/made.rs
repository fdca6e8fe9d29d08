//! What a part of an import made and changed, kept beside it so that the whole can be undone: the
//! ids of new rows in one blob for each table, and each changed row as it was.

use std::collections::HashMap;

use domain::{CompanyId, ImportId};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Clash, Heavy, Rows, Table};
use crate::error::{Result, StoreError};
use crate::stamp::Stamp;
use crate::value::{Bind, Row};

/// How a column is read and written.
#[derive(Clone, Copy)]
pub(super) enum Cell {
    Text,
    Int,
    Uuid,
    Bytes,
    Day,
    Bool,
    Json,
}

/// A table of which an import changes rows.
pub(super) struct Changing {
    /// Its columns that are brought back: the company, the rest of the key, the others. What is
    /// derived is not among them.
    pub(super) table: Table,
    /// How many columns the key has.
    pub(super) keys: usize,
    /// The columns behind the company's.
    cells: &'static [Cell],
}

use Cell::{Bool, Bytes, Day, Int, Json, Text, Uuid as Id};

/// Every such table.
pub(super) const CHANGING: [Changing; 4] = [
    Changing {
        table: Table {
            name: "customers",
            columns: &[
                "company_id",
                "id",
                "name",
                "class",
                "country",
                "subdivision",
                "zone",
                "language",
                "tax_id",
                "importance",
                "behaviour",
                "tags",
                "legal_events",
                "extra",
                "source_digest",
            ],
        },
        keys: 2,
        cells: &[
            Id, Text, Text, Text, Text, Text, Text, Text, Int, Text, Json, Json, Json, Bytes,
        ],
    },
    Changing {
        table: Table {
            name: "contact_points",
            columns: &[
                "company_id",
                "customer_id",
                "id",
                "role",
                "source",
                "consent",
                "consent_on",
                "consent_source",
            ],
        },
        keys: 3,
        cells: &[Id, Id, Text, Text, Text, Day, Text],
    },
    Changing {
        table: Table {
            name: "documents",
            columns: &[
                "company_id",
                "id",
                "customer_id",
                "kind",
                "issued_on",
                "due_on",
                "currency",
                "amount_minor",
                "direct_debit",
                "extra",
                "source_digest",
                "debt_class",
                "final_consumer",
                "creditor",
                "actor",
            ],
        },
        keys: 2,
        cells: &[
            Id, Id, Text, Day, Day, Text, Int, Bool, Json, Bytes, Text, Bool, Text, Text,
        ],
    },
    Changing {
        table: Table {
            name: "payments",
            columns: &[
                "company_id",
                "id",
                "customer_id",
                "paid_on",
                "currency",
                "amount_minor",
                "extra",
                "source_digest",
            ],
        },
        keys: 2,
        cells: &[Id, Id, Day, Text, Int, Json, Bytes],
    },
];

/// Columns younger than rows that were kept: while nothing is known there, the row is what it was.
const LATER: &[&str] = &["debt_class", "final_consumer", "creditor", "actor"];

pub(super) const MADE: Table = Table {
    name: "import_made",
    columns: &["company_id", "import_id", "part", "entity", "ids"],
};

const CHANGES: Table = Table {
    name: "import_changes",
    columns: &[
        "company_id",
        "import_id",
        "entity",
        "entity_id",
        "part",
        "before",
        "after",
    ],
};

/// Rows of a table as they stand, by id.
pub(super) type Snapshot = HashMap<Uuid, Value>;

/// A part of an import that is being written.
pub(super) struct Part {
    company: CompanyId,
    import: ImportId,
    part: Uuid,
}

impl Part {
    /// Parts are in the order of their ids.
    pub(super) fn new(stamp: &Stamp, company: CompanyId, import: ImportId) -> Self {
        Self {
            company,
            import,
            part: stamp.ids.draw(),
        }
    }

    /// Keeps the ids of new rows: of each table the cells that hold them.
    pub(super) async fn made(
        &self,
        heavy: &mut Heavy<'_>,
        tables: &[(&'static str, &Rows<'_>, &[usize])],
    ) -> Result<()> {
        let mut kept = Rows::new(MADE.columns.len());
        for (entity, rows, cells) in tables.iter().filter(|(_, rows, _)| !rows.is_empty()) {
            let mut ids = Vec::new();
            for row in rows.iter() {
                let found = cells.iter().filter_map(|cell| row[*cell].uuid());
                found.for_each(|id| ids.extend_from_slice(id.as_bytes()));
            }
            kept.push([
                Bind::from(self.company),
                self.import.into(),
                self.part.into(),
                (*entity).into(),
                Bind::Bytes(Some(ids.into())),
            ]);
        }
        heavy.insert(&MADE, &kept, Clash::Fail).await.map(drop)
    }

    /// The rows that are going to change, as they are now, table by table.
    pub(super) async fn before(
        &self,
        heavy: &mut Heavy<'_>,
        changed: &[Vec<Vec<Uuid>>; CHANGING.len()],
    ) -> Result<Vec<Snapshot>> {
        let mut before = Vec::with_capacity(CHANGING.len());
        for (table, keys) in CHANGING.iter().zip(changed) {
            before.push(table.snapshot(heavy, self.company, keys).await?);
        }
        Ok(before)
    }

    /// Keeps rows that have changed: as they were, and a digest of what they became.
    pub(super) async fn changed(
        &self,
        heavy: &mut Heavy<'_>,
        changed: &[Vec<Vec<Uuid>>; CHANGING.len()],
        before: Vec<Snapshot>,
    ) -> Result<()> {
        let mut kept = Rows::new(CHANGES.columns.len());
        for ((table, keys), before) in CHANGING.iter().zip(changed).zip(before) {
            let after = table.snapshot(heavy, self.company, keys).await?;
            for (id, was) in before {
                let is = after.get(&id).map(digest).unwrap_or_default();
                kept.push([
                    Bind::from(self.company),
                    self.import.into(),
                    table.table.name.into(),
                    id.into(),
                    self.part.into(),
                    Bind::Json(was.to_string().into()),
                    Bind::Bytes(Some(is.into())),
                ]);
            }
        }
        heavy.insert(&CHANGES, &kept, Clash::Fail).await.map(drop)
    }
}

/// What tells one state of a row from another.
pub(super) fn digest(row: &Value) -> Vec<u8> {
    Sha256::digest(row.to_string().as_bytes()).to_vec()
}

impl Changing {
    /// The rows of those keys as they stand.
    pub(super) async fn snapshot(
        &self,
        heavy: &mut Heavy<'_>,
        company: CompanyId,
        keys: &[Vec<Uuid>],
    ) -> Result<Snapshot> {
        let mut found = Snapshot::with_capacity(keys.len());
        if keys.is_empty() {
            return Ok(found);
        }
        let columns = self.table.columns;
        let name = self.table.name;
        let select = columns[1..].join(", ");
        let at = |place: usize| -> Vec<Uuid> {
            keys.iter()
                .filter_map(|key| key.get(place))
                .copied()
                .collect()
        };
        let (also, binds) = if self.keys == 3 {
            (" AND customer_id {uuids:3}", vec![at(1), at(0)])
        } else {
            ("", vec![at(0)])
        };
        let sql =
            format!("SELECT {select} FROM {name} WHERE company_id = $1 AND id {{uuids:2}}{also}");
        let id_at = columns[self.keys - 1];
        let mut note = |row: &mut Row<'_>| {
            let mut body = Map::new();
            for (column, cell) in columns[1..].iter().zip(self.cells) {
                let value = cell.read(row)?;
                if !(value.is_null() && LATER.contains(column)) {
                    body.insert((*column).to_owned(), value);
                }
            }
            let id = body.get(id_at).and_then(Value::as_str);
            if let Some(id) = id.and_then(|id| id.parse().ok()) {
                found.insert(id, Value::Object(body));
            }
            Ok(())
        };
        let mut all = vec![Bind::from(company)];
        all.extend(binds.into_iter().map(Bind::from));
        heavy.each(&sql, &all, &mut note).await?;
        Ok(found)
    }

    /// Brings rows back to what they were.
    pub(super) async fn restore(
        &self,
        heavy: &mut Heavy<'_>,
        company: CompanyId,
        were: &[Value],
    ) -> Result<()> {
        let columns = self.table.columns;
        let mut rows = Rows::new(columns.len());
        for row in were {
            rows.cells.push(Bind::from(company));
            for (column, cell) in columns[1..].iter().zip(self.cells) {
                rows.cells.push(cell.bind(&row[*column])?);
            }
        }
        heavy
            .update(&self.table, self.keys, "", &rows)
            .await
            .map(drop)
    }
}

impl Cell {
    fn read(self, row: &mut Row<'_>) -> Result<Value> {
        Ok(match self {
            Self::Text => json!(row.get::<Option<String>>()?),
            Self::Int => json!(row.get::<Option<i64>>()?),
            Self::Uuid => json!(row.get::<Option<Uuid>>()?.map(|id| id.to_string())),
            Self::Bytes => json!(row.get::<Option<Vec<u8>>>()?.map(|bytes| hex(&bytes))),
            Self::Day => json!(
                row.get::<Option<jiff::civil::Date>>()?
                    .map(|day| day.to_string())
            ),
            Self::Bool => json!(row.get::<Option<bool>>()?),
            Self::Json => row.get()?,
        })
    }

    fn bind(self, value: &Value) -> Result<Bind<'static>> {
        let unreadable = || StoreError::Unreadable {
            column: 0,
            found: value.to_string(),
        };
        let text = value.as_str();
        Ok(match self {
            Self::Text => Bind::Text(text.map(|text| text.to_owned().into())),
            Self::Int => Bind::Int(value.as_i64()),
            Self::Uuid => {
                let id = text.map(str::parse).transpose();
                Bind::Uuid(id.map_err(|_| unreadable())?)
            }
            Self::Bytes => Bind::Bytes(text.map(|text| unhex(text).into())),
            Self::Day => {
                let day = text.map(str::parse).transpose();
                Bind::Day(day.map_err(|_| unreadable())?)
            }
            Self::Bool => Bind::Bool(value.as_bool()),
            Self::Json => Bind::Json(value.to_string().into()),
        })
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).unwrap_or(0);
    let pair = |pair: &[u8]| u8::try_from(pair.iter().fold(0, |sum, it| sum * 16 + digit(it)));
    text.as_bytes()
        .chunks(2)
        .map(|it| pair(it).unwrap_or(0))
        .collect()
}
