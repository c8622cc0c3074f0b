//! Random texts that lead to a challenge: in a link, or held by the client between two factors.

use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::ChallengeId;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use web::App;

/// `challenge.secret`: leads to its challenge with one read. The table keeps only a hash of the secret.
pub(crate) struct SecretText {
    pub(crate) id: ChallengeId,
    secret: String,
}

/// Not such a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BadSecretText;

impl SecretText {
    /// A new one: 256 random bits.
    pub(crate) fn random(app: &App, id: ChallengeId) -> Self {
        Self { id, secret: URL_SAFE_NO_PAD.encode(app.platform().random::<32>()) }
    }

    /// What is kept of it.
    pub(crate) fn hash(&self) -> String {
        hash(&self.secret)
    }

    /// What its holder gets.
    pub(crate) fn text(&self) -> String {
        format!("{}.{}", self.id, self.secret)
    }
}

impl FromStr for SecretText {
    type Err = BadSecretText;

    fn from_str(text: &str) -> Result<Self, BadSecretText> {
        let (id, secret) = text.split_once('.').ok_or(BadSecretText)?;
        Ok(Self { id: id.parse().map_err(|_| BadSecretText)?, secret: secret.to_owned() })
    }
}

/// SHA-256 of a random text; it needs no key, for nobody tries so many out.
pub(crate) fn hash(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(text.as_bytes()))
}

/// Whether two hashes are the same, in constant time.
pub(crate) fn same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}
