//! What the real files say, looked at by eye, where they are at hand.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use formats::invoice::{Found, Reading, open};
use rust_decimal::Decimal;

use crate::said::line;

/// The folder of real files, if this machine has it.
fn shared() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let folder = std::env::var_os("PUNTUAL_SHARED")
        .map_or(beside, PathBuf::from)
        .join("data/einvoice");
    folder.is_dir().then_some(folder)
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).expect("a folder");
    for entry in entries {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            walk(&path, files);
        } else {
            files.push(path);
        }
    }
    files.sort();
}

/// Counts and sums of what the files below a folder say, by kind and currency.
#[derive(Debug, Default)]
struct Sums {
    files: usize,
    refused: Vec<String>,
    silent: usize,
    events: usize,
    /// Count, sum of totals and sum of what is to be paid.
    invoices: BTreeMap<String, (usize, Decimal, Decimal)>,
}

impl Sums {
    fn add(&mut self, found: Found) {
        match found.outcome {
            Ok(Reading::Invoice(invoice)) => {
                let trial = if invoice.trial { " trial" } else { "" };
                let kind = format!("{:?} {}{trial}", invoice.kind, invoice.total.currency);
                let sums = self.invoices.entry(kind).or_default();
                sums.0 += 1;
                sums.1 += invoice.total.decimal();
                sums.2 += invoice.payable.decimal();
            }
            Ok(Reading::Silent { .. }) => self.silent += 1,
            Ok(Reading::Event(_)) => self.events += 1,
            Ok(Reading::Receipt(receipt)) => panic!("no receipts here: {}", receipt.number),
            Err(fault) => self.refused.push(fault.to_string()),
        }
    }

    fn text(&self) -> String {
        let mut out = format!(
            "{} files, {} silent, {} events\n",
            self.files, self.silent, self.events
        );
        for (kind, (count, total, payable)) in &self.invoices {
            out.push_str(&format!("{kind}: {count}, {total}, pay {payable}\n"));
        }
        for reason in &self.refused {
            out.push_str(&format!("refused {reason}\n"));
        }
        out
    }
}

fn sums(folder: &Path) -> String {
    let mut files = Vec::new();
    walk(folder, &mut files);
    let mut sums = Sums {
        files: files.len(),
        ..Sums::default()
    };
    for path in files {
        let name = path.file_name().expect("a name").to_string_lossy();
        match open(File::open(&path).expect("a real file"), &name) {
            Ok(invoices) => invoices.for_each(|found| sums.add(found)),
            Err(fault) => sums.refused.push(fault.to_string()),
        }
    }
    sums.text()
}

/// The sums were reckoned apart from this program, from the elements of each standard.
#[test]
fn folders_of_real_files_sum_up() {
    let Some(shared) = shared() else {
        return;
    };
    let cases = [
        (
            "OpenPEPPOL__peppol-bis-invoice-3",
            "12 files, 0 silent, 0 events\n\
             CreditNote EUR: 2, 3312.50, pay 3312.50\n\
             Invoice EUR: 6, 22300.00, pay 21300.00\n\
             Invoice GBP: 2, 2400.00, pay 2400.00\n\
             Invoice NOK: 1, 1802.00, pay 802.00\n\
             Invoice SEK: 1, 3200.00, pay 3200.00\n",
        ),
        (
            "project-openubl__xbuilder",
            "85 files, 13 silent, 1 events\n\
             CreditNote PEN: 18, 40267.02, pay 40267.02\n\
             DebitNote PEN: 15, 33187.02, pay 33187.02\n\
             Invoice PEN: 38, 76994.26, pay 76274.26\n",
        ),
        (
            "akretion__nfelib/nfelib/nfe",
            "17 files, 2 silent, 0 events\n\
             Invoice BRL: 13, 260015.56, pay 259513.53\n\
             Invoice BRL trial: 2, 98.90, pay 98.90\n",
        ),
        (
            "akretion__nfelib/nfelib/nfse",
            "5 files, 4 silent, 0 events\n\
             Invoice BRL trial: 1, 989999990.01, pay 989999961.04\n",
        ),
        (
            "invopop__gobl.facturae",
            "7 files, 0 silent, 0 events\n\
             CreditNote EUR: 1, 5084.42, pay 5084.42\n\
             Invoice EUR: 6, 23126.54, pay 22030.13\n",
        ),
    ];
    for (folder, expected) in cases {
        assert_eq!(sums(&shared.join(folder)), expected, "{folder}");
    }
}

