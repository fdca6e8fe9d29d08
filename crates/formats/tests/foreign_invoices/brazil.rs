//! Notes of Brazil.

use crate::said::said;

const KEY: &str = "35260311111111000191550010000012341000012340";

/// A note of Brazil: purpose and direction, bill, payments, answer.
pub fn nfe(ide: &str, after_total: &str, answer: &str) -> String {
    let party = |role: &str, cnpj: &str, name: &str| {
        format!(
            "<{role}><CNPJ>{cnpj}</CNPJ><xNome>{name}</xNome><ender{}><UF>SP</UF><cPais>1058\
             </cPais><fone>11999</fone></ender{}></{role}>",
            if role == "emit" { "Emit" } else { "Dest" },
            if role == "emit" { "Emit" } else { "Dest" },
        )
    };
    let answer = if answer.is_empty() {
        String::new()
    } else {
        format!("<protNFe><infProt><cStat>{answer}</cStat></infProt></protNFe>")
    };
    format!(
        "<nfeProc xmlns=\"http://www.portalfiscal.inf.br/nfe\"><NFe><infNFe versao=\"4.00\" \
         Id=\"NFe{KEY}\"><ide><mod>55</mod><serie>1</serie><nNF>1234</nNF>\
         <dhEmi>2026-03-01T23:30:00-03:00</dhEmi><tpAmb>1</tpAmb>{ide}</ide>{}{}\
         <total><ICMSTot><vICMS>18.00</vICMS><vIPI>0.00</vIPI><vNF>100.00</vNF></ICMSTot></total>\
         {after_total}</infNFe></NFe>{answer}</nfeProc>",
        party("emit", "11111111000191", "Vende Ltda"),
        party("dest", "22222222000182", "Compra Ltda"),
    )
}

