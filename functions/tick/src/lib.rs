//! The clock: every minute, whatever is due.

mod automations;
mod broadcasts;
mod data_key;
mod error;
mod jobs;
mod messages;
mod reminders;
mod retention;
mod sla;

use domain::{Broadcast, Job, Message, Record as _, Reminder, RetentionPolicy, SlaClock, Workflow, WorkflowRun};
use runtime::Platform;
use serde_json::Value;

pub use error::TickError;

/// Due records looked at in a minute, of each shard; the rest is due in the next.
const A_SHARD: u16 = 100;

/// Looks at everything that is due. One record that cannot be looked at does not keep the others from
/// it; the first of them is the error.
pub async fn handle(platform: &Platform, _event: &Value) -> Result<(), TickError> {
    let mut first = data_key::replace_old(platform).await.err();
    if let Some(error) = &first {
        tracing::error!(%error, "the data key was not looked at");
    }
    for due in platform.table().due(platform.now(), A_SHARD).await? {
        let done = match due.kind.as_str() {
            Broadcast::KIND => broadcasts::look_after(platform, &due).await,
            Job::KIND => jobs::look_after(platform, &due).await,
            Message::KIND => messages::look_after(platform, &due).await,
            Reminder::KIND => reminders::tell(platform, &due).await,
            RetentionPolicy::KIND => retention::apply(platform, &due).await,
            SlaClock::KIND => sla::move_on(platform, &due).await,
            Workflow::KIND => automations::set_going(platform, &due).await,
            WorkflowRun::KIND => automations::look_after(platform, &due).await,
            kind => {
                tracing::error!(kind, id = due.id, "a record is due of which nobody knows what to do");
                Ok(())
            }
        };
        if let Err(error) = done {
            tracing::error!(kind = due.kind, id = due.id, %error, "a due record was not looked at");
            first.get_or_insert(error);
        }
    }
    first.map_or(Ok(()), Err)
}
