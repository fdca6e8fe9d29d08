//! Who may sit at the console, on both databases.

mod factors;
mod links;
mod log;
mod sittings;

use domain::UserId;
use domain::user::Role;
use engine::sessions::{SignIn, SignInAnswer};
use engine::users::NewUser;
use jiff::SignedDuration;
use jiff::civil::date;
use testkit::{TestDb, World};

const PASSWORD: &str = "tres tristes tigres";
const EMAIL: &str = "ana@valle.example";

async fn world(test: &TestDb) -> World {
    World::mexican(&test.db, date(2026, 3, 2)).await
}

/// Someone with the usual password and a seat.
async fn seated(world: &World, email: &str, role: Role) -> UserId {
    let new = NewUser {
        email: email.to_owned(),
        password: Some(PASSWORD.to_owned()),
        seat: Some((world.company.id, role)),
        ..NewUser::default()
    };
    world.engine.add_user(new, "prueba").await.expect("made")
}

fn shown(email: &str, password: &str) -> SignIn {
    SignIn {
        email: email.to_owned(),
        password: password.to_owned(),
        code: None,
        from: "192.0.2.7".to_owned(),
        agent: "Navegador".to_owned(),
    }
}

async fn sign_in(world: &World, shown: SignIn) -> SignInAnswer {
    world.engine.sign_in(shown).await.expect("an answer")
}

async fn token(world: &World, shown: SignIn) -> String {
    match sign_in(world, shown).await {
        SignInAnswer::Session { token } => token,
        other => panic!("no sitting: {other:?}"),
    }
}

fn later(world: &World, span: SignedDuration) {
    world.set(world.now() + span);
}
