//! A ledger of three invoices, and how answers are looked at.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use testkit::program::Program;

/// Two invoices of one customer, one of another; dates that read one way only.
pub const INVOICES: &str = "factura,cliente,nombre,fecha,vencimiento,importe,correo\n\
    F1,C1,Comercial Uno SA de CV,2026-01-10,2026-02-10,\"1,234.56\",uno@clientes.example\n\
    F2,C1,Comercial Uno SA de CV,2026-01-20,2026-02-20,100.00,uno@clientes.example\n\
    F3,C2,Comercial Dos SA de CV,2026-02-25,2026-03-25,250.00,dos@clientes.example\n";
/// A Tuesday; C1 is 28 days late, C2 not yet.
pub const DAY: &str = "2026-03-10";
/// Late morning of that day in Mexico City.
pub const HOUR: &str = "2026-03-10T17:00:00Z";

/// The three invoices, imported.
pub fn filled(puntual: &Program) {
    puntual.file("facturas.csv", INVOICES);
    puntual.json(&["import", "facturas.csv", "--now", HOUR]);
}

pub fn mxn(amount: &str) -> Value {
    json!({ "amount": amount, "currency": "MXN" })
}

pub fn keys(value: &Value) -> BTreeSet<&str> {
    let object = value.as_object().expect("an object");
    object.keys().map(String::as_str).collect()
}

#[track_caller]
pub fn has(value: &Value, names: &[&str]) {
    for name in names {
        assert!(value.get(name).is_some(), "no {name} in {value}");
    }
}
