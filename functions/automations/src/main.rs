//! The `automations` function.

use std::sync::Arc;

use aws_lambda_events::event::sqs::SqsEvent;
use lambda_runtime::{Error, LambdaEvent, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let (platform, aws) = runtime::start().await?.platform().await?;
    let platform = platform.with_automations(aws_sdk_sqs::Client::new(&aws));
    let webhooks = Arc::new(providers::GuardedWebhooks::new(platform.reach())?);
    let platform = platform.with_webhooks(webhooks);
    let platform = &platform;
    let handler =
        async |event: LambdaEvent<SqsEvent>| Ok::<_, Error>(automations::handle(platform, event.payload).await);
    lambda_runtime::run(service_fn(handler)).await
}
