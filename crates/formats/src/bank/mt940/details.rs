//! What `:86:` tells of a movement: German numbered subfields (`?20…`), words between slashes
//! (`/NAME/…`), and free text.

use domain::Money;

use super::super::{Transaction, figure};
use super::movement::coded;

/// Letters of a line of `:86:`; a full line goes on without a blank.
const LINE_LEN: usize = 65;
/// Letters of a numbered subfield; a full one goes on without a blank.
const SUBFIELD_LEN: usize = 27;

/// Words between slashes that Dutch and Belgian banks and SWIFT know.
const SLASHED: [&str; 33] = [
    "ACCW", "ADDR", "BENM", "BIC", "CHGS", "CNTP", "CSID", "EREF", "EXCH", "IBAN", "ID", "INIT",
    "ISDT", "KREF", "MARF", "NAME", "NRTX", "OCMT", "ORDP", "PREF", "PURP", "RATE", "REMI", "RREF",
    "RTRN", "SUBID", "SVCL", "SWOC", "SWOD", "TRCD", "TRTP", "ULTB", "ULTD",
];
/// Words before a plus sign of German SEPA purposes.
const PLUSSED: [&str; 16] = [
    "ABWA", "ABWE", "ANAM", "BIC", "COAM", "CRED", "DEBT", "EREF", "IBAN", "KREF", "MDAT", "MREF",
    "OAMT", "PURP", "RREF", "SVWZ",
];
/// German transaction codes of what comes back: returned debits, cheques and transfers.
const RETURNED: [&str; 6] = ["108", "109", "111", "159", "181", "184"];

/// Words before a colon that name the other side.
const NAMES: [&str; 5] = ["AUFTRAGGEBER:", "NAAM:", "NOMBRE:", "ORDENANTE:", "PAYER:"];

/// Whether a text begins as numbered details do: `166?00`.
pub(super) fn is_structured(text: &str) -> bool {
    separator(text).is_some()
}

/// The letter between the subfields, which the text shows after its three-digit code.
fn separator(text: &str) -> Option<char> {
    let text = text.trim_start();
    let code = text.get(..3)?;
    if !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let letter = text[3..].chars().next()?;
    let number = text[3 + letter.len_utf8()..].get(..2)?;
    let digits = number.bytes().all(|byte| byte.is_ascii_digit());
    // A slash or a point stands in dates and amounts too.
    let known = matches!(letter, '?' | '>' | '<' | '~' | '^' | '@' | '+' | '|' | '!');
    (digits && known).then_some(letter)
}

/// Reads the lines of a `:86:` field into its movement.
pub(super) fn read(lines: &[String], moved: &mut Transaction) {
    let first = lines.first().map_or("", String::as_str);
    if let Some(letter) = separator(first) {
        let joined: String = lines.concat();
        return numbered(joined.trim_start(), letter, moved);
    }
    let text = joined(lines, LINE_LEN);
    let found = slashed(&text);
    if found.is_empty() {
        return free(&text, moved);
    }
    take_slashed(&found, moved);
}

/// Lines as one text: a full line's word goes on in the next.
fn joined(lines: &[String], full: usize) -> String {
    let mut text = String::new();
    let mut goes_on = true;
    for line in lines {
        if !goes_on {
            text.push(' ');
        }
        text.push_str(line);
        goes_on = line.chars().count() >= full;
    }
    text
}

/// The subfields of a numbered text: number and value.
fn subfields(text: &str, letter: char) -> Vec<(u8, String)> {
    let mut fields: Vec<(u8, String)> = Vec::new();
    for (index, piece) in text.split(letter).enumerate() {
        let number = piece
            .get(..2)
            .filter(|two| two.bytes().all(|byte| byte.is_ascii_digit()));
        match number.and_then(|two| two.parse().ok()) {
            Some(number) if index > 0 => fields.push((number, piece[2..].to_owned())),
            // The letter stood in a text.
            _ => {
                if let Some((_, value)) = fields.last_mut() {
                    value.push(letter);
                    value.push_str(piece);
                }
            }
        }
    }
    fields
}

