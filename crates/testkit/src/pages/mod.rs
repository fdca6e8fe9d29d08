//! How long each page takes on a large database: the program as a process of its own, asked over
//! loopback by one browser at a time, each page warm, over many customers, orders and places.

mod addresses;
mod browser;
mod letters;

use std::io::{self, BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::processes::processor_time;
use crate::program::VARIABLES;
use browser::{Answer, Browser};

/// Requests measured of each kind of page, unless it has more addresses.
const REQUESTS: usize = 300;
/// How long nobody may have worked before measuring begins.
const QUIET: Duration = Duration::from_millis(1_500);
/// Longer than any figures take.
const QUIET_WITHIN: Duration = Duration::from_secs(1_200);
/// Processor time within [`QUIET`] that is no work.
const IDLE: Duration = Duration::from_millis(60);
/// The user who looks.
const USER: &str = "banco@pruebas.test";
const PASSWORD: &str = "veintiún páginas de prueba";

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Site<'a> {
    /// The program.
    pub program: &'a Path,
    /// The database, with a run behind it.
    pub url: &'a str,
    /// The instant that is taken for now.
    pub now: &'a str,
    /// The files of its portfolio.
    pub portfolio: &'a Path,
    /// Messages that were sent, with their links.
    pub letters: &'a Path,
    /// The database server's first process.
    pub server: Option<u32>,
}

/// Addresses of one kind of page, each with whose browser asks.
struct Group {
    face: &'static str,
    name: String,
    visits: Vec<(usize, String)>,
}

/// What each kind of page takes, in milliseconds and bytes, and the program's most memory.
///
/// # Errors
/// What the program, the network or a page said.
pub fn measure(site: Site<'_>) -> io::Result<Value> {
    let link = added_user(site)?;
    let serving = Serving::start(site)?;
    let mut browsers = vec![Browser::new(serving.address, 1)];
    let path = link.split_once("/link/").map(|(_, token)| token);
    let path = path.ok_or_else(|| io::Error::other(format!("no link in {link}")))?;
    sign_in(&mut browsers[0], path)?;
    // Figures of a large company are taken after they were first asked for.
    answered(&mut browsers[0], "/c/principal/home")?;
    serving.wait_until_quiet(site.server)?;
    let mut groups = addresses::console(&mut browsers[0], site.portfolio)?;
    groups.extend(letters::portal(
        &mut browsers,
        serving.address,
        site.letters,
    )?);
    let mut pages = Vec::new();
    for group in &groups {
        pages.push(one(&mut browsers, group)?);
    }
    Ok(json!({ "pages": pages, "peak_kib": serving.peak_kib()? }))
}

/// A page that must be there.
fn answered(browser: &mut Browser, path: &str) -> io::Result<String> {
    let answer = browser.get(path, false)?;
    expect(&answer, 200, path)?;
    Ok(answer.text())
}

fn expect(answer: &Answer, status: u16, path: &str) -> io::Result<()> {
    if answer.status == status {
        return Ok(());
    }
    let said = answer.status;
    let to = answer.location.as_deref().unwrap_or_default();
    Err(io::Error::other(format!("{path} answered {said} {to}")))
}

/// One kind of page: each address once to warm it, then all of them in turn.
fn one(browsers: &mut [Browser], group: &Group) -> io::Result<Value> {
    let mut plain = Vec::new();
    for (who, path) in &group.visits {
        plain.push(answered(&mut browsers[*who], path)?.len());
    }
    let count = REQUESTS.max(group.visits.len());
    let (mut spent, mut packed) = (Vec::new(), Vec::new());
    for (who, path) in group.visits.iter().cycle().take(count) {
        let answer = browsers[*who].get(path, true)?;
        expect(&answer, 200, path)?;
        packed.push(answer.body.len());
        spent.push((answer.spent, path));
    }
    spent.sort_unstable();
    packed.sort_unstable();
    plain.sort_unstable();
    let millis = |share: usize| spent[nearest(count, share)].0.as_secs_f64() * 1e3;
    Ok(json!({
        "face": group.face,
        "page": group.name,
        "requests": count,
        "addresses": group.visits.len(),
        "p50_ms": millis(50),
        "p99_ms": millis(99),
        "worst_ms": millis(100),
        "packed_bytes": packed[nearest(count, 50)],
        "bytes": plain[nearest(plain.len(), 50)],
        "slowest": spent[nearest(count, 99)].1,
    }))
}

