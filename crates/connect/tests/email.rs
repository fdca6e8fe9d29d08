//! A message's bytes, and the files of the outbox.

use connect::channels::email::{RECIPIENTS_MAX, SUBJECT_BYTES_MAX};
use connect::channels::{EmailError, Mailbox, Outbox, OutboxError, OutgoingEmail};
use domain::ContactId;

fn contact() -> ContactId {
    "0199f000-0000-7000-8000-000000000001"
        .parse()
        .expect("an id")
}

fn email() -> OutgoingEmail {
    OutgoingEmail {
        contact: contact(),
        from: Mailbox::named("Laura Méndez · Aceros", "cuentas@aceros.example"),
        reply_to: Some(Mailbox::bare("laura@aceros.example")),
        to: vec![Mailbox::named("Ferretería Díaz", "pagos@diaz.example")],
        cc: vec![Mailbox::bare("dueno@diaz.example")],
        subject: "Información de su cuenta con Aceros del Valle".to_owned(),
        text: "Saldo: $1,234.56 MXN\n.\nÑandú\n".to_owned(),
        html: "<p>Saldo: $1,234.56 MXN &amp; más</p>\n".to_owned(),
        unsubscribe_mailto: Some("baja@aceros.example".to_owned()),
        unsubscribe_url: None,
        date: "2026-10-25T14:00:00.123456Z".parse().expect("an instant"),
        test_recipient: None,
    }
}

fn source(email: &OutgoingEmail) -> String {
    let built = email.build().expect("a message");
    String::from_utf8(built.bytes).expect("ASCII")
}

fn headers(email: &OutgoingEmail) -> Vec<String> {
    let source = source(email).replace("\r\n ", " ");
    let head = source.split("\r\n\r\n").next().expect("headers");
    head.lines().map(str::to_owned).collect()
}

#[test]
fn same_input_same_bytes() {
    let first = email().build().expect("a message");
    for _ in 0..20 {
        assert_eq!(email().build().expect("a message"), first);
    }
    let mut other = email();
    other.contact = "0199f000-0000-7000-8000-000000000002"
        .parse()
        .expect("an id");
    assert_ne!(other.build().expect("a message").bytes, first.bytes);
}

#[test]
fn headers_say_what_they_should() {
    let headers = headers(&email());
    for expected in [
        "Message-ID: <0199f000-0000-7000-8000-000000000001@aceros.example>",
        "Date: Sun, 25 Oct 2026 14:00:00 +0000",
        "Reply-To: laura@aceros.example",
        "Cc: dueno@diaz.example",
        "List-Unsubscribe: <mailto:baja@aceros.example?subject=BAJA>",
        "MIME-Version: 1.0",
        "Content-Type: multipart/alternative; \
         boundary=\"=_0199f000000070008000000000000001\"",
    ] {
        assert!(
            headers.iter().any(|line| line == expected),
            "{expected}\n{headers:#?}"
        );
    }
    assert!(
        !headers
            .iter()
            .any(|line| line.starts_with("Auto-Submitted"))
    );
    assert!(!headers.iter().any(|line| line.starts_with("X-")));
}

#[test]
fn every_byte_is_ascii_and_no_line_too_long() {
    let mut long = email();
    long.html = "<p>áé</p>".repeat(5_000);
    long.text = "palabra ".repeat(5_000);
    let source = source(&long);
    assert!(source.is_ascii());
    assert!(
        source
            .split("\r\n")
            .all(|line| line.len() <= 78 && !line.contains(['\r', '\n']))
    );
}

