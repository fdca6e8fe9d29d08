//! Unknown facts decided once, each with its reason: what the record does not say, the company
//! declares; what it does not declare, the house reads in the most cautious usual way.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::facts::{Consents, Facts, Layers};
use super::legal_form::{Nature, nature};
use super::pack::Packs;
use crate::calendar;
use crate::company::{Actor, CreditorClass, DebtClass, Declarations, Declared};
use crate::customer::{
    Channel, Consent, ContactPoint, ContactSource, Country, Customer, DebtorClass, Health,
    RecipientRole,
};
use crate::document::DebtFacts;

/// What the law is asked about one customer at one address.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// The facts, none of them left open but the subdivision; of several debts those of the first.
    pub facts: Facts,
    /// The facts of further debts that differ from those: all must allow what speaks of all.
    pub other_debts: Vec<Facts>,
    /// Who reads at the address.
    pub role: RecipientRole,
    /// Where the address comes from.
    pub source: ContactSource,
    /// Everything that was not on record, with what was taken instead and why.
    pub assumptions: Vec<Assumption>,
}

/// A fact that was not on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assumption {
    /// The fact, in the words of `law check`: `debtor`, `tz_candidates`, `contact_source`.
    pub fact: &'static str,
    /// What was taken.
    pub value: String,
    /// Why, in Spanish.
    pub reason: String,
    /// Who declared it and when, where it rests on a declaration.
    pub declared: Option<(String, Date)>,
}

/// Decides every fact the law asks for about a customer and one of its addresses, for a debt that
/// says nothing of its own.
pub fn resolve(
    packs: &Packs,
    company_country: Country,
    declarations: &Declarations,
    customer: &Customer,
    point: &ContactPoint,
) -> Resolved {
    resolve_debts(packs, company_country, declarations, customer, point, &[])
}

/// Decides every fact the law asks for about a customer, one of its addresses and the debts that
/// are spoken of. What one of them leaves open is decided as for any.
pub fn resolve_debts(
    packs: &Packs,
    company_country: Country,
    declarations: &Declarations,
    customer: &Customer,
    point: &ContactPoint,
    debts: &[DebtFacts],
) -> Resolved {
    let silent = [DebtFacts::default()];
    let (first, others) = debts.split_first().unwrap_or((&silent[0], &[]));
    let mut notes = Notes(Vec::new());
    let country = notes.country(customer, company_country);
    if !packs.has(country) {
        notes.add(
            "pack",
            "generic",
            "El país del cliente no tiene paquete legal propio: rige la regla general de la casa.",
        );
    }
    let zones = notes.zones(packs, customer, country, company_country);
    let debtor = notes.debtor(declarations, customer, country);
    let said = notes.debt_facts(declarations, debtor, *first);
    let others: Vec<Said> = others
        .iter()
        .map(|debt| notes.debt_facts(declarations, debtor, *debt))
        .collect();
    let role = notes.role(declarations, debtor, point);
    let source = match point.source {
        Some(source) => source,
        None => notes.declared(
            "contact_source",
            declarations.contact_source.as_ref(),
            ContactSource::CreditorRecord,
            ContactSource::code,
            "No consta de dónde salió el dato: se toma como registro propio de la empresa.",
        ),
    };
    let consents = notes.consents(declarations, customer, point);
    let facts = said.of(Facts {
        country: Some(country),
        subdivision: customer.subdivision.clone(),
        zones,
        debtor: Some(debtor),
        debt: None,
        creditor: None,
        actor: None,
        final_consumer: None,
        consents,
        events: customer
            .legal_events
            .iter()
            .map(|event| event.event.clone())
            .collect(),
        layers: Layers::ALL,
    });
    let mut differ: Vec<Said> = Vec::new();
    for other in others {
        if other != said && !differ.contains(&other) {
            differ.push(other);
        }
    }
    Resolved {
        other_debts: differ.iter().map(|it| it.of(facts.clone())).collect(),
        facts,
        role,
        source,
        assumptions: notes.0,
    }
}

/// All a debt must say, decided.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Said {
    debt: DebtClass,
    final_consumer: bool,
    creditor: CreditorClass,
    actor: Actor,
}

impl Said {
    fn of(self, facts: Facts) -> Facts {
        Facts {
            debt: Some(self.debt),
            final_consumer: Some(self.final_consumer),
            creditor: Some(self.creditor),
            actor: Some(self.actor),
            ..facts
        }
    }
}

