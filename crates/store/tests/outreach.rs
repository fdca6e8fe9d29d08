//! Runs, planned contacts, claims and their results, on both engines.

#![expect(
    clippy::inconsistent_digit_grouping,
    reason = "amounts are written as pesos and centavos"
)]

use std::collections::HashSet;
use std::time::Duration;

use domain::contact::{ContactKey, ContactState, Tone};
use domain::customer::{Channel, Health};
use domain::ledger::Payment;
use domain::{CompanyId, ContactId, ContactPointId, CustomerId, DecisionId, PaymentId, RunId};
use jiff::SignedDuration;
use serde_json::json;
use store::bulk::{
    ClaimVerdict, DueContact, ImportChunk, Limit, NewDecision, NewStanding, NewTask, Outcome,
    OutgoingMessage, PlannedContact, PointChange, RunChunk, SendResult, WaitingParts, begin_run,
    claim, import_chunk, record_results, stale_claims,
};
use store::messages::Message;
use store::positions::{Slice, Standing, positions};
use store::runs::Run;
use store::{Db, Stamp, contacts, customers, messages, payments, proofs, reports, runs, tasks};
use testkit::{both_databases, company, day, document, email, instant, mxn, stamp};

const NOW: &str = "2025-03-05T15:00:00Z";

/// A company with so many customers, each with an address and an overdue invoice.
struct Scene {
    company: CompanyId,
    stamp: Stamp,
    run: RunId,
    customers: Vec<(CustomerId, ContactPointId)>,
}

impl Scene {
    async fn new(db: &Db, size: usize) -> Self {
        let stamp = stamp(NOW, 1);
        let company = company(db, &stamp).await.id;
        let key = |n: usize| format!("C{n:03}");
        let chunk = ImportChunk {
            contact_points: (0..size).map(|n| email(&key(n))).collect(),
            documents: (0..size)
                .map(|n| document(&key(n), &format!("F-{n}"), "2025-02-10", 100_00))
                .collect(),
            ..ImportChunk::default()
        };
        import_chunk(db, &stamp, company, chunk)
            .await
            .expect("imported");
        let limit = u32::try_from(size).expect("a small scene");
        let page = customers::page(db, company, None, limit)
            .await
            .expect("read");
        let customers = page
            .iter()
            .map(|it| (it.customer.id, it.customer.contact_points[0].id))
            .collect();
        let run = RunId::from_uuid(stamp.ids.draw());
        let scene = Self {
            company,
            stamp,
            run,
            customers,
        };
        begin_run(db, company, scene.run(), 100, |_| false)
            .await
            .expect("started");
        scene
    }

    fn run(&self) -> Run {
        Run {
            id: self.run,
            as_of: day("2025-03-05"),
            at: self.stamp.at,
            policy_key: "b2b-estandar".to_owned(),
            policy_version: 1,
            law_hash: "abc".to_owned(),
            summary: json!({}),
            started_at: self.stamp.at,
            finished_at: None,
            review: false,
            author: "puntual".to_owned(),
            daily_on: None,
        }
    }

    fn chunk(&self, step: &str) -> RunChunk {
        let mut chunk = RunChunk {
            run: self.run,
            as_of: day("2025-03-05"),
            decisions: Vec::new(),
            standings: Vec::new(),
            contacts: Vec::new(),
            review: false,
            at: self.stamp.at,
        };
        for (index, (customer, point)) in self.customers.iter().enumerate() {
            let decision = DecisionId::from_uuid(self.stamp.ids.draw());
            chunk.decisions.push(NewDecision {
                id: decision,
                customer: *customer,
                outcome: Outcome::Contact,
                reason: step.to_owned(),
                facts: "{\"días\":23}".to_owned(),
            });
            chunk.standings.push(NewStanding {
                customer: *customer,
                digest: proofs::digest(step),
                silence: None,
                decision,
                first: true,
            });
            let seconds = i64::try_from(index).expect("a small scene");
            chunk.contacts.push(PlannedContact {
                id: ContactId::from_uuid(self.stamp.ids.draw()),
                customer: *customer,
                decision,
                key: ContactKey::Step {
                    step: step.to_owned(),
                    cycle: day("2025-02-11"),
                },
                channel: Channel::Email,
                point: *point,
                template: "recordatorio".to_owned(),
                tone: Tone::Friendly,
                content: "{}".to_owned(),
                planned_at: self.stamp.at - SignedDuration::from_secs(3600 - seconds),
            });
        }
        chunk
    }

    async fn plan(&self, db: &Db, step: &str) -> u64 {
        let chunk = self.chunk(step);
        self.write(db, chunk).await
    }

