//! Sittings at the console: signing in, staying, leaving.
//!
//! A token is 256 random bits; the database holds its SHA-256 only. A sitting ends eight hours
//! after it was last used and seven days after it was opened, whatever happens. Whether an address
//! is known cannot be told from the answer, its time or its wait.

use std::fmt;
use std::net::Ipv6Addr;

use domain::user::Role;
use domain::{CompanyId, SessionId, UserId};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use store::sessions::{self, Failures, Session};
use store::users::{self, User};

use crate::access::Saw;
use crate::{Engine, Result, passwords};

/// A sitting ends when it is not used for so long.
pub const IDLE_MAX: SignedDuration = SignedDuration::from_hours(8);
/// A sitting ends so long after it was opened.
pub const OPEN_MAX: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Use of a sitting is written down no more often.
const TOUCH_EVERY: SignedDuration = SignedDuration::from_secs(60);
/// What the log says of a sign-in.
const SIGN_IN: &str = "sign-in";
/// Sittings of one user at most; the oldest make room.
const SESSIONS_MAX: u32 = 20;
/// Failed sign-ins with one e-mail before one has to wait.
const FAILURES_OF_EMAIL_FREE: u32 = 5;
/// Failed sign-ins from one address before it has to wait: an office shares one.
const FAILURES_FROM_FREE: u32 = 20;
/// Times a new password is asked for with one e-mail before one has to wait.
const RESETS_OF_EMAIL_FREE: u32 = 3;
/// The first wait; each further failure doubles it.
const WAIT_FIRST: SignedDuration = SignedDuration::from_secs(30);
/// The longest wait.
const WAIT_MAX: SignedDuration = SignedDuration::from_mins(60);
/// Failures that old are forgotten.
const FAILURES_FORGOTTEN: SignedDuration = SignedDuration::from_hours(24);
/// Characters kept of what a browser calls itself, and of an address.
const AGENT_MAX: usize = 200;

/// Who sits at the console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// The sitting.
    pub session: SessionId,
    /// The user.
    pub user: UserId,
    /// Address, in lower case; the author of what they do.
    pub email: String,
    /// Name.
    pub name: String,
    /// Language of the console.
    pub language: String,
    /// Whether they may make companies.
    pub founder: bool,
    /// Whether they use a second factor.
    pub totp: bool,
    /// Where they sit.
    pub seats: Vec<Seat>,
}

/// A user's place at a company.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat {
    /// The company.
    pub company: CompanyId,
    /// Its unique short name, which stands in paths.
    pub company_name: String,
    /// What they are to it.
    pub role: Role,
    /// Whether the company wants a second factor of everybody.
    pub totp_required: bool,
}

/// What someone shows to sit down.
#[derive(Clone)]
pub struct SignIn {
    /// Address, as typed.
    pub email: String,
    /// Password.
    pub password: String,
    /// Code of the second factor, or a recovery code.
    pub code: Option<String>,
    /// Address of the client.
    pub from: String,
    /// What its browser calls itself.
    pub agent: String,
}

impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignIn").finish_non_exhaustive()
    }
}

/// The answer to [`SignIn`].
#[derive(Clone, PartialEq, Eq)]
pub enum SignInAnswer {
    /// Sit down; the token is shown this once.
    Session {
        /// The token.
        token: String,
    },
    /// E-mail, password or code is wrong; which is not said.
    Refused,
    /// The password is right; a code of the second factor is missing.
    NeedsCode,
    /// Too many failures: nothing is heard until then, right or wrong.
    LockedUntil(Timestamp),
}

impl fmt::Debug for SignInAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Session { .. } => f.write_str("Session"),
            Self::Refused => f.write_str("Refused"),
            Self::NeedsCode => f.write_str("NeedsCode"),
            Self::LockedUntil(until) => write!(f, "LockedUntil({until})"),
        }
    }
}

impl Engine {
    /// Who sits behind a token; nobody when it is not known, unused for eight hours or seven days
    /// old.
    ///
    /// # Errors
    /// What the database says.
    pub async fn session(&self, token: &str) -> Result<Option<SignedIn>> {
        let now = self.now();
        let Some(session) = self.live_session(token, now).await? else {
            return Ok(None);
        };
        let Some(user) = users::get(&self.db, session.user).await? else {
            return Ok(None);
        };
        if now.duration_since(session.seen_at) >= TOUCH_EVERY {
            self.touch(session.id, now).await;
        }
        let seats = users::seats(&self.db, user.id).await?;
        Ok(Some(SignedIn {
            session: session.id,
            user: user.id,
            totp: user.totp_secret.is_some(),
            email: user.email,
            name: user.name,
            language: user.language,
            founder: user.founder,
            seats: seats.into_iter().map(Seat::new).collect(),
        }))
    }

