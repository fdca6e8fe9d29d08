//! What left, and the record of it: proofs, messages, files.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::Report;
use super::tables::{Contact, Hex, Message, Proof, Tables};

/// Looks at the proofs, the message and the file of every contact, and for files without one.
pub fn check(tables: &Tables, outbox: Option<&Path>, report: &mut Report) {
    let mut proofs: HashMap<&Hex, Vec<&Proof>> = HashMap::new();
    for proof in &tables.proofs {
        // What people did is no contact of the machine's.
        if proof.subject == "contact" {
            proofs.entry(&proof.contact_id).or_default().push(proof);
        }
        let digest = hex(&Sha256::digest(proof.body.as_bytes()));
        report.must(digest == proof.digest.0, "proof-digest", &proof.id, || {
            "its digest is not that of its body".to_owned()
        });
        let body: Option<Value> = serde_json::from_str(&proof.body).ok();
        let kind = body.as_ref().and_then(|body| body["kind"].as_str());
        report.must(
            kind == Some(proof.kind.as_str()),
            "proof-kind",
            &proof.id,
            || format!("kept as {} with a body of {kind:?}", proof.kind),
        );
    }
    let mut messages: HashMap<&Hex, Vec<&Message>> = HashMap::new();
    for message in &tables.messages {
        if let Some(contact) = &message.contact_id {
            messages.entry(contact).or_default().push(message);
        }
        let should = message_digest(message);
        report.must(
            should == message.digest.0,
            "message-digest",
            &message.id,
            || "its digest is not that of its words".to_owned(),
        );
    }
    let mut finished: HashMap<&Hex, usize> = HashMap::new();
    let done = tables
        .events
        .iter()
        .filter(|it| it.kind == "contact.finished");
    for contact in done.filter_map(|it| it.entity.as_ref()) {
        *finished.entry(contact).or_default() += 1;
    }
    let none = (Vec::new(), Vec::new());
    for contact in &tables.contacts {
        let events = finished.get(&contact.id).copied().unwrap_or(0);
        let [_, _, results] = counts(proofs.get(&contact.id).unwrap_or(&none.0));
        report.must(events == results, "event", &contact.id, || {
            format!("{results} results and {events} events of them")
        });
        let proofs = proofs.get(&contact.id).unwrap_or(&none.0);
        let messages = messages.get(&contact.id).unwrap_or(&none.1);
        records(tables, contact, proofs, messages, report);
    }
    let contacts: BTreeSet<&Hex> = tables.contacts.iter().map(|it| &it.id).collect();
    let kept = proofs.keys().map(|it| ("proofs", *it));
    for (table, id) in kept.chain(messages.keys().map(|it| ("messages", *it))) {
        report.must(
            contacts.contains(id),
            "stray",
            format!("{table} of {id}"),
            || "there is no such contact".to_owned(),
        );
    }
    if let Some(folder) = outbox {
        files(tables, folder, &messages, report);
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// SHA-256 over subject, text and HTML, the length of each in eight bytes before it.
fn message_digest(message: &Message) -> String {
    let mut all = Vec::new();
    let parts = [
        Some(&message.subject),
        Some(&message.body_text),
        message.body_html.as_ref(),
    ];
    for part in parts.into_iter().flatten() {
        all.extend_from_slice(&(part.len() as u64).to_be_bytes());
        all.extend_from_slice(part.as_bytes());
    }
    hex(&Sha256::digest(&all))
}

/// Proofs by kind: allowed, suppressed, result.
fn counts(proofs: &[&Proof]) -> [usize; 3] {
    let count = |kind: &str| proofs.iter().filter(|it| it.kind == kind).count();
    ["allowed", "suppressed", "result"].map(count)
}

/// How often each record must be there, by the contact's state.
fn records(
    tables: &Tables,
    contact: &Contact,
    proofs: &[&Proof],
    messages: &[&Message],
    report: &mut Report,
) {
    let [allowed, suppressed, results] = counts(proofs);
    let state = contact.state.as_str();
    let (open_claims, said, stopped) = match state {
        "planned" => (0, 0, 0),
        "suppressed" => (0, 0, 1),
        "claimed" => (1, 1, 0),
        _ => (0, 1, 0),
    };
    let is_made = ["sent", "delivered", "read", "answered"].contains(&state);
    let proven = allowed == results + open_claims && suppressed == stopped;
    let proven = proven && (said == 0 || allowed > 0);
    report.must(proven, "proof-lost", &contact.id, || {
        format!("{state} with {allowed} allowed, {suppressed} suppressed, {results} result")
    });
    report.must(messages.len() == said, "message", &contact.id, || {
        format!("{state} with {} messages instead of {said}", messages.len())
    });
    let dated = contact.claimed_at.is_some() == (said == 1)
        && contact.performed_at.is_some() == (is_made || state == "unknown");
    report.must(dated, "contact-state", &contact.id, || {
        format!(
            "{state}, claimed {:?}, made {:?}",
            contact.claimed_at, contact.performed_at
        )
    });
    let mut tasks = tables
        .tasks
        .iter()
        .filter(|it| it.contact_id.as_ref() == Some(&contact.id));
    let one = tasks.any(|it| it.kind == "unknown_outcome") && tasks.next().is_none();
    report.must(state != "unknown" || one, "task", &contact.id, || {
        "nobody knows whether it left, and no one task says so".to_owned()
    });
    let whose = proofs.iter().map(|it| &it.customer_id);
    let mut whose = whose.chain(messages.iter().map(|it| &it.customer_id));
    report.must(
        whose.all(|it| *it == contact.customer_id),
        "owner",
        &contact.id,
        || "a proof or message of it is another customer's".to_owned(),
    );
    for message in messages {
        message_is_the_proven_one(contact, message, proofs, report);
    }
}

/// The last permission names the words that were kept, and the words tell each document's amount.
fn message_is_the_proven_one(
    contact: &Contact,
    message: &Message,
    proofs: &[&Proof],
    report: &mut Report,
) {
    let allowed = proofs.iter().filter(|it| it.kind == "allowed");
    let proven = allowed.into_iter().any(|it| {
        let body: Value = serde_json::from_str(&it.body).unwrap_or_default();
        body["body"]["message"]["digest"].as_str() == Some(message.digest.0.as_str())
    });
    report.must(proven, "message-unproven", &contact.id, || {
        "no proof allows these very words".to_owned()
    });
    let content: Value = serde_json::from_str(&contact.content).unwrap_or_default();
    let lines = content["documents"].as_array().into_iter().flatten();
    for line in lines {
        let number = line["invoice"].as_str().unwrap_or_default();
        let amount = thousands(line["amount"]["amount"].as_str().unwrap_or_default());
        let told = message.body_text.contains(number) && message.body_text.contains(&amount);
        report.must(told, "message-amount", &contact.id, || {
            format!("its text does not tell {number} with {amount}")
        });
    }
}

/// `1,234.56` of `1234.56`.
fn thousands(amount: &str) -> String {
    let (whole, part) = amount.split_once('.').unwrap_or((amount, "00"));
    let mut grouped = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{grouped}.{part}")
}

/// Exactly one file for each contact that left for the folder, none for any other.
fn files(
    tables: &Tables,
    folder: &Path,
    messages: &HashMap<&Hex, Vec<&Message>>,
    report: &mut Report,
) {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    for name in entries.map(|entry| entry.file_name().to_string_lossy().into_owned()) {
        let id = name
            .trim_start_matches('.')
            .split('.')
            .next()
            .unwrap_or_default();
        found.entry(id.replace('-', "")).or_default().push(name);
    }
    for contact in &tables.contacts {
        let mine = found.remove(&contact.id.0).unwrap_or_default();
        let via: Value = serde_json::from_str(&contact.content).unwrap_or_default();
        let whole = mine
            .iter()
            .filter(|name| name.ends_with(".eml") && !name.starts_with('.'));
        let whole = whole.count();
        match contact.state.as_str() {
            "sent" | "delivered" | "read" | "answered" if via["via"] == "outbox" => {
                report.must(whole == 1 && mine.len() == 1, "file", &contact.id, || {
                    format!("sent, with files {mine:?}")
                });
                let address = messages.get(&contact.id).and_then(|it| it.first());
                let address = address.map_or("?", |it| it.address.as_str());
                let text = std::fs::read(folder.join(mine.first().map_or("", |it| it)));
                let text = String::from_utf8_lossy(&text.unwrap_or_default()).into_owned();
                report.must(text.contains(address), "file", &contact.id, || {
                    format!("its file is not written to {address}")
                });
            }
            // It may have been killed between the file and its record.
            "claimed" => {}
            // A part that was never finished is hidden and no message.
            state => report.must(whole == 0, "file", &contact.id, || {
                format!("{state}, with files {mine:?}")
            }),
        }
    }
    for (_, names) in found {
        for name in names {
            report.say("stray", format!("file {name}"), "it is of no contact");
        }
    }
}
