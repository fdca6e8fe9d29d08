//! An element of a document, read by the standard's own paths.
//!
//! A path names children by local names and may end in an attribute: `Emisor/@Rfc`. Where several
//! children have the name, a path takes the first; [`Node::all`] gives each.

use std::sync::Arc;

use domain::{Currency, Money};
use jiff::civil::Date;
use rust_decimal::{Decimal, RoundingStrategy};

use super::fault::Problem;

/// An element with what is in it.
#[derive(Debug)]
pub(super) struct Node {
    /// Local name.
    pub name: Box<str>,
    /// URI of its namespace.
    pub namespace: Option<Arc<str>>,
    pub attributes: Vec<Attribute>,
    /// Its own text, without that of its children.
    pub text: String,
    pub children: Vec<Node>,
    /// Line its tag begins on.
    pub line: u32,
    /// The how-manieth element of the document it is.
    pub order: u32,
}

#[derive(Debug)]
pub(super) struct Attribute {
    /// Local name.
    pub name: Box<str>,
    pub value: Box<str>,
}

impl Node {
    /// Whether it has this name in one of these namespaces; in none counts too, because members
    /// of a set may take theirs from around them.
    pub fn is(&self, name: &str, namespaces: &[&str]) -> bool {
        &*self.name == name
            && self
                .namespace
                .as_deref()
                .is_none_or(|found| namespaces.contains(&found))
    }

    /// The first child at a path of names.
    pub fn at(&self, path: &str) -> Option<&Self> {
        path.split('/').try_fold(self, |node, name| {
            node.children.iter().find(|child| &*child.name == name)
        })
    }

