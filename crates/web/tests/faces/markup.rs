//! Just enough reading of our own HTML to walk by its links and fill in its forms.

/// A tag with its attributes, as written but unescaped.
#[derive(Clone, Debug)]
pub struct Tag {
    /// Its name; with a slash before it where it closes.
    pub name: String,
    attributes: Vec<(String, String)>,
}

impl Tag {
    /// An attribute; `Some("")` for one without a value.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The names of its attributes.
    pub fn attribute_names(&self) -> impl Iterator<Item = &str> {
        self.attributes.iter().map(|(name, _)| name.as_str())
    }
}

/// A form with what it would send as it stands.
#[derive(Clone, Debug, Default)]
pub struct Form {
    /// Where to; empty for the page itself.
    pub action: String,
    /// Whether it changes something.
    pub is_post: bool,
    /// Names, values, and whether one may write what one likes.
    pub fields: Vec<(String, String, bool)>,
}

/// All tags in order.
pub fn tags(html: &str) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut at = 0;
    while let Some(open) = html[at..].find('<') {
        at += open + 1;
        if html[at..].starts_with("!--") {
            at += html[at..].find("-->").unwrap_or(0);
            continue;
        }
        let (tag, end) = tag(html, at);
        at = end;
        tags.push(tag);
    }
    tags
}

fn tag(html: &str, start: usize) -> (Tag, usize) {
    let is_name = |it: char| !it.is_whitespace() && it != '>';
    let name: String = html[start..]
        .chars()
        .take_while(|&it| is_name(it))
        .collect();
    let mut at = start + name.len();
    let mut attributes = Vec::new();
    loop {
        let rest = html[at..].trim_start_matches(|it: char| it.is_whitespace() || it == '/');
        at = html.len() - rest.len();
        if rest.is_empty() || rest.starts_with('>') {
            break;
        }
        let is_key = |it: char| !it.is_whitespace() && !['=', '>', '/'].contains(&it);
        let key: String = rest.chars().take_while(|&it| is_key(it)).collect();
        at += key.len().max(1);
        let mut value = String::new();
        if let Some(quoted) = html[at..].strip_prefix("=\"") {
            let inside = quoted.split('"').next().unwrap_or_default();
            at += inside.len() + 3;
            value = unescape(inside);
        }
        attributes.push((key, value));
    }
    let end = (at + 1).min(html.len());
    (Tag { name, attributes }, end)
}

/// The text that a page's entities stand for.
pub fn unescape(text: &str) -> String {
    let mut plain = text.to_owned();
    for (entity, letter) in [
        ("&lt;", "<"),
        ("&#60;", "<"),
        ("&gt;", ">"),
        ("&#62;", ">"),
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&#38;", "&"),
        ("&amp;", "&"),
    ] {
        plain = plain.replace(entity, letter);
    }
    plain
}

/// Where links and frames lead that stay on the site.
pub fn links(html: &str) -> Vec<String> {
    let leads = |tag: &Tag| match tag.name.as_str() {
        "a" => tag.get("href").map(str::to_owned),
        "iframe" => tag.get("src").map(str::to_owned),
        _ => None,
    };
    let found = tags(html).iter().filter_map(leads).collect::<Vec<_>>();
    found.into_iter().filter(|it| it.starts_with('/')).collect()
}

/// All forms.
pub fn forms(html: &str) -> Vec<Form> {
    let mut forms: Vec<Form> = Vec::new();
    let mut choice: Option<(String, Option<String>)> = None;
    for tag in tags(html) {
        let text = |name: &str| tag.get(name).unwrap_or_default().to_owned();
        if tag.name == "form" {
            forms.push(Form {
                action: text("action"),
                is_post: tag.get("method") == Some("post"),
                fields: Vec::new(),
            });
            continue;
        }
        let Some(form) = forms.last_mut() else {
            continue;
        };
        match tag.name.as_str() {
            "input" => form.fields.extend(input(&tag)),
            "textarea" => form.fields.push((text("name"), String::new(), true)),
            "button" if tag.get("name").is_some() => {
                form.fields.push((text("name"), text("value"), false));
            }
            "select" => choice = Some((text("name"), None)),
            "option" => {
                let chosen = tag.get("selected").is_some();
                if let Some((_, value)) = &mut choice
                    && (chosen || value.is_none())
                {
                    *value = Some(text("value"));
                }
            }
            "/select" => {
                if let Some((name, value)) = choice.take() {
                    form.fields.push((name, value.unwrap_or_default(), false));
                }
            }
            _ => {}
        }
    }
    forms
}

fn input(tag: &Tag) -> Option<(String, String, bool)> {
    let name = tag.get("name")?.to_owned();
    let value = tag.get("value").unwrap_or_default().to_owned();
    match tag.get("type").unwrap_or("text") {
        "file" | "submit" => None,
        "checkbox" | "radio" => Some((name, value, false)),
        "hidden" => Some((name, value, false)),
        _ => Some((name, value, true)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_and_links_are_read_as_a_browser_does() {
        let html = r#"<a href="/c/a?x=1&#38;y=2">Sí</a><!-- <a href="/no"> -->
            <form method="post" action="/do"><input type="hidden" name="csrf" value="t">
            <input name="q" value="a &quot;b&quot;" required><select name="kind">
            <option value="1"><option value="2" selected></select>
            <textarea name="note"></textarea><input type="file" name="f"></form>"#;
        assert_eq!(links(html), ["/c/a?x=1&y=2"]);
        let [form] = &forms(html)[..] else {
            panic!("one form");
        };
        assert!(form.is_post && form.action == "/do");
        let field = |name: &str, value: &str, free| (name.to_owned(), value.to_owned(), free);
        let fields = [
            field("csrf", "t", false),
            field("q", "a \"b\"", true),
            field("kind", "2", false),
            field("note", "", true),
        ];
        assert_eq!(form.fields, fields);
    }
}
