//! What was done, as `puntual export contacts` tells it: a line of JSON each.

use jiff::Timestamp;
use serde_json::Value;

/// Everything that was done, in the order of time.
#[derive(Clone, Debug, Default)]
pub struct Book {
    /// Contacts that were made, or may have been.
    pub made: Vec<Made>,
    /// Contacts that were planned and not made, with the reason.
    pub suppressed: Vec<(String, String)>,
    /// Contacts that still wait.
    pub waiting: usize,
}

/// A contact that was made.
#[derive(Clone, Debug)]
#[expect(
    missing_docs,
    reason = "each says what it is by its name, or in the line above it"
)]
pub struct Made {
    pub id: String,
    pub customer: String,
    pub at: Timestamp,
    pub channel: String,
    /// The address it went to, with those of the copies.
    pub addresses: Vec<String>,
    /// Whether the customer began it.
    pub incoming: bool,
    /// `attempt`, `not_connected`, `delivered`, `conversation`.
    pub outcome: String,
    /// What it was for, read from its step.
    pub kind: &'static str,
    /// Numbers of the documents it speaks of.
    pub documents: Vec<String>,
    /// Whether a manager answered for it against the verdict.
    pub is_overridden: bool,
    /// What the program says it asked the law.
    pub facts: Value,
    pub attempt: Value,
}

impl Book {
    /// Reads the lines.
    ///
    /// # Panics
    /// For a line that is no contact.
    pub fn read(lines: &[Value]) -> Self {
        let mut book = Self::default();
        for line in lines {
            let text = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
            let state = text("state");
            match state.as_str() {
                "planned" => book.waiting += 1,
                "suppressed" => {
                    let reason = line["reasons"][0].as_str().unwrap_or("?");
                    book.suppressed.push((text("customer"), reason.to_owned()));
                }
                _ => book.made.extend(made(line, &state)),
            }
        }
        let order = |it: &Made| (it.at, it.id.clone());
        book.made.sort_by_cached_key(order);
        book
    }
}

/// A line of a contact that may have left; `None` for one that was taken up and given back.
fn made(line: &Value, state: &str) -> Option<Made> {
    let text = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
    let left = ["sent_at", "claimed_at"];
    let at: Timestamp = left
        .iter()
        .find_map(|key| line[*key].as_str()?.parse().ok())?;
    let addresses = |key: &str| match &line[key] {
        Value::String(one) => vec![one.clone()],
        Value::Array(all) => all
            .iter()
            .filter_map(|it| it.as_str().map(str::to_owned))
            .collect(),
        _ => Vec::new(),
    };
    let outcome = match line["outcome"].as_str().unwrap_or(state) {
        "delivered" | "read" => "delivered",
        "answered" | "conversation" => "conversation",
        "failed" | "not_connected" => "not_connected",
        _ => "attempt",
    };
    let numbers = |key: &str| {
        let documents = line[key].as_array().cloned().unwrap_or_default();
        let number = |it: &Value| it["invoice"].as_str().map(str::to_owned);
        documents.iter().filter_map(number).collect::<Vec<_>>()
    };
    Some(Made {
        id: text("id"),
        customer: text("customer"),
        at,
        channel: text("channel"),
        addresses: [addresses("address"), addresses("copies")].concat(),
        incoming: line["direction"] == "in",
        outcome: outcome.to_owned(),
        kind: if text("step").starts_with("gracias") {
            "transaction_confirmation"
        } else {
            "collection"
        },
        documents: [numbers("documents"), numbers("upcoming")].concat(),
        is_overridden: line["override"].is_string(),
        facts: line["facts"].clone(),
        attempt: line["try"].clone(),
    })
}
