//! What a row of a file means for the ledger: whose it is, which document, how much is paid.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use domain::customer::{Channel, Consent, ContactSource, LegalEvent};
use domain::document::{DebtFacts, DocumentKind};
use domain::hold::HoldKind;
use domain::ids::HoldId;
use domain::{Currency, Money, MoneyError};
use formats::spreadsheet::{
    ConsentFields, CustomerFields, CustomerRow, DocumentRow, Extra, PaymentRow, Status,
};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use store::bulk::{
    ApplicationFacts, ContactPointFacts, CustomerFacts, DocumentFacts, HoldFacts, ImportChunk,
    PaymentFacts, SourceKey,
};
use store::customers::Identities;
use store::documents::KnownDocument;

/// Why a hold stands that a list of documents asked for.
pub const DISPUTED_IN_FILE: &str = "marcado en aclaración en el archivo de la empresa";

/// Where what a file tells is on record, when it does not say.
const FROM_FILE: &str = "archivo de la empresa";

/// Why such a hold ended.
pub const SETTLED_IN_FILE: &str = "el archivo de la empresa ya no lo marca en aclaración";

/// Turns rows into facts, one chunk at a time.
pub struct Meaning<'a> {
    /// The currency of amounts that name none.
    pub currency: Currency,
    /// The day that stands for "now" where a file does not say when money came in.
    pub today: Date,
    /// What the ledger knows of the documents this chunk names.
    pub known: &'a HashMap<String, KnownDocument>,
    /// Customers the ledger knows by the tax ids and names this chunk writes.
    pub identities: &'a Identities,
    /// Disputes that earlier files marked on the documents of this chunk.
    pub disputes: &'a Disputes,
    /// Disputes that this chunk says are settled.
    pub settled: Vec<HoldId>,
    /// How often a payment reference was met in this file.
    pub references: &'a mut HashMap<[u8; 16], u32>,
    /// What the chunk laid on documents so far, beyond what the ledger knows.
    pub laid: HashMap<String, i64>,
    /// The facts.
    pub chunk: ImportChunk,
    /// Where each customer of the chunk stands in it.
    pub customers: HashMap<String, usize>,
    /// Where each address of the chunk stands in it.
    pub points: HashMap<(String, Channel, String), usize>,
}

/// Disputes by the number of their document, with the first day on which each no longer holds.
pub type Disputes = HashMap<String, Vec<(HoldId, Option<Date>)>>;

/// Why a row that could be read has no meaning for the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meaningless {
    /// The field.
    pub field: &'static str,
    /// Why, in Spanish, with what to do.
    pub reason: String,
}

/// The company's key for a customer the ledger does not know: its own, else the tax id, else the
/// name.
pub fn customer_key(fields: &CustomerFields) -> Option<String> {
    fields
        .key
        .clone()
        .or_else(|| fields.tax_id.as_ref().map(|tax_id| tax_id.normal.clone()))
        .or_else(|| customer_name(fields))
}

/// The name, its words one space apart.
pub fn customer_name(fields: &CustomerFields) -> Option<String> {
    fields.name.as_deref().map(|name| words(name).join(" "))
}

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

