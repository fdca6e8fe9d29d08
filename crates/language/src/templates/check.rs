//! What is wrong with a company's templates, found before a customer finds it.

use super::{KEYS, TemplateError, Templates};
use crate::message::MessageContext;

/// Beginnings of words that a subject line never has: others than the debtor may see it.
const NOT_IN_SUBJECT: [&str; 14] = [
    "adeud", "atras", "cobr", "deud", "embarg", "impag", "juici", "jurídic", "legal", "moros",
    "mora", "pag", "pendient", "venci",
];

/// One thing wrong with one template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// It cannot be rendered with one of the samples.
    Error {
        /// The sample.
        sample: &'static str,
        /// What happened.
        error: TemplateError,
    },
    /// Its subject says more than an envelope may show.
    Subject {
        /// The language.
        language: String,
        /// The message.
        key: String,
        /// The word found there: of money owed, or an amount.
        word: String,
    },
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Error { sample, error } => write!(f, "{error} (with the {sample} example)"),
            Self::Subject {
                language,
                key,
                word,
            } => write!(
                f,
                "template {language}/{key}: `{word}` in the subject tells others about money; \
                 use neutral words"
            ),
        }
    }
}

/// The facts templates are tried with, each with its name.
pub fn samples() -> [(&'static str, MessageContext); 3] {
    [
        ("full", MessageContext::sample()),
        ("bare", MessageContext::sample_bare()),
        ("long", MessageContext::sample_long()),
    ]
}

pub(super) fn check(templates: &Templates) -> Vec<Problem> {
    let mut problems = Vec::new();
    for language in templates.languages() {
        for key in KEYS {
            for (sample, context) in samples() {
                let rendered = match templates.render(key, language, &context) {
                    Ok(rendered) => rendered,
                    Err(error) => {
                        problems.push(Problem::Error { sample, error });
                        continue;
                    }
                };
                let problem = loud_word(&rendered.subject).map(|word| Problem::Subject {
                    language: language.to_owned(),
                    key: key.to_owned(),
                    word: word.to_owned(),
                });
                problems.extend(problem.filter(|problem| !problems.contains(problem)));
            }
        }
    }
    problems
}

fn loud_word(subject: &str) -> Option<&str> {
    subject
        .split_whitespace()
        .map(|word| word.trim_matches(|letter: char| "¡!¿?.,:;()".contains(letter)))
        .find(|word| {
            let lower = word.to_lowercase();
            lower.contains(|letter: char| letter.is_ascii_digit() || "$€".contains(letter))
                || NOT_IN_SUBJECT.iter().any(|start| lower.starts_with(start))
        })
}
