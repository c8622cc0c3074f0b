//! `GET /devices/{id}`.

use axum::extract::State;
use domain::{DeviceId, Permission};
use web::{App, Envelope, PathId, Problem, SignedIn, Versioned};

use super::{DeviceView, one};

/// One of one's own devices. 1 read.
#[utoipa::path(
    get, path = "/devices/{id}", tag = "notifications", params(("id" = DeviceId, Path)),
    responses((status = 200, description = "The device.", body = Envelope<DeviceView>, headers(("ETag" = String)))),
)]
pub(crate) async fn device_view(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<DeviceId>,
) -> Result<Versioned<DeviceView>, Problem> {
    let (_, device) = one(&app, &signed_in, id, Permission::NotificationsRead).await?;
    let version = device.meta.version;
    Ok(Versioned(device.into(), version))
}
