//! Lists of customers and documents, on both engines: what is found, in which order, page by page;
//! that figures kept beside the ledger are the ledger's; and that no list reads a whole table.

use std::collections::BTreeSet;

use domain::customer::BehaviourClass;
use domain::document::DocumentKind;
use domain::hold::{Hold, HoldKind};
use domain::portfolio::{
    CustomerFilter, CustomerSort, CustomerState, DocumentFilter, DocumentSort, DocumentState, Range,
};
use domain::search::Question;
use domain::{CompanyId, Currency, CustomerId, HoldId, Money, UserId};
use jiff::civil::Date;
use store::bulk::{DocumentFacts, ImportChunk, import_chunk};
use store::portfolio::{self, Count, figures};
use store::positions::{Slice, positions};
use store::{Db, Stamp, assignments, customers, holds, search, views};
use testkit::{
    application, both_databases, company, customer, day, document, email, mxn, payment, stamp,
};

const NOW: &str = "2025-03-10T15:00:00Z";
const TODAY: &str = "2025-03-10";

async fn write(db: &Db, stamp: &Stamp, company: CompanyId, chunk: ImportChunk) {
    let counts = import_chunk(db, stamp, company, chunk)
        .await
        .expect("the chunk is written");
    let touched = &counts.touched;
    figures::refresh_customers(db, company, touched, stamp.at)
        .await
        .expect("figures are taken");
}

fn usd(mut facts: DocumentFacts) -> DocumentFacts {
    facts.amount = Money::new(
        facts.amount.minor,
        Currency::new("USD").expect("a currency"),
    );
    facts
}

/// Customers `K000…`, each with one invoice in pesos: the later the number, the later it is due and
/// the more it amounts to; every third pays in part, every tenth has a second one in dollars.
fn many(count: usize) -> ImportChunk {
    let mut chunk = ImportChunk::default();
    for at in 0..count {
        let key = format!("K{at:04}");
        let mut facts = customer(&key);
        facts.name = Some(format!("Ávila {} {at:04}", ["Norte", "Sur"][at % 2]));
        facts.tags = (at % 50 == 7).then(|| vec!["VIP".to_owned()]);
        facts.behaviour = Some([BehaviourClass::Punctual, BehaviourClass::Slow][at % 2]);
        chunk.customers.push(facts);
        if at % 4 != 0 {
            chunk.contact_points.push(email(&key));
        }
        let due = day("2025-01-01").checked_add(jiff::Span::new().days(at as i64 % 100));
        let due = due.expect("a day").to_string();
        let number = format!("F-{at:07}");
        chunk
            .documents
            .push(document(&key, &number, &due, 10_000 + at as i64));
        if at % 3 == 0 {
            let reference = format!("P{at}");
            chunk
                .payments
                .push(payment(&key, &reference, "2025-02-01", 40_00));
            chunk
                .applications
                .push(application(&reference, &number, "2025-02-01", 40_00));
        }
        if at % 10 == 0 {
            chunk
                .documents
                .push(usd(document(&key, &format!("D-{at:07}"), &due, 5_00)));
        }
    }
    chunk
}

async fn all_customers(
    db: &Db,
    company: CompanyId,
    filter: impl std::borrow::Borrow<CustomerFilter>,
    rows: usize,
) -> Vec<String> {
    let filter = filter.borrow();
    let (today, mut keys, mut cut) = (day(TODAY), Vec::new(), None);
    let mut last = None;
    loop {
        let page = portfolio::customers(db, company, filter, (cut.as_ref(), rows), today).await;
        let page = page.expect("a page");
        assert!(page.rows.len() <= rows);
        keys.extend(page.rows.iter().map(|row| row.customer.key.clone()));
        let Some(after) = page.after else { break };
        if let Some(before) = &page.before {
            // The page before this one is the one we came from.
            let back = portfolio::customers(db, company, filter, (Some(before), rows), today);
            let back = back.await.expect("a page");
            let ids: Vec<_> = back.rows.iter().map(|row| row.customer.id).collect();
            assert_eq!(Some(ids), last);
        }
        last = Some(
            page.rows
                .iter()
                .map(|row| row.customer.id)
                .collect::<Vec<_>>(),
        );
        cut = Some(after);
    }
    let once: BTreeSet<_> = keys.iter().collect();
    assert_eq!(once.len(), keys.len(), "nobody stands twice in a list");
    keys
}

