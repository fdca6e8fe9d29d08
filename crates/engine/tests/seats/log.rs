//! The log of who saw what: in batches, newest first, by author, action and thing.

use domain::user::Role;
use engine::access::Saw;
use store::access::Filter;
use testkit::both_databases;
use uuid::Uuid;

use crate::{EMAIL, PASSWORD, seated, shown, token, world};

both_databases! {
    async fn what_was_seen_is_read_by_pages_and_filters(test: &TestDb) {
        let world = world(test).await;
        let (engine, company) = (&world.engine, world.company.id);
        let customer = Uuid::from_u128(7);
        for number in 0..250 {
            let author = if number % 5 == 0 { "beto" } else { "ana" };
            engine.saw(Saw {
                company,
                author,
                action: if number % 2 == 0 { "see" } else { "export" },
                entity: (number % 10 == 0).then_some(customer),
                detail: &format!("/pagina/{number}"),
                from: "192.0.2.7",
            }).await;
        }
        engine.flush_access().await.expect("written");
        engine.flush_access().await.expect("nothing more to write");
        let page = async |filter: &Filter, before| {
            engine.access_log(company, filter, before, 100).await.expect("read")
        };
        let all = Filter::default();
        let (mut seen, mut before) = (Vec::new(), None);
        loop {
            let lines = page(&all, before).await;
            let Some(last) = lines.last() else { break };
            before = Some(last.id);
            seen.extend(lines.into_iter().map(|line| line.detail));
        }
        let expected: Vec<String> = (0..250).rev().map(|it| format!("/pagina/{it}")).collect();
        assert_eq!(seen, expected);
        let of_beto = Filter { author: Some("beto".to_owned()), ..Filter::default() };
        assert_eq!(page(&of_beto, None).await.len(), 50);
        let about = Filter {
            author: Some("beto".to_owned()),
            action: Some("see".to_owned()),
            entity: Some(customer),
        };
        assert_eq!(page(&about, None).await.len(), 25);
        let nothing = Filter { entity: Some(Uuid::nil()), ..Filter::default() };
        assert_eq!(page(&nothing, None).await, []);
    }

    async fn a_line_is_written_without_anybody_waiting(test: &TestDb) {
        let world = world(test).await;
        let company = world.company.id;
        seated(&world, EMAIL, Role::Auditor).await;
        // Signing in is noted; the writer comes by itself a moment later.
        token(&world, shown(EMAIL, PASSWORD)).await;
        let all = Filter::default();
        for _ in 0..1_200 {
            let lines = world.engine.access_log(company, &all, None, 10).await.expect("read");
            if let [line] = lines.as_slice() {
                assert_eq!((line.author.as_str(), line.action.as_str()), (EMAIL, "sign-in"));
                assert_eq!((line.from.as_str(), line.detail.as_str()), ("192.0.2.7", "Navegador"));
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("nothing was written");
    }
}
