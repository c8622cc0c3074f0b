//! What service levels came to, as figures.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{ClockState, SlaClock, TargetKind};
use crate::{Count, Counted, SlaPolicyId};

/// The figure of clocks of which it is known whether they were in time, a day, by `policy#target`, with those that were
/// (`met`), those that were not (`breached`), and those of the latter that came late all the same (`late`) beside it; of the
/// branch and of the person. Those in time belong to the day on which they were met, the others to the day on which their
/// time was over.
pub const SLA_CLOCKS: &str = "sla_clocks";

const MET: &str = "met";
const BREACHED: &str = "breached";
const LATE: &str = "late";

/// What the clocks of a policy and a target came to on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlaCounted {
    /// The day, in UTC.
    pub day: Date,
    /// The policy.
    pub policy: SlaPolicyId,
    /// What had to happen.
    pub target: TargetKind,
    /// Those in time.
    pub met: u64,
    /// Those whose time was over.
    pub breached: u64,
    /// Of these, those that were met later.
    pub late: u64,
}

impl Counted for SlaCounted {
    const METRIC: &'static str = SLA_CLOCKS;

    fn read(day: Date, dimension: &str, _: u64, parts: &BTreeMap<String, u64>) -> Option<Self> {
        let (policy, target) = dimension.split_once('#')?;
        let part = |name| parts.get(name).copied().unwrap_or(0);
        Some(Self {
            day,
            policy: policy.parse().ok()?,
            target: target.parse().ok()?,
            met: part(MET),
            breached: part(BREACHED),
            late: part(LATE),
        })
    }
}

impl SlaClock {
    /// What it is counted in: nothing, while nobody knows whether it will be in time.
    pub(super) fn counted(&self) -> Vec<Count> {
        let in_time = self.ended_at.filter(|at| self.state == ClockState::Met && *at <= self.due_at);
        let is_late = self.state == ClockState::Met && in_time.is_none();
        let count = |at| {
            let dimension = format!("{}#{}", self.policy, self.target);
            Count::daily(SLA_CLOCKS, Some(self.branch_id), at, dimension).of(self.assigned_to)
        };
        match in_time {
            Some(at) => vec![count(at).and(MET, 1)],
            None if is_late => vec![count(self.due_at).and(BREACHED, 1).and(LATE, 1)],
            None if self.breached_at.is_some() => vec![count(self.due_at).and(BREACHED, 1)],
            None => Vec::new(),
        }
    }
}
