//! Every route of the console, as no one, as each role, as another company's user, and from
//! another site.

use axum::http::{Method, StatusCode};
use domain::user::Role;
use engine::NewCompany;
use engine::users::NewUser;
use testkit::both_databases;
use web::Route;

use crate::{Faces, asking};

/// The path of a route at the company, its parameters filled with ids that nothing has.
fn path(route: &Route) -> String {
    let mut path = String::from("/c/valle");
    for part in route.path.split('/').skip(1) {
        path.push('/');
        if part.starts_with('{') {
            path.push_str("0199a0f0-0000-7000-8000-000000000000");
        } else {
            path.push_str(part);
        }
    }
    path
}

both_databases! {
    async fn nobody_and_strangers_see_nothing(test: &TestDb) {
        let faces = Faces::new(test).await;
        let engine = &faces.world.engine;
        let other = NewCompany { name: "norte".to_owned(), ..NewCompany::default() };
        let other = engine.add_company(other, "prueba").await.expect("made");
        let stranger = NewUser {
            email: "eva@norte.example".to_owned(),
            seat: Some((other.id, Role::Admin)),
            ..NewUser::default()
        };
        let stranger = engine.add_user(stranger, "prueba").await.expect("made");
        let token = faces.token(stranger).await;
        let nowhere = faces.get("/c/nada/home", Some(&token)).await;
        assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
        let console = web::console_routes();
        assert!(console.table().len() > 20);
        for route in console.table() {
            let path = path(route);
            let (alone, asked) = match route.method {
                Method::GET => (faces.get(&path, None).await, faces.get(&path, Some(&token)).await),
                _ => (
                    faces.post(&path, None, "").await,
                    faces.post(&path, Some(&token), "").await,
                ),
            };
            assert_eq!(alone.status, StatusCode::SEE_OTHER, "{route:?}");
            assert!(alone.to.starts_with("/sign-in"), "{route:?}: {}", alone.to);
            assert_eq!(asked.status, StatusCode::NOT_FOUND, "{route:?}");
            // Another's company looks like one that is not there.
            assert_eq!(asked.body, nowhere.body, "{route:?}");
        }
    }

    async fn each_role_comes_through_its_own_doors(test: &TestDb) {
        let faces = Faces::new(test).await;
        // So that nobody is the last administrator.
        faces.seated("jefa@valle.example", Role::Admin).await;
        for role in Role::ALL {
            let new = NewUser {
                email: format!("{role}@valle.example"),
                seat: Some((faces.world.company.id, *role)),
                ..NewUser::default()
            };
            let user = faces.world.engine.add_user(new, "prueba").await.expect("made");
            for route in web::console_routes().table() {
                let token = faces.token(user).await;
                let path = path(route);
                let answer = match route.method {
                    Method::GET => faces.get(&path, Some(&token)).await,
                    _ => faces.post(&path, Some(&token), "").await,
                };
                let forbidden = answer.status == StatusCode::FORBIDDEN;
                assert_eq!(forbidden, !role.may(route.needs), "{role} {route:?}");
                assert!(!answer.status.is_server_error(), "{role} {route:?}: {}", answer.body);
                assert!(!answer.to.starts_with("/sign-in"), "{role} {route:?}");
            }
        }
    }

    async fn a_form_from_elsewhere_does_nothing(test: &TestDb) {
        let faces = Faces::new(test).await;
        let user = faces.seated("jefa@valle.example", Role::Admin).await;
        let token = faces.token(user).await;
        let evidence: [&[(&str, &str)]; 5] = [
            &[],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site")],
            &[("origin", "https://mala.example")],
            &[("origin", "null")],
        ];
        let posts = web::console_routes();
        let posts = posts.table().iter().filter(|route| route.method == Method::POST);
        for route in posts {
            for headers in evidence {
                let mut request = asking(Method::POST, &path(route), Some(&token), "csrf=malo");
                for (name, value) in headers {
                    request.headers_mut().insert(*name, value.parse().expect("a header"));
                }
                let answer = faces.ask(request).await;
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "{route:?} {headers:?}");
            }
        }
        assert_eq!(faces.get("/c/valle/account", Some(&token)).await.status, StatusCode::OK);
    }
}
