//! The shares and rates of behaviour, read from text.
//!
//! `model.toml` beside the sources is the model that comes with the program; each of its figures
//! says where it comes from.

use domain::contact::Tone;
use domain::customer::BehaviourClass;
use serde::Deserialize;

use crate::spec::Kind;

/// The shares and rates of behaviour. Rates are per mille, shares of one list add up to 1000; what
/// each means stands in `model.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// The Mexican distributor.
    pub distributor: KindModel,
    /// The Chilean company of services.
    pub services: KindModel,
    /// The Colombian lender.
    pub lender: KindModel,
    /// What a message does.
    pub messages: Messages,
}

/// A figure for each class of payers.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "the classes of domain::customer::BehaviourClass"
)]
pub struct ByClass {
    pub punctual: u16,
    pub forgetful: u16,
    pub slow: u16,
    pub disputing: u16,
    pub insolvent: u16,
}

impl ByClass {
    /// The figure of a class.
    pub const fn of(&self, class: BehaviourClass) -> u16 {
        match class {
            BehaviourClass::Punctual => self.punctual,
            BehaviourClass::Forgetful => self.forgetful,
            BehaviourClass::Slow => self.slow,
            BehaviourClass::Disputing => self.disputing,
            BehaviourClass::Insolvent => self.insolvent,
        }
    }
}

/// How the customers of one kind of company are made.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "each key is explained in model.toml, beside its figure"
)]
pub struct KindModel {
    pub shares: ByClass,
    pub late: Late,
    pub disputed: u16,
    pub insolvent_paid: u16,
    pub forgetful_late_quantiles: Vec<u32>,
    pub slow_late_quantiles: Vec<u32>,
    pub insolvent_late_quantiles: Vec<u32>,
    pub contest_quantiles: Vec<u32>,
    pub documents_quantiles: Vec<u32>,
    pub amount_quantiles: Vec<u32>,
    pub terms: Vec<(u16, u16)>,
    pub season: Vec<u16>,
    pub persons: u16,
    pub old_customers: u16,
    pub leaving: u16,
    pub habits: Habits,
    pub direct_debit: u16,
    pub direct_debit_refused: u16,
    pub channels: Channels,
    pub hours: Vec<(u16, u16)>,
    pub tones: Vec<u16>,
    pub formal: u16,
    pub hurried: u16,
}

/// Share of documents paid after the due date when nobody writes.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "the classes that forget and that take their time"
)]
pub struct Late {
    pub forgetful: u16,
    pub slow: u16,
}

/// Shares of the days on which customers pay.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the habits of crate::Habit")]
pub struct Habits {
    pub any_day: u16,
    pub fridays: u16,
    pub fortnights: u16,
}

/// Shares of the channels on which customers read and answer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the channels of domain::customer::Channel")]
pub struct Channels {
    pub email: u16,
    pub whatsapp: u16,
}

/// What a message does.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "each key is explained in model.toml, beside its figure"
)]
pub struct Messages {
    pub read: Read,
    pub at_favourite_hour: u16,
    pub other_channel: u16,
    pub moved_forgetful: Vec<u16>,
    pub moved_slow: Vec<u16>,
    pub moved_disputing: Vec<u16>,
    pub moved_insolvent: Vec<u16>,
    pub own_tone: u16,
    pub own_hour: u16,
    pub delay_quantiles: Vec<u32>,
    pub answers: ByClass,
    pub keeps: ByClass,
    pub broken_quantiles: Vec<u32>,
    pub needs_copy: u16,
    pub contests_in_answer: u16,
    pub contests_unasked: u16,
    pub says_paid: u16,
    pub thanks: u16,
    pub receipt: u16,
    pub opt_out: u16,
    pub out_of_office: u16,
    pub bad_address: u16,
    pub wrong_person: u16,
    pub soft_bounce: u16,
    pub parts: u16,
    pub bundles: u16,
}

/// Share of messages read, by channel.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the channels of domain::customer::Channel")]
pub struct Read {
    pub email: u16,
    pub whatsapp: u16,
    pub other: u16,
}

/// What is wrong with a model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the model's `{key}` is wrong: {what}")]
pub struct ModelError {
    /// The key of the value.
    pub key: String,
    /// What is wrong with it and what would be right.
    pub what: String,
}

impl Model {
    /// The model that comes with the program.
    #[expect(clippy::expect_used, reason = "a test reads the same text")]
    pub fn embedded() -> Self {
        Self::from_toml(include_str!("../model.toml")).expect("the embedded model")
    }

