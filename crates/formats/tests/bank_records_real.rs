//! Real return files, statements and tables nobody of this project wrote, when they are at hand:
//! every file, every total.

mod statements;

use std::path::{Path, PathBuf};

use formats::bank::{Hints, recognise};
use statements::{hints, summary};

/// The folder of real files, if this machine has it.
fn shared() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let folder = std::env::var_os("PUNTUAL_SHARED")
        .map_or(beside, PathBuf::from)
        .join("data");
    folder.is_dir().then_some(folder)
}

/// Every file below a folder, in order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder of real files") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn name(path: &Path) -> String {
    path.file_name()
        .expect("a name")
        .to_string_lossy()
        .into_owned()
}

/// One block for each file below the folders.
fn told(data: &Path, folders: &[&str], ending: &[&str], hints: &Hints) -> String {
    let mut all = String::new();
    for folder in folders {
        for file in files(&data.join("bank").join(folder)) {
            let name = name(&file);
            let lower = name.to_lowercase();
            if !ending.iter().any(|ending| lower.ends_with(ending)) {
                continue;
            }
            let bytes = std::fs::read(&file).expect("a real file");
            all.push_str(&format!("== {name}\n{}", summary(&bytes, &name, hints, 1)));
        }
    }
    all
}

#[test]
fn return_files_of_brazilian_banks() {
    let Some(data) = shared() else { return };
    let folders = [
        "andersondanilo__CnabPHP",
        "eduardordm__cnab240",
        "kivanio__brcobranca/spec/arquivos",
    ];
    insta::assert_snapshot!(told(&data, &folders, &[".ret", ".crt"], &hints(None)), @r#"
    == retorno_bb.ret
    Cnab240 [328-75367] SAPATARIA E CONFECSOES JIBA 257/1 interim
      2011-03-23/2011-03-23 opening - closing -
      Booked BRL: 5 = 103.80
        2011-03-23 35.00 BRL "" "Liquidação"
    == retorno_cnab240_caixa.ret
    Cnab240 [1234-432100000000] EMPRESA 1622/1 interim
      2014-01-07/2014-01-07 opening - closing -
      Booked BRL: 9 = 1010.00
        2014-01-07 80.00 BRL "" "Liquidação"
    == retorno_santander.ret
    Cnab240 [4567-111111119] EMPRESA DE TESTE E NOME GRANDE 77/7031 interim
      2014-06-05/2014-06-05 opening - closing -
      Booked BRL: 1 = 11.00
        2014-06-05 11.00 BRL "" "Liquidação após baixa ou título não registrado"
    == retorno-cb030400-bradesco.ret
    Cnab400 [4466911] COOPERATIVA DE SERVICOS TECNIC 42 interim
      2012-04-13/2012-04-13 opening - closing -
      Booked BRL: 6 = 5.10
      told: 1
        2012-04-13 5.00 BRL "" "Liquidação"
    == retorno-cnab400-bb.ret
    Cnab400 [33448000011113] EMPRESA TESTE 17 interim
      2015-09-10/2015-09-10 opening - closing -
      Booked BRL: 1 = 16.00
        2015-09-10 16.00 BRL "" "Liquidação"
    == retorno-cnab400-itau.ret
    Cnab400 [11100123450] Teste de Retorno 112 interim
      2013-06-21/2013-06-21 opening - closing -
      Booked BRL: 3 = 942.73
      told: 1
        2013-06-21 209.97 BRL "" "Liquidação"
    == SB22112AIT.RET
    Cnab240 [663-1540] REDE DE CONVENIOS DO BRASIL 208/1 interim
      - opening - closing -
      Pending BRL: 1 = -262.35
        2012-11-22 -262.35 BRL "R C DE M ALMEIDA" ""
    == SB23112AIT.RET
    Cnab240 [663-1540] REDE DE CONVENIOS DO BRASIL 15769/1 interim
      - opening - closing -
      told: 1
    == CBR64310.RET
    Cnab400 [33251000289353] INSTITUTO MATO-GROSSENSE DO AL 7 interim
      2009-01-22/2009-01-22 opening - closing -
      Booked BRL: 26 = 9921.83
        2009-01-22 85.64 BRL "" "Liquidação"
    == CNAB240.RET
    Cnab240 [1234-54321] xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx 2108/1 interim
      2012-01-02/2012-01-02 opening - closing -
      Booked BRL: 35 = 21844.89
        2012-01-02 342.97 BRL "" "Liquidação após baixa ou título não registrado"
    == CNAB240AILOS.RET
    Cnab240 [3039-489816] RAZAO SOCIAL AILOS  interim
      2015-08-10/2015-08-10 opening - closing -
      Booked BRL: 3 = 6.00
        2015-08-10 2.00 BRL "2A MATERIAIS ELETRICOS" "Liquidação"
    == CNAB240SANTANDER.RET
    Cnab240 [3163-130028625] CLIENTE 34/9692 interim
      2016-04-04/2016-04-04 opening - closing -
      Booked BRL: 1 = 10.00
      told: 1
        2016-04-04 10.00 BRL "FULANO SANTOS" "Liquidação"
    == CNAB240SICOOB.RET
    Cnab240 [3039-489816] RAZAO SOCIAL SICOOB  interim
      2015-08-10/2015-08-10 opening - closing -
      Booked BRL: 3 = 6.00
        2015-08-10 2.00 BRL "2A MATERIAIS ELETRICOS" "Liquidação"
    == CNAB240SICREDI.CRT
    Cnab240 [390-41468] EMPRESALTDA ME 5/1 interim
      2017-04-06/2017-04-06 opening - closing -
      Booked BRL: 1 = -3.80
      told: 1
        2017-04-06 -3.80 BRL "SURFISTAO MEDINA" "Débito de tarifas"
    == CNAB400BANCOBRASILIA.RET
    Cnab400 [279998886] CONDOMINIO TESTE  interim
      2012-07-26/2012-07-26 opening - closing -
      Booked BRL: 1 = 264.92
        2012-07-26 264.92 BRL "" ""
      ! 3 número de registro: El último registro es el número 30 y el archivo trae 3.
            Descárguelo otra vez.
    == CNAB400BANCONORDESTE.RET
    Cnab400 [2170000056911] MARCIO FERREIRA ALMEIDA 3 interim
      2014-11-19/2014-11-19 opening - closing -
      Booked BRL: 1 = 175.00
        2014-11-19 175.00 BRL "" "Liquidação"
    == CNAB400BANRISUL.RET
    Cnab400 [4540691] NOME DA EMPRESA 405 interim
      2015-05-15/2015-05-15 opening - closing -
      Booked BRL: 1 = 1450.00
        2015-05-15 1450.00 BRL "" "Liquidação"
    == CNAB400BRADESCO.RET
    Cnab400 [4540691] NOME DA EMPRESA 405 interim
      - opening - closing -
      told: 6
    == CNAB400CREDISIS.RET
    Cnab400 [6901000403113] RAFHAEL ALAN ALVES PEREIRA  interim
      2015-05-15/2015-05-15 opening - closing -
      Booked BRL: 1 = 444.00
        2015-05-15 444.00 BRL "FERNANDO REIS FREIR" ""
    == CNAB400ITAU.RET
    Cnab400 [73000035110] PLUTO ALTO ELENTAS LTDA ME 25 interim
      2013-05-21/2013-05-21 opening - closing -
      Booked BRL: 51 = 2546.22
      told: 1
        2013-05-21 37.90 BRL "" "Liquidação"
    == CNAB400SANTANDER.RET
    Cnab400 [73000035110] PLUTO ALTO ELENTAS LTDA ME 25 interim
      2013-05-21/2013-05-21 opening - closing -
      Booked BRL: 51 = 2546.22
      told: 1
        2013-05-21 37.90 BRL "" "Liquidação"
    == CNAB400UNICRED.RET
    Cnab400 [42056000156620] CENTRAL DAS COOPERATIVAS DE CR 1314759 interim
      2015-05-18/2015-05-18 opening - closing -
      Booked BRL: 1 = 438.40
        2015-05-18 438.40 BRL "" "Liquidação"
      ! 3 número de registro: El último registro es el número 16 y el archivo trae 3.
            Descárguelo otra vez.
    "#);
}

#[test]
fn remittances_are_refused() {
    let Some(data) = shared() else { return };
    let told = told(
        &data,
        &["kivanio__brcobranca/spec/fixtures"],
        &[".rem"],
        &hints(None),
    );
    for block in told.split("== ").filter(|block| !block.is_empty()) {
        assert!(block.contains("refused at"), "{block}");
    }
}

#[test]
fn tables_of_banks() {
    let Some(data) = shared() else { return };
    let folders = [
        "bank2ynab__bank2ynab",
        "mabahamo__beancount-chile",
        "sebastienrousseau__bankstatementparser",
    ];
    let ending = [".csv", ".xls", ".xlsx"];
    insta::assert_snapshot!(told(&data, &folders, &ending, &hints(Some("EUR"))), @r#"
    == 20171001-20171106.csv
    Table []
      2017-10-01/2017-10-01 opening - closing -
      Booked EUR: 1 = -59.99
        2017-10-01 -59.99 EUR "NINTENDO OF EUROPE" ""
    == 2018-04-14_10-52-13_bunq-transactieoverzicht.csv
    Table [NL47BUNQ2025181418]
      2018-03-01/2018-03-09 opening - closing -
      Booked EUR: 3 = 728.54
        2018-03-01 -2.56 EUR "bunq" "invoice 410408"
    == 20180226-1000594757-umsatz.CSV
    Table [1000594757]
      2018-02-22/2018-02-22 opening - closing -
      Booked EUR: 1 = -36.99
        2018-02-22 -36.99 EUR "Vodafone Kabel DeutschlandGmbH" "EREF+RECHNR.
            100532580591MREF+KD020007057822CRED+DE20KD000000058294SVWZ+02/2018 K-NR.
            132587495 Ihre Rechnung online bei www.vodafone.de/meinkabel"
    == 20180226_12345678.csv
    refused at fecha: No se sabe si en «10/02/2018» va primero el día o el mes: indíquelo
            con --dates dmy o --dates mdy.
    == 2019-03-02_11-50-46_bunq-statement.csv
    Table [NL26BUNQ2025126409]
      2018-12-06/2018-12-17 opening - closing -
      Booked EUR: 7 = -23.82
        2018-12-06 -8.78 EUR "CLOUDFLARE" "CLOUDFLARE 650-3198939, US 9.95 USD, 1 USD =
            0.88241 EUR"
    == CSV_A_20180414_112204.csv
    Table [NL77RABO0311467415]
      2018-03-01/2018-03-16 opening 5594.77 EUR closing 12334.53 EUR
      Booked EUR: 3 = -1037.49
        2018-03-01 -337.49 EUR "" "RENTE LENING"
      ~ 4 saldo final: El saldo inicial 5594.77 más los movimientos -1037.49 dan 4557.28,
            pero el saldo final dice 12334.53. Pida al banco el estado de cuenta completo o
            revise los renglones que no se leyeron.
    == MS_JANE_SMITH_01-12-2019_14-12-2019.csv
    Table []
      2019-12-02/2019-12-12 opening - closing -
      Booked GBP: 10 = -285.80
      ~ 2 fecha: El movimiento está pendiente y aún no tiene fecha: vendrá en el próximo
            estado de cuenta.
      ~ 3 fecha: El movimiento está pendiente y aún no tiene fecha: vendrá en el próximo
            estado de cuenta.
      ~ 4 fecha: El movimiento está pendiente y aún no tiene fecha: vendrá en el próximo
            estado de cuenta.
    == MonzoDataExport_February2018_2018-02-26_174335.csv
    Table []
      2018-02-25/2018-02-25 opening - closing -
      Booked GBP: 1 = -10.00
        2018-02-25 -10.00 GBP "" "Tesco"
    == Movements_1234512345_201805271848.csv
    Table [123456789/1234]
      2018-05-27/2018-05-27 opening - closing -
      Booked CZK: 1 = -1.00
        2018-05-27 -1.00 CZK "Name Surname" "Memo for me test"
    == TH_20180101-20180523_page_1.csv
      ! 2 fecha: «1111/11/11» no es una fecha.
      ! 3 fecha: «1111/11/11» no es una fecha.
      ! 4 fecha: «1111/11/11» no es una fecha.
      ! 5 fecha: «1111/11/11» no es una fecha.
      ! 6 fecha: «1111/11/11» no es una fecha.
      ! 7 fecha: «1111/11/11» no es una fecha.
      and 3 more
    == TH_20180101-20180523_strana_1.csv
      ! 2 fecha: «1111/11/11» no es una fecha.
      ! 3 fecha: «1111/11/11» no es una fecha.
      ! 4 fecha: «1111/11/11» no es una fecha.
      ! 5 fecha: «1111/11/11» no es una fecha.
      ! 6 fecha: «1111/11/11» no es una fecha.
      ! 7 fecha: «1111/11/11» no es una fecha.
      and 3 more
    == TH_20180521-20180523.csv
    refused at fecha: «1111/11/11» no es una fecha.
    == TransactionHistory_20180418043121.csv
    Table [666-666666-666]
      2018-04-13/2018-04-18 opening - closing -
      Booked SGD: 8 = -173.28
        2018-04-13 -6.66 SGD "" "DEBIT PURCHASE 66-6666 TOAST BO6-MANULIFE CTR S
            10/04/18"
    == Umsaetze_KtoNr538917600_EUR_02-03-2018_1503.CSV
    Table [DE44200400000538917600]
      2018-03-02/2018-03-02 opening - closing -
      Booked EUR: 1 = -17.22
        2018-03-02 -17.22 EUR "" "Kartenzahlung REWE SAGT DANKE. 41400673//Hamburg
            2018-03-01T11:33:59 KFN 1 VJ 1812"
    == W80844_EBH_201945.202122.csv
    Table [BANKACCOUNT]
      2019-04-17/2019-04-19 opening - closing -
      Booked HUF: 2 = 940.00
      ~ 1 saldo: La columna de saldo no corresponde a los movimientos en ningún orden: no
            se comprobó ningún saldo. Revise que la tabla esté completa.
    == dba33fceecd62c3c727893361e0ba4d3.P000000027355791.csv
    Table []
      2018-02-27/2018-02-27 opening - closing -
      Booked EUR: 1 = -7.80
        2018-02-27 -7.80 EUR "" "MCDONALD'S (TAM KIOSK) SI NG 22FEB"
    == export_BE11123456789012_20180304_1422.csv
    Table [BE11123456789012]
      2018-02-28/2018-02-28 opening 223.35 EUR closing 219.95 EUR
      Booked EUR: 1 = -3.40
        2018-02-28 -3.40 EUR "" "BIJDRAGE 01-02-2018 - 28-02-2018 28-02
            KBC-PLUSREKENING"
    == export_KBC-Mastercard Business Essential_20200204_1604.csv
    Table []
      2020-01-02/2020-02-03 opening - closing -
      Booked EUR: 3 = 2.73
        2020-01-02 -16.52 EUR "More info" ""
    == statement_1.csv
    Table []
      2018-02-10/2018-02-10 opening - closing -
      Booked EUR: 1 = -20.59
        2018-02-10 -20.59 EUR "" "Shop Name, AnyTown20.59 POUND STERLING GREAT BRITAIN"
    == test_BOI_TransactionExport.csv
    Table []
      2017-09-01/2017-09-28 opening - closing -
      Booked EUR: 27 = -419.61
      ~ 1 saldo: La columna de saldo no corresponde a los movimientos en ningún orden: no
            se comprobó ningún saldo. Revise que la tabla esté completa.
    == test_delimiter_tab.csv
    Table []
      2017-09-18/2017-10-19 opening - closing -
      Booked EUR: 73 = -4580.70
        2017-09-18 -33.87 EUR "" "HOFER DANKT 0527 K2 18.09. 17:20"
    == test_headers.csv
    Table []
      2017-09-18/2017-10-19 opening - closing -
      Booked EUR: 73 = -4580.70
        2017-09-18 -33.87 EUR "HOFER DANKT 0527 K2 18.09. 17:20" ""
      ! 76 fecha: «FOOTER ROW TEST» no es una fecha.
      ! 77 fecha: «FOOTER ROW TEST 2» no es una fecha.
    == test_raiffeisen_01.csv
    Table []
      2017-09-18/2017-10-19 opening - closing -
      Booked EUR: 73 = -4580.70
        2017-09-18 -33.87 EUR "" "HOFER DANKT 0527 K2 18.09. 17:20"
    == test_row_format_CD_flag.csv
    Table []
      2017-09-18/2017-10-13 opening - closing -
      Booked EUR: 70 = -4441.16
        2017-09-18 -33.87 EUR "" "HOFER DANKT 0527 K2 18.09. 17:20"
      ! 72 sentido: «EUR» no dice si el importe entró o salió.
      ! 73 sentido: «EUR» no dice si el importe entró o salió.
      ! 74 sentido: «EUR» no dice si el importe entró o salió.
    == test_row_format_default.csv
    Table []
      2017-09-18/2017-10-19 opening - closing -
      Booked EUR: 73 = -4580.70
        2017-09-18 -33.87 EUR "" "HOFER DANKT 0527 K2 18.09. 17:20"
    == test_row_format_neg_inflow.csv
    Table []
      2017-09-18/2017-10-19 opening - closing -
      Booked EUR: 73 = -4580.70
        2017-09-18 -33.87 EUR "" "HOFER DANKT 0527 K2 18.09. 17:20"
    == test_swedebank_statement.xls
    Table [LT357300000000000000]
      2014-10-01/2014-10-06 opening 10374.04 LTL closing 12952.97 LTL
      Booked LTL: 13 = 2578.93
        2014-10-01 -15.31 LTL "X-911 MAXIMA" "PIRKINYS 2014.09.30 15.31 LTL (165339)
            X-911 MAXIMA Vilnius 00000"
    == umsatz-1234________1234-20180227.CSV
    Table [51_5440077009222443]
      2018-02-20/2018-02-20 opening - closing -
      Booked EUR: 1 = -5.00
        2018-02-20 -5.00 EUR "" "AMREST STARBUCKS DE 08007263333 DE"
    == banco_chile_cartola_binary_sample.xls
    Table [00-123-45678-90] Juan Pérez González
      2024-01-15/2024-01-31 opening 5500000 CLP closing 5380000 CLP
      Booked CLP: 5 = -120000
        2024-01-15 -500000 CLP "" "TRASPASO A:Maria González Internet"
    == banco_chile_cartola_sample.xls
    Table [00-123-45678-90] Juan Pérez González
      2026-01-01/2026-01-19 opening 1500000 CLP closing 521174 CLP
      Booked CLP: 10 = -978826
        2026-01-01 -197700 CLP "" "Compra Tienda Online"
    == banco_chile_credit_facturado_binary.xls
    Table [] Juan Pérez González
      2025-12-11/2026-01-08 opening - closing -
      Booked CLP: 42 = -646000
        2026-01-04 -1500 CLP "" "TIENDA PARIS MALL"
    == banco_chile_credit_facturado_sample.xls
    Table [] Juan Pérez González
      2025-12-08/2026-01-08 opening - closing -
      Booked CLP: 11 = -702787
        2025-12-16 -39272 CLP "" "Pago Pesos TEF"
    == banco_chile_credit_no_facturado_sample.xls
    Table [] Juan Pérez González
      2026-01-11/2026-01-16 opening - closing -
      Booked CLP: 10 = -288310
        2026-01-16 -47547 CLP "" "NETFLIX.COM COMPRAS"
    == camt_file.csv
    refused at archivo: No es un estado de cuenta de un formato conocido (camt, MT940,
            MT942, OFX, CNAB, Norma 43, QIF, CEP o tabla). Descargue el estado de cuenta del
            banco en uno de ellos.
    == csv_european_decimals.csv
    Table [DE89370400440532013000]
      2026-04-02/2026-04-09 opening - closing -
      Booked EUR: 3 = 2260.94
        2026-04-02 -1234.56 EUR "" "Miete April"
    == csv_french_headers.csv
    Table []
      2026-04-02/2026-04-09 opening - closing -
      Booked EUR: 3 = 2260.94
        2026-04-02 -1234.56 EUR "" "Loyer Avril"
    == csv_garbled_amount.csv
    Table []
      2026-04-02/2026-04-02 opening - closing -
      Booked EUR: 1 = 100.00
      ! 3 importe: «12..34» no es un importe.
    == csv_spanish_headers.csv
    Table [ES9121000418450200051332]
      2026-04-02/2026-04-09 opening - closing -
      Booked EUR: 3 = 2260.94
        2026-04-02 -1234.56 EUR "" "Alquiler Abril"
    == sample_split_amounts.csv
    Table [DE4455667788]
      2026-03-20/2026-03-21 opening 1000.00 EUR closing 2050.25 EUR
      Booked EUR: 2 = 1050.25
        2026-03-20 1250.50 EUR "" "Incoming transfer"
    == sample_statement.csv
    Table [DE123456789]
      2026-03-20/2026-03-21 opening 2500.00 EUR closing 3800.00 EUR
      Booked EUR: 2 = 1300.00
        2026-03-20 2500.00 EUR "" "Salary"
    "#);
}

#[test]
fn no_ledger_of_customers_is_taken_for_a_statement() {
    let Some(data) = shared() else { return };
    for folder in ["receivables", "spreadsheets"] {
        for file in files(&data.join(folder)) {
            let mut reader = std::fs::File::open(&file).expect("a real file");
            let name = name(&file);
            let format = recognise(&mut reader, &name, &Hints::default()).expect("it is read");
            assert_eq!(format, None, "{}", file.display());
        }
    }
}
