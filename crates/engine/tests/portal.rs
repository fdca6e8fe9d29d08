//! The customer's own page: who passes its door, and what is said behind it, on both databases.

use domain::Currency;
use domain::contact::ContactState;
use domain::customer::{Channel, Consent};
use domain::hold::HoldKind;
use domain::preference::{HoursOfDay, Preferences};
use engine::outreach::Mailer;
use engine::portal::{Answer, Door, Entered, NewClaim, NewDispute, Refused, Visit};
use engine::{Company, NewCompany};
use jiff::ToSpan;
use jiff::civil::{Date, date, time};
use store::bulk::CustomerFacts;
use testkit::{Letter, TestDb, World};

const DUE: Date = date(2026, 3, 2);
const LATE: Date = date(2026, 3, 3);
const CLIENT: &str = "192.0.2.7";

/// A company whose messages carry links, and two customers who were reminded this morning.
async fn reminded(test: &TestDb) -> World {
    let mut world = World::mexican(&test.db, LATE).await;
    world.engine = world
        .engine
        .clone()
        .with_portal("https://cuentas.example.com/");
    for (key, number, amount) in [("C-1", "F-1", "10000.50"), ("C-2", "F-2", "777.00")] {
        let customer = CustomerFacts {
            key: key.to_owned(),
            name: Some(format!("{key}, S.A. de C.V.")),
            tax_id: Some("XAXX010101000".to_owned()),
            ..CustomerFacts::default()
        };
        let address = format!("{}@cliente.example", key.to_lowercase());
        world.customer(customer, Some(&address)).await;
        world
            .invoice(key, number, amount, (date(2026, 2, 2), DUE))
            .await;
    }
    assert_eq!(world.day(LATE).await.len(), 2);
    world.at(LATE, time(20, 30, 0, 0));
    world
}

/// The text of the last message to a customer.
async fn letter(world: &World, customer: &str) -> String {
    let id = world.standing(customer).await.position.customer.id;
    let thread = store::messages::of_customer(world.engine.db(), world.company.id, id).await;
    let thread = thread.expect("a thread");
    thread
        .iter()
        .rfind(|it| !it.incoming)
        .expect("a message")
        .text
        .clone()
}

/// The token behind `/p/` or `/u/` in it.
async fn token(world: &World, customer: &str, door: &str) -> String {
    let text = letter(world, customer).await;
    let start = format!("https://cuentas.example.com/{door}/");
    let (_, rest) = text.split_once(&start).expect("a link");
    let end = rest.find(|it: char| !it.is_ascii_alphanumeric() && !"-_".contains(it));
    rest[..end.unwrap_or(rest.len())].to_owned()
}

async fn door(world: &World, token: &str) -> Option<Door> {
    world
        .engine
        .portal_door(token, CLIENT)
        .await
        .expect("a door is looked at")
}

async fn enter(world: &World, door: &Door, answer: Answer<'_>) -> Entered {
    let entered = world.engine.portal_enter(door, CLIENT, answer).await;
    entered.expect("an answer is tried")
}

async fn visit(world: &World, customer: &str, amount: &str) -> (String, String, Visit) {
    let token = token(world, customer, "p").await;
    let door = door(world, &token).await.expect("the door");
    let Entered::In(cookie) = enter(world, &door, Answer::Amount(amount)).await else {
        panic!("{amount} does not open");
    };
    let cookie = cookie.value().to_owned();
    let visit = world
        .engine
        .portal_visit(&token, &cookie)
        .await
        .expect("asked");
    (token, cookie, visit.expect("a visit"))
}

async fn visits(world: &World, token: &str, cookie: &str) -> bool {
    let visit = world.engine.portal_visit(token, cookie).await;
    visit.expect("a visit is looked for").is_some()
}

fn said<T: std::fmt::Debug>(done: engine::portal::Done<T>) -> Result<T, Refused> {
    done.expect("the database answers")
}

/// The code in the only message of the outbox that is not a contact's.
async fn code(world: &World) -> String {
    let contacts: Vec<String> = world
        .contacts()
        .await
        .iter()
        .map(|it| format!("{}.eml", it.id))
        .collect();
    let files = std::fs::read_dir(world.outbox.folder()).expect("the outbox");
    let mut codes: Vec<_> = files
        .map(|file| file.expect("a file").path())
        .filter(|path| {
            let name = path
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            !contacts.contains(&name)
        })
        .collect();
    codes.sort();
    let last = codes.pop().expect("a message with a code");
    let letter = Letter::read(&std::fs::read_to_string(last).expect("read"));
    assert!(
        !letter.subject.contains(|it: char| it.is_ascii_digit()),
        "{}",
        letter.subject
    );
    let line = letter.text.lines().find(|line| line.len() == 6);
    line.expect("a line with the code").to_owned()
}

