//! A lead's details are changed.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::Lead;
use crate::pipeline::Pipeline;
use crate::{BranchId, Change, CustomFields, EmailAddress, FieldInvalid, Label, PersonName, Phone, Priority, Tags};

/// A merge update: `None` keeps, `Some(None)` clears, `Some(Some(value))` sets.
#[derive(Debug, Clone, Default)]
pub struct LeadPatch {
    /// Its name.
    pub full_name: Option<Option<PersonName>>,
    /// Its address.
    pub email: Option<Option<EmailAddress>>,
    /// Its number.
    pub phone: Option<Option<Phone>>,
    /// Its id in the system it came from.
    pub external_id: Option<Option<Label>>,
    /// Where it came from.
    pub source: Option<Option<Label>>,
    /// The medium of that source.
    pub medium: Option<Option<Label>>,
    /// The campaign of that source.
    pub campaign: Option<Option<Label>>,
    /// The town.
    pub city: Option<Option<Label>>,
    /// How soon it should be worked on; cleared means normal.
    pub priority: Option<Option<Priority>>,
    /// Free labels, replaced whole.
    pub tags: Option<Option<Tags>>,
    /// Free fields, merged key by key.
    pub custom_fields: Option<Option<Map<String, Value>>>,
    /// The branch it belongs to.
    pub branch_id: Option<BranchId>,
}

impl LeadPatch {
    /// The fields it writes, for telling a writer which of them others changed.
    pub fn writing(&self) -> Vec<&'static str> {
        let Self {
            full_name,
            email,
            phone,
            external_id,
            source,
            medium,
            campaign,
            city,
            priority,
            tags,
            custom_fields,
            branch_id,
        } = self;
        [
            ("full_name", full_name.is_some()),
            ("email", email.is_some()),
            ("phone", phone.is_some()),
            ("external_id", external_id.is_some()),
            ("source", source.is_some()),
            ("medium", medium.is_some()),
            ("campaign", campaign.is_some()),
            ("city", city.is_some()),
            ("priority", priority.is_some()),
            ("tags", tags.is_some()),
            ("custom_fields", custom_fields.is_some()),
            ("branch_id", branch_id.is_some()),
        ]
        .into_iter()
        .filter_map(|(name, written)| written.then_some(name))
        .collect()
    }
}

impl LeadPatch {
    /// What is left of it without these fields; `custom_fields.x` names one of the free fields.
    #[must_use]
    pub fn without<'a>(mut self, fields: impl IntoIterator<Item = &'a str>) -> Self {
        for field in fields {
            match field {
                "full_name" => self.full_name = None,
                "email" => self.email = None,
                "phone" => self.phone = None,
                "external_id" => self.external_id = None,
                "source" => self.source = None,
                "medium" => self.medium = None,
                "campaign" => self.campaign = None,
                "city" => self.city = None,
                "priority" => self.priority = None,
                "tags" => self.tags = None,
                "branch_id" => self.branch_id = None,
                _ => CustomFields::keep(&mut self.custom_fields, field.strip_prefix("custom_fields.")),
            }
        }
        self
    }
}

impl Lead {
    /// Changes details.
    pub fn update(
        self,
        patch: LeadPatch,
        pipeline: &Pipeline,
        now: Timestamp,
    ) -> Result<Change<Self>, Vec<FieldInvalid>> {
        let LeadPatch {
            full_name,
            email,
            phone,
            external_id,
            source,
            medium,
            campaign,
            city,
            priority,
            tags,
            custom_fields,
            branch_id,
        } = patch;
        let mut after = self.clone();
        set(&mut after.full_name, full_name);
        set(&mut after.email, email);
        set(&mut after.phone, phone);
        set(&mut after.external_id, external_id);
        set(&mut after.source, source);
        set(&mut after.medium, medium);
        set(&mut after.campaign, campaign);
        set(&mut after.city, city);
        if let Some(priority) = priority {
            after.priority = priority.unwrap_or_default();
        }
        if let Some(tags) = tags {
            after.tags = tags.unwrap_or_default();
        }
        after.custom_fields = match custom_fields {
            None => after.custom_fields,
            Some(None) => CustomFields::default(),
            Some(Some(patch)) => after.custom_fields.merge(patch).map_err(|errors| {
                let within = |field: String| {
                    if field.is_empty() { "custom_fields".into() } else { format!("custom_fields.{field}") }
                };
                errors.into_iter().map(|error| FieldInvalid { field: within(error.field), ..error }).collect::<Vec<_>>()
            })?,
        };
        if let Some(branch) = branch_id {
            after.branch_id = branch;
        }
        let after = after.touched_up(pipeline, now);
        Ok(self.changed(after, "lead.updated", pipeline))
    }

    /// Deletes it softly: its address and number are free, and it can be restored for 30 days.
    pub fn delete(self, pipeline: &Pipeline, now: Timestamp) -> Change<Self> {
        let change = Change::delete(self, now, "lead.deleted");
        let gauges = change.after.gauges_since(change.before.as_ref(), pipeline);
        change.counting(gauges)
    }

    /// Brings it back; refused where another lead has its address or number by now.
    pub fn restore(self, pipeline: &Pipeline, now: Timestamp) -> Change<Self> {
        let change = Change::restore(self, now, "lead.restored");
        let gauges = change.after.gauges_since(change.before.as_ref(), pipeline);
        change.counting(gauges)
    }
}

fn set<T>(field: &mut Option<T>, patch: Option<Option<T>>) {
    if let Some(value) = patch {
        *field = value;
    }
}