    async fn live_session(&self, token: &str, now: Timestamp) -> Result<Option<Session>> {
        let found = sessions::by_digest(&self.db, &digest(token)).await?;
        Ok(found.filter(|it| {
            now.duration_since(it.seen_at) < IDLE_MAX && now.duration_since(it.opened_at) < OPEN_MAX
        }))
    }

    /// Lets someone sit down who shows what they should.
    ///
    /// # Errors
    /// What the database says.
    pub async fn sign_in(&self, shown: SignIn) -> Result<SignInAnswer> {
        let email = normal_email(&shown.email);
        let subjects = subjects_of(&email, &shown.from);
        // Counted as failed before anything is looked at, so that many at once count each.
        if let Some(until) = self.count_failure(&subjects).await? {
            return Ok(SignInAnswer::LockedUntil(until));
        }
        let user = users::by_email(&self.db, &email).await?;
        let hash = user.as_ref().and_then(|it| it.password.clone());
        let right = passwords::verify(hash, &shown.password).await?;
        let Some(user) = user.filter(|_| right) else {
            return Ok(SignInAnswer::Refused);
        };
        let seats = users::seats(&self.db, user.id).await?;
        if seats.is_empty() && !user.founder {
            return Ok(SignInAnswer::Refused);
        }
        if user.totp_secret.is_some() {
            let code = shown.code.as_deref().map(str::trim).unwrap_or_default();
            if code.is_empty() {
                self.uncount_failure(&subjects, false).await?;
                return Ok(SignInAnswer::NeedsCode);
            }
            if !self.second_factor(&user, code).await? {
                return Ok(SignInAnswer::Refused);
            }
        }
        self.uncount_failure(&subjects, true).await?;
        let token = self
            .open_session(user.id, &shown.from, &shown.agent)
            .await?;
        for seat in seats {
            self.saw(Saw {
                company: seat.company,
                author: &user.email,
                action: SIGN_IN,
                entity: Some(user.id.uuid()),
                detail: &shown.agent,
                from: &shown.from,
            })
            .await;
        }
        Ok(SignInAnswer::Session { token })
    }

    /// Whether a password is a user's, shown by somebody who sits already; failures count as at the
    /// door, and while one has to wait nothing is heard.
    pub(crate) async fn is_password(
        &self,
        user: &User,
        password: &str,
        from: &str,
    ) -> Result<bool> {
        let subjects = subjects_of(&user.email, from);
        if self.count_failure(&subjects).await?.is_some() {
            return Ok(false);
        }
        let right = passwords::verify(user.password.clone(), password).await?;
        if right {
            self.uncount_failure(&subjects, true).await?;
        }
        Ok(right)
    }

    /// Whether a new password may be asked for: each asking counts like a failure, apart from those
    /// at the door.
    pub(crate) async fn may_ask_reset(&self, email: &str, from: &str) -> Result<bool> {
        let subjects = [
            (subject("reset-email", email), RESETS_OF_EMAIL_FREE),
            (subject("reset-from", &network(from)), FAILURES_FROM_FREE),
        ];
        Ok(self.count_failure(&subjects).await?.is_none())
    }

    /// Until when nothing is heard of one of the subjects; else one failure more for each.
    async fn count_failure(&self, subjects: &[([u8; 32], u32)]) -> Result<Option<Timestamp>> {
        let now = self.now();
        let mut tx = self.db.begin().await?;
        let mut counted = Vec::new();
        for (subject, free) in subjects {
            sessions::note_subject(&mut tx, subject, now).await?;
            let known = sessions::lock_failures(&mut tx, subject).await?;
            let known = known.filter(|it| now.duration_since(it.last_at) < FAILURES_FORGOTTEN);
            let before = known.map_or(0, |it| it.count);
            let locked = known.and_then(|it| it.locked_until).filter(|it| *it > now);
            if locked.is_some() {
                tx.rollback().await?;
                return Ok(locked);
            }
            let count = before.saturating_add(1);
            let failures = Failures {
                count,
                last_at: now,
                locked_until: wait(count, *free).map(|wait| now + wait),
            };
            counted.push((subject, failures));
        }
        for (subject, failures) in counted {
            sessions::put_failures(&mut tx, subject, failures).await?;
        }
        tx.commit().await?;
        Ok(None)
    }

