//! What people tell of customers, and write down of what they did.

use clap::Subcommand;
use domain::Currency;
use domain::call::CallResult;
use domain::customer::Channel;
use domain::hold::HoldKind;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::change;

#[derive(Debug, Subcommand)]
pub enum PaymentCommand {
    /// Registra un pago; la cobranza de lo que paga se detiene al momento
    Add {
        /// Clave del cliente
        #[arg(long)]
        customer: String,
        /// Importe, p. ej. 1234.56
        #[arg(long)]
        amount: Decimal,
        /// Moneda; si no se dice, la de la empresa
        #[arg(long)]
        currency: Option<Currency>,
        /// Día del pago; si no se dice, hoy
        #[arg(long)]
        date: Option<Date>,
        /// Referencia del banco
        #[arg(long)]
        reference: Option<String>,
        /// Factura que paga, o FACTURA=PARTE; se puede repetir
        #[arg(long = "invoice", value_name = "FACTURA[=PARTE]", value_parser = part)]
        invoices: Vec<(String, Option<Decimal>)>,
    },
}

#[derive(Debug, Subcommand)]
pub enum PromiseCommand {
    /// Registra una promesa; hasta su fecha no se cobra ese importe
    Add {
        /// Clave del cliente
        #[arg(long)]
        customer: String,
        /// Importe prometido
        #[arg(long)]
        amount: Decimal,
        /// Moneda; si no se dice, la de la empresa
        #[arg(long)]
        currency: Option<Currency>,
        /// Último día para cumplirla
        #[arg(long)]
        due: Date,
        /// Día en que se hizo; si no se dice, hoy
        #[arg(long)]
        date: Option<Date>,
        /// En palabras del cliente
        #[arg(long, default_value = "")]
        note: String,
    },
}

#[derive(Debug, Subcommand)]
pub enum MessageCommand {
    /// Pone en la conversación lo que escribió un cliente; se le deja en paz unos días
    Add {
        /// Clave del cliente
        #[arg(long)]
        customer: String,
        /// El mensaje, palabra por palabra
        #[arg(long)]
        text: String,
        /// Canal por el que llegó: email, whatsapp, sms, call…
        #[arg(long, default_value = "email", value_parser = channel)]
        channel: Channel,
        /// Dirección o teléfono desde el que escribió
        #[arg(long)]
        from: String,
        /// Asunto
        #[arg(long, default_value = "")]
        subject: String,
        /// Clave del mensaje en el correo o proveedor; el mismo dos veces no cambia nada
        #[arg(long)]
        key: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub enum ContactCommand {
    /// Si se permite ahora llamar, visitar o escribir una carta a un cliente, y si no, desde cuándo
    Ask {
        /// Clave del cliente
        customer: String,
    },
    /// Registra una llamada, visita o carta; la ley se consulta a su hora
    Add {
        /// Clave del cliente
        #[arg(long)]
        customer: String,
        /// call (llamada), visit (visita) o letter (carta)
        #[arg(long, default_value = "call", value_parser = channel)]
        channel: Channel,
        /// conversation, no_answer, voicemail, busy, wrong_person, third_party, unreachable,
        /// customer_called, left
        #[arg(long, value_parser = result)]
        result: CallResult,
        /// Número o dirección
        #[arg(long, default_value = "")]
        number: String,
        /// Qué se habló
        #[arg(long, default_value = "")]
        note: String,
        /// Por qué un gerente lo permite aunque la ley no; queda como constancia
        #[arg(long = "override", value_name = "MOTIVO")]
        overriding: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub enum CustomerCommand {
    /// Cambia lo que la ley pregunta: NOMBRE=VALOR; sin nada, lo muestra
    ///
    /// class=company, country=CL, subdivision=BR-SP, zone=America/Santiago (vacío: no consta);
    /// event=lawsuit_served o event=lawsuit_served@2026-03-02, source=«dónde consta»,
    /// over=lawsuit_served (ya no vale).
    Set {
        /// Clave del cliente
        customer: String,
        #[arg(value_name = "NOMBRE=VALOR", value_parser = change)]
        changes: Vec<(String, String)>,
    },
}

#[derive(Debug, Subcommand)]
pub enum HoldCommand {
    /// Detiene el cobro de un cliente, de una factura o de una parte
    Add {
        /// Clave del cliente
        #[arg(long)]
        customer: String,
        /// dispute (aclaración), plan (convenio) o pause (pausa)
        #[arg(long, value_parser = hold_kind)]
        kind: HoldKind,
        /// Motivo
        #[arg(long)]
        reason: String,
        /// Factura; si no se dice, todo el cliente
        #[arg(long)]
        invoice: Option<String>,
        /// Importe; si no se dice, todo lo pendiente
        #[arg(long)]
        amount: Option<Decimal>,
        /// Moneda del importe
        #[arg(long)]
        currency: Option<Currency>,
        /// Primer día; si no se dice, hoy
        #[arg(long)]
        from: Option<Date>,
        /// Primer día en que ya no vale; si no se dice, hasta que se termine
        #[arg(long)]
        until: Option<Date>,
    },
    /// Termina una retención
    End {
        /// Su clave, como la muestra `puntual why CLIENTE`
        hold: String,
        /// Primer día en que ya no vale; si no se dice, hoy
        #[arg(long)]
        on: Option<Date>,
        /// Motivo
        #[arg(long, default_value = "terminada")]
        reason: String,
    },
}

pub(super) fn channel(text: &str) -> Result<Channel, String> {
    text.parse()
        .map_err(|error| domain::code::UnknownCode::to_string(&error))
}

fn result(text: &str) -> Result<CallResult, String> {
    text.parse()
        .map_err(|error| domain::code::UnknownCode::to_string(&error))
}

fn hold_kind(text: &str) -> Result<HoldKind, String> {
    match text.parse() {
        Ok(HoldKind::Promise) => {
            Err("una promesa se registra con `puntual promise add`".to_owned())
        }
        Ok(kind) => Ok(kind),
        Err(error) => Err(domain::code::UnknownCode::to_string(&error)),
    }
}

fn part(text: &str) -> Result<(String, Option<Decimal>), String> {
    match text.rsplit_once('=') {
        None => Ok((text.to_owned(), None)),
        Some((number, part)) => {
            let part = part
                .parse()
                .map_err(|_| format!("«{part}» no es un importe"))?;
            Ok((number.to_owned(), Some(part)))
        }
    }
}
