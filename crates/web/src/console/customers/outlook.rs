//! What comes next for a customer, in plain words: the step, when, by which rule and law, on which
//! facts; or why nothing comes.

use domain::law::Flag;
use engine::Company;
use engine::customers::CustomerPage;

use super::channel_word;
use crate::console::outbox::silence_text;
use crate::page::Page;

/// What a page says of it.
pub(super) struct Next {
    /// The sentence.
    pub(super) sentence: String,
    /// Where the contact that waits stands.
    pub(super) waiting: Option<String>,
    /// Why not at once.
    pub(super) not_sooner: Vec<String>,
    /// Words and values the decision rests on.
    pub(super) seen: Vec<(String, String)>,
    /// What the law says, with its articles.
    pub(super) law: Vec<String>,
    /// What was taken for what is not on record, and why.
    pub(super) assumed: Vec<String>,
}

/// Says what comes next.
pub(super) fn next(page: &Page, company: &Company, customer: &CustomerPage) -> Next {
    let outlook = &customer.outlook;
    let mut law = Vec::new();
    let sentence = match (outlook.plan(), outlook.silence()) {
        (Some(plan), _) => {
            law.push(page.say(
                "customers-law-allows",
                &[("regimes", &plan.law.regimes.join(", "))],
            ));
            law.extend(plan.law.flags.iter().map(|it| flag(*it)));
            let at = outlook.waiting.map_or(plan.at, |(_, at)| at);
            let tone = plan.action.tone.code();
            page.say(
                "customers-next-contact",
                &[
                    ("channel", &channel_word(page, plan.channel.code())),
                    ("at", &page.instant(&at)),
                    ("step", &plan.key.words()),
                    ("tone", &page.t(&format!("customers-tone-{tone}"))),
                ],
            )
        }
        (None, Some(silence)) => {
            if let domain::decide::Silence::Unlawful { verdict } = silence {
                let told = verdict
                    .failures
                    .iter()
                    .map(|rule| format!("{} ({})", rule.sentence, rule.article));
                law.extend(told);
                law.extend(verdict.flags.iter().map(|it| flag(*it)));
            }
            silence_text(page, silence.code(), &silence.sentence())
        }
        (None, None) => String::new(),
    };
    let assumed = outlook.assumptions.iter().map(|it| match &it.declared {
        Some((author, on)) => format!("{} ({author}, {})", it.reason, page.date(on)),
        None => it.reason.clone(),
    });
    Next {
        sentence,
        waiting: outlook
            .waiting
            .map(|(_, at)| page.say("customers-next-waiting", &[("at", &page.instant(&at))])),
        not_sooner: outlook.not_sooner.clone(),
        seen: seen(page, company, customer),
        law,
        assumed: assumed.collect(),
    }
}

fn flag(flag: Flag) -> String {
    flag.sentence().to_owned()
}

fn seen(page: &Page, company: &Company, customer: &CustomerPage) -> Vec<(String, String)> {
    let seen = &customer.outlook.decision.seen;
    let mut facts = vec![(
        page.t("customers-seen-policy"),
        format!("{} · v{}", company.policy.name, company.policy_version),
    )];
    let mut add = |key: &str, value: Option<String>| {
        if let Some(value) = value {
            facts.push((page.t(key), value));
        }
    };
    add("customers-seen-segment", seen.segment.clone());
    let late = seen.days_late.filter(|it| *it > 0);
    add("customers-seen-late", late.map(|it| it.to_string()));
    let amounts = |all: &[domain::Money]| {
        let all: Vec<String> = all.iter().map(|it| page.money(it)).collect();
        (!all.is_empty()).then(|| all.join(" · "))
    };
    add("customers-seen-overdue", amounts(&seen.net_chaseable));
    add("customers-seen-credits", amounts(&seen.credits));
    let cycle = seen.cycle.as_ref();
    add(
        "customers-seen-cycle",
        cycle.map(|it| page.date(&it.first_day)),
    );
    let sent = Some(seen.reminders_sent).filter(|it| *it > 0);
    add("customers-seen-sent", sent.map(|it| page.number(it)));
    facts
}
