//! What can be typed about what people said and what is kept of them.

use std::path::PathBuf;

use clap::Subcommand;
use domain::customer::Channel;
use domain::preference::Purpose;
use jiff::civil::Date;

use super::facts::channel;

#[derive(Debug, Subcommand)]
pub enum ConsentCommand {
    /// El cliente autorizó que se le contacte por un canal
    Give {
        #[command(flatten)]
        what: SaidArgs,
    },
    /// El cliente pidió que no se le escriba por un canal; lo planeado ya no sale
    Withdraw {
        #[command(flatten)]
        what: SaidArgs,
    },
    /// Lo que dijo un cliente, lo último primero
    List {
        /// Clave del cliente
        customer: String,
    },
}

#[derive(Debug, clap::Args)]
pub struct SaidArgs {
    /// Clave del cliente
    #[arg(long)]
    pub customer: String,
    /// Canal: email, whatsapp, sms, call…
    #[arg(long, value_parser = channel)]
    pub channel: Channel,
    /// Solo esta dirección; si no se dice, todas las del canal
    #[arg(long)]
    pub address: Option<String>,
    /// Para qué: collection (cobranza) u offers (ofertas)
    #[arg(long, value_parser = purpose, default_value = "collection")]
    pub purpose: Purpose,
    /// Dónde consta, p. ej. «correo del 3 de marzo»
    #[arg(long)]
    pub source: String,
    /// El texto que se le mostró o que dijo
    #[arg(long, default_value = "")]
    pub text: String,
    /// Desde qué día; si no se dice, hoy
    #[arg(long)]
    pub date: Option<Date>,
}

#[derive(Debug, Subcommand)]
pub enum MailCommand {
    /// Lee lo que llegó: respuestas, correos devueltos y bajas
    ///
    /// El buzón se dice en puntual.toml, sección [mail.imap]. Se lee sin cambiar nada en él.
    Poll,
}

#[derive(Debug, Subcommand)]
pub enum PrivacyCommand {
    /// Todo lo que se guarda de un cliente, en un archivo JSON
    Export {
        /// Clave del cliente
        customer: String,
        /// Archivo; si no se dice, la salida
        #[arg(long, value_name = "ARCHIVO")]
        to: Option<PathBuf>,
    },
    /// Borra el texto personal de un cliente; las cifras quedan con un seudónimo
    ///
    /// No se puede mientras tenga importes abiertos o corra el plazo legal de conservación. No se
    /// puede deshacer.
    Erase {
        /// Clave del cliente
        customer: String,
        /// Por qué, sin nombrar a nadie; queda en el historial
        #[arg(long)]
        reason: String,
        /// Borra el texto personal aunque haya importes abiertos o corra el plazo
        #[arg(long)]
        only_text: bool,
    },
    /// Clientes cuyo plazo de conservación terminó; no borra nada
    Due,
}

fn purpose(text: &str) -> Result<Purpose, String> {
    text.parse()
        .map_err(|error: domain::code::UnknownCode| error.to_string())
}
