//! Sending to a real SMTP server (aiosmtpd) on this machine, well behaved and otherwise.
//!
//! Without Debian's `python3-aiosmtpd` each test says that it was skipped; with
//! `PUNTUAL_REQUIRE_ALL=1`, as in CI, that is a failure.

mod opening;
mod server;

use connect::channels::{Mailbox, OutgoingEmail, SendOutcome, Smtp, SmtpConfig};
use domain::ContactId;
use domain::ids::uuid_v7;
use serde_json::Value;
use server::Server;

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
        unsubscribe_url: None,
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
    tokio::time::sleep(std::time::Duration::from_millis(2_500)).await;
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
async fn a_kept_connection_that_went_silent_is_replaced() {
    let Some(server) = Server::start("hang-on-second-mail") else {
        return;
    };
    let config = SmtpConfig {
        timeout_seconds: 1,
        ..server.config()
    };
    let smtp = Smtp::new(config).expect("settings");
    assert_accepted(&smtp.send(&email(1)).await);
    assert_accepted(&smtp.send(&email(2)).await);
    assert_eq!((server.taken(), server.connections()), (2, 2));
}
