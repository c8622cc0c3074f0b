//! Campaigns: the same said to many people, each once, over the first channel that reaches them.
//!
//! A campaign is planned page by page: who belongs to it gets a recipient under an id that follows from both, together with
//! the message, so that a page may be planned again after a crash and nobody is written to twice. Its throttle is the pace
//! of planning: what is not planned yet is what a pause holds back.

mod content;
mod create;
mod experiment;
mod figures;
mod launch;
mod progress;
mod recipient;
mod words;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use content::{CampaignContent, Words};
pub use create::{CampaignDetails, CampaignPatch};
pub use experiment::{Arm, BUCKETS, Experiment, MAX_VARIANTS, Variant, Winner, WinnerRule};
pub use figures::{CampaignFigures, rate};
pub use launch::{Begun, Launch, Unlaunchable, WordsOf};
pub use progress::{LEASE, Next, PAGE, Pass, Progress, Stage, Tally};
pub use recipient::{CampaignRecipient, Planning, RecipientState};
pub use words::{CampaignStatus, CampaignType, ScheduleType, WinnerMetric};

use crate::automation::Conditions;
use crate::record::{List, Meta, Record, Slot};
use crate::{
    CampaignId, CommunicationId, ContactChannel, ContactPurpose, CustomFields, Label, LeadId, Money, Note,
    OrganizationId, SegmentId, Tags, UserId,
};

/// What the queue of campaigns carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CampaignStep {
    /// The tenant.
    pub organization: OrganizationId,
    /// What is to be done.
    #[serde(flatten)]
    pub work: CampaignWork,
}

/// Something to be done for campaigns. Each can be done again, late, or in another order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "work", rename_all = "snake_case")]
pub enum CampaignWork {
    /// Go on with a campaign.
    GoOn {
        /// Which.
        campaign: CampaignId,
    },
    /// A message of a campaign got nowhere: another channel may reach its receiver.
    Failed {
        /// What stands on the timeline of it.
        communication: CommunicationId,
    },
    /// Somebody wrote to us: perhaps they answer a campaign.
    Responded {
        /// What they wrote.
        communication: CommunicationId,
    },
    /// A lead was converted: perhaps by a campaign.
    Converted {
        /// Which.
        lead: LeadId,
        /// When.
        at: Timestamp,
    },
}

/// Whom a campaign is for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// Whoever is like this when it begins; everybody in its launcher's reach where nothing is asked.
    Criteria(Conditions),
    /// Those of a segment when it begins.
    Segment(SegmentId),
    /// These.
    Leads(BTreeSet<LeadId>),
}

/// When a campaign halts by itself: when so much of what providers were asked to take got nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorLimit {
    /// In per cent, 1 to 100.
    pub percent: u8,
    /// Once so many were tried.
    pub min_sample: u32,
}

impl Default for ErrorLimit {
    /// A quarter of a hundred.
    fn default() -> Self {
        Self { percent: 25, min_sample: 100 }
    }
}

/// A campaign.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Campaign {
    /// What every record carries.
    pub meta: Meta,
    /// Its id.
    pub id: CampaignId,
    /// What people call it.
    pub name: Label,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Note>,
    /// What it says it goes over.
    #[serde(rename = "type")]
    pub kind: CampaignType,
    /// The channels, the one to be tried first first.
    pub channels: Vec<ContactChannel>,
    /// Where it stands.
    pub status: CampaignStatus,
    /// What people call those whom it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_audience: Option<Label>,
    /// Those whom it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// What it says.
    #[serde(default)]
    pub content: CampaignContent,
    /// Whether its content was written as an object, to be shown so.
    #[serde(default)]
    pub is_content_object: bool,
    /// Whether what it says is filled in for each receiver.
    pub personalization: bool,
    /// What for.
    pub purpose: ContactPurpose,
    /// When it begins.
    pub schedule_type: ScheduleType,
    /// At which time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheduled_at: Option<Timestamp>,
    /// Whether a frontend calls it automated.
    pub is_automated: bool,
    /// What it may cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<Money>,
    /// Words that it is found by.
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub tags: Tags,
    /// Whatever a frontend wants to remember of it.
    #[serde(default, skip_serializing_if = "CustomFields::is_empty")]
    pub custom_fields: CustomFields,
    /// How many are written to within a minute at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub throttle_per_minute: Option<u32>,
    /// When it halts by itself.
    #[serde(default)]
    pub error_limit: ErrorLimit,
    /// How it is tried out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub experiment: Option<Experiment>,
    /// Who made it.
    pub created_by: UserId,
    /// Who launched it, in whose reach and with whose eyes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub launch: Option<Launch>,
    /// How far it has come.
    #[serde(default)]
    pub progress: Progress,
    /// Why it halted or failed, in a word; people are no reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When the clock looks at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease_until: Option<Timestamp>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
}

impl Record for Campaign {
    const KIND: &'static str = "campaign";
    type Id = CampaignId;

    fn id(&self) -> CampaignId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn lists(&self) -> Vec<List> {
        vec![List::new(Slot::One, "all", ""), List::new(Slot::Two, "status", self.status)]
    }
    fn due(&self) -> Option<Timestamp> {
        let waits = matches!(self.status, CampaignStatus::Scheduled | CampaignStatus::Active);
        self.lease_until.filter(|_| waits && self.meta.deleted_at.is_none())
    }
    /// What it says stands in the record.
    const DERIVED: &'static [&'static str] = &["content", "experiment", "launch", "progress", "lease_until"];
}
