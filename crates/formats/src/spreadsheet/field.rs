//! What a column can mean.

use serde::{Deserialize, Serialize};

/// What a column means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// The document's number.
    Number,
    /// The series before the number.
    Series,
    /// Which instalment of the document the row is.
    Instalment,
    /// The tax office's id of the document (folio fiscal, CUFE, chave de acesso).
    FiscalId,
    /// What the document is: invoice, credit note, debit note.
    Kind,
    /// Date of issue.
    Issued,
    /// Due date.
    Due,
    /// Amount with tax; of a payment, the money received.
    Amount,
    /// What is still owed of the document.
    OpenBalance,
    /// What was paid of the document.
    PaidAmount,
    /// The day of payment; of a document, the day it was settled.
    PaidOn,
    /// Whether the document is paid, open or cancelled.
    Status,
    /// Currency.
    Currency,
    /// Whether the customer contests the document.
    Disputed,
    /// Days of credit.
    TermsDays,
    /// Whether the document is collected by direct debit.
    DirectDebit,
    /// Where the debt comes from.
    DebtClass,
    /// Whether the debtor is the final recipient of what was sold.
    FinalConsumer,
    /// What kind of creditor the debt belongs to.
    Creditor,
    /// Who acts for that creditor.
    Actor,
    /// A reference the payer is asked to write.
    Reference,
    /// The company's own key of the payment.
    PaymentKey,
    /// The company's own key of the customer.
    CustomerKey,
    /// The customer's name.
    CustomerName,
    /// RFC, RUT, NIT, RUC, CNPJ and their kin.
    TaxId,
    /// E-mail addresses.
    Email,
    /// Telephone numbers.
    Phone,
    /// WhatsApp numbers.
    Whatsapp,
    /// Country.
    Country,
    /// State, province or department.
    Subdivision,
    /// IANA time zone.
    Zone,
    /// Language of messages.
    Language,
    /// Person or company.
    Class,
    /// Importance to the company, 1 the highest.
    Importance,
    /// Words the company attached.
    Tags,
    /// How the customer has paid so far.
    Behaviour,
    /// Who reads at the row's addresses.
    Role,
    /// Where the company has the row's addresses from.
    Source,
    /// Something that happened in law.
    LegalEvent,
    /// The day it happened.
    LegalEventOn,
    /// Whether the customer agrees to e-mail.
    ConsentEmail,
    /// Whether the customer agrees to WhatsApp.
    ConsentWhatsapp,
    /// Whether the customer agrees to text messages.
    ConsentSms,
    /// Whether the customer agrees to calls.
    ConsentPhone,
    /// The day the customer said so.
    ConsentOn,
    /// Where that is on record.
    ConsentSource,
    /// The words the customer was shown.
    ConsentText,
}

impl Field {
    /// How many there are.
    pub(super) const COUNT: usize = Self::ConsentText as usize + 1;

