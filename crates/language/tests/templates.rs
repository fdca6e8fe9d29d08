//! The shipped messages, and what happens to a company's own.

use language::message::{CustomerFacts, HeldLine, MessageContext};
use language::templates::{
    KEYS, LAYOUT, LISTED_MAX, Override, Problem, Rendered, TemplateError, Templates, samples,
};

const LANGUAGES: [&str; 2] = ["es-CL", "es-MX"];

fn embedded() -> Templates {
    Templates::embedded().expect("the shipped templates")
}

fn own(language: &str, name: &str, source: &str) -> Override {
    Override {
        language: language.to_owned(),
        name: name.to_owned(),
        source: source.to_owned(),
    }
}

/// A message whose text part is `text`.
fn message(text: &str) -> String {
    format!("=== subject ===\nHola\n=== text ===\n{text}\n=== mjml ===\n<mj-text>Hola</mj-text>\n")
}

fn render_own(source: &str) -> Result<Rendered, TemplateError> {
    let templates = Templates::with_overrides("es-MX", &[own("es-MX", "gracias", source)])?;
    templates.render("gracias", "es-MX", &MessageContext::sample())
}

fn everything_shipped() -> Vec<(&'static str, &'static str, MessageContext, Rendered)> {
    let templates = embedded();
    let mut all = Vec::new();
    for language in LANGUAGES {
        for key in KEYS {
            for (sample, context) in samples() {
                let rendered = templates
                    .render(key, language, &context)
                    .unwrap_or_else(|error| panic!("{language} {key} {sample}: {error}"));
                all.push((language, key, context, rendered));
            }
        }
    }
    all
}

#[test]
fn every_key_in_every_language_passes_the_check() {
    assert_eq!(embedded().languages(), LANGUAGES);
    assert_eq!(embedded().check(), []);
    assert_eq!(everything_shipped().len(), 8 * 2 * 3);
}

#[test]
fn amounts_stand_letter_by_letter_in_text_and_html() {
    for (language, key, context, rendered) in everything_shipped() {
        let mut amounts = context.held_totals.clone();
        amounts.extend(context.held.iter().map(|held| held.amount.clone()));
        if key != "cortesia" {
            amounts.extend(context.credits.clone());
            amounts.extend(context.to_pay.clone());
            let listed = context.documents.iter().take(LISTED_MAX);
            amounts.extend(listed.map(|document| document.open.clone()));
            amounts.extend(context.totals.clone());
        }
        let listed = context.upcoming.iter().take(LISTED_MAX);
        amounts.extend(listed.map(|document| document.open.clone()));
        if key == "gracias" {
            amounts.extend(context.payment.map(|payment| payment.amount));
        }
        if key == "promesa-incumplida" {
            amounts.extend(context.promise.map(|promise| promise.amount));
        }
        for amount in amounts {
            assert!(
                rendered.text.contains(&amount),
                "{language} {key} text: {amount}"
            );
            assert!(
                rendered.html.contains(&amount),
                "{language} {key} html: {amount}"
            );
        }
    }
}

#[test]
fn a_sol_amount_keeps_its_slash_in_html() {
    let context = MessageContext {
        totals: vec!["S/ 1,234.56".to_owned()],
        ..MessageContext::sample()
    };
    let rendered = embedded()
        .render("recordatorio", "es-MX", &context)
        .expect("a message");
    assert!(rendered.html.contains("S/ 1,234.56"));
}

#[test]
fn html_is_small_and_loads_nothing_but_the_logo() {
    for (language, key, _, rendered) in everything_shipped() {
        assert!(
            rendered.html.len() < 60_000,
            "{language} {key}: {}",
            rendered.html.len()
        );
        let sources = rendered.html.matches("src=").count() + rendered.html.matches("url(").count();
        assert!(sources <= 1, "{language} {key}");
        for outside in ["<link", "@import", "<script", "fonts.g"] {
            assert!(
                !rendered.html.contains(outside),
                "{language} {key}: {outside}"
            );
        }
    }
}

#[test]
fn long_lists_are_cut_and_the_rest_counted() {
    let context = MessageContext::sample_long();
    let rendered = embedded()
        .render("recordatorio", "es-MX", &context)
        .expect("a message");
    for part in [&rendered.text, &rendered.html] {
        assert!(part.contains("B-59") && !part.contains("B-60"));
        assert!(part.contains("Y 140 documentos más, incluidos en el total."));
        assert!(part.contains("$219,900.00 MXN + USD 480.00"));
    }
}

