//! What holds for every page: who may see it, where a form may come from, what a browser may do.

use axum::body::Body;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, ORIGIN};
use axum::http::{Method, StatusCode};
use domain::user::Role;

use crate::app::{App, FORM, form};

testkit::both_databases! {
    async fn a_stranger_is_sent_to_the_way_in_and_back(test: &TestDb) {
        let app = App::new(&test.db).await;
        let answer = app.stranger().get(&app.path("/home")).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        assert!(answer.location().starts_with("/sign-in?back="), "{}", answer.location());
        let nowhere = app.stranger().get("/no-such-page").await;
        assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
        assert!(nowhere.body.contains("no existe"), "{}", nowhere.body);
    }

    async fn someone_with_a_seat_sees_the_first_page(test: &TestDb) {
        let app = App::new(&test.db).await;
        let admin = app.sit(Role::Admin).await;
        let answer = admin.get(&app.path("/home")).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        assert!(answer.body.contains("Papelería del Valle"));
        assert_eq!(admin.get("/").await.location(), app.path("/home"));
        let policy = &answer.headers[CONTENT_SECURITY_POLICY];
        assert!(policy.to_str().expect("text").contains("frame-ancestors 'none'"));
    }

    async fn a_form_from_elsewhere_changes_nothing(test: &TestDb) {
        let app = App::new(&test.db).await;
        let admin = app.sit(Role::Admin).await;
        let bare = || admin.request(Method::POST, "/sign-out").header(CONTENT_TYPE, FORM);
        for request in [
            bare().header("sec-fetch-site", "cross-site"),
            bare().header("sec-fetch-site", "same-site"),
            bare().header(ORIGIN, "https://elsewhere.test"),
            bare().header(ORIGIN, "null"),
            bare(),
        ] {
            let answer = admin.send(request, Body::from(form(&[("x", "1")]))).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN);
        }
        assert_eq!(admin.get(&app.path("/home")).await.status, StatusCode::OK);

        let page = admin.get(&app.path("/home")).await.body;
        let token = page.split("name=\"csrf\" value=\"").nth(1).expect("a token");
        let token = token.split('"').next().expect("its end");
        let answer = admin.send(bare(), Body::from(form(&[("csrf", token)]))).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "the page's own token is enough");
        assert_eq!(admin.get(&app.path("/home")).await.status, StatusCode::SEE_OTHER);
    }
}
