//! Bank statements on their way in: every line kept once, unmatched; balances and gaps looked at.
//!
//! A thread of its own reads ahead while lines are written, thousands in one transaction.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::io::Read as _;

use domain::ids::{BankAccountId, BankStatementId, BankTransactionId, ImportId};
use domain::{Currency, Money};
use formats::bank::{
    self as statement, BankFormat, Fault, Hints, Part, StatementHead, StatementTail, Transaction,
    TransactionState,
};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use store::bank::{self, BankStatement, KeptLines, NewLine};
use store::bulk::{self, ImportChunk, QuarantinedRow};
use store::imports::{self, ImportState};
use store::tasks;
use tokio::sync::mpsc;

use super::report::{EntityCounts, ImportReport, QuarantinedEntry, TableRead};
use super::{Begun, Progress, Source, digest_of};
use crate::company::Company;
use crate::daily_run::STALE_BANK_DATA;
use crate::reconcile::gaps;
use crate::{Engine, Error, Result};

/// What statements are counted under.
const ENTITY: &str = "bank_transactions";
/// Parts handed from the reading thread at a time.
const PARTS_AT_ONCE: usize = 5_000;
/// Bytes looked at to tell what a file is.
const HEAD_BYTES: u64 = 64 * 1024;
/// Statements of an account looked at for gaps.
const STATEMENTS_LOOKED_AT: u32 = 400;

/// Whether a file is a bank statement.
pub(super) fn is_statement(source: &Source<'_>) -> Result<bool> {
    if source.options.entity.is_some() {
        return Ok(false);
    }
    let mut head = Vec::new();
    let file = source.open()?.take(HEAD_BYTES).read_to_end(&mut head);
    file.map_err(|error| Error::File {
        path: source.path.to_owned(),
        source: error,
    })?;
    Ok(statement::sniff(&head, &source.name()).is_some())
}

/// The currency most lines of a statement are in, for a company that is not there yet.
pub(super) fn currency(source: &Source<'_>) -> Result<Option<Currency>> {
    let parts = open(source, None)?;
    Ok(parts.take(PARTS_AT_ONCE).find_map(|part| match part {
        Part::Opens(head) => head.currency,
        Part::Moved(moved) => Some(moved.amount.currency),
        _ => None,
    }))
}

fn open(source: &Source<'_>, currency: Option<Currency>) -> Result<statement::Statements> {
    let hints = Hints {
        currency: source.options.currency.or(currency),
        dates: source.options.date_order,
        decimal: source.options.decimal_mark,
        ..Hints::default()
    };
    statement::open(source.open()?, &source.name(), &hints)
        .map_err(|fault| Error::invalid("estado de cuenta", sentence(&fault)))
}

/// What a fault says, with its place.
fn sentence(fault: &Fault) -> String {
    let entry = fault.entry.as_deref().unwrap_or_default();
    let space = if entry.is_empty() { "" } else { ", " };
    let (line, field) = (fault.line, fault.field);
    format!("{entry}{space}línea {line}, {field}: {}", fault.reason)
}

/// Reads a statement without a database.
pub(super) fn dry(source: &Source<'_>, progress: &mut dyn Progress) -> Result<ImportReport> {
    let mut report = ImportReport::default();
    let file = source.name();
    announce(&mut report, &file);
    let mut counted = EntityCounts::default();
    for part in open(source, None)? {
        match part {
            Part::Moved(moved) => {
                report.read += 1;
                counted.created += u64::from(moved.state == TransactionState::Booked);
                progress.rows(report.read);
            }
            Part::Fault(fault) => {
                report.read += 1;
                report.quarantined.push(waiting(&file, &fault));
            }
            Part::Warning(fault) => report.warnings.push(warning(&file, &fault)),
            Part::Opens(_) | Part::Closes(_) => {}
        }
    }
    report.tally(ENTITY, counted);
    Ok(report)
}

fn announce(report: &mut ImportReport, file: &str) {
    report.tables.push(TableRead {
        file: file.to_owned(),
        sheet: None,
        entity: ENTITY,
        columns: Vec::new(),
    });
}

fn warning(file: &str, fault: &Fault) -> String {
    format!("{file}: {}", sentence(fault))
}

fn waiting(file: &str, fault: &Fault) -> QuarantinedEntry {
    QuarantinedEntry {
        file: file.to_owned(),
        row: Some(fault.line),
        field: fault.field.to_owned(),
        reason: fault.reason.clone(),
    }
}

/// A statement that was read: what it did, and its lines in their order.
pub(crate) struct StatementRead {
    pub(crate) report: ImportReport,
    pub(crate) lines: Vec<BankTransactionId>,
}