#[test]
fn values_are_escaped_in_html_and_left_alone_in_text() {
    let hostile = "<b>&\"' {{ today }} </mj-text><mj-raw>";
    let mut context = MessageContext::sample();
    context.customer = CustomerFacts {
        name: hostile.to_owned(),
    };
    context.company.logo = Some("https://x.example/\" onerror=\"alert(1)".to_owned());
    context.company.bank_data = Some(format!("one\n{hostile}"));
    context.documents[0].number = hostile.to_owned();
    context.held = vec![HeldLine {
        number: Some(hostile.to_owned()),
        amount: hostile.to_owned(),
    }];
    for key in KEYS {
        let rendered = embedded()
            .render(key, "es-MX", &context)
            .expect("a message");
        assert!(rendered.text.contains(hostile), "{key}");
        let escaped = "&lt;b&gt;&amp;&quot;&#39; {{ today }} &lt;/mj-text&gt;&lt;mj-raw&gt;";
        assert!(rendered.html.contains(escaped), "{key}");
        for open in ["<b>&", "<mj-raw", "\" onerror"] {
            assert!(!rendered.html.contains(open), "{key}: {open}");
        }
    }
}

#[test]
fn subjects_and_previews_are_neutral() {
    for (language, key, context, rendered) in everything_shipped() {
        let subject = rendered.subject.to_lowercase();
        for loud in [
            "deud", "adeud", "venc", "cobr", "mora", "pag", "$", "0", "1",
        ] {
            assert!(!subject.contains(loud), "{language} {key}: {subject}");
        }
        let preview = format!(
            ">Mensaje de {} para {}</div>",
            context.company.name, context.customer.name
        );
        assert!(rendered.html.contains(&preview), "{language} {key}");
    }
}

#[test]
fn messages_carry_the_notice_and_chilean_ones_never_speak_of_courts() {
    for (language, key, context, rendered) in everything_shipped() {
        for part in [&rendered.text, &rendered.html] {
            let lower = part.to_lowercase();
            let chilean = language == "es-CL";
            for word in [
                "judicial", "juicio", "tribunal", "demanda", "embargo", "juzgado", "dicom",
            ] {
                assert!(!chilean || !lower.contains(word), "{key}: {word}");
            }
            for said in &context.legal {
                assert!(part.contains(said), "{key}: {said}");
            }
        }
    }
}

#[test]
fn a_courtesy_notice_names_the_customers_own_money_once() {
    let context = MessageContext {
        documents: Vec::new(),
        totals: Vec::new(),
        ..MessageContext::sample()
    };
    for language in LANGUAGES {
        for (key, context) in [
            ("cortesia", &context),
            ("recordatorio", &MessageContext::sample()),
        ] {
            let rendered = embedded()
                .render(key, language, context)
                .expect("a message");
            assert_eq!(
                rendered.text.matches("A su favor: $750.50 MXN").count(),
                1,
                "{key}"
            );
            assert_eq!(
                rendered.html.matches("Por pagar: $15,000.00 MXN").count(),
                1,
                "{key}"
            );
        }
    }
}

#[test]
fn courtesy_in_chile_is_no_collection() {
    let context = MessageContext {
        documents: Vec::new(),
        totals: Vec::new(),
        legal: Vec::new(),
        ..MessageContext::sample()
    };
    let rendered = embedded()
        .render("cortesia", "es-CL", &context)
        .expect("a message");
    assert!(!rendered.text.contains("Acreedor:"));
    assert!(rendered.text.contains("Por vencer:"));
}

#[test]
fn who_answers_and_how_to_leave_is_always_said() {
    for (language, key, context, rendered) in everything_shipped() {
        for part in [&rendered.text, &rendered.html] {
            assert!(part.contains(&context.company.email), "{language} {key}");
            assert!(part.contains(&context.signer.name), "{language} {key}");
            if let Some(address) = &context.company.opt_out_address {
                assert!(
                    part.contains(&format!("escriba BAJA a {address}")),
                    "{language} {key}"
                );
            }
        }
    }
}

#[test]
fn a_reminder_reads_like_this() {
    let rendered = embedded()
        .render("recordatorio", "es-MX", &MessageContext::sample())
        .expect("a message");
    insta::assert_snapshot!("es-MX-recordatorio", rendered.text);
}

