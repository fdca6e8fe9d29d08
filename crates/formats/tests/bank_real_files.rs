//! Every statement in XML, SWIFT, OFX and QIF beside the repository, where it is there: what is
//! read of it, or why it is refused.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs::File;
use std::path::{Path, PathBuf};

use domain::Currency;
use formats::bank::{Hints, Part, TransactionState, open};
use rust_decimal::Decimal;

const FOLDERS: [&str; 7] = [
    "asgrim__ofxparser",
    "cuenca-mx__cep-python",
    "genkgo__camt",
    "jseutter__ofxparse",
    "prowide__prowide-iso20022",
    "sebastienrousseau__bankstatementparser",
    "wolph__mt940",
];
const ENDINGS: [&str; 6] = ["ofx", "qif", "sta", "txt", "xml", "mt940"];

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = folder.read_dir() else {
        return;
    };
    for entry in entries.map(|entry| entry.expect("a folder is listed")) {
        let path = entry.path();
        if path.is_dir() {
            files(&path, found);
        } else if path
            .extension()
            .is_some_and(|end| ENDINGS.iter().any(|known| end == *known))
        {
            found.push(path);
        }
    }
}

/// One line: statements, movements and their sum by currency, faults, warnings; or the refusal.
fn told(path: &Path) -> String {
    let name = path.file_name().expect("a file").to_string_lossy();
    let file = File::open(path).expect("the file opens");
    let parts = match open(
        file,
        &name,
        &Hints {
            currency: Some(Currency::EUR),
            ..Hints::default()
        },
    ) {
        Ok(parts) => parts,
        Err(fault) => {
            let reason: String = fault.reason.chars().take(60).collect();
            return format!("{name} refused: {reason}");
        }
    };
    let (mut heads, mut moved, mut faults, mut warnings) = (0, 0, Vec::new(), Vec::new());
    let mut sums: BTreeMap<String, Decimal> = BTreeMap::new();
    for part in parts {
        match part {
            Part::Opens(_) => heads += 1,
            Part::Moved(one) => {
                moved += 1;
                if one.state == TransactionState::Booked {
                    let code = one.amount.currency.code().to_owned();
                    *sums.entry(code).or_default() += one.amount.decimal();
                }
            }
            Part::Fault(fault) => faults.push(format!("{}:{}", fault.line, fault.field)),
            Part::Warning(fault) => warnings.push(format!("{}:{}", fault.line, fault.field)),
            Part::Closes(_) => {}
        }
    }
    let mut line = format!("{name} {heads}/{moved}");
    for (code, sum) in sums {
        let _ = write!(line, " {code} {sum}");
    }
    for (what, list) in [("faults", faults), ("warnings", warnings)] {
        if !list.is_empty() {
            let _ = write!(line, " {what} {}", list.join(" "));
        }
    }
    line
}

