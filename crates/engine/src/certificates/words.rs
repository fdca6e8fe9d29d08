//! A record in words: who wrote to whom, when, about what debt, why it was allowed or not made,
//! with which words, and how to check all that.

use domain::calendar::weekday_es;
use domain::contact::ContactState;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use language::figures::{self, Style};
use language::paper::Block;
use serde_json::Value;
use store::contacts::ContactRecord;
use store::messages::Message;
use store::proofs::Proof;

use super::Case;
use crate::audit::HeadLine;
use crate::company::Company;
use crate::record::{binding_es, hex, tier_es};

/// Documents named one by one; the rest is counted.
const DOCUMENTS_MAX: usize = 10;

/// How somebody checks a record, in words.
pub const HOW_TO_CHECK: &str = "Cada constancia lleva su huella SHA-256 y ocupa un lugar en una \
    cadena: la huella de cada eslabón cubre la del anterior, de modo que nadie puede cambiar, \
    quitar, agregar ni mover una constancia sin que se note. Con la base de datos a la vista, \
    `puntual audit verify` la recorre completa y nombra lo que no coincida; con una cabeza de la \
    cadena guardada fuera de la empresa, `puntual audit verify --anchor ARCHIVO` la compara. La \
    exportación en JSON trae el texto exacto de cada constancia y lo necesario para repetir el \
    cálculo a mano.";

/// The first page of a history.
pub fn of_history(
    company: &Company,
    (key, name): &(String, String),
    cases: &[Case],
    left_out: usize,
) -> Vec<Block> {
    let style = Style::of(&company.language);
    let mut blocks = vec![
        Block::Title("Historial de gestiones de cobranza".to_owned()),
        Block::Subtitle(company.legal_name.clone()),
        pair("Cliente", &format!("{name} ({key})")),
        pair("Gestiones", &style.count(cases.len() as u64)),
    ];
    if left_out > 0 {
        let text = format!("No se muestran {left_out} anteriores, las más antiguas.");
        blocks.push(Block::Small(text));
    }
    let row = |case: &Case| {
        let (at, medium) = match &case.contact {
            Some(contact) => {
                let at = contact.performed_at.unwrap_or(contact.planned_at);
                (at, contact.channel.name_es())
            }
            None => {
                let at = case
                    .proofs
                    .first()
                    .map_or(Timestamp::UNIX_EPOCH, |it| it.recorded_at);
                (at, "gestión de una persona")
            }
        };
        let local = company.zone.to_datetime(at);
        vec![
            format!(
                "{} {}",
                figures::date_short(local.date()),
                local.strftime("%H:%M")
            ),
            medium.to_owned(),
            case.contact
                .as_ref()
                .map_or_else(String::new, |it| it.key.step().to_owned()),
            state(case).to_owned(),
        ]
    };
    let heads = ["Cuándo", "Medio", "Paso", "Resultado"].map(str::to_owned);
    blocks.push(Block::Table {
        heads: heads.to_vec(),
        rows: cases.iter().map(row).collect(),
        right: usize::MAX,
    });
    blocks
}

/// One contact or act.
pub fn of_case(company: &Company, case: &Case) -> Vec<Block> {
    let told = Told::of(case);
    let mut blocks = vec![
        Block::Title(told.title().to_owned()),
        Block::Subtitle(company.legal_name.clone()),
    ];
    told.who(company, &mut blocks);
    told.debt(&mut blocks);
    told.why(&mut blocks);
    told.message(&mut blocks);
    told.place(&mut blocks);
    blocks
}

/// The last lines: how to check it, and how far the chain reaches.
pub fn how_to_check(head: Option<&HeadLine>) -> Vec<Block> {
    let mut blocks = vec![Block::Small(HOW_TO_CHECK.to_owned())];
    if let Some(head) = head {
        blocks.push(Block::Small(format!(
            "Cabeza de la cadena al expedir esta hoja: eslabón {}, {}.",
            head.sequence, head.head
        )));
    }
    blocks
}

/// Whether a message is, word for word, one that a proof allowed.
pub fn is_the_allowed_one(message: &Message, proofs: &[Proof]) -> bool {
    let html = message.html.as_deref();
    let digest = store::messages::digest(&message.subject, &message.text, html);
    let digest = hex(&digest);
    proofs
        .iter()
        .any(|proof| proof.kind == "allowed" && proof.body.contains(&digest))
}

fn pair(name: &str, text: &str) -> Block {
    Block::Pair(name.to_owned(), text.to_owned())
}