testkit::both_databases! {
    async fn inv_20_the_page_never_opens_with_public_data_alone(test: &TestDb) {
        let world = reminded(test).await;
        let token = token(&world, "C-1", "p").await;
        assert!(token.len() <= 60, "{token}");
        let door = door(&world, &token).await.expect("the door");
        assert!(door.takes_amount());
        // Name, key, tax id, number of a document, days, other people's amounts, and nothing.
        for public in ["C-1, S.A. de C.V.", "XAXX010101000", "F-1"] {
            assert!(matches!(enter(&world, &door, Answer::Amount(public)).await, Entered::Wrong));
        }
        let code = enter(&world, &door, Answer::Code("")).await;
        assert!(matches!(code, Entered::Wrong));
        let other = enter(&world, &door, Answer::Amount("777.00")).await;
        assert!(matches!(other, Entered::Shut), "the fifth wrong answer costs a wait");
        assert!(!visits(&world, &token, "").await && !visits(&world, &token, &token).await);
        // The right answer, while locked, opens nothing; a minute later it does.
        let right = Answer::Amount("10,000.50");
        assert!(matches!(enter(&world, &door, right).await, Entered::Shut));
        world.set(world.now() + 61.seconds());
        assert!(matches!(enter(&world, &door, right).await, Entered::In(_)));
    }

    async fn a_link_that_opens_nothing_looks_the_same_whatever_the_reason(test: &TestDb) {
        let world = reminded(test).await;
        let (token_1, cookie, _) = visit(&world, "C-1", "10000.5").await;
        let token_2 = token(&world, "C-2", "p").await;
        let opt_out = token(&world, "C-1", "u").await;
        // Forged, guessed, of the other purpose.
        let mut forged = token_1.clone();
        forged.replace_range(30..31, if &forged[30..31] == "A" { "B" } else { "A" });
        let mixed = format!("{}{}", &token_1[..22], &token_2[22..]);
        for wrong in [forged.as_str(), &mixed, &opt_out, "x", ""] {
            assert!(door(&world, wrong).await.is_none(), "{wrong}");
            assert!(!visits(&world, wrong, &cookie).await, "{wrong}");
        }
        // A cookie opens its own link alone.
        assert!(visits(&world, &token_1, &cookie).await);
        assert!(!visits(&world, &token_2, &cookie).await);
        // Revoked, with its visit.
        let revoked = world.engine.revoke_links(&world.company, "C-1", "ana").await;
        assert_eq!(revoked.expect("revoked"), 1);
        assert!(door(&world, &token_1).await.is_none());
        assert!(!visits(&world, &token_1, &cookie).await);
        let again = world.engine.revoke_links(&world.company, "C-1", "ana").await;
        assert_eq!(again.expect("revoked"), 0);
        // Expired.
        assert!(door(&world, &token_2).await.is_some());
        world.set(world.now() + (90 * 24).hours());
        assert!(door(&world, &token_2).await.is_none());
        // Opting out outlives the link.
        let still = world.engine.portal_opt_out(&opt_out).await.expect("asked");
        assert!(still.is_some());
    }

    async fn a_link_is_locked_for_longer_each_time_and_a_client_over_all_links(test: &TestDb) {
        let world = reminded(test).await;
        let token = token(&world, "C-1", "p").await;
        let first = door(&world, &token).await.expect("the door");
        for _ in 0..4 {
            assert!(matches!(enter(&world, &first, Answer::Amount("1")).await, Entered::Wrong));
        }
        for minutes in [1, 2, 4, 8] {
            assert!(matches!(enter(&world, &first, Answer::Amount("1")).await, Entered::Shut));
            assert!(door(&world, &token).await.is_none());
            world.set(world.now() + (minutes * 60 - 1).seconds());
            assert!(door(&world, &token).await.is_none());
            world.set(world.now() + 1.seconds());
            assert!(door(&world, &token).await.is_some());
        }
        // Eight wrong answers; seven more, at another link, and this client is listened to nowhere.
        let second = super::token(&world, "C-2", "p").await;
        let other = door(&world, &second).await.expect("the door");
        for _ in 0..4 {
            assert!(matches!(enter(&world, &other, Answer::Amount("1")).await, Entered::Wrong));
        }
        for _ in 0..3 {
            assert!(matches!(enter(&world, &other, Answer::Amount("1")).await, Entered::Shut));
            world.set(world.now() + 10.minutes());
        }
        let wrong = enter(&world, &other, Answer::Amount("1")).await;
        assert!(matches!(wrong, Entered::Shut));
        assert!(door(&world, &token).await.is_none(), "the client is locked");
        let elsewhere = world.engine.portal_door(&token, "198.51.100.9").await.expect("asked");
        assert!(elsewhere.is_some(), "others are not");
        world.set(world.now() + 49.hours());
        world.engine.portal_housekeeping().await.expect("housekeeping");
        assert!(matches!(enter(&world, &other, Answer::Amount("1")).await, Entered::Wrong));
    }

    async fn a_code_goes_to_the_address_of_the_link_and_works_once_for_a_while(test: &TestDb) {
        let mut world = reminded(test).await;
        world.declare("portal_check", "code").await;
        let mailer = Mailer::Outbox(world.outbox.clone());
        let token = token(&world, "C-1", "p").await;
        let door = door(&world, &token).await.expect("the door");
        assert!(!door.takes_amount());
        let amount = enter(&world, &door, Answer::Amount("10000.50")).await;
        assert!(matches!(amount, Entered::Wrong), "the company wants a code");
        world.engine.portal_send_code(&door, &mailer).await.expect("sent");
        let sent = code(&world).await;
        let wrong = if sent == "000000" { "000001" } else { "000000" };
        assert!(matches!(enter(&world, &door, Answer::Code(wrong)).await, Entered::Wrong));
        let spaced = format!(" {} {} ", &sent[..3], &sent[3..]);
        assert!(matches!(enter(&world, &door, Answer::Code(&spaced)).await, Entered::In(_)));
        assert!(matches!(enter(&world, &door, Answer::Code(&sent)).await, Entered::Wrong));
        // Another within the minute is not sent; then it is, and it dies after ten.
        world.engine.portal_send_code(&door, &mailer).await.expect("asked");
        assert_eq!(code(&world).await, sent);
        world.set(world.now() + 2.minutes());
        world.engine.portal_send_code(&door, &mailer).await.expect("sent");
        let second = code(&world).await;
        assert_ne!(second, sent);
        // The thread says that codes were sent, and not which.
        let customer = world.standing("C-1").await.position.customer.id;
        let thread = store::messages::of_customer(&test.db, world.company.id, customer).await;
        let mut thread = thread.expect("a thread");
        thread.retain(|it| it.subject.contains("código"));
        assert_eq!(thread.len(), 2);
        let told = thread.iter().any(|it| it.text.contains(&sent) || it.text.contains(&second));
        assert!(!told && thread[0].text.contains("••••••"), "{thread:?}");
        world.set(world.now() + 10.minutes());
        assert!(matches!(enter(&world, &door, Answer::Code(&second)).await, Entered::Wrong));
        // Five a day.
        for _ in 0..6 {
            world.set(world.now() + 2.minutes());
            world.engine.portal_send_code(&door, &mailer).await.expect("asked");
        }
        let files = std::fs::read_dir(world.outbox.folder()).expect("the outbox").count();
        assert_eq!(files, 2 + 5);
    }

    async fn a_code_leaves_at_night_and_not_to_who_opted_out(test: &TestDb) {
        let mut world = reminded(test).await;
        world.declare("portal_check", "code").await;
        let mailer = Mailer::Outbox(world.outbox.clone());
        let token = token(&world, "C-1", "p").await;
        let door = door(&world, &token).await.expect("the door");
        let files = || std::fs::read_dir(world.outbox.folder()).expect("the outbox").count();
        let before = files();
        let day = world.company.day_of(world.now());
        world.at(day, time(23, 30, 0, 0));
        world.engine.portal_send_code(&door, &mailer).await.expect("sent");
        assert_eq!(files(), before + 1);
        let said = (day, "llamada");
        let done = world.engine.withdraw_consent(
            &world.company, "C-1", Channel::Email, said, "ana").await;
        done.expect("withdrawn");
        for _ in 0..2 {
            world.set(world.now() + 2.minutes());
            world.engine.portal_send_code(&door, &mailer).await.expect("asked");
        }
        assert_eq!(files(), before + 1);
        let tasks = store::tasks::open(&test.db, world.company.id, 10).await.expect("tasks");
        let held: Vec<_> = tasks.iter().filter(|it| it.kind == "code_held_back").collect();
        assert_eq!(held.len(), 1, "{tasks:?}");
        assert!(held[0].text.contains("pidió que no se le contacte"), "{}", held[0].text);
    }

    async fn a_visit_ends_when_idle_when_left_and_after_half_a_day(test: &TestDb) {
        let world = reminded(test).await;
        let (token, cookie, _) = visit(&world, "C-1", "10000.50").await;
        for _ in 0..3 {
            world.set(world.now() + 29.minutes());
            assert!(visits(&world, &token, &cookie).await);
        }
        world.set(world.now() + 30.minutes());
        assert!(!visits(&world, &token, &cookie).await, "idle");
        let (_, cookie, open) = visit(&world, "C-1", "10000.50").await;
        world.engine.portal_leave(&open).await.expect("left");
        assert!(!visits(&world, &token, &cookie).await, "left");
        let (_, cookie, _) = visit(&world, "C-1", "10000.50").await;
        for _ in 0..28 {
            world.set(world.now() + 25.minutes());
            assert!(visits(&world, &token, &cookie).await);
        }
        world.set(world.now() + 25.minutes());
        assert!(!visits(&world, &token, &cookie).await, "half a day");
    }

    async fn what_the_customer_says_holds_its_amount_and_no_more(test: &TestDb) {
        let mut world = reminded(test).await;
        let dates = (date(2026, 2, 2), DUE);
        world.invoice("C-1", "F-1b", "1000.00", dates).await;
        let (_, _, visit) = visit(&world, "C-1", "10000.50").await;
        let engine = &world.engine;
        let mxn = Currency::MXN;
        let amount = |text: &str| text.parse().expect("an amount");
        let account = engine.portal_account(&visit).await.expect("an account");
        assert_eq!(account.totals[0].to_pay.minor, 1_100_050);
        let limits = account.promise_limits(&world.company).expect("promises are taken");

        // A promise: within the days and the amount.
        let late = limits.until + 1.day();
        let promise = engine.portal_promise(&visit, (amount("10"), mxn), late).await;
        assert_eq!(said(promise), Err(Refused::DayOutside(limits.from, limits.until)));
        let promise = engine.portal_promise(&visit, (amount("11000.51"), mxn), limits.until).await;
        assert_eq!(said(promise), Err(Refused::AmountOver(limits.most[0])));
        let promise = engine.portal_promise(&visit, (amount("0.001"), mxn), limits.until).await;
        assert_eq!(said(promise), Err(Refused::NoAmount));
        let promise = engine.portal_promise(&visit, (amount("0.50"), mxn), limits.until).await;
        assert_eq!(said(promise).expect("taken").amount.minor, 50);

        // A dispute: of its own open documents alone, once.
        let dispute = |document: &str, some: Option<&str>, reason: &str| {
            let new = NewDispute {
                document: document.to_owned(),
                amount: some.map(amount),
                reason: reason.to_owned(),
            };
            async { said(engine.portal_dispute(&visit, new).await) }
        };
        assert_eq!(dispute("F-2", None, "no es mía").await, Err(Refused::NoDocument));
        assert_eq!(dispute("F-1b", None, "  ").await, Err(Refused::Empty));
        let over = dispute("F-1b", Some("1000.01"), "llegó roto").await;
        assert!(matches!(over, Err(Refused::AmountOver(_))));
        assert_eq!(dispute("F-1b", None, "llegó roto").await.expect("taken").minor, 100_000);
        assert_eq!(dispute("F-1b", None, "llegó roto").await, Err(Refused::AlreadyHeld));

        // "I have paid": never more than is left, for a week.
        let claim = |some: &str, on: Date| {
            let new = NewClaim {
                amount: amount(some),
                currency: mxn,
                paid_on: on,
                reference: "SPEI 1234".to_owned(),
                note: String::new(),
                file: None,
            };
            async { said(engine.portal_claim(&visit, new).await) }
        };
        assert!(matches!(claim("5", LATE + 1.day()).await, Err(Refused::DayOutside(..))));
        assert_eq!(claim("50000", LATE).await, Ok(Some(LATE + 6.days())));
        assert_eq!(claim("1", LATE).await, Ok(None), "nothing is left to hold");
        assert_eq!(claim("1", LATE).await, Ok(None));
        assert_eq!(claim("1", LATE).await, Err(Refused::TooMany));
        let account = engine.portal_account(&visit).await.expect("an account");
        assert_eq!((account.totals[0].held.minor, account.totals[0].to_pay.minor), (1_100_050, 0));
        assert!(account.is_disputed("F-1b") && !account.is_disputed("F-1"));
        assert!(account.promise_limits(&world.company).is_none());
        let held = world.statement("C-1").await;
        let kinds: Vec<_> = held.documents.iter().flat_map(|it| it.held_as.clone()).collect();
        assert!(kinds.contains(&HoldKind::Pause) && kinds.contains(&HoldKind::Dispute));
        let tasks = store::tasks::open(engine.db(), world.company.id, 50).await.expect("tasks");
        let count = |kind: &str| tasks.iter().filter(|task| task.kind == kind).count();
        assert_eq!((count("payment_claim"), count("dispute")), (3, 1));
    }

    async fn a_person_answers_claims_and_a_rejected_one_frees_at_once(test: &TestDb) {
        let world = reminded(test).await;
        let (_, _, open) = visit(&world, "C-1", "10000.50").await;
        let engine = &world.engine;
        let company = &world.company;
        let claim = || NewClaim {
            amount: "100".parse().expect("an amount"),
            currency: Currency::MXN,
            paid_on: LATE,
            reference: String::new(),
            note: String::new(),
            file: None,
        };
        let held = async || {
            let statement = world.statement("C-1").await;
            statement.documents[0].held.minor
        };
        for round in 0..2 {
            said(engine.portal_claim(&open, claim()).await).expect("taken");
            assert_eq!(held().await, 10_000, "{round}");
            let waiting = engine.claims_waiting(company, None).await.expect("claims");
            assert_eq!((waiting.len(), waiting[0].customer_key.as_str()), (1, "C-1"));
            let id = waiting[0].what.id;
            assert!(engine.reject_claim(company, id, " ", "ana").await.is_err());
            engine.reject_claim(company, id, "no está en el banco", "ana").await.expect("rejected");
            assert_eq!(held().await, 0, "{round}");
            assert!(engine.accept_claim(company, id, "ana").await.is_err(), "once");
        }
        // After two that were not so, the next holds nothing by itself.
        assert_eq!(said(engine.portal_claim(&open, claim()).await), Ok(None));
        let waiting = engine.claims_waiting(company, None).await.expect("claims");
        engine.accept_claim(company, waiting[0].what.id, "ana").await.expect("accepted");
        assert!(engine.claims_waiting(company, None).await.expect("claims").is_empty());
        let tasks = store::tasks::open(engine.db(), company.id, 50).await.expect("tasks");
        assert!(tasks.is_empty(), "{tasks:?}");
        // Another company sees none of it, and cannot answer.
        let other = NewCompany { name: "otra".to_owned(), ..NewCompany::default() };
        let other: Company = engine.add_company(other, "ana").await.expect("a company");
        said(engine.portal_claim(&open, claim()).await).expect("taken");
        let id = engine.claims_waiting(company, None).await.expect("claims")[0].what.id;
        assert!(engine.claims_waiting(&other, None).await.expect("claims").is_empty());
        assert!(engine.reject_claim(&other, id, "x", "ana").await.is_err());
        assert!(engine.revoke_links(&other, "C-1", "ana").await.is_err());
        let hold = NewDispute {
            document: "F-1".to_owned(),
            amount: None,
            reason: "no llegó".to_owned(),
        };
        said(engine.portal_dispute(&open, hold).await).expect("taken");
        let disputes = engine.disputes_waiting(company, None).await.expect("disputes");
        assert_eq!(disputes.len(), 1);
        assert_eq!(disputes[0].what.number.as_deref(), Some("F-1"));
        let hold = disputes[0].what.hold.id.to_string();
        engine.end_hold(company, &hold, None, "se aclaró", "ana").await.expect("ended");
        assert!(engine.disputes_waiting(company, None).await.expect("disputes").is_empty());
    }

    async fn what_is_written_answers_the_message_once(test: &TestDb) {
        let world = reminded(test).await;
        let (_, _, visit) = visit(&world, "C-1", "10000.50").await;
        for _ in 0..2 {
            let text = "¿Me mandan la factura?";
            said(world.engine.portal_write(&visit, text).await).expect("taken");
        }
        assert_eq!(said(world.engine.portal_write(&visit, " ").await), Err(Refused::Empty));
        let long = "a".repeat(4_001);
        assert_eq!(said(world.engine.portal_write(&visit, &long).await), Err(Refused::TooLong));
        let id = world.standing("C-1").await.position.customer.id;
        let (db, company) = (world.engine.db(), world.company.id);
        let thread = store::messages::of_customer(db, company, id).await.expect("a thread");
        let incoming: Vec<_> = thread.iter().filter(|it| it.incoming).collect();
        assert_eq!((incoming.len(), incoming[0].channel), (1, Channel::Push));
        let contacts = world.contacts().await;
        let contact = contacts.iter().find(|it| it.customer_key == "C-1").expect("a contact");
        assert_eq!(contact.state, ContactState::Answered);
        let tasks = store::tasks::open(db, company, 50).await.expect("tasks");
        assert_eq!(tasks.len(), 1);
    }

    async fn no_more_e_mail_holds_for_what_is_planned_already(test: &TestDb) {
        let world = reminded(test).await;
        let opt_out = token(&world, "C-1", "u").await;
        let (_, _, other) = visit(&world, "C-2", "777").await;
        // The next step is planned for both.
        let next = LATE + 7.days();
        world.run(next).await;
        let planned = async || {
            let contacts = world.contacts().await;
            let planned = contacts.iter().filter(|it| it.state == ContactState::Planned);
            planned.count()
        };
        assert_eq!(planned().await, 2);
        let asked = world.engine.portal_opt_out(&opt_out).await.expect("asked").expect("a link");
        assert_eq!(planned().await, 2, "asking changes nothing");
        for _ in 0..2 {
            world.engine.portal_confirm_opt_out(&asked).await.expect("opted out");
        }
        let asked = "¿Podemos escribirle por correo?";
        let none = Preferences::default();
        world.engine.portal_prefer(&other, (false, asked), &none).await.expect("preferred");
        world.at(next, time(12, 0, 0, 0));
        let sent = world.dispatch().await;
        assert_eq!((sent.sent, sent.suppressed.values().sum::<u64>()), (0, 2), "{sent:?}");
        // Taken back on the page, it is consent given there.
        let wanted = Preferences {
            hours: HoursOfDay::new(9, 13),
            channels: vec![Channel::Email],
        };
        world.engine.portal_prefer(&other, (true, asked), &wanted).await.expect("preferred");
        let known = world.engine.portal_preferences(&other).await.expect("preferences");
        assert_eq!(known, wanted);
        let point = &world.standing("C-2").await.position.customer.contact_points[0];
        let here = |source: &str| source.contains("página");
        assert!(matches!(&point.consent, Consent::Given { source, .. } if here(source)));
        let forged = world.engine.portal_opt_out(&opt_out.to_lowercase()).await.expect("asked");
        assert!(forged.is_none());
    }

    async fn every_message_carries_its_own_link_and_one_click(test: &TestDb) {
        let world = reminded(test).await;
        let contacts = world.contacts().await;
        let mut tokens = Vec::new();
        for contact in &contacts {
            let file = world.outbox.file_of(contact.id).expect("a file");
            let eml = std::fs::read_to_string(file).expect("read").replace("\r\n ", " ");
            let letter = Letter::read(&eml);
            let door = token(&world, &contact.customer_key, "p").await;
            let link = format!("https://cuentas.example.com/p/{door}");
            assert!(letter.text.contains(&link) && letter.html.contains(&link));
            assert!(!letter.subject.contains("http"));
            let out = token(&world, &contact.customer_key, "u").await;
            let way = format!("https://cuentas.example.com/u/{out}");
            let header = format!("List-Unsubscribe: <{way}>, <mailto:");
            assert!(eml.contains(&header), "{eml}");
            assert!(eml.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"));
            assert_ne!(door, out);
            tokens.push(door);
        }
        tokens.dedup();
        assert_eq!(tokens.len(), 2);
        // Another process signs with the same key.
        let again = world.engine_on(test.open_again().await);
        let found = again.portal_door(&tokens[0], CLIENT).await.expect("asked");
        assert!(found.is_some());
    }
}
