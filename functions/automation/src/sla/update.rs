//! `PUT /sla-policies/{id}`.

use axum::extract::State;
use domain::{Permission, SlaPolicy, SlaPolicyId};
use web::{App, Body, Envelope, IfMatch, PathId, Problem, SignedIn, Versioned, change};

use super::body::{SlaPolicyBody, known};
use super::view::SlaPolicyView;
use crate::body::writing;

/// Changes a service level. Clocks that run go on by the revision they began with. Whoever changes what it does must be
/// permitted all of it; it acts within their rows from then on.
#[utoipa::path(
    put, path = "/sla-policies/{id}", tag = "sla",
    params(("id" = SlaPolicyId, Path)),
    request_body = SlaPolicyBody,
    responses((status = 200, body = Envelope<SlaPolicyView>, headers(("ETag" = String)))),
)]
pub(crate) async fn sla_policy_update(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<SlaPolicyId>,
    if_match: IfMatch,
    Body(body): Body<SlaPolicyBody>,
) -> Result<Versioned<SlaPolicyView>, Problem> {
    let grant = signed_in.caller.allow(Permission::SlaWrite)?;
    let zone = app.organization(&grant).await?.time_zone();
    let patch = body.patch(&zone)?;
    if let Some(targets) = &patch.targets {
        known(&app, &grant, targets).await?;
    }
    let writing = writing(&signed_in, &zone, app.now());
    let fields = ["name", "description", "enabled", "conditions", "targets"];
    let policy =
        change(&app, &grant, id, if_match, &fields, |policy: SlaPolicy| Ok(policy.update(patch.clone(), &writing)?))
            .await?;
    let version = policy.meta.version;
    Ok(Versioned(policy.into(), version))
}
