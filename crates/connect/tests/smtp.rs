//! Sending to a real SMTP server (aiosmtpd) on this machine, well behaved and otherwise.
//!
//! Without Debian's `python3-aiosmtpd` each test says that it was skipped; with
//! `PUNTUAL_REQUIRE_ALL=1`, as in CI, that is a failure.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use connect::Secret;
use connect::channels::{
    Mailbox, OutgoingEmail, Security, SendOutcome, Smtp, SmtpConfig, SmtpConfigError,
};
use domain::ContactId;
use domain::ids::uuid_v7;
use serde_json::Value;

const PYTHON: &str = "/usr/bin/python3";

/// A server of one scenario; it ends with the test.
struct Server {
    process: Child,
    port: u16,
    folder: tempfile::TempDir,
    certificate: Option<PathBuf>,
}

impl Server {
    /// `None` when this machine lacks the server, and that is allowed.
    fn start(scenario: &str) -> Option<Self> {
        Self::start_with(scenario, false)
    }

    fn start_with(scenario: &str, tls: bool) -> Option<Self> {
        if !available() {
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/smtp_server.py");
        let mut command = Command::new(PYTHON);
        command.arg(script).arg(scenario).arg(folder.path());
        let certificate = tls.then(|| {
            let (certificate, key) = self_signed(folder.path());
            command.arg(&certificate).arg(key);
            certificate
        });
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut line = String::new();
        let out = process.stdout.take().expect("its output");
        BufReader::new(out).read_line(&mut line).expect("its port");
        let port = line
            .trim()
            .strip_prefix("PORT ")
            .and_then(|port| port.parse().ok());
        Some(Self {
            process,
            port: port.unwrap_or_else(|| panic!("no port in `{line}`")),
            folder,
            certificate,
        })
    }

    fn config(&self) -> SmtpConfig {
        let security = match self.certificate {
            Some(_) => Security::Starttls,
            None => Security::None {
                allow_remote: false,
            },
        };
        let root = self
            .certificate
            .as_ref()
            .map(|path| std::fs::read(path).expect("a PEM"));
        SmtpConfig {
            security,
            timeout_seconds: 5,
            answer_timeout_seconds: 5,
            extra_root_pem: root,
            ..SmtpConfig::new("localhost", self.port)
        }
    }

    fn smtp(&self) -> Smtp {
        Smtp::new(self.config()).expect("settings")
    }

    fn bytes(&self, number: u32) -> Vec<u8> {
        std::fs::read(self.folder.path().join(format!("{number}.eml"))).expect("a message")
    }

    fn seen(&self, number: u32) -> Value {
        let path = self.folder.path().join(format!("{number}.json"));
        serde_json::from_slice(&std::fs::read(path).expect("a message")).expect("JSON")
    }

    fn taken(&self) -> u32 {
        (1..)
            .take_while(|n| self.folder.path().join(format!("{n}.json")).exists())
            .count() as u32
    }

    fn connections(&self) -> usize {
        std::fs::read(self.folder.path().join("connections")).map_or(0, |marks| marks.len())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().expect("the server ends");
        self.process.wait().expect("the server has ended");
    }
}

fn available() -> bool {
    let probe = Command::new(PYTHON)
        .args(["-c", "import aiosmtpd"])
        .stderr(Stdio::null())
        .status();
    if probe.is_ok_and(|status| status.success()) {
        return true;
    }
    let required = std::env::var("PUNTUAL_REQUIRE_ALL").is_ok_and(|value| value == "1");
    assert!(
        !required,
        "aiosmtpd is missing: apt-get install python3-aiosmtpd"
    );
    eprintln!("skipped: no mail server to test with (apt-get install python3-aiosmtpd)");
    false
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

fn email(number: u64) -> OutgoingEmail {
    OutgoingEmail {
        contact: ContactId::from_uuid(uuid_v7(1_763_700_000_000 + number, [7; 10])),
        from: Mailbox::named("Laura Méndez, Aceros", "cuentas@aceros.example"),
        reply_to: None,
        to: vec![Mailbox::named("Ferretería Díaz", "pagos@diaz.example")],
        cc: Vec::new(),
        subject: "Información de su cuenta con Ñandú".to_owned(),
        text: "Saldo: $1,234.56 MXN\n.\n..dos\nÑandú y una línea larga ".to_owned()
            + &"larguísima ".repeat(30)
            + "\nFin\n",
        html: "<p>Saldo: $1,234.56 MXN</p>\n".to_owned(),
        unsubscribe_mailto: Some("baja@aceros.example".to_owned()),
        date: "2026-10-25T14:00:00Z".parse().expect("an instant"),
        test_recipient: None,
    }
}

fn header<'a>(seen: &'a Value, name: &str) -> Option<&'a str> {
    let headers = seen["headers"].as_array()?;
    headers.iter().find(|pair| pair[0] == name)?[1].as_str()
}

