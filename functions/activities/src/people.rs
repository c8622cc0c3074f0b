//! Whose a record is, and the lead that it names.

use domain::{Call, CallId, Grant, Permission, UserId};
pub(crate) use web::members::named_lead;
use web::members::{assignee, named};
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

/// The call that a body names: 1 read; a 422 on `call_id` where the caller sees no such call.
pub(crate) async fn named_call(app: &App, grant: &Grant, id: CallId) -> Result<Call, Problem> {
    named(app, grant, Permission::CallsRead, id, ("call_id", "unknown_call", "is no call that you see")).await
}
