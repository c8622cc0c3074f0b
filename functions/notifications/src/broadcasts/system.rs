//! `POST /notifications/system`.

use axum::extract::State;
use axum::http::{HeaderName, StatusCode};
use domain::NotificationType;
use domain::broadcast::Audience;
use web::{App, Body, Data, Envelope, Problem, SignedIn};

use super::{BroadcastView, NewBroadcast, send};

/// A broadcast of type `system`, to everybody in reach where nobody is named: 202 with the broadcast to watch.
#[utoipa::path(
    post, path = "/notifications/system", tag = "notifications", request_body = NewBroadcast,
    responses((status = 202, description = "It is on its way.", body = Envelope<BroadcastView>, headers(("Location" = String)))),
)]
pub(crate) async fn notification_system(
    State(app): State<App>,
    signed_in: SignedIn,
    Body(body): Body<NewBroadcast>,
) -> Result<(StatusCode, [(HeaderName, String); 1], Data<BroadcastView>), Problem> {
    send(&app, &signed_in, body, Some(Audience::Everybody), NotificationType::System).await
}