#[test]
fn every_statement_beside_the_repository() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/bank");
    if !root.is_dir() {
        return;
    }
    let mut table = String::new();
    for folder in FOLDERS {
        let mut found = Vec::new();
        files(&root.join(folder), &mut found);
        found.sort();
        let _ = writeln!(table, "# {folder}");
        for path in found {
            let _ = writeln!(table, "{}", told(&path));
        }
    }
    insta::assert_snapshot!(table, @r"
    # asgrim__ofxparser
    ofx-multiple-accounts-xml.ofx 3/3 GBP 514.72
    ofxdata-banking-xml200.ofx 1/0 faults 32:DTPOSTED
    ofxdata-bb-two-stmtrs.ofx 2/36 BRL -3648.66
    ofxdata-bb.ofx 1/1 BRL 239.55
    ofxdata-bpbfc.ofx 1/6 EUR -53.49
    ofxdata-cmfr.ofx 1/42 EUR -13491.59
    ofxdata-credit-card.ofx 1/1 GBP -100.00
    ofxdata-emptyDateTime.ofx 1/2 AUD 487.50
    ofxdata-google.ofx refused: Es un estado de cuenta de inversiones, que no trae pagos.
    ofxdata-memoWithAmpersand.ofx 1/16 BRL 393.82
    ofxdata-memoWithQuotes.ofx 1/16 BRL 393.82
    ofxdata-oneline.ofx 1/8 EUR -1977.10
    ofxdata-selfclose.ofx 1/5 BRL 585.00
    ofxdata-xml.ofx 1/3 USD 250.00
    ofxdata.ofx 1/3 USD 250.00
    # cuenca-mx__cep-python
    validar_transferencia_tipo_1.xml 1/1 MXN 3414.95
    validar_transferencia_tipo_10.xml 1/1 MXN 20912.98
    validar_transferencia_tipo_11.xml 1/1 MXN 9858.70
    validar_transferencia_tipo_12.xml 1/1 MXN 1.25
    validar_transferencia_tipo_3.xml 1/1 MXN 10802.62
    validar_transferencia_tipo_30.xml 1/1 MXN 25208.26
    validar_transferencia_tipo_31.xml 1/1 MXN 6593.15
    validar_transferencia_tipo_35.xml 1/1 MXN 13887.70
    validar_transferencia_tipo_36.xml 1/1 MXN 21683.76
    validar_transferencia_tipo_4.xml 1/1 MXN 17187.23
    validar_transferencia_tipo_5.xml 1/1 MXN 27529.89
    validar_transferencia_tipo_6.xml 1/1 MXN 27532.17
    validar_transferencia_tipo_8.xml 1/1 MXN 28523.96
    validar_transferencia_tipo_9.xml 1/1 MXN 29778.66
    # genkgo__camt
    camt052.v1.xml 1/1 SEK -200000.00
    camt052.v2.other-account.xml 1/1 SEK -200000.00
    camt052.v2.with-account-name.xml 1/0 faults 17:fecha
    camt052.v2.xml 1/1 SEK -200000.00
    camt052.v4.xml 1/1
    camt052.v6.Amt-zero.xml 1/1
    camt052.v6.xml 1/1
    camt052.v8.xml 1/1 SEK -200000.00
    camt053.v2.all-balance-types.xml 1/1 EUR 8.85 warnings 152:saldo final
    camt053.v2.five.decimals.xml 1/1 EUR 8.85 warnings 61:saldo final
    camt053.v2.minimal.ultimate.xml 1/1 EUR 8.85
    camt053.v2.minimal.xml 1/1 EUR 8.85
    camt053.v2.multi.statement.xml 2/2 EUR 1.85
    camt053.v2.with-account-name.xml 1/1 EUR 8.85
    camt053.v2.with-party-ids.xml 1/1 EUR 8.85
    camt053.v2.wrong.xml refused: No trae ningún estado de cuenta: pida al banco el archivo co
    camt053.v3.xml 1/1 EUR 8.85
    camt053.v4.xml 1/1 EUR 8.85
    camt053.v8.xml 1/1 EUR 8.85
    camt054.v2.with-account-name.xml 1/0 faults 17:fecha
    camt054.v2.xml 1/1 SEK -200000.00 warnings 58:lote
    camt054.v4.xml 1/1 SEK -200000.00 warnings 63:lote
    camt054.v8-with-UETR.xml 1/0 faults 16:fecha
    camt054.v8-with-financial-institution.xml 1/0 faults 16:fecha
    camt054.v8.xml 1/1 SEK -200000.00 warnings 63:lote
    camt53.only-Dt-with-DtTm.xml 1/0
    # jseutter__ofxparse
    account_listing_aggregation.ofx refused: No trae ningún estado de cuenta: descargue los movimientos d
    anzcc.ofx 1/1 AUD -5.50
    bank_medium.ofx 1/3 CAD -345.27
    bank_small.ofx refused: No trae ningún estado de cuenta: descargue los movimientos d
    checking.ofx 1/3 USD -59.50
    error_message.ofx refused: El banco no entregó el estado de cuenta (código 2000): Gener
    date_missing.ofx 1/0 faults 33:DTPOSTED 40:DTPOSTED 48:DTPOSTED
    decimal_error.ofx 1/0 faults 34:DTPOSTED
    empty_balance.ofx 1/1 CAD 120.00
    multiple_accounts.ofx 2/0
    ofx-v102-empty-tags.ofx 1/1 AUD 12.34
    signon_fail.ofx refused: El banco no entregó el estado de cuenta (código 15500): Your
    signon_success.ofx refused: No trae ningún estado de cuenta: descargue los movimientos d
    signon_success_no_message.ofx refused: No trae ningún estado de cuenta: descargue los movimientos d
    suncorp.ofx 1/1 AUD -16.85
    # prowide__prowide-iso20022
    camt.003.001.04.xml refused: Es un mensaje GetAcct, que no trae movimientos: pida al banc
    camt.053.001.07.xml 1/0
    # sebastienrousseau__bankstatementparser
    camt.053.001.02.xml 1/3 SEK -64321.50
    camt053_duplicate_same_day.xml 1/2 EUR -9.00
    camt053_garbled_amount.xml 1/0 faults 16:importe
    camt053_multicurrency.xml 2/3 EUR 750.25 USD -99.99
    camt053_no_namespace.xml 1/1 GBP 250.00
    invalid.xml refused: No es un estado de cuenta de un formato conocido (camt, MT94
    sample.mt940 1/2 EUR 1170.25
    sample.ofx 1/2 EUR 1170.25
    # wolph__mt940
    mt940.txt 31/8 EUR 56.94
    mt940_with_spaces_for_entry_date.txt 31/8 EUR 56.94
    amount_formats.sta refused: No es un estado de cuenta de un formato conocido (camt, MT94
    currency_in_25.sta refused: No es un estado de cuenta de un formato conocido (camt, MT94
    empty_86.sta refused: No es un estado de cuenta de un formato conocido (camt, MT94
    empty_entry_date.sta refused: No es un estado de cuenta de un formato conocido (camt, MT94
    empty_line.sta refused: No es un estado de cuenta de un formato conocido (camt, MT94
    missing_crlf_at_end.sta refused: No es un estado de cuenta de un formato conocido (camt, MT94
    sepa_mt9401.sta 26/97 EUR -9269135.90
    sepa_snippet.sta 2/11 EUR -2143323.39 warnings 53:saldo final
    sepa_snippet_broken.sta 1/1 EUR 50990.05 warnings 5:saldo final
    with_binary_character.sta 2/4 EUR -179066.75
    mt940.txt 1/5 USD -1142.75
    account_balance_credit.sta refused: No es un estado de cuenta de un formato conocido (camt, MT94
    account_balance_debit.sta refused: No es un estado de cuenta de un formato conocido (camt, MT94
    account_identification_iban.sta refused: No es un estado de cuenta de un formato conocido (camt, MT94
    account_identification_legacy.sta refused: No es un estado de cuenta de un formato conocido (camt, MT94
    available_balance.sta refused: No es un estado de cuenta de un formato conocido (camt, MT94
    closing_balance.sta refused: No es un estado de cuenta de un formato conocido (camt, MT94
    mt940.sta 3/16 DEM 87.30 EUR 2200.00 PLN 10040.00
    reference.sta refused: No es un estado de cuenta de un formato conocido (camt, MT94
    statement_details.sta refused: No es un estado de cuenta de un formato conocido (camt, MT94
    statement_line.sta refused: No es un estado de cuenta de un formato conocido (camt, MT94
    statement_number.sta refused: No es un estado de cuenta de un formato conocido (camt, MT94
    abnamro.sta 2/10 EUR -345.93 warnings 25:saldo final 38:saldo final
    generic.sta 2/2 EUR -20.00
    ing.sta 1/7 EUR -45.59 warnings 22:saldo final
    knab.sta 2/2 EUR -6760.00 faults 17:importe warnings 17:saldo final
    postfinance.sta 2/4 CHF 159.40 warnings 24:saldo final
    rabobank-iban.sta 2/4 EUR -70.00
    rabobank.sta 4/5 EUR -1589.09 warnings 6:saldo final 26:saldo final
    sns.sta 2/2 EUR -25.00
    triodos.sta 1/2 EUR -715.70 warnings 9:saldo final
    mt940.sta 1/3 PLN 0.03
    mt942.sta 1/3 PLN 0.03
    with_newline_in_tnr.sta 1/2 PLN 89.00 warnings 13:saldo final
    requirements.txt refused: No es un estado de cuenta de un formato conocido (camt, MT94
    171011_01234945.sta 1/3 HUF -9437.00
    account_identification.sta 2/0 warnings 5:saldo final 5:saldo final
    details_60-63.sta 1/1 EUR -233.15 warnings 5:saldo final
    empty_non_swift.sta refused: No es un estado de cuenta de un formato conocido (camt, MT94
    february_30.sta 1/1 EUR -6.00
    gv_codes.sta 1/2 EUR -257.45 warnings 8:saldo final
    invalid_statement.sta refused: No es un estado de cuenta de un formato conocido (camt, MT94
    long_statement_number.sta 1/0
    malformed_details.sta 1/1 EUR -233.15 warnings 5:saldo final
    mt942.sta 1/1 EUR -0.42 warnings 13:resumen
    multiline.sta 2/2 EUR 114.00 warnings 39:saldo final
    overly_long_details.sta 1/1 EUR -233.15 warnings 5:saldo final
    raiffeisen-cmi.sta 1/7 HUF -1012213.50 warnings 36:saldo final
    raphaelm.sta 3/9 DEM 95000.00
    sparkassen.sta refused: No es un estado de cuenta de un formato conocido (camt, MT94
    transaction_details_wrapped.sta 1/1 EUR -6.00
    whitespace.sta 1/1 EUR -233.15 warnings 5:saldo final
    wrapped_timestamp.sta 1/1 EUR -6.00
    ");
}
