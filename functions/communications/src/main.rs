//! What messages to people outside stand on: the Lambda.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    domain::Phone::warm();
    web::run(|platform, _| platform, communications::router).await
}
