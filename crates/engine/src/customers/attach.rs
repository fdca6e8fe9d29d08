//! What the company attaches to its customers: words, and who looks after them. One customer or
//! many: each change is an event of its own.

use domain::ids::{CustomerId, UserId};
use store::{assignments, customers};

use crate::company::Company;
use crate::{Engine, Error, Result};

/// Customers changed in one transaction.
const CHUNK: usize = 500;
/// Most letters of a tag.
const TAG_CHARS_MAX: usize = 40;
/// Most tags of a customer.
const TAGS_MAX: usize = 20;

/// Words to attach and to take off. Case does not tell two words apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TagChange {
    /// To attach.
    pub add: Vec<String>,
    /// To take off.
    pub remove: Vec<String>,
}

impl Engine {
    /// Attaches words to customers and takes others off; how many customers were changed.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a word that is empty, too long or holds a comma, or when a customer
    /// would have too many; [`Error::Store`] for a customer that is not there. Customers are
    /// changed five hundred at a time: what was committed before an error stays.
    pub async fn set_tags(
        &self,
        company: &Company,
        customers: &[CustomerId],
        change: &TagChange,
        author: &str,
    ) -> Result<u64> {
        let add: Vec<String> = change.add.iter().map(|it| tag(it)).collect::<Result<_>>()?;
        let stamp = self.stamp(author);
        let mut changed = 0;
        for chunk in customers.chunks(CHUNK) {
            let mut tx = self.db.begin().await?;
            for &customer in chunk {
                customers::lock(&mut tx, company.id, customer).await?;
                let before = customers::tags(&mut tx, company.id, customer).await?;
                let before = before.unwrap_or_default();
                let after = after(&before, &add, &change.remove);
                if after.len() > TAGS_MAX && after.len() > before.len() {
                    let why = format!("un cliente lleva {TAGS_MAX} etiquetas a lo más");
                    return Err(Error::invalid("etiquetas", why));
                }
                changed += u64::from(before != after);
                customers::set_tags(&mut tx, &stamp, company.id, customer, &after).await?;
            }
            tx.commit().await?;
        }
        Ok(changed)
    }

    /// Gives customers to a user, or to nobody; how many were changed. Who may be given customers
    /// is the caller's to know.
    ///
    /// # Errors
    /// What the database says. Customers are changed five hundred at a time: what was committed
    /// before an error stays.
    pub async fn assign(
        &self,
        company: &Company,
        customers: &[CustomerId],
        user: Option<UserId>,
        author: &str,
    ) -> Result<u64> {
        let stamp = self.stamp(author);
        let mut changed = 0;
        for chunk in customers.chunks(CHUNK) {
            let mut tx = self.db.begin().await?;
            for &customer in chunk {
                if !customers::lock(&mut tx, company.id, customer).await? {
                    return Err(Error::no_customer(&customer.to_string()));
                }
                let news = assignments::set(&mut tx, &stamp, company.id, customer, user).await?;
                changed += u64::from(news);
            }
            tx.commit().await?;
        }
        Ok(changed)
    }
}

/// A word as it is attached: trimmed, inner spaces single.
fn tag(text: &str) -> Result<String> {
    let word = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let fits = !word.is_empty() && word.chars().count() <= TAG_CHARS_MAX;
    if fits && !word.contains(',') && !word.chars().any(char::is_control) {
        return Ok(word);
    }
    let why = format!("escriba de 1 a {TAG_CHARS_MAX} letras, sin comas");
    Err(Error::invalid("etiqueta", why))
}

fn after(before: &[String], add: &[String], remove: &[String]) -> Vec<String> {
    let same = |a: &str, b: &str| a.trim().to_lowercase() == b.trim().to_lowercase();
    let kept = before
        .iter()
        .filter(|tag| !remove.iter().any(|gone| same(gone, tag)));
    let mut tags: Vec<String> = kept.cloned().collect();
    for tag in add {
        if !tags.iter().any(|there| same(there, tag)) {
            tags.push(tag.clone());
        }
    }
    tags
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let words = text.split(',').filter(|it| !it.is_empty());
        words.map(str::to_owned).collect()
    }

    #[test]
    fn tags_are_sets_without_case() {
        // before | add | remove | after
        let cases = [
            ("", "VIP", "", "VIP"),
            ("VIP", "vip", "", "VIP"),
            ("VIP,Norte", "Sur", "vip", "Norte,Sur"),
            ("VIP", "VIP", "VIP", "VIP"),
            ("Ñandú", "", "ÑANDÚ", ""),
        ];
        for (before, add, remove, wanted) in cases {
            let found = after(&words(before), &words(add), &words(remove));
            assert_eq!(found, words(wanted), "{before} +{add} -{remove}");
        }
    }

    #[test]
    fn a_tag_is_a_short_word() {
        assert_eq!(tag("  zona   norte ").expect("a tag"), "zona norte");
        for wrong in ["", "  ", "a,b", "a\u{7}", &"x".repeat(41)] {
            assert!(tag(wrong).is_err(), "{wrong:?}");
        }
    }
}
