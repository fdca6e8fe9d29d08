//! A private PostgreSQL for tests: in a temporary folder, on a free port of 127.0.0.1, without a
//! Unix socket, in the C locale, and without waiting for the disk.
//!
//! Only the standard library is used, so that the build tasks can start one too.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The address of a PostgreSQL to use instead of starting one, with the right to make databases.
pub const ADDRESS_VARIABLE: &str = "PUNTUAL_TEST_POSTGRES";
/// Set to 1, what cannot be tested fails instead of being skipped.
pub const REQUIRE_ALL_VARIABLE: &str = "PUNTUAL_REQUIRE_ALL";
/// The folder of `initdb` and `pg_ctl`, where they are in none of the usual places.
pub const FOLDER_VARIABLE: &str = "PUNTUAL_POSTGRES_BIN";

/// The user of the operating system under whom PostgreSQL runs when we are root, which it refuses.
const SYSTEM_USER: &str = "postgres";
/// Connections: every test process has pools of its own.
const CONNECTIONS_MAX: u16 = 400;

/// What a crash of the server may cost is spared where only its clients are killed.
const HASTY: &str = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off \
    -c max_wal_size=4GB -c shared_buffers=128MB";
/// For measuring: as a careful owner of a small server sets it; all else is the default.
pub const REALISTIC: &str = "-c fsync=on -c synchronous_commit=on -c full_page_writes=on \
    -c max_wal_size=4GB -c shared_buffers=1GB -c effective_cache_size=4GB";
/// Committed is committed, in little room.
const STURDY: &str = "-c fsync=off -c synchronous_commit=on -c full_page_writes=on \
    -c max_wal_size=64MB -c min_wal_size=32MB -c shared_buffers=32MB";

/// A running PostgreSQL; stopped and removed when dropped.
#[derive(Debug)]
pub struct Cluster {
    folder: PathBuf,
    tools: Tools,
    port: u16,
    manner: &'static str,
}

#[derive(Clone, Debug)]
struct Tools {
    folder: PathBuf,
    /// User and group to run as, when we are root.
    user: Option<(u32, u32)>,
}

impl Cluster {
    /// Starts one of its own.
    ///
    /// # Errors
    /// When PostgreSQL is not installed or does not start; the sentence says why.
    pub fn start() -> io::Result<Self> {
        let name = format!("puntual-postgres-own-{}", std::process::id());
        Self::start_in(&std::env::temp_dir().join(name), HASTY)
    }

    /// Starts one of its own that keeps its word, as [`REALISTIC`] says. It goes away with this
    /// process, however that ends.
    ///
    /// # Errors
    /// As [`Cluster::start`].
    pub fn start_realistic() -> io::Result<Self> {
        let name = format!("puntual-postgres-real-{}", std::process::id());
        let cluster = Self::start_in(&std::env::temp_dir().join(name), REALISTIC)?;
        watch(&cluster, std::process::id())?;
        Ok(cluster)
    }

    /// The process under which all of its others run.
    ///
    /// # Errors
    /// When it wrote none down.
    pub fn process(&self) -> io::Result<u32> {
        let file = self.folder.join("data/postmaster.pid");
        let text = fs::read_to_string(&file)?;
        let number = text
            .lines()
            .next()
            .and_then(|line| line.trim().parse().ok());
        number.ok_or_else(|| io::Error::other(format!("{} names no process", file.display())))
    }

    /// Starts one in a folder of its own under `parent` that forgets nothing it committed when it
    /// is stopped in the middle.
    ///
    /// # Errors
    /// When PostgreSQL is not installed or does not start; the sentence says why.
    pub fn start_sturdy(parent: &Path) -> io::Result<Self> {
        let name = format!("puntual-postgres-sturdy-{}", std::process::id());
        Self::start_in(&parent.join(name), STURDY)
    }

    /// Whether somebody listens at its door.
    pub fn answers(&self) -> bool {
        TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_ok()
    }

    /// Stops it as a crash would: no client is waited for, nothing is flushed.
    ///
    /// # Errors
    /// When it does not stop.
    pub fn crash(&self) -> io::Result<()> {
        let data = self.folder.join("data");
        self.tools.run("pg_ctl", &self.folder, |pg_ctl| {
            pg_ctl
                .arg("--pgdata")
                .arg(&data)
                .args(["--mode=immediate", "--wait", "stop"])
        })
    }

    /// Starts it again where it was.
    ///
    /// # Errors
    /// When it does not start; the sentence says why.
    pub fn revive(&self) -> io::Result<()> {
        let data = self.folder.join("data");
        let options = format!(
            "-h 127.0.0.1 -p {} -c unix_socket_directories='' {} \
             -c max_connections={CONNECTIONS_MAX}",
            self.port, self.manner
        );
        self.tools.run("pg_ctl", &self.folder, |pg_ctl| {
            pg_ctl
                .arg("--pgdata")
                .arg(&data)
                .arg("--log")
                .arg(self.folder.join("log"))
                .args(["--wait", "--options", &options, "start"])
        })
    }

    /// The address of its maintenance database.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    fn start_in(folder: &Path, manner: &'static str) -> io::Result<Self> {
        let tools = Tools::find()?;
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        fs::create_dir(folder)?;
        if let Some((user, group)) = tools.user {
            std::os::unix::fs::chown(folder, Some(user), Some(group))?;
        }
        let data = folder.join("data");
        tools.run("initdb", folder, |initdb| {
            initdb.arg("--pgdata").arg(&data).args([
                "--username=postgres",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync",
            ])
        })?;
        let cluster = Self {
            folder: folder.to_owned(),
            tools,
            port: free_port()?,
            manner,
        };
        cluster.revive()?;
        Ok(cluster)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let stopped = self.crash();
        if stopped.is_ok() {
            let _ignored = fs::remove_dir_all(&self.folder);
        }
    }
}

