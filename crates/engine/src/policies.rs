//! The company's policies: put in, chosen, read.

use domain::policy::{Policy, PolicyError, TEMPLATES, embedded};
use language::message::MessageContext;
use language::templates::Rendered;
use serde::Serialize;
use store::policies::{self, PolicyVersion};

use crate::company::Company;
use crate::{Engine, Error, Result, compose};

/// The policy a new company begins with.
pub const FIRST_POLICY: &str = "b2b-estandar";

/// A policy as it is listed.
#[derive(Clone, Debug, Serialize)]
pub struct PolicyListed {
    /// Its key.
    pub key: String,
    /// Its name.
    pub name: String,
    /// Its version in the company; absent while it only ships.
    pub version: Option<u32>,
    /// Whether it rules now.
    pub in_use: bool,
}

/// Reads a policy text.
///
/// # Errors
/// [`Error::Policy`] with every mistake, line and remedy.
pub fn parse(name: &str, text: &str) -> Result<Policy> {
    Policy::parse(text).map_err(|errors: Vec<PolicyError>| Error::Policy {
        name: name.to_owned(),
        errors,
    })
}

/// The text of a policy that ships.
pub fn shipped(key: &str) -> Option<&'static str> {
    embedded()
        .iter()
        .find(|(shipped, _)| *shipped == key)
        .map(|(_, text)| *text)
}

impl Engine {
    /// The company's policies, latest versions, and those that ship.
    ///
    /// # Errors
    /// What the database says.
    pub async fn policies(&self, company: &Company) -> Result<Vec<PolicyListed>> {
        let mut listed: Vec<PolicyListed> = Vec::new();
        for version in policies::all(&self.db, company.id).await? {
            let policy = parse(&version.key, &version.source)?;
            let number = version.version;
            let entry = PolicyListed {
                in_use: version.key == company.policy.key && number == company.policy_version,
                key: version.key,
                name: policy.name,
                version: Some(number),
            };
            match listed.iter_mut().find(|other| other.key == entry.key) {
                Some(other) if other.in_use => {}
                Some(other) => *other = entry,
                None => listed.push(entry),
            }
        }
        for (key, text) in embedded() {
            if !listed.iter().any(|other| other.key == *key) {
                let name = parse(key, text)?.name;
                listed.push(PolicyListed {
                    key: (*key).to_owned(),
                    name,
                    version: None,
                    in_use: false,
                });
            }
        }
        Ok(listed)
    }

    /// The text of the policy that rules.
    ///
    /// # Errors
    /// What the database says.
    pub async fn policy_source(&self, company: &Company) -> Result<Option<String>> {
        let version = policies::current(&self.db, company.id).await?;
        Ok(version.map(|version| version.source))
    }

    /// Keeps a policy text as a version of the company's (the same text is the same version); what
    /// rules stays as it is. Returns key and version.
    ///
    /// # Errors
    /// [`Error::Policy`] when the text does not hold, and what the database says.
    pub async fn keep_policy(
        &self,
        company: &Company,
        name: &str,
        text: &str,
        author: &str,
    ) -> Result<(Policy, u32)> {
        let policy = parse(name, text)?;
        let stamp = self.stamp(author);
        let mut tx = self.db.begin().await?;
        let put = (policy.key.as_str(), text, policy.hash.as_str());
        let version = policies::put(&mut tx, &stamp, company.id, put).await?;
        tx.commit().await?;
        Ok((policy, version))
    }

    /// A version of a policy of the company, read and as written.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none, and what the database says.
    pub async fn policy_version(
        &self,
        company: &Company,
        key: &str,
        version: u32,
    ) -> Result<(Policy, PolicyVersion)> {
        let found = policies::get(&self.db, company.id, key, version).await?;
        let found = found.ok_or_else(|| Error::NotFound {
            what: "la versión",
            key: format!("{key} {version}"),
            hint: String::new(),
        })?;
        Ok((parse(key, &found.source)?, found))
    }

    /// Lets a version that is kept rule from now on.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none, [`Error::Policy`] when its text no longer holds, and
    /// what the database says.
    pub async fn use_policy_version(
        &self,
        company: &Company,
        key: &str,
        version: u32,
        author: &str,
    ) -> Result<Policy> {
        let (policy, _) = self.policy_version(company, key, version).await?;
        let stamp = self.stamp(author);
        let mut tx = self.db.begin().await?;
        policies::use_version(&mut tx, &stamp, company.id, key, version).await?;
        tx.commit().await?;
        Ok(policy)
    }

    /// A template as a customer would see it, with an example's figures and the company's own name,
    /// colours and bank data.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a template that policies do not know, [`Error::Template`] when it
    /// does not render.
    pub fn preview(&self, company: &Company, template: &str) -> Result<Rendered> {
        if !TEMPLATES.contains(&template) {
            return Err(Error::NotFound {
                what: "la plantilla",
                key: template.to_owned(),
                hint: String::new(),
            });
        }
        let mut context = MessageContext::sample();
        context.company = compose::company_facts(company);
        let available = self.templates.languages();
        let (language, _) = language::choose_language(None, &company.language, &available);
        Ok(self.templates.render(template, &language, &context)?)
    }

    /// Puts a policy text in as a version of the company's (the same text is the same version) and
    /// lets it rule from now on. Returns key and version.
    ///
    /// # Errors
    /// [`Error::Policy`] when the text does not hold, and what the database says.
    pub async fn use_policy(
        &self,
        company: &Company,
        name: &str,
        text: &str,
        author: &str,
    ) -> Result<(Policy, u32)> {
        let policy = parse(name, text)?;
        let stamp = self.stamp(author);
        let mut tx = self.db.begin().await?;
        let put = (policy.key.as_str(), text, policy.hash.as_str());
        let version = policies::put(&mut tx, &stamp, company.id, put).await?;
        policies::use_version(&mut tx, &stamp, company.id, &policy.key, version).await?;
        tx.commit().await?;
        Ok((policy, version))
    }
}
