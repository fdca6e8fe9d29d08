//! What the law held back, moved and nearly missed: for whoever answers for it. Counts come from
//! the last run, rows from bounded stretches of small indexes; no proof is looked for.

use std::collections::HashMap;

use domain::ids::{CustomerId, RunId};
use domain::law::{Attempt, PastAttempt, Rule, RuleKind, Scenario, Verdict};
use jiff::{Timestamp, ToSpan};
use serde_json::Value;
use store::outbox::{self, Cursor, Filter, Listed, Shelf};
use store::positions::{Slice, positions};
use store::proofs;
use store::runs::{self, Run};

use crate::company::Company;
use crate::daily_run::RunSummary;
use crate::{Engine, Error, Result};

/// Contacts looked at for one page.
pub const LOOKED_MAX: u32 = 100;
/// A contact made so many minutes before its window closes is a near miss.
pub const EDGE_MINUTES: i64 = 30;
/// Longer than any pack counts back.
const HISTORY_DAYS: i64 = 60;
/// Reasons for which the law suppresses a contact at the last moment.
const SUPPRESSED: [&str; 2] = ["unlawful", "out_of_hours"];

/// A rule as people read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleLine {
    /// Its id, `CL-LPC-37/window`.
    pub id: String,
    /// The legal text it rests on.
    pub article: String,
    /// How well it is proven.
    pub tier: String,
    /// Why it denies, in Spanish.
    pub sentence: String,
}

impl RuleLine {
    fn of(rule: &Rule) -> Self {
        Self {
            id: rule.id.clone(),
            article: rule.article.clone(),
            tier: rule.tier.code().to_owned(),
            sentence: rule.sentence.clone(),
        }
    }

    /// As a proof keeps it.
    fn read(value: &Value) -> Option<Self> {
        let text = |name: &str| value[name].as_str().map(str::to_owned);
        Some(Self {
            id: text("rule")?,
            article: text("article")?,
            tier: text("tier")?,
            sentence: text("sentence")?,
        })
    }
}

/// What the last run that ended held back.
#[derive(Clone, Debug)]
pub struct HeldBack {
    /// The run.
    pub run: Run,
    /// Customers for whom the law left no instant.
    pub customers: u64,
    /// The rules that stood in the way, each with how many customers, the most first. One customer
    /// may meet several.
    pub rules: Vec<(RuleLine, u64)>,
}

/// A contact that was planned and that the law stopped at the last moment.
#[derive(Clone, Debug)]
pub struct Stopped {
    /// The contact.
    pub contact: Listed,
    /// The rules that stopped it; none where it was only the hour.
    pub rules: Vec<RuleLine>,
}

/// How near a contact came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// The law moved it from the instant of its run to a later one.
    Moved {
        /// That instant.
        from: Timestamp,
    },
    /// It was made within [`EDGE_MINUTES`] of the end of the hours in which it is allowed.
    EndOfHours,
    /// It was the last one that a limit allowed.
    LastAllowed,
}

/// A contact that came near an edge, with the rules that drew it.
#[derive(Clone, Debug)]
pub struct AtEdge {
    /// The contact.
    pub contact: Listed,
    /// Which edge.
    pub edge: Edge,
    /// The rules.
    pub rules: Vec<RuleLine>,
}

/// A stretch of the contacts that were made, newest first.
#[derive(Clone, Debug, Default)]
pub struct Edges {
    /// Those that came near an edge.
    pub rows: Vec<AtEdge>,
    /// How many were looked at.
    pub looked: usize,
    /// Where the next stretch begins.
    pub next: Option<Cursor>,
}

