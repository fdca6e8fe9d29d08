//! `cargo xtask demo`: builds Puntual and lives the example company in `demo/`.

use std::path::Path;
use std::process::Command;

use cargo_metadata::Metadata;

use crate::process::{self, cargo};

/// Builds `puntual` and runs `puntual demo` with what was typed behind, in a folder of its own.
///
/// An optimised build is used if one is there already; a first-time user waits less for the other.
pub fn run(house: &Metadata, typed: &[&str]) -> Result<(), String> {
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
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    println!("\n$ cd demo && puntual demo --fresh {}", typed.join(" "));
    process::run(&mut command(&binary, &folder, typed))?;
    println!(
        "\nTodo queda en demo/; el programa, en {}.",
        binary.display()
    );
    Ok(())
}

fn command(binary: &Path, folder: &Path, typed: &[&str]) -> Command {
    let mut command = Command::new(binary);
    command
        .args(["demo", "--fresh"])
        .args(typed)
        .current_dir(folder);
    // The example is made on its own file, never on the database of whoever tries it.
    command
        .env_remove("PUNTUAL_DB")
        .env_remove("PUNTUAL_CONFIG");
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_goes_to_the_program_and_the_users_database_does_not() {
        let command = command(Path::new("puntual"), Path::new("demo"), &["--seed", "7"]);
        let typed: Vec<_> = command.get_args().collect();
        assert_eq!(typed, ["demo", "--fresh", "--seed", "7"]);
        let removed: Vec<_> = command
            .get_envs()
            .filter(|(_, value)| value.is_none())
            .collect();
        assert!(removed.iter().any(|(name, _)| *name == "PUNTUAL_DB"));
    }
}
