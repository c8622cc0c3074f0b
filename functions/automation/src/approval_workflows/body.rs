//! What is told of an approval workflow, and the people and roles that it may name.

use std::collections::HashMap;

use domain::approval::{ApprovalStep, ApprovalWorkflowDetails, ApprovalWorkflowPatch, MAX_APPROVAL_STEPS};
use domain::{
    CustomRole, FieldInvalid, Grant, Invalid, Label, Membership, MembershipId, Note, RoleId, RoleKey, UserId,
};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use web::{App, Field, Fields, Problem};

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

/// Refuses people who are not there, or not in the caller's reach, and roles that are not: 1 `BatchGetItem` a 100 people,
/// and 1 for the organization's own roles.
pub(super) async fn known(app: &App, grant: &Grant, steps: &[ApprovalStep]) -> Result<(), Problem> {
    let named = |step: usize, field: String| format!("steps.{step}.{field}");
    let steps = || steps.iter().enumerate();
    let people: Vec<(String, UserId)> =
        steps().flat_map(|(place, step)| step.people().map(move |(field, user)| (named(place, field), user))).collect();
    let roles: Vec<(String, RoleId)> = steps()
        .flat_map(|(place, step)| step.roles().map(move |(field, role)| (named(place, field), role)))
        .filter_map(|(field, role)| match role {
            RoleKey::Own(id) => Some((field, id)),
            RoleKey::Template(_) => None,
        })
        .collect();
    let ids: Vec<MembershipId> = unique(people.iter().map(|(_, user)| Membership::id_of(*user)));
    let members: HashMap<MembershipId, Membership> =
        if ids.is_empty() { HashMap::new() } else { app.table().get_many_to_change(grant, &ids).await? };
    let ids: Vec<RoleId> = unique(roles.iter().map(|(_, role)| *role));
    let own: HashMap<RoleId, CustomRole> =
        if ids.is_empty() { HashMap::new() } else { app.table().get_many_to_change(grant, &ids).await? };
    let is_known = |user: &UserId| {
        let member = members.get(&Membership::id_of(*user));
        member.is_some_and(|member| member.is_active() && member.is_in_reach(grant.rows()))
    };
    let nobody = people.into_iter().filter(|(_, user)| !is_known(user)).map(|(field, _)| {
        FieldInvalid::new(field, Invalid::new("unknown_user", "is nobody who could decide this here"))
    });
    let no_role = roles
        .into_iter()
        .filter(|(_, role)| !own.contains_key(role))
        .map(|(field, _)| FieldInvalid::new(field, Invalid::new("unknown_role", "is not a role")));
    let wrong: Vec<FieldInvalid> = nobody.chain(no_role).collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong.into()) }
}

fn unique<T: Eq + std::hash::Hash>(ids: impl Iterator<Item = T>) -> Vec<T> {
    let unique: std::collections::HashSet<T> = ids.collect();
    unique.into_iter().collect()
}
