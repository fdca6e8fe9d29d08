//! The document itself.

use domain::customer::Country;
use domain::document::DocumentKind;
use domain::{Currency, Money};
use rust_decimal::Decimal;

use super::super::conditions;
use super::super::fault::{Problem, or_warn};
use super::super::model::{
    Instalment, Invoice, Line, Party, Reading, Reference, Relation, Standard, Tax, Terms,
};
use super::super::node::{Node, short};
use super::{
    code, currency, folio, is_issued_by_buyer, kind_of, names, required_rut, rut, somebody,
};

const CHILE: &str = "CL";

/// Reads a `DTE`.
pub(super) fn read(root: &Node) -> Result<Reading, Problem> {
    let document = ["Documento", "Exportaciones", "Liquidacion"]
        .iter()
        .find_map(|name| root.at(name))
        .ok_or_else(|| root.problem("Documento", "el DTE no trae el documento"))?;
    let head = document
        .at("Encabezado")
        .ok_or_else(|| document.problem("Encabezado", "falta el encabezado"))?;
    let code = code(head, "IdDoc/TipoDTE")?;
    let issuer = required_rut(head, "Emisor/RUTEmisor")?;
    let text = head.required("IdDoc/Folio")?;
    let folio = folio(text)
        .ok_or_else(|| head.problem("IdDoc/Folio", format!("«{}» no es un folio", short(text))))?;
    let (stamp, number) = names(&issuer, code, folio);
    let silent = |what| {
        Ok(Reading::Silent {
            stamp: Some(stamp.clone()),
            what,
        })
    };
    let kind = match kind_of(code) {
        Some(Ok(kind)) => kind,
        Some(Err(what)) => return silent(what),
        None => {
            let reason = format!("el tipo de documento {code} no se conoce");
            return Err(head.problem("IdDoc/TipoDTE", reason));
        }
    };
    if head.value("IdDoc/FmaPago") == Some("3") {
        return silent("entrega gratuita");
    }
    let parts = Parts {
        root,
        document,
        head,
        code,
        kind,
        issuer,
        warnings: Vec::new(),
    };
    let total = parts.total()?;
    if total.minor == 0 {
        return silent("documento por cero pesos");
    }
    parts.invoice(total, stamp, number)
}

struct Parts<'a> {
    root: &'a Node,
    document: &'a Node,
    head: &'a Node,
    code: u16,
    kind: DocumentKind,
    issuer: String,
    warnings: Vec<String>,
}

