//! camt: one case for each thing it can say.

use super::*;

#[test]
fn camt_tells_a_payment_whole() {
    let details = r#"<AcctSvcrRef>REF-9</AcctSvcrRef>
<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>
<NtryDtls><TxDtls><Refs><EndToEndId>E2E-1</EndToEndId></Refs>
<AmtDtls><InstdAmt><Amt Ccy="USD">10.00</Amt>
<CcyXchg><SrcCcy>USD</SrcCcy><XchgRate>18.5</XchgRate></CcyXchg></InstdAmt></AmtDtls>
<Chrgs><TtlChrgsAndTaxAmt Ccy="MXN">5.80</TtlChrgsAndTaxAmt>
<Rcrd><Amt Ccy="MXN">5.80</Amt><ChrgInclInd>true</ChrgInclInd></Rcrd></Chrgs>
<RltdPties><Dbtr><Pty><Nm>José  Ñandú</Nm><Id><OrgId><Othr><Id>12</Id></Othr>
<Othr><Id>NAJ900101AAA</Id><SchmeNm><Cd>TXID</Cd></SchmeNm></Othr></OrgId></Id></Pty></Dbtr>
<DbtrAcct><Id><IBAN>DE89 3704 0044 0532 0130 00</IBAN></Id></DbtrAcct>
<UltmtDbtr><Pty><Nm>La matriz</Nm></Pty></UltmtDbtr>
<CdtrAcct><Id><Othr><Id>646180157000000004</Id></Othr></Id></CdtrAcct></RltdPties>
<RltdAgts><DbtrAgt><FinInstnId><BICFI>COBADEFF</BICFI></FinInstnId></DbtrAgt></RltdAgts>
<RmtInf><Ustrd>Factura</Ustrd><Ustrd>A-1045 &amp; A-1046</Ustrd>
<Strd><RfrdDocInf><Nb>A-1045</Nb></RfrdDocInf>
<RfrdDocAmt><RmtdAmt Ccy="MXN">150.00</RmtdAmt></RfrdDocAmt>
<CdtrRefInf><Ref>RF18539007547034</Ref></CdtrRefInf></Strd>
<Strd><RfrdDocInf><Nb>A-1046</Nb></RfrdDocInf></Strd></RmtInf>
</TxDtls></NtryDtls><AddtlNtryInf>Abono SPEI</AddtlNtryInf>"#;
    let read = read(camt(&entry("185.00", "CRDT", details), "285.00"));
    assert_eq!((read.faults, read.warnings), (vec![], vec![]));
    let [head] = read.heads.as_slice() else {
        panic!("{:?}", read.heads)
    };
    assert_eq!(head.format, BankFormat::Camt);
    assert_eq!(head.account.number.as_deref(), Some("01218000155512"));
    assert_eq!(head.account.bank.as_deref(), Some("BCMRMXMM"));
    assert_eq!(head.account.holder.as_deref(), Some("Uno SA"));
    assert_eq!((head.number.as_deref(), head.interim), (Some("7"), false));
    assert_eq!(
        (head.from, head.to),
        (Some(date(2026, 11, 1)), Some(date(2026, 11, 1)))
    );
    assert_eq!(
        head.opening.map(|balance| balance.amount),
        Some(mxn(10_000))
    );
    assert_eq!(
        read.tails[0].closing.map(|balance| balance.amount),
        Some(mxn(28_500))
    );
    let moved = &read.moved[0];
    assert_eq!(
        (moved.booked, moved.value),
        (date(2026, 11, 1), Some(date(2026, 11, 2)))
    );
    assert_eq!(
        (moved.amount, moved.state),
        (mxn(18_500), TransactionState::Booked)
    );
    assert_eq!(moved.reference.as_deref(), Some("REF-9"));
    assert_eq!(moved.end_to_end.as_deref(), Some("E2E-1"));
    let other = &moved.counterparty;
    assert_eq!(other.name.as_deref(), Some("José Ñandú"));
    assert_eq!(other.tax_id.as_deref(), Some("NAJ900101AAA"));
    assert_eq!(other.account.as_deref(), Some("DE89370400440532013000"));
    assert_eq!(other.bank.as_deref(), Some("COBADEFF"));
    assert_eq!(other.ultimate.as_deref(), Some("La matriz"));
    assert_eq!(moved.virtual_account.as_deref(), Some("646180157000000004"));
    assert_eq!(moved.creditor_references, ["RF18539007547034"]);
    let documents: Vec<_> = moved
        .documents
        .iter()
        .map(|one| (one.number.as_str(), one.amount))
        .collect();
    assert_eq!(documents, [("A-1045", Some(mxn(15_000))), ("A-1046", None)]);
    assert_eq!(moved.text, "Factura A-1045 & A-1046 Abono SPEI");
    assert_eq!(moved.charges, Some(mxn(580)));
    let rate = rust_decimal::Decimal::new(185, 1);
    assert_eq!(
        moved.original,
        Some((Money::new(1_000, Currency::USD), Some(rate)))
    );
    assert_eq!(moved.code.as_deref(), Some("PMNT/RCDT/ESCT"));
    assert!(!moved.reversal);
}

