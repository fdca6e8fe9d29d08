//! The faces through their router, on both databases.

mod app;
mod attacks;
mod browser;
mod compliance;
mod crawl;
mod customers;
mod frame;
mod home;
mod hostile;
mod imports;
mod markup;
mod outreach;
mod portal;
mod portfolio;
mod reconcile;
mod roles;
mod story;
mod wizard;
