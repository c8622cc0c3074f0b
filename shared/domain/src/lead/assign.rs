//! A lead is given to a person.

use jiff::Timestamp;

use super::Lead;
use crate::pipeline::Pipeline;
use crate::{Change, UserId};

impl Lead {
    /// Gives it to a person, or takes it back (`None`).
    pub fn assign(
        self,
        to: Option<UserId>,
        notes: Option<String>,
        pipeline: &Pipeline,
        now: Timestamp,
    ) -> Change<Self> {
        let mut after = self.clone();
        after.assigned_to = to;
        let after = after.touched_up(pipeline, now);
        let given = if to == self.assigned_to { None } else { after.given(pipeline, now) };
        self.changed(after, "lead.assigned", pipeline).counting(given).because(notes)
    }
}
