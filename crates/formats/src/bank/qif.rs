//! Quicken Interchange Format.
