//! A real browser in tests: Chromium without a window, driven over the W3C WebDriver protocol.
//!
//! A [`Driver`] is the driver's process, a [`Tab`] one browser with a profile of its own: another
//! person, another screen, with or without JavaScript. What a test asks for and the page does not
//! have is a panic that says what was wanted, where, and what the page shows instead.

mod axe;
mod tab;
mod walk;
mod wire;

use std::fs::File;
use std::io::Write;
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use tempfile::TempDir;

pub use axe::Violation;
pub use tab::{Key, Tab};
pub use walk::{Walked, route_of, walk};

use crate::postgres::REQUIRE_ALL_VARIABLE;

/// How long the driver may take to start.
const START_WITHIN: Duration = Duration::from_secs(60);

/// How long it may take to end; a browser busy with a script that never ends keeps it.
const END_WITHIN: Duration = Duration::from_secs(5);

/// A width at which the console is worked with, and its height.
pub const DESK: (u32, u32) = (1280, 800);
/// The narrowest phone that must do.
pub const PHONE: (u32, u32) = (360, 740);

/// How a browser shows pages.
#[derive(Clone, Debug)]
pub struct Look {
    /// Width and height of the page, in pixels of CSS.
    pub size: (u32, u32),
    /// Whether its owner asked for dark pages.
    pub is_dark: bool,
    /// Whether scripts run.
    pub has_scripts: bool,
    /// The language it asks for.
    pub language: &'static str,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            size: DESK,
            is_dark: false,
            has_scripts: true,
            language: "es-MX",
        }
    }
}

impl Look {
    /// A cheap phone.
    pub fn phone() -> Self {
        Self {
            size: PHONE,
            ..Self::default()
        }
    }

    /// The same without scripts.
    #[must_use]
    pub fn without_scripts(self) -> Self {
        Self {
            has_scripts: false,
            ..self
        }
    }

    /// The same, dark.
    #[must_use]
    pub fn dark(self) -> Self {
        Self {
            is_dark: true,
            ..self
        }
    }
}

/// The driver's process; it and its browsers end when dropped.
#[derive(Debug)]
pub struct Driver {
    port: u16,
    process: Child,
    folder: TempDir,
    axe: Option<PathBuf>,
    opened: AtomicU32,
}

impl Driver {
    /// Starts one; `None`, with a line that says why, where the browser, its driver or axe is
    /// missing.
    ///
    /// # Panics
    /// When everything is required ([`REQUIRE_ALL_VARIABLE`]) and something is missing.
    pub fn start() -> Option<Self> {
        let missing = match Self::find().and_then(|()| Self::launch()) {
            Ok(driver) if driver.axe.is_some() => return Some(driver),
            Ok(_) => "axe.min.js is missing (`cargo xtask test --install` gets it)".to_owned(),
            Err(reason) => reason,
        };
        let is_required = std::env::var(REQUIRE_ALL_VARIABLE).as_deref() == Ok("1");
        assert!(!is_required, "{REQUIRE_ALL_VARIABLE} is 1, but {missing}");
        eprintln!("skipped in a browser: {missing}");
        None
    }

    /// Whether browser and driver are installed.
    ///
    /// # Errors
    /// The sentence says what is missing.
    pub fn find() -> Result<(), String> {
        for program in ["chromium", "chromedriver"] {
            let path = std::env::var_os("PATH").unwrap_or_default();
            if !std::env::split_paths(&path).any(|folder| folder.join(program).is_file()) {
                return Err(format!("{program} is not installed"));
            }
        }
        Ok(())
    }

    fn launch() -> Result<Self, String> {
        let failed = |error| format!("chromedriver did not start: {error}");
        let folder = tempfile::tempdir().map_err(failed)?;
        let said = folder.path().join("driver.log");
        let log = File::create(&said).map_err(failed)?;
        let mut command = Command::new("chromedriver");
        command.arg("--port=0").stdin(Stdio::null());
        command.stdout(log.try_clone().map_err(failed)?).stderr(log);
        let mut process = command.spawn().map_err(failed)?;
        let Some(port) = announced_port(&said) else {
            let _ignored = process.kill();
            return Err("chromedriver did not say its port".to_owned());
        };
        Ok(Self {
            port,
            process,
            folder,
            axe: axe::script(),
            opened: AtomicU32::new(0),
        })
    }

    /// A browser with an empty profile.
    ///
    /// # Panics
    /// When it does not open.
    pub async fn open(&self, look: &Look) -> Tab {
        let number = self.opened.fetch_add(1, Ordering::Relaxed);
        let profile = self.folder.path().join(format!("profile-{number}"));
        let scripts = if look.has_scripts { 1 } else { 2 };
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:loggingPrefs": { "browser": "ALL" },
            "goog:chromeOptions": {
                "args": [
                    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
                    "--disable-background-networking", "--disable-component-update",
                    "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars",
                    "--force-color-profile=srgb",
                    format!("--window-size={},{}", look.size.0.max(600), look.size.1 + 150),
                    format!("--user-data-dir={}", profile.display()),
                ],
                "prefs": {
                    "profile.managed_default_content_settings.javascript": scripts,
                    "intl.accept_languages": look.language,
                },
            },
        } } });
        let opened = wire::command(self.port, "POST", "/session", Some(&wanted)).await;
        let session = opened.expect("the browser opens");
        let id = session["sessionId"].as_str().expect("a session's name");
        let tab = Tab::new(self.port, id.to_owned(), self.axe.clone(), look);
        tab.dress(look).await;
        tab
    }

    /// A folder of this driver alone, for files to upload.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // It closes its browsers, which do not end with it.
        let asked = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).and_then(|mut stream| {
            let host = format!("Host: 127.0.0.1:{}", self.port);
            write!(
                stream,
                "GET /shutdown HTTP/1.1\r\n{host}\r\nConnection: close\r\n\r\n"
            )
        });
        let started = Instant::now();
        while asked.is_ok() && started.elapsed() < END_WITHIN {
            if matches!(self.process.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ignored = self.process.kill();
        let _ignored = self.process.wait();
        end_all_with(&self.folder.path().display().to_string());
    }
}

/// Ends the processes that were started with that text in their arguments.
fn end_all_with(text: &str) {
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let arguments = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        if String::from_utf8_lossy(&arguments).contains(text) {
            let _ignored = Command::new("kill").arg(entry.file_name()).status();
        }
    }
}

/// Reads the port from `… started successfully on port 41234.`
fn announced_port(log: &Path) -> Option<u16> {
    let started = Instant::now();
    while started.elapsed() < START_WITHIN {
        let said = std::fs::read_to_string(log).unwrap_or_default();
        let port = said.split_once("successfully on port ").map(|it| it.1);
        if let Some((port, _)) = port.and_then(|it| it.split_once('.')) {
            return port.parse().ok();
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    None
}
