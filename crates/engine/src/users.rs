//! Users of the console: made, seated at companies, given another role, sent away.

use std::fmt;

use domain::user::Role;
use domain::{CompanyId, UserId};
use serde_json::json;
use store::users::{self, Member, User};
use store::{Stamp, Tx, events, sessions};

pub use crate::passwords::{Flaw, flaw as password_flaw};
use crate::sessions::normal_email;
use crate::{Engine, Error, Result, passwords};

/// Characters of a name at most.
const NAME_MAX: usize = 100;
/// Characters of an address at most (RFC 5321 §4.5.3.1.3, less the brackets).
const EMAIL_MAX: usize = 254;
/// The language of the console where none is said.
const LANGUAGE: &str = "es";

/// A user to be made.
#[derive(Clone, Default)]
pub struct NewUser {
    /// Address, as typed.
    pub email: String,
    /// Name; the address' first part when it is empty.
    pub name: String,
    /// Language of the console; Spanish when it is empty.
    pub language: String,
    /// Password; without one nobody can sign in until a reset link gives it.
    pub password: Option<String>,
    /// Whether they may make companies.
    pub founder: bool,
    /// A seat at a company.
    pub seat: Option<(CompanyId, Role)>,
}

impl fmt::Debug for NewUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewUser")
            .field("email", &self.email)
            .finish_non_exhaustive()
    }
}

impl Engine {
    /// Makes a user; where the address has one already, they only get the seat.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an address, name or password that cannot be, and what the database
    /// says.
    pub async fn add_user(&self, new: NewUser, author: &str) -> Result<UserId> {
        let email = checked_email(&new.email)?;
        let password = match &new.password {
            Some(password) => {
                passwords::check(password, &email)?;
                Some(passwords::hash(&self.effects, password).await?)
            }
            None => None,
        };
        let stamp = self.stamp(author);
        let mut tx = self.db.begin().await?;
        let user = match users::by_email(&mut tx, &email).await? {
            Some(user) => user.id,
            None => create(&mut tx, &stamp, &email, password, &new).await?,
        };
        if let Some((company, role)) = new.seat {
            users::seat(&mut tx, &stamp, company, user, role).await?;
        }
        tx.commit().await?;
        Ok(user)
    }

    /// Those who sit at a company, in the order of their ids, from behind `after`.
    ///
    /// # Errors
    /// What the database says.
    pub async fn members(
        &self,
        company: CompanyId,
        after: Option<UserId>,
        limit: u32,
    ) -> Result<Vec<Member>> {
        Ok(users::members(&self.db, company, after, limit).await?)
    }

    /// One who sits at a company.
    ///
    /// # Errors
    /// What the database says.
    pub async fn member(&self, company: CompanyId, user: UserId) -> Result<Option<Member>> {
        Ok(users::member(&self.db, company, user).await?)
    }

    /// Ends every sitting of a member.
    ///
    /// # Errors
    /// [`Error::NotFound`] for somebody who has no seat, and what the database says.
    pub async fn end_sessions_of_member(
        &self,
        company: CompanyId,
        user: UserId,
        author: &str,
    ) -> Result<()> {
        let stamp = self.stamp(author);
        let mut tx = self.db.begin().await?;
        if users::role(&mut tx, company, user).await?.is_none() {
            return Err(no_user(user));
        }
        sessions::end_all(&mut tx, user, None).await?;
        let (kind, entity) = ("user.sessions_ended", Some(user.uuid()));
        events::append(&mut tx, &stamp, company, kind, entity, &json!({})).await?;
        Ok(tx.commit().await?)
    }

    /// Gives a member another role. Their sittings end, so that none goes on with the old one.
    ///
    /// # Errors
    /// [`Error::NotFound`] for somebody who has no seat, [`Error::Invalid`] for the last
    /// administrator, and what the database says.
    pub async fn set_role(
        &self,
        company: CompanyId,
        user: UserId,
        role: Role,
        author: &str,
    ) -> Result<()> {
        let mut tx = self.db.begin().await?;
        if self.leaves_role(&mut tx, company, user, Some(role)).await? {
            users::seat(&mut tx, &self.stamp(author), company, user, role).await?;
            sessions::end_all(&mut tx, user, None).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Takes a member's seat away and ends their sittings.
    ///
    /// # Errors
    /// As [`Engine::set_role`].
    pub async fn unseat(&self, company: CompanyId, user: UserId, author: &str) -> Result<()> {
        let mut tx = self.db.begin().await?;
        self.leaves_role(&mut tx, company, user, None).await?;
        users::unseat(&mut tx, &self.stamp(author), company, user).await?;
        sessions::end_all(&mut tx, user, None).await?;
        Ok(tx.commit().await?)
    }

    /// Whether a member's role changes; the last administrator keeps it.
    async fn leaves_role(
        &self,
        tx: &mut Tx,
        company: CompanyId,
        user: UserId,
        to: Option<Role>,
    ) -> Result<bool> {
        // Locked before the role is read, so that two administrators cannot send each other away.
        let admins = users::lock_role(tx, company, Role::Admin).await?;
        let Some(role) = users::role(&mut *tx, company, user).await? else {
            return Err(no_user(user));
        };
        if role == Role::Admin && to != Some(Role::Admin) && admins < 2 {
            let why = "es la última persona que administra la empresa; dé antes ese rol a otra";
            return Err(Error::invalid("rol", why));
        }
        Ok(to != Some(role))
    }
}

/// A user who is not there, or not at this company.
pub(crate) fn no_user(user: UserId) -> Error {
    Error::NotFound {
        what: "el usuario",
        key: user.to_string(),
        hint: String::new(),
    }
}

/// Makes a user within a transaction.
pub(crate) async fn create(
    tx: &mut Tx,
    stamp: &Stamp,
    email: &str,
    password: Option<String>,
    new: &NewUser,
) -> Result<UserId> {
    let or = |text: &str, other: &str| match text.trim() {
        "" => other.to_owned(),
        text => text.chars().take(NAME_MAX).collect(),
    };
    let user = User {
        id: UserId::from_uuid(stamp.ids.draw()),
        email: email.to_owned(),
        name: or(&new.name, email.split('@').next().unwrap_or(email)),
        language: or(&new.language, LANGUAGE),
        password,
        founder: new.founder,
        totp_secret: None,
        totp_pending: None,
        totp_used_step: None,
        created_at: stamp.at,
    };
    users::create(tx, stamp, &user).await?;
    Ok(user.id)
}

/// A name as it is kept.
pub(crate) fn checked_name(name: &str) -> Result<String> {
    let name = name.trim();
    let length = name.chars().count();
    if length == 0 || length > NAME_MAX || name.contains(char::is_control) {
        return Err(Error::invalid("nombre", "escriba entre 1 y 100 letras"));
    }
    Ok(name.to_owned())
}

/// An address as it is kept.
pub(crate) fn checked_email(email: &str) -> Result<String> {
    let email = normal_email(email);
    let fine = email.len() <= EMAIL_MAX
        && !email.contains(|it: char| it.is_whitespace() || it.is_control() || ",;<>".contains(it))
        && email.split_once('@').is_some_and(|(user, host)| {
            !user.is_empty() && !host.starts_with('.') && host.contains('.') && !host.contains('@')
        });
    if fine {
        Ok(email)
    } else {
        let why = format!("«{email}» no es una dirección de correo");
        Err(Error::invalid("correo", why))
    }
}
