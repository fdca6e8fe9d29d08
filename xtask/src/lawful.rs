//! `cargo xtask lawful`: builds what lives the simulated companies, and lets it.

use std::process::Command;

use cargo_metadata::Metadata;

use crate::process::{self, cargo};

/// Runs it with the words after the command; an error when something unlawful was found.
pub fn run(house: &Metadata, words: &[&str]) -> Result<(), String> {
    let root = house.workspace_root.as_std_path();
    let features = ["--package", "testkit", "--features", "testkit/lawful"];
    let mut build = cargo(root, &["build", "--locked", "--bin", "lawful"]);
    process::run(build.args(features))?;
    let built = house.target_directory.join("debug");
    process::run(Command::new(built.join("lawful")).args(words))
}
