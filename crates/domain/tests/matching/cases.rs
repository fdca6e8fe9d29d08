//! Lines that a bookkeeper can check by eye.

use std::fmt::Write as _;

use domain::customer::Country;
use domain::ids::{CustomerId, DocumentId};
use domain::ledger::matching::{
    Discount, Incoming, Index, IndexBuilder, KnownCustomer, KnownDocument, NamedDocument, Refused,
    Rules, Target, Verdict,
};
use domain::{Currency, Money};
use jiff::civil::{Date, date};
use rust_decimal::Decimal;
use uuid::Uuid;

const ON: Date = date(2026, 11, 10);
const STAMP: &str = "6F9619FF-8B86-D011-B42D-00C04FC964FF";

fn customer(number: u128) -> CustomerId {
    CustomerId::from_uuid(Uuid::from_u128(number))
}

fn document(number: u128) -> DocumentId {
    DocumentId::from_uuid(Uuid::from_u128(number))
}

/// Our id, whose, number, minor units, day of November it is due.
const DOCUMENTS: [(u128, u128, &str, i64, i8); 14] = [
    (101, 1, "F-0004532", 116_050, 1),
    (102, 1, "F-0004533", 348_000, 5),
    (103, 1, "F-0004539", 75_321, 8),
    (201, 2, "F-0005001", 518_437, 1),
    (202, 2, "F-0005002", 518_437, 2),
    (301, 3, "F-0006001", 1_234_567, 1),
    (302, 3, "F-0006002", 2_345_678, 2),
    (303, 3, "F-0006003", 3_456_789, 3),
    (304, 3, "F-0006004", 4_567_890, 4),
    (401, 4, "B-77", 999_999, 1),
    (402, 4, "NC-9", 50_000, 1),
    (501, 5, "F-0007001", 232_011, 1),
    (601, 6, "F-0008001", 880_000, 1),
    (602, 6, "F-0008003", 880_100, 1),
];

fn index() -> Index {
    let mut builder = IndexBuilder::default();
    let customers = [
        (1, "Ferretería Muñoz, S.A. de C.V.", Some("FMU010203AB1")),
        (2, "Comercial Los Aromos SpA", None),
        (3, "Constructora del Valle Ltda.", Some("CVA0102039X2")),
        (4, "Transportes Peñaflor", None),
        (5, "Panadería El Sol", Some("XAXX010101000")),
        (6, "Panadería El Sol Norte", Some("XAXX010101000")),
    ];
    for (id, name, tax_id) in customers {
        builder.customer(&KnownCustomer {
            id: customer(id),
            key: &format!("CL-{id:05}"),
            name,
            tax_id,
        });
        builder.account(customer(id), &format!("01218000000000000{id}"));
    }
    builder.alias(customer(4), "Peñaflor Logística Integral");
    builder.virtual_account(customer(3), "646180000000000033");
    for (id, of, number, minor, day) in DOCUMENTS {
        builder.document(&KnownDocument {
            id: document(id),
            customer: customer(of),
            number,
            credit: number.starts_with("NC"),
            issued: date(2026, 10, 1),
            due: date(2026, 11, day),
            open: Money::new(minor, Currency::MXN),
            net: None,
            total: minor,
            references: if id == 301 { &["REF-XK-99"] } else { &[] },
            stamp: (id == 101).then_some(STAMP),
        });
    }
    builder.build()
}

fn rules() -> Rules {
    Rules {
        discounts: vec![Discount {
            percent: Decimal::TWO,
            within_days: Some(60),
        }],
        fees_max: vec![Money::new(1_500, Currency::MXN)],
        ..Rules::of(Country::MX)
    }
}

/// A line of a payer's account (0: none) with a text.
fn line(id: &str, minor: i64, account: u32, text: &str) -> Incoming {
    let mut line = Incoming::new(id, ON, Money::new(minor, Currency::MXN));
    line.texts = vec![text.to_owned()];
    line.payer.account = (account > 0).then(|| format!("01218000000000000{account}"));
    line
}

