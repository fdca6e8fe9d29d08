//! Why a line is laid where it is, and what speaks against it: words for bookkeepers.

use rust_decimal::Decimal;

use crate::money::Money;

/// One reason. What speaks for a match comes before what keeps it from being applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The account that only this customer was given.
    VirtualAccount,
    /// The payer's account.
    Account,
    /// The payer's tax id.
    TaxId,
    /// The payer's name, or a learned one.
    Name {
        /// As the bank writes it.
        written: String,
    },
    /// A name like the customer's.
    NameAlike {
        /// As the bank writes it.
        written: String,
    },
    /// The customer's name in the text.
    NameInText {
        /// The customer's.
        written: String,
    },
    /// The customer's key in the text.
    CustomerKey {
        /// As written.
        written: String,
    },
    /// A stamp, a checked reference or a field names the document.
    Certain {
        /// As written.
        written: String,
        /// The document's number.
        number: String,
    },
    /// The document's number stands in the text.
    Number {
        /// The document's number.
        number: String,
    },
    /// Digits of the number stand in the text.
    Fragment {
        /// As written.
        written: String,
        /// The document's number.
        number: String,
    },
    /// A number one slip away.
    Typo {
        /// As written, in its own form.
        written: String,
        /// The document's number.
        number: String,
    },
    /// The amount is what is open.
    Exact {
        /// The document's number.
        number: String,
    },
    /// The amount is what is open of all documents named.
    SumOfNamed {
        /// How many.
        count: usize,
    },
    /// The line says how much is for each.
    Told,
    /// The amount is all that the customer owes.
    WholeBalance {
        /// Documents.
        count: usize,
    },
    /// The amount is what the oldest documents come to.
    OldestInOrder {
        /// Documents.
        count: usize,
    },
    /// Only these documents of the customer come to the amount.
    OnlySubset {
        /// Documents.
        count: usize,
        /// Among how many.
        among: usize,
    },
    /// These documents come to the amount, and others do as well.
    OneOfSeveralSets {
        /// Documents.
        count: usize,
        /// Among how many.
        among: usize,
    },
    /// As many transfers of this amount as documents.
    EachItsOwn {
        /// How many.
        count: usize,
    },
    /// A discount explains what is missing.
    Discount {
        /// Per cent.
        percent: Decimal,
        /// What is missing.
        missing: Money,
    },
    /// Withheld taxes explain what is missing.
    Withheld {
        /// Their names.
        names: String,
        /// What is missing.
        missing: Money,
    },
    /// A bank's fee explains what is missing.
    BankFee {
        /// What is missing.
        missing: Money,
    },
    /// Cents were left out.
    Rounding {
        /// What is missing.
        missing: Money,
    },
    /// A credit note explains what is missing.
    CreditNote {
        /// Its number.
        number: String,
        /// What is missing.
        missing: Money,
    },
    /// Another currency at a rate.
    Foreign {
        /// What is open.
        owed: Money,
        /// Units of the line's currency for one of the document's.
        rate: Decimal,
    },
    /// Only a part was paid.
    Partial {
        /// What stays open.
        left: Money,
    },
    /// More was paid.
    Surplus {
        /// What lies on no document.
        surplus: Money,
    },
    /// The payer is known, and no document fits.
    NothingFits,
    /// The tax id is another one's.
    OtherTaxId,
    /// The account is another customer's.
    OtherAccount {
        /// Whose.
        name: String,
    },
    /// The name is another customer's.
    OtherName {
        /// Whose.
        name: String,
    },
    /// The text names another customer's document.
    OtherCustomersNumber {
        /// Its number.
        number: String,
    },
    /// The text names a document that was paid before.
    Settled {
        /// Its number as written.
        number: String,
    },
    /// Documents of several customers.
    SeveralCustomers {
        /// How many.
        count: usize,
    },
    /// Others fit as well.
    SeveralFit {
        /// How many ways, this one among them.
        count: usize,
    },
    /// The search was cut off, so others may fit.
    SearchCutOff,
    /// Nothing says who paid.
    UnknownPayer,
    /// The difference was guessed without the document being named.
    GuessedDifference,
    /// A person undid it.
    UndoneBefore,
    /// Not sure enough.
    BelowThreshold {
        /// What the company asks for, in millionths.
        apply_from_ppm: u32,
    },
}

