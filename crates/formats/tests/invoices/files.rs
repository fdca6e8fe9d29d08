//! The frame of invoices: archives, encodings, limits, and files that are broken or hostile.

use std::fmt::Write as _;
use std::io::{Cursor, Read, Seek, SeekFrom, Write as _};

use crate::told::told;
use formats::invoice::{Kind, Skip, open, sniff};
use proptest::prelude::*;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const CFDI: &str = r#"<cfdi:Comprobante xmlns:cfdi="http://www.sat.gob.mx/cfd/4" Version="4.0"
 Serie="Ñ" Folio="1" Fecha="2026-03-05T10:00:00" Moneda="MXN" Total="10.00" TipoDeComprobante="I">
<cfdi:Emisor Rfc="FAR900101AB1"/><cfdi:Receptor Rfc="OBR850505K12" Nombre="Niño"/>
<cfdi:Conceptos><cfdi:Concepto Descripcion="Uno" Importe="10.00"/></cfdi:Conceptos>
</cfdi:Comprobante>"#;

fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        if name.ends_with('/') {
            let made = writer.add_directory(*name, SimpleFileOptions::default());
            made.expect("memory takes it");
            continue;
        }
        let file = writer.start_file(*name, SimpleFileOptions::default());
        file.expect("memory takes it");
        writer.write_all(bytes).expect("memory takes it");
    }
    writer.finish().expect("memory takes it").into_inner()
}

/// Names of what was found, with what was skipped.
fn listing(bytes: &[u8]) -> String {
    let mut invoices = match open(Cursor::new(bytes), "a.zip") {
        Ok(invoices) => invoices,
        Err(fault) => return format!("refused {fault}\n"),
    };
    let mut out = String::new();
    for found in &mut invoices {
        match found.outcome {
            Ok(_) => writeln!(out, "{} {}", found.name, found.bytes.len()),
            Err(fault) => writeln!(out, "fault {fault}"),
        }
        .expect("a string");
    }
    for (why, skipped) in invoices.skipped() {
        writeln!(
            out,
            "{} {}: {}",
            skipped.count,
            why.text_es(),
            skipped.first
        )
        .expect("a string");
    }
    out
}

#[test]
fn an_archive_of_folders_prints_and_archives() {
    let inner = archive(&[("x.xml", CFDI.as_bytes()), ("deep.zip", &archive(&[]))]);
    let bytes = archive(&[
        ("enero/", b""),
        ("enero/uno.xml", CFDI.as_bytes()),
        ("enero/uno.pdf", b"%PDF-1.4 nothing inside"),
        ("enero/leame.txt", b"hola"),
        ("enero/vacio.xml", b""),
        ("otro.xml", b"<html/>"),
        ("roto.xml", &CFDI.as_bytes()[..300]),
        (
            "mas.zip",
            &archive(&[("a/b.zip", &inner), ("dos.xml", CFDI.as_bytes())]),
        ),
        ("tres.xml", CFDI.as_bytes()),
    ]);
    let size = CFDI.len();
    assert_eq!(
        listing(&bytes),
        format!(
            "a.zip/enero/uno.xml {size}
fault a.zip/roto.xml, línea 4: el XML está cortado o mal formado: vuelva a descargarlo
a.zip/mas.zip/dos.xml {size}
a.zip/tres.xml {size}
1 XML que no son comprobantes conocidos: a.zip/otro.xml
1 impresiones en PDF sin comprobante adentro: a.zip/enero/uno.pdf
2 archivos que no son comprobantes: a.zip/enero/leame.txt
1 archivos comprimidos a más de un nivel: extráigalos aparte: a.zip/mas.zip/a/b.zip
"
        )
    );
    assert_eq!(
        Skip::OtherXml.text_es(),
        "XML que no son comprobantes conocidos"
    );
}

#[test]
fn thousands_of_entries_come_one_by_one() {
    let names: Vec<String> = (0..1000).map(|at| format!("f{at}.xml")).collect();
    let entries: Vec<(&str, &[u8])> = names
        .iter()
        .map(|name| (name.as_str(), CFDI.as_bytes()))
        .collect();
    let bytes = archive(&entries);
    let invoices = open(Cursor::new(&bytes), "a.zip").expect("opens");
    assert_eq!(invoices.filter(|found| found.outcome.is_ok()).count(), 1000);
}

#[test]
fn what_an_archive_lies_about_is_that_entrys_fault() {
    // A text of one letter unpacks to a thousand times its size.
    let bomb = format!("{CFDI}{}", " ".repeat(12 << 20));
    let bytes = archive(&[("bomba.xml", bomb.as_bytes()), ("uno.xml", CFDI.as_bytes())]);
    let said = listing(&bytes);
    assert!(
        said.contains("fault a.zip/bomba.xml: se expande a más de 200 veces"),
        "{said}"
    );
    assert!(said.contains("a.zip/uno.xml "), "{said}");

    let mut broken = archive(&[("uno.xml", CFDI.as_bytes())]);
    let at = broken.windows(4).position(|four| four == b"Ni\xC3\xB1");
    assert!(at.is_none(), "the entry is packed");
    // The sum stands in the directory, behind its signature.
    let directory = broken.windows(4).rposition(|four| four == b"PK\x01\x02");
    broken[directory.expect("a directory") + 16] ^= 1;
    let said = listing(&broken);
    assert!(
        said.contains("fault a.zip/uno.xml: está dañado: su suma"),
        "{said}"
    );
    let said = listing(&broken[..broken.len() - 30]);
    assert!(
        said.starts_with("refused a.zip: el archivo comprimido está dañado"),
        "{said}"
    );
}

