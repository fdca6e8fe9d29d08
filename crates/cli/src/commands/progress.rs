//! A progress bar on standard error, on a terminal only.

use std::io::IsTerminal;

use engine::{daily_run, imports};
use indicatif::{ProgressBar, ProgressStyle};

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
