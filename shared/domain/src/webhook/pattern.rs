//! Which events are meant, by their types.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Invalid;
use crate::values::wire_text;

const MAX_CHARS: usize = 80;
/// So many patterns are taken together at most.
const MAX: usize = 50;

/// Types of events: one (`lead.created`), all of a kind of record (`lead.*`), or all there are (`*`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EventPattern(String);

impl EventPattern {
    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it means events of this type.
    pub fn fits(&self, kind: &str) -> bool {
        match self.0.strip_suffix('*') {
            Some(begin) => kind.starts_with(begin),
            None => self.0 == kind,
        }
    }
}

impl FromStr for EventPattern {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let is_word = |word: &str| {
            !word.is_empty()
                && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        };
        let good = text.len() <= MAX_CHARS
            && match text.split_once('.') {
                Some((record, verb)) => is_word(record) && (verb == "*" || is_word(verb)),
                None => text == "*",
            };
        let malformed = || Invalid::new("not_an_event_type", "must be a type such as lead.created, lead.* or *");
        if good { Ok(Self(text.to_owned())) } else { Err(malformed()) }
    }
}

wire_text!(EventPattern, |schema| schema
    .pattern(Some(r"^(\*|[a-z0-9_]+\.(\*|[a-z0-9_]+))$"))
    .max_length(Some(MAX_CHARS))
    .examples([serde_json::json!("lead.*")]));

/// The types of events that somebody wants: 1 to 50 patterns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventPatterns(Vec<EventPattern>);

impl EventPatterns {
    /// These, each once.
    pub fn new(patterns: Vec<EventPattern>) -> Result<Self, Invalid> {
        let mut own: Vec<EventPattern> = Vec::with_capacity(patterns.len().min(MAX));
        for pattern in patterns {
            if !own.contains(&pattern) {
                own.push(pattern);
            }
        }
        if own.is_empty() || own.len() > MAX {
            return Err(Invalid::new("length", "must name 1 to 50 types of events"));
        }
        Ok(Self(own))
    }

    /// Whether one of them means events of this type.
    pub fn fit(&self, kind: &str) -> bool {
        self.0.iter().any(|pattern| pattern.fits(kind))
    }

    /// As they were written.
    pub fn as_slice(&self) -> &[EventPattern] {
        &self.0
    }
}
