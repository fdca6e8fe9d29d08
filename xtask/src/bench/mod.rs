//! `cargo xtask bench`: what the program costs beside the floor of the same machine and minute,
//! how that grows, and a page that says so.

mod budgets;
mod course;
mod instruments;
mod machine;
mod page;
mod peers;
mod plot;
mod results;
mod served;
mod together;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use cargo_metadata::Metadata;
use serde_json::Value;

use course::{Course, Size};
use instruments::{Engine, Instruments};
use results::{Measure, Results};

pub const USAGE: &str = "\
  bench [--sizes 10k,100k,1M] [--databases sqlite,postgres] [--repeat N] [--quick]
        [--messages N] [--no-peers] [--build] [--growth | --only-growth | --only-pages]
        [--out FILE.md] [--against FILE.json]
                    what the program costs beside the floor of this machine; writes
                    docs/benchmarks.md with its plot and figures (--quick: to the target folder);
                    --only-pages asks for every page, and keeps the other figures of the file";

/// Documents above which one measurement is enough unless `--repeat` says otherwise: what is long
/// is little disturbed.
const ONCE_ABOVE: u64 = 200_000;
/// Measurements of smaller sizes.
const REPEAT: u32 = 3;
/// Messages sent by a dispatch; each waits for the disk twice.
const MESSAGES: u32 = 2_000;

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
struct Options {
    sizes: Vec<Size>,
    engines: Vec<Engine>,
    repeat: Option<u32>,
    messages: u32,
    /// Whether anything but several processes at once is measured.
    courses: bool,
    /// Whether nothing but pages is measured.
    only_pages: bool,
    peers: bool,
    build: bool,
    growth: bool,
    out: Option<PathBuf>,
    against: Option<PathBuf>,
}

impl Options {
    fn read(args: &[&str]) -> Result<Self, String> {
        let mut options = Self {
            sizes: [10_000, 100_000, 1_000_000].map(Size::of).to_vec(),
            engines: Engine::ALL.to_vec(),
            repeat: None,
            messages: MESSAGES,
            courses: true,
            only_pages: false,
            peers: true,
            build: false,
            growth: false,
            out: Some(PathBuf::from("docs/benchmarks.md")),
            against: None,
        };
        let mut args = args.iter();
        while let Some(&arg) = args.next() {
            let mut value = || args.next().copied().ok_or(format!("{arg} needs a value"));
            match arg {
                "--quick" => {
                    options.sizes = vec![Size::of(1_000)];
                    (options.repeat, options.messages) = (Some(1), 50);
                    (options.peers, options.out) = (false, None);
                }
                "--sizes" => options.sizes = each(value()?, size)?,
                "--databases" => {
                    options.engines = each(value()?, |word| {
                        Engine::of(word).ok_or(format!("{word} is neither sqlite nor postgres"))
                    })?;
                }
                "--repeat" => options.repeat = Some(number(value()?)?),
                "--messages" => options.messages = number(value()?)?,
                "--no-peers" => options.peers = false,
                "--build" => options.build = true,
                "--growth" => options.growth = true,
                "--only-growth" => (options.growth, options.courses) = (true, false),
                "--only-pages" => options.only_pages = true,
                "--out" => options.out = Some(PathBuf::from(value()?)),
                "--against" => options.against = Some(PathBuf::from(value()?)),
                _ => return Err(format!("bench does not know {arg}\n{USAGE}")),
            }
        }
        Ok(options)
    }

    fn repeat(&self, size: Size) -> u32 {
        let usual = if size.documents > ONCE_ABOVE {
            1
        } else {
            REPEAT
        };
        self.repeat.unwrap_or(usual).max(1)
    }
}

