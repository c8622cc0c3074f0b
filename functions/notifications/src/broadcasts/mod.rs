//! Notifications to many people at once.

pub(crate) mod list;
pub(crate) mod send;
pub(crate) mod system;
pub(crate) mod view;

use axum::http::{HeaderName, StatusCode, header};
use domain::broadcast::{Audience, Broadcast, BroadcastStatus, BroadcastStep, MAX_NAMED, Reached, Sending};
use domain::notification::Notice;
use domain::{
    Branch, BranchId, BroadcastId, CustomFields, CustomRole, FieldInvalid, Grant, Invalid, Label, LeadId, Line,
    MAX_BRANCHES_OF_A_MEMBER, Membership, MembershipId, Note, NotificationType, Permission, Priority, RoleKey, Rows,
    UserId,
};
use futures::future::try_join_all;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::{StoreError, there};
use utoipa::ToSchema;
use web::{App, Data, Field, Fields, Problem, SignedIn};

use crate::notice::{self, Said};

/// A broadcast and how far it is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Broadcast)]
pub(crate) struct BroadcastView {
    id: BroadcastId,
    #[serde(rename = "type")]
    kind: NotificationType,
    title: Line<255>,
    message: Note,
    priority: Priority,
    /// Who is told, of those in the sender's reach who may come in.
    audience: Audience,
    status: BroadcastStatus,
    /// How many people were dealt with so far.
    progress: Reached,
    #[schema(required, value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    created_by: UserId,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    #[schema(required, value_type = Option<String>, format = DateTime)]
    finished_at: Option<Timestamp>,
}

impl From<Broadcast> for BroadcastView {
    fn from(broadcast: Broadcast) -> Self {
        let Broadcast { meta, id, created_by, audience, kind, priority, notice, expires_at, status, reached, .. } =
            broadcast;
        let Notice { title, message, .. } = notice;
        Self {
            id,
            kind,
            title,
            message,
            priority,
            audience,
            status,
            progress: reached,
            expires_at,
            created_by,
            created_at: meta.created_at,
            updated_at: meta.updated_at,
            finished_at: broadcast.finished_at,
        }
    }
}

/// A broadcast to be.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct NewBroadcast {
    /// These people, at most 500; not beside roles and branches.
    #[serde(default)]
    #[schema(value_type = Option<Vec<UserId>>, max_items = 500)]
    user_ids: Field<Vec<UserId>>,
    /// Whoever has one of these roles.
    #[serde(default)]
    #[schema(value_type = Option<Vec<RoleKey>>, max_items = 20)]
    roles: Field<Vec<RoleKey>>,
    /// Whoever works in one of these branches.
    #[serde(default)]
    #[schema(value_type = Option<Vec<BranchId>>, max_items = 20)]
    branch_ids: Field<Vec<BranchId>>,
    /// Everybody in reach.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    everybody: Field<bool>,
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

impl Fields for NewBroadcast {
    const WRITES: &'static [&'static str] = &[
        "user_ids",
        "roles",
        "branch_ids",
        "everybody",
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
        &["id", "audience", "status", "progress", "created_by", "created_at", "updated_at", "finished_at"];
}

