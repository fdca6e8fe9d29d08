//! What was measured: costs, floors, their ratios, and how they lie in a file of JSON.

use serde_json::{Value, json};

use super::course::Size;
use super::instruments::Engine;
use super::served::Served;

/// Pieces of a portfolio's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operation {
    ImportInvoices,
    ImportAgain,
    ImportAll,
    DryRun,
    Run,
    Dispatch,
    RunNextDay,
    RunQuietDay,
    Ageing,
    Kpi,
}

impl Operation {
    /// All of them, in the order of a life.
    pub const ALL: [Self; 10] = [
        Self::ImportInvoices,
        Self::ImportAgain,
        Self::ImportAll,
        Self::DryRun,
        Self::Run,
        Self::Dispatch,
        Self::RunNextDay,
        Self::RunQuietDay,
        Self::Ageing,
        Self::Kpi,
    ];

    /// The word in the file of results.
    pub const fn code(self) -> &'static str {
        match self {
            Self::ImportInvoices => "import-invoices",
            Self::ImportAgain => "import-again",
            Self::ImportAll => "import-all",
            Self::DryRun => "dry-run",
            Self::Run => "run",
            Self::Dispatch => "dispatch",
            Self::RunNextDay => "run-next-day",
            Self::RunQuietDay => "run-quiet-day",
            Self::Ageing => "ageing",
            Self::Kpi => "kpi",
        }
    }

    fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.code() == code)
    }

    /// What it is, and what its floor is made of.
    pub const fn titles(self) -> (&'static str, &'static str) {
        const WRITING: &str = "Bulk-writing the very rows it wrote into empty tables.";
        const BOTH: &str =
            "Reading what a decision may see, and bulk-writing the very rows it wrote.";
        match self {
            Self::ImportInvoices => ("Import of invoices (CSV) into nothing", WRITING),
            Self::ImportAgain => ("The same file again: nothing changes", "None was taken."),
            Self::ImportAll => ("Import of customers, invoices and payments (CSV)", WRITING),
            Self::DryRun => ("Dry run", "Reading what a decision may see."),
            Self::Run => ("First run over all customers", BOTH),
            Self::Dispatch => (
                "Sending to the outbox",
                "Writing and syncing the same files, and bulk-writing the very rows.",
            ),
            Self::RunNextDay => ("Run of the next day, after all was sent", BOTH),
            Self::RunQuietDay => ("Run of a quiet day, on which few silences change", BOTH),
            Self::Ageing => ("Ageing report", "Reading the rows it stands on once."),
            Self::Kpi => ("KPI report", "Reading the rows it stands on once."),
        }
    }

    /// What one of its units is called.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Dispatch => "message",
            _ => "document",
        }
    }
}

/// What a run of the program took; seconds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spent {
    pub wall: f64,
    /// Processor time of the program, user and system.
    pub own: f64,
    /// Processor time of the database's server.
    pub server: f64,
    /// Most memory of the program at one time.
    pub peak_kib: u64,
    /// What the program itself wrote to disk.
    pub written_bytes: u64,
}

impl Spent {
    /// Processor time on both sides.
    pub fn processor(&self) -> f64 {
        self.own + self.server
    }
}

/// What any program would pay for the same rows; seconds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Floor {
    pub wall: f64,
    pub own: f64,
    pub server: f64,
    pub rows_written: u64,
    pub rows_read: u64,
    /// How the rows were read, where there were two ways.
    pub how: String,
}

impl Floor {
    /// This one and another after it.
    pub fn and(&self, other: &Self) -> Self {
        Self {
            wall: self.wall + other.wall,
            own: self.own + other.own,
            server: self.server + other.server,
            rows_written: self.rows_written + other.rows_written,
            rows_read: self.rows_read + other.rows_read,
            how: format!("{}{}", self.how, other.how),
        }
    }

    /// Processor time on both sides.
    pub fn processor(&self) -> f64 {
        self.own + self.server
    }
}