    /// Every one, those of documents before those of customers.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Number,
        Self::Series,
        Self::Instalment,
        Self::FiscalId,
        Self::Kind,
        Self::Issued,
        Self::Due,
        Self::Amount,
        Self::OpenBalance,
        Self::PaidAmount,
        Self::PaidOn,
        Self::Status,
        Self::Currency,
        Self::Disputed,
        Self::TermsDays,
        Self::DirectDebit,
        Self::DebtClass,
        Self::FinalConsumer,
        Self::Creditor,
        Self::Actor,
        Self::Reference,
        Self::PaymentKey,
        Self::CustomerKey,
        Self::CustomerName,
        Self::TaxId,
        Self::Email,
        Self::Phone,
        Self::Whatsapp,
        Self::Country,
        Self::Subdivision,
        Self::Zone,
        Self::Language,
        Self::Class,
        Self::Importance,
        Self::Tags,
        Self::Behaviour,
        Self::Role,
        Self::Source,
        Self::LegalEvent,
        Self::LegalEventOn,
        Self::ConsentEmail,
        Self::ConsentWhatsapp,
        Self::ConsentSms,
        Self::ConsentPhone,
        Self::ConsentOn,
        Self::ConsentSource,
        Self::ConsentText,
    ];

    /// The word under which it is kept.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Series => "series",
            Self::Instalment => "instalment",
            Self::FiscalId => "fiscal_id",
            Self::Kind => "kind",
            Self::Issued => "issued",
            Self::Due => "due",
            Self::Amount => "amount",
            Self::OpenBalance => "open_balance",
            Self::PaidAmount => "paid_amount",
            Self::PaidOn => "paid_on",
            Self::Status => "status",
            Self::Currency => "currency",
            Self::Disputed => "disputed",
            Self::TermsDays => "terms_days",
            Self::DirectDebit => "direct_debit",
            Self::Reference => "reference",
            Self::PaymentKey => "payment_key",
            Self::CustomerKey => "customer_key",
            Self::CustomerName => "customer_name",
            Self::TaxId => "tax_id",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Whatsapp => "whatsapp",
            Self::Country => "country",
            Self::Subdivision => "subdivision",
            Self::Zone => "zone",
            Self::Language => "language",
            Self::Class => "class",
            Self::Importance => "importance",
            Self::Tags => "tags",
            Self::Behaviour => "behaviour",
            Self::DebtClass => "debt_class",
            Self::FinalConsumer => "final_consumer",
            Self::Creditor => "creditor",
            Self::Actor => "actor",
            Self::Role => "role",
            Self::Source => "source",
            Self::LegalEvent => "legal_event",
            Self::LegalEventOn => "legal_event_on",
            Self::ConsentEmail => "consent_email",
            Self::ConsentWhatsapp => "consent_whatsapp",
            Self::ConsentSms => "consent_sms",
            Self::ConsentPhone => "consent_phone",
            Self::ConsentOn => "consent_on",
            Self::ConsentSource => "consent_source",
            Self::ConsentText => "consent_text",
        }
    }

    /// The field of that word.
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.code() == code)
    }

    /// Fields that several columns may fill.
    pub(super) const fn may_repeat(self) -> bool {
        matches!(
            self,
            Self::Email | Self::Phone | Self::Whatsapp | Self::Tags
        )
    }

    /// What a bookkeeper calls it.
    pub const fn name_es(self) -> &'static str {
        match self {
            Self::Number => "número de documento",
            Self::Series => "serie",
            Self::Instalment => "cuota",
            Self::FiscalId => "folio fiscal",
            Self::Kind => "tipo de documento",
            Self::Issued => "fecha de emisión",
            Self::Due => "fecha de vencimiento",
            Self::Amount => "importe",
            Self::OpenBalance => "saldo",
            Self::PaidAmount => "importe pagado",
            Self::PaidOn => "fecha de pago",
            Self::Status => "estado",
            Self::Currency => "moneda",
            Self::Disputed => "en disputa",
            Self::TermsDays => "días de crédito",
            Self::DirectDebit => "domiciliado",
            Self::Reference => "referencia",
            Self::PaymentKey => "número de pago",
            Self::CustomerKey => "código de cliente",
            Self::CustomerName => "cliente",
            Self::TaxId => "identificación fiscal",
            Self::Email => "correo",
            Self::Phone => "teléfono",
            Self::Whatsapp => "WhatsApp",
            Self::Country => "país",
            Self::Subdivision => "estado o provincia",
            Self::Zone => "zona horaria",
            Self::Language => "idioma",
            Self::Class => "tipo de cliente",
            Self::Importance => "importancia",
            Self::Tags => "etiquetas",
            Self::Behaviour => "comportamiento",
            Self::DebtClass => "origen de la deuda",
            Self::FinalConsumer => "consumidor final",
            Self::Creditor => "clase de acreedor",
            Self::Actor => "quién cobra",
            Self::Role => "quién atiende el medio",
            Self::Source => "origen del medio",
            Self::LegalEvent => "hecho legal",
            Self::LegalEventOn => "fecha del hecho legal",
            Self::ConsentEmail => "consentimiento para correo",
            Self::ConsentWhatsapp => "consentimiento para WhatsApp",
            Self::ConsentSms => "consentimiento para SMS",
            Self::ConsentPhone => "consentimiento para llamadas",
            Self::ConsentOn => "fecha del consentimiento",
            Self::ConsentSource => "origen del consentimiento",
            Self::ConsentText => "texto del consentimiento",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_the_one_that_is_kept() {
        for field in Field::ALL {
            let kept = serde_json::to_value(field).expect("a word");
            assert_eq!(kept, field.code());
            assert_eq!(Field::of_code(field.code()), Some(field));
        }
        assert_eq!(Field::of_code("nombre"), None);
    }
}
