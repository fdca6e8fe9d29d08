//! `puntual user`: who may sit at the console.

use engine::Engine;
use engine::user_links::MadeLink;
use engine::users::NewUser;
use serde_json::{Value, json};

use crate::args::UserCommand;
use crate::failure::Failure;
use crate::output::{self, Rows};
use crate::session::Session;

/// Members that are listed.
const MEMBERS_MAX: u32 = 10_000;
/// Where the console is when the configuration does not say.
const LOCAL: &str = "http://127.0.0.1:8080";

/// Makes or lists users, or makes a link to a new password.
pub async fn user(session: &Session, command: UserCommand) -> Result<(), Failure> {
    let engine = session.engine().await?;
    match command {
        UserCommand::Add {
            email,
            name,
            role,
            founder,
        } => {
            let company = session.company(&engine).await?;
            let new = NewUser {
                email: email.clone(),
                name,
                founder,
                seat: Some((company.id, role)),
                ..NewUser::default()
            };
            engine.add_user(new, &session.author()).await?;
            reset_link(session, &engine, &email).await
        }
        UserCommand::List => list(session, &engine).await,
        UserCommand::ResetLink { email } => reset_link(session, &engine, &email).await,
    }
}

async fn list(session: &Session, engine: &Engine) -> Result<(), Failure> {
    let company = session.company(engine).await?;
    let members = engine.members(company.id, None, MEMBERS_MAX).await?;
    let rows = || {
        let mut rows = Rows::new(&["correo", "nombre", "papel", "dos pasos", "visto"]);
        for member in &members {
            let totp = if member.totp { "sí" } else { "no" };
            let seen = member.seen_at.map(|at| at.to_string());
            rows.push([
                member.email.clone(),
                member.name.clone(),
                member.role.code().to_owned(),
                totp.to_owned(),
                seen.unwrap_or_default(),
            ]);
        }
        rows
    };
    let body: Vec<Value> = members
        .iter()
        .map(|member| {
            json!({
                "email": member.email,
                "name": member.name,
                "role": member.role.code(),
                "since": member.since,
                "totp": member.totp,
                "seen_at": member.seen_at,
            })
        })
        .collect();
    let text = || output::table(&rows());
    session.output.answer(&body, text, rows)
}

async fn reset_link(session: &Session, engine: &Engine, email: &str) -> Result<(), Failure> {
    let made = engine.reset_link(email, &session.author()).await?;
    let Some(MadeLink { token, expires_at }) = made else {
        return Err(Failure::new(format!(
            "nadie usa el correo «{email}»: `puntual user list` muestra los que hay"
        )));
    };
    let base = session
        .config
        .web
        .as_ref()
        .and_then(|web| web.base_url.as_deref());
    let base = base.unwrap_or(LOCAL).trim_end_matches('/');
    let link = format!("{base}{}", web::link_path(&token));
    let body = json!({ "email": email, "link": link, "good_until": expires_at });
    let rows = || {
        let mut rows = Rows::new(&["correo", "enlace", "sirve hasta"]);
        rows.push([email.to_owned(), link.clone(), expires_at.to_string()]);
        rows
    };
    let text = || {
        format!(
            "Enlace para que {email} elija su contraseña (sirve una vez, hasta {expires_at}):\n{link}\n"
        )
    };
    session.output.answer(&body, text, rows)
}
