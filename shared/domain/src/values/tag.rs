//! Tags: short labels people put on records.

use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, de};

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ArrayBuilder, Schema};

use super::text::one_line;
use super::wire::wire_text;
use crate::Invalid;

const MAX_CHARS: usize = 50;
const MAX_TAGS: usize = 50;

/// A tag: one line of 1 to 50 characters without commas, which separate tags in queries and in CSV.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(String);

impl Tag {
    /// The tag as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Tag {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let tag = one_line(text, MAX_CHARS)?;
        if tag.contains(',') {
            return Err(Invalid::new("comma", "must not contain a comma"));
        }
        Ok(Self(tag))
    }
}

wire_text!(Tag, |schema| schema.min_length(Some(1)).max_length(Some(MAX_CHARS)).pattern(Some("^[^,]+$")));

/// The tags of a record: at most 50, in the order given, each once whatever its case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Tags(Vec<Tag>);

impl Tags {
    /// Keeps the first of those that differ in case only; more than 50 different ones are refused.
    pub fn new(tags: impl IntoIterator<Item = Tag>) -> Result<Self, Invalid> {
        let mut kept: Vec<Tag> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        for tag in tags {
            if seen.insert(tag.0.to_lowercase()) {
                if kept.len() == MAX_TAGS {
                    return Err(Invalid::new("too_many", "must hold at most 50 tags"));
                }
                kept.push(tag);
            }
        }
        Ok(Self(kept))
    }

    /// The tags in their order.
    pub fn iter(&self) -> impl Iterator<Item = &Tag> {
        self.0.iter()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'de> Deserialize<'de> for Tags {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(Vec::<Tag>::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

impl utoipa::__dev::ComposeSchema for Tags {
    fn compose(_: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        ArrayBuilder::new().items(<Tag as utoipa::PartialSchema>::schema()).max_items(Some(MAX_TAGS)).into()
    }
}

impl utoipa::ToSchema for Tags {}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(count: usize) -> Result<Tags, Invalid> {
        Tags::new((0..count).map(|n| format!("tag {n}").parse().expect("tag")))
    }

    #[test]
    fn a_tag_counts_once_whatever_its_case() {
        let tags: Tags = serde_json::from_str(r#"["Fellowship", "medical", " fellowship "]"#).expect("tags");
        assert_eq!(serde_json::to_string(&tags).expect("json"), r#"["Fellowship","medical"]"#);
    }

    #[test]
    fn tags_are_bounded() {
        assert!(tags(50).is_ok());
        assert_eq!(tags(51).map_err(|invalid| invalid.code), Err("too_many"));
        assert_eq!("a,b".parse::<Tag>().map_err(|invalid| invalid.code), Err("comma"));
    }
}
