//! The `leads` function.

use lambda_http::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    domain::Phone::warm();
    let wire = |platform: runtime::Platform, aws: &runtime::SdkConfig| {
        platform.with_files(aws_sdk_s3::Client::new(aws)).with_jobs(aws_sdk_sqs::Client::new(aws))
    };
    web::run(wire, leads::router).await
}
