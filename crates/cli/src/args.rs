//! What can be typed.

mod facts;
mod law;
mod rights;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use domain::Currency;
use domain::customer::Country;
use domain::ids::MatchId;
use domain::user::Role;
use jiff::Timestamp;
use jiff::civil::Date;

pub use facts::{
    ContactCommand, CustomerCommand, HoldCommand, MessageCommand, PaymentCommand, PromiseCommand,
};
pub use law::LawCommand;
pub use rights::{ConsentCommand, MailCommand, PrivacyCommand, SaidArgs};

/// Software de gestión de cobranza.
#[derive(Debug, Parser)]
#[command(name = "puntual", version, about, disable_help_subcommand = true)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Args)]
pub struct Global {
    /// Base de datos: sqlite:ARCHIVO o postgres://… (si no se dice: puntual.toml, o
    /// sqlite:puntual.db)
    #[arg(
        long,
        global = true,
        env = "PUNTUAL_DB",
        value_name = "URL",
        hide_env_values = true
    )]
    pub db: Option<String>,
    /// Empresa, cuando hay varias
    #[arg(long, global = true, env = "PUNTUAL_COMPANY", value_name = "NOMBRE")]
    pub company: Option<String>,
    /// Cómo se escribe la respuesta
    #[arg(long, global = true, value_enum, default_value_t = Format::Table)]
    pub format: Format,
    /// El instante que se toma por ahora, p. ej. 2026-03-02T09:00:00Z
    #[arg(long, global = true, value_name = "INSTANTE", conflicts_with = "as_of")]
    pub now: Option<Timestamp>,
    /// El día que se mira: hechos hasta su final; una corrida, a la hora de la empresa
    #[arg(long, global = true, value_name = "FECHA")]
    pub as_of: Option<Date>,
    /// Archivo de configuración (si no se dice: puntual.toml, cuando existe)
    #[arg(long, global = true, env = "PUNTUAL_CONFIG", value_name = "ARCHIVO")]
    pub config: Option<PathBuf>,
    /// Quién hace el cambio; queda en el historial
    #[arg(long, global = true, env = "PUNTUAL_AUTHOR", value_name = "NOMBRE")]
    pub author: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Table,
    Json,
    Jsonl,
    Csv,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Una empresa de ejemplo, que vive sus últimos meses día por día en su propia base de datos
    ///
    /// La base de datos es puntual-demo.db, si no se dice otra vacía con --db. Los clientes no
    /// existen. Los mensajes quedan en la carpeta puntual-demo-outbox: no sale ninguno.
    Demo(DemoArgs),
    /// Abre la consola y las páginas de los clientes en un navegador
    Serve(ServeArgs),
    /// Lee archivos de clientes, documentos y pagos (CSV, XLSX, XLS, ODS) y estados de cuenta del
    /// banco
    Import(ImportArgs),
    /// Lee estados de cuenta del banco y aplica cada movimiento a lo que paga; lo dudoso lo propone
    Reconcile(ImportArgs),
    /// Conciliaciones: lo que el banco dice que entró y qué documentos paga
    #[command(subcommand)]
    Matches(MatchesCommand),
    /// Decide qué se hace hoy con cada cliente, y lo deja planeado
    Run {
        /// Decide y no escribe nada
        #[arg(long)]
        dry_run: bool,
        /// Todas las empresas de la base de datos, una parte de cada una por turno
        #[arg(long, conflicts_with = "company")]
        all_companies: bool,
    },
    /// Envía lo que ya toca, después de volver a mirar los hechos
    Dispatch {
        /// Un solo lote; si no, hasta que no quede nada por enviar
        #[arg(long)]
        once: bool,
        /// Carpeta de mensajes, en vez del servidor de correo
        #[arg(long, value_name = "CARPETA")]
        outbox: Option<PathBuf>,
    },
    /// Por qué se le escribe, o no, a un cliente
    Why {
        /// Clave del cliente
        customer: String,
    },
    /// Pagos
    #[command(subcommand)]
    Payment(PaymentCommand),
    /// Promesas de pago
    #[command(subcommand)]
    Promise(PromiseCommand),
    /// Mensajes de los clientes
    #[command(subcommand)]
    Message(MessageCommand),
    /// Lo que los clientes dicen sobre que se les escriba
    #[command(subcommand)]
    Consent(ConsentCommand),
    /// Llamadas, visitas y cartas de personas: si la ley las permite, y su registro
    #[command(subcommand)]
    Contact(ContactCommand),
    /// Lo que la ley pregunta de un cliente
    #[command(subcommand)]
    Customer(CustomerCommand),
    /// El buzón al que responden los clientes
    #[command(subcommand)]
    Mail(MailCommand),
    /// Los datos de una persona: verlos todos, borrarlos, saber cuáles ya no hay que conservar
    #[command(subcommand)]
    Privacy(PrivacyCommand),
    /// Retenciones: lo que no se cobra por un tiempo
    #[command(subcommand)]
    Hold(HoldCommand),
    /// Empresas
    #[command(subcommand)]
    Company(CompanyCommand),
    /// Lo que cuesta pagar tarde
    #[command(subcommand)]
    Charges(ChargesCommand),
    /// Tasas e índices publicados, de los que dependen los recargos
    #[command(subcommand)]
    Rates(RatesCommand),
    /// Dice si unos textos cumplen la ley: lee y contesta líneas de JSON, sin base de datos
    ///
    /// Cada línea lleva id, text y channel; lang (es-CL) dice el país. Con country o facts (como en
    /// law check) se revisa también lo que el mensaje está obligado a decir.
    CheckMessage {
        /// Archivo de líneas de JSON; si no se dice, la entrada estándar
        file: Option<PathBuf>,
    },
    /// Usuarios de la consola
    #[command(subcommand)]
    User(UserCommand),
    /// Políticas de cobranza
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// La ley: preguntas, reglas en vigor y sus cambios
    #[command(subcommand)]
    Law(LawCommand),
    /// Filas que no se pudieron leer
    #[command(subcommand)]
    Quarantine(QuarantineCommand),
    /// Cifras, con las filas que las sostienen
    #[command(subcommand)]
    Report(ReportCommand),
    /// Lo que hay, línea por línea en JSON
    Export {
        #[arg(value_enum)]
        what: What,
    },
    /// Constancias: por qué se hizo o no cada contacto, y la cadena que las protege
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Tareas que esperan a una persona
    Tasks,
    /// Guarda una copia de la base de datos
    Backup {
        /// Archivo de la copia
        to: PathBuf,
        /// Reemplaza un archivo que ya existe
        #[arg(long)]
        overwrite: bool,
    },
    /// Vuelve a poner una copia
    Restore {
        /// Archivo de la copia
        from: PathBuf,
        /// Reemplaza una base de datos que ya existe
        #[arg(long)]
        overwrite: bool,
    },
}

