//! Small bank statements of our own, one for each way banks write them, and what must come out.

use std::io::Write;

use domain::{Currency, Money};
use formats::bank::{
    BankFormat, Fault, Hints, Part, StatementHead, StatementTail, Transaction, TransactionState,
    open_bytes, sniff,
};
use formats::date::DateOrder;
use jiff::civil::date;
use proptest::prelude::*;

/// A statement read to its end.
#[derive(Debug, Default)]
struct Read {
    heads: Vec<StatementHead>,
    moved: Vec<Transaction>,
    faults: Vec<Fault>,
    warnings: Vec<Fault>,
    tails: Vec<StatementTail>,
}

fn read_with(bytes: &[u8], hints: &Hints) -> Result<Read, Fault> {
    let mut read = Read::default();
    for part in open_bytes(bytes, "estado", hints)? {
        match part {
            Part::Opens(head) => read.heads.push(*head),
            Part::Moved(moved) => read.moved.push(*moved),
            Part::Fault(fault) => read.faults.push(fault),
            Part::Warning(fault) => read.warnings.push(fault),
            Part::Closes(tail) => read.tails.push(*tail),
        }
    }
    Ok(read)
}

fn read(bytes: impl AsRef<[u8]>) -> Read {
    read_with(bytes.as_ref(), &Hints::default()).expect("a statement")
}

fn refused(bytes: impl AsRef<[u8]>) -> String {
    let fault = read_with(bytes.as_ref(), &Hints::default()).expect_err("no statement");
    fault.reason
}

fn mxn(minor: i64) -> Money {
    Money::new(minor, Currency::MXN)
}

fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

/// A camt.053 with these entries between 100.00 and a closing balance.
fn camt(entries: &str, closing: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
<GrpHdr><MsgId>M</MsgId></GrpHdr>
<Stmt><Id>E-1</Id><ElctrncSeqNb>7</ElctrncSeqNb><CreDtTm>2026-11-02T06:00:00-06:00</CreDtTm>
<FrToDt><FrDtTm>2026-11-01T00:00:00-06:00</FrDtTm><ToDtTm>2026-11-01T23:59:59-06:00</ToDtTm></FrToDt>
<Acct><Id><Othr><Id>012 180 0015 5512</Id></Othr></Id><Ccy>MXN</Ccy><Ownr><Nm>Uno SA</Nm></Ownr>
<Svcr><FinInstnId><BICFI>bcmrmxmm</BICFI></FinInstnId></Svcr></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="MXN">100.00</Amt>
<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-10-31</Dt></Dt></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="MXN">{closing}</Amt>
<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-01</Dt></Dt></Bal>
{entries}
</Stmt></BkToCstmrStmt></Document>"#
    )
}

/// An entry with an amount, a sign and more.
fn entry(amount: &str, sign: &str, more: &str) -> String {
    format!(
        r#"<Ntry><NtryRef>1</NtryRef><Amt Ccy="MXN">{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd>
<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-11-01</Dt></BookgDt>
<ValDt><DtTm>2026-11-02T01:00:00-06:00</DtTm></ValDt>{more}</Ntry>"#
    )
}

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
    let [head] = read.heads.as_slice() else { panic!("{:?}", read.heads) };
    assert_eq!(head.format, BankFormat::Camt);
    assert_eq!(head.account.number.as_deref(), Some("01218000155512"));
    assert_eq!(head.account.bank.as_deref(), Some("BCMRMXMM"));
    assert_eq!(head.account.holder.as_deref(), Some("Uno SA"));
    assert_eq!((head.number.as_deref(), head.interim), (Some("7"), false));
    assert_eq!((head.from, head.to), (Some(date(2026, 11, 1)), Some(date(2026, 11, 1))));
    assert_eq!(head.opening.map(|balance| balance.amount), Some(mxn(100_00)));
    assert_eq!(read.tails[0].closing.map(|balance| balance.amount), Some(mxn(285_00)));
    let moved = &read.moved[0];
    assert_eq!((moved.booked, moved.value), (date(2026, 11, 1), Some(date(2026, 11, 2))));
    assert_eq!((moved.amount, moved.state), (mxn(185_00), TransactionState::Booked));
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
    let documents: Vec<_> =
        moved.documents.iter().map(|one| (one.number.as_str(), one.amount)).collect();
    assert_eq!(documents, [("A-1045", Some(mxn(150_00))), ("A-1046", None)]);
    assert_eq!(moved.text, "Factura A-1045 & A-1046 Abono SPEI");
    assert_eq!(moved.charges, Some(mxn(5_80)));
    let rate = rust_decimal::Decimal::new(185, 1);
    assert_eq!(moved.original, Some((Money::new(10_00, Currency::USD), Some(rate))));
    assert_eq!(moved.code.as_deref(), Some("PMNT/RCDT/ESCT"));
    assert!(!moved.reversal);
}