fn list(state: CustomerState, sort: CustomerSort) -> CustomerFilter {
    CustomerFilter {
        state,
        sort,
        ..CustomerFilter::all(Currency::MXN)
    }
}

async fn numbers(db: &Db, company: CompanyId, filter: &DocumentFilter, rows: usize) -> Vec<String> {
    let (today, mut all, mut cut) = (day(TODAY), Vec::new(), None);
    loop {
        let page = portfolio::documents(db, company, filter, (cut.as_ref(), rows), today).await;
        let page = page.expect("a page");
        all.extend(page.rows.iter().map(|row| row.document.number.clone()));
        let Some(after) = page.after else { break };
        cut = Some(after);
    }
    all
}

/// Every list that is offered, plain and with each thing that may be asked beside.
fn customer_lists() -> Vec<CustomerFilter> {
    let mut all = Vec::new();
    for &state in CustomerState::ALL {
        for &sort in state.sorts() {
            let plain = list(state, sort);
            let days = Range {
                from: Some(1),
                to: Some(30),
            };
            let amount = Range {
                from: Some(10_000),
                to: Some(20_000),
            };
            all.push(CustomerFilter {
                days,
                ..plain.clone()
            });
            all.push(CustomerFilter {
                amount,
                ..plain.clone()
            });
            all.push(CustomerFilter {
                tag: Some("vip".into()),
                ..plain.clone()
            });
            all.push(CustomerFilter {
                held: true,
                ..plain.clone()
            });
            all.push(CustomerFilter {
                unreachable: true,
                ..plain.clone()
            });
            let behaviour = Some(BehaviourClass::Slow);
            all.push(CustomerFilter {
                behaviour,
                ..plain.clone()
            });
            let assigned = Some(UserId::from_uuid(uuid::Uuid::nil()));
            all.push(CustomerFilter {
                assigned,
                ..plain.clone()
            });
            let question = Question::new("avila norte 12");
            all.push(CustomerFilter {
                question,
                ..plain.clone()
            });
            all.push(plain);
        }
    }
    all
}

fn document_lists() -> Vec<DocumentFilter> {
    let mut all = Vec::new();
    for &state in DocumentState::ALL {
        for &sort in state.sorts() {
            let currency = Some(Currency::MXN);
            let plain = DocumentFilter {
                state,
                sort,
                currency,
                ..DocumentFilter::all()
            };
            let due = Range {
                from: Some(day("2025-01-01")),
                to: Some(day("2025-02-01")),
            };
            let amount = Range {
                from: Some(10_000),
                to: Some(20_000),
            };
            all.push(DocumentFilter {
                due,
                ..plain.clone()
            });
            all.push(DocumentFilter {
                amount,
                ..plain.clone()
            });
            all.push(DocumentFilter {
                currency: None,
                ..plain.clone()
            });
            let customer = Some(CustomerId::from_uuid(uuid::Uuid::nil()));
            all.push(DocumentFilter {
                customer,
                ..plain.clone()
            });
            all.push(DocumentFilter {
                question: Question::new("F-12"),
                ..plain.clone()
            });
            all.push(plain);
        }
    }
    all
}

