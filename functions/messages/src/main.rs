//! The `messages` function.

use std::sync::Arc;

use aws_lambda_events::event::sqs::SqsEvent;
use lambda_runtime::{Error, LambdaEvent, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let (platform, aws) = runtime::start().await?.platform().await?;
    let platform = platform.with_mail(&aws_sdk_ses::Client::new(&aws)).with_files(aws_sdk_s3::Client::new(&aws));
    let platform = platform.with_pushes(Arc::new(providers::GuardedPushes::new()?));
    let platform = platform.with_outside(providers::Outside::new(aws_sdk_ses::Client::new(&aws))?);
    let messages = &messages::Messages::new(platform);
    let handler = async |event: LambdaEvent<SqsEvent>| Ok::<_, Error>(messages.handle(event.payload).await);
    lambda_runtime::run(service_fn(handler)).await
}