#[test]
fn camt_splits_a_batch_that_adds_up() {
    let part = |amount: &str, name: &str| {
        format!(
            "<TxDtls><Refs><EndToEndId>{name}</EndToEndId></Refs><Amt Ccy=\"MXN\">{amount}</Amt>\
             <CdtDbtInd>CRDT</CdtDbtInd><RltdPties><Dbtr><Nm>{name}</Nm></Dbtr></RltdPties></TxDtls>"
        )
    };
    let details = |parts: &str| {
        format!("<AcctSvcrRef>LOTE-1</AcctSvcrRef><NtryDtls><Btch><MsgId>B</MsgId></Btch>{parts}</NtryDtls>")
    };
    let whole = details(&format!("{}{}", part("60.10", "Ana"), part("39.90", "Luis")));
    let split = read(camt(&entry("100.00", "CRDT", &whole), "200.00"));
    assert_eq!((split.faults.len(), split.warnings.len()), (0, 0), "{:?}", split.warnings);
    let parts: Vec<_> = split
        .moved
        .iter()
        .map(|one| (one.amount, one.counterparty.name.as_deref(), one.batch.as_deref()))
        .collect();
    let expected = [
        (mxn(60_10), Some("Ana"), Some("LOTE-1")),
        (mxn(39_90), Some("Luis"), Some("LOTE-1")),
    ];
    assert_eq!(parts, expected);
    // A cent is missing: the entry stays one, so no money is made up.
    let short = details(&format!("{}{}", part("60.10", "Ana"), part("39.89", "Luis")));
    let kept = read(camt(&entry("100.00", "CRDT", &short), "200.00"));
    assert_eq!(kept.moved.len(), 1);
    assert_eq!(kept.moved[0].amount, mxn(100_00));
    assert_eq!(kept.moved[0].counterparty.name, None);
    assert_eq!(kept.warnings.len(), 1);
    assert!(kept.warnings[0].reason.contains("lote"), "{}", kept.warnings[0].reason);
}

#[test]
fn camt_entries_that_cannot_be_read_cost_no_other() {
    let bad = [
        entry("12..34", "CRDT", ""),
        entry("1.005", "CRDT", ""),
        entry("1.00", "X", ""),
        entry("1.00", "CRDT", "").replace("2026-11-01", "2026-02-30").replace("ValDt", "No"),
    ];
    let entries = format!("{}{}", bad.concat(), entry("25.00000", "DBIT", ""));
    let read = read(camt(&entries, "75.00"));
    let fields: Vec<&str> = read.faults.iter().map(|fault| fault.field).collect();
    assert_eq!(fields, ["importe", "importe", "sentido", "fecha"]);
    assert!(read.faults[0].reason.contains("12..34"));
    assert!(read.faults.iter().all(|fault| fault.line > 10));
    assert_eq!(read.moved.len(), 1);
    assert_eq!(read.moved[0].amount, mxn(-25_00));
    assert_eq!(read.warnings, []);
}

