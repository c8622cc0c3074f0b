//! What is told of an automation, in the words of both products.

use domain::automation::{
    Conditions, Schedule, Step, SubjectKind, TriggerType, WorkflowDetails, WorkflowPatch, WorkflowStatus, Writing,
};
use domain::{FieldInvalid, Invalid, Label, Note, Permission, Permissions, Workflow};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use web::{Field, Fields, SignedIn};

use crate::view::READ_ONLY;

/// An automation. Each part has a name in either product: `trigger` and `trigger_type`, `conditions` and
/// `trigger_conditions`, `is_active`, `is_enabled` and `status`.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct WorkflowBody {
    #[serde(default)]
    #[schema(value_type = Option<Label>)]
    name: Field<Label>,
    #[serde(default)]
    #[schema(value_type = Option<Note>)]
    description: Field<Note>,
    /// What sets it going.
    #[serde(default)]
    #[schema(value_type = Option<TriggerType>)]
    trigger: Field<String>,
    /// The same.
    #[serde(default)]
    #[schema(value_type = Option<TriggerType>)]
    trigger_type: Field<String>,
    /// When, where the trigger is `schedule`.
    #[serde(default)]
    #[schema(value_type = Option<Schedule>)]
    schedule: Field<Value>,
    /// For what records: an object such as `{"source": "facebook", "experience": ">2"}`, or an expression such as
    /// `source == "facebook" && experience > 2`.
    #[serde(default)]
    #[schema(value_type = Option<Value>)]
    conditions: Field<Value>,
    /// The same.
    #[serde(default)]
    #[schema(value_type = Option<Value>)]
    trigger_conditions: Field<Value>,
    /// What is done: at most 20 objects with a `type` and its fields. `delay` counts in seconds from the beginning of the
    /// run; `conditions` are looked at when the action is reached.
    #[serde(default)]
    #[schema(value_type = Option<Vec<Object>>, max_items = 20)]
    actions: Field<Vec<Value>>,
    /// `active`; anything else of `inactive`, `paused`, `draft` and `disabled` pauses it.
    #[serde(default)]
    #[schema(value_type = Option<WorkflowStatus>)]
    status: Field<String>,
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    is_active: Field<bool>,
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    is_enabled: Field<bool>,
    /// Of several that one event sets going, 1 begins before 2; 1 where absent.
    #[serde(default)]
    #[schema(value_type = Option<u32>)]
    priority: Field<u32>,
}

impl Fields for WorkflowBody {
    const WRITES: &'static [&'static str] = &[
        "name",
        "description",
        "trigger",
        "trigger_type",
        "schedule",
        "conditions",
        "trigger_conditions",
        "actions",
        "status",
        "is_active",
        "is_enabled",
        "priority",
    ];
    const READ_ONLY: &'static [&'static str] = READ_ONLY;
}

/// A body whose fields are read as far as they can be without knowing what the automation is about.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked {
    pub(crate) name: Option<Label>,
    pub(crate) description: Option<Option<Note>>,
    pub(crate) trigger: Option<TriggerType>,
    pub(crate) schedule: Option<Option<Schedule>>,
    /// With the name of the field that told them.
    pub(crate) conditions: Option<(&'static str, Value)>,
    pub(crate) actions: Option<Vec<Value>>,
    pub(crate) status: Option<WorkflowStatus>,
    pub(crate) rank: Option<u32>,
    pub(crate) wrong: Vec<FieldInvalid>,
}

