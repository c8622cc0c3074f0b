//! How a whole is made up: leads by source, leads by the stage they stand in.

use serde::Serialize;

use super::{Figures, Percent};
use crate::Label;
use crate::pipeline::{Pipeline, StageKey, StageKind};

/// One source's share of the leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct SourceShare {
    /// The source; `null` for leads that came without one.
    pub source: Option<String>,
    /// How many leads.
    pub count: u64,
    /// Of all leads.
    pub percentage: Percent,
}

/// The sources of leads, the largest first, equal ones by name.
pub fn sources(leads: &Figures) -> Vec<SourceShare> {
    let total = leads.total();
    let mut shares: Vec<SourceShare> = leads
        .iter()
        .map(|(source, count)| SourceShare {
            source: (!source.is_empty()).then(|| source.to_owned()),
            count,
            percentage: Percent::share(count, total),
        })
        .collect();
    shares.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.source.cmp(&b.source)));
    shares
}

/// The leads that stand in one stage now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct StageShare {
    /// The stage.
    pub key: String,
    /// What people call it; `null` for a stage that an edit of the pipeline has removed.
    pub name: Option<Label>,
    /// What it means; `null` likewise.
    pub kind: Option<StageKind>,
    /// How many leads.
    pub count: u64,
    /// Of all leads.
    pub percentage: Percent,
}

/// Where leads stand: every stage of the pipeline in its order, then removed stages in which leads
/// were left behind. The counts add up to all leads.
pub fn standing(pipeline: &Pipeline, current: &Figures) -> Vec<StageShare> {
    let total = current.total();
    let share = |key: &str, name, kind| {
        let count = current.of(key);
        StageShare { key: key.to_owned(), name, kind, count, percentage: Percent::share(count, total) }
    };
    let known = pipeline.stages().iter();
    let removed = current
        .iter()
        .map(|(key, _)| key)
        .filter(|key| key.parse::<StageKey>().ok().and_then(|key| pipeline.stage(&key)).is_none());
    known
        .map(|stage| share(stage.key.as_str(), Some(stage.name.clone()), Some(stage.kind)))
        .chain(removed.map(|key| share(key, None, None)))
        .collect()
}
