//! Every table in `scenarios/` is lived on both databases.

use std::path::{Path, PathBuf};

use testkit::{TestDb, scenario};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios")
}

async fn lived(test: &TestDb, file: &str) {
    scenario::run(&test.db, &folder().join(file)).await;
}

macro_rules! scenarios {
    ($($test:ident: $file:literal,)+) => {
        const LISTED: &[&str] = &[$($file),+];

        testkit::both_databases! {$(
            async fn $test(test: &TestDb) {
                lived(test, $file).await;
            }
        )+}
    };
}

scenarios! {
    apagon: "apagon.txt",
    chile: "chile.txt",
    colombia: "colombia.txt",
    correo_que_rebota: "correo-que-rebota.txt",
    disputa: "disputa.txt",
    domiciliada: "domiciliada.txt",
    dos_monedas: "dos-monedas.txt",
    festivos_colombia: "festivos-colombia.txt",
    nota_de_credito: "nota-de-credito.txt",
    paga_la_mas_vieja: "paga-la-mas-vieja.txt",
    pausas: "pausas.txt",
    saldo_pequeno: "saldo-pequeno.txt",
    seis_meses: "seis-meses.txt",
}

/// No table lies unread in the folder.
#[test]
fn every_file_is_lived() {
    let mut found: Vec<String> = std::fs::read_dir(folder())
        .expect("the folder")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .filter(|name| name.ends_with(".txt"))
        .collect();
    found.sort_unstable();
    let mut listed = LISTED.to_vec();
    listed.sort_unstable();
    assert_eq!(found, listed);
}
