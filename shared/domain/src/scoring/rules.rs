//! The rules as data, and what they must be like.

use indexmap::{IndexMap, IndexSet};
use serde::{Deserialize, Serialize};

use super::measure::plain;
use crate::{FieldInvalid, Invalid};

const MAX_FACTORS: usize = 30;
const MAX_ENTRIES: usize = 50;
const MAX_NAME: usize = 120;
const MAX_POINTS: i32 = 100;

/// The rules of an organization. Points may be negative; a score is their sum, held within 0 to 100.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ScoringRules {
    /// One more with every edit; kept with each score.
    pub version: u32,
    /// What counts, in the order shown.
    #[schema(max_items = 30)]
    pub factors: Vec<FactorRule>,
}

/// One thing that counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FactorRule {
    /// Its name, unique: `visits`.
    pub name: String,
    /// How it is measured.
    pub measure: Measure,
}

/// How a factor is measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Measure {
    /// Points for each way to reach the lead that is known.
    Contact {
        /// Points for a phone number.
        phone: i32,
        /// Points for an e-mail address.
        email: i32,
        /// Points for a name.
        name: i32,
    },
    /// Points by the source of the first touch; compared without case and punctuation.
    Source {
        /// Points of each source.
        #[schema(value_type = std::collections::BTreeMap<String, i32>)]
        points: IndexMap<String, i32>,
        /// Points of any other.
        otherwise: i32,
    },
    /// Points by a text in a custom field; none where it is not answered.
    Choice {
        /// Names of the field, the first that is there counts; compared as sources are.
        fields: Vec<String>,
        /// Points of each answer.
        #[schema(value_type = std::collections::BTreeMap<String, i32>)]
        points: IndexMap<String, i32>,
        /// Points of any other answer.
        otherwise: i32,
    },
    /// Points by a number in a custom field: those of the highest step reached.
    Number {
        /// Names of the field, the first with a number counts.
        fields: Vec<String>,
        /// The steps, rising in both columns.
        steps: Vec<AtLeast>,
    },
    /// Points by the number of touches.
    Touches {
        /// The steps, rising in both columns.
        steps: Vec<AtLeast>,
    },
    /// Points by the time since the last activity: those of the shortest step it fits in.
    Recency {
        /// The steps, hours rising and points falling.
        steps: Vec<Within>,
    },
    /// The share of open stages passed through; all of them for a customer, none for a lost lead.
    Stage {
        /// Points of a customer.
        points: i32,
    },
    /// The share of these custom fields that are answered.
    Completeness {
        /// The fields that should be.
        fields: Vec<String>,
        /// Points if all are.
        points: i32,
    },
}

/// Points from a number on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AtLeast {
    /// From this number on.
    pub at_least: u32,
    /// Its points.
    pub points: i32,
}

/// Points up to an age.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Within {
    /// Up to so many hours ago.
    pub hours: u32,
    /// Its points.
    pub points: i32,
}

impl ScoringRules {
    /// Checks rules that somebody wrote and names everything wrong with them. Steps that fall
    /// where they should rise are refused, so that more engagement never scores less.
    pub fn check(&self) -> Result<(), Vec<FieldInvalid>> {
        if self.factors.len() > MAX_FACTORS {
            return Err(vec![FieldInvalid::new("factors", Invalid::new("too_many", "must hold at most 30 factors"))]);
        }
        let mut wrong = Vec::new();
        let mut names = IndexSet::new();
        for (at, factor) in self.factors.iter().enumerate() {
            let mut refuse = |field: &str, code, message: &'static str| {
                wrong.push(FieldInvalid::new(format!("factors.{at}.{field}"), Invalid::new(code, message)));
            };
            if factor.name.trim().is_empty() || factor.name.chars().count() > MAX_NAME {
                refuse("name", "length", "must have 1 to 120 characters");
            }
            if !names.insert(factor.name.as_str()) {
                refuse("name", "duplicate", "must differ from the other names");
            }
            factor.measure.check(&mut refuse);
        }
        if wrong.is_empty() { Ok(()) } else { Err(wrong) }
    }
}

impl Measure {
    fn check(&self, refuse: &mut dyn FnMut(&str, &'static str, &'static str)) {
        let within = |points: &i32| (-MAX_POINTS..=MAX_POINTS).contains(points);
        let mut points = |field: &str, given: &mut dyn Iterator<Item = &i32>| {
            let mut count = 0;
            let fine = given.inspect(|_| count += 1).all(within);
            if !fine {
                refuse(field, "out_of_range", "must be -100 to 100 points");
            }
            if count > MAX_ENTRIES {
                refuse(field, "too_many", "must hold at most 50 entries");
            }
        };
        match self {
            Self::Contact { phone, email, name } => {
                points("phone", &mut [phone].into_iter());
                points("email", &mut [email].into_iter());
                points("name", &mut [name].into_iter());
            }
            Self::Source { points: by, otherwise } | Self::Choice { points: by, otherwise, .. } => {
                points("points", &mut by.values());
                points("otherwise", &mut [otherwise].into_iter());
            }
            Self::Number { steps, .. } | Self::Touches { steps } => {
                points("steps", &mut steps.iter().map(|step| &step.points));
                let rising = |pair: &[AtLeast]| pair[0].at_least < pair[1].at_least && pair[0].points <= pair[1].points;
                if !steps.windows(2).all(rising) || steps.first().is_some_and(|step| step.points < 0) {
                    refuse("steps", "not_rising", "must rise from 0, numbers and points alike");
                }
            }
            Self::Recency { steps } => {
                points("steps", &mut steps.iter().map(|step| &step.points));
                let falling = |pair: &[Within]| pair[0].hours < pair[1].hours && pair[0].points >= pair[1].points;
                if !steps.windows(2).all(falling) || steps.last().is_some_and(|step| step.points < 0) {
                    refuse("steps", "not_falling", "must have rising hours and points that fall to 0 or more");
                }
            }
            Self::Stage { points: given } | Self::Completeness { points: given, .. } => {
                points("points", &mut [given].into_iter());
            }
        }
        if let Self::Choice { fields, .. } | Self::Number { fields, .. } | Self::Completeness { fields, .. } = self
            && (fields.is_empty()
                || fields.len() > MAX_ENTRIES
                || fields.iter().any(|name| plain(name).next().is_none()))
        {
            refuse("fields", "malformed", "must name 1 to 50 fields");
        }
    }
}
