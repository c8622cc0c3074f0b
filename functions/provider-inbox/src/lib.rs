//! What providers told, a delivery a message: each goes to its provider's handler.
//!
//! What a delivery changes is written together with the note that it was dealt with. So a worker may die anywhere, and a
//! message may come twice, late or to two workers at once: each delivery is done once. Deliveries may come in any order;
//! that they come to the same is their handlers' to see to.

mod failed;
mod feedback;
mod files;
mod leads;
mod letters;
mod mail;
mod media;
mod people;
mod reports;
mod sms;
mod take;
mod telephony;
mod templates;
mod went_out;
mod whatsapp;
mod written;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use domain::provider_delivery::DeliveryStep;
use providers::inbound::ses;
use runtime::Platform;

use failed::Undone;

/// Works through a batch of deliveries. What a handler cannot do is no failure of the batch, as the record says when it is
/// tried again; those come back as failed that cannot be read, or whose records could not be read or written.
pub async fn handle(platform: &Platform, event: SqsEvent) -> SqsBatchResponse {
    runtime::work_through(event, 1, "a delivery was not dealt with", async |body| one(platform, &body).await).await
}

async fn one(platform: &Platform, body: &str) -> Result<(), Undone> {
    match serde_json::from_str::<DeliveryStep>(body) {
        Ok(step) => Box::pin(take::take(platform, step)).await,
        // The topic of the platform's own mails writes into the same queue.
        Err(malformed) => match ses::read(body) {
            Ok(event) => Box::pin(feedback::told(platform, event)).await,
            Err(_) => Err(Undone::Malformed(malformed)),
        },
    }
}
