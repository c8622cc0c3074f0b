//! The `pushes` function.

use aws_lambda_events::event::sqs::SqsEvent;
use aws_sdk_apigatewaymanagement::config::Builder;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use providers::Sockets;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let (platform, aws) = runtime::start().await?.platform().await?;
    let stage = platform.settings().sockets.clone().ok_or("SAMPARK_SOCKETS is not set")?;
    let client = aws_sdk_apigatewaymanagement::Client::from_conf(Builder::from(&aws).endpoint_url(stage).build());
    let platform = platform.with_realtime(aws_sdk_sqs::Client::new(&aws)).with_sockets(Sockets::new(client));
    let pushes = &pushes::Pushes::new(platform);
    let handler = async |event: LambdaEvent<SqsEvent>| Ok::<_, Error>(pushes.handle(event.payload).await);
    lambda_runtime::run(service_fn(handler)).await
}
