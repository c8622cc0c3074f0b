//! `POST /users/{id}/reject`.

use axum::extract::State;
use domain::{MemberStatus, Membership, MessageTemplate, Note, Permission, UserId};
use serde::Deserialize;
use utoipa::ToSchema;
use web::{App, Body, Envelope, Field, Fields, PathId, Problem, SignedIn, Versioned};

use super::UserView;
use crate::editing::Edit;

/// Why somebody may not come in.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct Rejection {
    /// They are told.
    #[serde(default)]
    #[schema(value_type = Note, required)]
    reason: Field<Note>,
}

impl Fields for Rejection {
    const WRITES: &'static [&'static str] = &["reason"];
}

impl Rejection {
    fn parse(self) -> Result<Note, Problem> {
        let mut wrong = Vec::new();
        self.reason.required("reason", &mut wrong).ok_or_else(|| wrong.into())
    }
}

/// Does not let somebody in who registered themselves, and tells them why. Where they do not wait for it, 409
/// `not_pending`.
#[utoipa::path(
    post, path = "/users/{id}/reject", tag = "users", params(("id" = UserId, Path)), request_body = Rejection,
    responses((status = 200, description = "They may not come in.", body = Envelope<UserView>)),
)]
pub(crate) async fn user_reject(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<UserId>,
    Body(body): Body<Rejection>,
) -> Result<Versioned<UserView>, Problem> {
    let grant = signed_in.caller.allow(Permission::UsersWrite)?;
    let (reason, now) = (body.parse()?, app.now());
    let member = Edit::of(&app, &signed_in, &grant, id)
        .telling(MessageTemplate::AccountRejected)
        .run(|member: Membership| match member.status {
            MemberStatus::Pending => {
                Ok(member.decide(MemberStatus::Rejected, Some(reason.to_string()), "membership.rejected", now))
            }
            _ => Err(Problem::conflict("not_pending", "They do not wait for anybody to decide.")),
        })
        .await?;
    let version = member.meta.version;
    Ok(Versioned(member.into(), version))
}
