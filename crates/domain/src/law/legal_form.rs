//! Person or company? What a name and a tax id give away.

use crate::customer::Country;

/// What the record of a customer shows about its nature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    /// Certainly a company, by its name.
    CompanyByName,
    /// Certainly a company, by its tax id.
    CompanyByTaxId,
    /// A natural person, by the tax id.
    PersonByTaxId,
    /// The record does not say.
    Unknown,
}

/// Reads a customer's nature: a legal form in the name or a company's tax id makes a company.
pub fn nature(name: &str, tax_id: Option<&str>, country: Country) -> Nature {
    if names_a_company(name) {
        return Nature::CompanyByName;
    }
    match tax_id.and_then(|tax_id| of_tax_id(tax_id, country)) {
        Some(true) => Nature::CompanyByTaxId,
        Some(false) => Nature::PersonByTaxId,
        None => Nature::Unknown,
    }
}

/// Legal forms that end a name, written without points; several words where they come in several.
const FORMS_AT_THE_END: &[&[&str]] = &[
    &["SA"],
    &["SAS"],
    &["SAC"],
    &["SAA"],
    &["SAPI"],
    &["SAB"],
    &["SPA"],
    &["SRL"],
    &["SCRL"],
    &["SCA"],
    &["SC"],
    &["EIRL"],
    &["LTDA"],
    &["LIMITADA"],
    &["CIA"],
    &["GMBH"],
    &["AG"],
    &["KG"],
    &["UG"],
    &["LTD"],
    &["LIMITED"],
    &["LLC"],
    &["LLP"],
    &["INC"],
    &["INCORPORATED"],
    &["CORP"],
    &["CORPORATION"],
    &["PLC"],
    &["BV"],
    &["NV"],
    &["SARL"],
    &["SL"],
    &["SLU"],
    &["PTY"],
    &["ME"],
    &["EPP"],
    &["SA", "ESP"],
    &["S", "EN", "C"],
    &["S", "EN", "NC"],
    &["AC"],
];

/// Legal forms that no person's name holds, wherever they stand in it.
const FORMS_ANYWHERE: &[&[&str]] = &[
    &["SA", "DE", "CV"],
    &["SAPI", "DE", "CV"],
    &["SAB", "DE", "CV"],
    &["S", "DE", "RL"],
    &["SC", "DE", "RL"],
    &["SPR", "DE", "RL"],
    &["SOFOM"],
    &["EIRL"],
    &["LTDA"],
    &["GMBH"],
    &["SOCIEDAD", "ANONIMA"],
    &["SOCIEDAD", "ANÓNIMA"],
    &["SOCIEDAD", "COMERCIAL"],
    &["SOCIEDAD", "LIMITADA"],
];

fn names_a_company(name: &str) -> bool {
    let words = words(name);
    let mut held: Vec<&str> = words.iter().map(String::as_str).collect();
    // Some lists number their customers behind the name.
    while held
        .last()
        .is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()))
    {
        held.pop();
    }
    FORMS_ANYWHERE
        .iter()
        .any(|form| held.windows(form.len()).any(|run| run == *form))
        || FORMS_AT_THE_END
            .iter()
            .any(|form| held.len() > form.len() && held.ends_with(form))
}

/// The words of a name in capitals, without points; letters that stand alone beside each other are
/// one word, so that `S. A. de C. V.` is `SA DE CV`. Accents stay: the surname `Sá` is no `SA`.
fn words(name: &str) -> Vec<String> {
    let capitals = name.to_uppercase().replace('.', " ");
    let mut words: Vec<String> = Vec::new();
    let mut letters_run = false;
    for word in capitals.split(|c: char| c.is_whitespace() || ",;()/-".contains(c)) {
        let mut letters = word.chars();
        let alone = letters.next().is_some_and(char::is_alphabetic) && letters.next().is_none();
        match words.last_mut() {
            _ if word.is_empty() => continue,
            Some(last) if alone && letters_run => last.push_str(word),
            _ => words.push(word.to_owned()),
        }
        letters_run = alone;
    }
    words
}

/// `Some(true)` for a company's tax id, `Some(false)` for a person's, `None` when it does not say.
fn of_tax_id(tax_id: &str, country: Country) -> Option<bool> {
    let text: String = tax_id
        .to_uppercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || *c == '&' || *c == '-')
        .collect();
    let plain: String = text.chars().filter(|c| *c != '-').collect();
    match country.code() {
        "MX" => of_rfc(&plain),
        "CL" => of_rut(&text),
        "CO" => of_nit(&text),
        "PE" => of_ruc(&plain),
        _ => None,
    }
}

