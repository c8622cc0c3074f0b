//! [Standard Webhooks](https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md): a
//! symmetric signature (`v1`, HMAC-SHA-256) over the id, the time and the body, each of them as it came.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use http::HeaderMap;
use jiff::Timestamp;

use super::{Forged, TOLERANCE, header};

const SECRET: &str = "whsec_";
const VERSION: &str = "v1,";
/// While a secret is replaced there are two signatures; more than so many are nobody's.
const MAX_SIGNATURES: usize = 16;
const MAX_ID: usize = 256;

/// Whether a text is a secret of this scheme: 24 to 64 bytes in base 64, with or without `whsec_`.
pub fn is_secret(text: &str) -> bool {
    key(text).is_ok()
}

fn key(secret: &str) -> Result<hmac::Key, Forged> {
    let text = secret.strip_prefix(SECRET).unwrap_or(secret).trim_end_matches('=');
    let bytes = STANDARD_NO_PAD.decode(text).map_err(|_| Forged::Secret)?;
    if !(24..=64).contains(&bytes.len()) {
        return Err(Forged::Secret);
    }
    Ok(hmac::Key::new(hmac::HMAC_SHA256, &bytes))
}

fn signed(id: &str, seconds: &str, body: &[u8]) -> Vec<u8> {
    [id.as_bytes(), b".", seconds.as_bytes(), b".", body].concat()
}

/// The id of a genuine request, which is the same at each of its tries.
pub fn verify(secret: &str, headers: &HeaderMap, body: &[u8], now: Timestamp) -> Result<String, Forged> {
    let key = key(secret)?;
    let (id, seconds) = (header(headers, "webhook-id")?, header(headers, "webhook-timestamp")?);
    let signatures = header(headers, "webhook-signature")?;
    if id.is_empty() || id.len() > MAX_ID {
        return Err(Forged::Unsigned);
    }
    let at: i64 = seconds.parse().map_err(|_| Forged::Unsigned)?;
    if at.checked_sub(now.as_second()).is_none_or(|apart| apart.abs() > TOLERANCE) {
        return Err(Forged::Stale);
    }
    let signed = signed(id, seconds, body);
    let good = signatures
        .split(' ')
        .take(MAX_SIGNATURES)
        .filter_map(|signature| STANDARD.decode(signature.strip_prefix(VERSION)?).ok())
        .any(|tag| hmac::verify(&key, &signed, &tag).is_ok());
    if good { Ok(id.to_owned()) } else { Err(Forged::Mismatch) }
}

/// The signature of a request, as its sender writes it.
pub fn sign(secret: &str, id: &str, at: Timestamp, body: &[u8]) -> Result<String, Forged> {
    let tag = hmac::sign(&key(secret)?, &signed(id, &at.as_second().to_string(), body));
    Ok(format!("{VERSION}{}", STANDARD.encode(tag)))
}
