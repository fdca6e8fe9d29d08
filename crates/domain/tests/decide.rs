//! The decision as a table: what happened, and what each morning's run would do.

use domain::company::Declarations;
use domain::contact::{ContactState, PastContact};
use domain::customer::{
    Channel, Consent, ContactPoint, ContactSource, Country, Customer, DebtorClass, Health,
    RecipientRole,
};
use domain::decide::{CompanyFacts, Decision, Outcome, Rules, Silence, confirm, decide};
use domain::document::{Document, DocumentKind};
use domain::facts::Position;
use domain::hold::{Hold, HoldKind};
use domain::ids::{
    ContactId, ContactPointId, CustomerId, DocumentId, HoldId, PaymentId, PromiseId,
};
use domain::law::Packs;
use domain::ledger::{Application, Payment, Source};
use domain::policy::{Policy, embedded};
use domain::preference::HoursOfDay;
use domain::promise::Promise;
use domain::{Currency, Money, calendar};
use jiff::civil::{Date, date};
use jiff::{Timestamp, ToSpan};
use uuid::Uuid;

/// One customer lived through day by day: each morning is decided, and what is planned is made at
/// its hour.
struct Life {
    policy: Policy,
    company: CompanyFacts,
    position: Position,
    day: Date,
    next_id: u128,
}

impl Life {
    fn new(from: Date) -> Self {
        let (_, text) = embedded()
            .iter()
            .find(|(key, _)| *key == "b2b-estandar")
            .expect("ships");
        let id = CustomerId::from_uuid(Uuid::from_u128(1));
        Self {
            policy: Policy::parse(text).expect("ships valid"),
            company: CompanyFacts {
                country: Country::MX,
                zone: calendar::zone("America/Mexico_City").expect("bundled"),
                declarations: Declarations::default(),
                channels: vec![Channel::Email],
            },
            position: Position {
                customer: Customer {
                    id,
                    key: "C-1".to_owned(),
                    name: "Abarrotes La Luz, S.A. de C.V.".to_owned(),
                    class: Some(DebtorClass::Company),
                    country: Some(Country::MX),
                    subdivision: None,
                    zone: Some("America/Mexico_City".to_owned()),
                    language: None,
                    tax_id: None,
                    importance: None,
                    behaviour: None,
                    tags: vec![],
                    legal_events: vec![],
                    contact_points: vec![ContactPoint {
                        id: ContactPointId::from_uuid(Uuid::from_u128(2)),
                        channel: Channel::Email,
                        address: "pagos@laluz.example".to_owned(),
                        role: Some(RecipientRole::ApContact),
                        source: Some(ContactSource::CreditorRecord),
                        health: Health::Good,
                        consent: Consent::Unknown,
                    }],
                },
                books: Default::default(),
                contacts: vec![],
                calls: Vec::new(),
                last_answer: None,
                kin: vec![],
                preferences: Default::default(),
                under_way: Default::default(),
            },
            day: from,
            next_id: 100,
        }
    }

    fn id(&mut self) -> Uuid {
        self.next_id += 1;
        Uuid::from_u128(self.next_id)
    }

    fn invoice(&mut self, number: &str, due: Date, minor: i64) -> &mut Self {
        self.invoice_in(number, due, Money::new(minor, Currency::MXN))
    }

    fn invoice_in(&mut self, number: &str, due: Date, amount: Money) -> &mut Self {
        let document = Document {
            id: DocumentId::from_uuid(self.id()),
            number: number.to_owned(),
            kind: DocumentKind::Invoice,
            issued: due.saturating_sub(30.days()),
            due,
            amount,
            direct_debit: false,
            debt: Default::default(),
        };
        self.position.books.documents.push(document);
        self
    }

    fn document(&self, number: &str) -> &Document {
        let documents = &self.position.books.documents;
        documents
            .iter()
            .find(|document| document.number == number)
            .expect("an invoice of the case")
    }

