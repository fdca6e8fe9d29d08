//! The faces through their router, on both databases.

mod app;
mod frame;
