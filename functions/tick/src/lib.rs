//! The clock: every minute, whatever is due.

mod approvals;
mod automations;
mod broadcasts;
mod campaigns;
mod data_key;
mod deliveries;
mod digests;
mod error;
mod jobs;
mod messages;
mod reminders;
mod retention;
mod sla;
mod webhooks;

use std::time::{Duration, Instant};

use domain::{
    ApprovalRequest, Broadcast, Campaign, Job, Message, NotificationPreferences, ProviderDelivery, Record as _,
    Reminder, RetentionPolicy, SlaClock, WebhookDelivery, WebhookHealth, WebhookRecovery, Workflow, WorkflowRun,
};
use futures::future::join_all;
use jiff::Timestamp;
use runtime::Platform;
use serde_json::Value;
use store::Due;
use store::keys::DUE_SHARDS;

pub use error::TickError;

/// Due records read at a time, of each shard.
const A_PAGE: u16 = 100;
/// The clock looks for more for so long, well within its function's time; the rest is due in the next minute.
const PATIENCE: Duration = Duration::from_secs(40);

/// Looks at everything that is due, the shards side by side and each in the order of time. One record that cannot be
/// looked at does not keep the others from it; the first of them is the error.
pub async fn handle(platform: &Platform, _event: &Value) -> Result<(), TickError> {
    let until = Instant::now() + PATIENCE;
    let replaced = data_key::replace_old(platform).await;
    if let Err(error) = &replaced {
        tracing::error!(%error, "the data key was not looked at");
    }
    // What becomes due meanwhile is the next minute's.
    let now = platform.now();
    let shards = (0..DUE_SHARDS).map(|shard| look_through(platform, shard, now, until));
    join_all(shards).await.into_iter().fold(replaced, Result::and)
}

/// What is due in a shard, page by page.
async fn look_through(platform: &Platform, shard: u8, now: Timestamp, until: Instant) -> Result<(), TickError> {
    let (mut first, mut after) = (Ok(()), None);
    loop {
        let page = platform.table().due(shard, now, after.as_deref(), A_PAGE).await?;
        for due in &page.due {
            if let Err(error) = look_at(platform, due).await {
                tracing::error!(kind = due.kind, id = due.id, %error, "a due record was not looked at");
                first = first.and(Err(error));
            }
        }
        after = page.next;
        if after.is_none() || Instant::now() >= until {
            return first;
        }
    }
}

async fn look_at(platform: &Platform, due: &Due) -> Result<(), TickError> {
    match due.kind.as_str() {
        ApprovalRequest::KIND => approvals::look_after(platform, due).await,
        Broadcast::KIND => broadcasts::look_after(platform, due).await,
        Campaign::KIND => campaigns::look_after(platform, due).await,
        Job::KIND => jobs::look_after(platform, due).await,
        Message::KIND => messages::look_after(platform, due).await,
        NotificationPreferences::KIND => digests::tell(platform, due).await,
        ProviderDelivery::KIND => deliveries::look_after(platform, due).await,
        Reminder::KIND => reminders::tell(platform, due).await,
        RetentionPolicy::KIND => retention::apply(platform, due).await,
        SlaClock::KIND => sla::move_on(platform, due).await,
        WebhookDelivery::KIND => webhooks::look_after_delivery(platform, due).await,
        WebhookHealth::KIND => webhooks::look_at_endpoint(platform, due).await,
        WebhookRecovery::KIND => webhooks::look_after_recovery(platform, due).await,
        Workflow::KIND => automations::set_going(platform, due).await,
        WorkflowRun::KIND => automations::look_after(platform, due).await,
        kind => {
            tracing::error!(kind, id = due.id, "a record is due of which nobody knows what to do");
            Ok(())
        }
    }
}
