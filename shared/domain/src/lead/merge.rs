//! Two leads turn out to be one person.

use jiff::Timestamp;
use serde::Serialize;

use super::{Lead, LeadDetails};
use crate::pipeline::Pipeline;
use crate::{Change, FieldChange, LeadId};

/// What a merge would do, or did.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct MergePreview {
    /// The lead that stays.
    pub id: LeadId,
    /// The lead that goes into it.
    pub merged: LeadId,
    /// What the lead that stays gains.
    pub changes: Vec<FieldChange>,
}

impl Lead {
    /// Puts `other` into this lead: what is empty here is filled from there, tags and free fields are
    /// joined, touches added up; `other` is deleted, restorable as any deleted lead. The changes are to
    /// be committed together, `other`'s first, so that its address and number go over.
    pub fn absorb(self, other: Self, pipeline: &Pipeline, now: Timestamp) -> (Change<Self>, Change<Self>) {
        let (kept, gone) = (self.id, other.id);
        let mut after = self.clone().touch(other.details(), pipeline, now).after;
        after.touches = self.touches.saturating_add(other.touches);
        after.last_touch_at = self.last_touch_at.max(other.last_touch_at);
        let after = after.touched_up(pipeline, now);
        let into = self.changed(after, "lead.merged", pipeline).with("merged", gone);
        (other.delete(pipeline, now).with("merged_into", kept), into)
    }

    fn details(&self) -> LeadDetails {
        let lead = self.clone();
        LeadDetails {
            full_name: lead.full_name,
            email: lead.email,
            phone: lead.phone,
            external_id: lead.external_id,
            source: lead.source,
            medium: lead.medium,
            campaign: lead.campaign,
            city: lead.city,
            priority: Some(lead.priority),
            tags: lead.tags,
            custom_fields: lead.custom_fields,
        }
    }
}
