//! Tokens: a link's id, signed. They are read in constant time and without the database, so that
//! forged ones cost nothing.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::ids::PortalLinkId;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Bytes of the signature that a token carries.
const MAC_BYTES: usize = 16;
/// Letters of a token: 32 bytes without padding.
const LETTERS: usize = 43;

/// What a token is for; one for one purpose opens nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The door of the customer's page.
    Account,
    /// No more messages.
    OptOut,
}

impl Purpose {
    const fn word(self) -> &'static [u8] {
        match self {
            Self::Account => b"puntual portal account 1",
            Self::OptOut => b"puntual portal opt-out 1",
        }
    }
}

/// A key that signs (HMAC-SHA256). It is never shown.
#[derive(Clone)]
pub struct Key([u8; 32]);

impl Key {
    pub(super) const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The token of a link.
    pub(crate) fn sign(&self, purpose: Purpose, link: PortalLinkId) -> String {
        let mut bytes = [0; 16 + MAC_BYTES];
        bytes[..16].copy_from_slice(link.uuid().as_bytes());
        let mac = self.mac(&[purpose.word(), link.uuid().as_bytes()]);
        bytes[16..].copy_from_slice(&mac.finalize().into_bytes()[..MAC_BYTES]);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The link of a token; `None` for one that this key did not sign for the purpose.
    pub(crate) fn read(&self, purpose: Purpose, token: &str) -> Option<PortalLinkId> {
        if token.len() != LETTERS {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (id, mac) = bytes.split_at_checked(16)?;
        let wanted = self.mac(&[purpose.word(), id]);
        wanted.verify_truncated_left(mac).ok()?;
        Some(PortalLinkId::from_uuid(Uuid::from_slice(id).ok()?))
    }

    /// A digest that only this key can make, of parts that cannot run into each other.
    pub(crate) fn digest(&self, parts: &[&[u8]]) -> [u8; 32] {
        self.mac(parts).finalize().into_bytes().into()
    }

    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    fn mac(&self, parts: &[&[u8]]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("a key of 32 bytes");
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac
    }
}

/// A secret as it is written in a cookie.
pub(super) fn written(secret: [u8; 32]) -> String {
    URL_SAFE_NO_PAD.encode(secret)
}

/// The digest under which a cookie is kept.
pub(super) fn cookie_digest(cookie: &str) -> [u8; 32] {
    Sha256::digest(cookie.as_bytes()).into()
}

/// Whether two digests are the same, in a time that does not tell where they differ.
pub(super) fn same(a: &[u8; 32], b: &[u8; 32]) -> bool {
    a.iter().zip(b).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_by_its_key_for_its_purpose_alone() {
        let (key, other) = (Key::new([1; 32]), Key::new([2; 32]));
        let link = PortalLinkId::from_uuid(Uuid::from_u128(7));
        let token = key.sign(Purpose::Account, link);
        assert_eq!(token.len(), LETTERS);
        assert_eq!(key.read(Purpose::Account, &token), Some(link));
        assert_eq!(key.read(Purpose::OptOut, &token), None);
        assert_eq!(other.read(Purpose::Account, &token), None);
        for at in 0..token.len() {
            let mut forged = token.clone().into_bytes();
            forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(forged).expect("letters");
            assert_eq!(key.read(Purpose::Account, &forged), None, "{at}");
        }
        for wrong in ["", "x", &token[1..], &format!("{token}A"), "ñandú"] {
            assert_eq!(key.read(Purpose::Account, wrong), None, "{wrong}");
        }
    }
}