/// Either of two fields, the first where both are there.
fn either(
    (one, one_name): (Field<Value>, &'static str),
    (other, other_name): (Field<Value>, &'static str),
    wrong: &mut Vec<FieldInvalid>,
) -> Option<(&'static str, Value)> {
    let one = one.patch(one_name, wrong).map(|value| (one_name, value.unwrap_or_default()));
    let other = other.patch(other_name, wrong).map(|value| (other_name, value.unwrap_or_default()));
    one.or(other)
}

fn status_of(text: &str) -> Result<bool, Invalid> {
    match text.trim().to_ascii_lowercase().as_str() {
        "active" | "enabled" => Ok(true),
        "paused" | "inactive" | "draft" | "disabled" => Ok(false),
        _ => Err(Invalid::new("unknown_workflow_status", "must be active, paused, inactive, draft or disabled")),
    }
}

impl WorkflowBody {
    pub(crate) fn read(self) -> Asked {
        let mut wrong = Vec::new();
        let w = &mut wrong;
        let name = self.name.replaced("name", w);
        let description = self.description.patch("description", w);
        let (trigger, trigger_type) =
            (self.trigger.replaced("trigger", w), self.trigger_type.replaced("trigger_type", w));
        let told = trigger.map(|text| ("trigger", text)).or(trigger_type.map(|text| ("trigger_type", text)));
        let trigger = told.and_then(|(field, text)| {
            TriggerType::read(&text).map_err(|invalid| w.push(FieldInvalid::new(field, invalid))).ok()
        });
        let schedule = self.schedule.patch("schedule", w).map(|value| {
            let read = |value: Value| {
                let refuse = |errors: Vec<FieldInvalid>| {
                    w.extend(errors.into_iter().map(|error| error.within("schedule")));
                };
                Schedule::read(&value).map_err(refuse).ok()
            };
            value.and_then(read)
        });
        let conditions = either((self.conditions, "conditions"), (self.trigger_conditions, "trigger_conditions"), w);
        let actions = self.actions.replaced("actions", w);
        let status = self
            .status
            .replaced("status", w)
            .and_then(|text| status_of(&text).map_err(|invalid| w.push(FieldInvalid::new("status", invalid))).ok());
        let flags = [status, self.is_active.replaced("is_active", w), self.is_enabled.replaced("is_enabled", w)];
        let told: Vec<bool> = flags.into_iter().flatten().collect();
        let status = (!told.is_empty())
            .then(|| if told.iter().all(|active| *active) { WorkflowStatus::Active } else { WorkflowStatus::Paused });
        let rank = self.priority.replaced("priority", w);
        Asked { name, description, trigger, schedule, conditions, actions, status, rank, wrong }
    }
}

impl Asked {
    /// The fields it writes, for telling a writer which of them others changed.
    pub(crate) fn writing(&self) -> Vec<&'static str> {
        [
            ("name", self.name.is_some()),
            ("description", self.description.is_some()),
            ("trigger", self.trigger.is_some()),
            ("schedule", self.schedule.is_some()),
            ("conditions", self.conditions.is_some()),
            ("steps", self.actions.is_some()),
            ("status", self.status.is_some()),
            ("rank", self.rank.is_some()),
        ]
        .into_iter()
        .filter_map(|(name, written)| written.then_some(name))
        .collect()
    }

    /// Whether it says what is done.
    pub(crate) const fn names_actions(&self) -> bool {
        self.actions.is_some()
    }

    /// What is to be created.
    pub(crate) fn details(mut self, zone: &TimeZone) -> Result<WorkflowDetails, Vec<FieldInvalid>> {
        let required = |field: &str| FieldInvalid::new(field, Invalid::required());
        if self.name.is_none() && !names(&self.wrong, "name") {
            self.wrong.push(required("name"));
        }
        if self.trigger.is_none() && !names(&self.wrong, "trigger") {
            self.wrong.push(required("trigger"));
        }
        if self.actions.is_none() && !names(&self.wrong, "actions") {
            self.wrong.push(required("actions"));
        }
        let subject = self.trigger.map_or(SubjectKind::Lead, TriggerType::subject);
        let (conditions, steps) = self.parts(subject, zone);
        let (Some(name), Some(trigger), true) = (self.name, self.trigger, self.wrong.is_empty()) else {
            return Err(self.wrong);
        };
        Ok(WorkflowDetails {
            name,
            description: self.description.flatten(),
            trigger,
            schedule: self.schedule.flatten().filter(|_| trigger == TriggerType::Schedule),
            conditions: conditions.unwrap_or_default(),
            steps: steps.unwrap_or_default(),
            status: self.status.unwrap_or(WorkflowStatus::Active),
            rank: self.rank.unwrap_or(1),
        })
    }

    /// What of an automation changes. Where it is about other records from now on, its conditions are read anew.
    pub(crate) fn patch(mut self, workflow: &Workflow, zone: &TimeZone) -> Result<WorkflowPatch, Vec<FieldInvalid>> {
        let subject = self.trigger.unwrap_or(workflow.trigger).subject();
        if subject != workflow.subject() {
            let written = || ("conditions", workflow.conditions.written());
            self.conditions.get_or_insert_with(written);
            self.actions.get_or_insert_with(|| workflow.steps.iter().map(Step::written).collect());
        }
        let (conditions, steps) = self.parts(subject, zone);
        if !self.wrong.is_empty() {
            return Err(self.wrong);
        }
        Ok(WorkflowPatch {
            name: self.name,
            description: self.description,
            trigger: self.trigger,
            schedule: self.schedule,
            conditions,
            steps,
            status: self.status,
            rank: self.rank,
        })
    }

    fn parts(&mut self, subject: SubjectKind, zone: &TimeZone) -> (Option<Conditions>, Option<Vec<Step>>) {
        let wrong = &mut self.wrong;
        let conditions = self.conditions.as_ref().and_then(|(field, value)| {
            let refuse = |errors: Vec<FieldInvalid>| {
                // A filter calls itself so where it is none.
                let errors = errors.into_iter().map(|error| error.under("filter", ""));
                wrong.extend(errors.map(|error| error.within(field)));
            };
            Conditions::read(value, subject, zone).map_err(refuse).ok()
        });
        let steps = self.actions.as_ref().map(|actions| {
            let mut steps = Vec::new();
            // One more than there may be is told as too many.
            for (place, action) in actions.iter().enumerate().take(domain::automation::MAX_STEPS + 1) {
                match Step::read(action, subject, zone) {
                    Ok(step) => steps.push(step),
                    Err(errors) => {
                        wrong.extend(errors.into_iter().map(|error| error.within(&format!("actions.{place}"))));
                    }
                }
            }
            steps
        });
        (conditions, steps)
    }
}

fn names(wrong: &[FieldInvalid], field: &str) -> bool {
    wrong.iter().any(|wrong| wrong.field.starts_with(field))
}

/// Who writes.
pub(crate) fn writing<'z>(signed_in: &SignedIn, zone: &'z TimeZone, now: Timestamp) -> Writing<'z> {
    let may = |permission: &Permission| signed_in.caller.may(*permission);
    let permissions: Permissions = Permission::ALL.iter().copied().filter(may).collect();
    let (rows, clear) = (signed_in.caller.rows().clone(), signed_in.authority.clear);
    Writing { author: signed_in.user, permissions, rows, clear, zone, now }
}