fn each<T>(list: &str, read: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, String> {
    list.split(',').map(|word| read(word.trim())).collect()
}

fn number(word: &str) -> Result<u32, String> {
    word.parse().map_err(|_| format!("{word} is not a number"))
}

/// `10k`, `1M` or plain digits.
fn size(word: &str) -> Result<Size, String> {
    let (digits, times) = match word.strip_suffix(['k', 'K']) {
        Some(digits) => (digits, 1_000),
        None => match word.strip_suffix('M') {
            Some(digits) => (digits, 1_000_000),
            None => (word, 1),
        },
    };
    let count = digits.parse::<u64>().ok().filter(|count| *count > 0);
    let count = count.ok_or(format!("{word} is not a size: write 10k or 1M"))?;
    Ok(Size::of(count * times))
}

/// Measures, writes the page, and compares with earlier figures if asked to.
pub fn run(house: &Metadata, args: &[&str]) -> Result<(), String> {
    let options = Options::read(args)?;
    let before = options.against.as_deref().map(earlier).transpose()?;
    let start = Instant::now();
    let out = options.out.clone().map_or_else(
        || house.target_directory.as_std_path().join("benchmarks.md"),
        |out| house.workspace_root.as_std_path().join(out),
    );
    let tools = Instruments::gather(house, &options.engines)?;
    let (results, failures) = if options.only_pages {
        let kept = earlier(&out.with_extension("json")).unwrap_or_default();
        pages(house, &options, &tools, kept)
    } else {
        measure(house, &options, &tools)
    };
    write(&out, &results)?;
    if let Some(before) = before {
        print!("{}", page::differences(&before, &results));
    }
    eprintln!(
        "{} written after {} s",
        out.display(),
        start.elapsed().as_secs()
    );
    match failures.as_slice() {
        [] => Ok(()),
        failures => Err(format!("not measured:\n{}", failures.join("\n"))),
    }
}

/// What could not be measured is said at the end: minutes of other figures are kept.
fn measure(house: &Metadata, options: &Options, tools: &Instruments) -> (Results, Vec<String>) {
    let mut results = Results {
        facts: machine::facts(house, &tools.folder, &options.engines),
        ..Results::default()
    };
    let mut failures = Vec::new();
    if options.courses {
        failures.extend(lives(options, tools, &mut results));
    }
    if options.growth && options.engines.contains(&Engine::Postgres) {
        match together::measure(tools, &options.sizes) {
            Ok(together) => results.together = together,
            Err(error) => failures.push(error),
        }
    }
    let load = ("Load after".to_owned(), machine::load_now());
    results.facts.push(load);
    if options.build {
        match instruments::build_from_nothing(house, &tools.folder) {
            Ok(seconds) => results.build_seconds = Some(seconds),
            Err(error) => failures.push(error),
        }
    }
    let missing = failures.iter().map(|it| it.replace('\n', " "));
    let missing = missing.map(|text| ("Not measured".to_owned(), text));
    results.facts.extend(missing);
    (results, failures)
}

/// Pages of every size on every database, beside earlier figures of everything else.
fn pages(
    house: &Metadata,
    options: &Options,
    tools: &Instruments,
    mut results: Results,
) -> (Results, Vec<String>) {
    let facts = machine::facts(house, &tools.folder, &options.engines);
    let fact = |name: &str| facts.iter().find(|it| it.0 == name).map(|it| it.1.clone());
    let when = ["Day", "Commit", "Load before"].map(|name| fact(name).unwrap_or_default());
    let [day, commit, load] = when;
    if results.facts.is_empty() {
        results.facts = facts;
    }
    results.know(
        "Pages measured",
        format!("{day}, commit {commit}, load before {load}"),
    );
    let mut failures = Vec::new();
    for &size in &options.sizes {
        for &engine in &options.engines {
            let documents = page::thousands(size.documents);
            eprintln!("── pages: {documents} on {engine}");
            let mut course = Course {
                tools,
                engine,
                size,
                messages_max: options.messages,
                tell: &mut |_| {},
                tell_pages: &mut |it| {
                    eprint!("{}", page::served_lines(&it));
                    served::keep(&mut results.served, it);
                },
            };
            let lived = course.pages();
            failures.extend(
                lived
                    .err()
                    .map(|it| format!("{documents} on {engine}: {it}")),
            );
        }
    }
    (results, failures)
}

/// Every size on every database, as often as asked for; then the sizes of the peers.
fn lives(options: &Options, tools: &Instruments, results: &mut Results) -> Vec<String> {
    let start = Instant::now();
    let whole = options.sizes.iter().flat_map(|&size| {
        let again = std::iter::repeat_n((size, false), options.repeat(size) as usize);
        again.collect::<Vec<_>>()
    });
    let plain = peers::SIZES.into_iter().filter(|_| options.peers);
    let lives: Vec<_> = whole.chain(plain.map(|size| (size, true))).collect();
    let (mut failures, mut load) = (Vec::new(), 0.0_f64);
    for (number, &(size, plain)) in lives.iter().enumerate() {
        for &engine in &options.engines {
            let documents = page::thousands(size.documents);
            eprintln!(
                "── {} of {}: {documents} on {engine}",
                number + 1,
                lives.len()
            );
            let list = if plain {
                &mut results.plain
            } else {
                &mut results.measures
            };
            let pages = &mut results.served;
            let mut course = Course {
                tools,
                engine,
                size,
                messages_max: options.messages,
                tell_pages: &mut |it| served::keep(pages, it),
                tell: &mut |measure: &Measure| {
                    eprintln!(
                        "{:>5} s  {}",
                        start.elapsed().as_secs(),
                        page::line(measure)
                    );
                    list.push(measure.clone());
                    load = load.max(machine::load_of_a_minute());
                },
            };
            let lived = if plain {
                course.plain()
            } else {
                course.whole()
            };
            failures.extend(
                lived
                    .err()
                    .map(|error| format!("{documents} on {engine}: {error}")),
            );
        }
    }
    let load = format!("{load:.1}, of which the benchmark itself makes two or three");
    results
        .facts
        .push(("Greatest load while measuring".to_owned(), load));
    failures
}

/// The page, its plot and its figures, side by side.
fn write(out: &Path, results: &Results) -> Result<(), String> {
    let json = serde_json::to_string_pretty(&results.to_json())
        .map_err(|error| format!("the figures cannot be written: {error}"))?;
    let plot = out.with_extension("svg");
    let name = plot
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let files = [
        (out.to_owned(), page::page(results, &name)),
        (plot, plot::plot(results)),
        (out.with_extension("json"), json + "\n"),
    ];
    if let Some(folder) = out.parent() {
        fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    for (file, text) in files {
        fs::write(&file, text).map_err(|error| format!("{}: {error}", file.display()))?;
    }
    Ok(())
}

fn earlier(file: &Path) -> Result<Results, String> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let value: Option<Value> = serde_json::from_str(&text).ok();
    let results = value.as_ref().and_then(Results::from_json);
    results.ok_or(format!(
        "{} holds no results of a benchmark",
        file.display()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_written_as_people_say_them() {
        for (word, documents) in [
            ("10k", 10_000),
            ("1M", 1_000_000),
            ("250", 250),
            ("2K", 2_000),
        ] {
            assert_eq!(size(word), Ok(Size::of(documents)), "{word}");
        }
        for word in ["", "k", "0", "ten", "1.5M", "-1"] {
            size(word).expect_err(word);
        }
        assert_eq!(Size::of(1_000_000).customers, 300_000);
    }

    #[test]
    fn pages_may_be_asked_for_alone() {
        let options = Options::read(&["--only-pages", "--sizes", "10k"]).expect("known");
        assert!(options.only_pages && options.sizes == [Size::of(10_000)]);
        assert!(!Options::read(&[]).expect("nothing is fine").only_pages);
    }

    #[test]
    fn options_that_are_not_known_are_refused() {
        for args in [&["--fast"][..], &["--sizes"], &["--databases", "oracle"]] {
            Options::read(args).expect_err("not known");
        }
        let options = Options::read(&["--quick", "--databases", "sqlite"]).expect("known");
        assert_eq!(options.sizes, [Size::of(1_000)]);
        assert_eq!(options.engines, [Engine::Sqlite]);
        assert_eq!(options.repeat(Size::of(1_000)), 1);
        let options = Options::read(&[]).expect("nothing is fine");
        assert_eq!(options.repeat(Size::of(100_000)), REPEAT);
        assert_eq!(options.repeat(Size::of(1_000_000)), 1);
    }
}
