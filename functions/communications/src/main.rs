//! What messages to people outside stand on: the Lambda.

use providers::Outside;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    domain::Phone::warm();
    let (platform, aws) = runtime::start().await?.platform().await?;
    let outside = Outside::new(aws_sdk_ses::Client::new(&aws))?;
    web::serve(platform.with_outside(outside), communications::router).await
}
