//! Web Push (RFC 8030): a message to a browser, encrypted for it alone and signed by us, by way of its push service.
//!
//! <https://www.rfc-editor.org/rfc/rfc8030>

pub mod encrypt;
mod service;
mod vapid;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Uri;
use jiff::{SignedDuration, Timestamp};

use encrypt::{Receiver, SALT, key_from};

pub use encrypt::MAX_PAYLOAD;
pub use service::{GuardedPushes, PushAnswer, PushRequest, PushService, Unreached};
pub use vapid::{Vapid, VapidError};

/// A message to a device.
#[derive(Clone)]
pub struct PushMessage<'a> {
    /// Where its push service takes it.
    pub endpoint: &'a str,
    /// The device's key, in base64url.
    pub p256dh: &'a str,
    /// The secret it shares, in base64url.
    pub auth: &'a str,
    /// What it says; at most [`MAX_PAYLOAD`] bytes.
    pub payload: &'a [u8],
    /// For so many seconds it is kept for a device that is out of reach.
    pub ttl: u32,
    /// How urgent it is.
    pub urgency: Urgency,
    /// One that waits is replaced by a later one of the same topic: at most 32 characters of base64url.
    pub topic: Option<&'a str>,
    /// Now.
    pub at: Timestamp,
    /// Random bytes, for this message alone.
    pub random: [u8; 48],
}

/// How urgent a push is: a device that saves its battery takes what is less urgent later (RFC 8030, section 5.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgency {
    /// On a charger and Wi-Fi.
    Low,
    /// On either.
    Normal,
    /// At once.
    High,
}

impl Urgency {
    /// The word of the header.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Normal => "normal",
            Self::High => "high",
        }
    }
}

/// A push was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PushError {
    /// There is no such subscription any more.
    #[error("the push service knows the device no more")]
    Gone,
    /// It will not be taken, however often it is tried.
    #[error("{0}")]
    Refused(String),
    /// It was not taken this time.
    #[error("{why}")]
    NotTaken {
        /// Why.
        why: String,
        /// How long the service wants to be left alone.
        rest: Option<SignedDuration>,
    },
}

/// Pushes to devices.
#[derive(Debug, Clone)]
pub struct Pusher {
    vapid: Arc<Vapid>,
    service: Arc<dyn PushService>,
}

impl Pusher {
    /// As the holder of a key, through this service.
    pub fn new(vapid: Vapid, service: Arc<dyn PushService>) -> Self {
        Self { vapid: Arc::new(vapid), service }
    }

    /// Hands one over, and returns where its push service keeps it: 1 `POST`.
    pub async fn send(&self, push: &PushMessage<'_>) -> Result<String, PushError> {
        let request = self.request(push)?;
        match self.service.post(request).await {
            Ok(answer) => told(answer),
            Err(Unreached::Forbidden) => Err(PushError::Refused(Unreached::Forbidden.to_string())),
            Err(error) => Err(PushError::NotTaken { why: error.to_string(), rest: None }),
        }
    }

    /// The request for a message, encrypted and signed.
    fn request(&self, push: &PushMessage<'_>) -> Result<PushRequest, PushError> {
        let PushMessage { endpoint, p256dh, auth, payload, ttl, urgency, topic, at, random } = push;
        let refused = |error: &dyn std::error::Error| PushError::Refused(error.to_string());
        let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|error| refused(&error));
        let (key, auth) = (bytes(p256dh)?, bytes(auth)?);
        let mut ephemeral = [0; 32];
        let mut salt = [0; SALT];
        ephemeral.copy_from_slice(&random[..32]);
        salt.copy_from_slice(&random[32..]);
        // Bytes that are no key of the curve are as rare as never; then the next try has others.
        let ephemeral =
            key_from(&ephemeral).map_err(|error| PushError::NotTaken { why: error.to_string(), rest: None })?;
        let body = encrypt::encrypt(payload, Receiver { key: &key, auth: &auth }, &ephemeral, salt)
            .map_err(|error| refused(&error))?;
        let origin = origin(endpoint).ok_or_else(|| PushError::Refused("the endpoint is no address".to_owned()))?;
        let authorization = self
            .vapid
            .authorization(&origin, *at)
            .map_err(|error| PushError::NotTaken { why: error.to_string(), rest: None })?;
        let topic = topic.map(str::to_owned);
        Ok(PushRequest { endpoint: (*endpoint).to_owned(), authorization, ttl: *ttl, urgency: *urgency, topic, body })
    }
}

/// The origin of an address: `https://push.example`, with a port where it is not 443.
fn origin(endpoint: &str) -> Option<String> {
    let uri: Uri = endpoint.parse().ok()?;
    let host = uri.host().filter(|_| uri.scheme_str() == Some("https"))?;
    Some(match uri.port_u16().filter(|port| *port != 443) {
        Some(port) => format!("https://{host}:{port}"),
        None => format!("https://{host}"),
    })
}

/// What an answer means (RFC 8030, sections 5 and 7.3; 413 is its section 7.2).
fn told(answer: PushAnswer) -> Result<String, PushError> {
    let PushAnswer { status, location, retry_after } = answer;
    match status {
        200..=299 => Ok(location.unwrap_or_else(|| status.to_string())),
        404 | 410 => Err(PushError::Gone),
        408 | 429 | 500..=599 => {
            let rest = retry_after.and_then(|text| text.trim().parse().ok()).map(SignedDuration::from_secs);
            Err(PushError::NotTaken { why: format!("the push service answered {status}"), rest })
        }
        _ => Err(PushError::Refused(format!("the push service answered {status}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_answer_has_its_meaning() {
        let answer = |status, retry_after: Option<&str>| {
            told(PushAnswer { status, location: Some("/m/1".into()), retry_after: retry_after.map(str::to_owned) })
        };
        assert_eq!(answer(201, None), Ok("/m/1".to_owned()));
        for gone in [404, 410] {
            assert_eq!(answer(gone, None), Err(PushError::Gone));
        }
        for refused in [301, 400, 401, 403, 413] {
            assert!(matches!(answer(refused, None), Err(PushError::Refused(_))), "{refused}");
        }
        for (status, header, seconds) in [(429, Some("120"), Some(120)), (503, None, None), (500, Some("soon"), None)] {
            let Err(PushError::NotTaken { rest, .. }) = answer(status, header) else { panic!("{status}") };
            assert_eq!(rest, seconds.map(SignedDuration::from_secs));
        }
    }

    #[test]
    fn the_audience_is_the_endpoint_s_origin() {
        assert_eq!(origin("https://push.example/a/b?c").as_deref(), Some("https://push.example"));
        assert_eq!(origin("https://push.example:443/").as_deref(), Some("https://push.example"));
        assert_eq!(origin("https://push.example:8443/").as_deref(), Some("https://push.example:8443"));
        assert_eq!(origin("nonsense"), None);
    }
}
