//! Whose a record is, and the lead that it names.

use domain::{Call, CallId, Grant, Invalid, Lead, LeadId, Permission, Record, UserId};
use store::ReadError;
use web::members::assignee;
use web::{App, Problem, SignedIn};

/// Whose a new record is: the caller's where nobody is named, else somebody's within the caller's reach. 1 read for
/// somebody else.
pub(crate) async fn agent(
    app: &App,
    grant: &Grant,
    signed_in: &SignedIn,
    named: Option<UserId>,
) -> Result<UserId, Problem> {
    match named {
        Some(named) if named != signed_in.user => Ok(assignee(app, grant, named, "agentId").await?.user),
        Some(_) | None => Ok(signed_in.user),
    }
}

/// The lead that a body names: 1 read; a 422 on the field where the caller sees no such lead.
pub(crate) async fn named_lead(app: &App, grant: &Grant, id: LeadId, field: &str) -> Result<Lead, Problem> {
    named(app, grant, Permission::LeadsRead, id, (field, "unknown_lead", "is no lead that you see")).await
}

/// The call that a body names, likewise.
pub(crate) async fn named_call(app: &App, grant: &Grant, id: CallId) -> Result<Call, Problem> {
    named(app, grant, Permission::CallsRead, id, ("call_id", "unknown_call", "is no call that you see")).await
}

async fn named<R: Record>(
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
