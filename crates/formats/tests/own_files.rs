//! Small messy files as bookkeepers send them: what is read, what waits, what is said about it.

use std::io::Cursor;

use formats::amount::DecimalMark;
use formats::date::DateOrder;
use formats::spreadsheet::{
    CellKind, Entity, FormatError, Mapping, Options, Quarantined, Read, Record, parse_row, profile,
    records,
};

/// Everything a file gives, as text a bookkeeper could read.
fn show(name: &str, bytes: &[u8], options: &Options) -> String {
    let found = profile(Cursor::new(bytes), name, options).expect("a spreadsheet");
    let mut out = String::new();
    for table in &found.tables {
        let order = table.mapping.date_order.map_or("-", DateOrder::code);
        let mark = table.mapping.decimal_mark.map_or("-", DecimalMark::code);
        let entity = table.mapping.entity.code();
        out.push_str(&format!(
            "{entity} header {} rows {} dates {order} decimal {mark}\n",
            table.header_row, table.rows
        ));
        let mut rows = records(Cursor::new(bytes), table).expect("opens again");
        for read in &mut rows {
            out.push_str(&line(&read.expect("a row")));
        }
        for warning in rows.warnings() {
            out.push_str(&format!("~ {}\n", warning.text_es()));
        }
    }
    for refused in &found.refused {
        out.push_str(&format!("refused: {}\n", refused.reason.text_es()));
    }
    wrapped(&out)
}

/// Long lines broken between words, so that snapshots stay readable.
fn wrapped(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let mut width = 0;
        for word in line.trim_end().split(' ') {
            let len = word.chars().count();
            if width > 0 && width + 1 + len > 90 {
                out.push_str("\n     ");
                width = 5;
            }
            if width > 0 {
                out.push(' ');
                width += 1;
            }
            out.push_str(word);
            width += len;
        }
        out.push('\n');
    }
    out
}

fn line(read: &Read) -> String {
    let (row, record) = match read {
        Read::Record { row, record } => (row, record),
        Read::Quarantined(Quarantined { row, problems, .. }) => {
            let said: Vec<String> = problems
                .iter()
                .map(|problem| format!("{}: {}", problem.field, problem.reason))
                .collect();
            return format!("{row} ! {}\n", said.join(" + "));
        }
    };
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    match record {
        Record::Document(d) => {
            let day = |date: Option<jiff::civil::Date>| date.map_or("-".into(), |d| d.to_string());
            let money = |value: Option<rust_decimal::Decimal>| {
                value.map_or("-".to_owned(), |value| value.to_string())
            };
            let tax = d.customer.tax_id.as_ref().map_or("", |id| &id.normal);
            let currency = d.currency.map_or("-".to_owned(), |code| code.to_string());
            format!(
                "{row} {} {} «{}» {tax} {}→{} {} {currency} saldo {} {:?} {}\n",
                d.kind,
                d.number,
                text(&d.customer.name),
                d.issued,
                day(d.due),
                d.amount,
                money(d.open_balance),
                d.disputed,
                d.customer.emails.join("+"),
            )
        }
        Record::Customer(c) => format!(
            "{row} {} «{}» {} {} {} {} {:?} {} extra {:?}\n",
            text(&c.customer.key),
            text(&c.customer.name),
            c.customer.tax_id.as_ref().map_or("", |id| &id.normal),
            c.customer.emails.join("+"),
            c.customer.phones.join("+"),
            c.customer
                .country
                .map_or("-".into(), |country| country.to_string()),
            c.terms_days,
            text(&c.customer.language),
            c.extra
                .iter()
                .map(|(name, text)| format!("{name}={text}"))
                .collect::<Vec<_>>(),
        ),
        Record::Payment(p) => format!(
            "{row} {} of {} by {} on {} {}\n",
            text(&p.key),
            text(&p.document),
            text(&p.customer.key),
            p.paid_on,
            p.amount
        ),
    }
}

