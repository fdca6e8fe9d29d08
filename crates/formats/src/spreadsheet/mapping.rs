//! What a table lists and which column says what: detected, kept, corrected by the user.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::Currency;
use serde::{Deserialize, Serialize};

use super::columns::{Meaning, Recognised, recognise, signature_word};
use super::field::Field;
use crate::amount::DecimalMark;
use crate::date::DateOrder;
use crate::fold::fold;

/// What the rows of a table are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entity {
    /// Customers.
    Customers,
    /// Invoices, debit notes and credit notes.
    Documents,
    /// Payments received.
    Payments,
}

impl Entity {
    /// The word of the flag `--kind`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Customers => "customers",
            Self::Documents => "documents",
            Self::Payments => "payments",
        }
    }

    /// The entity of that word.
    pub fn of_code(code: &str) -> Option<Self> {
        [Self::Customers, Self::Documents, Self::Payments]
            .into_iter()
            .find(|entity| entity.code() == code)
    }

    /// What a column of such a table can mean.
    pub fn fields(self) -> impl Iterator<Item = Field> {
        Field::ALL
            .into_iter()
            .filter(move |field| field_of(*field, self) == Some(*field))
    }
}

/// How a table is read. A value: detected by [`super::profile`], kept by the caller per company
/// and header, changed by the user, handed back in [`super::Options::mappings`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// What the rows are.
    pub entity: Entity,
    /// The folded column names, which a file of the same source has again.
    pub header_signature: String,
    /// The columns in order.
    pub columns: Vec<Column>,
    /// Order of day and month, where the data or the user settles one for the whole table.
    pub date_order: Option<DateOrder>,
    /// Decimal mark, where the data or the user settles it.
    pub decimal_mark: Option<DecimalMark>,
    /// Currency of amounts that name none.
    #[serde(with = "currency_code")]
    pub currency: Option<Currency>,
    /// The currency most likely meant by amounts that name none; no row takes it from here.
    #[serde(
        with = "currency_code",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub assumed_currency: Option<Currency>,
}

/// One column of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// 0-based position in the row.
    pub index: usize,
    /// The name as the user wrote it; a repeated or missing one gets a number or a letter.
    #[serde(with = "shared_text")]
    pub name: Arc<str>,
    /// What it means; `None` keeps it as extra.
    pub field: Option<Field>,
    /// Order of day and month where this column differs from the table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date_order: Option<DateOrder>,
}

impl Mapping {
    /// A table whose columns a person explained: each name as it stands in the header, with what
    /// it means. A name beyond the list of meanings is kept as extra.
    pub fn explained(entity: Entity, names: &[String], fields: &[Option<Field>]) -> Self {
        let columns = unique_names(names).into_iter().enumerate();
        Self {
            entity,
            header_signature: signature(names),
            columns: columns
                .map(|(index, name)| Column {
                    index,
                    name,
                    field: fields.get(index).copied().flatten(),
                    date_order: None,
                })
                .collect(),
            date_order: None,
            decimal_mark: None,
            currency: None,
            assumed_currency: None,
        }
    }

    /// The columns that fill a field.
    pub fn columns_of(&self, field: Field) -> impl Iterator<Item = &Column> {
        self.columns
            .iter()
            .filter(move |column| column.field == Some(field))
    }

    /// Whether a field has a column.
    pub fn has(&self, field: Field) -> bool {
        self.columns_of(field).next().is_some()
    }

    /// Adds columns that have content and no name, so that nothing in them is lost.
    pub(super) fn add_nameless(&mut self, indexes: &BTreeSet<usize>) {
        for index in indexes {
            if self.columns.iter().all(|column| column.index != *index) {
                let name = format!("Columna {}", letter(*index)).into();
                self.columns.push(Column {
                    index: *index,
                    name,
                    field: None,
                    date_order: None,
                });
            }
        }
    }

    /// Whether any column says who the customer is.
    pub fn has_customer(&self) -> bool {
        [Field::CustomerKey, Field::CustomerName, Field::TaxId]
            .into_iter()
            .any(|field| self.has(field))
    }
}

/// What a row of column names is, if a table stands below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sense {
    Table(Box<Mapping>),
    /// A bank statement.
    Bank,
    /// A list of what the company owes to suppliers.
    Payables,
    /// Some columns are known, but not enough.
    Missing(Vec<&'static str>),
}

