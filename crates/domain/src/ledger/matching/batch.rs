//! Many lines, one after the other in an order of their own.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::confidence::{Fit, Naming, PayerKnown, odds};
use super::fit::Scene;
use super::hypotheses::{self, Case, Hypothesis};
use super::index::Index;
use super::mentions::{self, Mentions};
use super::payer::{self, Leads};
use super::{
    ALTERNATIVES_MAX, Alternative, Evidence, Incoming, Laid, Proposal, Reason, Refused, Rules,
    Target, Verdict,
};
use crate::money::{Currency, Money};

/// How far behind, in thousandths of a nat, the second way must be for the first to be safe: a
/// twentieth of its odds.
const LEAD_MIN: i64 = 3_000;
/// Confidence in millionths below which a line is unmatched.
const PROPOSE_FROM_PPM: u32 = 50_000;

/// What the lines applied so far took of the documents.
#[derive(Clone, Debug, Default)]
pub struct Opens {
    taken: HashMap<u32, i64>,
    touched: HashMap<u32, Vec<u32>>,
}

impl Opens {
    pub fn open(&self, index: &Index, item: u32) -> i64 {
        index.item(item).open - self.taken.get(&item).copied().unwrap_or(0)
    }

    /// A customer's documents of which something was taken.
    pub fn touched(&self, customer: u32) -> impl Iterator<Item = u32> + '_ {
        self.touched.get(&customer).into_iter().flatten().copied()
    }

    fn take(&mut self, index: &Index, item: u32, minor: i64) {
        *self.taken.entry(item).or_default() += minor;
        let customer = index.item(item).customer;
        self.touched.entry(customer).or_default().push(item);
    }
}

/// What was read out of a line.
struct Read {
    mentions: Mentions,
    leads: Leads,
}

type Twin = (u32, Currency, i64);

impl Read {
    /// What names documents comes first, what gives digits of them second.
    fn rank(&self) -> u8 {
        let best = self.mentions.named.iter().map(|it| it.naming).max();
        match best.unwrap_or_default() {
            Naming::Number | Naming::Certain => 0,
            Naming::Fragment => 1,
            Naming::None | Naming::Typo => 2,
        }
    }

    /// By what equal lines of one payer that name nothing are counted.
    fn twin(&self, line: &Incoming) -> Option<Twin> {
        let first = self.leads.all.first()?;
        let known = first.known >= PayerKnown::ByName && self.rank() == 2;
        known.then_some((first.customer, line.amount.currency, line.amount.minor))
    }
}

impl Index {
    /// What should become of each line, in the order of `lines`. Lines of no positive amount are
    /// unmatched. `refused` is what people undid, of these lines and others.
    pub fn match_lines(
        &self,
        lines: &[Incoming],
        rules: &Rules,
        refused: &[Refused],
    ) -> Vec<Proposal> {
        let reads: Vec<Read> = lines
            .iter()
            .map(|line| Read {
                mentions: mentions::read(self, line),
                leads: payer::read(self, line),
            })
            .collect();
        let mut order: Vec<usize> = (0..lines.len()).collect();
        order.sort_by(|a, b| {
            let rank = reads[*a].rank().cmp(&reads[*b].rank());
            rank.then_with(|| before(&lines[*a], &lines[*b]))
        });
        let mut twins: HashMap<Twin, usize> = HashMap::new();
        for (line, read) in lines.iter().zip(&reads) {
            if let Some(twin) = read.twin(line) {
                *twins.entry(twin).or_default() += 1;
            }
        }
        let mut undone: HashMap<&str, Vec<Target>> = HashMap::new();
        for it in refused {
            undone.entry(&it.incoming).or_default().push(it.target);
        }
        let mut opens = Opens::default();
        let mut proposals: Vec<Option<Proposal>> = lines.iter().map(|_| None).collect();
        for at in order {
            let (line, read) = (&lines[at], &reads[at]);
            let left = read.twin(line).and_then(|twin| twins.get_mut(&twin));
            let twins = left.map_or(0, |left| {
                *left -= 1;
                *left + 1
            });
            let case = Case {
                scene: Scene {
                    index: self,
                    line,
                    rules,
                    opens: &opens,
                },
                mentions: &read.mentions,
                leads: &read.leads,
                twins,
            };
            let undone = undone.get(line.id.as_str());
            let ways = weigh(self, hypotheses_of(&case), undone, rules);
            let proposal = propose(self, line, &ways);
            if proposal.verdict == Verdict::Applied {
                for part in ways.first().iter().flat_map(|(best, _)| &best.parts) {
                    opens.take(self, part.item, part.minor);
                }
            }
            proposals[at] = Some(proposal);
        }
        proposals.into_iter().flatten().collect()
    }
}

fn hypotheses_of(case: &Case<'_>) -> Vec<Hypothesis> {
    if case.scene.amount() <= 0 {
        return Vec::new();
    }
    hypotheses::of(case)
}