fn numbered(text: &str, letter: char, moved: &mut Transaction) {
    let code = &text[..3];
    let fields = subfields(text, letter);
    let of = |range: std::ops::RangeInclusive<u8>| {
        let values: Vec<String> = fields
            .iter()
            .filter(|(number, _)| range.contains(number))
            .map(|(_, value)| value.clone())
            .collect();
        joined(&values, SUBFIELD_LEN)
    };
    moved.code = Some(match &moved.code {
        Some(kind) => format!("{kind}/{code}"),
        None => code.to_owned(),
    });
    let purpose = format!("{}{}", of(20..=29), after(&of(60..=63), &of(20..=29)));
    let plussed = plussed(&purpose);
    if plussed.is_empty() {
        figure::add_words(&mut moved.text, &purpose);
    } else {
        take_plussed(&plussed, moved);
    }
    let name = figure::words(&of(32..=33));
    moved.counterparty.name = name.or_else(|| moved.counterparty.name.take());
    let account = figure::account(&of(31..=31)).or_else(|| figure::account(&of(38..=38)));
    moved.counterparty.account = account.or_else(|| moved.counterparty.account.take());
    moved.counterparty.bank = figure::account(&of(30..=30));
    if RETURNED.contains(&code) {
        moved.reversal = true;
        moved.return_reason = figure::words(&of(34..=34));
    }
    if moved.text.is_empty() {
        figure::add_words(&mut moved.text, &of(0..=0));
    }
}

/// Later subfields of the purpose, which go on without a blank where the earlier are full.
fn after(more: &str, before: &str) -> String {
    if more.is_empty() || before.is_empty() || before.chars().count().is_multiple_of(SUBFIELD_LEN) {
        more.to_owned()
    } else {
        format!(" {more}")
    }
}

/// Words before a plus sign, with what stands behind them; what comes before the first is under
/// an empty word.
fn plussed(text: &str) -> Vec<(&str, &str)> {
    let mut marks: Vec<(usize, &str)> = text
        .match_indices('+')
        .filter_map(|(at, _)| {
            let word = text.get(..at)?;
            PLUSSED
                .iter()
                .find(|known| word.ends_with(**known))
                .map(|known| (at, *known))
        })
        .collect();
    if marks.is_empty() {
        return Vec::new();
    }
    marks.push((text.len(), ""));
    let first = marks[0].0 - marks[0].1.len();
    let mut found = vec![("", text[..first].trim())];
    found.extend(marks.windows(2).map(|pair| {
        let end = pair[1].0 - pair[1].1.len();
        (
            pair[0].1,
            text.get(pair[0].0 + 1..end).unwrap_or_default().trim(),
        )
    }));
    found
}

fn take_plussed(found: &[(&str, &str)], moved: &mut Transaction) {
    for (word, value) in found {
        match *word {
            "EREF" => moved.end_to_end = figure::reference(value).or(moved.end_to_end.take()),
            "SVWZ" | "" | "ANAM" => figure::add_words(&mut moved.text, value),
            "ABWA" => moved.counterparty.ultimate = figure::words(value),
            "IBAN" => moved.counterparty.account = figure::account(value),
            "BIC" => moved.counterparty.bank = figure::account(value),
            "OAMT" => original(coded(&format!("/{value}"), "/"), moved),
            "COAM" => charged(coded(&format!("/{value}"), "/"), moved),
            _ => {}
        }
    }
}

fn original(money: Option<Money>, moved: &mut Transaction) {
    if let Some(money) = money.filter(|one| one.currency != moved.amount.currency) {
        moved.original = Some((money, None));
    }
}

fn charged(money: Option<Money>, moved: &mut Transaction) {
    if let Some(money) = money.filter(|one| one.currency == moved.amount.currency) {
        moved.charges = Some(money);
    }
}

/// Words between slashes, with what stands behind them.
fn slashed(text: &str) -> Vec<(&str, &str)> {
    let slashes: Vec<usize> = text.match_indices('/').map(|(at, _)| at).collect();
    let mut marks: Vec<(usize, usize, &str)> = slashes
        .windows(2)
        .filter_map(|pair| {
            let word = text.get(pair[0] + 1..pair[1])?;
            let known = SLASHED.iter().find(|known| **known == word)?;
            Some((pair[0], pair[1] + 1, *known))
        })
        .collect();
    marks.push((text.len(), text.len(), ""));
    marks
        .windows(2)
        .filter_map(|pair| {
            let value = text.get(pair[0].1..pair[1].0)?;
            Some((
                pair[0].2,
                value.trim_matches(|letter| letter == '/' || letter == ' '),
            ))
        })
        .collect()
}

