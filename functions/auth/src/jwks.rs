//! `GET /.well-known/jwks.json`.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use serde::Serialize;
use store::PublishedKey;
use utoipa::ToSchema;
use web::{App, Problem};

/// The keys that access tokens are signed with (RFC 7517).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KeySetDocument {
    keys: Vec<SigningKey>,
}

/// An Ed25519 public key (RFC 8037).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SigningKey {
    /// `OKP`.
    #[schema(value_type = String)]
    kty: &'static str,
    /// `Ed25519`.
    #[schema(value_type = String)]
    crv: &'static str,
    /// `EdDSA`.
    #[schema(value_type = String)]
    alg: &'static str,
    /// `sig`.
    r#use: &'static str,
    /// Its RFC 7638 thumbprint: `kid` in a token's header.
    kid: String,
    /// The key, 32 bytes in URL-safe base 64.
    x: String,
}

impl From<PublishedKey> for SigningKey {
    fn from(PublishedKey { kid, x }: PublishedKey) -> Self {
        Self { kty: "OKP", crv: "Ed25519", alg: "EdDSA", r#use: "sig", kid, x }
    }
}

/// The public keys that access tokens are verified with, the newest first.
#[utoipa::path(
    get, path = "/.well-known/jwks.json", tag = "auth", security(()),
    responses((status = 200, description = "The keys, without envelope.", body = KeySetDocument)),
)]
pub(crate) async fn auth_jwks(State(app): State<App>) -> Result<impl IntoResponse, Problem> {
    let keys = app.table().signing_keys().await?.into_iter().map(SigningKey::from).collect();
    Ok(([(header::CACHE_CONTROL, "public, max-age=300")], axum::Json(KeySetDocument { keys })))
}
