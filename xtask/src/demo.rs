//! `cargo xtask demo`: a walk through Puntual's commands with the sample files.

use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;

use cargo_metadata::Metadata;

use crate::process::{self, cargo};

/// What the walk makes anew in `demo/`; other files there are the user's.
const MADE_ANEW: &[&str] = &["puntual.db", "puntual.db-wal", "puntual.db-shm"];

/// The folder of messages, also made anew.
const OUTBOX: &str = "outbox";

/// A part of the walk.
enum Step {
    /// A line that explains, and a command as a user in `demo/` would type it.
    Say(&'static str, &'static str),
    /// Run and dispatch on each of these days of a month (`2026-10`); quiet days are passed over.
    Live(&'static str, std::ops::RangeInclusive<u8>),
}

use Step::{Live, Say};

/// The walk.
const STEPS: &[Step] = &[
    Say(
        "Los clientes y la cartera, tal como los lleva la empresa: títulos, totales, fechas y \
         acentos de todos los días. Lo que no se entiende se aparta con su motivo.",
        "import ../samples/clientes.xlsx ../samples/facturas.csv --now 2026-10-15T07:00:00-06:00",
    ),
    Say(
        "Quién firma, y cómo se paga.",
        "company set legal_name='Papelería del Valle' sender.name='Papelería del Valle' \
         sender.address=cobranza@papeleria.example brand.phone='55 5555 1234' \
         brand.bank_data='Banco del Bajío, CLABE 030000000000000000'",
    ),
    Say(
        "Las filas apartadas esperan una corrección.",
        "quarantine list",
    ),
    Say(
        "La política en uso, en palabras para los clientes.",
        "policy show --customers",
    ),
    Live("2026-10", 15..=15),
    Say(
        "¿Por qué se calla con este cliente? Su factura está en aclaración.",
        "why C-004 --as-of 2026-10-15",
    ),
    Say(
        "¿Y con este? Su nota de crédito cubre lo que debe.",
        "why C-007 --as-of 2026-10-15",
    ),
    Live("2026-10", 16..=20),
    Say(
        "21 de octubre. Por la mañana se planea…",
        "run --as-of 2026-10-21",
    ),
    Say(
        "… y llegan pagos antes de que salga…",
        "import ../samples/pagos.csv --now 2026-10-21T08:30:00-06:00",
    ),
    Say(
        "… así que quien pagó ya no recibe nada, aunque estuviera planeado.",
        "dispatch --now 2026-10-21T10:00:00-06:00",
    ),
    Say(
        "Un cliente promete pagar: hasta ese día ese importe no se cobra.",
        "promise add --customer C-002 --amount 25900 --due 2026-10-27 \
         --now 2026-10-21T11:00:00-06:00",
    ),
    Live("2026-10", 22..=29),
    Say(
        "La promesa no se cumplió y se le escribió sobre ella. Paga todo…",
        "payment add --customer C-002 --amount 29020 --now 2026-10-30T07:30:00-06:00",
    ),
    Live("2026-10", 30..=31),
    Say(
        "… y se le agradeció. La cartera por antigüedad, cada moneda aparte.",
        "report ageing --as-of 2026-10-31",
    ),
    Say("Cómo va la cobranza.", "report kpi --as-of 2026-10-31"),
];

/// The exit code that says: done, and some rows wait in quarantine.
const SOME_QUARANTINED: i32 = 3;

/// Builds `puntual`, removes the database of an earlier walk and runs the steps.
///
/// An optimised build is used if one is there already; a first-time user waits less for the other.
pub fn run(house: &Metadata) -> Result<(), String> {
    let root = house.workspace_root.as_std_path();
    let target = house.target_directory.as_std_path();
    let optimised = target.join("release/puntual").is_file();
    println!("Compilando Puntual; la primera vez tarda unos minutos.");
    let mut build = cargo(root, &["build", "--package", "cli", "--locked"]);
    if optimised {
        build.arg("--release");
    }
    process::run(&mut build)?;
    let binary = target.join(if optimised {
        "release/puntual"
    } else {
        "debug/puntual"
    });

    let folder = root.join("demo");
    start_anew(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    println!("\n$ cd demo");
    let walk = Walk {
        binary: &binary,
        folder: &folder,
    };
    for step in STEPS {
        match step {
            Say(explanation, line) => {
                println!("\n# {explanation}");
                walk.show(line)?;
            }
            Live(month, days) => {
                for day in days.clone() {
                    walk.live(&format!("{month}-{day:02}"))?;
                }
            }
        }
    }
    println!(
        "\nLos mensajes están en demo/outbox: ábralos con su programa de correo.\n\
         La base de datos queda en demo/puntual.db; el programa, en {}.",
        binary.display()
    );
    Ok(())
}

/// The walk under way.
struct Walk<'a> {
    binary: &'a Path,
    folder: &'a Path,
}

impl Walk<'_> {
    /// Runs a command before the user's eyes.
    fn show(&self, line: &str) -> Result<(), String> {
        println!("$ puntual {line}");
        let status = self
            .command(line)
            .status()
            .map_err(|error| format!("{} did not start: {error}", self.binary.display()))?;
        if !status.success() && status.code() != Some(SOME_QUARANTINED) {
            return Err(format!("the demo stopped at `puntual {line}`: {status}"));
        }
        Ok(())
    }

    /// Lives a day: shows run and dispatch when something is to be said, else a line.
    fn live(&self, day: &str) -> Result<(), String> {
        let plan = self
            .command(&format!("run --dry-run --format json --as-of {day}"))
            .output()
            .map_err(|error| format!("{} did not start: {error}", self.binary.display()))?;
        let plan: serde_json::Value = serde_json::from_slice(&plan.stdout)
            .map_err(|error| format!("the run of {day} gave no answer: {error}"))?;
        if plan["contacts"] == 0 {
            println!("\n# {day}: nada que decir a nadie.");
            return Ok(());
        }
        println!("\n# {day}: a quién se escribe, por qué, y a quién se deja en paz.");
        self.show(&format!("run --as-of {day}"))?;
        self.show(&format!("dispatch --now {day}T10:00:00-06:00"))
    }

    fn command(&self, line: &str) -> Command {
        let mut command = Command::new(self.binary);
        command.args(words(line)).current_dir(self.folder);
        command
    }
}

/// The words of a command line; quotes hold words together.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for letter in line.chars() {
        match letter {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            letter => words
                .last_mut()
                .into_iter()
                .for_each(|word| word.push(letter)),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn start_anew(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    for name in MADE_ANEW {
        match std::fs::remove_file(folder.join(name)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    match std::fs::remove_dir_all(folder.join(OUTBOX)) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_hold_words_together() {
        assert_eq!(words("set a='b c'  d"), ["set", "a=b c", "d"]);
    }

    #[test]
    fn a_walk_starts_without_the_last_database_and_keeps_the_users_files() {
        let folder = std::env::temp_dir().join(format!("puntual-demo-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a temporary folder");
        for name in ["puntual.db", "mine.csv"] {
            std::fs::write(folder.join(name), "x").expect("a file");
        }
        start_anew(&folder).expect("a fresh start");
        assert!(!folder.join("puntual.db").exists());
        assert!(folder.join("mine.csv").exists());
        std::fs::remove_dir_all(&folder).expect("clean up");
    }
}