impl NewBroadcast {
    /// Reads it; where it names nobody, `usual` is told, if there is such.
    fn parse(
        self,
        usual: Option<Audience>,
        kind: NotificationType,
        now: Timestamp,
    ) -> Result<(Audience, Said), Problem> {
        let mut wrong = Vec::new();
        let users = self.user_ids.optional("user_ids", &mut wrong).unwrap_or_default();
        let roles = self.roles.optional("roles", &mut wrong).unwrap_or_default();
        let branches = self.branch_ids.optional("branch_ids", &mut wrong).unwrap_or_default();
        let everybody = self.everybody.optional("everybody", &mut wrong).unwrap_or(false);
        for (field, count, most) in [
            ("user_ids", users.len(), MAX_NAMED),
            ("roles", roles.len(), MAX_BRANCHES_OF_A_MEMBER),
            ("branch_ids", branches.len(), MAX_BRANCHES_OF_A_MEMBER),
        ] {
            if count > most {
                let invalid = Invalid::new("too_many", format!("must name at most {most}"));
                wrong.push(FieldInvalid::new(field, invalid));
            }
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
        let said = fields.parse(kind, now, &mut wrong);
        let audience = audience(users, roles, branches, everybody).map(|audience| audience.or(usual));
        let audience = match audience {
            Ok(Some(audience)) => Some(audience),
            Ok(None) => {
                wrong.push(FieldInvalid::new("user_ids", Invalid::required()));
                None
            }
            Err(invalid) => {
                wrong.push(invalid);
                None
            }
        };
        audience.zip(said).filter(|_| wrong.is_empty()).ok_or_else(|| wrong.into())
    }
}

/// Who is named; nobody is `None`.
fn audience(
    mut users: Vec<UserId>,
    roles: Vec<RoleKey>,
    branches: Vec<BranchId>,
    everybody: bool,
) -> Result<Option<Audience>, FieldInvalid> {
    let matching = !roles.is_empty() || !branches.is_empty();
    let ways = [!users.is_empty(), matching, everybody].into_iter().filter(|way| *way).count();
    if ways > 1 {
        let words = "name people, or roles and branches, or everybody";
        return Err(FieldInvalid::new("user_ids", Invalid::new("contradiction", words)));
    }
    Ok(if everybody {
        Some(Audience::Everybody)
    } else if matching {
        Some(Audience::Matching { roles, branch_ids: branches })
    } else if users.is_empty() {
        None
    } else {
        users.sort_unstable();
        users.dedup();
        Some(Audience::Named { user_ids: users })
    })
}

/// Sends it on its way: 1 `BatchGetItem` a 100 people who are named, or 1 read a role or branch; 1 transaction, 1 message.
async fn send(
    app: &App,
    signed_in: &SignedIn,
    body: NewBroadcast,
    usual: Option<Audience>,
    kind: NotificationType,
) -> Result<(StatusCode, [(HeaderName, String); 1], Data<BroadcastView>), Problem> {
    let grant = signed_in.caller.allow(Permission::NotificationsBroadcast)?;
    let now = app.now();
    let (audience, said) = body.parse(usual, kind, now)?;
    refuse_unknown(app, &grant, &audience).await?;
    said.refuse_unseen(app, signed_in).await?;
    let Said { kind, priority, notice, expires_at } = said;
    let rows = grant.rows().clone();
    let sending = Sending { by: signed_in.user, rows, audience, kind, priority, notice, expires_at };
    let id = BroadcastId::at(now, app.platform().random());
    let broadcast = app.table().commit(&grant, Broadcast::send(id, grant.organization(), sending, now)).await?;
    let step = BroadcastStep { organization: grant.organization(), broadcast: id };
    if let Err(error) = app.platform().broadcasts()?.send(&step).await {
        tracing::warn!(%error, broadcast = %id, "the clock will find a broadcast");
    }
    let location = format!("/notifications/broadcasts/{id}");
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], Data(broadcast.into())))
}

/// Refuses people, roles and branches that are not there, or not in reach.
async fn refuse_unknown(app: &App, grant: &Grant, audience: &Audience) -> Result<(), Problem> {
    let mut wrong = Vec::new();
    let mut refuse = |field: &str, place: usize, code: &'static str| {
        wrong.push(FieldInvalid::new(
            format!("{field}.{place}"),
            Invalid::new(code, "is not there, or not in your reach"),
        ));
    };
    match audience {
        Audience::Everybody => {}
        Audience::Named { user_ids } => {
            let ids: Vec<MembershipId> = user_ids.iter().copied().map(Membership::id_of).collect();
            let members = app.table().get_many_to_change::<Membership>(grant, &ids).await?;
            for (place, id) in ids.iter().enumerate() {
                if members.get(id).is_none_or(|member| !member.is_in_reach(grant.rows())) {
                    refuse("user_ids", place, "unknown_user");
                }
            }
        }
        Audience::Matching { roles, branch_ids } => {
            for (place, known) in
                try_join_all(roles.iter().map(|role| is_role(app, grant, *role))).await?.iter().enumerate()
            {
                if !known {
                    refuse("roles", place, "unknown_role");
                }
            }
            let known = try_join_all(branch_ids.iter().map(|branch| is_branch(app, grant, *branch))).await?;
            for (place, known) in known.iter().enumerate() {
                if !known {
                    refuse("branch_ids", place, "unknown_branch");
                }
            }
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.into()) }
}

async fn is_role(app: &App, grant: &Grant, role: RoleKey) -> Result<bool, StoreError> {
    match role {
        RoleKey::Template(_) => Ok(true),
        RoleKey::Own(id) => Ok(there(app.table().get::<CustomRole>(grant, id).await)?.is_some()),
    }
}

async fn is_branch(app: &App, grant: &Grant, id: BranchId) -> Result<bool, StoreError> {
    if matches!(grant.rows(), Rows::Branches { branches } if !branches.contains(&id)) {
        return Ok(false);
    }
    Ok(there(app.table().get::<Branch>(grant, id).await)?.is_some())
}

/// Whether somebody sees a broadcast: the sender does, and whoever reaches all rows.
fn is_seen(signed_in: &SignedIn, broadcast: &Broadcast) -> bool {
    broadcast.created_by == signed_in.user || matches!(signed_in.caller.rows(), Rows::All)
}
