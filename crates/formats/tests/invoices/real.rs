//! Real invoices of Mexico, where they lie beside the project: each is read, or refused with a
//! reason; those looked at by eye say what was seen.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use formats::invoice::{Reading, open};

use crate::told::of;

const FOLDERS: [&str; 6] = [
    "SAT-CFDI__python-satcfdi",
    "eclipxe13__CfdiUtils",
    "invopop__gobl.cfdi",
    "phpcfdi__cfdi-to-json",
    "phpcfdi__cfditopdf",
    "phpcfdi__sat-ws-descarga-masiva",
];

fn folder() -> Option<PathBuf> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/einvoice");
    data.is_dir().then_some(data)
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            walk(&path, files);
        } else {
            files.push(path);
        }
    }
}

/// What a file says, or why it was refused.
fn said(path: &Path) -> (Vec<String>, Vec<&'static str>) {
    let name = path.file_name().expect("a name").to_string_lossy();
    let file = BufReader::new(File::open(path).expect("opens"));
    let mut kinds = Vec::new();
    let mut lines = Vec::new();
    match open(file, &name) {
        Err(fault) => {
            kinds.push("refused");
            lines.push(format!("refused {fault}\n"));
        }
        Ok(invoices) => {
            for found in invoices {
                kinds.push(match &found.outcome {
                    Ok(Reading::Invoice(_)) => "invoices",
                    Ok(Reading::Receipt(_)) => "receipts",
                    Ok(Reading::Event(_)) => "events",
                    Ok(Reading::Silent { .. }) => "silent",
                    Err(_) => "refused",
                });
                lines.push(of(&found));
            }
        }
    }
    (lines, kinds)
}

/// A reason without what differs between files of a kind: name, line, words of the file.
fn reason(fault: &str) -> String {
    let mut parts = fault.trim().split(", ").peekable();
    parts.next();
    parts.next_if(|part| part.starts_with("línea"));
    let whole = parts.collect::<Vec<_>>().join(", ");
    let short = whole.split(" sino ").next().unwrap_or(&whole);
    short.split("; importe").next().unwrap_or(short).to_owned()
}

