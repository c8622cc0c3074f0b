//! A stage and its key.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::values::wire_text;
use crate::{Invalid, Label};

const MAX_KEY: usize = 40;

/// Names a stage for programs: `meeting`. A letter, then letters, digits and underscores, in lower
/// case, at most 40. Read leniently: `In Progress` and `in-progress` are `in_progress`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StageKey(String);

impl StageKey {
    /// The key.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) const fn known(key: String) -> Self {
        Self(key)
    }
}

impl FromStr for StageKey {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Invalid::required());
        }
        if text.len() > MAX_KEY {
            return Err(Invalid::new("too_long", "must have at most 40 characters"));
        }
        let key: String =
            text.chars().map(|c| if c == ' ' || c == '-' { '_' } else { c.to_ascii_lowercase() }).collect();
        let slug = key.starts_with(|c: char| c.is_ascii_lowercase())
            && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        if slug { Ok(Self(key)) } else { Err(Invalid::new("not_a_stage_key", "must be a key such as meeting")) }
    }
}

wire_text!(StageKey, |schema| schema
    .pattern(Some("^[a-z][a-z0-9_]{0,39}$"))
    .max_length(Some(MAX_KEY))
    .examples([serde_json::json!("assessment")]));

/// What a stage means for the lead in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StageKind {
    /// Being worked on.
    Open,
    /// Became a customer.
    Won,
    /// Did not.
    Lost,
}

/// One stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Stage {
    /// Its key, unique in the pipeline; it is a lead's `status`.
    pub key: StageKey,
    /// What people call it.
    pub name: Label,
    /// What it means.
    pub kind: StageKind,
    /// Its place, from 1. Stages are put in this order and then counted anew, so gaps do no harm.
    #[serde(default)]
    pub position: u16,
    /// How many hours a lead may stay before it is overdue: 1 to 8,760, absent for any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 8760)]
    pub sla_hours: Option<u32>,
}