/// Read by eye in the files themselves.
#[test]
fn a_dozen_real_files() {
    let Some(shared) = shared() else {
        return;
    };
    let peppol = "OpenPEPPOL__peppol-bis-invoice-3/rules";
    let peru = "project-openubl__xbuilder/src/test/resources/xml";
    let brazil = "akretion__nfelib/nfelib/nfe/samples/v4_0/leiauteNFe";
    let spain = "invopop__gobl.facturae/test/data/out";
    let cases = [
        (
            peppol,
            "examples/Allowance-example.xml",
            "Ubl Invoice Snippet1 2017-11-13 EUR 7125.00 pay 6125.00 GB1232434>SE4598375937 due 2017-12-01 +IVA:1225 Other=framework no 1\n",
        ),
        (
            peppol,
            "examples/base-negative-inv-correction.xml",
            "Ubl CreditNote Correction1 2017-11-13 EUR 1656.25 pay 1656.25 GB1232434>SE4598375937 due 2017-12-01 +IVA:331.25 Adjusts=Snippet1\n",
        ),
        (
            peppol,
            "national-examples/NO/Norwegian-example-1.xml",
            "Ubl Invoice TOSL108 2013-06-30 NOK 1802.00 pay 802.00 NO123456785MVA>NO987654325MVA due 2013-07-20 +IVA:365.13 +IVA:0.15 Other=123 Other=Contract321\n",
        ),
        (
            peppol,
            "examples/vat-category-E.xml",
            "Ubl Invoice Vat-Z 2018-08-30 GBP 1200.00 pay 1200.00 GB928741974>- days 30\n",
        ),
        (
            peru,
            "invoice/anticipos/facturaEmitidaPorAnticipos.xml",
            "UblPeru Invoice F001-1 2019-12-24 PEN 2360.00 pay 2000.00 12345678912>12121212121 +IGV:360 Advance=12345678912-01-F999-1 Advance=12345678912-01-F999-2 (at once)\n",
        ),
        (
            peru,
            "invoice/formapago/conFormaPagoFactura.xml",
            "UblPeru Invoice F001-1 2019-01-06 PEN 2360.00 pay 2360.00 12345678912>12121212121 due 2019-01-08 [Cuota000 2019-01-07 2000.00] [Cuota001 2019-01-08 360.00] +IGV:360\n",
        ),
        (
            peru,
            "creditnote/formapago/conFormaPago_afectaFactura.xml",
            "UblPeru CreditNote FC01-1 2019-01-06 PEN 2360.00 pay 2360.00 12345678912>12121212121 due 2019-01-08 [Cuota000 2019-01-07 2000.00] [Cuota001 2019-01-08 360.00] +IGV:360 Annuls=12345678912-01-F001-1\n",
        ),
        (
            peru,
            "cases/proveedorsincodigopostal/VoidedDocument.xml",
            "event cancelled 22222222222-01-F001-1 F001-1 22222222222>- 2019-11-08\n",
        ),
        (
            brazil,
            "26180875335849000115550010000016871192213331-nfe.xml",
            "Nfe Invoice 1-1687 2018-08-16 BRL 5780.00 pay 5780.00 75335849000115>37148260000119 due 2018-11-04 [001 2018-09-25 2890.00] [002 2018-11-04 2890.00]\n",
        ),
        (
            brazil,
            "42211275277525000178550030000276771368212013-procNFe.xml",
            "Nfe Invoice 3-27677 2021-12-15 BRL 19606.03 pay 19104.00 75277525000178>35029428895 due 2021-12-15 +ICMS:1728.69 +IPI:23.91 +PIS:310.1 +COFINS:1428.35\n",
        ),
        (
            spain,
            "credit-note.xml",
            "Facturae CreditNote TEST01001R 2021-12-08 EUR 5084.42 pay 5084.42 B23103039>B77436020 +IVA:882.42 Adjusts=TEST01001F\n",
        ),
        (
            spain,
            "invoice-vat-irpf.xml",
            "Facturae Invoice TEST01002F 2021-12-08 EUR 5080.92 pay 4480.62 37221735F>B77436020 +IVA:840.42 +IVA:3.5 -IRPF:600.3\n",
        ),
    ];
    for (folder, name, expected) in cases {
        let path = shared.join(folder).join(name);
        let lines: String = open(File::open(&path).expect("a real file"), name)
            .expect("opens")
            .map(|found| line(&found))
            .collect();
        assert_eq!(lines, expected, "{name}");
    }
}
