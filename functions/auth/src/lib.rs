//! Registration, sign-in, tokens, sessions.

mod account;
mod attempts;
mod change_password;
mod codes;
mod forgot_password;
mod invite_accept;
mod join;
mod jwks;
mod login;
mod logout;
mod me;
mod mfa;
mod notice;
mod otp;
mod refresh;
mod refresh_token;
mod register;
mod reset_password;
mod secret_text;
mod sessions;
mod sign_in;
mod signer;
mod visit;

use axum::Extension;
use runtime::Platform;
use web::{App, Routes, routes};

pub use signer::{Signer, SignerError};

/// This function could not get ready to sign tokens.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// It has no key, or none that is good.
    #[error(transparent)]
    Signer(#[from] SignerError),
    /// Its public key could not be published.
    #[error(transparent)]
    Store(#[from] store::StoreError),
}

/// The operations and their document.
pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(register::auth_register))
        .routes(routes!(login::auth_login))
        .routes(routes!(invite_accept::auth_invite_accept))
        .routes(routes!(join::auth_join))
        .routes(routes!(refresh::auth_refresh))
        .routes(routes!(logout::auth_logout))
        .routes(routes!(me::auth_me))
        .routes(routes!(otp::request::auth_otp_request))
        .routes(routes!(otp::verify::auth_otp_verify))
        .routes(routes!(forgot_password::auth_forgot_password))
        .routes(routes!(reset_password::auth_reset_password))
        .routes(routes!(change_password::auth_change_password))
        .routes(routes!(mfa::enroll::auth_mfa_enroll))
        .routes(routes!(mfa::confirm::auth_mfa_confirm))
        .routes(routes!(mfa::verify::auth_mfa_verify))
        .routes(routes!(mfa::disable::auth_mfa_disable))
        .routes(routes!(jwks::auth_jwks))
}

/// Publishes the public keys, so that every function knows the tokens that this one signs and those that it signed
/// before its secret changed. Runs before [`router`]: 1 read, and 1 write where a key is new.
pub async fn prepare(platform: &Platform) -> Result<(), PrepareError> {
    let signer = Signer::of(platform.settings())?;
    let previous = Signer::previous(platform.settings())?;
    let mut keys: Vec<_> = [Some(signer), previous].into_iter().flatten().map(|signer| signer.published()).collect();
    keys.dedup();
    platform.table().publish_signing_keys(&keys).await?;
    Ok(())
}

/// The service. Without a good signing secret, which [`prepare`] would have refused, whatever signs
/// answers 500.
pub fn router(app: App) -> axum::Router {
    let routes = match Signer::of(app.platform().settings()) {
        Ok(signer) => routes().layer(Extension(signer)),
        Err(_) => routes(),
    };
    web::service(routes, app)
}
