//! `puntual law check`: questions to the law line by line, each answered as it comes.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::Path;
use std::process::ExitCode;

use domain::law::{Packs, Scenario};
use serde::Serialize;
use serde_json::Value;

use crate::failure::{FAILED, Failure};
use crate::output;

/// What is answered to a line that is no question.
#[derive(Serialize)]
struct Unasked {
    id: Value,
    error: String,
}

/// Answers every line of a file, or of standard input.
pub fn check(packs: &Packs, file: Option<&Path>) -> Result<ExitCode, Failure> {
    let source: Box<dyn Read> = match file {
        Some(path) if path != Path::new("-") => {
            let opened = File::open(path);
            Box::new(opened.map_err(|error| {
                Failure::new(format!("no se pudo leer {}: {error}", path.display()))
            })?)
        }
        _ => Box::new(io::stdin().lock()),
    };
    let answered_all = answer(packs, source, io::stdout().lock())?;
    Ok(if answered_all {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(FAILED)
    })
}

/// Answers line by line; `false` when a line could not be answered.
fn answer(packs: &Packs, source: impl Read, out: impl Write) -> Result<bool, Failure> {
    let mut source = BufReader::with_capacity(1 << 16, source);
    let mut out = BufWriter::with_capacity(1 << 16, out);
    let (mut line, mut number, mut answered_all) = (Vec::new(), 0_u64, true);
    loop {
        if source.buffer().is_empty() {
            // Who asks one question at a time waits for its answer.
            out.flush()?;
        }
        line.clear();
        if source.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        number += 1;
        if line.trim_ascii().is_empty() {
            continue;
        }
        match one(packs, &line) {
            Ok(answer) => output::line(&mut out, &answer)?,
            Err(reason) => {
                answered_all = false;
                let unasked = Unasked {
                    id: id_of(&line),
                    error: format!("línea {number}: {reason}"),
                };
                output::line(&mut out, &unasked)?;
            }
        }
    }
    out.flush()?;
    Ok(answered_all)
}

fn one(packs: &Packs, line: &[u8]) -> Result<domain::law::Answer, String> {
    let scenario: Scenario = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    scenario.check(packs).map_err(|error| error.to_string())
}

fn id_of(line: &[u8]) -> Value {
    let value: Result<Value, _> = serde_json::from_slice(line);
    value.map_or(Value::Null, |mut value| value["id"].take())
}
