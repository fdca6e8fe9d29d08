//! What may be wrong with the text of a policy, said to the bookkeeper who wrote it.

use crate::code::code_enum;

code_enum! {
    /// The rules a policy must keep.
    pub enum Rule {
        /// The text is TOML.
        Syntax = "syntax",
        /// Texts, lists and numbers stay within their limits.
        Limit = "limit",
        /// Only known keys.
        UnknownKey = "unknown_key",
        /// What is required is there.
        Missing = "missing",
        /// A value has the kind and the form it needs.
        Form = "form",
        /// A word is one of those known.
        UnknownWord = "unknown_word",
        /// Keys and names are not used twice.
        Duplicate = "duplicate",
        /// Steps come after the due date.
        OffsetAfterDue = "offset_after_due",
        /// Offsets rise along a ladder.
        OffsetsRise = "offsets_rise",
        /// The tone never falls along a ladder.
        ToneNeverFalls = "tone_never_falls",
        /// A tone fits the occasion.
        ToneFits = "tone_fits",
        /// A template fits the occasion.
        TemplateFits = "template_fits",
        /// Third parties are never written to.
        NoThirdParties = "no_third_parties",
        /// A segment names a ladder that exists.
        LadderExists = "ladder_exists",
        /// The last segment, and only the last, takes everyone.
        CatchAllLast = "catch_all_last",
        /// An answer to an event can be made in time.
        EventInTime = "event_in_time",
        /// Offers stay within the terms.
        OfferWithinTerms = "offer_within_terms",
        /// Steps leave room for the quiet days (a warning).
        GapFits = "gap_fits",
        /// Every ladder is used (a warning).
        LadderUsed = "ladder_used",
    }
}

/// One thing that is wrong, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("línea {line}: {message} ({rule})")]
pub struct PolicyError {
    /// Line of the text, counted from 1.
    pub line: usize,
    /// The rule it breaks.
    pub rule: Rule,
    /// What is wrong and what to do, in Spanish.
    pub message: String,
}

/// One thing that is allowed, but probably not meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyWarning {
    /// Line of the text, counted from 1.
    pub line: usize,
    /// The rule it strains.
    pub rule: Rule,
    /// What will happen and what to do, in Spanish.
    pub message: String,
}

impl std::fmt::Display for PolicyWarning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "línea {}: {} ({})", self.line, self.message, self.rule)
    }
}
