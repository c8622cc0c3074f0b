//! A lead moves through the pipeline.

use jiff::Timestamp;

use super::Lead;
use crate::pipeline::{MoveContext, MoveRefused, Pipeline, StageKey, StageKind};
use crate::{Change, Count};

impl Lead {
    /// Moves it to another stage, by the pipeline's rules.
    pub fn move_to(
        self,
        to: &StageKey,
        context: &MoveContext<'_>,
        pipeline: &Pipeline,
        now: Timestamp,
    ) -> Result<Change<Self>, MoveRefused> {
        let moved = pipeline.transition(&self.status, to, context)?;
        let first_visit = !self.dwell.until(now).iter().any(|dwell| dwell.stage == *to);
        let mut after = self.clone();
        after.status = to.clone();
        after.dwell = after.dwell.moved(to.clone(), now);
        after.lost_reason = moved.reason.clone().filter(|_| moved.entered == StageKind::Lost);
        after.converted_at = (moved.entered == StageKind::Won).then_some(now);
        let after = after.touched_up(pipeline, now);
        let branch = Some(self.branch_id);
        let mut counts = vec![Count::daily("stage_moved", branch, now, format!("{}>{}", moved.from, moved.to))];
        if first_visit {
            counts.push(Count::daily("stage_entered", branch, now, to.as_str()));
            if moved.entered == StageKind::Won {
                counts.push(Count::daily("leads_converted", branch, now, ""));
            }
            counts.extend(after.entered(moved.entered, now));
        }
        Ok(self
            .changed(after, "lead.stage_changed", pipeline)
            .because(moved.reason.clone())
            .with("from", &moved.from)
            .with("to", &moved.to)
            .counting(counts))
    }
}
