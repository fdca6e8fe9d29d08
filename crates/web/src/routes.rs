//! A table of routes in which each names the permission it asks for, so that none can be open by
//! mistake and a test can walk them all.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, on};
use domain::user::Permission;

use crate::Web;
use crate::session;

/// One route below a company's path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The method.
    pub method: Method,
    /// Its path below `/c/{company}`.
    pub path: &'static str,
    /// What one must be allowed to do.
    pub needs: Permission,
}

/// What the page at a path asks for; `None` where there is none.
pub(crate) fn needed(table: &[Route], path: &str) -> Option<Permission> {
    let fits = |route: &&Route| {
        let (mut parts, mut words) = (route.path.split('/'), path.split('/'));
        loop {
            match (parts.next(), words.next()) {
                (None, None) => return route.method == Method::GET,
                (Some(gap), Some(word)) if gap.starts_with('{') && !word.is_empty() => {}
                (Some(same), Some(word)) if same == word => {}
                _ => return false,
            }
        }
    };
    let gaps = |route: &&Route| route.path.matches('{').count();
    let best = table.iter().filter(fits).min_by_key(gaps);
    best.map(|route| route.needs)
}

/// Routes with their handlers.
#[derive(Default)]
pub struct Routes {
    router: Router<Web>,
    table: Vec<Route>,
}

/// What each route asks for, by method and path as matched.
pub(crate) type Needs = HashMap<(Method, String), Permission>;

impl Routes {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A page to look at.
    #[must_use]
    pub fn get<H, T>(self, path: &'static str, needs: Permission, handler: H) -> Self
    where
        H: Handler<T, Web>,
        T: 'static,
    {
        self.add(Method::GET, path, needs, handler)
    }

    /// A form that changes something.
    #[must_use]
    pub fn post<H, T>(self, path: &'static str, needs: Permission, handler: H) -> Self
    where
        H: Handler<T, Web>,
        T: 'static,
    {
        self.add(Method::POST, path, needs, handler)
    }

    fn add<H, T>(
        mut self,
        method: Method,
        path: &'static str,
        needs: Permission,
        handler: H,
    ) -> Self
    where
        H: Handler<T, Web>,
        T: 'static,
    {
        #[expect(
            clippy::expect_used,
            reason = "only GET and POST come here, which axum knows"
        )]
        let filter = method.clone().try_into().expect("a method axum knows");
        let handler: MethodRouter<Web, Infallible> = on(filter, handler);
        self.router = self.router.route(path, handler);
        self.table.push(Route {
            method,
            path,
            needs,
        });
        self
    }

    /// These and those.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        self.router = self.router.merge(others.router);
        self.table.extend(others.table);
        self
    }

    /// What there is.
    pub fn table(&self) -> &[Route] {
        &self.table
    }

    /// The router, each of whose routes asks who sits there and what they may do.
    pub(crate) fn guarded(self, web: &Web) -> Router<Web> {
        let needs: Needs = self
            .table
            .iter()
            .map(|route| {
                let path = format!("/c/{{company}}{}", route.path);
                ((route.method.clone(), path), route.needs)
            })
            .collect();
        let guard = from_fn_with_state((web.clone(), Arc::new(needs)), session::guard);
        self.router.route_layer(guard)
    }
}
