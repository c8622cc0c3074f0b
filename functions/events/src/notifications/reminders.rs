//! Whoever has a reminder is told when it is due.

use domain::notification::{Arriving, Notice};
use domain::{Event, Grant, NotificationType, Reminder};
use runtime::Platform;
use store::there;

use crate::error::Unfollowed;

/// The kind of event.
pub(super) const DUE: &str = "reminder.due";

/// To its person, unless it is done or gone by now: 1 read, as its text stands sealed in the reminder alone.
pub(super) async fn due(platform: &Platform, grant: &Grant, event: &Event) -> Result<Option<Arriving>, Unfollowed> {
    let Some(reminder): Option<Reminder> = there(platform.table().get(grant, event.subject.parse()?).await)? else {
        return Ok(None);
    };
    if !reminder.is_pending() {
        return Ok(None);
    }
    let Some(mut notice) = Notice::of_ours("Reminder due", reminder.title.as_str()) else { return Ok(None) };
    notice.lead_id = reminder.lead_id;
    notice.action_url = format!("/reminders/{}", reminder.id).parse().ok();
    notice.action_label = "View reminder".parse().ok();
    let arriving = Arriving::by(event, reminder.agent, NotificationType::Reminder, notice);
    Ok(Some(Arriving { priority: reminder.priority, ..arriving }))
}
