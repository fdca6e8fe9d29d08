//! Day by day: what was issued comes in, the policy is run at its hour, what is planned leaves when
//! it is due, and what customers do is recorded when they do it.

use domain::ids::ContactId;
use engine::outreach::Left;
use jiff::Timestamp;
use jiff::civil::Date;
use simulator::{Life, Told};

use super::acts::Dispute;
use super::build::Built;
use super::tally::Tally;
use crate::failure::Failure;

/// The hour at which the day's invoices are imported.
const INVOICES_HOUR: i8 = 7;

/// A life under way.
pub struct Living<'l, 'c> {
    pub built: Built,
    pub life: &'l mut Life<'c>,
    pub tally: Tally,
    pub disputes: Vec<Dispute>,
}

/// A life that was lived.
pub struct Lived {
    pub built: Built,
    pub tally: Tally,
}

/// Lives the days from the first to the last.
pub async fn live(
    built: Built,
    life: &mut Life<'_>,
    (from, until): (Date, Date),
) -> Result<Lived, Failure> {
    let mut living = Living {
        built,
        life,
        tally: Tally::default(),
        disputes: Vec::new(),
    };
    let bar = crate::commands::Bar::new("días");
    for (done, day) in from.series(jiff::Span::new().days(1)).enumerate() {
        if day > until {
            break;
        }
        living.tally.begin(day);
        living.day(day).await?;
        bar.set(done as u64 + 1);
    }
    bar.finish();
    Ok(Lived {
        built: living.built,
        tally: living.tally,
    })
}

impl Living<'_, '_> {
    async fn day(&mut self, day: Date) -> Result<(), Failure> {
        self.pass_to(self.built.instant(day, INVOICES_HOUR)).await?;
        self.settle_disputes(day).await?;
        let life = &*self.life;
        let issued = self
            .built
            .import("facturas-del-dia.csv", |to| life.write_invoices(day, to));
        self.tally.issued(issued.await?);
        let run = self.built.company.run_instant(day);
        self.pass_to(run).await?;
        let ran = self
            .built
            .engine
            .run(&self.built.company, run, false, &mut ())
            .await?;
        self.tally.ran(&ran);
        let midnight = self.built.instant(day.tomorrow().map_err(Failure::new)?, 0);
        let mut last = None;
        while let Some(planned) = self.next_planned(midnight).await? {
            let due = planned.max(run);
            if last.is_some_and(|last| due <= last) {
                // What was put back waits for another day.
                break;
            }
            self.pass_to(due).await?;
            self.dispatch(due).await?;
            last = Some(due);
        }
        self.pass_to(midnight).await
    }

    /// When the next contact of the day leaves.
    async fn next_planned(&self, midnight: Timestamp) -> Result<Option<Timestamp>, Failure> {
        let planned = self.built.engine.next_planned(&self.built.company).await?;
        Ok(planned.filter(|planned| *planned < midnight))
    }

    /// What happens before an instant; the clock stands there afterwards.
    async fn pass_to(&mut self, at: Timestamp) -> Result<(), Failure> {
        for happening in self.life.until(at) {
            self.built.clock.set(happening.at);
            self.happened(happening).await?;
        }
        self.built.clock.set(at);
        Ok(())
    }

    /// Sends what is due, and tells the customers.
    async fn dispatch(&mut self, due: Timestamp) -> Result<(), Failure> {
        let Built {
            engine,
            company,
            mailer,
            ..
        } = &self.built;
        let summary = engine.dispatch(company, mailer, false).await?;
        self.tally.dispatched(&summary);
        for left in engine.left(company, (due, due)).await? {
            self.tally.left(&left);
            tell(self.life, &left)?;
        }
        Ok(())
    }
}

fn tell(life: &mut Life<'_>, left: &Left) -> Result<(), Failure> {
    let told = Told {
        customer: &left.customer,
        at: left.at,
        contact: &left.contact.to_string(),
        step: &left.step,
        tone: left.tone,
        channel: left.channel,
        address: &left.address,
        documents: &left.documents,
    };
    life.hear(&told).map_err(Failure::new)
}

/// The contact that a happening names.
pub fn contact(named: Option<&str>) -> Option<ContactId> {
    named?.parse().ok()
}
