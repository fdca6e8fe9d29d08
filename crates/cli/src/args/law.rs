//! What can be typed about the law.

use std::path::PathBuf;

use clap::Subcommand;
use jiff::civil::Date;

#[derive(Debug, Subcommand)]
pub enum LawCommand {
    /// Responde si cada contacto de una lista se permite: una pregunta por línea, en JSON
    ///
    /// Lee de la entrada estándar si no se dice archivo, y no necesita base de datos. Responde
    /// {"id","allowed","reasons","next_allowed"} por línea; una línea que no se entiende responde
    /// con su error y al final el comando termina con 1.
    Check {
        /// Archivo de preguntas, una por línea
        file: Option<PathBuf>,
    },
    /// Las leyes en vigor: país, régimen, versión, desde cuándo, sustento y artículo
    Packs,
    /// Corre los casos propios de archivos de ley, sin ponerlos en vigor
    Test {
        /// Archivos
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Qué contactos de los próximos 30 días agrega, quita o mueve un archivo de ley, cliente por
    /// cliente, antes de ponerlo en vigor
    Diff {
        /// Archivo de una ley, o de una regla propia de la empresa
        file: PathBuf,
        /// Desde qué día rige; si no se dice, desde ya
        #[arg(long, value_name = "FECHA")]
        from: Option<Date>,
        /// Todos los clientes, no una muestra de 3000
        #[arg(long)]
        all: bool,
    },
    /// Pone en vigor un archivo de ley para todas las empresas de la base de datos
    Load {
        /// Archivo
        file: PathBuf,
        /// Desde qué día rige; si no se dice, desde ya
        #[arg(long, value_name = "FECHA")]
        from: Option<Date>,
    },
    /// Pone en vigor una regla propia de la empresa, que solo puede pedir más que la ley
    Tighten {
        /// Archivo, con binding = "company"
        file: PathBuf,
    },
    /// Las reglas propias de la empresa, con quién las puso y cuándo
    Tightenings,
    /// Retira una regla propia de la empresa; la ley no se puede retirar
    Withdraw {
        /// Nombre de la regla
        name: String,
    },
}
