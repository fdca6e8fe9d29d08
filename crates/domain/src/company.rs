//! The creditor, and what it declares once where its data does not say.

use jiff::civil::Date;

use crate::code::code_enum;
use crate::customer::{Channel, ContactSource, DebtorClass, RecipientRole};

code_enum! {
    /// What kind of creditor the company is; several laws key on it.
    pub enum CreditorClass {
        /// A supervised financial institution (bank, SOFOM E.R., cooperative).
        SupervisedFinancial = "supervised_financial",
        /// A habitual lender that is not supervised as a bank.
        CommercialLender = "commercial_lender",
        /// A seller of goods or services on its own account.
        Supplier = "supplier",
        /// A buyer of others' receivables.
        DebtBuyer = "debt_buyer",
    }
}

code_enum! {
    /// Who acts towards the debtor.
    pub enum Actor {
        /// The creditor itself.
        FirstParty = "first_party",
        /// An agency on its behalf.
        ThirdPartyAgency = "third_party_agency",
    }
}

code_enum! {
    /// Where a debt comes from.
    pub enum DebtClass {
        /// Credit granted to a consumer.
        ConsumerCredit = "consumer_credit",
        /// Goods or services sold to a consumer.
        ConsumerGoodsServices = "consumer_goods_services",
        /// Goods or services sold to a business on credit.
        TradeReceivable = "trade_receivable",
    }
}

/// What the company declares for all its customers where a customer's own record is silent.
///
/// `None` means "not declared": the defaults of [`crate::law`] then hold and are named in the
/// proof.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declarations {
    /// Kind of creditor.
    pub creditor: Option<Declared<CreditorClass>>,
    /// Who acts.
    pub actor: Option<Declared<Actor>>,
    /// Class of its customers.
    pub debtor: Option<Declared<DebtorClass>>,
    /// Origin of its debts.
    pub debt: Option<Declared<DebtClass>>,
    /// Whether its customers are final consumers of what they buy.
    pub final_consumer: Option<Declared<bool>>,
    /// Where its contact points come from.
    pub contact_source: Option<Declared<ContactSource>>,
    /// Role of those who receive its messages.
    pub recipient: Option<Declared<RecipientRole>>,
    /// Channels for which it holds its customers' consent.
    pub consents: Option<Declared<Vec<Channel>>>,
}

/// A declared fact with who declared it and when, cited in every proof that rests on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared<T> {
    /// The fact.
    pub value: T,
    /// Who declared it.
    pub author: String,
    /// The day it was declared.
    pub on: Date,
}
