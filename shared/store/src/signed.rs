//! Bytes that we sign and read back: what stands in links. They are verified without a look-up.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq as _;

use crate::secret::HashKey;

/// 128 bits of HMAC.
const MAC: usize = 16;

/// The bytes with their signature, in URL-safe base 64. What was signed for one purpose is nothing for another.
pub(crate) fn sign(key: &HashKey, purpose: &str, mut body: Vec<u8>) -> String {
    let signature = mac(key, purpose, &body);
    body.extend(signature);
    URL_SAFE_NO_PAD.encode(body)
}

/// The bytes, of `most` at most; `None` where they were not signed with this key for this purpose.
pub(crate) fn open(key: &HashKey, purpose: &str, text: &str, most: usize) -> Option<Vec<u8>> {
    if text.len() > (most + MAC).div_ceil(3) * 4 {
        return None;
    }
    let mut bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let body = bytes.len().checked_sub(MAC).filter(|body| *body <= most)?;
    let signature = bytes.split_off(body);
    bool::from(mac(key, purpose, &bytes).ct_eq(&signature)).then_some(bytes)
}

fn mac(key: &HashKey, purpose: &str, body: &[u8]) -> [u8; MAC] {
    key.digest(&[purpose, &URL_SAFE_NO_PAD.encode(body)])
}
