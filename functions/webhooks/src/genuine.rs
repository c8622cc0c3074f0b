//! Whether a request is its provider's.

use domain::integration::{AUTH_TOKEN, Credential, SIGNING_SECRET};
use domain::{Integration, Provider};
use http::HeaderMap;
use jiff::Timestamp;
use providers::inbound::{Forged, standard, twilio};

/// A request as it came.
pub(crate) struct Request<'a> {
    /// The address as its provider was given it, query and all.
    pub(crate) url: &'a str,
    /// Its headers.
    pub(crate) headers: &'a HeaderMap,
    /// Its body.
    pub(crate) body: &'a [u8],
    /// When it came.
    pub(crate) at: Timestamp,
}

/// The provider's own id of a genuine request, where it signs one.
pub(crate) fn genuine(integration: &Integration, request: &Request<'_>) -> Result<Option<String>, Forged> {
    let secret = |name| integration.credentials.get(name).map(Credential::expose).ok_or(Forged::Secret);
    let Request { url, headers, body, at } = *request;
    match integration.provider {
        Provider::Telephony => standard::verify(secret(SIGNING_SECRET)?, headers, body, at).map(Some),
        Provider::Twilio => twilio::verify(secret(AUTH_TOKEN)?, url, headers, body).map(|()| None),
        _ => Err(Forged::Unsigned),
    }
}
