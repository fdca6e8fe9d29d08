//! What was planted is found again in the ledger alone: the lines of `puntual export`.
