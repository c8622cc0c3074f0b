//! What providers tell: the Lambda.

use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let sns = Arc::new(providers::inbound::sns::GuardedSns::new()?);
    let wire = |platform: runtime::Platform, aws: &runtime::SdkConfig| {
        let platform = platform.with_files(aws_sdk_s3::Client::new(aws));
        platform.with_provider_inbox(aws_sdk_sqs::Client::new(aws)).with_sns(sns)
    };
    web::run(wire, webhooks::router).await
}
