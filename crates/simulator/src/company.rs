//! A company: its profile, its customers by index, and the truth about them.

use domain::Money;
use domain::contact::Tone;
use domain::customer::BehaviourClass;

use crate::calendar::Calendar;
use crate::chance::{Chance, Purpose};
use crate::customer::{self, Customer};
use crate::kind::{self, Setting};
use crate::ledger::{self, Draft, Plan};
use crate::spec::{Document, Kind, Land, Profile, Spec};

/// Customers looked at to know how many documents one has.
const SAMPLE: u32 = 2048;

/// A simulated company. It holds no customers: each is made when asked for, from its index alone,
/// so that its memory does not grow with them.
#[derive(Clone, Debug)]
pub struct Company {
    spec: Spec,
    profile: Profile,
    land: Land,
    setting: &'static Setting,
    days: Calendar,
    count: u32,
}

/// The planted truth of a company, in exact figures. Rates are per mille.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Truth {
    /// The kind of company.
    pub kind: Kind,
    /// What is planted in each class of payers, in the order of [`BehaviourClass::ALL`].
    pub classes: Vec<ClassTruth>,
    /// Favourite hours in the customer's own zone, with the share of customers.
    pub hours: Vec<(i8, u16)>,
    /// Of what is read, the share read because it was the customer's favourite hour. The rest falls
    /// on any hour, the favourite one included.
    pub at_favourite_hour: u16,
    /// Share of customers whose favourite channel is e-mail; the others' is WhatsApp.
    pub email: u16,
    /// Share of customers whose e-mail address does not exist.
    pub bad_address: u16,
    /// Share of customers at whose addresses someone else reads.
    pub wrong_person: u16,
    /// Chance that a read message makes a customer ask for no more.
    pub opt_out: u16,
    /// Share of customers with direct debit.
    pub direct_debit: u16,
}

/// What is planted in a class of payers. Rates are per mille.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassTruth {
    /// The class.
    pub class: BehaviourClass,
    /// Share of customers.
    pub share: u16,
    /// Share of documents not wholly paid by their due date when nobody writes, direct debit apart.
    /// Of the insolvent: of the documents after they failed.
    pub late: u16,
    /// Chance that a read reminder moves the payment, by tone in the order of
    /// [`Tone::ALL`], for a customer whose own tone it is not.
    pub moved: [u16; 5],
    /// What is added when the tone is the customer's own.
    pub own_tone: u16,
    /// What is added when it comes within an hour of the customer's favourite.
    pub own_hour: u16,
    /// Of those who are moved, the share that also writes a promise.
    pub answers: u16,
    /// Of those who are moved and write, the share that asks for a copy and promises nothing.
    pub needs_copy: u16,
    /// Share of promises kept.
    pub keeps: u16,
    /// Share of documents contested.
    pub disputed: u16,
}

impl Company {
    /// The company of a spec, where its kind is at home.
    pub fn new(spec: Spec) -> Self {
        let land = kind::home(spec.kind);
        Self::in_land(spec, land)
    }

    /// The company of a spec in any country: its customers are named, numbered and placed as there
    /// and behave as those of its kind do at home. Nobody has published figures for each country.
    pub fn in_land(spec: Spec, land: Land) -> Self {
        let setting = kind::setting_in(land);
        let profile = kind::profile_in(spec.kind, land);
        let season = &spec.model.of(spec.kind).season;
        let days = Calendar::new(profile.country, spec.until, season);
        let mut company = Self {
            spec,
            profile,
            land,
            setting,
            days,
            count: SAMPLE,
        };
        company.count = company.customers_for(company.spec.documents);
        company
    }

    /// What it was made from.
    pub const fn spec(&self) -> &Spec {
        &self.spec
    }

    /// Where it is.
    pub const fn land(&self) -> Land {
        self.land
    }

    /// The company itself.
    pub const fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Number of customers.
    pub const fn count(&self) -> u32 {
        self.count
    }

    /// The customer at an index; `None` past the last.
    pub fn customer(&self, index: u32) -> Option<Customer> {
        (index < self.count).then(|| self.make(index))
    }

    /// The customer of a key.
    pub fn customer_of(&self, key: &str) -> Option<Customer> {
        self.customer(customer::index_of(key)?)
    }