    /// Pays on the current day.
    fn pays(&mut self, number: &str, minor: i64) -> &mut Self {
        let (document, currency) = {
            let document = self.document(number);
            (document.id, document.amount.currency)
        };
        let id = PaymentId::from_uuid(self.id());
        let (on, amount) = (self.day, Money::new(minor, currency));
        let reference = format!("P-{}", self.next_id);
        self.position.books.payments.push(Payment {
            id,
            reference,
            on,
            amount,
        });
        let source = Source::Payment(id);
        self.position.books.applications.push(Application {
            source,
            document,
            on,
            minor,
        });
        self
    }

    fn promises(&mut self, due_on: Date, minor: i64) -> &mut Self {
        let id = PromiseId::from_uuid(self.id());
        let amount = Money::new(minor, Currency::MXN);
        let (made_on, author) = (self.day, "ana".to_owned());
        self.position.books.promises.push(Promise {
            id,
            amount,
            made_on,
            due_on,
            author,
        });
        self
    }

    fn holds(&mut self, kind: HoldKind, number: Option<&str>, minor: Option<i64>, until: Date) {
        let document = number.map(|number| self.document(number).id);
        let hold = Hold {
            id: HoldId::from_uuid(self.id()),
            kind,
            document,
            amount: minor.map(|minor| Money::new(minor, Currency::MXN)),
            from: self.day,
            until: Some(until),
            reason: "mercancía incompleta".to_owned(),
            author: "ana".to_owned(),
        };
        self.position.books.holds.push(hold);
    }

    fn now(&self) -> Timestamp {
        let eight = self.day.at(8, 0, 0, 0);
        self.company.zone.to_timestamp(eight).expect("an instant")
    }

    fn decide(&self) -> Decision {
        decide(&self.rules(), &self.position, self.now())
    }

    fn rules(&self) -> Rules<'_> {
        Rules {
            policy: &self.policy,
            packs: Packs::embedded(),
            company: &self.company,
        }
    }

    fn silence(&self) -> &'static str {
        match self.decide().outcome {
            Outcome::Silence(silence) => silence.code(),
            Outcome::Contact(plan) => panic!("{} speaks: {:?}", self.day, plan.key),
        }
    }

    /// Decides and, when something is planned, makes it. Tells what left: `day step amount…`.
    fn live(&mut self) -> Option<String> {
        let Outcome::Contact(plan) = self.decide().outcome else {
            return None;
        };
        let id = ContactId::from_uuid(self.id());
        let made_on = calendar::local(plan.at, &self.company.zone).date();
        let amounts = plan.content.totals.iter().map(|total| format!(" {total}"));
        let said = format!(
            "{made_on} {} {}{}",
            plan.key.step(),
            plan.action.tone,
            amounts.collect::<String>()
        );
        self.position.contacts.push(PastContact {
            id,
            key: plan.key,
            channel: plan.channel,
            tone: plan.action.tone,
            state: ContactState::Sent,
            planned_at: plan.at,
            performed_at: Some(plan.at),
            cancelled: false,
        });
        Some(said)
    }

    /// Lives every day up to and including `until`.
    fn until(&mut self, until: Date) -> Vec<String> {
        let mut said = Vec::new();
        while self.day <= until {
            said.extend(self.live());
            self.day = self.day.tomorrow().expect("in range");
        }
        self.day = until;
        said
    }

    fn next_day(&mut self) -> &mut Self {
        self.day = self.day.tomorrow().expect("in range");
        self
    }
}

/// A Monday.
const DUE: Date = date(2026, 3, 2);

