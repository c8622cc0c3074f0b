//! What people tell of a new communication.

use domain::communication::{AttachedFile, CommunicationDetails, MAX_ATTACHMENTS, MAX_MAILED, Media, OfCampaign};
use domain::template::{Body, Subject};
use domain::{
    CampaignId, CommunicationDirection, CommunicationId, CommunicationType, ContactPurpose, CustomFields, FieldInvalid,
    Grant, Invalid, LeadId, Line, TemplateId, UserId, plannable,
};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use web::{App, Field, Fields, Problem};

use super::READ_ONLY;
use super::attachments::{Attachment, attached};

/// Something to be said to somebody, or that was said.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct NewCommunication {
    /// Its id, for clients that work offline; made here where it is absent.
    #[serde(default)]
    #[schema(value_type = Option<CommunicationId>)]
    id: Field<CommunicationId>,
    #[serde(default)]
    #[schema(value_type = CommunicationType, required)]
    r#type: Field<CommunicationType>,
    /// `outbound` where absent.
    #[serde(default)]
    #[schema(value_type = Option<CommunicationDirection>)]
    direction: Field<CommunicationDirection>,
    /// An e-mail has one, or its template has.
    #[serde(default)]
    #[schema(value_type = Option<Subject>)]
    subject: Field<Subject>,
    /// What is sent has it, or a template.
    #[serde(default)]
    #[schema(value_type = Option<Body>)]
    content: Field<Body>,
    /// A template of the channel, filled in for the lead with what you see of them, instead of `subject` and `content`.
    #[serde(default)]
    #[schema(value_type = Option<TemplateId>)]
    template_id: Field<TemplateId>,
    /// What stands for the template's variables.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    variables: Field<Map<String, Value>>,
    /// Of what is sent from here it is the connection's.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    sender: Field<Line<320>>,
    /// An address or number where it is sent from here; the lead's where absent.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    recipient: Field<Line<320>>,
    /// The lead that it is with; where absent, the one in reach that has the address.
    #[serde(default)]
    #[schema(value_type = Option<LeadId>)]
    lead_id: Field<LeadId>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    student_id: Field<Line<120>>,
    #[serde(default)]
    #[schema(value_type = Option<CampaignId>)]
    campaign_id: Field<CampaignId>,
    /// Whose it is; yours where absent.
    #[serde(default)]
    #[schema(value_type = Option<UserId>)]
    user_id: Field<UserId>,
    /// `service` where absent.
    #[serde(default)]
    #[schema(value_type = Option<ContactPurpose>)]
    purpose: Field<ContactPurpose>,
    /// When it is to be sent, or to be had.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    scheduled_at: Field<Timestamp>,
    /// What goes with it, 20 at most: files that were uploaded, by their ids, or names of what is no file here. An e-mail that
    /// is sent from here goes with its files, 7 MiB together at most; over WhatsApp one file goes, whose `content` are the words
    /// below it, and no template; nothing else is sent with any, and no name.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>, max_items = 20)]
    attachments: Field<Vec<Line<255>>>,
    /// `tracking_pixel`, `true` or `false`, says of an e-mail whether its openings and clicks are counted: those of
    /// campaigns and of marketing are where it is absent, and none where the organization's settings say so.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    channel_specific_data: Field<CustomFields>,
    /// Whether it was, or will be, sent elsewhere, and is only written down here; `false` where absent.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    log_only: Field<bool>,
}

impl Fields for NewCommunication {
    const WRITES: &'static [&'static str] = &[
        "id",
        "type",
        "direction",
        "subject",
        "content",
        "template_id",
        "variables",
        "sender",
        "recipient",
        "lead_id",
        "student_id",
        "campaign_id",
        "user_id",
        "purpose",
        "scheduled_at",
        "attachments",
        "channel_specific_data",
        "log_only",
    ];
    const READ_ONLY: &'static [&'static str] = READ_ONLY;
}

/// A body that makes sense by itself.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) id: Option<CommunicationId>,
    pub(super) lead: Option<LeadId>,
    pub(super) user: Option<UserId>,
    /// The template, and what stands for its variables.
    pub(super) template: Option<(TemplateId, Map<String, Value>)>,
    /// The other side, as people wrote it.
    pub(super) other: Option<Line<320>>,
    /// Whether it is sent from here.
    pub(super) is_sent: bool,
    /// What goes with it.
    pub(super) attachments: Vec<Attachment>,
    pub(super) details: CommunicationDetails,
}

impl NewCommunication {
    /// Without what is one receiver's, where many get the same.
    pub(super) fn for_many(self) -> Self {
        Self { id: Field::Absent, lead_id: Field::Absent, recipient: Field::Absent, ..self }
    }

