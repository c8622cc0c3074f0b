//! Service levels: how soon something must have happened to a lead, and what is done where it has not.
//!
//! An [`SlaPolicy`] says for what records ([`Conditions`]), what must happen and how soon ([`Target`]), and what is done
//! when that comes near or is past ([`Escalation`]), in the actions of the automation engine. For each target and lead runs
//! one [`SlaClock`], which carries with it what it runs by.

mod clock;
mod counted;
mod target;

use std::num::NonZeroU32;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

pub use clock::{ClockState, Moment, MomentKind, Of, Passed, SlaClock, Starting};
pub use counted::{SLA_CLOCKS, SlaCounted};
pub use target::{Counting, Escalation, MAX_ACTIONS, MAX_ESCALATIONS, MAX_WITHIN, StartsAt, Target, TargetKind, When};

use crate::automation::{Conditions, SubjectKind, Writing, not_theirs};
use crate::filter::MAX_CONDITIONS;
use crate::record::{List, Meta, Record, Slot};
use crate::{
    Change, FieldInvalid, Invalid, Label, Note, OrganizationId, Permission, PersonalFields, Rows, SlaPolicyId, UserId,
};

/// An organization has at most so many policies.
pub const MAX_POLICIES: NonZeroU32 = NonZeroU32::MIN.saturating_add(50 - 1);

/// A service level.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SlaPolicy {
    /// What every record carries.
    pub meta: Meta,
    /// Its id.
    pub id: SlaPolicyId,
    /// What people call it.
    pub name: Label,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Note>,
    /// Whether it starts clocks.
    pub enabled: bool,
    /// The kind of record that it is about.
    pub applies_to: SubjectKind,
    /// What such a record must be like when a clock is started.
    #[serde(default, skip_serializing_if = "Conditions::is_empty")]
    pub conditions: Conditions,
    /// What must happen.
    pub targets: Vec<Target>,
    /// Grows with each change of what it does.
    pub revision: u32,
    /// Who wrote it last.
    pub author: UserId,
    /// The rows that they reached then: it acts on no others, and tells nobody beyond them.
    pub rows: Rows,
    /// The personal fields that they saw in the clear.
    pub clear: PersonalFields,
    /// Whether they might skip stages then.
    pub may_skip: bool,
}

/// What is told of a policy.
#[derive(Debug, Clone, PartialEq)]
pub struct SlaPolicyDetails {
    /// What people call it.
    pub name: Label,
    /// What it is for.
    pub description: Option<Note>,
    /// Whether it starts clocks.
    pub enabled: bool,
    /// For what records.
    pub conditions: Conditions,
    /// What must happen.
    pub targets: Vec<Target>,
}

/// A merge update: `None` keeps, `Some(None)` clears, `Some(Some(value))` sets.
#[derive(Debug, Clone, Default)]
pub struct SlaPolicyPatch {
    /// What people call it.
    pub name: Option<Label>,
    /// What it is for.
    pub description: Option<Option<Note>>,
    /// Whether it starts clocks.
    pub enabled: Option<bool>,
    /// For what records.
    pub conditions: Option<Conditions>,
    /// What must happen.
    pub targets: Option<Vec<Target>>,
}

impl SlaPolicy {
    /// A new one, about leads.
    pub fn create(
        id: SlaPolicyId,
        organization: OrganizationId,
        details: SlaPolicyDetails,
        writing: &Writing<'_>,
    ) -> Result<Change<Self>, Vec<FieldInvalid>> {
        let SlaPolicyDetails { name, description, enabled, conditions, targets } = details;
        let policy = Self {
            meta: Meta::new(organization, writing.now),
            id,
            name,
            description,
            enabled,
            applies_to: SubjectKind::Lead,
            conditions,
            targets,
            revision: 1,
            author: writing.author,
            rows: writing.rows.clone(),
            clear: writing.clear,
            may_skip: writing.permissions.has(Permission::LeadsSkipStage),
        };
        Ok(Change::create(policy.checked(writing)?, "sla_policy.created"))
    }

