//! The whole way in a browser, on both databases: from an empty one to the thanks for a payment.

use std::fs;
use std::future::pending;
use std::sync::Arc;

use engine::effects::{FixedClock, SeededRandomness};
use engine::outreach::Mailer;
use engine::{Effects, Engine};
use jiff::ToSpan;
use jiff::civil::{Date, Time, date, time};
use jiff::tz::TimeZone;
use serde_json::json;
use tempfile::TempDir;
use testkit::browser::{Driver, Look, Tab};
use testkit::{Letter, Outbox, TestDb, run_on_postgres, run_on_sqlite};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use web::{Config, Preparing, Web};

/// Her first day, a Monday.
const MONDAY: Date = date(2026, 3, 2);
/// The day her customer names.
const PROMISED: Date = date(2026, 3, 9);

const EMAIL: &str = "rosa@nandu.example";
const PASSWORD: &str = "correcto caballo pila";
const CUSTOMER: &str = "Abarrotes Luz S.A. de C.V.";
const ADDRESS: &str = "pagos@luz.example";

/// A bookkeeper's own sheet: a title, a total, a column nobody knows, and two rows without sense.
const SHEET: &str = "\
Ferretería Ñandú: por cobrar al 2 de marzo;;;;;;
;;;;;;
Folio;Cliente;A quién avisar;Fecha emisión;Vence;Total;Notas
F-101;Abarrotes Luz S.A. de C.V.;pagos@luz.example;15/01/2026;14/02/2026;$ 12.450,00;hablar con Rosa
F-102;Comercial Dos S.A. de C.V.;pagos@dos.example;20/02/2026;19/04/2026;$ 8.300,50;
F-103;Comercial Tres S.A. de C.V.;pagos@tres.example;20/02/2026;en mayo;1.200,00;
F-104;Comercial Tres S.A. de C.V.;pagos@tres.example;20/02/2026;19/04/2026;por confirmar;
;;;;TOTAL;20.750,50;
";

/// The program as it is served, with the clock in the test's hands.
struct House {
    engine: Engine,
    mailer: Mailer,
    clock: Arc<FixedClock>,
    outbox: Outbox,
    /// Where it is served.
    origin: String,
    /// The page of the first administrator.
    first_link: String,
    folder: TempDir,
    serving: JoinHandle<()>,
}

impl Drop for House {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn mexico() -> TimeZone {
    domain::calendar::zone("America/Mexico_City").expect("bundled")
}

impl House {
    async fn on(test: &TestDb) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let start = mexico().to_timestamp(MONDAY.at(8, 10, 0, 0));
        let clock = Arc::new(FixedClock::new(start.expect("in range")));
        let randomness = Box::new(SeededRandomness::new(2026));
        let effects = Effects::new(Box::new(Arc::clone(&clock)), randomness);
        let listener = TcpListener::bind(("127.0.0.1", 0)).await;
        let listener = listener.expect("a port is free");
        let origin = format!("http://{}", listener.local_addr().expect("its address"));
        let engine = Engine::new(test.db.clone(), Arc::new(effects)).expect("the engine");
        let engine = engine.with_uploads(folder.path().join("uploads"));
        let engine = engine.with_portal(&origin);
        let outbox = Outbox::new(folder.path().join("outbox"));
        let mailer = Mailer::Outbox(outbox.clone());
        let web = Web::new(engine.clone(), mailer.clone(), Config::default());
        let first_link = web::first_admin_address(&web, &origin).await;
        let serving = tokio::spawn(async move {
            let ready = async { Ok::<_, std::io::Error>(web) };
            let served = web::serve(ready, Preparing::Database, listener, pending()).await;
            served.expect("the faces are served");
        });
        Self {
            engine,
            mailer,
            clock,
            outbox,
            origin,
            first_link: first_link.expect("the database answers").expect("no users"),
            folder,
            serving,
        }
    }

    fn at(&self, day: Date, hour: Time) {
        let at = mexico().to_timestamp(day.to_datetime(hour));
        self.clock.set(at.expect("in range"));
    }

    /// What the program does by itself at that hour; how many messages its run planned.
    async fn tick(&self, day: Date, hour: Time) -> u64 {
        self.at(day, hour);
        let ticked = self.engine.tick(Some(&self.mailer)).await;
        let [ticked] = <[_; 1]>::try_from(ticked.expect("a tick")).expect("one company");
        assert_eq!(ticked.failed, None);
        ticked.planned
    }

    /// Every message that left, in the order of leaving.
    fn letters(&self) -> Vec<Letter> {
        let files = fs::read_dir(self.outbox.folder()).into_iter().flatten();
        let mut files: Vec<_> = files.flatten().map(|file| file.path()).collect();
        files.sort();
        let read = |path: &std::path::PathBuf| {
            let eml = fs::read_to_string(path).expect("a message");
            assert!(eml.contains(ADDRESS), "to her customer alone: {eml}");
            Letter::read(&eml)
        };
        files.iter().map(read).collect()
    }
}