#[test]
fn the_ladder_is_walked_once_and_in_order() {
    let mut life = Life::new(date(2026, 2, 1));
    life.invoice("F-1", DUE, 1_000_000);
    assert_eq!(
        life.until(date(2026, 6, 30)),
        [
            "2026-02-27 cortesia warm 10000.00 MXN",
            "2026-03-03 recordatorio-1 friendly 10000.00 MXN",
            "2026-03-05 recordatorio-2 friendly 10000.00 MXN",
            "2026-03-12 aviso-claro clear 10000.00 MXN",
            "2026-03-23 aviso-firme firm 10000.00 MXN",
            "2026-04-06 propuesta-de-pagos firm 10000.00 MXN",
            "2026-04-21 aviso-final final 10000.00 MXN",
            "2026-05-06 seguimiento final 10000.00 MXN",
            "2026-05-21 seguimiento-2 final 10000.00 MXN",
            "2026-06-01 convenio-deuda-antigua final 10000.00 MXN",
        ]
    );
}

#[test]
fn deciding_twice_says_the_same_and_after_it_is_made_nothing() {
    let mut life = Life::new(DUE.tomorrow().expect("in range"));
    life.invoice("F-1", DUE, 1_000_000);
    let first = life.live();
    assert!(first.is_some());
    assert_eq!(life.live(), None);
    assert_eq!(life.silence(), "minimum_gap");
}

/// Neither a lost step nor a burst: after three weeks of silence only the highest step is made.
#[test]
fn an_outage_fires_only_the_highest_step() {
    let mut life = Life::new(DUE.tomorrow().expect("in range"));
    life.invoice("F-1", DUE, 1_000_000);
    life.live();
    life.day = date(2026, 3, 26);
    let said = life.until(date(2026, 4, 5));
    assert_eq!(said, ["2026-03-26 aviso-firme firm 10000.00 MXN"]);
}

#[test]
fn what_is_imported_old_begins_at_the_step_of_its_age() {
    let mut life = Life::new(date(2026, 3, 27));
    life.invoice("F-1", DUE, 1_000_000);
    assert_eq!(
        life.until(date(2026, 4, 5)),
        ["2026-03-27 aviso-firme firm 10000.00 MXN"]
    );
}

#[test]
fn paying_the_oldest_keeps_tone_and_stage() {
    let mut life = Life::new(DUE.tomorrow().expect("in range"));
    life.invoice("F-1", DUE, 1_000_000)
        .invoice("F-2", date(2026, 3, 18), 500_000);
    life.until(date(2026, 3, 23));
    life.next_day().pays("F-1", 1_000_000);
    assert_eq!(
        life.until(date(2026, 4, 30)),
        [
            "2026-04-07 seguimiento firm 5000.00 MXN",
            "2026-04-22 propuesta-de-pagos firm 5000.00 MXN",
        ]
    );
}

#[test]
fn a_partial_payment_keeps_the_rest_in_chase() {
    let mut life = Life::new(DUE.tomorrow().expect("in range"));
    life.invoice("F-1", DUE, 1_000_000);
    life.live();
    life.next_day().pays("F-1", 400_000);
    assert_eq!(
        life.until(date(2026, 3, 12)),
        [
            "2026-03-05 recordatorio-2 friendly 6000.00 MXN",
            "2026-03-12 aviso-claro clear 6000.00 MXN",
        ]
    );
}

#[test]
fn credits_that_cover_the_debt_are_the_silence() {
    let mut life = Life::new(DUE.tomorrow().expect("in range"));
    life.invoice("F-1", DUE, 1_000_000);
    let id = PaymentId::from_uuid(life.id());
    let amount = Money::new(1_000_000, Currency::MXN);
    let unapplied = Payment {
        id,
        reference: "SPEI".to_owned(),
        on: life.day,
        amount,
    };
    life.position.books.payments.push(unapplied);
    assert_eq!(life.silence(), "credits_cover");
    life.position.books.payments[0].amount.minor = 999_000;
    assert_eq!(life.silence(), "below_minimum");
    life.position.books.payments[0].amount.minor = 400_000;
    let Outcome::Contact(plan) = life.decide().outcome else {
        panic!("the rest is chased")
    };
    assert_eq!(plan.content.totals, [amount]);
    assert_eq!(plan.content.credits, [Money::new(400_000, Currency::MXN)]);
}

