//! The debtor: who owes, where they live, and the addresses at which they may be reached.

use jiff::civil::Date;

use crate::code::code_enum;
use crate::ids::{ContactPointId, CustomerId};

code_enum! {
    /// A way of reaching someone.
    pub enum Channel {
        /// E-mail.
        Email = "email",
        /// WhatsApp text.
        Whatsapp = "whatsapp",
        /// SMS.
        Sms = "sms",
        /// Telephone call by a person; WhatsApp and VoIP voice and voicemail count as calls.
        Call = "call",
        /// Telephone call by a machine.
        Voicebot = "voicebot",
        /// Visit.
        Visit = "visit",
        /// In-app push or portal message.
        Push = "push",
        /// Letter.
        Letter = "letter",
    }
}

impl Channel {
    /// The Spanish word on screens.
    pub const fn name_es(self) -> &'static str {
        match self {
            Self::Email => "correo electrónico",
            Self::Whatsapp => "WhatsApp",
            Self::Sms => "SMS",
            Self::Call => "llamada",
            Self::Voicebot => "llamada automática",
            Self::Visit => "visita",
            Self::Push => "aviso en la aplicación",
            Self::Letter => "carta",
        }
    }
}

code_enum! {
    /// Who the debtor is in law.
    pub enum DebtorClass {
        /// A person who buys for private use.
        NaturalConsumer = "natural_consumer",
        /// A person in business.
        NaturalBusiness = "natural_business",
        /// A micro or small company.
        MicroSmallCompany = "micro_small_company",
        /// Any larger company.
        Company = "company",
    }
}

impl DebtorClass {
    /// Whether the debtor is a natural person.
    pub const fn is_person(self) -> bool {
        matches!(self, Self::NaturalConsumer | Self::NaturalBusiness)
    }
}

code_enum! {
    /// Who reads at an address.
    pub enum RecipientRole {
        /// The debtor.
        Debtor = "debtor",
        /// Owes jointly.
        CoDebtor = "co_debtor",
        /// Guarantees the debt.
        Guarantor = "guarantor",
        /// Represents the debtor by law.
        LegalRepresentative = "legal_representative",
        /// The debtor's lawyer.
        Attorney = "attorney",
        /// The person a company named for its payables.
        ApContact = "ap_contact",
        /// A personal reference.
        Reference = "reference",
        /// A relative.
        Relative = "relative",
        /// The debtor's employer.
        Employer = "employer",
        /// A neighbour.
        Neighbour = "neighbour",
        /// Anyone else.
        OtherThirdParty = "other_third_party",
    }
}

code_enum! {
    /// Where the company has an address from.
    pub enum ContactSource {
        /// Its own records of the sale.
        CreditorRecord = "creditor_record",
        /// Given by the debtor.
        DebtorProvided = "debtor_provided",
        /// Searched for elsewhere.
        SkipTrace = "skip_trace",
        /// A public register or page.
        PublicRecord = "public_record",
    }
}

code_enum! {
    /// Whether an address still works.
    pub enum Health {
        /// Nothing speaks against it.
        Good = "good",
        /// The provider refused it for good, or messages bounce.
        Bouncing = "bouncing",
        /// Someone else reads there.
        WrongPerson = "wrong_person",
        /// The customer asked not to be written to here.
        OptedOut = "opted_out",
    }
}

code_enum! {
    /// How a customer has paid so far.
    pub enum BehaviourClass {
        /// Pays on time.
        Punctual = "punctual",
        /// Pays late, once reminded.
        Forgetful = "forgetful",
        /// Pays late whatever is said.
        Slow = "slow",
        /// Contests what is billed.
        Disputing = "disputing",
        /// Cannot pay.
        Insolvent = "insolvent",
    }
}

