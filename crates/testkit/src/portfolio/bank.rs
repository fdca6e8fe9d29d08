//! The bank statement: transfers as payers make them, with what each really pays.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::numbers::Numbers;
use super::{Customer, Item, Transfer, Truth, later};

/// The invoices a transfer may still pay, in a shuffled order.
struct Unpaid<'a> {
    items: &'a [Item],
    order: Vec<usize>,
    next: usize,
    taken: BTreeSet<usize>,
    of_customer: BTreeMap<usize, Vec<usize>>,
}

impl<'a> Unpaid<'a> {
    fn shuffled(numbers: &mut Numbers, items: &'a [Item]) -> Self {
        let mut of_customer: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (place, item) in items.iter().enumerate() {
            of_customer.entry(item.customer).or_default().push(place);
        }
        let mut order: Vec<usize> = (0..items.len()).collect();
        for last in (1..items.len()).rev() {
            order.swap(last, numbers.place(last + 1));
        }
        Self {
            items,
            order,
            next: 0,
            taken: BTreeSet::new(),
            of_customer,
        }
    }

    fn take(&mut self) -> usize {
        while self.taken.contains(&self.order[self.next]) {
            self.next += 1;
        }
        let place = self.order[self.next];
        self.taken.insert(place);
        place
    }

    /// The invoice just taken stays unpaid and is not offered again.
    fn pass_over(&mut self, place: usize) {
        self.taken.remove(&place);
        self.next += 1;
    }

    /// More invoices of the same customer, so that there are `most` with the one taken.
    fn more(&mut self, place: usize, most: usize) -> Vec<usize> {
        let mut more = Vec::new();
        for other in &self.of_customer[&self.items[place].customer] {
            if more.len() + 1 < most && self.taken.insert(*other) {
                more.push(*other);
            }
        }
        more
    }
}

pub(super) fn bank(
    numbers: &mut Numbers,
    customers: &[Customer],
    items: &[Item],
    as_of: Date,
) -> (Vec<Transfer>, Vec<Truth>) {
    let mut unpaid = Unpaid::shuffled(numbers, items);
    let (mut bank, mut truth) = (Vec::new(), Vec::new());
    for number in 1..=items.len() / 4 {
        let place = unpaid.take();
        let payer = &customers[items[place].customer];
        let (mut transfer, kind, laid) = transfer(numbers, &mut unpaid, place, payer);
        transfer.id = format!("B{number:07}");
        transfer.on = later(as_of, 1 + numbers.below(14));
        truth.extend(laid.into_iter().map(|(invoice, cents)| Truth {
            id: transfer.id.clone(),
            kind,
            invoice,
            cents,
        }));
        bank.push(transfer);
    }
    bank.sort_by(|a, b| (a.on, &a.id).cmp(&(b.on, &b.id)));
    (bank, truth)
}

/// A transfer for one invoice, as payers make them, with what it really pays.
fn transfer(
    numbers: &mut Numbers,
    unpaid: &mut Unpaid<'_>,
    place: usize,
    payer: &Customer,
) -> (Transfer, &'static str, Vec<(String, i64)>) {
    let items = unpaid.items;
    let (kind, style) = (numbers.below(100), numbers.below(100));
    let chance = numbers.below(1 << 30);
    let item = &items[place];
    let (number, open) = (item.number.clone(), item.residual);
    let written = match style {
        0..70 => number.clone(),
        70..85 => item.reference.clone(),
        _ => format!("inv {}", &number[3..]),
    };
    let mut transfer = Transfer {
        id: String::new(),
        on: Date::ZERO,
        cents: open,
        debtor: payer.name.clone(),
        iban: payer.iban.clone(),
        remittance: format!("Invoice {written}"),
    };
    let whole = vec![(number.clone(), open)];
    let (kind, laid) = match kind {
        0..58 => ("exact", whole),
        58..68 => {
            transfer.remittance = format!("Payment {}", payer.name);
            ("noref", whole)
        }
        68..78 => {
            let most = usize::try_from(2 + chance % 3).expect("at most four");
            let more = unpaid.more(place, most).into_iter();
            let more = more.map(|other| (items[other].number.clone(), items[other].residual));
            let laid: Vec<_> = whole.into_iter().chain(more).collect();
            let names: Vec<&str> = laid.iter().map(|(name, _)| name.as_str()).collect();
            transfer.remittance = format!("Invoices {}", names.join(" "));
            transfer.cents = laid.iter().map(|(_, cents)| cents).sum();
            ("multi", laid)
        }
        78..88 => {
            transfer.cents = open * (30 + chance % 41) / 100;
            ("partial", vec![(number, transfer.cents)])
        }
        88..93 => {
            transfer.cents = open - (open * 2 + 50) / 100;
            ("discount", vec![(number, transfer.cents)])
        }
        93..96 => {
            let extra = 1_000 + chance % 9_000;
            transfer.cents = open + extra;
            ("overpay", vec![(number, open), (String::new(), extra)])
        }
        96..98 => {
            transfer.remittance = format!("Invoice {}", mistyped(&number, chance));
            ("typo", whole)
        }
        _ => {
            unpaid.pass_over(place);
            transfer.cents = 1_000 + chance % 500_000;
            transfer.debtor = "Cash deposit".to_owned();
            transfer.iban.clear();
            transfer.remittance = format!("Deposit {:06}", chance % 1_000_000);
            ("unknown", vec![(String::new(), transfer.cents)])
        }
    };
    (transfer, kind, laid)
}

/// Two neighbouring digits change places; where they are the same, the last digit is one off.
fn mistyped(number: &str, chance: i64) -> String {
    let mut bytes = number.as_bytes().to_vec();
    let place = usize::try_from(3 + chance % 6).expect("a digit of the number");
    bytes.swap(place, place + 1);
    if bytes == number.as_bytes() {
        let last = bytes.last_mut().expect("a number has digits");
        *last = b'0' + (*last - b'0' + 1) % 10;
    }
    String::from_utf8(bytes).expect("digits stay digits")
}
