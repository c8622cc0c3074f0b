//! Something that somebody did, as a frontend tells it for analytics: a page was seen, a form was sent, a lead enrolled.
//!
//! It is not an [`Event`](crate::Event) of ours: nothing follows from it, and figures do not count it. It is written
//! once, never changed, and goes by itself.

use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::record::{List, Meta, Record, Slot};
use crate::values::Line;
use crate::{AnalyticsEventId, BranchId, Change, CustomFields, Label, LeadId, Money, Note, OrganizationId, UserId};

/// They are kept for so many days: long enough to compare a month with that of the year before.
pub const KEPT_DAYS: i64 = 400;

/// What kind of thing happened: `lead_conversion`.
pub type EventType = Line<64>;
/// What a browser says of itself.
pub type UserAgent = Line<512>;

/// Something that somebody did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AnalyticsEvent {
    /// What every record carries.
    pub meta: Meta,
    /// Its id.
    pub id: AnalyticsEventId,
    /// The branch of the lead, or of whoever told it.
    pub branch_id: BranchId,
    /// Who did it.
    pub user_id: UserId,
    /// What is told of it.
    pub details: AnalyticsDetails,
}

/// What is told of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AnalyticsDetails {
    /// What kind of thing it is.
    pub event_type: EventType,
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_name: Option<Label>,
    /// In more words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Note>,
    /// The lead it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead_id: Option<LeadId>,
    /// The student it is about, in the frontend's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub student_id: Option<Label>,
    /// The visit it belongs to, in the frontend's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<Label>,
    /// Whatever belongs to it.
    #[serde(default, skip_serializing_if = "CustomFields::is_empty")]
    pub event_data: CustomFields,
    /// Whatever else does.
    #[serde(default, skip_serializing_if = "CustomFields::is_empty")]
    pub properties: CustomFields,
    /// Where it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip_address: Option<IpAddr>,
    /// By what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<UserAgent>,
    /// How long it took, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<u32>,
    /// What it is worth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Money>,
    /// A word for many kinds of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Label>,
    /// The source that it is owed to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Label>,
    /// The medium of that source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub medium: Option<Label>,
    /// The campaign of that source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<Label>,
}

/// Where it is told.
#[derive(Debug, Clone, Copy)]
pub struct Telling {
    /// The id it gets.
    pub id: AnalyticsEventId,
    /// The tenant.
    pub organization: OrganizationId,
    /// The branch.
    pub branch: BranchId,
    /// Who did it.
    pub user: UserId,
    /// When.
    pub now: Timestamp,
}

impl AnalyticsEvent {
    /// It is told.
    pub fn tell(details: AnalyticsDetails, telling: Telling) -> Change<Self> {
        let Telling { id, organization, branch, user, now } = telling;
        let event = Self { meta: Meta::new(organization, now), id, branch_id: branch, user_id: user, details };
        Change::create(event, "analytics_event.told")
    }
}

impl Record for AnalyticsEvent {
    const KIND: &'static str = "analytics_event";
    type Id = AnalyticsEventId;

    fn id(&self) -> AnalyticsEventId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn branch(&self) -> Option<BranchId> {
        Some(self.branch_id)
    }
    fn owner(&self) -> Option<UserId> {
        Some(self.user_id)
    }
    fn lists(&self) -> Vec<List> {
        let mut lists = vec![List::new(Slot::One, "all", ""), List::new(Slot::Two, "user", self.user_id)];
        lists.extend(self.details.lead_id.map(|lead| List::new(Slot::Three, "lead", lead)));
        lists
    }
    fn expires(&self) -> Option<Timestamp> {
        Some(self.meta.created_at + SignedDuration::from_hours(24 * KEPT_DAYS))
    }
    /// Frontends write names, numbers and addresses anywhere.
    const SEALED: &'static [&'static str] = &["details"];
    /// It is an account of what happened itself, and never changes.
    const REMEMBERED: bool = false;
}