/// The address of a PostgreSQL for tests: the one of [`ADDRESS_VARIABLE`], else one shared by all
/// processes that the same test runner started. It goes away with the runner.
///
/// # Errors
/// When PostgreSQL is not installed or does not start; the sentence says why.
pub fn shared() -> io::Result<String> {
    if let Ok(url) = std::env::var(ADDRESS_VARIABLE)
        && !url.is_empty()
    {
        return Ok(url);
    }
    let runner = std::os::unix::process::parent_id();
    let folder = std::env::temp_dir().join(format!("puntual-postgres-{runner}"));
    let address = folder.with_extension("url");
    let lock = File::create(folder.with_extension("lock"))?;
    lock.lock()?;
    if let Some(url) = running(&address) {
        return Ok(url);
    }
    let cluster = Cluster::start_in(&folder, HASTY)?;
    let url = cluster.url();
    fs::write(&address, &url)?;
    watch(&cluster, runner)?;
    std::mem::forget(cluster);
    Ok(url)
}

/// The address in that file, if somebody listens there.
fn running(file: &Path) -> Option<String> {
    let url = fs::read_to_string(file).ok()?;
    let port = url.rsplit_once(':')?.1.split('/').next()?.parse().ok()?;
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()?;
    Some(url)
}

/// Leaves a process behind that stops the cluster once the runner is gone, however it ends.
fn watch(cluster: &Cluster, runner: u32) -> io::Result<()> {
    use std::os::unix::process::CommandExt;
    const SCRIPT: &str = "while kill -0 \"$1\" 2>/dev/null; do sleep 1; done; \
        pid=$(head -n 1 \"$2/data/postmaster.pid\") && kill -QUIT \"$pid\"; sleep 1; \
        rm -rf \"$2\" \"$2.url\" \"$2.lock\"";
    let mut shell = Command::new("sh");
    shell
        .arg("-c")
        .arg(SCRIPT)
        .arg("sh")
        .arg(runner.to_string())
        .arg(&cluster.folder);
    shell
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    shell.process_group(0).spawn().map(drop)
}

/// Whether there is a PostgreSQL that a cluster could be made with.
pub fn is_installed() -> bool {
    Tools::find().is_ok()
}

fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port())
}

impl Tools {
    fn find() -> io::Result<Self> {
        let folder = candidates()
            .into_iter()
            .find(|folder| folder.join("initdb").exists() && folder.join("pg_ctl").exists());
        let Some(folder) = folder else {
            return Err(io::Error::other(format!(
                "PostgreSQL is not installed: install it, or set {FOLDER_VARIABLE} to the folder \
                 of initdb, or {ADDRESS_VARIABLE} to the address of one that runs"
            )));
        };
        let user = if id(&["-u"])? == 0 {
            Some((id(&["-u", SYSTEM_USER])?, id(&["-g", SYSTEM_USER])?))
        } else {
            None
        };
        Ok(Self { folder, user })
    }

    /// Runs one of its programs to its end.
    fn run(
        &self,
        program: &str,
        folder: &Path,
        arguments: impl FnOnce(&mut Command) -> &mut Command,
    ) -> io::Result<()> {
        use std::os::unix::process::CommandExt;
        let output = folder.join(format!("{program}.out"));
        let mut command = Command::new(self.folder.join(program));
        arguments(&mut command);
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        // The server keeps what it inherits: a file, never the pipes of the test runner.
        let file = File::create(&output)?;
        command.env("LC_ALL", "C").current_dir(folder);
        command
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file);
        let status = command.status()?;
        if status.success() {
            return Ok(());
        }
        let said = fs::read_to_string(&output).unwrap_or_default();
        Err(io::Error::other(format!(
            "{program} failed ({status}): {}",
            said.trim()
        )))
    }
}

/// Folders where `initdb` may be, best first.
fn candidates() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = std::env::var_os(FOLDER_VARIABLE)
        .map(PathBuf::from)
        .into_iter()
        .collect();
    let packaged = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let mut packaged: Vec<PathBuf> = packaged.map(|entry| entry.path()).collect();
    packaged.sort_by_key(|path| {
        let version = path
            .file_name()
            .and_then(OsStr::to_str)
            .map(str::parse::<u32>);
        std::cmp::Reverse(version.and_then(Result::ok))
    });
    folders.extend(packaged.into_iter().map(|path| path.join("bin")));
    let path = std::env::var_os("PATH").unwrap_or_default();
    folders.extend(std::env::split_paths(&path));
    folders
}

fn id(arguments: &[&str]) -> io::Result<u32> {
    let output = Command::new("id").args(arguments).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim().parse().map_err(|_| {
        let said = String::from_utf8_lossy(&output.stderr);
        io::Error::other(format!(
            "`id {}` gave no number: {said}",
            arguments.join(" ")
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_of_its_own_leaves_nothing_behind() {
        let Ok(cluster) = Cluster::start() else {
            eprintln!("skipped: PostgreSQL is not installed");
            return;
        };
        let (folder, port) = (cluster.folder.clone(), cluster.port);
        assert!(cluster.url().contains(&port.to_string()));
        TcpStream::connect((Ipv4Addr::LOCALHOST, port)).expect("it listens");
        drop(cluster);
        assert!(!folder.exists());
        TcpStream::connect((Ipv4Addr::LOCALHOST, port)).expect_err("it is gone");
    }
}
