//! A lead arrives.

use jiff::Timestamp;

use super::Lead;
use crate::assignment::Decision;
use crate::pipeline::{Dwell, Pipeline};
use crate::record::Meta;
use crate::{
    BranchId, Change, Count, CustomFields, EmailAddress, FieldInvalid, Invalid, Label, LeadId, OrganizationId,
    PersonName, Phone, Priority, Tags, UserId,
};

/// What is told of a lead.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LeadDetails {
    /// Its name.
    pub full_name: Option<PersonName>,
    /// Its address.
    pub email: Option<EmailAddress>,
    /// Its number.
    pub phone: Option<Phone>,
    /// Its id in the system it comes from.
    pub external_id: Option<Label>,
    /// Where it comes from.
    pub source: Option<Label>,
    /// The medium of that source.
    pub medium: Option<Label>,
    /// The campaign of that source.
    pub campaign: Option<Label>,
    /// The town.
    pub city: Option<Label>,
    /// How soon it should be worked on.
    pub priority: Option<Priority>,
    /// Free labels.
    pub tags: Tags,
    /// Free fields.
    pub custom_fields: CustomFields,
}

/// Where a lead arrives, and for whom.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    /// The id it gets.
    pub id: LeadId,
    /// The tenant.
    pub organization: OrganizationId,
    /// The branch.
    pub branch: BranchId,
    /// Who gets it.
    pub assigned_to: Option<UserId>,
    /// The organization's stages.
    pub pipeline: &'a Pipeline,
    /// When.
    pub now: Timestamp,
}

impl LeadDetails {
    /// A lead must be reachable or known elsewhere: a name, a number, an address or an external id.
    pub fn check(&self) -> Result<(), Vec<FieldInvalid>> {
        if self.full_name.is_some() || self.phone.is_some() || self.email.is_some() || self.external_id.is_some() {
            return Ok(());
        }
        let why = || Invalid::new("required", "one of full_name, phone, email and external_id is required");
        Err(["full_name", "phone", "email", "external_id"].map(|field| FieldInvalid::new(field, why())).to_vec())
    }
}

impl Lead {
    /// A new lead in the first stage.
    pub fn create(details: LeadDetails, arrival: Arrival<'_>) -> Result<Change<Self>, Vec<FieldInvalid>> {
        details.check()?;
        let Arrival { id, organization, branch, assigned_to, pipeline, now } = arrival;
        let LeadDetails {
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
        } = details;
        let stage = pipeline.first().key.clone();
        let lead = Self {
            meta: Meta::new(organization, now),
            id,
            branch_id: branch,
            assigned_to,
            status: stage.clone(),
            full_name,
            email,
            phone,
            external_id,
            source,
            medium,
            campaign,
            city,
            priority: priority.unwrap_or_default(),
            tags,
            custom_fields,
            touches: 1,
            last_touch_at: now,
            score: 0,
            lost_reason: None,
            converted_at: None,
            dwell: Dwell::begin(stage.clone(), now),
        }
        .touched_up(pipeline, now);
        let source = lead.source.as_ref().map_or("", Label::as_str).to_owned();
        let counts = [
            Count::daily("leads_created", Some(branch), now, ""),
            Count::daily("leads_by_source", Some(branch), now, source),
            Count::daily("stage_entered", Some(branch), now, stage.as_str()),
        ];
        let gauges = lead.gauges_since(None, pipeline);
        let given = lead.given(pipeline, now);
        let created = Change::create(lead, "lead.created").counting(counts).counting(given).counting(gauges);
        // A creation has no changes; who follows it need not read the lead for this.
        Ok(if let Some(owner) = assigned_to { created.with("assigned_to", owner) } else { created })
    }
}

impl Change<Lead> {
    /// With the decision that chose the lead's owner, for its history.
    #[must_use]
    pub fn decided(self, decision: &Decision) -> Self {
        self.with("assignment", decision)
    }
}
