//! The pages of who may sit here: signing in, the first link, invitations, the account, the log.

use axum::http::StatusCode;
use domain::user::Role;
use testkit::both_databases;

use crate::{EMAIL, Faces, PASSWORD, between, token_in};

/// A page's own address without what stands before it.
fn link_in(body: &str) -> String {
    let address = between(body, "https://cobranza.valle.example", "\"");
    address.to_owned()
}

both_databases! {
    async fn signing_in_gives_a_fresh_cookie_and_leads_back(test: &TestDb) {
        let faces = Faces::new(test).await;
        faces.seated(EMAIL, Role::Manager).await;
        let asked = faces.get("/c/valle/home?a=1", None).await;
        let back = asked.to.strip_prefix("/sign-in?back=").expect("comes back").to_owned();
        // A cookie planted before signing in is worth nothing afterwards.
        let planted = "0".repeat(64);
        let wrong = format!("email={EMAIL}&password=otra+clave+mala&back={back}");
        let refused = faces.post("/sign-in", Some(&planted), &wrong).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.cookie.is_none());
        let unknown = wrong.replace("ana%40", "nadie%40").replace("ana@", "nadie@");
        let unknown = faces.post("/sign-in", Some(&planted), &unknown).await;
        let same = unknown.body.replace("nadie@", "ana@");
        assert_eq!((unknown.status, same), (refused.status, refused.body));

        let right = format!("email={EMAIL}&password={}&back={back}", PASSWORD.replace(' ', "+"));
        let entered = faces.post("/sign-in", Some(&planted), &right).await;
        assert_eq!(entered.status, StatusCode::SEE_OTHER);
        assert_eq!(entered.to, "/c/valle/home?a=1");
        let token = token_in(&entered);
        assert_ne!(token, planted);
        assert_eq!(faces.get("/c/valle/home", Some(&planted)).await.status, StatusCode::SEE_OTHER);
        assert_eq!(faces.get("/c/valle/home", Some(&token)).await.status, StatusCode::OK);
        // Nor does a second sign-in leave the first token good.
        let again = faces.post("/sign-in", Some(&token), &right).await;
        assert_eq!(faces.get("/c/valle/home", Some(&token)).await.status, StatusCode::SEE_OTHER);
        let token = token_in(&again);
        let left = faces.post("/sign-out", Some(&token), "").await;
        assert!(left.cookie.expect("taken away").contains("Max-Age=0"));
        assert_eq!(faces.get("/c/valle/home", Some(&token)).await.status, StatusCode::SEE_OTHER);
    }

    async fn nobody_is_sent_to_another_site(test: &TestDb) {
        let faces = Faces::new(test).await;
        faces.seated(EMAIL, Role::Manager).await;
        for back in [
            "aHR0cHM6Ly9tYWxhLmV4YW1wbGU",          // https://mala.example
            "Ly9tYWxhLmV4YW1wbGU",                  // //mala.example
            "L2MvLy9tYWxhLmV4YW1wbGU",              // /c///mala.example
            "L2MvXG1hbGEuZXhhbXBsZQ",               // /c/\mala.example
            "no es base64",
        ] {
            let form = format!("email={EMAIL}&password={}&back={back}", PASSWORD.replace(' ', "+"));
            let entered = faces.post("/sign-in", None, &form).await;
            assert_eq!(entered.to, "/", "{back}");
        }
    }

    async fn the_first_link_makes_an_administrator(test: &TestDb) {
        let faces = Faces::new(test).await;
        let made = faces.world.engine.first_admin_link().await.expect("made").expect("nobody");
        let path = format!("/link/{}", made.token);
        let page = faces.get(&path, None).await;
        assert_eq!(page.status, StatusCode::OK);
        let differs = format!("email={EMAIL}&name=Ana&password=tres+tristes+tigres&again=otra");
        let refused = faces.post(&path, None, &differs).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.body.contains("no son iguales"), "{}", refused.body);
        // A password is never written back into a page.
        assert!(!refused.body.contains("tristes"), "{}", refused.body);
        let password = PASSWORD.replace(' ', "+");
        let form = format!(
            "email={EMAIL}&name=Ana&language=pt&password={password}&again={password}"
        );
        let entered = faces.post(&path, None, &form).await;
        let token = token_in(&entered);
        let users = faces.get("/c/valle/users", Some(&token)).await;
        assert!(users.body.contains("Quem trabalha aqui"), "{}", users.body);
        assert_eq!(faces.get(&path, None).await.status, StatusCode::NOT_FOUND);
        assert_eq!(faces.post(&path, None, &form).await.status, StatusCode::NOT_FOUND);
    }

    async fn an_invitation_is_shown_once_and_joins(test: &TestDb) {
        let faces = Faces::new(test).await;
        let admin = faces.seated(EMAIL, Role::Admin).await;
        let token = faces.token(admin).await;
        let form = "email=beto%40valle.example&role=auditor";
        let made = faces.post("/c/valle/users/invitations", Some(&token), form).await;
        assert_eq!(made.status, StatusCode::OK, "{}", made.body);
        let link = link_in(&made.body);
        let list = faces.get("/c/valle/users", Some(&token)).await.body;
        assert!(list.contains("beto@valle.example") && !list.contains(&link), "{list}");
        let wrong = "email=nadie&role=auditor";
        let refused = faces.post("/c/valle/users/invitations", Some(&token), wrong).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.body.contains("value=\"nadie\""), "{}", refused.body);

        let form = "name=Beto&password=el+perro+de+san+roque&again=el+perro+de+san+roque";
        let joined = faces.post(&link, None, form).await;
        let beto = token_in(&joined);
        assert_eq!(faces.get("/c/valle/log", Some(&beto)).await.status, StatusCode::OK);
        assert_eq!(faces.get("/c/valle/users", Some(&beto)).await.status, StatusCode::FORBIDDEN);
    }

    async fn a_second_factor_is_set_up_when_the_company_wants_it(test: &TestDb) {
        let mut faces = Faces::new(test).await;
        let admin = faces.seated(EMAIL, Role::Admin).await;
        faces.world.declare("totp_required", "true").await;
        let token = faces.token(admin).await;
        let home = faces.get("/c/valle/home", Some(&token)).await;
        assert_eq!((home.status, home.to.as_str()), (StatusCode::SEE_OTHER, "/c/valle/account"));
        let offered = faces.post("/c/valle/account/second-factor", Some(&token), "").await;
        assert!(offered.body.contains("<svg class=\"qr\""), "{}", offered.body);
        assert!(between(&offered.body, "<code>", "</code>").len() == 32);
        let wrong = faces.post("/c/valle/account/second-factor/code", Some(&token), "code=1").await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    }

    async fn another_password_gives_another_cookie(test: &TestDb) {
        let faces = Faces::new(test).await;
        let user = faces.seated(EMAIL, Role::Auditor).await;
        let (here, there) = (faces.token(user).await, faces.token(user).await);
        let form = |present: &str| {
            format!("present={present}&password=el+perro+de+san+roque&again=el+perro+de+san+roque")
        };
        let path = "/c/valle/account/password";
        let wrong = faces.post(path, Some(&here), &form("no+es+esta")).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        let changed = faces.post(path, Some(&here), &form("tres+tristes+tigres")).await;
        let new = token_in(&changed);
        for gone in [&here, &there] {
            assert_eq!(faces.get("/c/valle/home", Some(gone)).await.status, StatusCode::SEE_OTHER);
        }
        let account = faces.get(&changed.to, Some(&new)).await;
        assert!(account.body.contains("Su contraseña quedó cambiada"), "{}", account.body);
    }

    async fn the_company_is_changed_field_by_field(test: &TestDb) {
        let faces = Faces::new(test).await;
        let admin = faces.seated(EMAIL, Role::Admin).await;
        let token = faces.token(admin).await;
        let form = "legal_name=Valle+%3Cscript%3E&sender.address=no&brand.colour=azul";
        let refused = faces.post("/c/valle/company", Some(&token), form).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.body.contains("value=\"Valle &#60;script&#62;\""), "{}", refused.body);
        assert_eq!(refused.body.matches("class=\"errors\"").count(), 3, "{}", refused.body);
        let form = "legal_name=Valle+SA&consents=&consents=whatsapp&consents=call&creditor=supplier\
            &brand.signature=Ana%0D%0ACobranza&totp_required=false&run_hour=09%3A30&debtor=";
        let saved = faces.post("/c/valle/company", Some(&token), form).await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
        let company = faces.world.engine.company(None).await.expect("read").expect("there");
        assert_eq!(company.legal_name, "Valle SA");
        assert_eq!(company.settings.brand.signature, ["Ana", "Cobranza"]);
        assert_eq!(company.settings.run_hour, jiff::civil::time(9, 30, 0, 0));
        assert_eq!(company.declarations.consents.expect("declared").value.len(), 2);
        assert_eq!(company.declarations.creditor.expect("declared").author, EMAIL);
        assert!(company.declarations.debtor.is_none());
        let page = faces.get("/c/valle/company", Some(&token)).await;
        assert!(page.body.contains("value=\"09:30\""), "{}", page.body);
    }

    async fn what_was_done_stands_in_the_log(test: &TestDb) {
        let faces = Faces::new(test).await;
        let admin = faces.seated(EMAIL, Role::Admin).await;
        let other = faces.seated("beto@valle.example", Role::Collector).await;
        let token = faces.token(admin).await;
        let role = format!("/c/valle/users/{other}/role");
        faces.get(&format!("/c/valle/users/{other}"), Some(&token)).await;
        faces.get("/c/valle/users/0199a0f0-0000-7000-8000-000000000000", Some(&token)).await;
        faces.post(&role, Some(&token), "role=manager").await;
        faces.world.engine.flush_access().await.expect("written");
        let log = faces.get("/c/valle/log", Some(&token)).await.body;
        let rows: Vec<&str> = log.split("<tr>").skip(2).collect();
        assert_eq!(rows.len(), 2, "{log}");
        assert!(rows[0].contains("Hizo") && rows[0].contains(&format!("/users/{other}/role")));
        assert!(rows[1].contains("Vio") && rows[1].contains(EMAIL), "{}", rows[1]);
        let none = faces.get("/c/valle/log?author=otra@valle.example", Some(&token)).await.body;
        assert!(none.contains("No hay nada con esos filtros"), "{none}");
        let one = faces.get(&format!("/c/valle/log?action=do&entity={other}"), Some(&token)).await;
        assert_eq!(one.body.split("<tr>").skip(2).count(), 1);
    }

    async fn a_forgotten_password_is_answered_alike(test: &TestDb) {
        let mut faces = Faces::new(test).await;
        faces.seated(EMAIL, Role::Collector).await;
        faces.world.declare("sender.address", "cobranza@valle.example").await;
        let known = faces.post("/forgot", None, &format!("email={EMAIL}")).await;
        let unknown = faces.post("/forgot", None, "email=nadie@valle.example").await;
        assert_eq!((known.status, &known.body), (unknown.status, &unknown.body));
        let letter = async || {
            for _ in 0..1_200 {
                let folder = std::fs::read_dir(faces.world.outbox.folder());
                let mut files = folder.into_iter().flatten().flatten();
                let eml = |it: &std::fs::DirEntry| {
                    it.path().extension().is_some_and(|extension| extension == "eml")
                };
                if let Some(file) = files.find(eml) {
                    return std::fs::read_to_string(file.path()).expect("a letter");
                }
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
            panic!("no letter");
        };
        let letter = letter().await.replace("=\r\n", "");
        let token: String = between(&letter, "cobranza.valle.example/link/", "\r\n")
            .chars()
            .filter(char::is_ascii_hexdigit)
            .collect();
        let page = faces.get(&format!("/link/{token}"), None).await;
        assert_eq!(page.status, StatusCode::OK, "{letter}");
    }
}
