//! CNAB, Norma 43 and PayPal's settlements: small files of our own, one for each thing that can
//! happen.

mod statements;

use formats::bank::{BankFormat, Part, TransactionState, open_bytes, sniff};
use proptest::prelude::*;
use statements::{hints, summary};

/// A record of blanks with texts at 1-based columns.
fn record(width: usize, fields: &[(usize, &str)]) -> String {
    let mut record = vec![' '; width];
    for (column, text) in fields {
        for (offset, letter) in text.chars().enumerate() {
            record[column - 1 + offset] = letter;
        }
    }
    record.into_iter().collect()
}

fn lines(records: &[String]) -> String {
    records
        .iter()
        .map(|record| format!("{record}\r\n"))
        .collect()
}

fn header_240(kind: &str) -> String {
    record(
        240,
        &[
            (1, "00100000"),
            (53, "032860000000075367"),
            (73, "EMPRESA DE PRUEBA"),
            (143, kind),
            (144, "22032011"),
            (158, "000257"),
        ],
    )
}

fn batch_240(service: &str) -> String {
    record(240, &[(1, "00100011"), (9, "T"), (10, service)])
}

/// Segment T: our number, document, value, charge.
fn title(code: &str, number: &str, document: &str, value: &str, charge: &str) -> String {
    record(
        240,
        &[
            (1, "0010001300001T"),
            (16, code),
            (38, number),
            (59, document),
            (82, value),
            (133, "2"),
            (134, "044952927000138"),
            (149, "CLIENTE LTDA"),
            (199, charge),
        ],
    )
}

/// Segment U: interest, paid, net, days.
fn settled(code: &str, interest: &str, paid: &str, net: &str) -> String {
    record(
        240,
        &[
            (1, "0010001300002U"),
            (16, code),
            (18, interest),
            (78, paid),
            (93, net),
            (138, "21032011"),
            (146, "23032011"),
        ],
    )
}

fn trailers_240(in_batch: &str, in_file: &str) -> [String; 2] {
    [
        record(240, &[(1, "00100015"), (18, in_batch)]),
        record(240, &[(1, "00199999"), (18, "000001"), (24, in_file)]),
    ]
}

fn paid_titles() -> String {
    let [end_of_batch, end] = trailers_240("000010", "000012");
    lines(&[
        header_240("2"),
        batch_240("01"),
        title(
            "06",
            "32948600000000196",
            "FAC-77",
            "000000000000400",
            "000000000000050",
        ),
        settled(
            "06",
            "000000000000000",
            "000000000000400",
            "000000000000350",
        ),
        title(
            "06",
            "32948600000000197",
            "FAC-78",
            "000000000010000",
            "000000000000000",
        ),
        settled(
            "06",
            "000000000000102",
            "000000000010102",
            "000000000010102",
        ),
        title(
            "02",
            "32948600000000198",
            "FAC-79",
            "000000000020000",
            "000000000000000",
        ),
        settled(
            "02",
            "000000000000000",
            "000000000000000",
            "000000000000000",
        ),
        title(
            "28",
            "32948600000000198",
            "",
            "000000000020000",
            "000000000000380",
        ),
        settled(
            "28",
            "000000000000000",
            "000000000000000",
            "000000000000000",
        ),
        end_of_batch,
        end,
    ])
}

