//! Automations: one engine for rules (one step) and workflows (several).
//!
//! A [`Workflow`] says what sets it going ([`Trigger`](TriggerType)), for what records ([`Conditions`]), and what is done
//! ([`Step`]). Each time it is set going is a [`WorkflowRun`], which carries its steps with it, so that it ends on the
//! version it began with, and tells step by step what came of it.

mod action;
mod chain;
mod conditions;
mod expression;
mod intent;
mod run;
mod subject;
mod templates;
mod trigger;

use std::num::NonZeroU32;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

pub use action::{Action, Criteria, MAX_TOLD, Step, Who};
pub use chain::{Link, MAX_CHAIN, chain_of, refused};
pub use conditions::Conditions;
pub use expression::MAX_CHARS as MAX_EXPRESSION_CHARS;
pub use intent::{Intent, Sending, Unfit, intend};
pub use run::{
    Begun, EventRef, LEASE, MAX_HELD, Plan, PlanSource, RunStatus, RunStep, StepOutcome, StepResult, Sweep, WorkflowRun,
};
pub use subject::{Seen, Subject, SubjectKind, fill, previous};
pub use templates::WorkflowTemplate;
pub use trigger::{Schedule, TriggerType};

use crate::filter::MAX_CONDITIONS;
use crate::record::{List, Meta, Record, Slot};
use crate::values::wire_enum;
use crate::{
    Change, FieldInvalid, Invalid, Label, Note, OrganizationId, Permission, Permissions, PersonalField, PersonalFields,
    Rows, UserId, WorkflowId,
};

/// An organization has at most so many automations.
pub const MAX_WORKFLOWS: NonZeroU32 = NonZeroU32::MIN.saturating_add(100 - 1);
/// An automation has at most so many steps.
pub const MAX_STEPS: usize = 20;
/// The longest delay in seconds: a year.
pub const MAX_DELAY: u32 = 366 * 86_400;
/// One event sets at most so many automations going; beyond, they are noted as passed over.
pub const MAX_RUNS_AN_EVENT: usize = 20;

wire_enum! {
    /// Whether an automation is set going.
    WorkflowStatus, "unknown_workflow_status",
    /// It is.
    Active = "active",
    /// It is not, and runs under way stand still.
    Paused = "paused",
}

/// An automation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Workflow {
    /// What every record carries.
    pub meta: Meta,
    /// Its id.
    pub id: WorkflowId,
    /// What people call it.
    pub name: Label,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Note>,
    /// What sets it going.
    pub trigger: TriggerType,
    /// When, where that is the clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Schedule>,
    /// For what records.
    #[serde(default, skip_serializing_if = "Conditions::is_empty")]
    pub conditions: Conditions,
    /// What is done.
    pub steps: Vec<Step>,
    /// Whether it is set going.
    pub status: WorkflowStatus,
    /// Those of higher rank begin first: 1 before 2.
    pub rank: u32,
    /// Grows with each change of what it does.
    pub revision: u32,
    /// The template it was made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<WorkflowTemplate>,
    /// Who wrote it last.
    pub author: UserId,
    /// The rows that they reached then: it acts on no others, and tells nobody beyond them.
    pub rows: Rows,
    /// The personal fields that they saw in the clear: its texts and conditions see no others.
    pub clear: PersonalFields,
    /// Whether they might skip stages then.
    pub may_skip: bool,
    /// When the clock sets it going next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_at: Option<Timestamp>,
}

/// What is told of an automation.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkflowDetails {
    /// What people call it.
    pub name: Label,
    /// What it is for.
    pub description: Option<Note>,
    /// What sets it going.
    pub trigger: TriggerType,
    /// When, where that is the clock.
    pub schedule: Option<Schedule>,
    /// For what records.
    pub conditions: Conditions,
    /// What is done.
    pub steps: Vec<Step>,
    /// Whether it is set going.
    pub status: WorkflowStatus,
    /// Its rank.
    pub rank: u32,
}

/// Who writes an automation, and when.
#[derive(Debug, Clone)]
pub struct Writing<'a> {
    /// Who.
    pub author: UserId,
    /// What they may do: the automation does nothing else.
    pub permissions: Permissions,
    /// The rows that they reach.
    pub rows: Rows,
    /// The personal fields that they see in the clear.
    pub clear: PersonalFields,
    /// The zone of the organization, for schedules.
    pub zone: &'a TimeZone,
    /// Now.
    pub now: Timestamp,
}

