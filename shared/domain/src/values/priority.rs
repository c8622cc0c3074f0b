//! Priority: four ranks, five spellings.

use std::borrow::Cow;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

use crate::Invalid;

/// How urgent something is: low < normal (also spelt medium) < high < urgent. Written as `normal`;
/// [`Priority::spelt`] gives the word of the paths that say `medium`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// Can wait.
    Low,
    /// The usual one.
    #[default]
    Normal,
    /// Before the usual ones.
    High,
    /// Before everything.
    Urgent,
}

/// Which word a path uses for the second rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrioritySpelling {
    /// Admissions and calling say `normal`.
    Normal,
    /// Renewals say `medium`.
    Medium,
}

impl Priority {
    /// 1 (low) to 4 (urgent), for sorting.
    pub const fn rank(self) -> u8 {
        match self {
            Self::Low => 1,
            Self::Normal => 2,
            Self::High => 3,
            Self::Urgent => 4,
        }
    }

    /// The canonical word.
    pub const fn as_str(self) -> &'static str {
        self.spelt(PrioritySpelling::Normal)
    }

    /// The word that a path's document uses.
    pub const fn spelt(self, spelling: PrioritySpelling) -> &'static str {
        match (self, spelling) {
            (Self::Low, _) => "low",
            (Self::Normal, PrioritySpelling::Normal) => "normal",
            (Self::Normal, PrioritySpelling::Medium) => "medium",
            (Self::High, _) => "high",
            (Self::Urgent, _) => "urgent",
        }
    }
}

impl FromStr for Priority {
    type Err = Invalid;

    /// Any of the five words in any case.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        [
            ("low", Self::Low),
            ("normal", Self::Normal),
            ("medium", Self::Normal),
            ("high", Self::High),
            ("urgent", Self::Urgent),
        ]
        .into_iter()
        .find_map(|(word, priority)| text.eq_ignore_ascii_case(word).then_some(priority))
        .ok_or_else(|| Invalid::new("unknown_priority", "must be low, normal (or medium), high or urgent"))
    }
}

impl Serialize for Priority {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Priority {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl utoipa::__dev::ComposeSchema for Priority {
    fn compose(_: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(["low", "normal", "medium", "high", "urgent"]))
            .into()
    }
}

impl utoipa::ToSchema for Priority {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_understood_and_ranks_in_order() {
        let ranks: Vec<u8> = ["low", "Normal", "MEDIUM", " high", "urgent"]
            .into_iter()
            .map(|word| word.parse::<Priority>().expect("priority").rank())
            .collect();
        assert_eq!(ranks, [1, 2, 2, 3, 4]);
        assert!(Priority::Low < Priority::Normal && Priority::High < Priority::Urgent);
        assert!("critical".parse::<Priority>().is_err());
    }

    #[test]
    fn a_path_hears_its_own_word_back() {
        assert_eq!(Priority::Normal.spelt(PrioritySpelling::Medium), "medium");
        assert_eq!(serde_json::to_string(&Priority::Normal).expect("json"), r#""normal""#);
    }
}
