//! `POST /notifications/broadcast`.

use axum::extract::State;
use axum::http::{HeaderName, StatusCode};
use domain::NotificationType;
use web::{App, Body, Data, Envelope, Problem, SignedIn};

use super::{BroadcastView, NewBroadcast, send};

/// Tells many people in reach something, in the background: 202 with the broadcast to watch. Each of them is told once,
/// whatever fails on the way; whoever joins later is not.
#[utoipa::path(
    post, path = "/notifications/broadcast", tag = "notifications", request_body = NewBroadcast,
    responses((status = 202, description = "It is on its way.", body = Envelope<BroadcastView>, headers(("Location" = String)))),
)]
pub(crate) async fn notification_broadcast(
    State(app): State<App>,
    signed_in: SignedIn,
    Body(body): Body<NewBroadcast>,
) -> Result<(StatusCode, [(HeaderName, String); 1], Data<BroadcastView>), Problem> {
    send(&app, &signed_in, body, None, NotificationType::Info).await
}
