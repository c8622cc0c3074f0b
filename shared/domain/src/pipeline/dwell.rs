//! How long a lead stays in each stage.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::StageKey;

/// How long a lead has stayed in one stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct StageDwell {
    /// The stage.
    pub stage: StageKey,
    /// When it was last entered.
    #[schema(value_type = String, format = DateTime)]
    pub entered_at: Timestamp,
    /// Whole seconds of all completed visits; [`Dwell::until`] adds the running one.
    pub seconds_total: u64,
    /// How often it was entered.
    pub visits: u32,
}

/// The ledger of a lead's stays, in the order the stages were first entered. Seconds are those of
/// the timestamps, fractions dropped, so that they add up exactly to the time since the beginning.
///
/// Written as rows without names, which every lead would carry: the current stage's place, then the stays.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Rows", into = "Rows")]
pub struct Dwell {
    /// Where it is.
    current: StageKey,
    /// Every stage it has been in, the current one included.
    stages: Vec<StageDwell>,
}

type Rows = (usize, Vec<(StageKey, Timestamp, u64, u32)>);

impl From<Dwell> for Rows {
    fn from(Dwell { current, stages }: Dwell) -> Self {
        let place = stages.iter().position(|dwell| dwell.stage == current).unwrap_or_default();
        let row = |StageDwell { stage, entered_at, seconds_total, visits }| (stage, entered_at, seconds_total, visits);
        (place, stages.into_iter().map(row).collect())
    }
}

impl TryFrom<Rows> for Dwell {
    type Error = &'static str;

    fn try_from((place, rows): Rows) -> Result<Self, &'static str> {
        let stay = |(stage, entered_at, seconds_total, visits)| StageDwell { stage, entered_at, seconds_total, visits };
        let stages: Vec<StageDwell> = rows.into_iter().map(stay).collect();
        let current = stages.get(place).ok_or("a ledger of stays without the current one")?.stage.clone();
        Ok(Self { current, stages })
    }
}

impl Dwell {
    /// Enters the first stage.
    pub fn begin(stage: StageKey, at: Timestamp) -> Self {
        let first = StageDwell { stage: stage.clone(), entered_at: at, seconds_total: 0, visits: 1 };
        Self { current: stage, stages: vec![first] }
    }

    /// Where it is.
    pub const fn current(&self) -> &StageKey {
        &self.current
    }

    /// When it entered the stage it is in.
    pub fn since(&self) -> Timestamp {
        // The current stage is always among those visited.
        self.stages.iter().find(|dwell| dwell.stage == self.current).map_or(Timestamp::MIN, |dwell| dwell.entered_at)
    }

    /// Leaves the current stage for another. A clock that went back counts as one that stood still.
    #[must_use]
    pub fn moved(mut self, to: StageKey, at: Timestamp) -> Self {
        let at = at.max(self.since());
        for dwell in &mut self.stages {
            if dwell.stage == self.current {
                dwell.seconds_total = dwell.seconds_total.saturating_add(seconds(dwell.entered_at, at));
            }
        }
        match self.stages.iter_mut().find(|dwell| dwell.stage == to) {
            Some(dwell) => {
                dwell.entered_at = at;
                dwell.visits = dwell.visits.saturating_add(1);
            }
            None => self.stages.push(StageDwell { stage: to.clone(), entered_at: at, seconds_total: 0, visits: 1 }),
        }
        self.current = to;
        self
    }

    /// The stays up to an instant, the running one included.
    pub fn until(&self, now: Timestamp) -> Vec<StageDwell> {
        let mut stages = self.stages.clone();
        for dwell in &mut stages {
            if dwell.stage == self.current {
                dwell.seconds_total = dwell.seconds_total.saturating_add(seconds(dwell.entered_at, now));
            }
        }
        stages
    }
}

impl fmt::Debug for Dwell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dwell({} since {}, {} stages)", self.current, self.since(), self.stages.len())
    }
}

fn seconds(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.as_second() - from.as_second()).unwrap_or(0)
}
