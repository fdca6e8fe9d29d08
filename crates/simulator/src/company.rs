//! A company: its profile, its customers by index, and the truth about them.

use domain::customer::{Country, DebtorClass};
use jiff::civil::Date;

use crate::behaviour::Behaviour;
use crate::spec::{Document, Profile, Spec};

/// A simulated company. It holds no customers: each is made when asked for.
#[derive(Clone, Debug)]
pub struct Company {
    spec: Spec,
    profile: Profile,
}

/// One customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customer {
    /// Its place in the company, from 0.
    pub index: u32,
    /// Its key in the company's books.
    pub key: String,
    /// Its name as the company writes it.
    pub name: String,
    /// Who signs its messages.
    pub person: String,
    /// Class in law.
    pub class: DebtorClass,
    /// Tax id or identity document, with a right check digit where it has one.
    pub tax_id: String,
    /// Country.
    pub country: Country,
    /// Its city.
    pub city: &'static str,
    /// IANA zone.
    pub zone: &'static str,
    /// Language.
    pub language: &'static str,
    /// E-mail, under a reserved domain.
    pub email: Option<String>,
    /// Telephone in E.164.
    pub phone: Option<String>,
    /// WhatsApp number in E.164.
    pub whatsapp: Option<String>,
    /// Days of credit.
    pub terms_days: u16,
    /// Whether its documents are collected by direct debit.
    pub direct_debit: bool,
    /// First day on which documents may be issued to it.
    pub since: Date,
    /// Last such day.
    pub last: Date,
    /// How it behaves: the truth.
    pub behaviour: Behaviour,
}

/// The planted truth of a company, in exact figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Truth {}

impl Company {
    /// The company of a spec.
    pub fn new(spec: Spec) -> Self {
        sketch(spec)
    }

    /// What it was made from.
    pub const fn spec(&self) -> &Spec {
        &self.spec
    }

    /// The company itself.
    pub const fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Number of customers.
    pub const fn count(&self) -> u32 {
        0
    }

    /// The customer at an index; `None` past the last.
    pub fn customer(&self, _index: u32) -> Option<Customer> {
        None
    }

    /// The customer of a key.
    pub fn customer_of(&self, _key: &str) -> Option<Customer> {
        None
    }

    /// All customers, made one by one.
    pub fn customers(&self) -> impl Iterator<Item = Customer> + '_ {
        (0..self.count()).filter_map(|index| self.customer(index))
    }

    /// All documents of a customer, by day of issue.
    pub fn documents(&self, _customer: &Customer) -> Vec<Document> {
        Vec::new()
    }

    /// The planted truth.
    pub const fn truth(&self) -> Truth {
        Truth {}
    }
}

fn sketch(spec: Spec) -> Company {
    use domain::Currency;
    use domain::company::{CreditorClass, DebtClass};
    let profile = Profile {
        name: "Distribuidora del Bajío",
        legal_name: "Distribuidora del Bajío, S.A. de C.V.",
        tax_id: "DBA010203AB1",
        country: Country::MX,
        currency: Currency::MXN,
        zone: "America/Mexico_City",
        language: "es-MX",
        policy: "b2b-estandar",
        colour: "#1f5f8b",
        email: "cobranza@distribuidora.example",
        phone: "+52 55 5555 0100",
        how_to_pay: "",
        creditor: CreditorClass::Supplier,
        debt: DebtClass::TradeReceivable,
        final_consumer: false,
        consents: &[],
    };
    Company { spec, profile }
}
