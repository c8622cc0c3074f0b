//! Devices that one's notifications are pushed to.

pub(crate) mod delete;
pub(crate) mod key;
pub(crate) mod list;
pub(crate) mod register;
pub(crate) mod view;

use std::num::NonZeroU32;

use domain::push_device::MAX_DEVICES;
use domain::{DeviceId, Grant, Label, Permission, PushDevice, Slot, UserId};
use jiff::Timestamp;
use serde::Serialize;
use store::ListQuery;
use utoipa::ToSchema;
use web::{App, Problem, SignedIn};

use crate::reach;

/// A device. What a message to it needs is told to nobody.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PushDevice)]
pub(crate) struct DeviceView {
    id: DeviceId,
    user_id: UserId,
    /// What its owner knows it by.
    #[schema(required)]
    label: Option<Label>,
    /// The push service that reaches it.
    service: String,
    /// When its subscription ends by itself.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// When it was registered or reached last, to a day.
    #[schema(value_type = String, format = DateTime)]
    used_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl From<PushDevice> for DeviceView {
    fn from(device: PushDevice) -> Self {
        let PushDevice { meta, id, user, endpoint, keys: _, label, expires_at, used_at } = device;
        let host = endpoint.as_str().split('/').nth(2).unwrap_or_default().to_owned();
        Self {
            id,
            user_id: user,
            label,
            service: host,
            expires_at,
            used_at,
            created_at: meta.created_at,
            updated_at: meta.updated_at,
        }
    }
}

/// One's own device; others' are not there. 1 read.
async fn one(
    app: &App,
    signed_in: &SignedIn,
    id: DeviceId,
    permission: Permission,
) -> Result<(Grant, PushDevice), Problem> {
    let grant = reach::of(app, signed_in, signed_in.user, permission).await?;
    let device: PushDevice = app.table().get_to_change(&grant, id).await?;
    if device.user == signed_in.user { Ok((grant, device)) } else { Err(Problem::not_found()) }
}

/// All of somebody's, the newest first: 1 Query.
async fn all(app: &App, grant: &Grant, user: UserId) -> Result<Vec<PushDevice>, Problem> {
    // Two that register at the same time may both find room.
    let limit = NonZeroU32::MIN.saturating_add(u32::try_from(2 * MAX_DEVICES).unwrap_or_default());
    let query = ListQuery::new(Slot::One, "user", user.to_string(), limit);
    Ok(app.table().list::<PushDevice>(grant, &query, |_| true).await?.records)
}
