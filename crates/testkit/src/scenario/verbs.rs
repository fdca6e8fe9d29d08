//! What can happen in a scenario, read from its words.

use domain::{Currency, Money};
use jiff::civil::Date;
use rust_decimal::Decimal;

/// What was read, or what to write instead.
pub type Read<T> = Result<T, String>;

/// What can happen.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// A document.
    Document {
        /// `factura`, `nota de cargo` or `nota de crédito`.
        kind: &'static str,
        /// Its number.
        number: String,
        /// How much.
        amount: Amount,
        /// When it is due.
        due: Option<Date>,
        /// When it was issued; the day of the row when not said.
        issued: Option<Date>,
        /// Whether it is collected by direct debit.
        direct_debit: bool,
    },
    /// Money in.
    Payment {
        /// How much.
        amount: Amount,
        /// What it is for.
        on: Vec<String>,
        /// Whether it waits to be applied.
        unapplied: bool,
    },
    /// A promise.
    Promise(Amount, Date),
    /// A dispute.
    Dispute {
        /// The document.
        number: String,
        /// How much; all when not said.
        amount: Option<Amount>,
        /// Until when.
        until: Option<Date>,
    },
    /// The end of a dispute.
    Settled(String),
    /// A pause.
    Pause {
        /// From when; the day of the row when not said.
        from: Option<Date>,
        /// Until when.
        until: Option<Date>,
    },
    /// The end of the last pause.
    Resumed,
    /// How the address works: its code.
    Health(&'static str),
    /// Nobody runs until that day.
    Off(Date),
    /// The clock jumps to that day.
    Clock(Date),
}

/// An amount and its currency, where it is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount {
    /// In major units.
    pub value: Decimal,
    /// Its currency; the company's when none is said.
    pub currency: Option<Currency>,
}

pub fn date(text: &str) -> Read<Date> {
    text.parse()
        .map_err(|_| format!("«{text}» no es un día, como 2026-02-04"))
}

fn amount(words: &mut Words<'_>) -> Read<Amount> {
    let text = words.next("un importe")?;
    let value = text.replace(',', "").parse();
    let value = value.map_err(|_| format!("«{text}» no es un importe, como 1,234.56"))?;
    let code = words
        .peek()
        .filter(|word| word.bytes().all(|byte| byte.is_ascii_uppercase()));
    let currency = code.and_then(|word| Currency::new(word).ok());
    if currency.is_some() {
        words.skip();
    }
    Ok(Amount { value, currency })
}

/// The words of an event, taken one by one.
struct Words<'a>(std::iter::Peekable<std::str::SplitWhitespace<'a>>);

impl<'a> Words<'a> {
    fn new(text: &'a str) -> Self {
        Self(text.split_whitespace().peekable())
    }

    fn next(&mut self, wanted: &str) -> Read<&'a str> {
        self.0.next().ok_or_else(|| format!("falta {wanted}"))
    }

    fn peek(&mut self) -> Option<&'a str> {
        self.0.peek().copied()
    }

    fn skip(&mut self) {
        self.0.next();
    }

    /// Whether the next words are these; then they are taken.
    fn take(&mut self, words: &str) -> bool {
        let mut ahead = self.0.clone();
        let found = words.split(' ').all(|word| ahead.next() == Some(word));
        if found {
            self.0 = ahead;
        }
        found
    }

    fn date_after(&mut self, word: &str) -> Read<Option<Date>> {
        if self.take(word) {
            date(self.next("un día")?).map(Some)
        } else {
            Ok(None)
        }
    }
}

pub fn what(text: &str) -> Read<What> {
    let mut words = Words::new(text);
    let what = verb(&mut words)?;
    match words.peek() {
        None => Ok(what),
        Some(extra) => Err(format!("«{extra}» está de más en «{text}»")),
    }
}

fn verb(words: &mut Words<'_>) -> Read<What> {
    for kind in ["factura", "nota de cargo", "nota de crédito"] {
        if words.take(kind) {
            return document(kind, words);
        }
    }
    if words.take("pago") || words.take("abono") {
        return payment(words);
    }
    if words.take("promesa") {
        let amount = amount(words)?;
        let due = words.date_after("para")?.ok_or("falta `para DÍA`")?;
        return Ok(What::Promise(amount, due));
    }
    if words.take("disputa") {
        let number = words.next("la factura")?.to_owned();
        let amount = if words.take("por") {
            Some(amount(words)?)
        } else {
            None
        };
        let until = words.date_after("hasta")?;
        return Ok(What::Dispute {
            number,
            amount,
            until,
        });
    }
    if words.take("fin de disputa") {
        return Ok(What::Settled(words.next("la factura")?.to_owned()));
    }
    if words.take("pausa") {
        let (from, until) = (words.date_after("desde")?, words.date_after("hasta")?);
        return Ok(What::Pause { from, until });
    }
    if words.take("fin de pausa") {
        return Ok(What::Resumed);
    }
    for (said, code) in [
        ("rebota correo", "bouncing"),
        ("sirve correo", "good"),
        ("baja correo", "opted_out"),
    ] {
        if words.take(said) {
            return Ok(What::Health(code));
        }
    }
    if let Some(day) = words.date_after("apagado hasta")? {
        return Ok(What::Off(day));
    }
    if let Some(day) = words.date_after("reloj")? {
        return Ok(What::Clock(day));
    }
    let word = words.peek().unwrap_or_default();
    Err(format!(
        "«{word}» no se conoce: use factura, nota de cargo, nota de crédito, pago, abono, promesa, \
         disputa, fin de disputa, pausa, fin de pausa, rebota, sirve o baja correo, apagado o reloj"
    ))
}

fn document(kind: &'static str, words: &mut Words<'_>) -> Read<What> {
    let number = words.next("el número")?.to_owned();
    if !words.take("por") {
        return Err("falta `por IMPORTE`".to_owned());
    }
    let amount = amount(words)?;
    let due = words.date_after("vence")?;
    let issued = words.date_after("emitida")?;
    if due.is_none() && kind != "nota de crédito" {
        return Err("falta `vence DÍA`".to_owned());
    }
    Ok(What::Document {
        kind,
        number,
        amount,
        due,
        issued,
        direct_debit: words.take("domiciliada"),
    })
}

fn payment(words: &mut Words<'_>) -> Read<What> {
    let amount = amount(words)?;
    let mut on = Vec::new();
    while words.take("a") || words.take("y") {
        on.push(words.next("la factura")?.to_owned());
    }
    let unapplied = words.take("sin aplicar");
    Ok(What::Payment {
        amount,
        on,
        unapplied,
    })
}

impl Amount {
    /// As money, in `otherwise` when no currency is said.
    pub fn money(self, otherwise: Currency) -> Money {
        let money = Money::from_decimal(self.value, self.currency.unwrap_or(otherwise));
        money.expect("an amount of the currency")
    }
}
