//! The people and branches that records belong to.

use domain::{Branch, BranchId, FieldInvalid, Grant, Invalid, Lead, LeadId, Membership, Permission, Record, UserId};
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

/// The lead that a body names: 1 read; a 422 on the field where the caller sees no such lead.
pub async fn named_lead(app: &App, grant: &Grant, id: LeadId, field: &str) -> Result<Lead, Problem> {
    named(app, grant, Permission::LeadsRead, id, (field, "unknown_lead", "is no lead that you see")).await
}

/// The record that a body names, for whoever may see its kind: 1 read; a 422 with a field, a code and words where they
/// see no such record.
pub async fn named<R: Record>(
    app: &App,
    grant: &Grant,
    seeing: Permission,
    id: R::Id,
    (field, code, message): (&str, &'static str, &'static str),
) -> Result<R, Problem> {
    let unknown = || Problem::field(field, Invalid::new(code, message));
    if !grant.may(seeing) {
        return Err(unknown());
    }
    match app.table().get_to_change::<R>(grant, id).await {
        Ok(record) => Ok(record),
        Err(ReadError::NotFound) => Err(unknown()),
        Err(error) => Err(error.into()),
    }
}
