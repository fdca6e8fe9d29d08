//! Companies: made, found, changed.

use domain::customer::Country;
use domain::ids::CompanyId;
use domain::law::Packs;
use domain::{Currency, calendar};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde_json::Value;
use store::companies::{self, Declaration};
use store::{Stamp, Tx, policies};

use crate::company::{Brand, Company, PortalCheck, RunMode, Sender, Settings};
use crate::policies::{FIRST_POLICY, parse, shipped};
use crate::{Engine, Error, Result};

/// The company that the first import makes.
pub const FIRST_COMPANY: &str = "principal";

/// A company to be made.
#[derive(Clone, Debug, Default)]
pub struct NewCompany {
    /// Its unique short name.
    pub name: String,
    /// Its name in law; the short name when it is not said.
    pub legal_name: Option<String>,
    /// Its country; Mexico when it is not said.
    pub country: Option<Country>,
    /// Its currency; its country's when it is not said.
    pub currency: Option<Currency>,
    /// Its zone; the first of its country's when it is not said.
    pub zone: Option<String>,
    /// The language of its messages.
    pub language: Option<String>,
    /// How its days begin; only by the command line when it is not said.
    pub runs: Option<RunMode>,
}

/// One thing to set: a name such as `sender.address` and its value as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompanyChange {
    /// What.
    pub name: String,
    /// To what; empty to take it away.
    pub value: String,
}

/// What can be set, as the command line lists it.
pub const SETTABLE: &[&str] = &[
    "legal_name",
    "country",
    "currency",
    "zone",
    "language",
    "sender.name",
    "sender.address",
    "test_recipient",
    "runs",
    "run_hour",
    "sends_per_minute",
    "sends_per_day",
    "portal_check",
    "match_confidence",
    "totp_required",
    "brand.name",
    "brand.logo",
    "brand.colour",
    "brand.signature",
    "brand.phone",
    "brand.email",
    "brand.bank_data",
    "brand.next_step",
    "brand.tax_id",
    "brand.address",
    "brand.complaints",
    "brand.agency_name",
    "brand.agency_address",
    "brand.agency_phone",
    "creditor",
    "actor",
    "debtor",
    "debt",
    "final_consumer",
    "contact_source",
    "recipient",
    "consents",
];

impl Engine {
    /// The company a command works for: the one named, else the only one; `None` in an empty
    /// database.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::WhichCompany`], and what the database says.
    pub async fn company(&self, name: Option<&str>) -> Result<Option<Company>> {
        let found = match name {
            Some(name) => {
                let found = companies::by_name(&self.db, name).await?;
                Some(found.ok_or_else(|| Error::NotFound {
                    what: "la empresa",
                    key: name.to_owned(),
                    hint: ": créela con `puntual company add`".to_owned(),
                })?)
            }
            None => {
                let mut all = companies::all(&self.db).await?;
                if all.len() > 1 {
                    let names = all.into_iter().map(|company| company.name).collect();
                    return Err(Error::WhichCompany { names });
                }
                all.pop()
            }
        };
        match found {
            Some(found) => self.load(found).await.map(Some),
            None => Ok(None),
        }
    }

    /// Every company of the database.
    ///
    /// # Errors
    /// What the database says.
    pub async fn companies(&self) -> Result<Vec<Company>> {
        let found = companies::all(&self.db).await?;
        let mut all = Vec::with_capacity(found.len());
        for company in found {
            all.push(self.load(company).await?);
        }
        Ok(all)
    }

    pub(crate) async fn load(&self, found: companies::Company) -> Result<Company> {
        let declarations = companies::declarations(&self.db, &found).await?;
        let version = policies::current(&self.db, found.id).await?;
        let version = version.ok_or_else(|| Error::NotFound {
            what: "una política en uso de la empresa",
            key: found.name.clone(),
            hint: ": elija una con `puntual policy use`".to_owned(),
        })?;
        let zone = calendar::zone(&found.zone).ok_or_else(|| no_zone(&found.zone))?;
        let day = calendar::local(self.now(), &zone).date();
        let packs = self.law_of(found.id, day).await?;
        Ok(Company {
            packs,
            policy: parse(&version.key, &version.source)?,
            policy_version: version.version,
            settings: serde_json::from_value(found.settings).map_err(Error::json)?,
            id: found.id,
            name: found.name,
            legal_name: found.legal_name,
            country: found.country,
            currency: found.currency,
            zone,
            language: found.language,
            declarations,
        })
    }