#[test]
fn camt_balances_are_checked() {
    let read = read(camt(&entry("25.00", "DBIT", ""), "75.01"));
    let [warning] = read.warnings.as_slice() else { panic!("{:?}", read.warnings) };
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
    let read = read(camt(&format!("{}{pending}", entry("50.00", "DBIT", returned)), "50.00"));
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
    let text = camt(&entry("1.00", "CRDT", "<AddtlNtryInf>Peñón</AddtlNtryInf>"), "101.00");
    let bare = text.replace(" xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"", "");
    let prefixed = bare.replace("</", "</d:").replace("<?", "\u{1}").replace('<', "<d:");
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
        assert_eq!(sniff(&bytes, "x"), Some(BankFormat::Camt), "{:?}", &bytes[..60]);
        let read = read(&bytes);
        assert_eq!(read.moved[0].text, "Peñón");
        assert_eq!(read.tails.len(), 1);
    }
    // Latin-1 that says it is UTF-8 is wrong, and says where.
    let at = bare.find('ñ').expect("there is one");
    let mut wrong = bare.into_bytes();
    wrong.splice(at..at + 2, [0xF1]);
    let fault = read_with(&wrong, &Hints::default());
    let broken = fault.map(|read| read.faults).unwrap_or_else(|fault| vec![fault]);
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
    let read = read(&cut[..cut.len() - 60]);
    assert_eq!((read.moved.len(), read.tails.len(), read.faults.len()), (1, 0, 1));
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

const MT940: &str = "{1:F01BANKMXMMXXXX0000000000}{2:O9400000000000BANKMXMMXXXX}{4:\r
:20:STARTUMS\r
:25:BANKMXMM/0123456789MXN\r
:28C:00012/001\r
:60F:C251230MXN1000,00\r
:61:2512310102C250,50NTRFFAC1045//BANCO77\r
COBRO\r
:86:166?00ABONO?20EREF+E2E-7?21SVWZ+FACTURA A-1045?30BCMRMXMM\r
?31DE89370400440532013000?32JOSE\r
?33 NANDU\r
:61:260102RC100,NRTINONREF//BANCO78\r
:86:DEVOLUCION CHEQUE\r
:62M:C260102MXN1150,50\r
:64:C260102MXN1150,50\r
-}{5:}\r
:20:STARTUMS\r
:25:BANKMXMM/0123456789MXN\r
:28C:00012/002\r
:60M:C260102MXN1150,50\r
:61:2601020102D0,50NCHGNONREF\r
:62F:C260102MXN1150,00\r
-}";

#[test]
fn mt940_with_envelope_and_pages() {
    let read = read(MT940);
    assert_eq!((&read.faults[..], &read.warnings[..]), (&[][..], &[][..]));
    assert_eq!(read.heads.len(), 2);
    let head = &read.heads[0];
    assert_eq!(head.account.number.as_deref(), Some("0123456789"));
    assert_eq!(head.account.bank.as_deref(), Some("BANKMXMM"));
    assert_eq!(head.number.as_deref(), Some("00012/001"));
    assert_eq!(head.opening.and_then(|balance| balance.on), Some(date(2025, 12, 30)));
    let [first, back, fee] = read.moved.as_slice() else { panic!("{:?}", read.moved) };
    assert_eq!((first.value, first.booked), (Some(date(2025, 12, 31)), date(2026, 1, 2)));
    assert_eq!(first.amount, mxn(250_50));
    assert_eq!(first.reference.as_deref(), Some("BANCO77"));
    assert_eq!(first.end_to_end.as_deref(), Some("E2E-7"));
    assert_eq!(first.text, "COBRO FACTURA A-1045");
    assert_eq!(first.counterparty.name.as_deref(), Some("JOSE NANDU"));
    assert_eq!((back.amount, back.reversal), (mxn(-100_00), true));
    assert_eq!(back.text, "DEVOLUCION CHEQUE");
    assert_eq!(fee.amount, mxn(-50));
    assert_eq!(read.tails[1].closing.map(|balance| balance.amount), Some(mxn(1_150_00)));
}