/// One measurement.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    pub engine: Engine,
    pub size: Size,
    pub operation: Operation,
    /// Documents, or messages sent.
    pub units: u64,
    pub program: Spent,
    pub floor: Option<Floor>,
}

impl Measure {
    /// Times the floor, in processor time and in wall time.
    pub fn ratios(&self) -> Option<[f64; 2]> {
        let floor = self.floor.as_ref()?;
        Some([
            ratio(self.program.processor(), floor.processor())?,
            ratio(self.program.wall, floor.wall)?,
        ])
    }

    fn to_json(&self) -> Value {
        let program = json!({
            "wall": rounded(self.program.wall),
            "own": rounded(self.program.own),
            "server": rounded(self.program.server),
            "peak_kib": self.program.peak_kib,
            "written_bytes": self.program.written_bytes,
        });
        let floor = self.floor.as_ref().map(|floor| {
            json!({
                "wall": rounded(floor.wall),
                "own": rounded(floor.own),
                "server": rounded(floor.server),
                "rows_written": floor.rows_written,
                "rows_read": floor.rows_read,
                "how": floor.how,
            })
        });
        json!({
            "database": self.engine.code(),
            "customers": self.size.customers,
            "documents": self.size.documents,
            "operation": self.operation.code(),
            "units": self.units,
            "program": program,
            "floor": floor,
        })
    }

    fn from_json(value: &Value) -> Option<Self> {
        let number = |value: &Value, name: &str| value[name].as_f64();
        let (program, floor) = (&value["program"], &value["floor"]);
        let floor = match floor {
            Value::Null => None,
            floor => Some(Floor {
                wall: number(floor, "wall")?,
                own: number(floor, "own")?,
                server: number(floor, "server")?,
                rows_written: floor["rows_written"].as_u64()?,
                rows_read: floor["rows_read"].as_u64()?,
                how: floor["how"].as_str()?.to_owned(),
            }),
        };
        Some(Self {
            engine: Engine::of(value["database"].as_str()?)?,
            size: Size {
                customers: value["customers"].as_u64()?,
                documents: value["documents"].as_u64()?,
            },
            operation: Operation::of(value["operation"].as_str()?)?,
            units: value["units"].as_u64()?,
            program: Spent {
                wall: number(program, "wall")?,
                own: number(program, "own")?,
                server: number(program, "server")?,
                peak_kib: program["peak_kib"].as_u64()?,
                written_bytes: program["written_bytes"].as_u64()?,
            },
            floor,
        })
    }
}

/// `None` where the floor is too small to divide by: the kernel counts in hundredths of a second.
fn ratio(program: f64, floor: f64) -> Option<f64> {
    (floor >= 0.001).then(|| program / floor)
}

/// Microseconds are as much as was measured.
fn rounded(seconds: f64) -> f64 {
    (seconds * 1e6).round() / 1e6
}

/// Several processes on one database at once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Together {
    /// What they did.
    pub work: String,
    pub documents: u64,
    pub processes: u64,
    /// Customers all of them said they decided about: shared work counts each once.
    pub decided: u64,
    /// From the first start to the last end.
    pub wall: f64,
    pub own: f64,
    pub server: f64,
}

/// Everything of one benchmark.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Results {
    /// The machine, the versions, the settings: name and text.
    pub facts: Vec<(String, String)>,
    /// With floors.
    pub measures: Vec<Measure>,
    /// At the sizes of the peers, without floors.
    pub plain: Vec<Measure>,
    pub together: Vec<Together>,
    /// What pages took, once per database and size.
    pub served: Vec<Served>,
    pub build_seconds: Option<f64>,
}

impl Results {
    /// Keeps a fact instead of an earlier one of that name.
    pub fn know(&mut self, name: &str, text: String) {
        self.facts.retain(|it| it.0 != name);
        self.facts.push((name.to_owned(), text));
    }

