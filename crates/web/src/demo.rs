//! The way into the example company: a seat of each role for whoever sits at this machine.

use axum::Router;
use axum::extract::{Form, State};
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use domain::user::Role;
use engine::users::NewUser;
use serde::Deserialize;

use crate::Web;
use crate::page::Problem;
use crate::session::set_cookie;

/// The example's users: role, address, name.
pub const DEMO_USERS: &[(Role, &str, &str)] = &[
    (Role::Admin, "admin@ejemplo.test", "Alicia Administra"),
    (Role::Manager, "gerencia@ejemplo.test", "Germán Gerente"),
    (Role::Collector, "cobranza@ejemplo.test", "Carla Cobranza"),
    (Role::Auditor, "auditoria@ejemplo.test", "Aurelio Auditor"),
];

pub(crate) fn routes() -> Router<Web> {
    Router::new().route("/demo/enter", post(enter))
}

#[derive(Deserialize)]
struct Enter {
    role: String,
}

/// Sits the visitor down as the example's user of a role; only where the example is served.
async fn enter(State(web): State<Web>, Form(form): Form<Enter>) -> Result<Response, Problem> {
    if !web.config.demo {
        return Err(Problem::NotFound);
    }
    let known = DEMO_USERS
        .iter()
        .find(|(role, ..)| role.code() == form.role);
    let Some((role, email, name)) = known else {
        return Err(Problem::NotFound);
    };
    let company = web.engine.company(None).await?.ok_or(Problem::NotFound)?;
    let user = NewUser {
        email: (*email).to_owned(),
        name: (*name).to_owned(),
        seat: Some((company.id, *role)),
        ..NewUser::default()
    };
    let user = web.engine.add_user(user, "puntual").await?;
    let token = web.engine.open_session(user, "demo", "").await?;
    let cookie = [(SET_COOKIE, set_cookie(&web, &token))];
    Ok((cookie, Redirect::to("/")).into_response())
}
