//! Small bank statements of our own, one for each way banks write them, and what must come out.

mod archives;
mod camt;
mod swift;
mod texts;

use domain::{Currency, Money};
use formats::bank::{
    BankFormat, Fault, Hints, Part, StatementHead, StatementTail, Transaction, TransactionState,
    open_bytes, sniff,
};
use formats::date::DateOrder;
use jiff::civil::date;

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
<FrToDt><FrDtTm>2026-11-01T00:00:00-06:00</FrDtTm>
<ToDtTm>2026-11-01T23:59:59-06:00</ToDtTm></FrToDt>
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

const OFX: &str = "OFXHEADER:100\nDATA:OFXSGML\nCHARSET:1252\n\n<OFX><BANKMSGSRSV1><STMTTRNRS>\
    <STATUS><CODE>0<SEVERITY>INFO</STATUS><STMTRS><CURDEF>BRL<BANKACCTFROM><BANKID>001\
    <ACCTID>455000-5<ACCTTYPE>CHECKING</BANKACCTFROM><BANKTRANLIST><DTSTART>20260101<DTEND>20260131\n\
    <STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20260102233000[-3:BRT]<TRNAMT>1.239,55<FITID>77\
    <CHECKNUM>252602<NAME>P&G<MEMO>CR\u{c9}DITO & juros &amp; multa</STMTTRN>\
    <STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20260131<TRNAMT>-10.00<FITID>78<MEMO></STMTTRN>\
    <STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20261399<TRNAMT>-10.00<FITID>79</STMTTRN>\
    </BANKTRANLIST><LEDGERBAL><BALAMT>239,35<DTASOF>20260131</LEDGERBAL></STMTRS></STMTTRNRS>\
    </BANKMSGSRSV1></OFX>";
