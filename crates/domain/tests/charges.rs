//! What being late costs, case by case, and what always holds of it.

use std::fmt::Write as _;

use domain::charges::{
    Charged, Charges, Compounding, DayCount, Fee, FeeAmount, Interest, LateCharges, NewNote, Rate,
    Rates, Reckoning, Reset, notes,
};
use domain::company::{Actor, CreditorClass, DebtClass};
use domain::customer::{Country, DebtorClass};
use domain::document::{Document, DocumentKind};
use domain::law::{Bracket, Consents, Facts, Layers, Packs};
use domain::ledger::{Application, Books, Source};
use domain::{Currency, DocumentId, Money, PaymentId};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use proptest::prelude::*;
use rust_decimal::Decimal;
use uuid::Uuid;

const DUE: Date = date(2026, 6, 30);

fn after(days: i64) -> Date {
    DUE.saturating_add(days.days())
}

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a number")
}

fn money(text: &str, code: &str) -> Money {
    Money::from_decimal(decimal(text), Currency::new(code).expect("a code")).expect("an amount")
}

/// One invoice due on [`DUE`], with payments on it.
fn books(amount: Money, paid: &[(Date, &str)]) -> Books {
    let id = DocumentId::from_uuid(Uuid::from_u128(1));
    let code = amount.currency.code().to_owned();
    let on_it = paid.iter().map(|(on, paid)| Application {
        source: Source::Payment(PaymentId::from_uuid(Uuid::from_u128(9))),
        document: id,
        on: *on,
        minor: money(paid, &code).minor,
    });
    Books {
        documents: vec![Document {
            id,
            number: "F-1".to_owned(),
            kind: DocumentKind::Invoice,
            issued: date(2026, 5, 31),
            due: DUE,
            amount,
            direct_debit: false,
            debt: Default::default(),
        }],
        applications: on_it.collect(),
        ..Books::default()
    }
}

fn facts(country: &str, debtor: DebtorClass) -> Facts {
    let is_person = debtor.is_person();
    Facts {
        country: Country::new(country),
        subdivision: None,
        zones: Vec::new(),
        debtor: Some(debtor),
        debt: Some(if is_person {
            DebtClass::ConsumerGoodsServices
        } else {
            DebtClass::TradeReceivable
        }),
        creditor: Some(CreditorClass::Supplier),
        actor: Some(Actor::FirstParty),
        final_consumer: Some(is_person),
        consents: Consents::default(),
        events: Vec::new(),
        layers: Layers::ALL,
    }
}

fn fixed(percent: &str, day_count: DayCount, compounding: Compounding) -> LateCharges {
    LateCharges {
        interest: Some(Interest {
            rate: Rate::Fixed {
                percent: decimal(percent),
            },
            day_count,
            compounding,
            grace_days: 0,
            source: "contrato, cláusula 8".to_owned(),
            only_under: Vec::new(),
        }),
        fees: Vec::new(),
        ask: false,
        booking: None,
    }
}

fn fee(amount: FeeAmount, after_days: u16) -> Fee {
    Fee {
        key: "gestion".to_owned(),
        name: "Gastos de cobranza".to_owned(),
        amount,
        after_days,
        source: "contrato, cláusula 9".to_owned(),
        only_under: Vec::new(),
    }
}

fn only_fee(fee: Fee) -> LateCharges {
    LateCharges {
        interest: None,
        fees: vec![fee],
        ask: false,
        booking: None,
    }
}

fn art_37() -> FeeAmount {
    let bracket = |up_to: Option<&str>, percent: &str| Bracket {
        up_to: up_to.map(decimal),
        percent: decimal(percent),
    };
    FeeAmount::Tiered {
        unit: Some("UF".to_owned()),
        brackets: vec![
            bracket(Some("10"), "9"),
            bracket(Some("50"), "6"),
            bracket(None, "3"),
        ],
    }
}

fn rates(values: &[(&str, Date, &str)]) -> Rates {
    Rates::new(
        values
            .iter()
            .map(|(series, on, value)| ((*series).to_owned(), *on, decimal(value))),
    )
}

/// UF of every day of the summer of 2026 at 40,000 pesos.
fn uf() -> Rates {
    Rates::new((0..120).map(|day| ("UF".to_owned(), after(day), decimal("40000"))))
}

