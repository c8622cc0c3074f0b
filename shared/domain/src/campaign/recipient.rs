//! A person whom a campaign was planned for: the proof that nobody is written to twice.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Campaign;
use crate::record::{List, Meta, Record, Slot};
use crate::values::wire_enum;
use crate::{
    BranchId, CampaignId, CampaignRecipientId, Change, CommunicationId, ContactChannel, LeadId, OrganizationId, UserId,
};

wire_enum! {
    /// What was planned for a person.
    RecipientState, "unknown_state",
    /// They are written to; the message tells what becomes of it.
    Planned = "planned",
    /// They are not, as something speaks against it on every channel.
    Refused = "refused",
    /// They are not, so that one can see what people do by themselves.
    HeldOut = "held_out",
}

/// A person whom a campaign was planned for, under an id that follows from both.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CampaignRecipient {
    /// What every record carries.
    pub meta: Meta,
    /// Its id.
    pub id: CampaignRecipientId,
    /// The campaign.
    pub campaign: CampaignId,
    /// The person.
    pub lead: LeadId,
    /// Where they belong.
    pub branch: BranchId,
    /// Who works on them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<UserId>,
    /// What was planned.
    pub state: RecipientState,
    /// The variant that they get, where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// The channel over which they are written to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<ContactChannel>,
    /// What stands on their timeline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub communication: Option<CommunicationId>,
    /// The channels that were passed over, each with the word of why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passed: Vec<(ContactChannel, String)>,
}

/// What a recipient begins with.
#[derive(Debug, Clone)]
pub struct Planning {
    /// The id, which follows from the campaign and the person.
    pub id: CampaignRecipientId,
    /// The campaign.
    pub campaign: CampaignId,
    /// The tenant.
    pub organization: OrganizationId,
    /// The person.
    pub lead: LeadId,
    /// Where they belong.
    pub branch: BranchId,
    /// Who works on them.
    pub owner: Option<UserId>,
    /// The variant that they get.
    pub variant: Option<String>,
    /// When.
    pub now: Timestamp,
}

impl CampaignRecipient {
    /// Somebody who is written to over a channel, after these were passed over.
    pub fn planned(
        planning: Planning,
        channel: ContactChannel,
        communication: CommunicationId,
        passed: Vec<(ContactChannel, String)>,
    ) -> Change<Self> {
        let with = Self {
            channel: Some(channel),
            communication: Some(communication),
            passed,
            ..Self::begun(planning, RecipientState::Planned)
        };
        Change::create(with, "campaign_recipient.planned")
    }

    /// Somebody whom no channel reaches.
    pub fn refused(planning: Planning, passed: Vec<(ContactChannel, String)>) -> Change<Self> {
        Change::create(Self { passed, ..Self::begun(planning, RecipientState::Refused) }, "campaign_recipient.refused")
    }

    /// Somebody who is written nothing.
    pub fn held_out(planning: Planning) -> Change<Self> {
        Change::create(Self::begun(planning, RecipientState::HeldOut), "campaign_recipient.held_out")
    }

    /// Another channel takes the place of one that got nowhere.
    pub fn fell_back(
        self,
        channel: ContactChannel,
        communication: CommunicationId,
        passed: Vec<(ContactChannel, String)>,
        now: Timestamp,
    ) -> Change<Self> {
        let mut after = self.clone();
        after.meta.updated_at = now;
        after.passed.extend(passed);
        (after.channel, after.communication) = (Some(channel), Some(communication));
        Change::update(self, after, "campaign_recipient.fell_back")
    }

    /// Somebody who was to be written to, as they would have been planned, and has had as much as there may be meanwhile.
    pub fn turned_away(self, passed: Vec<(ContactChannel, String)>) -> Change<Self> {
        let refused = Self { state: RecipientState::Refused, channel: None, communication: None, passed, ..self };
        Change::create(refused, "campaign_recipient.refused")
    }

    /// Why they are not written to: the word of the last channel.
    pub fn reason(&self) -> Option<&str> {
        let refused = self.state == RecipientState::Refused;
        self.passed.last().filter(|_| refused).map(|(_, why)| why.as_str())
    }

    /// The list of those of a campaign.
    pub fn of(campaign: CampaignId) -> List {
        List::new(Slot::One, "campaign", campaign)
    }

    /// The list of those of a campaign for whom this was planned.
    pub fn of_state(campaign: CampaignId, state: RecipientState) -> List {
        List::new(Slot::Two, "state", format_args!("{campaign}#{state}"))
    }

    fn begun(planning: Planning, state: RecipientState) -> Self {
        let Planning { id, campaign, organization, lead, branch, owner, variant, now } = planning;
        Self {
            meta: Meta::new(organization, now),
            id,
            campaign,
            lead,
            branch,
            owner,
            state,
            variant,
            channel: None,
            communication: None,
            passed: Vec::new(),
        }
    }
}

impl Campaign {
    /// Who is planned for.
    pub fn planning(
        &self,
        id: CampaignRecipientId,
        lead: &crate::Lead,
        variant: Option<String>,
        now: Timestamp,
    ) -> Planning {
        Planning {
            id,
            campaign: self.id,
            organization: self.meta.organization,
            lead: lead.id,
            branch: lead.branch_id,
            owner: lead.assigned_to,
            variant,
            now,
        }
    }
}

impl Record for CampaignRecipient {
    const KIND: &'static str = "campaign_recipient";
    type Id = CampaignRecipientId;

    fn id(&self) -> CampaignRecipientId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn branch(&self) -> Option<BranchId> {
        Some(self.branch)
    }
    fn owner(&self) -> Option<UserId> {
        self.owner
    }
    fn lists(&self) -> Vec<List> {
        vec![Self::of(self.campaign), Self::of_state(self.campaign, self.state)]
    }
    /// The message tells what becomes of it.
    const REMEMBERED: bool = false;
}
