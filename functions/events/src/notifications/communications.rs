//! Whoever somebody outside writes to is told.

use domain::notification::{Arriving, Notice};
use domain::{Communication, CommunicationType, Event, Grant, Lead, NotificationType};
use runtime::Platform;
use store::there;

use crate::error::Unfollowed;

/// The kind of event.
pub(super) const RECEIVED: &str = "communication.received";
/// So much of what they wrote stands in the notification.
const SHOWN: usize = 200;

/// To whose it is: 1 read, as what was written stands sealed there alone, and 1 for the lead's name.
pub(super) async fn received(
    platform: &Platform,
    grant: &Grant,
    event: &Event,
) -> Result<Option<Arriving>, Unfollowed> {
    let table = platform.table();
    let Some(communication): Option<Communication> = there(table.get(grant, event.subject.parse()?).await)? else {
        return Ok(None);
    };
    let lead: Option<Lead> = match communication.lead_id {
        Some(lead) => there(table.get(grant, lead).await)?,
        None => None,
    };
    let name = lead.as_ref().and_then(|lead| lead.full_name.as_ref()).map_or("somebody new", |name| name.as_str());
    let how = match communication.kind {
        CommunicationType::Email => "E-mail",
        CommunicationType::Sms => "SMS",
        CommunicationType::Whatsapp => "WhatsApp message",
        _ => "Message",
    };
    let content = communication.content.as_ref().map_or("", |content| content.as_str());
    let message = format!("{name}: {}", content.chars().take(SHOWN).collect::<String>());
    let Some(mut notice) = Notice::of_ours(&format!("New {how}"), &message) else { return Ok(None) };
    notice.lead_id = communication.lead_id;
    notice.action_url = format!("/communications/{}", communication.id).parse().ok();
    notice.action_label = "View message".parse().ok();
    Ok(Some(Arriving::by(event, communication.user_id, NotificationType::Alert, notice)))
}
