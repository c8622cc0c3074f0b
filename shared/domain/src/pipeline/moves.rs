//! Which moves between stages are allowed.

use serde::Serialize;

use super::{Pipeline, StageKey, StageKind};
use crate::{FieldInvalid, Invalid};

/// What allows or hinders a move, apart from the pipeline.
#[derive(Debug, Clone, Copy, Default)]
pub struct MoveContext<'a> {
    /// Whether the mover holds the permission to skip stages.
    pub may_skip: bool,
    /// Why, in the mover's words.
    pub reason: Option<&'a str>,
}

/// A move that is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// The stage left.
    pub from: StageKey,
    /// The stage entered.
    pub to: StageKey,
    /// What kind of stage was entered.
    pub entered: StageKind,
    /// What kind of move it is.
    pub step: Step,
    /// Why, where it was said; trimmed.
    pub reason: Option<String>,
}

/// What kind of move a [`Transition`] is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// To the next stage.
    Advanced,
    /// Over the stages named.
    Skipped(Vec<StageKey>),
    /// Back to an earlier open stage.
    Returned,
    /// Given up.
    Lost,
    /// From won or lost back to an open stage.
    Reopened,
    /// From a stage that an edit of the pipeline has removed.
    Rehomed,
}

/// Why a move is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoveRefused {
    /// The pipeline has no such stage.
    #[error("the pipeline has no stage {0}")]
    UnknownStage(StageKey),
    /// It is there already.
    #[error("it is in this stage already")]
    AlreadyThere,
    /// Stages lie between, and the mover may not skip any. Holds the stage that is next.
    #[error("the next stage is {0}; skipping stages needs the permission to")]
    SkipNotAllowed(StageKey),
    /// Skipping, going back, losing and reopening need a reason.
    #[error("this move needs a reason")]
    ReasonRequired,
    /// Won and lost leads must be reopened before anything else.
    #[error("it is closed; reopen it by moving it to an open stage")]
    Closed,
}

impl MoveRefused {
    /// Stable, part of the API.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownStage(_) => "unknown_stage",
            Self::AlreadyThere => "already_there",
            Self::SkipNotAllowed(_) => "skip_not_allowed",
            Self::ReasonRequired => "reason_required",
            Self::Closed => "closed",
        }
    }

    /// The field of the request that it concerns.
    pub const fn field(&self) -> &'static str {
        match self {
            Self::ReasonRequired => "reason",
            _ => "status",
        }
    }
}

impl From<MoveRefused> for FieldInvalid {
    fn from(refused: MoveRefused) -> Self {
        Self::new(refused.field(), Invalid::new(refused.code(), refused.to_string()))
    }
}

impl Pipeline {
    /// Decides a move. Forward one stage at a time; further needs the permission and a reason; back
    /// to an earlier open stage, to lost from any open stage, and from won or lost to any open stage
    /// (a reopening) need a reason. A lead whose stage an edit has removed may go anywhere.
    pub fn transition(
        &self,
        from: &StageKey,
        to: &StageKey,
        context: &MoveContext<'_>,
    ) -> Result<Transition, MoveRefused> {
        let place = |key: &StageKey| self.stages.iter().position(|stage| stage.key == *key);
        let there = place(to).ok_or_else(|| MoveRefused::UnknownStage(to.clone()))?;
        if from == to {
            return Err(MoveRefused::AlreadyThere);
        }
        let target = &self.stages[there];
        let reason = context.reason.map(str::trim).filter(|reason| !reason.is_empty());

        let step = match place(from).map(|at| (at, self.stages[at].kind)) {
            None => Step::Rehomed,
            Some((_, StageKind::Won | StageKind::Lost)) if target.kind == StageKind::Open => Step::Reopened,
            Some((_, StageKind::Won | StageKind::Lost)) => return Err(MoveRefused::Closed),
            Some((_, StageKind::Open)) if target.kind == StageKind::Lost => Step::Lost,
            Some((at, StageKind::Open)) if there < at => Step::Returned,
            Some((at, StageKind::Open)) if there == at + 1 => Step::Advanced,
            Some((at, StageKind::Open)) if context.may_skip => {
                Step::Skipped(self.stages[at + 1..there].iter().map(|stage| stage.key.clone()).collect())
            }
            Some((at, StageKind::Open)) => {
                return Err(MoveRefused::SkipNotAllowed(self.stages[at + 1].key.clone()));
            }
        };
        if reason.is_none() && !matches!(step, Step::Advanced | Step::Rehomed) {
            return Err(MoveRefused::ReasonRequired);
        }
        Ok(Transition {
            from: from.clone(),
            to: to.clone(),
            entered: target.kind,
            step,
            reason: reason.map(str::to_owned),
        })
    }
}