/// A customer one day late is not told what one is told who is forty-five days late, only because
/// a credit note was not yet laid on the old invoice that it covers.
#[test]
fn what_credits_cover_does_not_age_the_rest() {
    let mut life = Life::new(date(2026, 4, 17));
    life.invoice("F-1", DUE, 1_000_000);
    life.invoice("F-2", date(2026, 4, 16), 500_000);
    let id = PaymentId::from_uuid(life.id());
    let unapplied = Payment {
        id,
        reference: "SPEI".to_owned(),
        on: DUE,
        amount: Money::new(1_000_000, Currency::MXN),
    };
    life.position.books.payments.push(unapplied);
    let decision = life.decide();
    assert_eq!(decision.seen.days_late, Some(1));
    let Outcome::Contact(plan) = decision.outcome else {
        panic!("the rest is chased")
    };
    assert_eq!(plan.key.step(), "recordatorio-1");
    assert_eq!(plan.content.credits, [Money::new(1_000_000, Currency::MXN)]);
    // What is left of the old one is less than the policy chases: it still ages nothing.
    life.position.books.payments[0].amount.minor -= 19_999;
    assert_eq!(life.decide().seen.days_late, Some(1));
    life.position.books.payments[0].amount.minor -= 1;
    assert_eq!(life.decide().seen.days_late, Some(46));
}

#[test]
fn totals_are_per_currency_and_one_message_lists_all() {
    let mut life = Life::new(DUE.tomorrow().expect("in range"));
    life.invoice("F-1", DUE, 1_000_000);
    life.invoice_in("F-2", DUE, Money::new(50_000, Currency::USD));
    assert_eq!(
        life.live().as_deref(),
        Some("2026-03-03 recordatorio-1 friendly 10000.00 MXN 500.00 USD")
    );
    assert_eq!(life.live(), None);
}

#[test]
fn a_dispute_holds_its_amount_and_the_rest_is_chased() {
    let mut life = Life::new(DUE.tomorrow().expect("in range"));
    life.invoice("F-1", DUE, 1_000_000);
    life.holds(
        HoldKind::Dispute,
        Some("F-1"),
        Some(300_000),
        date(2026, 5, 1),
    );
    let Outcome::Contact(plan) = life.decide().outcome else {
        panic!("the rest is chased")
    };
    assert_eq!(plan.content.totals, [Money::new(700_000, Currency::MXN)]);
    assert_eq!(
        plan.content.held[0].part,
        Money::new(300_000, Currency::MXN)
    );
    life.holds(HoldKind::Dispute, Some("F-1"), None, date(2026, 5, 1));
    assert_eq!(life.silence(), "held");
}

#[test]
fn pauses_overlap_and_silence_everything() {
    let mut life = Life::new(DUE.tomorrow().expect("in range"));
    life.invoice("F-1", DUE, 1_000_000);
    life.holds(HoldKind::Pause, None, None, date(2026, 3, 5));
    life.holds(HoldKind::Pause, None, None, date(2026, 3, 9));
    assert_eq!(life.silence(), "paused");
    life.day = date(2026, 3, 6);
    assert_eq!(life.silence(), "paused");
    life.day = date(2026, 3, 9);
    assert_eq!(
        life.live().as_deref(),
        Some("2026-03-09 recordatorio-2 friendly 10000.00 MXN")
    );
}

#[test]
fn a_broken_promise_is_answered_before_the_ladder_goes_on() {
    let mut life = Life::new(DUE.tomorrow().expect("in range"));
    life.invoice("F-1", DUE, 1_000_000);
    life.live();
    life.next_day().promises(date(2026, 3, 10), 1_000_000);
    assert_eq!(life.silence(), "held");
    life.until(date(2026, 3, 10));
    life.next_day();
    assert_eq!(life.silence(), "promise_just_broken");
    life.next_day();
    let said = life.until(date(2026, 3, 16));
    assert_eq!(
        said,
        [
            "2026-03-12 promesa-incumplida clear 10000.00 MXN",
            "2026-03-17 aviso-claro clear 10000.00 MXN"
        ]
    );
}

