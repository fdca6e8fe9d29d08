//! The file inside a PDF: Factur-X and ZUGFeRD carry the invoice's XML as an embedded file.
//!
//! An embedded file is a stream, and streams stand in the open even where objects are packed
//! (ISO 32000-1, 7.5.7), so one pass over the bytes finds it: no object graph, no recursion, no
//! trust in the file's own table of offsets.

use std::io::Read;

use flate2::read::ZlibDecoder;

/// What one embedded file may unpack to.
const EMBEDDED_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// Unpacked against packed, above [`RATIO_FLOOR`].
const RATIO_MAX: u64 = 200;
/// Below this nobody minds how well it is packed.
const RATIO_FLOOR: u64 = 10 * 1024 * 1024;
/// Embedded XML files of one PDF: an invoice has one, with its attachments a handful.
const EMBEDDED_MAX: usize = 64;
/// Filters one upon another.
const FILTERS_MAX: usize = 4;
/// A stream's dictionary.
const DICTIONARY_BYTES_MAX: usize = 16 * 1024;

/// An XML file inside a PDF.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Embedded {
    /// Number of its object.
    pub object: u32,
    /// Its bytes, unpacked.
    pub bytes: Vec<u8>,
}

/// Whether the bytes open like a PDF; readers allow a little before the mark.
pub(super) fn is_pdf(head: &[u8]) -> bool {
    let head = &head[..head.len().min(1024)];
    find(head, b"%PDF-").is_some() && !head.trim_ascii_start().starts_with(b"<")
}

/// The XML files inside a PDF, in the order of the file. Of an object written twice the last one
/// holds: a PDF is changed by adding to its end.
///
/// # Errors
/// Why there is none to be read, in Spanish.
pub(super) fn embedded(pdf: &[u8]) -> Result<Vec<Embedded>, &'static str> {
    let mut found: Vec<Embedded> = Vec::new();
    let mut refusal = None;
    for stream in (Streams { pdf, at: 0 }) {
        if !stream.may_be_embedded() {
            continue;
        }
        match stream.unpacked() {
            Ok(bytes) if is_xml(&bytes) => {
                found.retain(|other| other.object != stream.object);
                found.push(Embedded {
                    object: stream.object,
                    bytes,
                });
                if found.len() >= EMBEDDED_MAX {
                    break;
                }
            }
            Ok(_) => {}
            Err(reason) => refusal = Some(reason),
        }
    }
    if !found.is_empty() {
        return Ok(found);
    }
    if find(pdf, b"/Encrypt").is_some() {
        return Err("el PDF está protegido con contraseña: guárdelo sin ella y cárguelo de nuevo");
    }
    Err(refusal.unwrap_or(
        "el PDF no lleva dentro una factura electrónica: cargue el archivo XML de la factura",
    ))
}

/// Not the description of the PDF itself, which is XML too.
fn is_xml(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if text.starts_with(b"\xff\xfe<") || text.starts_with(b"\xfe\xff\0<") {
        return true;
    }
    let text = text.trim_ascii_start();
    text.starts_with(b"<") && !text.starts_with(b"<?xpacket") && !text.starts_with(b"<x:xmpmeta")
}

struct Stream<'a> {
    object: u32,
    dictionary: &'a [u8],
    data: &'a [u8],
}

impl Stream<'_> {
    /// `/Type /EmbeddedFile` may be left out; pictures, fonts and the like name what they are.
    fn may_be_embedded(&self) -> bool {
        match name_after(self.dictionary, b"/Type") {
            Some(kind) => kind == b"EmbeddedFile",
            None => {
                find(self.dictionary, b"/Params").is_some()
                    || name_after(self.dictionary, b"/Subtype")
                        .is_some_and(|kind| find(kind, b"xml").is_some())
            }
        }
    }

    fn unpacked(&self) -> Result<Vec<u8>, &'static str> {
        let damaged = "el archivo dentro del PDF está dañado: pida el original";
        let mut bytes = self.data.to_vec();
        for filter in filters(self.dictionary) {
            bytes = match filter {
                b"FlateDecode" | b"Fl" => inflated(&bytes)?,
                b"ASCIIHexDecode" | b"AHx" => from_hex(&bytes).ok_or(damaged)?,
                b"ASCII85Decode" | b"A85" => from_base_85(&bytes).ok_or(damaged)?,
                _ => {
                    return Err("el archivo dentro del PDF está empacado de un modo que no se lee");
                }
            };
        }
        Ok(bytes)
    }
}

