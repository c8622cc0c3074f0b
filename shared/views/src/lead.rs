//! How a lead looks from outside.

use domain::pipeline::StageKey;
use domain::{
    BranchId, CustomFields, Grant, Label, Lead, LeadId, Meta, PersonName, PersonalFields, Priority, Tags, UserId,
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// A lead.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Lead)]
pub struct LeadView {
    /// Its id.
    id: LeadId,
    /// Its id in the system it came from.
    #[schema(required)]
    external_id: Option<Label>,
    /// Its name.
    #[schema(required)]
    full_name: Option<PersonName>,
    /// Its address; `a***@example.com` for those who do not see addresses.
    #[schema(required)]
    email: Option<String>,
    /// Its number in E.164; `+91******3210` for those who do not see numbers.
    #[schema(required)]
    phone: Option<String>,
    /// Where it came from first.
    #[schema(required)]
    source: Option<Label>,
    /// The medium of that source.
    #[schema(required)]
    medium: Option<Label>,
    /// The campaign of that source.
    #[schema(required)]
    campaign: Option<Label>,
    /// The town.
    #[schema(required)]
    city: Option<Label>,
    /// The key of the stage it is in.
    status: StageKey,
    /// How soon it should be worked on.
    priority: Priority,
    /// 0 to 100, as of its last change.
    #[schema(maximum = 100)]
    score: u8,
    /// The person who works on it.
    #[schema(required)]
    assigned_to: Option<UserId>,
    /// The branch it belongs to.
    branch_id: BranchId,
    /// Free labels.
    tags: Tags,
    /// Free fields.
    #[schema(value_type = Object)]
    custom_fields: CustomFields,
    /// How often it came to us.
    touches: u32,
    /// When it last did.
    #[schema(value_type = String, format = DateTime)]
    last_touch_at: Timestamp,
    /// When it entered the stage it is in.
    #[schema(value_type = String, format = DateTime)]
    stage_entered_at: Timestamp,
    /// Why it was lost.
    #[schema(required)]
    lost_reason: Option<String>,
    /// When it was won.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    converted_at: Option<Timestamp>,
    /// When it was created.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// Its version; the number in its entity tag.
    version: u64,
}

impl LeadView {
    /// A lead as whoever has the grant sees it.
    pub fn seen_by(grant: &Grant, lead: Lead) -> Self {
        Self::new(lead, grant.clear())
    }

    /// A lead with these personal fields in the clear.
    pub fn new(lead: Lead, clear: PersonalFields) -> Self {
        let Lead {
            meta: Meta { version, created_at, updated_at, organization: _, deleted_at: _ },
            id,
            branch_id,
            assigned_to,
            status,
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
            touches,
            last_touch_at,
            score,
            lost_reason,
            converted_at,
            dwell,
        } = lead;
        Self {
            id,
            external_id,
            full_name,
            email: email.as_ref().map(|address| clear.email(address)),
            phone: phone.as_ref().map(|number| clear.phone(number)),
            source,
            medium,
            campaign,
            city,
            status,
            priority,
            score,
            assigned_to,
            branch_id,
            tags,
            custom_fields,
            touches,
            last_touch_at,
            stage_entered_at: dwell.since(),
            lost_reason,
            converted_at,
            created_at,
            updated_at,
            version,
        }
    }
}