    /// Makes a company with the first policy that ships.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a zone that does not exist, and what the database says.
    pub async fn add_company(&self, new: NewCompany, author: &str) -> Result<Company> {
        let mut tx = self.db.begin().await?;
        let company = self.make_company(&mut tx, &self.stamp(author), new).await?;
        tx.commit().await?;
        self.load(company).await
    }

    /// The same within a transaction.
    pub(crate) async fn make_company(
        &self,
        tx: &mut Tx,
        stamp: &Stamp,
        new: NewCompany,
    ) -> Result<companies::Company> {
        let country = new.country.unwrap_or(Country::MX);
        let zone = match new.zone {
            Some(zone) => zone,
            None => first_zone(&self.base_law(), country),
        };
        calendar::zone(&zone).ok_or_else(|| no_zone(&zone))?;
        let text = shipped(FIRST_POLICY).unwrap_or_default();
        let policy = parse(FIRST_POLICY, text)?;
        let defaults = Settings::default();
        let settings = Settings {
            runs: new.runs.unwrap_or(defaults.runs),
            ..defaults
        };
        let company = companies::Company {
            id: CompanyId::from_uuid(stamp.ids.draw()),
            legal_name: new.legal_name.unwrap_or_else(|| new.name.clone()),
            name: new.name,
            country,
            currency: new.currency.unwrap_or_else(|| currency_of(country)),
            zone,
            language: new.language.unwrap_or_else(|| format!("es-{country}")),
            settings: serde_json::to_value(&settings).map_err(Error::json)?,
            created_at: stamp.at,
        };
        companies::create(tx, stamp, &company).await?;
        let put = (FIRST_POLICY, text, policy.hash.as_str());
        let version = policies::put(tx, stamp, company.id, put).await?;
        policies::use_version(tx, stamp, company.id, FIRST_POLICY, version).await?;
        Ok(company)
    }

    /// Whether one change could be made: what [`Engine::set_company`] would say of it.
    ///
    /// # Errors
    /// [`Error::Invalid`] as there.
    pub fn check_company(&self, company: &Company, change: &CompanyChange) -> Result<()> {
        let mut record = companies::Company {
            id: company.id,
            name: company.name.clone(),
            legal_name: company.legal_name.clone(),
            country: company.country,
            currency: company.currency,
            zone: String::new(),
            language: company.language.clone(),
            settings: Value::Null,
            created_at: self.now(),
        };
        let mut settings = company.settings.clone();
        change_of(&mut record, &mut settings, change).map(drop)
    }

    /// Changes what a company set or declares.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a name that cannot be set or a value that cannot be, and what the
    /// database says; then nothing was changed.
    pub async fn set_company(
        &self,
        company: &Company,
        changes: &[CompanyChange],
        author: &str,
    ) -> Result<Company> {
        let stamp = self.stamp(author);
        let mut tx = self.db.begin().await?;
        let mut record =
            companies::get(&mut tx, company.id)
                .await?
                .ok_or_else(|| Error::NotFound {
                    what: "la empresa",
                    key: company.name.clone(),
                    hint: String::new(),
                })?;
        let mut settings = company.settings.clone();
        for change in changes {
            if let Some(declaration) = change_of(&mut record, &mut settings, change)? {
                companies::declare(&mut tx, &stamp, company.id, &declaration).await?;
            }
        }
        record.settings = serde_json::to_value(&settings).map_err(Error::json)?;
        companies::change(&mut tx, &stamp, &record).await?;
        tx.commit().await?;
        self.load(record).await
    }

