//! Open Financial Exchange 1 and 2.