impl Engine {
    /// Keeps the lines of a bank statement, unmatched.
    ///
    /// # Errors
    /// As [`Engine::import`].
    pub(crate) async fn import_statement(
        &self,
        company: &Company,
        source: &Source<'_>,
        author: &str,
        progress: &mut dyn Progress,
    ) -> Result<StatementRead> {
        let digest = digest_of(source.open()?)?;
        let parts = open(source, Some(company.currency))?;
        let mut tx = self.db.begin().await?;
        let stamp = self.stamp(author);
        let id = imports::start(&mut tx, &stamp, company.id, &source.name(), &digest).await?;
        tx.commit().await?;
        let begun = Begun { id, digest };
        self.read_statement(company, begun, (parts, source.name()), author, progress)
            .await
    }

    /// Reads statements to their end under an import that has begun.
    async fn read_statement(
        &self,
        company: &Company,
        begun: Begun,
        (parts, file): (statement::Statements, String),
        author: &str,
        progress: &mut dyn Progress,
    ) -> Result<StatementRead> {
        let mut walk = Walk::new(self, company, (begun.id, file), author);
        announce(&mut walk.report, &walk.file);
        let (sender, mut receiver) = mpsc::channel(2);
        let reading = tokio::task::spawn_blocking(move || read_ahead(parts, &sender));
        while let Some(parts) = receiver.recv().await {
            for part in parts {
                walk.part(part).await?;
            }
            walk.flush().await?;
            progress.rows(walk.report.read);
        }
        reading
            .await
            .map_err(|_| Error::Stopped("la lectura del estado de cuenta"))?;
        walk.end().await?;
        let Walk {
            mut report,
            lines,
            accounts,
            quarantined,
            ..
        } = walk;
        self.supersede(company, &begun, &quarantined, author)
            .await?;
        for account in accounts {
            let all = bank::statements(&self.db, company.id, account, STATEMENTS_LOOKED_AT).await?;
            report
                .warnings
                .extend(gaps(&all).iter().map(|gap| gap.sentence()));
        }
        let summary = report.summary();
        let mut tx = self.db.begin().await?;
        let ended = (ImportState::Done, None);
        imports::finish(&mut tx, company.id, begun.id, ended, &summary, self.now()).await?;
        tasks::done_of_kind(&mut tx, &self.stamp(author), company.id, STALE_BANK_DATA).await?;
        tx.commit().await?;
        Ok(StatementRead { report, lines })
    }
}

/// Hands over parts until nobody listens.
fn read_ahead(parts: statement::Statements, sender: &mpsc::Sender<Vec<Part>>) {
    let mut some = Vec::with_capacity(PARTS_AT_ONCE);
    for part in parts {
        some.push(part);
        if some.len() == PARTS_AT_ONCE {
            let full = std::mem::replace(&mut some, Vec::with_capacity(PARTS_AT_ONCE));
            if sender.blocking_send(full).is_err() {
                return;
            }
        }
    }
    let _ = sender.blocking_send(some);
}

/// The statement under way.
struct Open {
    head: StatementHead,
    account: Option<BankAccountId>,
    /// How many lines of each content it had so far.
    ordinals: HashMap<[u8; 32], u32>,
    sum: i64,
    lines: i64,
    first: Option<Date>,
    last: Option<Date>,
}

/// A file of statements on its way into the database.
struct Walk<'a> {
    engine: &'a Engine,
    company: &'a Company,
    import: ImportId,
    file: String,
    author: &'a str,
    today: Date,
    report: ImportReport,
    lines: Vec<BankTransactionId>,
    accounts: BTreeSet<BankAccountId>,
    quarantined: HashSet<[u8; 32]>,
    open: Option<Open>,
    /// Lines that wait to be written, of the account of the statement under way.
    pending: Vec<(BankTransactionId, NewLine)>,
    faults: Vec<QuarantinedRow>,
    /// Lines that are only announced.
    announced: u64,
}

impl<'a> Walk<'a> {
    fn new(
        engine: &'a Engine,
        company: &'a Company,
        (import, file): (ImportId, String),
        author: &'a str,
    ) -> Self {
        Self {
            engine,
            company,
            import,
            file,
            author,
            today: company.day_of(engine.now()),
            report: ImportReport::default(),
            lines: Vec::new(),
            accounts: BTreeSet::new(),
            quarantined: HashSet::new(),
            open: None,
            pending: Vec::new(),
            faults: Vec::new(),
            announced: 0,
        }
    }

    async fn part(&mut self, part: Part) -> Result<()> {
        match part {
            Part::Opens(head) => {
                self.close(StatementTail::default()).await?;
                self.open = Some(Open {
                    head: *head,
                    account: None,
                    ordinals: HashMap::new(),
                    sum: 0,
                    lines: 0,
                    first: None,
                    last: None,
                });
            }
            Part::Moved(moved) => self.moved(&moved).await?,
            Part::Fault(fault) => self.fault(&fault),
            Part::Warning(fault) => self.report.warnings.push(warning(&self.file, &fault)),
            Part::Closes(tail) => self.close(*tail).await?,
        }
        Ok(())
    }

