//! Today's run before it goes: what leaves, what waits for a word, who is left alone and why.

use domain::user::Permission;
use engine::RunMode;
use engine::review::TodayReview;

use crate::page::Page;
use crate::session::Seat;

/// Lines of a list.
const LINES_MAX: usize = 6;

/// The part of the page about the run.
pub(super) struct RunPart {
    /// How the company's day begins, in a sentence.
    pub(super) mode: String,
    /// What the latest run did, in a sentence.
    pub(super) did: Option<String>,
    /// Where more of it is.
    pub(super) url: Option<String>,
    /// Messages that wait for release, and messages that leave by themselves.
    pub(super) held: String,
    pub(super) planned: String,
    /// Whether any waits, and whoever looks may let it go.
    pub(super) may_release: bool,
    /// What waits, by step.
    pub(super) steps: Vec<Line>,
    /// Who is left alone, by reason.
    pub(super) silences: Vec<Line>,
    /// The first customers.
    pub(super) examples: Vec<Example>,
}

/// A word and how often.
pub(super) struct Line {
    pub(super) text: String,
    pub(super) count: String,
}

/// A message that is to leave.
pub(super) struct Example {
    pub(super) name: String,
    pub(super) url: String,
    pub(super) what: String,
    pub(super) at: String,
}

impl RunPart {
    pub(super) fn new(page: &Page, seat: &Seat, today: TodayReview) -> Self {
        let hour = format!(
            "{:02}:{:02}",
            today.run_hour.hour(),
            today.run_hour.minute()
        );
        let mode = match today.mode {
            RunMode::Review => "home-mode-review",
            RunMode::Automatic => "home-mode-automatic",
            RunMode::Command => "home-mode-command",
        };
        let counted = |count: u32| {
            if count >= engine::review::COUNTED_MAX {
                page.count("home-more-than", engine::review::COUNTED_MAX)
            } else {
                page.number(count)
            }
        };
        let mut did = None;
        let mut silences: Vec<(u64, String)> = Vec::new();
        if let Some(shown) = &today.run {
            let summary = &shown.summary;
            let alone: u64 = summary.silences.values().sum();
            let key = if today.is_of_today {
                "home-run-today"
            } else {
                "home-run-earlier"
            };
            let day = page.date(&shown.run.as_of);
            did = Some(page.say(
                key,
                &[
                    ("day", &day),
                    ("customers", &page.number(summary.customers)),
                    ("contacts", &page.number(summary.contacts)),
                    ("alone", &page.number(alone)),
                ],
            ));
            silences = summary
                .silences
                .iter()
                .map(|(code, n)| (*n, code.clone()))
                .collect();
            silences.sort_by(|a, b| b.cmp(a));
        }
        let silence = |(count, code): (u64, String)| {
            let known = page.words.get(&format!("home-silence-{code}"));
            Line {
                text: known.unwrap_or(code),
                count: page.number(count),
            }
        };
        let steps = today.waiting.iter().map(|it| Line {
            text: format!("{} · {} · {}", it.step, it.tone.name_es(), it.channel),
            count: page.number(it.contacts),
        });
        let examples = today.examples.iter().take(LINES_MAX).map(|it| Example {
            name: it.customer_name.clone(),
            url: page.url(&format!("/customers/{}", it.customer)),
            what: format!("{} · {}", it.key.step(), it.channel),
            at: page.instant(&it.at),
        });
        Self {
            mode: page.say(mode, &[("hour", &hour)]),
            did,
            url: today
                .run
                .as_ref()
                .map(|it| page.url(&format!("/runs/{}", it.run.id))),
            held: counted(today.held),
            planned: counted(today.planned),
            may_release: today.held > 0 && seat.may(Permission::Outreach),
            steps: steps.take(LINES_MAX).collect(),
            silences: silences.into_iter().take(LINES_MAX).map(silence).collect(),
            examples: examples.collect(),
        }
    }
}
