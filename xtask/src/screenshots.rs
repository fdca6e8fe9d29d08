//! `cargo xtask screenshots`: a picture of every page of the example company, to be looked at.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use cargo_metadata::Metadata;

use crate::process::{self, cargo};

/// The day up to which the example is lived, so that pictures can be compared.
const DAY: &str = "2026-09-30";
/// Where the example is served.
const PORT: &str = "8769";
/// The example lives its months first.
const READY_WITHIN: Duration = Duration::from_secs(300);

/// Serves an example company and walks its pages; with words, only those with one in their route.
pub fn run(house: &Metadata, words: &[&str]) -> Result<(), String> {
    let root = house.workspace_root.as_std_path();
    let target = house.target_directory.as_std_path();
    process::run(&mut cargo(root, &["build", "--package", "cli", "--locked"]))?;
    let pictures = [
        "build",
        "--package",
        "web",
        "--example",
        "pictures",
        "--locked",
    ];
    process::run(&mut cargo(root, &pictures))?;
    let folder = target.join("screenshots");
    let home = folder.join("example");
    std::fs::create_dir_all(&home).map_err(|error| format!("{}: {error}", home.display()))?;
    let mut demo = Command::new(target.join("debug/puntual"));
    demo.current_dir(&home)
        .args(["demo", "--port", PORT, "--as-of", DAY])
        .env_remove("PUNTUAL_DB")
        .env_remove("PUNTUAL_CONFIG");
    let demo = demo.stdout(Stdio::null()).spawn();
    let mut demo = Served(demo.map_err(|error| format!("puntual demo: {error}"))?);
    let address = format!("http://127.0.0.1:{PORT}");
    demo.wait_until_ready(&address)?;
    let mut album = Command::new(target.join("debug/examples/pictures"));
    process::run(album.arg(address).arg(folder).args(words))
}

/// The example's process; it ends with us.
struct Served(Child);

impl Served {
    fn wait_until_ready(&mut self, address: &str) -> Result<(), String> {
        let started = Instant::now();
        while started.elapsed() < READY_WITHIN {
            if let Ok(Some(status)) = self.0.try_wait() {
                return Err(format!("puntual demo ended early: {status}"));
            }
            if asks_who_enters(address) {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(500));
        }
        Err(format!("puntual demo was not ready at {address} in time"))
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ignored = self.0.kill();
        let _ignored = self.0.wait();
    }
}

/// Whether the page of the way in is there, in place of the one that says to wait.
fn asks_who_enters(address: &str) -> bool {
    use std::io::{Read, Write};
    let page = || {
        let host = address.strip_prefix("http://")?;
        let mut stream = std::net::TcpStream::connect(host).ok()?;
        let request = format!("GET /sign-in HTTP/1.0\r\nHost: {host}\r\n\r\n");
        stream.write_all(request.as_bytes()).ok()?;
        let mut page = String::new();
        stream.read_to_string(&mut page).ok()?;
        Some(page)
    };
    page().is_some_and(|page| page.contains("/demo/enter"))
}
