//! What people are told inside the product of what happened: each kind of event that tells somebody has its listener.
//!
//! A notification has the id of the event that asked for it and is written together with its receiver's inbox, so that an
//! event which comes again, late, or to two workers at the same time, makes none twice.

mod leads;
mod reminders;
mod webhooks;

use domain::notification::Arriving;
use domain::{Caller, Event};
use runtime::Platform;
use store::StreamImage;

use crate::error::Unfollowed;

/// Makes what the new events among the changes ask for. The place of the first that it could not do.
pub(crate) async fn follow(platform: &Platform, images: &[StreamImage]) -> Option<usize> {
    for (place, image) in images.iter().enumerate() {
        let Some(event) = concerning(platform, image) else { continue };
        if let Err(error) = tell(platform, &event).await {
            tracing::error!(event = event.kind, subject = event.subject, %error, "a notification was not made");
            return Some(place);
        }
    }
    None
}

/// The event of an image, if somebody may have to be told of it. Most are not, and are not parsed for it.
fn concerning(platform: &Platform, image: &StreamImage) -> Option<Event> {
    let named =
        |text: &str| text.contains(leads::NAMED) || text.contains(reminders::DUE) || text.contains(webhooks::DISABLED);
    let event = image.new_event(platform.table().keys(), named)?;
    event.inspect_err(|error| tracing::error!(pk = image.pk, %error, "an event cannot be read")).ok()
}

async fn tell(platform: &Platform, event: &Event) -> Result<(), Unfollowed> {
    let grant = Caller::system(event.organization, "events").own();
    let arriving: Option<Arriving> = match (event.record.as_str(), event.kind.as_str()) {
        ("lead", _) => leads::assigned(platform, &grant, event).await?,
        ("reminder", reminders::DUE) => reminders::due(platform, &grant, event).await?,
        ("webhook_endpoint", webhooks::DISABLED) => webhooks::disabled(platform, &grant, event).await?,
        _ => None,
    };
    if let Some(arriving) = arriving {
        platform.table().notify(&grant, &arriving, platform.now()).await?;
    }
    Ok(())
}