#[test]
fn notes_of_brazil() {
    let sale = "<tpNF>1</tpNF><finNFe>1</finNFe>";
    let bill = |net: &str, parts: &[(&str, &str)]| {
        let parts: String = parts
            .iter()
            .map(|(day, amount)| format!("<dup><dVenc>{day}</dVenc><vDup>{amount}</vDup></dup>"))
            .collect();
        format!("<cobr><fat><nFat>F9</nFat><vLiq>{net}</vLiq></fat>{parts}</cobr>")
    };
    let pays = |code: &str, amount: &str| {
        format!("<detPag><tPag>{code}</tPag><vPag>{amount}</vPag></detPag>")
    };
    let pag = |inside: String| format!("<pag>{inside}</pag>");
    let head = "Nfe Invoice 1-1234 2026-03-01 BRL 100.00";
    let parties = "11111111000191>22222222000182";
    let two = [("2026-05-01", "50.00"), ("2026-04-01", "50.00")];
    let returned = format!("<tpNF>1</tpNF><finNFe>4</finNFe><NFref><refNFe>{KEY}</refNFe></NFref>");
    let inward = "<tpNF>0</tpNF><finNFe>1</finNFe>";
    let cases = [
        (
            nfe(sale, &bill("100.00", &two), "100"),
            format!(
                "{head} pay 100.00 {parties} due 2026-05-01 [002 2026-04-01 50.00] \
                  [001 2026-05-01 50.00] +ICMS:18\n"
            ),
        ),
        (
            nfe(sale, &bill("90.00", &[("2026-04-01", "90.00")]), "100"),
            format!("{head} pay 90.00 {parties} due 2026-04-01 +ICMS:18\n"),
        ),
        (
            nfe(sale, &pag(pays("17", "100.00")), "100"),
            format!("{head} pay 100.00 {parties} +ICMS:18 (at once)\n"),
        ),
        (
            nfe(
                sale,
                &pag(pays("01", "30.00") + &pays("15", "70.00")),
                "100",
            ),
            format!("{head} pay 70.00 {parties} +ICMS:18\n"),
        ),
        (
            nfe(sale, &pag(pays("90", "0.00")), "100"),
            format!("silent {KEY} NF-e sin pago (remesa, bonificación o muestra)\n"),
        ),
        (
            nfe(inward, &pag(pays("15", "100.00")), "100"),
            format!("silent {KEY} NF-e de entrada: quien la emite compra, no vende\n"),
        ),
        (
            nfe(sale, "", "110"),
            format!("silent {KEY} NF-e denegada o rechazada por la SEFAZ: no es una deuda\n"),
        ),
        (
            nfe(sale, "", ""),
            format!(
                "{head} pay 100.00 {parties} +ICMS:18 !protNFe: la nota viene sin la \
                  autorización de la SEFAZ.\n"
            ),
        ),
        (
            nfe(&returned, &pag(pays("90", "0.00")), "100"),
            format!(
                "Nfe CreditNote 1-1234 2026-03-01 BRL 100.00 pay 100.00 \
                  22222222000182>11111111000191 +ICMS:18 Adjusts={KEY}\n"
            ),
        ),
        (
            nfe(&returned.replace("tpNF>1", "tpNF>0"), "", "100"),
            format!(
                "Nfe CreditNote 1-1234 2026-03-01 BRL 100.00 pay 100.00 {parties} +ICMS:18 \
                  Adjusts={KEY}\n"
            ),
        ),
        (
            nfe("<tpNF>1</tpNF><finNFe>2</finNFe>", "", "100"),
            format!("Nfe DebitNote 1-1234 2026-03-01 BRL 100.00 pay 100.00 {parties} +ICMS:18\n"),
        ),
        (
            nfe(sale, "<cobr><dup><vDup>1</vDup></dup></cobr>", "100"),
            "fault: f.xml, línea 1, nfeProc/NFe/infNFe/cobr/dup/dVenc: falta esta fecha\n"
                .to_owned(),
        ),
    ];
    for (file, expected) in cases {
        assert_eq!(said(file.as_bytes(), "f.xml"), expected);
    }
    let trial = nfe(sale, "", "100").replace("tpAmb>1", "tpAmb>2");
    assert!(said(trial.as_bytes(), "f.xml").contains("(trial)"));
    let batch = format!(
        "<enviNFe xmlns=\"http://www.portalfiscal.inf.br/nfe\">{0}{0}</enviNFe>",
        nfe(sale, "", "")
            .replace("<nfeProc xmlns=\"http://www.portalfiscal.inf.br/nfe\">", "")
            .replace("</nfeProc>", "")
    );
    assert_eq!(said(batch.as_bytes(), "lote.xml").lines().count(), 2);
}

#[test]
fn events_of_brazil() {
    let event = |code: &str, answer: &str| {
        format!(
            "<procEventoNFe xmlns=\"http://www.portalfiscal.inf.br/nfe\"><evento><infEvento>\
             <CNPJ>22222222000182</CNPJ><chNFe>{KEY}</chNFe><dhEvento>2026-03-05T10:00:00-03:00\
             </dhEvento><tpEvento>{code}</tpEvento><detEvento><descEvento>D</descEvento><xJust>No \
             pedí esto</xJust></detEvento></infEvento></evento><retEvento><infEvento><cStat>\
             {answer}</cStat></infEvento></retEvento></procEventoNFe>"
        )
    };
    let tail = format!("{KEY} 1-1234 11111111000191");
    let cases = [
        (
            "110111",
            "135",
            format!("event cancelled {tail}>- 2026-03-05\n"),
        ),
        (
            "210200",
            "135",
            format!("event accepted {tail}>22222222000182 2026-03-05\n"),
        ),
        (
            "210240",
            "136",
            format!("event claimed «No pedí esto» {tail}>22222222000182 2026-03-05\n"),
        ),
        (
            "110111",
            "573",
            format!("silent {KEY} evento de NF-e sin registro de la SEFAZ: todavía no vale\n"),
        ),
        (
            "110110",
            "135",
            format!("silent {KEY} carta de corrección: no cambia importes\n"),
        ),
    ];
    for (code, answer, expected) in cases {
        assert_eq!(
            said(event(code, answer).as_bytes(), "e.xml"),
            expected,
            "{code}"
        );
    }
}

