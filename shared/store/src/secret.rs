//! The key under which personal identifiers are looked up.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::IdBits;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

/// Keys the hashes of e-mail addresses, phone numbers and other identifiers, and seals cursors.
/// Without it, a copy of the table does not tell whether a known address is in it.
#[derive(Clone)]
pub struct HashKey(Hmac<Sha256>);

impl std::fmt::Debug for HashKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HashKey(…)")
    }
}

/// 128 bits are enough to tell identifiers apart and keep keys short.
const BYTES: usize = 16;

impl HashKey {
    /// A key from a secret text of any length.
    pub fn new(secret: &str) -> Self {
        // A block of HMAC: the secret's digest, padded with zeros as RFC 2104 pads a short key.
        let mut block = [0; 64];
        block[..32].copy_from_slice(&Sha256::digest(secret.as_bytes()));
        Self(Hmac::new(&block.into()))
    }

    /// HMAC-SHA-256 over the parts, each with its length so that no two lists of parts collide,
    /// cut to 128 bits, in URL-safe base 64 (22 characters).
    pub fn hash(&self, parts: &[&str]) -> String {
        URL_SAFE_NO_PAD.encode(self.digest(parts))
    }

    /// The same, as bytes.
    pub fn digest(&self, parts: &[&str]) -> [u8; BYTES] {
        let mut mac = self.0.clone();
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        let mut digest = [0; BYTES];
        digest.copy_from_slice(&mac.finalize().into_bytes()[..BYTES]);
        digest
    }

    /// The same, cut to the bits of an id that follows from facts: whoever does a thing again makes no second record.
    pub fn id_bits(&self, parts: &[&str]) -> IdBits {
        let mut bits = IdBits::default();
        let length = bits.len();
        bits.copy_from_slice(&self.digest(parts)[..length]);
        bits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_depends_on_the_key_and_on_where_parts_end() {
        let key = HashKey::new("one");
        assert_eq!(key.hash(&["ab", "c"]), HashKey::new("one").hash(&["ab", "c"]));
        assert_ne!(key.hash(&["ab", "c"]), key.hash(&["a", "bc"]));
        assert_ne!(key.hash(&["ab", "c"]), HashKey::new("two").hash(&["ab", "c"]));
    }
}
