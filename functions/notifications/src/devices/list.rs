//! `GET /devices`.

use axum::extract::State;
use domain::Permission;
use serde::Serialize;
use utoipa::ToSchema;
use web::{App, Data, Envelope, Problem, SignedIn};

use super::{DeviceView, all};
use crate::reach;

/// All of somebody's devices.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PushDeviceList)]
pub(crate) struct DeviceList {
    devices: Vec<DeviceView>,
}

/// One's own devices, the newest first: there are few. 1 Query.
#[utoipa::path(
    get, path = "/devices", tag = "notifications",
    responses((status = 200, description = "The devices.", body = Envelope<DeviceList>)),
)]
pub(crate) async fn device_list(State(app): State<App>, signed_in: SignedIn) -> Result<Data<DeviceList>, Problem> {
    let grant = reach::of(&app, &signed_in, signed_in.user, Permission::NotificationsRead).await?;
    let devices = all(&app, &grant, signed_in.user).await?;
    Ok(Data(DeviceList { devices: devices.into_iter().map(DeviceView::from).collect() }))
}
