//! The `notifications` function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    web::run(|platform, aws| platform.with_broadcasts(aws_sdk_sqs::Client::new(aws)), notifications::router).await
}
