//! The timeline in words.

use domain::contact::{ContactState, step_words};
use domain::customer::Channel;
use engine::customers::CustomerPage;
use store::timeline::{self, Said, What};

use super::{channel_word, state_word};
use crate::console::outbox::silence_text;
use crate::page::Page;

/// Letters of a message that a list shows.
const LETTERS_MAX: usize = 280;

/// A line of the timeline.
pub(super) struct Entry {
    /// When it happened.
    pub(super) at: String,
    /// Its kind, as a class and for people who filter by eye.
    pub(super) class: &'static str,
    /// What happened.
    pub(super) title: String,
    /// In somebody's words.
    pub(super) said: Option<String>,
    /// What else is to be known.
    pub(super) note: Option<String>,
    /// Where it stands: class and words.
    pub(super) tag: Option<(&'static str, String)>,
    /// Where it leads.
    pub(super) link: Option<(String, String)>,
}

/// Entries in words.
pub(super) fn entries(
    page: &Page,
    path: &str,
    customer: &CustomerPage,
    found: Vec<timeline::Entry>,
) -> Vec<Entry> {
    let teller = Teller {
        page,
        path,
        customer,
    };
    found.into_iter().map(|it| teller.tell(it)).collect()
}

struct Teller<'a> {
    page: &'a Page,
    path: &'a str,
    customer: &'a CustomerPage,
}

