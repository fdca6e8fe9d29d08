//! What people do with a match: accept, refuse, undo, make one by hand. And what the bank takes
//! back.

use std::collections::HashMap;

use domain::Money;
use domain::document::{DebtFacts, DocumentKind};
use domain::ids::{BankTransactionId, DocumentId, MatchId, PaymentId};
use domain::search::name_key;
use jiff::civil::Date;
use serde_json::json;
use sha2::{Digest, Sha256};
use store::bank::{self, BankLine, LineState};
use store::bulk::{ApplicationFacts, DocumentFacts, ImportChunk, SourceKey};
use store::matches::{
    self, Alias, AliasKind, Listed, MatchState, NewMatch, Refusal, Share, Step, TakenBack, Why,
};
use store::{documents, payments};

use super::book::{CREDIT_NOTE, MATCHED, Paying, adjustment_number, free_reference};
use crate::company::Company;
use crate::{AUTHOR, Engine, Error, Result};

/// The kind of task for money that the bank took back.
pub const TAKEN_BACK: &str = "payment_returned";

impl Engine {
    /// A match by its id.
    ///
    /// # Errors
    /// [`Error::NotFound`], and what the database says.
    pub async fn match_of(&self, company: &Company, id: MatchId) -> Result<Listed> {
        let found = matches::get(&self.db, company.id, id).await?;
        found.ok_or_else(|| Error::NotFound {
            what: "la conciliación",
            key: id.to_string(),
            hint: ": vea las que hay en la lista".to_owned(),
        })
    }

    /// Accepts a proposal: the money is booked as it says, and its payer is known from now on.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it is no proposal any more or cannot be booked, and what the
    /// database says; then nothing is changed.
    pub async fn accept_match(&self, company: &Company, id: MatchId, author: &str) -> Result<()> {
        let found = self.match_of(company, id).await?;
        let matched = &found.matched;
        if matched.state != MatchState::Proposed {
            return Err(Error::invalid("conciliación", "ya no es una propuesta"));
        }
        let by_hand = |it: &Why| it.code == "register_by_hand";
        if matched.shares.is_empty() && matched.reasons.iter().any(by_hand) {
            let why =
                "el dinero y el documento están en monedas distintas: registre el pago a mano";
            return Err(Error::invalid("conciliación", why));
        }
        let line = &found.line;
        let wanted = [line.reference.as_str()];
        let named = matches::payments_named(&self.db, company.id, &wanted).await?;
        let short: String = line.id.to_string().chars().take(8).collect();
        let second = format!("{} {short}", line.reference);
        let also = matches::payments_named(&self.db, company.id, &[second.as_str()]).await?;
        let taken = |it: &str| named.iter().chain(&also).any(|known| known.reference == it);
        let mut reference = free_reference(line, taken);
        if taken(&reference) || reference.ends_with(&line.id.to_string()) {
            // It was booked and undone before.
            reference = format!("{} {}", line.reference, self.effects.uuid());
        }
        let mut issued = HashMap::new();
        for share in &matched.shares {
            if let Some(id) = share.document_id()
                && let Some(document) = documents::get(&self.db, company.id, id).await?
            {
                issued.insert(share.document.clone(), document.document.issued);
            }
        }
        let mut money = ImportChunk::default();
        let paying = Paying {
            customer: &found.customer_key,
            line,
            reference: &reference,
            shares: &matched.shares,
        };
        paying.add_to(&mut money, |share| issued.get(&share.document).copied());
        let step = Step {
            from: matched.clone(),
            to: MatchState::Accepted,
            line: LineState::Matched,
            back: None,
            money,
            payment: Some(reference),
            learned: learned(&found),
            refused: Vec::new(),
            task: None,
        };
        self.carry(company, step, author).await
    }

    /// Refuses a proposal: the machine does not make it again.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it is no proposal any more, and what the database says.
    pub async fn refuse_match(&self, company: &Company, id: MatchId, author: &str) -> Result<()> {
        let found = self.match_of(company, id).await?;
        if found.matched.state != MatchState::Proposed {
            return Err(Error::invalid("conciliación", "ya no es una propuesta"));
        }
        let step = Step {
            to: MatchState::Refused,
            line: LineState::Waiting,
            back: None,
            money: ImportChunk::default(),
            payment: None,
            learned: Vec::new(),
            refused: refused(&found),
            task: None,
            from: found.matched,
        };
        self.carry(company, step, author).await
    }

    /// Takes back a match that was applied or accepted: what it laid is answered by reversals, and
    /// the machine does not do it again. Money that was on record before stays.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it does not stand any more, and what the database says.
    pub async fn undo_match(&self, company: &Company, id: MatchId, author: &str) -> Result<()> {
        let found = self.match_of(company, id).await?;
        if !found.matched.state.is_settled() {
            let why = "no está aplicada: no hay nada que deshacer";
            return Err(Error::invalid("conciliación", why));
        }
        let on = company.day_of(self.now());
        let (back, money) = self.back(company, &found, on).await?;
        let step = Step {
            to: MatchState::Undone,
            line: LineState::Waiting,
            back,
            money,
            payment: None,
            learned: Vec::new(),
            refused: refused(&found),
            task: None,
            from: found.matched,
        };
        self.carry(company, step, author).await
    }

