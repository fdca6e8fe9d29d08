//! Proposals against the truth.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use domain::ids::DocumentId;
use domain::ledger::matching::{Evidence, Proposal, Verdict};

/// What a line really pays.
pub struct Truth {
    /// What kind of line it is.
    pub kind: String,
    /// Whether a matcher can know.
    pub matchable: bool,
    /// The documents with what they get, in any order.
    pub pays: Vec<(DocumentId, i64)>,
    /// Documents that nothing tells apart from the one paid: where as many equal lines come in, it
    /// is the same which pays which.
    pub twins: Vec<DocumentId>,
}

/// How a statement went.
#[derive(Default)]
pub struct Score {
    /// By kind: lines, applied, applied rightly, proposed rightly.
    pub kinds: BTreeMap<String, [u32; 4]>,
    pub applied: u32,
    pub right: u32,
    pub matchable: u32,
    pub found: u32,
    /// By upper end of confidence in hundredths of a per cent: proposals, right ones, sum of
    /// confidence.
    pub reliability: BTreeMap<u32, (u32, u32, u64)>,
    /// By evidence: proposals, right ones.
    pub evidence: BTreeMap<Evidence, (u32, u32)>,
    pub wrong: Vec<String>,
}

/// Ends of the classes of confidence, in millionths.
const CLASSES: [u32; 9] = [
    200_000, 500_000, 800_000, 900_000, 950_000, 990_000, 997_000, 999_000, 1_000_000,
];

impl Score {
    pub fn add(&mut self, proposal: &Proposal, truth: &Truth) {
        let mut laid: Vec<(DocumentId, i64)> = proposal
            .applications
            .iter()
            .map(|it| (it.document, it.minor))
            .collect();
        let mut pays = truth.pays.clone();
        laid.sort_unstable();
        pays.sort_unstable();
        let applied = proposal.verdict == Verdict::Applied;
        let twin = |it: &(DocumentId, i64)| truth.twins.contains(&it.0) && it.1 == pays[0].1;
        let right = laid == pays || (applied && laid.len() == 1 && laid.iter().all(twin));
        let row = self.kinds.entry(truth.kind.clone()).or_default();
        row[0] += 1;
        row[1] += u32::from(applied);
        row[2] += u32::from(applied && right);
        row[3] += u32::from(!applied && right && !laid.is_empty());
        self.applied += u32::from(applied);
        self.right += u32::from(applied && right);
        self.matchable += u32::from(truth.matchable);
        self.found += u32::from(truth.matchable && applied && right);
        if applied && !right && self.wrong.len() < 3 {
            let reasons: Vec<String> = proposal.reasons.iter().map(|it| it.sentence()).collect();
            self.wrong.push(format!(
                "{} {}: {laid:?} instead of {pays:?} at {}: {}",
                truth.kind,
                proposal.incoming,
                proposal.confidence_ppm,
                reasons.join(" ")
            ));
        }
        if laid.is_empty() {
            return;
        }
        let class = CLASSES.iter().find(|end| proposal.confidence_ppm <= **end);
        let row = self
            .reliability
            .entry(class.copied().unwrap_or(1_000_000))
            .or_default();
        row.0 += 1;
        row.1 += u32::from(right);
        row.2 += u64::from(proposal.confidence_ppm);
        if let Some(evidence) = proposal.evidence {
            let row = self.evidence.entry(evidence).or_default();
            row.0 += 1;
            row.1 += u32::from(right);
        }
    }

    pub fn add_all(&mut self, other: Self) {
        for (kind, row) in other.kinds {
            let mine = self.kinds.entry(kind).or_default();
            mine.iter_mut().zip(row).for_each(|(a, b)| *a += b);
        }
        self.applied += other.applied;
        self.right += other.right;
        self.matchable += other.matchable;
        self.found += other.found;
        for (class, row) in other.reliability {
            let mine = self.reliability.entry(class).or_default();
            *mine = (mine.0 + row.0, mine.1 + row.1, mine.2 + row.2);
        }
        for (evidence, row) in other.evidence {
            let mine = self.evidence.entry(evidence).or_default();
            *mine = (mine.0 + row.0, mine.1 + row.1);
        }
        self.wrong.extend(other.wrong);
        self.wrong.truncate(40);
    }

    /// Of ten thousand applied lines, how many are right.
    pub fn precision(&self) -> u32 {
        (self.right * 10_000)
            .checked_div(self.applied)
            .unwrap_or(10_000)
    }

    /// Of ten thousand lines that can be known, how many are applied rightly.
    pub fn recall(&self) -> u32 {
        (self.found * 10_000)
            .checked_div(self.matchable)
            .unwrap_or(10_000)
    }

    pub fn table(&self) -> String {
        let mut text = format!(
            "applied {} right {} precision {}/10000; matchable {} found {} recall {}/10000\n",
            self.applied,
            self.right,
            self.precision(),
            self.matchable,
            self.found,
            self.recall()
        );
        for (kind, [all, applied, right, proposed]) in &self.kinds {
            let _ = writeln!(
                text,
                "{kind:>16} {all:6} applied {applied:6} right {right:6} proposed rightly {proposed}"
            );
        }
        for (class, (all, right, sum)) in &self.reliability {
            let _ = writeln!(
                text,
                "up to {class:>8}: {all:6} proposals, said {:>8}, were {:>8}",
                sum / u64::from(*all),
                u64::from(*right) * 1_000_000 / u64::from(*all),
            );
        }
        for wrong in &self.wrong {
            let _ = writeln!(text, "WRONG {wrong}");
        }
        text
    }
}
