//! Organizations, plans, branches, pipelines, settings, lead forms: the Lambda.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    web::run(|platform, _| platform, organization::router).await
}