    /// Writes a chunk as the one part of a run of its own; how many contacts were planned.
    async fn write(&self, db: &Db, mut chunk: RunChunk) -> u64 {
        let mut run = self.run();
        run.id = RunId::from_uuid(self.stamp.ids.draw());
        chunk.run = run.id;
        begin_run(db, self.company, run.clone(), 100, |_| false)
            .await
            .expect("begun");
        let waiting = WaitingParts::new(db, self.company, run.id);
        let taken = waiting.take().await.expect("taken").expect("one part");
        let written = taken.write(chunk, |counts| json!(counts.planned)).await;
        let planned = written.expect("written").expect("by us");
        planned.as_u64().expect("a count")
    }

    async fn claim(&self, db: &Db, limit: impl Into<Limit>) -> Vec<DueContact> {
        let worker = self.stamp.ids.draw();
        claim(db, &self.stamp, self.company, worker, limit, |due| {
            due.iter().map(send).collect()
        })
        .await
        .expect("claimed")
    }
}

fn send((contact, standing): &(DueContact, Standing)) -> ClaimVerdict {
    ClaimVerdict::Send {
        contact: contact.id,
        message: OutgoingMessage {
            address: standing.position.customer.contact_points[0].address.clone(),
            subject: "Su saldo".to_owned(),
            text: "Buenos días".to_owned(),
            html: Some("<p>Buenos días</p>".to_owned()),
        },
        content: "{\"total\":\"100.00\"}".to_owned(),
        proof: "{\"verdict\":\"allowed\"}".to_owned(),
        link: None,
    }
}

fn result(contact: ContactId, state: ContactState) -> SendResult {
    SendResult {
        contact,
        state,
        reason: None,
        provider: "250 OK".to_owned(),
        at: instant("2025-03-05T15:00:01Z"),
        proof: "{\"result\":1}".to_owned(),
        point: None,
        task: None,
    }
}

