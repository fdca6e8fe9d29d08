//! Electronic invoices of Mexico and Chile, and the archives, sets and lists they come in.

mod cfdi;
mod dte;
mod files;
mod real;
mod told;
