//! The console: a file per noun, each with its routes.

mod home;
mod reports;

use domain::user::Permission;

use crate::page::Navigation;
use crate::routes::Routes;

/// Where one may go, in the order of a day's work: text, path, permission.
pub(crate) const NAVIGATION: &[Navigation] = &[
    ("nav-home", "/home", Permission::See),
    ("nav-reports", "/reports", Permission::See),
];

/// Every route of a company's console.
pub fn routes() -> Routes {
    Routes::new().and(home::routes()).and(reports::routes())
}
