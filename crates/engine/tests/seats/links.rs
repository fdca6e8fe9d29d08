//! The first administrator, invitations, new passwords: each link once, and not for long.

use domain::user::{LinkPurpose, Role};
use engine::outreach::Mailer;
use engine::sessions::SignInAnswer;
use engine::user_links::{INVITATION_GOOD, Letter, LinkUse, LinkUsed, RESET_GOOD};
use engine::users::NewUser;
use engine::{Error, NewCompany};
use jiff::SignedDuration;
use testkit::{World, both_databases};

use crate::{EMAIL, PASSWORD, later, seated, shown, sign_in, token, world};

fn given(password: &str) -> LinkUse {
    LinkUse {
        email: " Ana@valle.example".to_owned(),
        name: "Ana".to_owned(),
        password: password.to_owned(),
        ..LinkUse::default()
    }
}

async fn used(world: &World, link: &str, password: &str) -> LinkUsed {
    let used = world.engine.use_link(link, given(password)).await;
    used.expect("an answer")
}

/// Files in the outbox.
fn letters(world: &World) -> Vec<String> {
    let Ok(folder) = std::fs::read_dir(world.outbox.folder()) else {
        return Vec::new();
    };
    let read = |entry: std::io::Result<std::fs::DirEntry>| {
        std::fs::read_to_string(entry.expect("an entry").path()).expect("a letter")
    };
    folder.map(read).collect()
}