#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Qué empresa: una distribuidora mexicana, servicios en Chile o crédito al consumo en Colombia
    #[arg(long, value_enum, default_value_t = DemoKind::Distribuidor)]
    pub kind: DemoKind,
    /// De dónde sale todo el azar: con el mismo número y los mismos días, la misma empresa
    #[arg(long, default_value_t = 1, value_name = "NÚMERO")]
    pub seed: u64,
    /// Cuántos documentos tiene en dos años, más o menos
    #[arg(long, default_value_t = 4_000, value_name = "NÚMERO",
        value_parser = clap::value_parser!(u32).range(100..=1_000_000))]
    pub documents: u32,
    /// Cuántos meses se viven; los anteriores se importan como historia
    #[arg(long, default_value_t = 3, value_name = "NÚMERO",
        value_parser = clap::value_parser!(u8).range(1..=12))]
    pub months: u8,
    /// Hace de nuevo la base de datos del ejemplo, si es un archivo que solo tiene el ejemplo
    #[arg(long)]
    pub fresh: bool,
    /// En qué puerto de esta máquina se abre la consola
    #[arg(long, default_value_t = 8080, value_name = "NÚMERO")]
    pub port: u16,
    /// Cuenta lo que pasó y termina, sin abrir la consola
    #[arg(long)]
    pub no_serve: bool,
}

