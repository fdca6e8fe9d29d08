//! The policy's own prose, which the domain writes with a few marks, as HTML: headings, paragraphs,
//! lists, bold and code. Everything else is text.

/// The prose as HTML; every sign of the text is escaped. Its first heading is left to the page.
pub(crate) fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut open: Option<&str> = None;
    for line in text.lines().map(str::trim_end) {
        let (list, item) = item_of(line);
        if open.is_some() && open != list {
            let tag = open.take().unwrap_or_default();
            out.push_str(&format!("</{tag}>\n"));
        }
        if let Some(tag) = list {
            if open.is_none() {
                out.push_str(&format!("<{tag}>\n"));
                open = Some(tag);
            }
            out.push_str(&format!("<li>{}</li>\n", inline(item)));
        } else if let Some(title) = line.strip_prefix("### ") {
            out.push_str(&format!("<h3>{}</h3>\n", inline(title)));
        } else if let Some(title) = line.strip_prefix("## ") {
            out.push_str(&format!("<h2>{}</h2>\n", inline(title)));
        } else if !line.is_empty() && !line.starts_with("# ") {
            out.push_str(&format!("<p>{}</p>\n", inline(line)));
        }
    }
    if let Some(tag) = open {
        out.push_str(&format!("</{tag}>\n"));
    }
    out
}

/// The list a line belongs to and what it says.
fn item_of(line: &str) -> (Option<&'static str>, &str) {
    if let Some(item) = line.trim_start().strip_prefix("- ") {
        return (Some("ul"), item);
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    match line[digits..].strip_prefix(". ") {
        Some(item) if digits > 0 => (Some("ol"), item),
        _ => (None, line),
    }
}

/// Bold and code within a line.
fn inline(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 32);
    for (index, part) in text.split('`').enumerate() {
        let is_code = index % 2 == 1;
        if is_code {
            out.push_str(&format!("<code>{}</code>", escape(part)));
            continue;
        }
        for (index, part) in part.split("**").enumerate() {
            let text = escape(part);
            if index % 2 == 1 {
                out.push_str(&format!("<strong>{text}</strong>"));
            } else {
                out.push_str(&text);
            }
        }
    }
    out
}

/// Text that can be nothing but text.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_become_elements_and_everything_else_text() {
        let text = "# T\n\nUno <b> y `x<y`.\n\n## A **fondo**\n\n- uno\n- dos\n\n1. **Sí** & no\n";
        assert_eq!(
            html(text),
            "<p>Uno &lt;b&gt; y <code>x&lt;y</code>.</p>\n<h2>A <strong>fondo</strong></h2>\n\
             <ul>\n<li>uno</li>\n<li>dos</li>\n</ul>\n\
             <ol>\n<li><strong>Sí</strong> &amp; no</li>\n</ol>\n"
        );
    }

    #[test]
    fn every_policy_that_ships_reads_without_a_mark_left_over() {
        for (key, text) in domain::policy::embedded() {
            let policy = domain::policy::Policy::parse(text).expect("it ships");
            let page = html(&domain::policy::explain::staff(&policy));
            assert!(!page.contains("**") && !page.contains('`'), "{key}");
            assert_eq!(page.matches("<ul>").count(), page.matches("</ul>").count());
        }
    }
}
