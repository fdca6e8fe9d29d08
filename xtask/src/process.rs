//! Running other programs, with errors that name the program.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A cargo command in the workspace: the same cargo that runs us.
pub fn cargo(root: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root).args(args);
    command
}

/// Runs to the end with its output on ours; an exit code other than zero is an error.
pub fn run(command: &mut Command) -> Result<(), String> {
    let name = name(command);
    let status = command
        .status()
        .map_err(|error| format!("{name} did not start: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{name}: {status}"))
    }
}

/// Runs silently; on failure the error carries the last lines of what it said.
pub fn run_quietly(command: &mut Command) -> Result<String, String> {
    let name = name(command);
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{name} did not start: {error}"))?;
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if output.status.success() {
        return Ok(said);
    }
    let complained = String::from_utf8_lossy(&output.stderr);
    let tail: Vec<&str> = complained.trim().lines().rev().take(5).collect();
    let tail: Vec<&str> = tail.into_iter().rev().collect();
    Err(format!("{name}: {}\n{}", output.status, tail.join("\n")))
}

/// Runs with its output on ours while `see` reads each line of standard output and error.
pub fn run_watched(command: &mut Command, see: &mut dyn FnMut(&str)) -> Result<(), String> {
    let name = name(command);
    let (reader, writer) = std::io::pipe().map_err(|error| format!("no pipe: {error}"))?;
    let twin = writer
        .try_clone()
        .map_err(|error| format!("no pipe: {error}"))?;
    command.stdin(Stdio::null()).stdout(twin).stderr(writer);
    let mut child = command
        .spawn()
        .map_err(|error| format!("{name} did not start: {error}"))?;
    // The command keeps the writing ends; they must close for the reading to end.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    for line in BufReader::new(reader).split(b'\n') {
        let line = line.map_err(|error| format!("{name} could not be read: {error}"))?;
        let line = String::from_utf8_lossy(&line);
        eprintln!("{line}");
        see(&line);
    }
    let status = child
        .wait()
        .map_err(|error| format!("{name} did not end: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{name}: {status}"))
    }
}

/// The full path of a program in `PATH`.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

/// Whether we run as root: then system packages can be installed, and servers need another user.
pub fn is_root() -> bool {
    run_quietly(Command::new("id").arg("-u")).is_ok_and(|id| id == "0")
}

fn name(command: &Command) -> String {
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or(command.get_program());
    let mut words = vec![program.to_string_lossy().into_owned()];
    words.extend(
        command
            .get_args()
            .take(3)
            .map(|word| word.to_string_lossy().into_owned()),
    );
    words.join(" ")
}
