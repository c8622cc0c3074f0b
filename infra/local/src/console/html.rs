use std::fmt::Write as _;

use axum::response::Html;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;\
color:#1c1c1c;background:#fff}table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.4rem .6rem;\
border-bottom:1px solid #ddd;vertical-align:top}pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f5f5f5;\
padding:1rem}dt{font-weight:600}a{color:#0b57d0}\
iframe{width:100%;height:24rem;border:1px solid #ddd;background:#fff}@media(prefers-color-scheme:dark){body{background:#161616;\
color:#eee}pre{background:#222}td,th{border-color:#333}a{color:#8ab4f8}}";

/// A page; `body` is HTML already.
pub(super) fn page(title: &str, body: &str) -> Html<String> {
    let title = escape(title);
    Html(format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>{title}</title><style>{STYLE}</style><h1>{title}</h1>{body}</html>\n"
    ))
}

/// Text for HTML, in elements and in quoted attributes.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Text for HTML, in which the links of the web lead somewhere.
pub(super) fn linked(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for word in text.split_inclusive(char::is_whitespace) {
        let link = word.trim_end();
        if link.starts_with("https://") || link.starts_with("http://") {
            let (shown, space) = (escape(link), &word[link.len()..]);
            // Writing to a string cannot fail.
            let _ = write!(html, "<a rel=\"noreferrer\" href=\"{shown}\">{shown}</a>{space}");
        } else {
            html.push_str(&escape(word));
        }
    }
    html
}
