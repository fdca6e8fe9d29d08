//! Real files nobody of this project wrote, when they are at hand: every table, every count.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use formats::spreadsheet::{Entity, Options, Read, Record, Refusal, profile, records};

/// The folder of real files, if this machine has it.
fn shared() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let folder = std::env::var_os("PUNTUAL_SHARED")
        .map_or(beside, PathBuf::from)
        .join("data");
    folder.is_dir().then_some(folder)
}

fn open(path: &Path) -> BufReader<File> {
    BufReader::new(File::open(path).expect("a real file"))
}

/// One line per table and refusal, with counts and the first reasons.
fn summary(path: &Path, options: &Options) -> String {
    let name = path.file_name().expect("a name").to_string_lossy();
    let found = match profile(open(path), &name, options) {
        Ok(found) => found,
        Err(error) => return format!("error: {error}\n"),
    };
    let mut out = String::new();
    for table in &found.tables {
        let (mut read, mut quarantined) = (0, 0);
        let mut reasons: Vec<String> = Vec::new();
        let mut rows = records(open(path), table).expect("opens again");
        for row in &mut rows {
            match row.expect("a row") {
                Read::Record { record, .. } => {
                    read += 1;
                    let entity = match record {
                        Record::Customer(_) => Entity::Customers,
                        Record::Document(_) => Entity::Documents,
                        Record::Payment(_) => Entity::Payments,
                    };
                    assert_eq!(entity, table.mapping.entity);
                }
                Read::Quarantined(row) => {
                    quarantined += 1;
                    let problem = &row.problems[0];
                    let reason = format!("  ! {} {}: {}", row.row, problem.field, problem.reason);
                    if reasons.len() < 8 {
                        reasons.push(reason);
                    }
                }
            }
        }
        let sheet = table.sheet.as_deref().unwrap_or("-");
        let order = table.mapping.date_order.map_or("-", |order| order.code());
        let mark = table.mapping.decimal_mark.map_or("-", |mark| mark.code());
        out.push_str(&format!(
            "{sheet}: {} rows {} read {read} quarantined {quarantined} dates {order} decimal \
             {mark}\n",
            table.mapping.entity.code(),
            table.rows,
        ));
        for warning in rows.warnings() {
            out.push_str(&format!("  ~ {}\n", warning.text_es()));
        }
        for reason in reasons {
            out.push_str(&format!("{reason}\n"));
        }
    }
    for refused in &found.refused {
        let sheet = refused.sheet.as_deref().unwrap_or("-");
        out.push_str(&format!("{sheet}: {}\n", refused.reason.text_es()));
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

#[test]
fn the_example_of_a_thousand_late_payers() {
    let Some(data) = shared() else { return };
    let file = data.join("receivables/ibm_accounts_receivable.csv");
    insta::assert_snapshot!(summary(&file, &Options::default()), @r#"
    -: documents rows 2466 read 2466 quarantined 0 dates mdy decimal point
    ~ 2466 valores de «countryCode» que no se entendieron y se guardaron como están (fila 2:
          «391»; fila 3: «406»; fila 4: «391»)
    "#);
}

#[test]
fn portfolios_and_ageing_reports() {
    let Some(data) = shared() else { return };
    let mut all = String::new();
    for file in spreadsheets(&data.join("spreadsheets")) {
        let name = file
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        all.push_str(&format!(
            "== {name}\n{}",
            summary(&file, &Options::default())
        ));
    }
    insta::assert_snapshot!(all, @r#"
    == CARTERA.xlsx
    CLIENTES: customers rows 20 read 20 quarantined 0 dates - decimal -
    FACTURAS: documents rows 20 read 20 quarantined 0 dates - decimal -
    PAGOS: payments rows 7 read 7 quarantined 0 dates - decimal -
    RangoEdad: no tiene una fila de encabezados con columnas conocidas (empieza con: Min, Max,
          Edad, Orden)
    == invoices.csv
    -: documents rows 7 read 0 quarantined 7 dates - decimal -
    ! 2 cliente: la tabla no dice de qué cliente es: agregue una columna «Cliente» con su
          código, nombre o identificación fiscal; si son pagos, importe con --kind payments
    ! 3 ID: falta el número de documento
    ! 4 cliente: la tabla no dice de qué cliente es: agregue una columna «Cliente» con su
          código, nombre o identificación fiscal; si son pagos, importe con --kind payments
    ! 5 Amount: falta el importe
    ! 6 cliente: la tabla no dice de qué cliente es: agregue una columna «Cliente» con su
          código, nombre o identificación fiscal; si son pagos, importe con --kind payments
    ! 7 cliente: la tabla no dice de qué cliente es: agregue una columna «Cliente» con su
          código, nombre o identificación fiscal; si son pagos, importe con --kind payments
    ! 8 Amount: «derp» no es un importe: escriba sólo el número, por ejemplo 1234.56
    == receivables.csv
    -: documents rows 8 read 0 quarantined 8 dates - decimal point
    ! 2 cliente: la tabla no dice de qué cliente es: agregue una columna «Cliente» con su
          código, nombre o identificación fiscal; si son pagos, importe con --kind payments
    ! 3 ID: el número «124» está también en la fila 4 con otros datos: deje una sola fila o
          corrija el número
    ! 4 ID: el número «124» está también en la fila 3 con otros datos: deje una sola fila o
          corrija el número
    ! 5 Date: «derp» no es una fecha: escríbala como 2025-12-31 o 31/12/2025
    ! 6 ID: el número «127» está también en la fila 7 con otros datos: deje una sola fila o
          corrija el número
    ! 7 ID: el número «127» está también en la fila 6 con otros datos: deje una sola fila o
          corrija el número
    ! 8 cliente: la tabla no dice de qué cliente es: agregue una columna «Cliente» con su
          código, nombre o identificación fiscal; si son pagos, importe con --kind payments
    ! 9 cliente: la tabla no dice de qué cliente es: agregue una columna «Cliente» con su
          código, nombre o identificación fiscal; si son pagos, importe con --kind payments
    == SampleAgingReport.xlsx
    Sheet1: es una lista de proveedores (cuentas por pagar), no de clientes; si en verdad son
          clientes, importe con --kind documents
    == new_report_input.xlsx
    Sheet1: es una lista de proveedores (cuentas por pagar), no de clientes; si en verdad son
          clientes, importe con --kind documents
    == new_report_output.xlsx
    Sheet1: es una lista de proveedores (cuentas por pagar), no de clientes; si en verdad son
          clientes, importe con --kind documents
    == old_report_input.xlsx
    Prompt Payment: es una lista de proveedores (cuentas por pagar), no de clientes; si en
          verdad son clientes, importe con --kind documents
    Sheet2: no tiene una fila de encabezados con columnas conocidas (empieza con: Col 1, Col
          2, Col 3)
    == old_report_output.xlsx
    Sheet1: es una lista de proveedores (cuentas por pagar), no de clientes; si en verdad son
          clientes, importe con --kind documents
    == Sample_invoices.csv
    -: documents rows 21 read 19 quarantined 0 dates mdy decimal -
    ~ 2 filas idénticas a otra anterior (fila 4: «INV-1002»; fila 6: «INV-1004»)
    == cartera_demo.xlsx
    Cartera: documents rows 26 read 26 quarantined 0 dates - decimal -
    "#);
}

#[test]
fn what_the_user_says_settles_what_the_file_does_not() {
    let Some(data) = shared() else { return };
    let folder = data.join("spreadsheets/Woody1193__miletos-test");
    let options = Options {
        entity: Some(Entity::Payments),
        ..Options::default()
    };
    insta::assert_snapshot!(summary(&folder.join("receivables.csv"), &options), @r#"
    -: payments rows 8 read 6 quarantined 2 dates - decimal point
    ! 3 Date: falta la fecha
    ! 5 Date: «derp» no es una fecha: escríbala como 2025-12-31 o 31/12/2025
    "#);
    let options = Options {
        entity: Some(Entity::Documents),
        ..Options::default()
    };
    let folder =
        data.join("spreadsheets/department-of-general-services__priority-vendor-aging-report");
    let file = folder.join("app/tests/integration_tests/aging_report/SampleAgingReport.xlsx");
    insta::assert_snapshot!(summary(&file, &options), @r#"
    Sheet1: documents rows 7 read 7 quarantined 0 dates - decimal -
    ~ 7 documentos sin fecha de vencimiento: se tomó la de emisión (fila 2; fila 3; fila 4)
    "#);
}

/// Statements are not lists of documents: none may be taken for one.
#[test]
fn every_bank_statement_is_refused() {
    let Some(data) = shared() else { return };
    let mut bank = 0;
    let files = spreadsheets(&data.join("bank"));
    for file in &files {
        let name = file.file_name().expect("a name").to_string_lossy();
        let Ok(found) = profile(open(file), &name, &Options::default()) else {
            continue;
        };
        assert!(found.tables.is_empty(), "{name}: {:?}", found.tables);
        assert!(!found.refused.is_empty(), "{name}");
        bank += usize::from(
            found
                .refused
                .iter()
                .any(|one| one.reason == Refusal::BankStatement),
        );
    }
    insta::assert_snapshot!(format!("{bank} of {} named as statements", files.len()), @r#"
    21 of 40 named as statements
    "#);
}

fn spreadsheets(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    walk(folder, &mut files);
    files.retain(|file| {
        let kind = file
            .extension()
            .unwrap_or_default()
            .to_string_lossy()
            .to_lowercase();
        ["csv", "xls", "xlsx"].contains(&kind.as_str())
    });
    files.sort();
    files
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            walk(&path, files)
        } else {
            files.push(path)
        }
    }
}
