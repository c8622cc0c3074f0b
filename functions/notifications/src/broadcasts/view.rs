//! `GET /notifications/broadcasts/{id}`.

use axum::extract::State;
use domain::broadcast::Broadcast;
use domain::{BroadcastId, Permission};
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

use super::{BroadcastView, is_seen};

/// How far a broadcast is: one's own, or any for whoever reaches all rows.
#[utoipa::path(
    get, path = "/notifications/broadcasts/{id}", tag = "notifications", params(("id" = BroadcastId, Path)),
    responses((status = 200, description = "The broadcast.", body = Envelope<BroadcastView>)),
)]
pub(crate) async fn broadcast_view(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<BroadcastId>,
) -> Result<Versioned<BroadcastView>, Problem> {
    let grant = signed_in.caller.allow(Permission::NotificationsBroadcast)?;
    let broadcast: Broadcast = app.table().get(&grant, id).await?;
    if !is_seen(&signed_in, &broadcast) {
        return Err(Problem::not_found());
    }
    let version = broadcast.meta.version;
    Ok(Versioned(broadcast.into(), version))
}