impl Engine {
    /// What the last run that ended held back; `None` before the first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn held_by_law(&self, company: &Company) -> Result<Option<HeldBack>> {
        let latest = runs::latest(&self.db, company.id, 5).await?;
        let Some(run) = latest.into_iter().find(|run| run.finished_at.is_some()) else {
            return Ok(None);
        };
        let summary: RunSummary =
            serde_json::from_value(run.summary.clone()).map_err(Error::json)?;
        let known: HashMap<String, RuleLine> = company
            .packs
            .regimes()
            .flat_map(|regime| regime.rules())
            .map(|rule| (rule.id.clone(), RuleLine::of(rule)))
            .collect();
        let rules = summary.by_rule.iter().map(|(id, count)| {
            // A rule of an earlier version of the law is named all the same.
            let line = known.get(id).cloned().unwrap_or_else(|| RuleLine {
                id: id.clone(),
                article: String::new(),
                tier: String::new(),
                sentence: id.clone(),
            });
            (line, *count)
        });
        let mut rules: Vec<(RuleLine, u64)> = rules.collect();
        rules.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.id.cmp(&b.0.id)));
        let customers = summary.silences.get("unlawful").copied().unwrap_or(0);
        Ok(Some(HeldBack {
            run,
            customers,
            rules,
        }))
    }

    /// The latest contacts that the law stopped at the last moment, of a bounded stretch of those
    /// that were not made.
    ///
    /// # Errors
    /// What the database says.
    pub async fn stopped_by_law(&self, company: &Company) -> Result<Vec<Stopped>> {
        let mut found = Vec::new();
        for reason in SUPPRESSED {
            let filter = Filter {
                reason: Some(reason.to_owned()),
                ..Filter::default()
            };
            let shelf = (Shelf::Suppressed, &filter);
            let page = outbox::page(&self.db, company.id, shelf, None, LOOKED_MAX).await?;
            found.extend(page.rows);
        }
        found.sort_by_key(|row| std::cmp::Reverse((row.at, row.id)));
        found.truncate(LOOKED_MAX as usize);
        let ids: Vec<_> = found.iter().map(|row| row.id).collect();
        let mut rules: HashMap<_, Vec<RuleLine>> = HashMap::new();
        for proof in proofs::of_contacts(&self.db, company.id, &ids).await? {
            let body: Value = serde_json::from_str(&proof.body).map_err(Error::json)?;
            let reasons = body["silence"]["law"]["reasons"].as_array();
            let read = reasons.into_iter().flatten().filter_map(RuleLine::read);
            rules.entry(proof.contact).or_default().extend(read);
        }
        let stopped = found.into_iter().map(|contact| Stopped {
            rules: rules.remove(&contact.id).unwrap_or_default(),
            contact,
        });
        Ok(stopped.collect())
    }

    /// The contacts of a stretch that came near an edge of the law: each is asked again, with what
    /// had been done before it, for the instant of its run, a little later, and once more.
    ///
    /// # Errors
    /// What the database says.
    pub async fn near_the_edge(&self, company: &Company, after: Option<Cursor>) -> Result<Edges> {
        let filter = Filter::default();
        let shelf = (Shelf::Sent, &filter);
        let page = outbox::page(&self.db, company.id, shelf, after, LOOKED_MAX).await?;
        let mut edges = Edges {
            looked: page.rows.len(),
            next: page.next,
            rows: Vec::new(),
        };
        let past = self.history_of(company, &page.rows).await?;
        let began = self.instants_of_runs(company, &page.rows).await?;
        for contact in page.rows {
            let Some(made) = contact.performed_at else {
                continue;
            };
            let before = past.get(&contact.customer).map_or(&[][..], Vec::as_slice);
            let run = began.get(&contact.run).copied();
            let found = edges_of(company, &contact, before, (made, run));
            edges
                .rows
                .extend(found.into_iter().map(|(edge, rules)| AtEdge {
                    contact: contact.clone(),
                    edge,
                    rules,
                }));
        }
        Ok(edges)
    }

    /// What the law counts of each customer of some contacts.
    async fn history_of(
        &self,
        company: &Company,
        contacts: &[Listed],
    ) -> Result<HashMap<CustomerId, Vec<PastAttempt>>> {
        let mut ids: Vec<CustomerId> = contacts.iter().map(|it| it.customer).collect();
        ids.sort_unstable();
        ids.dedup();
        let earliest = contacts.iter().filter_map(|it| it.performed_at).min();
        let day = company.day_of(earliest.unwrap_or_else(|| self.now()));
        let horizon = Some(day.saturating_sub(HISTORY_DAYS.days()));
        let standings = positions(&self.db, company.id, Slice::Only(ids), horizon).await?;
        let of = standings
            .into_iter()
            .map(|it| (it.position.customer.id, it.position.attempts(None)));
        Ok(of.collect())
    }

    async fn instants_of_runs(
        &self,
        company: &Company,
        contacts: &[Listed],
    ) -> Result<HashMap<RunId, Timestamp>> {
        let mut ids: Vec<RunId> = contacts.iter().map(|it| it.run).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut all = HashMap::new();
        for id in ids {
            if let Some(run) = runs::get(&self.db, company.id, id).await? {
                all.insert(id, run.at);
            }
        }
        Ok(all)
    }
}

