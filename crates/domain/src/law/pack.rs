//! The packs: files of law read once, and refused when anything a verdict must act on is not
//! understood.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::{Arc, OnceLock};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use toml::Spanned;

use super::facts::Facts;
use super::file::{self, Source, hash};
use super::holidays::Calendar;
use super::regime::{Place, Regime, Rule, RuleKind};
use super::scenario::TestCase;
use super::sentences;
use super::source::{Binding, File, Tier};
use crate::calendar;
use crate::customer::Country;

/// The form of the files this engine reads.
const SCHEMA: &str = "compliance-pack/0.1";

macro_rules! embedded {
    ($($name:literal),+) => {
        &[$(($name, include_str!(concat!("../../../../packs/law/", $name))),)+]
    };
}

const EMBEDDED: &[(&str, &str)] = embedded!(
    "ar.toml",
    "br.toml",
    "cl.toml",
    "co.toml",
    "cr.toml",
    "ec.toml",
    "es.toml",
    "generic.toml",
    "mx.toml",
    "overlays.toml",
    "pe.toml",
    "us.toml",
    "uy.toml"
);

/// Why a pack was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}{}: {reason}", file::within(regime.as_deref()))]
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

/// One file of law, as proofs and lists name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackFile {
    /// Its name without its ending: `cl`.
    pub name: Arc<str>,
    /// Its version.
    pub version: String,
    /// The country it is the pack of.
    pub country: Option<Country>,
    /// The day up to which it was researched.
    pub as_of: Date,
    /// The day by which it should be read again.
    pub review_by: Option<Date>,
    /// SHA-256 of its text, in hex; line ends do not matter.
    pub hash: String,
}

/// All the law that is known, with its calendars and zones.
#[derive(Clone, Debug)]
pub struct Packs {
    pub(super) regimes: Vec<Arc<Regime>>,
    pub(super) calendars: BTreeMap<String, Arc<Calendar>>,
    countries: BTreeSet<Country>,
    zones: BTreeMap<Country, Vec<TimeZone>>,
    pub(super) tests: Vec<TestCase>,
    pub(super) files: Vec<PackFile>,
    pub(super) version: String,
    as_of: Option<Date>,
    pub(super) hash: String,
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
            files: Vec::new(),
            version: String::new(),
            as_of: None,
            hash: hash(
                sources
                    .iter()
                    .flat_map(|source| [&*source.name, &*source.text]),
            ),
            no_zone: no_zone(),
        };
        let mut read = Vec::with_capacity(sources.len());
        for source in &sources {
            let file = source.read()?;
            packs.take_calendars(source, &file)?;
            read.push((source, file));
        }
        for (source, file) in read {
            if let Some(regime) = file
                .regime
                .iter()
                .find(|it| it.binding.0 == Binding::Company)
            {
                let reason = "a company's own rules are no law: they stand apart".to_owned();
                return Err(source.error((regime.id.span().start, reason)));
            }
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
    pub fn regimes(&self) -> impl Iterator<Item = &Regime> {
        self.regimes.iter().map(|regime| &**regime)
    }

    /// The files, in order of name; a company's own come last.
    pub fn files(&self) -> &[PackFile] {
        &self.files
    }

    /// The cases the packs carry to prove themselves.
    pub fn tests(&self) -> &[TestCase] {
        &self.tests
    }

    /// The regimes whose country, layer and classes match; effective dates are read at the attempt.
    pub(super) fn matching(&self, facts: &Facts) -> Vec<&Regime> {
        let unpacked = self.is_unpacked(facts);
        self.regimes()
            .filter(|regime| match regime.binding {
                Binding::Law | Binding::Voluntary => true,
                Binding::Policy | Binding::Platform => facts.layers.policy,
                Binding::House | Binding::Company => facts.layers.house,
            })
            .filter(|regime| match regime.place {
                Place::Country(country) => facts.country == Some(country),
                Place::Everywhere => true,
                Place::Unpacked => unpacked,
            })
            .filter(|regime| regime.holds_in(facts.subdivision.as_ref()))
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

    pub(super) fn take_calendars(&mut self, source: &Source, file: &File) -> Result<(), PackError> {
        for (name, text) in &file.holidays {
            let calendar = Calendar::parse(text).map_err(|at| source.error(at))?;
            if self
                .calendars
                .insert(name.clone(), Arc::new(calendar))
                .is_some()
            {
                let at = source.text.find(&format!("[holidays.{name}]")).unwrap_or(0);
                return Err(source.error((at, format!("[holidays.{name}] is there twice"))));
            }
        }
        Ok(())
    }

    pub(super) fn take(&mut self, source: &Source, file: File) -> Result<(), PackError> {
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
        let stem: Arc<str> = Arc::from(source.stem());
        for text in file.regime {
            let start = text.id.span().start;
            let regime =
                Regime::read(text, &stem, &self.calendars).map_err(|at| source.error(at))?;
            if matches!((regime.place, own), (Place::Country(it), Some(own)) if it != own) {
                let reason = "the regime is of another country than its file".to_owned();
                return Err(source.error((start, reason)));
            }
            self.add(regime)
                .map_err(|reason| source.error((start, reason)))?;
        }
        for case in file.test {
            self.tests.push(source.case(case)?);
        }
        self.as_of = self.as_of.max(Some(file.as_of.0));
        let space = if self.version.is_empty() { "" } else { " " };
        let _ = write!(self.version, "{space}{stem}-{}", file.version);
        self.files.push(PackFile {
            name: stem,
            version: file.version,
            country: own,
            as_of: file.as_of.0,
            review_by: file.review_by.map(|review| review.0),
            hash: hash([&*source.text]),
        });
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
        if self.regimes().any(|other| other.id == regime.id) {
            return Err(format!("regime `{}` is there twice", regime.id));
        }
        let kinds = [RuleKind::Cap, RuleKind::SingleChannel, RuleKind::Cooldown];
        let mut seen = BTreeSet::new();
        for rule in self.regimes().chain([&regime]).flat_map(Regime::rules) {
            if kinds.contains(&rule.kind) && !seen.insert(rule.id.as_str()) {
                return Err(format!("rule `{}` is there twice", rule.id));
            }
        }
        self.regimes.push(Arc::new(regime));
        Ok(())
    }
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
