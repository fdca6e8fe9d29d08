//! A disk that fills: a small one in memory, stuffed so that only part of what a command needs fits
//! on it, and then emptied.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::stage::{Phase, Stages, settle};
use super::{Chance, Outcome, server};

/// Room for the program's folder.
const PROGRAM_MIB: u32 = 192;
/// Room for a server with some copies of its database.
const SERVER_MIB: u32 = 512;
/// Less than what a command writes on a server, whose files have room of their own to begin with.
const SERVER_GROWS: u64 = 6 << 20;

/// A disk in memory, mounted; gone when dropped.
#[derive(Debug)]
pub struct SmallDisk {
    folder: PathBuf,
}

impl SmallDisk {
    /// For the data of a server.
    ///
    /// # Errors
    /// When this machine does not let us mount one, which needs root.
    pub fn for_server() -> io::Result<Self> {
        Self::mount(SERVER_MIB, "server")
    }

    fn mount(mebibytes: u32, name: &str) -> io::Result<Self> {
        let name = format!("puntual-disk-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder)?;
        let size = format!("size={mebibytes}m,mode=1777");
        let mut mount = Command::new("mount");
        mount
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(&folder);
        let output = mount.output()?;
        if output.status.success() {
            return Ok(Self { folder });
        }
        fs::remove_dir(&folder)?;
        let said = String::from_utf8_lossy(&output.stderr);
        Err(io::Error::other(format!(
            "no small disk can be mounted: {}",
            said.trim()
        )))
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Leaves so much room.
    fn stuff(&self, room: u64) -> io::Result<Stuffing> {
        let df = Command::new("df")
            .args(["-B1", "--output=avail"])
            .arg(&self.folder)
            .output()?;
        let text = String::from_utf8_lossy(&df.stdout).into_owned();
        let free = text
            .lines()
            .nth(1)
            .and_then(|line| line.trim().parse::<u64>().ok());
        let free = free.ok_or_else(|| io::Error::other(format!("df said {text}")))?;
        let path = self.folder.join("stuffing");
        let bytes = vec![0_u8; 1 << 20];
        let mut file = fs::File::create(&path)?;
        let mut left = free.saturating_sub(room);
        while left > 0 {
            let part = usize::try_from(left)
                .unwrap_or(bytes.len())
                .min(bytes.len());
            match io::Write::write_all(&mut file, &bytes[..part]) {
                // Somebody else wrote meanwhile: it is as full as it gets.
                Err(error) if error.kind() == io::ErrorKind::StorageFull => break,
                written => written?,
            }
            left -= part as u64;
        }
        Ok(Stuffing(path))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Whoever still has a file open there keeps it; the folder goes when it can.
        let _ignored = Command::new("umount")
            .arg("--lazy")
            .arg(&self.folder)
            .status();
        let _ignored = fs::remove_dir(&self.folder);
    }
}

/// What takes the room; gone when dropped.
struct Stuffing(PathBuf);

impl Drop for Stuffing {
    fn drop(&mut self) {
        let _ignored = fs::remove_file(&self.0);
    }
}

/// The disk with the program's folder fills: database and messages, or the messages alone.
pub fn of_the_program(stages: &Stages, chance: &Chance) -> Outcome {
    let phase = match stages.database {
        super::Database::Sqlite => Phase::ALL[chance.number as usize % Phase::ALL.len()],
        super::Database::Postgres => Phase::Dispatch,
    };
    let disk = SmallDisk::mount(PROGRAM_MIB, "program").expect("it was mounted before");
    let program = stages.fresh_in(phase, disk.folder());
    let room = stages.grows(phase) * u64::from(chance.thousandths) / 1_000;
    let stuffing = disk.stuff(room).expect("the disk can be stuffed");
    let (blow, findings) =
        server::struck(&program, phase, Duration::ZERO, || (), || drop(stuffing));
    let mut outcome = settle(program, phase, blow, findings);
    if let Some(kept) = &mut outcome.kept {
        // It goes with the disk.
        kept.push_str(", gone: repeat the round");
    }
    outcome
}

/// The disk with the server's data fills.
pub fn of_the_server(stages: &Stages, chance: &Chance) -> Outcome {
    let phase = Phase::ALL[chance.number as usize % Phase::ALL.len()];
    let disk = stages.disk.as_ref().expect("a small disk");
    let cluster = stages.cluster.as_ref().expect("a server of its own");
    let program = stages.fresh(phase);
    let room = SERVER_GROWS * u64::from(chance.thousandths) / 1_000;
    let stuffing = disk.stuff(room).expect("the disk can be stuffed");
    let mend = || {
        drop(stuffing);
        // A server that cannot write its log stops; one that runs refuses to start twice.
        if !cluster.answers() {
            cluster.revive().expect("PostgreSQL starts again");
        }
    };
    let (blow, findings) = server::struck(&program, phase, Duration::ZERO, || (), mend);
    settle(program, phase, blow, findings)
}