/// A merge update: `None` keeps, `Some(None)` clears, `Some(Some(value))` sets.
#[derive(Debug, Clone, Default)]
pub struct WorkflowPatch {
    /// What people call it.
    pub name: Option<Label>,
    /// What it is for.
    pub description: Option<Option<Note>>,
    /// What sets it going.
    pub trigger: Option<TriggerType>,
    /// When, where that is the clock.
    pub schedule: Option<Option<Schedule>>,
    /// For what records.
    pub conditions: Option<Conditions>,
    /// What is done.
    pub steps: Option<Vec<Step>>,
    /// Whether it is set going.
    pub status: Option<WorkflowStatus>,
    /// Its rank.
    pub rank: Option<u32>,
}

impl WorkflowPatch {
    /// The fields it writes, for telling a writer which of them others changed.
    pub fn writing(&self) -> Vec<&'static str> {
        let Self { name, description, trigger, schedule, conditions, steps, status, rank } = self;
        [
            ("name", name.is_some()),
            ("description", description.is_some()),
            ("trigger", trigger.is_some()),
            ("schedule", schedule.is_some()),
            ("conditions", conditions.is_some()),
            ("steps", steps.is_some()),
            ("status", status.is_some()),
            ("rank", rank.is_some()),
        ]
        .into_iter()
        .filter_map(|(name, written)| written.then_some(name))
        .collect()
    }
}

impl Workflow {
    /// A new one.
    pub fn create(
        id: WorkflowId,
        organization: OrganizationId,
        details: WorkflowDetails,
        template: Option<WorkflowTemplate>,
        writing: &Writing<'_>,
    ) -> Result<Change<Self>, Vec<FieldInvalid>> {
        let WorkflowDetails { name, description, trigger, schedule, conditions, steps, status, rank } = details;
        let workflow = Self {
            meta: Meta::new(organization, writing.now),
            id,
            name,
            description,
            trigger,
            schedule,
            conditions,
            steps,
            status,
            rank,
            revision: 1,
            template,
            author: writing.author,
            rows: writing.rows.clone(),
            clear: writing.clear,
            may_skip: writing.permissions.has(Permission::LeadsSkipStage),
            next_at: None,
        };
        Ok(Change::create(workflow.checked(writing)?, "workflow.created"))
    }

    /// Changes it. Whoever changes what it does must be permitted all of it, and it acts within their rows from then on.
    pub fn update(self, patch: WorkflowPatch, writing: &Writing<'_>) -> Result<Change<Self>, Vec<FieldInvalid>> {
        let WorkflowPatch { name, description, trigger, schedule, conditions, steps, status, rank } = patch;
        let mut after = self.clone();
        after.meta.updated_at = writing.now;
        after.name = name.unwrap_or(after.name);
        after.description = description.unwrap_or(after.description);
        after.trigger = trigger.unwrap_or(after.trigger);
        after.schedule = schedule.unwrap_or(after.schedule).filter(|_| after.trigger == TriggerType::Schedule);
        after.conditions = conditions.unwrap_or(after.conditions);
        after.steps = steps.unwrap_or(after.steps);
        after.status = status.unwrap_or(after.status);
        after.rank = rank.unwrap_or(after.rank);
        let acts = |workflow: &Self| {
            (workflow.trigger, workflow.schedule, workflow.conditions.clone(), workflow.steps.clone())
        };
        let begins = after.is_active() && !self.is_active();
        if acts(&after) != acts(&self) || begins {
            after.revision += u32::from(acts(&after) != acts(&self));
            (after.author, after.rows, after.clear) = (writing.author, writing.rows.clone(), writing.clear);
            after.may_skip = writing.permissions.has(Permission::LeadsSkipStage);
            after = after.checked(writing)?;
        }
        if !after.is_active() {
            after.next_at = None;
        }
        Ok(Change::update(self, after, "workflow.updated"))
    }

    /// Deletes it softly; its runs under way end.
    pub fn delete(self, now: Timestamp) -> Change<Self> {
        Change::delete(self, now, "workflow.deleted")
    }

    /// Brings it back as it was.
    pub fn restore(self, zone: &TimeZone, now: Timestamp) -> Change<Self> {
        let mut change = Change::restore(self, now, "workflow.restored");
        change.after.next_at = change.after.next_after(zone, now);
        change
    }

    /// The clock set it going: it comes again at its next time.
    pub fn came_due(self, zone: &TimeZone, now: Timestamp) -> Change<Self> {
        let mut after = self.clone();
        after.next_at = after.next_after(zone, now);
        Change::update(self, after, "workflow.scheduled")
    }

    /// Whether it is set going.
    pub const fn is_active(&self) -> bool {
        matches!(self.status, WorkflowStatus::Active)
    }

    /// The kind of record it is about.
    pub const fn subject(&self) -> SubjectKind {
        self.trigger.subject()
    }

