//! Folding of names for comparison: lower case, no accents, words apart.

pub(crate) use domain::search::{fold, plain};

/// [`fold`] for column names, which also glue words by capitals: `InvoiceNo` → `invoice no`.
pub(crate) fn fold_name(text: &str) -> String {
    let mut folded = String::with_capacity(text.len() + 4);
    let mut before = ' ';
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let next_is_lower = letters.peek().is_some_and(|next| next.is_lowercase());
        let starts_word = letter.is_uppercase()
            && (before.is_lowercase() || (before.is_uppercase() && next_is_lower));
        if starts_word {
            push_folded(&mut folded, ' ');
        }
        match letter {
            '#' => {
                push_folded(&mut folded, ' ');
                folded.push_str("numero ");
            }
            'º' | '°' | 'ª' => push_folded(&mut folded, ' '),
            other => push_folded(&mut folded, plain(other)),
        }
        before = letter;
    }
    folded.trim().to_owned()
}

fn push_folded(folded: &mut String, letter: char) {
    if letter.is_alphanumeric() {
        folded.push(letter);
    } else if !folded.is_empty() && !folded.ends_with(' ') {
        folded.push(' ');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_names_as_people_write_them() {
        let cases = [
            ("Razón  Social:", "razon social"),
            ("InvoiceNo", "invoice no"),
            ("IDCliente", "id cliente"),
            ("customerID", "customer id"),
            ("  Fecha\nVcto. ", "fecha vcto"),
            ("N° Factura", "n factura"),
            ("Factura #", "factura numero"),
            ("NUMFACT", "numfact"),
        ];
        for (written, folded) in cases {
            assert_eq!(fold_name(written), folded, "{written}");
        }
    }
}
