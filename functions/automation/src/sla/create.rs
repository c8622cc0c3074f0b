//! `POST /sla-policies`.

use axum::extract::State;
use domain::{Permission, SlaPolicy, SlaPolicyId};
use web::{App, Body, Created, Envelope, Problem, SignedIn};

use super::body::{SlaPolicyBody, known};
use super::room;
use super::view::SlaPolicyView;
use crate::body::writing;

/// Makes a service level. It acts within your rows, and each of its actions needs the permission that you would need for
/// it. It starts clocks from within half a minute on, for leads that arrive or are assigned from then on.
#[utoipa::path(
    post, path = "/sla-policies", tag = "sla", request_body = SlaPolicyBody,
    responses((status = 201, body = Envelope<SlaPolicyView>, headers(("Location" = String), ("ETag" = String)))),
)]
pub(crate) async fn sla_policy_create(
    State(app): State<App>,
    signed_in: SignedIn,
    Body(body): Body<SlaPolicyBody>,
) -> Result<Created<SlaPolicyView>, Problem> {
    let grant = signed_in.caller.allow(Permission::SlaWrite)?;
    let zone = app.organization(&grant).await?.time_zone();
    let (details, now) = (body.details(&zone)?, app.now());
    let id = SlaPolicyId::at(now, app.platform().random());
    let change = SlaPolicy::create(id, grant.organization(), details, &writing(&signed_in, &zone, now))?;
    known(&app, &grant, &change.after.targets).await?;
    room(&app, &grant).await?;
    let policy = app.table().commit(&grant, change).await?;
    let version = policy.meta.version;
    Ok(Created { data: policy.into(), location: format!("/sla-policies/{id}"), version })
}
