//! The shape of a pack's file, as it is written. What a verdict acts on is typed and an unknown key
//! is refused; tables that only inform (content, fees, records, …) are kept as they stand.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use jiff::civil::Date;
use serde::Deserialize;
use serde::de::{Deserializer, Error};
use toml::{Spanned, Table};

use super::facts::{MessageKind, Outcome};
use super::holidays::CalendarText;
use super::scenario::TestCase;
use crate::code::code_enum;
use crate::company::{Actor, CreditorClass, DebtClass};
use crate::customer::{Channel, ContactSource, DebtorClass, RecipientRole};

/// A value written as one of a few fixed words, or in a fixed form such as a date.
#[derive(Clone, Copy, Debug)]
pub struct Coded<T>(pub T);

impl<'de, T: FromStr<Err: Display>> Deserialize<'de> for Coded<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(D::Error::custom)
    }
}

code_enum! {
    /// How well a datum is proven.
    pub enum Tier {
        /// The primary text was read.
        Primary = "P",
        /// A regulator's page, a law firm's note, press, or a reproduction of the text.
        Secondary = "S",
        /// General knowledge, high confidence, unverified.
        GeneralHigh = "G-high",
        /// General knowledge, medium confidence, unverified.
        GeneralMedium = "G-med",
        /// General knowledge, low confidence, unverified.
        GeneralLow = "G-low",
    }
}

code_enum! {
    /// What makes a regime hold.
    pub enum Binding {
        /// Statute or regulation: nobody may switch it off.
        Law = "law",
        /// A voluntary guide, observed like law.
        Voluntary = "voluntary",
        /// Prudence.
        Policy = "policy",
        /// The terms of a platform.
        Platform = "platform",
        /// The house's own caution.
        House = "house",
        /// What a company asks of itself beyond the law; it only tightens.
        Company = "company",
    }
}

code_enum! {
    /// A day of the week, as packs write it.
    pub enum Day {
        /// Monday.
        Mon = "mon",
        /// Tuesday.
        Tue = "tue",
        /// Wednesday.
        Wed = "wed",
        /// Thursday.
        Thu = "thu",
        /// Friday.
        Fri = "fri",
        /// Saturday.
        Sat = "sat",
        /// Sunday.
        Sun = "sun",
    }
}

code_enum! {
    /// Whom a count joins.
    pub enum Scope {
        /// All debts of the person with the creditor and all its agencies.
        DebtorCreditor = "debtor_creditor",
        /// Each debt by itself.
        Debt = "debt",
    }
}

code_enum! {
    /// From which point on an attempt counts.
    pub enum Counts {
        /// Once made.
        Attempt = "attempt",
        /// Once it reached the address.
        Delivered = "delivered",
        /// Only when both sides spoke.
        Conversation = "conversation",
    }
}

code_enum! {
    /// How a regime asks for consent.
    pub enum ConsentMode {
        /// Given before, expressly, for each channel.
        PriorExpress = "prior_express_per_channel",
        /// Contact is allowed until the debtor refuses the channel.
        OptOut = "opt_out",
    }
}

code_enum! {
    /// Whether a regime protects final consumers only.
    pub enum FinalConsumer {
        /// Only debts of final consumers.
        Required = "required",
        /// Any debt.
        Any = "any",
    }
}

code_enum! {
    /// What a regime does on a holiday.
    pub enum HolidayAction {
        /// No contact on its channels.
        Block = "block",
    }
}

code_enum! {
    /// From when on a withdrawal holds.
    pub enum Revocation {
        /// At once.
        Immediate = "immediate",
    }
}

code_enum! {
    /// What a legal event stops. Every one of them denies; only the first leaves the attorney.
    pub enum StopEffect {
        /// Only the attorney may be contacted.
        ContactAttorneyOnly = "contact_attorney_only",
        /// No collection outside court.
        StopExtrajudicial = "stop_extrajudicial",
        /// No collection of the disputed amount.
        StopDisputedAmount = "stop_disputed_amount",
        /// Nothing but the notice the law asks for.
        StopAllExceptNotice = "stop_all_except_notice",
        /// Nothing until the debt is verified.
        StopUntilVerified = "stop_until_verified",
        /// Nothing.
        StopAll = "stop_all",
    }
}

