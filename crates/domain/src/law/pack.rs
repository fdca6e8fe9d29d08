//! The packs: files of law read once, and refused when anything a verdict must act on is not
//! understood.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::{Arc, OnceLock};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};
use toml::Spanned;

use super::facts::Facts;
use super::holidays::Calendar;
use super::regime::{Place, Regime, Rule, RuleKind};
use super::scenario::TestCase;
use super::sentences;
use super::source::{Binding, File, Tier};
use crate::calendar;
use crate::customer::Country;

/// The form of the files this engine reads.
const SCHEMA: &str = "compliance-pack/0.1";

const EMBEDDED: &[(&str, &str)] = &[
    ("cl.toml", include_str!("../../../../packs/law/cl.toml")),
    ("co.toml", include_str!("../../../../packs/law/co.toml")),
    (
        "generic.toml",
        include_str!("../../../../packs/law/generic.toml"),
    ),
    ("mx.toml", include_str!("../../../../packs/law/mx.toml")),
    (
        "overlays.toml",
        include_str!("../../../../packs/law/overlays.toml"),
    ),
    ("pe.toml", include_str!("../../../../packs/law/pe.toml")),
];

/// Why a pack was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}{}: {reason}", within(regime.as_deref()))]
pub struct PackError {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The regime it stands in, if any.
    pub regime: Option<String>,
    /// What is wrong and what may stand there.
    pub reason: String,
}

/// All the law that is known, with its calendars and zones.
#[derive(Debug)]
pub struct Packs {
    regimes: Vec<Regime>,
    calendars: BTreeMap<String, Arc<Calendar>>,
    countries: BTreeSet<Country>,
    zones: BTreeMap<Country, Vec<TimeZone>>,
    tests: Vec<TestCase>,
    version: String,
    as_of: Option<Date>,
    hash: String,
    no_zone: Arc<Rule>,
}

impl Packs {
    /// Reads packs from their files, given as (name, text). The order of files does not matter.
    ///
    /// # Errors
    /// [`PackError`] with file, line and regime for the first thing that is not understood.
    pub fn parse(files: &[(&str, &str)]) -> Result<Self, PackError> {
        let mut sources: Vec<Source> = files
            .iter()
            .map(|(name, text)| Source::new(name, text))
            .collect();
        sources.sort_by(|a, b| a.name.cmp(&b.name));
        let mut packs = Self {
            regimes: Vec::new(),
            calendars: BTreeMap::new(),
            countries: BTreeSet::new(),
            zones: BTreeMap::new(),
            tests: Vec::new(),
            version: String::new(),
            as_of: None,
            hash: hash(&sources),
            no_zone: no_zone(),
        };
        let mut read = Vec::with_capacity(sources.len());
        for source in &sources {
            let file = source.read()?;
            packs.take_calendars(source, &file)?;
            read.push((source, file));
        }
        for (source, file) in read {
            packs.take(source, file)?;
        }
        Ok(packs)
    }