fn take_slashed(found: &[(&str, &str)], moved: &mut Transaction) {
    let mut party = "";
    for (word, value) in found {
        match *word {
            "EREF" => moved.end_to_end = figure::reference(value).or(moved.end_to_end.take()),
            "NAME" if party == "ULTD" => moved.counterparty.ultimate = figure::words(value),
            "NAME" => moved.counterparty.name = figure::words(value),
            "IBAN" => moved.counterparty.account = figure::account(value),
            "BIC" => moved.counterparty.bank = figure::account(value),
            "CNTP" => take_counterparty(value, moved),
            "REMI" => take_remittance(value, moved),
            "RTRN" => {
                moved.reversal = true;
                moved.return_reason = figure::words(value);
            }
            "OCMT" => original(coded(&format!("/{value}"), "/"), moved),
            "CHGS" => charged(coded(&format!("/{value}"), "/"), moved),
            "TRTP" if moved.text.is_empty() => figure::add_words(&mut moved.text, value),
            _ => {}
        }
        if matches!(*word, "BENM" | "ORDP" | "ULTD" | "ULTB" | "INIT") {
            party = *word;
        }
    }
}

/// `account/BIC/name/city`.
fn take_counterparty(value: &str, moved: &mut Transaction) {
    let mut pieces = value.split('/');
    let other = &mut moved.counterparty;
    other.account = pieces.next().and_then(figure::account);
    other.bank = pieces.next().and_then(figure::account);
    other.name = pieces.next().and_then(figure::words);
}

/// `USTD//text`, `STRD/CUR/reference`, or text.
fn take_remittance(value: &str, moved: &mut Transaction) {
    if let Some(structured) = value.strip_prefix("STRD/") {
        let reference = structured.rsplit('/').next().unwrap_or_default();
        moved
            .creditor_references
            .extend(figure::reference(reference));
        return;
    }
    let text = value.strip_prefix("USTD").unwrap_or(value);
    figure::add_words(&mut moved.text, text.trim_start_matches(['/', ' ']));
}

/// Free text: it may name the other side's account and name.
fn free(text: &str, moved: &mut Transaction) {
    figure::add_words(&mut moved.text, text);
    let other = &mut moved.counterparty;
    if other.account.is_none() {
        let words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
        other.account = words
            .into_iter()
            .find(|word| is_iban(word))
            .and_then(figure::account);
    }
    if other.name.is_none() {
        let named = NAMES.iter().find_map(|label| text.split_once(label));
        let name = named.map(|(_, rest)| rest.trim_start());
        let name = name.and_then(|rest| rest.split(['/', ';']).next()?.split("  ").next());
        other.name = name.and_then(figure::words);
    }
}

/// Reads `:NS:`: two digits and text on each line, as Austrian and Hungarian banks number them.
pub(super) fn read_numbered(lines: &[String], moved: &mut Transaction) {
    let (mut name, mut purpose) = (String::new(), Vec::new());
    for line in lines {
        let Some((number, value)) = line.trim_end().split_at_checked(2) else {
            continue;
        };
        match number.parse::<u8>() {
            Ok(1..=14 | 17) => purpose.push(value.to_owned()),
            // A name goes on without a blank where it was cut.
            Ok(15 | 16) => name.push_str(value),
            Ok(33) => moved.counterparty.bank = figure::account(value),
            Ok(34) => moved.counterparty.account = figure::account(value),
            _ => {}
        }
    }
    figure::add_words(&mut moved.text, &joined(&purpose, SUBFIELD_LEN));
    moved.counterparty.name = figure::words(&name);
}