#[test]
fn mt940_lines_that_cannot_be_read_cost_no_other() {
    let text = MT940.replace(":61:260102RC100,", ":61:260102RC1OO,");
    let read = read(text);
    assert_eq!(read.moved.len(), 2);
    assert_eq!(read.faults.len(), 1);
    assert_eq!((read.faults[0].line, read.faults[0].field), (11, "importe"));
    // The details of the line that was not read are no other's.
    assert!(read.moved.iter().all(|moved| !moved.text.contains("DEVOLUCION")));
    assert_eq!(read.warnings.len(), 1);
}

#[test]
fn mt942_is_interim_and_counted() {
    let text = ":20:X\n:25:0123\n:28C:1/1\n:34F:EURD0,00\n:13D:2601021730+0000\n\
                :61:2601020102C3,50NTRFNONREF//A\n:90D:0EUR0,00\n:90C:1EUR3,50\n-\n";
    assert_eq!(sniff(text.as_bytes(), "x"), Some(BankFormat::Mt942));
    let told = read(text);
    assert!(told.heads[0].interim);
    assert_eq!(told.heads[0].format, BankFormat::Mt942);
    assert_eq!(told.moved[0].amount, eur(3_50));
    assert_eq!(told.tails[0].to, Some(date(2026, 1, 2)));
    assert_eq!(told.warnings, []);
    let short = read(text.replace(":90C:1EUR3,50", ":90C:2EUR7,00"));
    assert!(short.warnings[0].reason.contains("7.00"));
}

const OFX: &str = "OFXHEADER:100\nDATA:OFXSGML\nCHARSET:1252\n\n<OFX><BANKMSGSRSV1><STMTTRNRS>\
    <STATUS><CODE>0<SEVERITY>INFO</STATUS><STMTRS><CURDEF>BRL<BANKACCTFROM><BANKID>001\
    <ACCTID>455000-5<ACCTTYPE>CHECKING</BANKACCTFROM><BANKTRANLIST><DTSTART>20260101<DTEND>20260131\n\
    <STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20260102233000[-3:BRT]<TRNAMT>1.239,55<FITID>77\
    <CHECKNUM>252602<NAME>P&G<MEMO>CR\u{c9}DITO & juros &amp; multa</STMTTRN>\
    <STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20260131<TRNAMT>-10.00<FITID>78<MEMO></STMTTRN>\
    <STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20261399<TRNAMT>-10.00<FITID>79</STMTTRN>\
    </BANKTRANLIST><LEDGERBAL><BALAMT>239,35<DTASOF>20260131</LEDGERBAL></STMTRS></STMTTRNRS>\
    </BANKMSGSRSV1></OFX>";

#[test]
fn ofx_sgml_on_one_line_in_windows_1252() {
    let bytes: Vec<u8> =
        OFX.chars().map(|letter| u8::try_from(letter).expect("Latin-1")).collect();
    assert_eq!(sniff(&bytes, "x.ofx"), Some(BankFormat::Ofx));
    let read = read(&bytes);
    let head = &read.heads[0];
    assert_eq!(head.account.number.as_deref(), Some("455000-5"));
    assert_eq!((head.from, head.to), (Some(date(2026, 1, 1)), Some(date(2026, 1, 31))));
    let [first, second] = read.moved.as_slice() else { panic!("{:?}", read.moved) };
    assert_eq!((first.booked, first.amount.minor), (date(2026, 1, 2), 1_239_55));
    assert_eq!(first.reference.as_deref(), Some("77"));
    assert_eq!(first.end_to_end.as_deref(), Some("252602"));
    assert_eq!(first.counterparty.name.as_deref(), Some("P&G"));
    assert_eq!(first.text, "P&G CRÉDITO & juros & multa");
    assert_eq!(first.code.as_deref(), Some("CREDIT"));
    assert_eq!((second.amount.minor, second.text.as_str()), (-10_00, ""));
    assert_eq!(read.faults.len(), 1);
    assert_eq!(read.faults[0].field, "DTPOSTED");
    assert_eq!(read.tails[0].closing.map(|balance| balance.amount.minor), Some(239_35));
}