/// The place of a percentile among so many, by nearest rank.
const fn nearest(count: usize, share: usize) -> usize {
    (count * share).div_ceil(100).saturating_sub(1)
}

fn program(site: Site<'_>) -> Command {
    let mut command = Command::new(site.program);
    for variable in VARIABLES {
        command.env_remove(variable);
    }
    command.current_dir(site.portfolio);
    command.stdin(Stdio::null());
    command
}

/// Makes the user who looks; the link to the password.
fn added_user(site: Site<'_>) -> io::Result<String> {
    let mut command = program(site);
    command.args(["user", "add", USER, "--role", "admin", "--format", "json"]);
    let output = command
        .args(["--db", site.url, "--now", site.now])
        .stderr(Stdio::inherit())
        .output()?;
    let said: Value = serde_json::from_slice(&output.stdout)?;
    let link = said["link"].as_str().map(str::to_owned);
    link.ok_or_else(|| io::Error::other(format!("no user was added: {said}")))
}

fn sign_in(browser: &mut Browser, token: &str) -> io::Result<()> {
    let password: String = PASSWORD.bytes().map(|it| format!("%{it:02X}")).collect();
    let path = format!("/link/{token}");
    let form = format!("password={password}&again={password}");
    expect(&browser.post(&path, &form)?, 303, &path)?;
    let form = format!("email={}&password={password}", USER.replace('@', "%40"));
    expect(&browser.post("/sign-in", &form)?, 303, "/sign-in")
}

/// The program, serving; it ends when dropped.
struct Serving {
    process: Child,
    address: SocketAddr,
}

impl Serving {
    fn start(site: Site<'_>) -> io::Result<Self> {
        let mut command = program(site);
        command.args(["serve", "--listen", "127.0.0.1:0"]);
        command.args(["--db", site.url, "--now", site.now]);
        let mut process = command.stderr(Stdio::piped()).spawn()?;
        let said = process.stderr.take();
        let mut lines = BufReader::new(said.ok_or_else(|| io::Error::other("no output"))?).lines();
        let address = lines.by_ref().find_map(|line| {
            let line = line.ok()?;
            line.split_once("http://")?.1.trim().parse().ok()
        });
        // What it says later goes on to our own output.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(|it| eprintln!("{it}")));
        let address = address.ok_or_else(|| io::Error::other("the program did not listen"))?;
        let serving = Self { process, address };
        let mut browser = Browser::new(address, 1);
        // A page says to wait while an older database is brought up.
        while browser.get("/sign-in", false)?.status == 503 {
            std::thread::sleep(QUIET);
        }
        Ok(serving)
    }

    /// Waits until neither the program nor the server works.
    fn wait_until_quiet(&self, server: Option<u32>) -> io::Result<()> {
        let worked = || -> io::Result<Duration> {
            let own = processor_time(self.process.id())?;
            let server = server.map(processor_time).transpose()?;
            Ok(own + server.unwrap_or_default())
        };
        let mut before = worked()?;
        let mut waited = Duration::ZERO;
        while waited < QUIET_WITHIN {
            std::thread::sleep(QUIET);
            waited += QUIET;
            let after = worked()?;
            if after.saturating_sub(before) < IDLE {
                return Ok(());
            }
            before = after;
        }
        Err(io::Error::other("the program never came to rest"))
    }

    /// The most memory it had at one time.
    fn peak_kib(&self) -> io::Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = peak.and_then(|it| it.split_whitespace().next()?.parse().ok());
        kib.ok_or_else(|| io::Error::other("the kernel does not tell the memory"))
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_percentile_is_one_of_the_values() {
        for (count, share, place) in [
            (300, 50, 149),
            (300, 99, 296),
            (300, 100, 299),
            (1, 50, 0),
            (1, 99, 0),
            (2, 50, 0),
        ] {
            assert_eq!(nearest(count, share), place, "{share} of {count}");
        }
    }
}
