//! The `campaigns` function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    web::run(|platform, aws| platform.with_launches(aws_sdk_sqs::Client::new(aws)), campaigns::router).await
}
