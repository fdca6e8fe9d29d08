//! A company whose contacts are planned, claimed or suppressed, and sent.

use std::fmt::Write as _;

use domain::contact::{ContactKey, ContactState, Tone};
use domain::customer::Channel;
use domain::{CompanyId, ContactId, CustomerId, DecisionId, RunId};
use serde_json::json;
use store::bulk::{
    ClaimVerdict, ImportChunk, NewDecision, NewStanding, Outcome, OutgoingMessage, PlannedContact,
    RunChunk, SendResult, WaitingParts, begin_run, claim, import_chunk, record_results,
};
use store::chain::{self, Anchor, Checked};
use store::proofs::{self, Act, ProofKind};
use store::runs::Run;
use store::{Db, Stamp, customers};
use testkit::{company, day, document, email, stamp};

pub const NOW: &str = "2025-03-05T15:00:00Z";

/// Customers of a scene: each is decided, half are written to.
pub const CUSTOMERS: usize = 16;

/// A company whose contacts are planned, claimed or suppressed, and sent.
pub struct Scene {
    pub company: CompanyId,
    pub stamp: Stamp,
    pub customers: Vec<CustomerId>,
}

impl Scene {
    pub async fn new(db: &Db) -> Self {
        let stamp = stamp(NOW, 1);
        let company = company(db, &stamp).await.id;
        let key = |n: usize| format!("C{n:03}");
        let chunk = ImportChunk {
            contact_points: (0..CUSTOMERS).map(|n| email(&key(n))).collect(),
            documents: (0..CUSTOMERS)
                .map(|n| document(&key(n), &format!("F-{n}"), "2025-02-10", 100_00))
                .collect(),
            ..ImportChunk::default()
        };
        import_chunk(db, &stamp, company, chunk)
            .await
            .expect("imported");
        let page = customers::page(db, company, None, 100).await.expect("read");
        let scene = Self {
            company,
            customers: page.iter().map(|it| it.customer.id).collect(),
            stamp,
        };
        for step in ["paso-1", "paso-2"] {
            scene.run(db, step).await;
            scene.send(db).await;
        }
        let mut tx = db.begin().await.expect("begin");
        for kind in [ProofKind::Refused, ProofKind::Override] {
            let act = Act {
                customer: scene.customers[0],
                act: scene.stamp.ids.draw(),
                kind,
                body: "{\"kind\":\"una llamada\"}",
            };
            proofs::add(&mut tx, &scene.stamp, company, &act)
                .await
                .expect("proven");
        }
        tx.commit().await.expect("commit");
        scene
    }

    /// Plans a contact with half of the customers, and a silence for the others.
    async fn run(&self, db: &Db, step: &str) {
        let run = Run {
            id: RunId::from_uuid(self.stamp.ids.draw()),
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
        };
        let id = run.id;
        begin_run(db, self.company, run, 100, |_| false)
            .await
            .expect("begun");
        let waiting = WaitingParts::new(db, self.company, id);
        let taken = waiting.take().await.expect("taken").expect("one part");
        let chunk = self.chunk(db, id, step).await;
        let written = taken.write(chunk, |counts| json!(counts.planned)).await;
        written.expect("written").expect("by us");
    }

    async fn chunk(&self, db: &Db, run: RunId, step: &str) -> RunChunk {
        let mut chunk = RunChunk {
            run,
            as_of: day("2025-03-05"),
            decisions: Vec::new(),
            standings: Vec::new(),
            contacts: Vec::new(),
            review: false,
            at: self.stamp.at,
        };
        for (index, customer) in self.customers.iter().enumerate() {
            let decision = DecisionId::from_uuid(self.stamp.ids.draw());
            let outcome = if index % 2 == 0 {
                Outcome::Contact
            } else {
                Outcome::Silence
            };
            chunk.decisions.push(NewDecision {
                id: decision,
                customer: *customer,
                outcome,
                reason: step.to_owned(),
                facts: format!("{{\"días\":{index}}}"),
            });
            chunk.standings.push(NewStanding {
                customer: *customer,
                digest: proofs::digest(step),
                silence: (outcome == Outcome::Silence).then_some("unlawful"),
                decision,
                first: step == "paso-1",
            });
            if outcome == Outcome::Contact {
                let found = customers::get(db, self.company, *customer)
                    .await
                    .expect("read");
                let point = found.expect("it is there").customer.contact_points[0].id;
                chunk.contacts.push(PlannedContact {
                    id: ContactId::from_uuid(self.stamp.ids.draw()),
                    customer: *customer,
                    decision,
                    key: ContactKey::Step {
                        step: step.to_owned(),
                        cycle: day("2025-02-11"),
                    },
                    channel: Channel::Email,
                    point,
                    template: "recordatorio".to_owned(),
                    tone: Tone::Friendly,
                    content: "{}".to_owned(),
                    planned_at: self.stamp.at,
                });
            }
        }
        chunk
    }

    /// Claims what is due, lets every third not go, and records what became of the others.
    async fn send(&self, db: &Db) {
        let worker = self.stamp.ids.draw();
        let claimed = claim(db, &self.stamp, self.company, worker, 100, |due| {
            let verdict = |(index, (contact, _)): (usize, &(store::bulk::DueContact, _))| {
                if index % 3 == 2 {
                    return ClaimVerdict::Suppress {
                        contact: contact.id,
                        reason: "unlawful".to_owned(),
                        proof: format!("{{\"contact\":\"{}\",\"no\":1}}", contact.id),
                    };
                }
                let message = OutgoingMessage {
                    address: "a@ejemplo.mx".to_owned(),
                    subject: "Su saldo".to_owned(),
                    text: format!("Buenos días, {}", contact.id),
                    html: None,
                };
                let (subject, text) = (&message.subject, &message.text);
                let digest = hex(&store::messages::digest(subject, text, None));
                ClaimVerdict::Send {
                    contact: contact.id,
                    content: "{}".to_owned(),
                    proof: format!(
                        "{{\"contact\":\"{}\",\"message\":\"{digest}\"}}",
                        contact.id
                    ),
                    message,
                    link: None,
                }
            };
            due.iter().enumerate().map(verdict).collect()
        });
        let results = claimed
            .await
            .expect("claimed")
            .into_iter()
            .map(|contact| SendResult {
                contact: contact.id,
                state: ContactState::Sent,
                reason: None,
                provider: "250 OK".to_owned(),
                at: self.stamp.at,
                proof: format!("{{\"contact\":\"{}\",\"answer\":\"250 OK\"}}", contact.id),
                point: None,
                task: None,
            });
        record_results(db, &self.stamp, self.company, results.collect())
            .await
            .expect("recorded");
    }

    pub async fn seal(&self, db: &Db) -> u64 {
        chain::seal(db, self.company, self.stamp.at)
            .await
            .expect("sealed")
    }

    pub async fn verify(&self, db: &Db, anchors: &[Anchor]) -> Checked {
        chain::verify(db, self.company, anchors.to_vec())
            .await
            .expect("read through")
    }

    pub async fn anchor(&self, db: &Db) -> Anchor {
        let head = chain::head(db, self.company)
            .await
            .expect("read")
            .expect("a head");
        Anchor {
            sequence: head.sequence,
            head: head.head,
        }
    }
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
