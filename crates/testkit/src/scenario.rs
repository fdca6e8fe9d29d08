//! Scenarios: a text table of what happens and what leaves, lived day by day on the engine.
//!
//! ```text
//! # Un cliente paga tarde
//! empresa: Papelería del Valle, país MX, zona America/Mexico_City
//! cliente: C-1, Abarrotes La Luz, S.A. de C.V., correo pagos@laluz.example
//!
//! día        | pasa                                       | sale
//! 2026-01-05 | factura F-1 por 10,000.00 vence 2026-02-04 |
//! 2026-02-02 |                                            | cortesia 10,000.00 MXN
//! 2026-02-06 | pago 4,000.00 a F-1                        | calla: step_made
//! ```
//!
//! Every day from the first row to the last is lived: at the company's hour the policy is run, and
//! every hour from eight to twenty what is due is sent. What happens on a row happens before that
//! day's run, or at its hour (`10:30 pago …`). What leaves must stand under `sale` on its very day,
//! nothing more and nothing else; every message that leaves is compared with the ledger figure by
//! figure. `calla: razón` asks why nothing is said at the hour of the run.
//!
//! With several customers, `C-2: …` says whose it is; without, it is the first one's. A thing under
//! `sale` may begin with the hour at which it leaves.
//!
//! | What happens | |
//! |---|---|
//! | `factura F-1 por 1,000.00 USD vence DÍA [emitida DÍA] [domiciliada]` | an invoice, by import |
//! | `nota de cargo …`, `nota de crédito NC-1 por 500.00` | the other documents |
//! | `pago 500.00 [a F-1 [y F-2]]`, `abono …`, `pago 500.00 sin aplicar` | money in |
//! | `promesa 500.00 para DÍA` | a promise |
//! | `disputa F-1 [por 300.00] [hasta DÍA]`, `fin de disputa F-1` | a dispute |
//! | `pausa [desde DÍA] [hasta DÍA]`, `fin de pausa` | pauses; the last one set is ended |
//! | `rebota correo`, `sirve correo`, `baja correo` | how the address works from now on |
//! | `apagado hasta DÍA` | nobody runs or sends until that day |
//! | `reloj DÍA` | the clock jumps: the next day lived is that one, later or earlier |

mod life;
mod script;
mod told;
mod verbs;

use std::path::Path;

use store::Db;

pub use script::{Script, ScriptError};

/// Lives a scenario file.
///
/// # Panics
/// With the lines that are not so and the whole table as it was lived.
pub async fn run(db: &Db, path: &Path) {
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let text = std::fs::read_to_string(path).expect("a scenario file");
    let script = match Script::parse(&text) {
        Ok(script) => script,
        Err(errors) => panic!("{name}\n{}", lines(&errors)),
    };
    let lived = life::live(db, &script).await;
    let wrong = lived.wrong.join("\n");
    assert!(
        wrong.is_empty(),
        "{name}\n{wrong}\n\nSe vivió:\n\n{}",
        lived.table
    );
}

fn lines(errors: &[ScriptError]) -> String {
    errors
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}
