//! Harm done to a chain past the program, and what it must be found as.

use sqlx::{AssertSqlSafe, Connection, PgConnection, Row, SqliteConnection};
use store::Db;
use store::chain::{self, Checked, Link, Wrong};
use store::proofs::{self, Proof};
use testkit::TestDb;
use uuid::Uuid;

use crate::scene::{Scene, hex};

/// A way into the tables past the program.
pub enum Raw {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Raw {
    pub async fn open(test: &TestDb) -> Self {
        if matches!(test.db, Db::Sqlite(_)) {
            Self::Sqlite(
                SqliteConnection::connect(&test.url)
                    .await
                    .expect("it opens"),
            )
        } else {
            Self::Postgres(PgConnection::connect(&test.url).await.expect("it opens"))
        }
    }

    pub async fn run(&mut self, sql: &str) {
        let query = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        let done = match self {
            Self::Sqlite(connection) => query.execute(connection).await.map(drop),
            Self::Postgres(connection) => query.execute(connection).await.map(drop),
        };
        done.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// The bytes in the first column of each row.
    async fn bytes(&mut self, sql: &str) -> Vec<Vec<u8>> {
        let query = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        match self {
            Self::Sqlite(connection) => {
                let rows = query.fetch_all(connection).await.expect("rows");
                rows.iter().map(|row| row.get(0)).collect()
            }
            Self::Postgres(connection) => {
                let rows = query.fetch_all(connection).await.expect("rows");
                rows.iter().map(|row| row.get(0)).collect()
            }
        }
    }

    pub fn blob(&self, bytes: &[u8]) -> String {
        match self {
            Self::Sqlite(_) => format!("X'{}'", hex(bytes)),
            Self::Postgres(_) => format!("CAST('\\x{}' AS BYTEA)", hex(bytes)),
        }
    }

    pub fn uuid(&self, id: Uuid) -> String {
        match self {
            Self::Sqlite(_) => format!("X'{}'", hex(id.as_bytes())),
            Self::Postgres(_) => format!("CAST('{id}' AS UUID)"),
        }
    }

    fn text(text: &str) -> String {
        format!("'{}'", text.replace('\'', "''"))
    }
}

/// Where records and links are.
pub const TABLES: [&str; 6] = [
    "proofs",
    "chain_links",
    "chain_heads",
    "decision_lists",
    "decisions",
    "unsealed",
];

/// Numbers from a seed.
pub struct Dice(pub u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end as u64).expect("a small number")
    }

    pub fn flip(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        let at = self.below(bytes.len());
        bytes[at] ^= 1 << self.below(8);
        bytes
    }
}

/// What a harm must be found as.
pub enum Must {
    Record(Wrong, Uuid),
    Link(Wrong, i64),
    Either(Wrong, Wrong),
}

impl Must {
    pub fn is_in(&self, checked: &Checked) -> bool {
        checked.findings.iter().any(|found| match self {
            Self::Record(wrong, id) => found.wrong == *wrong && found.record == Some(*id),
            Self::Link(wrong, place) => found.wrong == *wrong && found.sequence == Some(*place),
            Self::Either(one, other) => found.wrong == *one || found.wrong == *other,
        })
    }
}

/// What there is to harm.
pub struct Target {
    pub proofs: Vec<Proof>,
    pub links: Vec<Link>,
    decisions: Vec<Uuid>,
    lists: Vec<Uuid>,
}

impl Target {
    pub async fn of(scene: &Scene, test: &TestDb, raw: &mut Raw) -> Self {
        let proofs = proofs::page(&test.db, scene.company, None, 1_000)
            .await
            .expect("read");
        let mut ids: Vec<Uuid> = proofs.iter().map(|it| it.id.uuid()).collect();
        let ids_of = |rows: Vec<Vec<u8>>| -> Vec<Uuid> {
            rows.iter()
                .map(|id| Uuid::from_slice(id).expect("an id"))
                .collect()
        };
        let column = match raw {
            Raw::Sqlite(_) => "id",
            Raw::Postgres(_) => "uuid_send(id)",
        };
        let all = |table: &str| format!("SELECT {column} FROM {table} ORDER BY id");
        let lists = ids_of(raw.bytes(&all("decision_lists")).await);
        let decisions = ids_of(raw.bytes(&all("decisions")).await);
        ids.extend(&lists);
        let links = chain::links_of(&test.db, scene.company, &ids)
            .await
            .expect("read");
        Self {
            proofs,
            links,
            decisions,
            lists,
        }
    }
}

/// Ways to harm a chain.
pub const HARMS: usize = 17;

/// Does one harm; gives what it must be found as.
pub async fn harm(which: usize, target: &Target, raw: &mut Raw, dice: &mut Dice) -> (String, Must) {
    match which {
        0..=6 => to_a_proof(which, target, raw, dice),
        7..=12 => to_a_link(which, target, raw, dice),
        _ => to_a_decision(which, target, raw, dice).await,
    }
}

