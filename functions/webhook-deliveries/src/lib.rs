//! Tells machines of organizations what happened, a delivery a message.
//!
//! A delivery is claimed before the endpoint is asked and told as tried after. A worker that dies before the claim has
//! done nothing; one that dies after it leaves a delivery of which nobody knows whether it got through, and which is tried
//! again, under the same `webhook-id`, when the lease of the claim is over. None is lost: the clock finds what its queue
//! has lost. A repeated, late or overtaking message does nothing, because what counts is the record alone.
//!
//! A batch is worked through at once, so that it takes as long as its slowest endpoint and no longer than the client's
//! patience. An endpoint that fails again and again rests: what comes for it then is parked without a call, and costs
//! neither the worker nor the clock anything but one look after each rest, however much it is.

mod deliver;
mod error;
mod health;
mod recover;
mod release;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use domain::webhook::WebhookStep;
use runtime::Platform;

use error::Undone;

/// Works through a batch. What an endpoint does not take is no failure of the batch, as the record says when it is tried
/// again; those come back as failed that cannot be read, or whose records could not be read or written.
pub async fn handle(platform: &Platform, event: SqsEvent) -> SqsBatchResponse {
    let all = event.records.len();
    let one = async |body: String| one(platform, &body).await;
    runtime::work_through(event, all, "a step of webhooks was not done", one).await
}

async fn one(platform: &Platform, body: &str) -> Result<(), Undone> {
    match serde_json::from_str(body).map_err(Undone::Malformed)? {
        WebhookStep::Deliver { organization, delivery } => deliver::deliver(platform, organization, delivery).await,
        WebhookStep::Release { organization, endpoint } => release::release(platform, organization, endpoint).await,
        WebhookStep::Recover { organization, recovery } => recover::go_on(platform, organization, recovery).await,
    }
}