fn inflated(packed: &[u8]) -> Result<Vec<u8>, &'static str> {
    let limit = (packed.len() as u64)
        .saturating_mul(RATIO_MAX)
        .clamp(RATIO_FLOOR, EMBEDDED_BYTES_MAX);
    let mut bytes = Vec::new();
    ZlibDecoder::new(packed)
        .take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(|_| "el archivo dentro del PDF está dañado: pida el original")?;
    if bytes.len() as u64 > limit {
        return Err("el archivo dentro del PDF es más grande que cualquier factura");
    }
    Ok(bytes)
}

/// Pairs of hexadecimal digits up to `>` (ISO 32000-1, 7.4.2).
fn from_hex(text: &[u8]) -> Option<Vec<u8>> {
    let text = text.split(|&byte| byte == b'>').next()?;
    let mut digits = Vec::with_capacity(text.len());
    for byte in text.iter().filter(|byte| !byte.is_ascii_whitespace()) {
        digits.push(u8::try_from(char::from(*byte).to_digit(16)?).ok()?);
    }
    let pairs = digits.chunks(2);
    Some(
        pairs
            .map(|pair| pair[0] << 4 | pair.get(1).copied().unwrap_or(0))
            .collect(),
    )
}

/// Groups of five digits of base 85 up to `~>` (ISO 32000-1, 7.4.3).
fn from_base_85(text: &[u8]) -> Option<Vec<u8>> {
    let text = text.strip_prefix(b"<~").unwrap_or(text);
    let text = text.split(|&byte| byte == b'~').next()?;
    let mut bytes = Vec::with_capacity(text.len());
    let mut group = Vec::with_capacity(5);
    for &byte in text.iter().filter(|byte| !byte.is_ascii_whitespace()) {
        match byte {
            b'z' if group.is_empty() => bytes.extend_from_slice(&[0; 4]),
            b'!'..=b'u' => group.push(byte - b'!'),
            _ => return None,
        }
        if group.len() == 5 {
            bytes.extend_from_slice(&base_85_word(&group)?);
            group.clear();
        }
    }
    if group.len() > 1 {
        let kept = group.len() - 1;
        group.resize(5, 84);
        bytes.extend_from_slice(&base_85_word(&group)?[..kept]);
    }
    Some(bytes)
}

fn base_85_word(group: &[u8]) -> Option<[u8; 4]> {
    let word = group.iter().try_fold(0u32, |word, &digit| {
        word.checked_mul(85)?.checked_add(u32::from(digit))
    });
    word.map(u32::to_be_bytes)
}

/// The filters of a stream, in the order they are undone.
fn filters(dictionary: &[u8]) -> Vec<&[u8]> {
    let Some(at) = find(dictionary, b"/Filter") else {
        return Vec::new();
    };
    let rest = dictionary[at + b"/Filter".len()..].trim_ascii_start();
    let list = match rest.strip_prefix(b"[") {
        Some(list) => list.split(|&byte| byte == b']').next().unwrap_or(list),
        None => rest
            .strip_prefix(b"/")
            .map_or(rest, |rest| &rest[..name(rest).len()]),
    };
    list.split(|&byte| byte == b'/')
        .map(name)
        .filter(|name| !name.is_empty())
        .take(FILTERS_MAX)
        .collect()
}

