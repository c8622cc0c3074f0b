//! The stages a lead goes through, which moves between them are allowed, and how long it stays in each.

mod dwell;
mod moves;
mod stage;

use indexmap::IndexSet;
use serde::{Deserialize, Serialize};

pub use dwell::{Dwell, StageDwell};
pub use moves::{MoveContext, MoveRefused, Step, Transition};
pub use stage::{Stage, StageKey, StageKind};

use crate::{FieldInvalid, Invalid, Label};

/// More stages than this is no pipeline that anybody could read.
pub const MAX_STAGES: usize = 20;
/// A year, in hours.
const MAX_SLA_HOURS: u32 = 8_760;

/// An organization's stages: one or more open ones in order, then the one that wins, and one that loses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "Unchecked")]
pub struct Pipeline {
    /// One more with every edit.
    version: u32,
    /// The stages in their order, positions 1, 2, 3…
    #[schema(min_items = 3, max_items = 20)]
    stages: Vec<Stage>,
}

/// A pipeline as read, before it is known to hold together.
#[derive(Deserialize)]
struct Unchecked {
    version: u32,
    stages: Vec<Stage>,
}

impl TryFrom<Unchecked> for Pipeline {
    type Error = Refused;

    fn try_from(read: Unchecked) -> Result<Self, Refused> {
        Self::of(read.version, read.stages).map_err(Refused)
    }
}

/// Everything that is wrong, in one sentence for a log.
#[derive(Debug, thiserror::Error)]
#[error("not a pipeline: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
struct Refused(Vec<FieldInvalid>);

impl Default for Pipeline {
    /// lead → assessment → meeting → converted, and lost.
    fn default() -> Self {
        let stages = [
            ("lead", "Lead", StageKind::Open),
            ("assessment", "Assessment", StageKind::Open),
            ("meeting", "Meeting", StageKind::Open),
            ("converted", "Converted", StageKind::Won),
            ("lost", "Lost", StageKind::Lost),
        ];
        let stages = stages.into_iter().zip(1..).map(|((key, name, kind), position)| Stage {
            key: StageKey::known(key.to_owned()),
            name: Label::known(name),
            kind,
            position,
            sla_hours: None,
        });
        Self { version: 1, stages: stages.collect() }
    }
}

impl Pipeline {
    /// One more with every edit.
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// The stages in their order.
    pub fn stages(&self) -> &[Stage] {
        &self.stages
    }

    /// Where new leads begin: the first open stage.
    pub fn first(&self) -> &Stage {
        // No pipeline without an open stage is ever made or read, and open stages come first.
        &self.stages[0]
    }

    /// A stage by its key.
    pub fn stage(&self, key: &StageKey) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.key == *key)
    }

    /// This pipeline with other stages. Names every wrong one, as `stages.2.key`, counted from 0 in
    /// the order given.
    pub fn edit(&self, stages: Vec<Stage>) -> Result<Self, Vec<FieldInvalid>> {
        Self::of(self.version.saturating_add(1), stages)
    }

    fn of(version: u32, mut stages: Vec<Stage>) -> Result<Self, Vec<FieldInvalid>> {
        check(&stages)?;
        stages.sort_by_key(|stage| (order(stage.kind), stage.position));
        for (stage, position) in stages.iter_mut().zip(1..) {
            stage.position = position;
        }
        Ok(Self { version, stages })
    }
}

/// Open stages come first, then the winning one, then the losing one.
const fn order(kind: StageKind) -> u8 {
    match kind {
        StageKind::Open => 0,
        StageKind::Won => 1,
        StageKind::Lost => 2,
    }
}

fn check(stages: &[Stage]) -> Result<(), Vec<FieldInvalid>> {
    let whole = |code, message: &'static str| FieldInvalid::new("stages", Invalid::new(code, message));
    if stages.len() > MAX_STAGES {
        return Err(vec![whole("too_many_stages", "must hold at most 20 stages")]);
    }
    let mut wrong = Vec::new();
    let count = |kind| stages.iter().filter(|stage| stage.kind == kind).count();
    if count(StageKind::Open) == 0 {
        wrong.push(whole("no_open_stage", "must hold an open stage"));
    }
    if count(StageKind::Won) != 1 {
        wrong.push(whole("not_one_won_stage", "must hold exactly one won stage"));
    }
    if count(StageKind::Lost) != 1 {
        wrong.push(whole("not_one_lost_stage", "must hold exactly one lost stage"));
    }
    let mut keys = IndexSet::new();
    let mut names = IndexSet::new();
    for (at, stage) in stages.iter().enumerate() {
        let mut refuse = |field: &str, code, message: &'static str| {
            wrong.push(FieldInvalid::new(format!("stages.{at}.{field}"), Invalid::new(code, message)));
        };
        if !keys.insert(&stage.key) {
            refuse("key", "duplicate", "must differ from the other keys");
        }
        if !names.insert(stage.name.as_str().to_lowercase()) {
            refuse("name", "duplicate", "must differ from the other names");
        }
        if stage.sla_hours.is_some_and(|hours| !(1..=MAX_SLA_HOURS).contains(&hours)) {
            refuse("sla_hours", "out_of_range", "must be 1 to 8,760 hours");
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

#[cfg(test)]
mod tests;
