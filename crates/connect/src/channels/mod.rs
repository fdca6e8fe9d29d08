//! Ways to reach a customer: today e-mail, over SMTP or into a folder of files.

pub mod email;
pub mod outbox;
pub mod smtp;

pub use email::{BuiltEmail, EmailError, Mailbox, OutgoingEmail};
pub use outbox::{Outbox, OutboxError};
pub use smtp::{RecipientRefusal, Security, SendOutcome, Smtp, SmtpConfig, SmtpConfigError};
