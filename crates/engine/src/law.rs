//! The law a company works under: of every file the highest version among the program's, the
//! folder's and the database's, with what the company asks of itself on top. A text that cannot be
//! read or fails its own cases is refused, and the one before it stays.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use domain::ids::CompanyId;
use domain::law::{Draft, Origin, PackError, Packs, Refused, Shelf};
use jiff::civil::Date;
use store::law::{self, LawPack, Tightening};

use crate::company::Company;
use crate::policy_changes::{Depth, WhatChanges};
use crate::{Engine, Error, Result};

/// Laws kept read, with the rules of companies on top.
const KEPT_MAX: usize = 64;

/// What stands in for a company's rules that can no longer be read: no channel at all, because what
/// they would deny is not known.
const CLOSED: &str = r#"
schema = "compliance-pack/0.1"
version = "1"
as_of = "2026-01-01"
[[regime]]
id = "NAME/unreadable"
article = "La regla propia «NAME» de la empresa no se puede leer: corríjala o retírela"
country = "*"
binding = "company"
effective_from = "2000-01-01"
v = "P"
[regime.applies]
debtor = ["natural_consumer", "natural_business", "micro_small_company", "company"]
debt = ["consumer_credit", "consumer_goods_services", "trade_receivable"]
creditor = ["supervised_financial", "commercial_lender", "supplier", "debt_buyer"]
actor = ["first_party", "third_party_agency"]
final_consumer = "any"
[regime.channel_ban]
channels = ["call", "voicebot", "visit", "email", "sms", "whatsapp", "push", "letter"]
"#;

/// A day on which everything that was put in holds, also what begins later.
const LAST_DAY: Date = Date::MAX;

/// What is compiled in, with the installation's folder.
#[derive(Clone, Debug)]
struct Base {
    shelf: Arc<Shelf>,
    packs: Arc<Packs>,
}

impl Base {
    fn new(shelf: Shelf) -> Self {
        Self {
            packs: Arc::new(shelf.packs().clone()),
            shelf: Arc::new(shelf),
        }
    }
}

/// The law of an installation, and what was read of it with a database.
#[derive(Debug)]
pub(crate) struct LawBook {
    base: RwLock<Base>,
    read: Mutex<Vec<(String, Arc<Packs>)>>,
    refused: Mutex<Vec<Refused>>,
}

impl LawBook {
    /// On the law of an installation: what is compiled in, with its folder.
    pub fn new(base: Shelf) -> Self {
        Self {
            base: RwLock::new(Base::new(base)),
            read: Mutex::default(),
            refused: Mutex::default(),
        }
    }

    fn base(&self) -> Base {
        let base = self.base.read().unwrap_or_else(PoisonError::into_inner);
        base.clone()
    }

    fn find(&self, key: &str) -> Option<Arc<Packs>> {
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let found = read.iter().find(|(of, _)| of == key);
        found.map(|(_, packs)| Arc::clone(packs))
    }

    fn keep(&self, key: String, packs: &Arc<Packs>) {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if read.len() >= KEPT_MAX {
            read.remove(0);
        }
        read.push((key, Arc::clone(packs)));
    }

    /// Says loudly, once each, what was refused.
    fn tell(&self, refused: &[Refused]) {
        let mut told = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        for one in refused {
            if !told.contains(one) {
                eprintln!("puntual: ley rechazada, sigue la anterior: {one}");
                told.push(one.clone());
            }
        }
    }
}

/// A law or rule that was put in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Put {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of its text, in hex.
    pub hash: String,
    /// Whether something changed.
    pub is_new: bool,
}

impl Engine {
    /// The same engine on the law of another shelf: what is compiled in, with a folder's texts.
    #[must_use]
    pub fn with_law(self, shelf: Shelf) -> Self {
        Self {
            law: Arc::new(LawBook::new(shelf)),
            ..self
        }
    }

    /// Puts other texts of this installation into force, for this engine and all its clones:
    /// whoever loads a company from now on works under them. What is under way goes on under the
    /// law it began with, but for claims, which ask for the law of their own moment.
    pub fn set_law(&self, shelf: Shelf) {
        let mut base = self
            .law
            .base
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *base = Base::new(shelf);
    }

    /// The law of this installation without any database.
    pub(crate) fn base_law(&self) -> Arc<Packs> {
        self.law.base().packs
    }

    /// The law that a company works under on a day of its own.
    ///
    /// # Errors
    /// What the database says.
    pub(crate) async fn law_of(&self, company: CompanyId, day: Date) -> Result<Arc<Packs>> {
        let marks = law::marks(&self.db, company, day).await?;
        let base = self.law.base();
        if marks.is_empty() {
            return Ok(base.packs);
        }
        let key = format!("{}\n{}", base.packs.hash(), marks.join("\n"));
        if let Some(found) = self.law.find(&key) {
            return Ok(found);
        }
        let shelf = self.law_with(&base.shelf, day).await?;
        let own = law::tightenings(&self.db, company).await?;
        let packs = Arc::new(self.with_own(shelf.packs(), &own));
        self.law.keep(key, &packs);
        Ok(packs)
    }

