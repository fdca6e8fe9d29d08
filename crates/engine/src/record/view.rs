//! What a record says, borrowed from the decision and written straight as text: a run writes one
//! for every customer. Fields stand in the order of their names, so that the text is canonical.

use std::fmt::Display;

use domain::Money;
use domain::decide::{Content, Decision, Listed, Outcome, Plan, Seen, Silence};
use domain::law::{self, Assumption, Scenario, Verdict};
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// A decision; `content` is that of its plan, already text.
pub(super) struct DecisionView<'a>(pub(super) &'a Decision, pub(super) Option<&'a RawValue>);

impl Serialize for DecisionView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Decision", 3)?;
        out.serialize_field("facts", &SeenView(&self.0.seen))?;
        match &self.0.outcome {
            Outcome::Contact(plan) => {
                out.serialize_field("outcome", "contact")?;
                out.serialize_field("plan", &PlanView(plan, self.1))?;
            }
            Outcome::Silence(silence) => {
                out.serialize_field("outcome", "silence")?;
                out.serialize_field("silence", &SilenceView(silence))?;
            }
        }
        out.end()
    }
}

pub(super) struct SeenView<'a>(pub(super) &'a Seen);

impl Serialize for SeenView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let seen = self.0;
        let cycle = seen.cycle.as_ref().map(|cycle| Shown(&cycle.first_day));
        let mut out = serializer.serialize_struct("Seen", 7)?;
        out.serialize_field("credits", &Amounts(&seen.credits))?;
        out.serialize_field("cycle", &cycle)?;
        out.serialize_field("day", &Shown(&seen.day))?;
        out.serialize_field("days_late", &seen.days_late)?;
        out.serialize_field("overdue_net", &Amounts(&seen.net_chaseable))?;
        out.serialize_field("reminders_sent", &seen.reminders_sent)?;
        out.serialize_field("segment", &seen.segment)?;
        out.end()
    }
}

pub(super) struct SilenceView<'a>(pub(super) &'a Silence);

impl Serialize for SilenceView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Silence", 3)?;
        if let Silence::Unlawful { verdict } = self.0 {
            out.serialize_field("law", &VerdictView(verdict))?;
        }
        out.serialize_field("reason", self.0.code())?;
        out.serialize_field("sentence", &self.0.sentence())?;
        out.end()
    }
}

/// A plan; its content is written from it where it is not text already.
pub(super) struct PlanView<'a>(pub(super) &'a Plan, pub(super) Option<&'a RawValue>);

impl Serialize for PlanView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let plan = self.0;
        let mut out = serializer.serialize_struct("Plan", 10)?;
        let assumptions = Each(&plan.assumptions, AssumptionView);
        out.serialize_field("assumptions", &assumptions)?;
        out.serialize_field("channel", plan.channel.code())?;
        match self.1 {
            Some(content) => out.serialize_field("content", content)?,
            None => out.serialize_field("content", &ContentView(plan))?,
        }
        out.serialize_field("key_day", &Shown(&plan.key.day()))?;
        out.serialize_field("kind", plan.key.kind())?;
        out.serialize_field("law", &VerdictView(&plan.law))?;
        out.serialize_field("planned_at", &Shown(&plan.at))?;
        out.serialize_field("step", plan.key.step())?;
        out.serialize_field("template", &plan.action.template)?;
        out.serialize_field("tone", plan.action.tone.code())?;
        out.end()
    }
}

pub(super) struct ContentView<'a>(pub(super) &'a Plan);

impl Serialize for ContentView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let plan = self.0;
        let question = Scenario::write("", &plan.law_facts, &[], &plan.attempt);
        let Content {
            documents,
            upcoming,
            held,
            totals,
            credits,
            payment,
            promise,
        } = &plan.content;
        let payment = payment.as_ref().map(|payment| PaymentView {
            amount: Amount(payment.amount),
            on: Shown(&payment.on),
        });
        let promise = promise.as_ref().map(|promise| PromiseView {
            amount: Amount(promise.amount),
            due_on: Shown(&promise.due_on),
        });
        let mut out = serializer.serialize_struct("Content", 10)?;
        out.serialize_field("copies", &Each(&plan.copies, Shown))?;
        out.serialize_field("credits", &Amounts(credits))?;
        out.serialize_field("documents", &Each(documents, ListedView))?;
        out.serialize_field("facts", &question.facts)?;
        out.serialize_field("held", &Each(held, ListedView))?;
        if !plan.other_debts.is_empty() {
            let others = plan.other_debts.iter();
            let others = others.map(|it| Scenario::write("", it, &[], &plan.attempt).facts);
            out.serialize_field("other_facts", &others.collect::<Vec<_>>())?;
        }
        out.serialize_field("payment", &payment)?;
        out.serialize_field("promise", &promise)?;
        out.serialize_field("totals", &Amounts(totals))?;
        out.serialize_field("try", &question.attempt)?;
        out.serialize_field("upcoming", &Each(upcoming, ListedView))?;
        out.end()
    }
}

