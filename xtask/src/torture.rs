//! `cargo xtask torture`: builds the program and what tortures it, and lets go.

use cargo_metadata::Metadata;

use crate::process::{self, cargo};

/// Runs it with the words after the command; an error when a round was not clean.
pub fn run(house: &Metadata, words: &[&str]) -> Result<(), String> {
    let root = house.workspace_root.as_std_path();
    process::run(&mut cargo(root, &["build", "--locked", "--package", "cli"]))?;
    let binary = house.target_directory.join("debug/puntual");
    let mut torture = cargo(
        root,
        &[
            "run",
            "--quiet",
            "--locked",
            "--package",
            "testkit",
            "--features",
            "torture",
            "--bin",
            "torture",
            "--",
        ],
    );
    torture
        .arg("--binary")
        .arg(binary)
        .arg("--root")
        .arg(root)
        .args(words);
    process::run(&mut torture)
}
