//! What a regime may not say: rules that contradict each other, that could never be met, or that
//! bind nobody. Times of day, counts of zero, unknown words and ids are refused where they are
//! read.

use super::compile::At;
use super::set::Set;
use super::source::{
    AppliesText, CapText, Coded, CooldownText, RecipientsText, RegimeText, SpanText, StopText,
};
use crate::customer::RecipientRole;

/// Refuses a regime that contradicts itself.
pub fn refuse(text: &RegimeText) -> Result<(), At> {
    let start = text.id.span().start;
    if let Some(last) = &text.effective_to
        && last.get_ref().0 < text.effective_from.0
    {
        let reason = "`effective_to` lies before `effective_from`".to_owned();
        return Err((last.span().start, reason));
    }
    place(text).map_err(|reason| (start, reason))?;
    covers(&text.applies).map_err(|reason| (start, reason))?;
    for window in &text.windows {
        let (channels, days) = (&window.get_ref().channels, &window.get_ref().days);
        if channels.is_empty() || days.is_empty() {
            let reason = "a window names its `channels` and `days`".to_owned();
            return Err((window.span().start, reason));
        }
    }
    for cap in &text.caps {
        let at = |reason| (cap.span().start, reason);
        gap_fits(cap.get_ref()).map_err(at)?;
    }
    for cooldown in &text.cooldowns {
        let at = |reason| (cooldown.span().start, reason);
        silence_lasts(cooldown.get_ref()).map_err(at)?;
    }
    if let Some(who) = &text.recipients {
        let at = |reason| (who.span().start, reason);
        recipients(who.get_ref()).map_err(at)?;
    }
    let mut events: Vec<&StopText> = Vec::new();
    for stop in &text.stops {
        let own = stop.get_ref();
        let again = events.iter().any(|other| other.event == own.event);
        if own.event.trim().is_empty() || again {
            let reason = format!("the event `{}` stops twice, or has no name", own.event);
            return Err((stop.span().start, reason));
        }
        events.push(own);
    }
    Ok(())
}

/// Subdivisions and calendar are of the regime's own country.
fn place(text: &RegimeText) -> Result<(), String> {
    let country = text.country.get_ref();
    for own in &text.subdivisions {
        if country.len() == 2 && !own.starts_with(&format!("{country}-")) {
            return Err(format!("`{own}` is no subdivision of `{country}`"));
        }
    }
    let calendar = text.holiday.as_ref().map(|it| &it.get_ref().calendar);
    match calendar.filter(|name| name.len() == 2 && country.len() == 2 && *name != country) {
        Some(other) => Err(format!(
            "the holidays of `{other}` are not those of `{country}`"
        )),
        None => Ok(()),
    }
}

/// The regime binds somebody.
fn covers(text: &AppliesText) -> Result<(), String> {
    let sets = [
        ("debtor", text.debtor.is_empty()),
        ("debt", text.debt.is_empty()),
        ("creditor", text.creditor.is_empty()),
        ("actor", text.actor.is_empty()),
    ];
    match sets.iter().find(|(_, is_empty)| *is_empty) {
        Some((name, _)) => Err(format!("`applies.{name}` is empty, so nobody is covered")),
        None => Ok(()),
    }
}

/// A gap as long as the stretch that is counted would let one through whatever `max` says.
fn gap_fits(cap: &CapText) -> Result<(), String> {
    let days = match cap.window {
        SpanText::CalendarDay => 1,
        SpanText::RollingDays { n } => u32::from(n),
    };
    if cap.channels.is_empty() {
        return Err(format!("cap `{}` counts no channel", cap.id));
    }
    match cap.min_gap_hours {
        Some(hours) if hours > days * 24 => Err(format!(
            "cap `{}` asks for a gap of {hours} hours in a stretch of {days} days",
            cap.id
        )),
        _ => Ok(()),
    }
}

fn silence_lasts(cooldown: &CooldownText) -> Result<(), String> {
    let nothing = cooldown.after_channels.is_empty() || cooldown.blocks.is_empty();
    if cooldown.days == 0 || nothing {
        return Err(format!(
            "cooldown `{}` has at least a day, a channel after which it runs and one it blocks",
            cooldown.id
        ));
    }
    Ok(())
}

fn recipients(who: &RecipientsText) -> Result<(), String> {
    let allowed: Set<RecipientRole> = who.allowed.iter().map(|role| role.0).collect();
    if allowed.is_empty() {
        return Err("nobody is `allowed`: to bar a channel use `channel_ban`".to_owned());
    }
    match who.forbidden.iter().find(|role| allowed.has(role.0)) {
        Some(Coded(role)) => Err(format!("`{role}` is both allowed and forbidden")),
        None => Ok(()),
    }
}
