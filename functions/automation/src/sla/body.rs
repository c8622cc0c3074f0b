//! What is told of a service level.

use domain::automation::{Conditions, SubjectKind};
use domain::sla::{SlaPolicyDetails, SlaPolicyPatch, Target};
use domain::{FieldInvalid, Grant, Invalid, Label, Note, SlaPolicy};
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use web::{App, Field, Fields, Problem};

use super::view::READ_ONLY;
use crate::known::Named;

/// A service level; of an update, what is absent stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct SlaPolicyBody {
    #[serde(default)]
    #[schema(value_type = Option<Label>)]
    name: Field<Label>,
    #[serde(default)]
    #[schema(value_type = Option<Note>)]
    description: Field<Note>,
    /// Whether it starts clocks; `true` where absent.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    enabled: Field<bool>,
    /// `lead`.
    #[serde(default)]
    #[schema(value_type = Option<SubjectKind>)]
    applies_to: Field<String>,
    /// What a lead must be like as its clock would start, as of an automation: an object, or an expression.
    #[serde(default)]
    #[schema(value_type = Option<Value>)]
    conditions: Field<Value>,
    /// What must happen: each of `first_response` and `resolution` once. `within` counts in seconds, of `business` hours or
    /// `around_the_clock`, `from` when the lead is `created` or first `assigned`; `until` names the stages of a resolution;
    /// `warn_at_percent` is 1 to 99; `escalations` are at most 5, each with its `actions`, at most 5 of an automation's, and
    /// either `"at": "warning"` or `after`, in seconds beyond the end.
    #[serde(default)]
    #[schema(value_type = Option<Vec<Object>>, max_items = 2)]
    targets: Field<Vec<Value>>,
}

impl Fields for SlaPolicyBody {
    const WRITES: &'static [&'static str] = &["name", "description", "enabled", "applies_to", "conditions", "targets"];
    const READ_ONLY: &'static [&'static str] = READ_ONLY;
}

impl SlaPolicyBody {
    /// What of a policy changes.
    pub(crate) fn patch(self, zone: &TimeZone) -> Result<SlaPolicyPatch, Vec<FieldInvalid>> {
        let (patch, wrong) = self.read(zone);
        if wrong.is_empty() { Ok(patch) } else { Err(wrong) }
    }

    /// What is to be created.
    pub(crate) fn details(self, zone: &TimeZone) -> Result<SlaPolicyDetails, Vec<FieldInvalid>> {
        let (patch, mut wrong) = self.read(zone);
        let SlaPolicyPatch { name, description, enabled, conditions, targets } = patch;
        for (field, absent) in [("name", name.is_none()), ("targets", targets.is_none())] {
            if absent && !wrong.iter().any(|wrong| wrong.field.starts_with(field)) {
                wrong.push(FieldInvalid::new(field, Invalid::required()));
            }
        }
        match (name, targets) {
            (Some(name), Some(targets)) if wrong.is_empty() => Ok(SlaPolicyDetails {
                name,
                description: description.flatten(),
                enabled: enabled.unwrap_or(true),
                conditions: conditions.unwrap_or_default(),
                targets,
            }),
            _ => Err(wrong),
        }
    }

    fn read(self, zone: &TimeZone) -> (SlaPolicyPatch, Vec<FieldInvalid>) {
        let mut wrong = Vec::new();
        let w = &mut wrong;
        let name = self.name.replaced("name", w);
        let description = self.description.patch("description", w);
        let enabled = self.enabled.replaced("enabled", w);
        if self.applies_to.replaced("applies_to", w).is_some_and(|kind| kind != SubjectKind::Lead.as_str()) {
            w.push(FieldInvalid::new("applies_to", Invalid::new("unknown_subject", "must be lead")));
        }
        let conditions = self.conditions.patch("conditions", w).and_then(|value| {
            let refuse = |errors: Vec<FieldInvalid>| {
                // A filter calls itself so where it is none.
                let errors = errors.into_iter().map(|error| error.under("filter", ""));
                w.extend(errors.map(|error| error.within("conditions")));
            };
            Conditions::read(&value.unwrap_or_default(), SubjectKind::Lead, zone).map_err(refuse).ok()
        });
        let targets = self.targets.replaced("targets", w).and_then(|values| {
            let refuse = |errors: Vec<FieldInvalid>| w.extend(errors.into_iter().map(|error| error.within("targets")));
            SlaPolicy::read_targets(&values, zone).map_err(refuse).ok()
        });
        (SlaPolicyPatch { name, description, enabled, conditions, targets }, wrong)
    }
}

/// Refuses people and roles that are not there: at most 2 `BatchGetItem`.
pub(crate) async fn known(app: &App, grant: &Grant, targets: &[Target]) -> Result<(), Problem> {
    let mut named = Named::default();
    for (place, target) in targets.iter().enumerate() {
        for (level, escalation) in target.escalations.iter().enumerate() {
            let at = format!("targets.{place}.escalations.{level}.actions");
            let Named { people, roles } = Named::in_steps(&escalation.actions, &at);
            named.people.extend(people);
            named.roles.extend(roles);
        }
    }
    named.check(app, grant).await
}
