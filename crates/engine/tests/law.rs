//! The law a company works under: from the database, from a day on, tightened, seen beforehand; and
//! what a new law would change is what then happens.

use domain::law::{Draft, Origin, Packs, Shelf};
use engine::policy_changes::{Change, Depth, WhatChanges};
use engine::{Company, Error};
use jiff::civil::{Date, Time, date, time};
use store::law::Tightening;
use testkit::{TestDb, World, both_databases};

/// A Tuesday.
const LATE: Date = date(2026, 3, 3);
const AUTHOR: &str = "ana";

/// Three customers late since this morning.
async fn world(test: &TestDb) -> World {
    let mut world = World::mexican(&test.db, LATE).await;
    let mut text =
        "Factura,Código cliente,Correo,Fecha emisión,Fecha vencimiento,Importe\n".to_owned();
    for index in 0..3 {
        text += &format!(
            "F-{index},C-{index},c{index}@cliente.example,2026-02-02,2026-03-02,5000.00\n"
        );
    }
    world.import(&text).await;
    world
}

fn mexico() -> &'static str {
    let mut files = Packs::embedded_files().iter();
    files
        .find(|(name, _)| *name == "mx.toml")
        .expect("it ships")
        .1
}

/// A regime of e-mails to companies, with those rules.
fn regime(binding: &str, country: &str, rules: &str) -> String {
    format!(
        r#"
[[regime]]
id = "CORREO"
article = "Ley de prueba art. 1"
country = "{country}"
binding = "{binding}"
effective_from = "2020-01-01"
v = "P"
[regime.applies]
debtor = ["natural_consumer", "natural_business", "micro_small_company", "company"]
debt = ["consumer_credit", "consumer_goods_services", "trade_receivable"]
creditor = ["supervised_financial", "commercial_lender", "supplier", "debt_buyer"]
actor = ["first_party", "third_party_agency"]
final_consumer = "any"
{rules}
"#
    )
}

const AFTERNOON: &str = r#"[[regime.windows]]
channels = ["email"]
days = ["mon", "tue", "wed", "thu", "fri"]
from = "13:00"
to = "20:00"
"#;

const NO_MAIL: &str = "[regime.channel_ban]\nchannels = [\"email\"]\n";

/// Mexico's law, version 2, with one more regime.
fn new_mexico(rules: &str) -> String {
    let text = mexico().replace("version = \"1\"", "version = \"2\"");
    // Over before the days of the cases that the file carries.
    let rules = regime("law", "MX", rules);
    let from = "effective_from = \"2020-01-01\"";
    text + &rules.replace(from, &format!("{from}\neffective_to = \"2026-06-30\""))
}

/// Rules of the company's own.
fn own(rules: &str) -> String {
    let head = "schema = \"compliance-pack/0.1\"\nversion = \"1\"\nas_of = \"2026-03-01\"\n";
    head.to_owned() + &regime("company", "*", rules)
}

/// The company as it stands in the database now.
async fn again(world: &World) -> Company {
    let found = world.engine.company(None).await.expect("it is read");
    found.expect("there is one")
}

async fn seen(world: &World, text: &str, from: Date) -> WhatChanges {
    let changes = world
        .engine
        .law_changes(
            &world.company,
            ("mx.toml", text),
            from,
            Depth::PAGE,
            &|_, _| {},
        )
        .await;
    changes.expect("a comparison")
}

/// The hour at which messages leave on a day, by hours of dispatching.
async fn hours(world: &World, day: Date) -> Vec<(Time, u64)> {
    world.run(day).await;
    let mut left = Vec::new();
    for hour in 8..=20 {
        let at = time(hour, 30, 0, 0);
        world.at(day, at);
        let sent = world.dispatch().await.sent;
        if sent > 0 {
            left.push((at, sent));
        }
    }
    left
}