#[test]
fn every_encoding_that_says_its_name() {
    let expected = told(CFDI.as_bytes(), "a.xml");
    assert!(
        expected.contains("invoice Ñ-1") && expected.contains("«Niño»"),
        "{expected}"
    );
    let with = |label: &str| format!("<?xml version=\"1.0\" encoding=\"{label}\"?>\n{CFDI}");
    let latin = |label: &str| -> Vec<u8> {
        with(label)
            .chars()
            .map(|letter| u8::try_from(u32::from(letter)).expect("Latin-1"))
            .collect()
    };
    let wide = |big: bool| -> Vec<u8> {
        let text = with("UTF-16");
        let mark = [0xFEFF];
        mark.into_iter()
            .chain(text.encode_utf16())
            .flat_map(|unit| {
                if big {
                    unit.to_be_bytes()
                } else {
                    unit.to_le_bytes()
                }
            })
            .collect()
    };
    let cases = [
        with("UTF-8").into_bytes(),
        [b"\xEF\xBB\xBF".as_slice(), with("utf-8").as_bytes()].concat(),
        latin("ISO-8859-1"),
        latin("windows-1252"),
        wide(true),
        wide(false),
        wide(true)[2..].to_vec(),
        // Written by programs that hold their texts in UTF-16 and save them in UTF-8.
        with("UTF-16").into_bytes(),
        format!("\n\n  {CFDI}").into_bytes(),
    ];
    for bytes in &cases {
        assert_eq!(told(bytes, "a.xml"), expected);
        assert_eq!(sniff(bytes, "a.xml"), Some(Kind::Xml));
    }
    let said = told(&latin("UTF-8"), "a.xml");
    assert!(
        said.contains("tiene bytes que no son de su codificación (UTF-8)"),
        "{said}"
    );
}

#[test]
fn what_is_hostile_is_refused_with_a_reason() {
    let inside = |before: &str, text: &str| {
        CFDI.replace("<cfdi:Comprobante", &format!("{before}<cfdi:Comprobante"))
            .replace("Uno", text)
    };
    let entities = "<!DOCTYPE a [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;\">]>";
    let outside = "<!DOCTYPE a SYSTEM \"file:///etc/passwd\">";
    let deep = format!("{}{}", "<a>".repeat(80), "</a>".repeat(80));
    let many: String = (0..300).fold(String::from("<b"), |mut out, at| {
        let _ = write!(out, " a{at}=\"\"");
        out
    }) + "/>";
    let children =
        |inside: &str| CFDI.replace("<cfdi:Conceptos>", &format!("<cfdi:Conceptos>{inside}"));
    let cases = [
        (inside(entities, "&b;"), "DOCTYPE"),
        (inside(outside, "&x;"), "DOCTYPE"),
        (inside("", "&lol;"), "usa una entidad"),
        (children("&lol;"), "usa la entidad «&lol;»"),
        (children(&deep), "anida más de 64 elementos"),
        (children(&many), "más de 256 atributos"),
        (
            children(&"<a/>".repeat(400_001)),
            "tiene más de 400000 elementos",
        ),
        (children(&" ".repeat(17 << 20)), "más de 16 MiB"),
        (
            CFDI.replace("</cfdi:Conceptos>", ""),
            "cortado o mal formado",
        ),
    ];
    for (xml, expected) in cases {
        let said = told(xml.as_bytes(), "a.xml");
        let is_fault = said.starts_with("fault a.xml") || said.starts_with("refused a.xml");
        assert!(is_fault && said.contains(expected), "{expected}: {said}");
    }
    // The five entities of XML and characters by number are text.
    let said = told(inside("", "&lt;&amp;&#243;&#x41;").as_bytes(), "a.xml");
    assert!(said.starts_with("invoice"), "{said}");
}

/// A file that never ends: a beginning and then the same byte for ever.
struct Endless<'a> {
    beginning: &'a [u8],
    then: u8,
    given: u64,
}

impl Read for Endless<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        for byte in out.iter_mut() {
            let at = usize::try_from(self.given).expect("64 bits");
            *byte = self.beginning.get(at).copied().unwrap_or(self.then);
            self.given += 1;
        }
        assert!(self.given < 64 << 20, "reads on without end");
        Ok(out.len())
    }
}

impl Seek for Endless<'_> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        let SeekFrom::Start(at) = to else {
            return Err(std::io::ErrorKind::Unsupported.into());
        };
        self.given = at;
        Ok(at)
    }
}