    /// Changes it; clocks that run go on by what they began with. Whoever changes what it does, or lets it start clocks
    /// again, must be permitted all of it, and it acts within their rows from then on.
    pub fn update(self, patch: SlaPolicyPatch, writing: &Writing<'_>) -> Result<Change<Self>, Vec<FieldInvalid>> {
        let SlaPolicyPatch { name, description, enabled, conditions, targets } = patch;
        let mut after = self.clone();
        after.meta.updated_at = writing.now;
        after.name = name.unwrap_or(after.name);
        after.description = description.unwrap_or(after.description);
        after.enabled = enabled.unwrap_or(after.enabled);
        after.conditions = conditions.unwrap_or(after.conditions);
        after.targets = targets.unwrap_or(after.targets);
        let changed = (&after.conditions, &after.targets) != (&self.conditions, &self.targets);
        if changed || (after.enabled && !self.enabled) {
            after.revision += u32::from(changed);
            (after.author, after.rows, after.clear) = (writing.author, writing.rows.clone(), writing.clear);
            after.may_skip = writing.permissions.has(Permission::LeadsSkipStage);
            after = after.checked(writing)?;
        }
        Ok(Change::update(self, after, "sla_policy.updated"))
    }

    /// Deletes it softly; its clocks are cancelled as their next moment comes.
    pub fn delete(self, now: Timestamp) -> Change<Self> {
        Change::delete(self, now, "sla_policy.deleted")
    }

    /// Brings it back as it was.
    pub fn restore(self, now: Timestamp) -> Change<Self> {
        Change::restore(self, now, "sla_policy.restored")
    }

    /// Itself where all of it can be done by whoever wrote it.
    fn checked(self, writing: &Writing<'_>) -> Result<Self, Vec<FieldInvalid>> {
        let mut wrong = Vec::new();
        let mut refuse = |field: String, code, message: String| {
            wrong.push(FieldInvalid::new(field, Invalid::new(code, message)));
        };
        if self.targets.is_empty() {
            refuse("targets".to_owned(), "required", "must hold a target".to_owned());
        }
        for (place, target) in self.targets.iter().enumerate() {
            if self.targets[..place].iter().any(|before| before.kind == target.kind) {
                refuse(format!("targets.{place}.target"), "duplicate", "must be named once".to_owned());
            }
        }
        let steps =
            self.targets.iter().flat_map(|target| &target.escalations).flat_map(|escalation| &escalation.actions);
        let of_steps: usize = steps.map(|step| step.conditions.size(self.applies_to)).sum();
        if self.conditions.size(self.applies_to) + of_steps > MAX_CONDITIONS {
            let message = format!("must be at most {MAX_CONDITIONS}, those of the actions included");
            refuse("conditions".to_owned(), "too_many_conditions", message);
        }
        wrong.extend(not_theirs(&self.conditions, &[], writing, "actions"));
        for (place, target) in self.targets.iter().enumerate() {
            for (level, escalation) in target.escalations.iter().enumerate() {
                let at = format!("targets.{place}.escalations.{level}.actions");
                wrong.extend(not_theirs(&Conditions::default(), &escalation.actions, writing, &at));
            }
        }
        if wrong.is_empty() { Ok(self) } else { Err(wrong) }
    }

    /// Reads the targets of a policy. Every wrong field is named.
    pub fn read_targets(values: &[serde_json::Value], zone: &TimeZone) -> Result<Vec<Target>, Vec<FieldInvalid>> {
        if values.len() > TargetKind::ALL.len() {
            let invalid = Invalid::new("too_many", format!("must be at most {}", TargetKind::ALL.len()));
            return Err(vec![FieldInvalid::new("", invalid)]);
        }
        let (mut targets, mut wrong) = (Vec::new(), Vec::new());
        for (place, value) in values.iter().enumerate() {
            match Target::read(value, SubjectKind::Lead, zone) {
                Ok(target) => targets.push(target),
                Err(errors) => wrong.extend(errors.into_iter().map(|error| error.within(&place.to_string()))),
            }
        }
        if wrong.is_empty() { Ok(targets) } else { Err(wrong) }
    }
}

impl Record for SlaPolicy {
    const KIND: &'static str = "sla_policy";
    type Id = SlaPolicyId;

    fn id(&self) -> SlaPolicyId {
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
    const DERIVED: &'static [&'static str] = &["rows", "clear"];
}

#[cfg(test)]
mod tests;
