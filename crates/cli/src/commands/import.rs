//! `puntual import`: files in.

use std::process::ExitCode;

use engine::imports::{self, ImportReport, Source, TableRead};
use engine::{Company, Engine, FIRST_COMPANY, NewCompany};
use formats::amount::DecimalMark;
use formats::date::DateOrder;
use formats::spreadsheet::{Entity, Options};

use super::progress::Bar;
use crate::args::{Dates, ImportArgs, Kind, Mark};
use crate::failure::{FAILED, Failure, QUARANTINED};
use crate::output::{self, Rows};
use crate::session::Session;

/// Reads files into the ledger, or says what it would do.
pub async fn import(session: &Session, args: ImportArgs) -> Result<ExitCode, Failure> {
    let sources: Vec<Source<'_>> = args
        .files
        .iter()
        .map(|path| Source {
            path,
            options: options(&args),
            title: None,
        })
        .collect();
    let sources = imports::order(sources)?;
    let mut bar = Bar::new("filas");
    let mut report = ImportReport::default();
    if args.dry_run {
        for source in &sources {
            report.add(imports::dry_run(source, &mut bar)?);
        }
    } else {
        let engine = session.engine().await?;
        let company = first_company(session, &engine, &args, &sources).await?;
        for source in sources {
            bar.name(&source.path.display().to_string());
            let author = session.author();
            report.add(engine.import(&company, source, &author, &mut bar).await?);
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

/// The company of the database; the first import makes it from what the files tell.
pub(super) async fn first_company(
    session: &Session,
    engine: &Engine,
    args: &ImportArgs,
    sources: &[Source<'_>],
) -> Result<Company, Failure> {
    let named = session
        .global
        .company
        .as_deref()
        .or(session.config.company.as_deref());
    if let Some(company) = engine.company(named).await? {
        return Ok(company);
    }
    let guess = imports::guess(sources)?;
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
        for table in &report.tables {
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
        other => other,
    }
}
