//! What a company asks of itself beyond the law. Its regimes are asked beside all others, and since
//! a contact needs every regime's leave, they can deny and never allow.

use super::file::{Source, hash};
use super::pack::{PackError, Packs};
use super::source::{Binding, File};

/// Leads the hash of rules of a company, so that they are never taken for law.
const MARK: &str = "company";

impl Packs {
    /// The same law with a company's own rules, given as (name, text).
    ///
    /// # Errors
    /// [`PackError`] for what is not understood, and for anything that is not a rule of the
    /// company's own: another `binding`, or a country, zones or a country's holidays, which would
    /// change what the law applies to.
    pub fn tightened(&self, files: &[(&str, &str)]) -> Result<Self, PackError> {
        let mut sources: Vec<Source> = files
            .iter()
            .map(|(name, text)| Source::new(name, text))
            .collect();
        sources.sort_by(|a, b| a.name.cmp(&b.name));
        let mut packs = self.clone();
        packs.tests = Vec::new();
        for source in &sources {
            let file = source.read()?;
            only_rules(source, &file)?;
            if packs
                .files()
                .iter()
                .any(|other| &*other.name == source.stem())
            {
                let reason = "another file has this name: give it one of its own".to_owned();
                return Err(source.error((0, reason)));
            }
            packs.take_calendars(source, &file)?;
            packs.take(source, file)?;
        }
        let texts = sources.iter().flat_map(|it| [&*it.name, &*it.text]);
        packs.hash = hash([self.hash(), MARK].into_iter().chain(texts));
        Ok(packs)
    }

    /// Whether a file is one of a company's own.
    pub(super) fn is_own(&self, file: &str) -> bool {
        let stem = file.strip_suffix(".toml").unwrap_or(file);
        let mut regimes = self.regimes().filter(|regime| &*regime.file == stem);
        regimes.any(|regime| regime.binding == Binding::Company)
    }
}

/// Whether a text holds a company's own rules, or means to.
pub fn is_own(text: &str) -> bool {
    let file: Result<File, _> = toml::from_str(text);
    file.is_ok_and(|file| {
        file.regime
            .iter()
            .any(|it| it.binding.0 == Binding::Company)
    })
}

fn only_rules(source: &Source, file: &File) -> Result<(), PackError> {
    let refuse = |at: usize, reason: &str| Err(source.error((at, reason.to_owned())));
    if let Some(country) = &file.country {
        let at = country.span().start;
        return refuse(
            at,
            "rules of a company are no country's pack: take `country` away",
        );
    }
    if !file.zones.is_empty() || !file.zones_of.is_empty() {
        return refuse(0, "rules of a company name no zones");
    }
    if let Some(name) = file.holidays.keys().find(|name| name.len() == 2) {
        let at = source.text.find(&format!("[holidays.{name}]")).unwrap_or(0);
        return refuse(
            at,
            "a company's own holidays bear a longer name than a country's",
        );
    }
    match file
        .regime
        .iter()
        .find(|it| it.binding.0 != Binding::Company)
    {
        Some(regime) => refuse(
            regime.id.span().start,
            "rules of a company have `binding = \"company\"`",
        ),
        None if file.regime.is_empty() => refuse(0, "there is no [[regime]]"),
        None => Ok(()),
    }
}
