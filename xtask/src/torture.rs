//! `cargo xtask torture`: builds the program and what tortures it, and lets go.

use std::process::Command;

use cargo_metadata::Metadata;

use crate::process::{self, cargo};

/// Runs it with the words after the command; an error when a round was not clean.
pub fn run(house: &Metadata, words: &[&str]) -> Result<(), String> {
    let root = house.workspace_root.as_std_path();
    // Both at once: apart, their dependencies would be built twice, with different features.
    let packages = ["--package", "cli", "--package", "testkit"];
    let mut build = cargo(
        root,
        &["build", "--locked", "--features", "testkit/torture"],
    );
    process::run(build.args(packages))?;
    let built = house.target_directory.join("debug");
    let mut torture = Command::new(built.join("torture"));
    torture.arg("--binary").arg(built.join("puntual"));
    process::run(torture.arg("--root").arg(root).args(words))
}
