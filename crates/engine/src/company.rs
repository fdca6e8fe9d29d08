//! The company a command works for: what it is, what it declares, how it presents itself, which
//! policy rules.

use std::sync::Arc;

use domain::Currency;
use domain::calendar;
use domain::company::Declarations;
use domain::customer::{Channel, Country};
use domain::decide::{CompanyFacts, Rules};
use domain::ids::CompanyId;
use domain::law::Packs;
use domain::policy::Policy;
use jiff::Timestamp;
use jiff::civil::{Date, Time, time};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// A company as the engine works for it.
#[derive(Clone, Debug)]
pub struct Company {
    /// Our id.
    pub id: CompanyId,
    /// Its unique short name.
    pub name: String,
    /// Its name in law.
    pub legal_name: String,
    /// Its country.
    pub country: Country,
    /// The currency of what does not say its own.
    pub currency: Currency,
    /// The zone its days are read in.
    pub zone: TimeZone,
    /// The language of its screens, and of messages to customers whose own is not known.
    pub language: String,
    /// How it presents itself and sends.
    pub settings: Settings,
    /// What it declares of all its customers.
    pub declarations: Declarations,
    /// The policy that rules.
    pub policy: Policy,
    /// The version of that policy.
    pub policy_version: u32,
    /// The law it works under, with what it asks of itself beyond it.
    pub packs: Arc<Packs>,
}

/// What a company may set without a new declaration or policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// How its messages look.
    pub brand: Brand,
    /// Who sends them.
    pub sender: Option<Sender>,
    /// When set, every message goes to this address only.
    pub test_recipient: Option<String>,
    /// Who begins the daily run, and whether it waits for a look before it goes.
    pub runs: RunMode,
    /// The hour of the daily run.
    pub run_hour: Time,
    /// E-mails a minute at most.
    pub sends_per_minute: u32,
    /// E-mails a day at most.
    pub sends_per_day: u32,
    /// Whether everybody who works for it needs a second factor.
    pub totp_required: bool,
    /// What opens a customer's own page beside its link.
    pub portal_check: PortalCheck,
    /// Millionths of confidence from which a bank's line is applied without asking.
    pub apply_from_ppm: u32,
}

/// What opens a customer's own page beside its link. Never what others may know: a tax id, a name
/// or the number of a document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PortalCheck {
    /// The exact amount of a document that the message with the link lists, or a code sent to the
    /// address the message went to.
    #[default]
    AmountOrCode,
    /// Only such a code.
    Code,
}

/// How a company's day begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunMode {
    /// A person runs and sends by command; nothing happens by itself.
    #[default]
    Command,
    /// The run begins at its hour, and what it plans waits for a person's release.
    Review,
    /// The run begins at its hour, and what it plans leaves by itself.
    Automatic,
}

impl RunMode {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Review, Self::Automatic, Self::Command];

    /// The word it is set by.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::Review => "review",
            Self::Automatic => "automatic",
        }
    }

    /// The mode of that word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.code() == code)
    }
}

/// How a company's messages look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Brand {
    /// The name customers know it by, when not the legal one.
    pub name: Option<String>,
    /// Address of the logo (https).
    pub logo: Option<String>,
    /// Colour, `#rrggbb`.
    pub colour: String,
    /// Lines under the signature.
    pub signature: Vec<String>,
    /// Phone for questions.
    pub phone: Option<String>,
    /// Address for questions, when not the sender's.
    pub email: Option<String>,
    /// How to pay, in the company's own words.
    pub bank_data: Option<String>,
    /// What truly follows a last notice.
    pub next_step: Option<String>,
    /// Its tax id, where a law asks messages to name it.
    pub tax_id: Option<String>,
    /// Its address, where a law asks messages to name it.
    pub address: Option<String>,
    /// Where customers complain: address, e-mail and phone of the unit that answers.
    pub complaints: Option<String>,
    /// The agency that collects in the company's name, where one does: its name in law.
    pub agency_name: Option<String>,
    /// Its address, to which a debtor may write.
    pub agency_address: Option<String>,
    /// Its phone.
    pub agency_phone: Option<String>,
}