/// The order of two lines by all that they say, so that only equal ones depend on their ids.
fn before(a: &Incoming, b: &Incoming) -> Ordering {
    (a.on, a.amount.currency, a.amount.minor)
        .cmp(&(b.on, b.amount.currency, b.amount.minor))
        .then_with(|| a.texts.cmp(&b.texts))
        .then_with(|| a.end_to_end.cmp(&b.end_to_end))
        .then_with(|| a.creditor_references.cmp(&b.creditor_references))
        .then_with(|| a.documents.cmp(&b.documents))
        .then_with(|| a.payer.cmp(&b.payer))
        .then_with(|| a.virtual_account.cmp(&b.virtual_account))
        .then_with(|| a.id.cmp(&b.id))
}

/// The ways that stand, the likeliest first, each with its confidence in millionths.
fn weigh(
    index: &Index,
    mut ways: Vec<Hypothesis>,
    refused: Option<&Vec<Target>>,
    rules: &Rules,
) -> Vec<(Hypothesis, u32)> {
    if let Some(targets) = refused {
        ways.retain(|way| !targets.iter().any(|target| is_hit(index, way, *target)));
        for way in &mut ways {
            way.against.push(Reason::UndoneBefore);
        }
    }
    ways.sort_by(|a, b| {
        let id = |it: &Hypothesis| it.customer.map(|at| index.debtor(at).id);
        let parts = |it: &Hypothesis| it.parts.iter().map(|part| part.item).collect::<Vec<_>>();
        b.score
            .cmp(&a.score)
            .then_with(|| id(a).cmp(&id(b)))
            .then_with(|| parts(a).cmp(&parts(b)))
    });
    let mut kept: Vec<Hypothesis> = Vec::with_capacity(ways.len());
    for way in ways {
        let same = |it: &Hypothesis| it.customer == way.customer && it.parts == way.parts;
        if !kept.iter().any(same) {
            kept.push(way);
        }
    }
    let all: u128 = 1_000_000
        + kept
            .iter()
            .map(|it| u128::from(odds(it.score)))
            .sum::<u128>();
    let best = kept.first().map_or(0, |it| it.score);
    let near = kept.iter().filter(|it| best - it.score < LEAD_MIN).count();
    let mut weighed = Vec::with_capacity(kept.len());
    for mut way in kept {
        let share = u128::from(odds(way.score)) * 1_000_000 / all;
        let ppm = u32::try_from(share).unwrap_or(0);
        if near > 1 && best - way.score < LEAD_MIN {
            way.against.push(Reason::SeveralFit { count: near });
        }
        if ppm < rules.apply_from_ppm {
            let apply_from_ppm = rules.apply_from_ppm;
            way.against.push(Reason::BelowThreshold { apply_from_ppm });
        }
        weighed.push((way, ppm));
    }
    weighed
}

fn is_hit(index: &Index, way: &Hypothesis, target: Target) -> bool {
    match target {
        Target::Document(id) => way.parts.iter().any(|part| index.item(part.item).id == id),
        Target::Customer(id) => way.customer.is_some_and(|at| index.debtor(at).id == id),
    }
}

fn propose(index: &Index, line: &Incoming, ways: &[(Hypothesis, u32)]) -> Proposal {
    let mut alternatives: Vec<Alternative> = ways
        .iter()
        .take(ALTERNATIVES_MAX + 1)
        .map(|(way, ppm)| alternative(index, line, way, *ppm))
        .collect();
    let best = ways.first().filter(|(way, ppm)| {
        *ppm >= PROPOSE_FROM_PPM || (way.fit == Fit::Nothing && way.known >= PayerKnown::ByName)
    });
    let Some((way, ppm)) = best else {
        return Proposal {
            incoming: line.id.clone(),
            verdict: Verdict::Unmatched,
            customer: None,
            confidence_ppm: 0,
            applications: Vec::new(),
            surplus: line.amount,
            reasons: vec![Reason::UnknownPayer],
            evidence: None,
            alternatives,
        };
    };
    let below = |it: &Reason| matches!(it, Reason::BelowThreshold { .. });
    let stopped = way.against.iter().any(|it| it.forbids() || below(it))
        || way.reasons.iter().any(Reason::forbids);
    let first = alternatives.remove(0);
    Proposal {
        incoming: line.id.clone(),
        verdict: if stopped {
            Verdict::Proposed
        } else {
            Verdict::Applied
        },
        customer: first.customer,
        confidence_ppm: *ppm,
        applications: first.applications,
        surplus: first.surplus,
        reasons: first.reasons,
        evidence: Some(Evidence {
            payer: way.known,
            naming: way.naming,
            fit: way.fit,
            rarity: way.rarity,
            doubts: few(way.against.iter().filter(|it| it.forbids()).count()),
            ways: few(ways.len()),
        }),
        alternatives,
    }
}

fn few(count: usize) -> u8 {
    u8::try_from(count).unwrap_or(u8::MAX)
}

fn alternative(index: &Index, line: &Incoming, way: &Hypothesis, ppm: u32) -> Alternative {
    let laid = |part: &super::fit::Part| {
        let item = index.item(part.item);
        Laid {
            document: item.id,
            on: line.on.max(item.issued),
            minor: part.minor,
            paid: part.paid,
            closes_by: part.closes_by.clone(),
        }
    };
    Alternative {
        customer: way.customer.map(|at| index.debtor(at).id),
        confidence_ppm: ppm,
        applications: way.parts.iter().map(laid).collect(),
        surplus: Money::new(way.surplus, line.amount.currency),
        reasons: way.reasons.iter().chain(&way.against).cloned().collect(),
    }
}
