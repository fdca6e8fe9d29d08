//! The faces through their router, on both databases.

mod app;
mod attacks;
mod browser;
mod crawl;
mod frame;
mod hostile;
mod markup;