impl Meaning<'_> {
    /// A row of a list of customers.
    pub fn customer(&mut self, row: &CustomerRow) -> Result<(), Meaningless> {
        let mut extra = row.extra.clone();
        let days = row.terms_days.map(|days| days.to_string());
        extra.extend(days.map(|days| ("días de crédito".into(), days)));
        self.add_customer(&row.customer, Some(&extra)).map(|_| ())
    }

    /// A row of a list of documents, with the customer and the payments it tells of.
    pub fn document(&mut self, row: &DocumentRow) -> Result<(), Meaningless> {
        let customer = self.add_customer(&row.customer, None)?;
        let cancelled = row.status == Some(Status::Cancelled);
        let amount = self.money(row.amount, row.currency, "importe")?;
        let mut extra = row.extra.clone();
        let kept = [
            ("parcialidad", &row.instalment),
            ("folio fiscal", &row.fiscal_id),
            ("referencia", &row.reference),
        ];
        for (name, value) in kept {
            extra.extend(value.clone().map(|value| (name.into(), value)));
        }
        if cancelled {
            extra.push(("importe cancelado".into(), row.amount.to_string()));
        }
        let facts = DocumentFacts {
            number: row.number.clone(),
            kind: row.kind,
            issued: row.issued,
            due: row.due.unwrap_or(row.issued).max(row.issued),
            amount: if cancelled {
                Money::zero(amount.currency)
            } else {
                amount
            },
            direct_debit: row.direct_debit.unwrap_or(false),
            debt: row.debt,
            extra: object(&extra),
            digest: [0; 32],
            customer: customer.clone(),
        };
        let digest = document_digest(&facts);
        self.chunk.documents.push(DocumentFacts { digest, ..facts });
        let marked = self
            .disputes
            .get(&row.number)
            .map_or(&[][..], Vec::as_slice);
        let stands = |until: &Option<Date>| until.is_none_or(|until| until > self.today);
        if row.disputed == Some(false) {
            let standing = marked.iter().filter(|(_, until)| stands(until));
            self.settled.extend(standing.map(|(hold, _)| *hold));
        }
        if row.disputed == Some(true) && !cancelled {
            // One that was settled and is marked again begins anew.
            let anew = !marked.is_empty() && !marked.iter().any(|(_, until)| stands(until));
            self.chunk.holds.push(HoldFacts {
                customer: customer.clone(),
                document: Some(row.number.clone()),
                kind: HoldKind::Dispute,
                amount: None,
                from: if anew { self.today } else { row.issued },
                until: None,
                reason: DISPUTED_IN_FILE.to_owned(),
            });
        }
        if !cancelled && row.kind != DocumentKind::CreditNote {
            self.settlement(row, &customer, amount)?;
        }
        Ok(())
    }

    /// What a list of documents says was paid, less what the ledger knows already.
    fn settlement(
        &mut self,
        row: &DocumentRow,
        customer: &str,
        amount: Money,
    ) -> Result<(), Meaningless> {
        let currency = Some(amount.currency);
        let paid = match (row.open_balance, row.paid_amount, row.settled, row.status) {
            (Some(open), ..) => {
                amount.minor
                    - self
                        .money(open, currency, "saldo")?
                        .minor
                        .clamp(0, amount.minor)
            }
            (None, Some(paid), ..) if !paid.is_zero() || row.settled.is_none() => self
                .money(paid, currency, "pagado")?
                .minor
                .clamp(0, amount.minor),
            (None, _, Some(_), _) | (None, _, _, Some(Status::Paid)) => amount.minor,
            _ => return Ok(()),
        };
        let before = self.known.get(&row.number).map_or(0, |known| known.laid);
        let minor = paid - before;
        if minor <= 0 {
            return Ok(());
        }
        let on = row.settled.unwrap_or(self.today).max(row.issued);
        let part = if before == 0 {
            String::new()
        } else {
            format!("+{before}")
        };
        let reference = format!("{} pagado{part}", row.number);
        let amount = Money { minor, ..amount };
        self.add_payment(customer.to_owned(), reference, on, amount, &Vec::new());
        self.lay(row.number.clone(), on, minor, 0);
        Ok(())
    }

    /// A row of a list of payments.
    pub fn payment(&mut self, row: &PaymentRow) -> Result<(), Meaningless> {
        if row.amount <= Decimal::ZERO {
            return Err(Meaningless {
                field: "importe",
                reason: "el pago no es mayor que cero: registre la devolución como nota de cargo"
                    .to_owned(),
            });
        }
        let known = row
            .document
            .as_ref()
            .and_then(|number| self.known.get(number));
        let customer = match (row.customer.is_identified(), known) {
            (true, _) => self.add_customer(&row.customer, None)?,
            (false, Some(known)) => known.customer.clone(),
            (false, None) => {
                return Err(Meaningless {
                    field: "factura",
                    reason: "no se sabe de quién es el pago: la factura no está en la cartera; \
                             impórtela antes o escriba el cliente"
                        .to_owned(),
                });
            }
        };
        let currency = row
            .currency
            .or_else(|| known.map(|known| known.amount.currency));
        let amount = self.money(row.amount, currency, "importe")?;
        let on = row.paid_on;
        let own = row.key.clone().or_else(|| row.reference.clone());
        let document = row.document.clone().unwrap_or_default();
        let base = own.unwrap_or_else(|| format!("{customer} {on} {amount} {document}"));
        let reference = self.once(base.trim());
        let mut extra = row.extra.clone();
        let written = row
            .reference
            .clone()
            .filter(|written| *written != reference);
        extra.extend(written.map(|written| ("referencia".into(), written)));
        let laid = known.map(|known| {
            // What lies of this very payment there stays; the rest has to fit beside it.
            let before = known.laid_by.get(&reference).copied().unwrap_or(0);
            let taken = known.laid + self.laid.get(&document).copied().unwrap_or(0);
            let minor = before + (known.amount.minor - taken).max(0);
            (minor.min(amount.minor), before)
        });
        self.add_payment(customer, reference, on, amount, &extra);
        if let Some((minor, before)) = laid.filter(|(minor, _)| *minor > 0) {
            self.lay(document, on, minor, before);
        }
        Ok(())
    }

    /// A reference that is its own in the file: a bank may write the same one for several payments.
    fn once(&mut self, base: &str) -> String {
        let count = self.references.entry(reference_key(base)).or_insert(0);
        *count += 1;
        numbered(base, *count)
    }

    fn add_payment(
        &mut self,
        customer: String,
        reference: String,
        on: Date,
        amount: Money,
        extra: &Extra,
    ) {
        let extra = object(extra);
        let digest = digest(&[
            &customer,
            &reference,
            &on.to_string(),
            &amount.to_string(),
            &extra.to_string(),
        ]);
        self.chunk.payments.push(PaymentFacts {
            customer,
            reference,
            on,
            amount,
            extra,
            digest,
        });
    }

    /// Lays the chunk's last payment on a document, where `before` of it lies already.
    fn lay(&mut self, document: String, on: Date, minor: i64, before: i64) {
        let Some(payment) = self.chunk.payments.last() else {
            return;
        };
        *self.laid.entry(document.clone()).or_insert(0) += minor - before;
        self.chunk.applications.push(ApplicationFacts {
            source: SourceKey::Payment(payment.reference.clone()),
            document,
            on,
            minor,
            matched: "file".to_owned(),
        });
    }

    /// Adds what the row says of its customer; `extra` only where the row is about the customer.
    fn add_customer(
        &mut self,
        fields: &CustomerFields,
        extra: Option<&Extra>,
    ) -> Result<String, Meaningless> {
        let key = self.key_of(fields).ok_or_else(|| Meaningless {
            field: "cliente",
            reason: "la fila no dice de qué cliente es: escriba su clave, RFC o nombre".to_owned(),
        })?;
        let facts = customer_facts(&key, fields, extra, self.today);
        match self.customers.get(&key).copied() {
            Some(index) if extra.is_none() => fill(&mut self.chunk.customers[index], facts),
            Some(index) => self.chunk.customers[index] = facts,
            None if extra.is_some() || says_more(&facts) => {
                self.customers
                    .insert(key.clone(), self.chunk.customers.len());
                self.chunk.customers.push(facts);
            }
            None => {}
        }
        self.add_points(&key, fields);
        Ok(key)
    }

    /// The customer's key: that of the customer the ledger knows by this key, tax id or name.
    fn key_of(&self, fields: &CustomerFields) -> Option<String> {
        let name = customer_name(fields);
        let tax_id = fields.tax_id.as_ref().map(|tax_id| &tax_id.normal);
        let by_tax_id = tax_id.and_then(|tax_id| self.identities.by_tax_id.get(tax_id));
        let by_name = || {
            name.as_ref()
                .and_then(|name| self.identities.by_name.get(name))
        };
        match &fields.key {
            Some(key) => Some(key.clone()),
            None if tax_id.is_some() => by_tax_id.cloned().or_else(|| customer_key(fields)),
            None => by_name().cloned().or(name),
        }
    }

    fn add_points(&mut self, key: &str, fields: &CustomerFields) {
        let said = &fields.consents;
        let mut all: Vec<(Channel, String)> = Vec::new();
        all.extend(fields.emails.iter().map(|it| (Channel::Email, it.clone())));
        let numbers = |channel, numbers: &[String]| -> Vec<(Channel, String)> {
            numbers.iter().map(|it| (channel, digits(it))).collect()
        };
        all.extend(numbers(Channel::Call, &fields.phones));
        all.extend(numbers(Channel::Whatsapp, &fields.whatsapps));
        // What is said of messages to a number that is not told apart is said of the telephone.
        if said.whatsapp.is_some() && fields.whatsapps.is_empty() {
            all.extend(numbers(Channel::Whatsapp, &fields.phones));
        }
        if said.sms.is_some() {
            let known = if fields.phones.is_empty() {
                &fields.whatsapps
            } else {
                &fields.phones
            };
            all.extend(numbers(Channel::Sms, known));
        }
        for (channel, address) in all {
            let point = ContactPointFacts {
                customer: key.to_owned(),
                channel,
                address,
                role: fields.role,
                source: Some(fields.source.unwrap_or(ContactSource::CreditorRecord)),
                consent: consent(said, channel, self.today),
                shown: said.text.clone().unwrap_or_default(),
            };
            self.add_point(point);
        }
    }

    /// Adds an address once; a later row may tell of it what the first did not.
    fn add_point(&mut self, point: ContactPointFacts) {
        if point.address.is_empty() {
            return;
        }
        let once = (point.customer.clone(), point.channel, point.address.clone());
        match self.points.entry(once) {
            Entry::Vacant(place) => {
                place.insert(self.chunk.contact_points.len());
                self.chunk.contact_points.push(point);
            }
            Entry::Occupied(place) => {
                let known = self.chunk.contact_points.get_mut(*place.get());
                if let Some(known) = known.filter(|it| it.consent == Consent::Unknown) {
                    known.consent = point.consent;
                    known.shown = point.shown;
                }
            }
        }
    }

    fn money(
        &self,
        value: Decimal,
        currency: Option<Currency>,
        field: &'static str,
    ) -> Result<Money, Meaningless> {
        let currency = currency.unwrap_or(self.currency);
        Money::from_decimal(value, currency).map_err(|error| Meaningless {
            field,
            reason: match error {
                MoneyError::TooPrecise { digits, .. } => format!(
                    "{value} tiene más decimales de los que usa {currency} ({digits}): redondéelo"
                ),
                _ => format!("{value} {currency} es un importe demasiado grande"),
            },
        })
    }
}