code_enum! {
    /// The event after which a cooldown runs.
    pub enum CooldownAfter {
        /// Both sides spoke.
        Conversation = "conversation",
    }
}

/// One file of packs.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    pub schema: Spanned<String>,
    pub version: String,
    pub as_of: Coded<Date>,
    pub review_by: Option<Coded<Date>>,
    pub country: Option<Spanned<String>>,
    #[serde(default)]
    pub zones: Vec<Spanned<String>>,
    #[serde(default)]
    pub zones_of: BTreeMap<String, Vec<Spanned<String>>>,
    #[serde(default)]
    pub holidays: BTreeMap<String, CalendarText>,
    #[serde(default)]
    pub regime: Vec<RegimeText>,
    #[serde(default)]
    pub test: Vec<Spanned<TestCase>>,
}

/// A regime as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegimeText {
    pub id: Spanned<String>,
    pub article: String,
    pub country: Spanned<String>,
    #[serde(default)]
    pub subdivisions: Vec<String>,
    pub binding: Coded<Binding>,
    pub effective_from: Coded<Date>,
    /// The last day it holds; it holds on while none is written.
    pub effective_to: Option<Spanned<Coded<Date>>>,
    pub v: Coded<Tier>,
    pub applies: AppliesText,
    #[serde(default)]
    pub windows: Vec<Spanned<WindowText>>,
    pub holiday: Option<Spanned<HolidayText>>,
    #[serde(default)]
    pub caps: Vec<Spanned<CapText>>,
    #[serde(default)]
    pub single_channel: Vec<Spanned<SingleChannelText>>,
    #[serde(default)]
    pub cooldowns: Vec<Spanned<CooldownText>>,
    pub consent: Option<ConsentText>,
    pub recipients: Option<Spanned<RecipientsText>>,
    pub contact_point: Option<ContactPointText>,
    pub channel_ban: Option<ChannelBanText>,
    #[serde(default)]
    pub stops: Vec<Spanned<StopText>>,
    pub exempt_messages: Option<ExemptText>,
    // What follows informs and decides nothing here.
    pub window_exception: Option<Table>,
    pub content: Option<Table>,
    pub payments: Option<Table>,
    pub fees: Option<Table>,
    pub records: Option<Table>,
    pub caller_id: Option<Table>,
    pub data: Option<Table>,
    pub writing: Option<Table>,
    pub duties: Option<Table>,
    pub bureau_report: Option<Table>,
}

impl RegimeText {
    /// The tables that inform, by name, as they stand.
    pub fn take_informing(&mut self) -> BTreeMap<&'static str, Table> {
        [
            ("window_exception", self.window_exception.take()),
            ("content", self.content.take()),
            ("payments", self.payments.take()),
            ("fees", self.fees.take()),
            ("records", self.records.take()),
            ("caller_id", self.caller_id.take()),
            ("data", self.data.take()),
            ("writing", self.writing.take()),
            ("duties", self.duties.take()),
            ("bureau_report", self.bureau_report.take()),
        ]
        .into_iter()
        .filter_map(|(name, table)| Some((name, table?)))
        .collect()
    }
}

/// Whom a regime covers.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppliesText {
    pub debtor: Vec<Coded<DebtorClass>>,
    pub debt: Vec<Coded<DebtClass>>,
    pub creditor: Vec<Coded<CreditorClass>>,
    pub actor: Vec<Coded<Actor>>,
    pub final_consumer: Coded<FinalConsumer>,
    #[serde(default)]
    pub also_applies_to: Vec<Coded<DebtorClass>>,
    #[serde(default)]
    pub also_applies_to_creditors: Vec<Coded<CreditorClass>>,
    // No fact of ours answers these two: a verdict says so where they matter.
    #[serde(default)]
    pub agency_domicile_triggers: Vec<String>,
    pub commercial_debt_max_usd: Option<i64>,
}

