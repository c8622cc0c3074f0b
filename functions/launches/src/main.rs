//! The `launches` function.

use aws_lambda_events::event::sqs::SqsEvent;
use lambda_runtime::{Error, LambdaEvent, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let (platform, aws) = runtime::start().await?.platform().await?;
    let platform = platform.with_launches(aws_sdk_sqs::Client::new(&aws));
    let platform = &platform;
    let handler = async |event: LambdaEvent<SqsEvent>| Ok::<_, Error>(launches::handle(platform, event.payload).await);
    lambda_runtime::run(service_fn(handler)).await
}
