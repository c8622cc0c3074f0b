//! `POST /invites`.

use axum::extract::State;
use domain::invite::{InviteState, LIFE};
use domain::record::Meta;
use domain::{
    BranchId, Change, EmailAddress, Grant, Invite, InviteId, Membership, OrganizationId, Permission, RoleKey, RowReach,
    User,
};
use serde::Deserialize;
use store::ReadError;
use utoipa::ToSchema;
use web::invite_token::InviteToken;
use web::wire::word;
use web::{App, Body, Created, Envelope, Field, Fields, Problem, SignedIn};

use super::{InviteView, message, refuse_invite_beyond};
use crate::beyond::check_branches;

/// A new invitation.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct NewInvite {
    #[serde(default)]
    #[schema(value_type = EmailAddress, required)]
    email: Field<EmailAddress>,
    #[serde(default)]
    #[schema(value_type = RoleKey, required)]
    role: Field<RoleKey>,
    /// Where they will work; the first is where their new records go.
    #[serde(default)]
    #[schema(value_type = Vec<BranchId>, required, min_items = 1, max_items = 20)]
    branch_ids: Field<Vec<BranchId>>,
    /// The rows they will reach, if not the role's usual ones.
    #[serde(default)]
    #[schema(value_type = Option<RowReach>)]
    reach: Field<String>,
}

impl Fields for NewInvite {
    const WRITES: &'static [&'static str] = &["email", "role", "branch_ids", "reach"];
    const READ_ONLY: &'static [&'static str] =
        &["id", "state", "expired", "expires_at", "invited_by", "accepted_by", "created_at", "updated_at"];
}

struct Parsed {
    email: EmailAddress,
    role: RoleKey,
    branches: Vec<BranchId>,
    reach: Option<RowReach>,
}

impl NewInvite {
    fn parse(self) -> Result<Parsed, Problem> {
        let mut wrong = Vec::new();
        let email = self.email.required("email", &mut wrong);
        let role = self.role.required("role", &mut wrong);
        let branches = self.branch_ids.required("branch_ids", &mut wrong);
        check_branches(branches.as_ref(), &mut wrong);
        let reach = self.reach.optional("reach", &mut wrong);
        let reach = word(reach, "reach", &mut wrong);
        match (email, role, branches) {
            (Some(email), Some(role), Some(branches)) if wrong.is_empty() => {
                Ok(Parsed { email, role, branches, reach })
            }
            _ => Err(wrong.into()),
        }
    }
}

/// Refuses to invite somebody who has a place here already, whether they may come in or not: 1 to 2 reads. Whether an
/// address has an account elsewhere is not told.
async fn refuse_member(app: &App, grant: &Grant, email: &EmailAddress) -> Result<(), Problem> {
    let holder = app.table().holder::<User>(OrganizationId::PLATFORM, &User::email_claim(email)).await?;
    let Some(user) = holder else { return Ok(()) };
    match app.table().get::<Membership>(grant, Membership::id_of(user)).await {
        Ok(_) => Err(Problem::conflict("already_member", "They have a place here already.")),
        Err(ReadError::NotFound) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Invites somebody by e-mail, whether or not they have an account; the link is good for seven days, once. An address
/// with an open invitation is 409 `taken`: send that one again.
///
/// Nobody invites to what they lack, now and when it is taken up: 403 `beyond_own`, 422.
#[utoipa::path(
    post, path = "/invites", tag = "invites", request_body = NewInvite,
    responses((status = 201, description = "Invited.", body = Envelope<InviteView>)),
)]
pub(crate) async fn invite_create(
    State(app): State<App>,
    signed_in: SignedIn,
    Body(body): Body<NewInvite>,
) -> Result<Created<InviteView>, Problem> {
    let grant = signed_in.caller.allow(Permission::UsersWrite)?;
    let Parsed { email, role, branches, reach } = body.parse()?;
    let (now, platform, organization) = (app.now(), app.platform(), grant.organization());
    let id = InviteId::at(now, platform.random());
    let token = InviteToken::new(organization, id, platform.random());
    let invite = Invite {
        meta: Meta::new(organization, now),
        id,
        email,
        role,
        branches,
        reach,
        invited_by: signed_in.user,
        token_hash: token.hash(),
        expires_at: now + LIFE,
        state: InviteState::Pending,
        accepted_by: None,
    };
    refuse_invite_beyond(&app, &signed_in, &invite).await?;
    refuse_member(&app, &grant, &invite.email).await?;
    let message = message(&app, &invite, token).await?;
    let mut transaction = app.table().transaction();
    let invite = transaction.push(&grant, Change::create(invite, "invite.created"))?;
    transaction.push(&grant, message)?;
    transaction.commit().await?;
    let version = invite.meta.version;
    Ok(Created { data: InviteView::new(invite, now), location: format!("/invites/{id}"), version })
}