    /// As it lies in a file.
    pub fn to_json(&self) -> Value {
        let together = self.together.iter().map(|it| {
            json!({
                "work": it.work,
                "documents": it.documents,
                "processes": it.processes,
                "decided": it.decided,
                "wall": rounded(it.wall),
                "own": rounded(it.own),
                "server": rounded(it.server),
            })
        });
        json!({
            "facts": self.facts,
            "measures": self.measures.iter().map(Measure::to_json).collect::<Vec<_>>(),
            "plain": self.plain.iter().map(Measure::to_json).collect::<Vec<_>>(),
            "together": together.collect::<Vec<_>>(),
            "served": self.served.iter().map(Served::to_json).collect::<Vec<_>>(),
            "build_seconds": self.build_seconds,
        })
    }

    /// Reads what [`Results::to_json`] wrote.
    pub fn from_json(value: &Value) -> Option<Self> {
        let list = |name: &str| value[name].as_array().cloned();
        let measures = |name: &str| -> Option<Vec<Measure>> {
            list(name)?.iter().map(Measure::from_json).collect()
        };
        let fact = |fact: &Value| Some((text(&fact[0])?, text(&fact[1])?));
        let together = |it: &Value| {
            Some(Together {
                work: text(&it["work"])?,
                documents: it["documents"].as_u64()?,
                processes: it["processes"].as_u64()?,
                decided: it["decided"].as_u64()?,
                wall: it["wall"].as_f64()?,
                own: it["own"].as_f64()?,
                server: it["server"].as_f64()?,
            })
        };
        Some(Self {
            facts: list("facts")?.iter().map(fact).collect::<Option<_>>()?,
            measures: measures("measures")?,
            plain: measures("plain")?,
            together: list("together")?
                .iter()
                .map(together)
                .collect::<Option<_>>()?,
            // Figures taken before pages were measured have none.
            served: list("served")
                .unwrap_or_default()
                .iter()
                .map(Served::from_json)
                .collect::<Option<_>>()?,
            build_seconds: value["build_seconds"].as_f64(),
        })
    }
}

pub fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// The repetitions of one measurement.
pub struct Group<'a> {
    pub measures: Vec<&'a Measure>,
}

/// Least, middle and greatest of the repetitions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    pub least: f64,
    pub middle: f64,
    pub greatest: f64,
}

impl Spread {
    fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        let (least, greatest) = (*values.first()?, *values.last()?);
        let (low, high) = (values[(values.len() - 1) / 2], values[values.len() / 2]);
        Some(Self {
            least,
            middle: f64::midpoint(low, high),
            greatest,
        })
    }
}

impl<'a> Group<'a> {
    /// The repetitions of an operation, if there are any.
    pub fn find(
        measures: &'a [Measure],
        engine: Engine,
        size: Size,
        operation: Operation,
    ) -> Option<Self> {
        let wanted =
            |it: &&Measure| it.engine == engine && it.size == size && it.operation == operation;
        let measures: Vec<_> = measures.iter().filter(wanted).collect();
        (!measures.is_empty()).then_some(Self { measures })
    }

    /// Of a figure of the program.
    pub fn program(&self, figure: fn(&Measure) -> f64) -> Spread {
        let values = self.measures.iter().map(|it| figure(it)).collect();
        Spread::of(values).unwrap_or(Spread {
            least: 0.0,
            middle: 0.0,
            greatest: 0.0,
        })
    }

    /// Of a figure of the floor.
    pub fn floor(&self, figure: fn(&Floor) -> f64) -> Option<Spread> {
        Spread::of(
            self.measures
                .iter()
                .filter_map(|it| it.floor.as_ref())
                .map(figure)
                .collect(),
        )
    }

    /// Times the floor: processor time, and wall time.
    pub fn ratios(&self) -> Option<[Spread; 2]> {
        let ratios = self.measures.iter().map(|it| it.ratios());
        let ratios: Vec<_> = ratios.collect::<Option<_>>()?;
        let of = |place: usize| Spread::of(ratios.iter().map(|it| it[place]).collect());
        Some([of(0)?, of(1)?])
    }

