//! What people are told inside the product of what happened: each kind of event that tells somebody has its listener.
//!
//! A notification has the id of the event that asked for it, or one derived from the event and its receiver where it has
//! several, and is written together with its receiver's inbox, so that an
//! event which comes again, late, or to two workers at the same time, makes none twice.

mod approvals;
mod communications;
mod leads;
mod reminders;
mod webhooks;

use domain::notification::Arriving;
use domain::{Caller, Event};
use runtime::Platform;

use crate::error::Unfollowed;
use crate::happened::Happened;

/// Makes what the new events among the changes ask for. The place of the first that it could not do.
pub(crate) async fn follow(platform: &Platform, events: &[Happened]) -> Option<usize> {
    for Happened { place, event } in events {
        if let Err(error) = tell(platform, event).await {
            tracing::error!(event = event.kind, subject = event.subject, %error, "a notification was not made");
            return Some(*place);
        }
    }
    None
}

async fn tell(platform: &Platform, event: &Event) -> Result<(), Unfollowed> {
    let grant = Caller::system(event.organization, "events").own();
    let arriving: Vec<Arriving> = match (event.record.as_str(), event.kind.as_str()) {
        ("approval", _) => approvals::told(platform, &grant, event).await?,
        ("communication", communications::RECEIVED) => {
            communications::received(platform, &grant, event).await?.into_iter().collect()
        }
        ("lead", _) => leads::assigned(platform, &grant, event).await?.into_iter().collect(),
        ("reminder", reminders::DUE) => reminders::due(platform, &grant, event).await?.into_iter().collect(),
        ("webhook_endpoint", webhooks::DISABLED) => {
            webhooks::disabled(platform, &grant, event).await?.into_iter().collect()
        }
        _ => Vec::new(),
    };
    for arriving in arriving {
        platform.table().notify(&grant, &arriving, platform.now()).await?;
    }
    Ok(())
}
