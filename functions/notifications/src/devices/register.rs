//! `POST /devices`.

use axum::extract::State;
use domain::push_device::{MAX_DEVICES, PushKeys, Subscription};
use domain::{DeviceId, FieldInvalid, HttpsUrl, Invalid, Label, Permission, PushDevice};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use store::{CommitError, Refused, there};
use utoipa::ToSchema;
use web::wire::fields;
use web::{App, Body, Created, Envelope, Field, Fields, FromWire, Problem, SignedIn};

use super::{DeviceView, all};
use crate::{TRIES, reach};

/// The subscription of a browser, as `PushSubscription.toJSON()` writes it, and what its owner knows it by.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = NewPushDevice)]
pub(crate) struct NewDevice {
    /// Where its push service takes messages.
    #[serde(default)]
    #[schema(value_type = HttpsUrl, required)]
    endpoint: Field<HttpsUrl>,
    #[serde(default)]
    #[schema(value_type = KeysInput, required)]
    keys: Field<Keys>,
    /// When it ends by itself, in milliseconds since 1970; `null` for never.
    #[serde(default, rename = "expirationTime")]
    #[schema(value_type = Option<i64>)]
    expiration_time: Field<Value>,
    /// Such as `Firefox on Linux`.
    #[serde(default)]
    #[schema(value_type = Option<Label>)]
    label: Field<Label>,
}

/// The keys of a subscription, in base64url.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = PushKeys)]
pub(crate) struct KeysInput {
    /// The browser's public key: 65 bytes.
    #[serde(default)]
    #[schema(value_type = String)]
    p256dh: Field<String>,
    /// The secret it shares: 16 bytes.
    #[serde(default)]
    #[schema(value_type = String)]
    auth: Field<String>,
}

struct Keys(PushKeys);

/// Secrets are shown to nobody.
impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(…)")
    }
}

impl FromWire for Keys {
    fn from_wire(value: Value) -> Result<Self, Vec<FieldInvalid>> {
        let KeysInput { p256dh, auth } = fields(value)?;
        let mut wrong = Vec::new();
        let key = p256dh.required("p256dh", &mut wrong);
        let auth = auth.required("auth", &mut wrong);
        let Some((key, auth)) = key.zip(auth) else { return Err(wrong) };
        let named = |(field, invalid)| FieldInvalid::new(field, invalid);
        PushKeys::read(&key, &auth).map(Self).map_err(|wrong| wrong.into_iter().map(named).collect())
    }
}

impl Fields for NewDevice {
    const WRITES: &'static [&'static str] = &["endpoint", "keys", "expirationTime", "label"];
    const READ_ONLY: &'static [&'static str] =
        &["id", "user_id", "service", "expires_at", "used_at", "created_at", "updated_at"];
}

impl NewDevice {
    fn parse(self, now: Timestamp) -> Result<Subscription, Problem> {
        let mut wrong = Vec::new();
        let endpoint = self.endpoint.required("endpoint", &mut wrong);
        let keys = self.keys.required("keys", &mut wrong);
        let label = self.label.optional("label", &mut wrong);
        let expires_at = self.expiration_time.optional("expirationTime", &mut wrong).and_then(|value| {
            let at = value.as_i64().and_then(|millis| Timestamp::from_millisecond(millis).ok());
            let invalid = match at {
                Some(at) if at > now => return Some(at),
                Some(_) => Invalid::new("in_the_past", "must be in the future"),
                None => Invalid::new("not_a_time", "must be a number of milliseconds since 1970"),
            };
            wrong.push(FieldInvalid::new("expirationTime", invalid));
            None
        });
        match endpoint.zip(keys).filter(|_| wrong.is_empty()) {
            Some((endpoint, Keys(keys))) => Ok(Subscription { endpoint, keys, label, expires_at }),
            None => Err(wrong.into()),
        }
    }
}

/// Registers the browser that asks. One that is known already keeps its id, and is the caller's from now on: whoever signs
/// in there is who is told there. Of more than 20, the one that was used least lately goes. 2 reads, 1 Query, 1 transaction.
#[utoipa::path(
    post, path = "/devices", tag = "notifications", request_body = NewDevice,
    responses((status = 201, description = "It is pushed to from now on.", body = Envelope<DeviceView>, headers(("Location" = String)))),
)]
pub(crate) async fn device_register(
    State(app): State<App>,
    signed_in: SignedIn,
    Body(body): Body<NewDevice>,
) -> Result<Created<DeviceView>, Problem> {
    let grant = reach::of(&app, &signed_in, signed_in.user, Permission::NotificationsWrite).await?;
    let subscription = body.parse(app.now())?;
    let claim = PushDevice::claim(&subscription.endpoint);
    for _ in 0..TRIES {
        let now = app.now();
        let known = match app.table().holder::<PushDevice>(grant.organization(), &claim).await? {
            Some(id) => there(app.table().get_to_change::<PushDevice>(&grant, id).await)?,
            None => None,
        };
        let (known_id, is_own) =
            known.as_ref().map_or((None, false), |device| (Some(device.id), device.user == signed_in.user));
        let change = match known {
            Some(device) => device.register_again(signed_in.user, subscription.clone(), now),
            None => {
                let id = DeviceId::at(now, app.platform().random());
                PushDevice::register(id, grant.organization(), signed_in.user, subscription.clone(), now)
            }
        };
        let mut transaction = app.table().transaction();
        let device = transaction.push(&grant, change)?;
        if !is_own {
            let mut others = all(&app, &grant, signed_in.user).await?;
            others.retain(|other| Some(other.id) != known_id);
            others.sort_by_key(|other| std::cmp::Reverse((other.used_at, other.id)));
            for beyond in others.into_iter().skip(MAX_DEVICES - 1) {
                transaction.push(&grant, beyond.remove(now))?;
            }
        }
        match transaction.commit().await {
            Ok(()) => {
                let (location, version) = (format!("/devices/{}", device.id), device.meta.version);
                return Ok(Created { data: device.into(), location, version });
            }
            Err(CommitError::Refused {
                refused: Refused::Conflict | Refused::Exists | Refused::Taken { .. }, ..
            }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Refused::Conflict.into())
}
