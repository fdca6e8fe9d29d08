//! The law: the packs, the veto, the next lawful instant.

mod cases;
mod holidays;
mod next;
mod own;
mod pack;
mod places;
mod resolve;
mod shelf;
mod words;