    /// Whether it does nothing but tell people, at once and whatever else there is: a rule for notifications.
    pub fn only_notifies(&self) -> bool {
        let tells = |step: &Step| matches!(step.action, Action::SendNotification { .. });
        let plain = |step: &Step| step.delay == 0 && step.conditions.is_empty();
        self.trigger != TriggerType::Schedule && matches!(&self.steps[..], [step] if tells(step) && plain(step))
    }

    /// What its runs carry with them.
    pub fn plan(&self) -> Plan {
        Plan {
            workflow: self.id,
            source: PlanSource::Workflow,
            name: self.name.clone(),
            revision: self.revision,
            subject: self.subject(),
            conditions: self.conditions.clone(),
            steps: self.steps.clone(),
            author: self.author,
            rows: self.rows.clone(),
            clear: self.clear,
            may_skip: self.may_skip,
        }
    }

    fn next_after(&self, zone: &TimeZone, now: Timestamp) -> Option<Timestamp> {
        let schedule = self.schedule.filter(|_| self.is_active() && self.trigger == TriggerType::Schedule)?;
        Some(schedule.next_after(now, zone))
    }

    /// Itself where all of it can be done by whoever wrote it, with its next time.
    fn checked(mut self, writing: &Writing<'_>) -> Result<Self, Vec<FieldInvalid>> {
        let mut wrong = Vec::new();
        let mut refuse = |field: String, code, message: String| {
            wrong.push(FieldInvalid::new(field, Invalid::new(code, message)));
        };
        if self.steps.is_empty() {
            refuse("actions".to_owned(), "required", "must hold an action".to_owned());
        }
        if self.steps.len() > MAX_STEPS {
            refuse("actions".to_owned(), "too_many_steps", format!("must be at most {MAX_STEPS}"));
        }
        let subject = self.subject();
        let of_steps: usize = self.steps.iter().map(|step| step.conditions.size(subject)).sum();
        if self.conditions.size(subject) + of_steps > MAX_CONDITIONS {
            let message = format!("must be at most {MAX_CONDITIONS}, those of the actions included");
            refuse("conditions".to_owned(), "too_many_conditions", message);
        }
        if self.trigger == TriggerType::Schedule && self.schedule.is_none() {
            refuse("schedule".to_owned(), "required", "is required where the trigger is schedule".to_owned());
        }
        let alone = self.schedule.is_some_and(|schedule| !schedule.for_each_lead);
        let conditional = !self.conditions.is_empty() || self.steps.iter().any(|step| !step.conditions.is_empty());
        if alone && conditional {
            let message = "need a record: set schedule.for_each_lead, or leave them out".to_owned();
            refuse("conditions".to_owned(), "no_record", message);
        }
        wrong.extend(not_theirs(&self.conditions, &self.steps, writing, "actions"));
        self.next_at = self.next_after(writing.zone, writing.now);
        if wrong.is_empty() { Ok(self) } else { Err(wrong) }
    }
}

/// What of it whoever writes it may not have done or asked for; `at` is where the steps stand.
pub(crate) fn not_theirs(
    conditions: &Conditions,
    steps: &[Step],
    writing: &Writing<'_>,
    at: &str,
) -> Vec<FieldInvalid> {
    let mut wrong = Vec::new();
    for field in PersonalField::ALL.into_iter().filter(|field| !writing.clear.has(*field)) {
        if conditions.name(field.as_str()) || steps.iter().any(|step| step.conditions.name(field.as_str())) {
            let message = format!("name {field}, which is masked for you", field = field.as_str());
            wrong.push(FieldInvalid::new("conditions", Invalid::new("masked_field", message)));
        }
    }
    for (place, step) in steps.iter().enumerate() {
        if let Some(needed) = step.action.needs().filter(|needed| !writing.permissions.has(*needed)) {
            let message = format!("needs the permission {needed}, which you lack");
            wrong.push(FieldInvalid::new(format!("{at}.{place}.type"), Invalid::new("not_permitted", message)));
        }
    }
    wrong
}

impl Record for Workflow {
    const KIND: &'static str = "workflow";
    type Id = WorkflowId;

    fn id(&self) -> WorkflowId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn lists(&self) -> Vec<List> {
        let active = self.is_active().then(|| List::new(Slot::Two, "active", ""));
        std::iter::once(List::new(Slot::One, "all", "")).chain(active).collect()
    }
    fn due(&self) -> Option<Timestamp> {
        self.next_at
    }
    const DERIVED: &'static [&'static str] = &["rows", "clear", "next_at"];
}

#[cfg(test)]
mod tests;