fn reckon(
    terms: &LateCharges,
    facts: &Facts,
    rates: &Rates,
    books: &Books,
    as_of: Date,
) -> Charges {
    let law = Packs::embedded().applicable(facts);
    Reckoning::new(terms, &law, rates, as_of).charges(books)
}

fn told(charges: &Charges) -> String {
    let mut told = String::new();
    for line in &charges.lines {
        let cut = line
            .cut_by
            .as_deref()
            .map(|by| format!(" [{by}]"))
            .unwrap_or_default();
        let _ = writeln!(
            told,
            "{} ({}, {}]: {} = {} | {}{cut}",
            line.name, line.from, line.to, line.formula, line.amount, line.source
        );
    }
    for left in &charges.left_out {
        let _ = writeln!(told, "sin {}: {}", left.name, left.reason);
    }
    told
}

const COMPANY: DebtorClass = DebtorClass::Company;
const CONSUMER: DebtorClass = DebtorClass::NaturalConsumer;

#[test]
fn interest_by_its_day_count_and_kind() {
    use Compounding::{CompoundDaily, Simple};
    use DayCount::{Actual360, Actual365, Thirty360};
    for (percent, count, kind, days, expected) in [
        ("24", Actual360, Simple, 30, "200.00"),
        ("24", Actual365, Simple, 30, "197.26"),
        ("24", Actual365, Simple, 365, "2400.00"),
        ("36", Actual360, CompoundDaily, 30, "304.39"),
        // 30 June to 31 August: 62 days, two months of thirty.
        ("24", Actual360, Simple, 62, "413.33"),
        ("24", Thirty360, Simple, 62, "400.00"),
        // One day at so little a rate comes to less than half a centavo.
        ("0.01", Actual360, Simple, 1, ""),
    ] {
        let terms = fixed(percent, count, kind);
        let books = books(money("10000", "MXN"), &[]);
        let facts = facts("MX", COMPANY);
        let charges = reckon(&terms, &facts, &Rates::default(), &books, after(days));
        let totals: Vec<String> = charges
            .totals()
            .iter()
            .map(|it| it.decimal().to_string())
            .collect();
        assert_eq!(
            totals.join(" "),
            expected,
            "{percent} {count} {kind} {days}"
        );
    }
}

