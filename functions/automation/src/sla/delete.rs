//! `DELETE /sla-policies/{id}`.

use axum::extract::State;
use domain::{Permission, SlaPolicy, SlaPolicyId};
use web::{App, Data, Deleted, Envelope, IfMatch, PathId, Problem, SignedIn, change};

/// Deletes a service level; its clocks are cancelled as their next moment comes. It can be restored for 30 days.
#[utoipa::path(
    delete, path = "/sla-policies/{id}", tag = "sla",
    params(("id" = SlaPolicyId, Path)),
    responses((status = 200, body = Envelope<Deleted>)),
)]
pub(crate) async fn sla_policy_delete(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<SlaPolicyId>,
    if_match: IfMatch,
) -> Result<Data<Deleted>, Problem> {
    let grant = signed_in.caller.allow(Permission::SlaWrite)?;
    let now = app.now();
    change(&app, &grant, id, if_match, &[], |policy: SlaPolicy| Ok(policy.delete(now))).await?;
    Ok(Data(Deleted::restorable(&id, now)))
}
