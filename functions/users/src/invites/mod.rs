//! Invitations to join the organization.

pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod resend;
pub(crate) mod revoke;
pub(crate) mod view;

use domain::invite::{InviteState, LIFE};
use domain::{
    Authority, BranchId, Caller, Change, EmailAddress, Invite, InviteId, Membership, Message, MessageId,
    MessageTemplate, Recipient, RoleKey, RowReach, User, UserId,
};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use web::invite_token::InviteToken;
use web::{App, Problem, SignedIn};

use crate::beyond::{refuse_beyond, refuse_branches};
use crate::known_role::refuse_unknown_role;

/// An invitation, without its token.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InviteView {
    id: InviteId,
    email: EmailAddress,
    role: RoleKey,
    branch_ids: Vec<BranchId>,
    #[schema(required)]
    reach: Option<RowReach>,
    state: InviteState,
    /// Whether its token has ended; it can be sent again.
    expired: bool,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    invited_by: UserId,
    #[schema(required)]
    accepted_by: Option<UserId>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl InviteView {
    fn new(invite: Invite, now: Timestamp) -> Self {
        Self {
            expired: invite.state == InviteState::Pending && now >= invite.expires_at,
            id: invite.id,
            email: invite.email,
            role: invite.role,
            branch_ids: invite.branches,
            reach: invite.reach,
            state: invite.state,
            expires_at: invite.expires_at,
            invited_by: invite.invited_by,
            accepted_by: invite.accepted_by,
            created_at: invite.meta.created_at,
            updated_at: invite.meta.updated_at,
        }
    }
}

/// What whoever takes up an invitation will be, so that it can be told what they may do.
fn member_to_be(invite: &Invite) -> Membership {
    let user = User::new(
        UserId::from_uuid(invite.id.uuid()),
        invite.email.clone(),
        String::new(),
        String::new(),
        invite.meta.created_at,
    );
    let mut member =
        Membership::new(invite.meta.organization, &user, invite.role, invite.branches.clone(), invite.meta.created_at);
    member.reach = invite.reach;
    member
}

/// Invitations grant only what whoever invites has.
async fn refuse_invite_beyond(app: &App, signed_in: &SignedIn, invite: &Invite) -> Result<(), Problem> {
    let organization = invite.meta.organization;
    refuse_unknown_role(app, organization, invite.role).await?;
    let tenant = Caller::system(organization, "users").own();
    let wanted: Authority = app.authority(&tenant, &member_to_be(invite), signed_in.authority.plan).await?;
    refuse_beyond(&signed_in.authority, &wanted)?;
    refuse_branches(app, signed_in, &invite.branches, "branch_ids").await
}

/// The e-mail with the link. The frontend's page of invitations takes the token from it.
async fn message(app: &App, invite: &Invite, token: InviteToken) -> Result<Change<Message>, Problem> {
    let tenant = Caller::system(invite.meta.organization, "users").own();
    let organization = app.organization(&tenant).await?;
    let inviter: Membership = app.table().get(&tenant, Membership::id_of(invite.invited_by)).await?;
    let role = app.authority(&tenant, &member_to_be(invite), organization.plan).await?.role_name;
    let values = json!({
        "organization": organization.name, "inviter": inviter.name, "role": role,
        "link": link(app, token), "days": LIFE.as_hours() / 24,
    });
    let (now, id) = (app.now(), MessageId::at(app.now(), app.platform().random()));
    let to = Recipient::Email(invite.email.clone());
    Ok(Message::queue(id, organization.id, to, MessageTemplate::Invite, values, now))
}

/// Where an invitation is taken up: a page of the frontend, or below the API's own address where no frontend is named.
fn link(app: &App, token: InviteToken) -> String {
    let settings = app.platform().settings();
    let base = settings.app_url.as_deref().unwrap_or_else(|| settings.issuer.trim_end_matches('/'));
    format!("{base}/invites/{}", token.into_text())
}
