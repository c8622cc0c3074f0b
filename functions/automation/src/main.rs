//! The `automation` function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    web::run(|platform, aws| platform.with_automations(aws_sdk_sqs::Client::new(aws)), automation::router).await
}