#[test]
fn notes_of_services() {
    let national = "<NFSe xmlns=\"http://www.sped.fazenda.gov.br/nfse\" versao=\"1.00\">\
        <infNFSe Id=\"NFS12\"><nNFSe>7</nNFSe><emit><CNPJ>11111111000191</CNPJ><xNome>V</xNome>\
        </emit><valores><vISSQN>5.00</vISSQN><vTotalRet>15.00</vTotalRet><vLiq>85.00</vLiq>\
        </valores><DPS><infDPS><tpAmb>1</tpAmb><dhEmi>2026-03-01T10:00:00-03:00</dhEmi><toma>\
        <CPF>12345678909</CPF><xNome>C</xNome></toma><serv><cServ><xDescServ>Obra</xDescServ>\
        </cServ></serv><valores><vServPrest><vServ>100.00</vServ></vServPrest><trib><tribMun>\
        <tpRetISSQN>2</tpRetISSQN></tribMun><tribFed><vRetIRRF>10.00</vRetIRRF></tribFed></trib>\
        </valores></infDPS></DPS></infNFSe></NFSe>";
    assert_eq!(
        said(national.as_bytes(), "f.xml"),
        "Nfse Invoice 7 2026-03-01 BRL 100.00 pay 85.00 11111111000191>12345678909 -IRRF:10 \
         -ISS:5\n"
    );
    let abrasf = |after: &str| {
        format!(
            "<ConsultarNfseResposta xmlns=\"http://www.abrasf.org.br/nfse.xsd\"><ListaNfse>\
             <CompNfse><Nfse versao=\"2.04\"><InfNfse><Numero>15</Numero><DataEmissao>\
             2026-03-01T08:00:00</DataEmissao><ValoresNfse><ValorLiquidoNfse>95.00\
             </ValorLiquidoNfse></ValoresNfse><PrestadorServico><RazaoSocial>V</RazaoSocial>\
             </PrestadorServico><OrgaoGerador><CodigoMunicipio>3550308</CodigoMunicipio>\
             </OrgaoGerador><DeclaracaoPrestacaoServico><InfDeclaracaoPrestacaoServico><Servico>\
             <Valores><ValorServicos>100.00</ValorServicos><ValorIss>5.00</ValorIss></Valores>\
             <IssRetido>1</IssRetido><Discriminacao>Obra</Discriminacao></Servico><Prestador>\
             <CpfCnpj><Cnpj>11111111000191</Cnpj></CpfCnpj></Prestador><TomadorServico>\
             <IdentificacaoTomador><CpfCnpj><Cnpj>22222222000182</Cnpj></CpfCnpj>\
             </IdentificacaoTomador><RazaoSocial>C</RazaoSocial></TomadorServico>\
             </InfDeclaracaoPrestacaoServico></DeclaracaoPrestacaoServico></InfNfse></Nfse>{after}\
             </CompNfse></ListaNfse></ConsultarNfseResposta>"
        )
    };
    assert_eq!(
        said(abrasf("").as_bytes(), "f.xml"),
        "Nfse Invoice 15 2026-03-01 BRL 100.00 pay 95.00 11111111000191>22222222000182 -ISS:5\n"
    );
    let cancelled = "<NfseCancelamento><Confirmacao><DataHora>2026-03-04T09:00:00</DataHora>\
                     </Confirmacao></NfseCancelamento>";
    assert_eq!(
        said(abrasf(cancelled).as_bytes(), "f.xml"),
        "event cancelled 11111111000191-3550308-15 15 11111111000191>22222222000182 2026-03-04\n"
    );
}
