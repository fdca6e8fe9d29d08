//! What is measured on one database at one size: the life of a portfolio from its import to the
//! second day, each piece beside its floor.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::instruments::{Engine, Instruments};
use super::results::{Floor, Measure, Operation, Spent};
use super::served::Served;

/// The day of the portfolio, a Saturday.
const PORTFOLIO_DAY: &str = "2026-10-31";
/// The day of the first run, and the next.
const FIRST: [&str; 2] = ["2026-11-02", "2026-11-03"];
/// Silences still change from those of the first days.
const SETTLING: &str = "2026-11-04";
/// A day like any other later: about one customer in ten has something new.
const QUIET: &str = "2026-11-05";
/// When the messages of the first day leave.
const SENDING: &str = "2026-11-02T15:30:00Z";

/// The hour at which the last messages of a day leave, and that at which its pages are looked at.
const HOURS: [&str; 2] = ["T15:30:00Z", "T18:00:00Z"];
/// Customers whose doors are opened; a few letters bear no amount.
const LETTERS: u32 = 60;
/// Where links lead; only their paths are used.
const LINKS: &str = "[web]\nbase_url = \"http://127.0.0.1:8080\"\n";

/// The lists of a company.
const FILES: [&str; 3] = ["customers.csv", "invoices.csv", "prior_payments.csv"];

/// How many customers and documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    pub customers: u64,
    pub documents: u64,
}

impl Size {
    /// The documents of a size, with three customers for ten.
    pub const fn of(documents: u64) -> Self {
        Self {
            customers: documents * 3 / 10,
            documents,
        }
    }
}

/// One life on one database.
pub struct Course<'a> {
    pub tools: &'a Instruments,
    pub engine: Engine,
    pub size: Size,
    /// Messages sent at most.
    pub messages_max: u32,
    /// Told of each measure.
    pub tell: &'a mut dyn FnMut(&Measure),
    /// Told what pages took.
    pub tell_pages: &'a mut dyn FnMut(Served),
}

/// The files of a portfolio, generated once per size.
pub fn portfolio(tools: &Instruments, size: Size) -> Result<PathBuf, String> {
    let folder = tools
        .folder
        .join(format!("{}-{}", size.customers, size.documents));
    if !folder.exists() {
        let (customers, documents) = (size.customers.to_string(), size.documents.to_string());
        let place = text(&folder)?;
        tools.measure(&["portfolio", place, &customers, &documents, PORTFOLIO_DAY])?;
    }
    Ok(folder)
}

fn text(path: &Path) -> Result<&str, String> {
    path.to_str()
        .ok_or_else(|| format!("{}: the path is not UTF-8", path.display()))
}