#[test]
fn thanks_follow_the_payment_that_clears_the_account() {
    let mut life = Life::new(DUE.tomorrow().expect("in range"));
    life.invoice("F-1", DUE, 1_000_000);
    life.live();
    life.next_day().pays("F-1", 1_000_000);
    assert_eq!(
        life.until(date(2026, 3, 31)),
        ["2026-03-04 gracias-al-corriente warm"]
    );
}

#[test]
fn the_punctual_are_left_alone() {
    let mut life = Life::new(date(2026, 2, 1));
    life.invoice("F-1", DUE, 1_000_000);
    assert_eq!(
        life.until(date(2026, 2, 27)),
        ["2026-02-27 cortesia warm 10000.00 MXN"]
    );
    life.pays("F-1", 1_000_000);
    assert_eq!(life.until(date(2026, 6, 30)), Vec::<String>::new());
}

#[test]
fn without_an_address_the_silence_says_so() {
    let mut life = Life::new(DUE.tomorrow().expect("in range"));
    life.invoice("F-1", DUE, 1_000_000);
    life.position.customer.contact_points[0].health = Health::Bouncing;
    assert_eq!(life.silence(), "no_contact_point");
}

#[test]
fn a_planned_contact_is_confirmed_only_while_the_facts_hold() {
    let mut life = Life::new(DUE.tomorrow().expect("in range"));
    life.invoice("F-1", DUE, 1_000_000);
    let Outcome::Contact(plan) = life.decide().outcome else {
        panic!("a reminder")
    };
    let id = ContactId::from_uuid(life.id());
    life.position.contacts.push(PastContact {
        id,
        key: plan.key.clone(),
        channel: plan.channel,
        tone: plan.action.tone,
        state: ContactState::Planned,
        planned_at: plan.at,
        performed_at: None,
        cancelled: false,
    });
    assert_eq!(life.silence(), "already_planned");
    let answer =
        |life: &Life, at: Timestamp| match confirm(&life.rules(), &life.position, id, at).outcome {
            Outcome::Contact(_) => Ok(()),
            Outcome::Silence(silence) => Err(silence.code()),
        };
    assert_eq!(answer(&life, life.now()), Err("out_of_hours"));
    assert_eq!(answer(&life, plan.at), Ok(()));
    let tonight = plan.at.checked_add(11.hours()).expect("in range");
    assert_eq!(answer(&life, tonight), Err("out_of_hours"));
    life.pays("F-1", 1_000_000);
    assert_eq!(answer(&life, plan.at), Err("superseded"));
    life.holds(HoldKind::Pause, None, None, date(2026, 4, 1));
    assert_eq!(answer(&life, plan.at), Err("paused"));
}

#[test]
fn the_hour_is_the_next_that_law_and_company_allow() {
    // Saturday: company hours are Monday to Friday, nine to six.
    let mut life = Life::new(date(2026, 3, 7));
    life.invoice("F-1", date(2026, 3, 6), 1_000_000);
    let Outcome::Contact(plan) = life.decide().outcome else {
        panic!("a reminder")
    };
    let local = calendar::local(plan.at, &life.company.zone).datetime();
    assert_eq!(local, date(2026, 3, 9).at(9, 0, 0, 0));
    assert_eq!(
        plan.key.step(),
        "recordatorio-2",
        "what is due on the day it leaves"
    );
}

#[test]
fn every_silence_reads_as_a_sentence() {
    let silence = Silence::NotDue { next_due: DUE };
    assert_eq!(
        silence.sentence(),
        "No tiene nada vencido; su próximo vencimiento es el 2 de marzo de 2026."
    );
    let silence = Silence::StepMade {
        step: Some("recordatorio-2".to_owned()),
        next: Some(("propuesta-de-prorroga".to_owned(), date(2026, 4, 1))),
    };
    assert_eq!(
        silence.sentence(),
        "El paso «Recordatorio 2» ya se hizo. Sigue «Propuesta de prórroga» el 1 de abril de 2026."
    );
}

