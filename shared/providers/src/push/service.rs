//! Push services, as they are reached over HTTPS.

use bytes::Bytes;
use http::{Request, header};
use http_body_util::Full;

use super::Urgency;
use crate::webhook::{GuardedClient, Reach, WebhookRefused};

/// A request to a push service (RFC 8030, section 5). The body is encrypted as `aes128gcm`.
#[derive(Clone)]
pub struct PushRequest {
    /// The subscription's address.
    pub endpoint: String,
    /// `vapid t=…, k=…`.
    pub authorization: String,
    /// For so many seconds it is kept.
    pub ttl: u32,
    /// How urgent it is.
    pub urgency: Urgency,
    /// What a later one replaces.
    pub topic: Option<String>,
    /// What is encrypted.
    pub body: Vec<u8>,
}

/// What a push service answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushAnswer {
    /// The status; 201 is success.
    pub status: u16,
    /// Where it keeps the message.
    pub location: Option<String>,
    /// `Retry-After`, as it came.
    pub retry_after: Option<String>,
}

/// A push service was not reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreached {
    /// Its address is not one of the public internet.
    #[error("the push service's address is not public")]
    Forbidden,
    /// It could not be reached, or broke off.
    #[error("the push service could not be reached")]
    Unreachable,
}

/// Reaches push services.
#[async_trait::async_trait]
pub trait PushService: std::fmt::Debug + Send + Sync {
    /// Sends one request.
    async fn post(&self, request: PushRequest) -> Result<PushAnswer, Unreached>;
}

/// Reaches the push services of the public internet: a browser names its own, so addresses are guarded as those of webhooks
/// are.
#[derive(Debug)]
pub struct GuardedPushes(GuardedClient);

impl GuardedPushes {
    /// A client with the system's certificates.
    pub fn new() -> std::io::Result<Self> {
        GuardedClient::new(Reach::PUBLIC).map(Self)
    }
}

#[async_trait::async_trait]
impl PushService for GuardedPushes {
    async fn post(&self, request: PushRequest) -> Result<PushAnswer, Unreached> {
        let PushRequest { endpoint, authorization, ttl, urgency, topic, body } = request;
        let mut request = Request::post(endpoint)
            .header(header::AUTHORIZATION, authorization)
            .header(header::CONTENT_ENCODING, "aes128gcm")
            .header(header::CONTENT_TYPE, "application/octet-stream")
            .header("ttl", ttl)
            .header("urgency", urgency.as_str());
        if let Some(topic) = topic {
            request = request.header("topic", topic);
        }
        let request = request.body(Full::new(Bytes::from(body))).map_err(|_| Unreached::Forbidden)?;
        let answer = self.0.send(request).await.map_err(|refused| match refused {
            WebhookRefused::Forbidden => Unreached::Forbidden,
            WebhookRefused::Unreachable | WebhookRefused::BrokeOff | WebhookRefused::TimedOut => Unreached::Unreachable,
        })?;
        let text = |name| answer.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        Ok(PushAnswer {
            status: answer.status().as_u16(),
            location: text(header::LOCATION),
            retry_after: text(header::RETRY_AFTER),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_endpoint_that_leads_inside_is_refused_before_anything_is_asked() {
        let pushes = GuardedPushes::new().expect("a client");
        for endpoint in
            ["https://localhost:1/", "https://127.0.0.1:1/", "https://169.254.169.254/", "http://a.example/"]
        {
            let request = PushRequest {
                endpoint: endpoint.to_owned(),
                authorization: String::new(),
                ttl: 60,
                urgency: Urgency::Normal,
                topic: None,
                body: Vec::new(),
            };
            assert_eq!(pushes.post(request).await, Err(Unreached::Forbidden), "{endpoint}");
        }
    }
}
