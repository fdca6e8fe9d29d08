//! Filling in one message.

use std::io;

use minijinja::Value;
use minijinja::value::Serde;
use mrml::prelude::render::RenderOptions;
use sha2::{Digest, Sha256};

use super::pack::{Pack, template_name};
use super::{LAYOUT, LISTED_MAX, Rendered, TemplateError};
use crate::message::{DocumentLine, MessageContext};

/// Longest subject.
const SUBJECT_BYTES_MAX: usize = 200;
/// Longest part before and after MJML; mail programs cut HTML off at about 100 kB.
const PART_BYTES_MAX: usize = 100_000;

pub(super) fn render(
    pack: &Pack,
    key: &str,
    context: &MessageContext,
) -> Result<Rendered, TemplateError> {
    let subject = fill(
        pack,
        &template_name(key, "subject"),
        context,
        "",
        Value::from(""),
    )?;
    let subject = subject.split_whitespace().collect::<Vec<_>>().join(" ");
    let none = Value::from("");

    let body = fill(
        pack,
        &template_name(key, "text"),
        context,
        &subject,
        none.clone(),
    )?;
    let layout = template_name(LAYOUT, "text");
    let text = fill(pack, &layout, context, &subject, Value::from(body.trim()))?;

    let body = fill(pack, &template_name(key, "mjml"), context, &subject, none)?;
    let layout = template_name(LAYOUT, "mjml");
    let mjml = fill(
        pack,
        &layout,
        context,
        &subject,
        Value::from_safe_string(body),
    )?;
    let preview = between(&mjml, "<mj-preview>", "</mj-preview>");
    let preview = preview.map(crate::message_check::seen).unwrap_or_default();
    let html = to_html(&mjml).map_err(|reason| TemplateError::Mjml {
        language: pack.language.clone(),
        name: key.to_owned(),
        reason,
    })?;

    let text = tidy(&text);
    for (part, content, limit) in [
        ("subject", &subject, SUBJECT_BYTES_MAX),
        ("text", &text, PART_BYTES_MAX),
        ("html", &html, PART_BYTES_MAX),
    ] {
        if content.is_empty() || content.len() > limit {
            return Err(TemplateError::Size {
                language: pack.language.clone(),
                name: key.to_owned(),
                part,
                found: content.len(),
                limit,
            });
        }
    }
    Ok(Rendered {
        subject,
        preview: preview.trim().to_owned(),
        text,
        html,
        language_used: pack.language.clone(),
        template_digest: digest(pack, key),
    })
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(from)?;
    Some(rest.split_once(to)?.0)
}

fn fill(
    pack: &Pack,
    template: &str,
    context: &MessageContext,
    subject: &str,
    body: Value,
) -> Result<String, TemplateError> {
    let view = view(context, subject, body);
    let mut out = Bounded::default();
    let filled = pack
        .environment
        .get_template(template)
        .and_then(|template| template.render_captured_to(view, &mut out));
    if out.overflowed {
        let (name, part) = template.split_once('.').unwrap_or((template, ""));
        return Err(TemplateError::Endless {
            language: pack.language.clone(),
            name: name.to_owned(),
            part: part.to_owned(),
            limit: PART_BYTES_MAX,
        });
    }
    filled.map_err(|error| pack.fill_error(&error))?;
    Ok(String::from_utf8_lossy(&out.bytes).into_owned())
}

/// The facts as a template sees them: long lists cut, the rest counted.
fn view(context: &MessageContext, subject: &str, body: Value) -> Value {
    let (documents, documents_more) = cut(&context.documents);
    let (upcoming, upcoming_more) = cut(&context.upcoming);
    minijinja::context! {
        documents => Value::from(Serde(documents)),
        documents_more,
        upcoming => Value::from(Serde(upcoming)),
        upcoming_more,
        subject,
        body,
        ..Value::from(Serde(context))
    }
}

fn cut(list: &[DocumentLine]) -> (&[DocumentLine], usize) {
    let listed = &list[..list.len().min(LISTED_MAX)];
    (listed, list.len() - listed.len())
}

/// A buffer that refuses to grow past the longest part.
#[derive(Default)]
struct Bounded {
    bytes: Vec<u8>,
    overflowed: bool,
}

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > PART_BYTES_MAX {
            self.overflowed = true;
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// No fonts are fetched and nothing is included: a message loads nothing but the company's logo.
fn to_html(mjml: &str) -> Result<String, String> {
    let options = RenderOptions {
        fonts: std::collections::HashMap::new(),
        ..RenderOptions::default()
    };
    let parsed = mrml::parse(mjml).map_err(|error| error.to_string())?;
    if let Some(warning) = parsed.warnings.first() {
        return Err(warning.to_string());
    }
    parsed
        .element
        .render(&options)
        .map_err(|error| error.to_string())
}

/// No trailing white space, no more than one empty line together, one line end at the end.
fn tidy(text: &str) -> String {
    let mut tidied = String::with_capacity(text.len());
    let mut empty_lines = 0;
    for line in text.trim().lines().map(str::trim_end) {
        empty_lines = if line.is_empty() { empty_lines + 1 } else { 0 };
        if empty_lines < 2 {
            tidied.push_str(line);
            tidied.push('\n');
        }
    }
    tidied
}

fn digest(pack: &Pack, key: &str) -> String {
    let mut hash = Sha256::new();
    for name in [LAYOUT, key] {
        if let Some(file) = pack.files.get(name) {
            // Lengths keep two different pairs of files from reading as the same bytes.
            hash.update(file.source.len().to_be_bytes());
            hash.update(file.source.as_bytes());
        }
    }
    let hex = |byte: u8| [byte >> 4, byte & 15].map(|four| char::from_digit(four.into(), 16));
    hash.finalize()
        .iter()
        .flat_map(|byte| hex(*byte))
        .flatten()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::{KEYS, Templates};
    use super::*;
    use crate::templates::pack::FUEL;

    #[test]
    fn the_longest_shipped_message_uses_a_fraction_of_the_fuel() {
        let templates = Templates::embedded().expect("the shipped templates");
        let context = MessageContext::sample_long();
        for pack in templates.packs.values() {
            for key in KEYS {
                let name = template_name(key, "mjml");
                let template = pack.environment.get_template(&name).expect("a template");
                let view = view(&context, "", Value::from(""));
                let mut out = Bounded::default();
                let captured = template.render_captured_to(view, &mut out).expect("filled");
                let (used, _) = captured.state().fuel_levels().expect("fuel");
                assert!(used < FUEL / 5, "{key}: {used}");
            }
        }
    }
}