/// What is known besides the names when they are mapped.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hints<'a> {
    /// The entity the user said.
    pub entity: Option<Entity>,
    /// Names of the file and the sheet.
    pub titles: [&'a str; 2],
    /// Mappings kept from before.
    pub known: &'a [Mapping],
}

/// How many names of a row are known.
pub(super) fn score(names: &[String]) -> usize {
    let known = |name: &String| recognise(name).map(|found| found.meaning);
    let mut meanings: Vec<Meaning> = names.iter().filter_map(known).collect();
    let banks = meanings
        .iter()
        .filter(|meaning| **meaning == Meaning::Bank)
        .count();
    meanings.sort_unstable();
    meanings.dedup();
    meanings.len() + banks.saturating_sub(1)
}

/// Folded names joined: equal for files of one source.
pub(super) fn signature(names: &[String]) -> String {
    let words: Vec<String> = names.iter().map(|name| signature_word(name)).collect();
    words.join("|").trim_end_matches('|').to_owned()
}

/// Makes sense of a row of column names.
pub(super) fn make_sense(names: &[String], hints: Hints<'_>) -> Sense {
    let signature = signature(names);
    let known = hints.known.iter().find(|known| {
        known.header_signature == signature
            && hints.entity.is_none_or(|entity| entity == known.entity)
    });
    if let Some(known) = known {
        return Sense::Table(Box::new(known.clone()));
    }
    let found: Vec<Option<Recognised>> = names.iter().map(|name| recognise(name)).collect();
    let seen = Seen(&found);
    if hints.entity.is_none() {
        if seen.is_bank() {
            return Sense::Bank;
        }
        if seen.supplier() && !seen.named_customer() {
            return Sense::Payables;
        }
    }
    let said = |entity| seen.suffices(entity).map(|()| entity);
    let entity = match hints.entity.map_or_else(|| seen.entity(hints.titles), said) {
        Ok(entity) => entity,
        Err(missing) => return Sense::Missing(missing),
    };
    let currency = found.iter().flatten().find_map(|found| found.currency);
    Sense::Table(Box::new(Mapping {
        entity,
        header_signature: signature,
        columns: assign(names, &found, entity),
        date_order: None,
        decimal_mark: None,
        currency,
        assumed_currency: None,
    }))
}

/// The meanings seen in a header.
struct Seen<'a>(&'a [Option<Recognised>]);

