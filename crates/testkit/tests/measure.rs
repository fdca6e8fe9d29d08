//! The instruments of benchmarks as a process: what they say of one program is that program's.

use std::fs;
use std::process::Command;

use serde_json::Value;

fn measure(args: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_measure"))
        .args(args)
        .output();
    let output = output.expect("it starts");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).expect("one line of JSON")
}

fn child(script: &str) -> Value {
    measure(&["child", "sh", "-c", script])
}

#[test]
fn a_program_is_measured_with_what_it_said() {
    let said = child("echo '{\"a\": 1}'; echo careful >&2; exit 3");
    assert_eq!(said["code"], 3);
    assert_eq!(said["out"]["a"], 1);
    assert_eq!(said["err"], "careful\n");
    let busy = child("i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done");
    let seconds = |name: &str| busy[name].as_f64().expect("a number");
    assert!(
        seconds("user") > 0.0 && seconds("wall") >= seconds("user") * 0.5,
        "{busy}"
    );
}

#[test]
fn the_most_memory_is_that_of_the_child() {
    let peak = |said: Value| said["peak_kib"].as_u64().expect("a number");
    let small = peak(child("true"));
    // `tail` keeps a line that never ends until it ends.
    let large = peak(child("head -c 60000000 /dev/zero | tail -n 1 > /dev/null"));
    assert!(small < 40_000, "{small} KiB");
    assert!(large > 60_000_000 / 1024, "{large} KiB");
}

#[test]
fn the_same_files_are_written_anew() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let [from, to] = ["from", "to"].map(|name| folder.path().join(name));
    fs::create_dir(&from).expect("a folder");
    for name in ["a.eml", "b.eml"] {
        fs::write(from.join(name), name).expect("a file");
    }
    let text = |path: &std::path::Path| path.to_str().expect("UTF-8").to_owned();
    let said = measure(&["files", &text(&from), &text(&to)]);
    assert_eq!(
        (&said["files"], &said["bytes"]),
        (&Value::from(2), &Value::from(10))
    );
    for name in ["a.eml", "b.eml"] {
        assert_eq!(fs::read_to_string(to.join(name)).expect("a file"), name);
    }
    assert_eq!(fs::read_dir(&to).expect("a folder").count(), 2);
}

#[test]
fn a_portfolio_says_what_is_in_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let place = folder.path().to_str().expect("UTF-8");
    let said = measure(&["portfolio", place, "30", "100", "2026-10-31"]);
    assert_eq!(said["documents"], 102);
    let invoices = fs::read_to_string(folder.path().join("invoices.csv")).expect("a file");
    assert_eq!(invoices.lines().count(), 103);
}