#[test]
fn a_latin_1_portfolio_with_titles_totals_and_remarks() {
    let bytes = include_bytes!("data/cartera_latin1.csv");
    insta::assert_snapshot!(show("cartera.csv", bytes, &Options::default()), @r#"
    documents header 4 rows 9 dates dmy decimal comma
    5 invoice A-100 «Comercial Ibáñez» CIB010203AB1 2025-09-01→2025-10-01 1234.50 MXN saldo
          1234.50 None
    6 invoice A-101 «Muebles "El Roble"» MRO010203AB2 2025-09-05→2025-10-05 12000.00 MXN saldo
          2000.00 None
    9 credit_note A-102 «Ferretería Nuño» FNU010203AB3 2025-09-13→2025-10-13 500.00 MXN saldo
          - None
    10 ! Fecha emisión: «31/02/2025» no es una fecha: escríbala como 2025-12-31 o 31/12/2025
    11 ! Cliente: falta el cliente: escriba su código, su nombre o su identificación fiscal
    12 ! Folio: falta el número de documento
    ~ 2 filas de totales que no se leyeron (fila 8: «Subtotal»; fila 13: «Total general»)
    ~ 1 valor de «Teléfono» que no se entendió y se guardó como está (fila 9: «s/n»)
    ~ 1 importe negativo leído como nota de crédito (fila 9: «(500,00)»)
    ~ 1 fila con notas que no se leyó (fila 14: «Elaborado por: Luis Pérez»)
    "#);
}

#[test]
fn issue_and_due_dates_settle_an_order_no_single_date_proves() {
    let bytes = include_bytes!("data/ambiguo_pt.tsv");
    insta::assert_snapshot!(show("titulos.tsv", bytes, &Options::default()), @r#"
    documents header 1 rows 4 dates dmy decimal -
    2 ! valor: en «R$ 1.500» no se sabe si el signo separa miles o decimales: importe de nuevo
          con --decimal point o --decimal comma
    3 ! valor: en «R$ 2.750» no se sabe si el signo separa miles o decimales: importe de nuevo
          con --decimal point o --decimal comma
    5 invoice 1003 «Mercado Sol» 98765432000110 2025-05-05→2025-06-05 300 BRL saldo - None
    ~ 1 fila idéntica a otra anterior (fila 4: «1002»)
    "#);
    let options = Options {
        date_order: Some(DateOrder::DayFirst),
        decimal_mark: Some(DecimalMark::Comma),
        ..Options::default()
    };
    insta::assert_snapshot!(show("titulos.tsv", bytes, &options), @r#"
    documents header 1 rows 4 dates dmy decimal comma
    2 invoice 1001 «Padaria São José» 12345678000190 2025-02-10→2025-03-05 1500 BRL saldo -
          None
    3 invoice 1002 «Mercado Sol» 98765432000110 2025-04-11→2025-05-06 2750 BRL saldo - None
    5 invoice 1003 «Mercado Sol» 98765432000110 2025-05-05→2025-06-05 300 BRL saldo - None
    ~ 1 fila idéntica a otra anterior (fila 4: «1002»)
    "#);
}

#[test]
fn pesos_without_decimals_kinds_terms_and_a_number_used_twice() {
    let bytes = include_bytes!("data/clp.csv");
    insta::assert_snapshot!(show("ventas.csv", bytes, &Options::default()), @r#"
    documents header 1 rows 6 dates - decimal comma
    2 ! Invoice No: el número «7001» está también en la fila 5 con otros datos: deje una sola
          fila o corrija el número
    3 invoice 7002 «Pesquera»  2025-07-02→2025-07-02 850000 CLP saldo - Some(true)
    4 credit_note 7003 «Pesquera»  2025-07-03→- 12500 CLP saldo - None
    5 ! Invoice No: el número «7001» está también en la fila 2 con otros datos: deje una sola
          fila o corrija el número
    6 ! Total (CLP): «1.500,5» tiene más decimales de los que admite CLP (0): corrija el
          importe
    7 ! Type: «recibo» es un pago, no un documento: impórtelo aparte con --kind payments
    ~ 1 vencimiento calculado con los días de crédito (fila 3)
    ~ 1 valor de «E-mail» que no se entendió y se guardó como está (fila 3: «no tiene»)
    ~ 1 valor de «Terms» que no se entendió y se guardó como está (fila 4: «30/60»)
    ~ 1 documento sin fecha de vencimiento: se tomó la de emisión (fila 4)
    "#);
}

#[test]
fn two_tables_in_one_file() {
    let bytes = include_bytes!("data/clientes_y_pagos.txt");
    let options = Options {
        decimal_mark: Some(DecimalMark::Comma),
        ..Options::default()
    };
    insta::assert_snapshot!(show("maestro.txt", bytes, &options), @r#"
    customers header 3 rows 6 dates - decimal comma
    4 C-1 «Viña Sur Ltda» 761234567 pagos@vina.cl +56 9 1234 5678 CL Some(30) es extra
          ["Zona=Centro"]
    5 C-2 «Pesquera del Mar» 77000111K   CL Some(0) es extra ["Zona=Norte", "Correo=sin
          correo"]
    7 C-3 «Puerto Export» 782223334  +56 2 2345 6789 - None  extra ["Zona=Sur", "País=391",
          "Correo=ap@puerto", "Idioma=klingon", "Plazo=pronto"]
    8  «Sin clave SpA»    - None  extra []
    10 ! Razón Social: falta el cliente: escriba su código, su nombre o su identificación
          fiscal
    ~ 2 valores de «Correo» que no se entendieron y se guardaron como están (fila 5: «sin
          correo»; fila 7: «ap@puerto»)
    ~ 1 valor de «País» que no se entendió y se guardó como está (fila 7: «391»)
    ~ 1 valor de «Idioma» que no se entendió y se guardó como está (fila 7: «klingon»)
    ~ 1 valor de «Plazo» que no se entendió y se guardó como está (fila 7: «pronto»)
    ~ 1 encabezado repetido que no se leyó (fila 9: «Código»)
    payments header 12 rows 4 dates - decimal comma
    13 R-1 of 7001 by C-1 on 2025-08-01 500000
    14 R-2 of 7002 by  on 2025-08-02 350000
    15 ! Monto abonado: falta el importe
    16 ! Fecha de pago: «ayer» no es una fecha: escríbala como 2025-12-31 o 31/12/2025
    "#);
}

#[test]
fn nothing_settles_the_order_so_every_row_waits_for_the_flag() {
    let text = "Factura,Cliente,Fecha,Importe\nF1,ACME,4/6/2025,10.00\nF2,ACME,5/6/2025,20.00\n";
    insta::assert_snapshot!(show("f.csv", text.as_bytes(), &Options::default()), @r#"
    documents header 1 rows 2 dates - decimal point
    2 ! Fecha: «4/6/2025» puede ser dos días y nada en la columna dice cuál: importe de nuevo
          con --dates dmy (día/mes) o --dates mdy (mes/día)
    3 ! Fecha: «5/6/2025» puede ser dos días y nada en la columna dice cuál: importe de nuevo
          con --dates dmy (día/mes) o --dates mdy (mes/día)
    "#);
    let options = Options {
        date_order: Some(DateOrder::MonthFirst),
        ..Options::default()
    };
    insta::assert_snapshot!(show("f.csv", text.as_bytes(), &options), @r#"
    documents header 1 rows 2 dates mdy decimal point
    2 invoice F1 «ACME»  2025-04-06→- 10.00 - saldo - None
    3 invoice F2 «ACME»  2025-05-06→- 20.00 - saldo - None
    ~ 2 documentos sin fecha de vencimiento: se tomó la de emisión (fila 2; fila 3)
    "#);
}

#[test]
fn a_quarantined_row_is_read_again_with_its_correction() {
    let text = "Factura,Cliente,Vence,Importe\nF1,ACME,2025-06-04,diez\n";
    let bytes = text.as_bytes();
    let found = profile(Cursor::new(bytes), "f.csv", &Options::default()).expect("a table");
    let table = &found.tables[0];
    let read = records(Cursor::new(bytes), table).expect("opens").next();
    let Some(Ok(Read::Quarantined(waiting))) = read else {
        panic!("{read:?}")
    };
    let kept = serde_json::to_string(&waiting).expect("serialises");
    let mut waiting: Quarantined = serde_json::from_str(&kept).expect("reads back");
    let wrong = waiting.problems[0].field.clone();
    let cell = waiting
        .raw
        .iter_mut()
        .find(|cell| *cell.column == *wrong)
        .expect("the cell");
    cell.text = "10.50".to_owned();
    cell.kind = CellKind::Text;
    let (read, _) = parse_row(table, waiting.row, &waiting.raw);
    insta::assert_snapshot!(line(&read), @r#"
    2 invoice F1 «ACME»  2025-06-04→2025-06-04 10.50 - saldo - None
    "#);
}

#[test]
fn a_mapping_kept_from_before_rules() {
    let text = "Doc,Quién,Cuándo,Cuánto\n1,ACME,2025-06-04,10.50\n";
    let refused = profile(Cursor::new(text), "f.csv", &Options::default()).expect("readable");
    assert!(refused.tables.is_empty());
    let known = r#"{
        "entity": "documents", "header_signature": "doc|quien|cuando|cuanto",
        "columns": [
            {"index": 0, "name": "Doc", "field": "number"},
            {"index": 1, "name": "Quién", "field": "customer_name"},
            {"index": 2, "name": "Cuándo", "field": "due"},
            {"index": 3, "name": "Cuánto", "field": "amount"}
        ],
        "date_order": null, "decimal_mark": null, "currency": "MXN"
    }"#;
    let known: Mapping = serde_json::from_str(known).expect("a mapping");
    let options = Options {
        mappings: vec![known],
        ..Options::default()
    };
    insta::assert_snapshot!(show("f.csv", text.as_bytes(), &options), @r#"
    documents header 1 rows 1 dates - decimal point
    2 invoice 1 «ACME»  2025-06-04→2025-06-04 10.50 MXN saldo - None
    ~ 1 documento sin fecha de emisión: se tomó la de vencimiento (fila 2)
    "#);
}

#[test]
fn tells_apart_what_is_no_list_of_ours() {
    let bank = "Fecha;Concepto;Cargo;Abono;Saldo\n01/02/2025;SPEI;;100,00;100,00\n";
    let found = profile(Cursor::new(bank), "edo.csv", &Options::default()).expect("readable");
    assert!(found.tables.is_empty());
    insta::assert_snapshot!(wrapped(&found.refused[0].reason.text_es()), @r#"
    es un estado de cuenta bancario, no una lista de clientes, documentos o pagos
    "#);
    let suppliers = "Invoice,Vendor,Invoice Date,Amount\n1,ACME,2025-01-31,5\n";
    let found = profile(Cursor::new(suppliers), "ap.csv", &Options::default()).expect("readable");
    insta::assert_snapshot!(wrapped(&found.refused[0].reason.text_es()), @r#"
    es una lista de proveedores (cuentas por pagar), no de clientes; si en verdad son
          clientes, importe con --kind documents
    "#);
    let options = Options {
        entity: Some(Entity::Documents),
        ..Options::default()
    };
    insta::assert_snapshot!(show("ap.csv", suppliers.as_bytes(), &options), @r#"
    documents header 1 rows 1 dates - decimal -
    2 invoice 1 «ACME»  2025-01-31→- 5 - saldo - None
    ~ 1 documento sin fecha de vencimiento: se tomó la de emisión (fila 2)
    "#);
    let page = "<html><table><tr><td>Factura</td></tr></table></html>";
    let error = profile(Cursor::new(page), "f.xls", &Options::default()).expect_err("a page");
    assert!(matches!(error, FormatError::WebPage));
    for (bytes, what) in [
        (&b""[..], "empty"),
        (b"%PDF-1.7", "pdf"),
        (b"PK\x03\x04zip", "zip"),
    ] {
        assert!(
            profile(Cursor::new(bytes), "f", &Options::default()).is_err(),
            "{what}"
        );
    }
}

#[test]
fn reads_utf_16_as_excel_saves_unicode_text() {
    let text = "Factura\tCliente\tVence\tImporte\nF1\tNúñez\t2025-06-04\t10,50\n";
    let mut bytes = vec![0xFF, 0xFE];
    bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    insta::assert_snapshot!(show("f.txt", &bytes, &Options::default()), @r#"
    documents header 1 rows 1 dates - decimal comma
    2 invoice F1 «Núñez»  2025-06-04→2025-06-04 10.50 - saldo - None
    ~ 1 documento sin fecha de emisión: se tomó la de vencimiento (fila 2)
    "#);
}

#[test]
fn a_workbook_with_titles_merged_headers_and_four_sheets() {
    let bytes = include_bytes!("data/libro.xlsx");
    insta::assert_snapshot!(show("libro.xlsx", bytes, &Options::default()), @r#"
    documents header 4 rows 6 dates - decimal point
    6 invoice A-101 «»  2025-09-01→2025-10-01 1234.56 MXN saldo 1234.56 None
    7 ! Total: la celda tiene un error de fórmula (#N/A): escriba el importe
    8 invoice A-103 «»  2025-09-03→2025-10-03 1500.25 USD saldo 0 None
    9 ! Fecha Vencimiento: «32/10/2025» no es una fecha: escríbala como 2025-12-31 o
          31/12/2025
    ~ 1 importe de «Total» con decimales sobrantes que se redondeó (fila 6: «1234.5600000001»)
    ~ 1 fila de totales que no se leyó (fila 10: «TOTAL»)
    ~ 1 fila con notas que no se leyó (fila 12: «* Cifras sin auditar»)
    customers header 1 rows 2 dates - decimal -
    2 20 «Taller Ríos»  pagos@rios.mx+dueño@rios.mx  - Some(30)  extra []
    3 21 «Obras Paz»  obras@paz.mx  - Some(0)  extra []
    refused: está oculta: muéstrela, o indíquela con --sheet, si debe leerse
    refused: no tiene una fila de encabezados con columnas conocidas (empieza con: Este libro
          lo prepara contabilidad.)
    "#);
    let options = Options {
        sheet: Some("Catálogo".to_owned()),
        ..Options::default()
    };
    insta::assert_snapshot!(show("libro.xlsx", bytes, &options), @r#"
    customers header 1 rows 1 dates - decimal -
    2 1 «Oculto»  a@b.mx  - None  extra []
    "#);
    let options = Options {
        sheet: Some("Hoja9".to_owned()),
        ..Options::default()
    };
    let error = profile(Cursor::new(bytes), "libro.xlsx", &options).expect_err("no such sheet");
    insta::assert_snapshot!(error, @r#"
    there is no sheet `Hoja9`: the file has Facturas, Clientes, Catálogo, Notas
    "#);
}

#[test]
fn an_open_document_of_payments() {
    let bytes = include_bytes!("data/cobros.ods");
    insta::assert_snapshot!(show("cobros.ods", bytes, &Options::default()), @r#"
    payments header 1 rows 2 dates - decimal -
    2  of A-101 by  on 2025-10-01 1234.56
    3  of A-103 by  on 2025-10-02 0.1
    "#);
}

#[test]
fn an_unlabelled_sum_is_a_total_only_if_it_is_the_sum() {
    let sum =
        "Factura,Cliente,Vence,Importe\nF1,A,2025-06-04,10.50\nF2,B,2025-06-05,4.25\n,,,14.75\n";
    insta::assert_snapshot!(show("f.csv", sum.as_bytes(), &Options::default()), @r#"
    documents header 1 rows 3 dates - decimal point
    2 invoice F1 «A»  2025-06-04→2025-06-04 10.50 - saldo - None
    3 invoice F2 «B»  2025-06-05→2025-06-05 4.25 - saldo - None
    ~ 2 documentos sin fecha de emisión: se tomó la de vencimiento (fila 2; fila 3)
    ~ 1 fila de totales que no se leyó (fila 4: «14.75»)
    "#);
    let other = sum.replace("14.75", "15.75");
    insta::assert_snapshot!(show("f.csv", other.as_bytes(), &Options::default()), @r#"
    documents header 1 rows 3 dates - decimal point
    2 invoice F1 «A»  2025-06-04→2025-06-04 10.50 - saldo - None
    3 invoice F2 «B»  2025-06-05→2025-06-05 4.25 - saldo - None
    4 ! Factura: falta el número de documento + Vence: falta la fecha: escriba la de emisión o
          la de vencimiento + Cliente: falta el cliente: escriba su código, su nombre o su
          identificación fiscal
    ~ 2 documentos sin fecha de emisión: se tomó la de vencimiento (fila 2; fila 3)
    "#);
}

#[test]
fn content_beyond_the_names_is_kept() {
    let text = "Factura,Cliente,Vence,Importe,,Vence\nF1,A,2025-06-04,1,x,ayer,hoy\n";
    let found = profile(Cursor::new(text), "f.csv", &Options::default()).expect("a table");
    let mut rows = records(Cursor::new(text), &found.tables[0]).expect("opens");
    let Some(Ok(Read::Record {
        record: Record::Document(document),
        ..
    })) = rows.next()
    else {
        panic!("a document");
    };
    let extra: Vec<String> = document
        .extra
        .iter()
        .map(|(name, text)| format!("{name}={text}"))
        .collect();
    assert_eq!(extra, ["Columna E=x", "Vence (2)=ayer", "Columna G=hoy"]);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig {
        failure_persistence: None,
        ..Default::default()
    })]

    /// Whatever the bytes, the answer is a profile or an error, and every row is accounted for.
    #[test]
    fn any_bytes_at_all(
        bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..600),
    ) {
        check_any(&bytes);
    }

    #[test]
    fn any_damage_to_a_workbook(
        damage in proptest::collection::vec((0usize..9000, proptest::prelude::any::<u8>()), 1..6),
        cut in 0usize..9000,
    ) {
        for book in [&include_bytes!("data/libro.xlsx")[..], include_bytes!("data/cobros.ods")] {
            let mut bytes = book.to_vec();
            for (at, byte) in &damage {
                let at = at % bytes.len();
                bytes[at] = *byte;
            }
            check_any(&bytes);
            bytes.truncate(cut);
            check_any(&bytes);
        }
    }

    #[test]
    fn any_cells_below_a_header(rows in "([-0-9a-z,.;/$\"() \n]{0,40}\n){0,12}") {
        check_any(format!("Factura,Cliente,Fecha,Vence,Importe,Saldo\n{rows}").as_bytes());
    }

    /// Documents written in a style of the region are read back exactly.
    #[test]
    fn written_and_read_back(
        minors in proptest::collection::vec((1i64..1_000_000_000, 0i32..20_000), 1..30),
        comma: bool,
        day_first: bool,
    ) {
        let mut text = String::from("Folio;Cliente;Emisión;Vencimiento;Total\n");
        let mut written = Vec::new();
        for (at, (minor, days)) in minors.iter().enumerate() {
            let span = jiff::Span::new().days(*days);
            let issued = jiff::civil::date(2001, 1, 1).checked_add(span).expect("a day");
            let due = issued.checked_add(jiff::Span::new().days(30)).expect("a day");
            let day = |date: jiff::civil::Date| match day_first {
                true => date.strftime("%d/%m/%Y").to_string(),
                false => date.strftime("%m/%d/%Y").to_string(),
            };
            let mark = if comma { ',' } else { '.' };
            let amount = format!("{}{mark}{:02}", minor / 100, minor % 100);
            text.push_str(&format!("F{at};C{at};{};{};{amount}\n", day(issued), day(due)));
            written.push((issued, due, rust_decimal::Decimal::new(*minor, 2)));
        }
        let options = Options {
            date_order: Some(if day_first { DateOrder::DayFirst } else { DateOrder::MonthFirst }),
            ..Options::default()
        };
        let found = profile(Cursor::new(&text), "f.csv", &options).expect("a table");
        let rows = records(Cursor::new(&text), &found.tables[0]).expect("opens");
        let read: Vec<_> = rows
            .map(|read| match read.expect("a row") {
                Read::Record { record: Record::Document(d), .. } => {
                    (d.issued, d.due.expect("due"), d.amount)
                }
                other => panic!("{other:?}"),
            })
            .collect();
        proptest::prop_assert_eq!(read, written);
    }
}

fn check_any(bytes: &[u8]) {
    let Ok(found) = profile(Cursor::new(bytes), "f", &Options::default()) else {
        return;
    };
    for table in &found.tables {
        let mut rows = records(Cursor::new(bytes), table).expect("opens again");
        let mut given = 0;
        for read in rows.by_ref() {
            read.expect("a row");
            given += 1;
        }
        let aside: u64 = rows
            .warnings()
            .iter()
            .filter(|warning| warning.kind.leaves_out())
            .map(|warning| warning.count)
            .sum();
        assert_eq!(given + aside, table.rows);
    }
}

#[test]
fn what_a_new_file_proves_is_stronger_than_what_was_kept() {
    let april = "Factura,Cliente,Vence,Importe\nF1,A,13/04/2025,10.50\nF2,A,05/04/2025,1.500\n";
    let found = profile(Cursor::new(april), "a.csv", &Options::default()).expect("a table");
    let kept = serde_json::to_string(&found.tables[0].mapping).expect("serialises");
    let kept: Mapping = serde_json::from_str(&kept).expect("reads back");
    assert_eq!(kept, found.tables[0].mapping);
    let options = Options {
        mappings: vec![kept],
        ..Options::default()
    };
    let silent = "Factura,Cliente,Vence,Importe\nF3,A,04/05/2025,2.000\n";
    insta::assert_snapshot!(show("b.csv", silent.as_bytes(), &options), @r#"
    documents header 1 rows 1 dates dmy decimal point
    2 invoice F3 «A»  2025-05-04→2025-05-04 2.00 - saldo - None
    ~ 1 documento sin fecha de emisión: se tomó la de vencimiento (fila 2)
    "#);
    let other = "Factura,Cliente,Vence,Importe\nF4,A,05/13/2025,2.000\nF5,A,04/05/2025,\"1,50\"\n";
    insta::assert_snapshot!(show("c.csv", other.as_bytes(), &options), @r#"
    documents header 1 rows 2 dates mdy decimal comma
    2 invoice F4 «A»  2025-05-13→2025-05-13 2000 - saldo - None
    3 invoice F5 «A»  2025-04-05→2025-04-05 1.50 - saldo - None
    ~ 2 documentos sin fecha de emisión: se tomó la de vencimiento (fila 2; fila 3)
    "#);
}

#[test]
fn a_sheet_that_lacks_what_the_user_says_it_lists_is_refused() {
    let text = "Código,Nombre,Correo\n1,ACME,a@b.mx\n";
    let options = Options {
        entity: Some(Entity::Documents),
        ..Options::default()
    };
    insta::assert_snapshot!(show("c.csv", text.as_bytes(), &options), @r#"
    refused: no se reconoce la columna de fecha ni la de importe (hay: Código, Nombre, Correo)
    "#);
}

#[test]
fn a_customer_may_be_called_total() {
    let text = "Nombre,Correo\nTotal Fitness,\nGimnasio Sur,a@b.mx\nTotal general,\n";
    insta::assert_snapshot!(show("c.csv", text.as_bytes(), &Options::default()), @r#"
    customers header 1 rows 3 dates - decimal -
    2  «Total Fitness»    - None  extra []
    3  «Gimnasio Sur»  a@b.mx  - None  extra []
    ~ 1 fila de totales que no se leyó (fila 4: «Total general»)
    "#);
}
