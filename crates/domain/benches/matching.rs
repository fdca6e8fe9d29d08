//! How long a hundred thousand lines take against a million open documents of three hundred
//! thousand customers, index and all, on one core.
//!
//! `cargo bench -p domain --bench matching [-- DOCUMENTS LINES]`

use std::time::{Duration, Instant};

use domain::customer::Country;
use domain::ids::{CustomerId, DocumentId};
use domain::ledger::matching::{
    Incoming, Index, IndexBuilder, KnownCustomer, KnownDocument, Rules, Verdict,
};
use domain::{Currency, Money};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use uuid::Uuid;

const TODAY: Date = date(2026, 10, 31);

const FIRST: [&str; 16] = [
    "Ferretería",
    "Comercial",
    "Distribuidora",
    "Constructora",
    "Farmacia",
    "Abarrotes",
    "Transportes",
    "Servicios",
    "Industrias",
    "Inversiones",
    "Panadería",
    "Refaccionaria",
    "Papelería",
    "Agrícola",
    "Textiles",
    "Maderas",
];
const SECOND: [&str; 16] = [
    "Muñoz",
    "Pérez",
    "García",
    "Los Aromos",
    "El Clavo",
    "San José",
    "del Valle",
    "Andina",
    "La Esperanza",
    "Rojas",
    "Núñez",
    "Hermanos Soto",
    "Santa María",
    "El Sol",
    "Occidente",
    "Río Bravo",
];

/// SplitMix64.
struct Draws(u64);

impl Draws {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        u64::try_from((u128::from(self.next()) * u128::from(end)) >> 64).unwrap_or(0)
    }
}

struct Row {
    customer: u64,
    number: String,
    minor: i64,
}

fn name(customer: u64) -> String {
    let pick = |of: &[&'static str; 16], by: u64| of[usize::try_from(by % 16).unwrap_or(0)];
    format!(
        "{} {} S.A. de C.V. {customer:06}",
        pick(&FIRST, customer),
        pick(&SECOND, customer / 16)
    )
}

fn account(customer: u64) -> String {
    format!("0121800{customer:011}")
}

fn customer_id(customer: u64) -> CustomerId {
    CustomerId::from_uuid(Uuid::from_u128(u128::from(customer) + 1))
}

/// The invoices, and the lines that pay some of them: as the generated portfolios mix them.
fn company(documents: u64, lines: u64) -> (Vec<Row>, Vec<Incoming>) {
    let mut draws = Draws(42);
    let customers = documents * 3 / 10;
    let rows: Vec<Row> = (1..=documents)
        .map(|at| Row {
            customer: draws.below(customers).min(draws.below(customers)),
            number: format!("F-{at:07}"),
            minor: i64::try_from(2_000 + draws.below(5_000_000)).unwrap_or(1),
        })
        .collect();
    let mut of_customers: Vec<Vec<usize>> =
        vec![Vec::new(); usize::try_from(customers).unwrap_or(0)];
    for (at, row) in rows.iter().enumerate() {
        of_customers[usize::try_from(row.customer).unwrap_or(0)].push(at);
    }
    let step = usize::try_from(documents / lines).unwrap_or(1);
    let paid = rows.iter().step_by(step).enumerate();
    let lines = paid.map(|(at, row)| {
        let kind = draws.below(100);
        let (mut minor, mut text) = (row.minor, format!("PAGO FACTURA {}", row.number));
        match kind {
            0..58 => {}
            58..68 => text = format!("PAGO {}", name(row.customer)),
            68..78 => {
                let theirs = &of_customers[usize::try_from(row.customer).unwrap_or(0)];
                let some: Vec<&Row> = theirs.iter().take(3).map(|at| &rows[*at]).collect();
                minor = some.iter().map(|it| it.minor).sum();
                let numbers: Vec<&str> = some.iter().map(|it| it.number.as_str()).collect();
                text = format!("FACTURAS {}", numbers.join(" "));
            }
            78..88 => minor = minor * 4 / 10,
            88..93 => minor -= minor / 50,
            93..96 => minor += 5_000,
            96..98 => text = format!("TRANSFERENCIA {at:07}"),
            _ => {
                minor = 123_457;
                text = "DEPOSITO EN EFECTIVO".to_owned();
            }
        }
        let day = i64::try_from(1 + draws.below(14)).unwrap_or(1);
        let amount = Money::new(minor, Currency::MXN);
        let mut line = Incoming::new(
            format!("T{at:07}"),
            TODAY.saturating_add(day.days()),
            amount,
        );
        line.texts = vec![text];
        if kind < 98 {
            line.payer.name = Some(name(row.customer).to_uppercase());
            // A third of the accounts is not known: the name has to do.
            let known = row.customer % 3 != 0;
            line.payer.account = Some(account(row.customer + if known { 0 } else { 1 << 40 }));
        }
        line
    });
    let lines = lines.collect();
    (rows, lines)
}

fn index(rows: &[Row]) -> Index {
    let customers = rows.len() * 3 / 10;
    let mut builder = IndexBuilder::with_capacity(customers, rows.len());
    for customer in 0..customers as u64 {
        let id = customer_id(customer);
        builder.customer(&KnownCustomer {
            id,
            key: &format!("C{customer:06}"),
            name: &name(customer),
            tax_id: None,
        });
        builder.account(id, &account(customer));
    }
    for (at, row) in rows.iter().enumerate() {
        builder.document(&KnownDocument {
            id: DocumentId::from_uuid(Uuid::from_u128(at as u128 + 1)),
            customer: customer_id(row.customer),
            number: &row.number,
            credit: false,
            issued: date(2026, 9, 1),
            due: date(2026, 10, 1),
            open: Money::new(row.minor, Currency::MXN),
            net: None,
            total: row.minor,
            references: &[],
            stamp: None,
        });
    }
    builder.build()
}

/// Time that the processor spent on this, in hundredths of a second: on a machine that others use
/// as well, the clock says little.
fn spent() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let behind_name = stat.rsplit(')').next().unwrap_or_default();
    let fields = behind_name.split_whitespace().skip(11).take(2);
    fields.filter_map(|it| it.parse::<u64>().ok()).sum()
}

fn seconds(clock: Duration, spent: u64) -> String {
    let clock = format!("{}.{:03} s", clock.as_secs(), clock.subsec_millis());
    format!("{clock} ({}.{:02} s of one core)", spent / 100, spent % 100)
}

fn main() {
    let numbers: Vec<u64> = std::env::args().filter_map(|it| it.parse().ok()).collect();
    let documents = numbers.first().copied().unwrap_or(1_000_000);
    let lines = numbers.get(1).copied().unwrap_or(100_000);
    let (rows, lines) = company(documents, lines);
    let (start, before) = (Instant::now(), spent());
    let index = index(&rows);
    let (built, spent_building) = (start.elapsed(), spent() - before);
    let (start, before) = (Instant::now(), spent());
    let proposals = index.match_lines(&lines, &Rules::of(Country::MX), &[]);
    let (matched, spent_matching) = (start.elapsed(), spent() - before);
    let applied = proposals
        .iter()
        .filter(|it| it.verdict == Verdict::Applied)
        .count();
    println!(
        "{} documents of {} customers",
        index.documents(),
        index.customers()
    );
    println!("index built in {}", seconds(built, spent_building));
    println!(
        "{} lines matched in {}, {applied} applied",
        lines.len(),
        seconds(matched, spent_matching)
    );
    let together = seconds(built + matched, spent_building + spent_matching);
    println!("together {together}");
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    for line in status.lines().filter(|it| it.starts_with("VmHWM")) {
        println!("{line}");
    }
}
