//! The `realtime` function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    web::run(|platform, _| platform, realtime::router).await
}
