//! Day by day: the books come in, the policy is run, what is due leaves, and what customers and
//! collectors do happens when they do it.

use std::collections::VecDeque;
use std::sync::Arc;

use connect::channels::Outbox;
use domain::company::Actor;
use domain::customer::{Channel, Country};
use domain::{Currency, calendar};
use engine::effects::{FixedClock, SeededRandomness};
use engine::exports::Export;
use engine::imports::Source;
use engine::outreach::{Left, Mailer};
use engine::{Company, CompanyChange, Effects, Engine, NewCompany};
use formats::spreadsheet::Options;
use jiff::civil::{Date, Time, time};
use jiff::{Timestamp, ToSpan};
use simulator::{Company as Planted, Happening, Life, Model, Saying, Spec, Told};
use store::{Ids, Stamp};
use tempfile::TempDir;

use super::collector::Collector;
use super::plant::{CONTRACTS, Truths, plant, with_final_consumers};
use super::{Lived, Member, Size};
use crate::TestDb;

/// Who keeps the books.
pub const CLERK: &str = "ana";

/// The policy that would write every day.
const POLICY: &str = include_str!("insistente.toml");

/// Where the companies are.
const ADDRESS: &str = "Avenida Central 120, piso 4";

/// What agencies say of themselves under each message.
const AGENCY: &str = "Despacho de cobranza, en nombre de la empresa acreedora\n\
    Avenida Central 120, piso 4\n\
    Validation of the debt: ask us in writing";

/// Where customers complain.
const COMPLAINTS: &str =
    "Avenida Central 120, piso 4; reclamos@empresa.example; teléfono 800 123 4567";

/// About how many documents a customer of each kind has; how many customers there are follows.
const DOCUMENTS_EACH: [u32; 3] = [17, 22, 16];

/// A company being lived.
pub struct Living<'l, 'c> {
    pub engine: Engine,
    pub company: Company,
    pub clock: Arc<FixedClock>,
    pub life: &'l mut Life<'c>,
    pub truths: Truths,
    mailer: Mailer,
    folder: TempDir,
    sayings: VecDeque<(String, Saying)>,
    pub collector: Collector,
}

/// Something that happens at an instant.
enum Act {
    Life(Happening),
    Saying(String, Saying),
    Try,
}

pub async fn live(member: &Member, test: &TestDb, size: Size) -> Lived {
    let until = member
        .from
        .saturating_add((i64::from(size.days) - 1).days());
    let spec = Spec {
        kind: member.kind,
        seed: size.seed,
        documents: size.customers * DOCUMENTS_EACH[member.kind as usize],
        until,
        model: Model::embedded(),
    };
    let planted = Planted::in_land(spec, member.land);
    let mut life = Life::begin(&planted, member.from);
    let mut living = begin(member, test, &planted, &mut life, (until, size)).await;
    for day in member.from.series(1.day()).take_while(|day| *day <= until) {
        living.day(day).await;
    }
    let mut lines = Vec::new();
    let mut line = |value| {
        lines.push(value);
        Ok(())
    };
    let exported = living
        .engine
        .export(&living.company, Export::Contacts, &mut line);
    exported.await.expect("contacts are exported");
    Lived {
        name: member.name,
        lines,
        truths: living.truths.lines(),
        tries: living.collector.tries,
    }
}

async fn begin<'l, 'c>(
    member: &Member,
    test: &TestDb,
    planted: &Planted,
    life: &'l mut Life<'c>,
    (until, size): (Date, Size),
) -> Living<'l, 'c> {
    let profile = planted.profile();
    let zone = calendar::zone(profile.zone).expect("bundled");
    let evening = member.from.yesterday().expect("not the first day of all");
    let evening = zone
        .to_timestamp(evening.at(20, 0, 0, 0))
        .expect("in range");
    let clock = Arc::new(FixedClock::new(evening));
    // Companies of one database draw ids of their own.
    let own: u64 = member.name.bytes().fold(size.seed, |seed, byte| {
        seed.wrapping_mul(31).wrapping_add(u64::from(byte))
    });
    let effects = Arc::new(Effects::new(
        Box::new(Arc::clone(&clock)),
        Box::new(SeededRandomness::new(own)),
    ));
    let engine = Engine::new(test.db.clone(), Arc::clone(&effects)).expect("the engine");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let company = company(&engine, member, planted).await;
    let (chunk, truths, sayings) = plant(member, planted, (member.from, until));
    let mailer = Mailer::Outbox(Outbox::new(folder.path().join("outbox")));
    let collector = Collector::new(own, &chunk);
    let written = store::bulk::import_chunk(&test.db, &stamp(&effects), company.id, chunk).await;
    let counts = written.expect("facts are written");
    assert!(counts.refused.is_empty(), "{:?}", counts.refused);
    let living = Living {
        engine,
        company,
        clock,
        life,
        truths,
        mailer,
        folder,
        sayings: sayings.into(),
        collector,
    };
    let mut file = Vec::new();
    living.life.write_documents(&mut file).expect("memory");
    let documents = with_final_consumers(planted, &file);
    living.import("facturas.csv", documents.as_bytes()).await;
    file.clear();
    living.life.write_payments(&mut file).expect("memory");
    living.import("pagos.csv", &file).await;
    living
}