#[test]
fn a_bare_last_notice_in_chile_reads_like_this() {
    let rendered = embedded()
        .render("aviso-final", "es-CL", &MessageContext::sample_bare())
        .expect("a message");
    insta::assert_snapshot!("es-CL-aviso-final-bare", rendered.text);
}

#[test]
fn the_language_falls_back_and_says_so() {
    let templates = Templates::with_overrides("es-CL", &[]).expect("templates");
    let used = |language: &str| {
        let rendered = templates.render("gracias", language, &MessageContext::sample());
        rendered.expect("a message").language_used
    };
    assert_eq!(used("es-MX"), "es-MX");
    assert_eq!(used("ES-cl"), "es-CL");
    assert_eq!(used("pt-BR"), "es-CL");
    let templates = Templates::with_overrides("en", &[]).expect("templates");
    let rendered = templates.render("gracias", "pt-BR", &MessageContext::sample());
    assert_eq!(rendered.expect("a message").language_used, "es-MX");
}

#[test]
fn a_new_language_brings_its_layout_and_lends_the_rest() {
    let alone = [own(
        "pt-BR",
        "gracias",
        &message("Obrigado, {{ customer.name }}"),
    )];
    let error = Templates::with_overrides("es-MX", &alone).expect_err("no layout");
    assert_eq!(error, TemplateError::NoLayout("pt-BR".to_owned()));
    let layout = "=== text ===\n{{ body }}\n=== mjml ===\n\
        <mjml><mj-body><mj-section><mj-column>{{ body }}</mj-column></mj-section></mj-body></mjml>";
    let both = [alone[0].clone(), own("pt-BR", LAYOUT, layout)];
    let templates = Templates::with_overrides("es-MX", &both).expect("a language");
    let context = MessageContext::sample();
    let thanks = templates
        .render("gracias", "pt-BR", &context)
        .expect("thanks");
    assert_eq!(thanks.text, "Obrigado, Ferretería Díaz\n");
    assert_eq!(thanks.language_used, "pt-BR");
    let other = templates
        .render("recordatorio", "pt-BR", &context)
        .expect("a reminder");
    assert_eq!(other.language_used, "es-MX");
}

#[test]
fn the_digest_names_the_words_used_and_nothing_else() {
    let digest = |templates: &Templates, key: &str, language: &str, context: &MessageContext| {
        templates
            .render(key, language, context)
            .expect("a message")
            .template_digest
    };
    let full = MessageContext::sample();
    let base = digest(&embedded(), "gracias", "es-MX", &full);
    assert_eq!(base.len(), 64);
    assert_eq!(
        base,
        digest(
            &embedded(),
            "gracias",
            "es-MX",
            &MessageContext::sample_bare()
        )
    );
    assert_ne!(base, digest(&embedded(), "gracias", "es-CL", &full));
    let changed = [own("es-MX", "gracias", &message("Gracias"))];
    let changed = Templates::with_overrides("es-MX", &changed).expect("templates");
    assert_ne!(base, digest(&changed, "gracias", "es-MX", &full));
    let same = digest(&embedded(), "cortesia", "es-MX", &full);
    assert_eq!(same, digest(&changed, "cortesia", "es-MX", &full));
}

