//! What was checked, as a table to read.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::book::Book;
use super::walk::Reading;

/// What a walk looked at and found: contacts by country and channel, how often each rule was asked,
/// silences by reason, and what should not have happened.
pub fn table(book: &Book, reading: &Reading) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "contacts held against the statutes");
    for ((country, channel), count) in &reading.contacts {
        let _ = writeln!(text, "  {country} {channel:<9} {count:>7}");
    }
    let _ = writeln!(text, "statutes asked");
    for ((country, statute), count) in &reading.asked {
        let _ = writeln!(text, "  {country} {statute:<20} {count:>7}");
    }
    let mut reasons: BTreeMap<&str, u64> = BTreeMap::new();
    for (_, reason) in &book.suppressed {
        *reasons.entry(reason).or_default() += 1;
    }
    let _ = writeln!(text, "planned and not made; {} still wait", book.waiting);
    for (reason, count) in reasons {
        let _ = writeln!(text, "  {reason:<24} {count:>7}");
    }
    let rules: BTreeSet<&str> = reading.faults.iter().map(|it| it.rule.as_str()).collect();
    let _ = writeln!(text, "faults: {}", reading.faults.len());
    for rule in rules {
        let of_rule: Vec<_> = reading.faults.iter().filter(|it| it.rule == rule).collect();
        let _ = writeln!(text, "  {rule:<32} {:>5}", of_rule.len());
        for fault in of_rule.iter().take(3) {
            let _ = writeln!(
                text,
                "      {} {} {}: {}",
                fault.country, fault.customer, fault.contact, fault.what
            );
        }
    }
    text
}
