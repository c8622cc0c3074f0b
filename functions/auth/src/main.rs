//! Registration, sign-in, tokens, sessions: the Lambda.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let platform = web::start(|platform, _| platform).await?;
    auth::prepare(&platform).await?;
    web::serve(platform, auth::router).await
}
