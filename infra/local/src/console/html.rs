//! HTML, written by hand.

use std::fmt::Write as _;

use axum::response::Html;
use web::html::escape;

const STYLE: &str = include_str!("style.css");

/// A page; `body` is HTML already.
pub(super) fn page(title: &str, body: &str) -> Html<String> {
    let title = escape(title);
    Html(format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\"><title>{title}</title><style>{STYLE}</style><main><h1>{title}</h1>{body}</main></html>\n"
    ))
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