/// The assumptions made so far.
struct Notes(Vec<Assumption>);

impl Notes {
    fn add(&mut self, fact: &'static str, value: impl Into<String>, reason: impl Into<String>) {
        self.note(Assumption {
            fact,
            value: value.into(),
            reason: reason.into(),
            declared: None,
        });
    }

    /// Several debts may rest on one assumption.
    fn note(&mut self, assumption: Assumption) {
        if !self.0.contains(&assumption) {
            self.0.push(assumption);
        }
    }

    fn cite<T>(&mut self, fact: &'static str, value: impl Into<String>, declared: &Declared<T>) {
        self.note(Assumption {
            fact,
            value: value.into(),
            reason: format!(
                "Lo declaró la empresa ({}, {}) para sus clientes.",
                declared.author, declared.on
            ),
            declared: Some((declared.author.clone(), declared.on)),
        });
    }

    fn declared<T: Copy>(
        &mut self,
        fact: &'static str,
        declared: Option<&Declared<T>>,
        otherwise: T,
        code: fn(T) -> &'static str,
        reason: &str,
    ) -> T {
        if let Some(declared) = declared {
            self.cite(fact, code(declared.value), declared);
            return declared.value;
        }
        self.add(fact, code(otherwise), reason);
        otherwise
    }

    fn country(&mut self, customer: &Customer, company_country: Country) -> Country {
        customer.country.unwrap_or_else(|| {
            self.add(
                "country",
                company_country.code(),
                "No consta el país del cliente: se toma el de la empresa.",
            );
            company_country
        })
    }

    fn zones(
        &mut self,
        packs: &Packs,
        customer: &Customer,
        country: Country,
        company_country: Country,
    ) -> Vec<TimeZone> {
        let known = customer.zone.as_deref().and_then(|name| {
            let of_country = packs.zones(country).iter();
            let mut same = of_country.filter(|zone| zone.iana_name() == Some(name));
            same.next().cloned().or_else(|| calendar::zone(name))
        });
        if let Some(zone) = known {
            return vec![zone];
        }
        let of_country = packs.zones(country);
        if of_country.len() == 1 {
            // A country with one clock leaves nothing to assume.
            return of_country.to_vec();
        }
        let (zones, reason) = if of_country.is_empty() {
            let reason = "No consta la zona horaria del cliente ni se conocen las de su país: se \
                          exige que sea buena hora en todas las del país de la empresa.";
            (packs.zones(company_country), reason)
        } else {
            let reason = "No consta la zona horaria del cliente: se exige que sea buena hora en \
                          todas las de su país.";
            (of_country, reason)
        };
        let names: Vec<&str> = zones.iter().filter_map(TimeZone::iana_name).collect();
        self.add("tz_candidates", names.join(", "), reason);
        zones.to_vec()
    }

    /// The customer's own record first, then its name and tax id, then what the company declares of
    /// its customers; in doubt a consumer.
    fn debtor(
        &mut self,
        declarations: &Declarations,
        customer: &Customer,
        country: Country,
    ) -> DebtorClass {
        if let Some(class) = customer.class {
            return class;
        }
        let declared = declarations.debtor.as_ref();
        let (shown, reason) = match nature(&customer.name, customer.tax_id.as_deref(), country) {
            Nature::CompanyByName => (
                DebtorClass::Company,
                "El nombre lleva una forma de sociedad: se toma como empresa.",
            ),
            Nature::CompanyByTaxId => (
                DebtorClass::Company,
                "La identificación fiscal es de una sociedad: se toma como empresa.",
            ),
            Nature::PersonByTaxId => (
                DebtorClass::NaturalConsumer,
                "La identificación fiscal es de una persona: se toma como consumidor.",
            ),
            Nature::Unknown => {
                return self.declared(
                    "debtor",
                    declared,
                    DebtorClass::NaturalConsumer,
                    DebtorClass::code,
                    "No consta si es persona o empresa: en la duda se toma como consumidor.",
                );
            }
        };
        match declared.filter(|declared| declared.value.is_person() == shown.is_person()) {
            Some(declared) => {
                self.cite("debtor", declared.value.code(), declared);
                declared.value
            }
            None => {
                self.add("debtor", shown.code(), reason);
                shown
            }
        }
    }