/// Who a company's messages come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sender {
    /// Name.
    pub name: String,
    /// Address.
    pub address: String,
}

impl Brand {
    /// The colour of letters on the brand's colour: black or white, whichever stands out more
    /// (contrast ratio of WCAG 2.2; one of the two always reaches 4.5).
    pub fn ink(&self) -> &'static str {
        // The ratios to white and to black are equal where (L + 0.05)² = 1.05 × 0.05.
        if self.luminance() > 0.179 {
            "#000000"
        } else {
            "#ffffff"
        }
    }

    /// The brand's colour if letters of it on white can be read (contrast of 4.5), else black.
    pub fn colour_on_white(&self) -> &str {
        if self.luminance() <= 0.183 && self.rgb().is_some() {
            &self.colour
        } else {
            "#000000"
        }
    }

    fn rgb(&self) -> Option<[u8; 3]> {
        let digits = self.colour.strip_prefix('#')?;
        let part = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
        (digits.len() == 6).then_some(())?;
        Some([part(0)?, part(2)?, part(4)?])
    }

    /// Relative luminance of sRGB (WCAG 2.2, "relative luminance"), 0 to 1.
    fn luminance(&self) -> f64 {
        let linear = |channel: u8| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.040_45 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        let [red, green, blue] = self.rgb().unwrap_or_default();
        0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            brand: Brand::default(),
            sender: None,
            test_recipient: None,
            runs: RunMode::Command,
            run_hour: time(8, 0, 0, 0),
            sends_per_minute: 60,
            sends_per_day: 2_000,
            totp_required: false,
            portal_check: PortalCheck::default(),
            apply_from_ppm: domain::ledger::matching::APPLY_FROM_PPM,
        }
    }
}

impl Default for Brand {
    fn default() -> Self {
        Self {
            name: None,
            logo: None,
            colour: "#1f5f8b".to_owned(),
            signature: Vec::new(),
            phone: None,
            email: None,
            bank_data: None,
            next_step: None,
            tax_id: None,
            address: None,
            complaints: None,
            agency_name: None,
            agency_address: None,
            agency_phone: None,
        }
    }
}

impl Company {
    /// The name its customers know it by.
    pub fn public_name(&self) -> &str {
        let brand = self.settings.brand.name.as_deref();
        brand.unwrap_or(&self.legal_name)
    }

    /// The civil day an instant falls on for the company.
    pub fn day_of(&self, at: Timestamp) -> Date {
        calendar::local(at, &self.zone).date()
    }

    /// The instant at which `day` is run: the company's run hour in its zone.
    pub fn run_instant(&self, day: Date) -> Timestamp {
        self.zone
            .to_timestamp(day.to_datetime(self.settings.run_hour))
            .unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// The company as a decision sees it, with the channels that can be used now.
    pub fn facts(&self, channels: &[Channel]) -> CompanyFacts {
        CompanyFacts {
            country: self.country,
            zone: self.zone.clone(),
            declarations: self.declarations.clone(),
            channels: channels.to_vec(),
        }
    }

    /// The rules of a decision.
    pub fn rules<'a>(&'a self, facts: &'a CompanyFacts) -> Rules<'a> {
        Rules {
            policy: &self.policy,
            packs: &self.packs,
            company: facts,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_stand_out_on_every_brand() {
        for (colour, ink, on_white) in [
            ("#1f5f8b", "#ffffff", "#1f5f8b"),
            ("#ffffff", "#000000", "#000000"),
            ("#ffcc00", "#000000", "#000000"),
            ("#000000", "#ffffff", "#000000"),
            ("#767676", "#000000", "#767676"),
            ("#c00000", "#ffffff", "#c00000"),
            ("red;}", "#ffffff", "#000000"),
        ] {
            let brand = Brand {
                colour: colour.to_owned(),
                ..Brand::default()
            };
            assert_eq!(brand.ink(), ink, "{colour}");
            assert_eq!(brand.colour_on_white(), on_white, "{colour}");
        }
    }
}
