//! Answers with secrets in them, and secret texts that lead to the record they open.

use std::str::FromStr;

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use data_encoding::HEXLOWER;
use domain::OrganizationId;
use sha2::{Digest as _, Sha256};

/// An answer with tokens in it, which nobody may keep (RFC 6749, 5.1): neither a cache nor the memory
/// of idempotency keys.
pub struct Secret<T>(pub T);

impl<T: IntoResponse> IntoResponse for Secret<T> {
    fn into_response(self) -> Response {
        let mut response = self.0.into_response();
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

/// 256 bits in base 64.
const SECRET: usize = 43;

/// A text that opens a record: `begin`, the record's id and its organization's without their prefixes, and 256 random
/// bits. So it leads to its record with one read.
pub(crate) fn written(begin: &str, id: &str, organization: OrganizationId, secret: [u8; 32]) -> String {
    let organization = organization.to_string();
    let [id, tenant] = [id, &organization].map(|id| id.rsplit_once('_').map_or("", |(_, bare)| bare));
    format!("{begin}{id}_{tenant}_{}", URL_SAFE_NO_PAD.encode(secret))
}

/// The record that such a text leads to, an id with this prefix, and its organization; `None` where it is none.
pub(crate) fn read<Id: FromStr>(begin: &str, prefix: &str, text: &str) -> Option<(Id, OrganizationId)> {
    let mut parts = text.strip_prefix(begin)?.splitn(3, '_');
    let id = format!("{prefix}_{}", parts.next()?).parse().ok()?;
    let organization = format!("{}_{}", OrganizationId::PREFIX, parts.next()?).parse().ok()?;
    (parts.next()?.len() == SECRET).then_some((id, organization))
}

/// What the table keeps of such a text: with 256 random bits in it, a slow hash would add nothing.
pub(crate) fn hashed(text: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(text))
}