/// Whether a word is an IBAN, by its check digits (ISO 13616).
pub(super) fn is_iban(word: &str) -> bool {
    let word = word.trim();
    let bytes = word.as_bytes();
    let shaped = (15..=34).contains(&bytes.len())
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
        && bytes[..2].iter().all(u8::is_ascii_uppercase)
        && bytes[2..4].iter().all(u8::is_ascii_digit);
    if !shaped {
        return false;
    }
    let turned = word[4..].chars().chain(word[..4].chars());
    let rest = turned.fold(0u32, |rest, letter| match letter.to_digit(36) {
        Some(digit) if digit < 10 => (rest * 10 + digit) % 97,
        Some(digit) => (rest * 100 + digit) % 97,
        None => rest,
    });
    rest == 1
}

#[cfg(test)]
mod tests {
    use domain::Currency;

    use super::super::movement;
    use super::*;

    fn told(lines: &[&str]) -> Transaction {
        let first = ["1401020102C1,00NTRFNONREF".to_owned()];
        let mut moved = movement::read(&first, 1, Some(Currency::EUR)).expect("a movement");
        let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        read(&lines, &mut moved);
        moved
    }

    #[test]
    fn german_subfields() {
        let moved = told(&[
            "166?00GUTSCHRIFT?100399?20EREF+EndToEndId TFNR 22 004?21 00001?22",
            "SVWZ+Verw CTSc-01 BC-PPP TF?23Nr 22 004?30DRESDEFF508?31DE1450880",
            "0500194785000?32KARL?33        KAUFMANN?34914",
        ]);
        assert_eq!(
            moved.end_to_end.as_deref(),
            Some("EndToEndId TFNR 22 004 00001")
        );
        assert_eq!(moved.text, "Verw CTSc-01 BC-PPP TFNr 22 004");
        let other = &moved.counterparty;
        assert_eq!(other.name.as_deref(), Some("KARL KAUFMANN"));
        assert_eq!(other.account.as_deref(), Some("DE14508800500194785000"));
        assert_eq!(other.bank.as_deref(), Some("DRESDEFF508"));
        assert_eq!(moved.code.as_deref(), Some("NTRF/166"));
        assert!(!moved.reversal);
        let moved = told(&["109?00RETOURE?20EREF+R-7?34AC04"]);
        assert!(moved.reversal);
        assert_eq!(moved.return_reason.as_deref(), Some("AC04"));
    }

    #[test]
    fn words_between_slashes() {
        let moved = told(&[
            "/EREF/E-1/CNTP/NL53INGB0654422370/INGBNL2A/ACME BV/UTRECHT/REMI/USTD",
            "//FACTURA A-1045/",
        ]);
        assert_eq!(moved.end_to_end.as_deref(), Some("E-1"));
        assert_eq!(
            moved.counterparty.account.as_deref(),
            Some("NL53INGB0654422370")
        );
        assert_eq!(moved.counterparty.name.as_deref(), Some("ACME BV"));
        assert_eq!(moved.text, "FACTURA A-1045");
        let moved = told(&[
            "/TRTP/SEPA/IBAN/NL53INGB0654422370/NAME/J. DOE/REMI/STRD/CUR/RF18539007547034",
        ]);
        assert_eq!(moved.creditor_references, ["RF18539007547034"]);
        assert_eq!(moved.counterparty.name.as_deref(), Some("J. DOE"));
        let moved = told(&["/RTRN/MS03/ORDP//NAME/JOHN DOE/REMI//ISDT/2013-01-02"]);
        assert!(moved.reversal);
        assert_eq!(moved.return_reason.as_deref(), Some("MS03"));
        assert_eq!(moved.text, "");
    }

    #[test]
    fn free_text_names_accounts() {
        let moved = told(&["FACTUUR 201403110", "REK: NL65INGB0123456789/NAAM: PICQER"]);
        assert_eq!(
            moved.text,
            "FACTUUR 201403110 REK: NL65INGB0123456789/NAAM: PICQER"
        );
        assert_eq!(moved.counterparty.name.as_deref(), Some("PICQER"));
        assert_eq!(told(&["/PT/FT/PY/SOMETHING"]).text, "/PT/FT/PY/SOMETHING");
        assert!(is_iban("DE89370400440532013000"));
        assert!(!is_iban("DE89370400440532013001"));
    }
}
