//! Reports and events of analytics: the Lambda.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    web::run(|platform, _| platform, analytics::router).await
}
