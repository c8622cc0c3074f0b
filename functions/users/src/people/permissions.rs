//! `PUT /users/{id}/permissions`.

use axum::extract::State;
use domain::{Change, Membership, Permission, Permissions, UserId};
use serde::Deserialize;
use utoipa::ToSchema;
use web::{App, Body, Envelope, Field, Fields, IfMatch, PathId, Problem, SignedIn, Versioned};

use super::UserView;
use crate::editing::Edit;
use crate::permitted::permitted;

/// What somebody may do beside their role from now on.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct UserPermissions {
    /// `module:action` each; an empty list leaves them their role.
    #[serde(default)]
    #[schema(value_type = Vec<String>, required, max_items = 200)]
    permissions: Field<Vec<String>>,
}

impl Fields for UserPermissions {
    const WRITES: &'static [&'static str] = &["permissions"];
}

impl UserPermissions {
    fn parse(self) -> Result<Permissions, Problem> {
        let mut wrong = Vec::new();
        let permissions = self.permissions.required("permissions", &mut wrong);
        let permissions = permitted(permissions, "permissions", &mut wrong);
        permissions.filter(|_| wrong.is_empty()).ok_or_else(|| wrong.into())
    }
}

/// Sets what somebody may do beside their role: only what one may do oneself.
#[utoipa::path(
    put, path = "/users/{id}/permissions", tag = "users", params(("id" = UserId, Path)),
    request_body = UserPermissions,
    responses((status = 200, description = "As they are now.", body = Envelope<UserView>)),
)]
pub(crate) async fn user_permissions_update(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<UserId>,
    if_match: IfMatch,
    Body(body): Body<UserPermissions>,
) -> Result<Versioned<UserView>, Problem> {
    let grant = signed_in.caller.allow(Permission::UsersWrite)?;
    let (extra, now) = (body.parse()?, app.now());
    let member = Edit::of(&app, &signed_in, &grant, id)
        .seen(if_match, &["extra"])
        .run(|member: Membership| {
            let mut after = member.clone();
            after.extra = extra;
            after.meta.updated_at = now;
            Ok(Change::update(member, after, "membership.updated"))
        })
        .await?;
    app.forget_everybody();
    let version = member.meta.version;
    Ok(Versioned(member.into(), version))
}
