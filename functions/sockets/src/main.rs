//! The `sockets` function.

use aws_lambda_events::apigw::ApiGatewayWebsocketProxyRequest;
use lambda_runtime::{Error, LambdaEvent, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let (platform, _) = runtime::start().await?.platform().await?;
    let sockets = &sockets::Sockets::new(platform);
    let handler = async |event: LambdaEvent<ApiGatewayWebsocketProxyRequest>| {
        Ok::<_, Error>(sockets.handle(&event.payload).await)
    };
    lambda_runtime::run(service_fn(handler)).await
}
