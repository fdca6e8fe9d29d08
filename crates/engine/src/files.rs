//! Files kept with customers and documents. What a file is, its bytes say; what is none of the
//! kinds known is refused.

use domain::file::{FileKind, clean_name};
use domain::ids::{CustomerId, DocumentId, FileId};
use store::files::{self, File};
use store::{Stamp, Tx, customers, documents};

use crate::company::Company;
use crate::{Engine, Error, Result};

/// Most bytes of a file.
pub const FILE_BYTES_MAX: usize = 5 * 1024 * 1024;

/// A file as someone brings it.
#[derive(Clone, Debug)]
pub struct NewFile {
    /// Whose it is.
    pub customer: Option<CustomerId>,
    /// The document it shows.
    pub document: Option<DocumentId>,
    /// Its name, as it came.
    pub name: String,
    /// Its bytes.
    pub content: Vec<u8>,
}

impl Engine {
    /// Keeps a file of up to [`FILE_BYTES_MAX`] bytes.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a file that is empty, too large or of no kind known,
    /// [`Error::NotFound`] for a customer or a document of that customer that is not there, and
    /// what the database says.
    pub async fn add_file(&self, company: &Company, new: NewFile, author: &str) -> Result<File> {
        let stamp = self.stamp(author);
        let mut tx = self.db.begin().await?;
        if let Some(customer) = new.customer
            && !customers::lock(&mut tx, company.id, customer).await?
        {
            return Err(Error::no_customer(&customer.to_string()));
        }
        let file = add_in(&mut tx, &stamp, company, &new).await?;
        tx.commit().await?;
        Ok(file)
    }

    /// A file and its bytes.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a file that is not there, and what the database says.
    pub async fn file(&self, company: &Company, id: FileId) -> Result<(File, Vec<u8>)> {
        let missing = || Error::NotFound {
            what: "el archivo",
            key: id.to_string(),
            hint: String::new(),
        };
        let file = files::get(&self.db, company.id, id).await?;
        let content = files::content(&self.db, company.id, id).await?;
        Ok((file.ok_or_else(missing)?, content.ok_or_else(missing)?))
    }
}

/// Keeps a file inside a larger change.
pub(crate) async fn add_in(
    tx: &mut Tx,
    stamp: &Stamp,
    company: &Company,
    new: &NewFile,
) -> Result<File> {
    let kind = checked(&new.content)?;
    if let Some(document) = new.document {
        let found = documents::get(&mut *tx, company.id, document).await?;
        if found.is_none_or(|found| Some(found.customer) != new.customer) {
            return Err(Error::NotFound {
                what: "la factura",
                key: document.to_string(),
                hint: " de ese cliente".to_owned(),
            });
        }
    }
    let name = clean_name(&new.name, kind);
    let file = files::NewFile {
        customer: new.customer,
        document: new.document,
        name: &name,
        kind,
        content: &new.content,
    };
    Ok(files::add(tx, stamp, company.id, file).await?)
}

fn checked(content: &[u8]) -> Result<FileKind> {
    if content.is_empty() {
        return Err(Error::invalid("archivo", "está vacío: elija otro"));
    }
    if content.len() > FILE_BYTES_MAX {
        let most = FILE_BYTES_MAX / (1024 * 1024);
        let why = format!("pesa más de {most} MB: reduzca su tamaño o envíe solo lo necesario");
        return Err(Error::invalid("archivo", why));
    }
    FileKind::of(content)
        .ok_or_else(|| Error::invalid("archivo", "solo se admiten PDF, XML, PNG y JPEG"))
}
