//! Passwords: which are good enough, and the slow hash that is kept of them.
//!
//! Argon2id with 19 MiB, two passes and one lane, the minimum that OWASP's "Password Storage Cheat
//! Sheet" asks for. A hash fills a core for a while, so it is made on a blocking thread, and at
//! most two at once.

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::{Effects, Error, Result};

/// Characters of a password at least.
pub(crate) const PASSWORD_MIN: usize = 10;
/// Characters at most, so that nobody makes us hash a book.
const PASSWORD_MAX: usize = 200;
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Bytes of salt.
const SALT: usize = 16;
/// The salt of work done for nobody.
const NOBODYS_SALT: [u8; SALT] = *b"nobody sits here";

/// Hashes made at once.
static HASHING: Semaphore = Semaphore::const_new(2);

/// Ten characters and more that everybody tries first, in lower case.
const COMMONEST: &[&str] = &[
    "1234567890",
    "12345678910",
    "0123456789",
    "0987654321",
    "9876543210",
    "1111111111",
    "0000000000",
    "1q2w3e4r5t",
    "1q2w3e4r5t6y",
    "1qaz2wsx3edc",
    "qwertyuiop",
    "qwerty1234",
    "qwerty12345",
    "qwerty123456",
    "asdfghjkl1",
    "asdfghjklñ",
    "abcdefghij",
    "abc1234567",
    "abcd123456",
    "password12",
    "password123",
    "password1234",
    "passw0rd123",
    "contraseña",
    "contrasena",
    "contraseña1",
    "contrasena1",
    "contraseña123",
    "contrasena123",
    "contrasenha",
    "administrador",
    "administrador1",
    "administrator",
    "admin12345",
    "admin123456",
    "bienvenido",
    "bienvenido1",
    "bienvenido123",
    "bienvenida",
    "iloveyou12",
    "iloveyou123",
    "teamomucho",
    "teamomucho1",
    "mexico1234",
    "mexico12345",
    "colombia123",
    "argentina123",
    "cobranza123",
    "cobranza2026",
    "cobranzas1",
    "empresa123",
    "puntual123",
    "puntual1234",
    "puntualpuntual",
    "futbol1234",
    "barcelona1",
    "realmadrid",
    "realmadrid1",
    "sunshine123",
    "superman123",
    "princess123",
    "football123",
    "letmein123",
    "welcome123",
    "welcome1234",
    "changeme123",
    "secreto123",
    "senha12345",
    "senha123456",
    "brasil1234",
    "dragon1234",
    "monkey1234",
];

/// Why a password may not be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Fewer than ten characters.
    Short,
    /// More than two hundred.
    Long,
    /// Everybody tries it first.
    Common,
    /// It is the user's own address.
    Email,
}

impl Flaw {
    /// The word it is known by.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Short => "short",
            Self::Long => "long",
            Self::Common => "common",
            Self::Email => "email",
        }
    }

    const fn advice(self) -> &'static str {
        match self {
            Self::Short => "use al menos 10 caracteres; una frase corta sirve",
            Self::Long => "use 200 caracteres como máximo",
            Self::Common => "es de las más usadas; elija otra, por ejemplo una frase corta",
            Self::Email => "no puede ser su correo; elija otra",
        }
    }
}

/// Why a password may not be chosen; no rule but its length and that it is none of the commonest.
pub fn flaw(password: &str, email: &str) -> Option<Flaw> {
    let length = password.chars().count();
    if length < PASSWORD_MIN {
        return Some(Flaw::Short);
    }
    if length > PASSWORD_MAX {
        return Some(Flaw::Long);
    }
    let lower = password.to_lowercase();
    let mut characters = lower.chars();
    let first = characters.next();
    if COMMONEST.contains(&lower.as_str()) || characters.all(|it| Some(it) == first) {
        return Some(Flaw::Common);
    }
    (lower == email).then_some(Flaw::Email)
}

/// Refuses a password that may not be chosen.
///
/// # Errors
/// [`Error::Invalid`] with what to write.
pub(crate) fn check(password: &str, email: &str) -> Result<()> {
    match flaw(password, email) {
        Some(flaw) => Err(Error::invalid("contraseña", flaw.advice())),
        None => Ok(()),
    }
}

/// The hash of a password, as PHC text.
///
/// # Errors
/// [`Error::Stopped`] when the process is ending.
pub(crate) async fn hash(effects: &Effects, password: &str) -> Result<String> {
    let random = effects.secret();
    let salt: [u8; SALT] = std::array::from_fn(|index| random[index]);
    let password = password.to_owned();
    work(move || hashed(&password, &salt)).await?
}

/// Whether a password is the one a hash was made of. The same work is done where there is none, so
/// that the time of the answer does not tell.
///
/// # Errors
/// [`Error::Stopped`] when the process is ending.
pub(crate) async fn verify(hash: Option<String>, password: &str) -> Result<bool> {
    let password: String = password.chars().take(PASSWORD_MAX + 1).collect();
    work(move || match hash {
        Some(hash) => Ok(argon2()?
            .verify_password(password.as_bytes(), hash.as_str())
            .is_ok()),
        None => hashed(&password, &NOBODYS_SALT).map(|_| false),
    })
    .await?
}

async fn work<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let stopped = || Error::Stopped("el inicio de sesión");
    let _turn = HASHING.acquire().await.map_err(|_| stopped())?;
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| stopped())
}

fn hashed(password: &str, salt: &[u8; SALT]) -> Result<String> {
    let hash = argon2()?.hash_password_with_salt(password.as_bytes(), salt);
    let hash = hash.map_err(|error| Error::invalid("contraseña", error.to_string()))?;
    Ok(hash.to_string())
}

fn argon2() -> Result<Argon2<'static>> {
    #[cfg(test)]
    tests::WORK.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None);
    let params = params.map_err(|error| Error::invalid("contraseña", error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    pub(super) static WORK: AtomicU32 = AtomicU32::new(0);

    #[tokio::test]
    async fn a_hash_knows_its_password_and_the_work_is_done_for_nobody_too() {
        let effects = Effects::system();
        let phrase = "tres tristes tigres";
        let kept = hash(&effects, phrase).await.expect("hashed");
        assert!(
            kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{kept}"
        );
        assert_ne!(kept, hash(&effects, phrase).await.expect("salted"));
        let before = WORK.load(Ordering::SeqCst);
        assert!(verify(Some(kept.clone()), phrase).await.expect("verified"));
        assert!(
            !verify(Some(kept), "tres tristes tigre")
                .await
                .expect("verified")
        );
        assert!(!verify(None, phrase).await.expect("verified"));
        assert_eq!(WORK.load(Ordering::SeqCst), before + 3);
    }

    #[test]
    fn only_length_and_the_commonest_matter() {
        let cases = [
            ("corta", false),
            ("ñandúñandú", true),
            ("1234567890", false),
            ("QwertyUiop", false),
            ("aaaaaaaaaaaa", false),
            ("ana@valle.example", false),
            ("tres tristes tigres", true),
        ];
        for (password, fine) in cases {
            let checked = check(password, "ana@valle.example");
            assert_eq!(checked.is_ok(), fine, "{password}");
        }
        assert!(check(&"a b".repeat(100), "").is_err());
        assert!(
            COMMONEST
                .iter()
                .all(|it| it.chars().count() >= PASSWORD_MIN)
        );
    }
}
