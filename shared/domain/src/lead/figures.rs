//! The figures that a lead is counted in while it lives.

use super::Lead;
use crate::Count;
use crate::pipeline::{Pipeline, StageKind};

impl Lead {
    /// The figures of now that a live lead adds one to.
    fn gauges(&self, pipeline: &Pipeline) -> Vec<Count> {
        if self.meta.deleted_at.is_some() {
            return Vec::new();
        }
        let branch = Some(self.branch_id);
        let mut gauges =
            vec![Count::gauge("leads", branch, "", 1), Count::gauge("leads_by_stage", branch, self.status.as_str(), 1)];
        let open = pipeline.stage(&self.status).is_none_or(|stage| stage.kind == StageKind::Open);
        if let (Some(owner), true) = (self.assigned_to, open) {
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
    pub(super) fn changed(self, after: Self, kind: &'static str, pipeline: &Pipeline) -> crate::Change<Self> {
        let gauges = after.gauges_since(Some(&self), pipeline);
        crate::Change::update(self, after, kind).counting(gauges)
    }
}
