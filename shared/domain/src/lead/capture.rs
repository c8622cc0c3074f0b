//! The same person comes again: what is missing is filled in, and a touch is added; never a second
//! lead, and the first touch's source stays.

use jiff::Timestamp;

use super::{Lead, LeadDetails};
use crate::pipeline::Pipeline;
use crate::{Change, CustomFields, Tags};

impl Lead {
    /// Whether `details` would add anything to what is known.
    pub fn learns_from(&self, details: &LeadDetails) -> bool {
        let after = self.clone().completed_by(details.clone());
        after != *self
    }

    /// Another touch: fills what is empty from `details`.
    pub fn touch(self, details: LeadDetails, pipeline: &Pipeline, now: Timestamp) -> Change<Self> {
        let source = details.source.clone();
        let mut after = self.clone().completed_by(details);
        after.touches = after.touches.saturating_add(1);
        after.last_touch_at = now.max(after.last_touch_at);
        let after = after.touched_up(pipeline, now);
        let change = self.changed(after, "lead.touched", pipeline);
        match source {
            Some(source) => change.with("source", source),
            None => change,
        }
    }

    fn completed_by(self, details: LeadDetails) -> Self {
        let LeadDetails {
            full_name,
            email,
            phone,
            external_id,
            source,
            medium,
            campaign,
            city,
            priority: _,
            tags,
            custom_fields,
        } = details;
        // The medium and the campaign belong to the source: they are taken together or not at all.
        let first_source = self.source.is_none();
        let missing: serde_json::Map<_, _> = custom_fields
            .as_map()
            .iter()
            .filter(|(key, _)| self.custom_fields.get(key).is_none())
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        // Beyond their bounds, what is known stays as it is.
        let custom_fields: CustomFields =
            self.custom_fields.merge(missing).unwrap_or_else(|_| self.custom_fields.clone());
        let tags = Tags::new(self.tags.iter().chain(tags.iter()).cloned()).unwrap_or_else(|_| self.tags.clone());
        Self {
            full_name: self.full_name.or(full_name),
            email: self.email.or(email),
            phone: self.phone.or(phone),
            external_id: self.external_id.or(external_id),
            medium: if first_source { self.medium.or(medium) } else { self.medium },
            campaign: if first_source { self.campaign.or(campaign) } else { self.campaign },
            source: self.source.or(source),
            city: self.city.or(city),
            tags,
            custom_fields,
            ..self
        }
    }
}
