//! The second factor: asked for, taken once, given back by a recovery code.

use domain::UserId;
use domain::user::Role;
use engine::Error;
use engine::account::Renewed;
use engine::sessions::{SignIn, SignInAnswer};
use jiff::SignedDuration;
use testkit::{World, both_databases};

use crate::{EMAIL, PASSWORD, later, seated, shown, sign_in, token, world};

/// The code that an application shows now, put together apart from the program's own way.
fn code(secret: &str, world: &World) -> String {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bits: String = secret
        .chars()
        .map(|it| format!("{:05b}", alphabet.find(it).expect("base 32")))
        .collect();
    let key: Vec<u8> = (0..bits.len() / 8)
        .map(|at| u8::from_str_radix(&bits[at * 8..at * 8 + 8], 2).expect("bits"))
        .collect();
    let step = (world.now().as_second() / 30).to_be_bytes();
    let sha1 = |parts: [&[u8]; 2]| -> Vec<u8> {
        use sha1::Digest as _;
        let mut hash = sha1::Sha1::new();
        parts.iter().for_each(|part| hash.update(part));
        hash.finalize().to_vec()
    };
    // HMAC (RFC 2104).
    let pad = |with: u8| -> Vec<u8> {
        (0..64)
            .map(|at| key.get(at).copied().unwrap_or(0) ^ with)
            .collect()
    };
    let hash = sha1([&pad(0x5c), &sha1([&pad(0x36), &step])]);
    let offset = usize::from(hash[19] & 15);
    let four: [u8; 4] = hash[offset..offset + 4].try_into().expect("four");
    format!(
        "{:06}",
        (u32::from_be_bytes(four) & 0x7fff_ffff) % 1_000_000
    )
}

/// Turns the second factor on; its secret and what was given.
async fn turned_on(world: &World, user: UserId, token: &str) -> (String, Renewed) {
    let engine = &world.engine;
    let who = engine.session(token).await.expect("read").expect("sits");
    let offer = engine.offer_totp(user).await.expect("offered");
    assert!(
        offer.address.ends_with("&issuer=Puntual"),
        "{}",
        offer.address
    );
    let wrong = engine.accept_totp(&who, "000000").await;
    assert!(matches!(wrong, Err(Error::Invalid { .. })), "{wrong:?}");
    let renewed = engine.accept_totp(&who, &code(&offer.secret, world)).await;
    (offer.secret, renewed.expect("accepted"))
}

fn with_code(code: &str) -> SignIn {
    SignIn {
        code: Some(code.to_owned()),
        ..shown(EMAIL, PASSWORD)
    }
}

