//! The customer's own page: links, the door, the account, and what is said there.
//!
//! A link alone shows nothing (invariant 20). Whoever holds it also names the exact amount of a
//! document that its message listed, or a code sent to the very address the message went to;
//! docs/decisions says why. What a customer does here goes through the same use cases as what a
//! person of the company records.

mod account;
mod acts;
mod door;
mod opt_out;
mod review;
mod tokens;

use std::sync::Arc;

use domain::ids::PortalLinkId;
use domain::portal::LINK_DAYS;
use jiff::{Timestamp, ToSpan};
use language::message::PortalLinks;
use store::portal;
use tokio::sync::OnceCell;

pub use account::{Account, PromiseLimits};
pub use acts::{Done, NewClaim, NewDispute, PromiseMade, Refused};
pub use door::{Answer, Cookie, Door, Entered, Visit, read_amount};
pub use opt_out::OptOut;
pub use tokens::Key;

use crate::{Engine, Result};
use tokens::Purpose;

/// The name under which customers themselves change things.
pub const AUTHOR: &str = "portal";

/// The name under which the key that signs links is kept.
const KEY_NAME: &str = "portal";

/// What a process knows of its customers' pages.
#[derive(Default)]
pub(crate) struct Doors {
    base_url: Option<String>,
    key: OnceCell<Key>,
}

/// Makes the links of messages about to leave.
pub(crate) struct Gate {
    base_url: String,
    key: Key,
}

/// One link with its addresses.
pub(crate) struct Pass {
    /// The link.
    pub link: PortalLinkId,
    links: PortalLinks,
}

impl Gate {
    /// The addresses of a link.
    pub fn pass(&self, link: PortalLinkId) -> Pass {
        let address = |door: &str, purpose| {
            let token = self.key.sign(purpose, link);
            format!("{}/{door}/{token}", self.base_url)
        };
        Pass {
            link,
            links: PortalLinks {
                account: address("p", Purpose::Account),
                opt_out: address("u", Purpose::OptOut),
            },
        }
    }
}

impl Pass {
    /// The addresses as messages carry them.
    pub fn links(&self) -> PortalLinks {
        self.links.clone()
    }

    /// Where mail programs ask for no more messages (RFC 8058 wants https).
    pub fn one_click(&self) -> Option<String> {
        let url = &self.links.opt_out;
        url.starts_with("https://").then(|| url.clone())
    }
}

/// The first instant at which a link made at `at` opens nothing.
pub(crate) fn link_end(at: Timestamp) -> Timestamp {
    at.checked_add((LINK_DAYS * 24).hours())
        .unwrap_or(Timestamp::MAX)
}

impl Engine {
    /// The same engine, whose messages carry a link to the customer's page under this address
    /// (`https://cuentas.example.com`).
    #[must_use]
    pub fn with_portal(self, base_url: &str) -> Self {
        let base_url = base_url.trim_end_matches('/');
        Self {
            portal: Arc::new(Doors {
                base_url: (!base_url.is_empty()).then(|| base_url.to_owned()),
                key: OnceCell::new(),
            }),
            ..self
        }
    }

    /// What makes links; `None` where customers have no page.
    pub(crate) async fn gate(&self) -> Result<Option<Gate>> {
        let Some(base_url) = self.portal.base_url.clone() else {
            return Ok(None);
        };
        let key = self.portal_key().await?.clone();
        Ok(Some(Gate { base_url, key }))
    }

    /// The key of the installation, made on first use; whoever comes second takes the first one's.
    async fn portal_key(&self) -> Result<&Key> {
        let load = async || {
            if let Some(key) = portal::server_key(&self.db, KEY_NAME).await? {
                return Ok(Key::new(key));
            }
            let fresh = self.effects.secret();
            let mut tx = self.db.begin().await?;
            portal::keep_server_key(&mut tx, KEY_NAME, &fresh, self.now()).await?;
            let kept = portal::server_key(&mut tx, KEY_NAME).await?;
            tx.commit().await?;
            Ok(Key::new(kept.unwrap_or(fresh)))
        };
        self.portal.key.get_or_try_init(load).await
    }

    /// Forgets what was tried at doors long ago; how many rows.
    ///
    /// # Errors
    /// What the database says.
    pub async fn portal_housekeeping(&self) -> Result<u64> {
        let hours = domain::portal::FORGET_HOURS.hours();
        let before = self.now().checked_sub(hours).unwrap_or(Timestamp::MIN);
        let mut tx = self.db.begin().await?;
        let gone = portal::forget_before(&mut tx, before).await?;
        tx.commit().await?;
        Ok(gone)
    }
}
