//! One private PostgreSQL for one test run: own folder, free port, loopback only, gone afterwards.

use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::process::{find, is_root, run_quietly};

const USER: &str = "puntual";
const START_SECONDS_MAX: u64 = 30;
const PORT_ATTEMPTS_MAX: u32 = 3;

/// The guard between us and the server. It waits on a pipe that only we hold open: when we end,
/// however that happens (return, panic, Ctrl-C, kill), the pipe closes and it stops the server and
/// removes the folder. `$1` is the folder, the rest is the server's command line.
const GUARD: &str = r#"
folder=$1; shift
"$@" >"$folder/log" 2>&1 </dev/null &
server=$!
read -r _ || :
kill -QUIT "$server" 2>/dev/null
wait "$server"
rm -rf "$folder"
"#;

/// A running server; it stops when this is dropped.
pub struct Cluster {
    guard: Child,
    port: u16,
    folder: String,
}

impl Cluster {
    /// Makes and starts a cluster with the programs in `programs` (`initdb`, `postgres`).
    ///
    /// Durability is off and anybody on this machine may connect: it holds nothing but tests.
    pub fn start(programs: &Path) -> Result<Self, String> {
        let mut last = String::new();
        for _ in 0..PORT_ATTEMPTS_MAX {
            // Another process may take the port between our look and the server's: try again.
            match Self::start_on(programs, free_port()?) {
                Ok(cluster) => return Ok(cluster),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// What the tests connect with.
    pub fn url(&self) -> String {
        format!("postgres://{USER}@127.0.0.1:{}/postgres", self.port)
    }

    fn start_on(programs: &Path, port: u16) -> Result<Self, String> {
        let folder = run_quietly(as_server("mktemp").args(["-d", "-t", "puntual-pg.XXXXXX"]))?;
        let data = format!("{folder}/data");
        let made = run_quietly(as_server(programs.join("initdb")).args([
            "--pgdata",
            &data,
            "--username",
            USER,
            "--auth=trust",
            "--locale=C",
            "--encoding=UTF8",
            "--no-sync",
        ]));
        if let Err(error) = made {
            run_quietly(as_server("rm").args(["-rf", &folder]))?;
            return Err(error);
        }
        let mut command = as_server("sh");
        command
            .args(["-c", GUARD, "guard", &folder])
            .arg(programs.join("postgres"));
        command.args(["-D", &data, "-h", "127.0.0.1", "-p", &port.to_string()]);
        for setting in [
            "unix_socket_directories=",
            "fsync=off",
            "synchronous_commit=off",
            "full_page_writes=off",
            "max_connections=300",
        ] {
            command.args(["-c", setting]);
        }
        // A group of its own: Ctrl-C must reach us, not the guard.
        command
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null());
        let guard = command
            .spawn()
            .map_err(|error| format!("postgres did not start: {error}"))?;
        let cluster = Self {
            guard,
            port,
            folder,
        };
        cluster.wait_until_ready()?;
        Ok(cluster)
    }

    fn wait_until_ready(&self) -> Result<(), String> {
        let deadline = Instant::now() + Duration::from_secs(START_SECONDS_MAX);
        loop {
            let log = std::fs::read_to_string(format!("{}/log", self.folder)).unwrap_or_default();
            if log.contains("ready to accept connections") {
                return Ok(());
            }
            if Instant::now() > deadline || log.contains("FATAL") {
                return Err(format!(
                    "PostgreSQL is not ready on port {}:\n{log}",
                    self.port
                ));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        if let Err(error) = self.guard.wait() {
            eprintln!(
                "the test PostgreSQL may still run on port {}: {error}",
                self.port
            );
        }
    }
}

/// The folder of PostgreSQL's server programs: in `PATH`, or where Debian puts them.
pub fn programs() -> Option<PathBuf> {
    if let Some(folder) = find("initdb").as_deref().and_then(Path::parent)
        && folder.join("postgres").is_file()
    {
        return Some(folder.to_owned());
    }
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut folders: Vec<(u32, PathBuf)> = versions
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .filter(|(_, folder)| folder.join("initdb").is_file() && folder.join("postgres").is_file())
        .collect();
    folders.sort();
    folders.pop().map(|(_, folder)| folder)
}

/// A command as the user the server runs as: PostgreSQL refuses to run as root.
fn as_server(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = if is_root() {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    // The caller's folder may be closed to the other user.
    command.current_dir("/");
    command
}

fn free_port() -> Result<u16, String> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| format!("no free port on 127.0.0.1: {error}"))
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;

    use super::*;

    #[test]
    fn a_cluster_answers_while_it_is_held_and_is_gone_afterwards() {
        let Some(programs) = programs() else {
            assert!(
                std::env::var_os("PUNTUAL_REQUIRE_ALL").is_none(),
                "PostgreSQL is required here and was not found"
            );
            eprintln!("skipped: no PostgreSQL on this machine");
            return;
        };
        let cluster = Cluster::start(&programs).expect("a cluster starts");
        let (port, folder) = (cluster.port, cluster.folder.clone());
        assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok());
        assert!(cluster.url().ends_with(&format!(":{port}/postgres")));
        drop(cluster);
        assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err());
        assert!(!Path::new(&folder).exists());
    }
}
