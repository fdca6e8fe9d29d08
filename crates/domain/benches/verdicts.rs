//! How many verdicts of the law one core gives in a second, and how often each asks for memory.
//!
//! `cargo bench -p domain --bench verdicts`

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use domain::company::{Actor, CreditorClass, DebtClass};
use domain::customer::{Channel, ContactSource, Country, DebtorClass, RecipientRole};
use domain::law::{
    Applicable, At, Attempt, Consents, Facts, Layers, MessageKind, Outcome, Packs, PastAttempt,
};
use jiff::{SignedDuration, Timestamp};

/// Entries of the history of each customer.
const HISTORY: i64 = 20;

/// How long each figure is taken.
const SPAN: Duration = Duration::from_secs(2);

/// Counts every request for memory and passes it on.
struct Counting;

static REQUESTS: AtomicU64 = AtomicU64::new(0);

#[expect(
    unsafe_code,
    reason = "an allocator is unsafe by its trait; it only counts and passes on"
)]
// SAFETY: every call is handed to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        REQUESTS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: as the caller's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as the caller's.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        REQUESTS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: as the caller's.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// One customer: facts, what was done, and where the customer's questions are asked.
struct Customer {
    facts: Facts,
    history: Vec<PastAttempt>,
    tried: Vec<Attempt>,
}

fn main() {
    let packs = Packs::embedded();
    let start: Timestamp = "2026-11-16T13:00:00Z"
        .parse()
        .unwrap_or(Timestamp::UNIX_EPOCH);
    let customers = customers(start);
    println!("| What | a second, one core | requests for memory each |");
    println!("|---|---|---|");
    measure("regimes found and a verdict", &customers, |one, tried| {
        black_box(packs.applicable(&one.facts).verdict(&one.history, tried));
    });
    let kept: Vec<Applicable<'_>> = customers
        .iter()
        .map(|one| packs.applicable(&one.facts))
        .collect();
    let mut index = 0;
    measure("a verdict, regimes kept", &customers, |one, tried| {
        black_box(kept[index % kept.len()].verdict(&one.history, tried));
        index += usize::from(std::ptr::eq(tried, &one.tried[one.tried.len() - 1]));
    });
    measure(
        "the next lawful instant, 10 days ahead",
        &customers,
        |one, tried| {
            let At::Instant(at) = tried.at else { return };
            let until = at + SignedDuration::from_hours(240);
            let applicable = packs.applicable(&one.facts);
            black_box(applicable.next_allowed(&one.history, tried, until));
        },
    );
}

/// The time this thread was on a core, where the system tells it: others' work is not ours.
fn on_core() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds = text.split_whitespace().next()?.parse().ok()?;
    Some(Duration::from_nanos(nanoseconds))
}

fn measure(name: &str, customers: &[Customer], mut ask: impl FnMut(&Customer, &Attempt)) {
    let (mut asked, before) = (0_u64, REQUESTS.load(Ordering::Relaxed));
    let (start, worked) = (Instant::now(), on_core());
    while start.elapsed() < SPAN {
        for customer in customers {
            for tried in &customer.tried {
                ask(customer, tried);
                asked += 1;
            }
        }
    }
    let spent = match (worked, on_core()) {
        (Some(before), Some(after)) => after - before,
        _ => start.elapsed(),
    };
    let requests = REQUESTS.load(Ordering::Relaxed) - before;
    let a_second = u128::from(asked) * 1_000_000_000 / spent.as_nanos().max(1);
    let tenths = requests * 10 / asked.max(1);
    println!("| {name} | {a_second} | {}.{} |", tenths / 10, tenths % 10);
}

/// A customer of each country and kind that the packs tell apart, tried every three hours of a week
/// on every channel in turn, with every layer asked.
fn customers(start: Timestamp) -> Vec<Customer> {
    let mut customers = Vec::new();
    let places = [
        ("MX", None),
        ("CL", None),
        ("CO", None),
        ("PE", None),
        ("BR", Some("BR-SP")),
        ("AR", Some("AR-C")),
        ("EC", None),
        ("US", Some("US-CA")),
    ];
    for (country, subdivision) in places {
        for debtor in [DebtorClass::NaturalConsumer, DebtorClass::Company] {
            let mut facts = facts(country, subdivision, debtor);
            // The zone of half of them is not known: every zone of the country is asked.
            if let (Some(code), DebtorClass::NaturalConsumer) = (facts.country, debtor) {
                facts.zones = Packs::embedded().zones(code)[..1].to_vec();
            }
            customers.push(Customer {
                facts,
                history: history(start),
                tried: tries(start),
            });
        }
    }
    customers
}

fn facts(country: &str, subdivision: Option<&str>, debtor: DebtorClass) -> Facts {
    let person = debtor == DebtorClass::NaturalConsumer;
    Facts {
        country: Country::new(country),
        subdivision: subdivision.map(str::to_owned),
        zones: Vec::new(),
        debtor: Some(debtor),
        debt: Some(if person {
            DebtClass::ConsumerCredit
        } else {
            DebtClass::TradeReceivable
        }),
        creditor: Some(CreditorClass::CommercialLender),
        actor: Some(Actor::ThirdPartyAgency),
        final_consumer: Some(person),
        consents: Consents::given_for(Channel::ALL.iter().copied()),
        events: Vec::new(),
        layers: Layers::ALL,
    }
}

/// Some forty days of contacts, every channel and outcome in turn, some incoming.
fn history(start: Timestamp) -> Vec<PastAttempt> {
    (0..HISTORY)
        .map(|index| {
            let turn = usize::try_from(index).unwrap_or_default();
            PastAttempt {
                at: At::Instant(start - SignedDuration::from_hours(49 * index + 5)),
                channel: Channel::ALL[turn % Channel::ALL.len()],
                outcome: Outcome::ALL[turn % Outcome::ALL.len()],
                incoming: index % 7 == 6,
                debt: None,
            }
        })
        .collect()
}

fn tries(start: Timestamp) -> Vec<Attempt> {
    (0..56_i64)
        .map(|index| {
            let turn = usize::try_from(index).unwrap_or_default();
            Attempt {
                at: At::Instant(start + SignedDuration::from_hours(3 * index)),
                channel: Channel::ALL[turn % Channel::ALL.len()],
                role: RecipientRole::Debtor,
                source: ContactSource::CreditorRecord,
                kind: MessageKind::Collection,
                debt: None,
            }
        })
        .collect()
}
