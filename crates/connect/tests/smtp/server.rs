//! The mail server of the tests: a Python process with one bad habit each.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use connect::channels::{Security, Smtp, SmtpConfig};
use serde_json::Value;

const PYTHON: &str = "/usr/bin/python3";

/// A server of one scenario; it ends with the test.
pub struct Server {
    process: Child,
    port: u16,
    pub folder: tempfile::TempDir,
    certificate: Option<PathBuf>,
}

impl Server {
    /// `None` when this machine lacks the server, and that is allowed.
    pub fn start(scenario: &str) -> Option<Self> {
        Self::start_with(scenario, false)
    }

    pub fn start_with(scenario: &str, tls: bool) -> Option<Self> {
        if !available() {
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/smtp_server.py");
        let mut command = Command::new(PYTHON);
        command.arg(script).arg(scenario).arg(folder.path());
        let certificate = tls.then(|| {
            let (certificate, key) = self_signed(folder.path());
            command.arg(&certificate).arg(key);
            certificate
        });
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut line = String::new();
        let out = process.stdout.take().expect("its output");
        BufReader::new(out).read_line(&mut line).expect("its port");
        let port = line
            .trim()
            .strip_prefix("PORT ")
            .and_then(|port| port.parse().ok());
        Some(Self {
            process,
            port: port.unwrap_or_else(|| panic!("no port in `{line}`")),
            folder,
            certificate,
        })
    }

    pub fn config(&self) -> SmtpConfig {
        let security = match self.certificate {
            Some(_) => Security::Starttls,
            None => Security::None {
                allow_remote: false,
            },
        };
        let root = self
            .certificate
            .as_ref()
            .map(|path| std::fs::read(path).expect("a PEM"));
        SmtpConfig {
            security,
            timeout_seconds: 5,
            answer_timeout_seconds: 5,
            extra_root_pem: root,
            ..SmtpConfig::new("localhost", self.port)
        }
    }

    pub fn smtp(&self) -> Smtp {
        Smtp::new(self.config()).expect("settings")
    }

    pub fn bytes(&self, number: u32) -> Vec<u8> {
        std::fs::read(self.folder.path().join(format!("{number}.eml"))).expect("a message")
    }

    pub fn seen(&self, number: u32) -> Value {
        let path = self.folder.path().join(format!("{number}.json"));
        serde_json::from_slice(&std::fs::read(path).expect("a message")).expect("JSON")
    }

    pub fn taken(&self) -> usize {
        (1_u32..)
            .take_while(|n| self.folder.path().join(format!("{n}.json")).exists())
            .count()
    }

    pub fn connections(&self) -> usize {
        std::fs::read(self.folder.path().join("connections")).map_or(0, |marks| marks.len())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().expect("the server ends");
        self.process.wait().expect("the server has ended");
    }
}

fn available() -> bool {
    let probe = Command::new(PYTHON)
        .args(["-c", "import aiosmtpd"])
        .stderr(Stdio::null())
        .status();
    if probe.is_ok_and(|status| status.success()) {
        return true;
    }
    let required = std::env::var("PUNTUAL_REQUIRE_ALL").is_ok_and(|value| value == "1");
    assert!(
        !required,
        "aiosmtpd is missing: apt-get install python3-aiosmtpd"
    );
    eprintln!("skipped: no mail server to test with (apt-get install python3-aiosmtpd)");
    false
}

/// A certificate for `localhost`, new for each test.
fn self_signed(folder: &Path) -> (PathBuf, PathBuf) {
    let (certificate, key) = (folder.join("cert.pem"), folder.join("key.pem"));
    let status = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
        ])
        .args(["-nodes", "-days", "2", "-subj", "/CN=localhost"])
        .args(["-addext", "subjectAltName=DNS:localhost"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .stderr(Stdio::null())
        .status()
        .expect("openssl, to make a certificate");
    assert!(status.success(), "openssl made no certificate");
    (certificate, key)
}