#[test]
fn ofx_errors_are_the_banks() {
    let text = "<?xml version=\"1.0\"?><?OFX OFXHEADER=\"200\"?><OFX><SIGNONMSGSRSV1><SONRS>\
                <STATUS><CODE>15500</CODE><SEVERITY>ERROR</SEVERITY><MESSAGE>Clave inv\u{e1}lida\
                </MESSAGE></STATUS></SONRS></SIGNONMSGSRSV1></OFX>";
    let reason = refused(text);
    assert!(reason.contains("15500") && reason.contains("Clave inválida"), "{reason}");
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
    let accounts: Vec<_> = read.heads.iter().map(|head| head.account.number.clone()).collect();
    assert_eq!(accounts, [Some("4111".to_owned()), Some("4222".to_owned())]);
    assert_eq!((read.moved[0].amount, read.moved[1].amount), (mxn(-5_50), mxn(7_00)));
    assert_eq!(read.moved[0].counterparty.name.as_deref(), Some("Tienda <A>"));
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
    assert_eq!(told.heads[0].account.number.as_deref(), Some("646180157000000004"));
    assert!(told.heads[0].interim);
    let moved = &told.moved[0];
    assert_eq!((moved.amount, moved.booked), (mxn(3_414_90), date(2026, 11, 8)));
    assert_eq!(moved.end_to_end.as_deref(), Some("BiB2026110810"));
    assert_eq!(moved.counterparty.account.as_deref(), Some("012180001234567891"));
    assert_eq!((moved.counterparty.tax_id.as_deref(), moved.text.as_str()), (None, "FACTURA A-1045"));
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
    assert_eq!((read.moved[0].booked, read.moved[0].amount), (date(2026, 2, 1), mxn(-1_234_56)));
    assert_eq!(read.moved[0].text, "Tienda compra");
    let open = text.replace("D13/02", "D12/02");
    let fault = read_with(open.as_bytes(), &hints(None)).expect_err("two orders");
    assert!(fault.reason.contains("--dates"), "{}", fault.reason);
    let read = read_with(open.as_bytes(), &hints(Some(DateOrder::MonthFirst))).expect("told");
    assert_eq!(read.moved[0].booked, date(2026, 1, 2));
    let fault = read_with(text.as_bytes(), &Hints::default()).expect_err("no currency");
    assert!(fault.reason.contains("moneda"));
}

/// A ZIP archive of stored or deflated entries.
fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in entries {
        let mut packed = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
        packed.write_all(content).expect("memory takes it");
        let packed = packed.finish().expect("memory takes it");
        let four = |number: usize| u32::try_from(number).expect("small").to_le_bytes();
        let name_len = u16::try_from(name.len()).expect("short").to_le_bytes();
        let mut record = vec![20, 0, 0, 0, 8, 0, 0, 0, 0, 0];
        record.extend(crc(content).to_le_bytes());
        record.extend(four(packed.len()));
        record.extend(four(content.len()));
        record.extend(name_len);
        record.extend([0, 0]);
        let at = four(bytes.len());
        bytes.extend(b"PK\x03\x04");
        bytes.extend(&record);
        bytes.extend(name.as_bytes());
        bytes.extend(&packed);
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(&record);
        directory.extend([0; 10]);
        directory.extend(at);
        directory.extend(name.as_bytes());
    }
    let four = |number: usize| u32::try_from(number).expect("small").to_le_bytes();
    let count = u16::try_from(entries.len()).expect("few").to_le_bytes();
    let at = four(bytes.len());
    let size = four(directory.len());
    bytes.extend(directory);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend([count, count].concat());
    bytes.extend([size, at].concat());
    bytes.extend([0, 0]);
    bytes
}