/// Which edges a contact came near, with the rules that drew them.
fn edges_of(
    company: &Company,
    contact: &Listed,
    past: &[PastAttempt],
    (made, run): (Timestamp, Option<Timestamp>),
) -> Vec<(Edge, Vec<RuleLine>)> {
    let Some((facts, attempt)) = question(&contact.content) else {
        return Vec::new();
    };
    let law = company.packs.applicable(&facts);
    let until = |at: Timestamp| -> Vec<PastAttempt> {
        let before = past.iter().filter(|it| is_before(it, at)).cloned();
        before.collect()
    };
    let ask = |at: Timestamp, history: &[PastAttempt]| -> Verdict {
        let attempt = Attempt {
            at: at.into(),
            ..attempt.clone()
        };
        law.verdict(history, &attempt)
    };
    let of_kinds = |verdict: &Verdict, kinds: &[RuleKind]| -> Vec<RuleLine> {
        let failed = verdict.failures.iter();
        let failed = failed.filter(|rule| kinds.contains(&rule.kind));
        failed.map(|rule| RuleLine::of(rule)).collect()
    };
    let mut found = Vec::new();
    let mut add = |edge, rules: Vec<RuleLine>| {
        if !rules.is_empty() {
            found.push((edge, rules));
        }
    };
    if let Some(from) = run.filter(|from| *from < contact.planned_at) {
        let verdict = ask(from, &until(from));
        let rules = verdict.failures.iter().map(|rule| RuleLine::of(rule));
        add(Edge::Moved { from }, rules.collect());
    }
    let later = made.checked_add(EDGE_MINUTES.minutes()).unwrap_or(made);
    let hours = of_kinds(&ask(later, &until(made)), &[RuleKind::Window]);
    add(Edge::EndOfHours, hours);
    // What was made itself is in the history by then.
    let once_more = made.checked_add(1.second()).unwrap_or(made);
    let verdict = ask(once_more, &until(once_more));
    add(Edge::LastAllowed, of_kinds(&verdict, &[RuleKind::Cap]));
    found
}

fn is_before(past: &PastAttempt, at: Timestamp) -> bool {
    match past.at {
        domain::law::At::Instant(then) => then < at,
        domain::law::At::Civil(_) => true,
    }
}

/// The facts and the attempt that a contact keeps.
fn question(content: &str) -> Option<(domain::law::Facts, Attempt)> {
    let content: Value = serde_json::from_str(content).ok()?;
    let question = serde_json::json!({
        "id": "",
        "with_policy": true,
        "facts": content["facts"],
        "try": content["try"],
    });
    let question: Scenario = serde_json::from_value(question).ok()?;
    let (facts, attempt, _) = question.read().ok()?;
    Some((facts, attempt))
}