#[test]
fn what_a_person_cancelled_is_not_planned_again_and_the_ladder_goes_on() {
    let mut life = Life::new(DUE.tomorrow().expect("in range"));
    life.invoice("F-1", DUE, 1_000_000);
    let Outcome::Contact(plan) = life.decide().outcome else {
        panic!("a reminder")
    };
    let id = ContactId::from_uuid(life.id());
    life.position.contacts.push(PastContact {
        id,
        key: plan.key.clone(),
        channel: plan.channel,
        tone: plan.action.tone,
        state: ContactState::Suppressed,
        planned_at: plan.at,
        performed_at: None,
        cancelled: true,
    });
    assert_eq!(life.silence(), "cancelled");
    let said = life.until(
        DUE.checked_add(jiff::Span::new().days(3))
            .expect("in range"),
    );
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("recordatorio-2"), "{said:?}");
}

#[test]
fn the_customers_hours_narrow_what_law_and_company_allow() {
    let planned = |life: &Life| match life.decide().outcome {
        Outcome::Contact(plan) => {
            assert!(plan.law.allowed(), "{:?}", plan.law);
            Ok(calendar::local(plan.at, &life.company.zone).datetime())
        }
        Outcome::Silence(silence) => Err(silence.code()),
    };
    let mut life = Life::new(DUE.tomorrow().expect("a day"));
    life.invoice("F-1", DUE, 1_000_000);
    let any = planned(&life).expect("planned");
    let mut later = 0;
    for from in 0..24 {
        for to in from + 1..=24 {
            let hours = HoursOfDay::new(from, to);
            life.position.preferences.hours = hours;
            match planned(&life) {
                Ok(at) => {
                    assert!(
                        hours.is_some_and(|hours| hours.has(at.time())),
                        "{hours:?} {at}"
                    );
                    assert!(at >= any, "{hours:?}: {at} before {any}");
                    later += u32::from(at > any);
                }
                Err(reason) => {
                    assert_eq!(reason, "preferred_hours", "{hours:?}");
                    assert!(to <= 9 || from >= 18, "{hours:?} leaves lawful hours");
                }
            }
        }
    }
    assert!(later > 30, "hours move a plan: {later}");
    life.position.preferences.hours = HoursOfDay::new(2, 4);
    let Outcome::Silence(silence) = life.decide().outcome else {
        panic!("speaks at night");
    };
    assert!(
        silence.sentence().contains("de 2 a 4 h"),
        "{}",
        silence.sentence()
    );
}

#[test]
fn the_channel_the_customer_prefers_comes_first() {
    let mut life = Life::new(DUE.tomorrow().expect("a day"));
    life.invoice("F-1", DUE, 1_000_000);
    life.company.channels = vec![Channel::Email, Channel::Whatsapp];
    let stages = life.policy.ladders.iter_mut();
    for stage in stages.flat_map(|ladder| &mut ladder.stages) {
        for step in &mut stage.steps {
            step.action.channels = vec![Channel::Email, Channel::Whatsapp];
        }
    }
    let email = life.position.customer.contact_points[0].clone();
    life.position.customer.contact_points.push(ContactPoint {
        id: ContactPointId::from_uuid(Uuid::from_u128(3)),
        channel: Channel::Whatsapp,
        address: "+525512345678".to_owned(),
        consent: Consent::Given {
            on: DUE,
            source: "contrato".to_owned(),
        },
        ..email
    });
    let channel = |life: &Life| match life.decide().outcome {
        Outcome::Contact(plan) => plan.channel,
        Outcome::Silence(silence) => panic!("{}", silence.sentence()),
    };
    assert_eq!(channel(&life), Channel::Email);
    life.position.preferences.channels = vec![Channel::Whatsapp];
    assert_eq!(channel(&life), Channel::Whatsapp);
}
