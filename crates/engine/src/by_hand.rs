//! What people do themselves: calls, visits and letters. The law is asked before them as before
//! every message, and again in the transaction that records one.
//!
//! Whoever records is told the sentence and the article where it is not allowed. Only a manager may
//! go on, with a reason, and that is on record with what the law said. What the customer began is
//! never gated.

use domain::call::{BY_HAND, CallResult};
use domain::customer::{Channel, Consent, ContactPoint, ContactSource, Customer, Health};
use domain::facts::Position;
use domain::ids::{ContactPointId, CustomerId};
use domain::law::{self, Attempt, MessageKind, Resolved, Verdict};
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};
use store::messages::{self, Message};
use store::overrides::{self, Override};
use store::proofs::ProofKind;
use store::{Stamp, Tx, customers, notes};
use uuid::Uuid;

use crate::company::Company;
use crate::notes::check_length;
use crate::{Engine, Error, Result, record};

/// How far ahead the next lawful instant is looked for.
const AHEAD_DAYS: i64 = 30;
/// Digits by which two ways of writing one telephone are told to be the same.
const PHONE_TAIL: usize = 9;

/// A call, visit or letter as someone records it.
#[derive(Clone, Debug)]
pub struct NewCall {
    /// The customer.
    pub customer: CustomerId,
    /// Call, visit or letter.
    pub channel: Channel,
    /// The number or address; empty when it was not kept.
    pub number: String,
    /// How it ended.
    pub result: CallResult,
    /// What was said.
    pub note: String,
    /// When; now when it is not said.
    pub at: Option<Timestamp>,
    /// Why a manager allows it although the law does not. Who may say so is the caller's to know.
    pub overriding: Option<String>,
}

/// What the law says of one attempt by hand.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The facts it was asked with.
    pub resolved: Resolved,
    /// What was put to it.
    pub attempt: Attempt,
    /// Its answer.
    pub verdict: Verdict,
    /// What the customer said, or the company found out, about this very address.
    pub address_says: Vec<&'static str>,
    /// The next instant at which it is allowed, within a month; none where waiting does not help.
    pub next: Option<Timestamp>,
}

/// Whether a customer may be called, visited or written a letter now, for people to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leave {
    /// Call, visit or letter.
    pub channel: Channel,
    /// The address in the customer's record; none where there is none on the channel.
    pub point: Option<ContactPointId>,
    /// The number or address.
    pub address: String,
    /// Whether it is allowed now.
    pub allowed: bool,
    /// Why not, in Spanish, each with its article; empty when it is.
    pub why: Vec<String>,
    /// From when it is, where it is not now.
    pub next: Option<Timestamp>,
    /// The regimes that were asked.
    pub regimes: Vec<String>,
    /// What was taken for what is not on record.
    pub assumed: Vec<String>,
}

impl Asked {
    /// Whether it may be made.
    pub fn allowed(&self) -> bool {
        self.verdict.allowed() && self.address_says.is_empty()
    }

    /// Why not, in Spanish, each with its article.
    pub fn why(&self) -> Vec<String> {
        let rules = self.verdict.failures.iter();
        let rules = rules.map(|rule| format!("{} ({})", rule.sentence, rule.article));
        let own = self.address_says.iter().map(|it| (*it).to_owned());
        rules.chain(own).collect()
    }

    fn refusal(&self, company: &Company) -> Error {
        let next = match self.next {
            Some(at) => {
                let at = at.to_zoned(company.zone.clone());
                format!(
                    " Se puede desde el {}.",
                    at.strftime("%d/%m/%Y a las %H:%M")
                )
            }
            None => " Esperar no cambia la respuesta.".to_owned(),
        };
        Error::invalid("ley", format!("{}{next}", self.why().join(" ")))
    }
}