    /// A model from its text.
    ///
    /// # Errors
    /// [`ModelError`] names the key that is unknown, missing, out of range or does not add up.
    pub fn from_toml(text: &str) -> Result<Self, ModelError> {
        let model: Self = toml::from_str(text).map_err(|error| ModelError {
            key: key_at(text, error.span().map_or(0, |span| span.start)),
            what: error.message().to_owned(),
        })?;
        model.check()?;
        Ok(model)
    }

    /// The part of a kind of company.
    pub const fn of(&self, kind: Kind) -> &KindModel {
        match kind {
            Kind::Distributor => &self.distributor,
            Kind::Services => &self.services,
            Kind::Lender => &self.lender,
        }
    }

    fn check(&self) -> Result<(), ModelError> {
        self.distributor.check("distributor")?;
        self.services.check("services")?;
        self.lender.check("lender")?;
        self.messages.check()
    }
}

impl KindModel {
    fn check(&self, section: &str) -> Result<(), ModelError> {
        let at = |key: &str| format!("{section}.{key}");
        let ByClass {
            punctual,
            forgetful,
            slow,
            disputing,
            insolvent,
        } = self.shares;
        let classes = [punctual, forgetful, slow, disputing, insolvent];
        whole(&at("shares"), &classes)?;
        let Habits {
            any_day,
            fridays,
            fortnights,
        } = self.habits;
        whole(&at("habits"), &[any_day, fridays, fortnights])?;
        whole(
            &at("channels"),
            &[self.channels.email, self.channels.whatsapp],
        )?;
        let shares = |pairs: &[(u16, u16)]| pairs.iter().map(|pair| pair.1).collect::<Vec<_>>();
        whole(&at("terms"), &shares(&self.terms))?;
        whole(&at("hours"), &shares(&self.hours))?;
        five(&at("tones"), &self.tones)?;
        whole(&at("tones"), &self.tones)?;
        if self.hours.iter().any(|(hour, _)| *hour > 23) {
            return wrong(at("hours"), "an hour is from 0 to 23");
        }
        if self.terms.iter().any(|(days, _)| *days < 5) {
            return wrong(at("terms"), "a term has at least 5 days");
        }
        if self.season.len() != 12 || self.season.contains(&0) {
            return wrong(at("season"), "give 12 weights above zero, January first");
        }
        for (key, rate) in [
            ("late.forgetful", self.late.forgetful),
            ("late.slow", self.late.slow),
            ("disputed", self.disputed),
            ("insolvent_paid", self.insolvent_paid),
            ("persons", self.persons),
            ("old_customers", self.old_customers),
            ("leaving", self.leaving),
            ("direct_debit", self.direct_debit),
            ("direct_debit_refused", self.direct_debit_refused),
            ("formal", self.formal),
            ("hurried", self.hurried),
        ] {
            permille(&at(key), rate)?;
        }
        for (key, quantiles) in [
            ("forgetful_late_quantiles", &self.forgetful_late_quantiles),
            ("slow_late_quantiles", &self.slow_late_quantiles),
            ("insolvent_late_quantiles", &self.insolvent_late_quantiles),
            ("contest_quantiles", &self.contest_quantiles),
            ("documents_quantiles", &self.documents_quantiles),
            ("amount_quantiles", &self.amount_quantiles),
        ] {
            rising(&at(key), quantiles, 1)?;
        }
        Ok(())
    }
}

impl Messages {
    /// The chance that a read reminder moves each class, by tone. The punctual need none and give
    /// the same answer to all.
    pub(crate) fn moved(&self, class: BehaviourClass) -> &[u16] {
        match class {
            BehaviourClass::Punctual | BehaviourClass::Forgetful => &self.moved_forgetful,
            BehaviourClass::Slow => &self.moved_slow,
            BehaviourClass::Disputing => &self.moved_disputing,
            BehaviourClass::Insolvent => &self.moved_insolvent,
        }
    }

