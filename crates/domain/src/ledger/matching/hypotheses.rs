//! All ways in which one line may be laid, each with its evidence.

use super::confidence::{Fit, Naming, PayerKnown, payer_worth, worth};
use super::fit::{Fitted, Part, Scene};
use super::mentions::{Mention, Mentions};
use super::payer::Leads;
use super::{PAYERS_MAX, Reason, SCAN_DOCUMENTS_MAX, subset};

/// What each contradiction takes from a way, in thousandths of a nat.
const DOUBT: i64 = 1_500;
/// What it takes from a set of documents that others come to the amount as well.
const OTHER_SETS: i64 = 6_000;
/// Fragments that are added up with each other.
const FRAGMENTS_ADDED_MAX: usize = 12;

/// One way.
#[derive(Clone, Debug)]
pub struct Hypothesis {
    pub customer: Option<u32>,
    pub score: i64,
    pub naming: Naming,
    pub known: PayerKnown,
    pub rarity: i64,
    pub fit: Fit,
    pub parts: Vec<Part>,
    pub surplus: i64,
    pub reasons: Vec<Reason>,
    pub against: Vec<Reason>,
}

/// What is known of one line.
pub struct Case<'a> {
    pub scene: Scene<'a>,
    pub mentions: &'a Mentions,
    pub leads: &'a Leads,
    /// Lines of this payer and amount that name nothing and are still to come, this one among
    /// them.
    pub twins: usize,
}

/// All ways, in no order.
pub fn of(case: &Case<'_>) -> Vec<Hypothesis> {
    let mut ways = Vec::new();
    for customer in case.customers() {
        case.of_customer(customer, &mut ways);
    }
    case.of_several_customers(&mut ways);
    if ways.is_empty() {
        case.of_nobody(&mut ways);
    }
    ways
}