/// A payment reference in sixteen bytes.
pub fn reference_key(base: &str) -> [u8; 16] {
    let mut short = [0; 16];
    short.copy_from_slice(&Sha256::digest(base.as_bytes())[..16]);
    short
}

/// The reference of the payment that is so manieth to bear it, counted from 1.
pub fn numbered(base: &str, count: u32) -> String {
    if count <= 1 {
        base.to_owned()
    } else {
        format!("{base} #{count}")
    }
}

fn document_digest(facts: &DocumentFacts) -> [u8; 32] {
    let (issued, due) = (facts.issued.to_string(), facts.due.to_string());
    let (amount, extra) = (facts.amount.to_string(), facts.extra.to_string());
    let mut parts = vec![
        facts.customer.as_str(),
        &facts.number,
        facts.kind.code(),
        &issued,
        &due,
        &amount,
        if facts.direct_debit { "1" } else { "0" },
        &extra,
    ];
    // Files that say nothing of the debt keep the digests they had.
    let debt = format!("{:?}", facts.debt);
    if facts.debt != DebtFacts::default() {
        parts.push(&debt);
    }
    digest(&parts)
}

/// What a row says about being contacted on a channel; a day to come says nothing.
fn consent(said: &ConsentFields, channel: Channel, today: Date) -> Consent {
    let told = match channel {
        Channel::Email => said.email,
        Channel::Whatsapp => said.whatsapp,
        Channel::Sms => said.sms,
        Channel::Call => said.phone,
        Channel::Voicebot | Channel::Visit | Channel::Push | Channel::Letter => None,
    };
    let on = said.on.filter(|on| *on <= today);
    match (told, on) {
        (Some(true), Some(on)) => Consent::Given {
            on,
            source: said.source.clone().unwrap_or_else(|| FROM_FILE.to_owned()),
        },
        (Some(false), on) => Consent::Withdrawn {
            on: on.unwrap_or(today),
        },
        (Some(true), None) | (None, _) => Consent::Unknown,
    }
}

