//! What a message must say and must not say: the packs' `content` tables, typed. Which words mean
//! which of these is for whoever reads messages; here stands only what each law asks.

use std::sync::Arc;

use jiff::civil::Date;
use toml::{Table, Value};

use super::facts::MessageKind;
use super::regime::Rule;
use super::rules::Applicable;
use super::set::Set;
use crate::code::code_enum;
use crate::customer::Channel;

code_enum! {
    /// Something a message must say, in the packs' words.
    pub enum Statement {
        /// Who is owed.
        CreditorIdentity = "creditor_identity",
        /// Who is owed, by name.
        CreditorName = "creditor_name",
        /// Who sold, by name.
        SupplierName = "supplier_name",
        /// The seller's address.
        SupplierAddress = "supplier_address",
        /// The seller's tax id.
        SupplierTaxId = "supplier_cpf_or_cnpj",
        /// What the debt comes from.
        DebtOrigin = "debt_origin",
        /// The contract or operation.
        Operation = "contract_or_operation",
        /// How much is owed.
        AmountDue = "amount_due",
        /// The day that amount is of.
        AmountDate = "amount_calc_date",
        /// The amount before any surcharge.
        OriginalAmount = "original_amount",
        /// Each surcharge by itself, or that there is none.
        Surcharges = "each_surcharge_itemised",
        /// Interest and collection costs, or that there are none.
        InterestAndCosts = "interest_and_collection_costs",
        /// On what terms the debt is settled.
        SettlementTerms = "settlement_conditions",
        /// How to pay.
        HowToPay = "how_to_pay",
        /// That payments go to the creditor only.
        PayCreditorOnly = "payments_only_to_creditor",
        /// Where one complains.
        ComplaintChannel = "une_address_email_phone",
        /// What consumers are entitled to while a debt is collected.
        ConsumerRights = "consumer_rights_in_collection",
        /// That this is no enforcement procedure.
        NotEnforcement = "statement_not_enforcement_procedure",
        /// That a call is recorded.
        RecordingNotice = "recording_notice",
        /// The agency's name in law.
        AgencyLegalName = "agency_legal_name",
        /// The agency's name.
        AgencyName = "agency_name",
        /// The agency's address.
        AgencyAddress = "agency_address",
        /// The agency's phone.
        AgencyPhone = "agency_phone",
        /// Who speaks.
        AgentName = "agent_name",
        /// Who answers for the collection.
        ResponsiblePerson = "responsible_person",
        /// For whom the agency acts, and how far.
        Representation = "representation_and_scope",
        /// Who collects.
        CollectorIdentity = "collector_identity",
        /// That a debt collector writes, to collect a debt.
        CollectorDisclosure = "debt_collector_disclosure",
        /// The validation notice.
        ValidationNotice = "validation_notice_within_5_days",
        /// The right to ask for the records of the debt.
        RightToRecords = "ca_right_to_records_notice",
        /// How to ask for no more messages on the channel.
        OptOut = "opt_out_notice",
    }
}

code_enum! {
    /// Something a message must not say or look like, in the packs' words.
    pub enum Forbidden {
        /// Anything that is, looks like or refers to a court's document or proceeding.
        CourtReference = "is_or_looks_like_or_refers_to_court_document",
        /// A text that looks like a court's.
        SimulatedCourtDocument = "simulated_court_document",
        /// A text that looks like a claim in court.
        JudicialAppearance = "appearance_of_judicial_claim",
        /// Names that resemble public bodies.
        ResemblesPublicInstitution = "resembles_public_institution",
        /// Speaking as an authority.
        PoseAsAuthority = "pose_as_authority",
        /// Threat, offence, intimidation.
        ThreatOffence = "threat_offence_intimidation",
        /// Threat or constraint.
        ThreatOrConstraint = "threat_or_constraint",
        /// Threatening what will not or may not be done.
        FalseThreat = "false_threat",
        /// Ridicule.
        Ridicule = "ridicule",
        /// Defamation.
        Defame = "defame",
        /// Humiliation.
        Humiliate = "humiliate",
        /// Profanity.
        Profanity = "profanity",
        /// Shaming, vexatious or intimidating conduct.
        ShamingVexatious = "shaming_vexatious_intimidating",
        /// Exposing the debtor to the public.
        PublicShaming = "public_shaming",
        /// Blacklists and posters.
        BlacklistsPosters = "blacklists_posters",
        /// Posters.
        Posters = "posters",
        /// People with signs.
        PeopleWithSigns = "people_with_signs",
        /// Lists of debtors made public.
        DebtorLists = "publish_debtor_lists",
        /// Posts on social media.
        SocialMediaPost = "public_social_media_post",
        /// Telling others of the debt.
        InformsThirdParty = "informs_third_party",
        /// Naming the matter to others.
        MentionToThirdParty = "mention_subject_to_third_party",
        /// Touching home, privacy or job.
        HomePrivacyJob = "affects_home_privacy_or_employment",
        /// Touching reputation, home, privacy, work or image.
        ReputationHomeWork = "affects_reputation_home_privacy_work_image",
        /// Getting in the way of work, rest or leisure.
        WorkRestLeisure = "interfere_with_work_rest_leisure",
        /// Asking why the debtor did not pay.
        AskReason = "ask_reason_for_default",
        /// Asking that the collector be paid.
        PayToCollector = "pay_to_collector",
        /// Saying what is not true; no reader of words can tell.
        FalseStatement = "false_statement",
        /// An open postcard; no text can tell.
        Postcard = "postcard",
        /// Telling of a debt on the outside: subject, preview, envelope.
        EnvelopeReveals = "envelope_reveals_collection",
    }
}

