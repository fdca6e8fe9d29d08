//! Files of a customer: brought, and given back without ever being run here.

use axum::body::Body;
use axum::extract::multipart::{Multipart, MultipartError};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::Response;
use domain::ids::{DocumentId, FileId};
use engine::files::NewFile;
use serde::Deserialize;

use super::fields::{Field, FormPage, Kind, Typed};
use super::{At, refusal};
use crate::Web;
use crate::page::Problem;
use crate::session::Seat;

/// Documents that a select offers.
const OPTIONS_MAX: usize = 200;

async fn page_of(web: &Web, seat: &Seat, at: At) -> Result<FormPage, Problem> {
    let customer = web
        .engine
        .customer(&seat.company, at.customer, None)
        .await?;
    let page = seat.page("customers-title");
    let mut options = vec![(String::new(), page.t("customers-file-of-customer"))];
    let documents = customer.position.books.documents.iter().rev();
    let offered = documents.take(OPTIONS_MAX);
    options.extend(offered.map(|it| (it.id.to_string(), it.number.clone())));
    let title = page.t("customers-act-file");
    let path = format!("/customers/{}", at.customer);
    Ok(FormPage {
        action: seat.url(&format!("{path}/file")),
        back: seat.url(&path),
        intro: None,
        submit: page.t("customers-save"),
        fields: vec![
            Field::new(Kind::Choice, "document", page.t("customers-document"))
                .options(options)
                .optional(),
            Field::new(Kind::File, "file", page.t("customers-file"))
                .help(page.t("customers-file-help")),
        ],
        customer: customer.position.customer.name,
        error: None,
        page: page.titled(title),
    })
}

pub(super) async fn form(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<At>,
) -> Result<Response, Problem> {
    page_of(&web, &seat, at).await?.show()
}

fn unreadable(error: &MultipartError) -> Problem {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        Problem::TooLarge
    } else {
        Problem::Invalid(error.body_text())
    }
}

pub(super) async fn upload(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<At>,
    mut parts: Multipart,
) -> Result<Response, Problem> {
    let mut new = NewFile {
        customer: Some(at.customer),
        document: None,
        name: String::new(),
        content: Vec::new(),
    };
    let mut typed = Typed::new();
    while let Some(part) = parts.next_field().await.map_err(|it| unreadable(&it))? {
        match part.name() {
            Some("document") => {
                let text = part.text().await.map_err(|it| unreadable(&it))?;
                let id: Result<DocumentId, _> = text.trim().parse();
                if !text.trim().is_empty() {
                    new.document = Some(id.map_err(|_| Problem::NotFound)?);
                }
                typed.insert("document".to_owned(), text);
            }
            Some("file") => {
                new.name = part.file_name().unwrap_or_default().to_owned();
                let bytes = part.bytes().await.map_err(|it| unreadable(&it))?;
                new.content = bytes.to_vec();
            }
            _ => {}
        }
    }
    match web.engine.add_file(&seat.company, new, seat.author()).await {
        Ok(_) => Ok(seat.done(&format!("/customers/{}", at.customer), "file-added")),
        Err(error) => {
            let (what, why) = refusal(error)?;
            let field = if what == "documento" {
                "document"
            } else {
                "file"
            };
            page_of(&web, &seat, at).await?.again(&typed, (field, why))
        }
    }
}

/// A file of a path.
#[derive(Clone, Copy, Deserialize)]
pub(super) struct AtFile {
    file: FileId,
}

/// A file to keep, never to open here: what it is was told by its bytes, and whatever opens it all
/// the same runs nothing.
pub(super) async fn download(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<AtFile>,
) -> Result<Response, Problem> {
    let (file, content) = web.engine.file(&seat.company, at.file).await?;
    let response = Response::builder()
        .header(CONTENT_TYPE, file.kind.media_type())
        .header(CONTENT_DISPOSITION, disposition(&file.name))
        .header(
            CONTENT_SECURITY_POLICY,
            "sandbox; default-src 'none'; frame-ancestors 'none'",
        )
        .body(Body::from(content));
    response.map_err(|_| Problem::NotFound)
}

/// The header that names a file for keeping (RFC 6266, letters beyond ASCII as in RFC 8187).
fn disposition(name: &str) -> String {
    use std::fmt::Write;
    let plain: String = name
        .chars()
        .map(|it| {
            if it.is_ascii_graphic() && !"\"\\%".contains(it) {
                it
            } else {
                '_'
            }
        })
        .collect();
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_inside_its_header() {
        assert_eq!(
            disposition("año \"1\".pdf"),
            "attachment; filename=\"a_o__1_.pdf\"; filename*=UTF-8''a%C3%B1o%20%221%22.pdf"
        );
    }
}
