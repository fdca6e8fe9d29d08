//! How far the work is, on standard error: a bar on a terminal; elsewhere a line now and then,
//! where silence would look like a standstill.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use engine::{daily_run, imports};
use indicatif::{ProgressBar, ProgressStyle};
use store::Filling;

use crate::output;

/// Counts what is behind us.
pub struct Bar(ProgressBar);

impl Bar {
    /// A bar that counts these; nothing where nobody looks.
    pub fn new(what: &str) -> Self {
        if !std::io::stderr().is_terminal() {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::new_spinner();
        let template = format!("{{spinner}} {{msg}} {{human_pos}} {what}");
        if let Ok(style) = ProgressStyle::with_template(&template) {
            bar.set_style(style);
        }
        Self(bar)
    }

    /// Says what is at work.
    pub fn name(&self, name: &str) {
        self.0.set_message(name.to_owned());
    }

    /// So much is behind us.
    pub fn set(&self, done: u64) {
        self.0.set_position(done);
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.0.finish_and_clear();
    }
}

impl imports::Progress for Bar {
    fn rows(&mut self, done: u64) {
        self.0.set_position(done);
    }
}

impl daily_run::Progress for Bar {
    fn customers(&mut self, done: u64) {
        self.0.set_position(done);
    }
}

/// How often a line says how far an older database is, where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// Tells how far an older database is brought up; nothing for one that need not be.
pub struct BringingUp {
    bar: Option<ProgressBar>,
    last_line: Option<Instant>,
}

impl BringingUp {
    /// Silent as yet.
    pub const fn new() -> Self {
        Self {
            bar: None,
            last_line: None,
        }
    }

    /// So far it is.
    pub fn tell(&mut self, filling: Filling) {
        let Filling { done, total } = filling;
        if std::io::stderr().is_terminal() {
            let bar = self.bar.get_or_insert_with(|| database_bar(total));
            // Work of another kind may follow, over other rows.
            bar.set_length(total);
            bar.set_position(done);
            return;
        }
        let now = Instant::now();
        let is_due = |last: Instant| now.duration_since(last) >= LINE_EVERY;
        if self.last_line.is_none_or(is_due) || done == total {
            output::notice(&format!(
                "Se prepara la base de datos para esta versión: {done} de {total} filas"
            ));
            self.last_line = Some(now);
        }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn database_bar(total: u64) -> ProgressBar {
    let bar = ProgressBar::new(total);
    let template = "Se prepara la base de datos {wide_bar} {human_pos} de {human_len}, {eta}";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}
