//! The second factor: codes of an authenticator application, by time (RFC 6238: SHA-1, 30 seconds,
//! six digits, as every such application reads it).

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha1::Sha1;

/// Seconds of one step (RFC 6238 §5.2).
const STEP_SECONDS: i64 = 30;
/// Steps before and after now whose codes are taken, for clocks that differ.
const STEPS_APART: i64 = 1;
/// Digits of a code.
pub(crate) const DIGITS: usize = 6;
/// One more than the largest code.
const MODULUS: u32 = 1_000_000;
/// Bytes of a shared secret (RFC 4226 §4 asks for 160 bits).
pub(crate) const SECRET_BYTES: usize = 20;
/// Base 32 without padding (RFC 4648 §6).
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The step whose code this is, if it is one of those around now.
pub(crate) fn step_of(secret: &[u8], code: &str, now: Timestamp) -> Option<i64> {
    let code: String = code.chars().filter(|it| !it.is_whitespace()).collect();
    if code.len() != DIGITS || !code.bytes().all(|it| it.is_ascii_digit()) {
        return None;
    }
    let code: u32 = code.parse().ok()?;
    let here = now.as_second().div_euclid(STEP_SECONDS);
    (here - STEPS_APART..=here + STEPS_APART).find(|step| code_at(secret, *step) == Some(code))
}

/// The code of a step (RFC 4226 §5.3).
pub(crate) fn code_at(secret: &[u8], step: i64) -> Option<u32> {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).ok()?;
    mac.update(&u64::try_from(step).ok()?.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let offset = usize::from(hash.last()? & 0x0f);
    let four: [u8; 4] = hash.get(offset..offset + 4)?.try_into().ok()?;
    Some((u32::from_be_bytes(four) & 0x7fff_ffff) % MODULUS)
}

/// Bytes in base 32, as authenticator applications take a secret.
pub(crate) fn base32(bytes: &[u8]) -> String {
    let mut out = String::new();
    let (mut held, mut bits) = (0_u32, 0_u32);
    for byte in bytes {
        held = (held << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            let index = (held >> bits) & 31;
            out.push(char::from(ALPHABET[index as usize]));
        }
    }
    if bits > 0 {
        let index = (held << (5 - bits)) & 31;
        out.push(char::from(ALPHABET[index as usize]));
    }
    out
}

/// What an authenticator application reads out of the picture.
pub(crate) fn address(secret: &[u8], email: &str) -> String {
    let mut label = String::new();
    for byte in email.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'@' => {
                label.push(char::from(byte));
            }
            byte => label.push_str(&format!("%{byte:02X}")),
        }
    }
    let secret = base32(secret);
    format!("otpauth://totp/Puntual:{label}?secret={secret}&issuer=Puntual")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B (SHA-1), the last six digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = b"12345678901234567890";
        let cases = [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ];
        for (second, code) in cases {
            let at = Timestamp::from_second(second).expect("in range");
            assert_eq!(step_of(secret, code, at), Some(second / 30), "{second}");
            let late = at + jiff::SignedDuration::from_secs(30);
            assert_eq!(step_of(secret, code, late), Some(second / 30), "{second}");
            let too_late = at + jiff::SignedDuration::from_secs(90);
            assert_eq!(step_of(secret, code, too_late), None, "{second}");
        }
        let at = Timestamp::from_second(59).expect("in range");
        for code in ["", "28708", "2870820", "+87082", "28 70 82x"] {
            assert_eq!(step_of(secret, code, at), None, "{code}");
        }
        assert_eq!(step_of(secret, " 287 082 ", at), Some(1));
    }

    /// RFC 4648 §10, without its padding.
    #[test]
    fn base_32_is_that_of_the_standard() {
        let cases = [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ];
        for (bytes, text) in cases {
            assert_eq!(base32(bytes.as_bytes()), text);
        }
        let address = address(b"foobar", "ana+1@valle.example");
        assert_eq!(
            address,
            "otpauth://totp/Puntual:ana%2B1@valle.example?secret=MZXW6YTBOI&issuer=Puntual"
        );
    }
}