impl Engine {
    /// What the law says of calling, visiting or writing a letter to a customer at an instant. The
    /// address is looked up in the customer's record; one that is not there is of unknown origin.
    /// An empty one stands for the customer's own on that channel.
    pub fn ask_by_hand(
        &self,
        company: &Company,
        position: &Position,
        (channel, address): (Channel, &str),
        at: Timestamp,
    ) -> Asked {
        let point = point_of(&position.customer, channel, address);
        self.ask(company, position, &point, MessageKind::Collection, at)
    }

    /// What the law says of anything said to a customer at one of its addresses, about all that is
    /// open, at an instant: with what was done before, also with those who are one person with it.
    pub(crate) fn ask(
        &self,
        company: &Company,
        position: &Position,
        point: &ContactPoint,
        kind: MessageKind,
        at: Timestamp,
    ) -> Asked {
        let open = position.books.statement(company.day_of(at)).documents;
        let debts = position.debts(|id| open.iter().any(|it| it.id == id));
        let resolved = law::resolve_debts(
            &company.packs,
            company.country,
            &company.declarations,
            &position.customer,
            point,
            &debts,
        );
        let attempt = Attempt {
            at: at.into(),
            channel: point.channel,
            role: resolved.role,
            source: resolved.source,
            kind,
            debt: None,
        };
        let history = position.attempts(None);
        let law = resolved.applicable(&company.packs);
        let verdict = law.verdict(&history, &attempt);
        let address_says = address_says(point);
        let next = if verdict.allowed() || !address_says.is_empty() {
            None
        } else {
            let until = at.checked_add((AHEAD_DAYS * 24).hours()).unwrap_or(at);
            law.next_allowed(&history, &attempt, until)
        };
        Asked {
            resolved,
            attempt,
            verdict,
            address_says,
            next,
        }
    }

    /// Every way of reaching a customer by hand, with whether it is allowed at an instant: the
    /// telephones first, also those written down for messages.
    pub fn leaves(&self, company: &Company, position: &Position, at: Timestamp) -> Vec<Leave> {
        let points = &position.customer.contact_points;
        let mut seen: Vec<(Channel, String)> = Vec::new();
        let mut leaves = Vec::new();
        for channel in BY_HAND {
            for point in points.iter().filter(|it| serves(it.channel, *channel)) {
                let key = (*channel, tail(*channel, &point.address));
                if seen.contains(&key) {
                    continue;
                }
                seen.push(key);
                let point = at_channel(point, *channel);
                leaves.push(self.leave_at(company, position, &point, at));
            }
        }
        leaves
    }

    fn leave_at(
        &self,
        company: &Company,
        position: &Position,
        point: &ContactPoint,
        at: Timestamp,
    ) -> Leave {
        let asked = self.ask(company, position, point, MessageKind::Collection, at);
        let regimes = asked.verdict.regimes.iter().map(ToString::to_string);
        let assumed = asked.resolved.assumptions.iter();
        Leave {
            channel: point.channel,
            point: Some(point.id),
            address: point.address.clone(),
            allowed: asked.allowed(),
            why: asked.why(),
            next: asked.next,
            regimes: regimes.collect(),
            assumed: assumed.map(|it| it.reason.clone()).collect(),
        }
    }

