//! `GET /notifications/push-key`.

use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;
use web::{App, Data, Envelope, Problem, SignedIn};

/// Who pushes here.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PushKey {
    /// The public key of VAPID (RFC 8292): an uncompressed point of P-256, in base64url.
    public_key: String,
}

/// The key that a browser subscribes for: `applicationServerKey` of `PushManager.subscribe()`. 503 `push_unavailable` where
/// nothing is pushed here. No call.
#[utoipa::path(
    get, path = "/notifications/push-key", tag = "notifications",
    responses((status = 200, description = "The key.", body = Envelope<PushKey>)),
)]
pub(crate) async fn push_key_view(State(app): State<App>, _: SignedIn) -> Result<Data<PushKey>, Problem> {
    match app.platform().vapid() {
        Some(vapid) => {
            let vapid = vapid.map_err(Problem::internal)?;
            Ok(Data(PushKey { public_key: vapid.public_key().to_owned() }))
        }
        None => {
            Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "push_unavailable", "Nothing is pushed to devices here."))
        }
    }
}