#[test]
fn every_file_is_read_or_refused_with_a_reason() {
    let Some(data) = folder() else { return };
    let mut out = String::new();
    for name in FOLDERS {
        let mut files = Vec::new();
        walk(&data.join(name), &mut files);
        files.sort();
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
        for path in &files {
            let (lines, kinds) = said(path);
            kinds
                .iter()
                .for_each(|kind| *counts.entry(kind).or_default() += 1);
            for line in lines {
                if let Some(fault) = line
                    .strip_prefix("fault ")
                    .or(line.strip_prefix("refused "))
                {
                    *reasons.entry(reason(fault)).or_default() += 1;
                }
            }
        }
        out += &format!("{name}: {} files, {counts:?}\n", files.len());
        for (reason, count) in reasons {
            out += &format!("  {count} {reason}\n");
        }
    }
    insta::assert_snapshot!(out, @r#"
    SAT-CFDI__python-satcfdi: 107 files, {"invoices": 4, "receipts": 55, "refused": 46, "silent": 2}
      16 Comprobante/@Folio: no tiene folio ni timbre (UUID): no se distingue de otros
      30 Comprobante/Complemento/Pagos: es de tipo P (pago) y no trae el complemento de pagos
    eclipxe13__CfdiUtils: 34 files, {"invoices": 7, "receipts": 11, "refused": 16}
      3 Comprobante/@Folio: no tiene folio ni timbre (UUID): no se distingue de otros
      8 Comprobante/@tipoDeComprobante: falta este dato
      4 Comprobante/Complemento/Pagos/Pago/DoctoRelacionado/@IdDocumento: falta este dato
      1 Comprobante/Emisor/@Rfc: falta este dato
    invopop__gobl.cfdi: 18 files, {"invoices": 18}
    phpcfdi__cfdi-to-json: 1 files, {"invoices": 1}
    phpcfdi__cfditopdf: 2 files, {"invoices": 1, "receipts": 1}
    phpcfdi__sat-ws-descarga-masiva: 5 files, {"events": 9, "invoices": 3, "silent": 3}
    "#);
}

/// What was seen in the files themselves, in order.
const LOOKED_AT: [(&str, &[&str]); 15] = [
    (
        "eclipxe13__CfdiUtils/tests/assets/cfdi32-real.xml",
        &["invoice S-68189 ", " Cfdi 3.2 2017-03-21 total 4685.00 MXN"],
    ),
    (
        "eclipxe13__CfdiUtils/tests/assets/cfdi33-real.xml",
        &[
            "invoice H-11541 CEE4BE01-ADFA-4DEB-8421-ADD60F0BEDAC Cfdi 3.3 2018-01-12 total 2010.01 ",
            "POT9207213D6 MX «PROMOTORA OTIR SA DE CV» -> DIM8701081LA MX «DAY INTERNATIONAL",
            "days 0, paid at once, means 04, +IVA 0.16 273.46, +IH 0.025 27.43, 2 lines",
        ],
    ),
    (
        "eclipxe13__CfdiUtils/tests/assets/cfdi40-real.xml",
        &["total 1000.00 MXN", "paid at once, means 04"],
    ),
    (
        "eclipxe13__CfdiUtils/tests/assets/cfdi33-valid.xml",
        &["total 2382870.00 MXN", "adjusts "],
    ),
    (
        "eclipxe13__CfdiUtils/tests/assets/created-with-discounts-40.xml",
        &["total 3248.00 USD", "rate 18.9008"],
    ),
    (
        "invopop__gobl.cfdi/test/data/out/credit-note.xml",
        &[
            "credit_note CN-0003 - Cfdi 4.0 2023-07-26 total 1.77 MXN",
            "adjusts 1FAC4464-1111-0000-1111-CD37179DB12E",
        ],
    ),
    (
        "invopop__gobl.cfdi/test/data/out/invoice-b2b-full.xml",
        &[
            "invoice LMC-0010 - Cfdi 4.0 2023-05-29 total 211.36 MXN",
            "days 30, means 03, +IVA 0.16 32.03, -IVA ? 21.35, -ISR ? 20.02, 3 lines",
        ],
    ),
    (
        "invopop__gobl.cfdi/test/data/out/invoice-global.xml",
        &["total 33.64 MXN", "global, +IVA 0.16 4.64, 2 lines"],
    ),
    (
        "invopop__gobl.cfdi/test/data/out/invoice-multi-currency.xml",
        &["total 232.00 USD", "owes receipts, means 99, rate 17.46"],
    ),
    (
        "eclipxe13__CfdiUtils/tests/assets/pagos20-calculator/001.xml",
        &[
            "receipt PAGO-37 - Cfdi 2.0 2023-06-13",
            "paid 2023-06-04 1840.00 MXN means 04",
            "PACIE-2 6DE9442D-ED57-5320-B2BA-F73E15079FA3 n.3 6591.64 - 850.00 MXN = 5741.64",
            "PACIE-13 AE577E8F-2047-5AB2-8513-9E7299A6DA03 n.2 5234.00 - 478.00 MXN = 4756.00",
            "n.2 154.00 - 150.00 MXN = 4.00",
            "n.5 4976.36 - 362.00 MXN = 4614.36",
            "paid 2023-06-09 40.00 USD means 04 op - rate 17.3608",
        ],
    ),
    (
        "eclipxe13__CfdiUtils/tests/assets/pagos10/sample-validacfd04.xml",
        &["paid ", " 100.00 USD ", " rate 18.57"],
    ),
    (
        "SAT-CFDI__python-satcfdi/tests/test_create_cfdi40/mpago2_h&e951128469_ingreso_iva16.xml",
        &[
            "receipt A-123456 - Cfdi 2.0 2020-01-01",
            "35705.50 MXN",
            " n.",
            " n.",
        ],
    ),
    (
        "SAT-CFDI__python-satcfdi/tests/cfdi_ejemplos/retenciones10/\
         retenciones10-pagos-a-extranjeros.xml",
        &["silent constancia de retenciones "],
    ),
    (
        "phpcfdi__sat-ws-descarga-masiva/tests/_files/zip/metadata.txt",
        &[
            "listed invoice 1124.11 ? «RAZON SOCIAL 1 SA DE CV» E7215E3B-2DC5-4A40-AB10-C902FF9258DF",
            "listed invoice 1485.17 ? ",
        ],
    ),
    (
        "phpcfdi__sat-ws-descarga-masiva/tests/_files/zip/cfdi.zip",
        &[
            "invoice C-38 ",
            "total 40600.00 MXN",
            "invoice C-38 ",
            "total 40600.00 MXN",
        ],
    ),
];

#[test]
fn what_was_seen_in_the_files() {
    let Some(data) = folder() else { return };
    for (file, seen) in LOOKED_AT {
        let all = said(&data.join(file)).0.concat();
        let mut rest = all.as_str();
        for part in seen {
            let at = rest.find(part);
            let at = at.unwrap_or_else(|| panic!("{file}: no «{part}» in\n{all}"));
            rest = &rest[at + part.len()..];
        }
    }
}
