//! What is said to somebody outside, and what they say: one row each on their timeline, whatever the channel.

mod attached;
mod create;
mod milestones;
mod reports;
mod update;
mod verdict;
mod words;

#[cfg(test)]
mod tests;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use attached::{AttachedFile, Attachments, MAX_ATTACHMENTS, MAX_MAILED, Media};
pub use create::{CommunicationDetails, Inbound, Placing};
pub use milestones::{CAMPAIGN_FIGURES, REFUSED_FOR, figures_of};
pub use reports::DeliveryReport;
pub use update::{CommunicationPatch, UpdateRefused};
pub use verdict::{Followed, FollowedBy, Following, MachineReason, PURPOSE_HEADERS, TOO_FAST};
pub use words::{CommunicationDirection, CommunicationStatus, CommunicationType};

use crate::outreach::Refusal;
use crate::record::{Claim, List, Meta, Record, Slot};
use crate::template::{Body, Subject};
use crate::{
    BranchId, CampaignId, Change, CommunicationId, ContactAddress, ContactPurpose, CustomFields, IntegrationId, LeadId,
    Line, MessageId, ReachabilityId, TemplateId, UserId,
};

/// Under this name an event of a message tells the campaign that planned it.
pub const BY_CAMPAIGN: &str = "campaign_id";
/// What of `channel_specific_data` says of a single e-mail whether its openings and clicks are counted.
pub const TRACKING_PIXEL: &str = "tracking_pixel";

/// Something said to somebody, or by them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Communication {
    /// What every record carries.
    pub meta: Meta,
    /// Its id.
    pub id: CommunicationId,
    /// How it was said.
    #[serde(rename = "type")]
    pub kind: CommunicationType,
    /// By whom.
    pub direction: CommunicationDirection,
    /// Where it stands.
    pub status: CommunicationStatus,
    /// What it is about, on one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    /// What it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Body>,
    /// The same as HTML, of an e-mail that has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html: Option<Body>,
    /// Who it comes from, as people wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<Line<320>>,
    /// Whom it goes to, likewise, where that is no address or number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient: Option<Line<320>>,
    /// The other side's address or number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<ContactAddress>,
    /// The same, by its keyed hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<ReachabilityId>,
    /// The lead that it is with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead_id: Option<LeadId>,
    /// The student that it is with, by whatever name a product has for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub student_id: Option<Line<120>>,
    /// The campaign that it is part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<OfCampaign>,
    /// Where it belongs.
    pub branch_id: BranchId,
    /// Whose it is.
    pub user_id: UserId,
    /// What for.
    pub purpose: ContactPurpose,
    /// The template that it was written from, and its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<FromTemplate>,
    /// What carries it, where a provider does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<MessageId>,
    /// How the provider that carried it knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carried: Option<Carried>,
    /// When it is to be sent, or to be had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheduled_at: Option<Timestamp>,
    /// When a provider took it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<Timestamp>,
    /// When it was with whom it goes to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered_at: Option<Timestamp>,
    /// When they first looked at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_at: Option<Timestamp>,
    /// When it was known that it got nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed_at: Option<Timestamp>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// What spoke against it when it could be sent, where that is why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Refusal>,
    /// When they first followed a link in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clicked_at: Option<Timestamp>,
    /// How often programs opened it, up to a bound.
    #[serde(default, skip_serializing_if = "is_none_yet")]
    pub machine_opens: u32,
    /// How often programs followed a link in it, up to a bound.
    #[serde(default, skip_serializing_if = "is_none_yet")]
    pub machine_clicks: u32,
    /// When they first answered it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub responded_at: Option<Timestamp>,
    /// When they became what it was written for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub converted_at: Option<Timestamp>,
    /// What was sent in its place over another channel, as it got nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<CommunicationId>,
    /// What it answers, where the provider tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<CommunicationId>,
    /// What goes with it, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Line<255>>,
    /// The files among that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<AttachedFile>,
    /// Whatever a frontend wants to remember of it.
    #[serde(default, skip_serializing_if = "CustomFields::is_empty")]
    pub channel_specific_data: CustomFields,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_none_yet(hits: &u32) -> bool {
    *hits == 0
}