fn crc(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

#[test]
fn archives_are_read_entry_by_entry() {
    let first = camt(&entry("1.00", "CRDT", ""), "101.00");
    let second = camt(&entry("bad", "CRDT", ""), "101.00");
    let inner = archive(&[("dos.xml", second.as_bytes())]);
    let deep = archive(&[("uno.zip", &archive(&[("x.zip", &inner)]))]);
    let zip = archive(&[
        ("uno.xml", first.as_bytes()),
        ("LEEME.txt", b"Estimado cliente:"),
        ("mt/tres.sta", MT940.as_bytes()),
        ("dentro.zip", &inner),
        ("hondo.zip", &deep),
    ]);
    assert_eq!(sniff(&zip, "x.zip"), Some(BankFormat::Camt));
    let read = read(&zip);
    assert_eq!((read.heads.len(), read.moved.len()), (4, 4));
    let entries: Vec<_> = read.faults.iter().filter_map(|fault| fault.entry.as_deref()).collect();
    assert_eq!(entries, ["LEEME.txt", "dentro.zip/dos.xml", "hondo.zip/uno.zip"]);
}

#[test]
fn an_archive_that_explodes_is_stopped() {
    let padding = format!("<!--{}-->", " ".repeat(10_000));
    let bomb = camt(&padding.repeat(6_000), "100.00");
    let zip = archive(&[("bomba.xml", bomb.as_bytes())]);
    assert!(zip.len() < 100_000);
    let read = read(&zip);
    assert_eq!(read.faults.len(), 1);
    assert!(read.faults[0].reason.contains("200 veces"), "{}", read.faults[0].reason);
}

#[test]
fn what_is_no_statement_is_not_taken() {
    let others: [&[u8]; 8] = [
        b"",
        b"  \n",
        b"cliente,factura,importe\nAna,A-1,10\n",
        b"<cfdi:Comprobante xmlns:cfdi=\"http://www.sat.gob.mx/cfd/4\"/>",
        b"<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.03\"/>",
        b":20:SOLO\n",
        b"%PDF-1.7",
        b"PK\x03\x04",
    ];
    for bytes in others {
        assert_eq!(sniff(bytes, "x"), None, "{bytes:?}");
        assert!(read_with(bytes, &Hints::default()).is_err(), "{bytes:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn cut_and_flipped_files_never_panic(
        which in 0usize..6,
        cut in 0.0f64..1.0,
        flips in prop::collection::vec((0.0f64..1.0, any::<u8>()), 0..8),
    ) {
        let camt = camt(&entry("1.00", "CRDT", "<NtryDtls><TxDtls/><TxDtls/></NtryDtls>"), "1.00");
        let qif = "!Type:Bank\nD13/02'26\nT-1,234.56\nPTienda\n^\n";
        let zip = archive(&[("uno.xml", camt.as_bytes()), ("dos.sta", MT940.as_bytes())]);
        let files: [&[u8]; 6] =
            [camt.as_bytes(), MT940.as_bytes(), OFX.as_bytes(), qif.as_bytes(), &zip, b"\xFF\xFE<\0"];
        let mut bytes = files[which].to_vec();
        let at = |part: f64, len: usize| {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss,
                clippy::cast_precision_loss, reason = "a place in a small file")]
            let at = (part * len as f64) as usize;
            at
        };
        bytes.truncate(at(0.3 + cut, bytes.len()));
        for (part, byte) in flips {
            let place = at(part, bytes.len());
            if let Some(old) = bytes.get_mut(place) {
                *old = byte;
            }
        }
        let hints = Hints { currency: Some(Currency::MXN), ..Hints::default() };
        if let Ok(read) = read_with(&bytes, &hints) {
            prop_assert!(read.tails.len() <= read.heads.len());
            prop_assert!(read.moved.len() < 100);
        }
    }

    #[test]
    fn any_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read_with(&bytes, &Hints::default()).map(|read| read.moved.len());
        let mut text = b":20:X\n:25:1\n:60F:C260101MXN1,00\n:61:".to_vec();
        text.extend(&bytes);
        let _ = read_with(&text, &Hints::default()).map(|read| read.moved.len());
    }
}