impl Case<'_> {
    /// Who may have paid: by what is said of the payer, then by the documents named.
    fn customers(&self) -> Vec<u32> {
        let mut customers: Vec<u32> = self.leads.all.iter().map(|it| it.customer).collect();
        let mut owners: Vec<&Mention> = self.mentions.named.iter().collect();
        owners.sort_by_key(|it| std::cmp::Reverse(it.naming));
        for mention in owners {
            let owner = self.scene.index.item(mention.item).customer;
            if customers.len() < 2 * PAYERS_MAX && !customers.contains(&owner) {
                customers.push(owner);
            }
        }
        customers
    }

    fn of_customer(&self, customer: u32, ways: &mut Vec<Hypothesis>) {
        let before = ways.len();
        let index = self.scene.index;
        let of_theirs = |it: &&Mention| index.item(it.item).customer == customer;
        let named: Vec<&Mention> = self.mentions.named.iter().filter(of_theirs).collect();
        let payable = |it: &&&Mention| self.scene.payable(it.item);
        let [strong, weak] = [true, false].map(|strong| {
            let wanted = |it: &&&Mention| (it.naming >= Naming::Number) == strong;
            named
                .iter()
                .filter(payable)
                .filter(wanted)
                .copied()
                .collect::<Vec<_>>()
        });
        let whole = if strong.is_empty() {
            self.by_fragments(customer, &weak, ways)
        } else {
            self.by_numbers(customer, &strong, &weak, ways)
        };
        if whole {
            return;
        }
        let known = self
            .leads
            .of(customer)
            .map(|it| it.known)
            .unwrap_or_default();
        if known == PayerKnown::No {
            self.foreign(customer, &named, ways);
            return;
        }
        let exact = self.by_amount(customer, &strong, ways);
        self.foreign(customer, &named, ways);
        if !exact && strong.is_empty() {
            self.by_sums(customer, ways);
        }
        if ways.len() == before {
            self.push(
                ways,
                customer,
                Naming::None,
                0,
                Vec::new(),
                Fitted {
                    fit: Fit::Nothing,
                    parts: Vec::new(),
                    surplus: self.scene.amount(),
                    reasons: vec![Reason::NothingFits],
                },
            );
        }
    }

    /// Documents named whole; whether they fit as they are.
    fn by_numbers(
        &self,
        customer: u32,
        strong: &[&Mention],
        weak: &[&Mention],
        ways: &mut Vec<Hypothesis>,
    ) -> bool {
        let items = |mentions: &[&Mention]| mentions.iter().map(|it| it.item).collect::<Vec<_>>();
        let naming = strong.iter().map(|it| it.naming).min().unwrap_or_default();
        let all = items(strong);
        let reasons = self.naming_reasons(strong);
        if let Some(told) = self.told(strong) {
            self.push(ways, customer, Naming::Certain, 0, reasons, told);
            return true;
        }
        if let Some(fitted) = self.scene.exact(&all) {
            self.push(ways, customer, naming, 0, reasons, fitted);
            return true;
        }
        let more: Vec<&Mention> = strong.iter().chain(weak).copied().collect();
        if !weak.is_empty()
            && let Some(fitted) = self.scene.exact(&items(&more))
        {
            let reasons = self.naming_reasons(&more);
            self.push(ways, customer, Naming::Fragment, 500, reasons, fitted);
            return true;
        }
        if let Some(fitted) = self.scene.adjusted(&all) {
            self.push(ways, customer, naming, 0, reasons, fitted);
            return true;
        }
        let part_of_named = self.some_of(&all);
        let only_some = part_of_named.is_some();
        if let Some(fitted) = part_of_named {
            self.push(ways, customer, naming, -1_500, reasons.clone(), fitted);
        }
        if let Some(fitted) = self.scene.in_part_or_over(&all) {
            if fitted.fit == Fit::Over {
                self.named_and_others(customer, &all, fitted.surplus, &reasons, ways);
            }
            self.push(ways, customer, naming, 0, reasons, fitted);
        }
        only_some
    }

    /// What the line says for each document, where it says it for all.
    fn told(&self, named: &[&Mention]) -> Option<Fitted> {
        let mut parts = Vec::new();
        let mut left = self.scene.amount();
        for mention in named {
            let minor = mention.told?;
            if minor <= 0 || minor > self.scene.open(mention.item) {
                return None;
            }
            left = left.checked_sub(minor)?;
            parts.push(Part {
                item: mention.item,
                minor,
                paid: minor,
                closes_by: Vec::new(),
            });
        }
        (left == 0).then(|| Fitted {
            fit: Fit::SumOfNamed,
            parts,
            surplus: 0,
            reasons: vec![Reason::Told],
        })
    }

    /// The only ones of the named documents that add up: the others were paid before.
    fn some_of(&self, items: &[u32]) -> Option<Fitted> {
        if items.len() < 2 {
            return None;
        }
        let exact = items
            .iter()
            .filter(|it| self.scene.open(**it) == self.scene.amount());
        let exact: Vec<u32> = exact.copied().collect();
        if let [one] = exact.as_slice() {
            return self.scene.exact(&[*one]);
        }
        let opens: Vec<i64> = items.iter().map(|it| self.scene.open(*it)).collect();
        let found = subset::search(&opens, self.scene.amount());
        let set = found.first.filter(|_| found.complete && !found.several)?;
        let set: Vec<u32> = set.into_iter().map(|at| items[at]).collect();
        self.scene.exact(&set)
    }

    /// What is over pays another document, or everything else.
    fn named_and_others(
        &self,
        customer: u32,
        named: &[u32],
        over: i64,
        reasons: &[Reason],
        ways: &mut Vec<Hypothesis>,
    ) {
        let others: Vec<u32> = self
            .theirs(customer)
            .into_iter()
            .filter(|it| !named.contains(it))
            .collect();
        let one = others.iter().find(|it| self.scene.open(**it) == over);
        let sum: i64 = others.iter().map(|it| self.scene.open(*it)).sum();
        let rest = match one {
            Some(one) => vec![*one],
            None if sum == over && !others.is_empty() => others,
            None => return,
        };
        let all: Vec<u32> = named.iter().chain(&rest).copied().collect();
        let count = all.len();
        self.push(
            ways,
            customer,
            Naming::Number,
            0,
            reasons.to_vec(),
            Fitted {
                fit: Fit::NamedAndOthers,
                parts: self.scene.all_of(&all),
                surplus: 0,
                reasons: vec![Reason::OnlySubset {
                    count,
                    among: self.theirs(customer).len(),
                }],
            },
        );
    }

    /// Documents of which digits are named; whether they fit as they are.
    fn by_fragments(&self, customer: u32, weak: &[&Mention], ways: &mut Vec<Hypothesis>) -> bool {
        if weak.is_empty() {
            return false;
        }
        let items: Vec<u32> = weak.iter().map(|it| it.item).collect();
        let rarity = |used: &[&Mention]| {
            let rarities = used.iter().map(|it| self.rarity(customer, it.digits));
            rarities.max().unwrap_or(0)
        };
        if let Some(fitted) = self.scene.exact(&items) {
            let reasons = self.naming_reasons(weak);
            self.push(
                ways,
                customer,
                Naming::Fragment,
                rarity(weak),
                reasons,
                fitted,
            );
            return true;
        }
        let mut any = false;
        for mention in weak {
            if let Some(fitted) = self.scene.exact(&[mention.item]) {
                let one = [*mention];
                let reasons = self.naming_reasons(&one);
                self.push(
                    ways,
                    customer,
                    Naming::Fragment,
                    rarity(&one),
                    reasons,
                    fitted,
                );
                any = true;
            }
        }
        if any {
            return true;
        }
        if (3..=FRAGMENTS_ADDED_MAX).contains(&items.len())
            && let Some(fitted) = self.some_of(&items)
        {
            let used = |it: &&Mention| fitted.parts.iter().any(|part| part.item == it.item);
            let used: Vec<&Mention> = weak.iter().copied().filter(used).collect();
            let reasons = self.naming_reasons(&used);
            self.push(
                ways,
                customer,
                Naming::Fragment,
                rarity(&used),
                reasons,
                fitted,
            );
            return true;
        }
        let different = self.scene.adjusted(&items);
        if let Some(fitted) = different.or_else(|| self.scene.in_part_or_over(&items)) {
            let reasons = self.naming_reasons(weak);
            self.push(
                ways,
                customer,
                Naming::Fragment,
                rarity(weak),
                reasons,
                fitted,
            );
        }
        false
    }

    /// What the digits of a fragment tell, about the mean.
    fn rarity(&self, customer: u32, digits: usize) -> i64 {
        let index = self.scene.index;
        let among = match self.leads.of(customer) {
            Some(_) => self.scene.index.items_of(customer).len() as u64,
            None => index.of_length(digits),
        };
        (index.rarity(digits, among) - 6_000).clamp(-4_000, 1_500)
    }

    fn foreign(&self, customer: u32, named: &[&Mention], ways: &mut Vec<Hypothesis>) {
        let scene = &self.scene;
        for mention in named {
            if let Some(fitted) = scene.foreign(mention.item) {
                let reasons = self.naming_reasons(&[mention]);
                self.push(ways, customer, mention.naming, 0, reasons, fitted);
            }
        }
        let said = scene.line.original.is_some() || scene.currency().minor_digits() == 0;
        let items = scene.index.items_of(customer);
        if named.is_empty() && said && items.len() <= SCAN_DOCUMENTS_MAX {
            for fitted in items.filter_map(|it| scene.foreign(it)) {
                self.push(ways, customer, Naming::None, -1_000, Vec::new(), fitted);
            }
        }
    }

    /// Documents of several customers that are named and add up.
    fn of_several_customers(&self, ways: &mut Vec<Hypothesis>) {
        let strong = self
            .mentions
            .named
            .iter()
            .filter(|it| it.naming >= Naming::Number && self.scene.payable(it.item));
        let strong: Vec<&Mention> = strong.collect();
        let items: Vec<u32> = strong.iter().map(|it| it.item).collect();
        let mut owners: Vec<u32> = items
            .iter()
            .map(|it| self.scene.index.item(*it).customer)
            .collect();
        owners.sort_unstable();
        owners.dedup();
        if owners.len() < 2 {
            return;
        }
        if let Some(fitted) = self.scene.exact(&items) {
            let mut reasons = self.naming_reasons(&strong);
            reasons.extend(fitted.reasons);
            ways.push(Hypothesis {
                customer: None,
                score: worth(Naming::Number, Fit::SumOfNamed),
                naming: Naming::Number,
                known: PayerKnown::No,
                rarity: 0,
                fit: Fit::SumOfNamed,
                parts: fitted.parts,
                surplus: 0,
                reasons,
                against: vec![Reason::SeveralCustomers {
                    count: owners.len(),
                }],
            });
        }
    }

    fn naming_reasons(&self, mentions: &[&Mention]) -> Vec<Reason> {
        let reason = |mention: &&Mention| {
            let number = self.scene.index.number(mention.item).to_owned();
            let written = mention.written.clone();
            match mention.naming {
                Naming::Certain => Reason::Certain { written, number },
                Naming::Number => Reason::Number { number },
                _ => Reason::Fragment { written, number },
            }
        };
        mentions.iter().map(reason).collect()
    }

    pub fn push(
        &self,
        ways: &mut Vec<Hypothesis>,
        customer: u32,
        naming: Naming,
        rarity: i64,
        mut reasons: Vec<Reason>,
        mut fitted: Fitted,
    ) {
        let lead = self.leads.of(customer);
        let known = lead.map(|it| it.known).unwrap_or_default();
        let mut against: Vec<Reason> = self
            .leads
            .against(self.scene.index, customer)
            .into_iter()
            .collect();
        against.extend(self.others_number(customer, naming));
        against.extend(
            self.mentions
                .settled
                .iter()
                .cloned()
                .map(|number| Reason::Settled { number }),
        );
        if naming < Naming::Number && fitted.fit == Fit::Adjusted {
            against.push(Reason::GuessedDifference);
        }
        against.extend(fitted.reasons.extract_if(.., |it| is_unclear(it)));
        if known == PayerKnown::No && against.is_empty() {
            against.push(Reason::UnknownPayer);
        }
        let doubts: i64 = against.iter().map(doubt).sum();
        reasons.extend(lead.iter().flat_map(|it| it.reasons.iter().cloned()));
        reasons.extend(fitted.reasons);
        ways.push(Hypothesis {
            customer: Some(customer),
            score: payer_worth(known) + worth(naming, fitted.fit) + rarity - doubts,
            naming,
            known,
            rarity,
            fit: fitted.fit,
            parts: fitted.parts,
            surplus: fitted.surplus,
            reasons,
            against,
        });
    }

    /// A document of another customer that is named and no slip.
    fn others_number(&self, customer: u32, naming: Naming) -> Option<Reason> {
        if naming == Naming::Typo {
            return None;
        }
        let index = self.scene.index;
        let strong = |it: &&Mention| it.naming >= Naming::Number;
        let theirs = |it: &&Mention| index.item(it.item).customer == customer;
        let named = &self.mentions.named;
        let other = named.iter().filter(strong).find(|it| {
            let own = named.iter().filter(strong).filter(theirs);
            !theirs(it) && !own.into_iter().any(|mine| mine.written == it.written)
        })?;
        Some(Reason::OtherCustomersNumber {
            number: index.number(other.item).to_owned(),
        })
    }
}

const fn is_unclear(reason: &Reason) -> bool {
    matches!(reason, Reason::SeveralFit { .. } | Reason::SearchCutOff)
}

const fn doubt(reason: &Reason) -> i64 {
    match reason {
        it if is_unclear(it) => OTHER_SETS,
        it if it.forbids() => DOUBT,
        _ => 0,
    }
}
