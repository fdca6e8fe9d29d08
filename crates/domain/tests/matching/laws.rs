//! What holds for any portfolio and statement.

use std::collections::HashMap;

use domain::document::{Document, DocumentKind};
use domain::ids::{DocumentId, PaymentId};
use domain::ledger::matching::{Incoming, Proposal, Verdict, undo};
use domain::ledger::{Books, Payment};
use domain::{Currency, Money};
use jiff::civil::date;
use proptest::prelude::*;
use uuid::Uuid;

use crate::planted::{self, Draws, Planted};

fn shuffled<T: Clone>(items: &[T], seed: u64) -> Vec<T> {
    let mut draws = Draws(seed);
    let mut items = items.to_vec();
    for at in (1..items.len()).rev() {
        items.swap(at, draws.below(at + 1));
    }
    items
}

fn by_id(proposals: Vec<Proposal>) -> HashMap<String, Proposal> {
    proposals
        .into_iter()
        .map(|it| (it.incoming.clone(), it))
        .collect()
}

/// The customer's books of a planted portfolio, without payments.
fn books(planted: &Planted) -> Books {
    let document = |it: &planted::Document| Document {
        id: it.id,
        number: it.number.clone(),
        kind: DocumentKind::Invoice,
        issued: it.issued,
        due: it.due,
        amount: Money::new(it.minor, Currency::MXN),
        direct_debit: false,
        debt: Default::default(),
    };
    Books {
        documents: planted.documents.iter().map(document).collect(),
        ..Books::default()
    }
}

fn payment(line: &Incoming, at: usize) -> Payment {
    Payment {
        id: PaymentId::from_uuid(Uuid::from_u128(at as u128 + 1)),
        reference: line.id.clone(),
        on: line.on,
        amount: line.amount,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// A payment is made up of what is laid and what is over; no document gets more than is open.
    #[test]
    fn inv_15_nothing_is_laid_twice_and_no_cent_is_lost(seed in any::<u64>()) {
        let planted = planted::plant(seed, 60);
        let index = planted::index(&planted);
        let proposals = index.match_lines(&planted.lines, &planted::rules(), &[]);
        let mut laid: HashMap<DocumentId, i64> = HashMap::new();
        for (line, proposal) in planted.lines.iter().zip(&proposals) {
            let paid: i64 = proposal.applications.iter().map(|it| it.paid).sum();
            prop_assert_eq!(paid + proposal.surplus.minor, line.amount.minor);
            prop_assert!(proposal.surplus.minor >= 0);
            prop_assert!(proposal.confidence_ppm <= 1_000_000);
            for it in &proposal.applications {
                prop_assert!(it.minor > 0);
                if proposal.verdict == Verdict::Applied {
                    *laid.entry(it.document).or_default() += it.minor;
                }
            }
        }
        for document in &planted.documents {
            let laid = laid.get(&document.id).copied().unwrap_or(0);
            prop_assert!(laid <= document.minor, "{}", document.number);
        }
    }

    /// Neither the order of lines nor the names that the asker gave them matter.
    #[test]
    fn inv_15_the_order_of_lines_does_not_matter(seed in any::<u64>(), mix in any::<u64>()) {
        let planted = planted::plant(seed, 60);
        let index = planted::index(&planted);
        let once = by_id(index.match_lines(&planted.lines, &planted::rules(), &[]));
        let mixed = shuffled(&planted.lines, mix);
        let again = by_id(index.match_lines(&mixed, &planted::rules(), &[]));
        prop_assert_eq!(once, again);
    }

    /// Nor does the order in which documents and customers were imported.
    #[test]
    fn the_order_of_documents_does_not_matter(seed in any::<u64>(), mix in any::<u64>()) {
        let mut planted = planted::plant(seed, 40);
        let once = planted::index(&planted).match_lines(&planted.lines, &planted::rules(), &[]);
        let places = shuffled(&(0..planted.documents.len()).collect::<Vec<_>>(), mix);
        let mut old: Vec<Option<planted::Document>> =
            std::mem::take(&mut planted.documents).into_iter().map(Some).collect();
        planted.documents = places.iter().filter_map(|at| old[*at].take()).collect();
        let again = planted::index(&planted).match_lines(&planted.lines, &planted::rules(), &[]);
        prop_assert_eq!(once, again);
    }

    /// Booking, taking back and booking again leaves the books as booking once.
    #[test]
    fn apply_undo_apply_is_identity(seed in any::<u64>()) {
        let planted = planted::plant(seed, 30);
        let index = planted::index(&planted);
        let proposals = index.match_lines(&planted.lines, &planted::rules(), &[]);
        let mut books = books(&planted);
        let mut made = Vec::new();
        for (at, (line, proposal)) in planted.lines.iter().zip(&proposals).enumerate() {
            let payment = payment(line, at);
            if proposal.verdict == Verdict::Applied {
                made.extend(proposal.facts(payment.id));
            }
            books.payments.push(payment);
        }
        let day = date(2027, 1, 1);
        let before = books.statement(day);
        books.applications.extend(&made);
        let once = books.statement(day);
        books.applications.extend(undo(&made));
        prop_assert_eq!(&books.statement(day), &before);
        books.applications.extend(&made);
        prop_assert_eq!(&books.statement(day), &once);
    }

    /// Whatever stands in a line, it is answered.
    #[test]
    fn any_text_is_answered(
        texts in prop::collection::vec(".{0,80}", 0..4),
        name in ".{0,40}",
        minor in any::<i64>(),
    ) {
        let planted = planted::plant(1, 20);
        let mut line = Incoming::new("x", date(2026, 11, 1), Money::new(minor, Currency::MXN));
        line.end_to_end = texts.first().cloned();
        line.creditor_references = texts.clone();
        line.virtual_account = texts.last().cloned();
        line.texts = texts;
        line.payer.account = Some(name.clone());
        line.payer.tax_id = Some(name.clone());
        line.payer.name = Some(name);
        let all = planted::index(&planted).match_lines(&[line], &planted::rules(), &[]);
        prop_assert_eq!(all.len(), 1);
    }
}
