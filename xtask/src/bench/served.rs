//! What pages take, and how it lies in a file of JSON.

use serde_json::{Value, json};

use super::course::Size;
use super::instruments::Engine;
use super::results::text;

/// What one kind of page took; milliseconds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Paged {
    /// `console` or `portal`.
    pub face: String,
    pub page: String,
    pub requests: u64,
    /// Different addresses among them.
    pub addresses: u64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub worst_ms: f64,
    /// Bytes of the middle page as it came, and unpacked.
    pub packed_bytes: u64,
    pub bytes: u64,
    /// The address behind `p99_ms`.
    pub slowest: String,
}

impl Paged {
    /// What 99 of 100 requests may take.
    pub fn budget_ms(&self) -> f64 {
        if self.face == "portal" { 20.0 } else { 50.0 }
    }

    fn to_json(&self) -> Value {
        let thousandth = |ms: f64| (ms * 1e3).round() / 1e3;
        json!({
            "face": self.face,
            "page": self.page,
            "requests": self.requests,
            "addresses": self.addresses,
            "p50_ms": thousandth(self.p50_ms),
            "p99_ms": thousandth(self.p99_ms),
            "worst_ms": thousandth(self.worst_ms),
            "packed_bytes": self.packed_bytes,
            "bytes": self.bytes,
            "slowest": self.slowest,
        })
    }

    fn from_json(it: &Value) -> Option<Self> {
        Some(Self {
            face: text(&it["face"])?,
            page: text(&it["page"])?,
            requests: it["requests"].as_u64()?,
            addresses: it["addresses"].as_u64()?,
            p50_ms: it["p50_ms"].as_f64()?,
            p99_ms: it["p99_ms"].as_f64()?,
            worst_ms: it["worst_ms"].as_f64()?,
            packed_bytes: it["packed_bytes"].as_u64()?,
            bytes: it["bytes"].as_u64()?,
            slowest: text(&it["slowest"])?,
        })
    }
}

/// The pages of one database.
#[derive(Clone, Debug, PartialEq)]
pub struct Served {
    pub engine: Engine,
    pub size: Size,
    /// Most memory of the program at one time.
    pub peak_kib: u64,
    pub pages: Vec<Paged>,
}

impl Served {
    /// What the instrument said.
    pub fn read(engine: Engine, size: Size, said: &Value) -> Option<Self> {
        Some(Self {
            engine,
            size,
            peak_kib: said["peak_kib"].as_u64()?,
            pages: said["pages"]
                .as_array()?
                .iter()
                .map(Paged::from_json)
                .collect::<Option<_>>()?,
        })
    }

    /// As it lies in a file.
    pub fn to_json(&self) -> Value {
        json!({
            "database": self.engine.code(),
            "customers": self.size.customers,
            "documents": self.size.documents,
            "peak_kib": self.peak_kib,
            "pages": self.pages.iter().map(Paged::to_json).collect::<Vec<_>>(),
        })
    }

    /// Reads what [`Served::to_json`] wrote.
    pub fn from_json(it: &Value) -> Option<Self> {
        let size = Size {
            customers: it["customers"].as_u64()?,
            documents: it["documents"].as_u64()?,
        };
        Self::read(Engine::of(it["database"].as_str()?)?, size, it)
    }
}

/// Keeps what pages took instead of what they took before.
pub fn keep(all: &mut Vec<Served>, served: Served) {
    all.retain(|it| (it.engine, it.size) != (served.engine, served.size));
    all.push(served);
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// Two pages, of which one is over its budget.
    pub fn served(documents: u64) -> Served {
        let home = Paged {
            face: "console".to_owned(),
            page: "home".to_owned(),
            requests: 300,
            addresses: 1,
            p50_ms: 12.0,
            p99_ms: 61.0,
            worst_ms: 70.0,
            packed_bytes: 4_096,
            bytes: 16_384,
            slowest: "/c/principal/home".to_owned(),
        };
        let door = Paged {
            face: "portal".to_owned(),
            page: "door".to_owned(),
            addresses: 40,
            p50_ms: 1.5,
            p99_ms: 3.25,
            packed_bytes: 1_024,
            bytes: 2_048,
            ..home.clone()
        };
        Served {
            engine: Engine::Sqlite,
            size: Size::of(documents),
            peak_kib: 65_536,
            pages: vec![home, door],
        }
    }

    #[test]
    fn the_latest_figures_of_pages_are_kept() {
        let mut all = Vec::new();
        keep(&mut all, served(1_000));
        keep(&mut all, served(2_000));
        let mut later = served(1_000);
        later.pages.pop();
        keep(&mut all, later.clone());
        assert_eq!(all, [served(2_000), later]);
    }
}