impl Seen<'_> {
    fn any(&self, meaning: Meaning) -> bool {
        self.0
            .iter()
            .flatten()
            .any(|found| found.meaning == meaning)
    }

    fn has(&self, field: Field) -> bool {
        self.any(Meaning::Field(field))
    }

    fn supplier(&self) -> bool {
        self.0
            .iter()
            .flatten()
            .any(|found| matches!(found.meaning, Meaning::Supplier(_)))
    }

    fn customer(&self) -> bool {
        self.any(Meaning::AnyName) || self.named_customer()
    }

    fn named_customer(&self) -> bool {
        self.any(Meaning::AnyCustomer)
            || [Field::CustomerKey, Field::CustomerName, Field::TaxId]
                .into_iter()
                .any(|field| self.has(field))
    }

    /// Whether a column beside `Cliente` has the name, so that `Cliente` is a key.
    fn names_customer_apart(&self) -> bool {
        (self.has(Field::CustomerName) || self.any(Meaning::AnyName))
            && !self.has(Field::CustomerKey)
    }

    fn money(&self) -> bool {
        [Field::Amount, Field::OpenBalance, Field::PaidAmount]
            .into_iter()
            .any(|field| self.has(field))
    }

    fn is_bank(&self) -> bool {
        let words = self
            .0
            .iter()
            .flatten()
            .filter(|found| found.meaning == Meaning::Bank)
            .count();
        let moves = self.money() || self.any(Meaning::AnyDate);
        let ledger = self.has(Field::Due) || self.has(Field::PaymentKey);
        let about_documents = self.has(Field::Number) && self.customer();
        words >= 4 && !ledger
            || words >= 2 && !ledger && !about_documents && (moves || !self.named_customer())
            || words == 1 && !ledger && !self.has(Field::Number) && !self.customer() && moves
    }

    /// Whether the columns are enough for what the user says the rows are; else what is missing.
    fn suffices(&self, entity: Entity) -> Result<(), Vec<&'static str>> {
        let number = self.has(Field::Number) || self.any(Meaning::AnyKey);
        let date = [Field::Issued, Field::Due]
            .into_iter()
            .any(|field| self.has(field))
            || self.any(Meaning::AnyDate);
        let paid_on = self.has(Field::PaidOn) || self.any(Meaning::AnyDate);
        let who = self.customer() || self.supplier() || self.any(Meaning::AnyKey);
        let facts: &[(bool, &'static str)] = match entity {
            Entity::Customers => &[(who, "cliente")],
            Entity::Documents => &[
                (number, "número de documento"),
                (date, "fecha"),
                (self.money(), "importe"),
            ],
            Entity::Payments => &[
                (who || number, "cliente o documento"),
                (paid_on, "fecha de pago"),
                (self.money(), "importe"),
            ],
        };
        let missing: Vec<_> = facts
            .iter()
            .filter(|(has, _)| !has)
            .map(|(_, name)| *name)
            .collect();
        if missing.is_empty() {
            Ok(())
        } else {
            Err(missing)
        }
    }

    /// What the rows are, or what is missing for the nearest guess.
    fn entity(&self, titles: [&str; 2]) -> Result<Entity, Vec<&'static str>> {
        let number = self.has(Field::Number) || self.any(Meaning::AnyKey);
        let own_date = self.has(Field::Due) || self.has(Field::Issued);
        let date = own_date || self.any(Meaning::AnyDate);
        let money = self.has(Field::Amount) || self.has(Field::OpenBalance);
        let document = number && date && money;
        let of_payment = self.has(Field::PaidOn)
            || self.has(Field::PaymentKey)
            || (self.has(Field::PaidAmount) && !money)
            || titles.iter().any(|title| names_payments(title));
        let payment = (self.has(Field::PaidOn) || self.any(Meaning::AnyDate))
            && (self.has(Field::PaidAmount) || self.has(Field::Amount))
            && (number || self.customer());
        if document && (own_date || self.has(Field::Kind)) {
            return Ok(Entity::Documents);
        }
        if payment && of_payment {
            return Ok(Entity::Payments);
        }
        if document {
            return Ok(Entity::Documents);
        }
        let dated = date || self.has(Field::PaidOn);
        if !dated
            && !self.has(Field::Amount)
            && !self.has(Field::PaidAmount)
            && self.names_customer()
        {
            return Ok(Entity::Customers);
        }
        let facts = [
            (number, "número de documento"),
            (date, "fecha"),
            (money, "importe"),
        ];
        Err(facts
            .into_iter()
            .filter(|(has, _)| !has)
            .map(|(_, name)| name)
            .collect())
    }

    /// Whether the columns tell who customers are, and more than a number and a name of anything.
    fn names_customer(&self) -> bool {
        let told = [
            self.any(Meaning::AnyCustomer)
                || self.any(Meaning::AnyName)
                || self.has(Field::CustomerName),
            self.has(Field::CustomerKey)
                || self.any(Meaning::AnyKey)
                || (self.any(Meaning::AnyCustomer) && self.names_customer_apart()),
            self.has(Field::TaxId),
            self.has(Field::Importance) || self.has(Field::Tags) || self.has(Field::Behaviour),
            self.has(Field::Email) || self.has(Field::Phone) || self.has(Field::Whatsapp),
        ];
        self.customer()
            && !self.has(Field::Number)
            && told.into_iter().filter(|told| *told).count() >= 2
    }
}

fn names_payments(title: &str) -> bool {
    const WORDS: [&str; 12] = [
        "pagos",
        "pago",
        "payments",
        "payment",
        "cobros",
        "cobro",
        "abonos",
        "recibos",
        "receipts",
        "recebimentos",
        "pagamentos",
        "ingresos",
    ];
    fold(title).split(' ').any(|word| WORDS.contains(&word))
}

/// Gives each column its field: the surest name wins, then the first.
fn assign(names: &[String], found: &[Option<Recognised>], entity: Entity) -> Vec<Column> {
    let mut columns: Vec<Column> = unique_names(names)
        .into_iter()
        .enumerate()
        .map(|(index, name)| Column {
            index,
            name,
            field: None,
            date_order: None,
        })
        .collect();
    let seen = Seen(found);
    let mut claims: Vec<(u8, usize, Field)> = found
        .iter()
        .enumerate()
        .filter_map(|(index, found)| {
            let found = (*found)?;
            let (field, late) = field_in(found.meaning, entity, &seen)?;
            Some((found.rank + late, index, field))
        })
        .collect();
    claims.sort_unstable_by_key(|(rank, index, _)| (*rank, *index));
    for (_, index, field) in claims {
        let taken = columns.iter().any(|column| column.field == Some(field));
        if !taken || field.may_repeat() {
            columns[index].field = Some(field);
        }
    }
    columns
}

