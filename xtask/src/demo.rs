//! `cargo xtask demo`: a walk through Puntual's commands with the sample files.

use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;

use cargo_metadata::Metadata;

use crate::process::{self, cargo};

/// What the walk makes anew in `demo/`; other files there are the user's.
const MADE_ANEW: &[&str] = &["puntual.db", "puntual.db-wal", "puntual.db-shm"];

/// The walk: one line that explains, and the command as a user in `demo/` would type it.
const STEPS: &[(&str, &str)] = &[
    (
        "Los clientes, tal como los lleva la empresa.",
        "import ../samples/clientes.xlsx",
    ),
    (
        "La cartera, tal como sale del sistema; lo ilegible se aparta con su motivo.",
        "import ../samples/facturas.csv",
    ),
    (
        "La política que se aplica si nadie elige otra, en palabras.",
        "policy show",
    ),
    (
        "La corrida de un día: para cada cliente, el siguiente paso o la razón de no darlo.",
        "run --as-of 2026-10-16",
    ),
    (
        "Lo planeado se comprueba otra vez y sale; aquí, a una carpeta y no al correo.",
        "dispatch --once --now 2026-10-16T11:00:00-06:00",
    ),
    (
        "¿Por qué este paso, o este silencio?",
        "why C-002 --as-of 2026-10-16",
    ),
    ("Llegan pagos.", "import ../samples/pagos.csv"),
    (
        "Quien pagó ya no recibe nada: la cobranza se detiene sola.",
        "run --as-of 2026-10-22",
    ),
    (
        "La cartera por antigüedad, cada moneda aparte.",
        "report ageing --as-of 2026-10-22",
    ),
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
    for (explanation, line) in STEPS {
        println!("\n# {explanation}\n$ puntual {line}");
        let status = Command::new(&binary)
            .args(line.split(' '))
            .current_dir(&folder)
            .status()
            .map_err(|error| format!("{} did not start: {error}", binary.display()))?;
        if !status.success() && status.code() != Some(SOME_QUARANTINED) {
            return Err(format!("the demo stopped at `puntual {line}`: {status}"));
        }
    }
    println!(
        "\nLa base de datos queda en demo/puntual.db; el programa, en {}.",
        binary.display()
    );
    Ok(())
}

fn start_anew(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    for name in MADE_ANEW {
        match std::fs::remove_file(folder.join(name)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

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