    /// Every child of a name.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &Self> {
        self.children
            .iter()
            .filter(move |child| &*child.name == name)
    }

    /// The first element of a name at any depth, itself included.
    pub fn find(&self, name: &str) -> Option<&Self> {
        if &*self.name == name {
            return Some(self);
        }
        self.children.iter().find_map(|child| child.find(name))
    }

    /// Every element of a name at any depth, itself included, in the order of the text. One inside
    /// another of the name is not looked for.
    pub fn find_all<'a>(&'a self, name: &str, found: &mut Vec<&'a Self>) {
        if &*self.name == name {
            found.push(self);
            return;
        }
        for child in &self.children {
            child.find_all(name, found);
        }
    }

    /// Text or attribute at a path, without space around; `None` where it is missing or empty.
    /// `.` is the element's own text.
    pub fn value(&self, path: &str) -> Option<&str> {
        let (elements, last) = path.rsplit_once('/').unwrap_or((".", path));
        let parent = if elements == "." {
            self
        } else {
            self.at(elements)?
        };
        let value = if last == "." {
            parent.text.as_str()
        } else if let Some(name) = last.strip_prefix('@') {
            let found = parent.attributes.iter().find(|one| &*one.name == name)?;
            &found.value
        } else {
            parent.at(last)?.text.as_str()
        };
        let value = value.trim();
        (!value.is_empty()).then_some(value)
    }

    /// The same, owned and with runs of space made one.
    pub fn words(&self, path: &str) -> Option<String> {
        let value = self.value(path)?;
        Some(value.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// Text or attribute that must be there.
    pub fn required(&self, path: &str) -> Result<&str, Problem> {
        self.value(path)
            .ok_or_else(|| self.problem(path, "falta este dato"))
    }

    /// A number of XML Schema: digits and a point, no exponent.
    pub fn decimal(&self, path: &str) -> Result<Option<Decimal>, Problem> {
        let Some(text) = self.value(path) else {
            return Ok(None);
        };
        let number = text.strip_prefix('+').unwrap_or(text);
        let plain = number.bytes().any(|byte| byte.is_ascii_digit())
            && number
                .bytes()
                .enumerate()
                .all(|(at, byte)| matches!(byte, b'0'..=b'9' | b'.') || (at == 0 && byte == b'-'));
        let read = plain
            .then(|| Decimal::from_str_exact(number).ok())
            .flatten();
        match read {
            Some(number) => Ok(Some(number)),
            None => Err(self.problem(path, format!("«{}» no es un número", short(text)))),
        }
    }

    /// An amount in a currency, exactly.
    pub fn money(&self, path: &str, currency: Currency) -> Result<Option<Money>, Problem> {
        let Some(value) = self.decimal(path)? else {
            return Ok(None);
        };
        Money::from_decimal(value, currency).map(Some).map_err(|_| {
            let reason =
                format!("«{value}» tiene más decimales o cifras de los que {currency} usa");
            self.problem(path, reason)
        })
    }

    /// An amount that the standard computes with more decimals than the currency has: rounded
    /// half away from zero, and said.
    pub fn rounded_money(
        &self,
        path: &str,
        currency: Currency,
        warnings: &mut Vec<String>,
    ) -> Result<Option<Money>, Problem> {
        let Some(value) = self.decimal(path)? else {
            return Ok(None);
        };
        let digits = currency.minor_digits();
        let rounded = value.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero);
        if rounded != value {
            warnings.push(format!(
                "{}: {value} se redondeó a {rounded} {currency}",
                leaf(path)
            ));
        }
        Money::from_decimal(rounded, currency)
            .map(Some)
            .map_err(|_| {
                self.problem(
                    path,
                    format!("«{value}» es mayor de lo que se puede llevar"),
                )
            })
    }

    /// A civil date; a time or zone behind it is left out: the issuer's own day counts.
    pub fn date(&self, path: &str) -> Result<Option<Date>, Problem> {
        let Some(text) = self.value(path) else {
            return Ok(None);
        };
        let day = text.get(..10).filter(|_| {
            matches!(
                text.as_bytes().get(10),
                None | Some(b'T' | b' ' | b'Z' | b'+' | b'-')
            )
        });
        match day.and_then(|day| day.parse().ok()) {
            Some(date) => Ok(Some(date)),
            None => {
                let reason = format!("«{}» no es una fecha (AAAA-MM-DD)", short(text));
                Err(self.problem(path, reason))
            }
        }
    }

    /// A currency by its ISO 4217 code.
    pub fn currency(&self, path: &str) -> Result<Option<Currency>, Problem> {
        let Some(text) = self.value(path) else {
            return Ok(None);
        };
        Currency::new(text).map(Some).map_err(|_| {
            self.problem(
                path,
                format!("«{}» no es una moneda (ISO 4217)", short(text)),
            )
        })
    }

    /// What is wrong with a field below this element.
    pub fn problem(&self, path: &str, reason: impl Into<String>) -> Problem {
        let nearest = path
            .rsplit_once('/')
            .and_then(|(elements, _)| self.at(elements))
            .unwrap_or(self);
        Problem {
            line: Some(nearest.line),
            element: Some(self.order),
            field: Some(if path == "." {
                self.name.to_string()
            } else {
                format!("{}/{path}", self.name)
            }),
            reason: reason.into(),
        }
    }

    /// Gives a problem the whole path from this root.
    pub fn place(&self, mut problem: Problem) -> Problem {
        let mut above = Vec::new();
        if let (Some(order), Some(field)) = (problem.element, &problem.field)
            && self.path_to(order, &mut above)
        {
            above.push(field);
            problem.field = Some(above.join("/"));
        }
        problem
    }

    /// Names from here to the parent of an element; false where it is not below.
    fn path_to<'a>(&'a self, order: u32, above: &mut Vec<&'a str>) -> bool {
        if self.order == order {
            return true;
        }
        above.push(&self.name);
        // Elements are numbered in the order of their tags, so only one child can hold it.
        let holder = self
            .children
            .iter()
            .rev()
            .find(|child| child.order <= order);
        if holder.is_some_and(|child| child.path_to(order, above)) {
            return true;
        }
        above.pop();
        false
    }
}

/// The last name of a path.
fn leaf(path: &str) -> &str {
    let last = path.rsplit('/').next().unwrap_or(path);
    last.strip_prefix('@').unwrap_or(last)
}

/// A value as it can stand in a sentence.
pub(super) fn short(text: &str) -> String {
    if text.chars().count() <= 40 {
        return text.to_owned();
    }
    text.chars().take(39).chain(['…']).collect()
}
