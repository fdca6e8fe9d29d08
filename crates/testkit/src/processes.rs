//! Processor time of a process and its children, from the kernel's `/proc`. Only the standard
//! library is used, so that the build tasks can read it too.

use std::fs;
use std::io;
use std::time::Duration;

/// Ticks of the kernel's clock in a second, as `/proc` counts them on every Linux we run on.
const TICKS_PER_SECOND: u64 = 100;

/// What `/proc/N/stat` says of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    /// Its parent.
    pub parent: u32,
    /// Time it ran.
    pub own: Duration,
    /// Time of its children that have ended and were waited for.
    pub reaped: Duration,
}

impl Stat {
    /// Reads the kernel's line. The name of the program stands in brackets and may hold anything.
    pub fn read(line: &str) -> Option<Self> {
        let (_, rest) = line.rsplit_once(')')?;
        let fields: Vec<&str> = rest.split_whitespace().collect();
        // State, parent, …; user and system time are the 14th and 15th of the whole line.
        let number = |place: usize| fields.get(place)?.parse::<u64>().ok();
        let time = |first: usize| Some(ticks(number(first)? + number(first + 1)?));
        Some(Self {
            parent: fields.get(1)?.parse().ok()?,
            own: time(11)?,
            reaped: time(13)?,
        })
    }
}

const fn ticks(count: u64) -> Duration {
    Duration::from_millis(count * 1000 / TICKS_PER_SECOND)
}

/// Looks taken before we believe that children end all the time.
const LOOKS_MAX: u32 = 100;

/// Processor time of a process and of all its children, those that have ended too.
///
/// # Errors
/// When the process is not there, or `/proc` is not.
pub fn processor_time(process: u32) -> io::Result<Duration> {
    let mut before = stat(process)?;
    for _ in 0..LOOKS_MAX {
        let children = children(process)?;
        let after = stat(process)?;
        // A child that ended between the two looks would be missing from both.
        if after.reaped == before.reaped {
            return Ok(after.own + after.reaped + children);
        }
        before = after;
    }
    Err(io::Error::other(format!(
        "the children of process {process} come and go"
    )))
}

fn stat(process: u32) -> io::Result<Stat> {
    let line = fs::read_to_string(format!("/proc/{process}/stat"))?;
    let unreadable = || io::Error::other(format!("/proc/{process}/stat is not as it should be"));
    Stat::read(&line).ok_or_else(unreadable)
}

/// Time of the children that have not been waited for.
fn children(process: u32) -> io::Result<Duration> {
    let mut total = Duration::ZERO;
    for entry in fs::read_dir("/proc")?.flatten() {
        let name = entry.file_name();
        if !name
            .to_string_lossy()
            .starts_with(|it: char| it.is_ascii_digit())
        {
            continue;
        }
        let line = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        if let Some(child) = Stat::read(&line).filter(|it| it.parent == process) {
            total += child.own + child.reaped;
        }
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_line_is_read_whatever_the_program_is_called() {
        for name in ["postgres", "a b", ") S 1", "((x)"] {
            let line = format!(
                "4711 ({name}) S 42 4711 4711 0 -1 4194304 100 200 0 0 150 50 1200 30 20 0 1 0 9"
            );
            let stat = Stat {
                parent: 42,
                own: Duration::from_secs(2),
                reaped: Duration::from_millis(12_300),
            };
            assert_eq!(Stat::read(&line), Some(stat), "{name}");
        }
        for line in [
            "",
            "4711 postgres S 42",
            "4711 (postgres) S x 1 1 0 -1 4 1 2 0 0 1 5 1 3",
        ] {
            assert_eq!(Stat::read(line), None, "{line}");
        }
    }

    #[test]
    fn a_child_counts_while_it_lives_and_after() {
        let ourselves = std::process::id();
        let Ok(before) = processor_time(ourselves) else {
            eprintln!("skipped: there is no /proc");
            return;
        };
        let script = "i=0; while [ $i -lt 500000 ]; do i=$((i+1)); done; read end";
        let mut child = std::process::Command::new("sh")
            .args(["-c", script])
            .stdin(std::process::Stdio::piped())
            .spawn()
            .expect("a shell");
        let enough = |at: Duration| at.saturating_sub(before) >= Duration::from_millis(50);
        while !enough(processor_time(ourselves).expect("we are there")) {
            assert_eq!(child.try_wait().expect("our child"), None);
        }
        drop(child.stdin.take());
        child.wait().expect("it ends");
        assert!(enough(processor_time(ourselves).expect("we are there")));
    }
}
