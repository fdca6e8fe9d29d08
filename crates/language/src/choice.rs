//! Which language a customer is written to in.

/// The language every installation has templates in.
pub const LAST_RESORT: &str = "es-MX";

/// Chooses among the languages at hand: the customer's, else the company's, else es-MX.
///
/// A tag matches itself whatever its case, then another region of the same language (`es-AR` →
/// the company's language if it is Spanish, else es-MX, else the first Spanish one). The second
/// value says, in Spanish and for the decision's record, why the customer's own was not used.
///
/// ```
/// use language::choose_language;
/// let (language, note) = choose_language(Some("pt-BR"), "es-CL", &["es-MX", "es-CL"]);
/// assert_eq!(language, "es-CL");
/// assert!(note.is_some());
/// ```
pub fn choose_language(
    customer: Option<&str>,
    company: &str,
    available: &[&str],
) -> (String, Option<String>) {
    if let Some(asked) = customer {
        if let Some(found) = exact(asked, available) {
            return (found.to_owned(), None);
        }
        if let Some(found) = same_language(asked, company, available) {
            let note = format!("no hay textos en {asked}: se usan los de {found}");
            return (found.to_owned(), Some(note));
        }
    }
    let found = exact(company, available)
        .or_else(|| same_language(company, LAST_RESORT, available))
        .unwrap_or(LAST_RESORT);
    let note = match customer {
        Some(asked) => Some(format!("no hay textos en {asked}: se usan los de {found}")),
        None if found.eq_ignore_ascii_case(company) => None,
        None => Some(format!(
            "no hay textos en {company}: se usan los de {found}"
        )),
    };
    (found.to_owned(), note)
}

fn exact<'a>(tag: &str, available: &[&'a str]) -> Option<&'a str> {
    available
        .iter()
        .copied()
        .find(|one| one.eq_ignore_ascii_case(tag))
}

fn same_language<'a>(tag: &str, preferred: &str, available: &[&'a str]) -> Option<&'a str> {
    let fits = |one: &&str| primary(one).eq_ignore_ascii_case(primary(tag));
    [preferred, LAST_RESORT]
        .iter()
        .filter_map(|wanted| exact(wanted, available))
        .find(fits)
        .or_else(|| available.iter().copied().find(fits))
}

fn primary(tag: &str) -> &str {
    tag.split(['-', '_']).next().unwrap_or(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_customers_language_then_the_companys_then_es_mx() {
        let all: &[&str] = &["es-CL", "es-MX"];
        for (customer, company, available, expected, noted) in [
            (Some("es-CL"), "es-MX", all, "es-CL", false),
            (Some("ES-cl"), "es-MX", all, "es-CL", false),
            (None, "es-CL", all, "es-CL", false),
            (None, "es-MX", all, "es-MX", false),
            (Some("es-AR"), "es-CL", all, "es-CL", true),
            (Some("es"), "pt-BR", all, "es-MX", true),
            (Some("pt-BR"), "es-CL", all, "es-CL", true),
            (Some("pt-BR"), "pt-PT", all, "es-MX", true),
            (None, "es-PE", all, "es-MX", true),
            (None, "pt-BR", all, "es-MX", true),
            (Some("es-PE"), "pt-BR", &["pt-BR", "es-CL"], "es-CL", true),
        ] {
            let (language, note) = choose_language(customer, company, available);
            assert_eq!(language, expected, "{customer:?} at {company}");
            assert_eq!(note.is_some(), noted, "{customer:?} at {company}: {note:?}");
        }
    }

    #[test]
    fn the_note_names_both_languages() {
        let (_, note) = choose_language(Some("pt-BR"), "es-CL", &["es-MX", "es-CL"]);
        assert_eq!(
            note.as_deref(),
            Some("no hay textos en pt-BR: se usan los de es-CL")
        );
    }
}