#[test]
fn a_part_payment_begins_a_new_line() {
    let terms = fixed("36", DayCount::Actual360, Compounding::Simple);
    let books = books(money("10000", "MXN"), &[(after(10), "4000")]);
    let charges = reckon(
        &terms,
        &facts("MX", COMPANY),
        &Rates::default(),
        &books,
        after(30),
    );
    insta::assert_snapshot!(told(&charges), @r"
    Interés por atraso (2026-06-30, 2026-07-10]: 10000.00 MXN × 36 % × 10 ÷ 360 = 100.00 MXN | contrato, cláusula 8
    Interés por atraso (2026-07-10, 2026-07-30]: 6000.00 MXN × 36 % × 20 ÷ 360 = 120.00 MXN | contrato, cláusula 8
    ");
    let mut compound = terms;
    if let Some(interest) = &mut compound.interest {
        interest.compounding = Compounding::CompoundDaily;
        interest.grace_days = 5;
    }
    let charges = reckon(
        &compound,
        &facts("MX", COMPANY),
        &Rates::default(),
        &books,
        after(30),
    );
    insta::assert_snapshot!(told(&charges), @r"
    Interés por atraso (2026-07-05, 2026-07-10]: 10000.00 MXN × ((1 + 36 % ÷ 360)^5 − 1) = 50.10 MXN | contrato, cláusula 8
    Interés por atraso (2026-07-10, 2026-07-30]: (6000.00 MXN + 50.10) × ((1 + 36 % ÷ 360)^20 − 1) = 122.16 MXN | contrato, cláusula 8
    ");
}

/// Ley 3/2004, arts. 7 and 8: the ECB's rate before each half year and eight points, and forty
/// euros, among companies only.
#[test]
fn spain_adds_eight_points_by_half_year_and_forty_euros() {
    let under = vec!["ES-LEY-3-2004".to_owned()];
    let terms = LateCharges {
        interest: Some(Interest {
            rate: Rate::Series {
                series: "BCE".to_owned(),
                margin_percent: decimal("8"),
                reset: Reset::HalfYear,
            },
            day_count: DayCount::Actual365,
            compounding: Compounding::Simple,
            grace_days: 0,
            source: "Ley 3/2004, art. 7".to_owned(),
            only_under: Vec::new(),
        }),
        fees: vec![Fee {
            only_under: under,
            ..fee(FeeAmount::Fixed(vec![money("40", "EUR")]), 0)
        }],
        ask: false,
        booking: None,
    };
    let known = rates(&[
        ("BCE", date(2025, 6, 11), "2.15"),
        ("BCE", date(2026, 6, 30), "2.00"),
        ("BCE", date(2026, 9, 17), "1.75"),
    ]);
    let books = books(money("1000", "EUR"), &[]);
    let as_of = date(2027, 1, 31);
    let charges = reckon(&terms, &facts("ES", CONSUMER), &known, &books, as_of);
    assert!(
        charges.lines.iter().all(|line| line.amount.minor != 4000),
        "{charges:?}"
    );
    insta::assert_snapshot!(told(&charges), @r"
    Interés por atraso (2026-06-30, 2026-12-31]: 1000.00 EUR × 10 % × 184 ÷ 365 = 50.41 EUR | Ley 3/2004, art. 7; BCE del 2026-06-30: 2 %
    Interés por atraso (2026-12-31, 2027-01-31]: 1000.00 EUR × 9.75 % × 31 ÷ 365 = 8.28 EUR | Ley 3/2004, art. 7; BCE del 2026-09-17: 1.75 %
    ");
    let none = reckon(
        &terms,
        &facts("ES", CONSUMER),
        &Rates::default(),
        &books,
        as_of,
    );
    insta::assert_snapshot!(
        told(&none).replace(": impórtela", ":\nimpórtela"), @r"
    sin Interés por atraso: falta la tasa BCE del 2026-06-30:
    impórtela con `puntual rates import`
    ");
}

/// Ley 19.496, art. 37: nine, six and three per cent by brackets, from the day 21, and no more.
#[test]
fn chile_lets_fees_begin_after_twenty_days_and_grow_by_brackets() {
    let chile = facts("CL", CONSUMER);
    let sixty = books(money("2400000", "CLP"), &[]);
    let terms = only_fee(fee(art_37(), 0));
    for (days, expected) in [
        (20, ""),
        (21, "144000 CLP"),
        (25, "144000 CLP"),
        (90, "144000 CLP"),
    ] {
        let charges = reckon(&terms, &chile, &uf(), &sixty, after(days));
        let totals: Vec<String> = charges.totals().iter().map(ToString::to_string).collect();
        assert_eq!(totals.join(" "), expected, "{days} days");
    }
    // UF 60: 3.6, never 60 × 3 % = 1.8.
    let in_uf = books(money("60", "CLF"), &[]);
    let charges = reckon(&terms, &chile, &Rates::default(), &in_uf, after(25));
    assert_eq!(charges.totals(), [money("3.6", "CLF")]);
    // What a contract asks beyond is cut, and two fees share the cap.
    let flat = |key: &str| Fee {
        key: key.to_owned(),
        ..fee(FeeAmount::Percent(decimal("5")), 0)
    };
    let greedy = LateCharges {
        fees: vec![flat("a"), flat("b")],
        ..only_fee(flat("a"))
    };
    let charges = reckon(&greedy, &chile, &uf(), &sixty, after(25));
    insta::assert_snapshot!(told(&charges), @r"
    Gastos de cobranza (2026-07-20, 2026-07-21]: 2400000 CLP × 5 % = 120000 CLP | contrato, cláusula 9
    Gastos de cobranza (2026-07-20, 2026-07-21]: 2400000 CLP × 5 % = 24000 CLP | contrato, cláusula 9 [Ley 19.496 arts. 37, 38, 39 y 39 A a 39 C; Ley 21.320; Ley 21.062; Ley 20.416 art. 9: 144000 CLP a lo más]
    ");
    // A larger company that buys for its trade is outside that law.
    let charges = reckon(&greedy, &facts("CL", COMPANY), &uf(), &sixty, after(25));
    assert_eq!(charges.totals(), [money("240000", "CLP")]);
    // Without the unit's value there is no fee, and the reason says what is missing.
    let charges = reckon(&terms, &chile, &Rates::default(), &sixty, after(25));
    insta::assert_snapshot!(
        told(&charges).replace(": impórtela", ":\nimpórtela"), @r"
    sin Gastos de cobranza: falta la tasa UF del 2026-07-21:
    impórtela con `puntual rates import`
    ");
}

#[test]
fn interest_in_chile_stays_under_the_highest_conventional_rate() {
    let terms = fixed("60", DayCount::Actual360, Compounding::Simple);
    let books = books(money("1000000", "CLP"), &[]);
    let known = rates(&[
        ("TMC", date(2026, 6, 15), "36"),
        ("TMC", date(2026, 7, 15), "34.5"),
        ("TMC", date(2026, 8, 14), "35"),
    ]);
    let charges = reckon(&terms, &facts("CL", CONSUMER), &known, &books, after(30));
    insta::assert_snapshot!(told(&charges), @r"
    Interés por atraso (2026-06-30, 2026-07-14]: 1000000 CLP × 36 % × 14 ÷ 360 = 14000 CLP | contrato, cláusula 8 [Ley 19.496 arts. 37, 38, 39 y 39 A a 39 C; Ley 21.320; Ley 21.062; Ley 20.416 art. 9: TMC del 2026-06-15, 36 %]
    Interés por atraso (2026-07-14, 2026-07-30]: 1000000 CLP × 34.5 % × 16 ÷ 360 = 15333 CLP | contrato, cláusula 8 [Ley 19.496 arts. 37, 38, 39 y 39 A a 39 C; Ley 21.320; Ley 21.062; Ley 20.416 art. 9: TMC del 2026-07-15, 34.5 %]
    ");
    let missing = reckon(
        &terms,
        &facts("CL", CONSUMER),
        &Rates::default(),
        &books,
        after(30),
    );
    insta::assert_snapshot!(
        told(&missing).replace(": impórtela", ":\nimpórtela"), @r"
    sin Interés por atraso: falta la tasa TMC del 2026-07-01:
    impórtela con `puntual rates import`
    ");
}

#[test]
fn what_is_settled_not_yet_late_or_a_note_bears_nothing() {
    let terms = LateCharges {
        fees: vec![fee(FeeAmount::Fixed(vec![money("100", "MXN")]), 0)],
        ..fixed("24", DayCount::Actual360, Compounding::Simple)
    };
    let mexico = facts("MX", COMPANY);
    let none = Rates::default();
    let open = books(money("10000", "MXN"), &[]);
    let settled = books(money("10000", "MXN"), &[(after(5), "10000")]);
    let mut note = open.clone();
    note.documents[0].kind = DocumentKind::DebitNote;
    for (books, day) in [(&open, DUE), (&settled, after(30)), (&note, after(30))] {
        let charges = reckon(&terms, &mexico, &none, books, day);
        assert_eq!(charges, Charges::default(), "{day}");
    }
    // A fee in a currency the policy does not name is no fee.
    let dollars = books(money("10000", "USD"), &[]);
    let charges = reckon(&terms, &mexico, &none, &dollars, after(30));
    assert_eq!(charges.lines.len(), 1);
}

proptest! {
    /// Invariant 8: integer money and exact rates, explicit day count and kind, the same on being
    /// asked twice, never less on a later day, and none where nothing was said.
    #[test]
    fn inv_08_charges_are_exact_idempotent_and_none_when_blank(
        minor in 1i64..5_000_000_000,
        hundredths in 1i64..20_000,
        days in 1i64..800,
        more in 0i64..400,
        count in prop::sample::select(DayCount::ALL),
        compounding in prop::sample::select(Compounding::ALL),
        paid_on in 0i64..800,
        part in 0i64..100,
    ) {
        let amount = Money::new(minor, Currency::MXN);
        let mut books = books(amount, &[]);
        let paid = minor * part / 100;
        books.applications.push(Application {
            source: Source::Payment(PaymentId::from_uuid(Uuid::from_u128(9))),
            document: books.documents[0].id,
            on: after(paid_on),
            minor: paid,
        });
        let mexico = facts("MX", COMPANY);
        let none = Rates::default();
        let blank = LateCharges { interest: None, fees: Vec::new(), ask: true, booking: None };
        prop_assert_eq!(reckon(&blank, &mexico, &none, &books, after(days)), Charges::default());

        let percent = Decimal::new(hundredths, 2);
        let terms = fixed(&percent.to_string(), count, compounding);
        let once = reckon(&terms, &mexico, &none, &books, after(days));
        prop_assert_eq!(&once, &reckon(&terms, &mexico, &none, &books, after(days)));
        prop_assert_eq!(&books.documents[0].amount, &amount);
        let total = once.totals().first().map_or(0, |it| it.minor);
        let summed: i64 = once.lines.iter().map(|line| line.amount.minor).sum();
        prop_assert_eq!(total, summed);
        let later = reckon(&terms, &mexico, &none, &books, after(days + more));
        let later = later.totals().first().map_or(0, |it| it.minor);
        // A stretch that is cut in two may round each half down by up to half a centavo.
        prop_assert!(later + 1 >= total, "{later} on a later day, {total} before");
        if compounding == Compounding::Simple {
            let most = Decimal::from(minor) * percent * Decimal::from(days + 5)
                / Decimal::from(36_000) + Decimal::from(once.lines.len() as u64);
            prop_assert!(Decimal::from(total) <= most, "{total} > {most}");
        }
    }
}

/// Books the notes of a day; gives them.
fn book(books: &mut Books, terms: &LateCharges, end: Date) -> Vec<NewNote> {
    let none = Rates::default();
    let mexico = facts("MX", COMPANY);
    let law = Packs::embedded().applicable(&mexico);
    let earned = |day| Reckoning::new(terms, &law, &none, day).earned(books);
    let new = notes(books, [1; 32], end, earned);
    for (index, note) in new.iter().enumerate() {
        let number = (books.charged.len() + index) as u128 + 100;
        books.charged.push(Charged {
            note: DocumentId::from_uuid(Uuid::from_u128(number)),
            number: note.number(),
            invoice: note.invoice,
            invoice_number: note.invoice_number.clone(),
            issued: end.saturating_add(1.day()),
            up_to: note.up_to,
            part: note.part,
            amount: note.amount,
            terms: [1; 32],
            lines: note.lines.clone(),
        });
    }
    new
}

fn booked(books: &Books) -> i64 {
    books.charged.iter().map(|it| it.amount.minor).sum()
}

proptest! {
    /// Invariant 8 of what becomes documents: month after month the notes come to what was earned,
    /// none twice; each is the sum of its lines; money dated back leaves what was earned at most.
    #[test]
    fn inv_08_notes_come_to_what_was_earned_and_none_is_booked_twice(
        minor in 100_000i64..5_000_000_000,
        hundredths in 500i64..20_000,
        months in 1i64..8,
        paid_on in 1i64..240,
        part in 0i64..=100,
    ) {
        let terms = fixed(
            &Decimal::new(hundredths, 2).to_string(), DayCount::Actual360, Compounding::Simple,
        );
        let mexico = facts("MX", COMPANY);
        let mut books = books(Money::new(minor, Currency::MXN), &[]);
        let earned = |books: &Books, day| {
            let law = Packs::embedded().applicable(&mexico);
            let none = Rates::default();
            let earned = Reckoning::new(&terms, &law, &none, day).earned(books);
            earned.totals().first().map_or(0, |it| it.minor)
        };
        let ends: Vec<Date> = (1..=months).map(|it| DUE.saturating_add(it.months())).collect();
        for end in &ends {
            for note in book(&mut books, &terms, *end) {
                let sum: i64 = note.lines.iter().map(|line| line.amount.minor).sum();
                prop_assert_eq!(sum, note.amount.minor);
                prop_assert!(!note.is_credit());
            }
            prop_assert_eq!(booked(&books), earned(&books, *end));
            prop_assert_eq!(book(&mut books, &terms, *end), vec![]);
            let beside = reckon(&terms, &mexico, &Rates::default(), &books, *end);
            let beside: i64 = beside.totals().iter().map(|it| it.minor).sum();
            // The note is issued the day after; on its day nothing of it is left beside it.
            prop_assert_eq!(beside, booked(&books) - before(&books, *end));
        }
        let last = ends[ends.len() - 1];
        books.applications.push(Application {
            source: Source::Payment(PaymentId::from_uuid(Uuid::from_u128(9))),
            document: books.documents[0].id,
            on: after(paid_on),
            minor: minor * part / 100,
        });
        let most = ends.iter().map(|end| earned(&books, *end)).max().unwrap_or(0);
        let was = booked(&books);
        for note in book(&mut books, &terms, last) {
            prop_assert!(note.is_credit());
        }
        prop_assert_eq!(booked(&books), was.min(most));
        prop_assert_eq!(book(&mut books, &terms, last), vec![]);
    }
}

/// What notes issued by a day come to.
fn before(books: &Books, day: Date) -> i64 {
    let issued = books.charged.iter().filter(|it| it.issued <= day);
    issued.map(|it| it.amount.minor).sum()
}
