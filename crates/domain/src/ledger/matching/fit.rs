//! How an amount fits some documents taken together, and what explains a difference.

use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::batch::Opens;
use super::confidence::Fit;
use super::index::{Index, Item};
use super::{Adjustment, AdjustmentKind, Discount, Incoming, Reason, Rules, withholding};
use crate::money::{Currency, Money};

/// Credit notes of a customer that are tried against a difference.
const CREDIT_NOTES_MAX: usize = 50;
/// A fee that nobody told of is at most one of so many parts of what was owed.
const FEE_SHARE_MAX: i64 = 20;
/// What a bank's own rate may differ from the day's, in per cent.
const RATE_DIFFERENCE_PERCENT: i64 = 1;

/// What a line is laid against.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    pub index: &'a Index,
    pub line: &'a Incoming,
    pub rules: &'a Rules,
    pub opens: &'a Opens,
}

/// A document's part of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub item: u32,
    pub minor: i64,
    pub paid: i64,
    pub closes_by: Vec<Adjustment>,
}

/// A way in which an amount lies on documents.
#[derive(Clone, Debug)]
pub struct Fitted {
    pub fit: Fit,
    pub parts: Vec<Part>,
    pub surplus: i64,
    pub reasons: Vec<Reason>,
}

impl Scene<'_> {
    pub fn amount(&self) -> i64 {
        self.line.amount.minor
    }

    pub fn currency(&self) -> Currency {
        self.line.amount.currency
    }

    /// What is open of a document, behind the lines applied so far.
    pub fn open(&self, item: u32) -> i64 {
        self.opens.open(self.index, item)
    }

    /// Whether a document can be paid by the line.
    pub fn payable(&self, item: u32) -> bool {
        let known = self.index.item(item);
        !known.credit && known.currency == self.currency() && self.open(item) > 0
    }

    fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.currency())
    }

    fn sum(&self, items: &[u32]) -> i64 {
        let opens = items.iter().map(|item| self.open(*item));
        opens.fold(0, i64::saturating_add)
    }

    /// Each document whole.
    pub fn all_of(&self, items: &[u32]) -> Vec<Part> {
        let part = |item: &u32| Part {
            item: *item,
            minor: self.open(*item),
            paid: self.open(*item),
            closes_by: Vec::new(),
        };
        items.iter().map(part).collect()
    }

    /// The documents whole, to the cent.
    pub fn exact(&self, items: &[u32]) -> Option<Fitted> {
        if items.is_empty() || self.sum(items) != self.amount() {
            return None;
        }
        let (fit, reason) = match items {
            [one] => {
                let number = self.index.number(*one).to_owned();
                (Fit::Exact, Reason::Exact { number })
            }
            several => {
                let count = several.len();
                (Fit::SumOfNamed, Reason::SumOfNamed { count })
            }
        };
        Some(Fitted {
            fit,
            parts: self.all_of(items),
            surplus: 0,
            reasons: vec![reason],
        })
    }

    /// The documents whole but for a difference that has a cause.
    pub fn adjusted(&self, items: &[u32]) -> Option<Fitted> {
        let sum = self.sum(items);
        let missing = sum - self.amount();
        if items.is_empty() || missing <= 0 || missing >= sum {
            return None;
        }
        let (kind, reason) = self.cause(items, sum, missing)?;
        let shares = spread(missing, items.iter().map(|item| self.open(*item)), sum);
        let parts = items.iter().zip(shares).map(|(item, share)| {
            let minor = self.open(*item) - share;
            let closes_by = Adjustment { kind, minor: share };
            Part {
                item: *item,
                minor,
                paid: minor,
                closes_by: if share > 0 {
                    vec![closes_by]
                } else {
                    Vec::new()
                },
            }
        });
        Some(Fitted {
            fit: Fit::Adjusted,
            parts: parts.filter(|part| part.minor > 0).collect(),
            surplus: 0,
            reasons: vec![reason],
        })
    }

    fn cause(&self, items: &[u32], sum: i64, missing: i64) -> Option<(AdjustmentKind, Reason)> {
        let told = self
            .line
            .charges
            .filter(|it| it.currency == self.currency());
        if told.is_some_and(|it| it.minor == missing) {
            let missing = self.money(missing);
            return Some((AdjustmentKind::BankFee, Reason::BankFee { missing }));
        }
        let unit = 10_i64.pow(self.currency().minor_digits());
        if self.rules.rounding && missing < unit && self.amount() % unit == 0 {
            let missing = self.money(missing);
            return Some((AdjustmentKind::Rounding, Reason::Rounding { missing }));
        }
        if let Some(discount) = self.discount(items, sum, missing) {
            let reason = Reason::Discount {
                percent: discount.percent,
                missing: self.money(missing),
            };
            return Some((AdjustmentKind::Discount, reason));
        }
        self.withheld(items, missing)
            .or_else(|| self.fee(sum, missing))
            .or_else(|| self.credit_note(items, missing))
    }

    fn discount(&self, items: &[u32], sum: i64, missing: i64) -> Option<&Discount> {
        let off = i64::try_from(items.len()).unwrap_or(1);
        self.rules.discounts.iter().find(|discount| {
            let in_time = items.iter().all(|item| {
                let issued = self.index.item(*item).issued;
                discount
                    .within_days
                    .is_none_or(|days| days_between(issued, self.line.on) <= days)
            });
            let wanted = Decimal::from(sum) * discount.percent / Decimal::ONE_HUNDRED;
            let near = (wanted - Decimal::from(missing)).abs() <= Decimal::from(off);
            in_time && near
        })
    }

    /// One withheld tax or two of them, reckoned document by document.
    fn withheld(&self, items: &[u32], missing: i64) -> Option<(AdjustmentKind, Reason)> {
        let known: Vec<&Item> = items.iter().map(|item| self.index.item(*item)).collect();
        let off = i64::try_from(items.len()).unwrap_or(1);
        let near = |kept: i64| (kept - missing).abs() <= off;
        let table: Vec<(&withholding::Withholding, i64)> = self
            .rules
            .withholdings
            .iter()
            .map(|it| {
                (
                    it,
                    known.iter().map(|item| it.kept(item.total, item.net)).sum(),
                )
            })
            .collect();
        let say = |names: String, code| {
            let missing = self.money(missing);
            (
                AdjustmentKind::Withholding(code),
                Reason::Withheld { names, missing },
            )
        };
        if let Some((one, _)) = table.iter().find(|(_, kept)| near(*kept)) {
            return Some(say(one.name.to_owned(), one.code));
        }
        for (at, (one, kept)) in table.iter().enumerate() {
            let others = table[at + 1..].iter();
            let mut fitting = others.filter(|(it, more)| it.base != one.base && near(kept + more));
            if let Some((other, _)) = fitting.next() {
                return Some(say(format!("{} y {}", one.name, other.name), one.code));
            }
        }
        None
    }

    fn fee(&self, sum: i64, missing: i64) -> Option<(AdjustmentKind, Reason)> {
        let mut limits = self.rules.fees_max.iter();
        let limit = limits.find(|it| it.currency == self.currency())?;
        let small = missing <= limit.minor && missing <= sum / FEE_SHARE_MAX;
        let missing = self.money(missing);
        small.then_some((AdjustmentKind::BankFee, Reason::BankFee { missing }))
    }

    fn credit_note(&self, items: &[u32], missing: i64) -> Option<(AdjustmentKind, Reason)> {
        let customer = self.index.item(*items.first()?).customer;
        let mut notes = self
            .index
            .items_of(customer)
            .filter(|item| self.index.item(*item).credit)
            .take(CREDIT_NOTES_MAX);
        let note = notes.find(|item| {
            let known = self.index.item(*item);
            known.currency == self.currency() && known.open == missing
        })?;
        let reason = Reason::CreditNote {
            number: self.index.number(note).to_owned(),
            missing: self.money(missing),
        };
        Some((AdjustmentKind::CreditNote(self.index.item(note).id), reason))
    }

    /// The documents in part, the oldest first, or whole with a surplus.
    pub fn in_part_or_over(&self, items: &[u32]) -> Option<Fitted> {
        let sum = self.sum(items);
        if items.is_empty() || sum == self.amount() {
            return None;
        }
        if sum < self.amount() {
            let surplus = self.amount() - sum;
            let reason = Reason::Surplus {
                surplus: self.money(surplus),
            };
            return Some(Fitted {
                fit: Fit::Over,
                parts: self.all_of(items),
                surplus,
                reasons: vec![reason],
            });
        }
        let mut oldest: Vec<u32> = items.to_vec();
        oldest.sort_unstable();
        let mut left = self.amount();
        let mut parts = Vec::new();
        for item in oldest {
            let minor = self.open(item).min(left);
            left -= minor;
            if minor > 0 {
                parts.push(Part {
                    item,
                    minor,
                    paid: minor,
                    closes_by: Vec::new(),
                });
            }
        }
        let left = self.money(sum - self.amount());
        Some(Fitted {
            fit: if items.len() == 1 {
                Fit::Partial
            } else {
                Fit::PartialOfSeveral
            },
            parts,
            surplus: 0,
            reasons: vec![Reason::Partial { left }],
        })
    }

    /// One document of another currency: what the bank says was paid in it, or the day's rate.
    pub fn foreign(&self, item: u32) -> Option<Fitted> {
        let known = self.index.item(item);
        let open = self.open(item);
        if known.credit || known.currency == self.currency() || open <= 0 {
            return None;
        }
        let owed = Money::new(open, known.currency);
        let said = self.line.original.filter(|(it, _)| *it == owed);
        let rate = match said {
            Some((_, Some(rate))) => rate,
            Some((_, None)) => self.line.amount.decimal().checked_div(owed.decimal())?,
            None => self.rate_of_day(known.currency)?,
        };
        let worth = owed.decimal().checked_mul(rate)?;
        let off = (worth - self.line.amount.decimal()).abs() * Decimal::ONE_HUNDRED;
        let near = said.is_some() || off <= worth * Decimal::from(RATE_DIFFERENCE_PERCENT);
        near.then(|| Fitted {
            fit: Fit::Foreign,
            parts: vec![Part {
                item,
                minor: open,
                paid: self.amount(),
                closes_by: Vec::new(),
            }],
            surplus: 0,
            reasons: vec![Reason::Foreign { owed, rate }],
        })
    }

    /// Units of the line's currency for one of `of`, on the line's day.
    fn rate_of_day(&self, of: Currency) -> Option<Decimal> {
        let on = self.line.on;
        let here = self.currency();
        if of.code() == "CLF" && here == Currency::CLP {
            return self.rules.rates.in_force("UF", on).ok().map(|it| it.value);
        }
        let straight = self.rules.rates.in_force(&format!("{of}-{here}"), on);
        let turned = || self.rules.rates.in_force(&format!("{here}-{of}"), on).ok();
        match straight {
            Ok(quote) => Some(quote.value),
            Err(_) => Decimal::ONE.checked_div(turned()?.value),
        }
    }
}

/// Splits `missing` by amounts that come to `sum`, in whole units; what is over goes to the first
/// ones that can bear it.
fn spread(missing: i64, amounts: impl Iterator<Item = i64>, sum: i64) -> Vec<i64> {
    let share = |amount: i64| {
        let share = i128::from(missing) * i128::from(amount) / i128::from(sum.max(1));
        share.to_i64().unwrap_or(0)
    };
    let mut shares: Vec<i64> = amounts.map(share).collect();
    let mut over = missing - shares.iter().sum::<i64>();
    for share in &mut shares {
        if over == 0 {
            break;
        }
        *share += 1;
        over -= 1;
    }
    shares
}

fn days_between(from: Date, to: Date) -> i64 {
    i64::from((to - from).get_days())
}
