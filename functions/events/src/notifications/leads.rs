//! Whoever gets a lead is told, unless they took it themselves or it is one of a file's.

use domain::notification::{Arriving, Notice};
use domain::{Actor, Event, Grant, Lead, NotificationType, PersonName, UserId};
use runtime::Platform;
use serde_json::Value;
use store::there;

use crate::error::Unfollowed;

/// Whoever imports a file is told of it as a whole.
const IMPORTS: &str = "imports";

/// To a lead's new owner: 1 read.
pub(super) async fn assigned(
    platform: &Platform,
    grant: &Grant,
    event: &Event,
) -> Result<Option<Arriving>, Unfollowed> {
    let Some(owner) = new_owner(event) else { return Ok(None) };
    let imported = matches!(&event.actor, Actor::System { name } if name == IMPORTS);
    if imported || event.actor.user() == Some(owner) {
        return Ok(None);
    }
    let Some(lead): Option<Lead> = there(platform.table().get(grant, event.subject.parse()?).await)? else {
        return Ok(None);
    };
    let name = lead.full_name.as_ref().map_or("A lead without a name", PersonName::as_str);
    let Some(mut notice) = Notice::of_ours("New lead", &format!("You have been assigned a new lead: {name}")) else {
        return Ok(None);
    };
    notice.lead_id = Some(lead.id);
    notice.action_url = format!("/leads/{}", lead.id).parse().ok();
    notice.action_label = "View lead".parse().ok();
    let arriving = Arriving::by(event, owner, NotificationType::Assignment, notice);
    Ok(Some(Arriving { priority: lead.priority, ..arriving }))
}

/// Whom the event gave the lead to: a change of owner, or the owner of a new lead.
fn new_owner(event: &Event) -> Option<UserId> {
    let changed = event.changes.iter().find(|change| change.field == "assigned_to").map(|change| &change.after);
    let owner = changed.or_else(|| event.data.get("assigned_to"));
    owner.and_then(Value::as_str).and_then(|owner| owner.parse().ok())
}
