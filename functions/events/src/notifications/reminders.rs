//! Whoever has a reminder is told when it is due.

use domain::notification::{Arriving, Notice};
use domain::{Event, NotificationType, Priority};
use serde_json::Value;

/// The kind of event. Its data names the `owner` and the `title`, and where there are such the `lead_id` and the
/// `priority`.
pub(super) const DUE: &str = "reminder.due";

/// To its owner: no call.
pub(super) fn due(event: &Event) -> Option<Arriving> {
    let text = |name: &str| event.data.get(name).and_then(Value::as_str);
    let Some(owner) = text("owner").and_then(|owner| owner.parse().ok()) else {
        tracing::error!(subject = event.subject, "a reminder is due and names no owner");
        return None;
    };
    let title = text("title").filter(|title| !title.trim().is_empty()).unwrap_or("A reminder");
    let mut notice = Notice::of_ours("Reminder due", title)?;
    notice.lead_id = text("lead_id").and_then(|lead| lead.parse().ok());
    notice.action_url = format!("/reminders/{}", event.subject).parse().ok();
    notice.action_label = "View reminder".parse().ok();
    let priority = text("priority").and_then(|priority| priority.parse().ok()).unwrap_or(Priority::High);
    Some(Arriving { priority, ..Arriving::by(event, owner, NotificationType::Reminder, notice) })
}
