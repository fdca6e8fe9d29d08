//! What every command shares: the configuration, the engine, the company, the instant.

use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use domain::law::{Draft, Origin, Shelf};
use engine::anchors::Anchors;
use engine::effects::{Clock, FixedClock, SystemClock, SystemRandomness};
use engine::{Company, Effects, Engine};
use jiff::Timestamp;
use jiff::civil::Date;
use language::templates::{Override, Templates};
use store::Db;

use crate::args::Global;
use crate::commands::{BringingUp, stopped};
use crate::config::Config;
use crate::failure::Failure;
use crate::output::{self, Output};

/// How often the folder of law is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(20);

/// A command's surroundings.
pub struct Session {
    /// What was typed for every command.
    pub global: Global,
    /// The configuration.
    pub config: Config,
    /// Where answers go.
    pub output: Output,
}

impl Session {
    /// Reads the configuration.
    pub fn new(global: Global) -> Result<Self, Failure> {
        let config = Config::read(global.config.as_deref())?;
        let output = Output::new(global.format);
        Ok(Self {
            global,
            config,
            output,
        })
    }

    /// The database's URL.
    pub fn db_url(&self) -> &str {
        self.config.db(self.global.db.as_deref())
    }

    /// The database; a SQLite file that is not there is made, and one of an older version is
    /// brought up.
    pub async fn db(&self) -> Result<Db, Failure> {
        let mut bringing = BringingUp::new();
        let opened = Db::open_telling(self.db_url(), &mut |filling| bringing.tell(filling)).await;
        bringing.finish();
        Ok(opened?)
    }

    /// The engine on its database.
    pub async fn engine(&self) -> Result<Engine, Failure> {
        let db = self.db().await?;
        let clock: Box<dyn Clock> = match self.global.now {
            Some(now) => Box::new(FixedClock::new(now)),
            None => Box::new(SystemClock),
        };
        let effects = Arc::new(Effects::new(clock, Box::new(SystemRandomness)));
        let web = self.config.web.as_ref();
        let base_url = web.and_then(|web| web.base_url.as_deref());
        let engine = Engine::new(db, effects)?.with_portal(base_url.unwrap_or_default());
        let audit = self.config.audit.clone().unwrap_or_default();
        let engine = engine.with_anchors(Anchors {
            file: audit.anchor_file,
            email: audit.anchor_email,
        });
        let engine = engine.with_law(self.law()?);
        match &self.config.templates {
            Some(folder) => Ok(engine.with_templates(templates(folder)?)),
            None => Ok(engine),
        }
    }

    /// Whether there is a database to look at, without making one.
    pub fn has_database(&self) -> bool {
        self.config.has_db(self.global.db.as_deref())
    }

    /// The law of this installation: what comes with the program, and the folder's newer texts. One
    /// that is refused is said, and the one before it stays.
    pub fn law(&self) -> Result<Shelf, Failure> {
        let Some(folder) = self.config.law_folder() else {
            return Ok(Shelf::embedded());
        };
        let shelf = Shelf::embedded().with(drafts(&folder)?);
        for refused in shelf.refused() {
            output::notice(&format!(
                "puntual: ley rechazada, sigue la anterior: {refused}"
            ));
        }
        Ok(shelf)
    }

    /// Looks at the folder of law again and again, and puts what changed into force for the engine
    /// and all its clones, until the process is told to stop. A folder that cannot be read leaves
    /// the law as it is, and that is told once.
    pub async fn watch_law(&self, engine: &Engine) {
        let Some(folder) = self.config.law_folder() else {
            return;
        };
        let mut stop = std::pin::pin!(stopped());
        let (mut seen, mut told) = (marks(&folder), String::new());
        loop {
            tokio::select! {
                () = &mut stop => return,
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            let now = marks(&folder);
            if now == seen {
                continue;
            }
            match self.law() {
                Ok(shelf) => {
                    engine.set_law(shelf);
                    output::notice(&format!("leyes leídas de nuevo: {}", folder.display()));
                    (seen, told) = (now, String::new());
                }
                Err(failure) if failure.message != told => {
                    output::notice(&failure.message);
                    told = failure.message;
                }
                Err(_) => {}
            }
        }
    }

    /// The company the command works for.
    pub async fn company(&self, engine: &Engine) -> Result<Company, Failure> {
        let name = self
            .global
            .company
            .as_deref()
            .or(self.config.company.as_deref());
        engine.company(name).await?.ok_or_else(|| {
            Failure::new(
                "la base de datos está vacía: importe un archivo con `puntual import`, o cree una \
                 empresa con `puntual company add`",
            )
        })
    }

    /// Who makes the changes.
    pub fn author(&self) -> String {
        let said = self.global.author.clone();
        said.or_else(|| std::env::var("USER").ok())
            .unwrap_or_else(|| "puntual".to_owned())
    }

    /// The instant that is looked at: `--now`, the company's run hour on `--as-of`, else the clock.
    pub fn at(&self, engine: &Engine, company: &Company) -> Timestamp {
        match self.global.as_of {
            Some(day) => company.run_instant(day),
            None => engine.now(),
        }
    }

    /// The day that is looked at.
    pub fn day(&self, engine: &Engine, company: &Company) -> Date {
        self.global
            .as_of
            .unwrap_or_else(|| company.day_of(engine.now()))
    }
}

/// What tells that a text in a folder is another: its name, length and when it was written.
fn marks(folder: &Path) -> Vec<(OsString, u64, Option<SystemTime>)> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut marks: Vec<_> = entries
        .filter_map(|entry| {
            let known = entry.metadata().ok()?;
            Some((entry.file_name(), known.len(), known.modified().ok()))
        })
        .collect();
    marks.sort_unstable();
    marks
}

/// The texts of law in a folder.
fn drafts(folder: &Path) -> Result<Vec<Draft>, Failure> {
    let unread = |error: std::io::Error| {
        let folder = folder.display();
        Failure::usage(format!(
            "no se pudo leer la carpeta de leyes {folder}: {error}"
        ))
    };
    let mut drafts = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unread)? {
        let path = entry.map_err(unread)?.path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        drafts.push(Draft {
            name: path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            text: std::fs::read_to_string(&path).map_err(unread)?,
            origin: Origin::Folder,
        });
    }
    Ok(drafts)
}

/// The company's own templates: a folder per language, a file per template.
fn templates(folder: &Path) -> Result<Templates, Failure> {
    let mut overrides = Vec::new();
    for language in std::fs::read_dir(folder)? {
        let language = language?;
        if !language.file_type()?.is_dir() {
            continue;
        }
        for file in std::fs::read_dir(language.path())? {
            let path = file?.path();
            if path.extension().is_none_or(|extension| extension != "txt") {
                continue;
            }
            let name = path
                .file_stem()
                .map(|stem| stem.to_string_lossy().into_owned());
            overrides.push(Override {
                language: language.file_name().to_string_lossy().into_owned(),
                name: name.unwrap_or_default(),
                source: std::fs::read_to_string(&path)?,
            });
        }
    }
    Templates::with_overrides("es-MX", &overrides).map_err(Failure::new)
}
