//! What the company does when something happens, and what is true from then on.

use domain::call::CallResult;
use domain::customer::{Channel, Consent, Health, LegalEvent};
use domain::hold::HoldKind;
use domain::ids::CustomerId;
use engine::customers::{LawChange, PointFacts};
use engine::holds::NewHold;
use engine::inbound::{Bounce, NewMessage, Seen};
use engine::notes::NewCall;
use engine::payments::NewPayment;
use engine::promises::NewPromise;
use simulator::{Happening, Meaning, Payment, Saying, What};
use store::customers;

use super::live::{CLERK, Living};

impl Living<'_, '_> {
    /// A customer lives on.
    pub async fn happened(&mut self, happening: Happening) {
        let Happening {
            customer,
            at,
            contact,
            what,
        } = happening;
        let answers = contact.and_then(|it| it.parse().ok());
        let (engine, company) = (&self.engine, &self.company);
        match (what, answers) {
            (What::Delivered { .. }, Some(contact)) => {
                let heard = engine.hear(company, contact, Seen::Delivered, at).await;
                heard.expect("a sign is heard");
            }
            (What::Read { .. }, Some(contact)) => {
                let heard = engine.hear(company, contact, Seen::Read, at).await;
                heard.expect("a sign is heard");
            }
            (What::Bounced { address, hard }, Some(contact)) => {
                let bounce = Bounce {
                    contact,
                    address: Some(address.clone()),
                    hard,
                    reason: "550 5.1.1".to_owned(),
                    at,
                };
                let heard = engine.bounce(company, bounce).await;
                heard.expect("a bounce is heard");
                if hard {
                    self.truths.dead(&customer, at, &address);
                }
            }
            (What::Delivered { .. } | What::Read { .. } | What::Bounced { .. }, None) => {}
            (What::Paid(payment), _) => self.paid(payment).await,
            (
                What::Wrote {
                    channel,
                    address,
                    text,
                    meaning,
                },
                answers,
            ) => {
                let message = NewMessage {
                    customer: customer.clone(),
                    channel,
                    address: address.clone(),
                    subject: String::new(),
                    text: text.clone(),
                    at: Some(at),
                    key: None,
                    answers,
                };
                let received = engine.receive(company, message, CLERK).await;
                received.expect("a message is received");
                self.read(&customer, (channel, &address), text, meaning)
                    .await;
            }
        }
    }

    async fn paid(&self, payment: Payment) {
        let documents = payment.documents.into_iter();
        let documents = documents.map(|(number, part)| (number, Some(part.decimal())));
        let new = NewPayment {
            customer: payment.customer,
            amount: payment.amount.decimal(),
            currency: Some(payment.amount.currency),
            on: Some(payment.on),
            reference: Some(payment.reference),
            documents: documents.collect(),
        };
        let added = self.engine.add_payment(&self.company, new, CLERK).await;
        added.expect("a payment is recorded");
    }

    /// What a clerk makes of a message, as far as it bears on who may be contacted.
    async fn read(
        &mut self,
        customer: &str,
        (channel, address): (Channel, &str),
        text: String,
        meaning: Meaning,
    ) {
        let (engine, company) = (&self.engine, &self.company);
        match meaning {
            Meaning::OptOut => self.opted_out(customer, channel).await,
            Meaning::WrongPerson => {
                let point = (channel, address);
                let health = Health::WrongPerson;
                // What is written on a channel that the company has no address of changes nothing.
                let marked = engine.mark_address(company, customer, point, health, CLERK);
                if marked.await.is_ok() {
                    self.truths.dead(customer, engine.now(), address);
                }
            }
            Meaning::Promise { date, amount, .. } => {
                let promise = NewPromise {
                    customer: customer.to_owned(),
                    amount: amount.decimal(),
                    currency: Some(amount.currency),
                    made_on: None,
                    due_on: date,
                    note: text,
                };
                match engine.add_promise(company, promise, CLERK).await {
                    Ok(_) | Err(engine::Error::Invalid { .. }) => {}
                    Err(error) => panic!("a promise is recorded: {error}"),
                }
            }
            Meaning::Dispute { number, amount, .. } => {
                let hold = NewHold {
                    customer: customer.to_owned(),
                    document: Some(number),
                    kind: HoldKind::Dispute,
                    amount: Some(amount.decimal()),
                    currency: Some(amount.currency),
                    from: None,
                    until: None,
                    reason: "lo impugna".to_owned(),
                };
                let held = engine.add_hold(company, hold, CLERK).await;
                held.expect("a dispute is recorded");
            }
            _ => {}
        }
    }

