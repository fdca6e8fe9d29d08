//! Statements as a bank would write them.

use jiff::civil::Date;

/// The account of the tests.
pub const ACCOUNT: &str = "DE89370400440532013000";

/// A line of a statement.
#[derive(Clone, Debug)]
pub struct Entry {
    pub on: Date,
    /// Cents; negative when it goes out.
    pub minor: i64,
    pub reference: String,
    pub text: String,
    pub payer: String,
    pub iban: String,
    pub reversal: bool,
}

impl Entry {
    pub fn new(on: Date, minor: i64, reference: &str, text: &str) -> Self {
        Self {
            on,
            minor,
            reference: reference.to_owned(),
            text: text.to_owned(),
            payer: String::new(),
            iban: String::new(),
            reversal: false,
        }
    }

    pub fn from(self, payer: &str, iban: &str) -> Self {
        Self {
            payer: payer.to_owned(),
            iban: iban.to_owned(),
            ..self
        }
    }

    /// The line that takes this one back.
    pub fn returned(&self, on: Date) -> Self {
        Self {
            on,
            minor: -self.minor,
            reversal: true,
            ..self.clone()
        }
    }
}

fn decimal(minor: i64) -> String {
    let minor = minor.abs();
    format!("{}.{:02}", minor / 100, minor % 100)
}

fn side(minor: i64) -> &'static str {
    if minor < 0 { "DBIT" } else { "CRDT" }
}

fn balance(code: &str, minor: i64, on: Date) -> String {
    format!(
        "<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy=\"MXN\">{}</Amt>\
         <CdtDbtInd>{}</CdtDbtInd><Dt><Dt>{on}</Dt></Dt></Bal>",
        decimal(minor),
        side(minor)
    )
}

/// The lines from `from` to `to` of an account that held `opening` before.
pub fn camt((from, to): (Date, Date), opening: i64, entries: &[Entry]) -> String {
    let closing = opening + entries.iter().map(|it| it.minor).sum::<i64>();
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
         <Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\"><BkToCstmrStmt>\
         <GrpHdr><MsgId>M{from}</MsgId><CreDtTm>{to}T20:00:00</CreDtTm></GrpHdr>\
         <Stmt><Id>{from}</Id><CreDtTm>{to}T20:00:00</CreDtTm>\
         <FrToDt><FrDtTm>{from}T00:00:00</FrDtTm><ToDtTm>{to}T23:59:59</ToDtTm></FrToDt>\
         <Acct><Id><IBAN>{ACCOUNT}</IBAN></Id><Ccy>MXN</Ccy></Acct>{}{}",
        balance("OPBD", opening, from),
        balance("CLBD", closing, to),
    );
    for it in entries {
        let party = if it.minor < 0 { "Cdtr" } else { "Dbtr" };
        let mut parties = String::new();
        if !it.payer.is_empty() {
            parties.push_str(&format!("<{party}><Nm>{}</Nm></{party}>", it.payer));
        }
        if !it.iban.is_empty() {
            let iban = &it.iban;
            parties.push_str(&format!(
                "<{party}Acct><Id><IBAN>{iban}</IBAN></Id></{party}Acct>"
            ));
        }
        text.push_str(&format!(
            "<Ntry><Amt Ccy=\"MXN\">{}</Amt><CdtDbtInd>{}</CdtDbtInd>\
             <RvslInd>{}</RvslInd><Sts>BOOK</Sts><BookgDt><Dt>{}</Dt></BookgDt>\
             <ValDt><Dt>{}</Dt></ValDt><AcctSvcrRef>{}</AcctSvcrRef>\
             <NtryDtls><TxDtls><Refs><AcctSvcrRef>{}</AcctSvcrRef></Refs>\
             <RltdPties>{parties}</RltdPties><RmtInf><Ustrd>{}</Ustrd></RmtInf></TxDtls></NtryDtls>\
             </Ntry>",
            decimal(it.minor),
            side(it.minor),
            it.reversal,
            it.on,
            it.on,
            it.reference,
            it.reference,
            it.text,
        ));
    }
    text.push_str("</Stmt></BkToCstmrStmt></Document>");
    text
}
