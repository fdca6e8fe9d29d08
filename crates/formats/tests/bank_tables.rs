//! Tables of banks and of providers of payments: small files of our own, one for each thing that
//! can happen.

mod statements;

use formats::bank::{BankFormat, Hints, Profile, Role, recognise, sniff};
use statements::{hints, summary};

#[test]
fn paypal_activity_in_spanish() {
    let text = "\
\"Fecha\",\"Hora\",\"Zona horaria\",\"Nombre\",\"Tipo\",\"Estado\",\"Divisa\",\"Bruto\",\
\"Comisión\",\"Neto\",\"Correo electrónico del remitente\",\"Id. de transacción\",\
\"Número de factura\",\"Saldo\"
\"13/08/2026\",\"10:11:12\",\"CDT\",\"Ana Ruiz\",\"Pago recibido\",\"Completado\",\"MXN\",\
\"1.000,00\",\"-39,50\",\"960,50\",\"ana@example.com\",\"1AB\",\"FAC-77\",\"960,50\"
\"14/08/2026\",\"10:11:12\",\"CDT\",\"Luis Paz\",\"Pago recibido\",\"Pendiente\",\"MXN\",\
\"500,00\",\"0,00\",\"500,00\",\"luis@example.com\",\"2AB\",\"FAC-78\",\"960,50\"
";
    insta::assert_snapshot!(summary(text.as_bytes(), "Download.CSV", &hints(None), 3), @r#"
    PayPal []
      2026-08-13/2026-08-14 opening 0.00 MXN closing 960.50 MXN
      Booked MXN: 1 = 960.50
      Pending MXN: 1 = 500.00
        2026-08-13 960.50 MXN "Ana Ruiz" ""
        2026-08-14 500.00 MXN "Luis Paz" ""
    "#);
}

#[test]
fn adyen_settlement_details() {
    let header = "Company Account,Merchant Account,Psp Reference,Merchant Reference,\
        Payment Method,Creation Date,TimeZone,Type,Modification Reference,Gross Currency,\
        Gross Debit (GC),Gross Credit (GC),Exchange Rate,Net Currency,Net Debit (NC),\
        Net Credit (NC),Commission (NC),Markup (NC),Scheme Fees (NC),Interchange (NC),\
        Payment Method Variant,Modification Merchant Reference,Batch Number";
    let rows = "\
Compañia,TiendaMX,18137025517,FAC-77,visa,2026-06-03 11:26:49,CST,Settled,17137025517,MXN,,\
500.00,1,MXN,,488.00,,4.00,1.00,7.00,visaclassic,,42
Compañia,TiendaMX,13136424670,FAC-70,visa,2026-06-04 22:37:26,CST,Chargeback,23136424671,MXN,\
349.99,,1,MXN,357.49,,7.5,,,,visaclassic,,42
Compañia,TiendaMX,,,,2026-06-05 05:00:00,CST,MerchantPayout,\"TX1, batch 42\",\
MXN,,,,MXN,130.51,,,,,,,,42
";
    let text = format!("{header}\n{rows}");
    assert_eq!(
        sniff(text.as_bytes(), "settlement_detail_report_batch_42.csv"),
        Some(BankFormat::Adyen)
    );
    insta::assert_snapshot!(summary(text.as_bytes(), "batch.csv", &hints(None), 3), @r#"
    Adyen [TIENDAMX]
      2026-06-03/2026-06-05 opening - closing -
      Booked MXN: 3 = 0.00
      reversals: 1
        2026-06-03 488.00 MXN "" "17137025517"
        2026-06-04 -357.49 MXN "" "23136424671"
        2026-06-05 -130.51 MXN "" "TX1, batch 42"
    "#);
}

/// Tables by the words of their columns: each with what is told of it.
#[test]
fn tables_of_many_banks() {
    let cases = [
        (
            "cargos and abonos, newest first",
            "Fecha;Descripción;Cargos;Abonos;Saldo\n\
             25/03/2026;Pago FAC-9;;500,50;1.500,50\n\
             24/03/2026;Comisión;10,00;;1.000,00\n\
             20/03/2026;Depósito;;1.010,00;1.010,00\n",
        ),
        (
            "signed amounts, value date, point",
            "Fecha operación,Fecha valor,Concepto,Importe,Saldo\n\
             2026-03-20,2026-03-21,Transferencia de Norte SA,\"1,250.00\",\"3,250.00\"\n\
             2026-03-22,2026-03-22,Recibo luz,-250.00,\"3,000.00\"\n",
        ),
        (
            "a column of directions, with A for abono",
            "Fecha,Concepto,Importe,Naturaleza,Saldo\n\
             20/03/2026,SPEI recibido,100.00,A,600.00\n\
             21/03/2026,Comisión,40.00,C,560.00\n",
        ),
        (
            "only the balance tells the direction",
            "Fecha,Concepto,Importe,Saldo\n\
             19/03/2026,Saldo inicial,,500.00\n\
             20/03/2026,SPEI recibido,100.00,600.00\n\
             21/03/2026,Comisión,40.00,560.00\n\
             22/03/2026,Comisión,10.00,550.00\n",
        ),
        (
            "what went out is positive",
            "Fecha,Concepto,Importe,Saldo\n\
             20/03/2026,SPEI recibido,-100.00,600.00\n\
             21/03/2026,Comisión,40.00,560.00\n\
             22/03/2026,SPEI recibido,-40.00,600.00\n",
        ),
        (
            "two accounts, with texts that go on",
            "Cuenta;Fecha;Concepto;Importe;Moneda\n\
             111;13/03/2026;Pago;100,00;MXN\n\
             ;;factura 77;;\n\
             222;13/03/2026;Pago;50,00;USD\n\
             111;14/03/2026;Cargo;-30,00;MXN\n",
        ),
        (
            "a row that cannot be read, a date that cannot be, a total",
            "Fecha;Concepto;Importe;Saldo\n\
             13/03/2026;Pago;12..34;\n\
             31/02/2026;Pago;10,00;\n\
             14/03/2026;Pago;20,00;20,00\n\
             ;Total;20,00;\n",
        ),
        (
            "dates that may be of two orders go upwards in one",
            "Date,Description,Withdrawals,Deposits\n\
             01/03/2026,Fee,10.00,\n\
             02/03/2026,Payment,,30.00\n\
             03/03/2026,Payment,,30.00\n\
             01/04/2026,Payment,,30.00\n",
        ),
        (
            "balances that fit nothing",
            "Fecha;Concepto;Importe;Saldo\n\
             13/03/2026;Pago;10,00;100,00\n\
             14/03/2026;Pago;20,00;100,00\n\
             15/03/2026;Pago;30,00;100,00\n",
        ),
    ];
    let mut all = String::new();
    for (what, text) in cases {
        all.push_str(&format!("== {what}\n"));
        all.push_str(&summary(
            text.as_bytes(),
            "movimientos.csv",
            &hints(Some("MXN")),
            3,
        ));
    }
    insta::assert_snapshot!(all, @r#"
    == cargos and abonos, newest first
    Table []
      2026-03-20/2026-03-25 opening 0.00 MXN closing 1500.50 MXN
      Booked MXN: 3 = 1500.50
        2026-03-20 1010.00 MXN "" "Depósito"
        2026-03-24 -10.00 MXN "" "Comisión"
        2026-03-25 500.50 MXN "" "Pago FAC-9"
    == signed amounts, value date, point
    Table []
      2026-03-20/2026-03-22 opening 2000.00 MXN closing 3000.00 MXN
      Booked MXN: 2 = 1000.00
        2026-03-20 1250.00 MXN "" "Transferencia de Norte SA"
        2026-03-22 -250.00 MXN "" "Recibo luz"
    == a column of directions, with A for abono
    Table []
      2026-03-20/2026-03-21 opening 500.00 MXN closing 560.00 MXN
      Booked MXN: 2 = 60.00
        2026-03-20 100.00 MXN "" "SPEI recibido"
        2026-03-21 -40.00 MXN "" "Comisión"
    == only the balance tells the direction
    Table []
      2026-03-20/2026-03-22 opening 500.00 MXN closing 550.00 MXN
      Booked MXN: 3 = 50.00
        2026-03-20 100.00 MXN "" "SPEI recibido"
        2026-03-21 -40.00 MXN "" "Comisión"
        2026-03-22 -10.00 MXN "" "Comisión"
    == what went out is positive
    Table []
      2026-03-20/2026-03-22 opening 500.00 MXN closing 600.00 MXN
      Booked MXN: 3 = 100.00
        2026-03-20 100.00 MXN "" "SPEI recibido"
        2026-03-21 -40.00 MXN "" "Comisión"
        2026-03-22 40.00 MXN "" "SPEI recibido"
    == two accounts, with texts that go on
    Table [111]
      2026-03-13/2026-03-14 opening - closing -
      Booked MXN: 2 = 70.00
        2026-03-13 100.00 MXN "" "Pago factura 77"
        2026-03-14 -30.00 MXN "" "Cargo"
    Table [222]
      2026-03-13/2026-03-13 opening - closing -
      Booked USD: 1 = 50.00
        2026-03-13 50.00 USD "" "Pago"
    == a row that cannot be read, a date that cannot be, a total
    Table []
      2026-03-14/2026-03-14 opening 0.00 MXN closing 20.00 MXN
      Booked MXN: 1 = 20.00
      ! 2 importe: «12..34» no es un importe.
      ! 3 fecha: «31/02/2026» no es una fecha.
        2026-03-14 20.00 MXN "" "Pago"
    == dates that may be of two orders go upwards in one
    Table []
      2026-03-01/2026-04-01 opening - closing -
      Booked MXN: 4 = 80.00
        2026-03-01 -10.00 MXN "" "Fee"
        2026-03-02 30.00 MXN "" "Payment"
        2026-03-03 30.00 MXN "" "Payment"
    == balances that fit nothing
    Table []
      2026-03-13/2026-03-15 opening - closing -
      Booked MXN: 3 = 60.00
      ~ 1 saldo: La columna de saldo no corresponde a los movimientos en ningún orden: no
            se comprobó ningún saldo. Revise que la tabla esté completa.
        2026-03-13 10.00 MXN "" "Pago"
        2026-03-14 20.00 MXN "" "Pago"
    "#);
}

#[test]
fn a_table_without_currency_or_order_of_dates_says_which_flag_helps() {
    let text = "Fecha;Concepto;Cargo;Abono\n04/05/2026;Pago;;10,00\n";
    let told = summary(text.as_bytes(), "m.csv", &hints(Some("MXN")), 3);
    assert!(told.contains("--dates dmy"), "{told}");
    let text = "Fecha;Concepto;Cargo;Abono\n14/05/2026;Pago;;10,00\n";
    let told = summary(text.as_bytes(), "m.csv", &hints(None), 3);
    assert!(told.contains("--currency"), "{told}");
}

#[test]
fn a_direction_that_is_no_word_of_one_is_never_guessed() {
    let text = "Fecha;Concepto;Importe;Sentido\n\
                13/05/2026;Pago;10,00;C\n14/05/2026;Pago;20,00;EUR\n";
    let told = summary(text.as_bytes(), "m.csv", &hints(Some("MXN")), 3);
    assert!(told.contains("Booked MXN: 1 = 10.00"), "{told}");
    assert!(told.contains("! 3 sentido: «EUR»"), "{told}");
}

#[test]
fn what_customers_owe_is_no_bank_statement() {
    let ledgers = [
        "Cliente,Factura,Fecha,Vencimiento,Importe,Saldo\nA,1,2026-01-01,2026-02-01,10.00,10.00\n",
        "Fecha,Documento,Cliente,Cargo,Abono,Saldo\n2026-01-01,F1,ACME,10.00,,10.00\n",
        "Customer,Invoice Date,Due Date,Amount,Balance\nA,2026-01-01,2026-02-01,10.00,10.00\n",
        "Date,Vendor,Description,Amount\n2026-01-01,A,b,10.00\n",
        "Nombre,Correo,Teléfono\nAna,ana@example.com,555\n",
        "Fecha,Importe\n2026-01-01,10.00\n",
    ];
    for ledger in ledgers {
        assert_eq!(sniff(ledger.as_bytes(), "lista.csv"), None, "{ledger}");
    }
}

#[test]
fn a_mapping_made_once_is_recognised() {
    let text = "Día;Qué;Cuánto;Por aquí\n2026-03-13;Pago de Norte;10.50;x\n";
    assert_eq!(sniff(text.as_bytes(), "m.csv"), None);
    let profile = Profile {
        outflows_positive: true,
        currency: Some("PEN".to_owned()),
        ..Profile::learnt(
            "Banco del Sur",
            [
                ("día".to_owned(), Role::Booked),
                ("QUE".to_owned(), Role::Text),
                ("Cuanto".to_owned(), Role::Amount),
            ],
        )
    };
    let hints = Hints {
        profiles: vec![profile],
        ..Hints::default()
    };
    let mut reader = std::io::Cursor::new(text.as_bytes());
    let format = recognise(&mut reader, "m.csv", &hints).expect("memory is read");
    assert_eq!(format, Some(BankFormat::Table));
    insta::assert_snapshot!(summary(text.as_bytes(), "m.csv", &hints, 3), @r#"
    Table []
      2026-03-13/2026-03-13 opening - closing -
      Booked PEN: 1 = -10.50
        2026-03-13 -10.50 PEN "" "Pago de Norte"
    "#);
}
