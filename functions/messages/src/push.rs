//! Messages to devices: JSON for the service worker of the frontend.

use domain::{Caller, DeviceId, Grant, Message, Priority, PushDevice};
use jiff::{SignedDuration, Timestamp};
use providers::push::MAX_PAYLOAD;
use providers::{PushError, PushMessage, Urgency};
use runtime::Platform;
use serde_json::{Value, json};
use store::there;

use crate::channel::{Unsent, none};

/// A device that is out of reach for longer is told no more, even where the notification does not expire.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// Pushes a message to a device, and drops the device where its push service knows it no more: 1 read, 1 `POST`; 1 write
/// more a day.
pub(crate) async fn send(platform: &Platform, message: &Message, device: DeviceId) -> Result<String, Unsent> {
    let pusher = platform.pusher().ok_or_else(|| none("push"))?;
    let grant = Caller::system(message.meta.organization, "messages").own();
    let found = there::<PushDevice>(platform.table().get_to_change(&grant, device).await);
    let device = found.map_err(|error| Unsent::NotTaken(error.to_string(), None))?;
    let Some(device) = device else { return Err(Unsent::Gone("the device is gone")) };
    let now = platform.now();
    if device.is_expired(now) {
        drop_it(platform, &grant, device, now).await;
        return Err(Unsent::Gone("the device's subscription has ended"));
    }
    let payload = payload(message);
    // A later push of the same notification replaces one that still waits.
    let topic = message.notification.map(|id| id.uuid().simple().to_string());
    let push = PushMessage {
        endpoint: device.endpoint.as_str(),
        p256dh: device.keys.p256dh(),
        auth: device.keys.auth(),
        payload: payload.as_bytes(),
        ttl: ttl(message, now),
        urgency: urgency(message),
        topic: topic.as_deref(),
        at: now,
        random: platform.random(),
    };
    match pusher.send(&push).await {
        Ok(kept) => {
            if let Some(change) = device.reached(now)
                && let Err(error) = platform.table().commit_unseen(&grant, change).await
            {
                tracing::info!(%error, "that a device was reached is not noted");
            }
            Ok(kept)
        }
        Err(PushError::Gone) => {
            drop_it(platform, &grant, device, now).await;
            Err(Unsent::Gone("the push service knows the device no more"))
        }
        Err(PushError::Refused(why)) => Err(Unsent::Refused(why)),
        Err(PushError::NotTaken { why, rest }) => Err(Unsent::NotTaken(why, rest)),
    }
}

/// A device that stays by mistake is dropped by the next message to it.
async fn drop_it(platform: &Platform, grant: &Grant, device: PushDevice, now: Timestamp) {
    let id = device.id;
    if let Err(error) = platform.table().commit(grant, device.expired(now)).await {
        tracing::warn!(%error, device = %id, "a dead device was not dropped");
    }
}

/// What the frontend's service worker reads: `id`, `title`, `body`, `type`, `priority`, and `url` where a click leads
/// somewhere. The text is cut where it would not fit into one push.
fn payload(message: &Message) -> String {
    let text = |name: &str| message.values.get(name).and_then(Value::as_str).unwrap_or_default();
    let write = |body: &str| {
        let mut payload = json!({
            "id": message.notification,
            "title": text("title"),
            "body": body,
            "type": text("kind"),
            "priority": text("priority"),
        });
        if let Some(url) = message.values.get("link") {
            payload["url"] = url.clone();
        }
        payload.to_string()
    };
    let body = text("message");
    let mut length = body.chars().count();
    loop {
        let cut: String = body.chars().take(length).collect();
        let payload = write(&cut);
        if payload.len() <= MAX_PAYLOAD || length == 0 {
            return payload;
        }
        length = length.saturating_sub((payload.len() - MAX_PAYLOAD).div_ceil(6));
    }
}

/// So many seconds a device that is out of reach may still be told: no longer than the notification is worth it.
fn ttl(message: &Message, now: Timestamp) -> u32 {
    let ends = message.values.get("expires_at").and_then(Value::as_str).and_then(|at| at.parse::<Timestamp>().ok());
    let left = ends.map_or(KEPT, |end| end.duration_since(now).min(KEPT));
    u32::try_from(left.as_secs().max(0)).unwrap_or_default()
}

fn urgency(message: &Message) -> Urgency {
    let priority = message.values.get("priority").and_then(Value::as_str).and_then(|word| word.parse().ok());
    match priority.unwrap_or_default() {
        Priority::Low => Urgency::Low,
        Priority::Normal => Urgency::Normal,
        Priority::High | Priority::Urgent => Urgency::High,
    }
}

#[cfg(test)]
mod tests {
    use domain::{MessageId, MessageTemplate, OrganizationId, Recipient};

    use super::*;

    fn a_message(values: Value) -> Message {
        let now = Timestamp::UNIX_EPOCH;
        let to = Recipient::Push(DeviceId::at(now, [0; 10]));
        let template = MessageTemplate::Notification;
        Message::queue(MessageId::at(now, [0; 10]), OrganizationId::PLATFORM, to, template, values, now).after
    }

    #[test]
    fn a_payload_fits_whatever_it_says() {
        for letter in ["a", "ü", "\"", "\u{1}", "😀"] {
            let message = a_message(
                json!({"title": letter.repeat(255), "message": letter.repeat(5_000), "link": "https://a.example/"}),
            );
            let payload = payload(&message);
            assert!(payload.len() <= MAX_PAYLOAD, "{letter:?}: {}", payload.len());
            let read: Value = serde_json::from_str(&payload).expect("JSON");
            assert_eq!(read["title"], letter.repeat(255));
            assert!(read["body"].as_str().is_some_and(|body| body.len() > 300), "{letter:?}");
        }
    }

    #[test]
    fn it_is_kept_no_longer_than_it_is_worth() {
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(ttl(&a_message(json!({})), now), 86_400);
        assert_eq!(ttl(&a_message(json!({"expires_at": now + SignedDuration::from_secs(90)})), now), 90);
        assert_eq!(urgency(&a_message(json!({"priority": "urgent"}))), Urgency::High);
        assert_eq!(urgency(&a_message(json!({}))), Urgency::Normal);
    }
}