/// A customer as far as a decision may see it. What the record does not say is `None`, never a
/// default: [`crate::law`] states, with a reason, how the unknown is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customer {
    /// Our id.
    pub id: CustomerId,
    /// The company's own key (its customer number).
    pub key: String,
    /// Name as the company writes it.
    pub name: String,
    /// Class in law.
    pub class: Option<DebtorClass>,
    /// Country, ISO 3166-1 alpha-2.
    pub country: Option<Country>,
    /// Subdivision, ISO 3166-2 (`BR-SP`).
    pub subdivision: Option<String>,
    /// IANA time zone.
    pub zone: Option<String>,
    /// Language of messages, BCP 47 (`es-MX`).
    pub language: Option<String>,
    /// Tax id as given, upper case, no spaces.
    pub tax_id: Option<String>,
    /// Importance to the company: 1 is the highest.
    pub importance: Option<u8>,
    /// How the customer has paid so far.
    pub behaviour: Option<BehaviourClass>,
    /// Words the company attached.
    pub tags: Vec<String>,
    /// Legal events (`lawsuit_served`, `insolvency_opened`, …) with the day they happened.
    pub legal_events: Vec<LegalEvent>,
    /// Addresses.
    pub contact_points: Vec<ContactPoint>,
}

impl Customer {
    /// A customer of whom nothing but the key and the name is known.
    pub fn known_by_name(id: CustomerId, key: &str, name: &str) -> Self {
        Self {
            id,
            key: key.to_owned(),
            name: name.to_owned(),
            class: None,
            country: None,
            subdivision: None,
            zone: None,
            language: None,
            tax_id: None,
            importance: None,
            behaviour: None,
            tags: Vec::new(),
            legal_events: Vec::new(),
            contact_points: Vec::new(),
        }
    }
}

/// Something that happened in law and may stop contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegalEvent {
    /// The word the packs use.
    pub event: String,
    /// The day it happened.
    pub on: Date,
    /// Where that is on record ("notificación del juzgado"); `None` where nobody said.
    pub source: Option<String>,
}

/// A country, ISO 3166-1 alpha-2.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country([u8; 2]);

impl Country {
    /// Argentina.
    pub const AR: Self = Self(*b"AR");
    /// Brazil.
    pub const BR: Self = Self(*b"BR");
    /// Chile.
    pub const CL: Self = Self(*b"CL");
    /// Colombia.
    pub const CO: Self = Self(*b"CO");
    /// Ecuador.
    pub const EC: Self = Self(*b"EC");
    /// Mexico.
    pub const MX: Self = Self(*b"MX");
    /// Peru.
    pub const PE: Self = Self(*b"PE");
    /// The United States.
    pub const US: Self = Self(*b"US");

    /// Reads a two-letter code in either case; `None` when it is not one.
    pub fn new(code: &str) -> Option<Self> {
        match code.as_bytes() {
            [a, b] if code.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
                Some(Self([a.to_ascii_uppercase(), b.to_ascii_uppercase()]))
            }
            _ => None,
        }
    }

    /// The two-letter code.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("??")
    }
}

impl std::fmt::Display for Country {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

impl std::fmt::Debug for Country {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

/// One address with its owner's role, its source, its consent and its health.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactPoint {
    /// Our id.
    pub id: ContactPointId,
    /// The channel it serves.
    pub channel: Channel,
    /// The address, normalised (lower case e-mail, E.164 telephone).
    pub address: String,
    /// Who reads there.
    pub role: Option<RecipientRole>,
    /// Where the company has it from.
    pub source: Option<ContactSource>,
    /// Whether it works.
    pub health: Health,
    /// What the customer said about being contacted here.
    pub consent: Consent,
}

/// What the customer said about being contacted on a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Consent {
    /// Nothing on record.
    Unknown,
    /// Given, on that day, by that source ("contrato", "portal").
    Given {
        /// The day.
        on: Date,
        /// Where the record is.
        source: String,
    },
    /// Withdrawn on that day.
    Withdrawn {
        /// The day.
        on: Date,
    },
}
