//! The commands, one file per part of the day.

mod audit;
mod charges;
mod check_message;
mod company;
mod contact;
mod database;
mod day;
mod facts;
mod import;
mod law;
mod mail;
mod policy;
mod privacy;
mod progress;
mod quarantine;
mod reading;
mod reconcile;
mod said;
mod serve;
mod user;

use std::process::ExitCode;

use crate::args::{Cli, Command};
use crate::demo;
use crate::failure::Failure;
use crate::session::Session;

pub use day::silence_es;
pub use progress::{Bar, BringingUp};
pub use serve::{bind, serve_and_live, stopped};

/// Does what was typed.
pub async fn execute(cli: Cli) -> Result<ExitCode, Failure> {
    let session = Session::new(cli.global)?;
    match cli.command {
        Command::Demo(args) => demo::demo(&session, &args).await?,
        Command::Serve(args) => serve::serve(&session, args).await?,
        Command::Import(args) => return import::import(&session, args).await,
        Command::Reconcile(args) => return reconcile::reconcile(&session, args).await,
        Command::Matches(command) => reconcile::matches(&session, command).await?,
        Command::Run {
            dry_run,
            all_companies: true,
        } => day::run_all(&session, dry_run).await?,
        Command::Run { dry_run, .. } => day::run(&session, dry_run).await?,
        Command::Dispatch { once, outbox } => day::dispatch(&session, once, outbox).await?,
        Command::Why { customer } => day::why(&session, &customer).await?,
        Command::Payment(command) => facts::payment(&session, command).await?,
        Command::Promise(command) => facts::promise(&session, command).await?,
        Command::Message(command) => said::message(&session, command).await?,
        Command::Consent(command) => said::consent(&session, command).await?,
        Command::Contact(command) => contact::contact(&session, command).await?,
        Command::Customer(command) => contact::customer(&session, command).await?,
        Command::Mail(command) => mail::mail(&session, command).await?,
        Command::Privacy(command) => privacy::privacy(&session, command).await?,
        Command::Hold(command) => facts::hold(&session, command).await?,
        Command::Company(command) => company::company(&session, command).await?,
        Command::Charges(command) => return charges::charges(&session, command).await,
        Command::Rates(command) => return charges::rates(&session, command).await,
        Command::CheckMessage { file } => {
            return check_message::check_message(file.as_deref(), session.global.as_of);
        }
        Command::User(command) => user::user(&session, command).await?,
        Command::Policy(command) => policy::policy(&session, command).await?,
        Command::Law(command) => return law::law(&session, command).await,
        Command::Quarantine(command) => return quarantine::quarantine(&session, command).await,
        Command::Report(command) => reading::report(&session, command).await?,
        Command::Export { what } => reading::export(&session, what).await?,
        Command::Audit(command) => return audit::audit(&session, command).await,
        Command::Tasks => reading::tasks(&session).await?,
        Command::Backup { to, overwrite } => database::backup(&session, &to, overwrite).await?,
        Command::Restore { from, overwrite } => {
            database::restore(&session, &from, overwrite).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
