//! How providers' APIs are asked over HTTPS: one client, built once, for all of them.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, header};
use http_body_util::{BodyExt as _, Full, Limited};
use jiff::SignedDuration;
use serde::de::DeserializeOwned;

use crate::SendError;
use crate::webhook::{GuardedClient, Reach, WebhookRefused};

/// The longest answer that is read.
const MAX_ANSWER: usize = 512 * 1_024;
/// The longest id of a message that is taken for one.
const MAX_ID: usize = 256;
/// No rest that a provider asks for is longer.
const MAX_REST: i64 = 24 * 60 * 60;

/// Asks providers. Clones share one client. The addresses are those of settings, so they are guarded as those of webhooks are.
#[derive(Debug, Clone)]
pub struct Api {
    client: Arc<GuardedClient>,
    timeout: Duration,
}

/// A request to a provider.
pub(crate) struct Call<'a> {
    /// Whose API it is, for people.
    pub(crate) provider: &'static str,
    /// Our id of what is sent, for the log.
    pub(crate) message: &'a str,
    pub(crate) url: &'a str,
    /// The header that lets us in.
    pub(crate) secret: (&'static str, &'a HeaderValue),
    pub(crate) content_type: &'a str,
    pub(crate) body: Bytes,
}

/// What is asked for: its type, and how many bytes it has at most.
#[derive(Clone, Copy)]
struct Wanted {
    accept: &'static str,
    most: usize,
}

impl Wanted {
    const JSON: Self = Self { accept: "application/json", most: MAX_ANSWER };
}

/// What a provider answered.
pub(crate) struct Answer {
    pub(crate) provider: &'static str,
    pub(crate) status: u16,
    /// How long it wants to be left alone.
    pub(crate) rest: Option<SignedDuration>,
    pub(crate) body: Bytes,
}

impl Api {
    /// A client with the system's certificates, whose every call takes at most so long, the answer's body included.
    pub fn new(reach: Reach, timeout: Duration) -> std::io::Result<Self> {
        Ok(Self { client: Arc::new(GuardedClient::keeping(reach, timeout)?), timeout })
    }

    /// Asks, and returns what was answered, whatever its status. Where that does not come whole in time, nobody knows whether it
    /// was done.
    pub(crate) async fn post(&self, call: Call<'_>) -> Result<Answer, SendError> {
        let Call { provider, message: id, url, secret, content_type, body } = call;
        let request = Request::post(url).header(header::CONTENT_TYPE, content_type);
        self.ask(provider, id, request.body(Full::new(body)), secret, Wanted::JSON).await
    }

