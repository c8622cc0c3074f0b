//! `GET /retention-policies`.

use axum::extract::State;
use domain::{Permission, RetentionPolicy};
use store::ReadError;
use web::{App, Envelope, Problem, SignedIn, Versioned};

use super::RetentionPolicyView;

/// How long the organization keeps things.
#[utoipa::path(
    get, path = "/retention-policies", tag = "audit",
    responses((status = 200, description = "The policy.", body = Envelope<RetentionPolicyView>)),
)]
pub(crate) async fn retention_policy_view(
    State(app): State<App>,
    signed_in: SignedIn,
) -> Result<Versioned<RetentionPolicyView>, Problem> {
    let grant = signed_in.caller.allow(Permission::SecurityRead)?;
    let id = RetentionPolicy::id_of(grant.organization());
    let policy: RetentionPolicy = match app.table().get(&grant, id).await {
        Err(ReadError::NotFound) => RetentionPolicy::new(grant.organization(), app.now()),
        read => read?,
    };
    let version = policy.meta.version;
    Ok(Versioned(policy.into(), version))
}