async fn company(engine: &Engine, member: &Member, planted: &Planted) -> Company {
    let profile = planted.profile();
    let new = NewCompany {
        name: member.name.to_owned(),
        legal_name: Some(profile.legal_name.to_owned()),
        country: Some(Country::new(profile.country.code()).expect("a country")),
        currency: Some(Currency::new(profile.currency.code()).expect("a currency")),
        zone: Some(profile.zone.to_owned()),
        language: Some(profile.language.to_owned()),
        ..NewCompany::default()
    };
    let company = engine.add_company(new, CLERK).await.expect("a company");
    let consents = CONTRACTS.map(Channel::code).join(",");
    let consumer = member.final_consumer.to_string();
    let mut changes = vec![
        ("sender.name", profile.name),
        ("sender.address", profile.email),
        ("creditor", member.creditor.code()),
        ("actor", member.actor.code()),
        ("debt", member.debt.code()),
        ("final_consumer", &consumer),
        // What messages must name, by the law of the one country or the other.
        ("brand.tax_id", "12345678000195"),
        ("brand.address", ADDRESS),
        ("brand.complaints", COMPLAINTS),
    ];
    if member.actor == Actor::ThirdPartyAgency {
        changes.push(("brand.signature", AGENCY));
    }
    if member.contracts {
        changes.push(("consents", &consents));
    }
    let changes: Vec<CompanyChange> = changes
        .into_iter()
        .map(|(name, value)| CompanyChange {
            name: name.to_owned(),
            value: value.to_owned(),
        })
        .collect();
    let used = engine.use_policy(&company, "insistente", POLICY, CLERK);
    used.await.expect("the policy is sound");
    let set = engine.set_company(&company, &changes, CLERK).await;
    set.expect("the company is set")
}

impl Living<'_, '_> {
    async fn day(&mut self, day: Date) {
        self.pass_to(self.instant(day, time(7, 0, 0, 0))).await;
        let mut file = Vec::new();
        let issued = self.life.write_invoices(day, &mut file).expect("memory");
        if issued > 0 {
            let documents = with_final_consumers(self.life.company(), &file);
            self.import("facturas-del-dia.csv", documents.as_bytes())
                .await;
        }
        let run = self.company.run_instant(day);
        self.pass_to(run).await;
        let ran = self.engine.run(&self.company, run, false, &mut ()).await;
        ran.expect("the policy is run");
        let midnight = self.instant(day.saturating_add(1.day()), time(0, 0, 0, 0));
        let mut last = None;
        while let Some(planned) = self.next_planned().await.filter(|it| *it < midnight) {
            let due = planned.max(run);
            if last.is_some_and(|last| due <= last) {
                break;
            }
            self.pass_to(due).await;
            self.dispatch(due).await;
            last = Some(due);
        }
        self.pass_to(midnight).await;
    }

    async fn next_planned(&self) -> Option<Timestamp> {
        let planned = self.engine.next_planned(&self.company).await;
        planned.expect("the database answers")
    }

    async fn dispatch(&mut self, due: Timestamp) {
        let sent = self.engine.dispatch(&self.company, &self.mailer, false);
        sent.await.expect("what is due leaves");
        let left = self.engine.left(&self.company, (due, due)).await;
        for left in left.expect("the database answers") {
            self.tell(&left);
        }
    }

    fn tell(&mut self, left: &Left) {
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
        self.life.hear(&told).expect("a message of this company");
    }

    /// What happens before an instant; the clock stands there afterwards.
    async fn pass_to(&mut self, at: Timestamp) {
        let from = self.engine.now();
        let mut acts: Vec<(Timestamp, Act)> = Vec::new();
        let lived = self.life.until(at).into_iter();
        acts.extend(lived.map(|it| (it.at, Act::Life(it))));
        while let Some((key, saying)) = self.sayings.pop_front_if(|(_, it)| it.at() <= at) {
            acts.push((saying.at().max(from), Act::Saying(key, saying)));
        }
        let tries = self.collector.times((from, at));
        acts.extend(tries.into_iter().map(|it| (it, Act::Try)));
        acts.sort_by_key(|(at, _)| *at);
        for (at, act) in acts {
            self.clock.set(at);
            match act {
                Act::Life(happening) => self.happened(happening).await,
                Act::Saying(customer, saying) => self.say(&customer, saying).await,
                Act::Try => self.collect(at).await,
            }
        }
        self.clock.set(at);
    }

    async fn import(&self, name: &str, text: &[u8]) {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).expect("a file is written");
        let source = Source {
            path: &path,
            options: Options::default(),
            title: None,
        };
        let mut progress = ();
        let read = self
            .engine
            .import(&self.company, source, CLERK, &mut progress);
        let report = read.await.expect("the file is read");
        assert_eq!(report.quarantined, [], "{name}");
    }

    fn instant(&self, day: Date, hour: Time) -> Timestamp {
        let at = self.company.zone.to_timestamp(day.to_datetime(hour));
        at.expect("in range")
    }
}

/// Who writes facts down now.
fn stamp(effects: &Arc<Effects>) -> Stamp {
    let ids = Arc::clone(effects);
    Stamp {
        author: CLERK.to_owned(),
        at: effects.now(),
        ids: Ids::new(move || ids.uuid()),
    }
}
