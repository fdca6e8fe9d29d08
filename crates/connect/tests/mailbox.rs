//! A mailbox on a real IMAP server (Dovecot): what is read, how far, and that nothing changes.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use connect::Secret;
use connect::channels::Security;
use connect::mailbox::{Fetched, MailboxConfig, MailboxError, Mark, fetch};
use jiff::civil::{Date, date};

const DOVECOT: &str = "/usr/sbin/dovecot";
/// Non-ASCII, a quote and a backslash: it goes as a literal.
const PASSWORD: &str = "gehe\"im\\ñ";
/// Messages of the tests lie in the mailbox since now; every one of them counts.
const ALWAYS: Date = date(2020, 1, 1);

/// A server with one user, `ana`; it ends with the test.
struct Server {
    process: Child,
    port: u16,
    folder: tempfile::TempDir,
}

impl Server {
    /// `None` when this machine lacks the server, and that is allowed.
    fn start() -> Option<Self> {
        if !Path::new(DOVECOT).exists() {
            let required = std::env::var("PUNTUAL_REQUIRE_ALL").is_ok_and(|value| value == "1");
            assert!(
                !required,
                "Dovecot is missing: apt-get install dovecot-imapd"
            );
            eprintln!("skipped: no IMAP server to test with (apt-get install dovecot-imapd)");
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let port = {
            let free = TcpListener::bind("127.0.0.1:0").expect("a port");
            free.local_addr().expect("an address").port()
        };
        let root = whoami("-u") == "0";
        // As root the mail belongs to somebody else, who must be let in.
        let (user, group) = if root {
            ("nobody".to_owned(), "nogroup".to_owned())
        } else {
            (whoami("-un"), whoami("-gn"))
        };
        let path = folder.path();
        for new in ["mail/ana/new", "mail/ana/cur", "mail/ana/tmp"] {
            fs::create_dir_all(path.join(new)).expect("a folder");
        }
        let (certificate, key) = self_signed(path);
        fs::write(path.join("users"), format!("ana:{{PLAIN}}{PASSWORD}\n")).expect("users");
        let config = format!(
            "protocols = imap\nbase_dir = {dir}/run\nstate_dir = {dir}/state\n\
             log_path = {dir}/log\nlisten = 127.0.0.1\ndisable_plaintext_auth = no\n\
             ssl = yes\nssl_cert = <{cert}\nssl_key = <{key}\n\
             default_internal_user = {user}\ndefault_internal_group = {group}\n\
             default_login_user = {user}\nfirst_valid_uid = 1\nfirst_valid_gid = 1\n\
             mail_location = maildir:{dir}/mail/%u\nmail_uid = {user}\nmail_gid = {group}\n\
             passdb {{\n driver = passwd-file\n args = {dir}/users\n}}\n\
             userdb {{\n driver = static\n args = uid={user} gid={group} home={dir}/mail/%u\n}}\n\
             service anvil {{\n chroot =\n}}\n\
             service imap-login {{\n chroot =\n inet_listener imap {{\n port = {port}\n }}\n\
             inet_listener imaps {{\n port = 0\n }}\n}}\n",
            dir = path.display(),
            cert = certificate.display(),
            key = key.display(),
        );
        fs::write(path.join("dovecot.conf"), config).expect("a configuration");
        if root {
            let open = Command::new("chown")
                .args(["-R", "nobody:nogroup"])
                .arg(path)
                .status();
            assert!(open.expect("chown").success());
            let status = Command::new("chmod").arg("755").arg(path).status();
            assert!(status.expect("chmod").success());
        }
        let process = Command::new(DOVECOT)
            .arg("-F")
            .arg("-c")
            .arg(path.join("dovecot.conf"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("Dovecot starts");
        let server = Self {
            process,
            port,
            folder,
        };
        let until = Instant::now() + Duration::from_secs(20);
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            let log = || fs::read_to_string(server.folder.path().join("log"));
            assert!(Instant::now() < until, "it does not listen: {:?}", log());
            std::thread::sleep(Duration::from_millis(50));
        }
        Some(server)
    }

    /// Lays a message in the mailbox.
    fn deliver(&self, name: &str, text: &str) {
        let file = self.folder.path().join("mail/ana/new").join(name);
        let text = text.replace('\n', "\r\n");
        let part = self.folder.path().join("mail/ana/tmp").join(name);
        fs::write(&part, text).expect("a message");
        if whoami("-u") == "0" {
            let given = Command::new("chown")
                .arg("nobody:nogroup")
                .arg(&part)
                .status();
            assert!(given.expect("chown").success());
        }
        fs::rename(part, file).expect("a message");
    }

    fn config(&self) -> MailboxConfig {
        MailboxConfig {
            host: "localhost".to_owned(),
            port: self.port,
            security: Security::None {
                allow_remote: false,
            },
            user: "ana".to_owned(),
            password: Secret::new(PASSWORD),
            folder: "INBOX".to_owned(),
            timeout_seconds: 10,
            extra_root_pem: Some(fs::read(self.folder.path().join("cert.pem")).expect("a PEM")),
        }
    }

    /// The names of the messages, with the folder that tells whether they were seen.
    fn files(&self) -> Vec<String> {
        let mut names = Vec::new();
        for folder in ["new", "cur"] {
            let path = self.folder.path().join("mail/ana").join(folder);
            for file in fs::read_dir(path).expect("a folder") {
                let name = file
                    .expect("a file")
                    .file_name()
                    .to_string_lossy()
                    .into_owned();
                let (name, flags) = name.split_once(":2,").unwrap_or((&name, ""));
                let name = name.split(",S=").next().unwrap_or(name);
                names.push(format!("{name} {flags}"));
            }
        }
        names.sort();
        names
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Asked to end, it takes its own processes with it.
        let id = self.process.id().to_string();
        drop(Command::new("kill").arg("-TERM").arg(id).status());
        self.process.wait().expect("the server has ended");
    }
}

fn whoami(what: &str) -> String {
    let said = Command::new("id").arg(what).output().expect("id answers");
    String::from_utf8_lossy(&said.stdout).trim().to_owned()
}

/// A certificate for `localhost`, new for each test.
fn self_signed(folder: &Path) -> (PathBuf, PathBuf) {
    let (certificate, key) = (folder.join("cert.pem"), folder.join("key.pem"));
    let status = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
        ])
        .args(["-nodes", "-days", "2", "-subj", "/CN=localhost"])
        .args(["-addext", "subjectAltName=DNS:localhost"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .stderr(Stdio::null())
        .status()
        .expect("openssl, to make a certificate");
    assert!(status.success(), "openssl made no certificate");
    (certificate, key)
}

fn texts(fetched: &Fetched) -> Vec<String> {
    let text = |bytes: &Vec<u8>| {
        let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n");
        text.split_once("\n\n")
            .map_or(text.clone(), |(_, body)| body.trim().to_owned())
    };
    fetched.mails.iter().map(|(_, bytes)| text(bytes)).collect()
}

fn mark(fetched: &Fetched) -> Mark {
    Mark {
        validity: fetched.validity,
        last: fetched.mails.last().map_or(0, |(uid, _)| *uid),
    }
}

#[tokio::test]
async fn messages_are_read_once_in_order_and_left_as_they_are() {
    let Some(server) = Server::start() else {
        return;
    };
    let config = server.config();
    let empty = fetch(&config, None, ALWAYS, 10).await.expect("read");
    assert_eq!((empty.mails.len(), empty.more), (0, false));
    for (name, text) in [
        ("1.a.b", "uno {7}"),
        ("2.a.b", "dos"),
        ("3.a.b", ") FETCH tres"),
    ] {
        server.deliver(name, &format!("From: a@b.example\nSubject: x\n\n{text}\n"));
    }
    let first = fetch(&config, None, ALWAYS, 2).await.expect("read");
    assert_eq!(
        (texts(&first), first.more),
        (vec!["uno {7}".into(), "dos".into()], true)
    );
    let rest = fetch(&config, Some(mark(&first)), ALWAYS, 2)
        .await
        .expect("read");
    assert_eq!(
        (texts(&rest), rest.more),
        (vec![") FETCH tres".to_owned()], false)
    );
    let files = server.files();
    let none = fetch(&config, Some(mark(&rest)), ALWAYS, 2)
        .await
        .expect("read");
    assert_eq!(
        (none.mails.len(), none.more),
        (0, false),
        "nothing behind the last"
    );
    // Another mailbox under the same name: all of it, from a day on.
    let other = Mark {
        validity: first.validity.wrapping_add(1),
        last: 999,
    };
    let again = fetch(&config, Some(other), ALWAYS, 10).await.expect("read");
    assert_eq!(again.mails.len(), 3);
    let later = fetch(&config, None, date(2100, 1, 1), 10)
        .await
        .expect("read");
    assert_eq!(later.mails.len(), 0);
    assert_eq!(server.files(), files);
    assert!(
        files.iter().all(|file| file.ends_with(' ')),
        "none was seen: {files:?}"
    );
}

#[tokio::test]
async fn large_messages_are_read_to_a_bound() {
    let Some(server) = Server::start() else {
        return;
    };
    let body = "0123456789\n".repeat(100_000);
    server.deliver("1.a.b", &format!("From: a@b.example\nSubject: x\n\n{body}"));
    let fetched = fetch(&server.config(), None, ALWAYS, 10)
        .await
        .expect("read");
    assert_eq!(
        fetched.mails[0].1.len(),
        connect::mailbox::MESSAGE_BYTES_MAX
    );
}

#[tokio::test]
async fn a_secured_connection_knows_its_server() {
    let Some(server) = Server::start() else {
        return;
    };
    server.deliver("1.a.b", "From: a@b.example\n\nhola\n");
    let mut config = server.config();
    config.security = Security::Starttls;
    let fetched = fetch(&config, None, ALWAYS, 10).await.expect("read");
    assert_eq!(texts(&fetched), ["hola"]);
    config.extra_root_pem = None;
    let unknown = fetch(&config, None, ALWAYS, 10)
        .await
        .expect_err("an unknown certificate");
    assert!(matches!(unknown, MailboxError::Tls { .. }), "{unknown}");
}

#[tokio::test]
async fn what_goes_wrong_is_said_without_the_password() {
    let Some(server) = Server::start() else {
        return;
    };
    let wrong = |change: &dyn Fn(&mut MailboxConfig)| {
        let mut config = server.config();
        change(&mut config);
        config
    };
    let cases = [
        wrong(&|config| config.password = Secret::new("falsa")),
        wrong(&|config| config.folder = "Nada".to_owned()),
        wrong(&|config| config.host = "imap.nowhere.example".to_owned()),
    ];
    let mut said = Vec::new();
    for config in &cases {
        let error = fetch(config, None, ALWAYS, 10)
            .await
            .expect_err("it cannot be read");
        let text = format!("{error} {error:?} {config:?}");
        assert!(!text.contains("falsa") && !text.contains("gehe"), "{text}");
        said.push(error);
    }
    assert!(matches!(said[0], MailboxError::Refused(_)), "{:?}", said[0]);
    assert!(
        matches!(said[1], MailboxError::NoFolder { .. }),
        "{:?}",
        said[1]
    );
    assert!(
        matches!(said[2], MailboxError::Unencrypted(_)),
        "{:?}",
        said[2]
    );
}