/// The field a meaning is in a table of an entity, and how much it yields to surer names.
fn field_in(meaning: Meaning, entity: Entity, seen: &Seen<'_>) -> Option<(Field, u8)> {
    use Entity::{Customers, Documents, Payments};
    Some(match (meaning, entity) {
        (Meaning::Field(field), _) => (field_of(field, entity)?, u8::from(field == Field::Amount)),
        (Meaning::AnyKey, Documents) => (Field::Number, 40),
        (Meaning::AnyKey, Payments) if seen.has(Field::Number) => (Field::PaymentKey, 40),
        (Meaning::AnyKey, Payments) => (Field::Number, 40),
        (Meaning::AnyKey, Customers) => (Field::CustomerKey, 40),
        (Meaning::AnyDate, Documents) => (Field::Issued, 40),
        (Meaning::AnyDate, Payments) => (Field::PaidOn, 40),
        (Meaning::AnyDate, Customers) | (Meaning::Bank, _) => return None,
        (Meaning::AnyCustomer, _) if seen.names_customer_apart() => (Field::CustomerKey, 1),
        (Meaning::AnyCustomer, _) => (Field::CustomerName, 1),
        (Meaning::AnyName, _) => (Field::CustomerName, 40),
        (Meaning::Supplier(field), _) => (field, 20),
    })
}

/// A field where the entity has it: a list of customers has no due dates, and so on.
fn field_of(field: Field, entity: Entity) -> Option<Field> {
    let of_customer = field >= Field::CustomerKey;
    match entity {
        Entity::Documents => (field != Field::PaymentKey).then_some(field),
        Entity::Payments => match field {
            Field::PaidAmount | Field::Amount => Some(Field::Amount),
            Field::Number
            | Field::Series
            | Field::FiscalId
            | Field::PaidOn
            | Field::Currency
            | Field::Reference
            | Field::PaymentKey => Some(field),
            field => of_customer.then_some(field),
        },
        Entity::Customers => match field {
            Field::Kind => Some(Field::Class),
            Field::TermsDays | Field::Currency | Field::DirectDebit => Some(field),
            field => of_customer.then_some(field),
        },
    }
}

/// Names that tell the columns apart: a repeated one gets its count, a missing one its letter.
fn unique_names(names: &[String]) -> Vec<Arc<str>> {
    let mut unique: Vec<Arc<str>> = Vec::with_capacity(names.len());
    for (index, name) in names.iter().enumerate() {
        let name = match name.trim() {
            "" => format!("Columna {}", letter(index)),
            name => name.split_whitespace().collect::<Vec<_>>().join(" "),
        };
        let mut candidate = name.clone();
        let mut count = 1;
        while unique.iter().any(|taken| **taken == *candidate) {
            count += 1;
            candidate = format!("{name} ({count})");
        }
        unique.push(candidate.into());
    }
    unique
}

/// The letter a spreadsheet shows above a column: 0 → A, 26 → AA.
fn letter(index: usize) -> String {
    let mut rest = index + 1;
    let mut letters = String::new();
    while rest > 0 {
        let digit = u8::try_from((rest - 1) % 26).unwrap_or_default();
        letters.insert(0, char::from(b'A' + digit));
        rest = (rest - 1) / 26;
    }
    letters
}

mod currency_code {
    use domain::Currency;
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "the shape serde calls it with"
    )]
    pub fn serialize<S: Serializer>(
        currency: &Option<Currency>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match currency {
            Some(currency) => serializer.serialize_some(currency.code()),
            None => serializer.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Currency>, D::Error> {
        Option::<String>::deserialize(deserializer)?
            .map(|code| Currency::new(&code).map_err(serde::de::Error::custom))
            .transpose()
    }
}

/// Text shared by many rows, written as plain text.
pub(super) mod shared_text {
    use std::sync::Arc;

    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(text: &Arc<str>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(text)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<str>, D::Error> {
        String::deserialize(deserializer).map(Arc::from)
    }
}
