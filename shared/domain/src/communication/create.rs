//! What begins a communication.

use jiff::Timestamp;

use super::{
    AttachedFile, Carried, Communication, CommunicationDirection, CommunicationStatus, CommunicationType, FromTemplate,
    OfCampaign, milestones,
};
use crate::record::Meta;
use crate::template::{Body, Subject};
use crate::{
    BranchId, Change, CommunicationId, ContactAddress, ContactPurpose, CustomFields, LeadId, Line, MessageId,
    OrganizationId, ReachabilityId, UserId,
};

/// What is told of a new one.
#[derive(Debug, Clone, PartialEq)]
pub struct CommunicationDetails {
    /// How it is said.
    pub kind: CommunicationType,
    /// By whom.
    pub direction: CommunicationDirection,
    /// What it is about.
    pub subject: Option<Subject>,
    /// What it says.
    pub content: Option<Body>,
    /// The same as HTML.
    pub html: Option<Body>,
    /// Who it comes from, as people write it.
    pub sender: Option<Line<320>>,
    /// Whom it goes to, where that is no address or number.
    pub recipient: Option<Line<320>>,
    /// The student that it is with.
    pub student_id: Option<Line<120>>,
    /// The campaign that it is part of.
    pub campaign: Option<OfCampaign>,
    /// What for.
    pub purpose: ContactPurpose,
    /// The template that it was written from.
    pub template: Option<FromTemplate>,
    /// When it is to be sent, or to be had.
    pub scheduled_at: Option<Timestamp>,
    /// What goes with it, by name.
    pub attachments: Vec<Line<255>>,
    /// The files among that.
    pub files: Vec<AttachedFile>,
    /// Whatever a frontend wants to remember of it.
    pub channel_specific_data: CustomFields,
}

impl CommunicationDetails {
    /// One of ours over a channel, with nothing but what it says.
    pub fn outbound(kind: CommunicationType, purpose: ContactPurpose, content: Option<Body>) -> Self {
        Self {
            kind,
            direction: CommunicationDirection::Outbound,
            subject: None,
            content,
            html: None,
            sender: None,
            recipient: None,
            student_id: None,
            campaign: None,
            purpose,
            template: None,
            scheduled_at: None,
            attachments: Vec::new(),
            files: Vec::new(),
            channel_specific_data: CustomFields::default(),
        }
    }
}

/// Where it stands, and with whom it is.
#[derive(Debug, Clone)]
pub struct Placing {
    /// The id it gets.
    pub id: CommunicationId,
    /// The tenant.
    pub organization: OrganizationId,
    /// The branch.
    pub branch: BranchId,
    /// Whose it is.
    pub user: UserId,
    /// The lead that it is with.
    pub lead: Option<LeadId>,
    /// The other side's address or number, and that by its keyed hash.
    pub contact: Option<(ContactAddress, ReachabilityId)>,
    /// When.
    pub now: Timestamp,
}

/// Something that came from a provider.
#[derive(Debug, Clone)]
pub struct Inbound {
    /// How the provider knows it.
    pub carried: Carried,
    /// What it answers.
    pub answers: Option<CommunicationId>,
    /// When it was said.
    pub at: Timestamp,
}

impl Communication {
    /// One that a provider is to carry, by a message of this id, which is committed together with it.
    pub fn carry(details: CommunicationDetails, placing: Placing, message: MessageId) -> Change<Self> {
        let status = match details.scheduled_at {
            Some(at) if at > placing.now => CommunicationStatus::Scheduled,
            _ => CommunicationStatus::Queued,
        };
        let communication = Self { message_id: Some(message), ..Self::placed(details, placing, status) };
        Self::begun(communication, "communication.queued")
    }

    /// A call that somebody is to make now.
    pub fn ask_to_call(details: CommunicationDetails, placing: Placing) -> Change<Self> {
        let details = CommunicationDetails { scheduled_at: details.scheduled_at.or(Some(placing.now)), ..details };
        Self::begun(Self::placed(details, placing, CommunicationStatus::Scheduled), "communication.planned")
    }

    fn begun(communication: Self, kind: &'static str) -> Change<Self> {
        let steps = milestones::steps(None, &communication);
        Change::create(communication, kind).counting(steps)
    }

    /// One that people had, or will have, themselves.
    pub fn log(details: CommunicationDetails, placing: Placing) -> Change<Self> {
        let status = match (details.direction, details.scheduled_at) {
            (_, Some(at)) if at > placing.now => CommunicationStatus::Scheduled,
            (CommunicationDirection::Inbound, _) => CommunicationStatus::Received,
            (CommunicationDirection::Outbound, _) => CommunicationStatus::Completed,
        };
        Change::create(Self::placed(details, placing, status), "communication.logged")
    }

    /// One that came from the other side by a provider.
    pub fn receive(details: CommunicationDetails, placing: Placing, inbound: Inbound) -> Change<Self> {
        let Inbound { carried, answers, at } = inbound;
        let communication = Self {
            direction: CommunicationDirection::Inbound,
            carried: Some(carried),
            answers,
            sent_at: Some(at),
            ..Self::placed(details, placing, CommunicationStatus::Received)
        };
        Change::create(communication, "communication.received")
    }

    fn placed(details: CommunicationDetails, placing: Placing, status: CommunicationStatus) -> Self {
        let CommunicationDetails {
            kind,
            direction,
            subject,
            content,
            html,
            sender,
            recipient,
            student_id,
            campaign,
            purpose,
            template,
            scheduled_at,
            attachments,
            files,
            channel_specific_data,
        } = details;
        let Placing { id, organization, branch, user, lead, contact, now } = placing;
        let (address, contact) = contact.unzip();
        Self {
            meta: Meta::new(organization, now),
            id,
            kind,
            direction,
            status,
            subject,
            content,
            html,
            sender,
            recipient,
            address,
            contact,
            lead_id: lead,
            student_id,
            campaign,
            branch_id: branch,
            user_id: user,
            purpose,
            template,
            message_id: None,
            carried: None,
            scheduled_at,
            sent_at: None,
            delivered_at: None,
            read_at: None,
            failed_at: None,
            failure: None,
            refusal: None,
            clicked_at: None,
            machine_opens: 0,
            machine_clicks: 0,
            responded_at: None,
            converted_at: None,
            replaced_by: None,
            answers: None,
            attachments,
            files,
            channel_specific_data,
        }
    }
}