#[test]
fn camt_splits_a_batch_that_adds_up() {
    let part = |amount: &str, name: &str| {
        format!(
            "<TxDtls><Refs><EndToEndId>{name}</EndToEndId></Refs><Amt Ccy=\"MXN\">{amount}</Amt>\
             <CdtDbtInd>CRDT</CdtDbtInd><RltdPties><Dbtr><Nm>{name}</Nm></Dbtr></RltdPties>\
             </TxDtls>"
        )
    };
    let details = |parts: &str| {
        format!(
            "<AcctSvcrRef>LOTE-1</AcctSvcrRef><NtryDtls><Btch><MsgId>B</MsgId></Btch>{parts}\
             </NtryDtls>"
        )
    };
    let whole = details(&format!(
        "{}{}",
        part("60.10", "Ana"),
        part("39.90", "Luis")
    ));
    let split = read(camt(&entry("100.00", "CRDT", &whole), "200.00"));
    assert_eq!(
        (split.faults.len(), split.warnings.len()),
        (0, 0),
        "{:?}",
        split.warnings
    );
    let parts: Vec<_> = split
        .moved
        .iter()
        .map(|one| {
            (
                one.amount,
                one.counterparty.name.as_deref(),
                one.batch.as_deref(),
            )
        })
        .collect();
    let expected = [
        (mxn(6_010), Some("Ana"), Some("LOTE-1")),
        (mxn(3_990), Some("Luis"), Some("LOTE-1")),
    ];
    assert_eq!(parts, expected);
    // A cent is missing: the entry stays one, so no money is made up.
    let short = details(&format!(
        "{}{}",
        part("60.10", "Ana"),
        part("39.89", "Luis")
    ));
    let kept = read(camt(&entry("100.00", "CRDT", &short), "200.00"));
    assert_eq!(kept.moved.len(), 1);
    assert_eq!(kept.moved[0].amount, mxn(10_000));
    assert_eq!(kept.moved[0].counterparty.name, None);
    assert_eq!(kept.warnings.len(), 1);
    assert!(
        kept.warnings[0].reason.contains("lote"),
        "{}",
        kept.warnings[0].reason
    );
}

#[test]
fn camt_entries_that_cannot_be_read_cost_no_other() {
    let bad = [
        entry("12..34", "CRDT", ""),
        entry("1.005", "CRDT", ""),
        entry("1.00", "X", ""),
        entry("1.00", "CRDT", "")
            .replace("2026-11-01", "2026-02-30")
            .replace("ValDt", "No"),
    ];
    let entries = format!("{}{}", bad.concat(), entry("25.00000", "DBIT", ""));
    let read = read(camt(&entries, "75.00"));
    let fields: Vec<&str> = read.faults.iter().map(|fault| fault.field).collect();
    assert_eq!(fields, ["importe", "importe", "sentido", "fecha"]);
    assert!(read.faults[0].reason.contains("12..34"));
    assert!(read.faults.iter().all(|fault| fault.line > 10));
    assert_eq!(read.moved.len(), 1);
    assert_eq!(read.moved[0].amount, mxn(-2_500));
    assert_eq!(read.warnings, []);
}

#[test]
fn camt_balances_are_checked() {
    let read = read(camt(&entry("25.00", "DBIT", ""), "75.01"));
    let [warning] = read.warnings.as_slice() else {
        panic!("{:?}", read.warnings)
    };
    assert_eq!(warning.field, "saldo final");
    for figure in ["100.00", "-25.00", "75.00", "75.01"] {
        assert!(warning.reason.contains(figure), "{}", warning.reason);
    }
}

#[test]
fn camt_takes_returns_and_what_is_pending() {
    let returned = "<RvslInd>true</RvslInd><NtryDtls><TxDtls><RltdPties><Dbtr><Nm>Ana</Nm></Dbtr>\
        <Cdtr><Nm>Uno SA</Nm></Cdtr></RltdPties>\
        <RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf></TxDtls></NtryDtls>";
    let pending = entry("9.00", "CRDT", "").replace("<Cd>BOOK</Cd>", "PDNG");
    let read = read(camt(
        &format!("{}{pending}", entry("50.00", "DBIT", returned)),
        "50.00",
    ));
    assert_eq!(read.warnings, []);
    let back = &read.moved[0];
    assert!(back.reversal);
    assert_eq!(back.return_reason.as_deref(), Some("AC04"));
    // What goes out by a reversal goes back to who paid it.
    assert_eq!(back.counterparty.name.as_deref(), Some("Ana"));
    assert_eq!(read.moved[1].state, TransactionState::Pending);
}