    fn check(&self) -> Result<(), ModelError> {
        let at = |key: &str| format!("messages.{key}");
        for (key, rates) in [
            ("moved_forgetful", &self.moved_forgetful),
            ("moved_slow", &self.moved_slow),
            ("moved_disputing", &self.moved_disputing),
            ("moved_insolvent", &self.moved_insolvent),
        ] {
            five(&at(key), rates)?;
            rates
                .iter()
                .try_for_each(|rate| permille(&at(key), *rate))?;
        }
        for class in BehaviourClass::ALL {
            permille(&at("answers"), self.answers.of(*class))?;
            permille(&at("keeps"), self.keeps.of(*class))?;
        }
        for (key, rate) in [
            ("read.email", self.read.email),
            ("read.whatsapp", self.read.whatsapp),
            ("read.other", self.read.other),
            ("at_favourite_hour", self.at_favourite_hour),
            ("other_channel", self.other_channel),
            ("own_tone", self.own_tone),
            ("own_hour", self.own_hour),
            ("needs_copy", self.needs_copy),
            ("contests_in_answer", self.contests_in_answer),
            ("contests_unasked", self.contests_unasked),
            ("says_paid", self.says_paid),
            ("thanks", self.thanks),
            ("receipt", self.receipt),
            ("opt_out", self.opt_out),
            ("out_of_office", self.out_of_office),
            ("bad_address", self.bad_address),
            ("wrong_person", self.wrong_person),
            ("soft_bounce", self.soft_bounce),
            ("parts", self.parts),
            ("bundles", self.bundles),
        ] {
            permille(&at(key), rate)?;
        }
        if self.bad_address + self.wrong_person > 1000 {
            return wrong(at("bad_address"), "with wrong_person it is more than 1000");
        }
        rising(&at("delay_quantiles"), &self.delay_quantiles, 0)?;
        rising(&at("broken_quantiles"), &self.broken_quantiles, 1)
    }
}

fn permille(key: &str, rate: u16) -> Result<(), ModelError> {
    if rate > 1000 {
        return wrong(key, format!("{rate} is more than 1000 per mille"));
    }
    Ok(())
}

fn whole(key: &str, shares: &[u16]) -> Result<(), ModelError> {
    let total: u32 = shares.iter().copied().map(u32::from).sum();
    if total != 1000 {
        return wrong(key, format!("its shares add up to {total}, not to 1000"));
    }
    Ok(())
}

fn five(key: &str, rates: &[u16]) -> Result<(), ModelError> {
    let tones = Tone::ALL.len();
    if rates.len() != tones {
        return wrong(key, format!("give {tones} figures, from warm to final"));
    }
    Ok(())
}

fn rising(key: &str, quantiles: &[u32], least: u32) -> Result<(), ModelError> {
    if quantiles.len() < 2 || !quantiles.is_sorted() || quantiles[0] < least {
        let what = format!("give at least two values that never fall, from {least} up");
        return wrong(key, what);
    }
    Ok(())
}

fn wrong(key: impl Into<String>, what: impl Into<String>) -> Result<(), ModelError> {
    Err(ModelError {
        key: key.into(),
        what: what.into(),
    })
}

/// The section and key that stand at a place of the text.
fn key_at(text: &str, place: usize) -> String {
    let end = text[place..].find('\n').map_or(text.len(), |it| place + it);
    let mut section = "";
    let mut key = "";
    for line in text[..end].lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
            (section, key) = (name, "");
        } else if let Some((name, _)) = line.split_once('=').filter(|_| !line.starts_with('#')) {
            key = name.trim();
        }
    }
    match (section, key) {
        ("", key) => key.to_owned(),
        (section, "") => section.to_owned(),
        (section, key) => format!("{section}.{key}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = include_str!("../model.toml");

    #[test]
    fn what_is_wrong_is_refused_by_its_key() {
        let cases = [
            (
                "punctual = 380",
                "punctual = 390",
                "distributor.shares",
                "1010",
            ),
            ("fridays = 380", "fridays = 38", "services.habits", "658"),
            (
                "late = { forgetful = 550",
                "late = { forgetful = 1550",
                "lender.late.forgetful",
                "1550",
            ),
            ("opt_out = 4\n", "opt_out = many\n", "messages.opt_out", ""),
            (
                "opt_out = 4\n",
                "opt_outs = 4\n",
                "messages.opt_outs",
                "opt_out",
            ),
            ("opt_out = 4\n", "", "messages", "opt_out"),
            (
                "[2, 4, 6, 9, 13, 20]",
                "[2, 4, 3]",
                "messages.broken_quantiles",
                "never fall",
            ),
            ("[[30, 1000]]", "[[30, 999]]", "services.terms", "999"),
            ("[[9, 280]", "[[24, 280]", "services.hours", "23"),
            (
                "tones = [80, 460,",
                "tones = [540,",
                "lender.tones",
                "5 figures",
            ),
        ];
        for (old, new, key, said) in cases {
            let text = TEXT.replacen(old, new, 1);
            assert_ne!(text, TEXT, "{old}");
            let error = Model::from_toml(&text).expect_err(new);
            assert_eq!(error.key, key, "{error}");
            assert!(error.what.contains(said), "{error}");
        }
    }

    #[test]
    fn the_embedded_model_is_sound() {
        assert_eq!(Model::from_toml(TEXT), Ok(Model::embedded()));
    }
}
