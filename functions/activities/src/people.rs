//! Whose a record is, and the lead that it names.

use domain::{FieldInvalid, Grant, Invalid, Lead, LeadId, Permission, UserId};
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
pub(crate) async fn named_lead(app: &App, grant: &Grant, id: LeadId) -> Result<Lead, Problem> {
    let unknown = || Problem::from(vec![FieldInvalid::new("lead_id", unknown_lead())]);
    if !grant.may(Permission::LeadsRead) {
        return Err(unknown());
    }
    match app.table().get_to_change::<Lead>(grant, id).await {
        Ok(lead) => Ok(lead),
        Err(ReadError::NotFound) => Err(unknown()),
        Err(error) => Err(error.into()),
    }
}

fn unknown_lead() -> Invalid {
    Invalid::new("unknown_lead", "is no lead that you see")
}
