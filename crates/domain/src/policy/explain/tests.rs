//! The texts as people read them.

use super::{Tongue, customers, staff};
use crate::policy::{Policy, embedded};

fn shipped(key: &str) -> Policy {
    let (_, text) = embedded()
        .iter()
        .find(|(name, _)| *name == key)
        .expect("it ships");
    Policy::parse(text).expect("what ships is valid")
}

#[test]
fn staff_read_the_whole_of_b2b_estandar() {
    insta::assert_snapshot!(staff(&shipped("b2b-estandar")));
}

#[test]
fn customers_read_what_to_expect() {
    insta::assert_snapshot!(customers(
        &shipped("b2b-estandar"),
        "Papelera del Norte",
        Tongue::Spanish
    ));
}

#[test]
fn customers_of_another_policy_read_another_page() {
    insta::assert_snapshot!(customers(
        &shipped("cartera-vencida"),
        "Papelera del Norte",
        Tongue::Spanish
    ));
}

#[test]
fn one_day_is_singular_everywhere() {
    let (_, text) = embedded()[0];
    let text = text
        .replace("min_gap_days = 2", "min_gap_days = 1")
        .replace("max_lateness_days = 14", "max_lateness_days = 1")
        .replace("after_answer_days = 3", "after_answer_days = 1")
        .replace("days_before = 3", "days_before = 1")
        .replace("every_days = 15", "every_days = 1")
        .replace("times_max = 6", "times_max = 1")
        .replace("grace_days = 3", "grace_days = 1")
        .replace("extension_days_max = 15", "extension_days_max = 1")
        .replace("promise_days_max = 15", "promise_days_max = 1")
        .replace("within_days = 5", "within_days = 1");
    let policy = Policy::parse(&text).expect("valid");
    let mut lines = 0;
    for page in [staff(&policy), customers(&policy, "X", Tongue::Spanish)] {
        for line in page.lines() {
            assert!(
                !line.contains(" 1 días") && !line.contains("1 veces"),
                "{line}"
            );
            assert!(
                !line.contains("pasan 1 ") && !line.contains("pasan al menos 1 "),
                "{line}"
            );
            lines += usize::from(line.contains("1 día"));
        }
    }
    assert!(lines >= 8, "only {lines} lines speak of one day");
}

#[test]
fn customers_are_never_threatened_nor_shown_inner_words() {
    for (key, _) in embedded() {
        let page = customers(&shipped(key), "Papelera del Norte", Tongue::Spanish).to_lowercase();
        for word in [
            "demanda",
            "abogados",
            "buró",
            "juicio",
            "embargo",
            "escalera",
            "segmento",
            "moroso",
            "sanción",
            "último aviso",
            "`",
            "importancia",
        ] {
            assert!(!page.contains(word), "{key}: {word}");
        }
    }
}

#[test]
fn charges_are_told_only_where_there_are_some() {
    let (_, text) = embedded()[0];
    let without = Policy::parse(text).expect("valid");
    assert!(!customers(&without, "X", Tongue::Spanish).contains("Interés"));
    assert!(staff(&without).contains("Nada: no se cobran intereses ni recargos."));
    let with = format!(
        r#"{text}
[late_charges]
ask_in_messages = true
[late_charges.interest]
percent_per_year = 12.50
day_count = "actual_360"
compounding = "simple"
grace_days = 5
source = "condiciones de venta, punto 4"
[[late_charges.fee]]
key = "gestion"
name = "Gastos de cobranza"
brackets = [{{ up_to = 10, percent = 9 }}, {{ up_to = 50, percent = 6 }}, {{ percent = 3 }}]
unit = "UF"
after_days = 20
source = "Ley 19.496, art. 37"
only_under = ["CL-LPC-37"]
"#
    );
    let with = Policy::parse(&with).expect("valid");
    let staff = staff(&with);
    let section = staff
        .split("## Qué cuesta pagar tarde\n\n")
        .nth(1)
        .expect("the section");
    insta::assert_snapshot!(section.split("\n\n##").next().expect("its text"), @r"
    - Interés por atraso: 12.5 % anual, simple, sobre años de 360 días, después de 5 días de atraso. Fuente: condiciones de venta, punto 4.
    - Gastos de cobranza: 9 % hasta UF 10, 6 % hasta UF 50, 3 % del resto, una vez, después de 20 días de atraso. Fuente: Ley 19.496, art. 37. Solo donde rige CL-LPC-37.
    - La ley manda: lo que pasa de sus topes se recorta, y lo que necesita una tasa que no se conoce no se cobra.
    - Los mensajes los piden, aparte del saldo de los documentos.
    - Nunca se agregan a una factura.
    ");
    let told = customers(&with, "X", Tongue::Spanish);
    insta::assert_snapshot!(
        told.split("## Intereses y recargos\n\n").nth(1).expect("it"), @r"
    - Interés por atraso: 12.5 % anual, simple, sobre años de 360 días, después de 5 días de atraso. Fuente: condiciones de venta, punto 4.
    - Gastos de cobranza: 9 % hasta UF 10, 6 % hasta UF 50, 3 % del resto, una vez, después de 20 días de atraso. Fuente: Ley 19.496, art. 37. Solo donde rige CL-LPC-37.
    - Nunca más de lo que permite la ley.
    ");
}

#[test]
fn customers_read_it_in_their_language() {
    assert_eq!(Tongue::of("pt-BR"), Tongue::Portuguese);
    assert_eq!(Tongue::of("es-CO"), Tongue::Spanish);
    let policy = shipped("b2b-estandar");
    let spanish = customers(&policy, "Papelera del Norte", Tongue::Spanish);
    for (tongue, parts) in [
        (
            Tongue::of("pt"),
            [
                "# Como cobramos",
                "1, 3, 10, 20, 35 e 50 dias depois do vencimento",
            ],
        ),
        (
            Tongue::of("en-US"),
            [
                "# How we collect",
                "Monday to Friday, from 9:00 to 18:00, except on holidays",
            ],
        ),
    ] {
        let text = customers(&policy, "Papelera del Norte", tongue);
        for part in parts {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert_eq!(text.lines().count(), spanish.lines().count(), "{text}");
        let same = spanish.lines().filter(|line| line.len() > 3);
        let same: Vec<&str> = same
            .filter(|line| text.lines().any(|other| other == *line))
            .collect();
        assert!(same.is_empty(), "not translated: {same:?}");
    }
}