#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Dónde escucha (si no se dice: puntual.toml, o 127.0.0.1:8080)
    #[arg(long, value_name = "DIRECCIÓN:PUERTO")]
    pub listen: Option<std::net::SocketAddr>,
    /// Carpeta de mensajes, en vez del servidor de correo
    #[arg(long, value_name = "CARPETA")]
    pub outbox: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DemoKind {
    Distribuidor,
    Servicios,
    Credito,
}

impl DemoKind {
    /// As it is simulated.
    pub const fn kind(self) -> simulator::Kind {
        match self {
            Self::Distribuidor => simulator::Kind::Distributor,
            Self::Servicios => simulator::Kind::Services,
            Self::Credito => simulator::Kind::Lender,
        }
    }
}

#[derive(Debug, Args)]
pub struct ImportArgs {
    /// Archivos
    #[arg(required = true, value_name = "ARCHIVO")]
    pub files: Vec<PathBuf>,
    /// Dice qué haría; no toca ninguna base de datos
    #[arg(long)]
    pub dry_run: bool,
    /// Qué son las filas, cuando el archivo no lo deja ver
    #[arg(long, value_enum)]
    pub kind: Option<Kind>,
    /// Orden de día y mes, cuando las columnas no lo dejan ver
    #[arg(long, value_enum)]
    pub dates: Option<Dates>,
    /// Marca de decimales, cuando las columnas no la dejan ver
    #[arg(long, value_enum)]
    pub decimal: Option<Mark>,
    /// La hoja que se lee
    #[arg(long, value_name = "HOJA")]
    pub sheet: Option<String>,
    /// País de la empresa, si esta importación la crea
    #[arg(long, value_parser = country)]
    pub country: Option<Country>,
    /// Moneda de los importes que no dicen la suya
    #[arg(long)]
    pub currency: Option<Currency>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Kind {
    Customers,
    Documents,
    Payments,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Dates {
    /// Día, mes, año
    Dmy,
    /// Mes, día, año
    Mdy,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Mark {
    /// 1,234.56
    Point,
    /// 1.234,56
    Comma,
}

#[derive(Debug, Subcommand)]
pub enum ChargesCommand {
    /// Los recargos de un cliente, línea por línea, al día de --as-of
    Show {
        /// Clave del cliente
        customer: String,
    },
    /// Anota los recargos del último mes terminado en notas de débito, donde la política lo dice
    Book {
        /// Solo dice qué notas haría
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Debug, Subcommand)]
pub enum RatesCommand {
    /// Lee un archivo CSV con columnas series, date, value y, si se quiere, source
    Import {
        /// Archivo
        file: PathBuf,
        /// De dónde salen los valores que no dicen su fuente
        #[arg(long)]
        source: Option<String>,
    },
    /// El último valor de cada tasa, o los de una
    List {
        /// Nombre de la tasa, p. ej. UF
        series: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub enum MatchesCommand {
    /// Las propuestas que esperan a una persona, de mayor a menor importe
    List {
        /// Las ya decididas: aplicadas, aceptadas, rechazadas y deshechas
        #[arg(long)]
        decided: bool,
    },
    /// Acepta una propuesta: registra el pago y lo aplica
    Accept {
        /// Su clave, como la muestra `puntual matches list`
        id: MatchId,
    },
    /// Rechaza una propuesta; no se vuelve a hacer
    Refuse {
        /// Su clave
        id: MatchId,
    },
    /// Deshace una conciliación aplicada o aceptada; no se vuelve a hacer
    Undo {
        /// Su clave, como la muestra `puntual matches list --decided`
        id: MatchId,
    },
    /// Vuelve a buscar qué pagan los movimientos que esperan
    Retry,
}

#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Crea un usuario con un lugar en la empresa, y muestra el enlace para elegir su contraseña
    Add {
        /// Correo
        email: String,
        /// Nombre; si no se dice, lo que el correo lleva antes de la arroba
        #[arg(long, default_value = "", hide_default_value = true)]
        name: String,
        /// admin, manager, collector o auditor
        #[arg(long, value_parser = role)]
        role: Role,
        /// Puede crear otras empresas
        #[arg(long)]
        founder: bool,
    },
    /// Quiénes trabajan en la empresa
    List,
    /// Un enlace para que alguien elija otra contraseña: sirve una vez, durante una hora
    ResetLink {
        /// Correo
        email: String,
    },
}

#[derive(Debug, Subcommand)]
pub enum CompanyCommand {
    /// Crea una empresa
    Add {
        /// Nombre corto, único
        name: String,
        /// Nombre legal
        #[arg(long)]
        legal_name: Option<String>,
        /// País; si no se dice, MX
        #[arg(long, value_parser = country)]
        country: Option<Country>,
        /// Moneda; si no se dice, la del país
        #[arg(long)]
        currency: Option<Currency>,
        /// Zona horaria; si no se dice, la del país
        #[arg(long)]
        zone: Option<String>,
        /// Idioma de los mensajes, p. ej. es-CL
        #[arg(long)]
        language: Option<String>,
    },
    /// Cambia lo que la empresa define o declara: NOMBRE=VALOR; sin nada, lo muestra
    Set {
        /// p. ej. sender.address=cobranza@empresa.mx, creditor=supplier
        #[arg(value_name = "NOMBRE=VALOR", value_parser = change)]
        changes: Vec<(String, String)>,
    },
}

#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Las políticas que hay
    List,
    /// Explica una política en español: para el personal, o «Cómo cobramos» para los clientes
    Show {
        /// Clave o archivo; si no se dice, la que está en uso
        policy: Option<String>,
        /// La página para los clientes
        #[arg(long)]
        customers: bool,
        /// El texto de la política, para editarlo
        #[arg(long, conflicts_with = "customers")]
        source: bool,
    },
    /// Revisa un archivo de política y dice cada error con su línea
    Check {
        /// Archivo
        file: PathBuf,
    },
    /// Pone una política en uso
    Use {
        /// Clave o archivo
        policy: String,
    },
}

#[derive(Debug, Subcommand)]
pub enum QuarantineCommand {
    /// Las filas que esperan
    List,
    /// Corrige una fila y la vuelve a leer
    Fix {
        /// Clave de la fila
        id: String,
        /// Columna y texto nuevo; se puede repetir
        #[arg(long = "set", required = true, value_name = "COLUMNA=TEXTO", value_parser = change)]
        cells: Vec<(String, String)>,
    },
    /// Vuelve a leer todas
    Retry,
}

#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Recorre la cadena completa y nombra lo cambiado, lo que falta, lo agregado y lo movido
    ///
    /// Sin --company, la de todas las empresas. Termina con 1 si algo no coincide.
    Verify {
        /// Archivo con cabezas guardadas afuera, una por línea; se puede repetir
        #[arg(long = "anchor", value_name = "ARCHIVO")]
        anchors: Vec<PathBuf>,
    },
    /// La cabeza de la cadena, para guardarla fuera de esta máquina
    Head,
    /// La constancia de una gestión, o todas las de un cliente
    Show {
        /// Clave de la gestión, como la muestra `puntual export contacts`
        #[arg(required_unless_present = "customer")]
        contact: Option<String>,
        /// Todas las del cliente de esta clave
        #[arg(long, value_name = "CLAVE", conflicts_with = "contact")]
        customer: Option<String>,
        /// Escribe la constancia en un archivo PDF
        #[arg(long, value_name = "ARCHIVO")]
        pdf: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub enum ReportCommand {
    /// Antigüedad de saldos
    Ageing,
    /// DSO en cuatro formas, CEI, tasa de vencido, % de clientes gestionados
    Kpi {
        /// Días de la ventana
        #[arg(long, default_value_t = engine::reports::WINDOW_DAYS)]
        days: u16,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum What {
    Contacts,
    Decisions,
    Documents,
    Customers,
    Payments,
    Promises,
    Threads,
}

fn role(text: &str) -> Result<Role, String> {
    text.parse().map_err(|_| {
        format!("«{text}» no es un papel; escriba admin, manager, collector o auditor")
    })
}

fn country(text: &str) -> Result<Country, String> {
    Country::new(text).ok_or_else(|| format!("«{text}» no es un código de dos letras, como MX"))
}

pub(super) fn change(text: &str) -> Result<(String, String), String> {
    let (name, value) = text
        .split_once('=')
        .ok_or_else(|| format!("«{text}»: escriba NOMBRE=VALOR"))?;
    Ok((name.trim().to_owned(), value.to_owned()))
}
