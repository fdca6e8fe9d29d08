//! Ids from a seed, instants and days from text, and builders of what tests are about.

use domain::customer::{Channel, Consent, Country};
use domain::document::DocumentKind;
use domain::ids::uuid_v7;
use domain::{CompanyId, Currency, Money};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::json;
use store::bulk::{
    ApplicationFacts, ContactPointFacts, CustomerFacts, DocumentFacts, PaymentFacts, SourceKey,
};
use store::companies::{self, Company};
use store::{Db, Ids, Stamp};

/// The first instant of ids from a seed: 2025-01-01T00:00:00Z in milliseconds.
const FIRST_MILLISECOND: u64 = 1_735_689_600_000;

/// Ids that rise by one from a seed: the same test makes the same ids.
pub fn ids(seed: u16) -> Ids {
    let mut next: u64 = 0;
    Ids::new(move || {
        next += 1;
        let mut random = [0; 10];
        random[..2].copy_from_slice(&seed.to_be_bytes());
        random[2..].copy_from_slice(&next.to_be_bytes());
        uuid_v7(FIRST_MILLISECOND + next, random)
    })
}

/// A stamp of the author `prueba` at an instant (`2025-03-01T15:00:00Z`), with ids from a seed.
pub fn stamp(at: &str, seed: u16) -> Stamp {
    Stamp {
        author: "prueba".to_owned(),
        at: instant(at),
        ids: ids(seed),
    }
}

/// An instant from its text.
pub fn instant(text: &str) -> Timestamp {
    text.parse()
        .expect("an instant such as 2025-03-01T15:00:00Z")
}

/// A day from its text.
pub fn day(text: &str) -> Date {
    text.parse().expect("a day such as 2025-03-01")
}

/// Pesos from centavos.
pub const fn mxn(minor: i64) -> Money {
    Money::new(minor, Currency::MXN)
}

/// Makes the company `principal` of Mexico.
pub async fn company(db: &Db, stamp: &Stamp) -> Company {
    let company = Company {
        id: CompanyId::from_uuid(stamp.ids.draw()),
        name: "principal".to_owned(),
        legal_name: "Comercial Principal, S.A. de C.V.".to_owned(),
        country: Country::MX,
        currency: Currency::MXN,
        zone: "America/Mexico_City".to_owned(),
        language: "es-MX".to_owned(),
        settings: json!({}),
        created_at: stamp.at,
    };
    let mut tx = db.begin().await.expect("a transaction begins");
    companies::create(&mut tx, stamp, &company)
        .await
        .expect("a company can be made");
    tx.commit().await.expect("the transaction commits");
    company
}

/// A customer of that key, with a name.
pub fn customer(key: &str) -> CustomerFacts {
    CustomerFacts {
        key: key.to_owned(),
        name: Some(format!("Cliente {key}")),
        digest: digest(key),
        ..CustomerFacts::default()
    }
}

/// The customer's e-mail address.
pub fn email(customer: &str) -> ContactPointFacts {
    ContactPointFacts {
        customer: customer.to_owned(),
        channel: Channel::Email,
        address: format!("{}@ejemplo.mx", customer.to_lowercase()),
        role: None,
        source: None,
        consent: Consent::Unknown,
        shown: String::new(),
    }
}

/// An invoice in pesos, issued 30 days before it falls due.
pub fn document(customer: &str, number: &str, due: &str, minor: i64) -> DocumentFacts {
    let due = day(due);
    let issued = due
        .checked_sub(jiff::Span::new().days(30))
        .expect("a day of our era");
    DocumentFacts {
        customer: customer.to_owned(),
        number: number.to_owned(),
        kind: DocumentKind::Invoice,
        issued,
        due,
        amount: mxn(minor),
        direct_debit: false,
        debt: Default::default(),
        extra: json!({}),
        digest: digest(&format!("{customer}|{number}|{due}|{minor}")),
    }
}

/// A payment in pesos.
pub fn payment(customer: &str, reference: &str, on: &str, minor: i64) -> PaymentFacts {
    PaymentFacts {
        customer: customer.to_owned(),
        reference: reference.to_owned(),
        on: day(on),
        amount: mxn(minor),
        extra: json!({}),
        digest: digest(&format!("{customer}|{reference}|{on}|{minor}")),
    }
}

/// A payment's money on a document.
pub fn application(reference: &str, document: &str, on: &str, minor: i64) -> ApplicationFacts {
    ApplicationFacts {
        source: SourceKey::Payment(reference.to_owned()),
        document: document.to_owned(),
        on: day(on),
        minor,
        matched: "file".to_owned(),
    }
}

/// Something that differs where the text differs.
fn digest(text: &str) -> [u8; 32] {
    store::proofs::digest(text)
}
