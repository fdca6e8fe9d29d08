//! A text as a picture that telephones read.

use std::fmt::Write as _;

use qrcodegen::{QrCode, QrCodeEcc};

use crate::console::policy::prose::escape;

/// The light frame that readers want, in modules.
const QUIET: i32 = 4;

/// The picture as SVG, with what it is for those who do not see it; `None` for a text too long.
pub(super) fn svg(text: &str, title: &str) -> Option<String> {
    let code = QrCode::encode_text(text, QrCodeEcc::Low).ok()?;
    let size = code.size();
    let mut path = String::new();
    for y in 0..size {
        let mut x = 0;
        while x < size {
            let run = (x..size).take_while(|x| code.get_module(*x, y)).count();
            let run = i32::try_from(run).unwrap_or(0);
            if run > 0 {
                let _ = write!(path, "M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET);
            }
            x += run.max(1);
        }
    }
    let side = size + 2 * QUIET;
    let title = escape(title);
    Some(format!(
        "<svg class=\"qr\" viewBox=\"0 0 {side} {side}\" role=\"img\" aria-label=\"{title}\">\
         <rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/>\
         <path d=\"{path}\" fill=\"#000\"/></svg>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_small_and_says_what_it_is() {
        let text = "Banco Ejemplo, CLABE 000000000000000000\nReferencia: C-1 & <más>";
        let picture = svg(text, "Datos \"de\" pago").expect("it fits");
        assert!(picture.len() < 12_000, "{}", picture.len());
        assert!(picture.contains("aria-label=\"Datos &quot;de&quot; pago\""));
        assert!(svg(&"x".repeat(5_000), "").is_none());
    }
}