both_databases! {
    async fn a_law_moves_messages_within_the_day_and_then_it_is_so(test: &TestDb) {
        let mut world = world(test).await;
        let text = new_mexico(AFTERNOON);
        let told = seen(&world, &text, LATE).await;
        assert_eq!((told.added, told.removed, told.same), (0, 0, 0), "{told:?}");
        assert!(told.moved >= 9, "{told:?}");
        assert_eq!((told.changed, told.listed.len()), (3, 3));
        for change in told.listed.iter().flat_map(|it| &it.changes) {
            let Change::Moved { before, after } = change else { panic!("{change:?}") };
            assert_eq!(before.day, after.day);
            assert!(before.at < after.at);
            let clock = after.at.to_zoned(world.company.zone.clone()).time();
            // 13:00 in Tijuana too, which changes its clock on 8 March.
            let hour = if after.day < date(2026, 3, 8) { 15 } else { 14 };
            assert_eq!(clock, time(hour, 0, 0, 0));
        }
        let put = world.engine.load_law(("mx.toml", &text), LATE, AUTHOR).await.expect("put");
        assert_eq!((put.name.as_str(), put.version.as_str()), ("mx", "2"));
        // Who was loaded before works on; whoever is loaded now works under the new law.
        assert!(world.company.packs.version().contains("mx-1"));
        world.company = again(&world).await;
        assert!(world.company.packs.version().contains("mx-2"));
        assert_eq!(hours(&world, LATE).await, [(time(15, 30, 0, 0), 3)]);
        // The same law again is no change.
        let told = seen_error(&world, &text).await;
        assert!(told.contains("raise `version`"), "{told}");
    }

    async fn a_law_begins_on_its_day(test: &TestDb) {
        let mut world = world(test).await;
        let text = new_mexico(NO_MAIL);
        let first = date(2026, 3, 9);
        let told = seen(&world, &text, first).await;
        assert_eq!((told.added, told.moved), (0, 0));
        assert!(told.removed > 0 && told.same > 0, "{told:?}");
        for change in told.listed.iter().flat_map(|it| &it.changes) {
            let Change::Removed(message) = change else { panic!("{change:?}") };
            assert!(message.day >= first, "{message:?}");
        }
        world.engine.load_law(("mx.toml", &text), first, AUTHOR).await.expect("put");
        world.company = again(&world).await;
        assert!(world.company.packs.version().contains("mx-1"), "not yet");
        assert_eq!(world.day(LATE).await.len(), 3);
        world.at(first, time(7, 0, 0, 0));
        world.company = again(&world).await;
        assert!(world.company.packs.version().contains("mx-2"));
        assert_eq!(world.days(first, date(2026, 3, 20)).await, Vec::<String>::new());
        let why = world.why("C-0").await;
        assert!(why.to_string().contains("CORREO/channel_ban"), "{why}");
        // Every company's log says who put it in.
        let log = store::events::page(&test.db, world.company.id, None, 1_000).await;
        let log = log.expect("events");
        let put = log.iter().find(|event| event.kind == "law.loaded").expect("an event");
        assert_eq!((put.author.as_str(), &put.body["after"]["version"]), (AUTHOR, &"2".into()));
    }

    async fn a_company_tightens_and_what_waits_is_held_back(test: &TestDb) {
        let mut world = world(test).await;
        world.run(LATE).await;
        let law = world.company.packs.hash().to_owned();
        let text = own(NO_MAIL);
        let draft = ("sin-correo.toml", text.as_str());
        let told = world
            .engine
            .tightening_changes(&world.company, draft, Depth::WHOLE, &|_, _| {})
            .await
            .expect("a comparison");
        assert_eq!((told.same, told.added, told.moved, told.changed), (0, 0, 0, 3));
        let put = world.engine.tighten(&world.company, draft, AUTHOR).await.expect("put");
        assert!(put.is_new);
        let put = world.engine.tighten(&world.company, draft, AUTHOR).await.expect("put");
        assert!(!put.is_new, "the same text again");
        world.company = again(&world).await;
        assert_ne!(world.company.packs.hash(), law);
        world.at(LATE, time(12, 0, 0, 0));
        let done = world.dispatch().await;
        assert_eq!(done.sent, 0, "{done:?}");
        // A newer text takes the place of the older one.
        let softer = own(AFTERNOON).replace("version = \"1\"", "version = \"2\"");
        world.at(LATE, time(12, 5, 0, 0));
        let draft = ("sin-correo.toml", softer.as_str());
        world.engine.tighten(&world.company, draft, AUTHOR).await.expect("put");
        let rules = world.engine.tightenings(&world.company).await.expect("rules");
        let ended: Vec<_> = rules.iter().map(|rule| rule.ended_by.as_deref()).collect();
        assert_eq!(ended, [Some(AUTHOR), None]);
        world.at(LATE, time(12, 10, 0, 0));
        world.engine.end_tightening(&world.company, "sin-correo", AUTHOR).await.expect("ended");
        assert_eq!(again(&world).await.packs.hash(), law, "as it was");
        let twice = world.engine.end_tightening(&world.company, "sin-correo", AUTHOR).await;
        assert!(matches!(twice, Err(Error::NotFound { .. })), "{twice:?}");
    }

    async fn what_would_not_hold_is_refused_and_nothing_changes(test: &TestDb) {
        let world = world(test).await;
        let law = world.company.packs.hash().to_owned();
        let contradiction = new_mexico("[regime.recipients]\nallowed = []");
        let failing = mexico()
            .replace("version = \"1\"", "version = \"2\"")
            .replacen("from = \"07:00\"", "from = \"06:00\"", 1);
        let loose = own(NO_MAIL).replace("\"company\"\neffective", "\"law\"\neffective");
        for (name, text, part) in [
            ("mx.toml", &contradiction, "nobody is `allowed`"),
            ("mx.toml", &failing, "case `MX-01"),
            ("Ley Nueva.toml", &failing, "minúsculas"),
        ] {
            let done = world.engine.load_law((name, text), LATE, AUTHOR).await;
            let error = done.map(drop).expect_err("it is refused").to_string();
            assert!(error.contains(part), "`{part}` is missing in: {error}");
        }
        for (name, text, part) in [
            ("calma.toml", &loose, "binding = \"company\""),
            ("mx.toml", &own(NO_MAIL), "another file has this name"),
        ] {
            let done = world.engine.tighten(&world.company, (name, text), AUTHOR).await;
            let error = done.map(drop).expect_err("it is refused").to_string();
            assert!(error.contains(part), "`{part}` is missing in: {error}");
        }
        assert_eq!(again(&world).await.packs.hash(), law);
    }

    async fn a_folder_that_is_read_again_rules_whoever_is_loaded_from_then_on(test: &TestDb) {
        let world = world(test).await;
        let clone = world.engine.clone();
        let draft = Draft {
            name: "mx.toml".to_owned(),
            text: new_mexico(NO_MAIL),
            origin: Origin::Folder,
        };
        clone.set_law(Shelf::embedded().with(vec![draft]));
        assert!(world.company.packs.version().contains("mx-1"));
        let company = again(&world).await;
        assert!(company.packs.version().contains("mx-2"));
        let silent = world.engine.run(&company, world.now(), true, &mut ()).await.expect("run");
        assert_eq!(silent.contacts, 0, "{silent:?}");
        // With a rule of its own on top, what was read before the folder changed is not used.
        let rule = own(AFTERNOON).replace("CORREO", "TARDES");
        world.engine.tighten(&company, ("propia.toml", &rule), AUTHOR).await.expect("put");
        assert!(again(&world).await.packs.version().contains("mx-2"));
        world.engine.set_law(Shelf::embedded());
        let back = again(&world).await;
        assert!(back.packs.version().contains("mx-1"), "{}", back.packs.version());
    }

    async fn rules_of_a_company_that_cannot_be_read_close_every_channel(test: &TestDb) {
        let mut world = world(test).await;
        let rule = Tightening {
            name: "rota".to_owned(),
            version: "1".to_owned(),
            hash: "0".repeat(64),
            source: "schema = \"of another program\"".to_owned(),
            author: AUTHOR.to_owned(),
            at: world.now(),
            ended_by: None,
            ended_at: None,
        };
        let mut tx = test.db.begin().await.expect("begin");
        let (stamp, id) = (world.stamp(), world.company.id);
        let put = store::law::put_tightening(&mut tx, &stamp, id, &rule).await;
        assert!(put.expect("put"));
        tx.commit().await.expect("commit");
        world.company = again(&world).await;
        assert_eq!(world.run(LATE).await.contacts, 0);
        let why = world.why("C-0").await.to_string();
        assert!(why.contains("rota/unreadable/channel_ban"), "{why}");
        world.engine.end_tightening(&world.company, "rota", AUTHOR).await.expect("ended");
        world.company = again(&world).await;
        assert_eq!(world.run(LATE).await.contacts, 3);
    }
}

async fn seen_error(world: &World, text: &str) -> String {
    let draft = ("mx.toml", text);
    let changes = world
        .engine
        .law_changes(&world.company, draft, LATE, Depth::PAGE, &|_, _| {})
        .await;
    changes.map(drop).expect_err("it is refused").to_string()
}
