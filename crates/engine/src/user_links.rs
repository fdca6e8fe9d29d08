//! Links that are good once: the first administrator, an invitation, a new password.

use std::fmt;

use connect::channels::{Mailbox, OutgoingEmail, SendOutcome};
use domain::user::{LinkPurpose, Role};
use domain::{CompanyId, ContactId, UserId};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use store::user_links::{self, UserLink};
use store::users::{self, Seat, User};
use store::{Tx, companies, events, sessions};

use crate::company::{Sender, Settings};
use crate::outreach::Mailer;
use crate::sessions::{digest, normal_email};
use crate::users::{NewUser, checked_email, no_user};
use crate::{AUTHOR, Engine, Error, Result, passwords};

/// How long an invitation is good.
pub const INVITATION_GOOD: SignedDuration = SignedDuration::from_hours(72);
/// How long a link to a new password is good.
pub const RESET_GOOD: SignedDuration = SignedDuration::from_mins(60);
/// How long the first administrator's link is good.
pub const FIRST_ADMIN_GOOD: SignedDuration = SignedDuration::from_hours(24);
/// Invitations listed.
const INVITATIONS_MAX: u32 = 100;

/// A link just made; its token is shown this once.
pub struct MadeLink {
    /// The secret part of the link.
    pub token: String,
    /// The instant from which it is good no longer.
    pub expires_at: Timestamp,
}

impl fmt::Debug for MadeLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MadeLink(until {})", self.expires_at)
    }
}

/// A good link as whoever opens it sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenLink {
    /// What it is for.
    pub purpose: LinkPurpose,
    /// Whom it was made for.
    pub email: Option<String>,
    /// The company an invitation is to, by its name in law.
    pub company: Option<String>,
    /// The role it gives.
    pub role: Option<Role>,
    /// Whether that address already has a password: then an invitation asks for no new one.
    pub known: bool,
}

/// What someone writes to use a link.
#[derive(Clone, Default)]
pub struct LinkUse {
    /// Address; only the first administrator's counts.
    pub email: String,
    /// Name.
    pub name: String,
    /// Language of the console.
    pub language: String,
    /// The new password.
    pub password: String,
    /// Address of the client.
    pub from: String,
    /// What its browser calls itself.
    pub agent: String,
}

impl fmt::Debug for LinkUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkUse").finish_non_exhaustive()
    }
}

/// What came of a link.
#[derive(Clone, PartialEq, Eq)]
pub enum LinkUsed {
    /// A sitting was opened; the token is shown this once.
    Session {
        /// The token.
        token: String,
    },
    /// It is done; they sign in as always.
    SignIn,
    /// The link is not known, used up or too old.
    Gone,
}

impl fmt::Debug for LinkUsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Session { .. } => "Session",
            Self::SignIn => "SignIn",
            Self::Gone => "Gone",
        })
    }
}

/// A letter to a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Subject line.
    pub subject: String,
    /// Plain text, paragraphs apart by an empty line.
    pub text: String,
}

impl Engine {
    /// A link by which someone becomes the administrator of a database without users; `None` where
    /// there are some. One made before is good no longer.
    ///
    /// # Errors
    /// What the database says.
    pub async fn first_admin_link(&self) -> Result<Option<MadeLink>> {
        if users::any(&self.db).await? {
            return Ok(None);
        }
        let link = self.blank(LinkPurpose::FirstAdmin, FIRST_ADMIN_GOOD, AUTHOR);
        let mut tx = self.db.begin().await?;
        let made = self.keep_link(&mut tx, link).await?;
        tx.commit().await?;
        Ok(Some(made))
    }

    /// Invites an address to a company. An earlier invitation to it is good no longer.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an address that cannot be or that sits there already, and what the
    /// database says.
    pub async fn invite(
        &self,
        company: CompanyId,
        email: &str,
        role: Role,
        author: &str,
    ) -> Result<MadeLink> {
        let email = checked_email(email)?;
        let stamp = self.stamp(author);
        let mut tx = self.db.begin().await?;
        if let Some(user) = users::by_email(&mut tx, &email).await?
            && users::role(&mut tx, company, user.id).await?.is_some()
        {
            let why = format!("«{email}» ya está entre los usuarios; cambie ahí su papel");
            return Err(Error::invalid("correo", why));
        }
        let link = UserLink {
            email: Some(email.clone()),
            company: Some(company),
            role: Some(role),
            ..self.blank(LinkPurpose::Invitation, INVITATION_GOOD, author)
        };
        let made = self.keep_link(&mut tx, link).await?;
        let body = json!({ "after": { "email": email, "role": role.code() } });
        events::append(&mut tx, &stamp, company, "user.invited", None, &body).await?;
        tx.commit().await?;
        Ok(made)
    }