    /// Puts a call, visit or letter on the thread. A conversation counts as the customer's word:
    /// the customer is left in peace for the days that the policy says, as after a message.
    ///
    /// The law is asked at the instant of the call, on the facts of this transaction. What it
    /// forbids is not recorded but on a manager's word, which is kept beside what the law said.
    ///
    /// # Errors
    /// [`Error::Invalid`] with `ley` for what the law forbids; with other fields for a conversation
    /// without a note, a result that does not fit, a text that is too long or a call yet to come;
    /// [`Error::NotFound`] for a customer that is not there, and what the database says.
    pub async fn add_call(&self, company: &Company, new: NewCall, author: &str) -> Result<()> {
        let stamp = self.stamp(author);
        let at = new.at.unwrap_or(stamp.at);
        check(&new, at, stamp.at)?;
        let (mut tx, position) = self.hold_person(company, new.customer).await?;
        let (_, incoming) = new.result.in_law();
        let way = (new.channel, new.number.trim());
        let asked = (!incoming).then(|| self.ask_by_hand(company, &position, way, at));
        let overriding = new.overriding.as_deref().map(str::trim);
        let overriding = overriding.filter(|reason| !reason.is_empty());
        let denied = asked.as_ref().filter(|asked| !asked.allowed());
        let message = message(&new, &stamp, at);
        let kind = match (denied, overriding) {
            (None, _) => ProofKind::Allowed,
            (Some(_), Some(_)) => ProofKind::Override,
            (Some(_), None) => ProofKind::Refused,
        };
        if let Some(asked) = &asked {
            let body = self.act_body(company, &position, asked, (&new, &stamp));
            let act = (new.customer, message.id);
            self.prove_act(&mut tx, &stamp, company, act, (kind, body))
                .await?;
        }
        if let (Some(denied), ProofKind::Refused) = (denied, kind) {
            tx.commit().await?;
            return Err(denied.refusal(company));
        }
        messages::add(&mut tx, &stamp, company.id, &message).await?;
        let content = asked.as_ref().map(|asked| {
            let resolved = &asked.resolved;
            record::question(&resolved.facts, &resolved.other_debts, &asked.attempt).to_string()
        });
        let call = (message.id, new.result, content.as_deref());
        notes::add_call(&mut tx, &stamp, company.id, new.customer, call).await?;
        if let (ProofKind::Override, Some(reason)) = (kind, overriding) {
            let new = Override {
                message: message.id,
                customer: new.customer,
                channel: new.channel,
                reason: reason.to_owned(),
                author: author.to_owned(),
                at,
            };
            overrides::add(&mut tx, &stamp, company.id, &new).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// What a person's act rests on: the question, and what every rule saw. The reason of an
    /// override may name people: here stands its digest.
    fn act_body(
        &self,
        company: &Company,
        position: &Position,
        asked: &Asked,
        (new, stamp): (&NewCall, &Stamp),
    ) -> Value {
        let (resolved, attempt) = (&asked.resolved, &asked.attempt);
        let trace = resolved
            .applicable(&company.packs)
            .trace(&position.attempts(None), attempt);
        let facts = &resolved.facts;
        let day = trace.clocks.first().zip(facts.country);
        let holiday = day.map(|(clock, country)| {
            let subdivision = facts.subdivision.as_deref();
            let day = clock.local.date();
            company.packs.is_holiday(country, subdivision, day)
        });
        let mut body = record::question(facts, &resolved.other_debts, attempt);
        let provenance = self.provenance(company, stamp.at);
        body["law"] = record::trace(&trace, holiday, &provenance);
        body["address_says"] = json!(asked.address_says);
        body["result"] = json!(new.result.code());
        if let Some(reason) = new.overriding.as_deref().map(str::trim) {
            let digest = record::hex(&record::digest(reason));
            body["override"] = json!({ "by": stamp.author, "reason": digest });
        }
        body
    }

    /// A transaction in which nobody else records anything of a customer, nor of those who are one
    /// person with it, and its facts as they stand in it.
    async fn hold_person(&self, company: &Company, customer: CustomerId) -> Result<(Tx, Position)> {
        let mut all = self.position(company, customer).await?.others();
        all.push(customer);
        all.sort_unstable();
        let mut tx = self.db.begin().await?;
        for one in all {
            customers::lock(&mut tx, company.id, one).await?;
        }
        // Whoever wrote before has committed, and nobody writes until this transaction ends.
        let position = self.position(company, customer).await?;
        Ok((tx, position))
    }
}

fn check(new: &NewCall, at: Timestamp, now: Timestamp) -> Result<()> {
    let note = new.note.trim();
    check_length("nota", note)?;
    check_length("número", new.number.trim())?;
    check_length("motivo", new.overriding.as_deref().unwrap_or_default())?;
    if !new.result.fits(new.channel) {
        let why = format!(
            "«{}» no es el resultado de una {}",
            new.result.name_es(),
            new.channel.name_es()
        );
        return Err(Error::invalid("resultado", why));
    }
    if new.result.is_conversation() && note.is_empty() {
        return Err(Error::invalid("nota", "escriba en una línea qué se habló"));
    }
    if at > now {
        return Err(Error::invalid("hora", "está por venir"));
    }
    Ok(())
}

fn message(new: &NewCall, stamp: &Stamp, at: Timestamp) -> Message {
    let note = new.note.trim();
    let what = match new.channel {
        Channel::Visit => "Visita",
        Channel::Letter => "Carta",
        _ => "Llamada",
    };
    let text = if note.is_empty() {
        format!("{what}: {}.", new.result.name_es())
    } else {
        note.to_owned()
    };
    Message {
        id: stamp.ids.draw(),
        customer: new.customer,
        contact: None,
        incoming: new.result.is_conversation(),
        channel: new.channel,
        address: new.number.trim().to_owned(),
        subject: String::new(),
        text,
        html: None,
        digest: [0; 32],
        at,
    }
}

/// Whether an address written down for one channel serves another: any telephone rings.
const fn serves(own: Channel, wanted: Channel) -> bool {
    use Channel::{Call, Letter, Sms, Visit, Voicebot, Whatsapp};
    match wanted {
        Call => matches!(own, Call | Voicebot | Whatsapp | Sms),
        Visit => matches!(own, Visit | Letter),
        Letter => matches!(own, Letter | Visit),
        _ => false,
    }
}

fn tail(channel: Channel, address: &str) -> String {
    if channel != Channel::Call {
        return address.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    let digits: Vec<char> = address.chars().filter(char::is_ascii_digit).collect();
    digits[digits.len().saturating_sub(PHONE_TAIL)..]
        .iter()
        .collect()
}

/// An address as it serves a channel: what was said of another channel was not said of this one,
/// but what tells of the address itself stays.
fn at_channel(point: &ContactPoint, channel: Channel) -> ContactPoint {
    let mut point = point.clone();
    if point.channel != channel {
        point.channel = channel;
        point.consent = Consent::Unknown;
    }
    point
}

fn point_of(customer: &Customer, channel: Channel, address: &str) -> ContactPoint {
    let usable = || {
        let points = customer.contact_points.iter();
        points.filter(|it| serves(it.channel, channel))
    };
    let wanted = tail(channel, address);
    let same = |it: &&ContactPoint| {
        address.is_empty() || (!wanted.is_empty() && tail(channel, &it.address) == wanted)
    };
    let found = usable()
        .filter(same)
        .min_by_key(|it| (it.health != Health::Good, it.channel != channel));
    if let Some(point) = found {
        return at_channel(point, channel);
    }
    ContactPoint {
        id: ContactPointId::from_uuid(Uuid::nil()),
        channel,
        address: address.to_owned(),
        role: None,
        // A number that nobody wrote down was found elsewhere; none at all says nothing.
        source: (!address.is_empty()).then_some(ContactSource::SkipTrace),
        health: Health::Good,
        consent: Consent::Unknown,
    }
}

/// What is known of an address itself that speaks against using it.
fn address_says(point: &ContactPoint) -> Vec<&'static str> {
    let mut says = Vec::new();
    match point.health {
        Health::OptedOut => says.push("El cliente pidió que no se le contacte aquí."),
        Health::WrongPerson => says.push("Aquí atiende otra persona."),
        Health::Good | Health::Bouncing => {}
    }
    if matches!(point.consent, Consent::Withdrawn { .. }) && says.is_empty() {
        says.push("El cliente pidió que no se le contacte por este medio.");
    }
    says
}