    /// What a document says of its debt, and what is taken for what it does not say.
    fn debt_facts(
        &mut self,
        declarations: &Declarations,
        debtor: DebtorClass,
        said: DebtFacts,
    ) -> Said {
        let debt = said
            .class
            .unwrap_or_else(|| self.debt(declarations, debtor));
        let final_consumer = said
            .final_consumer
            .unwrap_or_else(|| self.final_consumer(declarations, debtor));
        let creditor = said.creditor.unwrap_or_else(|| {
            self.declared(
                "creditor",
                declarations.creditor.as_ref(),
                CreditorClass::Supplier,
                CreditorClass::code,
                "La empresa no declaró qué clase de acreedor es: se toma como proveedor.",
            )
        });
        let actor = said.actor.unwrap_or_else(|| {
            self.declared(
                "actor",
                declarations.actor.as_ref(),
                Actor::FirstParty,
                Actor::code,
                "La empresa no declaró quién cobra: se toma como cobranza propia.",
            )
        });
        Said {
            debt,
            final_consumer,
            creditor,
            actor,
        }
    }

    fn debt(&mut self, declarations: &Declarations, debtor: DebtorClass) -> DebtClass {
        let (otherwise, reason) = if debtor.is_person() {
            (
                DebtClass::ConsumerGoodsServices,
                "No consta el origen de la deuda: por ser persona, compra de bienes o servicios.",
            )
        } else {
            (
                DebtClass::TradeReceivable,
                "No consta el origen de la deuda: por ser empresa, venta entre empresas.",
            )
        };
        let declared = declarations.debt.as_ref();
        self.declared("debt", declared, otherwise, DebtClass::code, reason)
    }

    fn final_consumer(&mut self, declarations: &Declarations, debtor: DebtorClass) -> bool {
        const fn word(value: bool) -> &'static str {
            if value { "true" } else { "false" }
        }
        let (otherwise, reason) = if debtor.is_person() {
            (true, "Por ser persona se toma como consumidor final.")
        } else {
            (false, "Por ser empresa no se toma como consumidor final.")
        };
        let declared = declarations.final_consumer.as_ref();
        self.declared("final_consumer", declared, otherwise, word, reason)
    }

    fn role(
        &mut self,
        declarations: &Declarations,
        debtor: DebtorClass,
        point: &ContactPoint,
    ) -> RecipientRole {
        if let Some(role) = point.role {
            return role;
        }
        let (otherwise, reason) = if debtor.is_person() {
            (
                RecipientRole::Debtor,
                "No consta quién atiende este medio: se toma como el propio cliente.",
            )
        } else {
            (
                RecipientRole::ApContact,
                "No consta quién atiende este medio: se toma como cuentas por pagar de la empresa.",
            )
        };
        let declared = declarations.recipient.as_ref();
        self.declared("role", declared, otherwise, RecipientRole::code, reason)
    }

    /// What was said at this address rules its channel; other channels go by their own addresses. A
    /// declaration holds where nothing was said; a withdrawal outweighs everything.
    fn consents(
        &mut self,
        declarations: &Declarations,
        customer: &Customer,
        point: &ContactPoint,
    ) -> Consents {
        let mut consents = Consents::default();
        let mut said_here = false;
        let others = customer
            .contact_points
            .iter()
            .filter(|other| other.id != point.id && other.channel != point.channel);
        for heard in others.chain([point]) {
            match &heard.consent {
                Consent::Given { .. } => consents.given.insert(heard.channel),
                Consent::Withdrawn { .. } => consents.withdrawn.insert(heard.channel),
                Consent::Unknown => {}
            }
            if heard.health == Health::OptedOut {
                consents.withdrawn.insert(heard.channel);
            }
        }
        said_here |= consents.given.has(point.channel) || consents.withdrawn.has(point.channel);
        if let Some(declared) = &declarations.consents {
            for channel in &declared.value {
                consents.given.insert(*channel);
            }
            if !said_here && consents.given.has(point.channel) {
                self.cite("consent", point.channel.code(), declared);
            }
        }
        for channel in Channel::ALL {
            if consents.withdrawn.has(*channel) {
                consents.given.remove(*channel);
            }
        }
        if !said_here && !consents.given.has(point.channel) {
            let reason = format!(
                "No consta autorización para contactar por {}: se toma como no dada.",
                point.channel.name_es()
            );
            self.add("consent", "", reason);
        }
        consents
    }
}
