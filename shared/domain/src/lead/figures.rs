//! The figures that a lead is counted in: those of now while it lives, and those of the people who work it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use super::Lead;
use crate::pipeline::{Pipeline, StageKind};
use crate::{Change, Count, Counted, Label, UserId};

/// The figure of what happened to leads while they were somebody's, a day, of the branch and of that person; by
/// `given|stage|source`, `kept|stage|source`, `entered|stage`, `won|stage` and `lost|stage`, as [`Worked`] explains.
pub const WORKED: &str = "leads_worked";

/// What happened to a lead while it was somebody's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Worked {
    /// It came to them, new or from somebody else.
    Given {
        /// The stage it was in.
        stage: String,
        /// Whether that was open: it is an entry of theirs then.
        open: bool,
        /// Its source; empty without one.
        source: String,
    },
    /// It entered an open stage for the first time.
    Entered(String),
    /// It entered the winning stage for the first time.
    Won(String),
    /// It entered a losing stage for the first time.
    Lost(String),
}

/// What happened to leads on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeadsCounted {
    /// The day, in UTC.
    pub day: Date,
    /// What.
    pub what: Worked,
    /// How often.
    pub number: u64,
}

impl LeadsCounted {
    /// The stage that leads entered: as whoever they were given to found them, or while they were theirs.
    pub fn entered(&self) -> Option<&str> {
        match &self.what {
            Worked::Given { open: false, .. } => None,
            Worked::Given { stage, .. } | Worked::Entered(stage) | Worked::Won(stage) | Worked::Lost(stage) => {
                Some(stage)
            }
        }
    }
}

impl Counted for LeadsCounted {
    const METRIC: &'static str = WORKED;

    fn read(day: Date, dimension: &str, number: u64, _: &BTreeMap<String, u64>) -> Option<Self> {
        let (what, of) = dimension.split_once('|')?;
        let given = |open| {
            let (stage, source) = of.split_once('|')?;
            Some(Worked::Given { stage: stage.to_owned(), open, source: source.to_owned() })
        };
        let what = match what {
            "given" => given(true)?,
            "kept" => given(false)?,
            "entered" => Worked::Entered(of.to_owned()),
            "won" => Worked::Won(of.to_owned()),
            "lost" => Worked::Lost(of.to_owned()),
            _ => return None,
        };
        Some(Self { day, what, number })
    }
}

impl Lead {
    fn is_open(&self, pipeline: &Pipeline) -> bool {
        pipeline.stage(&self.status).is_none_or(|stage| stage.kind == StageKind::Open)
    }

    /// The figures of now that a live lead adds one to.
    fn gauges(&self, pipeline: &Pipeline) -> Vec<Count> {
        if self.meta.deleted_at.is_some() {
            return Vec::new();
        }
        let branch = Some(self.branch_id);
        let mut gauges = vec![
            Count::gauge("leads", branch, "", 1),
            Count::gauge("leads_by_stage", branch, self.status.as_str(), 1).of(self.assigned_to),
        ];
        if let (Some(owner), true) = (self.assigned_to, self.is_open(pipeline)) {
            gauges.push(Count::gauge("open_leads_by_owner", branch, owner.to_string(), 1));
        }
        gauges
    }

    /// The steps from what a lead was to what it is.
    pub(super) fn gauges_since(&self, before: Option<&Self>, pipeline: &Pipeline) -> Vec<Count> {
        let before = before.map(|before| before.gauges(pipeline)).unwrap_or_default();
        Count::steps(before, self.gauges(pipeline))
    }

    /// A change of this lead with the steps of its figures.
    pub(super) fn changed(self, after: Self, kind: &'static str, pipeline: &Pipeline) -> Change<Self> {
        let gauges = after.gauges_since(Some(&self), pipeline);
        Change::update(self, after, kind).counting(gauges)
    }

    /// It came to whoever it belongs to now.
    pub(super) fn given(&self, pipeline: &Pipeline, now: Timestamp) -> Option<Count> {
        let owner: UserId = self.assigned_to?;
        let what = if self.is_open(pipeline) { "given" } else { "kept" };
        let source = self.source.as_ref().map_or("", Label::as_str);
        let dimension = format!("{what}|{}|{source}", self.status);
        Some(Count::daily(WORKED, Some(self.branch_id), now, dimension).of(Some(owner)))
    }

    /// It entered the stage it is in, for the first time, while it was somebody's.
    pub(super) fn entered(&self, kind: StageKind, now: Timestamp) -> Option<Count> {
        let owner: UserId = self.assigned_to?;
        let what = match kind {
            StageKind::Open => "entered",
            StageKind::Won => "won",
            StageKind::Lost => "lost",
        };
        let dimension = format!("{what}|{}", self.status);
        Some(Count::daily(WORKED, Some(self.branch_id), now, dimension).of(Some(owner)))
    }
}
