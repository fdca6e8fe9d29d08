//! What a user changes of their own: name, language, password, second factor.

use std::fmt;

use domain::{SessionId, UserId};
use store::users::{self, User};
use store::{StoreError, Tx, sessions};

use crate::sessions::{SignedIn, digest};
use crate::{Engine, Error, Result, passwords, totp};

/// Recovery codes given at once.
const RECOVERY_CODES: usize = 8;
/// Random bytes of one: sixteen letters.
const RECOVERY_BYTES: usize = 10;

/// What an account page shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Address.
    pub email: String,
    /// Name.
    pub name: String,
    /// Language of the console.
    pub language: String,
    /// Whether a second factor is asked for.
    pub totp: bool,
    /// Recovery codes that were not used.
    pub recovery_codes: u32,
}

/// A second factor on offer: it is asked for once its first code was shown.
pub struct TotpOffer {
    /// The secret in base 32, for typing it.
    pub secret: String,
    /// The same as an address, for a QR picture.
    pub address: String,
}

impl fmt::Debug for TotpOffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpOffer")
    }
}

/// What changed of a user's own secrets. The texts are shown this once.
#[derive(Default)]
pub struct Renewed {
    /// The sitting's new token; every other sitting of the user has ended.
    pub token: String,
    /// New recovery codes; those there were are good no longer.
    pub recovery_codes: Vec<String>,
}

impl fmt::Debug for Renewed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Renewed")
    }
}

impl Engine {
    /// A user's own account.
    ///
    /// # Errors
    /// [`Error::NotFound`] for nobody, and what the database says.
    pub async fn account_of_user(&self, user: UserId) -> Result<Account> {
        let found = self.user(user).await?;
        Ok(Account {
            totp: found.totp_secret.is_some(),
            recovery_codes: users::recovery_codes_left(&self.db, user).await?,
            email: found.email,
            name: found.name,
            language: found.language,
        })
    }

    /// Changes a user's name and language.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a name that is none, and what the database says.
    pub async fn set_profile(&self, user: UserId, name: &str, language: &str) -> Result<()> {
        let name = crate::users::checked_name(name)?;
        let mut tx = self.db.begin().await?;
        let mut found = users::lock(&mut tx, user).await?;
        found.name = name;
        language.trim().clone_into(&mut found.language);
        users::change(&mut tx, &found).await?;
        Ok(tx.commit().await?)
    }

    /// Changes the password of whoever sits; their other sittings end.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the present password is wrong or the new one cannot be, and what the
    /// database says.
    pub async fn change_password(
        &self,
        who: &SignedIn,
        present: &str,
        new: &str,
        from: &str,
    ) -> Result<Renewed> {
        passwords::check(new, &who.email)?;
        self.prove(who, present, from).await?;
        let hash = passwords::hash(&self.effects, new).await?;
        let mut tx = self.db.begin().await?;
        let mut user = users::lock(&mut tx, who.user).await?;
        user.password = Some(hash);
        users::change(&mut tx, &user).await?;
        let token = self.renew(&mut tx, who).await?;
        tx.commit().await?;
        Ok(Renewed {
            token,
            recovery_codes: Vec::new(),
        })
    }

    /// Offers a second factor with a fresh secret.
    ///
    /// # Errors
    /// [`Error::Invalid`] when there is one already, and what the database says.
    pub async fn offer_totp(&self, user: UserId) -> Result<TotpOffer> {
        let random = self.effects.secret();
        let secret = random[..totp::SECRET_BYTES].to_vec();
        let mut tx = self.db.begin().await?;
        let mut found = users::lock(&mut tx, user).await?;
        if found.totp_secret.is_some() {
            let why = "ya está activa; quítela antes de preparar otra";
            return Err(Error::invalid("verificación en dos pasos", why));
        }
        let offer = TotpOffer {
            secret: totp::base32(&secret),
            address: totp::address(&secret, &found.email),
        };
        found.totp_pending = Some(secret);
        users::change(&mut tx, &found).await?;
        tx.commit().await?;
        Ok(offer)
    }

    /// Takes the first code of the factor on offer: from now on it is asked for. Other sittings
    /// end.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the code is not the one, and what the database says.
    pub async fn accept_totp(&self, who: &SignedIn, code: &str) -> Result<Renewed> {
        let mut tx = self.db.begin().await?;
        let mut user = users::lock(&mut tx, who.user).await?;
        let pending = user.totp_pending.take();
        let step = pending
            .as_deref()
            .and_then(|secret| totp::step_of(secret, code, self.now()));
        let Some(step) = step else {
            let why = "no es correcto; revise la hora de su teléfono y escriba el código actual";
            return Err(Error::invalid("código", why));
        };
        user.totp_secret = pending;
        user.totp_used_step = Some(step);
        users::change(&mut tx, &user).await?;
        let recovery_codes = self.put_recovery_codes(&mut tx, who.user).await?;
        let token = self.renew(&mut tx, who).await?;
        tx.commit().await?;
        Ok(Renewed {
            token,
            recovery_codes,
        })
    }

