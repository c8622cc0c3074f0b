//! `PUT /users/{id}/branches`.

use axum::extract::State;
use domain::{BranchId, Change, Membership, Permission, UserId};
use serde::Deserialize;
use utoipa::ToSchema;
use web::{App, Body, Envelope, Field, Fields, IfMatch, PathId, Problem, SignedIn, Versioned};

use super::UserView;
use crate::beyond::check_branches;
use crate::editing::Edit;

/// Where somebody works from now on.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct UserBranches {
    /// The first is where their new records go.
    #[serde(default)]
    #[schema(value_type = Vec<BranchId>, required, min_items = 1, max_items = 20)]
    branch_ids: Field<Vec<BranchId>>,
}

impl Fields for UserBranches {
    const WRITES: &'static [&'static str] = &["branch_ids"];
}

impl UserBranches {
    fn parse(self) -> Result<Vec<BranchId>, Problem> {
        let mut wrong = Vec::new();
        let branches = self.branch_ids.required("branch_ids", &mut wrong);
        check_branches(branches.as_ref(), &mut wrong);
        branches.filter(|_| wrong.is_empty()).ok_or_else(|| wrong.into())
    }
}

/// Sets the branches in which somebody works: only those in one's own reach can be given.
#[utoipa::path(
    put, path = "/users/{id}/branches", tag = "users", params(("id" = UserId, Path)), request_body = UserBranches,
    responses((status = 200, description = "As they are now.", body = Envelope<UserView>)),
)]
pub(crate) async fn user_branches_update(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<UserId>,
    if_match: IfMatch,
    Body(body): Body<UserBranches>,
) -> Result<Versioned<UserView>, Problem> {
    let grant = signed_in.caller.allow(Permission::UsersWrite)?;
    let (branches, now) = (body.parse()?, app.now());
    let member = Edit::of(&app, &signed_in, &grant, id)
        .seen(if_match, &["branches"])
        .run(|member: Membership| {
            let mut after = member.clone();
            after.branches.clone_from(&branches);
            after.meta.updated_at = now;
            Ok(Change::update(member, after, "membership.updated"))
        })
        .await?;
    app.forget_everybody();
    let version = member.meta.version;
    Ok(Versioned(member.into(), version))
}
