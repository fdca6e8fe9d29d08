//! Whether a message says what the law asks of it and nothing it forbids.
//!
//! What is asked comes from the packs (`domain::law::AskedWords`); this module knows in which words
//! it is said. The same rules serve the company's templates, every message before it leaves, and
//! `puntual check-message`. What a law asks and can be said from facts is written by [`notice`].

mod fees;
mod forbidden;
pub mod notice;
mod required;
mod words;

use std::ops::Range;
use std::sync::Arc;

use domain::company::Actor;
use domain::customer::Channel;
use domain::law::{AskedWords, Fees, Forbidden, Rule};

pub(crate) use words::seen;
use words::{Phrases, Words};

/// A message as it would leave.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// The channel.
    pub channel: Channel,
    /// Subject line; empty where the channel has none.
    pub subject: &'a str,
    /// The line mail programs show beside the subject; empty where there is none.
    pub preview: &'a str,
    /// The text.
    pub text: &'a str,
    /// The same as HTML.
    pub html: Option<&'a str>,
}

/// What is known of the matter a message is about. What is `None` or empty is not known.
#[derive(Clone, Debug, Default)]
pub struct Known<'a> {
    /// Names of the creditor; one of them is enough.
    pub creditors: Vec<&'a str>,
    /// Names that may stand in a subject whatever they are: the creditor's and the customer's.
    pub names: Vec<&'a str>,
    /// The creditor's address.
    pub address: Option<&'a str>,
    /// The creditor's tax id.
    pub tax_id: Option<&'a str>,
    /// Who signs.
    pub signer: Option<&'a str>,
    /// The agency that collects for the creditor.
    pub agency: Option<&'a str>,
    /// The agency's address.
    pub agency_address: Option<&'a str>,
    /// Who acts.
    pub actor: Option<Actor>,
    /// Whether the debtor was written to before; not known counts as first.
    pub written_before: Option<bool>,
    /// Days late of the oldest document.
    pub days_late: Option<i64>,
}

/// A part of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Subject line.
    Subject,
    /// Preview line.
    Preview,
    /// Plain text.
    Text,
    /// HTML.
    Html,
}

impl Part {
    /// The word it is written as.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Preview => "preview",
            Self::Text => "text",
            Self::Html => "html",
        }
    }
}

/// A place in a part, in characters from 0, the end not included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The part.
    pub part: Part,
    /// The place.
    pub chars: Range<usize>,
}

/// One thing the law does not let pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: Arc<Rule>,
    /// Where it fails; nowhere when something is missing.
    pub spans: Vec<Span>,
}

/// What is wrong with a message under what the law asks, each rule once; nothing when it may leave.
pub fn check(
    message: &Message<'_>,
    asked: &AskedWords<'_>,
    fees: &[&Fees],
    known: &Known<'_>,
) -> Vec<Finding> {
    let html = message.html.map(seen);
    let text = Read::new(Part::Text, message.text);
    let html = html.as_deref().map(|html| Read::new(Part::Html, html));
    let bodies: Vec<&Read<'_>> = [&text].into_iter().chain(&html).collect();
    let outside = [
        Read::new(Part::Subject, message.subject),
        Read::new(Part::Preview, message.preview),
    ];
    let mut findings = Findings::default();
    for required in &asked.required {
        let due = required.channels.has(message.channel)
            && !(required.first_only && known.written_before == Some(true));
        let missing = |it: &&Read<'_>| !required::says(required.what, &it.words, it.text, known);
        if due && bodies.iter().any(missing) {
            findings.add(&required.rule, Vec::new());
        }
    }
    for (what, rule) in &asked.forbidden {
        let spans = match what {
            Forbidden::EnvelopeReveals => loud(&outside, known),
            what => {
                let all = outside.iter().chain(bodies.iter().copied());
                all.flat_map(|part| part.forbidden(*what)).collect()
            }
        };
        if !spans.is_empty() {
            findings.add(rule, spans);
        }
    }
    for fees in fees {
        let found = bodies.iter().flat_map(|it| {
            let beyond = fees::beyond(fees, &it.words, it.text, known);
            beyond.into_iter().map(|chars| it.span(chars))
        });
        let spans: Vec<Span> = found.collect();
        if !spans.is_empty() {
            findings.add(&fees.rule, spans);
        }
    }
    findings.0
}

/// A part with its words read once.
struct Read<'a> {
    part: Part,
    text: &'a str,
    words: Words,
}

impl<'a> Read<'a> {
    fn new(part: Part, text: &'a str) -> Self {
        Self {
            part,
            text,
            words: Words::new(text),
        }
    }

    fn span(&self, chars: Range<usize>) -> Span {
        Span {
            part: self.part,
            chars,
        }
    }

    /// Where it says what is forbidden.
    fn forbidden(&self, what: Forbidden) -> Vec<Span> {
        let mut spans = Vec::new();
        for group in forbidden::groups(what) {
            let found = self.words.all(&group.phrases);
            if found.is_empty() {
                continue;
            }
            let excused = self.words.all(&group.but);
            let overlaps = |a: &Range<usize>, b: &Range<usize>| a.start < b.end && b.start < a.end;
            for place in found {
                if !excused.iter().any(|it| overlaps(it, &place)) {
                    spans.push(self.span(self.words.chars(&place)));
                }
            }
        }
        spans
    }
}

/// Findings, one for each rule.
#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, rule: &Arc<Rule>, spans: Vec<Span>) {
        match self.0.iter_mut().find(|it| it.rule.id == rule.id) {
            Some(finding) => finding.spans.extend(spans),
            None => self.0.push(Finding {
                rule: Arc::clone(rule),
                spans,
            }),
        }
    }
}

/// Beginnings of words that the outside of a message never has: others than the debtor may see it.
static NOT_OUTSIDE: Phrases<'static> = Phrases::new(&[
    "adeud*|atras*|cobr*|cobranca*|deud*|devedor*|divida*|embarg*|impag*|juici*|juridic*",
    "legal*|moros*|mora|pagar*|pago|pagos|pague|pagament*|pendient*|venci*|venc|debt*|overdue",
    "unpaid|collection*|owe*|saldo*|judicial*|demanda*|inadimpl*|recargo*|multa*",
]);

/// Words on the outside that tell others of money, and amounts.
fn loud(outside: &[Read<'_>], known: &Known<'_>) -> Vec<Span> {
    let names: Vec<Words> = known.names.iter().map(|name| Words::new(name)).collect();
    let mut spans = Vec::new();
    for part in outside {
        let words = &part.words;
        let named: Vec<Range<usize>> = names.iter().flat_map(|name| places(words, name)).collect();
        let money = part.text.contains(['$', '€']);
        for place in words.all(&NOT_OUTSIDE) {
            if !named.iter().any(|it| it.contains(&place.start)) {
                spans.push(part.span(words.chars(&place)));
            }
        }
        for index in 0..words.len() {
            let number = words.folded(index..index + 1).any(|word| {
                let digits = word.bytes().filter(u8::is_ascii_digit).count();
                digits > 0 && (money || digits == word.len())
            });
            if number && !named.iter().any(|it| it.contains(&index)) {
                spans.push(part.span(words.chars(&(index..index + 1))));
            }
        }
    }
    spans
}

/// Where a name stands.
fn places(words: &Words, name: &Words) -> Vec<Range<usize>> {
    let length = name.len();
    if length == 0 {
        return Vec::new();
    }
    (0..(words.len() + 1).saturating_sub(length))
        .map(|first| first..first + length)
        .filter(|range| words.folded(range.clone()).eq(name.folded(0..length)))
        .collect()
}
