//! The console: a file per noun, each with its routes.

mod customers;
mod home;
pub(crate) mod outbox;
mod policy;
mod portfolio;
mod reports;
pub(crate) mod runs;
mod work;

use domain::user::Permission;

use crate::page::Navigation;
use crate::routes::Routes;

/// Where one may go, in the order of a day's work: text, path, permission.
pub(crate) const NAVIGATION: &[Navigation] = &[
    ("nav-home", "/home", Permission::See),
    ("nav-work", "/work", Permission::See),
    ("nav-search", "/search", Permission::See),
    ("nav-customers", "/customers", Permission::See),
    ("nav-documents", "/documents", Permission::See),
    ("nav-runs", "/runs", Permission::See),
    ("nav-outbox", "/outbox", Permission::See),
    ("nav-policy", "/policy", Permission::See),
    ("nav-reports", "/reports", Permission::See),
];

/// Every route of a company's console.
pub fn routes() -> Routes {
    Routes::new()
        .and(home::routes())
        .and(customers::routes())
        .and(outbox::routes())
        .and(policy::routes())
        .and(portfolio::routes())
        .and(reports::routes())
        .and(runs::routes())
        .and(work::routes())
}
