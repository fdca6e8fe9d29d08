#![allow(missing_docs)]
use crate::{Engine, Result};
use domain::user::Role;
use domain::{CompanyId, SessionId, UserId};
use jiff::Timestamp;
#[derive(Clone)]
pub struct SignedIn {
    pub session: SessionId,
    pub user: UserId,
    pub email: String,
    pub name: String,
    pub language: String,
    pub seats: Vec<Seat>,
}
#[derive(Clone)]
pub struct Seat {
    pub company: CompanyId,
    pub company_name: String,
    pub role: Role,
}
pub struct SignIn {
    pub email: String,
    pub password: String,
    pub code: Option<String>,
    pub from: String,
    pub agent: String,
}
pub enum SignInAnswer {
    Session { token: String },
    Refused,
    NeedsCode,
    LockedUntil(Timestamp),
}
impl Engine {
    pub async fn session(&self, _t: &str) -> Result<Option<SignedIn>> {
        Ok(None)
    }
    pub async fn sign_in(&self, _s: SignIn) -> Result<SignInAnswer> {
        Ok(SignInAnswer::Refused)
    }
    pub async fn sign_out(&self, _t: &str) -> Result<()> {
        Ok(())
    }
}
