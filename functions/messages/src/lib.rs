//! Sends messages to people, each on its channel: a record, what it says, a provider.
//!
//! A message is claimed before it is sent and told as sent after. A worker that dies before the claim has done
//! nothing; one that dies after it leaves a message of which nobody knows whether it went out, and which is tried
//! again when the lease of the claim is over. SES and WhatsApp tell before that, with our own id of the message, that they
//! have it, and `provider-inbox` writes it down. A batch is worked through one message at a time, so one death leaves at most
//! one such message, and at worst, where its provider tells nothing, that one reaches its receiver twice. Never is one lost:
//! the clock finds what its queue has lost. A repeated, late or overtaking queue message does nothing, because what counts is
//! the record alone.
//!
//! What stands on somebody's timeline moves in the same transaction as the message that carries it.

mod campaigns;
mod channel;
mod deliver;
mod doubt;
mod error;
mod files;
mod need;
mod push;
mod templates;
mod tracking;
mod ways;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use domain::message::MessageStep;
use runtime::Platform;

use campaigns::Campaigns;
use error::Undone;
use ways::Ways;

/// The function, with what it remembers from one call to the next.
#[derive(Debug)]
pub struct Messages {
    platform: Platform,
    ways: Ways,
    campaigns: Campaigns,
}

impl Messages {
    /// The function on a platform.
    pub fn new(platform: Platform) -> Self {
        Self { platform, ways: Ways::new(), campaigns: Campaigns::new() }
    }

    /// Sends the messages of a batch. What a provider does not take is no failure of the batch, as the record says
    /// when it is tried again; those come back as failed that cannot be read, or whose record could not be read or
    /// written.
    pub async fn handle(&self, event: SqsEvent) -> SqsBatchResponse {
        runtime::work_through(event, 1, "a message was not dealt with", async |body| self.one(&body).await).await
    }

    async fn one(&self, body: &str) -> Result<(), Undone> {
        let step: MessageStep = serde_json::from_str(body).map_err(Undone::Malformed)?;
        Box::pin(self.deliver(step)).await
    }
}
