//! The steps by which something is approved.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ApprovalStep, MAX_APPROVAL_STEPS, MAX_STEPS_OF_ALL, Needs};
use crate::record::{List, Meta, Record, Slot};
use crate::{ApprovalWorkflowId, Change, FieldInvalid, Invalid, Label, Note, OrganizationId};

/// The steps by which something is approved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ApprovalWorkflow {
    /// What every record carries.
    pub meta: Meta,
    /// Its id.
    pub id: ApprovalWorkflowId,
    /// What people call it.
    pub name: Label,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Note>,
    /// Whether it can be asked for.
    pub enabled: bool,
    /// Whether whoever asks may decide too, where they are an approver.
    pub allow_self: bool,
    /// Who decides, in this order.
    pub steps: Vec<ApprovalStep>,
    /// Grows with each change of the steps or of who may decide them.
    pub revision: u32,
}

/// What is told of an approval workflow.
#[derive(Debug, Clone, PartialEq)]
pub struct ApprovalWorkflowDetails {
    /// What people call it.
    pub name: Label,
    /// What it is for.
    pub description: Option<Note>,
    /// Whether it can be asked for.
    pub enabled: bool,
    /// Whether whoever asks may decide too.
    pub allow_self: bool,
    /// Who decides, in this order.
    pub steps: Vec<ApprovalStep>,
}

/// A merge update: `None` keeps, `Some(None)` clears, `Some(Some(value))` sets.
#[derive(Debug, Clone, Default)]
pub struct ApprovalWorkflowPatch {
    /// What people call it.
    pub name: Option<Label>,
    /// What it is for.
    pub description: Option<Option<Note>>,
    /// Whether it can be asked for.
    pub enabled: Option<bool>,
    /// Whether whoever asks may decide too.
    pub allow_self: Option<bool>,
    /// Who decides, in this order.
    pub steps: Option<Vec<ApprovalStep>>,
}

impl ApprovalWorkflowPatch {
    /// The fields it writes, for telling a writer which of them others changed.
    pub fn writing(&self) -> Vec<&'static str> {
        let Self { name, description, enabled, allow_self, steps } = self;
        [
            ("name", name.is_some()),
            ("description", description.is_some()),
            ("enabled", enabled.is_some()),
            ("allow_self", allow_self.is_some()),
            ("steps", steps.is_some()),
        ]
        .into_iter()
        .filter_map(|(name, written)| written.then_some(name))
        .collect()
    }
}

impl ApprovalWorkflow {
    /// A new one.
    pub fn create(
        id: ApprovalWorkflowId,
        organization: OrganizationId,
        details: ApprovalWorkflowDetails,
        now: Timestamp,
    ) -> Result<Change<Self>, Vec<FieldInvalid>> {
        let ApprovalWorkflowDetails { name, description, enabled, allow_self, steps } = details;
        check(&steps)?;
        let meta = Meta::new(organization, now);
        let workflow = Self { meta, id, name, description, enabled, allow_self, steps, revision: 1 };
        Ok(Change::create(workflow, "approval_workflow.created"))
    }

    /// Changes it; what was asked for before ends by the steps it began with.
    pub fn update(self, patch: ApprovalWorkflowPatch, now: Timestamp) -> Result<Change<Self>, Vec<FieldInvalid>> {
        let ApprovalWorkflowPatch { name, description, enabled, allow_self, steps } = patch;
        let mut after = self.clone();
        after.meta.updated_at = now;
        after.name = name.unwrap_or(after.name);
        after.description = description.unwrap_or(after.description);
        after.enabled = enabled.unwrap_or(after.enabled);
        after.allow_self = allow_self.unwrap_or(after.allow_self);
        after.steps = steps.unwrap_or(after.steps);
        check(&after.steps)?;
        after.revision += u32::from((&after.steps, after.allow_self) != (&self.steps, self.allow_self));
        Ok(Change::update(self, after, "approval_workflow.updated"))
    }

    /// Deletes it softly; what was asked for goes on.
    pub fn delete(self, now: Timestamp) -> Change<Self> {
        Change::delete(self, now, "approval_workflow.deleted")
    }

    /// Brings it back as it was.
    pub fn restore(self, now: Timestamp) -> Change<Self> {
        Change::restore(self, now, "approval_workflow.restored")
    }
}

fn check(steps: &[ApprovalStep]) -> Result<(), Vec<FieldInvalid>> {
    let refuse = |code, message: String| Err(vec![FieldInvalid::new("steps", Invalid::new(code, message))]);
    if steps.is_empty() {
        return Err(vec![FieldInvalid::new("steps", Invalid::required())]);
    }
    if steps.len() > MAX_APPROVAL_STEPS {
        return refuse("too_many_steps", format!("must be at most {MAX_APPROVAL_STEPS}"));
    }
    if steps.iter().filter(|step| step.needs == Needs::All).count() > MAX_STEPS_OF_ALL {
        return refuse("too_many_steps_of_all", format!("must be at most {MAX_STEPS_OF_ALL} that need all"));
    }
    Ok(())
}

impl Record for ApprovalWorkflow {
    const KIND: &'static str = "approval_workflow";
    type Id = ApprovalWorkflowId;

    fn id(&self) -> ApprovalWorkflowId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn lists(&self) -> Vec<List> {
        vec![List::new(Slot::One, "all", "")]
    }
}
