//! The people and branches that records belong to.

use domain::{Branch, BranchId, FieldInvalid, Grant, Invalid, Membership, UserId};
use store::ReadError;

use crate::{App, Problem, SignedIn};

/// Makes sure that a person belongs to the organization and is within the caller's reach; whoever is not is not there.
/// 1 read.
pub async fn member(app: &App, grant: &Grant, user: UserId) -> Result<Membership, Problem> {
    if grant.rows().owners().is_some_and(|owners| !owners.contains(&user)) {
        return Err(Problem::not_found());
    }
    let member: Membership = app.table().get(grant, Membership::id_of(user)).await?;
    if member.is_in_reach(grant.rows()) { Ok(member) } else { Err(Problem::not_found()) }
}

/// The same for a field of a body: a 422 that names it.
pub async fn assignee(app: &App, grant: &Grant, user: UserId, field: &str) -> Result<Membership, Problem> {
    let nobody = || Problem::field(field, Invalid::new("unknown_user", "is nobody who could take this here"));
    match member(app, grant, user).await {
        Ok(member) if member.is_active() => Ok(member),
        Ok(_) => Err(nobody()),
        Err(problem) if problem.code() == "not_found" => Err(nobody()),
        Err(problem) => Err(problem),
    }
}

/// The branch a new record goes to: the one named, if the caller reaches it, else their own.
pub async fn branch_for(
    app: &App,
    grant: &Grant,
    signed_in: &SignedIn,
    named: Option<BranchId>,
) -> Result<BranchId, Problem> {
    match (named, signed_in.branch) {
        (Some(named), own) if own == Some(named) => Ok(named),
        (None, Some(own)) => Ok(own),
        (None, None) => Err(Problem::field("branch_id", Invalid::required())),
        (Some(named), _) => match app.table().get::<Branch>(grant, named).await {
            Ok(branch) => Ok(branch.id),
            Err(ReadError::NotFound) => Err(Problem::invalid([FieldInvalid::new(
                "branch_id",
                Invalid::new("unknown_branch", "is no branch of yours"),
            )])),
            Err(error) => Err(error.into()),
        },
    }
}
