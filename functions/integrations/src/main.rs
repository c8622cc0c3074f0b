//! Connections to services of others: the Lambda.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    domain::Phone::warm();
    let wire = |platform: runtime::Platform, aws: &runtime::SdkConfig| {
        platform.with_files(aws_sdk_s3::Client::new(aws)).with_provider_inbox(aws_sdk_sqs::Client::new(aws))
    };
    web::run(wire, integrations::router).await
}
