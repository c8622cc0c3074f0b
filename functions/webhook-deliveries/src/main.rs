//! The `webhook-deliveries` function.

use std::sync::Arc;

use aws_lambda_events::event::sqs::SqsEvent;
use lambda_runtime::{Error, LambdaEvent, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let (platform, aws) = runtime::start().await?.platform().await?;
    let webhooks = Arc::new(providers::GuardedWebhooks::new(platform.reach())?);
    let platform = platform.with_webhook_deliveries(aws_sdk_sqs::Client::new(&aws)).with_webhooks(webhooks);
    let platform = &platform;
    let handler =
        async |event: LambdaEvent<SqsEvent>| Ok::<_, Error>(webhook_deliveries::handle(platform, event.payload).await);
    lambda_runtime::run(service_fn(handler)).await
}
