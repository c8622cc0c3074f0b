//! What was said to people and by them, on their timelines.

pub(crate) mod bulk;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod history;
pub(crate) mod list;
pub(crate) mod restore;
pub(crate) mod thread;
pub(crate) mod update;
pub(crate) mod view;

mod attachments;
mod body;
mod send;
mod whom;

use domain::communication::AttachedFile;
use domain::template::{Body, Subject};
use domain::{
    BranchId, Caller, CampaignId, Communication, CommunicationDirection, CommunicationId, CommunicationStatus,
    CommunicationType, ContactPurpose, CustomFields, Grant, IntegrationId, Lead, LeadId, Line, Meta, PersonalFields,
    Record as _, TemplateId, UserId,
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use web::{App, Problem};

/// What frontends send back and only we write.
const READ_ONLY: &[&str] = &[
    "branch_id",
    "sent_at",
    "failed_at",
    "failure",
    "clicked_at",
    "machine_opens",
    "machine_clicks",
    "responded_at",
    "converted_at",
    "replaced_by",
    "variant",
    "files",
    "html",
    "answers",
    "is_sent_from_here",
    "integration_id",
    "provider_id",
    "template_revision",
    "created_at",
    "updated_at",
    "version",
];

/// Something said to somebody, or by them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Communication)]
pub(crate) struct CommunicationView {
    id: CommunicationId,
    r#type: CommunicationType,
    direction: CommunicationDirection,
    /// Where it stands. What is sent from here is moved on by its provider alone, and never back.
    status: CommunicationStatus,
    #[schema(required)]
    subject: Option<Subject>,
    #[schema(required)]
    content: Option<Body>,
    /// The same as HTML, of an e-mail that has it.
    #[schema(required)]
    html: Option<Body>,
    /// Who it comes from; masked where you do not see people's addresses and numbers.
    #[schema(required)]
    sender: Option<String>,
    /// Whom it goes to; masked likewise.
    #[schema(required)]
    recipient: Option<String>,
    #[schema(required)]
    lead_id: Option<LeadId>,
    #[schema(required)]
    student_id: Option<Line<120>>,
    #[schema(required)]
    campaign_id: Option<CampaignId>,
    /// The variant of the campaign that it says, where there are several.
    #[schema(required)]
    variant: Option<String>,
    branch_id: BranchId,
    /// Whose it is.
    user_id: UserId,
    purpose: ContactPurpose,
    #[schema(required)]
    template_id: Option<TemplateId>,
    /// The version of the template that it was written from.
    #[schema(required)]
    template_revision: Option<u32>,
    /// Whether it is sent from here, or came by a provider: then its provider tells where it stands.
    is_sent_from_here: bool,
    /// The connection that carried it; `null` where it was none of the organization's own.
    #[schema(required)]
    integration_id: Option<IntegrationId>,
    /// The provider's id of it.
    #[schema(required)]
    provider_id: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime, required)]
    scheduled_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime, required)]
    sent_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime, required)]
    delivered_at: Option<Timestamp>,
    /// Whether they looked at it.
    opened: bool,
    #[schema(value_type = Option<String>, format = DateTime, required)]
    read_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime, required)]
    failed_at: Option<Timestamp>,
    /// Why it got nowhere: the word of a refusal (`unsubscribed`, `window_closed`), or what the provider said.
    #[schema(required)]
    failure: Option<String>,
    /// When they first followed a link in it.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    clicked_at: Option<Timestamp>,
    /// How often programs opened it: scanners, and proxies that load images whether or not anybody looks. 10 stands for
    /// as many or more.
    machine_opens: u32,
    /// How often programs followed a link in it, likewise.
    machine_clicks: u32,
    /// When they first answered it.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    responded_at: Option<Timestamp>,
    /// When they became what its campaign was for.
    #[schema(value_type = Option<String>, format = DateTime, required)]
    converted_at: Option<Timestamp>,
    /// What its campaign sent in its place over another channel, as it got nowhere.
    #[schema(required)]
    replaced_by: Option<CommunicationId>,
    /// What it answers, where the provider tells.
    #[schema(required)]
    answers: Option<CommunicationId>,
    /// What goes with it, by name.
    attachments: Vec<Line<255>>,
    /// The files among that.
    files: Vec<AttachedFile>,
    channel_specific_data: CustomFields,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// Its version; the number in its entity tag.
    version: u64,
}

impl CommunicationView {
    /// As somebody sees it who sees these fields in the clear.
    pub(crate) fn new(communication: Communication, clear: PersonalFields) -> Self {
        let is_sent_from_here = communication.is_carried();
        let Communication {
            meta: Meta { version, created_at, updated_at, organization: _, deleted_at: _ },
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
            contact: _,
            lead_id,
            student_id,
            campaign,
            branch_id,
            user_id,
            purpose,
            template,
            message_id: _,
            carried,
            scheduled_at,
            sent_at,
            delivered_at,
            read_at,
            failed_at,
            failure,
            refusal: _,
            clicked_at,
            machine_opens,
            machine_clicks,
            responded_at,
            converted_at,
            replaced_by,
            answers,
            attachments,
            files,
            channel_specific_data,
        } = communication;
        let theirs = address.map(|address| address.seen(clear));
        let [sender, recipient] = [sender, recipient].map(|side| side.map(|side| side.to_string()));
        let (sender, recipient) = match direction {
            CommunicationDirection::Inbound => (theirs.or(sender), recipient),
            CommunicationDirection::Outbound => (sender, theirs.or(recipient)),
        };
        Self {
            id,
            r#type: kind,
            direction,
            status,
            subject,
            content,
            html,
            sender,
            recipient,
            lead_id,
            student_id,
            campaign_id: campaign.as_ref().map(|campaign| campaign.id),
            variant: campaign.and_then(|campaign| campaign.variant),
            branch_id,
            user_id,
            purpose,
            template_id: template.as_ref().map(|template| template.id),
            template_revision: template.map(|template| template.revision),
            is_sent_from_here,
            integration_id: carried.as_ref().and_then(|carried| carried.integration),
            provider_id: carried.map(|carried| carried.id),
            scheduled_at,
            sent_at,
            // Nobody looks at what is not there.
            delivered_at: delivered_at.or(read_at),
            opened: read_at.is_some(),
            read_at,
            failed_at: failed_at.filter(|_| status == CommunicationStatus::Failed),
            failure: failure.filter(|_| status == CommunicationStatus::Failed),
            clicked_at,
            machine_opens,
            machine_clicks,
            responded_at,
            converted_at,
            replaced_by,
            answers,
            attachments,
            files,
            channel_specific_data,
            created_at,
            updated_at,
            version,
        }
    }
}

/// Reads communications whosever they are: whoever sees the lead sees its timeline, and that is looked at each time.
fn reading(grant: &Grant) -> Grant {
    Caller::system(grant.organization(), "communications").own()
}

/// A communication that the caller may see: one in their rows, or one with a lead in reach. 1 read, and 1 more for one that
/// is not in their rows.
async fn seen(app: &App, grant: &Grant, id: CommunicationId) -> Result<Communication, Problem> {
    let communication: Communication = app.table().get_to_change(&reading(grant), id).await?;
    if grant.rows().cover(communication.branch(), communication.owner()) {
        return Ok(communication);
    }
    let lead = communication.lead_id.ok_or_else(Problem::not_found)?;
    let _: Lead = app.table().get(grant, lead).await?;
    Ok(communication)
}
