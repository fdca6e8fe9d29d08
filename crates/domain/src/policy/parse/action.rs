//! What a message is: channels, template, tone, offer, signature, recipients.

use crate::contact::Tone;
use crate::customer::RecipientRole;
use crate::policy::error::Rule;
use crate::policy::explain::words::days;
use crate::policy::reader::{Reported, Table, list, number, percent, text, word};
use crate::policy::{Offer, Signer, StepAction, TEMPLATES, Terms, Trigger};

use super::DAYS_MAX;

/// When a message is sent; it decides which tones and templates fit.
#[derive(Clone, Copy)]
pub(super) enum Occasion {
    Courtesy,
    Step,
    FollowUp,
    Event(Trigger),
    /// An event whose trigger could not be read.
    UnknownEvent,
}

impl Occasion {
    fn templates(self) -> &'static [&'static str] {
        const CHASING: &[&str] = &[
            "recordatorio",
            "recordatorio-claro",
            "aviso-firme",
            "aviso-final",
            "seguimiento",
        ];
        match self {
            Self::Courtesy => &["cortesia"],
            Self::Step | Self::FollowUp => CHASING,
            Self::Event(trigger) if trigger.is_thanks() => &["gracias"],
            Self::Event(_) => &["promesa-incumplida", "recordatorio", "recordatorio-claro"],
            Self::UnknownEvent => TEMPLATES,
        }
    }

    fn tone_fault(self, tone: Tone) -> Option<&'static str> {
        let is_thanks = match self {
            Self::Courtesy => true,
            Self::Event(trigger) => trigger.is_thanks(),
            Self::Step | Self::FollowUp => false,
            Self::UnknownEvent => return None,
        };
        match tone {
            Tone::Warm if !is_thanks => Some(
                "el tono `warm` es solo para cortesías y agradecimientos: use `friendly` o \
                 más firme",
            ),
            Tone::Clear | Tone::Firm | Tone::Final if is_thanks => {
                Some("una cortesía o un agradecimiento no reclama: use el tono `warm` o `friendly`")
            }
            _ => None,
        }
    }
}

/// Reads what is sent from the table it stands in, which the caller finishes.
pub(super) fn read_action(
    table: &Table<'_>,
    occasion: Occasion,
    terms: Option<&Terms>,
) -> Result<StepAction, Reported> {
    let channels = table.required("channels", list(word));
    let template = table.required("template", text);
    let template = template.and_then(|name| fitting_template(table, occasion, name));
    let tone = table.required("tone", word::<Tone>);
    let tone = tone.and_then(|tone| match occasion.tone_fault(tone) {
        Some(fault) => Err(table
            .reader
            .error(table.line_of("tone"), Rule::ToneFits, fault)),
        None => Ok(tone),
    });
    let offer = table.table("offer").and_then(|offer| match offer {
        Some(offer) => read_offer(&offer, terms).map(Some),
        None => Ok(None),
    });
    let signed_by = table.table("signed_by").and_then(|signer| match signer {
        Some(signer) => read_signer(&signer).map(Some),
        None => Ok(None),
    });
    let to = table
        .required("to", list(word))
        .and_then(|roles| own_side(table, "to", roles));
    let copies = table.list_or_empty("copies", list(word));
    let copies = copies.and_then(|roles| own_side(table, "copies", roles));
    Ok(StepAction {
        channels: channels?,
        template: template?,
        tone: tone?,
        offer: offer?,
        signed_by: signed_by?,
        to: to?,
        copies: copies?,
    })
}

fn fitting_template(
    table: &Table<'_>,
    occasion: Occasion,
    name: String,
) -> Result<String, Reported> {
    let line = table.line_of("template");
    if !TEMPLATES.contains(&name.as_str()) {
        let message = format!(
            "no hay una plantilla «{name}»: use {}",
            TEMPLATES.join(", ")
        );
        return Err(table.reader.error(line, Rule::UnknownWord, message));
    }
    if !occasion.templates().contains(&name.as_str()) {
        let message = format!(
            "la plantilla `{name}` no es para esta ocasión: use {}",
            occasion.templates().join(", ")
        );
        return Err(table.reader.error(line, Rule::TemplateFits, message));
    }
    Ok(name)
}

/// Only those who answer for the debt or act for the debtor are written to.
fn own_side(
    table: &Table<'_>,
    key: &'static str,
    roles: Vec<RecipientRole>,
) -> Result<Vec<RecipientRole>, Reported> {
    let stranger = roles.iter().find(|role| {
        matches!(
            role,
            RecipientRole::Reference
                | RecipientRole::Relative
                | RecipientRole::Employer
                | RecipientRole::Neighbour
                | RecipientRole::OtherThirdParty
        )
    });
    match stranger {
        Some(role) => Err(table.reader.error(
            table.line_of(key),
            Rule::NoThirdParties,
            format!("`{role}` es un tercero y a terceros no se les cobra: quítelo de `{key}`"),
        )),
        None => Ok(roles),
    }
}

fn read_signer(table: &Table<'_>) -> Result<Signer, Reported> {
    let name = table.required("name", text);
    let role = table.required("role", text);
    table.finish();
    Ok(Signer {
        name: name?,
        role: role?,
    })
}

fn read_offer(table: &Table<'_>, terms: Option<&Terms>) -> Result<Offer, Reported> {
    let instalments = table.optional("instalments_max", number::<u8>(2..=120));
    let extension = table.optional("extension_days_max", number::<u16>(1..=DAYS_MAX));
    let early_percent = table.optional("early_payment_percent", percent);
    let early_days = table.optional("early_payment_days", number::<u16>(1..=DAYS_MAX));
    table.finish();
    let offer = match (instalments?, extension?, early_percent?, early_days?) {
        (Some(max), None, None, None) => Offer::Instalments { max },
        (None, Some(days_max), None, None) => Offer::Extension { days_max },
        (None, None, Some(percent), Some(days)) => Offer::EarlyPayment { percent, days },
        _ => {
            return Err(table.reader.error(
                table.line,
                Rule::Form,
                "una oferta es una sola cosa: `instalments_max`, `extension_days_max`, o \
                 `early_payment_percent` con `early_payment_days`",
            ));
        }
    };
    match terms.and_then(|terms| beyond_terms(&offer, terms)) {
        Some(message) => Err(table
            .reader
            .error(table.line, Rule::OfferWithinTerms, message)),
        None => Ok(offer),
    }
}

fn beyond_terms(offer: &Offer, terms: &Terms) -> Option<String> {
    match offer {
        Offer::Instalments { max } => terms.instalments_max.filter(|allowed| max > allowed).map(
            |allowed| {
                format!(
                    "la oferta de {max} pagos pasa de los {allowed} que [terms] concede: baje una \
                     o suba el otro"
                )
            },
        ),
        Offer::Extension { days_max } => terms
            .extension_days_max
            .filter(|allowed| days_max > allowed)
            .map(|allowed| {
                format!(
                    "la prórroga de {} pasa de lo que [terms] concede ({}): baje una o suba el \
                     otro",
                    days(*days_max),
                    days(allowed)
                )
            }),
        Offer::EarlyPayment { .. } => None,
    }
}
