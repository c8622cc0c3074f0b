//! `GET /notifications/{id}/deliveries`.

use std::num::NonZeroU32;

use axum::extract::State;
use domain::message::MessageState;
use domain::push_device::MAX_DEVICES;
use domain::{DeviceId, Message, MessageId, NotificationId, Permission, Recipient, Slot};
use jiff::Timestamp;
use serde::Serialize;
use store::ListQuery;
use utoipa::ToSchema;
use web::{App, Data, Envelope, PathId, Problem, SignedIn};

use crate::reach;

/// On what ways a notification went beyond the inbox.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NotificationDeliveryList {
    deliveries: Vec<DeliveryView>,
}

/// One way, and how far it is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NotificationDelivery)]
struct DeliveryView {
    id: MessageId,
    /// `email`, `sms` or `push`.
    channel: &'static str,
    /// The device, where it was pushed.
    #[schema(required)]
    device_id: Option<DeviceId>,
    state: MessageState,
    tries: u32,
    /// When it is tried next: in quiet hours, their end.
    #[schema(required, value_type = Option<String>, format = DateTime)]
    next_try_at: Option<Timestamp>,
    #[schema(required, value_type = Option<String>, format = DateTime)]
    sent_at: Option<Timestamp>,
    /// Why it was not sent, or not yet; told to its receiver alone, as providers repeat addresses in it.
    #[schema(required)]
    reason: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl DeliveryView {
    fn of(message: Message, told: bool) -> Self {
        let Message { meta, id, to, state, tries, next_try_at, sent_at, failure, .. } = message;
        let device_id = match &to {
            Recipient::Push(device) => Some(*device),
            Recipient::Email(_) | Recipient::Sms(_) | Recipient::Whatsapp(_) => None,
        };
        Self {
            id,
            channel: to.channel(),
            device_id,
            state,
            tries,
            next_try_at: (state == MessageState::Queued).then_some(next_try_at),
            sent_at,
            reason: failure.filter(|_| told),
            created_at: meta.created_at,
            updated_at: meta.updated_at,
        }
    }
}

/// On what ways a notification went beyond the inbox, and what became of it there: of one's own, or with a permission of
/// somebody in reach. 2 reads and 1 Query.
#[utoipa::path(
    get, path = "/notifications/{id}/deliveries", tag = "notifications", params(("id" = NotificationId, Path)),
    responses((status = 200, description = "The ways.", body = Envelope<NotificationDeliveryList>)),
)]
pub(crate) async fn notification_deliveries(
    State(app): State<App>,
    signed_in: SignedIn,
    PathId(id): PathId<NotificationId>,
) -> Result<Data<NotificationDeliveryList>, Problem> {
    let (grant, notification, _) = reach::one(&app, &signed_in, id, Permission::NotificationsRead).await?;
    // An e-mail, a text message, and one push a device.
    let limit = NonZeroU32::MIN.saturating_add(u32::try_from(MAX_DEVICES + 1).unwrap_or_default());
    let query = ListQuery { newest_first: false, ..ListQuery::new(Slot::Two, "notification", id.to_string(), limit) };
    let messages = app.table().list::<Message>(&grant, &query, |_| true).await?.records;
    let told = notification.user == signed_in.user;
    Ok(Data(NotificationDeliveryList {
        deliveries: messages.into_iter().map(|one| DeliveryView::of(one, told)).collect(),
    }))
}
