//! The `webhook-endpoints` function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    web::run(|platform, aws| platform.with_webhook_deliveries(aws_sdk_sqs::Client::new(aws)), webhook_endpoints::router)
        .await
}
