//! The registry of typed ids. Each is a UUIDv7 made by the application, never by the database.
//!
//! Alphabetical and append-only: an id that goes out of use keeps its name.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

macro_rules! id_type {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a UUID that is known to identify this kind of thing.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID as stored.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = String::deserialize(from)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    )*};
}

id_type! {
    /// One laying of money on a document.
    ApplicationId;
    /// An account of the company at a bank.
    BankAccountId;
    /// What a bank wrote of an account for some days.
    BankStatementId;
    /// One line of it.
    BankTransactionId;
    /// The creditor; the tenant.
    CompanyId;
    /// One attempt to reach a customer on one channel.
    ContactId;
    /// One address of a customer.
    ContactPointId;
    /// The debtor.
    CustomerId;
    /// What a run decided for one customer.
    DecisionId;
    /// An invoice, debit note or credit note.
    DocumentId;
    /// One line of the append-only log.
    EventId;
    /// A file kept with what it belongs to.
    FileId;
    /// An interval in which a part of the debt is not chased.
    HoldId;
    /// One reading of one file.
    ImportId;
    /// What a line of a bank is taken to pay.
    MatchId;
    /// What someone wrote down about a customer.
    NoteId;
    /// What a customer says was paid already.
    PaymentClaimId;
    /// Money that came in.
    PaymentId;
    /// A customer's way to its own page.
    PortalLinkId;
    /// What a customer said would be paid, and when.
    PromiseId;
    /// The record why a contact was allowed, or why it was not made.
    ProofId;
    /// A row that could not be read.
    QuarantineId;
    /// One evaluation of the policy for a company at an instant.
    RunId;
    /// A list someone keeps by name.
    SavedViewId;
    /// One sitting of a user at the console.
    SessionId;
    /// Something a person has to look at.
    TaskId;
    /// Someone who works at the console.
    UserId;
}

/// Builds a UUIDv7 from its parts (RFC 9562 §5.7): milliseconds since the Unix epoch and 74 random
/// bits out of `random` (six of the eighty are overwritten by version and variant).
///
/// ```
/// let uuid = domain::ids::uuid_v7(1_763_700_000_000, [7; 10]);
/// assert_eq!(uuid.get_version_num(), 7);
/// ```
pub fn uuid_v7(unix_milliseconds: u64, random: [u8; 10]) -> Uuid {
    uuid::Builder::from_unix_timestamp_millis(unix_milliseconds, &random).into_uuid()
}

/// The id of what is known by its content alone: the same content is the same thing. A UUIDv8
/// (RFC 9562 §5.8) of the first bytes of a digest.
///
/// ```
/// let uuid = domain::ids::uuid_of_content(&[7; 32]);
/// assert_eq!(uuid.get_version_num(), 8);
/// ```
pub fn uuid_of_content(digest: &[u8; 32]) -> Uuid {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}
