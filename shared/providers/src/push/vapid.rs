//! Who pushes: a signed token for each push service (VAPID, RFC 8292).
//!
//! <https://www.rfc-editor.org/rfc/rfc8292>

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use aws_lc_rs::encoding::{AsDer as _, EcPrivateKeyRfc5915Der};
use aws_lc_rs::hmac;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;

use super::encrypt::{key_from, point_of};

/// 128 bits even where they are written in hexadecimal.
const MIN_SECRET: usize = 32;
/// Sets this use of the secret apart from any other.
const PURPOSE: &[u8] = b"sampark/vapid/p-256/";
/// How long a token is good; RFC 8292 allows 24 hours.
const GOOD_FOR: SignedDuration = SignedDuration::from_hours(12);
/// A token that ends sooner than this is made anew.
const LEFT: SignedDuration = SignedDuration::from_hours(1);
/// So many push services are remembered; there are a handful in the world.
const MAX_SERVICES: usize = 64;

/// The key pair of this platform, from which subscriptions take who may write to them: a new one makes all of them useless.
pub struct Vapid {
    key: EncodingKey,
    public: String,
    subject: String,
    tokens: Mutex<HashMap<String, (String, Timestamp)>>,
}

impl std::fmt::Debug for Vapid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Vapid({})", self.public)
    }
}

/// There is no key to sign with, or it did not sign.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VapidError {
    /// It could be guessed.
    #[error("SAMPARK_PUSH_SECRET must have at least {MIN_SECRET} characters")]
    ShortSecret,
    /// The library refused.
    #[error("no key could be made")]
    Key,
    /// The library refused.
    #[error("the token could not be signed: {0}")]
    Signing(String),
}

#[derive(Serialize)]
struct Claims<'a> {
    aud: &'a str,
    exp: i64,
    sub: &'a str,
}

impl Vapid {
    /// The key derived from a secret text: the same secret is the same key in every copy of every function. `subject` is a
    /// `mailto:` or `https:` address under which push services reach whoever runs this platform.
    pub fn from_secret(secret: &str, subject: &str) -> Result<Self, VapidError> {
        if secret.len() < MIN_SECRET {
            return Err(VapidError::ShortSecret);
        }
        let mac = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        // Of 2^256 numbers all but about 2^224 are keys of the curve; the next is taken for one that is none.
        let pair = (0_u8..=255).find_map(|number| {
            let tag = hmac::sign(&mac, &[PURPOSE, &[number]].concat());
            key_from(tag.as_ref().try_into().ok()?).ok()
        });
        let pair = pair.ok_or(VapidError::Key)?;
        let der: EcPrivateKeyRfc5915Der<'_> = pair.as_der().map_err(|_| VapidError::Key)?;
        let signing = EcdsaKeyPair::from_private_key_der(&ECDSA_P256_SHA256_FIXED_SIGNING, der.as_ref());
        let document = signing.map_err(|_| VapidError::Key)?.to_pkcs8v1().map_err(|_| VapidError::Key)?;
        let public = URL_SAFE_NO_PAD.encode(point_of(&pair).map_err(|_| VapidError::Key)?);
        let key = EncodingKey::from_ec_der(document.as_ref());
        Ok(Self { key, public, subject: subject.to_owned(), tokens: Mutex::default() })
    }

    /// The public half, as `applicationServerKey` of `PushManager.subscribe()` takes it: base64url.
    pub fn public_key(&self) -> &str {
        &self.public
    }

    /// The `Authorization` for a push service at an origin, `https://push.example`; one token serves for hours.
    pub fn authorization(&self, origin: &str, now: Timestamp) -> Result<String, VapidError> {
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((token, until)) = tokens.get(origin)
            && *until > now + LEFT
            && *until <= now + GOOD_FOR
        {
            return Ok(format!("vapid t={token}, k={}", self.public));
        }
        let until = now + GOOD_FOR;
        let claims = Claims { aud: origin, exp: until.as_second(), sub: &self.subject };
        let token = jsonwebtoken::encode(&Header::new(Algorithm::ES256), &claims, &self.key)
            .map_err(|error| VapidError::Signing(error.to_string()))?;
        if tokens.len() >= MAX_SERVICES {
            tokens.clear();
        }
        tokens.insert(origin.to_owned(), (token.clone(), until));
        Ok(format!("vapid t={token}, k={}", self.public))
    }
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{DecodingKey, Validation};
    use serde_json::Value;

    use super::*;

    fn vapid(secret: &str) -> Vapid {
        Vapid::from_secret(&secret.repeat(8), "mailto:post@example.com").expect("a key")
    }

    #[test]
    fn a_secret_is_one_key_and_another_secret_another() {
        assert_eq!(vapid("one ").public_key(), vapid("one ").public_key());
        assert_ne!(vapid("one ").public_key(), vapid("two ").public_key());
        assert_eq!(vapid("one ").public_key().len(), 87);
        assert_eq!(Vapid::from_secret("guessable", "").map(|_| ()), Err(VapidError::ShortSecret));
    }

    #[test]
    fn a_token_verifies_with_the_public_key_and_serves_for_hours() {
        let (vapid, now) = (vapid("one "), "2026-11-20T10:00:00Z".parse::<Timestamp>().expect("a time"));
        let header = vapid.authorization("https://push.example", now).expect("a token");
        let (token, key) = header.strip_prefix("vapid t=").and_then(|rest| rest.split_once(", k=")).expect("its parts");
        assert_eq!(key, vapid.public_key());
        let point = URL_SAFE_NO_PAD.decode(key).expect("base 64");
        let mut validation = Validation::new(Algorithm::ES256);
        validation.set_audience(&["https://push.example"]);
        validation.validate_exp = false;
        let claims = jsonwebtoken::decode::<Value>(token, &DecodingKey::from_ec_der(&point), &validation);
        let claims = claims.expect("it verifies").claims;
        assert_eq!(claims["sub"], "mailto:post@example.com");
        assert_eq!(claims["exp"], now.as_second() + 12 * 3_600);

        let later = |hours| vapid.authorization("https://push.example", now + SignedDuration::from_hours(hours));
        assert_eq!(later(10).as_deref(), Ok(&*header));
        assert_ne!(later(11).as_deref(), Ok(&*header));
        assert_ne!(vapid.authorization("https://other.example", now).as_deref(), Ok(&*header));
    }
}
