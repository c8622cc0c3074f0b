//! `GET /suspicious-activities/{id}`.

use axum::extract::State;
use domain::{Permission, SuspiciousActivity, SuspiciousActivityId};
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

use super::SuspiciousActivityView;

/// One suspicious activity.
#[utoipa::path(
    get, path = "/suspicious-activities/{id}", tag = "audit", params(("id" = SuspiciousActivityId, Path)),
    responses((status = 200, description = "The suspicious activity.", body = Envelope<SuspiciousActivityView>)),
)]
pub(crate) async fn suspicious_activity_view(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<SuspiciousActivityId>,
) -> Result<Versioned<SuspiciousActivityView>, Problem> {
    let grant = signed_in.caller.allow(Permission::SecurityRead)?;
    let activity: SuspiciousActivity = app.table().get(&grant, id).await?;
    let version = activity.meta.version;
    Ok(Versioned(activity.into(), version))
}
