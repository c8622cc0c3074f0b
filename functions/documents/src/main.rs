//! The `documents` function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    web::run(|platform, aws| platform.with_files(aws_sdk_s3::Client::new(aws)), documents::router).await
}
