//! What the law asks of words, before a message leaves; and what being late costs, where it is
//! shown and asked for. On both databases.

use domain::contact::ContactState;
use jiff::civil::{Date, date, time};
use language::templates::{Override, Templates};
use store::bulk::CustomerFacts;
use testkit::{TestDb, World, both_databases};

const ISSUED: Date = date(2026, 2, 2);
const DUE: Date = date(2026, 3, 2);
const LATE: Date = date(2026, 3, 3);

const CHARGES: &str = r#"
[late_charges]
ask_in_messages = true
[late_charges.interest]
percent_per_year = 36
day_count = "actual_360"
compounding = "simple"
grace_days = 0
source = "pagaré"
"#;

async fn one_late(test: &TestDb) -> World {
    let mut world = World::mexican(&test.db, LATE).await;
    let customer = CustomerFacts {
        key: "C-1".to_owned(),
        name: Some("C-1, S.A. de C.V.".to_owned()),
        ..CustomerFacts::default()
    };
    world.customer(customer, Some("c1@cliente.example")).await;
    world.invoice("C-1", "F-1", "10000.00", (ISSUED, DUE)).await;
    world
}

/// The house's reminder with a sentence more.
fn with_sentence(sentence: &str) -> Templates {
    let own = |text: &str| {
        format!(
            "Recordatorio.\n\n=== subject ===\nSu cuenta\n=== text ===\n{text}\n\
        {{% include \"documentos.text\" %}}\n=== mjml ===\n<mj-text>{text}</mj-text>\n\
        {{% include \"documentos.mjml\" %}}\n"
        )
    };
    let own = Override {
        language: "es-MX".to_owned(),
        name: "recordatorio".to_owned(),
        source: own(sentence),
    };
    Templates::with_overrides("es-MX", &[own]).expect("the company's own words")
}

both_databases! {
    async fn words_the_law_forbids_do_not_leave(test: &TestDb) {
        let mut world = one_late(test).await;
        let threat = with_sentence("Si no paga, irá a la cárcel.");
        world.engine = world.engine.clone().with_templates(threat);
        world.run(LATE).await;
        world.at(LATE, time(9, 30, 0, 0));
        let sent = world.dispatch().await;
        assert_eq!((sent.sent, sent.suppressed.get("wording")), (0, Some(&1)));
        let contacts = world.contacts().await;
        assert_eq!(contacts[0].state, ContactState::Suppressed);
        let tasks = store::tasks::open(world.engine.db(), world.company.id, 10).await;
        let tasks = tasks.expect("tasks");
        assert!(tasks.iter().all(|task| task.kind == "mend_wording"), "{tasks:?}");
        assert!(tasks.iter().any(|task| task.text.contains("284 Bis")), "{tasks:?}");
        let problems = world.engine.wording_problems(&world.company, &world.company.policy);
        let problems = problems.expect("examples");
        assert!(problems.iter().any(|it| it.rule.id.starts_with("MX-CPF-284BIS/")), "{problems:?}");
        // Mended, the next run writes again; the truth about a lawful step may be said.
        let truth = with_sentence("Si no paga, podríamos presentar una demanda.");
        world.engine = world.engine.clone().with_templates(truth);
        let none = world.engine.wording_problems(&world.company, &world.company.policy);
        assert_eq!(none.expect("examples"), []);
    }

    async fn a_bank_says_where_to_complain_before_it_writes(test: &TestDb) {
        let mut world = one_late(test).await;
        world.declare("creditor", "supervised_financial").await;
        world.run(LATE).await;
        world.at(LATE, time(9, 30, 0, 0));
        assert_eq!(world.dispatch().await.suppressed.get("wording"), Some(&1));
        let tasks = store::tasks::open(world.engine.db(), world.company.id, 10).await;
        let tasks = tasks.expect("tasks");
        assert_eq!(tasks.len(), 1, "{tasks:?}");
        assert!(tasks[0].text.contains("reclamos"), "{}", tasks[0].text);
        let unit = "UNE, Reforma 1, une@banco.example, 55 5555 0100";
        world.declare("brand.complaints", unit).await;
        let none = world.engine.wording_problems(&world.company, &world.company.policy);
        assert_eq!(none.expect("examples"), []);
    }

    async fn charges_are_asked_for_only_where_the_policy_says_so(test: &TestDb) {
        let mut world = one_late(test).await;
        let day = date(2026, 4, 1);
        let none = world.engine.charges_of(&world.company, "C-1", day).await.expect("charges");
        assert!(none.lines.is_empty() && none.left_out.is_empty());
        let policy = world.engine.policy_source(&world.company).await.expect("read");
        let text = format!("{}\n{CHARGES}", policy.expect("a policy"));
        world.engine.use_policy(&world.company, "propia", &text, "Ana").await.expect("used");
        world.company = world.engine.company(None).await.expect("read").expect("a company");
        let charges = world.engine.charges_of(&world.company, "C-1", day).await.expect("charges");
        let totals: Vec<String> = charges.totals().iter().map(ToString::to_string).collect();
        assert_eq!(totals, ["300.00 MXN"]);
        world.run(LATE).await;
        world.at(LATE, time(9, 30, 0, 0));
        assert_eq!(world.dispatch().await.sent, 1);
        let (db, company) = (world.engine.db(), world.company.id);
        let contacts = world.contacts().await;
        let left = store::messages::of_contacts(db, company, &[contacts[0].id]).await;
        let left = left.expect("the message");
        let text = &left[0].text;
        assert!(text.contains("Total: $10,000.00 MXN"), "{text}");
        let asked = "Interés por atraso, documento F-1: $10.00 MXN (10000.00 MXN × 36 % × 1 ÷ 360)";
        assert!(text.contains(asked), "{text}");
        // The document stays as it was issued.
        let books = world.books("C-1").await;
        assert_eq!(books.documents.len(), 1);
        assert_eq!(books.documents[0].amount.minor, 1_000_000);
    }

    async fn a_rate_that_is_missing_is_named_and_then_known(test: &TestDb) {
        let mut world = one_late(test).await;
        let policy = world.engine.policy_source(&world.company).await.expect("read");
        let published = "series = \"TIIE\"\nreset = \"change\"";
        let terms = CHARGES.replace("percent_per_year = 36", published);
        let text = format!("{}\n{terms}", policy.expect("a policy"));
        world.engine.use_policy(&world.company, "propia", &text, "Ana").await.expect("used");
        world.company = world.engine.company(None).await.expect("read").expect("a company");
        let day = date(2026, 3, 12);
        let charges = world.engine.charges_of(&world.company, "C-1", day).await.expect("charges");
        assert!(charges.lines.is_empty());
        assert!(charges.left_out[0].reason.contains("TIIE"), "{:?}", charges.left_out);
        let file = "series,date,value\nTIIE,2026-03-02,9\nTIIE,2026-03-09,18\nTIIE,mañana,1\n";
        let put = world.engine.put_rates(&world.company, file, "Banxico", "Ana").await;
        let put = put.expect("put");
        assert_eq!((put.changed, put.unchanged, put.bad.len()), (2, 0, 1));
        let again = world.engine.put_rates(&world.company, file, "Banxico", "Ana").await;
        assert_eq!(again.expect("put").unchanged, 2);
        let charges = world.engine.charges_of(&world.company, "C-1", day).await.expect("charges");
        let amounts: Vec<i64> = charges.lines.iter().map(|line| line.amount.minor).collect();
        // Six days at 9 %, four at 18 %.
        assert_eq!(amounts, [1_500, 2_000]);
    }
}