fn text(value: &Value) -> Option<&str> {
    value.as_str().filter(|text| !text.is_empty())
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// `martes 3 de marzo de 2026, 09:12`.
fn moment(local: DateTime) -> String {
    let day = weekday_es(local.weekday());
    format!(
        "{day} {}, {}",
        figures::date(local.date()),
        local.strftime("%H:%M")
    )
}

/// `1,234.56 MXN` of the money of a record.
fn money(value: &Value) -> String {
    let part = |name: &str| value[name].as_str().unwrap_or_default();
    format!("{} {}", part("amount"), part("currency"))
}

/// What became of it, in words.
fn state(case: &Case) -> &'static str {
    let Some(contact) = &case.contact else {
        return match case.proofs.first().map(|it| it.kind.as_str()) {
            Some("refused") => "no se permitió",
            Some("override") => "excepción autorizada",
            _ => "se permitió",
        };
    };
    match contact.state {
        ContactState::Planned => "planeado",
        ContactState::Claimed => "en camino",
        ContactState::Sent => "enviado",
        ContactState::Delivered => "entregado",
        ContactState::Read => "leído",
        ContactState::Answered => "respondido",
        ContactState::Suppressed => "no se hizo",
        ContactState::Failed => "rechazado por el servidor",
        ContactState::Unknown => "no se sabe si salió",
    }
}

/// A case with its proofs read.
struct Told<'a> {
    case: &'a Case,
    /// The latest that allows or refuses.
    verdict: Option<(&'a Proof, Value)>,
    result: Option<Value>,
    content: Value,
}

impl<'a> Told<'a> {
    fn of(case: &'a Case) -> Self {
        let body = |proof: &Proof| serde_json::from_str(&proof.body).unwrap_or_default();
        let verdict = case.proofs.iter().rev().find(|it| it.kind != "result");
        let result = case.proofs.iter().rev().find(|it| it.kind == "result");
        let contact = case.contact.as_ref();
        let content = contact.and_then(|it| serde_json::from_str(&it.content).ok());
        Self {
            case,
            verdict: verdict.map(|it| (it, body(it))),
            result: result.map(body),
            content: content.unwrap_or_default(),
        }
    }

    /// The body of the verdict.
    fn body(&self) -> &Value {
        static NOTHING: Value = Value::Null;
        self.verdict
            .as_ref()
            .map_or(&NOTHING, |(_, body)| &body["body"])
    }

    fn kind(&self) -> &str {
        self.verdict
            .as_ref()
            .map_or("", |(proof, _)| proof.kind.as_str())
    }