    /// What a company set and declares, for reading.
    pub fn company_json(&self, company: &Company) -> Value {
        let declared = &company.declarations;
        serde_json::json!({
            "name": company.name,
            "legal_name": company.legal_name,
            "country": company.country.to_string(),
            "currency": company.currency.code(),
            "zone": company.zone.iana_name(),
            "language": company.language,
            "policy": { "key": company.policy.key, "version": company.policy_version },
            "settings": company.settings,
            "declarations": {
                "creditor": declared.creditor.as_ref().map(|it| it.value.code()),
                "actor": declared.actor.as_ref().map(|it| it.value.code()),
                "debtor": declared.debtor.as_ref().map(|it| it.value.code()),
                "debt": declared.debt.as_ref().map(|it| it.value.code()),
                "final_consumer": declared.final_consumer.as_ref().map(|it| it.value),
                "contact_source": declared.contact_source.as_ref().map(|it| it.value.code()),
                "recipient": declared.recipient.as_ref().map(|it| it.value.code()),
                "consents": declared.consents.as_ref().map(|it| {
                    it.value.iter().map(|channel| channel.code()).collect::<Vec<_>>()
                }),
            },
        })
    }
}

/// Makes one change to what a company set; what it declares is given back.
fn change_of(
    record: &mut companies::Company,
    settings: &mut Settings,
    change: &CompanyChange,
) -> Result<Option<Declaration>> {
    let (name, value) = (change.name.as_str(), change.value.trim());
    if set_record(record, name, value)? || set_settings(settings, name, value)? {
        return Ok(None);
    }
    let declaration = Declaration::parse(name, value).map_err(|why| {
        if SETTABLE.contains(&name) {
            Error::invalid("declaración", why)
        } else {
            let all = SETTABLE.join(", ");
            Error::invalid("company set", format!("«{name}» no existe; hay: {all}"))
        }
    })?;
    Ok(Some(declaration))
}

fn set_record(record: &mut companies::Company, name: &str, value: &str) -> Result<bool> {
    match name {
        "legal_name" => value.clone_into(&mut record.legal_name),
        "country" => {
            record.country = Country::new(value).ok_or_else(|| {
                Error::invalid(
                    "país",
                    format!("«{value}» no es un código de dos letras, como MX"),
                )
            })?;
        }
        "currency" => {
            record.currency = Currency::new(value)
                .map_err(|error| Error::invalid("moneda", error.to_string()))?;
        }
        "zone" => {
            calendar::zone(value).ok_or_else(|| no_zone(value))?;
            value.clone_into(&mut record.zone);
        }
        "language" => value.clone_into(&mut record.language),
        _ => return Ok(false),
    }
    Ok(true)
}

fn set_settings(settings: &mut Settings, name: &str, value: &str) -> Result<bool> {
    let some = || Some(value.to_owned()).filter(|value| !value.is_empty());
    match name {
        "sender.name" | "sender.address" => {
            let sender = settings.sender.get_or_insert_with(|| Sender {
                name: value.to_owned(),
                address: String::new(),
            });
            if name == "sender.name" {
                value.clone_into(&mut sender.name);
            } else {
                address(value)?;
                value.clone_into(&mut sender.address);
            }
        }
        "test_recipient" => {
            some().as_deref().map(address).transpose()?;
            settings.test_recipient = some();
        }
        "runs" => {
            settings.runs = RunMode::from_code(value).ok_or_else(|| {
                let all = RunMode::ALL.map(RunMode::code).join(", ");
                Error::invalid("corridas", format!("«{value}» no existe; hay: {all}"))
            })?;
        }
        "run_hour" => {
            settings.run_hour = value.parse().map_err(|_| {
                Error::invalid(
                    "hora de la corrida",
                    format!("«{value}» no es una hora, como 08:00"),
                )
            })?;
        }
        "sends_per_minute" => settings.sends_per_minute = number(name, value)?,
        "sends_per_day" => settings.sends_per_day = number(name, value)?,
        "totp_required" => {
            settings.totp_required = value.parse().map_err(|_| {
                let why = format!("«{value}» no se entiende; escriba true o false");
                Error::invalid("verificación en dos pasos", why)
            })?;
        }
        "match_confidence" => {
            let share: Option<Decimal> = value.trim().parse().ok();
            let ppm = share.and_then(|it| (it * Decimal::from(1_000_000)).to_u32());
            settings.apply_from_ppm = ppm
                .filter(|ppm| (500_000..=1_000_000).contains(ppm))
                .ok_or_else(|| {
                    let why = format!("«{value}» no es un número de 0.5 a 1, como 0.99");
                    Error::invalid("confianza para conciliar", why)
                })?;
        }
        "portal_check" => {
            settings.portal_check = match value {
                "amount_or_code" => PortalCheck::AmountOrCode,
                "code" => PortalCheck::Code,
                _ => {
                    let why = format!("«{value}» no se conoce; hay: amount_or_code, code");
                    return Err(Error::invalid("comprobación del portal", why));
                }
            }
        }
        _ => return set_brand(&mut settings.brand, name, value),
    }
    Ok(true)
}