    /// Takes back the one failure that was counted ahead; after a sign-in, all of the e-mail's.
    async fn uncount_failure(&self, subjects: &[([u8; 32], u32)], signed_in: bool) -> Result<()> {
        let now = self.now();
        let mut tx = self.db.begin().await?;
        for (index, (subject, free)) in subjects.iter().enumerate() {
            let Some(known) = sessions::lock_failures(&mut tx, subject).await? else {
                continue;
            };
            let of_email = index == 0;
            let count = if signed_in && of_email {
                0
            } else {
                known.count.saturating_sub(1)
            };
            let failures = Failures {
                count,
                last_at: known.last_at,
                locked_until: wait(count, *free)
                    .and(known.locked_until)
                    .filter(|it| *it > now),
            };
            sessions::put_failures(&mut tx, subject, failures).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Opens a sitting for a user whose right to it is known; the token is shown this once.
    ///
    /// # Errors
    /// What the database says.
    pub async fn open_session(&self, user: UserId, from: &str, agent: &str) -> Result<String> {
        let now = self.now();
        let token = self.token();
        let session = Session {
            id: SessionId::from_uuid(self.effects.uuid()),
            user,
            opened_at: now,
            seen_at: now,
            from: from.chars().take(AGENT_MAX).collect(),
            agent: agent.chars().take(AGENT_MAX).collect(),
        };
        let mut tx = self.db.begin().await?;
        sessions::forget(&mut tx, before(now, OPEN_MAX), before(now, IDLE_MAX)).await?;
        let open = sessions::of_user(&mut tx, user, SESSIONS_MAX).await?;
        let too_many = open.len() >= usize::try_from(SESSIONS_MAX).unwrap_or(usize::MAX);
        if let Some(oldest) = open.last().filter(|_| too_many) {
            sessions::end(&mut tx, user, oldest.id).await?;
        }
        sessions::open(&mut tx, &session, &digest(&token)).await?;
        tx.commit().await?;
        Ok(token)
    }

    /// Ends the sitting of a token.
    ///
    /// # Errors
    /// What the database says.
    pub async fn sign_out(&self, token: &str) -> Result<()> {
        let Some(session) = sessions::by_digest(&self.db, &digest(token)).await? else {
            return Ok(());
        };
        self.end_session(session.user, session.id).await
    }

    /// Ends one sitting of a user.
    ///
    /// # Errors
    /// What the database says.
    pub async fn end_session(&self, user: UserId, session: SessionId) -> Result<()> {
        let mut tx = self.db.begin().await?;
        sessions::end(&mut tx, user, session).await?;
        Ok(tx.commit().await?)
    }

    /// The open sittings of a user, newest first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn sessions_of(&self, user: UserId) -> Result<Vec<Session>> {
        let now = self.now();
        let mut found = sessions::of_user(&self.db, user, SESSIONS_MAX).await?;
        found.retain(|it| {
            now.duration_since(it.seen_at) < IDLE_MAX && now.duration_since(it.opened_at) < OPEN_MAX
        });
        Ok(found)
    }

    /// 256 random bits as text.
    pub(crate) fn token(&self) -> String {
        hex(&self.effects.secret())
    }
}

impl Seat {
    fn new(seat: users::Seat) -> Self {
        let required = seat.settings.get("totp_required");
        Self {
            company: seat.company,
            company_name: seat.company_name,
            role: seat.role,
            totp_required: required.and_then(serde_json::Value::as_bool) == Some(true),
        }
    }
}

/// An address as it is compared.
pub(crate) fn normal_email(email: &str) -> String {
    email.trim().to_lowercase()
}

/// What the database holds of a token.
pub(crate) fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

fn subjects_of(email: &str, from: &str) -> [([u8; 32], u32); 2] {
    [
        (subject("email", email), FAILURES_OF_EMAIL_FREE),
        (subject("from", &network(from)), FAILURES_FROM_FREE),
    ]
}

/// What counts as one client: an IPv4 address, or the 64 bits of an IPv6 network, since whoever has
/// one has them all.
fn network(from: &str) -> String {
    match from.parse::<Ipv6Addr>() {
        Ok(address) => match address.to_ipv4_mapped() {
            Some(address) => address.to_string(),
            None => format!("{:x?}", &address.segments()[..4]),
        },
        Err(_) => from.to_owned(),
    }
}

fn subject(kind: &str, value: &str) -> [u8; 32] {
    digest(&format!("{kind}:{value}"))
}

/// How long a subject waits after so many failures.
fn wait(failures: u32, free: u32) -> Option<SignedDuration> {
    let doubled = failures.checked_sub(free)?.min(10);
    Some((WAIT_FIRST * (1 << doubled)).min(WAIT_MAX))
}

fn before(now: Timestamp, span: SignedDuration) -> Timestamp {
    now.checked_sub(span).unwrap_or(Timestamp::MIN)
}

/// Bytes as lower-case hexadecimal text.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
