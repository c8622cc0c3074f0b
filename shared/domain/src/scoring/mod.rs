//! The score of a lead: 0 to 100, with every factor shown, by rules that are data.

mod defaults;
mod measure;
mod rules;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use rules::{AtLeast, FactorRule, Measure, ScoringRules, Within};

use crate::CustomFields;
use crate::pipeline::{Pipeline, StageKey, StageKind};

const MAX_SCORE: u8 = 100;

/// What is known of a lead when it is scored.
#[derive(Debug, Clone, Copy)]
pub struct Signals<'a> {
    /// When.
    pub now: Timestamp,
    /// Whether its name is known.
    pub has_name: bool,
    /// Whether it can be called.
    pub has_phone: bool,
    /// Whether it can be written to.
    pub has_email: bool,
    /// Where it came from first.
    pub source: Option<&'a str>,
    /// How often it was captured, called or written to.
    pub touches: u32,
    /// When it last did something or was last spoken to.
    pub last_activity_at: Option<Timestamp>,
    /// How far it has come.
    pub progress: Progress,
    /// Everything else.
    pub custom_fields: &'a CustomFields,
}

/// How far a lead has come in its pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// In the open stage of this number, from 1, of so many.
    Open {
        /// The number of its stage.
        stage: u16,
        /// How many open stages there are.
        of: u16,
    },
    /// Became a customer.
    Won,
    /// Did not, or its stage is no longer there.
    Lost,
}

impl Progress {
    /// The progress that a stage means in a pipeline.
    pub fn of(pipeline: &Pipeline, stage: &StageKey) -> Self {
        let open = || pipeline.stages().iter().filter(|stage| stage.kind == StageKind::Open).zip(1..);
        match pipeline.stage(stage).map(|stage| stage.kind) {
            Some(StageKind::Won) => Self::Won,
            Some(StageKind::Open) => {
                let number = open().find(|(open, _)| open.key == *stage).map_or(1, |(_, number)| number);
                Self::Open { stage: number, of: open().last().map_or(1, |(_, number)| number) }
            }
            Some(StageKind::Lost) | None => Self::Lost,
        }
    }
}

/// A score and how it came about.
#[expect(clippy::struct_field_names, reason = "the API calls the number score")]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Score {
    /// 0 (cold) to 100 (hot): the sum of the factors' points, held within these bounds.
    #[schema(minimum = 0, maximum = 100)]
    pub score: u8,
    /// Every factor, in the order of the rules.
    pub factors: Vec<Factor>,
    /// The version of the rules.
    pub rule_version: u32,
}

/// What one factor added to a score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Factor {
    /// The rule's name.
    pub name: String,
    /// Its points, which may be negative.
    pub points: i32,
    /// The most it can add.
    pub max: i32,
    /// Why, in words for people; free of personal data.
    pub reason: String,
}

impl ScoringRules {
    /// Scores a lead. The same rules and signals give the same score.
    pub fn score(&self, signals: &Signals<'_>) -> Score {
        let factors: Vec<Factor> = self
            .factors
            .iter()
            .map(|factor| {
                let (points, reason) = factor.measure.points(signals);
                Factor { name: factor.name.clone(), points, max: factor.measure.max(), reason }
            })
            .collect();
        let sum = factors.iter().fold(0_i32, |sum, factor| sum.saturating_add(factor.points));
        let score = u8::try_from(sum.clamp(0, i32::from(MAX_SCORE))).unwrap_or(MAX_SCORE);
        Score { score, factors, rule_version: self.version }
    }
}

#[cfg(test)]
mod tests;