    /// All customers, made one by one.
    pub fn customers(&self) -> impl Iterator<Item = Customer> + '_ {
        (0..self.count).map(|index| self.make(index))
    }

    /// All documents of a customer, by day of issue.
    pub fn documents(&self, customer: &Customer) -> Vec<Document> {
        let drafts = self.drafts(customer);
        drafts
            .iter()
            .map(|draft| self.document(customer, draft))
            .collect()
    }

    /// The planted truth.
    pub fn truth(&self) -> Truth {
        let (model, messages) = (
            self.spec.model.of(self.spec.kind),
            &self.spec.model.messages,
        );
        let classes = BehaviourClass::ALL.iter().map(|&class| {
            let late = match class {
                BehaviourClass::Punctual => 0,
                BehaviourClass::Forgetful => model.late.forgetful,
                BehaviourClass::Slow => model.late.slow,
                BehaviourClass::Disputing => model.disputed,
                BehaviourClass::Insolvent => 1000,
            };
            let mut moved = [0; 5];
            moved.copy_from_slice(messages.moved(class));
            ClassTruth {
                class,
                share: model.shares.of(class),
                late,
                moved,
                own_tone: messages.own_tone,
                own_hour: messages.own_hour,
                answers: messages.answers.of(class),
                needs_copy: messages.needs_copy,
                keeps: messages.keeps.of(class),
                disputed: if class == BehaviourClass::Disputing {
                    model.disputed
                } else {
                    0
                },
            }
        });
        let hours = model.hours.iter();
        Truth {
            kind: self.spec.kind,
            classes: classes.collect(),
            hours: hours
                .map(|(hour, share)| (i8::try_from(*hour).unwrap_or(0), *share))
                .collect(),
            at_favourite_hour: messages.at_favourite_hour,
            email: model.channels.email,
            bad_address: messages.bad_address,
            wrong_person: messages.wrong_person,
            opt_out: messages.opt_out,
            direct_debit: model.direct_debit,
        }
    }

    pub(crate) const fn days(&self) -> &Calendar {
        &self.days
    }

    pub(crate) const fn setting(&self) -> &'static Setting {
        self.setting
    }

    pub(crate) fn chance(&self, customer: u32, purpose: Purpose, ordinal: u64) -> Chance {
        Chance::of(self.spec.seed, customer, purpose, ordinal)
    }

    pub(crate) fn drafts(&self, customer: &Customer) -> Vec<Draft> {
        let mut drafts = ledger::drafts(&self.spec, &self.days, customer);
        let home = kind::home(self.spec.kind);
        if home != self.land {
            let (here, there) = (kind::dollar(self.land), kind::dollar(home));
            for draft in &mut drafts {
                draft.minor = (draft.minor * here / there).max(1);
            }
        }
        drafts
    }

    pub(crate) fn plan(&self, customer: &Customer, draft: &Draft) -> Plan {
        ledger::plan(&self.spec, &self.days, customer, draft)
    }

    pub(crate) fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.profile.currency)
    }

    pub(crate) fn number(&self, customer: u32, ordinal: u32) -> String {
        format!(
            "{}{:05}-{:02}",
            self.setting.prefix,
            customer + 1,
            ordinal + 1
        )
    }

    /// Customer and ordinal of a number, whether or not they exist.
    pub(crate) fn place_of(&self, number: &str) -> Option<(u32, u32)> {
        let (customer, ordinal) = number.strip_prefix(self.setting.prefix)?.split_once('-')?;
        let customer: u32 = customer.parse().ok()?;
        let ordinal: u32 = ordinal.parse().ok()?;
        Some((customer.checked_sub(1)?, ordinal.checked_sub(1)?))
    }

    pub(crate) fn document(&self, customer: &Customer, draft: &Draft) -> Document {
        let concepts = self.setting.concepts;
        let at = usize::try_from(customer.index % 7 + draft.ordinal % 2).unwrap_or(0);
        Document {
            customer: customer.key.clone(),
            number: self.number(customer.index, draft.ordinal),
            issued: draft.issued,
            due: draft.due,
            amount: self.money(draft.minor),
            concept: concepts[at % concepts.len()],
            direct_debit: customer.direct_debit,
        }
    }

    fn make(&self, index: u32) -> Customer {
        customer::customer(&self.spec, self.setting, &self.days, index)
    }

    /// How many customers have about that many documents, from what the first ones have.
    fn customers_for(&self, documents: u32) -> u32 {
        let mut total = 0;
        for index in 0..SAMPLE {
            total += u64::try_from(self.drafts(&self.make(index)).len()).unwrap_or(0);
            if total >= u64::from(documents) {
                return index + 1;
            }
        }
        let wanted = u64::from(documents) * u64::from(SAMPLE) / total.max(1);
        u32::try_from(wanted).unwrap_or(u32::MAX).max(1)
    }
}

impl ClassTruth {
    /// Chance, per million, that a read reminder of a tone brings payment forward: the customer is
    /// moved and breaks no promise. For one whose own tone and hour it is not.
    pub fn sooner_per_million(&self, tone: Tone) -> u64 {
        let at = Tone::ALL.iter().position(|it| *it == tone);
        let moved = at.map_or(0, |at| u64::from(self.moved[at]));
        let promises = u64::from(self.answers) * (1000 - u64::from(self.needs_copy));
        let broken = promises * (1000 - u64::from(self.keeps));
        moved * (1_000_000_000 - broken) / 1_000_000
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::model::Model;

    #[test]
    fn what_a_reminder_does_is_known_exactly() {
        let company = Company::new(Spec {
            kind: Kind::Distributor,
            seed: 1,
            documents: 100,
            until: date(2026, 10, 31),
            model: Model::embedded(),
        });
        let truth = company.truth();
        let sooner = |class: usize, tone| truth.classes[class].sooner_per_million(tone);
        // 42 % are moved; 38 % of them write, 89 % of these promise, 25 % of promises are broken.
        assert_eq!(sooner(1, Tone::Friendly), 384_489);
        // 26 % are moved; 45 % write, 89 % promise, 55 % are broken.
        assert_eq!(sooner(2, Tone::Firm), 202_728);
    }

    #[test]
    fn a_company_is_as_large_as_asked_for() {
        for documents in [100, 1000, 20_000] {
            for kind in Kind::ALL {
                let company = Company::new(Spec {
                    kind,
                    seed: 6,
                    documents,
                    until: date(2026, 10, 31),
                    model: Model::embedded(),
                });
                let all = company
                    .customers()
                    .map(|it| company.drafts(&it).len())
                    .sum::<usize>();
                let found = u32::try_from(all).expect("a number of documents");
                let most = documents + documents / 8 + 150;
                assert!(
                    (documents * 7 / 8..most).contains(&found),
                    "{kind:?} {documents}: {found}"
                );
            }
        }
    }
}