/// Hours on some days for some channels, half open.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WindowText {
    pub channels: Vec<Coded<Channel>>,
    pub days: Vec<Coded<Day>>,
    pub from: String,
    pub to: String,
    pub v: Option<Coded<Tier>>,
    pub article: Option<String>,
}

/// What happens on a holiday.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HolidayText {
    pub calendar: String,
    pub channels: Vec<Coded<Channel>>,
    #[serde(rename = "action")]
    pub _action: Coded<HolidayAction>,
    pub v: Option<Coded<Tier>>,
    pub article: Option<String>,
}

/// The stretch a count looks back on.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum SpanText {
    /// The local date of the attempt.
    CalendarDay,
    /// That many local dates ending with the attempt's.
    RollingDays { n: u16 },
}

/// How often.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CapText {
    pub id: String,
    pub channels: Vec<Coded<Channel>>,
    pub max: u32,
    pub window: SpanText,
    pub min_gap_hours: Option<u32>,
    pub scope: Coded<Scope>,
    pub counts: Coded<Counts>,
    #[serde(default)]
    pub exclude_outcomes: Vec<Coded<Outcome>>,
    pub v: Option<Coded<Tier>>,
    pub article: Option<String>,
}

/// One family of channels in a stretch of days.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SingleChannelText {
    pub id: String,
    pub channels: Vec<Coded<Channel>>,
    pub families: Vec<Vec<Coded<Channel>>>,
    pub window: SpanText,
    pub scope: Coded<Scope>,
    pub counts: Coded<Counts>,
    pub v: Option<Coded<Tier>>,
    pub article: Option<String>,
}

/// Silence after a conversation.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CooldownText {
    pub id: String,
    #[serde(rename = "after")]
    pub _after: Coded<CooldownAfter>,
    pub after_channels: Vec<Coded<Channel>>,
    pub blocks: Vec<Coded<Channel>>,
    pub days: u16,
    pub day_one_is_event_date: bool,
    pub scope: Coded<Scope>,
    pub v: Option<Coded<Tier>>,
    pub article: Option<String>,
}

/// Consent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentText {
    pub mode: Coded<ConsentMode>,
    pub channels: Vec<Coded<Channel>>,
    #[serde(rename = "revocation")]
    pub _revocation: Option<Coded<Revocation>>,
    #[serde(default)]
    pub opt_out_notice_required_in: Vec<Coded<Channel>>,
    pub v: Option<Coded<Tier>>,
    pub article: Option<String>,
}

/// Who may be spoken to.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecipientsText {
    pub allowed: Vec<Coded<RecipientRole>>,
    #[serde(default)]
    pub forbidden: Vec<Coded<RecipientRole>>,
    // Age is no fact of ours: the role already decides who may be spoken to.
    #[serde(rename = "minors")]
    pub _minors: Option<String>,
    #[serde(rename = "older_adults")]
    pub _older_adults: Option<String>,
    pub v: Option<Coded<Tier>>,
    pub article: Option<String>,
}

/// Where an address may come from.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContactPointText {
    #[serde(default)]
    pub allowed_sources: Vec<Coded<ContactSource>>,
    // Conditions on letters and workplaces in words, for people to read.
    #[serde(rename = "letters")]
    pub _letters: Option<String>,
    #[serde(rename = "employer_email")]
    pub _employer_email: Option<String>,
    pub v: Option<Coded<Tier>>,
    pub article: Option<String>,
}

/// Channels that may not be used at all.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelBanText {
    pub channels: Vec<Coded<Channel>>,
    #[serde(rename = "exception")]
    pub _exception: Option<String>,
    pub v: Option<Coded<Tier>>,
    pub article: Option<String>,
}

/// A legal event after which contact stops.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StopText {
    pub event: String,
    pub effect: Coded<StopEffect>,
    pub v: Option<Coded<Tier>>,
    pub article: Option<String>,
}

/// Kinds of message that hours and counts do not bind.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExemptText {
    pub kinds: Vec<Coded<MessageKind>>,
}

impl<T: Display> serde::Serialize for Coded<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}