#[derive(Serialize)]
struct PaymentView<'a> {
    amount: Amount,
    on: Shown<'a, jiff::civil::Date>,
}

#[derive(Serialize)]
struct PromiseView<'a> {
    amount: Amount,
    due_on: Shown<'a, jiff::civil::Date>,
}

pub(super) struct VerdictView<'a>(pub(super) &'a Verdict);

impl Serialize for VerdictView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let verdict = self.0;
        let flags: Vec<&str> = verdict.flags.iter().map(|flag| flag.code()).collect();
        let reasons: Vec<RuleView<'_>> =
            verdict.failures.iter().map(|rule| RuleView(rule)).collect();
        let regimes: Vec<&str> = verdict.regimes.iter().map(AsRef::as_ref).collect();
        let mut out = serializer.serialize_struct("Verdict", 4)?;
        out.serialize_field("allowed", &verdict.allowed())?;
        out.serialize_field("flags", &flags)?;
        out.serialize_field("reasons", &reasons)?;
        out.serialize_field("regimes", &regimes)?;
        out.end()
    }
}

struct RuleView<'a>(&'a law::Rule);

impl Serialize for RuleView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Rule", 4)?;
        out.serialize_field("article", &self.0.article)?;
        out.serialize_field("rule", &self.0.id)?;
        out.serialize_field("sentence", &self.0.sentence)?;
        out.serialize_field("tier", self.0.tier.code())?;
        out.end()
    }
}

struct AssumptionView<'a>(&'a Assumption);

impl Serialize for AssumptionView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let declared = self.0.declared.as_ref().map(|(author, on)| Declared {
            author,
            on: Shown(on),
        });
        let mut out = serializer.serialize_struct("Assumption", 4)?;
        out.serialize_field("declared", &declared)?;
        out.serialize_field("fact", self.0.fact)?;
        out.serialize_field("reason", &self.0.reason)?;
        out.serialize_field("value", &self.0.value)?;
        out.end()
    }
}

#[derive(Serialize)]
struct Declared<'a> {
    author: &'a str,
    on: Shown<'a, jiff::civil::Date>,
}

struct ListedView<'a>(&'a Listed);

impl Serialize for ListedView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let line = self.0;
        let mut out = serializer.serialize_struct("Listed", 7)?;
        out.serialize_field("amount", &Amount(line.part))?;
        out.serialize_field("days_late", &line.days_late)?;
        out.serialize_field("due", &Shown(&line.due))?;
        out.serialize_field("invoice", &line.number)?;
        out.serialize_field("issued", &Shown(&line.issued))?;
        out.serialize_field("open", &Amount(line.open))?;
        out.serialize_field("original", &Amount(line.amount))?;
        out.end()
    }
}

/// Money that is written as `{"amount":"1234.56","currency":"MXN"}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount(pub Money);

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Money", 2)?;
        out.serialize_field("amount", &Shown(&self.0.decimal()))?;
        out.serialize_field("currency", self.0.currency.code())?;
        out.end()
    }
}

struct Amounts<'a>(&'a [Money]);

impl Serialize for Amounts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|amount| Amount(*amount)))
    }
}

/// A list, each item as it is viewed.
struct Each<'a, T, V>(&'a [T], fn(&'a T) -> V);

impl<'a, T, V: Serialize + 'a> Serialize for Each<'a, T, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(self.1))
    }
}

/// As it prints itself.
struct Shown<'a, T>(&'a T);

impl<T: Display> Serialize for Shown<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self.0)
    }
}
