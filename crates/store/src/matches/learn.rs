//! What people's decisions teach: who pays from where, and what does not belong together.

use domain::code::UnknownCode;
use domain::{BankTransactionId, CompanyId, CustomerId, DocumentId};

use crate::bulk::Heavy;
use crate::db::{Access, rows};
use crate::error::Result;
use crate::stamp::Stamp;
use crate::value::{Bind, FromRow, Row, binds};

/// What of a payer is known again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AliasKind {
    /// The account it pays from.
    Account,
    /// Its name as the bank writes it, folded.
    Name,
    /// Its tax id.
    TaxId,
    /// The account's own number it was given.
    VirtualAccount,
}

impl AliasKind {
    const ALL: [Self; 4] = [Self::Account, Self::Name, Self::TaxId, Self::VirtualAccount];

    /// The word it is stored as.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Name => "name",
            Self::TaxId => "tax_id",
            Self::VirtualAccount => "virtual_account",
        }
    }
}

impl std::str::FromStr for AliasKind {
    type Err = UnknownCode;

    fn from_str(text: &str) -> Result<Self, UnknownCode> {
        let found = Self::ALL.into_iter().find(|kind| kind.code() == text);
        found.ok_or_else(|| UnknownCode {
            found: text.to_owned(),
            allowed: Self::ALL.iter().map(|kind| kind.code()).collect(),
        })
    }
}

impl FromRow for AliasKind {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        row.code()
    }
}

impl From<AliasKind> for Bind<'_> {
    fn from(value: AliasKind) -> Self {
        value.code().into()
    }
}

/// Something by which a payer is known again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    /// What.
    pub kind: AliasKind,
    /// Folded as it is compared; not empty.
    pub value: String,
    /// Who it is.
    pub customer: CustomerId,
}

impl FromRow for Alias {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            kind: row.get()?,
            value: row.get()?,
            customer: row.get()?,
        })
    }
}

/// Everything that was learned of payers.
///
/// # Errors
/// What the database says.
pub async fn aliases(on: impl Access, company: CompanyId) -> Result<Vec<Alias>> {
    const SQL: &str = "SELECT kind, value, customer_id FROM payer_aliases \
        WHERE company_id = $1 ORDER BY kind, value, customer_id";
    rows(on, SQL, &binds![company], FromRow::from_row).await
}

/// Keeps by what a payer is known again.
pub(super) async fn learn(
    heavy: &mut Heavy<'_>,
    stamp: &Stamp,
    company: CompanyId,
    learned: &[Alias],
) -> Result<()> {
    const SQL: &str = "INSERT INTO payer_aliases (company_id, kind, value, customer_id, author, \
        recorded_at) VALUES ($1, $2, $3, $4, $5, $6) \
        ON CONFLICT (company_id, kind, value, customer_id) DO NOTHING";
    for alias in learned.iter().filter(|it| !it.value.is_empty()) {
        let binds = binds![
            company,
            alias.kind,
            &alias.value,
            alias.customer,
            &stamp.author,
            stamp.at,
        ];
        heavy.run(SQL, &binds).await?;
    }
    Ok(())
}

/// What a person said does not belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Refusal {
    /// The line.
    pub line: BankTransactionId,
    /// The customer.
    pub customer: CustomerId,
    /// One document; `None` for all of the customer.
    pub document: Option<DocumentId>,
}

impl FromRow for Refusal {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            line: row.get()?,
            customer: row.get()?,
            document: row.get()?,
        })
    }
}

/// Everything that people refused or undid.
///
/// # Errors
/// What the database says.
pub async fn refusals(on: impl Access, company: CompanyId) -> Result<Vec<Refusal>> {
    const SQL: &str = "SELECT transaction_id, customer_id, document_id FROM match_refusals \
        WHERE company_id = $1 ORDER BY id";
    rows(on, SQL, &binds![company], FromRow::from_row).await
}

/// Keeps what a person refuses or undoes: the machine does not do it again.
pub(super) async fn refuse(
    heavy: &mut Heavy<'_>,
    stamp: &Stamp,
    company: CompanyId,
    refused: &[Refusal],
) -> Result<()> {
    const SQL: &str = "INSERT INTO match_refusals (company_id, id, transaction_id, customer_id, \
        document_id, author, recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    for refusal in refused {
        let binds = binds![
            company,
            stamp.ids.draw(),
            refusal.line,
            refusal.customer,
            refusal.document,
            &stamp.author,
            stamp.at,
        ];
        heavy.run(SQL, &binds).await?;
    }
    Ok(())
}
