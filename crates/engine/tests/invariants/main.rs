//! What must always hold, each by the number it has in the design, on both databases.

mod charges;
mod inbound;
mod ladder;
mod ledger;
mod sending;

use jiff::civil::{Date, date};
use store::bulk::CustomerFacts;
use testkit::{TestDb, World};

/// A Monday.
const DUE: Date = date(2026, 3, 2);
/// The day an invoice due on [`DUE`] is late.
const LATE: Date = date(2026, 3, 3);
const ISSUED: Date = date(2026, 2, 2);

/// A Mexican company early on a day.
async fn early(test: &TestDb, day: Date) -> World {
    World::mexican(&test.db, day).await
}

/// A company customer with an address.
async fn add(world: &World, key: &str) {
    let customer = CustomerFacts {
        key: key.to_owned(),
        name: Some(format!("{key}, S.A. de C.V.")),
        ..CustomerFacts::default()
    };
    let address = format!("{}@cliente.example", key.to_lowercase());
    world.customer(customer, Some(&address)).await;
}

/// One customer, one invoice of 10,000.00 that is late since this morning.
async fn one_late(test: &TestDb) -> World {
    let mut world = early(test, LATE).await;
    add(&world, "C-1").await;
    world.invoice("C-1", "F-1", "10000.00", (ISSUED, DUE)).await;
    world
}