/// The link in a message.
fn link_of(letter: &Letter, origin: &str) -> String {
    let start = format!("{origin}/p/");
    let at = letter.text.find(&start).expect("a link to the page");
    let rest = &letter.text[at..];
    let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
    rest[..end].to_owned()
}

/// Fails unless the page says all that.
async fn says(tab: &Tab, all: &[&str]) {
    let words = tab.words().await;
    for one in all {
        assert!(
            words.contains(one),
            "“{one}” at {}:\n{words}",
            tab.url().await
        );
    }
}

async fn from_an_empty_database_to_thanks(test: &TestDb, driver: &Driver) {
    let house = House::on(test).await;
    let desk = driver.open(&Look::default()).await;
    she_becomes_the_first_administrator(&desk, &house).await;
    she_says_who_the_company_is(&desk).await;
    her_sheet_is_read_as_she_explains_it(&desk, &house).await;
    she_mends_two_rows_in_place(&desk).await;
    she_reads_the_policy_and_what_would_be_sent(&desk).await;
    let letter = the_first_run_leaves_when_she_lets_it(&desk, &house).await;

    let phone = driver.open(&Look::phone().without_scripts()).await;
    let link = link_of(&letter, &house.origin);
    her_customer_finds_the_door(&phone, &house, &link).await;
    her_customer_names_a_day(&phone, &link).await;

    half_is_paid_and_nobody_writes_while_it_is_promised(&desk, &house).await;
    the_rest_is_paid_and_thanked_for(&desk, &house).await;
    nothing_is_left_to_pay(&phone, &link).await;
}

async fn she_becomes_the_first_administrator(desk: &Tab, house: &House) {
    desk.go(&house.first_link).await;
    desk.fill("#email", EMAIL).await;
    desk.fill("#name", "Rosa").await;
    desk.fill("#password", PASSWORD).await;
    desk.fill("#again", PASSWORD).await;
    desk.submit("button[type=submit]").await;
    desk.wait_for_url("/start").await;
    desk.fill("#legal_name", "Ferretería Ñandú, S.A. de C.V.")
        .await;
    desk.choose("#country", "MX").await;
    desk.submit("form button[type=submit]").await;
    desk.wait_for_url("/c/ferreteria-nandu-sa-de-cv/wizard/brand")
        .await;
}

async fn she_says_who_the_company_is(desk: &Tab) {
    let next = "form.card button.primary";
    desk.fill("#brand-name", "Ferretería Ñandú").await;
    desk.fill("#brand-colour", "#884400").await;
    desk.fill(
        "#brand-bank-data",
        "Banco Ejemplo, CLABE 000000000000000000",
    )
    .await;
    desk.fill("#sender-name", "Rosa, de Ferretería Ñandú").await;
    desk.fill("#sender-address", "cobranza@nandu.example").await;
    desk.submit(next).await;
    desk.wait_for_url("/wizard/legal").await;
    desk.choose("#creditor", "supplier").await;
    desk.choose("#debtor", "company").await;
    desk.click("input[name=consents][value=email]").await;
    desk.submit(next).await;
    desk.wait_for_url("/wizard/file").await;
}

async fn her_sheet_is_read_as_she_explains_it(desk: &Tab, house: &House) {
    let file = house.folder.path().join("cartera de marzo.csv");
    // As an old spreadsheet saves it: a byte a letter.
    let bytes: Vec<u8> = SHEET
        .chars()
        .filter_map(|it| u8::try_from(u32::from(it)).ok())
        .collect();
    fs::write(&file, bytes).expect("a file is written");
    desk.upload("#file", &file).await;
    desk.submit("form.card button.primary").await;
    desk.wait_for_url("/imports/").await;
    let first = [
        "Nada se ha guardado todavía",
        "2 filas esperarían en cuarentena",
        "14 feb 2026",
    ];
    says(desk, &first).await;

    // Nobody can know that this column holds addresses; she says so.
    let column = "(() => { const label = [...document.querySelectorAll('th label')].find(it => \
        it.textContent === 'A quién avisar'); return label.htmlFor; })()";
    let column = desk.evaluate(column).await;
    let column = format!("#{}", column.as_str().expect("the column's field"));
    assert_eq!(desk.property(&column, "value").await, json!(""));
    desk.choose(&column, "email").await;
    desk.submit("form[action$='/explain'] p button").await;
    assert_eq!(desk.property(&column, "value").await, json!("email"));
    says(
        desk,
        &["Así se leería el archivo ahora", "Medios de contacto"],
    )
    .await;

    desk.submit("form[action$='/begin'] button").await;
    desk.wait_until("!document.querySelector('[data-events]')")
        .await;
    says(
        desk,
        &["Importado", "2 filas esperan en cuarentena: corríjalas."],
    )
    .await;
}

