//! What is told of an approval workflow, and the people and roles that it may name.

use domain::approval::{ApprovalStep, ApprovalWorkflowDetails, ApprovalWorkflowPatch, MAX_APPROVAL_STEPS};
use domain::{FieldInvalid, Grant, Label, Note};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use web::{App, Field, Fields, Problem};

use crate::known::Named;

/// An approval workflow.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct ApprovalWorkflowBody {
    #[serde(default)]
    #[schema(value_type = Option<Label>)]
    name: Field<Label>,
    #[serde(default)]
    #[schema(value_type = Option<Note>)]
    description: Field<Note>,
    /// Whether it can be asked for; `true` where absent.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    enabled: Field<bool>,
    /// Whether whoever asks may decide too, where they are an approver; `false` where absent.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    allow_self: Field<bool>,
    /// Who decides, in this order: 1 to 10 steps, of which 5 at most need all of their approvers. `needs` is `any` where
    /// absent, `on_deadline` is `remind`.
    #[serde(default)]
    #[schema(value_type = Option<Vec<ApprovalStep>>, max_items = 10)]
    steps: Field<Vec<Value>>,
}

impl Fields for ApprovalWorkflowBody {
    const WRITES: &'static [&'static str] = &["name", "description", "enabled", "allow_self", "steps"];
    const READ_ONLY: &'static [&'static str] = &["id", "revision", "created_at", "updated_at", "version"];
}

impl ApprovalWorkflowBody {
    /// What is to be created.
    pub(super) fn details(self) -> Result<ApprovalWorkflowDetails, Vec<FieldInvalid>> {
        let mut wrong = Vec::new();
        let w = &mut wrong;
        let name = self.name.required("name", w);
        let description = self.description.optional("description", w);
        let enabled = self.enabled.optional("enabled", w).unwrap_or(true);
        let allow_self = self.allow_self.optional("allow_self", w).unwrap_or(false);
        let steps = self.steps.required("steps", w).map(|steps| read(&steps, w));
        match (name, steps) {
            (Some(name), Some(steps)) if wrong.is_empty() => {
                Ok(ApprovalWorkflowDetails { name, description, enabled, allow_self, steps })
            }
            _ => Err(wrong),
        }
    }

    /// What changes.
    pub(super) fn patch(self) -> Result<ApprovalWorkflowPatch, Vec<FieldInvalid>> {
        let mut wrong = Vec::new();
        let w = &mut wrong;
        let name = self.name.replaced("name", w);
        let description = self.description.patch("description", w);
        let enabled = self.enabled.replaced("enabled", w);
        let allow_self = self.allow_self.replaced("allow_self", w);
        let steps = self.steps.replaced("steps", w).map(|steps| read(&steps, w));
        let patch = ApprovalWorkflowPatch { name, description, enabled, allow_self, steps };
        if wrong.is_empty() { Ok(patch) } else { Err(wrong) }
    }
}

fn read(steps: &[Value], wrong: &mut Vec<FieldInvalid>) -> Vec<ApprovalStep> {
    let mut read = Vec::new();
    // One more than there may be is told as too many.
    for (place, step) in steps.iter().enumerate().take(MAX_APPROVAL_STEPS + 1) {
        match ApprovalStep::read(step) {
            Ok(step) => read.push(step),
            Err(errors) => wrong.extend(errors.into_iter().map(|error| error.within(&format!("steps.{place}")))),
        }
    }
    read
}

/// Refuses people and roles that are not there: at most 2 `BatchGetItem`.
pub(super) async fn known(app: &App, grant: &Grant, steps: &[ApprovalStep]) -> Result<(), Problem> {
    let at = |step: usize, field: String| format!("steps.{step}.{field}");
    let mut named = Named::default();
    for (place, step) in steps.iter().enumerate() {
        named.people.extend(step.people().map(|(field, user)| (at(place, field), user)));
        named.roles.extend(step.roles().map(|(field, role)| (at(place, field), role)));
    }
    named.check(app, grant).await
}