    async fn moved(&mut self, moved: &Transaction) -> Result<()> {
        self.report.read += 1;
        if moved.state != TransactionState::Booked {
            self.announced += 1;
            return Ok(());
        }
        let account = self.account(Some(moved.amount.currency)).await?;
        let Some(open) = &mut self.open else {
            return Ok(());
        };
        let line = new_line(moved, open.head.interim);
        let content = line.content(account);
        let ordinal = open.ordinals.entry(content).or_default();
        let id = NewLine::id(&content, *ordinal);
        *ordinal += 1;
        open.lines += 1;
        open.sum = open.sum.saturating_add(moved.amount.minor);
        open.first = Some(open.first.map_or(moved.booked, |day| day.min(moved.booked)));
        open.last = open.last.max(Some(moved.booked));
        self.lines.push(id);
        self.pending.push((id, line));
        Ok(())
    }

    /// The account of the statement under way.
    async fn account(&mut self, moved: Option<Currency>) -> Result<BankAccountId> {
        let own = self.company.currency;
        let nothing = StatementHead {
            format: BankFormat::Table,
            account: statement::AccountId::default(),
            currency: None,
            number: None,
            from: None,
            to: None,
            opening: None,
            interim: false,
        };
        let open = self.open.get_or_insert_with(|| Open {
            head: nothing,
            account: None,
            ordinals: HashMap::new(),
            sum: 0,
            lines: 0,
            first: None,
            last: None,
        });
        if let Some(account) = open.account {
            return Ok(account);
        }
        let head = &open.head;
        let opening = head.opening.map(|it| it.amount.currency);
        let currency = head.currency.or(opening).or(moved).unwrap_or(own);
        let number = match head.account.number.as_deref().map(str::trim) {
            Some(number) if !number.is_empty() => number.to_owned(),
            _ => format!("sin número ({})", format_word(head.format)),
        };
        let bank = head.account.bank.as_deref().unwrap_or_default();
        let holder = head.account.holder.as_deref().unwrap_or_default();
        let stamp = self.engine.stamp(self.author);
        let mut tx = self.engine.db.begin().await?;
        let named = (number.as_str(), bank, holder);
        let account = bank::account(&mut tx, &stamp, self.company.id, named, currency).await?;
        tx.commit().await?;
        open.account = Some(account);
        self.accounts.insert(account);
        Ok(account)
    }

    fn fault(&mut self, fault: &Fault) {
        self.report.read += 1;
        self.report.quarantined.push(waiting(&self.file, fault));
        let raw = json!({ "bank": { "line": fault.raw, "entry": fault.entry } });
        let text = format!("{}\n{}\n{}\n{raw}", self.file, fault.line, fault.field);
        let digest: [u8; 32] = Sha256::digest(text.as_bytes()).into();
        self.quarantined.insert(digest);
        self.faults.push(QuarantinedRow {
            import: self.import,
            file: self.file.clone(),
            row: u32::try_from(fault.line).unwrap_or(u32::MAX),
            field: fault.field.to_owned(),
            reason: fault.reason.clone(),
            raw,
            digest,
        });
    }

    /// Writes what waits.
    async fn flush(&mut self) -> Result<()> {
        let stamp = self.engine.stamp(self.author);
        let (db, company) = (&self.engine.db, self.company.id);
        if !self.faults.is_empty() {
            let chunk = ImportChunk {
                quarantined: std::mem::take(&mut self.faults),
                ..ImportChunk::default()
            };
            bulk::import_chunk(db, &stamp, company, chunk).await?;
        }
        let account = self.open.as_ref().and_then(|open| open.account);
        let (Some(account), false) = (account, self.pending.is_empty()) else {
            return Ok(());
        };
        let kept = KeptLines {
            account,
            import: self.import,
            lines: std::mem::take(&mut self.pending),
        };
        let tally = bank::keep_lines(db, &stamp, company, kept).await?;
        let counts = EntityCounts {
            created: tally.created,
            updated: tally.updated,
            unchanged: tally.unchanged,
        };
        self.report.tally(ENTITY, counts);
        Ok(())
    }