/// What a row says happened in law; on the day of the file where it does not say when.
fn legal_events(fields: &CustomerFields, today: Date) -> Option<Vec<LegalEvent>> {
    let event = fields.legal_event.clone()?;
    let on = fields.legal_event_on.unwrap_or(today);
    let source = Some(FROM_FILE.to_owned());
    Some(vec![LegalEvent { event, on, source }])
}

fn customer_facts(
    key: &str,
    fields: &CustomerFields,
    extra: Option<&Extra>,
    today: Date,
) -> CustomerFacts {
    let facts = CustomerFacts {
        key: key.to_owned(),
        name: customer_name(fields).filter(|name| name != key),
        class: fields.class,
        country: fields.country,
        subdivision: fields.subdivision.clone(),
        zone: fields.zone.clone(),
        language: fields.language.clone(),
        tax_id: fields.tax_id.as_ref().map(|tax_id| tax_id.normal.clone()),
        importance: fields.importance,
        behaviour: fields.behaviour,
        tags: Some(fields.tags.clone()).filter(|tags| !tags.is_empty()),
        legal_events: legal_events(fields, today),
        extra: extra.map(object),
        in_passing: extra.is_none(),
        ..CustomerFacts::default()
    };
    CustomerFacts {
        digest: customer_digest(&facts),
        ..facts
    }
}

