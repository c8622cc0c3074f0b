//! Headers that an organization adds to what its endpoint gets.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{FieldInvalid, Invalid};

/// At most so many.
const MAX: usize = 20;
const MAX_NAME: usize = 64;
const MAX_VALUE: usize = 1_024;

/// Headers that are ours, the connection's, or name where the call goes. So are those that begin with `webhook-`,
/// `proxy-` and `sec-`.
const OURS: [&str; 15] = [
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "date",
    "expect",
    "forwarded",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
];

/// Headers beside ours, their names in small letters. Their values may let somebody in.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WebhookHeaders(Vec<(String, String)>);

impl std::fmt::Debug for WebhookHeaders {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}

impl WebhookHeaders {
    /// Reads an object of names and texts.
    pub fn read(map: Map<String, Value>) -> Result<Self, Vec<FieldInvalid>> {
        if map.len() > MAX {
            return Err(vec![FieldInvalid::new("", Invalid::new("too_many", "must have at most 20 headers"))]);
        }
        let (mut headers, mut wrong) = (Vec::with_capacity(map.len()), Vec::new());
        for (name, value) in map {
            let known = name.to_ascii_lowercase();
            let refused = refused_name(&known).or_else(|| {
                let twice = headers.iter().any(|(other, _)| *other == known);
                twice.then(|| Invalid::new("repeated", "stands twice"))
            });
            match (refused, value) {
                (None, Value::String(text)) if is_value(&text) => headers.push((known, text)),
                (None, _) => {
                    let words = "must be text of at most 1,024 printable ASCII characters";
                    wrong.push(FieldInvalid::new(name, Invalid::new("not_a_header", words)));
                }
                (Some(invalid), _) => wrong.push(FieldInvalid::new(name, invalid)),
            }
        }
        if wrong.is_empty() { Ok(Self(headers)) } else { Err(wrong) }
    }

    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The names, which are no secret.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }
}

fn refused_name(name: &str) -> Option<Invalid> {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if name.is_empty() || name.len() > MAX_NAME || !name.bytes().all(token) {
        return Some(Invalid::new("not_a_header", "must be letters, digits, - and _"));
    }
    let ours = OURS.contains(&name) || ["webhook-", "proxy-", "sec-"].iter().any(|begin| name.starts_with(begin));
    ours.then(|| Invalid::new("reserved_header", "is a header that is not yours to set"))
}

fn is_value(text: &str) -> bool {
    text.len() <= MAX_VALUE
        && text.trim() == text
        && !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
}