fn to_a_proof(which: usize, target: &Target, raw: &Raw, dice: &mut Dice) -> (String, Must) {
    let proof = &target.proofs[dice.below(target.proofs.len())];
    let other = &target.proofs[dice.below(target.proofs.len())];
    let id = proof.id.uuid();
    let at = raw.uuid(id);
    let set = |what: String| format!("UPDATE proofs SET {what} WHERE id = {at}");
    let altered = Must::Record(Wrong::AlteredRecord, id);
    match which {
        0 => {
            let mut body: Vec<u8> = proof.body.clone().into_bytes();
            let spot = dice.below(body.len());
            body[spot] = if body[spot] == b'x' { b'y' } else { b'x' };
            let body = String::from_utf8(body).expect("bodies here are ASCII");
            (set(format!("body = {}", Raw::text(&body))), altered)
        }
        1 => {
            let digest = raw.blob(&dice.flip(&proof.digest));
            (set(format!("digest = {digest}")), altered)
        }
        2 => (set("recorded_at = recorded_at + 1".to_owned()), altered),
        3 => {
            let kind = if proof.kind == "result" {
                "allowed"
            } else {
                "result"
            };
            (set(format!("kind = '{kind}'")), altered)
        }
        4 => {
            let sql = format!("DELETE FROM proofs WHERE id = {at}");
            (sql, Must::Record(Wrong::MissingRecord, id))
        }
        5 if proof.body != other.body => {
            let swap = |one: &Proof, two: &Proof| {
                let (id, body) = (raw.uuid(one.id.uuid()), Raw::text(&two.body));
                let digest = raw.blob(&two.digest);
                format!("UPDATE proofs SET body = {body}, digest = {digest} WHERE id = {id};")
            };
            (swap(proof, other) + &swap(other, proof), altered)
        }
        _ => {
            let forged = Uuid::from_u128(id.as_u128() ^ (1 + dice.below(1 << 20) as u128));
            let new = raw.uuid(forged);
            let sql = format!(
                "INSERT INTO proofs SELECT company_id, {new}, customer_id, contact_id, kind, body, \
                 digest, recorded_at, subject FROM proofs WHERE id = {at}"
            );
            (sql, Must::Record(Wrong::InsertedRecord, forged))
        }
    }
}

fn to_a_link(which: usize, target: &Target, raw: &Raw, dice: &mut Dice) -> (String, Must) {
    let index = dice.below(target.links.len());
    let (link, last) = (&target.links[index], target.links.len());
    let place = link.at.sequence;
    let set = |what: String| format!("UPDATE chain_links SET {what} WHERE sequence = {place}");
    let altered = Must::Link(Wrong::AlteredLink, place);
    match which {
        7 => {
            let digest = raw.blob(&dice.flip(&link.digest));
            (set(format!("digest = {digest}")), altered)
        }
        8 => {
            let head = raw.blob(&dice.flip(&link.at.head));
            (set(format!("head = {head}")), altered)
        }
        9 => (set("sealed_at = sealed_at + 1".to_owned()), altered),
        10 => {
            let sql = format!("DELETE FROM chain_links WHERE sequence = {place}");
            (sql, Must::Link(Wrong::MissingLink, place))
        }
        11 => {
            let other = &target.links[(index + 1 + dice.below(last - 1)) % last];
            let put = |link: &Link, at: i64| {
                let (digest, head) = (raw.blob(&link.digest), raw.blob(&link.at.head));
                format!(
                    "UPDATE chain_links SET digest = {digest}, head = {head} \
                     WHERE sequence = {at};"
                )
            };
            (put(other, place) + &put(link, other.at.sequence), altered)
        }
        _ => {
            // The end is cut off with everything that hangs on it, and the head set back.
            let kept = &target.links[last - 2 - dice.below(last / 2)];
            let (head, to) = (raw.blob(&kept.at.head), kept.at.sequence);
            let sql = format!(
                "DELETE FROM proofs WHERE id IN \
                    (SELECT record_id FROM chain_links WHERE sequence > {to}); \
                 DELETE FROM decision_lists WHERE id IN \
                    (SELECT record_id FROM chain_links WHERE sequence > {to}); \
                 DELETE FROM chain_links WHERE sequence > {to}; \
                 UPDATE chain_heads SET sequence = {to}, head = {head};"
            );
            (sql, Must::Either(Wrong::AnchorDiffers, Wrong::Unproven))
        }
    }
}

async fn to_a_decision(
    which: usize,
    target: &Target,
    raw: &mut Raw,
    dice: &mut Dice,
) -> (String, Must) {
    let decision = target.decisions[dice.below(target.decisions.len())];
    let at = raw.uuid(decision);
    match which {
        13 => {
            let sql = format!("UPDATE decisions SET facts = facts || ' ' WHERE id = {at}");
            (sql, Must::Record(Wrong::AlteredDecision, decision))
        }
        14 => {
            let sql = format!("DELETE FROM decisions WHERE id = {at}");
            (sql, Must::Record(Wrong::MissingDecision, decision))
        }
        15 => {
            let forged = Uuid::from_u128(decision.as_u128() ^ (1 + dice.below(1 << 20) as u128));
            let new = raw.uuid(forged);
            let sql = format!(
                "INSERT INTO decisions SELECT company_id, {new}, run_id, customer_id, as_of, \
                 outcome, reason, facts, recorded_at FROM decisions WHERE id = {at}"
            );
            (sql, Must::Record(Wrong::InsertedDecision, forged))
        }
        _ => {
            let list = target.lists[dice.below(target.lists.len())];
            let at = raw.uuid(list);
            let query = format!("SELECT entries FROM decision_lists WHERE id = {at}");
            let entries = raw.bytes(&query).await.remove(0);
            let entries = raw.blob(&dice.flip(&entries));
            let sql = format!("UPDATE decision_lists SET entries = {entries} WHERE id = {at}");
            (sql, Must::Record(Wrong::AlteredRecord, list))
        }
    }
}