    /// Gives new recovery codes to whoever shows the password.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the password is wrong, and what the database says.
    pub async fn renew_recovery_codes(
        &self,
        who: &SignedIn,
        password: &str,
        from: &str,
    ) -> Result<Vec<String>> {
        self.prove(who, password, from).await?;
        let mut tx = self.db.begin().await?;
        let codes = self.put_recovery_codes(&mut tx, who.user).await?;
        tx.commit().await?;
        Ok(codes)
    }

    /// Asks for no second factor any more. Other sittings end.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the password is wrong or a company wants the factor, and what the
    /// database says.
    pub async fn end_totp(&self, who: &SignedIn, password: &str, from: &str) -> Result<Renewed> {
        if let Some(seat) = who.seats.iter().find(|seat| seat.totp_required) {
            let why = format!("la empresa «{}» la pide a todos", seat.company_name);
            return Err(Error::invalid("verificación en dos pasos", why));
        }
        self.prove(who, password, from).await?;
        let mut tx = self.db.begin().await?;
        self.drop_totp(&mut tx, who.user).await?;
        let token = self.renew(&mut tx, who).await?;
        tx.commit().await?;
        Ok(Renewed {
            token,
            recovery_codes: Vec::new(),
        })
    }

    /// Takes a user's second factor away within a transaction.
    pub(crate) async fn drop_totp(&self, tx: &mut Tx, user: UserId) -> Result<()> {
        let mut found = users::lock(tx, user).await?;
        found.totp_secret = None;
        found.totp_pending = None;
        users::change(tx, &found).await?;
        Ok(users::put_recovery_codes(tx, user, &[]).await?)
    }

    /// Takes a code of the second factor, or a recovery code, once.
    pub(crate) async fn second_factor(&self, user: &User, code: &str) -> Result<bool> {
        let now = self.now();
        let secret = user.totp_secret.as_deref().unwrap_or_default();
        let mut tx = self.db.begin().await?;
        let taken = match totp::step_of(secret, code, now) {
            Some(step) => users::take_step(&mut tx, user.id, step).await?,
            None => {
                let code = recovery_digest(code);
                users::take_recovery_code(&mut tx, user.id, &code, now).await?
            }
        };
        tx.commit().await?;
        Ok(taken)
    }

    /// Whether whoever sits knows the password; wrong ones make the next wait, as at the door.
    async fn prove(&self, who: &SignedIn, password: &str, from: &str) -> Result<()> {
        let user = self.user(who.user).await?;
        if self.is_password(&user, password, from).await? {
            return Ok(());
        }
        let why = "no es la correcta; tras varios intentos hay que esperar unos minutos";
        Err(Error::invalid("contraseña actual", why))
    }

    async fn user(&self, user: UserId) -> Result<User> {
        let missing = || StoreError::Missing {
            what: "user",
            key: user.to_string(),
        };
        Ok(users::get(&self.db, user).await?.ok_or_else(missing)?)
    }

    /// Another token for the sitting; the user's others end.
    async fn renew(&self, tx: &mut Tx, who: &SignedIn) -> Result<String> {
        let token = self.token();
        sessions::rotate(tx, who.session, &digest(&token)).await?;
        sessions::end_all(tx, who.user, Some(who.session)).await?;
        Ok(token)
    }

    /// Ends every sitting of a user but one.
    ///
    /// # Errors
    /// What the database says.
    pub async fn end_other_sessions(&self, user: UserId, but: SessionId) -> Result<()> {
        let mut tx = self.db.begin().await?;
        sessions::end_all(&mut tx, user, Some(but)).await?;
        Ok(tx.commit().await?)
    }

    async fn put_recovery_codes(&self, tx: &mut Tx, user: UserId) -> Result<Vec<String>> {
        let codes: Vec<String> = (0..RECOVERY_CODES)
            .map(|_| {
                let letters = totp::base32(&self.effects.secret()[..RECOVERY_BYTES]);
                let letters = letters.to_lowercase();
                let groups: Vec<&str> = (0..4).map(|at| &letters[at * 4..at * 4 + 4]).collect();
                groups.join("-")
            })
            .collect();
        let digests: Vec<[u8; 32]> = codes.iter().map(|code| recovery_digest(code)).collect();
        users::put_recovery_codes(tx, user, &digests).await?;
        Ok(codes)
    }
}

/// A recovery code as it is kept: case and hyphens do not count.
fn recovery_digest(code: &str) -> [u8; 32] {
    let letters: String = code.chars().filter(|it| it.is_alphanumeric()).collect();
    digest(&letters.to_lowercase())
}
