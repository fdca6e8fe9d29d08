//! The question of a list as it stands in its address. What cannot be read is left out: an address
//! that someone changed by hand still shows a list.

use std::str::FromStr;

use axum::extract::Query;
use axum::http::Uri;
use domain::ids::{CustomerId, DocumentId, UserId};
use domain::portfolio::{
    CustomerFilter, CustomerState, Cut, DocumentFilter, DocumentState, Range, due_of_days_late,
};
use domain::search::Question;
use domain::{Currency, Money};
use jiff::civil::Date;
use serde::Deserialize;

use crate::session::Seat;

/// The parameters of both lists, as sent.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ListQuery {
    pub(super) q: String,
    pub(super) state: String,
    pub(super) currency: String,
    pub(super) days_from: String,
    pub(super) days_to: String,
    pub(super) due_from: String,
    pub(super) due_to: String,
    pub(super) amount_from: String,
    pub(super) amount_to: String,
    pub(super) tag: String,
    pub(super) assigned: String,
    pub(super) behaviour: String,
    pub(super) held: String,
    pub(super) unreachable: String,
    pub(super) customer: String,
    pub(super) sort: String,
    pub(super) after: String,
    pub(super) before: String,
}

impl ListQuery {
    /// The parameters of an address; none where they cannot be read.
    pub(super) fn read(address: &str) -> Self {
        let uri = format!("/?{address}").parse::<Uri>();
        let query = uri.ok().and_then(|uri| Query::try_from_uri(&uri).ok());
        query.map(|Query(query)| query).unwrap_or_default()
    }

    /// The parameters that say which list it is, in one order and without empty ones.
    pub(super) fn pairs(&self) -> Vec<(&'static str, &str)> {
        let all = [
            ("q", &self.q),
            ("state", &self.state),
            ("currency", &self.currency),
            ("days_from", &self.days_from),
            ("days_to", &self.days_to),
            ("due_from", &self.due_from),
            ("due_to", &self.due_to),
            ("amount_from", &self.amount_from),
            ("amount_to", &self.amount_to),
            ("tag", &self.tag),
            ("assigned", &self.assigned),
            ("behaviour", &self.behaviour),
            ("held", &self.held),
            ("unreachable", &self.unreachable),
            ("customer", &self.customer),
            ("sort", &self.sort),
        ];
        let said = all
            .into_iter()
            .filter(|(_, value)| !value.trim().is_empty());
        said.map(|(name, value)| (name, value.trim())).collect()
    }

