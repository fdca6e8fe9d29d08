//! Opening a connection: greetings, encryption, login, and settings that are refused.

use connect::Secret;
use connect::channels::{Security, SendOutcome, Smtp, SmtpConfig, SmtpConfigError};

use crate::server::Server;
use crate::{assert_accepted, email};

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
        "220-x\r\n".repeat(500),
        "x".repeat(500_000) + "\r\n",
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
            std::future::pending::<()>().await;
        });
        let config = SmtpConfig {
            security: Security::None {
                allow_remote: false,
            },
            timeout_seconds: 1,
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
