//! Enums that are written as fixed words in files, tables and exports.

/// Declares an enum whose variants each have one word, used in every file, column and export.
///
/// Gives `ALL`, `code()`, `FromStr` (the error lists the words allowed) and `Display`.
macro_rules! code_enum {
    (
        $(#[$doc:meta])*
        pub enum $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal,)+ }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant,)+ }

        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word it is written as.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::code::UnknownCode;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|value| value.code() == text).ok_or_else(|| {
                    $crate::code::UnknownCode {
                        found: text.to_owned(),
                        allowed: Self::ALL.iter().map(|value| value.code()).collect(),
                    }
                })
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.code())
            }
        }
    };
}

pub(crate) use code_enum;

/// A word that is none of those allowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{found}` is not known here: use one of {}", allowed.join(", "))]
pub struct UnknownCode {
    /// What was written.
    pub found: String,
    /// What may be written.
    pub allowed: Vec<&'static str>,
}
