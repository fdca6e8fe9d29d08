//! `puntual import`: files in.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use engine::imports::{self, ImportReport, PaperSource, Source, TableRead};
use engine::{Company, Engine, FIRST_COMPANY, NewCompany};
use formats::amount::DecimalMark;
use formats::date::DateOrder;
use formats::spreadsheet::{Entity, Options};

use super::progress::Bar;
use crate::args::{Dates, ImportArgs, Kind, Mark};
use crate::failure::{FAILED, Failure, QUARANTINED};
use crate::output::{self, Rows};
use crate::session::Session;

/// Folders within folders that are looked into.
const FOLDER_DEPTH_MAX: u8 = 8;
/// Endings of spreadsheets; in a folder other files are passed over.
const TABLES: [&str; 7] = ["csv", "tsv", "txt", "xlsx", "xlsm", "xls", "ods"];

/// Reads files into the ledger, or says what it would do.
pub async fn import(session: &Session, args: ImportArgs) -> Result<ExitCode, Failure> {
    let files = Files::of(&args.files)?;
    let sources = files.tables.iter().map(|path| Source {
        path,
        options: options(&args),
        title: None,
    });
    let sources = imports::order(sources.collect())?;
    let papers = files.papers();
    let mut bar = Bar::new("filas");
    let mut report = ImportReport::default();
    report.warnings.extend(files.passed_over());
    if args.dry_run {
        for source in &sources {
            report.add(imports::dry_run(source, &mut bar)?);
        }
        if let Some(papers) = &papers {
            report.add(imports::dry_run_papers(papers, &mut bar)?);
        }
    } else {
        let engine = session.engine().await?;
        let company = first_company(
            session,
            &engine,
            &args,
            (sources.as_slice(), papers.as_ref()),
        )
        .await?;
        let author = session.author();
        for source in sources {
            bar.name(&source.path.display().to_string());
            report.add(engine.import(&company, source, &author, &mut bar).await?);
        }
        if let Some(papers) = papers {
            bar.name(&papers.title);
            let read = engine.import_papers(&company, papers, &author, &mut bar);
            report.add(read.await?);
        }
    }
    bar.finish();
    answer(session, &report, args.dry_run)?;
    if report.tables.is_empty() {
        // Every file was refused, for the reasons told above.
        return Ok(ExitCode::from(FAILED));
    }
    let quarantined = !report.quarantined.is_empty();
    Ok(if quarantined {
        ExitCode::from(QUARANTINED)
    } else {
        ExitCode::SUCCESS
    })
}

/// Files by how they are read.
#[derive(Default)]
struct Files {
    /// Spreadsheets.
    tables: Vec<PathBuf>,
    /// E-invoices.
    papers: Vec<PathBuf>,
    /// Files of folders that are neither.
    others: Vec<PathBuf>,
}

impl Files {
    /// Sorts what was named, and what lies in folders that were named.
    fn of(named: &[PathBuf]) -> Result<Self, Failure> {
        let mut files = Self::default();
        for path in named {
            if path.is_dir() {
                files.folder(path, 0)?;
            } else if imports::is_paper(path)? {
                files.papers.push(path.clone());
            } else {
                files.tables.push(path.clone());
            }
        }
        Ok(files)
    }

    fn folder(&mut self, folder: &Path, depth: u8) -> Result<(), Failure> {
        let mut inside: Vec<PathBuf> = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            inside.push(entry?.path());
        }
        inside.sort_unstable();
        for path in inside {
            if path.is_dir() {
                if depth < FOLDER_DEPTH_MAX {
                    self.folder(&path, depth + 1)?;
                }
                continue;
            }
            let ending = path
                .extension()
                .map(|it| it.to_string_lossy().to_lowercase());
            if imports::is_paper(&path)? {
                self.papers.push(path);
            } else if ending.is_some_and(|it| TABLES.contains(&it.as_str())) || is_bank(&path)? {
                self.tables.push(path);
            } else {
                self.others.push(path);
            }
        }
        Ok(())
    }

    /// All e-invoices, read as one.
    fn papers(&self) -> Option<PaperSource> {
        let name = |path: &PathBuf| path.file_name().map(|it| it.to_string_lossy().into_owned());
        let first = name(self.papers.first()?)?;
        let title = match self.papers.len() {
            1 => first,
            count => format!("{first} y {} comprobantes más", count - 1),
        };
        Some(PaperSource {
            paths: self.papers.clone(),
            title,
        })
    }

    fn passed_over(&self) -> Option<String> {
        let first = self.others.first()?;
        let count = self.others.len();
        Some(format!(
            "se pasaron por alto {count} archivos que no son tablas ni comprobantes, como {}",
            first.display()
        ))
    }
}

/// Whether a file is a bank statement.
fn is_bank(path: &Path) -> Result<bool, Failure> {
    let source = Source {
        path,
        options: Options::default(),
        title: None,
    };
    Ok(imports::is_statement(&source)?)
}

