//! The faces through their router, on both databases.

mod app;
mod customers;
mod frame;
mod home;
mod imports;
mod outreach;
mod portfolio;
mod wizard;
