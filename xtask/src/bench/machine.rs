//! The machine that measures, in a few lines, so that figures of two machines are not compared.

use std::fs;
use std::path::Path;
use std::process::Command;

use cargo_metadata::Metadata;
use testkit::postgres::REALISTIC;

use super::instruments::Engine;
use crate::process::run_quietly;

/// What is worth knowing of the machine, the versions and the settings.
pub fn facts(house: &Metadata, folder: &Path, engines: &[Engine]) -> Vec<(String, String)> {
    let root = house.workspace_root.as_str();
    let said = |program: &str, args: &[&str]| {
        run_quietly(Command::new(program).args(args)).unwrap_or_else(|_| "unknown".to_owned())
    };
    let read = |file: &str| fs::read_to_string(file).unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let commit = said("git", &["-C", root, "rev-parse", "--short=12", "HEAD"]);
    let dirty = !said("git", &["-C", root, "status", "--porcelain"]).is_empty();
    let mut facts = vec![
        ("Day", said("date", &["-u", "+%Y-%m-%d %H:%M UTC"])),
        (
            "Commit",
            format!("{commit}{}", if dirty { " and changes" } else { "" }),
        ),
        (
            "Cores",
            format!("{cores}, {}", processor(&read("/proc/cpuinfo"))),
        ),
        ("Memory", memory(&read("/proc/meminfo"))),
        ("Kernel", said("uname", &["-sr"])),
        ("Disk", disk(&read("/proc/mounts"), folder)),
        ("Load before", load(&read("/proc/loadavg"))),
        ("Compiler", said("rustc", &["--version"])),
    ];
    if engines.contains(&Engine::Postgres) {
        facts.push(("PostgreSQL", said("psql", &["--version"])));
        facts.push(("PostgreSQL's settings", REALISTIC.replace("-c ", "")));
    }
    if engines.contains(&Engine::Sqlite) {
        let settings = "WAL, synchronous=NORMAL, foreign_keys=ON, as the program sets it";
        facts.push(("SQLite's settings", settings.to_owned()));
    }
    facts
        .into_iter()
        .map(|(name, text)| (name.to_owned(), text))
        .collect()
}

/// The load of the machine now.
pub fn load_now() -> String {
    load(&fs::read_to_string("/proc/loadavg").unwrap_or_default())
}

/// That of the last minute, as a number.
pub fn load_of_a_minute() -> f64 {
    let load = load_now();
    load.split(' ')
        .next()
        .and_then(|it| it.parse().ok())
        .unwrap_or(0.0)
}

fn processor(cpuinfo: &str) -> &str {
    let model = cpuinfo.lines().find(|line| line.starts_with("model name"));
    model
        .and_then(|line| line.split_once(": "))
        .map_or("of an unknown kind", |(_, name)| name)
}

fn memory(meminfo: &str) -> String {
    let total = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"));
    let kib = total.and_then(|it| it.trim().split(' ').next()?.parse::<u64>().ok());
    kib.map_or("unknown".to_owned(), |kib| {
        format!("{} GiB", (kib + (1 << 19)) >> 20)
    })
}

/// The mount on which a folder lies: the longest that it begins with.
fn disk(mounts: &str, folder: &Path) -> String {
    let mounts = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ');
        Some((words.next()?, words.next()?, words.next()?))
    });
    let on = mounts.filter(|(_, place, _)| folder.starts_with(place));
    let nearest = on.max_by_key(|(_, place, _)| place.len());
    nearest.map_or("unknown".to_owned(), |(device, place, kind)| {
        format!("{kind} on {device}, mounted at {place}")
    })
}

fn load(loadavg: &str) -> String {
    loadavg.split(' ').take(3).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_files_are_read() {
        assert_eq!(processor("processor: 0\nmodel name\t: Foo 9\n"), "Foo 9");
        assert_eq!(processor(""), "of an unknown kind");
        assert_eq!(
            memory("MemTotal:       25165824 kB\nMemFree: 1 kB\n"),
            "24 GiB"
        );
        assert_eq!(load("0.52 0.58 0.59 1/467 12345\n"), "0.52 0.58 0.59");
    }

    #[test]
    fn a_folder_lies_on_the_mount_nearest_to_it() {
        let mounts = "/dev/a / ext4 rw 0 0\ntmpfs /tmp tmpfs rw 0 0\n/dev/b /tmp/x xfs rw 0 0\n";
        for (folder, wanted) in [
            ("/var/lib", "ext4 on /dev/a, mounted at /"),
            ("/tmp/bench", "tmpfs on tmpfs, mounted at /tmp"),
            ("/tmp/x/bench", "xfs on /dev/b, mounted at /tmp/x"),
        ] {
            assert_eq!(disk(mounts, Path::new(folder)), wanted);
        }
    }
}
