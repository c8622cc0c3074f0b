//! `DELETE /devices/{id}`.

use axum::extract::State;
use domain::{DeviceId, Permission};
use web::{App, Data, Deleted, Envelope, IfMatch, PathId, Problem, SignedIn, refuse_changed};

use super::one;

/// Takes one of one's own devices off; nothing is pushed to it any more. A frontend does so before somebody signs out.
/// 1 read, 1 transaction.
#[utoipa::path(
    delete, path = "/devices/{id}", tag = "notifications", params(("id" = DeviceId, Path)),
    responses((status = 200, description = "It is gone.", body = Envelope<Deleted>)),
)]
pub(crate) async fn device_delete(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<DeviceId>,
    if_match: IfMatch,
) -> Result<Data<Deleted>, Problem> {
    let (grant, device) = one(&app, &signed_in, id, Permission::NotificationsWrite).await?;
    refuse_changed(&app, &grant, &device, if_match, &[]).await?;
    app.table().commit(&grant, device.remove(app.now())).await?;
    Ok(Data(Deleted::for_good(&id)))
}