    /// Lays a line on a document as a person says, at once.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a document that is not there, [`Error::Invalid`] when the line does
    /// not wait or the currencies differ, and what the database says.
    pub async fn match_by_hand(
        &self,
        company: &Company,
        line: BankTransactionId,
        number: &str,
        author: &str,
    ) -> Result<()> {
        let number = number.trim();
        let line = self.line_of(company, line).await?;
        let found = documents::by_number(&self.db, company.id, number).await?;
        let found = found.ok_or_else(|| Error::NotFound {
            what: "el documento",
            key: number.to_owned(),
            hint: ": escriba su número completo".to_owned(),
        })?;
        let document = found.document;
        if document.kind == DocumentKind::CreditNote {
            return Err(Error::invalid(
                "documento",
                "es una nota de crédito: no se paga",
            ));
        }
        if document.amount.currency != line.amount.currency {
            return Err(Error::invalid(
                "documento",
                "está en otra moneda que el movimiento: registre el pago a mano",
            ));
        }
        let open = documents::open_on(&self.db, company.id, document.id, Date::MAX).await?;
        if open <= 0 {
            return Err(Error::invalid("documento", "no tiene nada por pagar"));
        }
        if line.state == LineState::Proposed {
            let standing = matches::standing(&self.db, company.id, &[line.id]).await?;
            for other in standing {
                self.refuse_match(company, other.id, author).await?;
            }
        } else if line.state != LineState::Waiting {
            return Err(Error::invalid("movimiento", "ya está conciliado"));
        }
        let new = NewMatch {
            line: line.id,
            customer: found.customer,
            confidence: 1_000_000,
            amount: line.amount,
            shares: vec![Share {
                document: document.id.to_string(),
                invoice: document.number,
                minor: open.min(line.amount.minor),
                closes_by: Vec::new(),
            }],
            reasons: vec![Why {
                code: "by_hand".to_owned(),
                text: format!("{author} lo indicó a mano."),
            }],
        };
        let stamp = self.stamp(author);
        let mut tx = self.db.begin().await?;
        let id = matches::add(&mut tx, &stamp, company.id, &new).await?;
        tx.commit().await?;
        self.accept_match(company, id, author).await
    }

    /// Sets a waiting line aside because it is no customer's money, or brings it back.
    ///
    /// # Errors
    /// What the database says.
    pub async fn set_line_aside(
        &self,
        company: &Company,
        line: BankTransactionId,
        aside: bool,
        author: &str,
    ) -> Result<()> {
        let mut tx = self.db.begin().await?;
        bank::set_aside(&mut tx, &self.stamp(author), company.id, line, aside).await?;
        tx.commit().await?;
        Ok(())
    }

    /// A line by its id.
    ///
    /// # Errors
    /// [`Error::NotFound`], and what the database says.
    pub async fn line_of(&self, company: &Company, line: BankTransactionId) -> Result<BankLine> {
        let found = bank::lines(&self.db, company.id, &[line]).await?;
        found.into_iter().next().ok_or_else(|| Error::NotFound {
            what: "el movimiento",
            key: line.to_string(),
            hint: String::new(),
        })
    }

    /// Takes back what a reversal of the bank takes back, with a task for a person. Once: then the
    /// line it takes back is no customer's money any more.
    pub(super) async fn bank_takes_back(
        &self,
        company: &Company,
        reversal: &BankLine,
    ) -> Result<()> {
        let Some(line) = bank::reversed_by(&self.db, company.id, reversal).await? else {
            return Ok(());
        };
        let standing = matches::standing(&self.db, company.id, &[line.id]).await?;
        let Some(standing) = standing.into_iter().next() else {
            if line.state == LineState::Waiting {
                self.set_line_aside(company, line.id, true, AUTHOR).await?;
            }
            return Ok(());
        };
        let found = self.match_of(company, standing.id).await?;
        let settled = found.matched.state.is_settled();
        let on = reversal.booked;
        let (back, money) = if settled {
            self.back(company, &found, on).await?
        } else {
            (None, ImportChunk::default())
        };
        let (name, reference) = (&found.customer_name, &line.reference);
        let amount = line.amount;
        let text = format!(
            "El banco devolvió el {on} el pago «{reference}» de {name} por {amount}: los documentos \
             que pagaba vuelven a estar abiertos. Avise al cliente y acuerde cómo paga."
        );
        let step = Step {
            to: if settled {
                MatchState::Undone
            } else {
                MatchState::Refused
            },
            line: LineState::Other,
            back,
            money,
            payment: None,
            learned: Vec::new(),
            refused: Vec::new(),
            task: settled.then_some((TAKEN_BACK, text)),
            from: found.matched,
        };
        self.carry(company, step, AUTHOR).await
    }

