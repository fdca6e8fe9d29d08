//! The ledger against the files: every row that can be read is there once with what it says, and
//! the sums of applications fit their documents, their payments and the days kept beside them.

use std::collections::{BTreeMap, HashMap};

use super::Report;
use super::books::Books;
use super::calendar::Day;
use super::files::Files;
use super::tables::{Application, Customer, Document, Hex, Payment, Tables};

/// Looks at customers, documents, payments, applications, holds and quarantine.
pub fn check(
    tables: &Tables,
    files: &Files,
    books: &Books<'_>,
    finished: bool,
    report: &mut Report,
) {
    let ledger = Ledger::new(tables);
    let mut zones = tables.companies.iter().map(|it| it.zone.as_str());
    let is_one = zones.next() == Some("America/Mexico_City") && zones.next().is_none();
    report.must(is_one, "company", "companies", || {
        "there is not one company, in central Mexico".to_owned()
    });
    ledger.owners(report);
    ledger.applications(report);
    ledger.projections(report);
    if finished {
        ledger.customers(files, report);
        ledger.documents(files, report);
        ledger.payments(files, report);
        ledger.disputes(files, report);
        ledger.totals(files, books, report);
        ledger.imports(files, report);
    }
}

struct Ledger<'a> {
    tables: &'a Tables,
    customers: HashMap<&'a Hex, &'a Customer>,
    documents: HashMap<&'a Hex, &'a Document>,
    payments: HashMap<&'a Hex, &'a Payment>,
}