/// Whether a row tells more of its customer than who it is.
fn says_more(facts: &CustomerFacts) -> bool {
    let bare = CustomerFacts {
        key: facts.key.clone(),
        in_passing: true,
        ..CustomerFacts::default()
    };
    CustomerFacts {
        digest: [0; 32],
        ..facts.clone()
    } != bare
}

/// Takes from `more` what `facts` does not say.
fn fill(facts: &mut CustomerFacts, more: CustomerFacts) {
    facts.name = facts.name.take().or(more.name);
    facts.class = facts.class.or(more.class);
    facts.country = facts.country.or(more.country);
    facts.subdivision = facts.subdivision.take().or(more.subdivision);
    facts.zone = facts.zone.take().or(more.zone);
    facts.language = facts.language.take().or(more.language);
    facts.tax_id = facts.tax_id.take().or(more.tax_id);
    facts.importance = facts.importance.or(more.importance);
    facts.behaviour = facts.behaviour.or(more.behaviour);
    facts.tags = facts.tags.take().or(more.tags);
    facts.legal_events = facts.legal_events.take().or(more.legal_events);
    facts.digest = customer_digest(facts);
}

fn customer_digest(facts: &CustomerFacts) -> [u8; 32] {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    // Not its day, which is that of the import where the file does not say.
    let legal = facts.legal_events.iter().flatten();
    let legal: String = legal.map(|it| format!("|{}", it.event)).collect();
    let extra = facts.extra.as_ref().map(ToString::to_string);
    let extra = extra.unwrap_or_default() + &legal;
    digest(&[
        &facts.key,
        &text(&facts.name),
        facts.class.map_or("", |class| class.code()),
        &facts
            .country
            .map(|country| country.to_string())
            .unwrap_or_default(),
        &text(&facts.subdivision),
        &text(&facts.zone),
        &text(&facts.language),
        &text(&facts.tax_id),
        &format!("{:?}", (facts.importance, facts.behaviour, &facts.tags)),
        &extra,
    ])
}

fn digits(phone: &str) -> String {
    let plus = phone.trim_start().starts_with('+');
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    if plus && !digits.is_empty() {
        format!("+{digits}")
    } else {
        digits
    }
}

fn object(extra: &Extra) -> Value {
    let entries = extra
        .iter()
        .map(|(name, text)| (name.to_string(), Value::from(text.clone())));
    Value::Object(entries.collect::<Map<_, _>>())
}

/// A digest of parts that cannot be confused with that of other parts.
fn digest(parts: &[&str]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.len().to_be_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().into()
}