impl Reason {
    /// The word it is stored as.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::VirtualAccount => "virtual_account",
            Self::Account => "account",
            Self::TaxId => "tax_id",
            Self::Name { .. } => "name",
            Self::NameAlike { .. } => "name_alike",
            Self::NameInText { .. } => "name_in_text",
            Self::CustomerKey { .. } => "customer_key",
            Self::Certain { .. } => "reference",
            Self::Number { .. } => "number",
            Self::Fragment { .. } => "fragment",
            Self::Typo { .. } => "typo",
            Self::Exact { .. } => "exact_amount",
            Self::SumOfNamed { .. } => "sum_of_named",
            Self::Told => "told_amounts",
            Self::WholeBalance { .. } => "whole_balance",
            Self::OldestInOrder { .. } => "oldest_in_order",
            Self::OnlySubset { .. } => "only_subset",
            Self::OneOfSeveralSets { .. } => "one_of_several_sets",
            Self::EachItsOwn { .. } => "each_its_own",
            Self::Discount { .. } => "discount",
            Self::Withheld { .. } => "withholding",
            Self::BankFee { .. } => "bank_fee",
            Self::Rounding { .. } => "rounding",
            Self::CreditNote { .. } => "credit_note",
            Self::Foreign { .. } => "foreign_currency",
            Self::Partial { .. } => "partial",
            Self::Surplus { .. } => "surplus",
            Self::NothingFits => "nothing_fits",
            Self::OtherTaxId => "other_tax_id",
            Self::OtherAccount { .. } => "other_account",
            Self::OtherName { .. } => "other_name",
            Self::OtherCustomersNumber { .. } => "other_customers_number",
            Self::Settled { .. } => "settled_before",
            Self::SeveralCustomers { .. } => "several_customers",
            Self::SeveralFit { .. } => "several_fit",
            Self::SearchCutOff => "search_cut_off",
            Self::UnknownPayer => "unknown_payer",
            Self::GuessedDifference => "guessed_difference",
            Self::UndoneBefore => "undone_before",
            Self::BelowThreshold { .. } => "below_threshold",
        }
    }

    /// Whether it keeps a match from being applied, whatever the odds.
    pub const fn forbids(&self) -> bool {
        matches!(
            self,
            Self::OtherTaxId
                | Self::OtherAccount { .. }
                | Self::OtherName { .. }
                | Self::OtherCustomersNumber { .. }
                | Self::Settled { .. }
                | Self::SeveralCustomers { .. }
                | Self::SeveralFit { .. }
                | Self::SearchCutOff
                | Self::GuessedDifference
                | Self::UndoneBefore
                | Self::NothingFits
                | Self::Foreign { .. }
                | Self::CreditNote { .. }
        )
    }

    /// A sentence for a bookkeeper, in Spanish.
    pub fn sentence(&self) -> String {
        match self {
            Self::VirtualAccount => {
                "Entró por la cuenta o referencia asignada a este cliente.".to_owned()
            }
            Self::Account => "Viene de una cuenta conocida de este cliente.".to_owned(),
            Self::TaxId => "La identificación fiscal de quien paga es la del cliente.".to_owned(),
            Self::Name { written } => format!("Quien paga se llama como el cliente: «{written}»."),
            Self::NameAlike { written } => {
                format!("El nombre de quien paga se parece al del cliente: «{written}».")
            }
            Self::NameInText { written } => format!("El texto nombra al cliente: «{written}»."),
            Self::CustomerKey { written } => {
                format!("El texto trae la clave del cliente: {written}.")
            }
            Self::Certain { written, number } => {
                format!("La referencia {written} es la del documento {number}.")
            }
            Self::Number { number } => format!("El texto nombra el documento {number}."),
            Self::Fragment { written, number } => {
                format!("«{written}» coincide con parte del número {number}.")
            }
            Self::Typo { written, number } => format!(
                "«{written}» difiere en un solo carácter del documento {number} del mismo cliente."
            ),
            other => other.of_amount(),
        }
    }

    fn of_amount(&self) -> String {
        match self {
            Self::Exact { number } => format!("El importe es el saldo exacto de {number}."),
            Self::SumOfNamed { count } => {
                format!("El importe es la suma de los {count} documentos nombrados.")
            }
            Self::Told => "El pago dice cuánto corresponde a cada documento.".to_owned(),
            Self::WholeBalance { count } => {
                format!("El importe es todo lo que debe el cliente ({count} documentos).")
            }
            Self::OldestInOrder { count } => {
                format!("El importe es la suma de los {count} documentos más antiguos.")
            }
            Self::OnlySubset { count, among } => format!(
                "De los {among} documentos del cliente, solo estos {count} suman el importe."
            ),
            Self::OneOfSeveralSets { count, among } => format!(
                "De los {among} documentos del cliente, estos {count} suman el importe, y otros \
                 también."
            ),
            Self::EachItsOwn { count } => format!(
                "Hay {count} pagos iguales y {count} documentos de ese importe: uno para cada uno."
            ),
            Self::Discount { percent, missing } => {
                format!("Faltan {missing}: el descuento por pronto pago del {percent} %.")
            }
            Self::Withheld { names, missing } => format!("Faltan {missing}: {names}."),
            Self::BankFee { missing } => format!("Faltan {missing}: comisión del banco."),
            Self::Rounding { missing } => format!("Faltan {missing} por redondeo."),
            Self::CreditNote { number, missing } => {
                format!("Faltan {missing}: el saldo de la nota de crédito {number}.")
            }
            Self::Foreign { owed, rate } => {
                format!("Corresponde a {owed} al tipo de cambio {rate}.")
            }
            Self::Partial { left } => format!("Es un pago parcial: quedan {left} por pagar."),
            Self::Surplus { surplus } => {
                format!("Sobran {surplus}, que quedan a favor del cliente.")
            }
            Self::NothingFits => {
                "Se sabe quién paga, pero ningún documento suyo coincide: quedaría como saldo a \
                 favor."
                    .to_owned()
            }
            other => other.of_doubt(),
        }
    }

    fn of_doubt(&self) -> String {
        match self {
            Self::OtherTaxId => {
                "La identificación fiscal de quien paga no es la del cliente.".to_owned()
            }
            Self::OtherAccount { name } => format!("La cuenta de quien paga es de {name}."),
            Self::OtherName { name } => format!("El nombre de quien paga es el de {name}."),
            Self::OtherCustomersNumber { number } => {
                format!("El texto nombra {number}, que es de otro cliente.")
            }
            Self::Settled { number } => {
                format!("El texto nombra {number}, que ya estaba pagado: ¿pagó dos veces?")
            }
            Self::SeveralCustomers { count } => {
                format!("Nombra documentos de {count} clientes.")
            }
            Self::SeveralFit { count } => {
                format!("Hay al menos {count} formas de aplicarlo: elija una.")
            }
            Self::SearchCutOff => {
                "El cliente tiene demasiados documentos para descartar otras sumas.".to_owned()
            }
            Self::UnknownPayer => "No se sabe quién paga.".to_owned(),
            Self::GuessedDifference => {
                "El documento no está nombrado y el importe no es exacto.".to_owned()
            }
            Self::UndoneBefore => {
                "Una persona ya deshizo o rechazó una aplicación de este pago.".to_owned()
            }
            Self::BelowThreshold { apply_from_ppm } => format!(
                "La seguridad no alcanza el {} % que pide la empresa.",
                Decimal::from(*apply_from_ppm) / Decimal::from(10_000)
            ),
            _ => String::new(),
        }
    }
}