/// The company of the database; the first import makes it from what the files tell.
pub(super) async fn first_company(
    session: &Session,
    engine: &Engine,
    args: &ImportArgs,
    (sources, papers): (&[Source<'_>], Option<&PaperSource>),
) -> Result<Company, Failure> {
    let named = session
        .global
        .company
        .as_deref()
        .or(session.config.company.as_deref());
    if let Some(company) = engine.company(named).await? {
        return Ok(company);
    }
    let mut guess = imports::guess(sources)?;
    if let Some(papers) = papers {
        let told = imports::guess_papers(papers)?;
        guess.country = guess.country.or(told.country);
        guess.currency = guess.currency.or(told.currency);
    }
    let new = NewCompany {
        name: FIRST_COMPANY.to_owned(),
        country: args.country.or(guess.country),
        currency: args.currency.or(guess.currency),
        ..NewCompany::default()
    };
    let company = engine.add_company(new, &session.author()).await?;
    output::notice(&format!(
        "Se creó la empresa «{}»: país {}, moneda {}, política «{}».",
        company.name, company.country, company.currency, company.policy.name
    ));
    Ok(company)
}

pub(super) fn options(args: &ImportArgs) -> Options {
    Options {
        entity: args.kind.map(|kind| match kind {
            Kind::Customers => Entity::Customers,
            Kind::Documents => Entity::Documents,
            Kind::Payments => Entity::Payments,
        }),
        date_order: args.dates.map(|dates| match dates {
            Dates::Dmy => DateOrder::DayFirst,
            Dates::Mdy => DateOrder::MonthFirst,
        }),
        decimal_mark: args.decimal.map(|mark| match mark {
            Mark::Point => DecimalMark::Point,
            Mark::Comma => DecimalMark::Comma,
        }),
        currency: args.currency,
        assumed_currency: None,
        sheet: args.sheet.clone(),
        mappings: Vec::new(),
    }
}

fn answer(session: &Session, report: &ImportReport, dry: bool) -> Result<(), Failure> {
    for warning in &report.warnings {
        output::notice(&format!("Aviso: {warning}"));
    }
    session
        .output
        .answer(report, || text(report, dry), || quarantined(report))
}

fn text(report: &ImportReport, dry: bool) -> String {
    let mut rows = Rows::new(&["", "nuevos", "cambiados", "iguales"]);
    for (entity, counts) in &report.by_entity {
        rows.push([
            name(entity).to_owned(),
            counts.created.to_string(),
            counts.updated.to_string(),
            counts.unchanged.to_string(),
        ]);
    }
    let mut text = String::new();
    if dry {
        for table in report.tables.iter().filter(|it| !it.columns.is_empty()) {
            text.push_str(&columns(table));
        }
    }
    text.push_str(&format!("Filas leídas: {}\n", report.read));
    if !rows.rows.is_empty() {
        text.push_str(&output::table(&rows));
        text.push('\n');
    }
    if report.applied > 0 {
        text.push_str(&format!("Pagos aplicados por regla: {}\n", report.applied));
    }
    if !report.quarantined.is_empty() {
        text.push_str(&format!("En cuarentena: {}\n", report.quarantined.len()));
        text.push_str(&output::table(&quarantined(report)));
        text.push('\n');
        if !dry {
            text.push_str("Corríjalas con `puntual quarantine list` y `puntual quarantine fix`.\n");
        }
    }
    if dry {
        text.push_str("Simulación: no se guardó nada.\n");
    }
    text
}

/// How the columns of a table are read.
fn columns(table: &TableRead) -> String {
    let sheet = table
        .sheet
        .as_ref()
        .map_or(String::new(), |sheet| format!(" [{sheet}]"));
    let mut rows = Rows::new(&["columna", "se lee como"]);
    for (name, field) in &table.columns {
        let meaning = field.map_or("se guarda como está".to_owned(), str::to_owned);
        rows.push([name.clone(), meaning]);
    }
    let entity = name(table.entity);
    format!(
        "{}{sheet}: {entity}\n{}\n",
        table.file,
        output::table(&rows)
    )
}

fn quarantined(report: &ImportReport) -> Rows {
    let mut rows = Rows::new(&["archivo", "fila", "columna", "motivo"]);
    for row in &report.quarantined {
        rows.push([
            row.file.clone(),
            row.row.map(|row| row.to_string()).unwrap_or_default(),
            row.field.clone(),
            row.reason.clone(),
        ]);
    }
    rows
}

fn name(entity: &str) -> &str {
    match entity {
        "customers" => "clientes",
        "contact_points" => "medios de contacto",
        "documents" => "documentos",
        "payments" => "pagos",
        "applications" => "aplicaciones",
        "bank_transactions" => "movimientos del banco",
        "holds" => "retenciones",
        "document_events" => "sucesos de documentos",
        "references" => "referencias entre documentos",
        "files" => "archivos originales",
        "einvoices" => "comprobantes electrónicos",
        other => other,
    }
}