#[test]
fn paid_titles_are_money_and_the_rest_is_told() {
    let text = paid_titles();
    assert_eq!(
        sniff(text.as_bytes(), "retorno.ret"),
        Some(BankFormat::Cnab240)
    );
    insta::assert_snapshot!(summary(text.as_bytes(), "retorno.ret", &hints(None), 3), @r#"
    Cnab240 [3286-75367] EMPRESA DE PRUEBA 257/1 interim
      2011-03-23/2011-03-23 opening - closing -
      Booked BRL: 3 = 100.72
      told: 1
        2011-03-23 3.50 BRL "CLIENTE LTDA" "Liquidação"
        2011-03-23 101.02 BRL "CLIENTE LTDA" "Liquidação"
        2011-03-23 -3.80 BRL "CLIENTE LTDA" "Débito de tarifas"
    "#);
    let parts: Vec<Part> = open_bytes(text.as_bytes(), "retorno.ret", &hints(None))
        .expect("a return file")
        .collect();
    let Part::Moved(first) = &parts[1] else {
        panic!("a paid title comes first: {parts:?}");
    };
    assert_eq!(first.charges.map(|money| money.minor), Some(50));
    assert_eq!(first.documents[0].number, "FAC-77");
    assert_eq!(
        first.documents[0].amount.map(|money| money.minor),
        Some(400)
    );
    assert_eq!(first.virtual_account.as_deref(), Some("32948600000000196"));
    assert_eq!(first.counterparty.tax_id.as_deref(), Some("44952927000138"));
    let Part::Moved(second) = &parts[2] else {
        panic!("the second title: {parts:?}");
    };
    // The interest is not of the document.
    assert_eq!(second.amount.minor, 10_102);
    assert_eq!(
        second.documents[0].amount.map(|money| money.minor),
        Some(10_000)
    );
}

#[test]
fn a_return_file_without_all_its_records_says_so() {
    let whole: Vec<String> = paid_titles().lines().map(str::to_owned).collect();
    let cases = [
        // Without the end of the file.
        (whole[..11].to_vec(), "falta su último registro"),
        // A title lost within the batch.
        (
            [&whole[..4], &whole[6..]].concat(),
            "dice tener 10 registros y trae 8",
        ),
        // A segment U lost.
        ([&whole[..5], &whole[6..]].concat(), "segmento U"),
        // A segment T lost.
        ([&whole[..4], &whole[5..]].concat(), "segmento T"),
        // The end of the batch lost.
        (
            [&whole[..10], &whole[11..]].concat(),
            "último lote no termina",
        ),
    ];
    for (records, expected) in cases {
        let text = summary(lines(&records).as_bytes(), "retorno.ret", &hints(None), 3);
        assert!(text.contains(expected), "{expected} in\n{text}");
    }
}

#[test]
fn a_remittance_is_refused() {
    let text = lines(&[header_240("1"), batch_240("01")]);
    let fault = open_bytes(text.as_bytes(), "remessa.rem", &hints(None)).expect_err("a remittance");
    assert!(fault.reason.contains("remessa"), "{}", fault.reason);
    let text = record(400, &[(1, "01REMESSA01COBRANCA"), (77, "341")]);
    let fault = open_bytes(text.as_bytes(), "remessa.rem", &hints(None)).expect_err("a remittance");
    assert!(fault.reason.contains("remessa"), "{}", fault.reason);
}

#[test]
fn the_extract_of_cnab_240_has_balances() {
    let line = |day: &str, amount: &str, side: &str, category: &str, text: &str| {
        record(
            240,
            &[
                (1, "0010001300001E"),
                (143, day),
                (151, amount),
                (169, side),
                (170, category),
                (177, text),
            ],
        )
    };
    let text = lines(&[
        header_240("2"),
        record(
            240,
            &[
                (1, "00100011E04"),
                (143, "01032011"),
                (151, "000000000000100000C"),
            ],
        ),
        line("02032011", "000000000000050050", "C", "213", "TED RECEBIDA"),
        line("03032011", "000000000000000050", "D", "105", "TARIFA"),
        record(
            240,
            &[
                (1, "00100015"),
                (18, "000004"),
                (143, "03032011"),
                (151, "000000000000150000C"),
                (177, "000000000000000050"),
                (195, "000000000000050050"),
            ],
        ),
        record(240, &[(1, "00199999"), (24, "000006")]),
    ]);
    insta::assert_snapshot!(summary(text.as_bytes(), "extrato.ret", &hints(None), 3), @r#"
    Cnab240 [3286-75367] EMPRESA DE PRUEBA 257/1
      2011-03-02/2011-03-03 opening 1000.00 BRL closing 1500.00 BRL
      Booked BRL: 2 = 500.00
        2011-03-02 500.50 BRL "" "TED RECEBIDA"
        2011-03-03 -0.50 BRL "" "TARIFA"
    "#);
}

fn header_400(bank: &str) -> String {
    record(
        400,
        &[
            (1, "02RETORNO01COBRANCA"),
            (27, "073000035110"),
            (47, "EMPRESA DE PRUEBA"),
            (77, bank),
            (95, "200513"),
            (395, "000001"),
        ],
    )
}

fn trailer_400(sequence: &str) -> String {
    record(400, &[(1, "9201341"), (395, sequence)])
}

#[test]
fn cnab_400_knows_what_was_kept_only_where_the_figures_prove_it() {
    let title = |value: &str, charge: &str, received: &str, interest: &str| {
        record(
            400,
            &[
                (1, "1"),
                (63, "00003136"),
                (109, "06200513"),
                (117, "FAC-3136"),
                (153, value),
                (176, charge),
                (254, received),
                (267, interest),
                (296, "210513"),
                (325, "MERCADO SAO JOAO"),
            ],
        )
    };
    let text = lines(&[
        header_400("341"),
        // 48.75 and 1.02 of interest, 2.10 kept.
        title(
            "0000000004875",
            "0000000000210",
            "0000000004767",
            "0000000000102",
        ),
        // The charge is debited apart.
        title(
            "0000000004875",
            "0000000000210",
            "0000000004875",
            "0000000000000",
        ),
        // Neither: nothing is said of what was kept.
        title(
            "0000000004875",
            "0000000000210",
            "0000000004000",
            "0000000000000",
        ),
        trailer_400("000005"),
    ]);
    let parts: Vec<Part> = open_bytes(text.as_bytes(), "retorno.ret", &hints(None))
        .expect("a return file")
        .collect();
    let kept: Vec<(i64, Option<i64>)> = parts
        .iter()
        .filter_map(|part| match part {
            Part::Moved(moved) => {
                Some((moved.amount.minor, moved.charges.map(|money| money.minor)))
            }
            _ => None,
        })
        .collect();
    assert_eq!(kept, [(4767, Some(210)), (4875, None), (4000, None)]);
    assert!(
        !parts.iter().any(|part| matches!(part, Part::Fault(_))),
        "{parts:?}"
    );
}

#[test]
fn an_entry_confirmed_is_not_money_even_with_an_amount() {
    let text = lines(&[
        header_400("237"),
        record(
            400,
            &[
                (1, "1"),
                (71, "000000000030"),
                (109, "02150515"),
                (153, "0000000145000"),
                (254, "0000000145000"),
                (296, "150515"),
            ],
        ),
        trailer_400("000003"),
    ]);
    let parts: Vec<Part> = open_bytes(text.as_bytes(), "retorno.ret", &hints(None))
        .expect("a return file")
        .collect();
    assert!(
        parts.iter().any(|part| matches!(
            part,
            Part::Moved(moved) if moved.state == TransactionState::Information
        )),
        "{parts:?}"
    );
}

fn norma_43() -> String {
    let movement = |day: &str, concept: &str, signed: &str, first: &str, second: &str| {
        record(
            80,
            &[
                (1, "22"),
                (7, "0418"),
                (11, day),
                (17, day),
                (23, concept),
                (28, signed),
                (43, "0000000000"),
                (53, first),
                (65, second),
            ],
        )
    };
    lines(&[
        record(
            80,
            &[
                (1, "11210004180200051332"),
                (21, "260101260131"),
                (33, "200000000100000"),
                (48, "9783"),
                (52, "EMPRESA DE PRUEBA SL"),
            ],
        ),
        movement(
            "260105",
            "04000",
            "200000000050050",
            "FACTURA00077",
            "INDUSTRIAS",
        ),
        record(
            80,
            &[
                (1, "2301"),
                (5, "TRANSFERENCIA DE INDUSTRIAS NORTE SL  FACTURA 77"),
            ],
        ),
        record(80, &[(1, "2401"), (5, "840"), (8, "00000000060000")]),
        movement(
            "260110",
            "17001",
            "100000000000050",
            "000000000000",
            "COMISION",
        ),
        record(
            80,
            &[
                (1, "33210004180200051332"),
                (21, "00001"),
                (26, "00000000000050"),
                (40, "00001"),
                (45, "00000000050050"),
                (59, "200000000150000"),
                (74, "978"),
            ],
        ),
        record(80, &[(1, "88999999999999999999"), (21, "000006")]),
    ])
}

#[test]
fn norma_43_with_balances_and_texts() {
    let text = norma_43();
    assert_eq!(
        sniff(text.as_bytes(), "extracto.n43"),
        Some(BankFormat::Norma43)
    );
    insta::assert_snapshot!(summary(text.as_bytes(), "extracto.n43", &hints(None), 3), @r#"
    Norma43 [ES9121000418450200051332] EMPRESA DE PRUEBA SL
      2026-01-01/2026-01-31 opening 1000.00 EUR closing 1500.00 EUR
      Booked EUR: 2 = 500.00
        2026-01-05 500.50 EUR "" "FACTURA00077 INDUSTRIAS TRANSFERENCIA DE INDUSTRIAS
            NORTE SL FACTURA 77"
        2026-01-10 -0.50 EUR "" "COMISION"
    "#);
}

#[test]
fn norma_43_that_does_not_add_up_says_where() {
    let whole = norma_43();
    let cases = [
        ("00000000050050\r", "00000000050050\r", None),
        ("200000000150000", "200000000150001", Some("saldo final")),
        (
            "0000100000000050050",
            "0000200000000050050",
            Some("anuncia 2 apuntes"),
        ),
        (
            "0000100000000050050",
            "0000100000000050051",
            Some("El banco suma 500.51"),
        ),
        ("000006", "000009", Some("dice tener 9 registros")),
        ("9783", "9993", Some("no es una divisa conocida")),
    ];
    for (from, to, expected) in cases {
        let text = summary(
            whole.replace(from, to).as_bytes(),
            "extracto.n43",
            &hints(None),
            3,
        );
        match expected {
            Some(expected) => assert!(text.contains(expected), "{expected} in\n{text}"),
            None => assert!(!text.contains(['!', '~']), "{text}"),
        }
    }
    let cut: String = whole
        .lines()
        .take(4)
        .map(|line| format!("{line}\n"))
        .collect();
    let text = summary(cut.as_bytes(), "extracto.n43", &hints(None), 3);
    assert!(text.contains("se interrumpe"), "{text}");
}

const PAYPAL: &str = "\
\"RH\",2026/08/21 02:44:19 -0700,\"A\",\"QWERTY12\",009,
\"FH\",01
\"SH\",2026/08/20 00:00:00 -0700,2026/08/20 23:59:59 -0700,\"QWERTY12\",\"\"
\"CH\",\"Transaction ID\",\"Invoice ID\",\"Transaction Event Code\",\
    \"Transaction Initiation Date\",\"Transaction Completion Date\",\
    \"Transaction Debit or Credit\",\"Gross Transaction Amount\",\
    \"Gross Transaction Currency\",\"Fee Debit or Credit\",\"Fee Amount\",\"Fee Currency\",\
    \"Custom Field\",\"Consumer ID\"
\"SB\",\"8AB1\",\"FAC-77\",\"T0006\",,2026/08/20 00:01:17 -0700,\"CR\",100000,\"MXN\",\
    \"DR\",3950,\"MXN\",\"pedido 9\",\"PAYER1\"
\"SB\",\"8AB2\",\"FAC-78\",\"T0006\",,2026/08/20 00:02:17 -0700,\"CR\",5000,\"USD\",\
    \"DR\",250,\"USD\",\"\",\"PAYER2\"
\"SB\",\"8AB3\",\"FAC-70\",\"T1201\",2026/08/20 00:03:17 -0700,,\"DR\",20000,\"MXN\",\
    \"\",,\"\",\"\",\"PAYER3\"
\"SF\",\"MXN\",100000,20000,0,3950,\"CR\",500000,\"CR\",576050,\"CR\",500000,\"CR\",576050
\"SF\",\"USD\",5000,0,0,250,\"CR\",0,\"CR\",4750,\"CR\",0,\"CR\",4750,\"CR\",0,\"CR\",0
\"SC\",3
\"FF\",5
";

#[test]
fn paypal_settlements_by_currency() {
    assert_eq!(
        sniff(PAYPAL.as_bytes(), "STL.csv"),
        Some(BankFormat::PayPal)
    );
    insta::assert_snapshot!(summary(PAYPAL.as_bytes(), "STL.csv", &hints(None), 3), @r#"
    PayPal [QWERTY12]
      2026-08-20/2026-08-20 opening 5000.00 MXN closing 5760.50 MXN
      Booked MXN: 2 = 760.50
      reversals: 1
        2026-08-20 960.50 MXN "" "pedido 9"
        2026-08-20 -200.00 MXN "" ""
    PayPal [QWERTY12]
      2026-08-20/2026-08-20 opening 0.00 USD closing 47.50 USD
      Booked USD: 1 = 47.50
        2026-08-20 47.50 USD "" ""
    "#);
    let fewer: String = PAYPAL.replace("\"SC\",3", "\"SC\",4");
    let text = summary(fewer.as_bytes(), "STL.csv", &hints(None), 3);
    assert!(text.contains("anuncia 4 registros"), "{text}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Cut anywhere or with bytes turned, a file is read or refused; nothing panics, and no
    /// movement is made of nothing.
    #[test]
    fn damaged_files_never_panic(
        which in 0usize..5,
        cut in 0usize..4000,
        flips in prop::collection::vec((0usize..4000, any::<u8>()), 0..6),
    ) {
        let sources = [
            paid_titles(),
            norma_43(),
            PAYPAL.to_owned(),
            lines(&[header_400("341"), trailer_400("000002")]),
            "Fecha;Concepto;Cargo;Abono;Saldo\n13/03/2026;Pago;;10,00;10,00\n".repeat(3),
        ];
        let mut bytes = sources[which].clone().into_bytes();
        for (at, value) in flips {
            let at = at % bytes.len();
            bytes[at] = value;
        }
        bytes.truncate(cut.max(1));
        if let Ok(parts) = open_bytes(&bytes, "x", &hints(Some("MXN"))) {
            prop_assert!(parts.count() <= bytes.len() + 16);
        }
    }
}