    /// Processor seconds per unit.
    pub fn per_unit(&self) -> f64 {
        let units = self.measures.first().map_or(1, |it| it.units.max(1));
        #[expect(clippy::cast_precision_loss, reason = "counts of documents are small")]
        let units = units as f64;
        self.program(|it| it.program.processor()).middle / units
    }
}

/// The sizes that were measured, smallest first.
pub fn sizes(measures: &[Measure]) -> Vec<Size> {
    let mut sizes: Vec<Size> = measures.iter().map(|it| it.size).collect();
    sizes.sort_by_key(|it| it.documents);
    sizes.dedup();
    sizes
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A measurement of round figures.
    pub fn measure(operation: Operation, engine: Engine, size: u64, times: f64) -> Measure {
        let floor = Floor {
            wall: 0.5,
            own: 0.25,
            server: 0.25,
            rows_written: 10,
            rows_read: 20,
            how: "cursor".to_owned(),
        };
        Measure {
            engine,
            size: Size::of(size),
            operation,
            units: size,
            program: Spent {
                wall: 0.5 * times,
                own: 0.25 * times,
                server: 0.25 * times,
                peak_kib: 20_480,
                written_bytes: 1 << 20,
            },
            floor: Some(floor),
        }
    }

    #[test]
    fn a_ratio_is_processor_to_processor_and_wall_to_wall() {
        let one = measure(Operation::Run, Engine::Postgres, 1_000, 3.0);
        assert_eq!(one.ratios(), Some([3.0, 3.0]));
        let mut idle = one.clone();
        idle.program.wall = 5.0;
        assert_eq!(idle.ratios(), Some([3.0, 10.0]));
        let mut tiny = one.clone();
        tiny.floor = Some(Floor::default());
        assert_eq!(tiny.ratios(), None);
        let bare = Measure { floor: None, ..one };
        assert_eq!(bare.ratios(), None);
    }

    #[test]
    fn the_middle_of_an_even_number_lies_between_two() {
        let spread = Spread::of(vec![4.0, 1.0, 2.0, 3.0]);
        let wanted = Spread {
            least: 1.0,
            middle: 2.5,
            greatest: 4.0,
        };
        assert_eq!(spread, Some(wanted));
        assert_eq!(Spread::of(Vec::new()), None);
    }

    #[test]
    fn repetitions_are_told_from_other_measurements() {
        let all = [
            measure(Operation::Run, Engine::Sqlite, 1_000, 2.0),
            measure(Operation::Run, Engine::Sqlite, 1_000, 4.0),
            measure(Operation::Run, Engine::Sqlite, 2_000, 9.0),
            measure(Operation::Kpi, Engine::Sqlite, 1_000, 9.0),
            measure(Operation::Run, Engine::Postgres, 1_000, 9.0),
        ];
        let size = Size::of(1_000);
        let group = Group::find(&all, Engine::Sqlite, size, Operation::Run).expect("two");
        let [processor, _] = group.ratios().expect("floors");
        assert_eq!(
            (processor.least, processor.middle, processor.greatest),
            (2.0, 3.0, 4.0)
        );
        assert_eq!(group.per_unit(), 0.0015);
        assert_eq!(sizes(&all), [Size::of(1_000), Size::of(2_000)]);
    }

    #[test]
    fn what_is_written_is_read_again() {
        let mut again = measure(Operation::ImportAgain, Engine::Sqlite, 1_000, 1.0);
        again.floor = None;
        let results = Results {
            facts: vec![("cores".to_owned(), "2".to_owned())],
            measures: vec![measure(Operation::Run, Engine::Postgres, 1_000, 2.0), again],
            plain: Vec::new(),
            together: vec![Together {
                work: "run".to_owned(),
                documents: 10,
                processes: 2,
                decided: 3,
                wall: 1.5,
                own: 2.0,
                server: 0.5,
            }],
            served: vec![crate::bench::served::tests::served(1_000)],
            build_seconds: Some(61.5),
        };
        assert_eq!(Results::from_json(&results.to_json()), Some(results));
    }
}