/// The template that something was written from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FromTemplate {
    /// Which.
    pub id: TemplateId,
    /// The number of its version.
    pub revision: u32,
    /// What the provider holds of it, where it sends nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<HeldTemplate>,
}

/// A text that a provider holds and fills in itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldTemplate {
    /// The provider's name or id of it.
    pub name: String,
    /// Its language, as the provider writes it.
    pub language: String,
    /// What stands in its places, in order, each with the name of its place here.
    pub values: Vec<(String, String)>,
}

/// The campaign that something is part of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfCampaign {
    /// Which.
    pub id: CampaignId,
    /// The variant that it says, where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// Whether the campaign planned it, and counts it: what people write by hand is named with it and not counted.
    #[serde(default)]
    pub is_planned: bool,
}

/// How a provider knows a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carried {
    /// The connection that it went over, or came by; none for the platform's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub integration: Option<IntegrationId>,
    /// The provider's id of it.
    pub id: String,
}

impl Carried {
    /// The claim that leads from a provider's id to the communication.
    pub fn claim(&self) -> Claim {
        let integration = self.integration.map_or_else(|| "platform".to_owned(), |id| id.to_string());
        Claim::new("carried", format!("{integration}\n{}", self.id))
    }
}

impl Communication {
    /// What its lists are ordered by: when it is or was.
    pub fn at(&self) -> Timestamp {
        self.scheduled_at.unwrap_or(self.meta.created_at)
    }

    /// Whether a provider carries it, whose reports alone move it on.
    pub const fn is_carried(&self) -> bool {
        self.message_id.is_some() || self.carried.is_some()
    }

    /// Whether an e-mail counts its openings and clicks, where its organization lets it: one of a campaign, and one of
    /// marketing, unless it says otherwise itself (`tracking_pixel` of its `channel_specific_data`, `true` or `false`).
    pub fn is_tracked(&self) -> bool {
        let asked = self.channel_specific_data.get(TRACKING_PIXEL).and_then(Value::as_bool);
        let is_planned = self.campaign.as_ref().is_some_and(|campaign| campaign.is_planned);
        asked.unwrap_or(is_planned || self.purpose == ContactPurpose::Marketing)
    }

    /// A change, with what it adds to the figures of its campaign.
    fn moved(before: Self, after: Self, kind: &'static str) -> Change<Self> {
        let steps = milestones::steps(Some(&before), &after);
        let campaign = after.campaign.as_ref().filter(|campaign| campaign.is_planned).map(|campaign| campaign.id);
        let change = Change::update(before, after, kind).counting(steps);
        match campaign {
            Some(campaign) => change.with(BY_CAMPAIGN, campaign),
            None => change,
        }
    }

    /// Whether two belong to one conversation: with the same side, over the same channel.
    pub fn is_of_thread(&self, other: &Self) -> bool {
        self.kind == other.kind && self.contact == other.contact && self.lead_id == other.lead_id
    }

    /// The list of all that is with the same side: of the lead, or of an address that is no lead's.
    pub fn timeline(&self) -> List {
        match (self.lead_id, self.contact) {
            (Some(lead), _) => Self::timeline_of(lead),
            (None, Some(contact)) => List::new(Slot::One, "contact", contact),
            (None, None) => List::new(Slot::One, "itself", self.id),
        }
    }

    /// The list of all that is with a lead.
    pub fn timeline_of(lead: LeadId) -> List {
        List::new(Slot::One, "lead", lead)
    }
}

impl Record for Communication {
    const KIND: &'static str = "communication";
    type Id = CommunicationId;

    fn id(&self) -> CommunicationId {
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
        vec![
            self.timeline(),
            List::new(Slot::Two, "user", self.user_id),
            List::new(Slot::Three, "branch", self.branch_id),
        ]
    }
    fn order(&self) -> Timestamp {
        self.at()
    }
    fn claims(&self) -> Vec<Claim> {
        self.carried.iter().map(Carried::claim).collect()
    }
    const SEALED: &'static [&'static str] = &[
        "subject",
        "content",
        "html",
        "sender",
        "recipient",
        "address",
        "template",
        "failure",
        "channel_specific_data",
    ];
    /// What was said stands in the record; whoever reads the audit log need not read it there.
    const DERIVED: &'static [&'static str] = &["subject", "content", "html", "template", "channel_specific_data"];
}