#[test]
fn a_file_without_end_is_given_up() {
    let set = "<EnvioDTE xmlns=\"http://www.sii.cl/SiiDte\">";
    let in_text = &CFDI[..CFDI.len() - 20];
    let cases = [
        (in_text, b' ', "más de 16 MiB"),
        (&format!("{in_text}<a b=\""), b'x', "más de 16 MiB"),
        (set, b' ', "más de 16 MiB"),
        (&format!("{set}<DTE>"), b'x', "más de 16 MiB"),
        ("Uuid~RfcEmisor\n", b'x', "más de 1 MiB"),
        ("Nro;Tipo Doc;Rut cliente;Folio\n", b';', "más de 1 MiB"),
    ];
    for (beginning, then, expected) in cases {
        let endless = Endless {
            beginning: beginning.as_bytes(),
            then,
            given: 0,
        };
        let found: Vec<_> = open(endless, "a").expect("opens").collect();
        let [only] = found.as_slice() else {
            panic!("{} found", found.len());
        };
        let reason = &only.outcome.as_ref().expect_err("a fault").reason;
        assert!(reason.contains(expected), "{reason}");
    }
}

#[test]
fn files_of_other_kinds_are_not_ours() {
    let workbook = archive(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("xl/workbook.xml", b"<w/>"),
    ]);
    let cases: [(&[u8], &str); 8] = [
        (b"", "a.xml"),
        (b"<html><body/></html>", "a.xml"),
        (
            b"<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\"/>",
            "a.xml",
        ),
        (b"cliente;monto\nA;1\n", "a.csv"),
        (b"{\"a\":1}", "a.json"),
        (&workbook, "a.zip"),
        (&archive(&[("foto.png", b"x")]), "a.zip"),
        (&archive(&[("a.xml", CFDI.as_bytes())]), "a.xlsx"),
    ];
    for (bytes, name) in cases {
        assert_eq!(sniff(bytes, name), None, "{name}");
    }
    assert_eq!(
        sniff(&archive(&[("a.XML", CFDI.as_bytes())]), "a.zip"),
        Some(Kind::Archive)
    );
    assert_eq!(
        sniff(b"Uuid~RfcEmisor~NombreEmisor\r\n", "a.txt"),
        Some(Kind::List)
    );
    assert_eq!(
        told(b"<html/>", "a.xml"),
        "refused a.xml: es un XML de otra clase: su raíz es «html»\n"
    );
    assert!(told(b"hola", "a.xml").starts_with("refused a.xml: no es un comprobante"));
}

proptest! {
    /// Cut anywhere, nothing panics, and what is found is either sound or a fault.
    #[test]
    fn cut_anywhere(at in 0..CFDI.len()) {
        let said = told(&CFDI.as_bytes()[..at], "a.xml");
        prop_assert!(!said.starts_with("invoice"), "{said}");
    }

    /// Sets, lists and archives too; what was read before the cut stays.
    #[test]
    fn sets_and_lists_cut_anywhere(at in 0..2000_usize) {
        let member = "<DTE><Documento><Encabezado><IdDoc><TipoDTE>33</TipoDTE><Folio>1</Folio>\
                      <FchEmis>2026-03-05</FchEmis></IdDoc><Emisor><RUTEmisor>76192083-9\
                      </RUTEmisor></Emisor><Totales><MntTotal>10</MntTotal></Totales>\
                      </Encabezado></Documento></DTE>";
        let set = format!("<SetDTE xmlns=\"http://www.sii.cl/SiiDte\">{member}{member}</SetDTE>");
        let list = "Nro;Tipo Doc;Rut cliente;Folio;Fecha Docto;Monto total\n\
                    1;33;77555111-K;1203;05/03/2026;119000\n";
        let archive = archive(&[("a.xml", CFDI.as_bytes()), ("b.csv", list.as_bytes())]);
        let whole = told(set.as_bytes(), "a");
        for bytes in [set.as_bytes(), list.as_bytes(), archive.as_slice()] {
            let _ = told(&bytes[..at.min(bytes.len())], "a");
        }
        let cut = told(&set.as_bytes()[..at.min(set.len())], "a");
        let read = |said: &str| said.matches("invoice 33-1 ").count();
        let complete = set[..at.min(set.len())].matches("</DTE>").count();
        prop_assert!(read(&cut) == complete || cut.starts_with("refused"), "{cut}");
        prop_assert_eq!(read(&whole), 2);
    }

    #[test]
    fn bytes_turned_over(flips in prop::collection::vec((0..2000_usize, any::<u8>()), 1..8)) {
        let inner = archive(&[("c.xml", b"<a/>")]);
        let whole = archive(&[("a.xml", CFDI.as_bytes()), ("b.zip", &inner)]);
        for original in [CFDI.as_bytes(), &whole] {
            let mut bytes = original.to_vec();
            for (at, byte) in &flips {
                let at = at % bytes.len();
                bytes[at] ^= byte;
            }
            let _ = told(&bytes, "a.xml");
        }
    }
}
