//! Notes by which charges for being late became documents of their own.

use domain::charges::{Charged, Line, LineKind};
use domain::document::DocumentKind;
use domain::search::number_digits;
use domain::{CompanyId, Currency, CustomerId, DocumentId, Money};
use jiff::civil::Date;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::db::{Access, Tx, first, rows, run};
use crate::error::{Result, StoreError};
use crate::events;
use crate::portfolio::figures;
use crate::search::bytes;
use crate::stamp::Stamp;
use crate::value::{Bind, FromRow, Row, binds};

/// Columns of a note, in the order [`Charged`] is read.
pub(crate) const CHARGED: &str = "t.note_id, n.number, t.invoice_id, i.number, n.issued_on, \
    t.up_to_on, t.part, t.amount_minor, n.currency, t.terms, t.lines";

/// Notes as `t`, their documents as `n`, their invoices as `i`.
pub(crate) const CHARGE_NOTES: &str = "charge_notes t \
    JOIN documents n ON n.company_id = t.company_id AND n.id = t.note_id \
    JOIN documents i ON i.company_id = t.company_id AND i.id = t.invoice_id";

impl FromRow for Charged {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        let note = row.get()?;
        let number = row.get()?;
        let invoice = row.get()?;
        let invoice_number: String = row.get()?;
        let (issued, up_to): (Date, Date) = (row.get()?, row.get()?);
        let part: i64 = row.get()?;
        let amount: Money = row.get()?;
        let terms = row.get()?;
        let lines: String = row.get()?;
        let of = (invoice, invoice_number.as_str(), amount.currency);
        let lines = read_lines(&lines, of).ok_or_else(|| StoreError::Unreadable {
            column: 10,
            found: lines.clone(),
        })?;
        Ok(Self {
            note,
            number,
            invoice,
            invoice_number,
            issued,
            up_to,
            part: u16::try_from(part).unwrap_or(u16::MAX),
            amount,
            terms,
            lines,
        })
    }
}

fn read_lines(
    text: &str,
    (invoice, number, currency): (DocumentId, &str, Currency),
) -> Option<Vec<Line>> {
    let all: Value = serde_json::from_str(text).ok()?;
    let line = |it: &Value| {
        Some(Line {
            document: invoice,
            number: number.to_owned(),
            kind: it["kind"].as_str()?.parse::<LineKind>().ok()?,
            name: it["name"].as_str()?.to_owned(),
            from: it["from"].as_str()?.parse().ok()?,
            to: it["to"].as_str()?.parse().ok()?,
            base: Money::new(it["base"].as_i64()?, currency),
            amount: Money::new(it["amount"].as_i64()?, currency),
            formula: it["formula"].as_str()?.to_owned(),
            source: it["source"].as_str()?.to_owned(),
            cut_by: it["cut_by"].as_str().map(str::to_owned),
        })
    };
    all.as_array()?.iter().map(line).collect()
}

fn lines_body(lines: &[Line]) -> Value {
    let line = |it: &Line| {
        json!({
            "kind": it.kind.code(),
            "name": it.name,
            "from": it.from.to_string(),
            "to": it.to.to_string(),
            "base": it.base.minor,
            "amount": it.amount.minor,
            "formula": it.formula,
            "source": it.source,
            "cut_by": it.cut_by,
        })
    };
    lines.iter().map(line).collect()
}

/// Customers who may need a note up to the end of a day: those with an invoice that was late and
/// open then, and those with notes. In the order of their ids, at most `limit` behind `after`.
///
/// # Errors
/// What the database says.
pub async fn concerned(
    on: impl Access,
    company: CompanyId,
    (end, after, limit): (Date, Option<CustomerId>, u32),
) -> Result<Vec<CustomerId>> {
    const SQL: &str = "SELECT customer_id FROM documents WHERE company_id = $1 \
            AND customer_id > $3 AND kind = 'invoice' AND due_on < $2 \
            AND (settled_on_projection IS NULL OR settled_on_projection > $2) \
        UNION SELECT customer_id FROM charge_notes WHERE company_id = $1 AND customer_id > $3 \
        ORDER BY 1 LIMIT $4";
    let after = after.map_or(Uuid::nil(), CustomerId::uuid);
    rows(
        on,
        SQL,
        &binds![company, end, after, limit],
        FromRow::from_row,
    )
    .await
}

/// Locks a customer and gives how many notes it has: whoever reckoned on another number reckoned
/// before somebody else booked.
///
/// # Errors
/// What the database says.
pub async fn lock(tx: &mut Tx, company: CompanyId, customer: CustomerId) -> Result<usize> {
    const LOCK: &str = "SELECT id FROM customers WHERE company_id = $1 AND id = $2 {lock}";
    const COUNT: &str =
        "SELECT COUNT(*) FROM charge_notes WHERE company_id = $1 AND customer_id = $2";
    let binds = binds![company, customer];
    let _id: Option<CustomerId> = first(&mut *tx, LOCK, &binds, FromRow::from_row).await?;
    let count: Option<i64> = first(&mut *tx, COUNT, &binds, FromRow::from_row).await?;
    Ok(usize::try_from(count.unwrap_or(0)).unwrap_or(usize::MAX))
}

/// Books a note: its document, what it is for, and the event, in one transaction.
///
/// # Errors
/// [`StoreError::Exists`] when there is a document of that number, or a note of that invoice, day
/// and part.
pub async fn add(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    (customer, note, due): (CustomerId, &Charged, Date),
) -> Result<()> {
    const DOCUMENT: &str = "INSERT INTO documents (company_id, id, customer_id, number, kind, \
        issued_on, due_on, currency, amount_minor, direct_debit, extra, source_digest, \
        recorded_at, number_digits) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    const NOTE: &str = "INSERT INTO charge_notes (company_id, customer_id, invoice_id, up_to_on, \
        part, note_id, amount_minor, terms, lines, author, recorded_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    let kind = if note.amount.minor < 0 {
        DocumentKind::CreditNote
    } else {
        DocumentKind::DebitNote
    };
    let no_source: &[u8] = &[];
    let extra = json!({});
    let digits = number_digits(&note.number).map_or(Bind::Bytes(None), bytes);
    let document = [
        Bind::from(company),
        note.note.into(),
        customer.into(),
        Bind::from(&note.number),
        kind.into(),
        note.issued.into(),
        due.into(),
        note.amount.currency.into(),
        note.amount.minor.saturating_abs().into(),
        false.into(),
        Bind::from(&extra),
        no_source.into(),
        stamp.at.into(),
        digits,
    ];
    let done = run(&mut *tx, DOCUMENT, &document).await;
    done.map_err(|error| error.named("document", &note.number))?;
    let lines = lines_body(&note.lines);
    let text = lines.to_string();
    let binds = binds![
        company,
        customer,
        note.invoice,
        note.up_to,
        i64::from(note.part),
        note.note,
        note.amount.minor,
        &note.terms,
        &text,
        &stamp.author,
        stamp.at,
    ];
    let done = run(&mut *tx, NOTE, &binds).await;
    done.map_err(|error| error.named("charge note", &note.number))?;
    figures::refresh_one(&mut *tx, company, customer, stamp.at).await?;
    let body = json!({ "after": {
        "customer": customer.to_string(),
        "invoice": note.invoice.to_string(),
        "number": note.number,
        "up_to": note.up_to.to_string(),
        "amount": note.amount.to_string(),
        "lines": lines,
    }});
    let kind = if note.amount.minor < 0 {
        "charge.taken_back"
    } else {
        "charge.booked"
    };
    events::append(tx, stamp, company, kind, Some(note.note.uuid()), &body).await
}
