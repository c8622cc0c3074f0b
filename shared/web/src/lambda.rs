//! A function's `main`.

use axum::Router;
use runtime::{Platform, SdkConfig};

use crate::App;

/// Starts a function and runs its loop. `wire` adds what this function needs beside the table.
pub async fn run(
    wire: impl FnOnce(Platform, &SdkConfig) -> Platform,
    router: impl FnOnce(App) -> Router,
) -> Result<(), lambda_http::Error> {
    serve(start(wire).await?, router).await
}

/// The first half of [`run`], for a function that has something to do before it serves: settings and
/// clients.
pub async fn start(wire: impl FnOnce(Platform, &SdkConfig) -> Platform) -> Result<Platform, lambda_http::Error> {
    let (platform, aws) = runtime::start().await?.platform().await?;
    Ok(wire(platform, &aws))
}

/// The second half of [`run`]: the token keys (the one call that opens the connection to the table
/// while starting is still cheap), then the runtime's loop.
pub async fn serve(platform: Platform, router: impl FnOnce(App) -> Router) -> Result<(), lambda_http::Error> {
    let keys = platform.table().signing_keys().await?;
    lambda_http::run(router(App::new(platform, &keys))).await
}