    /// The packs compiled into the program.
    pub fn embedded() -> &'static Self {
        static PACKS: OnceLock<Packs> = OnceLock::new();
        PACKS.get_or_init(|| {
            Self::parse(EMBEDDED).expect("the packs compiled in are read by the tests")
        })
    }

    /// The names and texts of the packs compiled into the program.
    pub const fn embedded_files() -> &'static [(&'static str, &'static str)] {
        EMBEDDED
    }

    /// SHA-256, in hex, over the files' names and texts in order of name; line ends do not matter.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// Every file's version, cited in proofs: `cl-1 co-1 …`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The day up to which the newest file was researched.
    pub const fn as_of(&self) -> Option<Date> {
        self.as_of
    }

    /// Whether the country has a pack of its own.
    pub fn has(&self, country: Country) -> bool {
        self.countries.contains(&country)
    }

    /// The zones of a country; empty when none is known.
    pub fn zones(&self, country: Country) -> &[TimeZone] {
        self.zones.get(&country).map_or(&[], Vec::as_slice)
    }

    /// Whether the date is a holiday in the country or that subdivision of it; `false` for a
    /// country without a calendar.
    pub fn is_holiday(&self, country: Country, subdivision: Option<&str>, date: Date) -> bool {
        self.calendars
            .get(country.code())
            .is_some_and(|calendar| calendar.has(subdivision, date))
    }

    /// The national holidays of a country in a year.
    pub fn holidays(&self, country: Country, year: i16) -> Vec<Date> {
        self.calendars
            .get(country.code())
            .map(|calendar| calendar.national_in(year))
            .unwrap_or_default()
    }

    /// Every regime, in order of file and place in it.
    pub fn regimes(&self) -> &[Regime] {
        &self.regimes
    }

    /// The cases the packs carry to prove themselves.
    pub fn tests(&self) -> &[TestCase] {
        &self.tests
    }

    /// The regimes whose country, layer and classes match; effective dates are read at the attempt.
    pub(super) fn matching(&self, facts: &Facts) -> Vec<&Regime> {
        let unpacked = self.is_unpacked(facts);
        self.regimes
            .iter()
            .filter(|regime| match regime.binding {
                Binding::Law | Binding::Voluntary => true,
                Binding::Policy | Binding::Platform => facts.layers.policy,
                Binding::House => facts.layers.house,
            })
            .filter(|regime| match regime.place {
                Place::Country(country) => facts.country == Some(country),
                Place::Everywhere => true,
                Place::Unpacked => unpacked,
            })
            .filter(|regime| {
                regime.subdivisions.is_empty()
                    || facts
                        .subdivision
                        .as_ref()
                        .is_some_and(|own| regime.subdivisions.contains(own))
            })
            .filter(|regime| regime.applies.cover(facts))
            .collect()
    }

    /// Whether the debtor's country has no pack, so that the generic regime stands in.
    pub(super) fn is_unpacked(&self, facts: &Facts) -> bool {
        facts.country.is_none_or(|country| !self.has(country))
    }

    pub(super) const fn no_zone(&self) -> &Arc<Rule> {
        &self.no_zone
    }

    fn take_calendars(&mut self, source: &Source, file: &File) -> Result<(), PackError> {
        for (name, text) in &file.holidays {
            let calendar = Calendar::parse(text).map_err(|at| source.error(at))?;
            if self
                .calendars
                .insert(name.clone(), Arc::new(calendar))
                .is_some()
            {
                let at = source.text.find("[holidays.").unwrap_or(0);
                return Err(source.error((at, format!("[holidays.{name}] is there twice"))));
            }
        }
        Ok(())
    }

    fn take(&mut self, source: &Source, file: File) -> Result<(), PackError> {
        if file.schema.get_ref() != SCHEMA {
            let reason = format!("schema is not `{SCHEMA}`");
            return Err(source.error((file.schema.span().start, reason)));
        }
        if file.review_by.is_some_and(|review| review.0 < file.as_of.0) {
            let reason = "`review_by` lies before `as_of`".to_owned();
            return Err(source.error((0, reason)));
        }
        let own = match &file.country {
            Some(code) => Some(self.take_country(source, code, &file.zones)?),
            None => None,
        };
        for (code, names) in &file.zones_of {
            let country = country(code).map_err(|reason| source.error((0, reason)))?;
            let zones = zones(source, names)?;
            self.zones.entry(country).or_insert(zones);
        }
        for text in file.regime {
            let start = text.id.span().start;
            let regime = Regime::read(text, &self.calendars).map_err(|at| source.error(at))?;
            if matches!((regime.place, own), (Place::Country(it), Some(own)) if it != own) {
                let reason = "the regime is of another country than its file".to_owned();
                return Err(source.error((start, reason)));
            }
            self.add(regime)
                .map_err(|reason| source.error((start, reason)))?;
        }
        self.tests.extend(file.test);
        self.as_of = self.as_of.max(Some(file.as_of.0));
        let stem = source.name.strip_suffix(".toml").unwrap_or(&source.name);
        let space = if self.version.is_empty() { "" } else { " " };
        let _ = write!(self.version, "{space}{stem}-{}", file.version);
        Ok(())
    }

    fn take_country(
        &mut self,
        source: &Source,
        code: &Spanned<String>,
        names: &[Spanned<String>],
    ) -> Result<Country, PackError> {
        let start = code.span().start;
        let country = country(code.get_ref()).map_err(|reason| source.error((start, reason)))?;
        if names.is_empty() {
            let reason = "a country's pack lists its `zones`".to_owned();
            return Err(source.error((start, reason)));
        }
        let zones = zones(source, names)?;
        self.zones.insert(country, zones);
        if !self.countries.insert(country) {
            let reason = format!("{country} has two packs");
            return Err(source.error((start, reason)));
        }
        Ok(country)
    }

    fn add(&mut self, regime: Regime) -> Result<(), String> {
        if self.regimes.iter().any(|other| other.id == regime.id) {
            return Err(format!("regime `{}` is there twice", regime.id));
        }
        let kinds = [RuleKind::Cap, RuleKind::SingleChannel, RuleKind::Cooldown];
        let mut seen = BTreeSet::new();
        for rule in self.regimes.iter().chain([&regime]).flat_map(Regime::rules) {
            if kinds.contains(&rule.kind) && !seen.insert(rule.id.as_str()) {
                return Err(format!("rule `{}` is there twice", rule.id));
            }
        }
        self.regimes.push(regime);
        Ok(())
    }
}