    fn title(&self) -> &'static str {
        match self.kind() {
            "suppressed" => "Constancia de un contacto que no se hizo",
            "refused" => "Constancia de una gestión que no se permitió",
            "override" => "Constancia de una excepción",
            _ => "Constancia de un contacto de cobranza",
        }
    }

    fn contact(&self) -> Option<&ContactRecord> {
        self.case.contact.as_ref()
    }

    fn at(&self) -> Option<Timestamp> {
        let made = self
            .contact()
            .and_then(|it| it.performed_at.or(it.claimed_at));
        made.or_else(|| self.verdict.as_ref().map(|(proof, _)| proof.recorded_at))
            .or_else(|| self.contact().map(|it| it.planned_at))
    }

    fn who(&self, company: &Company, blocks: &mut Vec<Block>) {
        let (key, name) = &self.case.customer;
        blocks.push(pair("Quién", &company.legal_name));
        blocks.push(pair("A quién", &format!("{name} (cliente {key})")));
        if let Some(contact) = self.contact() {
            let medium = contact.channel.name_es();
            let medium = match &self.case.message {
                Some(message) => format!("{medium}, a {}", message.address),
                None => medium.to_owned(),
            };
            blocks.push(pair("Por qué medio", &medium));
        }
        if let Some(at) = self.at() {
            blocks.push(pair("Cuándo", &self.when(company, at)));
        }
        let mut outcome = state(self.case).to_owned();
        if let Some(answer) = self
            .result
            .as_ref()
            .and_then(|it| text(&it["answer"]["accepted"]))
        {
            outcome += &format!(". El servidor respondió: {answer}");
        }
        if let Some(answer) = self
            .result
            .as_ref()
            .and_then(|it| text(&it["answer"]["refused"]))
        {
            outcome += &format!(". El servidor respondió: {answer}");
        }
        blocks.push(pair("Resultado", &outcome));
    }

    /// The instant on the customer's clock, where the proof says which it is.
    fn when(&self, company: &Company, at: Timestamp) -> String {
        let clock = &self.body()["law"]["clocks"][0];
        let zone = text(&clock["zone"]).and_then(domain::calendar::zone);
        match (zone, text(&clock["zone"])) {
            (Some(zone), Some(name)) => said_at(at, &zone, name, "hora del cliente"),
            _ => {
                let name = company.zone.iana_name().unwrap_or("UTC");
                said_at(at, &company.zone, name, "hora de la empresa")
            }
        }
    }

    fn debt(&self, blocks: &mut Vec<Block>) {
        let kept = &self.body()["plan"]["content"];
        let content = if kept.is_object() {
            kept
        } else {
            &self.content
        };
        let asked: Vec<&Value> = list(&content["documents"]).collect();
        let coming: Vec<&Value> = list(&content["upcoming"]).collect();
        if asked.is_empty() && coming.is_empty() {
            return;
        }
        blocks.push(Block::Heading("De qué deuda trata".to_owned()));
        let day = |value: &Value| {
            let day = value.as_str().and_then(|it| it.parse().ok());
            day.map_or_else(String::new, figures::date_short)
        };
        let all: Vec<&Value> = asked.into_iter().chain(coming).collect();
        let row = |line: &&Value| {
            vec![
                line["invoice"].as_str().unwrap_or_default().to_owned(),
                day(&line["due"]),
                line["days_late"]
                    .as_i64()
                    .unwrap_or_default()
                    .max(0)
                    .to_string(),
                money(&line["original"]),
                money(&line["amount"]),
            ]
        };
        let heads = ["Documento", "Vence", "Días de atraso", "Importe", "Se pide"];
        blocks.push(Block::Table {
            heads: heads.map(str::to_owned).to_vec(),
            rows: all.iter().take(DOCUMENTS_MAX).map(row).collect(),
            right: 2,
        });
        let more = all.len().saturating_sub(DOCUMENTS_MAX);
        let totals: Vec<String> = list(&content["totals"]).map(money).collect();
        let mut sum = format!("Total: {}.", totals.join(" y "));
        if more > 0 {
            sum += &format!(" Hay {more} documentos más; todos están en la exportación en JSON.");
        }
        let figures = &self.body()["facts"];
        if let Some(late) = figures["days_late"].as_i64() {
            sum += &format!(" El más antiguo llevaba {late} días de atraso.");
        }
        blocks.push(Block::Small(sum));
    }

    fn why(&self, blocks: &mut Vec<Block>) {
        let body = self.body();
        let heading = match self.kind() {
            "suppressed" => "Por qué no se hizo",
            "refused" => "Por qué no se permitió",
            "override" => "Qué decía la regla y quién autorizó la excepción",
            _ => "Por qué se permitió",
        };
        blocks.push(Block::Heading(heading.to_owned()));
        if let Some(sentence) = text(&body["silence"]["sentence"]).or(text(&body["sentence"])) {
            blocks.push(Block::Text(sentence.to_owned()));
        }
        if text(&body["reason"]) == Some("cancelled") {
            let author = text(&body["author"]).unwrap_or("una persona");
            let words = self.contact().and_then(|it| it.held.as_ref());
            let words = words.map_or_else(String::new, |it| format!(": «{}»", it.reason));
            blocks.push(Block::Text(format!("Lo canceló {author}{words}.")));
        }
        self.policy(blocks);
        self.rules(blocks);
        for note in list(&body["plan"]["assumptions"]) {
            if let Some(reason) = text(&note["reason"]) {
                blocks.push(Block::Small(format!("Dato tomado así: {reason}")));
            }
        }
    }

    fn policy(&self, blocks: &mut Vec<Block>) {
        let Some((_, whole)) = &self.verdict else {
            blocks.push(Block::Text("Todavía no hay constancia de ello.".to_owned()));
            return;
        };
        let policy = &whole["policy"];
        if let Some(key) = text(&policy["key"]) {
            let step = self.contact().map_or("", |it| it.key.step());
            let mut line = format!(
                "Política de cobranza «{key}», versión {}",
                policy["version"]
            );
            if !step.is_empty() {
                line += &format!(", paso «{step}»");
            }
            blocks.push(Block::Small(format!("{line}.")));
        }
        if let Some(version) = text(&whole["body"]["law"]["version"]) {
            let hash: String = whole["law"]
                .as_str()
                .unwrap_or_default()
                .chars()
                .take(16)
                .collect();
            let zones = text(&whole["time_zones"]).unwrap_or("—");
            blocks.push(Block::Small(format!(
                "Paquetes legales {version} (huella {hash}…), horas según la base de zonas {zones}."
            )));
        }
    }

    /// Every rule that was asked; those of one article that look for events stand together.
    fn rules(&self, blocks: &mut Vec<Block>) {
        let law = &self.body()["law"];
        let regimes: Vec<&Value> = list(&law["regimes"]).collect();
        let source_of = |rule: &Value| {
            let regime = regimes.iter().find(|it| it["regime"] == rule["regime"]);
            let regime = regime.copied().unwrap_or(&Value::Null);
            let own = |name: &str| text(&rule[name]).or(text(&regime[name])).map(str::to_owned);
            let tier = own("tier")
                .and_then(|it| it.parse().ok())
                .map_or("", tier_es);
            let binding = text(&regime["binding"]).and_then(|it| it.parse().ok());
            let parts = [
                own("article").unwrap_or_default(),
                binding.map_or("", binding_es).to_owned(),
                tier.to_owned(),
            ];
            let parts: Vec<String> = parts.into_iter().filter(|it| !it.is_empty()).collect();
            parts.join(" · ")
        };
        let mut events: Vec<(String, Vec<&str>)> = Vec::new();
        for rule in list(&law["rules"]) {
            let passed = rule["passed"].as_bool() == Some(true);
            let source = source_of(rule);
            if let Some(event) = text(&rule["saw"]["event"]).filter(|_| passed) {
                let event = domain::law::event_es(event);
                match events.iter_mut().find(|(of, _)| *of == source) {
                    Some((_, named)) if named.contains(&event) => {}
                    Some((_, named)) => named.push(event),
                    None => events.push((source, vec![event])),
                }
                continue;
            }
            blocks.push(Block::Check {
                passed,
                text: rule["sentence"].as_str().unwrap_or_default().to_owned(),
                source,
            });
        }
        for (source, named) in events {
            let text = format!(
                "No consta nada que detenga la cobranza: {}.",
                named.join("; ")
            );
            blocks.push(Block::Check {
                passed: true,
                text,
                source,
            });
        }
        // Proofs of before the rules were kept one by one.
        for rule in list(&self.body()["silence"]["law"]["reasons"]).filter(|_| law.is_null()) {
            blocks.push(Block::Check {
                passed: false,
                text: rule["sentence"].as_str().unwrap_or_default().to_owned(),
                source: rule["article"].as_str().unwrap_or_default().to_owned(),
            });
        }
    }

    fn message(&self, blocks: &mut Vec<Block>) {
        let Some(message) = &self.case.message else {
            return;
        };
        blocks.push(Block::Heading("Qué decía el mensaje".to_owned()));
        if !message.subject.is_empty() {
            blocks.push(pair("Asunto", &message.subject));
        }
        blocks.push(Block::Quote(message.text.clone()));
        let same = if is_the_allowed_one(message, &self.case.proofs) {
            "Es, palabra por palabra, el mensaje que la constancia permitió"
        } else {
            "ATENCIÓN: no es el mensaje que la constancia permitió"
        };
        let digest = hex(&message.digest);
        blocks.push(Block::Small(format!("{same} (huella {digest}).")));
    }

    fn place(&self, blocks: &mut Vec<Block>) {
        blocks.push(Block::Heading("Cómo se comprueba".to_owned()));
        for proof in &self.case.proofs {
            let what = match proof.kind.as_str() {
                "allowed" => "Permiso",
                "suppressed" => "Supresión",
                "result" => "Resultado",
                "refused" => "Negativa",
                _ => "Excepción",
            };
            let intact = if proof.is_intact() {
                ""
            } else {
                " — ALTERADA"
            };
            let place = match self.case.links.get(&proof.id.uuid()) {
                Some(link) => format!("eslabón {} de la cadena", link.at.sequence),
                None => "espera su lugar en la cadena".to_owned(),
            };
            let digest = hex(&proof.digest);
            blocks.push(Block::Small(format!(
                "{what} {}: {place}, huella {digest}{intact}.",
                proof.id
            )));
        }
    }
}

fn said_at(at: Timestamp, zone: &TimeZone, name: &str, whose: &str) -> String {
    let place = name.rsplit('/').next().unwrap_or(name).replace('_', " ");
    format!("{} ({whose}, {place})", moment(zone.to_datetime(at)))
}