/// The name that stands as the value of a key.
fn name_after<'a>(dictionary: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    let mut rest = dictionary;
    loop {
        rest = &rest[find(rest, key)? + key.len()..];
        if let Some(value) = rest.trim_ascii_start().strip_prefix(b"/") {
            return Some(name(value));
        }
    }
}

/// The bytes of a name, up to what ends it.
fn name(bytes: &[u8]) -> &[u8] {
    let end = bytes
        .iter()
        .position(|byte| byte.is_ascii_whitespace() || b"/<>[]()".contains(byte))
        .unwrap_or(bytes.len());
    &bytes[..end]
}

/// The streams of a PDF, one after the other.
struct Streams<'a> {
    pdf: &'a [u8],
    at: usize,
}

impl<'a> Iterator for Streams<'a> {
    type Item = Stream<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let from = self.at;
            let word = from + find(&self.pdf[from..], b"stream")?;
            let start = word + b"stream".len();
            self.at = start;
            let Some(data_start) = past_line_end(self.pdf, start) else {
                continue;
            };
            let head_from = from.max(word.saturating_sub(DICTIONARY_BYTES_MAX));
            let head = &self.pdf[head_from..word];
            let Some(opened) = rfind(head, b" obj") else {
                continue;
            };
            let Some(object) = object_number(&head[..opened]) else {
                continue;
            };
            let dictionary = &head[opened + b" obj".len()..];
            let data_end = data_end(self.pdf, data_start, dictionary);
            self.at = data_end;
            return Some(Stream {
                object,
                dictionary,
                data: &self.pdf[data_start..data_end],
            });
        }
    }
}

/// `stream` is followed by the end of a line, and its data begins there.
fn past_line_end(pdf: &[u8], at: usize) -> Option<usize> {
    match pdf.get(at..)? {
        [b'\r', b'\n', ..] => Some(at + 2),
        [b'\n' | b'\r', ..] => Some(at + 1),
        _ => None,
    }
}

/// By its `/Length` where that is told here and true, else by the word that closes a stream.
fn data_end(pdf: &[u8], start: usize, dictionary: &[u8]) -> usize {
    const CLOSES: &[u8] = b"endstream";
    if let Some(end) = length(dictionary).and_then(|length| start.checked_add(length)) {
        let rest = pdf.get(end..).map(<[u8]>::trim_ascii_start);
        if rest.is_some_and(|rest| rest.starts_with(CLOSES)) {
            return end;
        }
    }
    find(&pdf[start..], CLOSES).map_or(pdf.len(), |end| start + end)
}

