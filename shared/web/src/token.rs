//! Access tokens: JWT signed with Ed25519 (RFC 8037), verified without a call.

use std::sync::Arc;

use domain::{OrganizationId, SessionId, UserId};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::{Deserialize, Serialize};
use store::PublishedKey;

/// Whom access tokens are for (`aud`).
pub const AUDIENCE: &str = "sampark-api";
/// The type of an access token (`typ` in its header, RFC 9068).
pub const TOKEN_TYPE: &str = "at+jwt";
/// No token of ours is longer.
const MAX_LENGTH: usize = 4_096;

/// What an access token says. The first six are intelipro's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The person.
    pub sub: UserId,
    /// Their e-mail address.
    pub email: String,
    /// Their role, for the frontend; the session decides.
    pub role: String,
    /// The frontend's modules that the role opens; the session decides.
    pub permissions: Vec<String>,
    /// Issued at, seconds of the epoch.
    pub iat: i64,
    /// Expires at, seconds of the epoch.
    pub exp: i64,
    /// Who issued it.
    pub iss: String,
    /// Whom it is for.
    pub aud: String,
    /// The organization.
    pub org: OrganizationId,
    /// The session.
    pub sid: SessionId,
}

/// The keys that tokens may be signed with.
#[derive(Clone)]
pub struct KeySet {
    keys: Arc<Vec<(String, DecodingKey)>>,
    issuer: Arc<str>,
}

impl std::fmt::Debug for KeySet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.keys.iter().map(|(kid, _)| kid)).finish()
    }
}

/// A token that is not good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Signed with a key that is not known (yet).
    #[error("the token is signed with an unknown key")]
    UnknownKey,
    /// Anything else.
    #[error("the token is not good")]
    Bad,
}

impl KeySet {
    /// Keys that `issuer` published.
    pub fn new(published: &[PublishedKey], issuer: &str) -> Self {
        let keys = published
            .iter()
            .filter_map(|key| Some((key.kid.clone(), DecodingKey::from_ed_components(&key.x).ok()?)))
            .collect();
        Self { keys: Arc::new(keys), issuer: issuer.into() }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The claims of a good token. Only Ed25519, only keys of ours by their id; nothing that the
    /// header points to (`jwk`, `jku`, `x5u`) is looked at.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Claims, TokenError> {
        if token.len() > MAX_LENGTH {
            return Err(TokenError::Bad);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| TokenError::Bad)?;
        if header.alg != Algorithm::EdDSA || header.typ.as_deref() != Some(TOKEN_TYPE) {
            return Err(TokenError::Bad);
        }
        let kid = header.kid.ok_or(TokenError::Bad)?;
        let (_, key) = self.keys.iter().find(|(known, _)| *known == kid).ok_or(TokenError::UnknownKey)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // Time is the platform's clock, not the library's.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let claims = jsonwebtoken::decode::<Claims>(token, key, &validation).map_err(|_| TokenError::Bad)?.claims;
        if claims.is_in_time(now) { Ok(claims) } else { Err(TokenError::Bad) }
    }
}

impl Claims {
    /// Whether `now` lies in the token's life; a minute of skew is allowed at its beginning.
    pub fn is_in_time(&self, now: Timestamp) -> bool {
        now.as_second() < self.exp && self.iat <= now.as_second() + 60
    }
}