#[test]
fn camt_needs_no_namespace_and_any_encoding_does() {
    let text = camt(
        &entry("1.00", "CRDT", "<AddtlNtryInf>Peñón</AddtlNtryInf>"),
        "101.00",
    );
    let bare = text.replace(
        " xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"",
        "",
    );
    let prefixed = bare
        .replace("</", "</d:")
        .replace("<?", "\u{1}")
        .replace('<', "<d:");
    let prefixed = prefixed.replace("<d:/d:", "</d:").replace('\u{1}', "<?");
    let prefixed = prefixed.replacen("<d:Document", "<d:Document xmlns:d=\"x\"", 1);
    let latin: Vec<u8> = bare
        .replace("UTF-8", "ISO-8859-1")
        .chars()
        .map(|letter| u8::try_from(letter).expect("Latin-1"))
        .collect();
    let utf16 = |order: fn(u16) -> [u8; 2]| -> Vec<u8> {
        let marked = format!("\u{feff}{}", bare.replace("UTF-8", "UTF-16"));
        marked.encode_utf16().flat_map(order).collect()
    };
    let marked = format!("\u{feff}{bare}");
    let files = [
        text.into_bytes(),
        marked.into_bytes(),
        bare.clone().into_bytes(),
        prefixed.into_bytes(),
        latin,
        utf16(u16::to_le_bytes),
        utf16(u16::to_be_bytes),
    ];
    for bytes in files {
        assert_eq!(
            sniff(&bytes, "x"),
            Some(BankFormat::Camt),
            "{:?}",
            &bytes[..60]
        );
        let read = read(&bytes);
        assert_eq!(read.moved[0].text, "Peñón");
        assert_eq!(read.tails.len(), 1);
    }
    // Latin-1 that says it is UTF-8 is wrong, and says where.
    let at = bare.find('ñ').expect("there is one");
    let mut wrong = bare.into_bytes();
    wrong.splice(at..at + 2, [0xF1]);
    let fault = read_with(&wrong, &Hints::default());
    let broken = fault
        .map(|read| read.faults)
        .unwrap_or_else(|fault| vec![fault]);
    assert_eq!(broken.len(), 1);
    assert!(broken[0].line > 10, "{broken:?}");
}

#[test]
fn xml_opens_nothing_from_elsewhere_and_does_not_explode() {
    let laughs = "<!DOCTYPE D [<!ENTITY a \"ja\"><!ENTITY b \"&a;&a;\">]><Document>\
                  <BkToCstmrStmt><Stmt><Id>&b;</Id></Stmt></BkToCstmrStmt></Document>";
    assert!(refused(laughs).contains("DOCTYPE"));
    let outside = "<!DOCTYPE D SYSTEM \"file:///etc/passwd\"><Document><BkToCstmrStmt/></Document>";
    assert!(refused(outside).contains("DOCTYPE"));
    let unknown = "<Document><BkToCstmrStmt><Stmt><Id>&b;</Id></Stmt></BkToCstmrStmt></Document>";
    assert!(refused(unknown).contains("entidad"));
    let deep = format!("<Document><BkToCstmrStmt><Stmt>{}", "<a>".repeat(5000));
    assert!(refused(deep).contains("64"));
    let long = format!("<Document><BkToCstmrStmt><Stmt><Id>{}", "x".repeat(3 << 20));
    assert!(refused(long).contains("1 MiB"));
    let cut = camt(&entry("1.00", "CRDT", ""), "101.00");
    let read = read(&cut[..cut.find("</Stmt>").expect("there is one")]);
    assert_eq!(
        (read.moved.len(), read.tails.len(), read.faults.len()),
        (1, 0, 1)
    );
    assert!(read.faults[0].reason.contains("cortado"));
}

#[test]
fn camt_of_other_kinds_is_refused_with_its_name() {
    let query = "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.003.001.04\"><GetAcct>\
                 <MsgHdr><MsgId>1</MsgId></MsgHdr></GetAcct></Document>";
    assert!(refused(query).contains("GetAcct"));
    let empty = "<Document><BkToCstmrStmt><GrpHdr/></BkToCstmrStmt></Document>";
    assert!(refused(empty).contains("ningún estado de cuenta"));
}

#[test]
fn camt_announces_how_many_it_holds() {
    let summary = |count: u32, net: &str| {
        format!(
            "<TxsSummry><TtlNtries><NbOfNtries>{count}</NbOfNtries><TtlNetNtry><Amt>{net}</Amt>\
             <CdtDbtInd>DBIT</CdtDbtInd></TtlNetNtry></TtlNtries></TxsSummry>"
        )
    };
    let of = |count, net: &str| {
        let entries = format!("{}{}", summary(count, net), entry("25.00", "DBIT", ""));
        read(camt(&entries, "75.00")).warnings
    };
    assert_eq!(of(1, "25.00"), []);
    assert!(of(2, "25.00")[0].reason.contains("anuncia 2"));
    assert!(of(1, "24.00")[0].reason.contains("24.00"));
}
