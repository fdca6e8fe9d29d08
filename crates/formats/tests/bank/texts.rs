//! OFX, CEP and QIF.

use super::*;

#[test]
fn ofx_sgml_on_one_line_in_windows_1252() {
    let bytes: Vec<u8> = OFX
        .chars()
        .map(|letter| u8::try_from(letter).expect("Latin-1"))
        .collect();
    assert_eq!(sniff(&bytes, "x.ofx"), Some(BankFormat::Ofx));
    let read = read(&bytes);
    let head = &read.heads[0];
    assert_eq!(head.account.number.as_deref(), Some("455000-5"));
    assert_eq!(
        (head.from, head.to),
        (Some(date(2026, 1, 1)), Some(date(2026, 1, 31)))
    );
    let [first, second] = read.moved.as_slice() else {
        panic!("{:?}", read.moved)
    };
    assert_eq!(
        (first.booked, first.amount.minor),
        (date(2026, 1, 2), 123_955)
    );
    assert_eq!(first.reference.as_deref(), Some("77"));
    assert_eq!(first.end_to_end.as_deref(), Some("252602"));
    assert_eq!(first.counterparty.name.as_deref(), Some("P&G"));
    assert_eq!(first.text, "P&G CRÉDITO & juros & multa");
    assert_eq!(first.code.as_deref(), Some("CREDIT"));
    assert_eq!((second.amount.minor, second.text.as_str()), (-1_000, ""));
    assert_eq!(read.faults.len(), 1);
    assert_eq!(read.faults[0].field, "DTPOSTED");
    assert_eq!(
        read.tails[0].closing.map(|balance| balance.amount.minor),
        Some(23_935)
    );
}

#[test]
fn ofx_errors_are_the_banks() {
    let text = "<?xml version=\"1.0\"?><?OFX OFXHEADER=\"200\"?><OFX><SIGNONMSGSRSV1><SONRS>\
                <STATUS><CODE>15500</CODE><SEVERITY>ERROR</SEVERITY><MESSAGE>Clave inv\u{e1}lida\
                </MESSAGE></STATUS></SONRS></SIGNONMSGSRSV1></OFX>";
    let reason = refused(text);
    assert!(
        reason.contains("15500") && reason.contains("Clave inválida"),
        "{reason}"
    );
    assert!(refused("OFXHEADER:100\n<OFX></OFX>").contains("ningún"));
    let cut = read(&OFX[..OFX.len() - 120]);
    assert_eq!((cut.moved.len(), cut.tails.len()), (2, 0));
}

#[test]
fn ofx_of_a_card_with_two_accounts() {
    let statement = |account: &str, amount: &str| {
        format!(
            "<CCSTMTTRNRS><STATUS><CODE>0</CODE><SEVERITY>INFO</SEVERITY></STATUS><CCSTMTRS>\
             <CURDEF>MXN</CURDEF><CCACCTFROM><ACCTID>{account}</ACCTID></CCACCTFROM><BANKTRANLIST>\
             <STMTTRN><TRNTYPE>POS</TRNTYPE><DTPOSTED>20260102</DTPOSTED><TRNAMT>{amount}</TRNAMT>\
             <FITID>1</FITID><NAME><![CDATA[Tienda <A>]]></NAME></STMTTRN></BANKTRANLIST>\
             </CCSTMTRS></CCSTMTTRNRS>"
        )
    };
    let text = format!(
        "<?xml version=\"1.0\"?><OFX><CREDITCARDMSGSRSV1>{}{}</CREDITCARDMSGSRSV1></OFX>",
        statement("4111", "-5.50"),
        statement("4222", "7"),
    );
    let read = read(text);
    assert_eq!(read.faults, []);
    let accounts: Vec<_> = read
        .heads
        .iter()
        .map(|head| head.account.number.clone())
        .collect();
    assert_eq!(accounts, [Some("4111".to_owned()), Some("4222".to_owned())]);
    assert_eq!(
        (read.moved[0].amount, read.moved[1].amount),
        (mxn(-550), mxn(700))
    );
    assert_eq!(
        read.moved[0].counterparty.name.as_deref(),
        Some("Tienda <A>")
    );
}

#[test]
fn cep_proves_one_transfer() {
    let text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><SPEI_Tercero \
                FechaOperacion=\"2026-11-08\" Hora=\"23:53:36\" ClaveSPEI=\"90723\" sello=\"x\" \
                cadenaCDA=\"||1|08112026|\" claveRastreo=\"BiB2026110810\"><Beneficiario \
                BancoReceptor=\"STP\" Nombre=\"Uno SA\" Cuenta=\"646180157000000004\" \
                RFC=\"UNO900101AAA\" Concepto=\"FACTURA A-1045\" IVA=\"0.00\" MontoPago=\"3414.9\"/>\
                <Ordenante BancoEmisor=\"BBVA\" Nombre=\"Ana\" Cuenta=\"012180001234567891\" \
                RFC=\"NA\"/></SPEI_Tercero>";
    let told = read(text);
    assert_eq!(
        told.heads[0].account.number.as_deref(),
        Some("646180157000000004")
    );
    assert!(told.heads[0].interim);
    let moved = &told.moved[0];
    assert_eq!(
        (moved.amount, moved.booked),
        (mxn(341_490), date(2026, 11, 8))
    );
    assert_eq!(moved.end_to_end.as_deref(), Some("BiB2026110810"));
    assert_eq!(
        moved.counterparty.account.as_deref(),
        Some("012180001234567891")
    );
    assert_eq!(
        (moved.counterparty.tax_id.as_deref(), moved.text.as_str()),
        (None, "FACTURA A-1045")
    );
    assert!(refused(text.replace("MontoPago", "Monto")).contains("MontoPago"));
}

#[test]
fn qif_needs_the_file_to_prove_its_dates() {
    let hints = |dates| Hints {
        currency: Some(Currency::MXN),
        dates,
        ..Hints::default()
    };
    let text = "!Type:Bank\nD01/02'26\nT-1,234.56\nPTienda\nMcompra\nN101\n^\nD13/02/26\nT7.5\n^\n";
    let read = read_with(text.as_bytes(), &hints(None)).expect("a statement");
    assert_eq!(read.faults, []);
    assert_eq!(
        (read.moved[0].booked, read.moved[0].amount),
        (date(2026, 2, 1), mxn(-123_456))
    );
    assert_eq!(read.moved[0].text, "Tienda compra");
    let open = text.replace("D13/02", "D12/02");
    let fault = read_with(open.as_bytes(), &hints(None)).expect_err("two orders");
    assert!(fault.reason.contains("--dates"), "{}", fault.reason);
    let read = read_with(open.as_bytes(), &hints(Some(DateOrder::MonthFirst))).expect("told");
    assert_eq!(read.moved[0].booked, date(2026, 1, 2));
    let fault = read_with(text.as_bytes(), &Hints::default()).expect_err("no currency");
    assert!(fault.reason.contains("moneda"));
}