    /// Ends the statement under way, if there is one.
    async fn close(&mut self, tail: StatementTail) -> Result<()> {
        if self.open.is_none() {
            return Ok(());
        }
        let closing = tail.closing.or(tail.opening).map(|it| it.amount.currency);
        let account = self.account(closing).await?;
        self.flush().await?;
        let Some(open) = self.open.take() else {
            return Ok(());
        };
        let head = &open.head;
        let from = tail.from.or(head.from).or(open.first);
        let to = tail.to.or(head.to);
        let to = to.max(tail.closing.and_then(|it| it.on)).max(open.last);
        let mut kept = BankStatement {
            id: BankStatementId::from_uuid(uuid::Uuid::nil()),
            account,
            import: self.import,
            format: format_word(head.format).to_owned(),
            number: head.number.clone().unwrap_or_default(),
            from,
            to,
            opening: tail.opening.or(head.opening).map(|it| it.amount.minor),
            closing: tail.closing.map(|it| it.amount.minor),
            sum: open.sum,
            lines: open.lines,
            interim: head.interim,
            recorded_at: Timestamp::UNIX_EPOCH,
        };
        kept.id = kept.id_of();
        let until = to.map(|day| day.min(self.today));
        let stamp = self.engine.stamp(self.author);
        let mut tx = self.engine.db.begin().await?;
        bank::add_statement(&mut tx, &stamp, self.company.id, &kept, until).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn end(&mut self) -> Result<()> {
        self.close(StatementTail::default()).await?;
        self.flush().await?;
        if self.announced > 0 {
            let (file, count) = (&self.file, self.announced);
            self.report.warnings.push(format!(
                "{file}: {count} movimientos solo se anuncian y todavía no son dinero; se toman \
                 cuando el banco los asienta."
            ));
        }
        Ok(())
    }
}

/// A line as it is kept.
fn new_line(moved: &Transaction, interim: bool) -> NewLine {
    // A database takes every mark but this one.
    let clean = |text: &str| text.trim().replace('\0', " ");
    let text = |value: &Option<String>| clean(value.as_deref().unwrap_or_default());
    let who = &moved.counterparty;
    NewLine {
        line: u32::try_from(moved.line).unwrap_or(u32::MAX),
        booked: moved.booked,
        value: moved.value,
        amount: moved.amount,
        reversal: moved.reversal,
        interim,
        reference: said(text(&moved.reference)),
        end_to_end: said(text(&moved.end_to_end)),
        payer_name: text(&who.name),
        payer_tax_id: text(&who.tax_id),
        payer_account: text(&who.account),
        virtual_account: text(&moved.virtual_account),
        text: clean(&moved.text),
        detail: detail(moved),
    }
}

/// A reference, unless it says that there is none.
fn said(reference: String) -> String {
    const NOTHING: [&str; 5] = ["NONREF", "NOTPROVIDED", "NOT PROVIDED", "NOREF", "0"];
    if NOTHING.contains(&reference.to_uppercase().as_str()) {
        String::new()
    } else {
        reference
    }
}

/// What else a line tells, without what it does not say.
fn detail(moved: &Transaction) -> Value {
    let mut all = Map::new();
    let money = |it: Money| json!({ "minor": it.minor, "currency": it.currency.code() });
    if !moved.documents.is_empty() {
        let documents = moved.documents.iter().map(
            |it| json!({ "number": it.number, "minor": it.amount.map(|amount| amount.minor) }),
        );
        all.insert("documents".to_owned(), documents.collect());
    }
    if !moved.creditor_references.is_empty() {
        let references = json!(moved.creditor_references);
        all.insert("creditor_references".to_owned(), references);
    }
    if let Some(charges) = moved.charges {
        all.insert("charges".to_owned(), money(charges));
    }
    if let Some((original, rate)) = moved.original {
        let mut value = money(original);
        value["rate"] = json!(rate.map(|it| it.to_string()));
        all.insert("original".to_owned(), value);
    }
    let texts = [
        ("batch", &moved.batch),
        ("return_reason", &moved.return_reason),
        ("code", &moved.code),
        ("ultimate", &moved.counterparty.ultimate),
        ("payer_bank", &moved.counterparty.bank),
    ];
    for (name, value) in texts {
        if let Some(value) = value.as_deref().filter(|it| !it.is_empty()) {
            all.insert(name.to_owned(), json!(value));
        }
    }
    Value::Object(all)
}

/// The word a format is kept as.
const fn format_word(format: BankFormat) -> &'static str {
    match format {
        BankFormat::Camt => "camt",
        BankFormat::Mt940 => "MT940",
        BankFormat::Mt942 => "MT942",
        BankFormat::Ofx => "OFX",
        BankFormat::Cnab240 => "CNAB 240",
        BankFormat::Cnab400 => "CNAB 400",
        BankFormat::Norma43 => "Norma 43",
        BankFormat::Qif => "QIF",
        BankFormat::PayPal => "PayPal",
        BankFormat::Adyen => "Adyen",
        BankFormat::Cep => "CEP",
        BankFormat::Table => "tabla",
    }
}
