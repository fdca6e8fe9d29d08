//! What the tests need from the machine: found, installed if wanted, or named as missing.

use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_metadata::Metadata;

use testkit::postgres;

use crate::process::{cargo, find, is_root, run, run_quietly};

/// Says to Debian's package not to make and start a cluster of its own: we start ours.
const NO_MAIN_CLUSTER: (&str, &str) = (
    "/etc/postgresql-common/createcluster.conf",
    "create_main_cluster = false\n",
);

/// The system's interpreter, where the system's packages are; another in `PATH` may not see them.
const PYTHON: &str = "/usr/bin/python3";

/// Where Debian's package has the IMAP server.
const DOVECOT: &str = "/usr/sbin/dovecot";

/// The version we know to read our lock file and manifests.
const CARGO_DENY: &str = "cargo-deny@0.20.2";

/// The package that carries axe, the checker of accessibility, as a script to run in a page.
const AXE: &str = "axe-playwright-python==0.1.8";
/// A package is an archive; the script is all we want of it.
const UNPACK_AXE: &str = "import glob, pathlib, zipfile
wheel = zipfile.ZipFile(glob.glob('*.whl')[0])
name = next(it for it in wheel.namelist() if it.endswith('/axe.min.js'))
pathlib.Path('axe.min.js').write_bytes(wheel.read(name))";

/// What was found; a missing tool is the reason in one line.
pub struct Tools {
    /// Folder of PostgreSQL's server programs.
    pub postgres: Result<(), String>,
    /// An SMTP server to send to (`aiosmtpd`) and an IMAP server to read from (Dovecot).
    pub mail: Result<(), String>,
    /// Chromium, its driver, and the checker of accessibility.
    pub browser: Result<(), String>,
    /// Whether `cargo nextest` is there; without it `cargo test` runs the same tests.
    pub nextest: bool,
    /// The `cargo-deny` program.
    pub deny: Result<PathBuf, String>,
}

/// Looks for all tools, installing first what is missing if `install` is set.
pub fn gather(house: &Metadata, install: bool) -> Tools {
    let root = house.workspace_root.as_std_path();
    let mut packages = Vec::new();
    if !postgres::is_installed() {
        packages.push("postgresql");
    }
    if !has_mail_server() {
        packages.push("python3-aiosmtpd");
    }
    if !has_mailbox_server() {
        packages.push("dovecot-imapd");
    }
    if !has_browser() {
        packages.extend(["chromium", "chromium-driver"]);
    }
    let mut failure = None;
    if install && !packages.is_empty() {
        failure = install_packages(&packages).err();
    }
    let missing = |what: &str| match &failure {
        Some(reason) => format!("{what} is missing and could not be installed: {reason}"),
        None => format!("{what} is missing (`cargo xtask test --install` as root gets it)"),
    };
    Tools {
        postgres: if postgres::is_installed() {
            Ok(())
        } else {
            Err(missing("PostgreSQL"))
        },
        mail: if !has_mail_server() {
            Err(missing("python3-aiosmtpd"))
        } else if has_mailbox_server() {
            Ok(())
        } else {
            Err(missing("dovecot-imapd"))
        },
        browser: if has_browser() {
            axe(house, install)
        } else {
            Err(missing("Chromium with its driver"))
        },
        nextest: run_quietly(&mut cargo(root, &["nextest", "--version"])).is_ok(),
        deny: cargo_deny(house, install),
    }
}

fn has_mail_server() -> bool {
    run_quietly(Command::new(PYTHON).args(["-c", "import aiosmtpd"])).is_ok()
}

fn has_mailbox_server() -> bool {
    Path::new(DOVECOT).is_file()
}

fn has_browser() -> bool {
    ["chromium", "chromedriver"]
        .into_iter()
        .all(|it| find(it).is_some())
}

fn install_packages(packages: &[&str]) -> Result<(), String> {
    if !is_root() || find("apt-get").is_none() {
        return Err("system packages need root and apt-get".to_owned());
    }
    let (file, text) = NO_MAIN_CLUSTER;
    let file = Path::new(file);
    if packages.contains(&"postgresql") && !file.exists() {
        let folder = file.parent().unwrap_or(file);
        std::fs::create_dir_all(folder)
            .and_then(|()| std::fs::write(file, text))
            .map_err(|error| format!("{} could not be written: {error}", file.display()))?;
    }
    eprintln!(
        "installing {} from the system's packages",
        packages.join(", ")
    );
    let apt_get = |args: &[&str]| {
        let mut command = Command::new("apt-get");
        command
            .env("DEBIAN_FRONTEND", "noninteractive")
            .arg("-qq")
            .args(args);
        run_quietly(&mut command)
    };
    apt_get(&["update"])?;
    let mut install = vec!["install", "-y", "--no-install-recommends"];
    install.extend(["-o", "Dpkg::Options::=--force-confold"]);
    install.extend(packages);
    apt_get(&install)?;
    Ok(())
}

/// Where the browser tests look for it: in the target folder, where an earlier run put it, or got
/// there now by Python's ordinary client.
fn axe(house: &Metadata, install: bool) -> Result<(), String> {
    let folder = house.target_directory.as_std_path().join("tools/axe");
    if folder.join("axe.min.js").is_file() {
        return Ok(());
    }
    if !install {
        return Err("axe.min.js is missing (`cargo xtask test --install` gets it)".to_owned());
    }
    eprintln!("getting {AXE}, once");
    let failed = |error| format!("{} could not be written: {error}", folder.display());
    std::fs::create_dir_all(&folder).map_err(failed)?;
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "download", "--quiet", "--no-deps"]);
    run_quietly(pip.arg("--dest").arg(&folder).arg(AXE))?;
    let mut unpack = Command::new("python3");
    unpack.current_dir(&folder).args(["-c", UNPACK_AXE]);
    run_quietly(&mut unpack).map(drop)
}

/// In `PATH`, in the target folder where an earlier run put it, or built there now: about two
/// minutes on two cores, without optimisation, once.
fn cargo_deny(house: &Metadata, install: bool) -> Result<PathBuf, String> {
    let folder = house.target_directory.as_std_path().join("tools");
    let ours = folder.join("bin/cargo-deny");
    if let Some(found) = find("cargo-deny").or_else(|| ours.is_file().then(|| ours.clone())) {
        return Ok(found);
    }
    if !install {
        return Err("cargo-deny is missing (`cargo xtask test --install` builds it)".to_owned());
    }
    let mut build = cargo(
        house.workspace_root.as_std_path(),
        &[
            "install",
            "--quiet",
            "--locked",
            "--debug",
            "--config",
            "profile.dev.debug=false",
        ],
    );
    build.arg("--root").arg(&folder).arg(CARGO_DENY);
    // A folder of its own, so that its build does not wait for ours nor the other way round.
    build.env("CARGO_TARGET_DIR", folder.join("build"));
    eprintln!("building {CARGO_DENY}, once");
    run(&mut build)?;
    Ok(ours)
}
