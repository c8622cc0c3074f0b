//! `PUT /communications/{id}`.

use axum::extract::State;
use domain::communication::{CommunicationPatch, MAX_ATTACHMENTS, UpdateRefused};
use domain::template::{Body as Content, Subject};
use domain::{
    Communication, CommunicationId, CommunicationStatus, CustomFields, FieldInvalid, Invalid, Line, Permission,
};
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;
use web::{App, Body, Envelope, Field, Fields, IfMatch, PathId, Problem, SignedIn, Versioned, change};

use super::CommunicationView;
use super::attachments::{Attachment, attached};

/// A merge update: a field that is absent stays, `null` clears it.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct CommunicationUpdate {
    #[serde(default)]
    #[schema(value_type = Option<Subject>)]
    subject: Field<Subject>,
    #[serde(default)]
    #[schema(value_type = Option<Content>)]
    content: Field<Content>,
    /// Of what is sent from here, `cancelled` alone, as long as it has not gone out; its provider tells the rest.
    #[serde(default)]
    #[schema(value_type = Option<CommunicationStatus>)]
    status: Field<CommunicationStatus>,
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    scheduled_at: Field<Timestamp>,
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    delivered_at: Field<Timestamp>,
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    read_at: Field<Timestamp>,
    /// Whether they looked at it: now, where `read_at` does not tell.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    opened: Field<bool>,
    /// Replaced whole: files that were uploaded, by their ids, and names. The name of a file that goes with it keeps that.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>, max_items = 20)]
    attachments: Field<Vec<Line<255>>>,
    /// Replaced whole.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    channel_specific_data: Field<CustomFields>,
}

impl Fields for CommunicationUpdate {
    const WRITES: &'static [&'static str] = &[
        "subject",
        "content",
        "status",
        "scheduled_at",
        "delivered_at",
        "read_at",
        "opened",
        "attachments",
        "channel_specific_data",
    ];
    const READ_ONLY: &'static [&'static str] = &[
        "id",
        "type",
        "direction",
        "sender",
        "recipient",
        "lead_id",
        "student_id",
        "campaign_id",
        "user_id",
        "purpose",
        "template_id",
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
}

impl CommunicationUpdate {
    fn parse(self, now: Timestamp) -> Result<(CommunicationPatch, Option<Vec<Attachment>>), Vec<FieldInvalid>> {
        let mut wrong = Vec::new();
        let w = &mut wrong;
        let read_at = self.read_at.patch("read_at", w);
        let opened = self.opened.replaced("opened", w);
        let attachments = self.attachments.patch("attachments", w).map(Option::unwrap_or_default);
        let patch = CommunicationPatch {
            subject: self.subject.patch("subject", w),
            content: self.content.patch("content", w),
            status: self.status.replaced("status", w),
            scheduled_at: self.scheduled_at.patch("scheduled_at", w),
            delivered_at: self.delivered_at.patch("delivered_at", w),
            read_at: read_at.or_else(|| opened.map(|opened| opened.then_some(now))),
            attachments: None,
            channel_specific_data: self
                .channel_specific_data
                .patch("channel_specific_data", w)
                .map(Option::unwrap_or_default),
        };
        if attachments.as_ref().is_some_and(|all| all.len() > MAX_ATTACHMENTS) {
            w.push(FieldInvalid::new("attachments", Invalid::new("too_many", "must be at most 20")));
        }
        let attachments = attachments.map(|all| all.into_iter().map(Attachment::from).collect());
        if wrong.is_empty() { Ok((patch, attachments)) } else { Err(wrong) }
    }
}

/// Changes a communication of yours. What is sent from here says what it said, and stands where its provider says:
/// `delivered_at`, `read_at`, `opened` and every `status` but `cancelled` have no effect on it, and 409 `gone_out` refuses to
/// change its words, or to take back what has gone out.
///
/// With `If-Match`, 412 names the fields that others changed meanwhile. 2 reads, 1 `BatchGetItem` for files, and 1 transaction.
#[utoipa::path(
    put, path = "/communications/{id}", tag = "communications", params(("id" = CommunicationId, Path)),
    request_body = CommunicationUpdate,
    responses((status = 200, body = Envelope<CommunicationView>, headers(("ETag" = String)))),
)]
pub(crate) async fn communication_update(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<CommunicationId>,
    if_match: IfMatch,
    Body(body): Body<CommunicationUpdate>,
) -> Result<Versioned<CommunicationView>, Problem> {
    let grant = signed_in.caller.allow(Permission::CommunicationsWrite)?;
    let now = app.now();
    let (mut patch, attachments) = body.parse(now)?;
    if let Some(attachments) = attachments {
        patch.attachments = Some(attached(&app, &grant, &attachments).await?);
    }
    let decide = |one: Communication| {
        one.update(patch.clone(), now).map_err(|refused| match refused {
            UpdateRefused::Invalid(wrong) => wrong.into(),
            UpdateRefused::Gone => {
                Problem::conflict("gone_out", "It has gone out, or is about to, and says what it says.")
            }
        })
    };
    let communication = Box::pin(change(&app, &grant, id, if_match, CommunicationUpdate::WRITES, decide)).await?;
    let version = communication.meta.version;
    Ok(Versioned(CommunicationView::new(communication, grant.clear()), version))
}
