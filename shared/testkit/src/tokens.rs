//! Tokens, good ones and forged ones.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use store::PublishedKey;
use web::Claims;

/// A signing key with its published half.
pub struct Keys {
    kid: String,
    private: EncodingKey,
    /// The published half.
    pub published: PublishedKey,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keys({})", self.kid)
    }
}

impl Keys {
    /// A key from a seed.
    pub fn seeded(seed: u8) -> Self {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).expect("a seed makes a key");
        let private = pair.to_pkcs8().expect("a key can be written");
        let x = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
        let kid = format!("test-{seed}");
        Self {
            published: PublishedKey { kid: kid.clone(), x },
            private: EncodingKey::from_ed_der(private.as_ref()),
            kid,
        }
    }

    /// A token that says `claims`.
    pub fn sign(&self, claims: &Claims) -> String {
        let header =
            Header { typ: Some("at+jwt".into()), kid: Some(self.kid.clone()), ..Header::new(Algorithm::EdDSA) };
        jsonwebtoken::encode(&header, claims, &self.private).expect("claims can be signed")
    }
}

/// Tokens that must be refused wherever `claims` signed with `keys` would be let in, each with what is
/// wrong with it.
pub fn forged(keys: &Keys, claims: &Claims, now: Timestamp) -> Vec<(&'static str, String)> {
    let good = keys.sign(claims);
    let parts: Vec<&str> = good.split('.').collect();
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let with_header = |header: Value| format!("{}.{}.{}", encode(&header), parts[1], parts[2]);
    let hs256 = {
        let header =
            Header { typ: Some("at+jwt".into()), kid: Some(keys.kid.clone()), ..Header::new(Algorithm::HS256) };
        let secret = EncodingKey::from_secret(keys.published.x.as_bytes());
        jsonwebtoken::encode(&header, claims, &secret).expect("claims can be signed")
    };
    let edited = {
        let mut payload = serde_json::to_value(claims).expect("claims are JSON");
        payload["role"] = "admin".into();
        payload["exp"] = (claims.exp + 1).into();
        format!("{}.{}.{}", parts[0], encode(&payload), parts[2])
    };
    let other = Keys { kid: keys.kid.clone(), ..Keys::seeded(99) };
    vec![
        ("alg none", format!("{}.{}.", encode(&json!({"alg": "none", "typ": "at+jwt", "kid": keys.kid})), parts[1])),
        ("alg none with a signature", with_header(json!({"alg": "none", "typ": "at+jwt", "kid": keys.kid}))),
        ("HS256 with the public key as secret", hs256),
        ("edited claims", edited),
        ("another key under a known id", other.sign(claims)),
        ("an unknown key", Keys::seeded(98).sign(claims)),
        ("another audience", keys.sign(&Claims { aud: "someone-else".into(), ..claims.clone() })),
        ("another issuer", keys.sign(&Claims { iss: "https://elsewhere.example".into(), ..claims.clone() })),
        ("expired", keys.sign(&Claims { exp: now.as_second(), ..claims.clone() })),
        ("not yet issued", keys.sign(&Claims { iat: now.as_second() + 600, ..claims.clone() })),
        ("no signature", format!("{}.{}.", parts[0], parts[1])),
        ("cut short", good[..good.len() - 8].to_owned()),
        (
            "a key in its header",
            with_header(
                json!({"alg": "EdDSA", "typ": "at+jwt", "jwk": {"kty": "OKP", "crv": "Ed25519", "x": other.published.x}}),
            ),
        ),
        ("no text at all", String::new()),
    ]
}