    /// The company under the law of this moment, however long ago it was loaded.
    ///
    /// # Errors
    /// What the database says.
    pub(crate) async fn under_law_now<'a>(&self, company: &'a Company) -> Result<Cow<'a, Company>> {
        let day = company.day_of(self.now());
        let packs = self.law_of(company.id, day).await?;
        if Arc::ptr_eq(&packs, &company.packs) {
            return Ok(Cow::Borrowed(company));
        }
        Ok(Cow::Owned(Company {
            packs,
            ..company.clone()
        }))
    }

    /// The law in force on a day, with the origin of each file and what was refused; without any
    /// company's own rules.
    ///
    /// # Errors
    /// What the database says.
    pub async fn law_on(&self, day: Date) -> Result<Shelf> {
        self.law_with(&self.law.base().shelf, day).await
    }

    /// The law of some texts of an installation with what the database has for a day.
    async fn law_with(&self, base: &Shelf, day: Date) -> Result<Shelf> {
        let kept = law::packs_on(&self.db, day).await?;
        let drafts = kept.into_iter().map(|pack| Draft {
            name: format!("{}.toml", pack.name),
            text: pack.source,
            origin: Origin::Database,
        });
        let shelf = base.clone().with(drafts.collect());
        self.law.tell(shelf.refused());
        Ok(shelf)
    }

    /// The law with a company's own rules; one that cannot be read closes every channel.
    fn with_own(&self, law: &Packs, own: &[Tightening]) -> Packs {
        own.iter().fold(law.clone(), |law, rule| {
            let name = file_name(&rule.name);
            law.tightened(&[(&name, &rule.source)])
                .unwrap_or_else(|error| {
                    self.law.tell(&[Refused {
                        name: name.clone(),
                        origin: Origin::Database,
                        errors: vec![error],
                    }]);
                    let closed = CLOSED.replace("NAME", &rule.name);
                    law.tightened(&[(&name, &closed)]).unwrap_or(law)
                })
        })
    }

    /// The texts of law that are put in and not in force yet for a company, the first to come
    /// first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn law_to_come(&self, company: &Company) -> Result<Vec<LawPack>> {
        let today = company.day_of(self.now());
        Ok(law::packs_after(&self.db, today).await?)
    }

    /// What a text that is put in, and not in force yet, changes for a company from its day on.
    ///
    /// # Errors
    /// [`Error::NotFound`] where none of that name and version is to come, and as
    /// [`Engine::law_changes`].
    pub async fn changes_to_come(
        &self,
        company: &Company,
        (name, version): (&str, &str),
        depth: Depth,
        tell: &(dyn Fn(u32, u32) + Send + Sync),
    ) -> Result<(LawPack, WhatChanges)> {
        let mut all = self.law_to_come(company).await?.into_iter();
        let pack = all.find(|it| it.name == name && it.version == version);
        let pack = pack.ok_or_else(|| Error::NotFound {
            what: "la ley por venir",
            key: format!("{name} {version}"),
            hint: ": quizá ya rige".to_owned(),
        })?;
        let shelf = self.law_on(pack.in_force_from).await?;
        let own = law::tightenings(&self.db, company.id).await?;
        let after = Company {
            packs: Arc::new(self.with_own(shelf.packs(), &own)),
            ..company.clone()
        };
        let from = Some(pack.in_force_from);
        let changes = self.changes_between(company, &after, (from, depth), tell);
        Ok((pack, changes.await?))
    }

    /// What a text of law would change for a company in the days to come, before it is in force:
    /// the days are lived under the law that holds and, from `from` on, under the one proposed.
    ///
    /// # Errors
    /// [`Error::Law`] with every reason for which the text would be refused, and what the database
    /// says.
    pub async fn law_changes(
        &self,
        company: &Company,
        draft: (&str, &str),
        from: Date,
        depth: Depth,
        tell: &(dyn Fn(u32, u32) + Send + Sync),
    ) -> Result<WhatChanges> {
        let (_, packs) = self.proposed(draft).await?;
        let own = law::tightenings(&self.db, company.id).await?;
        let after = Company {
            packs: Arc::new(self.with_own(&packs, &own)),
            ..company.clone()
        };
        self.changes_between(company, &after, (Some(from), depth), tell)
            .await
    }

    /// What a rule of a company's own would change for it in the days to come.
    ///
    /// # Errors
    /// As [`Engine::tighten`].
    pub async fn tightening_changes(
        &self,
        company: &Company,
        draft: (&str, &str),
        depth: Depth,
        tell: &(dyn Fn(u32, u32) + Send + Sync),
    ) -> Result<WhatChanges> {
        let after = Company {
            packs: Arc::new(self.tighter(company, draft).await?),
            ..company.clone()
        };
        self.changes_between(company, &after, (None, depth), tell)
            .await
    }

    /// Puts a text of law into force from a day on, for every company of the database.
    ///
    /// # Errors
    /// [`Error::Law`] with every reason for which it is refused, and what the database says.
    pub async fn load_law(&self, draft: (&str, &str), from: Date, author: &str) -> Result<Put> {
        let (name, packs) = self.proposed(draft).await?;
        let put = put_of(&packs, &name);
        let stamp = self.stamp(author);
        let pack = LawPack {
            name: put.name.clone(),
            version: put.version.clone(),
            in_force_from: from,
            hash: put.hash.clone(),
            source: draft.1.replace("\r\n", "\n"),
            author: author.to_owned(),
            at: stamp.at,
        };
        let mut tx = self.db.begin().await?;
        law::put_pack(&mut tx, &stamp, &pack).await?;
        tx.commit().await?;
        Ok(put)
    }

    /// Lets a company ask more of itself than the law does, from now on.
    ///
    /// # Errors
    /// [`Error::Law`] when the text does not read, fails its own cases or is more than rules of the
    /// company's own, and what the database says.
    pub async fn tighten(
        &self,
        company: &Company,
        draft: (&str, &str),
        author: &str,
    ) -> Result<Put> {
        let packs = self.tighter(company, draft).await?;
        let mut put = put_of(&packs, &stem(draft.0)?);
        let stamp = self.stamp(author);
        let rule = Tightening {
            name: put.name.clone(),
            version: put.version.clone(),
            hash: put.hash.clone(),
            source: draft.1.replace("\r\n", "\n"),
            author: author.to_owned(),
            at: stamp.at,
            ended_by: None,
            ended_at: None,
        };
        let mut tx = self.db.begin().await?;
        put.is_new = law::put_tightening(&mut tx, &stamp, company.id, &rule).await?;
        tx.commit().await?;
        Ok(put)
    }

    /// The rules a company ever asked of itself, those in force among them.
    ///
    /// # Errors
    /// What the database says.
    pub async fn tightenings(&self, company: &Company) -> Result<Vec<Tightening>> {
        Ok(law::all_tightenings(&self.db, company.id).await?)
    }

    /// Ends a rule of the company's own; the law itself cannot be ended.
    ///
    /// # Errors
    /// [`Error::NotFound`] when none of that name is in force, and what the database says.
    pub async fn end_tightening(&self, company: &Company, name: &str, author: &str) -> Result<()> {
        let in_force = law::tightenings(&self.db, company.id).await?;
        if !in_force.iter().any(|rule| rule.name == name) {
            let names: Vec<&str> = in_force.iter().map(|rule| rule.name.as_str()).collect();
            return Err(Error::NotFound {
                what: "la regla propia en vigor",
                key: name.to_owned(),
                hint: match names.is_empty() {
                    true => ": la empresa no tiene ninguna".to_owned(),
                    false => format!(": las que hay son {}", names.join(", ")),
                },
            });
        }
        let mut tx = self.db.begin().await?;
        law::end_tightening(&mut tx, &self.stamp(author), company.id, name).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The law with a text put in; the name is without its ending.
    async fn proposed(&self, (name, text): (&str, &str)) -> Result<(String, Packs)> {
        let stem = stem(name)?;
        let shelf = self.law_on(LAST_DAY).await?;
        let draft = Draft {
            name: file_name(&stem),
            text: text.to_owned(),
            origin: Origin::Database,
        };
        let packs = shelf
            .proposed(&draft)
            .map_err(|errors| refused(name, errors))?;
        Ok((stem, packs))
    }

    /// The company's law with one more rule of its own, in place of one of the same name.
    async fn tighter(&self, company: &Company, (name, text): (&str, &str)) -> Result<Packs> {
        let stem = stem(name)?;
        let day = company.day_of(self.now());
        let shelf = self.law_on(day).await?;
        let mut own = law::tightenings(&self.db, company.id).await?;
        own.retain(|rule| rule.name != stem);
        let others = self.with_own(shelf.packs(), &own);
        let file = file_name(&stem);
        let tighter = others.tightened(&[(&file, text)]);
        let tighter = tighter.map_err(|error| refused(name, vec![error]))?;
        let failing = tighter.failing_cases();
        if failing.is_empty() {
            Ok(tighter)
        } else {
            Err(refused(name, failing))
        }
    }
}

fn put_of(packs: &Packs, name: &str) -> Put {
    let file = packs.files().iter().find(|file| &*file.name == name);
    Put {
        name: name.to_owned(),
        version: file.map(|file| file.version.clone()).unwrap_or_default(),
        hash: file.map(|file| file.hash.clone()).unwrap_or_default(),
        is_new: true,
    }
}

fn refused(name: &str, errors: Vec<PackError>) -> Error {
    Error::Law {
        name: name.to_owned(),
        errors,
    }
}

/// The name of a file without its folder and ending.
fn stem(name: &str) -> Result<String> {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let stem = file.strip_suffix(".toml").unwrap_or(file);
    let plain = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '-';
    if stem.is_empty() || !stem.chars().all(plain) {
        let why = format!("«{file}» debe llevar minúsculas, cifras y guiones, como cl.toml");
        return Err(Error::invalid("nombre del archivo", why));
    }
    Ok(stem.to_owned())
}

fn file_name(stem: &str) -> String {
    format!("{stem}.toml")
}
