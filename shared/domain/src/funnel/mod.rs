//! The arithmetic of reports on leads: shares, trends, and the funnel from the first stage to the
//! winning one. Whole numbers in, per cent out, no floats on the way.

mod compare;
mod figures;
mod percent;
mod shares;
#[cfg(test)]
mod tests;

use serde::Serialize;

pub use compare::{Comparison, StageComparison};
pub use figures::Figures;
pub use percent::Percent;
pub use shares::{SourceShare, StageShare, sources, standing};

use crate::Label;
use crate::pipeline::{Pipeline, Stage, StageKey, StageKind};

/// How leads went through the stages in a time.
///
/// A lead is counted in each stage in the time in which it entered it first. So a stage may have more
/// entries than the one before: from leads of an earlier time, or that skipped stages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Funnel {
    /// The open stages in their order, then the winning one.
    pub stages: Vec<FunnelStage>,
    /// The leads that were given up: no step of the funnel.
    pub lost: LostLeads,
    /// Entries of the winning stage, of those of the first.
    pub conversion_rate: Percent,
    /// The stage from which the smallest share goes on to the next; `null` where none was entered.
    /// Of equal ones the earliest.
    pub bottleneck: Option<StageKey>,
}

/// One stage of a funnel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FunnelStage {
    /// The stage.
    pub key: StageKey,
    /// What people call it.
    pub name: Label,
    /// Leads that entered it for the first time.
    pub entered: u64,
    /// Leads that stand in it now.
    pub current: u64,
    /// Its entries, of those of the stage before; `null` for the first stage.
    pub conversion: Option<Percent>,
    /// Its entries, of those of the first stage.
    pub percentage: Percent,
}

/// The losing stage of a funnel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct LostLeads {
    /// Leads that entered it for the first time.
    pub entered: u64,
    /// Leads that stand in it now.
    pub current: u64,
    /// Its entries, of those of the first stage.
    pub percentage: Percent,
}

impl Funnel {
    /// The funnel of a pipeline, from the entries and the present leads of each stage.
    pub fn new(pipeline: &Pipeline, entered: &Figures, current: &Figures) -> Self {
        let (path, lost): (Vec<&Stage>, Vec<&Stage>) =
            pipeline.stages().iter().partition(|stage| stage.kind != StageKind::Lost);
        let of = |figures: &Figures, stage: &Stage| figures.of(stage.key.as_str());
        let entries: Vec<u64> = path.iter().map(|stage| of(entered, stage)).collect();
        let first = entries.first().copied().unwrap_or(0);
        let before = std::iter::once(None).chain(entries.iter().copied().map(Some));
        let stages = path
            .iter()
            .zip(before.zip(&entries))
            .map(|(stage, (before, &entered))| FunnelStage {
                key: stage.key.clone(),
                name: stage.name.clone(),
                entered,
                current: of(current, stage),
                conversion: before.map(|before| Percent::share(entered, before)),
                percentage: Percent::share(entered, first),
            })
            .collect();
        let given_up = lost.iter().map(|stage| of(entered, stage)).sum();
        Self {
            stages,
            lost: LostLeads {
                entered: given_up,
                current: lost.iter().map(|stage| of(current, stage)).sum(),
                percentage: Percent::share(given_up, first),
            },
            conversion_rate: Percent::share(entries.last().copied().unwrap_or(0), first),
            bottleneck: narrowest(&entries).and_then(|at| path.get(at)).map(|stage| stage.key.clone()),
        }
    }
}

/// The place with the smallest share of entries that goes on to the next: compared as fractions, so
/// that rounding decides nothing.
fn narrowest(entries: &[u64]) -> Option<usize> {
    let steps = entries.windows(2).enumerate().filter(|(_, step)| step[0] > 0);
    let share_of = |step: &[u64], other: &[u64]| u128::from(step[1]) * u128::from(other[0]);
    steps.min_by(|(_, a), (_, b)| share_of(a, b).cmp(&share_of(b, a))).map(|(at, _)| at)
}
