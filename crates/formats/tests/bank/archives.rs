//! Archives, what is no statement, and bytes that nobody meant.

use std::io::Write;

use proptest::prelude::*;

use super::*;

/// A ZIP archive of stored or deflated entries.
fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in entries {
        let mut packed =
            flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
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
    let entries: Vec<_> = read
        .faults
        .iter()
        .filter_map(|fault| fault.entry.as_deref())
        .collect();
    assert_eq!(
        entries,
        ["LEEME.txt", "dentro.zip/dos.xml", "hondo.zip/uno.zip"]
    );
}

#[test]
fn an_archive_that_explodes_is_stopped() {
    let padding = format!("<!--{}-->", " ".repeat(10_000));
    let bomb = camt(&padding.repeat(6_000), "100.00");
    let zip = archive(&[("bomba.xml", bomb.as_bytes())]);
    assert!(zip.len() < 100_000);
    let read = read(&zip);
    assert_eq!(read.faults.len(), 1);
    assert!(
        read.faults[0].reason.contains("200 veces"),
        "{}",
        read.faults[0].reason
    );
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
        let texts = [camt.as_str(), MT940, OFX, qif].map(str::as_bytes);
        let files: [&[u8]; 6] = [texts[0], texts[1], texts[2], texts[3], &zip, b"\xFF\xFE<\0"];
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
