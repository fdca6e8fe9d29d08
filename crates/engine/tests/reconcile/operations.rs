//! No cent lost over operations in any order: reading, applying, accepting, refusing, undoing,
//! returning. Thousands by default; `PUNTUAL_MONEY_OPERATIONS` asks for more.

use jiff::ToSpan;
use jiff::civil::{Date, time};
use testkit::world::AUTHOR;
use testkit::{World, both_databases};

use super::statement::{Entry, camt};
use super::{ISSUED, LATE, decided, proposed, reconcile};

/// Behind everything that happens.
const FAR: Date = jiff::civil::date(2100, 1, 1);
/// Steps of a run when nothing else is said.
const STEPS: u64 = 60;
const CUSTOMERS: u64 = 4;
const INVOICES: u64 = 6;

/// A sequence of numbers from a seed (SplitMix64).
struct Draw(u64);

impl Draw {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut it = self.0;
        it = (it ^ (it >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        it = (it ^ (it >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (it ^ (it >> 31)) % limit
    }
}

fn steps() -> u64 {
    let asked = std::env::var("PUNTUAL_MONEY_OPERATIONS").ok();
    asked.and_then(|it| it.parse().ok()).unwrap_or(STEPS)
}

/// Every cent: what came in lies on documents, is in a customer's favour, or went back; and no
/// document or payment is laid more than it holds.
async fn audit(world: &World, step: u64) {
    for customer in 0..CUSTOMERS {
        let books = world.books(&format!("K-{customer}")).await;
        let laid = |is: &dyn Fn(&domain::ledger::Application) -> bool| -> i64 {
            let own = books.applications.iter().filter(|it| is(it));
            own.map(|it| it.minor).sum()
        };
        for document in books
            .documents
            .iter()
            .filter(|it| it.kind != domain::document::DocumentKind::CreditNote)
        {
            let on = laid(&|it| it.document == document.id);
            assert!(
                (0..=document.amount.minor).contains(&on),
                "step {step}: {document:?} {on}"
            );
        }
        let mut spent = 0;
        for payment in &books.payments {
            let of = laid(&|it| it.source == domain::ledger::Source::Payment(payment.id));
            assert!(
                (0..=payment.amount.minor).contains(&of),
                "step {step}: {payment:?} {of}"
            );
            spent += of;
        }
        let paid: i64 = books.payments.iter().map(|it| it.amount.minor).sum();
        let statement = books.statement(FAR);
        let credit: i64 = statement.credits.iter().map(|it| it.minor).sum();
        assert_eq!(paid - spent, credit, "step {step}: customer {customer}");
    }
}

both_databases! {
    async fn no_cent_is_lost_over_random_operations(test: &TestDb) {
        let mut world = World::mexican(&test.db, LATE).await;
        let mut draw = Draw(7);
        let mut text = String::from(
            "Factura,Código cliente,Nombre,Fecha emisión,Fecha vencimiento,Importe\n");
        let mut owed = Vec::new();
        for customer in 0..CUSTOMERS {
            for invoice in 0..INVOICES {
                let minor = 1_000 + i64::try_from(draw.below(500_000)).expect("small");
                let number = format!("R{customer}-{:05}", 10_000 + invoice * 137 + customer);
                text.push_str(&format!(
                    "{number},K-{customer},Comercial Número {customer},{ISSUED},{LATE},{}.{:02}\n",
                    minor / 100, minor % 100));
                owed.push((customer, number, minor));
            }
        }
        world.import(&text).await;
        let (mut day, mut balance, mut sent) = (LATE, 0_i64, Vec::<Entry>::new());
        for step in 0..steps() {
            day = day.saturating_add(1.day());
            world.at(day, time(9, 0, 0, 0));
            match draw.below(6) {
                0..=2 => {
                    let at = usize::try_from(draw.below(owed.len() as u64)).expect("an index");
                    let (customer, number, minor) = &owed[at];
                    let minor = match draw.below(4) {
                        0 => 1 + minor / 2,
                        1 => minor + 500,
                        _ => *minor,
                    };
                    let (reference, text) = (format!("B{step}"), format!("PAGO {number}"));
                    let entry = Entry::new(day, minor, &reference, &text)
                        .from(&format!("COMERCIAL NUMERO {customer}"), "");
                    let text = camt((day, day), balance, std::slice::from_ref(&entry));
                    balance += minor;
                    reconcile(&world, "banco.xml", &text).await;
                    sent.push(entry);
                }
                3 => {
                    if let Some(it) = proposed(&world).await.into_iter().next() {
                        let id = it.matched.id;
                        let done = if draw.below(3) == 0 {
                            world.engine.refuse_match(&world.company, id, AUTHOR).await
                        } else {
                            world.engine.accept_match(&world.company, id, AUTHOR).await
                        };
                        // What does not fit any more is refused with a sentence, and nothing moves.
                        if let Err(error) = done {
                            assert!(error.to_string().contains("conciliación"), "{error}");
                        }
                    }
                }
                4 => {
                    let settled: Vec<_> = decided(&world).await.into_iter()
                        .filter(|it| it.matched.state.is_settled()).collect();
                    if !settled.is_empty() {
                        let at = draw.below(settled.len() as u64);
                        let id = settled[usize::try_from(at).expect("an index")].matched.id;
                        world.engine.undo_match(&world.company, id, AUTHOR).await.expect("undone");
                    }
                }
                _ => {
                    if !sent.is_empty() {
                        let at = usize::try_from(draw.below(sent.len() as u64)).expect("an index");
                        let back = sent.swap_remove(at).returned(day);
                        let text = camt((day, day), balance, std::slice::from_ref(&back));
                        balance += back.minor;
                        reconcile(&world, "banco.xml", &text).await;
                    }
                }
            }
            audit(&world, step).await;
        }
    }
}