    /// Asks for what lies at an address, and returns what was answered, whatever its status. `id` is that of what is asked
    /// for, for the log.
    pub(crate) async fn get(
        &self,
        provider: &'static str,
        id: &str,
        url: &str,
        secret: (&'static str, &HeaderValue),
    ) -> Result<Answer, SendError> {
        self.ask(provider, id, Request::get(url).body(Full::default()), secret, Wanted::JSON).await
    }

    /// [`Self::get`] of a file, of at most `most` bytes.
    pub(crate) async fn download(
        &self,
        provider: &'static str,
        id: &str,
        url: &str,
        secret: (&'static str, &HeaderValue),
        most: usize,
    ) -> Result<Answer, SendError> {
        let wanted = Wanted { accept: "*/*", most };
        self.ask(provider, id, Request::get(url).body(Full::default()), secret, wanted).await
    }

    async fn ask(
        &self,
        provider: &'static str,
        id: &str,
        request: http::Result<Request<Full<Bytes>>>,
        (name, secret): (&'static str, &HeaderValue),
        wanted: Wanted,
    ) -> Result<Answer, SendError> {
        let mut request = request.map_err(|_| SendError::Refused(format!("the address of {provider} is none")))?;
        let headers = request.headers_mut();
        headers.insert(name, secret.clone());
        headers.insert(header::ACCEPT, HeaderValue::from_static(wanted.accept));
        headers.insert(header::USER_AGENT, HeaderValue::from_static("Sampark/1"));
        let answer = tokio::time::timeout(self.timeout, self.exchange(provider, request, wanted.most)).await;
        let answer = answer.unwrap_or_else(|_| Err(late(provider)));
        match &answer {
            Ok(Answer { status, .. }) if (200..300).contains(status) => {}
            Ok(Answer { status, .. }) => {
                tracing::warn!(id, provider, status, "a provider did not do what it was asked");
            }
            Err(error) => tracing::warn!(id, provider, %error, "a provider did not do what it was asked"),
        }
        answer
    }

    async fn exchange(
        &self,
        provider: &'static str,
        request: Request<Full<Bytes>>,
        most: usize,
    ) -> Result<Answer, SendError> {
        let answer = self.client.send(request).await.map_err(|refused| match refused {
            WebhookRefused::Forbidden => SendError::Refused(format!("the address of {provider} is not public")),
            WebhookRefused::Unreachable => SendError::not_taken(format!("{provider} could not be reached")),
            WebhookRefused::BrokeOff => SendError::Unknown(format!("{provider} broke off before it answered")),
            WebhookRefused::TimedOut => late(provider),
        })?;
        let (parts, body) = answer.into_parts();
        let rest = parts.headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()).and_then(rest);
        let body = Limited::new(body, most).collect().await;
        let body =
            body.map_err(|_| SendError::Unknown(format!("the answer of {provider} broke off or was too long")))?;
        Ok(Answer { provider, status: parts.status.as_u16(), rest, body: body.to_bytes() })
    }
}

impl Answer {
    pub(crate) const fn is_success(&self) -> bool {
        self.status >= 200 && self.status < 300
    }

    /// The body as JSON. One that is none leaves open whether the message was taken.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, SendError> {
        serde_json::from_slice(&self.body).map_err(|_| unreadable(self.provider))
    }

    /// The id of a message, if it is one: visible ASCII characters, 256 at most.
    pub(crate) fn id(&self, id: String) -> Result<String, SendError> {
        let good = (1..=MAX_ID).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
        if good { Ok(id) } else { Err(unreadable(self.provider)) }
    }

    /// It was not taken this time, and how long the provider wants to be left alone; where a gateway answered, nobody knows.
    pub(crate) fn not_taken(&self, why: String) -> SendError {
        if is_of_a_gateway(self.status) {
            SendError::Unknown(why)
        } else {
            SendError::NotTaken { why, rest: self.rest }
        }
    }
}

/// Whether an answer is that of a gateway which lost the provider's own, and so leaves open what the provider did.
///
/// <https://www.rfc-editor.org/rfc/rfc9110#section-15.6.3>
pub(crate) const fn is_of_a_gateway(status: u16) -> bool {
    matches!(status, 502 | 504)
}

/// A header that no log shows.
pub(crate) fn secret(text: &str) -> Result<HeaderValue, SendError> {
    let refused = |_| SendError::Refused("a credential is not of visible ASCII characters".to_owned());
    let mut value = HeaderValue::from_str(text).map_err(refused)?;
    value.set_sensitive(true);
    Ok(value)
}

fn late(provider: &str) -> SendError {
    SendError::Unknown(format!("{provider} did not answer in time"))
}

fn unreadable(provider: &str) -> SendError {
    SendError::Unknown(format!("the answer of {provider} cannot be read"))
}

/// `Retry-After` in seconds; the other form, a date, says nothing to whoever has no clock.
///
/// <https://www.rfc-editor.org/rfc/rfc9110#field.retry-after>
fn rest(text: &str) -> Option<SignedDuration> {
    let seconds: u32 = text.trim().parse().ok()?;
    Some(SignedDuration::from_secs(i64::from(seconds).min(MAX_REST)))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// An answer of a provider.
    pub(crate) fn answer(status: u16, body: &str) -> Answer {
        Answer { provider: "Example", status, rest: None, body: Bytes::copy_from_slice(body.as_bytes()) }
    }

    #[test]
    fn a_rest_is_told_in_seconds_and_is_no_longer_than_a_day() {
        assert_eq!(rest(" 120 "), Some(SignedDuration::from_secs(120)));
        assert_eq!(rest("4294967295"), Some(SignedDuration::from_hours(24)));
        for none in ["", "-1", "soon", "Fri, 31 Dec 1999 23:59:59 GMT", "99999999999999999999"] {
            assert_eq!(rest(none), None, "{none}");
        }
    }

    #[test]
    fn no_log_shows_a_secret() {
        let value = secret("Bearer example").expect("a header");
        assert!(!format!("{value:?}").contains("example"));
        assert!(matches!(secret("line\nbreak"), Err(SendError::Refused(_))));
    }
}
