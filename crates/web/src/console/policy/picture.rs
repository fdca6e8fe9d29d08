//! The stages of a ladder on a line of days, as SVG: each step a mark in the colour of its tone,
//! named beneath it.

use domain::contact::step_words;
use domain::policy::Ladder;

use super::prose::escape;

/// The words of a picture.
pub(super) struct Words {
    /// What it shows.
    pub title: String,
    /// Under the day of the due date.
    pub due: String,
    /// What a number under a mark counts.
    pub days: String,
    /// What follows when nothing moves.
    pub follow_up: Option<String>,
}

const WIDTH: i64 = 960;
const LEFT: i64 = 90;
const RIGHT: i64 = 90;
/// The line of days.
const LINE: i64 = 92;
/// The least distance between two marks.
const APART: i64 = 74;

/// A step where it stands.
struct Mark {
    x: i64,
    day: i64,
    step: String,
    stage: String,
    tone: &'static str,
}

/// The picture of a ladder; with the days of the notice before the due date, if there is one.
pub(super) fn draw(ladder: &Ladder, courtesy_days: Option<u16>, words: &Words) -> String {
    let marks = marks(ladder, courtesy_days);
    let due = marks.iter().find(|it| it.day == 0).map_or(LEFT, |it| it.x);
    let end = marks.last().map_or(WIDTH - RIGHT, |it| it.x);
    let width = WIDTH.max(end + RIGHT);
    let mut svg = format!(
        "<svg class=\"picture\" viewBox=\"0 0 {width} 176\" role=\"img\" \
         xmlns=\"http://www.w3.org/2000/svg\"><title>{}</title>\
         <line class=\"axis\" x1=\"{}\" y1=\"{LINE}\" x2=\"{}\" y2=\"{LINE}\" stroke=\"#888\" \
         stroke-width=\"2\"/><line class=\"axis\" x1=\"{due}\" y1=\"62\" x2=\"{due}\" y2=\"122\" \
         stroke=\"#888\" stroke-width=\"2\"/>",
        escape(&words.title),
        LEFT / 2,
        width - RIGHT / 2,
    );
    let (mut stage, mut stages) = ("", 0);
    for (index, mark) in marks.iter().enumerate() {
        if mark.day == 0 {
            svg.push_str(&text(mark.x, 54, "soft", &words.due));
            continue;
        }
        if mark.stage != stage && !mark.stage.is_empty() {
            // Two rows here too: stages may be as near as their steps.
            let row = if stages % 2 == 0 { 14 } else { 32 };
            svg.push_str(&text(mark.x, row, "soft", &mark.stage));
            stages += 1;
        }
        stage = &mark.stage;
        // Names stand in two rows, so that neighbours do not meet.
        let row = if index % 2 == 0 { 140 } else { 160 };
        svg.push_str(&format!(
            "<g><title>{} · {} {}</title>\
             <circle class=\"{}\" cx=\"{}\" cy=\"{LINE}\" r=\"9\"/></g>",
            escape(&mark.step),
            mark.day,
            escape(&words.days),
            mark.tone,
            mark.x,
        ));
        let day = if mark.day > 0 {
            format!("+{}", mark.day)
        } else {
            mark.day.to_string()
        };
        svg.push_str(&text(mark.x, 76, "soft", &day));
        svg.push_str(&text(mark.x, row, "", &mark.step));
    }
    if let Some(said) = &words.follow_up {
        let said = format!("↻ {said}");
        svg.push_str(&text(width - RIGHT, 120, "soft", &said));
    }
    svg.push_str("</svg>");
    svg
}

fn text(x: i64, y: i64, class: &str, text: &str) -> String {
    format!(
        "<text class=\"{class}\" x=\"{x}\" y=\"{y}\" text-anchor=\"middle\">{}</text>",
        escape(text)
    )
}

/// The steps in the order of their days, on a line that gives each its room: days count where there
/// is space, and no two marks stand closer than can be read.
fn marks(ladder: &Ladder, courtesy_days: Option<u16>) -> Vec<Mark> {
    let mut marks = Vec::new();
    if let Some(days) = courtesy_days {
        marks.push(Mark {
            x: 0,
            day: -i64::from(days),
            step: step_words(domain::policy::COURTESY_KEY),
            stage: String::new(),
            tone: "warm",
        });
    }
    marks.push(Mark {
        x: 0,
        day: 0,
        step: String::new(),
        stage: String::new(),
        tone: "",
    });
    marks.extend(ladder.steps().map(|(stage, step)| Mark {
        x: 0,
        day: i64::from(step.offset_days),
        step: step_words(&step.key),
        stage: stage.name.clone(),
        tone: step.action.tone.code(),
    }));
    let first = marks.first().map_or(0, |it| it.day);
    let span = marks.last().map_or(1, |it| it.day - first).max(1);
    let room = WIDTH - LEFT - RIGHT;
    let mut least = LEFT;
    for mark in &mut marks {
        mark.x = (LEFT + (mark.day - first) * room / span).max(least);
        least = mark.x + APART;
    }
    marks
}

#[cfg(test)]
mod tests {
    use domain::policy::{Policy, embedded};

    use super::*;

    #[test]
    fn every_step_of_every_ladder_has_its_mark_within_the_frame() {
        let words = Words {
            title: "Escalera <a>".to_owned(),
            due: "vence".to_owned(),
            days: "días después".to_owned(),
            follow_up: Some("cada".to_owned()),
        };
        for (key, text) in embedded() {
            let policy = Policy::parse(text).expect("it ships");
            for ladder in &policy.ladders {
                let courtesy = policy.courtesy.as_ref().map(|it| it.days_before);
                let marks = marks(ladder, courtesy);
                let apart = marks.windows(2).all(|pair| pair[1].x - pair[0].x >= APART);
                assert!(apart, "{key} {}", ladder.key);
                // Every other name stands in the same row: so wide are they at most.
                let wide = |name: &str| i64::try_from(name.chars().count()).unwrap_or(0) * 13 / 2;
                for three in marks.windows(3) {
                    let room = three[2].x - three[0].x;
                    let (first, third) = (&three[0].step, &three[2].step);
                    assert!(
                        (wide(first) + wide(third)) / 2 < room,
                        "{key} {first} {third}"
                    );
                }
                let svg = draw(ladder, courtesy, &words);
                for (_, step) in ladder.steps() {
                    assert!(
                        svg.contains(&format!(">{}</text>", step_words(&step.key))),
                        "{key} {}",
                        step.key
                    );
                }
                let circles = ladder.steps().count() + usize::from(courtesy.is_some());
                assert_eq!(svg.matches("<circle").count(), circles);
                assert!(!svg.contains("<a>") && !svg.contains("style="));
            }
        }
    }
}
