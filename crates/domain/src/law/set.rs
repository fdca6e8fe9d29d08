//! A set of fixed words (channels, roles, classes) as bits: a rule asks "is it in?" at once.

use std::marker::PhantomData;

use super::facts::{MessageKind, Outcome};
use crate::company::{Actor, CreditorClass, DebtClass};
use crate::customer::{Channel, ContactSource, DebtorClass, RecipientRole};

/// An enum of fewer than sixteen words, each with its bit.
pub trait Word: Copy {
    /// The position of the word in its enum.
    fn bit(self) -> u32;
}

macro_rules! words {
    ($($name:ty),+) => { $(impl Word for $name {
        fn bit(self) -> u32 { self as u32 }
    })+ };
}

words!(
    Actor,
    Channel,
    ContactSource,
    CreditorClass,
    DebtClass,
    DebtorClass,
    MessageKind,
    Outcome,
    RecipientRole
);

/// A set of words of one enum.
#[derive(Debug)]
pub struct Set<T>(u16, PhantomData<T>);

impl<T: Word> Set<T> {
    /// The empty set.
    pub const EMPTY: Self = Self(0, PhantomData);

    /// Whether the word is in the set.
    pub fn has(self, word: T) -> bool {
        self.0 & (1 << word.bit()) != 0
    }

    /// Whether the word is in the set; an unknown word may be any, so it counts as in.
    pub fn may_have(self, word: Option<T>) -> bool {
        word.is_none_or(|word| self.has(word))
    }

    /// Puts a word in.
    pub fn insert(&mut self, word: T) {
        self.0 |= 1 << word.bit();
    }

    /// Takes a word out.
    pub fn remove(&mut self, word: T) {
        self.0 &= !(1 << word.bit());
    }

    /// Whether there is nothing in it.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl<T> Clone for Set<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Set<T> {}

impl<T> PartialEq for Set<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<T> Eq for Set<T> {}

impl<T> Default for Set<T> {
    fn default() -> Self {
        Self(0, PhantomData)
    }
}

impl<T: Word> FromIterator<T> for Set<T> {
    fn from_iter<I: IntoIterator<Item = T>>(words: I) -> Self {
        let mut set = Self::EMPTY;
        for word in words {
            set.insert(word);
        }
        set
    }
}
