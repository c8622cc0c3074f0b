//! `POST /notifications`.

use axum::extract::State;
use domain::notification::Arriving;
use domain::{
    CustomFields, FieldInvalid, Invalid, Label, LeadId, Line, Note, NotificationId, NotificationType, Permission,
    Priority, UserId,
};
use jiff::Timestamp;
use serde::Deserialize;
use store::Notified;
use utoipa::ToSchema;
use web::{App, Body, Created, Envelope, Field, Fields, Problem, SignedIn};

use crate::notice::{self, Said};
use crate::reach;
use crate::view::NotificationView;

/// A notification to be.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct NewNotification {
    /// Who is to be told; oneself where nothing is said.
    #[serde(default)]
    #[schema(value_type = Option<UserId>)]
    user_id: Field<UserId>,
    /// The same person.
    #[serde(default)]
    #[schema(value_type = Option<UserId>)]
    agent_id: Field<UserId>,
    #[serde(default)]
    #[schema(value_type = Line<255>, required)]
    title: Field<Line<255>>,
    #[serde(default)]
    #[schema(value_type = Note, required)]
    message: Field<Note>,
    #[serde(default, rename = "type")]
    #[schema(value_type = Option<NotificationType>)]
    kind: Field<NotificationType>,
    #[serde(default)]
    #[schema(value_type = Option<Priority>)]
    priority: Field<Priority>,
    #[serde(default)]
    #[schema(value_type = Option<LeadId>)]
    lead_id: Field<LeadId>,
    #[serde(default)]
    #[schema(value_type = Option<Label>)]
    student_id: Field<Label>,
    /// Where a click leads: a path of the frontend, or https.
    #[serde(default)]
    #[schema(value_type = Option<Line<2000>>)]
    action_url: Field<Line<2000>>,
    #[serde(default)]
    #[schema(value_type = Option<Label>)]
    action_label: Field<Label>,
    /// Whatever else is to be known.
    #[serde(default)]
    #[schema(value_type = Option<CustomFields>)]
    metadata: Field<CustomFields>,
    /// The same.
    #[serde(default)]
    #[schema(value_type = Option<CustomFields>)]
    data: Field<CustomFields>,
    /// When it is gone by itself, in the future.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Field<String>,
}

impl Fields for NewNotification {
    const WRITES: &'static [&'static str] = &[
        "user_id",
        "agent_id",
        "title",
        "message",
        "type",
        "priority",
        "lead_id",
        "student_id",
        "action_url",
        "action_label",
        "metadata",
        "data",
        "expires_at",
    ];
    const READ_ONLY: &'static [&'static str] =
        &["id", "is_read", "read_status", "read_at", "created_by", "broadcast_id", "created_at", "updated_at"];
}

impl NewNotification {
    fn parse(self, now: Timestamp) -> Result<(Option<UserId>, Said), Problem> {
        let mut wrong = Vec::new();
        let user = self.user_id.optional("user_id", &mut wrong);
        let agent = self.agent_id.optional("agent_id", &mut wrong);
        if user.zip(agent).is_some_and(|(user, agent)| user != agent) {
            wrong.push(FieldInvalid::new("agent_id", Invalid::new("contradiction", "is somebody else than user_id")));
        }
        let fields = notice::Fields {
            title: self.title,
            message: self.message,
            kind: self.kind,
            priority: self.priority,
            lead_id: self.lead_id,
            student_id: self.student_id,
            action_url: self.action_url,
            action_label: self.action_label,
            metadata: self.metadata,
            data: self.data,
            expires_at: self.expires_at,
        };
        let said = fields.parse(NotificationType::Info, now, &mut wrong);
        said.filter(|_| wrong.is_empty()).map(|said| (user.or(agent), said)).ok_or_else(|| wrong.into())
    }
}

/// Tells somebody in reach something, or oneself. Who is not there is 422 `unknown_user`. An inbox holds 200 times at
/// which something expires: 409 `inbox_full` beyond. 1 to 3 reads and 1 transaction of 3 items.
#[utoipa::path(
    post, path = "/notifications", tag = "notifications", request_body = NewNotification,
    responses((status = 201, description = "It is in their inbox.", body = Envelope<NotificationView>)),
)]
pub(crate) async fn notification_create(
    State(app): State<App>,
    signed_in: SignedIn,
    Body(body): Body<NewNotification>,
) -> Result<Created<NotificationView>, Problem> {
    let now = app.now();
    let (user, said) = body.parse(now)?;
    let user = user.unwrap_or(signed_in.user);
    let grant = match reach::of(&app, &signed_in, user, Permission::NotificationsWrite).await {
        Err(problem) if problem.code() == "not_found" => {
            let unknown = Invalid::new("unknown_user", "is nobody whom you can notify");
            return Err(Problem::field("user_id", unknown));
        }
        grant => grant?,
    };
    said.refuse_unseen(&app, &signed_in).await?;
    let Said { kind, priority, notice, expires_at } = said;
    let id = NotificationId::at(now, app.platform().random());
    let created_by = Some(signed_in.user);
    let arriving =
        Arriving { id, user, kind, priority, notice, expires_at, created_by, broadcast: None, channels: None };
    match app.table().notify(&grant, &arriving, now).await? {
        Notified::New(notification) => {
            let version = notification.meta.version;
            let inbox = app.table().inbox(&grant, user, now).await?;
            let data = NotificationView::of(*notification, &inbox);
            Ok(Created { data, location: format!("/notifications/{id}"), version })
        }
        Notified::Known => Err(store::Refused::Exists.into()),
        Notified::Full => {
            Err(Problem::conflict("inbox_full", "Their inbox takes no more of what expires at a time of its own."))
        }
    }
}