#[test]
fn no_value_adds_a_header() {
    let mut hostile = email();
    hostile.subject = "Hola\r\nBcc: x@evil.example\u{b}fin".to_owned();
    hostile.from.name = Some("Ana\r\nX-Evil: 1".to_owned());
    hostile.to[0].name = Some("\"Díaz\", <x@evil.example>\n".to_owned());
    let lines = headers(&hostile);
    assert_eq!(lines.len(), headers(&email()).len(), "{lines:#?}");
    assert!(
        !lines
            .iter()
            .any(|line| line.starts_with("Bcc") || line.starts_with("X-Evil"))
    );
    assert!(
        lines.contains(&"Subject: Hola Bcc: x@evil.example fin".to_owned()),
        "{lines:#?}"
    );
    for address in [
        "a@b.example\r\nBcc: c@d.example",
        "a@b.example, c@d.example",
        "",
        "ñ@b.example",
    ] {
        let mut hostile = email();
        hostile.unsubscribe_mailto = Some(address.to_owned());
        assert_eq!(
            hostile.build(),
            Err(EmailError::Address(address.to_owned()))
        );
    }
}

#[test]
fn test_mode_sends_to_one_address_and_names_the_real_ones() {
    let mut test = email();
    test.test_recipient = Some(Mailbox::bare("yo@aceros.example"));
    let lines = headers(&test);
    assert!(
        lines.contains(&"To: yo@aceros.example".to_owned()),
        "{lines:#?}"
    );
    assert!(!lines.iter().any(|line| line.starts_with("Cc:")));
    let original = "X-Puntual-Original-Recipients: pagos@diaz.example, dueno@diaz.example";
    assert!(lines.contains(&original.to_owned()), "{lines:#?}");
}

#[test]
fn limits_are_kept() {
    let contact = contact();
    let mut none = email();
    none.to.clear();
    assert_eq!(none.build(), Err(EmailError::NoRecipient(contact)));
    let mut many = email();
    many.to = vec![many.to[0].clone(); RECIPIENTS_MAX];
    let too_many = EmailError::TooManyRecipients(contact, RECIPIENTS_MAX + 1);
    assert_eq!(many.build(), Err(too_many));
    let mut long = email();
    long.subject = "x".repeat(SUBJECT_BYTES_MAX + 1);
    assert!(matches!(
        long.build(),
        Err(EmailError::TooLong {
            part: "subject",
            ..
        })
    ));
    let mut old = email();
    for date in ["1969-12-31T23:59:59Z", "-000001-01-01T00:00:00Z"] {
        old.date = date.parse().expect("an instant");
        assert_eq!(old.build(), Err(EmailError::Date(old.date)));
    }
    old.date = jiff::Timestamp::MAX;
    old.build().expect("the year 9999 can be written");
}

#[test]
fn the_outbox_has_one_file_per_contact() {
    let folder = tempfile::tempdir().expect("a folder");
    let outbox = Outbox::new(folder.path().join("salida"));
    let path = outbox.write(&email()).expect("written");
    assert_eq!(
        path.file_name().and_then(|name| name.to_str()),
        Some(&*format!("{}.eml", contact()))
    );
    let bytes = email().build().expect("a message").bytes;
    assert_eq!(std::fs::read(&path).expect("a file"), bytes);
    assert_eq!(outbox.write(&email()).expect("written again"), path);
    let mut changed = email();
    changed.text = "Otro texto".to_owned();
    assert_eq!(outbox.write(&changed).expect("written anew"), path);
    assert_ne!(std::fs::read(&path).expect("a file"), bytes);
    let files = std::fs::read_dir(outbox.folder())
        .expect("a folder")
        .count();
    assert_eq!(files, 1);
}

#[test]
fn an_outbox_that_cannot_be_written_says_where() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("taken");
    std::fs::write(&file, "not a folder").expect("a file");
    let error = Outbox::new(&file).write(&email()).expect_err("no folder");
    assert!(error.to_string().contains("taken"), "{error}");
    let mut bad = email();
    bad.from.address = "nobody".to_owned();
    let outbox = Outbox::new(folder.path().join("salida"));
    assert!(matches!(
        outbox.write(&bad),
        Err(OutboxError::Email(EmailError::Address(_)))
    ));
    assert!(!outbox.folder().exists());
}