impl Parts<'_> {
    /// The total in the document's own currency: that of the customs office in exports, else the
    /// peso. `OtraMoneda` repeats it in another one.
    fn total(&self) -> Result<Money, Problem> {
        let path = "Totales/MntTotal";
        let currency = match self.head.value("Totales/TpoMoneda") {
            None => Currency::CLP,
            Some(name) => currency(name).ok_or_else(|| {
                let reason = format!("la moneda «{}» no se conoce", short(name));
                self.head.problem("Totales/TpoMoneda", reason)
            })?,
        };
        let total = self
            .head
            .money(path, currency)?
            .ok_or_else(|| self.head.problem(path, "falta el monto total"))?;
        if total.minor < 0 {
            return Err(self.head.problem(path, "el monto total es negativo"));
        }
        Ok(total)
    }

    fn invoice(mut self, total: Money, stamp: String, number: String) -> Result<Reading, Problem> {
        let references = self.references();
        let bought = is_issued_by_buyer(self.code)
            || (self.kind != DocumentKind::Invoice
                && references.iter().any(|one| {
                    let type_of = one
                        .number
                        .as_deref()
                        .and_then(|number| number.split_once('-'));
                    type_of.is_some_and(|(code, _)| code == "45" || code == "46")
                }));
        let (author, receiver) = (self.author(), self.receiver());
        let global = !bought && receiver.tax_id.is_none() && matches!(self.code, 35 | 38 | 39 | 41);
        let (issuer, receiver) = if bought {
            (receiver, author)
        } else {
            (author, receiver)
        };
        let issued = self.head.date("IdDoc/FchEmis")?.ok_or_else(|| {
            self.head
                .problem("IdDoc/FchEmis", "falta la fecha de emisión")
        })?;
        let payable = self.payable(total);
        let terms = self.terms(payable, issued);
        let rate = or_warn(
            self.head.decimal("OtraMoneda/TpoCambio"),
            &mut self.warnings,
        );
        Ok(Reading::Invoice(Box::new(Invoice {
            standard: Standard::Dte,
            version: self
                .root
                .words("@version")
                .unwrap_or_else(|| "1.0".to_owned()),
            kind: self.kind,
            stamp: Some(stamp),
            number,
            issued,
            issuer,
            receiver,
            total,
            payable,
            // Beside a total in pesos it is the rate of another currency, which nothing is owed in.
            exchange_rate: rate.filter(|_| total.currency != Currency::CLP),
            taxes: self.taxes(),
            lines: self.lines(),
            terms,
            trial: self.is_trial(),
            references,
            global,
            warnings: self.warnings,
        })))
    }

    /// Who wrote the document.
    fn author(&self) -> Party {
        let node = self.head.at("Emisor");
        let words = |path: &str| node.and_then(|node| node.words(path));
        let all = |name: &'static str| texts(node, name);
        Party {
            tax_id: Some(self.issuer.clone()),
            name: words("RznSoc")
                .or_else(|| words("RznSocEmisor"))
                .unwrap_or_default(),
            country: Country::new(CHILE),
            region: words("CmnaOrigen"),
            emails: all("CorreoEmisor"),
            phones: all("Telefono"),
            key: None,
        }
    }

    /// Whom it was written to.
    fn receiver(&self) -> Party {
        let node = self.head.at("Receptor");
        let words = |path: &str| node.and_then(|node| node.words(path));
        let foreign = matches!(self.code, 101 | 104 | 106 | 110 | 111 | 112);
        let tax_id = words("RUTRecep").as_deref().and_then(somebody);
        Party {
            tax_id: tax_id.or_else(|| words("Extranjero/NumId").map(|id| id.to_uppercase())),
            name: words("RznSocRecep").unwrap_or_default(),
            country: Country::new(CHILE).filter(|_| !foreign),
            region: words("CmnaRecep").filter(|_| !foreign),
            emails: texts(node, "CorreoRecep"),
            phones: texts(node, "Contacto")
                .into_iter()
                .filter(|text| text.bytes().filter(u8::is_ascii_digit).count() >= 7)
                .collect(),
            key: words("CdgIntRecep"),
        }
    }

    /// What is to be paid: with what is not taxed in this document, less what was paid when it was
    /// issued. `VlrPagar` is not it: it adds what earlier documents left open.
    fn payable(&mut self, total: Money) -> Money {
        let mut read = |path| or_warn(self.head.money(path, total.currency), &mut self.warnings);
        let period = read("Totales/MontoPeriodo").unwrap_or(total);
        let (paid, open) = (read("IdDoc/MntCancel"), read("IdDoc/SaldoInsol"));
        let payable = match (paid, open) {
            (Some(_), Some(open)) => open,
            (Some(paid), None) => period.checked_sub(paid).unwrap_or(period),
            (None, _) => period,
        };
        if payable.minor < 0 {
            Money::zero(total.currency)
        } else {
            payable
        }
    }

    fn terms(&mut self, payable: Money, issued: jiff::civil::Date) -> Terms {
        let id = self.head.at("IdDoc").unwrap_or(self.head);
        let due = or_warn(id.date("FchVenc"), &mut self.warnings);
        let days = id.value("TermPagoDias").and_then(|text| text.parse().ok());
        let days = days.or_else(|| id.value("TermPagoGlosa").and_then(conditions::days));
        let mut instalments = self.instalments(id, payable);
        let only = match instalments.as_slice() {
            [only] => Some(only.due),
            _ => None,
        };
        if only.is_some() {
            instalments.clear();
        }
        let due = due.or(only).or_else(|| {
            // The last part is when the whole is due.
            instalments.last().map(|part| part.due)
        });
        let later = due.is_some_and(|due| due > issued) || days.is_some_and(|days| days > 0);
        let bank = [id.words("BcoPago"), id.words("NumCtaPago")];
        Terms {
            due,
            days,
            // A date behind the day of issue is believed before the mark, which programs preset.
            paid_at_once: id.value("FmaPago") == Some("1") && !later,
            instalments,
            owes_receipts: false,
            means: id.words("MedioPago"),
            payment_reference: None,
            account: id
                .value("NumCtaPago")
                .map(|_| bank.into_iter().flatten().collect::<Vec<_>>().join(" ")),
            words: id.words("TermPagoGlosa"),
        }
    }

    fn instalments(&mut self, id: &Node, payable: Money) -> Vec<Instalment> {
        let mut parts = Vec::new();
        for (at, part) in id.all("MntPagos").enumerate() {
            let due = or_warn(part.date("FchPago"), &mut self.warnings);
            let amount = or_warn(part.money("MntPago", payable.currency), &mut self.warnings);
            let (Some(due), Some(amount)) = (due, amount) else {
                return Vec::new();
            };
            parts.push(Instalment {
                number: part
                    .words("GlosaPagos")
                    .unwrap_or_else(|| format!("{:03}", at + 1)),
                due,
                amount,
            });
        }
        let sum: i128 = parts.iter().map(|part| i128::from(part.amount.minor)).sum();
        if !parts.is_empty() && sum != i128::from(payable.minor) {
            let reason = "MntPagos: los pagos no suman lo que se debe; se tomó el vencimiento";
            self.warnings.push(reason.to_owned());
            return Vec::new();
        }
        parts.sort_by_key(|part| part.due);
        parts
    }

    fn taxes(&mut self) -> Vec<Tax> {
        let Some(totals) = self.head.at("Totales") else {
            return Vec::new();
        };
        let mut taxes = Vec::new();
        let mut add = |name: &str, rate: Option<Decimal>, amount: Option<Decimal>, withheld| {
            if let Some(amount) = amount.filter(|amount| !amount.is_zero()) {
                taxes.push(Tax {
                    name: name.to_owned(),
                    rate: rate.map(|rate| (rate / Decimal::ONE_HUNDRED).normalize()),
                    amount: amount.abs(),
                    withheld,
                });
            }
        };
        let warnings = &mut self.warnings;
        let rate = or_warn(totals.decimal("TasaIVA"), warnings);
        add("IVA", rate, or_warn(totals.decimal("IVA"), warnings), false);
        for other in totals.all("ImptoReten") {
            let code = other.value("TipoImp").unwrap_or_default();
            let withheld = is_withheld(code);
            let name = if withheld {
                format!("IVA retenido ({code})")
            } else {
                format!("impuesto {code}")
            };
            let rate = or_warn(other.decimal("TasaImp"), warnings);
            add(
                &name,
                rate,
                or_warn(other.decimal("MontoImp"), warnings),
                withheld,
            );
        }
        taxes
    }

    fn lines(&mut self) -> Vec<Line> {
        let mut lines = Vec::new();
        for line in self.document.all("Detalle") {
            let mut number = |path| or_warn(line.decimal(path), &mut self.warnings);
            let Some(amount) = number("MontoItem") else {
                continue;
            };
            lines.push(Line {
                description: line.words("NmbItem").unwrap_or_default(),
                quantity: number("QtyItem"),
                unit_price: number("PrcItem"),
                amount,
            });
        }
        lines
    }

    fn references(&mut self) -> Vec<Reference> {
        let mut references = Vec::new();
        for node in self.document.all("Referencia") {
            let code_of_type: Option<u16> =
                node.value("TpoDocRef").and_then(|text| text.parse().ok());
            let to_document = code_of_type.filter(|code| *code < 800);
            let folio = node.value("FolioRef").and_then(folio);
            let relation = match (node.value("CodRef"), to_document) {
                (_, None) => Relation::Other,
                (Some("1"), _) => Relation::Annuls,
                (Some("3"), _) => Relation::Adjusts,
                (None, Some(_)) if self.kind != DocumentKind::Invoice => Relation::Adjusts,
                _ => Relation::Other,
            };
            let issuer = node.value("RUTOtr").and_then(rut);
            let issuer = issuer.as_deref().unwrap_or(&self.issuer);
            let (stamp, number) = match (to_document, folio) {
                (Some(code), Some(folio)) => {
                    let (stamp, number) = names(issuer, code, folio);
                    (Some(stamp), Some(number))
                }
                _ => (None, node.words("FolioRef")),
            };
            references.push(Reference {
                relation,
                stamp,
                number,
                on: or_warn(node.date("FchRef"), &mut self.warnings),
            });
        }
        references
    }

    /// Documents of the certification name the set of trials they belong to.
    fn is_trial(&self) -> bool {
        self.document
            .all("Referencia")
            .any(|node| node.value("TpoDocRef") == Some("SET"))
    }
}

/// VAT that the buyer keeps back, by the codes of the tax office; the others are added.
fn is_withheld(code: &str) -> bool {
    matches!(
        code,
        "15" | "30"
            | "31"
            | "32"
            | "33"
            | "34"
            | "36"
            | "37"
            | "38"
            | "39"
            | "41"
            | "46"
            | "47"
            | "48"
    )
}

fn texts(node: Option<&Node>, name: &'static str) -> Vec<String> {
    node.into_iter()
        .flat_map(|node| node.all(name))
        .filter_map(|node| node.words("."))
        .collect()
}
