//! The `events` function.

use events::StreamEvent;
use lambda_runtime::{Error, LambdaEvent, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let (platform, aws) = runtime::start().await?.platform().await?;
    let sqs = aws_sdk_sqs::Client::new(&aws);
    let platform = platform.with_messages(sqs.clone()).with_automations(sqs.clone()).with_realtime(sqs.clone());
    let platform = platform.with_launches(sqs.clone()).with_webhook_deliveries(sqs);
    let platform = platform.with_files(aws_sdk_s3::Client::new(&aws));
    let platform = &platform;
    let handler = async |event: LambdaEvent<StreamEvent>| Ok::<_, Error>(events::handle(platform, event.payload).await);
    lambda_runtime::run(service_fn(handler)).await
}
