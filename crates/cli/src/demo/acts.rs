//! What the company does when customers do something: it records it, and answers as a clerk would.

use domain::customer::{Channel, Health};
use domain::hold::HoldKind;
use engine::holds::NewHold;
use engine::inbound::{Bounce, NewMessage, Seen};
use engine::payments::NewPayment;
use engine::promises::NewPromise;
use jiff::ToSpan;
use jiff::civil::Date;
use simulator::{Happening, Meaning, Payment, Reason, What};

use super::build::CLERK;
use super::live::{Living, contact};
use crate::failure::Failure;

/// Days a customer that cannot pay is left in peace, while a plan is talked over.
const HARDSHIP_DAYS: i64 = 15;

/// A dispute takes from so many days…
const DISPUTE_DAYS_MIN: i64 = 3;

/// … up to so many more to be looked into.
const DISPUTE_DAYS_SPREAD: i64 = 8;

/// A dispute under way.
pub struct Dispute {
    hold: String,
    number: String,
    until: Date,
}

/// Words of a customer with what they mean.
struct Words {
    customer: String,
    channel: Channel,
    address: String,
    text: String,
    meaning: Meaning,
}

impl Living<'_, '_> {
    /// Records what happened, at its instant.
    pub async fn happened(&mut self, happening: Happening) -> Result<(), Failure> {
        let Happening {
            customer,
            at,
            contact: named,
            what,
        } = happening;
        let answers = contact(named.as_deref());
        self.tally.happened(&what);
        let (engine, company) = (&self.built.engine, &self.built.company);
        match (what, answers) {
            (What::Delivered { .. }, Some(contact)) => {
                engine.hear(company, contact, Seen::Delivered, at).await?;
            }
            (What::Read { .. }, Some(contact)) => {
                engine.hear(company, contact, Seen::Read, at).await?;
            }
            (What::Bounced { address, hard }, Some(contact)) => {
                let reason = if hard { "550 5.1.1" } else { "452 4.2.2" };
                let bounce = Bounce {
                    contact,
                    address: Some(address),
                    hard,
                    reason: reason.to_owned(),
                    at,
                };
                engine.bounce(company, bounce).await?;
            }
            (What::Delivered { .. } | What::Read { .. } | What::Bounced { .. }, None) => {}
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
                engine.receive(company, message, CLERK).await?;
                let words = Words {
                    customer,
                    channel,
                    address,
                    text,
                    meaning,
                };
                self.read(words).await?;
            }
            (What::Paid(payment), _) => self.paid(payment).await?,
        }
        Ok(())
    }

    async fn paid(&mut self, payment: Payment) -> Result<(), Failure> {
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
        let (engine, company) = (&self.built.engine, &self.built.company);
        engine.add_payment(company, new, CLERK).await?;
        Ok(())
    }

    /// What a clerk makes of a message.
    async fn read(&mut self, words: Words) -> Result<(), Failure> {
        match &words.meaning {
            Meaning::Promise { date, amount, .. } => {
                let (date, amount) = (*date, *amount);
                self.promised(words, date, amount).await
            }
            Meaning::Dispute {
                number,
                reason,
                amount,
            } => {
                let hold = NewHold {
                    customer: words.customer,
                    document: Some(number.clone()),
                    kind: HoldKind::Dispute,
                    amount: Some(amount.decimal()),
                    currency: Some(amount.currency),
                    from: None,
                    until: None,
                    reason: reason_es(*reason).to_owned(),
                };
                let number = number.clone();
                self.disputed(hold, number).await
            }
            Meaning::Hardship => self.eased(words.customer).await,
            Meaning::OptOut => {
                let (engine, company) = (&self.built.engine, &self.built.company);
                let said = (company.day_of(engine.now()), "mensaje del cliente");
                let (customer, channel) = (&words.customer, words.channel);
                engine
                    .withdraw_consent(company, customer, channel, said, CLERK)
                    .await?;
                Ok(())
            }
            Meaning::WrongPerson => {
                let (engine, company) = (&self.built.engine, &self.built.company);
                let point = (words.channel, words.address.as_str());
                let health = Health::WrongPerson;
                engine
                    .mark_address(company, &words.customer, point, health, CLERK)
                    .await?;
                Ok(())
            }
            Meaning::AlreadyPaid { .. }
            | Meaning::NeedsCopy { .. }
            | Meaning::Thanks
            | Meaning::OutOfOffice { .. } => Ok(()),
        }
    }

    /// A promise later than the policy admits is not one: the clerk asks for another day.
    async fn promised(
        &mut self,
        words: Words,
        due_on: Date,
        amount: domain::Money,
    ) -> Result<(), Failure> {
        let promise = NewPromise {
            customer: words.customer,
            amount: amount.decimal(),
            currency: Some(amount.currency),
            made_on: None,
            due_on,
            note: words.text,
        };
        let (engine, company) = (&self.built.engine, &self.built.company);
        match engine.add_promise(company, promise, CLERK).await {
            Ok(_) => Ok(()),
            Err(engine::Error::Invalid { .. }) => {
                self.tally.promise_refused();
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn disputed(&mut self, hold: NewHold, number: String) -> Result<(), Failure> {
        let (engine, company) = (&self.built.engine, &self.built.company);
        let today = company.day_of(engine.now());
        let recorded = engine.add_hold(company, hold, CLERK).await?;
        // So many days as the number happens to say: the same in every life.
        let some: i64 = number.bytes().map(i64::from).sum();
        let days = DISPUTE_DAYS_MIN + some % DISPUTE_DAYS_SPREAD;
        self.disputes.push(Dispute {
            hold: recorded.hold,
            number,
            until: today.saturating_add(days.days()),
        });
        Ok(())
    }

    async fn eased(&mut self, customer: String) -> Result<(), Failure> {
        let (engine, company) = (&self.built.engine, &self.built.company);
        let today = company.day_of(engine.now());
        let pause = NewHold {
            customer,
            document: None,
            kind: HoldKind::Pause,
            amount: None,
            currency: None,
            from: None,
            until: Some(today.saturating_add(HARDSHIP_DAYS.days())),
            reason: "no puede pagar por ahora; se le propone un convenio".to_owned(),
        };
        engine.add_hold(company, pause, CLERK).await?;
        Ok(())
    }

    /// Ends the disputes that were looked into.
    pub async fn settle_disputes(&mut self, day: Date) -> Result<(), Failure> {
        let all = std::mem::take(&mut self.disputes);
        let (settled, open) = all.into_iter().partition(|dispute| dispute.until <= day);
        self.disputes = open;
        let (engine, company) = (&self.built.engine, &self.built.company);
        let settled: Vec<Dispute> = settled;
        for dispute in settled {
            let reason = "aclarada con el cliente";
            engine
                .end_hold(company, &dispute.hold, Some(day), reason, CLERK)
                .await?;
            self.life
                .resolve(&dispute.number, day)
                .map_err(Failure::new)?;
            self.tally.dispute_settled();
        }
        Ok(())
    }
}

/// Why a document is contested, as a clerk notes it.
const fn reason_es(reason: Reason) -> &'static str {
    match reason {
        Reason::NotReceived => "dice que no lo recibió",
        Reason::Faulty => "dice que llegó dañado o mal hecho",
        Reason::WrongAmount => "dice que el importe no es el acordado",
        Reason::BilledTwice => "dice que se le facturó dos veces",
        Reason::NotOrdered => "dice que no lo pidió",
    }
}
