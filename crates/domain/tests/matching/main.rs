//! Matching money to documents: cases by eye, laws that hold for any portfolio, and how often it is
//! right on portfolios whose truth is known.

mod cases;
mod laws;
mod measure;
mod planted;
mod portfolio;
