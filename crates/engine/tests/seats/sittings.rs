//! Signing in, staying, leaving, and waiting after failures.

use domain::user::Role;
use engine::Error;
use engine::sessions::{IDLE_MAX, OPEN_MAX, SignIn, SignInAnswer};
use jiff::SignedDuration;
use testkit::both_databases;

use crate::{EMAIL, PASSWORD, later, seated, shown, sign_in, token, world};

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

both_databases! {
    async fn a_sitting_ends_idle_or_old(test: &TestDb) {
        let world = world(test).await;
        let user = seated(&world, " Ana@Valle.example ", Role::Manager).await;
        let token = token(&world, shown("ANA@valle.example", PASSWORD)).await;
        let engine = &world.engine;
        let who = engine.session(&token).await.expect("read").expect("sits");
        assert_eq!((who.user, who.email.as_str(), who.seats.len()), (user, EMAIL, 1));
        assert_eq!(who.seats[0].company_name, world.company.name);
        assert_eq!(who.seats[0].role, Role::Manager);
        assert_eq!(engine.session("otra cosa").await.expect("read"), None);

        // Used within eight hours it lives on; the eighth day ends it whatever happens.
        let opened = world.now();
        while world.now() + (IDLE_MAX - MINUTE) < opened + OPEN_MAX {
            later(&world, IDLE_MAX - MINUTE);
            assert!(engine.session(&token).await.expect("read").is_some());
            engine.flush_access().await.expect("written");
        }
        world.set(opened + OPEN_MAX);
        assert_eq!(engine.session(&token).await.expect("read"), None);

        let token = crate::token(&world, shown(EMAIL, PASSWORD)).await;
        later(&world, IDLE_MAX);
        assert_eq!(engine.session(&token).await.expect("read"), None);
        let open = engine.sessions_of(user).await.expect("read");
        assert_eq!(open, []);
    }

    async fn each_sign_in_has_its_own_token_and_leaving_ends_one(test: &TestDb) {
        let world = world(test).await;
        let user = seated(&world, EMAIL, Role::Collector).await;
        let first = token(&world, shown(EMAIL, PASSWORD)).await;
        let second = token(&world, shown(EMAIL, PASSWORD)).await;
        assert_ne!(first, second);
        assert_eq!(first.len(), 64);
        let engine = &world.engine;
        assert_eq!(engine.sessions_of(user).await.expect("read").len(), 2);
        engine.sign_out(&first).await.expect("left");
        engine.sign_out(&first).await.expect("left already");
        assert_eq!(engine.session(&first).await.expect("read"), None);
        assert!(engine.session(&second).await.expect("read").is_some());
    }

    async fn a_wrong_password_is_refused_and_the_fifth_makes_wait(test: &TestDb) {
        let world = world(test).await;
        seated(&world, EMAIL, Role::Collector).await;
        // The same for an address that nobody has.
        for email in [EMAIL, "nadie@valle.example"] {
            for _ in 0..5 {
                let answer = sign_in(&world, shown(email, "no es esta clave")).await;
                assert_eq!(answer, SignInAnswer::Refused);
            }
            let until = world.now() + SignedDuration::from_secs(30);
            let answer = sign_in(&world, shown(email, PASSWORD)).await;
            assert_eq!(answer, SignInAnswer::LockedUntil(until), "{email}");
        }
        // Another failure after the wait doubles it; the right password clears it.
        later(&world, SignedDuration::from_secs(30));
        let answer = sign_in(&world, shown(EMAIL, "no es esta clave")).await;
        assert_eq!(answer, SignInAnswer::Refused);
        let until = world.now() + MINUTE;
        assert_eq!(
            sign_in(&world, shown(EMAIL, PASSWORD)).await,
            SignInAnswer::LockedUntil(until)
        );
        later(&world, MINUTE);
        token(&world, shown(EMAIL, PASSWORD)).await;
        for _ in 0..4 {
            sign_in(&world, shown(EMAIL, "no es esta clave")).await;
        }
        token(&world, shown(EMAIL, PASSWORD)).await;
    }

    async fn one_client_that_tries_many_addresses_waits(test: &TestDb) {
        let world = world(test).await;
        seated(&world, EMAIL, Role::Collector).await;
        for number in 0..20 {
            let email = format!("n{number}@valle.example");
            let answer = sign_in(&world, shown(&email, PASSWORD)).await;
            assert_eq!(answer, SignInAnswer::Refused);
        }
        let answer = sign_in(&world, shown(EMAIL, PASSWORD)).await;
        assert!(matches!(answer, SignInAnswer::LockedUntil(_)), "{answer:?}");
        let elsewhere = SignIn { from: "198.51.100.1".to_owned(), ..shown(EMAIL, PASSWORD) };
        token(&world, elsewhere).await;
    }

    async fn tries_at_once_count_each(test: &TestDb) {
        let world = world(test).await;
        seated(&world, EMAIL, Role::Collector).await;
        let tries = (0..12).map(|_| {
            let engine = world.engine.clone();
            tokio::spawn(async move {
                engine.sign_in(shown(EMAIL, "no es esta clave")).await.expect("an answer")
            })
        });
        let mut heard = 0;
        for answer in tries.collect::<Vec<_>>() {
            heard += u32::from(answer.await.expect("ran") == SignInAnswer::Refused);
        }
        assert_eq!(heard, 5);
    }

    async fn another_role_ends_the_sittings_and_someone_always_administers(test: &TestDb) {
        let world = world(test).await;
        let (engine, company) = (&world.engine, world.company.id);
        let admin = seated(&world, EMAIL, Role::Admin).await;
        let other = seated(&world, "beto@valle.example", Role::Collector).await;
        let token = token(&world, shown("beto@valle.example", PASSWORD)).await;
        let alone = engine.set_role(company, admin, Role::Auditor, "prueba").await;
        assert!(matches!(alone, Err(Error::Invalid { .. })), "{alone:?}");
        let alone = engine.unseat(company, admin, "prueba").await;
        assert!(matches!(alone, Err(Error::Invalid { .. })), "{alone:?}");

        engine.set_role(company, other, Role::Collector, "prueba").await.expect("no change");
        assert!(engine.session(&token).await.expect("read").is_some());
        engine.set_role(company, other, Role::Admin, "prueba").await.expect("changed");
        assert_eq!(engine.session(&token).await.expect("read"), None);
        engine.unseat(company, admin, "prueba").await.expect("sent away");
        assert_eq!(sign_in(&world, shown(EMAIL, PASSWORD)).await, SignInAnswer::Refused);
        let members = engine.members(company, None, 10).await.expect("read");
        assert_eq!(members.iter().map(|it| (it.user, it.role)).collect::<Vec<_>>(), [
            (other, Role::Admin),
        ]);
    }
}