both_databases! {
    async fn inv_01_a_step_is_planned_once_in_its_cycle(test: &TestDb) {
        let scene = Scene::new(&test.db, 3).await;
        assert_eq!(scene.plan(&test.db, "paso-1").await, 3);
        assert_eq!(scene.plan(&test.db, "paso-1").await, 0);
        assert_eq!(scene.plan(&test.db, "paso-2").await, 3);
        let claimed = scene.claim(&test.db, 3).await;
        assert_eq!(scene.plan(&test.db, "paso-1").await, 0, "claimed ones count");
        let mut results: Vec<_> =
            claimed.iter().map(|it| result(it.id, ContactState::Sent)).collect();
        results[0].state = ContactState::Failed;
        results[1].state = ContactState::Unknown;
        record_results(&test.db, &scene.stamp, scene.company, results).await.expect("recorded");
        assert_eq!(scene.plan(&test.db, "paso-1").await, 1, "only what failed left nothing behind");

        let unfinished = runs::unfinished(&test.db, scene.company).await.expect("read");
        let run = unfinished.expect("the latest still runs").id;
        let mut tx = test.db.begin().await.expect("begin");
        let summary = json!({ "contacts": 3 });
        runs::finish(&mut tx, scene.company, run, &summary, scene.stamp.at).await
            .expect("finished");
        tx.commit().await.expect("commit");
        assert!(runs::unfinished(&test.db, scene.company).await.expect("read").is_none());
        let latest = runs::latest(&test.db, scene.company, 1).await.expect("read");
        assert_eq!(latest[0].summary, summary);
    }

    async fn standings_carry_the_latest_decision(test: &TestDb) {
        let scene = Scene::new(&test.db, 2).await;
        let slice = Slice::everyone;
        let digests = |all: Vec<Standing>| all.iter().map(|it| it.digest).collect::<Vec<_>>();
        let before = positions(&test.db, scene.company, slice(), None).await.expect("read");
        assert_eq!(digests(before), [None, None]);
        for step in ["paso-1", "paso-2"] {
            scene.plan(&test.db, step).await;
            let after = positions(&test.db, scene.company, slice(), None).await.expect("read");
            assert_eq!(after[0].position.contacts.last().map(|it| it.key.step()), Some(step));
            assert_eq!(digests(after), [Some(proofs::digest(step)); 2]);
        }
        let page = runs::decisions(&test.db, scene.company, None, 3).await.expect("read");
        assert_eq!(page.len(), 3);
        assert_eq!(page[0].facts, "{\"días\":23}");
        let after = page.last().map(|it| (it.customer, it.id));
        let rest = runs::decisions(&test.db, scene.company, after, 3).await.expect("read");
        assert_eq!(rest.len(), 1);
        let (customer, _) = scene.customers[0];
        let of_one = runs::decisions_of(&test.db, scene.company, customer, 10).await.expect("read");
        let reasons: Vec<_> = of_one.iter().map(|it| it.reason.as_str()).collect();
        assert_eq!(reasons, ["paso-2", "paso-1"]);
    }

    async fn claimers_at_once_keep_to_the_days_limit(test: &TestDb) {
        let scene = std::sync::Arc::new(Scene::new(&test.db, 40).await);
        scene.plan(&test.db, "paso-1").await;
        let other = test.open_again().await;
        let limit = Limit { batch: 3, since: Some((scene.stamp.at, 7)) };
        let workers: Vec<_> = [&test.db, &other, &test.db, &other]
            .into_iter()
            .map(|db| {
                let (db, scene) = (db.clone(), std::sync::Arc::clone(&scene));
                tokio::spawn(async move {
                    let mut taken = 0;
                    for _ in 0..4 {
                        taken += scene.claim(&db, limit).await.len();
                    }
                    taken
                })
            })
            .collect();
        let mut taken = 0;
        for worker in workers {
            taken += worker.await.expect("a worker ends well");
        }
        assert_eq!(taken, 7);
        other.close().await;
    }

    async fn inv_01_no_contact_is_handed_out_twice(test: &TestDb) {
        let scene = Scene::new(&test.db, 40).await;
        scene.plan(&test.db, "paso-1").await;
        let other = test.open_again().await;
        let scene = std::sync::Arc::new(scene);
        let workers: Vec<_> = [&test.db, &other, &test.db, &other]
            .into_iter()
            .map(|db| {
                let (db, scene) = (db.clone(), std::sync::Arc::clone(&scene));
                tokio::spawn(async move {
                    let mut taken = Vec::new();
                    loop {
                        let claimed = scene.claim(&db, 3).await;
                        if claimed.is_empty() {
                            return taken;
                        }
                        taken.extend(claimed.into_iter().map(|it| it.id));
                    }
                })
            })
            .collect();
        let mut taken = Vec::new();
        for worker in workers {
            taken.extend(worker.await.expect("a worker ends well"));
        }
        // Who skips what another holds may go home early; what is left is planned still.
        taken.extend(scene.claim(&test.db, 40).await.into_iter().map(|it| it.id));
        assert_eq!(taken.len(), 40);
        assert_eq!(taken.iter().collect::<HashSet<_>>().len(), 40);
        let sent = messages::of_contacts(&test.db, scene.company, &taken).await.expect("read");
        assert_eq!(sent.len(), 40);
        other.close().await;
    }

    async fn inv_04_a_claim_sees_what_was_committed_before_it(test: &TestDb) {
        let scene = Scene::new(&test.db, 1).await;
        scene.plan(&test.db, "paso-1").await;
        let other = test.open_again().await;
        let payment = Payment {
            id: PaymentId::from_uuid(scene.stamp.ids.draw()),
            reference: "P-1".to_owned(),
            on: day("2025-03-05"),
            amount: mxn(100_00),
        };
        let (customer, _) = scene.customers[0];
        let mut tx = other.begin().await.expect("begin");
        payments::add(&mut tx, &scene.stamp, scene.company, customer, &payment, &json!({})).await
            .expect("added");
        // The payment is written but not committed: the claim waits for it, on both engines.
        let mut claiming = tokio::spawn({
            let (db, stamp, company) = (test.db.clone(), scene.stamp.clone(), scene.company);
            async move {
                let worker = stamp.ids.draw();
                claim(&db, &stamp, company, worker, 10, |due| {
                    let verdict = |(contact, standing): &(DueContact, Standing)| {
                        if standing.position.books.payments.is_empty() {
                            return send(&(contact.clone(), standing.clone()));
                        }
                        ClaimVerdict::Suppress {
                            contact: contact.id,
                            reason: "paid".to_owned(),
                            proof: "{\"reason\":\"paid\"}".to_owned(),
                        }
                    };
                    due.iter().map(verdict).collect()
                })
                .await
            }
        });
        // Long enough for a claim that does not wait to come back.
        let waited = tokio::time::timeout(Duration::from_millis(500), &mut claiming).await;
        assert!(waited.is_err(), "{waited:?}");
        tx.commit().await.expect("commit");
        let claimed = claiming.await.expect("no panic").expect("claimed");
        assert_eq!(claimed, []);
        let all = contacts::of_customer(&test.db, scene.company, customer).await.expect("read");
        assert_eq!(all[0].state, ContactState::Suppressed);
        assert_eq!(all[0].reason.as_deref(), Some("paid"));
        let kept = proofs::of_contacts(&test.db, scene.company, &[all[0].id]).await.expect("read");
        assert_eq!(kept.len(), 1);
        assert_eq!(kept[0].kind, "suppressed");
        assert!(kept[0].is_intact());
        other.close().await;
    }

    async fn a_claim_takes_what_is_due_and_keeps_what_it_sends(test: &TestDb) {
        let scene = Scene::new(&test.db, 3).await;
        let mut chunk = scene.chunk("paso-1");
        chunk.contacts[2].planned_at = scene.stamp.at + SignedDuration::from_secs(60);
        scene.write(&test.db, chunk).await;
        // A verdict that is missing leaves its contact planned.
        let worker = scene.stamp.ids.draw();
        let claimed = claim(&test.db, &scene.stamp, scene.company, worker, 10, |due| {
            assert_eq!(due.len(), 2);
            assert!(due[0].0.planned_at < due[1].0.planned_at);
            assert_eq!(due[1].1.position.customer.id, due[1].0.customer);
            vec![send(&due[1])]
        })
        .await
        .expect("claimed");
        assert_eq!(claimed.len(), 1);
        let contact = contacts::get(&test.db, scene.company, claimed[0].id).await.expect("read");
        let contact = contact.expect("there");
        assert_eq!(contact.state, ContactState::Claimed);
        assert_eq!(contact.content, "{\"total\":\"100.00\"}");
        assert_eq!(contact.claimed_at, Some(scene.stamp.at));
        let sent = messages::of_contacts(&test.db, scene.company, &[contact.id]).await;
        let sent = sent.expect("read").remove(0);
        assert_eq!((sent.subject.as_str(), sent.text.as_str()), ("Su saldo", "Buenos días"));
        assert_eq!(sent.digest, messages::digest(&sent.subject, &sent.text, sent.html.as_deref()));
        let counts = contacts::count_by_state(&test.db, scene.company).await.expect("read");
        assert_eq!(counts, [(ContactState::Planned, 2), (ContactState::Claimed, 1)]);
        let only = Slice::Only(vec![contact.customer]);
        let all = positions(&test.db, scene.company, only, None).await;
        let past = &all.expect("read")[0].position.contacts[0];
        assert_eq!((past.state, past.performed_at), (contact.state, contact.claimed_at));

        // A panic or a cancelled call in the middle leaves nothing behind.
        let db = test.db.clone();
        let (stamp, company) = (scene.stamp.clone(), scene.company);
        let broken = tokio::spawn(async move {
            let worker = stamp.ids.draw();
            claim(&db, &stamp, company, worker, 10, |_| panic!("planned by this test")).await
        });
        assert!(broken.await.is_err());
        // PostgreSQL lets go of the broken claim's locks once it hears of its end.
        let mut again = Vec::new();
        for _ in 0..1000 {
            again = scene.claim(&test.db, 10).await;
            if !again.is_empty() {
                break;
            }
        }
        assert_eq!(again.len(), 1);
    }

    async fn results_are_taken_from_claimed_contacts_only(test: &TestDb) {
        let scene = Scene::new(&test.db, 3).await;
        scene.plan(&test.db, "paso-1").await;
        let claimed = scene.claim(&test.db, 2).await;
        let page = contacts::page(&test.db, scene.company, None, 10).await.expect("read");
        let planned = page.iter().find(|it| it.state == ContactState::Planned).expect("one");
        let mut bounced = result(claimed[1].id, ContactState::Failed);
        bounced.reason = Some("refused".to_owned());
        bounced.point = Some(PointChange { point: claimed[1].point, health: Health::Bouncing });
        bounced.task = Some(NewTask {
            kind: "address".to_owned(),
            text: "Consiga otro correo".to_owned(),
        });
        let results = vec![
            result(claimed[0].id, ContactState::Sent),
            bounced,
            result(planned.id, ContactState::Sent),
        ];
        let recorded =
            record_results(&test.db, &scene.stamp, scene.company, results.clone()).await;
        assert_eq!(recorded.expect("recorded"), [claimed[0].id, claimed[1].id]);
        let again = record_results(&test.db, &scene.stamp, scene.company, results).await;
        assert_eq!(again.expect("recorded"), []);

        let sent = contacts::get(&test.db, scene.company, claimed[0].id).await.expect("read");
        let sent = sent.expect("there");
        let at = instant("2025-03-05T15:00:01Z");
        assert_eq!((sent.state, sent.performed_at), (ContactState::Sent, Some(at)));
        let failed = contacts::get(&test.db, scene.company, claimed[1].id).await.expect("read");
        let failed = failed.expect("there");
        assert_eq!((failed.state, failed.performed_at), (ContactState::Failed, None));
        assert_eq!(failed.reason.as_deref(), Some("refused"));
        let key = &failed.customer_key;
        let customer = customers::by_key(&test.db, scene.company, key).await.expect("read");
        let point = &customer.expect("there").customer.contact_points[0];
        assert_eq!(point.health, Health::Bouncing);
        let open = tasks::open(&test.db, scene.company, 10).await.expect("read");
        assert_eq!(open.len(), 1);
        assert_eq!(open[0].contact, Some(failed.id));
        let window = (at, at + SignedDuration::from_secs(1));
        let managed = reports::managed(&test.db, scene.company, window).await.expect("read");
        assert_eq!(managed, [sent.customer]);
        let pages = proofs::page(&test.db, scene.company, None, 10).await.expect("read");
        let kinds: Vec<_> = pages.iter().map(|it| it.kind.as_str()).collect();
        assert_eq!(kinds, ["allowed", "allowed", "result", "result"]);
    }

    async fn stale_claims_are_found(test: &TestDb) {
        let scene = Scene::new(&test.db, 2).await;
        scene.plan(&test.db, "paso-1").await;
        let claimed = scene.claim(&test.db, 1).await;
        let at = scene.stamp.at;
        let stale = stale_claims(&test.db, scene.company, at, 10).await.expect("read");
        assert_eq!(stale, [], "a claim is not older than itself");
        let later = at + SignedDuration::from_secs(1);
        let stale = stale_claims(&test.db, scene.company, later, 10).await.expect("read");
        assert_eq!(stale, claimed);
    }

    async fn a_horizon_keeps_contacts_that_are_still_to_do(test: &TestDb) {
        let scene = Scene::new(&test.db, 2).await;
        scene.plan(&test.db, "paso-1").await;
        let claimed = scene.claim(&test.db, 1).await;
        let results = vec![result(claimed[0].id, ContactState::Sent)];
        record_results(&test.db, &scene.stamp, scene.company, results).await.expect("recorded");
        for (horizon, kept) in [("2025-03-05", [1, 1]), ("2025-03-06", [0, 1])] {
            let slice = Slice::everyone();
            let all = positions(&test.db, scene.company, slice, Some(day(horizon))).await;
            let counts: Vec<_> =
                all.expect("read").iter().map(|it| it.position.contacts.len()).collect();
            assert_eq!(counts, kept, "{horizon}");
        }
    }

    async fn the_last_answer_is_the_latest_incoming_message(test: &TestDb) {
        let scene = Scene::new(&test.db, 2).await;
        let (customer, _) = scene.customers[0];
        let message = |at: &str, incoming: bool| Message {
            id: scene.stamp.ids.draw(),
            customer,
            contact: None,
            incoming,
            channel: Channel::Email,
            address: "c000@ejemplo.mx".to_owned(),
            subject: String::new(),
            text: "Pago el viernes".to_owned(),
            html: None,
            digest: [0; 32],
            at: instant(at),
        };
        let mut tx = test.db.begin().await.expect("begin");
        for (at, incoming) in [
            ("2025-03-02T10:00:00Z", true),
            ("2025-03-01T10:00:00Z", true),
            ("2025-03-03T10:00:00Z", false),
        ] {
            messages::add(&mut tx, &scene.stamp, scene.company, &message(at, incoming)).await
                .expect("added");
        }
        tx.commit().await.expect("commit");
        let slice = Slice::everyone();
        let all = positions(&test.db, scene.company, slice, None).await.expect("read");
        let last: Vec<_> = all.iter().map(|it| it.position.last_answer).collect();
        assert_eq!(last, [Some(instant("2025-03-02T10:00:00Z")), None]);
        let thread = messages::of_customer(&test.db, scene.company, customer).await.expect("read");
        let days: Vec<_> = thread.iter().map(|it| it.at.to_string()).collect();
        assert_eq!(days, ["2025-03-01T10:00:00Z", "2025-03-02T10:00:00Z", "2025-03-03T10:00:00Z"]);
        let page = messages::page(&test.db, scene.company, None, 2).await.expect("read");
        let after = page.last().map(|it| (it.customer, it.id));
        let rest = messages::page(&test.db, scene.company, after, 2).await.expect("read");
        assert_eq!((page.len(), rest.len()), (2, 1));
        let window = (instant("2025-03-01T00:00:00Z"), instant("2025-03-04T00:00:00Z"));
        let managed = reports::managed(&test.db, scene.company, window).await.expect("read");
        assert_eq!(managed, [customer]);
    }
}