fn set_brand(brand: &mut Brand, name: &str, value: &str) -> Result<bool> {
    let some = || Some(value.to_owned()).filter(|value| !value.is_empty());
    match name {
        "brand.name" => brand.name = some(),
        "brand.logo" => brand.logo = some(),
        "brand.colour" => {
            let hex = value.strip_prefix('#').unwrap_or_default();
            if hex.len() != 6 || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                let why = format!("«{value}» no es un color, como #1f5f8b");
                return Err(Error::invalid("color", why));
            }
            value.clone_into(&mut brand.colour);
        }
        "brand.signature" => brand.signature = value.lines().map(str::to_owned).collect(),
        "brand.phone" => brand.phone = some(),
        "brand.email" => {
            some().as_deref().map(address).transpose()?;
            brand.email = some();
        }
        "brand.bank_data" => brand.bank_data = some(),
        "brand.next_step" => brand.next_step = some(),
        "brand.tax_id" => brand.tax_id = some(),
        "brand.address" => brand.address = some(),
        "brand.complaints" => brand.complaints = some(),
        "brand.agency_name" => brand.agency_name = some(),
        "brand.agency_address" => brand.agency_address = some(),
        "brand.agency_phone" => brand.agency_phone = some(),
        _ => return Ok(false),
    }
    Ok(true)
}

fn number(name: &str, value: &str) -> Result<u32> {
    value
        .parse()
        .ok()
        .filter(|number| *number > 0)
        .ok_or_else(|| {
            Error::invalid(
                "company set",
                format!("{name}: «{value}» no es un número mayor que cero"),
            )
        })
}

fn address(value: &str) -> Result<()> {
    let fine = value.split_once('@').is_some_and(|(user, host)| {
        !user.is_empty() && host.contains('.') && !value.contains(char::is_whitespace)
    });
    if fine {
        Ok(())
    } else {
        Err(Error::invalid(
            "correo",
            format!("«{value}» no es una dirección de correo"),
        ))
    }
}

fn no_zone(zone: &str) -> Error {
    Error::invalid(
        "zona horaria",
        format!("«{zone}» no existe; escriba una como America/Lima"),
    )
}

/// The zone in which most of a country's companies read their days.
fn first_zone(packs: &Packs, country: Country) -> String {
    let capital = match country.code() {
        "BR" => Some("America/Sao_Paulo"),
        "US" => Some("America/New_York"),
        _ => None,
    };
    let first = || {
        packs
            .zones(country)
            .first()
            .and_then(|zone| zone.iana_name())
    };
    capital
        .or_else(first)
        .unwrap_or("America/Mexico_City")
        .to_owned()
}

/// The currency of a country, where Puntual has customers; else the US dollar.
fn currency_of(country: Country) -> Currency {
    match country.code() {
        "MX" => Currency::MXN,
        "CL" => Currency::CLP,
        "CO" => Currency::COP,
        "PE" => Currency::PEN,
        "ES" | "DE" | "FR" => Currency::EUR,
        _ => Currency::USD,
    }
}