fn assert_accepted(outcome: &SendOutcome) {
    assert!(
        matches!(outcome, SendOutcome::Accepted { .. }),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn a_message_arrives_byte_by_byte() {
    let Some(server) = Server::start("normal") else {
        return;
    };
    let email = email(1);
    let outcome = server.smtp().send(&email).await;
    let SendOutcome::Accepted {
        response,
        recipients_refused,
    } = &outcome
    else {
        panic!("{outcome:?}");
    };
    assert!(response.contains("queued as 1"), "{response}");
    assert_eq!(*recipients_refused, []);
    let mut expected = email.build().expect("a message").bytes;
    // The transparency codec ends the last line once more before the final dot.
    expected.extend_from_slice(b"\r\n");
    assert_eq!(server.bytes(1), expected);

    let seen = server.seen(1);
    assert_eq!(seen["from"], "cuentas@aceros.example");
    assert_eq!(
        seen["recipients"],
        serde_json::json!(["pagos@diaz.example"])
    );
    assert_eq!(seen["defects"], serde_json::json!([]));
    assert_eq!(header(&seen, "Subject"), Some(&*email.subject));
    assert_eq!(
        header(&seen, "To"),
        Some("Ferretería Díaz <pagos@diaz.example>")
    );
    assert_eq!(
        header(&seen, "From"),
        Some("\"Laura Méndez, Aceros\" <cuentas@aceros.example>")
    );
    let read = |part: &str| {
        seen["parts"][part]
            .as_str()
            .map(|text| text.replace("\r\n", "\n"))
    };
    assert_eq!(
        read("text/plain").as_deref().map(str::trim_end),
        Some(email.text.trim_end())
    );
    assert_eq!(
        read("text/html").as_deref().map(str::trim_end),
        Some(email.html.trim_end())
    );
}

#[tokio::test]
async fn messages_share_a_connection_and_many_share_the_pool() {
    let Some(server) = Server::start("normal") else {
        return;
    };
    let smtp = server.smtp();
    for number in 1..=3 {
        assert_accepted(&smtp.send(&email(number)).await);
    }
    assert_eq!(server.connections(), 1);
    let smtp = std::sync::Arc::new(smtp);
    let mut sends = tokio::task::JoinSet::new();
    for number in 4..=13 {
        let smtp = smtp.clone();
        sends.spawn(async move { smtp.send(&email(number)).await });
    }
    for outcome in sends.join_all().await {
        assert_accepted(&outcome);
    }
    assert_eq!(server.taken(), 13);
    assert!(server.connections() <= 2, "{}", server.connections());
    smtp.close().await;
}

#[tokio::test]
async fn test_mode_keeps_the_customer_out_of_the_envelope() {
    let Some(server) = Server::start("normal") else {
        return;
    };
    let mut email = email(1);
    email.cc = vec![Mailbox::bare("dueno@diaz.example")];
    email.test_recipient = Some(Mailbox::bare("yo@aceros.example"));
    assert_accepted(&server.smtp().send(&email).await);
    let seen = server.seen(1);
    assert_eq!(seen["recipients"], serde_json::json!(["yo@aceros.example"]));
    let subject = "[PRUEBA → pagos@diaz.example y 1 más] Información de su cuenta con Ñandú";
    assert_eq!(header(&seen, "Subject"), Some(subject));
}

#[tokio::test]
async fn a_refused_recipient_is_refused_for_good_or_for_now() {
    let Some(server) = Server::start("normal") else {
        return;
    };
    let smtp = server.smtp();
    for (address, expected_permanent, expected_code, word) in [
        ("nobody@diaz.example", true, 550, "no such mailbox"),
        ("later@diaz.example", false, 451, "greylisted"),
    ] {
        let mut email = email(1);
        email.to = vec![Mailbox::bare(address)];
        match smtp.send(&email).await {
            SendOutcome::Refused {
                permanent,
                code,
                text,
                recipients_refused,
            } => {
                assert_eq!((permanent, code), (expected_permanent, expected_code));
                assert!(text.contains(word), "{text}");
                assert_eq!(recipients_refused.len(), 1);
                assert_eq!(recipients_refused[0].address, address);
            }
            other => panic!("{other:?}"),
        }
    }
    assert_accepted(&smtp.send(&email(2)).await);
    assert_eq!((server.taken(), server.connections()), (1, 1));
}

#[tokio::test]
async fn a_refused_copy_does_not_hold_the_message_back() {
    let Some(server) = Server::start("normal") else {
        return;
    };
    let mut email = email(1);
    email.cc = vec![
        Mailbox::bare("nobody@diaz.example"),
        Mailbox::bare("ana@diaz.example"),
    ];
    match server.smtp().send(&email).await {
        SendOutcome::Accepted {
            recipients_refused, ..
        } => {
            assert_eq!(recipients_refused.len(), 1);
            assert_eq!(recipients_refused[0].address, "nobody@diaz.example");
            assert!(recipients_refused[0].permanent);
        }
        other => panic!("{other:?}"),
    }
    let recipients = serde_json::json!(["pagos@diaz.example", "ana@diaz.example"]);
    assert_eq!(server.seen(1)["recipients"], recipients);
}

#[tokio::test]
async fn a_copy_alone_is_not_enough() {
    let Some(server) = Server::start("normal") else {
        return;
    };
    let mut email = email(1);
    email.to = vec![
        Mailbox::bare("nobody@diaz.example"),
        Mailbox::bare("later@diaz.example"),
    ];
    email.cc = vec![Mailbox::bare("ana@diaz.example")];
    match server.smtp().send(&email).await {
        SendOutcome::Refused {
            permanent,
            code,
            recipients_refused,
            ..
        } => {
            assert_eq!((permanent, code, recipients_refused.len()), (false, 451, 2));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(server.taken(), 0);
}

#[tokio::test]
async fn a_no_at_any_phase_is_a_refusal() {
    for (scenario, expected) in [
        ("refuse-sender", (true, 553)),
        ("refuse-data", (false, 451)),
        ("refuse-message", (true, 554)),
        ("message-later", (false, 452)),
    ] {
        let Some(server) = Server::start(scenario) else {
            return;
        };
        let smtp = server.smtp();
        for number in 1..=2 {
            match smtp.send(&email(number)).await {
                SendOutcome::Refused {
                    permanent, code, ..
                } => {
                    assert_eq!((permanent, code), expected, "{scenario}");
                }
                other => panic!("{scenario}: {other:?}"),
            }
        }
        assert_eq!((server.taken(), server.connections()), (0, 1), "{scenario}");
    }
}

#[tokio::test]
async fn without_an_answer_after_the_message_nobody_knows() {
    for (scenario, taken) in [
        ("hang-after-dot", 1),
        ("drop-after-dot", 1),
        ("drop-in-body", 0),
    ] {
        let Some(server) = Server::start(scenario) else {
            return;
        };
        let config = SmtpConfig {
            answer_timeout_seconds: 1,
            ..server.config()
        };
        let mut email = email(1);
        email.html = "<p>línea</p>\n".repeat(50_000);
        let outcome = Smtp::new(config).expect("settings").send(&email).await;
        assert!(
            matches!(outcome, SendOutcome::Unknown { .. }),
            "{scenario}: {outcome:?}"
        );
        assert_eq!(
            (server.taken(), server.connections()),
            (taken, 1),
            "{scenario}"
        );
    }
}

#[tokio::test]
async fn a_late_answer_counts() {
    let Some(server) = Server::start("late-answer") else {
        return;
    };
    assert_accepted(&server.smtp().send(&email(1)).await);
}

#[tokio::test]
async fn silence_before_the_message_means_not_sent() {
    for scenario in ["hang-on-mail", "hang-on-data"] {
        let Some(server) = Server::start(scenario) else {
            return;
        };
        let config = SmtpConfig {
            timeout_seconds: 1,
            ..server.config()
        };
        let outcome = Smtp::new(config).expect("settings").send(&email(1)).await;
        assert!(
            matches!(outcome, SendOutcome::NotSent { .. }),
            "{scenario}: {outcome:?}"
        );
        assert_eq!(server.taken(), 0);
    }
}

#[tokio::test]
async fn a_connection_dropped_while_idle_is_replaced() {
    let Some(server) = Server::start("drop-idle") else {
        return;
    };
    let smtp = server.smtp();
    assert_accepted(&smtp.send(&email(1)).await);
    // The server drops what is idle for half a second; nothing else tells that it did.
    tokio::time::sleep(std::time::Duration::from_millis(1_200)).await;
    assert_accepted(&smtp.send(&email(2)).await);
    assert_eq!((server.taken(), server.connections()), (2, 2));
}

#[tokio::test]
async fn a_goodbye_to_a_kept_connection_is_no_refusal() {
    let Some(server) = Server::start("bye-on-second-mail") else {
        return;
    };
    let smtp = server.smtp();
    assert_accepted(&smtp.send(&email(1)).await);
    assert_accepted(&smtp.send(&email(2)).await);
    assert_eq!((server.taken(), server.connections()), (2, 2));
}

#[tokio::test]
async fn nobody_there_means_not_sent() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let config = SmtpConfig {
        security: Security::None {
            allow_remote: false,
        },
        timeout_seconds: 1,
        ..SmtpConfig::new("127.0.0.1", port)
    };
    // First a listener that never greets, then none at all.
    let silent = Smtp::new(config.clone())
        .expect("settings")
        .send(&email(1))
        .await;
    assert!(matches!(silent, SendOutcome::NotSent { .. }), "{silent:?}");
    drop(listener);
    let absent = Smtp::new(config).expect("settings").send(&email(1)).await;
    assert!(matches!(absent, SendOutcome::NotSent { .. }), "{absent:?}");
}

#[tokio::test]
async fn an_endless_or_senseless_greeting_means_not_sent() {
    use tokio::io::AsyncWriteExt;
    for greeting in [
        "220-x\r\n".repeat(100_000),
        "x".repeat(500_000),
        "HTTP/1.1 200\r\n".into(),
    ] {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let port = listener.local_addr().expect("an address").port();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a caller");
            // The caller may hang up in the middle: that is the point.
            drop(stream.write_all(greeting.as_bytes()).await);
            drop(stream.write_all(b"\r\n").await);
            std::future::pending::<()>().await;
        });
        let config = SmtpConfig {
            security: Security::None {
                allow_remote: false,
            },
            timeout_seconds: 5,
            ..SmtpConfig::new("127.0.0.1", port)
        };
        match Smtp::new(config).expect("settings").send(&email(1)).await {
            SendOutcome::NotSent { reason } => assert!(reason.len() < 600, "{reason}"),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn starttls_and_tls_with_a_trusted_certificate() {
    for (scenario, security) in [
        ("starttls", Security::Starttls),
        ("tls-from-start", Security::Tls),
    ] {
        let Some(server) = Server::start_with(scenario, true) else {
            return;
        };
        let config = SmtpConfig {
            security,
            ..server.config()
        };
        let smtp = Smtp::new(config.clone()).expect("settings");
        assert_accepted(&smtp.send(&email(1)).await);
        let stranger = SmtpConfig {
            extra_root_pem: None,
            ..config.clone()
        };
        let outcome = Smtp::new(stranger).expect("settings").send(&email(2)).await;
        assert!(
            matches!(outcome, SendOutcome::NotSent { .. }),
            "{scenario}: {outcome:?}"
        );
        let wrong_name = SmtpConfig {
            host: "127.0.0.1".to_owned(),
            ..config
        };
        let outcome = Smtp::new(wrong_name)
            .expect("settings")
            .send(&email(3))
            .await;
        assert!(
            matches!(outcome, SendOutcome::NotSent { .. }),
            "{scenario}: {outcome:?}"
        );
        assert_eq!(server.taken(), 1);
    }
}

#[tokio::test]
async fn a_server_without_starttls_gets_nothing() {
    let Some(server) = Server::start("normal") else {
        return;
    };
    let config = SmtpConfig {
        security: Security::Starttls,
        ..server.config()
    };
    let outcome = Smtp::new(config).expect("settings").send(&email(1)).await;
    assert!(
        matches!(outcome, SendOutcome::NotSent { .. }),
        "{outcome:?}"
    );
    assert_eq!(server.taken(), 0);
}

#[tokio::test]
async fn login_by_plain_and_by_login() {
    for (scenario, tls, mechanism) in [
        ("login", false, "PLAIN"),
        ("login", true, "PLAIN"),
        ("login-only-login", false, "LOGIN"),
    ] {
        let Some(server) = Server::start_with(scenario, tls) else {
            return;
        };
        let config = SmtpConfig {
            login: Some(("cuentas".to_owned(), Secret::new("clave con ñ"))),
            ..server.config()
        };
        let outcome = Smtp::new(config).expect("settings").send(&email(1)).await;
        assert_accepted(&outcome);
        let used = std::fs::read_to_string(server.folder.path().join("mechanism"));
        assert_eq!(used.expect("a login"), mechanism);
    }
}

#[tokio::test]
async fn a_wrong_password_is_not_sent_and_not_shown() {
    let Some(server) = Server::start("login") else {
        return;
    };
    let config = SmtpConfig {
        login: Some(("cuentas".to_owned(), Secret::new("secretísima"))),
        ..server.config()
    };
    let smtp = Smtp::new(config).expect("settings");
    match smtp.send(&email(1)).await {
        SendOutcome::NotSent { reason } => {
            assert!(reason.contains("535"), "{reason}");
            assert!(!reason.contains("secret"), "{reason}");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(server.taken(), 0);
}

#[tokio::test]
async fn a_server_that_repeats_the_login_gives_nothing_away() {
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("a caller");
        let mut stream = tokio::io::BufReader::new(stream);
        stream.write_all(b"220 hi\r\n").await.expect("greeted");
        let mut line = String::new();
        stream.read_line(&mut line).await.expect("EHLO");
        stream
            .write_all(b"250-hi\r\n250 AUTH PLAIN\r\n")
            .await
            .expect("answered");
        line.clear();
        stream.read_line(&mut line).await.expect("AUTH");
        let echo = format!("500 5.5.1 what is {line}");
        stream.write_all(echo.as_bytes()).await.expect("answered");
    });
    let config = SmtpConfig {
        security: Security::None {
            allow_remote: false,
        },
        login: Some(("cuentas".to_owned(), Secret::new("secreto"))),
        timeout_seconds: 5,
        ..SmtpConfig::new("127.0.0.1", port)
    };
    let outcome = Smtp::new(config).expect("settings").send(&email(1)).await;
    let SendOutcome::NotSent { reason } = outcome else {
        panic!("{outcome:?}")
    };
    assert!(
        reason.contains("500 5.5.1") && !reason.contains("what is"),
        "{reason}"
    );
}

#[test]
fn secrets_are_not_printed() {
    let config = SmtpConfig {
        login: Some(("cuentas".to_owned(), Secret::new("s3cr3t"))),
        ..SmtpConfig::new("mail.example", 587)
    };
    let smtp = Smtp::new(config.clone()).expect("settings");
    let secret = Secret::new("s3cr3t");
    for shown in [
        format!("{config:?}"),
        format!("{smtp:?}"),
        format!("{secret} {secret:?}"),
    ] {
        assert!(!shown.contains("s3cr3t"), "{shown}");
    }
}

#[test]
fn clear_text_stays_on_this_machine() {
    let build = |host: &str, allow_remote: bool, login: bool| {
        Smtp::new(SmtpConfig {
            security: Security::None { allow_remote },
            login: login.then(|| ("cuentas".to_owned(), Secret::new("x"))),
            ..SmtpConfig::new(host, 25)
        })
        .map(drop)
    };
    for host in ["localhost", "127.0.0.1", "127.9.9.9", "::1"] {
        assert_eq!(build(host, false, true), Ok(()), "{host}");
    }
    let remote = "mail.example".to_owned();
    let unencrypted = SmtpConfigError::UnencryptedRemote(remote.clone());
    assert_eq!(build("mail.example", false, false), Err(unencrypted));
    assert_eq!(build("mail.example", true, false), Ok(()));
    let password = SmtpConfigError::UnencryptedPassword(remote);
    assert_eq!(build("mail.example", true, true), Err(password));
    let zero = SmtpConfig {
        timeout_seconds: 0,
        ..SmtpConfig::new("mail.example", 587)
    };
    assert!(matches!(
        Smtp::new(zero),
        Err(SmtpConfigError::Zero("timeout_seconds"))
    ));
    let bad_root = SmtpConfig {
        extra_root_pem: Some(
            b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_vec(),
        ),
        ..SmtpConfig::new("mail.example", 587)
    };
    assert!(matches!(
        Smtp::new(bad_root),
        Err(SmtpConfigError::Tls { .. })
    ));
}