/// What a regime asks of the words of a message.
#[derive(Debug, Default)]
pub struct Content {
    /// What must be said.
    pub required: Vec<Required>,
    /// What must not.
    pub forbidden: Vec<(Forbidden, Arc<Rule>)>,
}

/// One thing that must be said.
#[derive(Debug)]
pub struct Required {
    /// What.
    pub what: Statement,
    /// Only in the first message to a debtor.
    pub first_only: bool,
    /// On which channels.
    pub channels: Set<Channel>,
    /// The rule it is, as a proof names it.
    pub rule: Arc<Rule>,
}

/// The keys of a `content` table that inform people and are not asked here.
const INFORMING: [&str; 4] = [
    "allowed_notice",
    "voicemail_limited_content",
    "article",
    "v",
];

impl Content {
    /// Reads a `content` table. `rule` makes the rule of a word: its id's last part and sentence.
    ///
    /// # Errors
    /// A sentence about the key or word that is not understood.
    pub(super) fn read(
        table: &Table,
        rule: impl Fn(&str, String) -> Arc<Rule>,
    ) -> Result<Self, String> {
        let mut content = Self::default();
        for (key, value) in table {
            let first_only = match key.as_str() {
                "required_first" => true,
                "required_every" | "required_every_document" | "forbidden" => false,
                informing if INFORMING.contains(&informing) => continue,
                other => return Err(format!("`{other}` is not known in content")),
            };
            for word in words(key, value)? {
                if key == "forbidden" {
                    let what: Forbidden = word.parse().map_err(said)?;
                    content
                        .forbidden
                        .push((what, rule(what.code(), what.sentence().to_owned())));
                } else {
                    let what: Statement = word.parse().map_err(said)?;
                    content.required.push(Required {
                        what,
                        first_only,
                        channels: what.channels(),
                        rule: rule(what.code(), what.sentence().to_owned()),
                    });
                }
            }
        }
        Ok(content)
    }

    /// Adds that messages on these channels say how to end them.
    pub(super) fn ask_opt_out(&mut self, channels: Set<Channel>, rule: Arc<Rule>) {
        self.required.push(Required {
            what: Statement::OptOut,
            first_only: false,
            channels,
            rule,
        });
    }
}

fn said(error: crate::code::UnknownCode) -> String {
    error.to_string()
}

fn words<'a>(key: &str, value: &'a Value) -> Result<Vec<&'a str>, String> {
    let wrong = || format!("`{key}` is a list of words");
    let list = value.as_array().ok_or_else(wrong)?;
    list.iter()
        .map(|word| word.as_str().ok_or_else(wrong))
        .collect()
}

impl<'a> Applicable<'a> {
    /// What the regimes that hold on a day ask of the words of a message of that kind. What must be
    /// said binds what asks for money; what must not be said binds everything.
    pub fn content(&self, on: Date, kind: MessageKind) -> AskedWords<'a> {
        let mut asked = AskedWords::default();
        for regime in &self.regimes {
            if !regime.holds_on(on) {
                continue;
            }
            if kind == MessageKind::Collection {
                asked.required.extend(&regime.content.required);
            }
            asked.forbidden.extend(&regime.content.forbidden);
        }
        asked
    }
}

/// What all regimes together ask of the words of one message.
#[derive(Clone, Debug, Default)]
pub struct AskedWords<'a> {
    /// What must be said.
    pub required: Vec<&'a Required>,
    /// What must not.
    pub forbidden: Vec<&'a (Forbidden, Arc<Rule>)>,
}

impl AskedWords<'_> {
    /// Whether any regime asks for this on the channel.
    pub fn asks(&self, what: Statement, channel: Channel) -> bool {
        self.required
            .iter()
            .any(|required| required.what == what && required.channels.has(channel))
    }
}

