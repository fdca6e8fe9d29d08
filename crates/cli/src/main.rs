//! The binary `puntual`: configuration and commands.

mod args;
mod commands;
mod config;
mod demo;
mod failure;
mod output;
mod session;

use std::process::ExitCode;

use clap::Parser;

use crate::args::Cli;
use crate::failure::Failure;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Failure::new)
        .and_then(|runtime| runtime.block_on(commands::execute(cli)));
    match done {
        Ok(code) => code,
        Err(failure) => {
            if !failure.message.is_empty() {
                output::notice(&format!("puntual: {}", failure.message));
            }
            ExitCode::from(failure.code)
        }
    }
}