    pub(super) fn parse(self, now: Timestamp) -> Result<Wanted, Vec<FieldInvalid>> {
        let mut wrong = Vec::new();
        let w = &mut wrong;
        let kind = self.r#type.required("type", w);
        let direction = self.direction.optional("direction", w).unwrap_or(CommunicationDirection::Outbound);
        let subject = self.subject.optional("subject", w);
        let content = self.content.optional("content", w);
        let template = self.template_id.optional("template_id", w);
        let variables = self.variables.optional("variables", w);
        let sender = self.sender.optional("sender", w);
        let recipient = self.recipient.optional("recipient", w);
        let scheduled_at = self.scheduled_at.optional("scheduled_at", w);
        let attachments = self.attachments.optional("attachments", w).unwrap_or_default();
        let attachments: Vec<Attachment> = attachments.into_iter().map(Attachment::from).collect();
        let log_only = self.log_only.optional("log_only", w).unwrap_or(false);
        let is_sent = !log_only
            && direction == CommunicationDirection::Outbound
            && kind.is_some_and(|kind| kind.channel().is_some());
        let mut refuse = |field: &str, code, why: &'static str| {
            if !w.iter().any(|wrong: &FieldInvalid| wrong.field == field) {
                w.push(FieldInvalid::new(field, Invalid::new(code, why)));
            }
        };
        if is_sent {
            let files = attachments.iter().filter(|one| matches!(one, Attachment::File(_))).count();
            let is_media = kind == Some(CommunicationType::Whatsapp) && files == 1 && template.is_none();
            if content.is_none() && template.is_none() && !is_media {
                refuse("content", "required", "or template_id is required");
            }
            if kind == Some(CommunicationType::Email) && subject.is_none() && template.is_none() {
                refuse("subject", "required", "is required of an e-mail");
            }
            let carries = match kind {
                Some(CommunicationType::Email) => files,
                Some(CommunicationType::Whatsapp) if is_media => 1,
                _ => 0,
            };
            if attachments.len() > carries {
                refuse("attachments", "not_sent", "cannot be sent from here");
            }
        }
        if template.is_some() && content.is_some() {
            refuse("template_id", "two_texts", "goes with no content");
        }
        if template.is_none() && variables.is_some() {
            refuse("variables", "no_template", "are those of a template");
        }
        if attachments.len() > MAX_ATTACHMENTS {
            refuse("attachments", "too_many", "must be at most 20");
        }
        if let Some(Err(invalid)) = scheduled_at.map(|at| plannable(at, now)) {
            w.push(FieldInvalid::new("scheduled_at", invalid));
        }
        let id = self.id.optional("id", w);
        let lead = self.lead_id.optional("lead_id", w);
        let user = self.user_id.optional("user_id", w);
        let student_id = self.student_id.optional("student_id", w);
        let campaign_id = self.campaign_id.optional("campaign_id", w);
        let purpose = self.purpose.optional("purpose", w).unwrap_or(ContactPurpose::Service);
        let channel_specific_data = self.channel_specific_data.optional("channel_specific_data", w).unwrap_or_default();
        let Some(kind) = kind.filter(|_| wrong.is_empty()) else { return Err(wrong) };
        let (other, ours) = match direction {
            CommunicationDirection::Inbound => (sender, recipient),
            CommunicationDirection::Outbound => (recipient, sender.filter(|_| !is_sent)),
        };
        let (sender, recipient) = match direction {
            CommunicationDirection::Inbound => (None, ours),
            CommunicationDirection::Outbound => (ours, None),
        };
        let details = CommunicationDetails {
            kind,
            direction,
            subject,
            content,
            html: None,
            sender,
            recipient,
            student_id,
            campaign: campaign_id.map(|id| OfCampaign { id, variant: None, is_planned: false }),
            purpose,
            template: None,
            scheduled_at,
            attachments: Vec::new(),
            files: Vec::new(),
            channel_specific_data,
        };
        let template = template.map(|template| (template, variables.unwrap_or_default()));
        Ok(Wanted { id, lead, user, template, other, is_sent, attachments, details })
    }
}

impl Wanted {
    /// With the files that go with it. No call where there are none, or 1 `BatchGetItem`.
    pub(super) async fn with_files(mut self, app: &App, grant: &Grant) -> Result<Self, Problem> {
        let attachments = attached(app, grant, &self.attachments).await?;
        match self.details.kind {
            CommunicationType::Email if self.is_sent && attachments.bytes() > MAX_MAILED => {
                let invalid = Invalid::new("too_large", "must have at most 7,340,032 bytes together");
                return Err(Problem::field("attachments", invalid));
            }
            CommunicationType::Whatsapp if self.is_sent => {
                if let Some(file) = attachments.files.first() {
                    media(file, self.details.content.as_ref())?;
                }
            }
            _ => {}
        }
        (self.details.attachments, self.details.files) = (attachments.names, attachments.files);
        Ok(self)
    }
}

/// Refuses what WhatsApp does not take of a file and the words below it.
fn media(file: &AttachedFile, words: Option<&Body>) -> Result<(), Problem> {
    let Some(media) = Media::of(file.content_type) else {
        let invalid = Invalid::new("not_sent", "is of a type that WhatsApp does not take");
        return Err(Problem::field("attachments.0", invalid));
    };
    let mut wrong = Vec::new();
    if file.bytes > media.max_bytes() {
        let invalid = Invalid::new("too_large", format!("must have at most {} bytes", media.max_bytes()));
        wrong.push(FieldInvalid::new("attachments.0", invalid));
    }
    match words {
        Some(_) if media == Media::Audio => {
            wrong.push(FieldInvalid::new("content", Invalid::new("not_sent", "goes with no sound")));
        }
        Some(words) if words.as_str().chars().count() > Media::MAX_CAPTION => {
            let invalid = Invalid::new("too_long", "must have at most 1,024 characters below a file");
            wrong.push(FieldInvalid::new("content", invalid));
        }
        _ => {}
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.into()) }
}