fn by<'a, T, K: Ord>(rows: &'a [T], key: impl Fn(&'a T) -> K) -> BTreeMap<K, Vec<&'a T>> {
    let mut groups: BTreeMap<K, Vec<&'a T>> = BTreeMap::new();
    for row in rows {
        groups.entry(key(row)).or_default().push(row);
    }
    groups
}

impl<'a> Ledger<'a> {
    fn new(tables: &'a Tables) -> Self {
        Self {
            tables,
            customers: tables.customers.iter().map(|it| (&it.id, it)).collect(),
            documents: tables.documents.iter().map(|it| (&it.id, it)).collect(),
            payments: tables.payments.iter().map(|it| (&it.id, it)).collect(),
        }
    }

    fn key(&self, customer: &Hex) -> &'a str {
        self.customers
            .get(customer)
            .map_or("?", |it| it.key.as_str())
    }

    /// Everything belongs to the one company, and money to a customer of it.
    fn owners(&self, report: &mut Report) {
        let mut companies: BTreeMap<&Hex, &str> = BTreeMap::new();
        for (table, company) in self.tables.owners() {
            companies.entry(company).or_insert(table);
        }
        if companies.len() > 1 {
            let rows = format!("{companies:?}");
            report.say("company", rows, "rows of more than one company");
        }
        let documents = self.tables.documents.iter();
        let documents = documents.map(|it| (&it.number, &it.customer_id));
        let payments = self.tables.payments.iter();
        let payments = payments.map(|it| (&it.reference, &it.customer_id));
        for (name, customer) in documents.chain(payments) {
            let is_known = self.customers.contains_key(customer);
            report.must(is_known, "owner", name, || {
                "it belongs to no customer".to_owned()
            });
        }
    }

    fn customers(&self, files: &Files, report: &mut Report) {
        let found = by(&self.tables.customers, |it| it.key.clone());
        for (key, (name, email)) in &files.customers {
            let Some([customer]) = found.get(key).map(Vec::as_slice) else {
                report.say("customer-lost", key, "it is not in the ledger exactly once");
                continue;
            };
            report.must(customer.name == *name, "customer-differs", key, || {
                format!("named {} instead of {name}", customer.name)
            });
            let points = self
                .tables
                .points
                .iter()
                .filter(|it| it.customer_id == customer.id);
            let emails: Vec<&str> = points.map(|it| it.address.as_str()).collect();
            let wanted: Vec<&str> = Some(email.as_str())
                .filter(|it| !it.is_empty())
                .into_iter()
                .collect();
            report.must(emails == wanted, "contact-point", key, || {
                format!("has {emails:?} instead of {wanted:?}")
            });
        }
        for key in found
            .keys()
            .filter(|key| !files.customers.contains_key(*key))
        {
            report.say("customer-strange", key, "it is in no file");
        }
    }

    fn documents(&self, files: &Files, report: &mut Report) {
        let found = by(&self.tables.documents, |it| it.number.clone());
        for (number, said) in &files.documents {
            let Some([document]) = found.get(number).map(Vec::as_slice) else {
                report.say(
                    "document-lost",
                    number,
                    "it is not in the ledger exactly once",
                );
                continue;
            };
            let is = (
                self.key(&document.customer_id),
                document.kind.as_str(),
                document.issued_on.to_string(),
                document.due_on.to_string(),
                document.currency.as_str(),
                document.amount_minor,
            );
            let should = (
                said.customer.as_str(),
                said.kind.as_str(),
                said.issued.to_string(),
                said.due.to_string(),
                said.currency.as_str(),
                said.cents,
            );
            report.must(is == should, "document-differs", number, || {
                format!("the ledger says {is:?}, the file {should:?}")
            });
        }
        for number in found
            .keys()
            .filter(|number| !files.documents.contains_key(*number))
        {
            report.say("document-strange", number, "it is in no file");
        }
    }

    /// Each payment of the files, whole and laid on its document once.
    fn payments(&self, files: &Files, report: &mut Report) {
        let found = by(&self.tables.payments, |it| it.reference.clone());
        let applied_of = by(&self.tables.applications, |it| it.payment_id.as_ref());
        for (reference, said) in files.payments.iter().filter(|(_, said)| said.cents > 0) {
            let Some([payment]) = found.get(reference).map(Vec::as_slice) else {
                report.say(
                    "payment-lost",
                    reference,
                    "it is not in the ledger exactly once",
                );
                continue;
            };
            let is = (self.key(&payment.customer_id), payment.amount_minor);
            let should = (said.customer.as_str(), said.cents);
            let on_time = said.on.is_none_or(|on| on == payment.paid_on);
            report.must(
                is == should && on_time,
                "payment-differs",
                reference,
                || {
                    format!(
                        "the ledger says {is:?} on {}, the file {should:?}",
                        payment.paid_on
                    )
                },
            );
            let applied = applied_of.get(&Some(&payment.id)).into_iter().flatten();
            let applied: Vec<(&str, i128)> = applied
                .map(|it| (self.number(&it.document_id), it.amount_minor))
                .collect();
            let wanted = [(said.document.as_str(), said.cents)];
            report.must(applied == wanted, "application-lost", reference, || {
                format!("laid as {applied:?} instead of {wanted:?}")
            });
        }
        for reference in found.keys().filter(|it| !files.payments.contains_key(*it)) {
            report.say("payment-strange", reference, "it is in no file");
        }
    }

    fn number(&self, document: &Hex) -> &'a str {
        self.documents
            .get(document)
            .map_or("?", |it| it.number.as_str())
    }

    fn disputes(&self, files: &Files, report: &mut Report) {
        let disputes = self.tables.holds.iter().filter(|it| it.kind == "dispute");
        let mut held: BTreeMap<&str, usize> = BTreeMap::new();
        for document in disputes.filter_map(|it| it.document_id.as_ref()) {
            *held.entry(self.number(document)).or_default() += 1;
        }
        for (number, said) in &files.documents {
            let count = held.get(number.as_str()).copied().unwrap_or(0);
            report.must(
                count == usize::from(said.disputed),
                "dispute",
                number,
                || format!("{count} disputes; the file marks it: {}", said.disputed),
            );
        }
    }

    /// Sums per customer and currency: written, and open.
    fn totals(&self, files: &Files, books: &Books<'_>, report: &mut Report) {
        type Totals<'k> = BTreeMap<(&'k str, &'k str), (i128, i128)>;
        let mut should: Totals<'_> = BTreeMap::new();
        let sign = |kind: &str| if kind == "credit_note" { -1 } else { 1 };
        for said in files.documents.values() {
            let sums = should.entry((&said.customer, &said.currency)).or_default();
            sums.0 += sign(&said.kind) * said.cents;
            sums.1 += sign(&said.kind) * said.cents;
        }
        for payment in files.payments.values() {
            if let Some(document) = files.documents.get(&payment.document) {
                should
                    .entry((&payment.customer, &document.currency))
                    .or_default()
                    .1 -= payment.cents;
            }
        }
        let mut is: Totals<'_> = BTreeMap::new();
        for document in &self.tables.documents {
            let key = (self.key(&document.customer_id), document.currency.as_str());
            is.entry(key).or_default().0 += sign(&document.kind) * document.amount_minor;
        }
        let last = Day::parse("2199-12-31").unwrap_or(Day::of_company(0));
        for customer in &self.tables.customers {
            let sums = books.at(&customer.id, last, i128::MAX);
            for line in &sums.lines {
                let key = (customer.key.as_str(), line.document.currency.as_str());
                is.entry(key).or_default().1 += line.open;
            }
            for (currency, credit) in sums.credits {
                is.entry((&customer.key, currency)).or_default().1 -= credit;
            }
        }
        for ((key, currency), sums) in &should {
            let found = is.get(&(*key, *currency)).copied().unwrap_or_default();
            report.must(found == *sums, "total", format!("{key} {currency}"), || {
                format!("(written, open) come to {found:?}, in the files to {sums:?}")
            });
        }
    }

    /// Each file was read to its end at least once; each bad row waits exactly once.
    fn imports(&self, files: &Files, report: &mut Report) {
        for (name, digest) in &files.names {
            let done =
                self.tables.imports.iter().any(|it| {
                    it.file == *name && it.digest.0 == *digest && it.finished_at.is_some()
                });
            report.must(done, "import", name, || {
                "no import of it has ended".to_owned()
            });
        }
        let open = self
            .tables
            .quarantine
            .iter()
            .filter(|it| it.state == "open");
        let mut waiting: BTreeMap<(String, i128), usize> = BTreeMap::new();
        for row in open {
            let import = self.tables.imports.iter().find(|it| it.id == row.import_id);
            report.must(
                import.is_some_and(|it| it.file == row.file),
                "quarantine",
                &row.id,
                || "its import is not one of its file".to_owned(),
            );
            *waiting
                .entry((row.file.clone(), row.row_number))
                .or_default() += 1;
        }
        let wanted: BTreeMap<_, _> = files.unreadable.iter().map(|it| (it.clone(), 1)).collect();
        for (file, row) in wanted.keys().chain(waiting.keys()) {
            let key = (file.clone(), *row);
            let (found, should) = (
                waiting.get(&key).unwrap_or(&0),
                wanted.get(&key).unwrap_or(&0),
            );
            report.must(
                found == should,
                "quarantine",
                format!("{file} row {row}"),
                || format!("it waits {found} times instead of {should}"),
            );
        }
        let of_files = ["customer", "contact_point", "document", "payment"];
        let is_change = |kind: &str| {
            let changed = kind.strip_suffix(".changed");
            changed.is_some_and(|what| of_files.contains(&what))
        };
        for event in self.tables.events.iter().filter(|it| is_change(&it.kind)) {
            let row = event.entity.as_ref().unwrap_or(&event.id);
            let what = format!("{}, though no file says two things of it", event.kind);
            report.say("event", row, what);
        }
    }

    /// No application exceeds its document or its source, or joins what does not belong together.
    fn applications(&self, report: &mut Report) {
        let mut laid: BTreeMap<&Hex, i128> = BTreeMap::new();
        let mut taken: BTreeMap<&Hex, i128> = BTreeMap::new();
        for it in &self.tables.applications {
            let Some(document) = self.documents.get(&it.document_id) else {
                report.say("application", &it.id, "it is laid on no document");
                continue;
            };
            let source = self.source(it);
            let Some((source, customer, currency, _)) = source else {
                report.say(
                    "application",
                    &it.id,
                    "it comes from no payment or credit note",
                );
                continue;
            };
            let one = *customer == it.customer_id && document.customer_id == it.customer_id;
            report.must(
                one && currency == document.currency,
                "application",
                &it.id,
                || {
                    format!(
                        "{} and its money differ in customer or currency",
                        document.number
                    )
                },
            );
            *laid.entry(&it.document_id).or_default() += it.amount_minor;
            *taken.entry(source).or_default() += it.amount_minor;
        }
        for (id, sum) in laid {
            let document = self.documents[id];
            let fits = (0..=document.amount_minor).contains(&sum);
            report.must(
                fits,
                "over-applied",
                format!("document {}", document.number),
                || format!("{sum} laid on {}", document.amount_minor),
            );
        }
        for (id, sum) in taken {
            let (name, amount) = match (self.payments.get(id), self.documents.get(id)) {
                (Some(it), _) => (&it.reference, it.amount_minor),
                (None, Some(it)) => (&it.number, it.amount_minor),
                (None, None) => continue,
            };
            report.must((0..=amount).contains(&sum), "over-applied", name, || {
                format!("{sum} taken from {amount}")
            });
        }
    }

    fn source(&self, it: &'a Application) -> Option<(&'a Hex, &'a Hex, &'a str, i128)> {
        if let Some(id) = &it.payment_id {
            let payment = self.payments.get(id)?;
            return Some((
                id,
                &payment.customer_id,
                &payment.currency,
                payment.amount_minor,
            ));
        }
        let id = it.credit_id.as_ref()?;
        let credit = self
            .documents
            .get(id)
            .filter(|it| it.kind == "credit_note")?;
        Some((
            id,
            &credit.customer_id,
            &credit.currency,
            credit.amount_minor,
        ))
    }

    /// The day kept beside a document or payment is the day its last application closed it.
    fn projections(&self, report: &mut Report) {
        let all = &self.tables.applications;
        let on_document = by(all, |it| Some(&it.document_id));
        let of_credit = by(all, |it| it.credit_id.as_ref());
        let of_payment = by(all, |it| it.payment_id.as_ref());
        let closed = |amount: i128, its: Option<&Vec<&Application>>| {
            let its = || its.into_iter().flatten();
            let sum: i128 = its().map(|it| it.amount_minor).sum();
            let last = its().map(|it| it.applied_on).max();
            last.filter(|_| sum >= amount)
        };
        for document in &self.tables.documents {
            let is_credit = document.kind == "credit_note";
            let groups = if is_credit { &of_credit } else { &on_document };
            let should = closed(document.amount_minor, groups.get(&Some(&document.id)));
            let is = document.settled_on_projection;
            report.must(is == should, "projection", &document.number, || {
                format!("settled {is:?}, by its applications {should:?}")
            });
        }
        for payment in &self.tables.payments {
            let should = closed(payment.amount_minor, of_payment.get(&Some(&payment.id)));
            let is = payment.spent_on_projection;
            report.must(is == should, "projection", &payment.reference, || {
                format!("spent {is:?}, by its applications {should:?}")
            });
        }
    }
}