both_databases! {
    async fn a_database_without_users_has_one_way_in(test: &TestDb) {
        let world = world(test).await;
        let engine = &world.engine;
        let old = engine.first_admin_link().await.expect("made").expect("nobody is there");
        let link = engine.first_admin_link().await.expect("made").expect("nobody is there");
        assert_eq!(used(&world, &old.token, PASSWORD).await, LinkUsed::Gone);
        assert_eq!(used(&world, "adivinado", PASSWORD).await, LinkUsed::Gone);
        let open = engine.open_link(&link.token).await.expect("read").expect("good");
        assert_eq!((open.purpose, open.email), (LinkPurpose::FirstAdmin, None));
        // A password that cannot be leaves the link as it was.
        let refused = engine.use_link(&link.token, given("corta")).await;
        assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
        let LinkUsed::Session { token } = used(&world, &link.token, PASSWORD).await else {
            panic!("no sitting");
        };
        let who = engine.session(&token).await.expect("read").expect("sits");
        assert_eq!((who.email.as_str(), who.name.as_str(), who.founder), (EMAIL, "Ana", true));
        assert_eq!(who.seats[0].role, Role::Admin);
        assert_eq!(used(&world, &link.token, PASSWORD).await, LinkUsed::Gone);
        assert!(engine.first_admin_link().await.expect("asked").is_none());
    }

    async fn a_link_of_the_first_is_closed_once_there_is_somebody(test: &TestDb) {
        let world = world(test).await;
        let link = world.engine.first_admin_link().await.expect("made").expect("nobody");
        seated(&world, "beto@valle.example", Role::Collector).await;
        assert_eq!(used(&world, &link.token, PASSWORD).await, LinkUsed::Gone);
        assert_eq!(sign_in(&world, shown(EMAIL, PASSWORD)).await, SignInAnswer::Refused);
    }

    async fn an_invitation_is_good_once_and_for_three_days(test: &TestDb) {
        let world = world(test).await;
        let (engine, company) = (&world.engine, world.company.id);
        let invite = async |role| {
            let made = engine.invite(company, " Ana@Valle.example", role, "jefa").await;
            made.expect("invited").token
        };
        let late = invite(Role::Manager).await;
        later(&world, INVITATION_GOOD);
        assert_eq!(used(&world, &late, PASSWORD).await, LinkUsed::Gone);

        let first = invite(Role::Manager).await;
        let link = invite(Role::Auditor).await;
        assert_eq!(engine.invitations(company).await.expect("read").len(), 1);
        assert_eq!(used(&world, &first, PASSWORD).await, LinkUsed::Gone);
        let open = engine.open_link(&link).await.expect("read").expect("good");
        assert_eq!((open.email.as_deref(), open.role), (Some(EMAIL), Some(Role::Auditor)));
        assert_eq!(open.company.as_deref(), Some("Papelería del Valle"));
        let LinkUsed::Session { token } = used(&world, &link, PASSWORD).await else {
            panic!("no sitting");
        };
        let who = engine.session(&token).await.expect("read").expect("sits");
        assert_eq!((who.seats[0].role, who.founder), (Role::Auditor, false));
        assert_eq!(used(&world, &link, PASSWORD).await, LinkUsed::Gone);
        let again = engine.invite(company, EMAIL, Role::Admin, "jefa").await;
        assert!(matches!(again, Err(Error::Invalid { .. })), "{again:?}");

        let taken = engine.invite(company, "beto@valle.example", Role::Manager, "jefa").await;
        let taken = taken.expect("invited").token;
        engine.withdraw_invitation(company, "beto@valle.example", "jefa").await.expect("ok");
        assert_eq!(used(&world, &taken, PASSWORD).await, LinkUsed::Gone);
        assert!(engine.invitations(company).await.expect("read").is_empty());
    }

    async fn who_is_known_joins_without_a_new_password(test: &TestDb) {
        let world = world(test).await;
        let engine = &world.engine;
        let user = seated(&world, EMAIL, Role::Manager).await;
        let other = NewCompany { name: "norte".to_owned(), ..NewCompany::default() };
        let other = engine.add_company(other, "prueba").await.expect("made");
        let link = engine.invite(other.id, EMAIL, Role::Collector, "jefe").await.expect("made");
        assert!(engine.open_link(&link.token).await.expect("read").expect("good").known);
        let taken_over = "clave de quien robó el enlace";
        assert_eq!(used(&world, &link.token, taken_over).await, LinkUsed::SignIn);
        assert_eq!(sign_in(&world, shown(EMAIL, taken_over)).await, SignInAnswer::Refused);
        let token = token(&world, shown(EMAIL, PASSWORD)).await;
        let who = engine.session(&token).await.expect("read").expect("sits");
        let roles: Vec<Role> = who.seats.iter().map(|seat| seat.role).collect();
        assert_eq!(roles, [Role::Manager, Role::Collector]);
        // No administrator of one of two companies gets hold of the user.
        let reset = engine.reset_link_of_member(other.id, user, "jefe").await;
        assert!(matches!(reset, Err(Error::Invalid { .. })), "{reset:?}");
        engine.unseat(other.id, user, "jefe").await.expect("unseated");
        let reset = engine.reset_link_of_member(other.id, user, "jefe").await;
        assert!(matches!(reset, Err(Error::NotFound { .. })), "{reset:?}");
    }

    async fn a_new_password_by_link_ends_every_sitting(test: &TestDb) {
        let world = world(test).await;
        let engine = &world.engine;
        let user = seated(&world, EMAIL, Role::Manager).await;
        let old = token(&world, shown(EMAIL, PASSWORD)).await;
        let made = engine.reset_link_of_member(world.company.id, user, "jefa").await;
        let late = made.expect("made").token;
        later(&world, RESET_GOOD);
        let new = "el perro de san roque";
        assert_eq!(used(&world, &late, new).await, LinkUsed::Gone);
        let link = engine.reset_link(EMAIL, "jefa").await.expect("made").expect("known").token;
        assert_eq!(used(&world, &link, new).await, LinkUsed::SignIn);
        assert_eq!(used(&world, &link, PASSWORD).await, LinkUsed::Gone);
        assert_eq!(engine.session(&old).await.expect("read"), None);
        assert_eq!(sign_in(&world, shown(EMAIL, PASSWORD)).await, SignInAnswer::Refused);
        token(&world, shown(EMAIL, new)).await;
        assert!(engine.reset_link("nadie@valle.example", "jefa").await.expect("ok").is_none());
    }

    async fn whoever_forgot_gets_a_letter_and_nobody_else_learns_it(test: &TestDb) {
        let mut world = world(test).await;
        seated(&world, EMAIL, Role::Manager).await;
        let mailer = Mailer::Outbox(world.outbox.clone());
        let ask = async |world: &World, email: &str| {
            let letter = |user: &store::users::User, token: &str| Letter {
                subject: "Su contraseña".to_owned(),
                text: format!("{} <enlace>\n\nhttps://x.example/{token}", user.name),
            };
            let asked = world.engine.request_reset(&mailer, email, "192.0.2.7", letter).await;
            asked.expect("the same answer for all");
        };
        ask(&world, EMAIL).await;
        assert_eq!(letters(&world).len(), 0, "a company without a sender writes to nobody");
        world.declare("sender.name", "Cobranza").await;
        world.declare("sender.address", "cobranza@valle.example").await;
        ask(&world, "nadie@valle.example").await;
        assert_eq!(letters(&world).len(), 0);
        // The third from one address within a day is the last for a while.
        for _ in 0..5 {
            ask(&world, EMAIL).await;
        }
        let sent = letters(&world);
        assert_eq!(sent.len(), 2);
        assert!(sent[0].contains("To: ana@valle.example"), "{}", sent[0]);
        assert!(sent[0].contains("&lt;enlace&gt;"), "{}", sent[0]);
        later(&world, SignedDuration::from_hours(24));
        ask(&world, EMAIL).await;
        assert_eq!(letters(&world).len(), 3);
    }

    async fn nothing_of_a_secret_is_printed(test: &TestDb) {
        let world = world(test).await;
        let engine = &world.engine;
        let new = NewUser {
            email: EMAIL.to_owned(),
            password: Some(PASSWORD.to_owned()),
            ..NewUser::default()
        };
        let printed = format!("{new:?} {:?} {:?}", shown(EMAIL, PASSWORD), given(PASSWORD));
        assert!(!printed.contains(PASSWORD), "{printed}");
        let made = engine.first_admin_link().await.expect("made").expect("nobody");
        assert!(!format!("{made:?}").contains(&made.token));
        let user = engine.add_user(new, "prueba").await.expect("made");
        let kept = store::users::get(engine.db(), user).await.expect("read").expect("there");
        assert!(!format!("{kept:?}").contains("argon2"), "{kept:?}");
        let token = engine.open_session(user, "", "").await.expect("opened");
        let answer = SignInAnswer::Session { token: token.clone() };
        assert!(!format!("{answer:?}").contains(&token));
    }
}
