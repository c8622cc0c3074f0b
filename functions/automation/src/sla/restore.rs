//! `POST /sla-policies/{id}/restore`.

use axum::extract::State;
use domain::{Permission, SlaPolicy, SlaPolicyId};
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

use super::room;
use super::view::SlaPolicyView;

/// Brings a deleted service level back as it was; its clocks that were cancelled stay so.
#[utoipa::path(
    post, path = "/sla-policies/{id}/restore", tag = "sla",
    params(("id" = SlaPolicyId, Path)),
    responses((status = 200, body = Envelope<SlaPolicyView>, headers(("ETag" = String)))),
)]
pub(crate) async fn sla_policy_restore(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<SlaPolicyId>,
) -> Result<Versioned<SlaPolicyView>, Problem> {
    let grant = signed_in.caller.allow(Permission::SlaWrite)?;
    let policy: SlaPolicy = app.table().get_deleted(&grant, id).await?;
    room(&app, &grant).await?;
    let policy = app.table().commit(&grant, policy.restore(app.now())).await?;
    let version = policy.meta.version;
    Ok(Versioned(policy.into(), version))
}
