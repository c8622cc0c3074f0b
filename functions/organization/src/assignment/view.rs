//! `GET /organization/assignment`.

use axum::extract::State;
use domain::{AssignmentPool, Permission};
use web::{App, Envelope, Problem, SignedIn, Versioned};

use super::AssignmentView;

/// Who gets new leads.
#[utoipa::path(
    get, path = "/organization/assignment", tag = "organization",
    responses((status = 200, description = "The pool.", body = Envelope<AssignmentView>)),
)]
pub(crate) async fn assignment_view(
    State(app): State<App>,
    signed_in: SignedIn,
) -> Result<Versioned<AssignmentView>, Problem> {
    let grant = signed_in.caller.allow(Permission::OrganizationRead)?;
    let pool: AssignmentPool = app.table().get(&grant, AssignmentPool::id_of(grant.organization())).await?;
    let version = pool.meta.version;
    Ok(Versioned(pool.into(), version))
}
