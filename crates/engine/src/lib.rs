//! Use cases, the only writer: load → decide → save → enqueue.
//!
//! Each file is one part of a day: [`imports`] brings facts in, [`daily_run`] decides and plans,
//! [`outreach`] claims, re-reads and sends, [`inbound`] hears what comes back, [`payments`],
//! [`promises`], [`holds`], [`notes`], [`by_hand`] and [`customers`](mod@customers) record what
//! people say and do, [`portal`] is the customer's own page, [`reports`] and [`exports`] read;
//! [`sessions`] and [`access`](mod@access) know who sits at the console and what they saw. Rules of
//! the trade are in `domain`; what is here is their order, their transactions and their outside.

pub mod access;
pub mod account;
pub mod anchors;
mod answers;
pub mod audit;
pub mod by_hand;
pub mod certificates;
pub mod charges;
mod companies;
mod company;
pub mod compliance;
mod compose;
pub mod customers;
pub mod daily_run;
pub mod effects;
mod error;
pub mod exports;
pub mod figures;
pub mod files;
pub mod holds;
pub mod imports;
pub mod inbound;
pub mod law;
pub mod mailbox;
pub mod notes;
pub mod outreach;
mod passwords;
pub mod payments;
pub mod policies;
pub mod policy_changes;
pub mod portal;
pub mod portfolio;
pub mod privacy;
pub mod promises;
pub mod rates;
pub mod reconcile;
mod record;
pub mod reports;
pub mod review;
pub mod schedule;
pub mod sessions;
pub mod statements;
mod totp;
pub mod user_links;
pub mod users;
pub mod why;
pub mod wizard;
mod wording;
pub mod work_list;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

use domain::law::Shelf;
use jiff::Timestamp;
use language::templates::Templates;
use store::{Db, Ids, Stamp};

pub use companies::{CompanyChange, FIRST_COMPANY, NewCompany, SETTABLE};
pub use company::{Brand, Company, PortalCheck, RunMode, Sender, Settings};
pub use effects::Effects;
pub use error::{Error, Result};
pub use record::{Amount, money as money_json};
pub use wording::WordingProblem;

/// The name under which the program itself changes things.
pub(crate) const AUTHOR: &str = "puntual";

/// The engine of one process: a database, a clock, the legal packs and the templates.
#[derive(Clone)]
pub struct Engine {
    db: Db,
    effects: Arc<Effects>,
    law: Arc<law::LawBook>,
    templates: Arc<Templates>,
    workers: NonZeroUsize,
    portal: Arc<portal::Doors>,
    uploads: Arc<PathBuf>,
    access: Arc<access::Notebook>,
    comparisons: Arc<policy_changes::Comparisons>,
    anchors: Arc<anchors::Anchors>,
}

impl Engine {
    /// An engine on an open database, with the packs and templates that ship.
    ///
    /// # Errors
    /// [`Error::Template`] when a template that ships does not parse.
    pub fn new(db: Db, effects: Arc<Effects>) -> Result<Self> {
        let templates = Arc::new(Templates::embedded()?);
        Ok(Self {
            db,
            effects,
            law: Arc::new(law::LawBook::new(Shelf::embedded())),
            templates,
            workers: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            portal: Arc::default(),
            uploads: Arc::new(std::env::temp_dir().join("puntual-uploads")),
            access: Arc::default(),
            comparisons: Arc::default(),
            anchors: Arc::default(),
        })
    }

    /// The same engine with so many workers for a run; with one, everything comes in one order.
    #[must_use]
    pub fn with_workers(self, workers: NonZeroUsize) -> Self {
        Self { workers, ..self }
    }

    /// The same engine with another folder for uploaded files that are not read yet.
    #[must_use]
    pub fn with_uploads(self, folder: PathBuf) -> Self {
        Self {
            uploads: Arc::new(folder),
            ..self
        }
    }

    /// The same engine with places where heads of the chain of proofs are written down.
    #[must_use]
    pub fn with_anchors(self, anchors: anchors::Anchors) -> Self {
        Self {
            anchors: Arc::new(anchors),
            ..self
        }
    }

    /// The same engine with other templates.
    #[must_use]
    pub fn with_templates(self, templates: Templates) -> Self {
        Self {
            templates: Arc::new(templates),
            ..self
        }
    }

    /// The database.
    pub const fn db(&self) -> &Db {
        &self.db
    }

    /// The instant it is.
    pub fn now(&self) -> Timestamp {
        self.effects.now()
    }

    /// Who changes something now.
    fn stamp(&self, author: &str) -> Stamp {
        let effects = Arc::clone(&self.effects);
        Stamp {
            author: author.to_owned(),
            at: self.now(),
            ids: Ids::new(move || effects.uuid()),
        }
    }
}