/// Verdict, what is laid, surplus and the codes of the reasons.
fn told(lines: &[Incoming], refused: &[Refused]) -> String {
    let index = index();
    let mut text = String::new();
    for (line, it) in lines
        .iter()
        .zip(index.match_lines(lines, &rules(), refused))
    {
        let laid: Vec<String> = it
            .applications
            .iter()
            .map(|laid| {
                let named = DOCUMENTS
                    .iter()
                    .find(|row| document(row.0) == laid.document);
                let closes: String = laid
                    .closes_by
                    .iter()
                    .map(|by| format!("+{} {}", by.minor, by.kind.code()))
                    .collect();
                let number = named.expect("ours").2.trim_start_matches("F-000");
                format!("{number} {}{closes}", laid.minor)
            })
            .collect();
        let reasons: Vec<&str> = it.reasons.iter().map(|reason| reason.code()).collect();
        let _ = writeln!(
            text,
            "{}: {} [{}] +{}\n  {}",
            line.id,
            it.verdict.code(),
            laid.join(", "),
            it.surplus.minor,
            reasons.join(" ")
        );
    }
    text
}

#[test]
fn documents_named_in_any_way() {
    let told = told(
        &[
            line("whole number", 116_050, 1, "PAGO FACTURA F-0004532"),
            line("number alone, no payer", 348_000, 0, "pago f 4533"),
            line("fragment", 75_321, 1, "fac 4539 nov"),
            line("reference", 1_234_567, 3, "REF-XK-99"),
            line("part", 500, 2, "abono F0005001"),
        ],
        &[],
    );
    insta::assert_snapshot!(told, @"
        whole number: applied [4532 116050] +0
          number account exact_amount
        number alone, no payer: applied [4533 348000] +0
          number exact_amount unknown_payer
        fragment: applied [4539 75321] +0
          fragment account exact_amount
        reference: applied [6001 1234567] +0
          reference account exact_amount
        part: applied [5001 500] +0
          number account partial
    ");
}

#[test]
fn stamps_checked_references_and_fields() {
    let mut structured = Incoming::new("iso 11649", ON, Money::new(348_000, Currency::MXN));
    structured.creditor_references = vec!["RF93 F000 4533".to_owned()];
    let mut fields = line("fields", 400_000, 1, "");
    fields.documents = vec![
        NamedDocument {
            number: "F-0004532".to_owned(),
            minor: Some(100_000),
        },
        NamedDocument {
            number: "F-0004533".to_owned(),
            minor: Some(300_000),
        },
    ];
    let stamp = line(
        "stamp",
        116_050,
        0,
        &format!("CFDI {}", STAMP.to_lowercase()),
    );
    insta::assert_snapshot!(told(&[stamp], &[]), @"
        stamp: applied [4532 116050] +0
          reference exact_amount unknown_payer
    ");
    insta::assert_snapshot!(told(&[structured], &[]), @"
        iso 11649: applied [4533 348000] +0
          reference exact_amount unknown_payer
    ");
    insta::assert_snapshot!(told(&[fields], &[]), @"
        fields: applied [4532 100000, 4533 300000] +0
          reference reference account told_amounts
    ");
}

#[test]
fn amounts_without_a_document() {
    let told = told(
        &[
            line("only one of it", 348_000, 1, "pago"),
            line("two of it", 518_437, 2, "pago"),
            line("all that is owed", 11_604_924, 3, "liquidación"),
            line("nothing fits", 123, 4, "pago"),
            line("nobody", 42, 0, "DEPOSITO EN EFECTIVO"),
        ],
        &[],
    );
    insta::assert_snapshot!(told, @"
        only one of it: applied [4533 348000] +0
          account exact_amount
        two of it: proposed [5001 518437] +0
          account exact_amount several_fit below_threshold
        all that is owed: applied [6001 1234567, 6002 2345678, 6003 3456789, 6004 4567890] +0
          account whole_balance
        nothing fits: proposed [] +123
          account nothing_fits below_threshold
        nobody: unmatched [] +42
          unknown_payer
    ");
}

#[test]
fn sums_that_nobody_named() {
    let two = told(&[line("only set", 1_234_567 + 4_567_890, 3, "pago")], &[]);
    insta::assert_snapshot!(two, @"
        only set: applied [6001 1234567, 6004 4567890] +0
          account only_subset
    ");
    let oldest = told(&[line("oldest", 1_234_567 + 2_345_678, 3, "pago")], &[]);
    insta::assert_snapshot!(oldest, @"
        oldest: applied [6001 1234567, 6002 2345678] +0
          account oldest_in_order
    ");
}

#[test]
fn differences_with_a_cause() {
    let mut charged = line("told charges", 348_000 - 2_345, 1, "F-0004533");
    charged.charges = Some(Money::new(2_345, Currency::MXN));
    let told = told(
        &[
            line("discount", 1_234_567 - 24_691, 3, "F-0006001"),
            line("isr and iva", 2_345_678 - 202_214 - 215_694, 3, "F-0006002"),
            line("fee", 3_456_789 - 1_200, 3, "F-0006003"),
            line("rounding", 75_300, 1, "F-0004539"),
            line("credit note", 949_999, 4, "B-77"),
            line("more", 126_050, 1, "F-0004532"),
            charged,
        ],
        &[],
    );
    insta::assert_snapshot!(told, @"
        discount: applied [6001 1209876+24691 discount] +0
          number account discount
        isr and iva: applied [6002 1927770+417908 isr_10] +0
          number account withholding
        fee: applied [6003 3455589+1200 bank_fee] +0
          number account bank_fee
        rounding: applied [4539 75300+21 rounding] +0
          number account rounding
        credit note: proposed [B-77 949999+50000 credit_note] +0
          number account credit_note
        more: applied [4532 116050] +10000
          number account surplus
        told charges: applied [4533 345655+2345 bank_fee] +0
          number account bank_fee
    ");
}

#[test]
fn slips_and_contradictions() {
    let mut other_tax = line("other tax id", 518_437, 0, "F-0005001");
    other_tax.payer.tax_id = Some("FMU-010203-AB1".to_owned());
    let told = told(
        &[
            line("slip", 348_000, 1, "FACTURA F-0004353"),
            line("another's number", 999_999, 4, "F-0006001"),
            line("another's account", 1_234_567, 1, "F-0006001"),
            other_tax,
        ],
        &[],
    );
    insta::assert_snapshot!(told, @"
        slip: applied [4533 348000] +0
          typo account exact_amount
        another's number: proposed [B-77 999999] +0
          account exact_amount other_customers_number
        another's account: proposed [6001 1234567] +0
          number exact_amount other_account below_threshold
        other tax id: proposed [5001 518437] +0
          number exact_amount other_tax_id below_threshold
    ");
}

#[test]
fn names_and_aliases() {
    let named = |id: &str, minor, name: &str| {
        let mut line = line(id, minor, 0, "transferencia");
        line.payer.name = Some(name.to_owned());
        line
    };
    let told = told(
        &[
            named("bank's spelling", 348_000, "FERRETERIA MUNOZ SA DE CV"),
            named("shortened", 116_050, "FERRET MUNOZ"),
            named("learned", 999_999, "PEÑAFLOR LOGISTICA INTEGRAL"),
            named("like another", 232_011, "PANADERIA EL SOL"),
            named("stranger", 518_437, "JUAN PEREZ"),
        ],
        &[],
    );
    insta::assert_snapshot!(told, @"
        bank's spelling: proposed [4533 348000] +0
          name exact_amount below_threshold
        shortened: applied [4532 116050] +0
          name exact_amount
        learned: applied [B-77 999999] +0
          name exact_amount
        like another: applied [7001 232011] +0
          name exact_amount
        stranger: proposed [5001 518437] +0
          exact_amount unknown_payer several_fit below_threshold
    ");
}

#[test]
fn each_transfer_its_own_and_a_third_is_too_much() {
    let one = line("a", 518_437, 2, "renta");
    let two = line("b", 518_437, 2, "renta");
    let three = line("c", 518_437, 2, "renta");
    insta::assert_snapshot!(told(&[two.clone(), one.clone()], &[]), @"
        b: applied [5002 518437] +0
          account exact_amount
        a: applied [5001 518437] +0
          account exact_amount each_its_own
    ");
    insta::assert_snapshot!(told(&[three, two, one], &[]), @"
        c: proposed [] +518437
          account nothing_fits below_threshold
        b: applied [5002 518437] +0
          account exact_amount
        a: applied [5001 518437] +0
          account exact_amount each_its_own
    ");
}

#[test]
fn currencies_are_never_mixed() {
    let mut dollars = Incoming::new("usd", ON, Money::new(116_050, Currency::USD));
    dollars.texts = vec!["F-0004532".to_owned()];
    dollars.payer.account = Some("012180000000000001".to_owned());
    let mut told_so = dollars.clone();
    told_so.id = "usd for pesos".to_owned();
    told_so.amount = Money::new(5_802, Currency::USD);
    told_so.original = Some((Money::new(116_050, Currency::MXN), None));
    insta::assert_snapshot!(told(&[dollars, told_so], &[]), @"
        usd: proposed [] +116050
          account nothing_fits below_threshold
        usd for pesos: proposed [4532 116050] +0
          number account foreign_currency below_threshold
    ");
}

#[test]
fn inv_16_what_a_person_undid_is_never_applied_again() {
    let paid = line("t", 116_050, 1, "PAGO FACTURA F-0004532");
    let verdict = |target: Option<Target>| {
        let refused: Vec<Refused> = target
            .map(|target| Refused {
                incoming: "t".to_owned(),
                target,
            })
            .into_iter()
            .collect();
        let all = index().match_lines(std::slice::from_ref(&paid), &rules(), &refused);
        let it = all.into_iter().next().expect("one line");
        let documents: Vec<DocumentId> = it.applications.iter().map(|it| it.document).collect();
        (it.verdict, documents)
    };
    assert_eq!(verdict(None), (Verdict::Applied, vec![document(101)]));
    let undone = [
        Target::Document(document(101)),
        Target::Customer(customer(1)),
        Target::Document(document(601)),
    ];
    for target in undone {
        let (verdict, documents) = verdict(Some(target));
        assert_ne!(verdict, Verdict::Applied, "{target:?}");
        if target == Target::Document(document(101)) {
            assert!(!documents.contains(&document(101)));
        }
    }
    let elsewhere = Refused {
        incoming: "another line".to_owned(),
        target: Target::Document(document(101)),
    };
    let all = index().match_lines(&[paid], &rules(), &[elsewhere]);
    assert_eq!(all[0].verdict, Verdict::Applied);
}

#[test]
fn reasons_are_sentences_for_bookkeepers() {
    let all = index().match_lines(
        &[
            line("t", 348_000 - 6_960, 1, "PAGO F-0004533"),
            line("u", 123, 1, "pago"),
        ],
        &rules(),
        &[],
    );
    let text: Vec<String> = all
        .iter()
        .flat_map(|it| it.reasons.iter().map(|reason| reason.sentence()))
        .collect();
    insta::assert_snapshot!(text.join("\n"), @"
        El texto nombra el documento F-0004533.
        Viene de una cuenta conocida de este cliente.
        Faltan 69.60 MXN: el descuento por pronto pago del 2 %.
        Viene de una cuenta conocida de este cliente.
        Se sabe quién paga, pero ningún documento suyo coincide: quedaría como saldo a favor.
        La seguridad no alcanza el 99 % que pide la empresa.
    ");
}