async fn she_mends_two_rows_in_place(desk: &Tab) {
    desk.follow("Volver a los primeros pasos").await;
    desk.follow("Seguir").await;
    desk.wait_for_url("/wizard/mend").await;
    desk.follow("Corregirlas ahora").await;
    for (left, flash) in [
        (1, "La fila se leyó y ya está en la cartera."),
        (0, "La fila se leyó y ya está en la cartera."),
    ] {
        let bad = ".field.bad input";
        desk.click("section details summary").await;
        let was = desk.property(bad, "value").await;
        let right = match was.as_str() {
            Some("en mayo") => "20/05/2026",
            Some("por confirmar") => "950,00",
            other => panic!("no row of hers says {other:?}"),
        };
        desk.fill(bad, right).await;
        desk.submit("form[action$='/mend'] button").await;
        says(desk, &[flash]).await;
        assert_eq!(desk.count("form[action$='/mend']").await, left);
    }
    desk.follow("Volver a los primeros pasos").await;
    says(desk, &["Ninguna fila espera"]).await;
    desk.follow("Seguir").await;
    desk.wait_for_url("/wizard/policy").await;
}

async fn she_reads_the_policy_and_what_would_be_sent(desk: &Tab) {
    says(
        desk,
        &[
            "B2B estándar",
            "Cuándo no se escribe",
            "Un aviso de cortesía 3 días antes",
        ],
    )
    .await;
    desk.submit("form.stack button.primary").await;
    desk.wait_for_url("/wizard/review").await;
    // Customers, those who would be written to, and those left in peace.
    assert_eq!(desk.texts(".figures .figure").await, ["3", "1", "2"]);
    says(desk, &["recibirían un mensaje", CUSTOMER]).await;
    let message = "fetch(document.querySelector('iframe.letter').src).then(it => it.text())";
    let message = desk.evaluate(message).await;
    let message = message.as_str().expect("a message");
    for part in ["12,450.00", "F-101", "Ferretería Ñandú"] {
        assert!(message.contains(part), "{part}: {message}");
    }
    desk.follow("Seguir").await;
    desk.fill("#run_hour", "09:00").await;
    desk.submit("form.card button.primary").await;
    desk.wait_for_url("/home").await;
    says(
        desk,
        &["Todo listo: la primera corrida será a la hora que eligió."],
    )
    .await;
}

/// Opens the first page; after a night she has to sign in again.
async fn she_comes_in(desk: &Tab, house: &House) {
    desk.go(&format!("{}/", house.origin)).await;
    if desk.has("form[action='/sign-in']").await {
        desk.fill("#email", EMAIL).await;
        desk.fill("#password", PASSWORD).await;
        desk.submit("form[action='/sign-in'] button").await;
        desk.wait_for_url("/home").await;
    }
}

/// Presses the button that lets today's messages go.
async fn she_lets_them_go(desk: &Tab, house: &House) {
    she_comes_in(desk, house).await;
    says(desk, &["mensaje espera su visto bueno"]).await;
    desk.follow("Liberar todos").await;
    says(
        desk,
        &["Liberado: sale en cuanto la ley y el horario lo permitan."],
    )
    .await;
}

async fn the_first_run_leaves_when_she_lets_it(desk: &Tab, house: &House) -> Letter {
    assert_eq!(
        house.tick(MONDAY, time(8, 50, 0, 0)).await,
        0,
        "not before its hour"
    );
    assert_eq!(house.tick(MONDAY, time(9, 0, 0, 0)).await, 1);
    assert!(
        house.letters().is_empty(),
        "nothing leaves before she saw it"
    );
    she_lets_them_go(desk, house).await;
    house.tick(MONDAY, time(9, 5, 0, 0)).await;
    let [letter] = <[_; 1]>::try_from(house.letters()).expect("one message");
    assert!(letter.text.contains("12,450.00"), "{}", letter.text);
    letter
}