    /// They as an address bears them; `with` replaces or adds one.
    pub(super) fn address(&self, with: &[(&'static str, &str)]) -> String {
        let own = self.pairs();
        let kept = own
            .into_iter()
            .filter(|(name, _)| !with.iter().any(|(other, _)| other == name));
        let new = with.iter().copied().filter(|(_, value)| !value.is_empty());
        let pairs: Vec<String> = kept
            .chain(new)
            .map(|(name, value)| format!("{name}={}", encoded(value)))
            .collect();
        pairs.join("&")
    }

    /// Whether more is asked than the state and the words, so that the form shows it.
    pub(super) fn is_narrow(&self) -> bool {
        let plain = ["q", "state", "sort", "currency"];
        self.pairs().iter().any(|(name, _)| !plain.contains(name))
    }

    fn amount(&self, currency: Currency) -> Range<i64> {
        let minor = |text: &str| {
            let value = text.trim().replace(',', "").parse().ok()?;
            Money::from_decimal(value, currency).ok().map(|it| it.minor)
        };
        Range {
            from: minor(&self.amount_from),
            to: minor(&self.amount_to),
        }
    }

    fn days(&self) -> Range<i64> {
        Range {
            from: self.days_from.trim().parse().ok(),
            to: self.days_to.trim().parse().ok(),
        }
    }

    /// Which customers it asks for; the company's currency unless it says another.
    pub(super) fn customers(&self, seat: &Seat) -> CustomerFilter {
        let said = CustomerState::from_str(self.state.trim());
        // A question is asked of everybody.
        let all = CustomerState::All;
        let default = if self.q.trim().is_empty() {
            CustomerState::Open
        } else {
            all
        };
        let state = said.unwrap_or(default);
        let sorts = state.sorts();
        let sort = sorts.iter().find(|it| it.code() == self.sort.trim());
        let currency = self
            .currency
            .trim()
            .parse()
            .unwrap_or(seat.company.currency);
        let said = |text: &str| Some(text.trim().to_owned()).filter(|it| !it.is_empty());
        CustomerFilter {
            question: Question::new(&self.q),
            state,
            currency,
            days: self.days(),
            amount: self.amount(currency),
            tag: said(&self.tag),
            assigned: match self.assigned.trim() {
                "me" => Some(seat.user.user),
                other => UserId::from_str(other).ok(),
            },
            behaviour: self.behaviour.trim().parse().ok(),
            held: !self.held.is_empty(),
            unreachable: !self.unreachable.is_empty(),
            sort: sort.copied().unwrap_or(sorts[0]),
        }
    }

    /// Which documents it asks for; `customer` is the one it names.
    pub(super) fn documents(
        &self,
        seat: &Seat,
        customer: Option<CustomerId>,
        today: Date,
    ) -> DocumentFilter {
        let said = DocumentState::from_str(self.state.trim());
        let default = if self.q.trim().is_empty() {
            DocumentState::Open
        } else {
            DocumentState::All
        };
        let state = said.unwrap_or(default);
        let sorts = state.sorts();
        let sort = sorts.iter().find(|it| it.code() == self.sort.trim());
        let sort = sort.copied().unwrap_or(sorts[0]);
        let by_amount = sort == domain::portfolio::DocumentSort::Amount
            || !self.amount_from.trim().is_empty()
            || !self.amount_to.trim().is_empty();
        let currency: Option<Currency> = self.currency.trim().parse().ok();
        let currency = currency.or(by_amount.then_some(seat.company.currency));
        let due = Range {
            from: self.due_from.trim().parse().ok(),
            to: self.due_to.trim().parse().ok(),
        };
        DocumentFilter {
            question: Question::new(&self.q),
            state,
            currency,
            due: due.within(due_of_days_late(self.days(), today)),
            amount: currency.map(|it| self.amount(it)).unwrap_or_default(),
            customer,
            sort,
        }
    }

    /// Where the list is cut.
    pub(super) fn cut<I: FromStr>(&self) -> Option<Cut<I>> {
        let (text, back) = match (self.after.is_empty(), self.before.is_empty()) {
            (false, _) => (&self.after, false),
            (true, false) => (&self.before, true),
            (true, true) => return None,
        };
        let (place, id) = text.rsplit_once('~')?;
        Some(Cut {
            place: place.to_owned(),
            id: id.parse().ok()?,
            back,
        })
    }
}

/// The parameter that says where the next or the previous page begins.
pub(super) fn turn<I: std::fmt::Display>(cut: &Cut<I>) -> (&'static str, String) {
    let name = if cut.back { "before" } else { "after" };
    (name, format!("{}~{}", cut.place, cut.id))
}

/// The ids that both kinds of lists turn on.
pub(super) type CustomerCut = Cut<CustomerId>;
pub(super) type DocumentCut = Cut<DocumentId>;

/// A value as an address bears it (RFC 3986 §2.3).
pub(super) fn encoded(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_bears_what_was_asked() {
        let query = ListQuery {
            q: " Muñoz & Cía ".into(),
            state: "overdue".into(),
            after: "2025-01-01~x".into(),
            ..ListQuery::default()
        };
        assert_eq!(
            query.address(&[]),
            "q=Mu%C3%B1oz%20%26%20C%C3%ADa&state=overdue"
        );
        assert_eq!(
            query.address(&[("state", ""), ("sort", "name")]),
            "q=Mu%C3%B1oz%20%26%20C%C3%ADa&sort=name"
        );
        assert!(!query.is_narrow());
        let again = ListQuery::read(&query.address(&[]));
        assert_eq!(again.address(&[]), query.address(&[]));
        assert_eq!(ListQuery::read("a\r\nb").address(&[]), "");
    }

    #[test]
    fn a_cut_is_read_back() {
        let cut = Cut {
            place: "A~1".to_owned(),
            id: CustomerId::from_uuid(uuid::Uuid::max()),
            back: true,
        };
        let (name, before) = turn(&cut);
        assert_eq!(name, "before");
        let query = ListQuery {
            before,
            ..ListQuery::default()
        };
        assert_eq!(query.cut(), Some(cut));
        let wrong = ListQuery {
            after: "x".into(),
            ..ListQuery::default()
        };
        assert_eq!(wrong.cut::<CustomerId>(), None);
    }
}
