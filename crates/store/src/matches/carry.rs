//! A person's step with one match, in one transaction: accepting, refusing, undoing. What the bank
//! takes back is undone the same way.

use domain::{ApplicationId, CompanyId, CustomerId, DocumentId, PaymentId};
use jiff::civil::Date;
use serde_json::json;
use uuid::Uuid;

use super::learn::{learn, refuse};
use super::settle::{import_whole, payment_ids};
use super::{Alias, MatchRecord, MatchState, Refusal};
use crate::applications::UNDONE;
use crate::bank::LineState;
use crate::bulk::{
    APPLICATIONS, Clash, EVENTS, Heavy, ImportChunk, Rows, lock_customers, write_heavily,
};
use crate::db::Db;
use crate::error::{Result, StoreError};
use crate::portfolio::figures;
use crate::stamp::Stamp;
use crate::value::{Bind, Row, binds};

/// What of a payment is taken back before anything else of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenBack {
    /// The payment.
    pub payment: PaymentId,
    /// Credit notes that were laid with it, each with the document it lies on.
    pub credits: Vec<(DocumentId, DocumentId)>,
    /// The day it counts from.
    pub on: Date,
}

/// One step with a match.
#[derive(Clone, Debug)]
pub struct Step {
    /// The match as it was when the step was thought of.
    pub from: MatchRecord,
    /// Where it stands afterwards.
    pub to: MatchState,
    /// Where its line stands afterwards.
    pub line: LineState,
    /// What is taken back first.
    pub back: Option<TakenBack>,
    /// The money that moves then.
    pub money: ImportChunk,
    /// The reference of the payment it becomes, among those of `money` or on record.
    pub payment: Option<String>,
    /// By what its payer is known from now on.
    pub learned: Vec<Alias>,
    /// What the machine does not do again.
    pub refused: Vec<Refusal>,
    /// What a person has to look at because of it: kind and text.
    pub task: Option<(&'static str, String)>,
}

/// Carries out a step. Nothing of it is kept unless all of it is.
///
/// # Errors
/// [`StoreError::Missing`] when the match is not as it was, [`StoreError::Refused`] when a
/// document does not hold as much, and what the database says.
pub async fn carry_out(db: &Db, stamp: &Stamp, company: CompanyId, step: Step) -> Result<()> {
    let stamp = stamp.clone();
    write_heavily!(db, |heavy| carry(heavy, stamp, company, step))
}

async fn carry(heavy: &mut Heavy<'_>, stamp: Stamp, company: CompanyId, step: Step) -> Result<()> {
    let customer = step.from.customer;
    lock_customers(heavy, company, &[customer.uuid()]).await?;
    if let Some(back) = &step.back {
        take_back(heavy, &stamp, company, customer, back).await?;
    }
    import_whole(heavy, &stamp, company, step.money).await?;
    let payment = match &step.payment {
        None => step.from.payment.map(PaymentId::uuid),
        Some(reference) => {
            let found = payment_ids(heavy, company, std::slice::from_ref(reference)).await?;
            found.get(reference).copied()
        }
    };
    // Money that was taken back stays the line's: it is no other money that came in otherwise.
    let linked = step.to.is_settled() || step.back.is_some();
    let payment = payment.map(|it| (it, linked));
    let moved = (step.to, step.line, payment);
    move_match(heavy, &stamp, company, &step.from, moved).await?;
    learn(heavy, &stamp, company, &step.learned).await?;
    refuse(heavy, &stamp, company, &step.refused).await?;
    if let Some((kind, text)) = &step.task {
        add_task(heavy, &stamp, company, customer, (kind, text)).await?;
    }
    figures::refresh(heavy, company, &[customer], stamp.at).await
}

/// Writes the match, its line and its payment's line as they are afterwards.
async fn move_match(
    heavy: &mut Heavy<'_>,
    stamp: &Stamp,
    company: CompanyId,
    from: &MatchRecord,
    (to, line, payment): (MatchState, LineState, Option<(Uuid, bool)>),
) -> Result<()> {
    const MATCH: &str = "UPDATE matches SET state = $3, payment_id = $4, decided_by = $5, \
        decided_at = $6, applications = $7 WHERE company_id = $1 AND id = $2 AND state = $8";
    const LINE: &str = "UPDATE bank_transactions SET state_projection = $3 \
        WHERE company_id = $1 AND id = $2";
    const PAYMENT: &str = "UPDATE payments SET transaction_id = $3 \
        WHERE company_id = $1 AND id = $2";
    let shares = json!(from.shares);
    let binds = binds![
        company,
        from.id,
        to,
        payment.map(|it| it.0),
        &stamp.author,
        stamp.at,
        &shares,
        from.state,
    ];
    if heavy.run(MATCH, &binds).await? == 0 {
        return Err(StoreError::Missing {
            what: "match in that state",
            key: from.id.to_string(),
        });
    }
    heavy.run(LINE, &binds![company, from.line, line]).await?;
    if let Some((payment, linked)) = payment {
        let own = linked.then_some(from.line.uuid());
        heavy.run(PAYMENT, &binds![company, payment, own]).await?;
    }
    let body = json!({
        "before": { "state": from.state.code() },
        "after": { "state": to.code() },
        "line": from.line.to_string(),
    });
    event(
        heavy,
        stamp,
        company,
        ("match.decided", from.id.uuid()),
        &body,
    )
    .await
}

async fn event(
    heavy: &mut Heavy<'_>,
    stamp: &Stamp,
    company: CompanyId,
    (kind, entity): (&'static str, Uuid),
    body: &serde_json::Value,
) -> Result<()> {
    let mut events = Rows::new(EVENTS.columns.len());
    events.push([
        Bind::from(company),
        stamp.ids.draw().into(),
        kind.into(),
        entity.into(),
        body.to_string().into(),
        Bind::from(&stamp.author),
        stamp.at.into(),
    ]);
    heavy.insert(&EVENTS, &events, Clash::Fail).await.map(drop)
}

async fn add_task(
    heavy: &mut Heavy<'_>,
    stamp: &Stamp,
    company: CompanyId,
    customer: CustomerId,
    (kind, text): (&str, &str),
) -> Result<()> {
    const SQL: &str = "INSERT INTO tasks \
        (company_id, id, customer_id, contact_id, kind, text, recorded_at, done_at) \
        VALUES ($1, $2, $3, NULL, $4, $5, $6, NULL)";
    let binds = binds![company, stamp.ids.draw(), customer, kind, text, stamp.at];
    heavy.run(SQL, &binds).await.map(drop)
}

/// A part of a payment or credit note that lies on a document.
struct Laid {
    id: ApplicationId,
    payment: Option<Uuid>,
    credit: Option<Uuid>,
    document: DocumentId,
    on: Date,
    minor: i64,
}

/// Answers every application of the payment and its credit notes that stands by one with the
/// amount negated.
async fn take_back(
    heavy: &mut Heavy<'_>,
    stamp: &Stamp,
    company: CompanyId,
    customer: CustomerId,
    back: &TakenBack,
) -> Result<()> {
    let mut rows = Rows::new(APPLICATIONS.columns.len());
    for laid in standing(heavy, company, customer, back).await? {
        let id = stamp.ids.draw();
        rows.push([
            Bind::from(company),
            id.into(),
            customer.into(),
            laid.payment.into(),
            laid.credit.into(),
            laid.document.into(),
            back.on.max(laid.on).into(),
            (-laid.minor).into(),
            UNDONE.into(),
            Bind::from(&stamp.author),
            stamp.at.into(),
        ]);
        let body = json!({ "after": {
            "application": id.to_string(),
            "undoes": laid.id.to_string(),
            "minor": -laid.minor,
            "on": back.on.to_string(),
            "matched": UNDONE,
        }});
        let what = ("application.undone", laid.document.uuid());
        event(heavy, stamp, company, what, &body).await?;
    }
    heavy
        .insert(&APPLICATIONS, &rows, Clash::Fail)
        .await
        .map(drop)
}

async fn standing(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    customer: CustomerId,
    back: &TakenBack,
) -> Result<Vec<Laid>> {
    const SQL: &str = "SELECT a.id, a.payment_id, a.credit_id, a.document_id, a.applied_on, \
        a.amount_minor FROM applications a WHERE a.company_id = $1 AND a.customer_id = $2 \
        AND (a.payment_id = $3 OR a.credit_id {uuids:4}) ORDER BY a.recorded_at, a.id";
    let read = |row: &mut Row<'_>| {
        Ok(Laid {
            id: row.get()?,
            payment: row.get()?,
            credit: row.get()?,
            document: row.get()?,
            on: row.get()?,
            minor: row.get()?,
        })
    };
    let credits: Vec<Uuid> = back.credits.iter().map(|it| it.0.uuid()).collect();
    let pairs: Vec<(Uuid, DocumentId)> =
        back.credits.iter().map(|it| (it.0.uuid(), it.1)).collect();
    let binds = binds![company, customer, back.payment, credits];
    let mut standing: Vec<Laid> = Vec::new();
    for part in heavy.rows(SQL, &binds, read).await? {
        if part
            .credit
            .is_some_and(|credit| !pairs.contains(&(credit, part.document)))
        {
            continue;
        }
        let answered = |it: &Laid| {
            (it.payment, it.credit, it.document, it.minor)
                == (part.payment, part.credit, part.document, -part.minor)
        };
        match standing.iter().rposition(answered) {
            Some(at) if part.minor < 0 => drop(standing.remove(at)),
            _ => standing.push(part),
        }
    }
    Ok(standing)
}