/// A `/Length` that is a number and not a reference to another object.
fn length(dictionary: &[u8]) -> Option<usize> {
    let at = find(dictionary, b"/Length")? + b"/Length".len();
    let rest = dictionary[at..].trim_ascii_start();
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let after = rest[digits..].trim_ascii_start();
    if after.first().is_some_and(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()
}

/// The object's number out of `12 0` before `obj`.
fn object_number(before: &[u8]) -> Option<u32> {
    let mut words = before
        .rsplit(|byte| byte.is_ascii_whitespace())
        .filter(|word| !word.is_empty());
    let _generation = words.next()?;
    std::str::from_utf8(words.next()?).ok()?.parse().ok()
}

fn find(bytes: &[u8], word: &[u8]) -> Option<usize> {
    let first = *word.first()?;
    let mut from = 0;
    loop {
        let at = from + bytes.get(from..)?.iter().position(|&byte| byte == first)?;
        if bytes[at..].starts_with(word) {
            return Some(at);
        }
        from = at + 1;
    }
}

fn rfind(bytes: &[u8], word: &[u8]) -> Option<usize> {
    bytes.windows(word.len()).rposition(|window| window == word)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::ZlibEncoder};
    use proptest::prelude::*;

    use super::*;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).expect("writes to memory");
        encoder.finish().expect("ends")
    }

    fn object(number: u32, dictionary: &str, data: &[u8]) -> Vec<u8> {
        let mut out = format!("{number} 0 obj\n<<{dictionary}>>\nstream\r\n").into_bytes();
        out.extend_from_slice(data);
        out.extend_from_slice(b"\nendstream\nendobj\n");
        out
    }

    fn pdf(objects: &[Vec<u8>]) -> Vec<u8> {
        let mut out = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec();
        out.extend(objects.iter().flatten());
        out.extend_from_slice(b"trailer <</Root 1 0 R>>\n%%EOF");
        out
    }

    const XML: &[u8] = b"<?xml version='1.0'?><Invoice/>";

    #[test]
    fn the_embedded_file_is_found_however_its_length_is_told() {
        let flate = packed(XML);
        let told = format!(
            "/Type /EmbeddedFile /Subtype /text#2Fxml /Filter [/FlateDecode] /Length {}",
            flate.len()
        );
        let hex: String = flate.iter().map(|byte| format!("{byte:02x}\n")).collect();
        let cases = [
            (told.as_str(), flate.clone()),
            (
                "/Type/EmbeddedFile/Filter/FlateDecode/Length 9 0 R",
                flate.clone(),
            ),
            ("/Filter/Fl/Subtype/text#2Fxml/Length 3", flate.clone()),
            ("/Params <</Size 31>> /Length 31", XML.to_vec()),
            (
                "/Type/EmbeddedFile/Filter[/ASCIIHexDecode /FlateDecode]",
                hex.into_bytes(),
            ),
            (
                "/Type/EmbeddedFile/Filter/ASCII85Decode",
                br#"<~4?n(-C`mn4EcYr5DET@%/heY;5!2DSG&M))AM64~>"#.to_vec(),
            ),
        ];
        for (dictionary, data) in cases {
            let whole = pdf(&[
                object(
                    3,
                    "/Type/Metadata/Subtype/XML/Length 21",
                    b"<?xpacket begin='x'?>",
                ),
                object(4, "/Length 6", b"stream"),
                object(7, dictionary, &data),
            ]);
            let found = embedded(&whole).expect("one");
            assert_eq!(found.len(), 1, "{dictionary}");
            assert_eq!(found[0].object, 7);
            assert_eq!(found[0].bytes.trim_ascii_end(), XML, "{dictionary}");
        }
    }

    #[test]
    fn of_an_object_written_twice_the_last_one_holds() {
        let dictionary = "/Type/EmbeddedFile/Length 4";
        let whole = pdf(&[
            object(7, dictionary, b"<a/>"),
            object(7, dictionary, b"<b/>"),
        ]);
        let found = embedded(&whole).expect("one");
        assert_eq!(found[0].bytes, b"<b/>");
        assert_eq!(found.len(), 1);
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        let bomb = packed(&vec![b' '; 17 * 1024 * 1024]);
        let cases = [
            (pdf(&[]), "no lleva dentro"),
            (
                pdf(&[b"<</Encrypt 5 0 R>>".to_vec()]),
                "protegido con contraseña",
            ),
            (
                pdf(&[object(7, "/Type/EmbeddedFile/Filter/FlateDecode", &bomb)]),
                "más grande",
            ),
            (
                pdf(&[object(7, "/Type/EmbeddedFile/Filter[/LZWDecode]", b"x")]),
                "de un modo que no se lee",
            ),
            (
                pdf(&[object(7, "/Type/EmbeddedFile/Filter/FlateDecode", b"xyz")]),
                "dañado",
            ),
        ];
        for (whole, expected) in cases {
            let reason = embedded(&whole).expect_err("refused");
            assert!(reason.contains(expected), "{reason}");
        }
    }

    proptest! {
        #[test]
        fn broken_bytes_never_panic(cut in 0usize..400, at in 0usize..400, byte: u8) {
            let mut whole = pdf(&[object(
                7,
                "/Type/EmbeddedFile/Filter/FlateDecode/Length 40",
                &packed(XML),
            )]);
            whole.truncate(cut.min(whole.len()));
            if let Some(place) = whole.get_mut(at) {
                *place = byte;
            }
            let _ = embedded(&whole);
        }
    }
}
