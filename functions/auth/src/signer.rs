//! The key that signs access tokens.

use std::sync::Arc;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use runtime::Settings;
use sha2::{Digest as _, Sha256};
use store::PublishedKey;
use web::{Claims, Problem, TOKEN_TYPE};

/// 128 bits even where they are written in hexadecimal.
const MIN_SECRET: usize = 32;
/// Sets this use of the secret apart from any other.
const PURPOSE: &[u8] = b"sampark/access-token/ed25519/1";

/// Signs access tokens with Ed25519 (RFC 8037). Cheap to clone.
#[derive(Clone)]
pub struct Signer(Arc<Inner>);

struct Inner {
    header: Header,
    key: EncodingKey,
    published: PublishedKey,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Signer({})", self.0.published.kid)
    }
}

/// There is no key to sign with, or it did not sign.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignerError {
    /// The environment lacks it.
    #[error("the environment lacks SAMPARK_SIGNING_SECRET")]
    NoSecret,
    /// It could be guessed.
    #[error("SAMPARK_SIGNING_SECRET must have at least {MIN_SECRET} characters")]
    ShortSecret,
    /// The library refused.
    #[error("no key could be made: {0}")]
    Key(String),
    /// The library refused.
    #[error("the token could not be signed: {0}")]
    Signing(String),
}

impl Signer {
    /// The key derived from a secret text: the same secret is the same key in every copy of the
    /// function, and none has to be kept in a file.
    pub fn from_secret(secret: &str) -> Result<Self, SignerError> {
        if secret.len() < MIN_SECRET {
            return Err(SignerError::ShortSecret);
        }
        let refused = |error: &dyn std::fmt::Display| SignerError::Key(error.to_string());
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map_err(|error| refused(&error))?;
        mac.update(PURPOSE);
        let seed = mac.finalize().into_bytes();
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|error| refused(&error))?;
        let document = pair.to_pkcs8().map_err(|error| refused(&error))?;
        let x = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
        let kid = thumbprint(&x);
        let header =
            Header { typ: Some(TOKEN_TYPE.to_owned()), kid: Some(kid.clone()), ..Header::new(Algorithm::EdDSA) };
        let key = EncodingKey::from_ed_der(document.as_ref());
        Ok(Self(Arc::new(Inner { header, key, published: PublishedKey { kid, x } })))
    }

    /// The key of a function's settings.
    pub fn of(settings: &Settings) -> Result<Self, SignerError> {
        Self::from_secret(settings.signing_secret.as_deref().ok_or(SignerError::NoSecret)?)
    }

    /// The key that signed before, where the settings name its secret: its tokens are good until they end.
    pub fn previous(settings: &Settings) -> Result<Option<Self>, SignerError> {
        settings.signing_secret_previous.as_deref().map(Self::from_secret).transpose()
    }

    /// The public half, for those who verify.
    pub fn published(&self) -> PublishedKey {
        self.0.published.clone()
    }

    /// An access token: a JWT of type `at+jwt`.
    pub fn sign(&self, claims: &Claims) -> Result<String, SignerError> {
        jsonwebtoken::encode(&self.0.header, claims, &self.0.key)
            .map_err(|error| SignerError::Signing(error.to_string()))
    }
}

/// A key's id is its thumbprint: SHA-256 over its required members in alphabetical order (RFC 7638,
/// RFC 8037 appendix A.3).
fn thumbprint(x: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#)))
}

impl From<SignerError> for Problem {
    fn from(error: SignerError) -> Self {
        Self::internal(error)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Signer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| SignerError::NoSecret.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thumbprint_is_that_of_rfc_8037() {
        assert_eq!(
            thumbprint("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"),
            "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
        );
    }

    #[test]
    fn a_secret_is_one_key_and_another_secret_another() {
        let one = Signer::from_secret(&"one ".repeat(8)).expect("key").published();
        assert_eq!(Signer::from_secret(&"one ".repeat(8)).expect("key").published(), one);
        assert_ne!(Signer::from_secret(&"two ".repeat(8)).expect("key").published(), one);
        assert_eq!(Signer::from_secret("guessable").map(|_| ()), Err(SignerError::ShortSecret));
    }
}
