//! The company as it stood the evening before the first day: made, presented, its books imported.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use connect::channels::Outbox;
use domain::customer::Channel;
use engine::effects::{FixedClock, SeededRandomness};
use engine::imports::Source;
use engine::outreach::Mailer;
use engine::{Company, CompanyChange, Effects, Engine, NewCompany};
use formats::spreadsheet::Options;
use jiff::civil::{Date, time};
use simulator::{Company as Planted, Life, Profile};
use store::Db;
use tempfile::TempDir;

use super::NAME;
use crate::failure::Failure;

/// Who keeps the books of the example.
pub const CLERK: &str = "ana";

/// A company ready to be lived.
pub struct Built {
    pub engine: Engine,
    pub company: Company,
    pub clock: Arc<FixedClock>,
    pub mailer: Mailer,
    pub folder: TempDir,
}

/// Makes the company with a clock and ids of its own, and imports its books.
pub async fn build(
    db: &Db,
    planted: &Planted,
    life: &Life<'_>,
    (from, seed): (Date, u64),
    (outbox, address): (PathBuf, Option<&str>),
) -> Result<Built, Failure> {
    let profile = planted.profile();
    let zone = domain::calendar::zone(profile.zone);
    let zone = zone.ok_or_else(|| Failure::new(format!("no existe la zona {}", profile.zone)))?;
    let evening = from.yesterday().map_err(Failure::new)?.at(20, 0, 0, 0);
    let evening = zone.to_timestamp(evening).map_err(Failure::new)?;
    let clock = Arc::new(FixedClock::new(evening));
    let effects = Effects::new(
        Box::new(Arc::clone(&clock)),
        Box::new(SeededRandomness::new(seed)),
    );
    let engine = Engine::new(db.clone(), Arc::new(effects))?;
    let engine = engine.with_portal(address.unwrap_or_default());
    let built = Built {
        company: company(&engine, profile).await?,
        engine,
        clock,
        mailer: Mailer::Outbox(Outbox::new(outbox)),
        folder: tempfile::tempdir()?,
    };
    built
        .import("clientes.csv", |to| life.write_customers(to))
        .await?;
    built
        .import("facturas.csv", |to| life.write_documents(to))
        .await?;
    built
        .import("pagos.csv", |to| life.write_payments(to))
        .await?;
    Ok(built)
}

impl Built {
    /// Imports what `write` writes as a file of that name; with no rows, nothing.
    pub async fn import(
        &self,
        name: &str,
        write: impl FnOnce(&mut dyn Write) -> io::Result<u64>,
    ) -> Result<u64, Failure> {
        let path = self.folder.path().join(name);
        let rows = written(&path, write)?;
        if rows == 0 {
            return Ok(0);
        }
        let source = Source {
            path: &path,
            options: Options::default(),
            title: None,
        };
        let report = self
            .engine
            .import(&self.company, source, CLERK, &mut ())
            .await?;
        match report.quarantined.first() {
            None => Ok(rows),
            Some(row) => Err(Failure::new(format!(
                "la empresa de ejemplo escribió una fila que no se entiende: {name}, {}: {}",
                row.field, row.reason
            ))),
        }
    }

    /// The instant of an hour of the company's day.
    pub fn instant(&self, day: Date, hour: i8) -> jiff::Timestamp {
        let at = day.to_datetime(time(hour, 0, 0, 0));
        let at = self.company.zone.to_timestamp(at);
        at.unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }
}

fn written(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<u64>) -> io::Result<u64> {
    let mut file = BufWriter::new(File::create(path)?);
    let rows = write(&mut file)?;
    file.flush()?;
    Ok(rows)
}

async fn company(engine: &Engine, profile: &Profile) -> Result<Company, Failure> {
    let new = NewCompany {
        name: NAME.to_owned(),
        legal_name: Some(profile.legal_name.to_owned()),
        country: Some(profile.country),
        currency: Some(profile.currency),
        zone: Some(profile.zone.to_owned()),
        language: Some(profile.language.to_owned()),
        ..NewCompany::default()
    };
    let company = engine.add_company(new, CLERK).await?;
    if company.policy.key != profile.policy {
        let text = engine::policies::shipped(profile.policy).unwrap_or_default();
        engine
            .use_policy(&company, profile.policy, text, CLERK)
            .await?;
    }
    let consents: Vec<&str> = profile
        .consents
        .iter()
        .map(|channel: &Channel| channel.code())
        .collect();
    let consents = consents.join(",");
    let changes = [
        ("sender.name", profile.name),
        ("sender.address", profile.email),
        ("brand.name", profile.name),
        ("brand.colour", profile.colour),
        ("brand.phone", profile.phone),
        ("brand.email", profile.email),
        ("brand.bank_data", profile.how_to_pay),
        ("creditor", profile.creditor.code()),
        ("debt", profile.debt.code()),
        ("consents", &consents),
    ];
    let changes = changes.into_iter().filter(|(_, value)| !value.is_empty());
    let changes: Vec<CompanyChange> = changes
        .chain(profile.final_consumer.then_some(("final_consumer", "true")))
        .map(|(name, value)| CompanyChange {
            name: name.to_owned(),
            value: value.to_owned(),
        })
        .collect();
    Ok(engine.set_company(&company, &changes, CLERK).await?)
}
