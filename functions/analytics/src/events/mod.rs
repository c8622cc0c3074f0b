//! Events of analytics: what people did in the product, as frontends tell it.

pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod view;

use std::net::IpAddr;

use domain::analytics_event::{AnalyticsDetails, EventType, UserAgent};
use domain::{
    Amount, AnalyticsEvent, AnalyticsEventId, BranchId, Currency, CustomFields, Label, LeadId, Meta, Money, Note,
    UserId,
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// Something that somebody did.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AnalyticsEvent)]
pub(crate) struct EventView {
    id: AnalyticsEventId,
    event_type: EventType,
    #[schema(required)]
    event_name: Option<Label>,
    #[schema(required)]
    description: Option<Note>,
    /// Who did it.
    user_id: UserId,
    /// The lead it is about.
    #[schema(required)]
    lead_id: Option<LeadId>,
    /// The student it is about, in the frontend's words.
    #[schema(required)]
    student_id: Option<Label>,
    /// The branch of the lead, or of whoever told it.
    branch_id: BranchId,
    #[schema(value_type = Object)]
    event_data: CustomFields,
    #[schema(value_type = Object)]
    properties: CustomFields,
    /// The visit it belongs to, in the frontend's words.
    #[schema(required)]
    session_id: Option<Label>,
    #[schema(value_type = Option<String>, required)]
    ip_address: Option<IpAddr>,
    #[schema(required)]
    user_agent: Option<UserAgent>,
    /// In seconds.
    #[schema(required)]
    duration: Option<u32>,
    /// What it is worth, in major units.
    #[schema(value_type = Option<f64>, required)]
    value: Option<Amount>,
    /// The currency of the value.
    #[schema(required)]
    currency: Option<Currency>,
    #[schema(required)]
    category: Option<Label>,
    #[schema(required)]
    source: Option<Label>,
    #[schema(required)]
    medium: Option<Label>,
    #[schema(required)]
    campaign: Option<Label>,
    /// When it was told.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl From<AnalyticsEvent> for EventView {
    fn from(event: AnalyticsEvent) -> Self {
        let AnalyticsEvent {
            meta: Meta { created_at, organization: _, version: _, updated_at: _, deleted_at: _ },
            id,
            branch_id,
            user_id,
            details,
        } = event;
        let AnalyticsDetails {
            event_type,
            event_name,
            description,
            lead_id,
            student_id,
            session_id,
            event_data,
            properties,
            ip_address,
            user_agent,
            duration,
            value,
            category,
            source,
            medium,
            campaign,
        } = details;
        Self {
            id,
            event_type,
            event_name,
            description,
            user_id,
            lead_id,
            student_id,
            branch_id,
            event_data,
            properties,
            session_id,
            ip_address,
            user_agent,
            duration,
            value: value.map(Money::amount),
            currency: value.map(Money::currency),
            category,
            source,
            medium,
            campaign,
            created_at,
        }
    }
}