async fn her_customer_finds_the_door(phone: &Tab, house: &House, link: &str) {
    const AMOUNT: &str = "input[name=amount]";
    const ENTER: &str = "input[name=amount] ~ button";
    house.at(MONDAY, time(13, 0, 0, 0));
    phone.go(link).await;
    let door = phone.words().await;
    assert!(door.contains("Ferretería Ñandú le escribió"), "{door}");
    for secret in ["12,450", "F-101", "Luz", "vencid"] {
        assert!(!door.contains(secret), "nothing before the door: {door}");
    }
    assert_eq!(phone.sideways().await, Vec::<String>::new());
    for wrong in ["12,450.01", "1", "F-101", "999.99"] {
        phone.fill(AMOUNT, wrong).await;
        phone.submit(ENTER).await;
        says(phone, &["No coincide. Revise e intente de nuevo"]).await;
    }
    // Once too often, the door looks like one that never was.
    phone.fill(AMOUNT, "2").await;
    phone.submit(ENTER).await;
    let locked = phone.words().await;
    assert!(
        locked.contains("Este enlace no está disponible"),
        "{locked}"
    );
    phone
        .go(&format!("{}/p/{}", house.origin, "A".repeat(43)))
        .await;
    assert_eq!(phone.words().await, locked, "who exists is not told");

    house.at(MONDAY, time(13, 2, 0, 0));
    phone.go(link).await;
    phone.fill(AMOUNT, "12,450.00").await;
    phone.submit(ENTER).await;
    phone.wait_for_url("/account").await;
    says(phone, &["F-101", "$12,450.00 MXN", "Venció el 14 feb 2026"]).await;
    assert_eq!(phone.sideways().await, Vec::<String>::new());
}

async fn her_customer_names_a_day(phone: &Tab, link: &str) {
    phone.follow("Cómo pagar").await;
    says(phone, &["CLABE 000000000000000000"]).await;
    phone.go(&format!("{link}/promise")).await;
    phone.fill("input[name=date]", &PROMISED.to_string()).await;
    phone.fill("input[name=amount]", "12450").await;
    phone.submit("form.box button").await;
    let told = [
        "Quedó anotado el día en que va a pagar",
        "a más tardar el 9 mar 2026",
    ];
    says(phone, &told).await;
}

/// Comes in the morning, opens her customer and records what came in.
async fn she_records_a_payment(desk: &Tab, house: &House, amount: &str) {
    she_comes_in(desk, house).await;
    let customers = "/c/ferreteria-nandu-sa-de-cv/customers?state=all";
    desk.go(&format!("{}{customers}", house.origin)).await;
    desk.follow(CUSTOMER).await;
    desk.follow("Registrar pago").await;
    desk.fill("#f-amount", amount).await;
    desk.submit("form.card button.primary").await;
    says(desk, &["Pago registrado."]).await;
}

async fn half_is_paid_and_nobody_writes_while_it_is_promised(desk: &Tab, house: &House) {
    house.at(date(2026, 3, 3), time(8, 0, 0, 0));
    she_records_a_payment(desk, house, "5,000.00").await;
    says(
        desk,
        &["$7,450.00", "Todo lo vencido está detenido por promesa."],
    )
    .await;
    let mut day = date(2026, 3, 3);
    while day <= PROMISED {
        for hour in [9, 12, 17] {
            assert_eq!(
                house.tick(day, time(hour, 0, 0, 0)).await,
                0,
                "{day} at {hour}"
            );
        }
        day = day.saturating_add(1.day());
    }
    assert_eq!(house.letters().len(), 1, "a promise is waited for");
}

async fn the_rest_is_paid_and_thanked_for(desk: &Tab, house: &House) {
    house.at(PROMISED, time(17, 30, 0, 0));
    she_records_a_payment(desk, house, "7,450.00").await;
    let tuesday = date(2026, 3, 10);
    assert_eq!(house.tick(tuesday, time(9, 0, 0, 0)).await, 1);
    she_lets_them_go(desk, house).await;
    house.tick(tuesday, time(9, 30, 0, 0)).await;
    let letters = house.letters();
    let [_, thanks] = letters.as_slice() else {
        panic!("one more message: {letters:?}");
    };
    assert!(thanks.subject.contains("Gracias"), "{}", thanks.subject);
    assert!(!thanks.text.contains("12,450"), "{}", thanks.text);
}

async fn nothing_is_left_to_pay(phone: &Tab, link: &str) {
    // Days later the session is over, and the amount of the message is still the answer.
    phone.go(link).await;
    phone.fill("input[name=amount]", "12,450.00").await;
    phone.submit("input[name=amount] ~ button").await;
    phone.wait_for_url("/account").await;
    says(phone, &["No tiene nada pendiente. Gracias."]).await;
}

mod from_an_empty_database_to_thanks_for_a_payment {
    use super::*;

    #[test]
    fn on_sqlite() {
        if let Some(driver) = Driver::start() {
            run_on_sqlite(async |test| from_an_empty_database_to_thanks(test, &driver).await);
        }
    }

    #[test]
    fn on_postgres() {
        if let Some(driver) = Driver::start() {
            run_on_postgres(async |test| from_an_empty_database_to_thanks(test, &driver).await);
        }
    }
}