/// A file's name and text with plain line ends.
struct Source {
    name: String,
    text: String,
}

impl Source {
    fn new(name: &str, text: &str) -> Self {
        Self {
            name: name.to_owned(),
            text: text.replace("\r\n", "\n"),
        }
    }

    fn read(&self) -> Result<File, PackError> {
        toml::from_str(&self.text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            self.error((start, error.message().to_owned()))
        })
    }

    fn error(&self, (offset, reason): (usize, String)) -> PackError {
        let before = self.text.get(..offset).unwrap_or(&self.text);
        PackError {
            file: self.name.clone(),
            line: before.matches('\n').count() + 1,
            regime: self.regime_at(offset),
            reason,
        }
    }

    /// The id of the regime the offset stands in.
    fn regime_at(&self, offset: usize) -> Option<String> {
        let line_end = self.text[offset.min(self.text.len())..].find('\n');
        let through = line_end.map_or(self.text.len(), |more| offset + more);
        let head = self.text[..through].rfind("[[regime]]")?;
        let block = &self.text[head..];
        if self.text[head..through].contains("\n[[test]]") {
            return None;
        }
        let id = block
            .lines()
            .find_map(|line| line.trim().strip_prefix("id = \""))?;
        Some(id.split('"').next()?.to_owned())
    }
}

fn within(regime: Option<&str>) -> String {
    regime.map_or_else(String::new, |id| format!(", regime {id}"))
}

fn country(code: &str) -> Result<Country, String> {
    Country::new(code).ok_or_else(|| format!("`{code}` is no country: use two letters"))
}

fn zones(source: &Source, names: &[Spanned<String>]) -> Result<Vec<TimeZone>, PackError> {
    names
        .iter()
        .map(|name| {
            calendar::zone(name.get_ref()).ok_or_else(|| {
                let reason = format!("`{}` is no zone of the time-zone database", name.get_ref());
                source.error((name.span().start, reason))
            })
        })
        .collect()
}

fn hash(sources: &[Source]) -> String {
    let mut hasher = Sha256::new();
    for source in sources {
        for part in [&source.name, &source.text] {
            hasher.update(part.len().to_be_bytes());
            hasher.update(part.as_bytes());
        }
    }
    hasher
        .finalize()
        .iter()
        .fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

fn no_zone() -> Arc<Rule> {
    Arc::new(Rule {
        id: "UNKNOWN-ZONE".to_owned(),
        kind: RuleKind::Zone,
        regime: Arc::from("UNKNOWN-ZONE"),
        article: "Regla de la casa: sin hora conocida no hay contacto".to_owned(),
        tier: Tier::GeneralHigh,
        binding: Binding::House,
        sentence: sentences::no_zone(),
    })
}
