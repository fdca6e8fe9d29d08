//! A text as a QR picture (ISO/IEC 18004), drawn as SVG.

use std::fmt::Write as _;

use qrcodegen::{QrCode, QrCodeEcc};

use crate::console::policy::prose::escape;

/// Light modules around the picture, which readers need.
const MARGIN: i32 = 4;

/// The picture, dark on white whatever the page looks like; nothing for a text too long for one.
pub(crate) fn svg(text: &str, title: &str) -> Option<String> {
    let code = QrCode::encode_text(text, QrCodeEcc::Low).ok()?;
    let side = code.size() + 2 * MARGIN;
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let run = (x..code.size())
                .take_while(|&x| code.get_module(x, y))
                .count();
            let run = i32::try_from(run).unwrap_or(0);
            if run > 0 {
                let (left, top) = (x + MARGIN, y + MARGIN);
                // Writing into a text cannot fail.
                let _ = write!(path, "M{left} {top}h{run}v1h-{run}z");
            }
            x += run.max(1);
        }
    }
    let title = escape(title);
    Some(format!(
        "<svg class=\"qr\" viewBox=\"0 0 {side} {side}\" role=\"img\" aria-label=\"{title}\" \
         shape-rendering=\"crispEdges\"><rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/>\
         <path d=\"{path}\" fill=\"#000\"/></svg>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dark_module_is_drawn_once() {
        let text = "otpauth://totp/Puntual:ana@valle.example?secret=MZXW6YTBOI&issuer=Puntual";
        let picture = svg(text, "\"<Código>\"").expect("fits");
        assert!(
            picture.contains("aria-label=\"&quot;&lt;Código&gt;&quot;\""),
            "{picture}"
        );
        assert!(picture.len() < 12_000, "{}", picture.len());
        let drawn: usize = picture
            .split('h')
            .filter_map(|part| {
                part.split_once("v1")
                    .and_then(|(run, _)| run.parse::<usize>().ok())
            })
            .sum();
        let code = QrCode::encode_text(text, QrCodeEcc::Low).expect("fits");
        let dark = (0..code.size())
            .flat_map(|y| (0..code.size()).map(move |x| (x, y)))
            .filter(|&(x, y)| code.get_module(x, y));
        assert_eq!(drawn, dark.count());
        assert_eq!(svg(&"x".repeat(4_000), ""), None);
    }
}
