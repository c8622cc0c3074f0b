//! The line on which providers call this platform.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::uri::Scheme;
use http::{HeaderMap, Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use standins::Telling;

/// Providers wait no longer than this for an answer: Meta and Twilio give up after some seconds.
const PATIENCE: Duration = Duration::from_secs(15);
/// The longest answer that is read.
const MAX_ANSWER: usize = 64 * 1_024;
/// So much of it is shown.
const SHOWN: usize = 300;

/// Calls this platform's gateway and nobody else.
#[derive(Clone, Debug)]
pub(super) struct Line {
    gateway: SocketAddr,
    client: Client<HttpConnector, Full<Bytes>>,
}

/// Why the platform did not hear.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotHeard {
    /// The address is not the gateway's.
    #[error("{0} is not an address of this platform")]
    Elsewhere(String),
    /// The address is none.
    #[error("the address is not good: {0}")]
    Malformed(#[from] http::Error),
    /// Nobody answered.
    #[error("the platform did not answer: {0}")]
    Silent(String),
    /// It did not want to.
    #[error("the platform answered {0}")]
    Refused(String),
}

/// An answer.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: String,
}

impl Line {
    pub(super) fn to(gateway: SocketAddr) -> Self {
        Self { gateway, client: Client::builder(TokioExecutor::new()).build_http() }
    }

    /// Makes a provider's call, and tells the answer as a person reads it.
    pub(super) async fn post(&self, telling: &Telling) -> Result<String, NotHeard> {
        let Telling { url, callback } = telling;
        let Answer { status, body } = self.ask(Method::POST, url, &callback.headers, callback.body.clone()).await?;
        let said: String = body.trim().chars().take(SHOWN).collect();
        let answer = if said.is_empty() { status.to_string() } else { format!("{status}: {said}") };
        if status.is_success() { Ok(answer) } else { Err(NotHeard::Refused(answer)) }
    }

    /// An address of the gateway, by whichever of this machine's names it has it.
    pub(super) fn own(&self, url: &str) -> Result<Uri, NotHeard> {
        let elsewhere = || NotHeard::Elsewhere(url.to_owned());
        let uri: Uri = url.parse().map_err(|_| elsewhere())?;
        let (name, port) = (self.gateway.ip().to_string(), self.gateway.port());
        let is_here = uri.host().is_some_and(|host| host == "localhost" || host == name);
        let is_own = uri.scheme() == Some(&Scheme::HTTP) && uri.port_u16() == Some(port);
        if is_here && is_own { Ok(uri) } else { Err(elsewhere()) }
    }

    pub(super) async fn ask(
        &self,
        method: Method,
        url: &str,
        headers: &HeaderMap,
        body: impl Into<Bytes>,
    ) -> Result<Answer, NotHeard> {
        let mut request = Request::builder().method(method).uri(self.own(url)?).body(Full::new(body.into()))?;
        *request.headers_mut() = headers.clone();
        let answered = async {
            let (head, body) = self.client.request(request).await.map_err(|error| silent(&error))?.into_parts();
            let body = Limited::new(body, MAX_ANSWER).collect().await.map_err(|error| silent(&error))?;
            Ok(Answer { status: head.status, body: String::from_utf8_lossy(&body.to_bytes()).into_owned() })
        };
        tokio::time::timeout(PATIENCE, answered).await.map_err(|late| silent(&late))?
    }
}

fn silent(why: &impl ToString) -> NotHeard {
    NotHeard::Silent(why.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_but_the_gateway_is_called() {
        let line = Line::to(SocketAddr::from(([127, 0, 0, 1], 3000)));
        for own in
            ["http://127.0.0.1:3000/v1/webhooks/ses/1", "http://localhost:3000/v1/a?token=b", "http://localhost:3000"]
        {
            assert!(line.own(own).is_ok(), "{own}");
        }
        for elsewhere in [
            "",
            "/v1/webhooks",
            "http://localhost/v1",
            "http://localhost:3001/v1",
            "https://localhost:3000/v1",
            "http://elsewhere.example:3000/v1",
            "http://localhost:3000@elsewhere.example/v1",
            "http://127.0.0.2:3000/v1",
            "ftp://localhost:3000/v1",
        ] {
            assert!(line.own(elsewhere).is_err(), "{elsewhere}");
        }
    }
}