impl Statement {
    /// Where it has a place: what is recorded is a call.
    fn channels(self) -> Set<Channel> {
        let calls = [Channel::Call, Channel::Voicebot];
        match self {
            Self::RecordingNotice => calls.into_iter().collect(),
            _ => Channel::ALL.iter().copied().collect(),
        }
    }

    /// Whether only an agency has it to say.
    pub const fn is_of_agencies(self) -> bool {
        matches!(
            self,
            Self::AgencyLegalName
                | Self::AgencyName
                | Self::AgencyAddress
                | Self::AgencyPhone
                | Self::Representation
        )
    }

    /// That it is missing, in Spanish.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::CreditorIdentity | Self::CreditorName | Self::SupplierName => {
                "Falta decir quién es el acreedor."
            }
            Self::SupplierAddress => "Falta el domicilio del acreedor.",
            Self::SupplierTaxId => "Falta la identificación fiscal del acreedor.",
            Self::DebtOrigin => "Falta decir de dónde viene la deuda.",
            Self::Operation => "Falta decir de qué contrato u operación se trata.",
            Self::AmountDue => "Falta el importe.",
            Self::AmountDate => "Falta la fecha a la que se calculó el importe.",
            Self::OriginalAmount => "Falta el importe original, antes de recargos.",
            Self::Surcharges => "Falta el detalle de cada recargo, o decir que no los hay.",
            Self::InterestAndCosts => {
                "Falta decir qué intereses y gastos de cobranza se piden, o que no los hay."
            }
            Self::SettlementTerms => "Faltan las condiciones para liquidar la deuda.",
            Self::HowToPay => "Falta decir cómo pagar.",
            Self::PayCreditorOnly => "Falta decir que se paga solo al acreedor.",
            Self::ComplaintChannel => {
                "Falta la unidad que atiende reclamos, con domicilio, correo y teléfono."
            }
            Self::ConsumerRights => "Faltan los derechos del consumidor en la cobranza.",
            Self::NotEnforcement => "Falta decir que esto no es un procedimiento de ejecución.",
            Self::RecordingNotice => "Falta avisar que la llamada se graba.",
            Self::AgencyLegalName | Self::AgencyName => "Falta el nombre del despacho de cobranza.",
            Self::AgencyAddress => "Falta el domicilio del despacho de cobranza.",
            Self::AgencyPhone => "Falta el teléfono del despacho de cobranza.",
            Self::AgentName => "Falta el nombre de quien escribe.",
            Self::ResponsiblePerson => "Falta el nombre del responsable de la cobranza.",
            Self::Representation => "Falta decir en nombre de quién se cobra y hasta dónde.",
            Self::CollectorIdentity => "Falta decir quién cobra.",
            Self::CollectorDisclosure => "Falta decir que escribe un cobrador para cobrar.",
            Self::ValidationNotice => "Falta el aviso de validación de la deuda.",
            Self::RightToRecords => "Falta el derecho a pedir los registros de la deuda.",
            Self::OptOut => "Falta decir cómo dejar de recibir mensajes por este medio.",
        }
    }
}

impl Forbidden {
    /// That it is there, in Spanish.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::CourtReference => {
                "Se refiere a un juicio, a un tribunal o a sus documentos: ahí no se permite."
            }
            Self::SimulatedCourtDocument | Self::JudicialAppearance => {
                "Parece un documento o un reclamo judicial."
            }
            Self::ResemblesPublicInstitution | Self::PoseAsAuthority => {
                "Se hace pasar por una autoridad."
            }
            Self::ThreatOffence | Self::ThreatOrConstraint | Self::FalseThreat => {
                "Amenaza, ofende o intimida."
            }
            Self::Ridicule | Self::Defame | Self::Humiliate | Self::Profanity => {
                "Ofende o humilla."
            }
            Self::ShamingVexatious => "Avergüenza, ofende o intimida.",
            Self::PublicShaming
            | Self::BlacklistsPosters
            | Self::Posters
            | Self::PeopleWithSigns
            | Self::DebtorLists
            | Self::SocialMediaPost => "Expone la deuda ante otros, o amenaza con hacerlo.",
            Self::InformsThirdParty | Self::MentionToThirdParty => {
                "Cuenta la deuda a otras personas, o amenaza con hacerlo."
            }
            Self::HomePrivacyJob | Self::ReputationHomeWork | Self::WorkRestLeisure => {
                "Invade el hogar, el trabajo o la vida privada, o amenaza con hacerlo."
            }
            Self::AskReason => "Pregunta por qué no se pagó: ahí no se permite preguntarlo.",
            Self::PayToCollector => "Pide que se pague al cobrador y no al acreedor.",
            Self::FalseStatement => "Dice algo que no es cierto.",
            Self::Postcard => "Va a la vista de otros.",
            Self::EnvelopeReveals => "El asunto o la vista previa deja ver que se trata de dinero.",
        }
    }
}
