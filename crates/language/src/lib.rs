//! Words, pure: what Puntual writes to customers.
//!
//! | Question | Room |
//! |---|---|
//! | How does this country write an amount or a day? | [`figures`] |
//! | What may a message say? | [`message`] |
//! | Does a message say what the law asks, and nothing it forbids? | [`message_check`] |
//! | How do a template and its facts become a message? | [`templates`] |
//! | In which language? | [`choice`] |
//! | What does the message with a code for the customer's own page say? | [`code`] |
//! | What does a reply of one lone phrase say? | [`reply`] |
//! | How does a statement of account read? | [`statement`] |
//! | How does a record become a PDF? | [`paper`] |

pub mod choice;
pub mod code;
pub mod figures;
pub mod message;
pub mod message_check;
pub mod paper;
pub mod reply;
pub mod statement;
pub mod templates;

pub use choice::choose_language;
pub use message::MessageContext;
pub use templates::{Rendered, TemplateError, Templates};