impl Teller<'_> {
    fn tell(&self, entry: timeline::Entry) -> Entry {
        let page = self.page;
        let mut told = Entry {
            at: page.instant(&entry.cursor.at),
            class: "",
            title: String::new(),
            said: None,
            note: None,
            tag: None,
            link: None,
        };
        match entry.what {
            What::Message(said) => self.message(&mut told, said),
            What::Decision { .. } | What::Contact { .. } => self.machine(&mut told, entry.what),
            What::Payment { .. } | What::Promise { .. } => self.money(&mut told, entry.what),
            What::Hold(_) | What::HoldEnd { .. } => self.hold(&mut told, entry.what),
            What::Note(note) => {
                told.class = "note";
                told.title = page.t("customers-told-note");
                told.said = Some(note.text);
                told.note = Some(note.author);
            }
        }
        told
    }

    /// What was decided, and what was not made.
    fn machine(&self, told: &mut Entry, what: What) {
        let page = self.page;
        match what {
            What::Decision {
                outcome,
                reason,
                facts,
                as_of,
            } => {
                told.class = "decision";
                let on = page.date(&as_of);
                told.title = if outcome == "contact" {
                    page.say(
                        "customers-told-plan",
                        &[("step", &step_words(&reason)), ("on", &on)],
                    )
                } else {
                    page.say("customers-told-silence", &[("on", &on)])
                };
                let said = |name: &str| facts["silence"][name].as_str();
                told.note = said("reason").map(|code| {
                    let sentence = said("sentence").unwrap_or_default();
                    silence_text(page, code, sentence)
                });
            }
            What::Contact {
                id,
                step,
                channel,
                state,
                reason,
                planned_at,
            } => {
                told.class = "decision";
                let (step, channel) = (step_words(&step), channel_word(page, channel.code()));
                let at = page.instant(&planned_at);
                told.title = page.say(
                    "customers-told-contact",
                    &[("step", &step), ("channel", &channel), ("at", &at)],
                );
                told.tag = Some(self.state(state));
                told.note = reason.map(|it| self.why(&it));
                if state != ContactState::Planned {
                    let path = page.url(&format!("/proofs/{id}"));
                    told.link = Some((path, page.t("proofs-open")));
                }
            }
            _ => {}
        }
    }

    /// Money that came in or was promised.
    fn money(&self, told: &mut Entry, what: What) {
        let page = self.page;
        match what {
            What::Payment { payment, author } => {
                told.class = "money";
                let (amount, on) = (page.money(&payment.amount), page.date(&payment.on));
                told.title = page.say(
                    "customers-told-payment",
                    &[("amount", &amount), ("on", &on)],
                );
                told.note = Some(format!("{} · {author}", payment.reference));
            }
            What::Promise { promise, note } => {
                told.class = "promise";
                let (amount, on) = (page.money(&promise.amount), page.date(&promise.due_on));
                told.title = page.say(
                    "customers-told-promise",
                    &[("amount", &amount), ("on", &on)],
                );
                told.said = Some(note).filter(|it| !it.is_empty());
                told.note = Some(promise.author);
            }
            _ => {}
        }
    }

    /// What was held, and no longer is.
    fn hold(&self, told: &mut Entry, what: What) {
        let page = self.page;
        match what {
            What::Hold(hold) => {
                told.class = "hold";
                let code = hold.kind.code();
                let kind = page.t(&format!("customers-hold-{code}"));
                told.title = page.say("customers-told-hold", &[("kind", &kind)]);
                told.said = Some(hold.reason.clone());
                told.note = Some(self.span(&hold));
            }
            What::HoldEnd {
                hold,
                until,
                reason,
                author,
            } => {
                told.class = "hold";
                let code = hold.kind.code();
                let kind = page.t(&format!("customers-hold-{code}"));
                let on = page.date(&until);
                told.title = page.say("customers-told-hold-end", &[("kind", &kind), ("on", &on)]);
                told.said = Some(reason).filter(|it| !it.is_empty());
                told.note = Some(author);
            }
            _ => {}
        }
    }

    fn message(&self, told: &mut Entry, said: Said) {
        let page = self.page;
        told.class = if said.incoming { "in" } else { "out" };
        let channel = channel_word(page, said.channel.code());
        if let Some((result, author)) = said.call {
            let code = result.code();
            let result = page.t(&format!("customers-call-{code}"));
            told.title = if said.channel == Channel::Call {
                page.say("customers-told-call", &[("result", &result)])
            } else {
                let way = [("channel", channel.as_str()), ("result", &result)];
                page.say("customers-told-by-hand", &way)
            };
            told.said = Some(said.text);
            told.note = Some(join(&said.address, &author));
            return;
        }
        let key = if said.incoming {
            "customers-told-in"
        } else {
            "customers-told-out"
        };
        told.title = page.say(key, &[("channel", &channel), ("address", &said.address)]);
        let whole = if said.subject.is_empty() || said.incoming {
            said.text
        } else {
            said.subject
        };
        told.said = Some(short(&whole));
        if let Some((step, state, reason)) = said.contact {
            told.tag = Some(self.state(state));
            let step = step_words(&step);
            told.note = Some(match reason {
                Some(reason) => join(&step, &self.why(&reason)),
                None => step,
            });
        }
        let path = format!("{}/messages/{}", self.path, said.id);
        told.link = Some((path, page.t("customers-open-message")));
    }

    fn state(&self, state: ContactState) -> (&'static str, String) {
        let class = match state {
            ContactState::Delivered | ContactState::Read | ContactState::Answered => "good",
            ContactState::Failed | ContactState::Unknown => "bad",
            ContactState::Suppressed => "warn",
            ContactState::Planned | ContactState::Claimed | ContactState::Sent => "",
        };
        (class, state_word(self.page, state.code()))
    }

    /// The reason of a contact that was not made: a word of ours, or what a server said.
    fn why(&self, reason: &str) -> String {
        let words = self.page.words.get(&format!("customers-why-{reason}"));
        words.unwrap_or_else(|| reason.to_owned())
    }

    fn span(&self, hold: &domain::hold::Hold) -> String {
        let page = self.page;
        let amount = hold.amount.map(|it| page.money(&it));
        let document = hold.document.and_then(|it| self.customer.number_of(it));
        let from = page.date(&hold.from);
        let until = hold.until.map(|it| page.date(&it)).unwrap_or_default();
        let mut parts: Vec<String> = amount.into_iter().collect();
        parts.extend(document.map(str::to_owned));
        parts.push(format!("{from} – {until}").trim_end().to_owned());
        parts.push(hold.author.clone());
        parts.join(" · ")
    }
}

fn join(first: &str, second: &str) -> String {
    if first.is_empty() {
        second.to_owned()
    } else {
        format!("{first} · {second}")
    }
}

fn short(text: &str) -> String {
    let mut letters = text.chars();
    let begun: String = letters.by_ref().take(LETTERS_MAX).collect();
    if letters.next().is_some() {
        format!("{begun}…")
    } else {
        begun
    }
}
