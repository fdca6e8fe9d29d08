//! The console: a file per noun, each with its routes.

mod account;
mod claims;
mod company;
mod compliance;
mod customers;
mod home;
pub(crate) mod imports;
mod log;
pub(crate) mod outbox;
pub(crate) mod policy;
mod portfolio;
mod proofs;
pub(crate) mod quarantine;
mod rates;
pub(crate) mod reconcile;
mod reports;
pub(crate) mod runs;
mod users;
pub(crate) mod wizard;
mod work;

use domain::user::Permission;

use crate::page::Navigation;
use crate::routes::Routes;

/// Where one may go, in the order of a day's work: text, path, permission.
pub(crate) const NAVIGATION: &[Navigation] = &[
    ("nav-home", "/home", Permission::See),
    ("nav-work", "/day", Permission::See),
    ("nav-search", "/search", Permission::See),
    ("nav-customers", "/customers", Permission::See),
    ("nav-documents", "/documents", Permission::See),
    ("nav-claims", "/claims", Permission::See),
    ("nav-reconcile", "/reconcile", Permission::Money),
    ("nav-runs", "/runs", Permission::See),
    ("nav-outbox", "/outbox", Permission::See),
    ("nav-policy", "/policy", Permission::See),
    ("nav-compliance", "/compliance", Permission::See),
    ("nav-imports", "/imports", Permission::See),
    ("nav-quarantine", "/quarantine", Permission::See),
    ("nav-reports", "/reports", Permission::See),
    ("nav-rates", "/rates", Permission::See),
    ("nav-users", "/users", Permission::Users),
    ("nav-company", "/company", Permission::Company),
    ("nav-log", "/log", Permission::Log),
];

/// Every route of a company's console.
pub fn routes() -> Routes {
    Routes::new()
        .and(account::routes())
        .and(claims::routes())
        .and(company::routes())
        .and(compliance::routes())
        .and(customers::routes())
        .and(home::routes())
        .and(imports::routes())
        .and(log::routes())
        .and(outbox::routes())
        .and(policy::routes())
        .and(portfolio::routes())
        .and(proofs::routes())
        .and(quarantine::routes())
        .and(rates::routes())
        .and(reconcile::routes())
        .and(reports::routes())
        .and(runs::routes())
        .and(users::routes())
        .and(wizard::routes())
        .and(work::routes())
}
