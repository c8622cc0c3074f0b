//! The `activities` function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    domain::Phone::warm();
    web::run(|platform, _| platform, activities::router).await
}