    /// Takes back what was sent to an address.
    ///
    /// # Errors
    /// What the database says.
    pub async fn withdraw_invitation(
        &self,
        company: CompanyId,
        email: &str,
        author: &str,
    ) -> Result<()> {
        let email = normal_email(email);
        let stamp = self.stamp(author);
        let mut tx = self.db.begin().await?;
        let (purpose, to) = (LinkPurpose::Invitation, Some(email.as_str()));
        if user_links::withdraw(&mut tx, purpose, to, Some(company), stamp.at).await? > 0 {
            let body = json!({ "before": { "email": email } });
            events::append(&mut tx, &stamp, company, "user.uninvited", None, &body).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Invitations that still wait, newest first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn invitations(&self, company: CompanyId) -> Result<Vec<UserLink>> {
        let now = self.now();
        Ok(user_links::invitations(&self.db, company, now, INVITATIONS_MAX).await?)
    }

    /// A link to a new password for a user, for whoever may hand it over; the present password is
    /// good until the link is used. `None` for an address nobody has.
    ///
    /// # Errors
    /// What the database says.
    pub async fn reset_link(&self, email: &str, author: &str) -> Result<Option<MadeLink>> {
        let email = normal_email(email);
        let Some(user) = users::by_email(&self.db, &email).await? else {
            return Ok(None);
        };
        let link = UserLink {
            email: Some(user.email),
            ..self.blank(LinkPurpose::Reset, RESET_GOOD, author)
        };
        let mut tx = self.db.begin().await?;
        let made = self.keep_link(&mut tx, link).await?;
        tx.commit().await?;
        Ok(Some(made))
    }

    /// The same for a member of a company; an administrator elsewhere has no say over them.
    ///
    /// # Errors
    /// [`Error::NotFound`] for somebody who has no seat there, [`Error::Invalid`] for somebody who
    /// sits at other companies too, and what the database says.
    pub async fn reset_link_of_member(
        &self,
        company: CompanyId,
        user: UserId,
        author: &str,
    ) -> Result<MadeLink> {
        let email = self.only_member(company, user).await?;
        let made = self.reset_link(&email, author).await?;
        made.ok_or_else(|| no_user(user))
    }

    /// Takes away the second factor of a member who lost it; their sittings end.
    ///
    /// # Errors
    /// As [`Engine::reset_link_of_member`].
    pub async fn end_totp_of_member(
        &self,
        company: CompanyId,
        user: UserId,
        author: &str,
    ) -> Result<()> {
        self.only_member(company, user).await?;
        let stamp = self.stamp(author);
        let mut tx = self.db.begin().await?;
        self.drop_totp(&mut tx, user).await?;
        sessions::end_all(&mut tx, user, None).await?;
        let (kind, entity) = ("user.second_factor_ended", Some(user.uuid()));
        events::append(&mut tx, &stamp, company, kind, entity, &json!({})).await?;
        Ok(tx.commit().await?)
    }

    /// The address of a member who sits at no other company.
    async fn only_member(&self, company: CompanyId, user: UserId) -> Result<String> {
        let seats = users::seats(&self.db, user).await?;
        if !seats.iter().any(|seat| seat.company == company) {
            return Err(no_user(user));
        }
        if seats.len() > 1 {
            let why = "también trabaja en otra empresa: que use «Olvidé mi contraseña» o pida \
                ayuda a quien opera Puntual";
            return Err(Error::invalid("usuario", why));
        }
        let found = users::get(&self.db, user).await?;
        found.map(|it| it.email).ok_or_else(|| no_user(user))
    }

    /// Sends a link to a new password to an address, if somebody has it. Whether they do is not
    /// told; whoever asks too often is not heard for a while.
    ///
    /// # Errors
    /// What the database says.
    pub async fn request_reset(
        &self,
        mailer: &Mailer,
        email: &str,
        from: &str,
        letter: impl FnOnce(&User, &str) -> Letter + Send,
    ) -> Result<()> {
        let email = normal_email(email);
        if !self.may_ask_reset(&email, from).await? {
            return Ok(());
        }
        let Some(user) = users::by_email(&self.db, &email).await? else {
            return Ok(());
        };
        let seats = users::seats(&self.db, user.id).await?;
        let Some(seat) = seats.iter().find(|seat| sender(seat).is_some()) else {
            return Ok(());
        };
        let Some(made) = self.reset_link(&email, AUTHOR).await? else {
            return Ok(());
        };
        let letter = letter(&user, &made.token);
        self.send_letter(mailer, seat.company, &email, &letter)
            .await
            .map(drop)
    }

    /// Sends a letter to a user in a company's name; whether a server took it, or the outbox. A
    /// company without a sender sends none.
    ///
    /// # Errors
    /// What the database says.
    pub async fn send_letter(
        &self,
        mailer: &Mailer,
        company: CompanyId,
        to: &str,
        letter: &Letter,
    ) -> Result<bool> {
        let found = companies::get(&self.db, company).await?;
        let Some(sender) = found.and_then(|it| sender_of(it.settings)) else {
            return Ok(false);
        };
        let email = OutgoingEmail {
            contact: ContactId::from_uuid(self.effects.uuid()),
            from: Mailbox::named(sender.name, sender.address),
            reply_to: None,
            to: vec![Mailbox::bare(to)],
            cc: Vec::new(),
            subject: letter.subject.clone(),
            text: letter.text.clone(),
            html: paragraphs(&letter.text),
            unsubscribe_mailto: None,
            unsubscribe_url: None,
            date: self.now(),
            test_recipient: None,
        };
        Ok(match mailer {
            Mailer::Smtp(smtp) => matches!(smtp.send(&email).await, SendOutcome::Accepted { .. }),
            Mailer::Outbox(outbox) => {
                let outbox = outbox.clone();
                let written = tokio::task::spawn_blocking(move || outbox.write(&email).is_ok());
                written.await.unwrap_or(false)
            }
        })
    }

    /// A good link as whoever opens it sees it; opening uses nothing up.
    ///
    /// # Errors
    /// What the database says.
    pub async fn open_link(&self, token: &str) -> Result<Option<OpenLink>> {
        let found = user_links::get(&self.db, &digest(token)).await?;
        let good = |it: &UserLink| it.used_at.is_none() && it.expires_at > self.now();
        let Some(link) = found.filter(good) else {
            return Ok(None);
        };
        let company = match link.company {
            Some(company) => companies::get(&self.db, company).await?,
            None => None,
        };
        let known = match &link.email {
            Some(email) => users::by_email(&self.db, email).await?,
            None => None,
        };
        Ok(Some(OpenLink {
            purpose: link.purpose,
            email: link.email,
            company: company.map(|it| it.legal_name),
            role: link.role,
            known: known.is_some_and(|it| it.password.is_some()),
        }))
    }

    /// Uses a link up.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a password or address that cannot be, and what the database says;
    /// then the link is still good.
    pub async fn use_link(&self, token: &str, given: LinkUse) -> Result<LinkUsed> {
        let Some(open) = self.open_link(token).await? else {
            return Ok(LinkUsed::Gone);
        };
        let email = match &open.email {
            Some(email) => email.clone(),
            None => checked_email(&given.email)?,
        };
        // Someone who has a password proves it by signing in, not by the link.
        let joins = open.purpose == LinkPurpose::Invitation && open.known;
        let password = if joins {
            None
        } else {
            passwords::check(&given.password, &email)?;
            Some(passwords::hash(&self.effects, &given.password).await?)
        };
        let mut tx = self.db.begin().await?;
        if !user_links::take(&mut tx, &digest(token), self.now()).await? {
            return Ok(LinkUsed::Gone);
        }
        let used = match open.purpose {
            LinkPurpose::FirstAdmin => self.found(&mut tx, &email, &given, password).await?,
            LinkPurpose::Reset => self.replace_password(&mut tx, &email, password).await?,
            LinkPurpose::Invitation => {
                let link = user_links::get(&mut tx, &digest(token)).await?;
                self.join(&mut tx, &email, &given, password, link).await?
            }
        };
        let Some(user) = used else {
            return Ok(LinkUsed::Gone);
        };
        tx.commit().await?;
        if joins || open.purpose == LinkPurpose::Reset {
            return Ok(LinkUsed::SignIn);
        }
        let token = self.open_session(user, &given.from, &given.agent).await?;
        Ok(LinkUsed::Session { token })
    }

    /// Makes the first user, who administers every company there is and may make others.
    async fn found(
        &self,
        tx: &mut Tx,
        email: &str,
        given: &LinkUse,
        password: Option<String>,
    ) -> Result<Option<UserId>> {
        if users::any(&mut *tx).await? {
            return Ok(None);
        }
        let stamp = self.stamp(email);
        let new = NewUser {
            name: given.name.clone(),
            language: given.language.clone(),
            founder: true,
            ..NewUser::default()
        };
        let user = crate::users::create(tx, &stamp, email, password, &new).await?;
        for company in companies::all(&mut *tx).await? {
            users::seat(tx, &stamp, company.id, user, Role::Admin).await?;
        }
        Ok(Some(user))
    }

    /// Gives a user another password; every sitting ends.
    async fn replace_password(
        &self,
        tx: &mut Tx,
        email: &str,
        password: Option<String>,
    ) -> Result<Option<UserId>> {
        let Some(mut user) = users::by_email(&mut *tx, email).await? else {
            return Ok(None);
        };
        user.password = password;
        users::change(tx, &user).await?;
        sessions::end_all(tx, user.id, None).await?;
        let now = self.now();
        user_links::withdraw(tx, LinkPurpose::Reset, Some(email), None, now).await?;
        Ok(Some(user.id))
    }

    /// Seats whoever was invited.
    async fn join(
        &self,
        tx: &mut Tx,
        email: &str,
        given: &LinkUse,
        password: Option<String>,
        link: Option<UserLink>,
    ) -> Result<Option<UserId>> {
        let Some((company, role)) = link.and_then(|it| it.company.zip(it.role)) else {
            return Ok(None);
        };
        let stamp = self.stamp(email);
        let user = match users::by_email(&mut *tx, email).await? {
            Some(mut user) => {
                if password.is_some() {
                    user.password = password;
                    users::change(tx, &user).await?;
                }
                user.id
            }
            None => {
                let new = NewUser {
                    name: given.name.clone(),
                    language: given.language.clone(),
                    ..NewUser::default()
                };
                crate::users::create(tx, &stamp, email, password, &new).await?
            }
        };
        users::seat(tx, &stamp, company, user, role).await?;
        Ok(Some(user))
    }

    fn blank(&self, purpose: LinkPurpose, good: SignedDuration, author: &str) -> UserLink {
        let now = self.now();
        UserLink {
            purpose,
            email: None,
            company: None,
            role: None,
            author: author.to_owned(),
            made_at: now,
            expires_at: now + good,
            used_at: None,
        }
    }

    /// Keeps a link in the place of an earlier one for the same.
    async fn keep_link(&self, tx: &mut Tx, link: UserLink) -> Result<MadeLink> {
        let token = self.token();
        let email = link.email.as_deref();
        user_links::withdraw(tx, link.purpose, email, link.company, link.made_at).await?;
        user_links::add(tx, &digest(&token), &link).await?;
        Ok(MadeLink {
            token,
            expires_at: link.expires_at,
        })
    }
}

fn sender(seat: &Seat) -> Option<Sender> {
    sender_of(seat.settings.clone())
}

fn sender_of(settings: serde_json::Value) -> Option<Sender> {
    let settings: Settings = serde_json::from_value(settings).ok()?;
    settings.sender.filter(|it| !it.address.is_empty())
}

/// Plain text as HTML, paragraph by paragraph.
fn paragraphs(text: &str) -> String {
    let escaped = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let paragraphs = escaped.split("\n\n").map(|part| format!("<p>{part}</p>"));
    paragraphs.collect::<Vec<_>>().join("\n")
}
