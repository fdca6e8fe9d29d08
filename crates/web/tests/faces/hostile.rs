//! A company whose customers, files and colleagues all mean harm: what they could write, wherever
//! they could write it, in the hope that a page takes it for a part of itself.

use domain::customer::Channel;
use domain::hold::HoldKind;
use engine::customers::TagChange;
use engine::files::NewFile;
use engine::holds::NewHold;
use engine::inbound::NewMessage;
use engine::notes::NewCall;
use jiff::civil::{date, time};
use testkit::World;

/// Ends an attribute, opens an element, runs a script, asks a template to count.
pub const HARM: &str = "\"'><x-harm onmouseover=harm()></x-harm>\
    <script>window.harmed=1</script>{{7*7}}";

/// What a page must never have in it as it is.
pub const HARMED: &str = "<x-harm";

/// A formula that a spreadsheet would run.
pub const FORMULA: &str = "=HYPERLINK(\"https://elsewhere.test\",\"Ver\")";

/// The keys of the two customers.
const KEYS: [&str; 2] = [HARM, "@C-2"];

/// Lays all of it down.
pub async fn harm(world: &World) {
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let head = "Factura,Código cliente,Cliente,RFC,Correo,Teléfono,Contacto,Fecha emisión,\
        Fecha vencimiento,Importe,Orden de compra,Vendedor,Notas\n";
    let line = |number: &str, key: &str, name: &str, due: &str| {
        let fields = [
            number,
            key,
            name,
            HARM,
            "ana@cliente.test",
            "+525512345678",
            HARM,
        ];
        let fields = fields.map(quoted).join(",");
        let tail = [HARM, FORMULA, HARM].map(quoted).join(",");
        format!("{fields},2026-01-05,{due},1234.50,{tail}\n")
    };
    let text = [
        head.to_owned(),
        line(HARM, KEYS[0], HARM, "2026-02-01"),
        line(FORMULA, KEYS[1], FORMULA, "2026-02-20"),
        line("-7", KEYS[1], FORMULA, "2026-04-20"),
        format!(
            "{},{},,,,,,mañana,{},x,,,\n",
            quoted(&format!("{HARM}2")),
            quoted(KEYS[0]),
            quoted(HARM)
        ),
    ];
    // A slash cannot be in a file's name.
    let name = format!("{}.csv", HARM.replace('/', "|"));
    let report = world.import_named(&name, &text.concat()).await;
    assert_eq!(
        report.quarantined.len(),
        1,
        "one line cannot be read: {report:?}"
    );
    world.run(date(2026, 3, 2)).await;
    world.dispatch().await;
    world.at(date(2026, 3, 2), time(10, 0, 0, 0));
    for key in KEYS {
        say(world, key).await;
    }
}

async fn say(world: &World, key: &str) {
    let (engine, company) = (&world.engine, &world.company);
    let customer = world.standing(key).await.position.customer.id;
    let message = NewMessage {
        customer: key.to_owned(),
        channel: Channel::Email,
        address: "ana@cliente.test".to_owned(),
        subject: HARM.to_owned(),
        text: format!("{HARM}\n{FORMULA}"),
        at: None,
        key: None,
        answers: None,
    };
    let said = engine.receive(company, message, HARM).await;
    said.expect("a message");
    let noted = engine.add_note(company, customer, HARM, HARM).await;
    noted.expect("a note");
    let call = NewCall {
        customer,
        channel: Channel::Call,
        overriding: None,
        number: HARM.to_owned(),
        result: domain::call::CallResult::NoAnswer,
        note: HARM.to_owned(),
        at: None,
    };
    engine.add_call(company, call, HARM).await.expect("a call");
    let tags = TagChange {
        add: vec!["<x-harm>".to_owned(), "=1+1".to_owned()],
        remove: Vec::new(),
    };
    let tagged = engine.set_tags(company, &[customer], &tags, HARM).await;
    tagged.expect("tags");
    let hold = NewHold {
        customer: key.to_owned(),
        document: None,
        kind: HoldKind::Dispute,
        amount: Some("10".parse().expect("an amount")),
        currency: None,
        from: None,
        until: None,
        reason: HARM.to_owned(),
    };
    engine.add_hold(company, hold, HARM).await.expect("a hold");
    let file = NewFile {
        customer: Some(customer),
        document: None,
        name: format!("{}.pdf", HARM.replace('/', "|")),
        content: b"%PDF-1.4\n%<script>window.harmed=1</script>\n%%EOF\n".to_vec(),
    };
    let kept = engine.add_file(company, file, HARM).await;
    kept.expect("a file");
    world.promise(key, "5", date(2026, 3, 9)).await;
}