/// RFC: 12 characters for companies, 13 for persons (Código Fiscal de la Federación, art. 27). The
/// generic ones for the public and for foreigners say nothing.
fn of_rfc(rfc: &str) -> Option<bool> {
    let letters: Vec<char> = rfc.chars().collect();
    let head = match letters.len() {
        12 => 3,
        13 => 4,
        _ => return None,
    };
    let shaped = letters[..head].iter().all(|c| !c.is_ascii_digit())
        && letters[head..head + 6].iter().all(char::is_ascii_digit);
    if !shaped || rfc == "XAXX010101000" || rfc == "XEXX010101000" {
        return None;
    }
    Some(head == 3)
}

/// RUT: companies are numbered from 50 million (Servicio de Impuestos Internos).
fn of_rut(rut: &str) -> Option<bool> {
    let number = match rut.split_once('-') {
        Some((number, _)) => number,
        None => rut.get(..rut.len().checked_sub(1)?)?,
    };
    let number: u64 = number.parse().ok()?;
    (1_000_000..100_000_000)
        .contains(&number)
        .then_some(number >= 50_000_000)
}

/// NIT: nine digits from 8 or 9, with or without check digit (DIAN). A person's is the cédula.
fn of_nit(nit: &str) -> Option<bool> {
    let (number, checked) = match nit.split_once('-') {
        Some((number, _)) => (number, true),
        None => (nit, false),
    };
    if number.is_empty() || !number.chars().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let company_long = number.len() == 9 || (number.len() == 10 && !checked);
    if company_long && number.starts_with(['8', '9']) {
        return Some(true);
    }
    (6..=10).contains(&number.len()).then_some(false)
}

/// RUC: 20 for companies, 10 for persons; a DNI of eight digits is a person's (SUNAT).
fn of_ruc(ruc: &str) -> Option<bool> {
    if !ruc.chars().all(|c| c.is_ascii_digit()) {
        return None;
    }
    match (ruc.len(), ruc.get(..2)?) {
        (11, "20") => Some(true),
        (11, "10") | (8, _) => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn legal_forms_make_companies_and_persons_stay_persons() {
        for name in [
            "Ferretería El Clavo, S.A. de C.V.",
            "FERRETERIA EL CLAVO SA DE CV",
            "Ferretería El Clavo S. A. de C. V. (Sucursal Norte)",
            "Hermanos Ruiz S. de R.L. de C.V.",
            "Inversiones Andes SpA",
            "Comercial Maipo Ltda.",
            "Café del Valle S.A.S.",
            "Cafe del Valle S A S",
            "Inversiones Lima S.A.C.",
            "Taller Rojas E.I.R.L.",
            "Müller GmbH",
            "Acme Ltd",
            "Acme, Inc.",
        ] {
            assert!(names_a_company(name), "{name}");
        }
        for name in [
            "María Sá",
            "José de la Cruz Ruiz",
            "Ana S. Pérez",
            "Saúl Incháustegui",
            "Corp",
            "Ágata Lima",
        ] {
            assert!(!names_a_company(name), "{name}");
        }
    }

    #[test]
    fn tax_ids_tell_companies_from_persons() {
        let cases: &[(&str, &str, Option<bool>)] = &[
            ("MX", "ABC010203XY1", Some(true)),
            ("MX", "Ñ&C010203XY1", Some(true)),
            ("MX", "ABCD010203XY1", Some(false)),
            ("MX", "XAXX010101000", None),
            ("MX", "ABC", None),
            ("CL", "76.123.456-7", Some(true)),
            ("CL", "761234567", Some(true)),
            ("CL", "12.345.678-K", Some(false)),
            ("CL", "12345678K", Some(false)),
            ("CO", "900.123.456-7", Some(true)),
            ("CO", "9001234567", Some(true)),
            ("CO", "800123456", Some(true)),
            ("CO", "80123456", Some(false)),
            ("CO", "1012345678", Some(false)),
            ("PE", "20123456789", Some(true)),
            ("PE", "10123456789", Some(false)),
            ("PE", "45678901", Some(false)),
            ("BR", "20123456789", None),
        ];
        for (country, tax_id, company) in cases {
            let country = Country::new(country).expect("two letters");
            assert_eq!(of_tax_id(tax_id, country), *company, "{country} {tax_id}");
        }
    }
}
