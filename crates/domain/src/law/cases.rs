//! The cases a pack carries to prove itself: each is asked, and one that gets another answer than
//! it expects refuses the pack.

use super::facts::Layers;
use super::pack::{PackError, Packs};
use super::scenario::{Expected, TestCase};

impl Packs {
    /// The cases that do not get the answer they expect, each with its file, line and what came.
    /// Cases of packs ask the law, and the overlays where they say so; those of a company's own
    /// rules ask every layer.
    pub fn failing_cases(&self) -> Vec<PackError> {
        self.tests()
            .iter()
            .filter_map(|case| {
                let reason = self.fails(case)?;
                let (file, line) = case.place.clone();
                Some(PackError {
                    file,
                    line,
                    regime: None,
                    reason: format!("case `{}`: {reason}", case.scenario.id),
                })
            })
            .collect()
    }

    fn fails(&self, case: &TestCase) -> Option<String> {
        let (mut facts, attempt, history) = match case.scenario.read() {
            Ok(read) => read,
            Err(error) => return Some(error.to_string()),
        };
        if self.is_own(&case.place.0) {
            facts.layers = Layers::ALL;
        }
        let verdict = self.applicable(&facts).verdict(&history, &attempt);
        let got: Vec<&str> = verdict.reasons().collect();
        let came = || match got.is_empty() {
            true => "allowed".to_owned(),
            false => format!("denied by {}", got.join(", ")),
        };
        match (case.expect.0, &case.deny_by) {
            (Expected::Allow, _) => {
                (!got.is_empty()).then(|| format!("should be allowed, is {}", came()))
            }
            (Expected::Deny, Some(rule)) => (!got.contains(&rule.as_str()))
                .then(|| format!("should be denied by {rule}, is {}", came())),
            (Expected::Deny, None) => got.is_empty().then(|| "should be denied".to_owned()),
        }
    }
}
