//! The shares and rates of behaviour, read from text.

/// The shares and rates of behaviour.
#[derive(Clone, Debug)]
pub struct Model {}

/// What is wrong with a model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {what}")]
pub struct ModelError {
    /// The key of the value.
    pub key: String,
    /// What is wrong with it and what would be right.
    pub what: String,
}

impl Model {
    /// The model that comes with the program.
    pub fn embedded() -> Self {
        Self {}
    }

    /// A model from its text.
    ///
    /// # Errors
    /// [`ModelError`] names the key that is unknown, missing or out of range.
    pub fn from_toml(_text: &str) -> Result<Self, ModelError> {
        Ok(Self {})
    }
}
