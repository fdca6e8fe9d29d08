//! What other software took for the same portfolios: figures measured once, by hand.

use super::course::Size;
use super::results::Operation;

/// Their portfolios.
pub const SIZES: [Size; 3] = [
    Size {
        customers: 200,
        documents: 1_000,
    },
    Size {
        customers: 2_000,
        documents: 10_000,
    },
    Size {
        customers: 20_000,
        documents: 100_000,
    },
];

/// Where the figures come from.
pub const SOURCE: &str = "measured on the same generator, November 2026";

/// What one of them took.
pub struct Peer {
    pub name: &'static str,
    pub work: &'static str,
    /// What of ours does the same.
    pub ours: Operation,
    /// Seconds as measured, for each of the sizes.
    pub seconds: [Option<&'static str>; 3],
}

/// Tryton 8.2 with its dunning modules and PostgreSQL, and scripts that read the lists, age them,
/// choose by level and write a text per customer, and keep nothing.
pub const PEERS: &[Peer] = &[
    Peer {
        name: "Tryton 8.2, PostgreSQL",
        work: "import as posted invoices",
        ours: Operation::ImportAll,
        seconds: [Some("72.6"), Some("about 720, extrapolated"), None],
    },
    Peer {
        name: "Tryton 8.2, PostgreSQL",
        work: "import as plain open items",
        ours: Operation::ImportAll,
        seconds: [Some("19.5"), None, None],
    },
    Peer {
        name: "Tryton 8.2, SQLite",
        work: "import as plain open items",
        ours: Operation::ImportAll,
        seconds: [Some("13.5"), None, None],
    },
    Peer {
        name: "Tryton 8.2, PostgreSQL",
        work: "choose overdue lines, create dunnings",
        ours: Operation::Run,
        seconds: [
            Some("1.05"),
            Some("15.7"),
            Some("132, assertions off, busy machine"),
        ],
    },
    Peer {
        name: "Tryton 8.2, SQLite",
        work: "choose overdue lines, create dunnings",
        ours: Operation::Run,
        seconds: [Some("0.77"), None, None],
    },
    Peer {
        name: "Tryton 8.2, PostgreSQL",
        work: "render reminder e-mails (one per invoice)",
        ours: Operation::Dispatch,
        seconds: [Some("19.9 (666)"), Some("223, assertions off"), None],
    },
    Peer {
        name: "Tryton 8.2, SQLite",
        work: "render reminder e-mails (one per invoice)",
        ours: Operation::Dispatch,
        seconds: [Some("13.0 (666)"), None, None],
    },
    Peer {
        name: "Tryton 8.2, PostgreSQL",
        work: "ageing by customer",
        ours: Operation::Ageing,
        seconds: [Some("0.05"), Some("0.82"), Some("22.3, busy machine")],
    },
    Peer {
        name: "Tryton 8.2, SQLite",
        work: "ageing by customer",
        ours: Operation::Ageing,
        seconds: [Some("0.05"), None, None],
    },
    Peer {
        name: "DuckDB from Python",
        work: "a script: read, age, choose, write texts; keeps nothing",
        ours: Operation::Run,
        seconds: [None, None, Some("0.93")],
    },
    Peer {
        name: "Python, standard library",
        work: "the same script",
        ours: Operation::Run,
        seconds: [None, None, Some("1.15")],
    },
    Peer {
        name: "pandas",
        work: "the same script",
        ours: Operation::Run,
        seconds: [None, None, Some("23, of it 22 in the loop over texts")],
    },
];
