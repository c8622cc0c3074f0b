//! People: their places, roles, invitations, sessions, keys of their machines, referral links: the Lambda.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    web::run(|platform, _| platform, users::router).await
}