impl Course<'_> {
    /// Everything that has a budget, with its floors.
    pub fn whole(&mut self) -> Result<(), String> {
        let files = portfolio(self.tools, self.size)?;
        self.imports(&files)?;
        let (live, mirror) = (self.url("live"), self.url("mirror"));
        self.days(&live, &mirror)?;
        for (report, operation) in [("ageing", Operation::Ageing), ("kpi", Operation::Kpi)] {
            let spent = self
                .puntual(&live, &["report", report, "--as-of", QUIET])?
                .0;
            let floor = self.read(&live, report, QUIET)?;
            self.note(operation, self.size.documents, spent, Some(floor));
        }
        self.serve(&live, &files, QUIET)?;
        for url in [live, mirror] {
            self.tools.measure(&["database", "drop", &url])?;
        }
        Ok(())
    }

    /// Pages alone, the day after the portfolio's.
    pub fn pages(&mut self) -> Result<(), String> {
        let files = portfolio(self.tools, self.size)?;
        let live = self.url("live");
        self.tools.measure(&["database", "make", &live])?;
        let paths = paths(&files)?;
        let import: Vec<&str> = std::iter::once("import")
            .chain(paths.iter().map(String::as_str))
            .collect();
        self.puntual(&live, &import)?;
        self.puntual(&live, &["run", "--as-of", FIRST[0]])?;
        self.serve(&live, &files, FIRST[0])?;
        self.tools.measure(&["database", "drop", &live]).map(drop)
    }

    /// Sends some messages with links and asks for every page.
    fn serve(&mut self, live: &str, files: &Path, day: &str) -> Result<(), String> {
        let links = self.tools.folder.join("links.toml");
        std::fs::write(&links, LINKS).map_err(|error| format!("{}: {error}", links.display()))?;
        let letters = self.outbox("letters")?;
        let [leaving, looking] = HOURS.map(|hour| format!("{day}{hour}"));
        self.keep_due(live, LETTERS)?;
        let (folder, links) = (text(&letters)?, text(&links)?);
        let args = [
            "dispatch",
            "--outbox",
            folder,
            "--now",
            leaving.as_str(),
            "--config",
            links,
        ];
        self.puntual(live, &args)?;
        self.tools.measure(&["end-day", live])?;
        let program = text(&self.tools.puntual)?;
        let args = [
            "pages",
            program,
            live,
            looking.as_str(),
            text(files)?,
            folder,
        ];
        let said = self.tools.measure_on(self.engine, &args)?;
        let served = Served::read(self.engine, self.size, &said);
        let served = served.ok_or("the pages were not measured as they should be")?;
        (self.tell_pages)(served);
        Ok(())
    }

    /// What other products were measured at: no floors.
    pub fn plain(&mut self) -> Result<(), String> {
        let files = portfolio(self.tools, self.size)?;
        let live = self.url("live");
        self.tools.measure(&["database", "make", &live])?;
        let paths = paths(&files)?;
        let import: Vec<&str> = std::iter::once("import")
            .chain(paths.iter().map(String::as_str))
            .collect();
        let documents = self.size.documents;
        let (spent, _) = self.puntual(&live, &import)?;
        self.note(Operation::ImportAll, documents, spent, None);
        let (spent, _) = self.puntual(&live, &["run", "--as-of", FIRST[0]])?;
        self.note(Operation::Run, documents, spent, None);
        self.keep_due(&live, self.messages_max)?;
        let outbox = self.outbox("outbox")?;
        let (spent, said) = self.puntual(&live, &dispatch(text(&outbox)?))?;
        self.note(Operation::Dispatch, sent(&said), spent, None);
        let (spent, _) = self.puntual(&live, &["report", "ageing", "--as-of", FIRST[0]])?;
        self.note(Operation::Ageing, documents, spent, None);
        self.tools.measure(&["database", "drop", &live]).map(drop)
    }

    /// Invoices alone, the same again, and all lists; the last stay as `live` and `mirror`.
    fn imports(&mut self, files: &Path) -> Result<(), String> {
        let (live, mirror) = (self.url("live"), self.url("mirror"));
        let paths = paths(files)?;
        let [_, invoices, _] = &paths;
        let documents = self.size.documents;
        self.tools.measure(&["database", "make", &live])?;
        self.tools.measure(&["database", "make", &mirror])?;
        let (spent, _) = self.puntual(&live, &["import", invoices])?;
        let floor = self.follow(&live, &mirror, "0")?;
        self.note(Operation::ImportInvoices, documents, spent, Some(floor));
        let (spent, said) = self.puntual(&live, &["import", invoices])?;
        if said["created"] != 0 || said["updated"] != 0 {
            return Err(format!("a second import changed something: {said}"));
        }
        self.note(Operation::ImportAgain, documents, spent, None);

        self.tools.measure(&["database", "make", &live])?;
        self.tools.measure(&["database", "make", &mirror])?;
        let import: Vec<&str> = std::iter::once("import")
            .chain(paths.iter().map(String::as_str))
            .collect();
        let (spent, _) = self.puntual(&live, &import)?;
        let floor = self.follow(&live, &mirror, "0")?;
        self.note(Operation::ImportAll, documents, spent, Some(floor));
        // A true copy now, with the places of rows and what the server knows of them.
        self.tools
            .measure(&["database", "copy", &mirror, &live])
            .map(drop)
    }

    /// A dry run, a run, the sending of some messages, the run of the next day and of a quiet one.
    fn days(&mut self, live: &str, mirror: &str) -> Result<(), String> {
        let reading = self.read(live, "run", FIRST[0])?;
        let (spent, _) = self.puntual(live, &["run", "--dry-run", "--as-of", FIRST[0]])?;
        self.note(Operation::DryRun, self.size.documents, spent, Some(reading));
        self.run(live, mirror, Operation::Run, FIRST[0])?;

        for url in [live, mirror] {
            self.keep_due(url, self.messages_max)?;
        }
        let mark = self.mark(live)?;
        let (outbox, copies) = (self.outbox("outbox")?, self.outbox("copies")?);
        let (spent, said) = self.puntual(live, &dispatch(text(&outbox)?))?;
        self.tools.settle(self.engine)?;
        let files = self
            .tools
            .measure(&["files", text(&outbox)?, text(&copies)?])?;
        let floor = floor_of(&files, "").and(&self.follow(live, mirror, &mark)?);
        self.note(Operation::Dispatch, sent(&said), spent, Some(floor));

        for url in [live, mirror] {
            self.tools.measure(&["end-day", url])?;
        }
        self.run(live, mirror, Operation::RunNextDay, FIRST[1])?;
        self.send_without_measure(live)?;
        self.puntual(live, &["run", "--as-of", SETTLING])?;
        self.send_without_measure(live)?;
        self.tools.measure(&["database", "copy", mirror, live])?;
        self.run(live, mirror, Operation::RunQuietDay, QUIET)
    }

    /// A run, measured, and its floor.
    fn run(
        &mut self,
        live: &str,
        mirror: &str,
        operation: Operation,
        day: &str,
    ) -> Result<(), String> {
        let reading = self.read(live, "run", day)?;
        let mark = self.mark(live)?;
        let (spent, _) = self.puntual(live, &["run", "--as-of", day])?;
        let floor = reading.and(&self.follow(live, mirror, &mark)?);
        self.note(operation, self.size.documents, spent, Some(floor));
        Ok(())
    }

    /// Whatever is planned counts as sent.
    fn send_without_measure(&self, url: &str) -> Result<(), String> {
        self.keep_due(url, 0)?;
        self.tools.measure(&["end-day", url]).map(drop)
    }

    fn url(&self, name: &str) -> String {
        self.tools.url(self.engine, name)
    }

    fn puntual(&self, url: &str, args: &[&str]) -> Result<(Spent, Value), String> {
        self.tools.settle(self.engine)?;
        let answer = self.tools.puntual(self.engine, url, args)?;
        Ok((answer.spent, answer.said))
    }

    fn mark(&self, url: &str) -> Result<String, String> {
        Ok(self.tools.measure(&["mark", url])?["mark"].to_string())
    }

    fn keep_due(&self, url: &str, most: u32) -> Result<(), String> {
        let most = most.to_string();
        self.tools.measure(&["keep-due", url, &most]).map(drop)
    }

    /// Writes the very rows into the mirror.
    fn follow(&self, live: &str, mirror: &str, mark: &str) -> Result<Floor, String> {
        let spool = self.tools.folder.join("spool");
        std::fs::create_dir_all(&spool).map_err(|error| format!("{}: {error}", spool.display()))?;
        self.tools.settle(self.engine)?;
        let args = ["follow", live, mirror, mark, text(&spool)?];
        let said = self.tools.measure_on(self.engine, &args)?;
        Ok(floor_of(&said, ""))
    }

    fn read(&self, url: &str, what: &str, day: &str) -> Result<Floor, String> {
        self.tools.settle(self.engine)?;
        let said = self
            .tools
            .measure_on(self.engine, &["read", url, what, day])?;
        Ok(floor_of(&said, said["how"].as_str().unwrap_or_default()))
    }

    /// A folder that is not there yet.
    fn outbox(&self, name: &str) -> Result<PathBuf, String> {
        let folder = self.tools.folder.join(name);
        match std::fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(format!("{}: {error}", folder.display()))
            }
            _ => Ok(folder),
        }
    }

    fn note(&mut self, operation: Operation, units: u64, program: Spent, floor: Option<Floor>) {
        (self.tell)(&Measure {
            engine: self.engine,
            size: self.size,
            operation,
            units,
            program,
            floor,
        });
    }
}

fn paths(folder: &Path) -> Result<[String; 3], String> {
    let [one, two, three] = FILES.map(|file| folder.join(file));
    Ok([
        text(&one)?.to_owned(),
        text(&two)?.to_owned(),
        text(&three)?.to_owned(),
    ])
}

const fn dispatch(outbox: &str) -> [&str; 5] {
    ["dispatch", "--outbox", outbox, "--now", SENDING]
}

fn sent(said: &Value) -> u64 {
    said["sent"].as_u64().unwrap_or(0)
}

fn floor_of(said: &Value, how: &str) -> Floor {
    let number = |name: &str| said[name].as_f64().unwrap_or(0.0);
    let tables = said["tables"].as_array().into_iter().flatten();
    let rows: u64 = tables
        .map(|table| table[1].as_u64().unwrap_or(0) + table[2].as_u64().unwrap_or(0))
        .sum();
    Floor {
        wall: number("wall"),
        own: number("own"),
        server: number("server"),
        rows_written: rows,
        rows_read: said["rows"].as_u64().unwrap_or(0),
        how: how.to_owned(),
    }
}
