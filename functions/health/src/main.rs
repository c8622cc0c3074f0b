//! Health, the OpenAPI document and its page: the Lambda.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    web::run(|platform, _| platform, health::router).await
}
