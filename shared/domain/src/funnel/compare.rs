//! One person's funnel beside that of all.

use serde::Serialize;

use super::{Funnel, Percent};
use crate::pipeline::StageKey;

/// How somebody's funnel stands against the one of all people in reach, them among these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Comparison {
    /// Of all: leads are counted as those of a person are, and those that nobody had are not.
    pub team: Funnel,
    /// By how many percentage points the person's conversion rate is above that of all.
    pub conversion_difference: Percent,
    /// Each stage but the first, in their order.
    pub stages: Vec<StageComparison>,
}

/// How many go on to a stage, of somebody's leads and of all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct StageComparison {
    /// The stage.
    pub key: StageKey,
    /// The person's conversion from the stage before.
    pub agent: Percent,
    /// That of all.
    pub team: Percent,
    /// By how many percentage points the person's is above.
    pub difference: Percent,
}

impl Funnel {
    /// This funnel, of one person, beside that of all.
    pub fn against(&self, team: Self) -> Comparison {
        let both = self.stages.iter().zip(&team.stages);
        let stages = both
            .filter_map(|(own, all)| {
                let (agent, team) = (own.conversion?, all.conversion?);
                Some(StageComparison { key: own.key.clone(), agent, team, difference: agent.points_above(team) })
            })
            .collect();
        let conversion_difference = self.conversion_rate.points_above(team.conversion_rate);
        Comparison { team, conversion_difference, stages }
    }
}
