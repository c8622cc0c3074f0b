//! Whoever made a webhook endpoint is told when the platform turns it off.

use domain::notification::{Arriving, Notice};
use domain::webhook::DisabledReason;
use domain::{Event, Grant, Membership, NotificationType, Priority, WebhookEndpoint};
use runtime::Platform;
use store::there;

use crate::error::Unfollowed;

/// The kind of event.
pub(super) const DISABLED: &str = "webhook_endpoint.disabled";

/// To its maker, while they are there: 2 reads. One that somebody turned off is no news for them.
pub(super) async fn disabled(
    platform: &Platform,
    grant: &Grant,
    event: &Event,
) -> Result<Option<Arriving>, Unfollowed> {
    let table = platform.table();
    let Some(endpoint): Option<WebhookEndpoint> = there(table.get(grant, event.subject.parse()?).await)? else {
        return Ok(None);
    };
    let why = match endpoint.disabled {
        Some(DisabledReason::Failing) => "nothing got through to it for five days",
        Some(DisabledReason::Gone) => "it answered that it is gone (410)",
        Some(DisabledReason::Manual) | None => return Ok(None),
    };
    let maker: Option<Membership> = there(table.get(grant, Membership::id_of(endpoint.created_by)).await)?;
    if maker.is_none_or(|maker| !maker.is_active()) {
        return Ok(None);
    }
    // The address may hold what lets somebody in; the host tells which it is.
    let host = endpoint.url.as_str().split('/').nth(2).unwrap_or_default();
    let text = format!(
        "The webhook endpoint at {host} was turned off, as {why}. Turn it on again and recover what it missed."
    );
    let Some(mut notice) = Notice::of_ours("Webhook endpoint turned off", &text) else { return Ok(None) };
    notice.action_url = format!("/webhook-endpoints/{}", endpoint.id).parse().ok();
    notice.action_label = "View endpoint".parse().ok();
    let arriving = Arriving::by(event, endpoint.created_by, NotificationType::Warning, notice);
    Ok(Some(Arriving { priority: Priority::High, ..arriving }))
}