both_databases! {
    async fn what_is_kept_beside_the_ledger_is_the_ledgers(test: &TestDb) {
        let (db, stamp) = (&test.db, stamp(NOW, 1));
        let company = company(db, &stamp).await.id;
        let mut chunk = many(30);
        let mut credit = document("K0001", "NC-1", "2025-02-01", 30_00);
        credit.kind = DocumentKind::CreditNote;
        chunk.documents.push(credit);
        chunk.payments.push(payment("K0002", "ANTICIPO", "2025-03-01", 75_00));
        write(db, &stamp, company, chunk).await;
        let standings = positions(db, company, Slice::everyone(), None).await.expect("positions");
        let ids: Vec<_> = standings.iter().map(|it| it.position.customer.id).collect();
        let taken = figures::of_customers(db, company, &ids, day(TODAY)).await.expect("figures");
        for standing in &standings {
            let customer = &standing.position.customer;
            let statement = standing.position.books.statement(day(TODAY));
            for figures in &taken[&customer.id] {
                let open = statement.documents.iter()
                    .filter(|it| it.open.currency == figures.currency && it.open.minor > 0);
                let (mut total, mut oldest, mut late) = (0, None, 0);
                for document in open {
                    total += document.open.minor;
                    let due = document.due;
                    oldest = Some(oldest.map_or(due, |it: Date| it.min(due)));
                    late += if due < day(TODAY) { document.open.minor } else { 0 };
                }
                let credit = statement.credit(figures.currency);
                let wanted = (total, late, oldest, credit);
                let found = (figures.open, figures.overdue, figures.oldest_due, figures.credit);
                assert_eq!(found, wanted, "{} {}", customer.key, figures.currency);
            }
        }
        let with_credit = list(CustomerState::Credit, CustomerSort::Amount);
        assert_eq!(all_customers(db, company, &with_credit, 50).await, ["K0002", "K0001"]);
    }

    async fn lists_are_walked_both_ways_in_their_order(test: &TestDb) {
        let (db, stamp) = (&test.db, stamp(NOW, 1));
        let company = company(db, &stamp).await.id;
        write(db, &stamp, company, many(130)).await;
        let open = all_customers(db, company, list(CustomerState::Open, CustomerSort::Amount), 20);
        let open = open.await;
        assert_eq!(open.len(), 130);
        assert_eq!(open[..3], ["K0128", "K0127", "K0125"], "those who paid in part come later");
        let late = list(CustomerState::Overdue, CustomerSort::Days);
        let late = all_customers(db, company, &late, 7).await;
        assert_eq!(late[..4], ["K0000", "K0100", "K0001", "K0101"]);
        assert!(!late.contains(&"K0068".to_owned()), "due today is not late");
        assert_eq!(late.len(), 68 + 30);
        let soon = all_customers(db, company, list(CustomerState::DueSoon, CustomerSort::Due), 3);
        let soon = soon.await;
        let wanted: Vec<_> = (68..=75).map(|it| format!("K{it:04}")).collect();
        assert_eq!(soon, wanted);
        let named = all_customers(db, company, list(CustomerState::All, CustomerSort::Name), 50);
        let named = named.await;
        assert_eq!((named.len(), named[0].as_str(), named[65].as_str()), (130, "K0000", "K0001"));
        let dollars = CustomerFilter {
            currency: Currency::new("USD").expect("a currency"),
            ..list(CustomerState::Open, CustomerSort::Days)
        };
        assert_eq!(all_customers(db, company, &dollars, 50).await.len(), 13);
        let settled = CustomerFilter { state: CustomerState::Settled, ..dollars };
        let settled = CustomerFilter { sort: CustomerSort::Name, ..settled };
        assert_eq!(all_customers(db, company, &settled, 50).await.len(), 117);
        for filter in customer_lists() {
            let keys = all_customers(db, company, &filter, 20).await;
            let count = portfolio::count_customers(db, company, &filter, day(TODAY)).await;
            assert_eq!(count.expect("a count"), Count::Exactly(keys.len()), "{filter:?}");
            let many = portfolio::matching_customers(db, company, &filter, day(TODAY), 9).await;
            let (ids, more) = many.expect("ids");
            assert_eq!((ids.len(), more), (keys.len().min(9), keys.len() > 9), "{filter:?}");
        }
    }

    async fn what_is_asked_beside_the_order_narrows(test: &TestDb) {
        let (db, stamp) = (&test.db, stamp(NOW, 1));
        let company = company(db, &stamp).await.id;
        write(db, &stamp, company, many(130)).await;
        let plain = list(CustomerState::Open, CustomerSort::Days);
        let keys = async |filter: CustomerFilter| all_customers(db, company, &filter, 50).await;
        let tag = Some("Vip".to_owned());
        let tagged = CustomerFilter { tag, ..plain.clone() };
        assert_eq!(keys(tagged).await, ["K0007", "K0107", "K0057"]);
        let unreachable = CustomerFilter { unreachable: true, ..plain.clone() };
        assert_eq!(keys(unreachable).await.len(), 33);
        let behaviour = Some(BehaviourClass::Slow);
        assert_eq!(keys(CustomerFilter { behaviour, ..plain.clone() }).await.len(), 65);
        let days = Range { from: Some(67), to: Some(68) };
        assert_eq!(
            keys(CustomerFilter { days, ..plain.clone() }).await,
            ["K0000", "K0100", "K0001", "K0101"]
        );
        let amount = Range { from: Some(10_127), to: None };
        assert_eq!(keys(CustomerFilter { amount, ..plain.clone() }).await, ["K0127", "K0128"]);

        let whom = customers::id_of(db, company, "K0005").await.expect("read").expect("there");
        let user = UserId::from_uuid(stamp.ids.draw());
        let mut tx = db.begin().await.expect("begin");
        assignments::set(&mut tx, &stamp, company, whom, Some(user)).await.expect("given");
        let hold = |from: &str, until: Option<&str>| Hold {
            id: HoldId::from_uuid(stamp.ids.draw()),
            kind: HoldKind::Pause,
            document: None,
            amount: None,
            from: day(from),
            until: until.map(day),
            reason: "vacaciones".into(),
            author: "ana".into(),
        };
        let (now, past) = (hold("2025-03-01", None), hold("2025-02-01", Some("2025-03-10")));
        holds::add(&mut tx, &stamp, company, whom, &now).await.expect("held");
        let other = customers::id_of(&mut tx, company, "K0006").await.expect("read");
        let other = other.expect("there");
        holds::add(&mut tx, &stamp, company, other, &past).await.expect("held");
        tx.commit().await.expect("commit");
        let of_user = CustomerFilter { assigned: Some(user), ..plain.clone() };
        assert_eq!(keys(of_user).await, ["K0005"]);
        let held = CustomerFilter { held: true, ..plain.clone() };
        assert_eq!(keys(held.clone()).await, ["K0005"]);
        let page = portfolio::customers(db, company, &held, (None, 50), day(TODAY)).await;
        let row = page.expect("a page").rows.remove(0);
        assert_eq!((row.held, row.reachable, row.assigned), (true, true, Some(user)));
        let mut tx = db.begin().await.expect("begin");
        let id = now.id;
        holds::end(&mut tx, &stamp, company, id, day(TODAY), "volvió").await.expect("ended");
        customers::set_tags(&mut tx, &stamp, company, whom, &["Ñandú".into()]).await.expect("tag");
        tx.commit().await.expect("commit");
        assert!(keys(held).await.is_empty());
        let tag = Some("nandu".to_owned());
        assert_eq!(keys(CustomerFilter { tag, ..plain }).await, ["K0005"]);
    }

    async fn what_nobody_meets_is_said_at_once(test: &TestDb) {
        let (db, stamp) = (&test.db, stamp(NOW, 1));
        let company = company(db, &stamp).await.id;
        write(db, &stamp, company, many(200)).await;
        let range = |from, to| Range { from: Some(from), to: Some(to) };
        for &state in CustomerState::ALL {
            for &sort in state.sorts() {
                for (days, amount) in [
                    (range(3_000, 3_001), Range::default()),
                    (Range::default(), range(1, 2)),
                    (range(1, 60), range(1, 2)),
                ] {
                    let filter = CustomerFilter { days, amount, ..list(state, sort) };
                    let page = portfolio::customers(db, company, &filter, (None, 50), day(TODAY));
                    let page = page.await.expect("a page");
                    assert!(page.rows.is_empty() && !page.unfinished, "{filter:?}");
                    let count = portfolio::count_customers(db, company, &filter, day(TODAY)).await;
                    assert_eq!(count.expect("a count"), Count::Exactly(0), "{filter:?}");
                }
            }
        }
        // Those who do are in the order asked for, whichever way they were found.
        let days = range(10, 12);
        let filter = CustomerFilter { days, ..list(CustomerState::Open, CustomerSort::Amount) };
        let late = all_customers(db, company, &filter, 2).await;
        assert_eq!(late, ["K0158", "K0157", "K0058", "K0056", "K0156", "K0057"]);
    }

    async fn people_find_what_they_type(test: &TestDb) {
        let (db, stamp) = (&test.db, stamp(NOW, 1));
        let company = company(db, &stamp).await.id;
        let mut chunk = many(130);
        let mut facts = customer("C-00123");
        facts.name = Some("Muñoz y Cía., S.A. de C.V.".into());
        facts.tax_id = Some("MUN0102039A1".into());
        chunk.customers.push(facts);
        write(db, &stamp, company, chunk).await;
        let keys = async |text: &str| {
            let ids = search::customers(db, company, &Question::new(text), 100).await;
            let ids = ids.expect("found");
            let mut keys = Vec::new();
            for id in ids {
                let found = customers::keys(db, company, &[id]).await.expect("keys");
                keys.extend(found.into_iter().map(|it| it.1));
            }
            keys
        };
        for typed in ["munoz", "MUÑOZ CIA", "mun0102", "C00123"] {
            assert_eq!(keys(typed).await, ["C-00123"], "{typed}");
        }
        assert_eq!(keys("c-00123").await, ["C-00123", "K0123"], "the closest first");
        assert_eq!(keys("avila norte 124").await, ["K0124"]);
        assert_eq!(keys("ávila").await.len(), 100, "no more than asked for");
        assert!(keys("ávila muñoz").await.is_empty());
        assert!(keys("").await.is_empty());

        let found = async |text: &str| {
            let filter = DocumentFilter { question: Question::new(text), ..DocumentFilter::all() };
            numbers(db, company, &filter, 50).await
        };
        assert_eq!(found("f-0000012").await[0], "F-0000012", "the closest first");
        assert_eq!(found("d20").await, ["D-0000020"]);
        assert_eq!(found("12").await.len(), 12, "12, 120 to 129, and 120 in dollars");
        assert!(found("X-12").await.is_empty());

        // A new name is found, the old one no more.
        let whom = customers::by_key(db, company, "C-00123").await.expect("read").expect("there");
        let mut changed = whom.customer.clone();
        changed.name = "Zárate Hermanos".into();
        let mut tx = db.begin().await.expect("begin");
        customers::change(&mut tx, &stamp, company, &changed).await.expect("changed");
        tx.commit().await.expect("commit");
        assert_eq!(keys("zarate").await, ["C-00123"]);
        assert!(keys("munoz").await.is_empty());
        let mut facts = customer("C-00123");
        facts.name = Some("Yáñez".into());
        facts.digest = [9; 32];
        let chunk = ImportChunk { customers: vec![facts], ..ImportChunk::default() };
        write(db, &stamp, company, chunk).await;
        assert_eq!(keys("yanez").await, ["C-00123"]);
        assert!(keys("zarate").await.is_empty());
    }

    async fn documents_are_listed_by_what_is_open_of_them(test: &TestDb) {
        let (db, stamp) = (&test.db, stamp(NOW, 1));
        let company = company(db, &stamp).await.id;
        let mut chunk = many(60);
        chunk.payments.push(payment("K0001", "TODO", "2025-02-03", 10_001));
        chunk.applications.push(application("TODO", "F-0000001", "2025-02-03", 10_001));
        write(db, &stamp, company, chunk).await;
        let plain = DocumentFilter {
            state: DocumentState::Open,
            sort: DocumentSort::Due,
            ..DocumentFilter::all()
        };
        let open = numbers(db, company, &plain, 7).await;
        assert_eq!(open.len(), 65);
        assert!(open[..2].contains(&"D-0000000".to_owned()), "{open:?}");
        let pesos = DocumentFilter {
            currency: Some(Currency::MXN),
            sort: DocumentSort::Amount,
            ..plain.clone()
        };
        assert_eq!(numbers(db, company, &pesos, 50).await[0], "F-0000059");
        let settled = DocumentFilter {
            state: DocumentState::Settled,
            sort: DocumentSort::Settled,
            ..DocumentFilter::all()
        };
        assert_eq!(numbers(db, company, &settled, 50).await, ["F-0000001"]);
        let page = portfolio::documents(db, company, &plain, (None, 50), day(TODAY)).await;
        let page = page.expect("a page");
        let row = page.rows.iter().find(|it| it.document.number == "F-0000003").expect("listed");
        assert_eq!((row.open, row.customer_key.as_str()), (mxn(60_03), "K0003"));
        for filter in document_lists() {
            let all = numbers(db, company, &filter, 7).await;
            let count = portfolio::count_documents(db, company, &filter, day(TODAY)).await;
            assert_eq!(count.expect("a count"), Count::Exactly(all.len()), "{filter:?}");
            let whole = numbers(db, company, &filter, 500).await;
            assert_eq!(all, whole, "{filter:?}");
        }
    }

    async fn days_that_pass_and_imports_cut_short_are_made_good(test: &TestDb) {
        let (db, now) = (&test.db, stamp(NOW, 1));
        let company = company(db, &now).await.id;
        let chunk = ImportChunk {
            customers: vec![customer("C1")],
            documents: vec![
                document("C1", "F-1", "2025-03-12", 10_000),
                document("C1", "F-2", "2025-03-20", 10_000),
            ],
            ..ImportChunk::default()
        };
        let import = domain::ImportId::from_uuid(now.ids.draw());
        let mut tx = db.begin().await.expect("begin");
        figures::begin_import(&mut tx, company, import).await.expect("noted");
        tx.commit().await.expect("commit");
        import_chunk(db, &now, company, chunk).await.expect("written");
        let soon = list(CustomerState::DueSoon, CustomerSort::Due);
        let keys = async |today: &str| {
            let page = portfolio::customers(db, company, &soon, (None, 50), day(today)).await;
            page.expect("a page").rows.len()
        };
        assert_eq!(keys(TODAY).await, 0, "the import was cut short");
        figures::bring_up(db, company, now.at).await.expect("brought up");
        assert_eq!(keys(TODAY).await, 1);
        assert_eq!(keys("2025-03-15").await, 0);
        let later = testkit::instant("2025-03-15T15:00:00Z");
        figures::bring_up(db, company, later).await.expect("brought up");
        assert_eq!(keys("2025-03-15").await, 1);
    }

    async fn no_list_reads_a_whole_table(test: &TestDb) {
        let (db, stamp) = (&test.db, stamp(NOW, 1));
        let company = company(db, &stamp).await.id;
        write(db, &stamp, company, many(600)).await;
        let today = day(TODAY);
        let scans = |plan: &[String]| {
            plan.iter().any(|line| {
                let whole = line.starts_with("SCAN ") && !line.contains("USING")
                    && !line.starts_with("SCAN s") && !line.starts_with("SCAN json_each");
                whole || line.contains("Seq Scan")
            })
        };
        for filter in customer_lists() {
            let plan = portfolio::explain_customers(db, company, &filter, today).await;
            let plan = plan.expect("a plan");
            assert!(!scans(&plan), "{filter:?}\n{}", plan.join("\n"));
            // What is found beforehand is looked up, not walked to.
            let walked = |line: &String| line.starts_with("SEARCH f") && line.contains("_by_");
            let few = !filter.question.is_empty();
            assert!(!few || !plan.iter().any(walked), "{filter:?}\n{}", plan.join("\n"));
        }
        for filter in document_lists() {
            let plan = portfolio::explain_documents(db, company, &filter, today).await;
            let plan = plan.expect("a plan");
            assert!(!scans(&plan), "{filter:?}\n{}", plan.join("\n"));
        }
    }

    async fn views_are_their_authors_until_shared(test: &TestDb) {
        let (db, ana) = (&test.db, stamp(NOW, 1));
        let company = company(db, &ana).await.id;
        let ana = Stamp { author: "ana@x.mx".into(), ..ana };
        let luis = Stamp { author: "luis@x.mx".into(), ..ana.clone() };
        let mut tx = db.begin().await.expect("begin");
        let list = ("customers", "Mis morosos");
        let mine = views::save(&mut tx, &ana, company, list, "state=overdue", false).await;
        let mine = mine.expect("saved");
        let again = views::save(&mut tx, &ana, company, list, "state=open", false).await;
        assert_eq!(again.expect("saved"), mine, "the same name is the same view");
        let shared = ("customers", "Todos");
        views::save(&mut tx, &luis, company, shared, "state=all", true).await.expect("saved");
        tx.commit().await.expect("commit");
        let names = async |author: &str| {
            let views = views::of_list(db, company, "customers", author).await.expect("views");
            views.into_iter().map(|it| (it.name, it.query)).collect::<Vec<_>>()
        };
        let pair = |name: &str, query: &str| (name.to_owned(), query.to_owned());
        let todos = pair("Todos", "state=all");
        assert_eq!(names("ana@x.mx").await, [pair("Mis morosos", "state=open"), todos.clone()]);
        assert_eq!(names("luis@x.mx").await, [todos]);
        let mut tx = db.begin().await.expect("begin");
        let others = views::remove(&mut tx, &luis, company, mine).await;
        assert!(matches!(others, Err(store::StoreError::Missing { .. })));
        views::remove(&mut tx, &ana, company, mine).await.expect("removed");
        tx.commit().await.expect("commit");
        assert_eq!(names("ana@x.mx").await.len(), 1);
    }
}