both_databases! {
    async fn a_code_is_asked_for_and_taken_once(test: &TestDb) {
        let world = world(test).await;
        let user = seated(&world, EMAIL, Role::Admin).await;
        let first = token(&world, shown(EMAIL, PASSWORD)).await;
        let other = token(&world, shown(EMAIL, PASSWORD)).await;
        let (secret, renewed) = turned_on(&world, user, &first).await;
        // The sitting goes on under another token; the others ended.
        let engine = &world.engine;
        assert_eq!(engine.session(&first).await.expect("read"), None);
        assert_eq!(engine.session(&other).await.expect("read"), None);
        let who = engine.session(&renewed.token).await.expect("read").expect("sits");
        assert!(who.totp);

        assert_eq!(sign_in(&world, shown(EMAIL, PASSWORD)).await, SignInAnswer::NeedsCode);
        // The code that turned it on was taken by that.
        let used = code(&secret, &world);
        assert_eq!(sign_in(&world, with_code(&used)).await, SignInAnswer::Refused);
        later(&world, SignedDuration::from_secs(30));
        assert_eq!(sign_in(&world, with_code(&used)).await, SignInAnswer::Refused);
        let next = code(&secret, &world);
        token(&world, with_code(&next)).await;
        assert_eq!(sign_in(&world, with_code(&next)).await, SignInAnswer::Refused);
        // Nor is the code of an earlier step taken after a later one.
        assert_eq!(sign_in(&world, with_code(&used)).await, SignInAnswer::Refused);
    }

    async fn codes_cannot_be_guessed_for_long(test: &TestDb) {
        let world = world(test).await;
        let user = seated(&world, EMAIL, Role::Admin).await;
        let first = token(&world, shown(EMAIL, PASSWORD)).await;
        turned_on(&world, user, &first).await;
        // Showing the password alone in between clears nothing.
        let mut heard = 0;
        for guess in 0..20 {
            let alone = sign_in(&world, shown(EMAIL, PASSWORD)).await;
            let guessed = sign_in(&world, with_code(&format!("{guess:06}"))).await;
            if guessed == SignInAnswer::Refused {
                assert_eq!(alone, SignInAnswer::NeedsCode);
                heard += 1;
            }
        }
        assert_eq!(heard, 5);
    }

    async fn a_recovery_code_is_good_once(test: &TestDb) {
        let world = world(test).await;
        let user = seated(&world, EMAIL, Role::Admin).await;
        let first = token(&world, shown(EMAIL, PASSWORD)).await;
        let (_, renewed) = turned_on(&world, user, &first).await;
        let engine = &world.engine;
        assert_eq!(renewed.recovery_codes.len(), 8);
        let code = renewed.recovery_codes[3].to_uppercase().replace('-', " ");
        token(&world, with_code(&code)).await;
        assert_eq!(sign_in(&world, with_code(&code)).await, SignInAnswer::Refused);
        assert_eq!(engine.account_of_user(user).await.expect("read").recovery_codes, 7);

        let who = engine.session(&renewed.token).await.expect("read").expect("sits");
        let wrong = engine.renew_recovery_codes(&who, "no es esta", "").await;
        assert!(matches!(wrong, Err(Error::Invalid { .. })), "{wrong:?}");
        let new = engine.renew_recovery_codes(&who, PASSWORD, "").await.expect("renewed");
        let old = with_code(&renewed.recovery_codes[0]);
        assert_eq!(sign_in(&world, old).await, SignInAnswer::Refused);
        token(&world, with_code(&new[0])).await;

        engine.end_totp(&who, PASSWORD, "").await.expect("ended");
        token(&world, shown(EMAIL, PASSWORD)).await;
    }

    async fn a_company_may_want_a_second_factor_of_all(test: &TestDb) {
        let mut world = world(test).await;
        let user = seated(&world, EMAIL, Role::Admin).await;
        let first = token(&world, shown(EMAIL, PASSWORD)).await;
        let (_, renewed) = turned_on(&world, user, &first).await;
        world.declare("totp_required", "true").await;
        let engine = &world.engine;
        let who = engine.session(&renewed.token).await.expect("read").expect("sits");
        assert!(who.seats[0].totp_required);
        let ended = engine.end_totp(&who, PASSWORD, "").await;
        assert!(matches!(ended, Err(Error::Invalid { .. })), "{ended:?}");
        // One who lost it is helped by an administrator.
        engine.end_totp_of_member(world.company.id, user, "prueba").await.expect("ended");
        assert_eq!(engine.session(&renewed.token).await.expect("read"), None);
        token(&world, shown(EMAIL, PASSWORD)).await;
    }

    async fn another_password_ends_the_other_sittings(test: &TestDb) {
        let world = world(test).await;
        let user = seated(&world, EMAIL, Role::Collector).await;
        let here = token(&world, shown(EMAIL, PASSWORD)).await;
        let there = token(&world, shown(EMAIL, PASSWORD)).await;
        let engine = &world.engine;
        let who = engine.session(&here).await.expect("read").expect("sits");
        let new = "el perro de san roque";
        for (present, new) in [("no es esta", new), (PASSWORD, "corta"), (PASSWORD, EMAIL)] {
            let refused = engine.change_password(&who, present, new, "").await;
            assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
        }
        let renewed = engine.change_password(&who, PASSWORD, new, "").await.expect("changed");
        for gone in [&here, &there] {
            assert_eq!(engine.session(gone).await.expect("read"), None);
        }
        let still = engine.session(&renewed.token).await.expect("read").expect("sits");
        assert_eq!((still.session, still.user), (who.session, user));
        assert_eq!(sign_in(&world, shown(EMAIL, PASSWORD)).await, SignInAnswer::Refused);
        token(&world, shown(EMAIL, new)).await;
    }
}
