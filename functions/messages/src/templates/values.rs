//! What is put into templates.

use jiff::Timestamp;
use minijinja::Value;
use serde_json::{Map, Value as Json};

use super::Unwritable;

/// The most characters of a link.
const LINK: usize = 2_000;
/// The most characters of a message in an organization's own words.
const PROSE: usize = 5_000;
/// The same of what it wrote as a template, whose bound is in bytes.
const WRITTEN: usize = 100 * 1024;

/// The values, each text on one line and of at most `length` characters. A link is kept whole; it leads to the web.
pub(super) fn clean(values: &Map<String, Json>, length: usize) -> Result<Value, Unwritable> {
    let mut clean = Vec::with_capacity(values.len());
    for (name, value) in values {
        let value = match value {
            Json::String(link) if name == "link" => Value::from(checked(link)?),
            // The organization's own words, of which nothing is cut; an SMS that they are too long for is not sent.
            Json::String(text) if name == "message" => Value::from(several_lines(text, PROSE)),
            Json::String(text) if name == "text" => Value::from(several_lines(text, WRITTEN)),
            // What was put into it was escaped when the template was filled in.
            Json::String(html) if name == "html" => Value::from_safe_string(several_lines(html, WRITTEN)),
            Json::String(text) => Value::from(one_line(text, length)),
            Json::Bool(value) => Value::from(*value),
            Json::Number(number) => number.as_i64().map_or_else(|| Value::from(number.to_string()), Value::from),
            // No template has a place for these.
            Json::Null | Json::Array(_) | Json::Object(_) => continue,
        };
        clean.push((name.as_str(), value));
    }
    Ok(Value::from_pairs(clean))
}

/// Text without control characters but ends of lines, of so many characters at most.
fn several_lines(text: &str, most: usize) -> String {
    let kept = |char: &char| !char.is_control() || matches!(char, '\n' | '\t');
    text.chars().filter(kept).take(most).collect()
}

/// Text without control characters, its white space collapsed, cut with two dots where it is longer.
pub(super) fn one_line(text: &str, length: usize) -> String {
    let spaced: String = text.chars().map(|char| if char.is_control() { ' ' } else { char }).collect();
    let line = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= length {
        return line;
    }
    let cut: String = line.chars().take(length.saturating_sub(2)).collect();
    format!("{}..", cut.trim_end())
}

/// A link of the web, as it is. Without encryption it leads to this machine only.
fn checked(link: &str) -> Result<&str, Unwritable> {
    let plain = |host: &str| {
        let rest = link.strip_prefix("http://").and_then(|rest| rest.strip_prefix(host));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/', '?', '#']))
    };
    let good = link.starts_with("https://") || plain("localhost") || plain("127.0.0.1");
    let clean = !link.chars().any(|char| char.is_control() || char.is_whitespace());
    if good && clean && link.len() <= LINK { Ok(link) } else { Err(Unwritable::Link) }
}

/// `{{ at|time }}`: a time as people read it; what is none stays as it is.
pub(super) fn time(at: &str) -> String {
    at.parse::<Timestamp>().map_or_else(|_| at.to_owned(), |at| at.strftime("%-d %B %Y, %H:%M UTC").to_string())
}
