//! Simulated companies in eight countries, whose policy would write every day and whose collectors
//! try at all hours, and what the second reading of the law finds in what they did.

mod acts;
mod collector;
mod live;
mod plant;

use domain::company::{Actor, CreditorClass, DebtClass};
use jiff::civil::{Date, date};
use serde_json::Value;
use simulator::{Kind, Land};

use crate::TestDb;
use crate::checker::{self, Book, Reading, Truth};
pub use collector::Try;

/// A simulated company, with what it is in law.
#[derive(Clone, Copy, Debug)]
pub struct Member {
    /// Its short name.
    pub name: &'static str,
    /// How it lives.
    pub kind: Kind,
    /// Where.
    pub land: Land,
    /// What it is.
    pub creditor: CreditorClass,
    /// Who acts for it.
    pub actor: Actor,
    /// Where its debts come from.
    pub debt: DebtClass,
    /// Whether its customers are final consumers.
    pub final_consumer: bool,
    /// Whether its contracts hold a yes for e-mail, calls and WhatsApp.
    pub contracts: bool,
    /// The first day that is lived; holidays and changes of the clock come soon after.
    pub from: Date,
}

/// The companies: each country, and in some both sides of a line that its law draws.
pub const MEMBERS: &[Member] = &[
    Member {
        name: "mx-distribuidora",
        kind: Kind::Distributor,
        creditor: CreditorClass::Supplier,
        debt: DebtClass::TradeReceivable,
        final_consumer: false,
        contracts: true,
        from: date(2026, 11, 10),
        ..lender("mx", Land::Mexico)
    },
    Member {
        name: "mx-banco",
        creditor: CreditorClass::SupervisedFinancial,
        actor: Actor::ThirdPartyAgency,
        ..lender("mx", Land::Mexico)
    },
    Member {
        name: "cl-servicios",
        kind: Kind::Services,
        creditor: CreditorClass::Supplier,
        debt: DebtClass::TradeReceivable,
        final_consumer: false,
        contracts: true,
        ..lender("cl", Land::Chile)
    },
    lender("cl-credito", Land::Chile),
    Member {
        from: date(2026, 10, 27),
        ..lender("co-credito", Land::Colombia)
    },
    Member {
        from: date(2026, 12, 3),
        ..seller("pe-tienda", Land::Peru)
    },
    Member {
        from: date(2026, 10, 27),
        ..seller("br-loja", Land::Brazil)
    },
    Member {
        creditor: CreditorClass::DebtBuyer,
        actor: Actor::ThirdPartyAgency,
        from: date(2026, 11, 3),
        ..seller("ar-agencia", Land::Argentina)
    },
    Member {
        from: date(2026, 10, 28),
        ..seller("ec-almacen", Land::Ecuador)
    },
    Member {
        creditor: CreditorClass::DebtBuyer,
        actor: Actor::ThirdPartyAgency,
        ..lender("us-agency", Land::UnitedStates)
    },
    seller("us-store", Land::UnitedStates),
];

const fn lender(name: &'static str, land: Land) -> Member {
    Member {
        name,
        kind: Kind::Lender,
        land,
        creditor: CreditorClass::CommercialLender,
        actor: Actor::FirstParty,
        debt: DebtClass::ConsumerCredit,
        final_consumer: true,
        contracts: false,
        from: date(2026, 10, 26),
    }
}

const fn seller(name: &'static str, land: Land) -> Member {
    Member {
        creditor: CreditorClass::Supplier,
        debt: DebtClass::ConsumerGoodsServices,
        ..lender(name, land)
    }
}

/// How much is lived.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// About how many customers each company has.
    pub customers: u32,
    /// Days lived.
    pub days: u16,
    /// Where all chance comes from.
    pub seed: u64,
}

/// What a company did, and what is true of its customers.
#[derive(Debug)]
pub struct Lived {
    /// The company's short name.
    pub name: &'static str,
    /// The lines of `export contacts`.
    pub lines: Vec<Value>,
    /// A line for each customer.
    pub truths: Vec<Value>,
    /// What collectors tried.
    pub tries: Vec<Try>,
}

/// What the second reading says of a company.
#[derive(Debug)]
pub struct Checked {
    /// The contacts.
    pub book: Book,
    /// What is true.
    pub truths: Vec<Truth>,
    /// What was found.
    pub reading: Reading,
    /// Tries that were refused although nothing forbids them, with the reasons given.
    pub refused_wrongly: Vec<Try>,
    /// Tries refused.
    pub refused: usize,
}

impl Member {
    /// Lives the days on a database.
    pub async fn live(&self, test: &TestDb, size: Size) -> Lived {
        live::live(self, test, size).await
    }
}

impl Lived {
    /// Reads what was done a second time.
    pub fn check(&self) -> Checked {
        let truths = Truth::read(&self.truths);
        let book = Book::read(&self.lines);
        let reading = checker::read(&truths, &book);
        let court = checker::Court::new(&truths, &book);
        let refused: Vec<&Try> = self.tries.iter().filter(|it| it.is_refused).collect();
        let wrongly = refused.iter().filter(|it| {
            let attempt = it.attempt();
            court.faults(&it.customer, &attempt).is_empty()
        });
        let refused_wrongly = wrongly.map(|it| Try::clone(it)).collect();
        let refused = refused.len();
        Checked {
            book,
            truths,
            reading,
            refused_wrongly,
            refused,
        }
    }
}