    /// Something planted is said, or happens in law.
    pub async fn say(&mut self, customer: &str, saying: Saying) {
        match saying {
            Saying::OptOut { channel, words, .. } => {
                self.hear_no(customer, channel, words).await;
                self.opted_out(customer, channel).await;
            }
            Saying::OptIn {
                channel, address, ..
            } => self.opted_in(customer, channel, &address).await,
            Saying::Event { event, .. } => self.happened_in_law(customer, event).await,
        }
    }

    /// The words of a no, on the thread or by telephone.
    async fn hear_no(&self, customer: &str, channel: Channel, words: &str) {
        let (engine, company) = (&self.engine, &self.company);
        if channel == Channel::Call {
            let call = NewCall {
                customer: self.id(customer).await,
                channel,
                number: String::new(),
                result: CallResult::CustomerCalled,
                note: words.to_owned(),
                at: None,
                overriding: None,
            };
            let added = engine.add_call(company, call, CLERK).await;
            added.expect("a call of a customer is never refused");
            return;
        }
        let message = NewMessage {
            customer: customer.to_owned(),
            channel,
            address: String::new(),
            subject: String::new(),
            text: words.to_owned(),
            at: None,
            key: None,
            answers: None,
        };
        let received = engine.receive(company, message, CLERK).await;
        received.expect("a message is received");
    }

    async fn opted_out(&mut self, customer: &str, channel: Channel) {
        let (engine, company) = (&self.engine, &self.company);
        let said = (company.day_of(engine.now()), "mensaje del cliente");
        let done = engine.withdraw_consent(company, customer, channel, said, CLERK);
        match done.await {
            Ok(_) => self
                .truths
                .said(customer, engine.now(), (channel, None), false),
            // There is no address on the channel.
            Err(engine::Error::NotFound { .. }) => {}
            Err(error) => panic!("a no is recorded: {error}"),
        }
    }

    async fn opted_in(&mut self, customer: &str, channel: Channel, address: &str) {
        let (engine, company) = (&self.engine, &self.company);
        let id = self.id(customer).await;
        let position = engine.position(company, id).await.expect("a customer");
        let mut points = position.customer.contact_points.into_iter();
        let own = points.find(|it| it.channel == channel && it.address == address);
        let Some(point) = own else {
            return;
        };
        let facts = PointFacts {
            address: point.address,
            role: point.role,
            source: point.source,
            health: point.health,
            consent: Some(Consent::Given {
                on: company.day_of(engine.now()),
                source: "página del cliente".to_owned(),
            }),
        };
        let changed = engine.change_point(company, (id, point.id), facts, CLERK);
        changed.await.expect("a yes is recorded");
        let about = (channel, Some(address));
        self.truths.said(customer, engine.now(), about, true);
    }

    async fn happened_in_law(&mut self, customer: &str, event: &str) {
        let (engine, company) = (&self.engine, &self.company);
        let happened = LegalEvent {
            event: event.to_owned(),
            on: company.day_of(engine.now()),
            source: Some("expediente".to_owned()),
        };
        let change = LawChange {
            happened: Some(happened),
            ..LawChange::default()
        };
        let id = self.id(customer).await;
        let changed = engine.change_law_facts(company, id, change, CLERK).await;
        changed.expect("an event is recorded");
        self.truths.event(customer, engine.now(), event);
    }

    /// The id of a customer.
    pub async fn id(&self, customer: &str) -> CustomerId {
        let found = customers::id_of(self.engine.db(), self.company.id, customer).await;
        found.expect("the database answers").expect("a customer")
    }
}
