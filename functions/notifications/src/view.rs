//! `GET /notifications/{id}`, and how a notification looks from outside.

use axum::extract::State;
use domain::{
    BroadcastId, CustomFields, Inbox, Label, LeadId, Line, Note, Notification, NotificationId, NotificationType,
    Permission, Priority, UserId,
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

use crate::reach;

/// A notification, in the spelling of every product.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Notification)]
pub(crate) struct NotificationView {
    id: NotificationId,
    /// Who received it.
    user_id: UserId,
    /// The same person.
    agent_id: UserId,
    #[serde(rename = "type")]
    kind: NotificationType,
    title: Line<255>,
    message: Note,
    priority: Priority,
    is_read: bool,
    /// The same.
    read_status: bool,
    /// When it was read; `null` where it is not, or was read together with all others.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    read_at: Option<Timestamp>,
    #[schema(required)]
    lead_id: Option<LeadId>,
    #[schema(required)]
    student_id: Option<Label>,
    /// Where a click leads.
    #[schema(required)]
    action_url: Option<Line<2000>>,
    #[schema(required)]
    action_label: Option<Label>,
    metadata: CustomFields,
    /// The same.
    data: CustomFields,
    /// When it is gone by itself.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// Who sent it; `null` for the platform.
    #[schema(required)]
    created_by: Option<UserId>,
    /// What it is a part of.
    #[schema(required)]
    broadcast_id: Option<BroadcastId>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl NotificationView {
    pub(crate) fn of(notification: Notification, inbox: &Inbox) -> Self {
        let is_read = inbox.is_read(&notification);
        let Notification {
            meta,
            id,
            user,
            kind,
            priority,
            notice,
            expires_at,
            created_by,
            broadcast,
            read_at,
            channels: _,
        } = notification;
        let domain::notification::Notice { title, message, lead_id, student_id, action_url, action_label, metadata } =
            notice;
        Self {
            id,
            user_id: user,
            agent_id: user,
            kind,
            title,
            message,
            priority,
            is_read,
            read_status: is_read,
            read_at,
            lead_id,
            student_id,
            action_url,
            action_label,
            data: metadata.clone(),
            metadata,
            expires_at,
            created_by,
            broadcast_id: broadcast,
            created_at: meta.created_at,
            updated_at: meta.updated_at,
        }
    }
}

/// One notification: one's own, or with a permission that of somebody in reach. 2 reads.
#[utoipa::path(
    get, path = "/notifications/{id}", tag = "notifications", params(("id" = NotificationId, Path)),
    responses((status = 200, description = "The notification.", body = Envelope<NotificationView>)),
)]
pub(crate) async fn notification_view(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<NotificationId>,
) -> Result<Versioned<NotificationView>, Problem> {
    let (_, notification, inbox) = reach::one(&app, &signed_in, id, Permission::NotificationsRead).await?;
    let version = notification.meta.version;
    Ok(Versioned(NotificationView::of(notification, &inbox), version))
}