    async fn carry(&self, company: &Company, step: Step, author: &str) -> Result<()> {
        let done = matches::carry_out(&self.db, &self.stamp(author), company.id, step).await;
        done.map_err(|error| match error {
            store::StoreError::Refused { key, .. } => Error::invalid(
                "conciliación",
                format!("«{key}» ya no admite ese importe: revise lo que tiene aplicado"),
            ),
            other => other.into(),
        })
    }

    /// What is taken back of a match, and the debit note that absorbs its money: the payment stays
    /// on record with what became of it. Nothing where the payment was on record before.
    async fn back(
        &self,
        company: &Company,
        found: &Listed,
        on: Date,
    ) -> Result<(Option<TakenBack>, ImportChunk)> {
        let nothing = (None, ImportChunk::default());
        let Some(payment) = found.matched.payment else {
            return Ok(nothing);
        };
        let Some(record) = payments::get(&self.db, company.id, payment).await? else {
            return Ok(nothing);
        };
        let own = json!(found.line.id.to_string());
        if record.extra["bank_line"] != own {
            return Ok(nothing);
        }
        let mut money = ImportChunk::default();
        let mut sum = record.payment.amount.minor;
        let mut sources = vec![(SourceKey::Payment(record.payment.reference.clone()), sum)];
        let mut credits: Vec<(DocumentId, DocumentId)> = Vec::new();
        for share in &found.matched.shares {
            let Some(document) = share.document_id() else {
                continue;
            };
            for (place, (kind, minor)) in share.closes_by.iter().enumerate() {
                if let Some(number) = kind.strip_prefix(CREDIT_NOTE) {
                    // The customer's own credit note is free again.
                    let credit = self.document_id(company, number).await?;
                    credits.extend(credit.map(|it| (it, document)));
                    continue;
                }
                let number = adjustment_number(found.line.id, share, place);
                if let Some(credit) = self.document_id(company, &number).await? {
                    credits.push((credit, document));
                    sum = sum.saturating_add(*minor);
                    sources.push((SourceKey::Credit(number), *minor));
                }
            }
        }
        let on = on.max(record.payment.on);
        let note = self.return_note(
            found,
            (payment, Money::new(sum, record.payment.amount.currency)),
            on,
        );
        for (source, minor) in sources {
            money.applications.push(ApplicationFacts {
                source,
                document: note.number.clone(),
                on,
                minor,
                matched: MATCHED.to_owned(),
            });
        }
        money.documents.push(note);
        let back = TakenBack {
            payment,
            credits,
            on,
        };
        Ok((Some(back), money))
    }

    async fn document_id(&self, company: &Company, number: &str) -> Result<Option<DocumentId>> {
        let found = documents::by_number(&self.db, company.id, number).await?;
        Ok(found.map(|it| it.document.id))
    }

    /// The debit note that says that a payment went back.
    fn return_note(
        &self,
        found: &Listed,
        (payment, amount): (PaymentId, Money),
        on: Date,
    ) -> DocumentFacts {
        let short: String = self
            .effects
            .uuid()
            .to_string()
            .chars()
            .rev()
            .take(8)
            .collect();
        let number = format!("DEV-{}-{short}", found.line.reference);
        DocumentFacts {
            customer: found.customer_key.clone(),
            kind: DocumentKind::DebitNote,
            issued: on,
            due: on,
            amount,
            direct_debit: false,
            debt: DebtFacts::default(),
            extra: json!({ "returns": payment.to_string() }),
            digest: Sha256::digest(number.as_bytes()).into(),
            number,
        }
    }
}

/// By what the payer of an accepted match is known from now on.
fn learned(found: &Listed) -> Vec<Alias> {
    let line = &found.line;
    let compact = |text: &str| {
        let kept = text.chars().filter(|mark| mark.is_alphanumeric());
        kept.collect::<String>().to_uppercase()
    };
    let all = [
        (AliasKind::Account, compact(&line.payer_account)),
        (AliasKind::Name, name_key(&line.payer_name)),
        (AliasKind::TaxId, compact(&line.payer_tax_id)),
        (AliasKind::VirtualAccount, compact(&line.virtual_account)),
    ];
    let customer = found.matched.customer;
    let known = all.into_iter().filter(|(_, value)| !value.is_empty());
    known
        .map(|(kind, value)| Alias {
            kind,
            value,
            customer,
        })
        .collect()
}

/// What the machine does not do again: these documents, or the customer where none was named.
fn refused(found: &Listed) -> Vec<Refusal> {
    let (line, customer) = (found.matched.line, found.matched.customer);
    let shares = &found.matched.shares;
    if shares.is_empty() {
        let document = None;
        return vec![Refusal {
            line,
            customer,
            document,
        }];
    }
    let documents = shares.iter().map(|share| Refusal {
        line,
        customer,
        document: share.document_id(),
    });
    documents.collect()
}