#[test]
fn mistakes_are_named_with_file_and_line() {
    for (text, line, word) in [
        ("uno\ndos\n{{ customer.nmae }}", 6, "nmae"),
        ("{{ nadie }}", 4, "nadie"),
        ("{{ company.colour.x }}", 4, "does not exist"),
        ("{{ documents }}", 4, "loop over a list"),
        ("{{ 1.5 }}", 4, "fractional"),
        ("{{ documents|length / 2 }}", 4, "fractional"),
        ("\n{% include \"nada.text\" %}", 5, "does not exist"),
        ("{% if %}", 4, "syntax error"),
        ("{% for d in documents %}", 4, "syntax error"),
        ("{{ open(\"/etc/passwd\") }}", 4, "unknown function"),
    ] {
        match render_own(&message(text)) {
            Err(TemplateError::Fill {
                language,
                name,
                line: found,
                reason,
            }) => {
                assert_eq!((language.as_str(), name.as_str()), ("es-MX", "gracias"));
                assert_eq!(found, line, "{text}: {reason}");
                assert!(reason.contains(word), "{text}: {reason}");
            }
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn a_mistake_in_a_shared_piece_is_named_where_it_stands() {
    let shipped = include_str!("../../../packs/templates/es-MX/layout.txt");
    let line = shipped
        .lines()
        .position(|line| line == "=== pago.text ===")
        .expect("a piece")
        + 2;
    let broken = shipped.replace("=== pago.text ===\n", "=== pago.text ===\n{{ banco }}\n");
    let templates =
        Templates::with_overrides("es-MX", &[own("es-MX", LAYOUT, &broken)]).expect("templates");
    let error = templates
        .render("recordatorio", "es-MX", &MessageContext::sample())
        .expect_err("an undefined name")
        .to_string();
    assert!(
        error.contains(&format!("es-MX/layout, line {line}:")),
        "{error}"
    );
    assert!(error.contains("banco"), "{error}");
}

#[test]
fn an_absent_value_is_an_error_not_the_word_none() {
    let source = message("{{ company.phone }}");
    let templates =
        Templates::with_overrides("es-MX", &[own("es-MX", "gracias", &source)]).expect("templates");
    let render = |context| templates.render("gracias", "es-MX", &context);
    assert!(render(MessageContext::sample()).is_ok());
    let error = render(MessageContext::sample_bare()).expect_err("no phone");
    assert!(error.to_string().contains("absent"), "{error}");
    assert!(
        templates
            .check()
            .iter()
            .any(|problem| problem.to_string().contains("bare"))
    );
}

#[test]
fn runaway_templates_stop() {
    let fuel = "{% for a in range(1000) %}{% for b in range(1000) %}x{% endfor %}{% endfor %}";
    let error = render_own(&message(fuel))
        .expect_err("out of fuel")
        .to_string();
    assert!(error.contains("does not end"), "{error}");
    let growth = "{% for a in range(2000) %}".to_owned() + &"x".repeat(100) + "{% endfor %}";
    let error = render_own(&message(&growth))
        .expect_err("too long")
        .to_string();
    assert!(error.contains("grows past"), "{error}");
    let recursion = "{% include \"gracias.text\" %}";
    assert!(render_own(&message(recursion)).is_err());
}

#[test]
fn bad_files_are_refused_before_anyone_is_written_to() {
    let refused = |name: &str, source: &str| {
        Templates::with_overrides("es-MX", &[own("es-MX", name, source)])
            .expect_err("refused")
            .to_string()
    };
    assert!(refused("gracias", "Hola").contains("no section"));
    assert!(refused("gracias", "=== text ===\nHola").contains("=== subject ==="));
    assert!(refused("grasias", &message("Hola")).contains("no template `grasias`"));
    let unclosed = "=== subject ===\nHola\n=== text ===\nHola\n=== mjml ===\n<mj-text>Hola";
    assert!(matches!(
        render_own(unclosed),
        Err(TemplateError::Mjml { .. })
    ));
    let foreign = "=== subject ===\nHola\n=== text ===\nHola\n\
        === mjml ===\n<mj-include path=\"/etc/passwd\"/>";
    assert!(matches!(
        render_own(foreign),
        Err(TemplateError::Mjml { .. })
    ));
    let empty = "=== subject ===\n\n=== text ===\nHola\n=== mjml ===\n<mj-text>Hola</mj-text>";
    assert!(matches!(
        render_own(empty),
        Err(TemplateError::Size {
            part: "subject",
            ..
        })
    ));
    assert!(matches!(
        embedded().render("carta", "es-MX", &MessageContext::sample()),
        Err(TemplateError::UnknownKey(_))
    ));
}

#[test]
fn loud_subjects_are_found_by_the_check() {
    for (subject, word) in [
        ("Su factura vencida", "vencida"),
        ("Debe {{ totals|join }}", "$15,750.50"),
        ("Aviso de COBRANZA", "COBRANZA"),
        ("Pague hoy", "Pague"),
    ] {
        let source = message("Hola").replace("Hola\n=== text", &format!("{subject}\n=== text"));
        let templates = Templates::with_overrides("es-MX", &[own("es-MX", "gracias", &source)])
            .expect("templates");
        let found = templates.check().into_iter().any(
            |problem| matches!(problem, Problem::Subject { word: found, .. } if found == word),
        );
        assert!(found, "{subject}: {:?}", templates.check());
    }
}
