//! Files people bring: what they may be is told by their first bytes, never by their name.

use crate::code::code_enum;

code_enum! {
    /// What a file is.
    pub enum FileKind {
        /// A PDF.
        Pdf = "pdf",
        /// XML, such as an electronic invoice.
        Xml = "xml",
        /// A PNG picture.
        Png = "png",
        /// A JPEG picture.
        Jpeg = "jpeg",
    }
}

/// Most letters of a file's name.
const NAME_CHARS_MAX: usize = 120;

/// How far a PDF's mark may lie from the start (ISO 32000-1, annex H.3.4.1: within 1024 bytes).
const PDF_MARK_WITHIN: usize = 1024;

/// How far the first tag of an XML document is looked for.
const XML_TAG_WITHIN: usize = 4096;

impl FileKind {
    /// What the bytes are; `None` when they are none of these.
    ///
    /// HTML and SVG are refused although they may be XML: they are pages, not papers.
    ///
    /// ```
    /// use domain::file::FileKind;
    /// assert_eq!(FileKind::of(b"%PDF-1.7 ..."), Some(FileKind::Pdf));
    /// assert_eq!(FileKind::of(b"MZ"), None);
    /// ```
    pub fn of(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            return Some(Self::Png);
        }
        if bytes.starts_with(b"\xff\xd8\xff") {
            return Some(Self::Jpeg);
        }
        let head = &bytes[..bytes.len().min(PDF_MARK_WITHIN)];
        if head.windows(5).any(|five| five == b"%PDF-") {
            return Some(Self::Pdf);
        }
        is_xml(bytes).then_some(Self::Xml)
    }

    /// The type it is served as.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Xml => "application/xml",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
        }
    }

    /// The ending of its name.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Xml => "xml",
            Self::Png => "png",
            Self::Jpeg => "jpg",
        }
    }
}

/// A UTF-8 text whose first tag is neither that of a page nor that of a drawing.
fn is_xml(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(XML_TAG_WITHIN)];
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let text = String::from_utf8_lossy(head).to_lowercase();
    let text = text.trim_start();
    let declared = text.starts_with("<?xml");
    let pages = ["<!doctype", "<!entity", "<html", "<svg", "<script"];
    let named = text.split('<').skip(1).find(|tag| {
        let first = tag.chars().next();
        first.is_some_and(|letter| letter.is_alphabetic() || letter == '_')
    });
    let tag = named.and_then(|tag| tag.split([' ', '>', '/', '\n', '\r', '\t']).next());
    let local = tag.map(|tag| tag.rsplit(':').next().unwrap_or(tag));
    let is_page = local.is_some_and(|tag| ["html", "svg", "script"].contains(&tag));
    let invoice = local.is_some_and(|tag| tag == "comprobante" || tag == "invoice");
    (declared || invoice)
        && local.is_some()
        && !is_page
        && !pages.iter().any(|page| text.contains(page))
}

/// A file's name as it may be kept and offered: without folders, control characters and what ends a
/// header, and with the ending of its kind.
///
/// ```
/// use domain::file::{FileKind, clean_name};
/// assert_eq!(clean_name("C:\\facturas\\F-1.pdf", FileKind::Pdf), "F-1.pdf");
/// assert_eq!(clean_name("../../etc/passwd", FileKind::Png), "passwd.png");
/// ```
pub fn clean_name(name: &str, kind: FileKind) -> String {
    let base = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = base
        .chars()
        .filter(|letter| !letter.is_control() && !"\"<>|:*?;".contains(*letter))
        .filter(|letter| !is_direction(*letter))
        .take(NAME_CHARS_MAX)
        .collect();
    let kept = kept.trim().trim_start_matches('.');
    let endings: &[&str] = match kind {
        FileKind::Jpeg => &[".jpg", ".jpeg"],
        FileKind::Pdf => &[".pdf"],
        FileKind::Xml => &[".xml"],
        FileKind::Png => &[".png"],
    };
    let lower = kept.to_lowercase();
    let stem = if kept.is_empty() { "archivo" } else { kept };
    if endings.iter().any(|ending| lower.ends_with(ending)) {
        stem.to_owned()
    } else {
        format!("{stem}.{}", kind.extension())
    }
}

/// Marks that turn the reading direction, by which `fdp.exe` is shown as `exe.pdf`.
const fn is_direction(letter: char) -> bool {
    matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_told_by_the_bytes() {
        let cases: [(&[u8], Option<FileKind>); 14] = [
            (b"%PDF-1.4\n", Some(FileKind::Pdf)),
            (b"\n\n%PDF-1.4\n", Some(FileKind::Pdf)),
            (b"\x89PNG\r\n\x1a\n\0\0", Some(FileKind::Png)),
            (b"\xff\xd8\xff\xe0", Some(FileKind::Jpeg)),
            (
                b"<?xml version=\"1.0\"?><cfdi:Comprobante/>",
                Some(FileKind::Xml),
            ),
            (
                b"\xef\xbb\xbf<?xml version=\"1.0\"?>\n<Invoice/>",
                Some(FileKind::Xml),
            ),
            (b"<cfdi:Comprobante Version='4.0'>", Some(FileKind::Xml)),
            (b"<?xml version=\"1.0\"?><html><script>", None),
            (b"<?xml version=\"1.0\"?><svg onload='x'/>", None),
            (
                b"<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b 'c'>]><a/>",
                None,
            ),
            (b"<html>", None),
            (b"MZ\x90", None),
            (b"", None),
            (b"numero,cliente\n", None),
        ];
        for (bytes, wanted) in cases {
            let shown = String::from_utf8_lossy(bytes);
            assert_eq!(FileKind::of(bytes), wanted, "{shown}");
        }
    }

    #[test]
    fn a_name_can_break_nothing() {
        let cases = [
            ("F-1.PDF", "F-1.PDF"),
            ("a\"\r\nSet-Cookie: x=1.pdf", "aSet-Cookie x=1.pdf"),
            ("", "archivo.pdf"),
            ("...", "archivo.pdf"),
            ("pago\u{202e}fdp.exe", "pagofdp.exe.pdf"),
            ("factura ñandú.pdf", "factura ñandú.pdf"),
        ];
        for (name, wanted) in cases {
            assert_eq!(clean_name(name, FileKind::Pdf), wanted, "{name:?}");
        }
        assert!(clean_name(&"x".repeat(999), FileKind::Png).chars().count() <= 124);
    }
}
