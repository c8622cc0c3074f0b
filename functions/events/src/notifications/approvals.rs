//! Those who have to decide what was asked for are told of it, and whoever asked is told how it ended.

use domain::notification::{Arriving, Notice};
use domain::{ApprovalRequest, Event, Grant, NotificationId, NotificationType, UserId};
use runtime::Platform;
use serde_json::Value;
use store::there;

use crate::error::Unfollowed;

/// To the approvers that the event names, and to whoever asked where it ends: 1 read.
pub(super) async fn told(platform: &Platform, grant: &Grant, event: &Event) -> Result<Vec<Arriving>, Unfollowed> {
    let approvers: Vec<UserId> = event.data.get("approvers").map(users).unwrap_or_default();
    let ended = ended(event);
    if approvers.is_empty() && ended.is_none() {
        return Ok(Vec::new());
    }
    let Some(request): Option<ApprovalRequest> = there(platform.table().get(grant, event.subject.parse()?).await)?
    else {
        return Ok(Vec::new());
    };
    let step = event.data.get("step_name").and_then(Value::as_str).unwrap_or_default();
    let asks = if event.kind == "approval.reminded" { "Still to be approved" } else { "To be approved" };
    let mut arriving = Vec::new();
    for user in approvers {
        let message = format!("{} ({step})", request.title);
        let kind = NotificationType::Assignment;
        arriving.extend(notice(&request, asks, &message).map(|notice| to(platform, event, user, kind, notice)));
    }
    // Whoever ends it themselves knows.
    if let Some(title) = ended.filter(|_| event.actor.user() != Some(request.requester)) {
        let (user, kind) = (request.requester, NotificationType::Update);
        let told = notice(&request, title, request.title.as_str());
        arriving.extend(told.map(|notice| to(platform, event, user, kind, notice)));
    }
    Ok(arriving)
}

fn users(value: &Value) -> Vec<UserId> {
    let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(|item| item.as_str()?.parse().ok()).collect()
}

/// What whoever asked is told of the end, where the event is one.
fn ended(event: &Event) -> Option<&'static str> {
    match event.kind.as_str() {
        "approval.approved" => Some("Approved"),
        "approval.rejected" => Some("Rejected"),
        "approval.cancelled" => Some("Cancelled"),
        _ => None,
    }
}

fn notice(request: &ApprovalRequest, title: &str, message: &str) -> Option<Notice> {
    let mut notice = Notice::of_ours(title, message)?;
    notice.lead_id = request.lead_id;
    notice.action_url = format!("/approvals/{}", request.id).parse().ok();
    notice.action_label = "View request".parse().ok();
    Some(notice)
}

/// One event tells several: each notification has an id of the event and of its receiver.
fn to(platform: &Platform, event: &Event, user: UserId, kind: NotificationType, notice: Notice) -> Arriving {
    let parts = ["approval_notification", &event.id.to_string(), &user.to_string()];
    let id = NotificationId::at(event.at, platform.table().hash_key().id_bits(&parts));
    Arriving { id, ..Arriving::by(event, user, kind, notice) }
}
