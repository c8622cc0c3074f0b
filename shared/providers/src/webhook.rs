//! Webhooks: telling machines elsewhere, at addresses that people give us.
//!
//! The address decides what our own network is asked, so it is guarded: `https` alone, and no address that is not public,
//! neither written as such nor behind a name, looked at after the name was resolved and with no second look-up between the
//! look and the connection. Redirects are not followed, and of the answer the status alone is read.

use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Uri};
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::rt::TokioExecutor;
use jiff::Timestamp;

/// An answer takes at most so long, the connection included.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(5);

/// What a machine is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookCall {
    /// Our id of it: the same at each try, for receivers that tell repeats by it. Sent as `webhook-id`, by the names of the
    /// Standard Webhooks specification.
    pub id: String,
    /// Its address.
    pub url: String,
    /// The JSON it gets.
    pub body: String,
    /// When; sent as `webhook-timestamp`.
    pub at: Timestamp,
}

/// A machine was not told, or did not take it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebhookRefused {
    /// The address is not one of the public internet.
    #[error("the address is not public")]
    Forbidden,
    /// It could not be reached, or broke off.
    #[error("it could not be reached")]
    Unreachable,
    /// It took too long.
    #[error("it took longer than 5 seconds")]
    TimedOut,
    /// It answered something else than success; a redirect is none.
    #[error("it answered {0}")]
    Answered(u16),
}

impl WebhookRefused {
    /// Stable, part of the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Forbidden => "webhook_forbidden",
            Self::Unreachable => "webhook_unreachable",
            Self::TimedOut => "webhook_timed_out",
            Self::Answered(_) => "webhook_refused",
        }
    }
}

/// Tells machines.
#[async_trait::async_trait]
pub trait WebhookCaller: std::fmt::Debug + Send + Sync {
    /// Tells one, by `POST`, and returns the status of its success.
    async fn call(&self, call: &WebhookCall) -> Result<u16, WebhookRefused>;
}

/// A client that reaches the public internet alone.
pub(crate) type GuardedClient = Client<HttpsConnector<HttpConnector<PublicNames>>, Full<Bytes>>;

/// A guarded client with the system's certificates.
pub(crate) fn guarded_client() -> std::io::Result<GuardedClient> {
    let mut connector = HttpConnector::new_with_resolver(PublicNames);
    connector.enforce_http(false);
    connector.set_connect_timeout(Some(TIMEOUT));
    let connector = HttpsConnectorBuilder::new()
        .with_provider_and_native_roots(rustls::crypto::aws_lc_rs::default_provider())?
        .https_only()
        .enable_http1()
        .wrap_connector(connector);
    // A connection that is kept was looked at once only.
    Ok(Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector))
}

/// Tells machines of the public internet.
#[derive(Debug)]
pub struct GuardedWebhooks {
    client: GuardedClient,
}

impl GuardedWebhooks {
    /// A client with the system's certificates.
    pub fn new() -> std::io::Result<Self> {
        Ok(Self { client: guarded_client()? })
    }
}

#[async_trait::async_trait]
impl WebhookCaller for GuardedWebhooks {
    async fn call(&self, call: &WebhookCall) -> Result<u16, WebhookRefused> {
        let uri: Uri = call.url.parse().map_err(|_| WebhookRefused::Forbidden)?;
        if !is_allowed(&uri) {
            return Err(WebhookRefused::Forbidden);
        }
        let request = Request::post(uri)
            .header("content-type", "application/json")
            .header("user-agent", "Sampark-Webhooks/1")
            .header("webhook-id", &call.id)
            .header("webhook-timestamp", call.at.as_second().to_string())
            .body(Full::new(Bytes::from(call.body.clone())))
            .map_err(|_| WebhookRefused::Forbidden)?;
        let answer = match tokio::time::timeout(TIMEOUT, self.client.request(request)).await {
            Err(_) => return Err(WebhookRefused::TimedOut),
            Ok(Err(error)) if is_guards(&error) => return Err(WebhookRefused::Forbidden),
            Ok(Err(error)) => {
                tracing::info!(id = call.id, %error, "a webhook could not be reached");
                return Err(WebhookRefused::Unreachable);
            }
            Ok(Ok(answer)) => answer,
        };
        let status = answer.status();
        if status.is_success() { Ok(status.as_u16()) } else { Err(WebhookRefused::Answered(status.as_u16())) }
    }
}

/// Whether an address may be asked at all: where it names an IP address, no name is resolved that could be looked at.
pub(crate) fn is_allowed(uri: &Uri) -> bool {
    let Some(host) = uri.host() else { return false };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    uri.scheme_str() == Some("https") && bare.parse().map_or(true, is_public)
}

pub(crate) fn is_guards(error: &(dyn std::error::Error + 'static)) -> bool {
    error.is::<NotPublic>() || error.source().is_some_and(is_guards)
}

/// A name that leads to what is not public.
#[derive(Debug, thiserror::Error)]
#[error("the name leads to an address that is not public")]
struct NotPublic;

/// Resolves names, and refuses those that lead to any address that is not public.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PublicNames;

type Looking = Pin<
    Box<dyn Future<Output = Result<std::vec::IntoIter<SocketAddr>, Box<dyn std::error::Error + Send + Sync>>> + Send>,
>;

impl tower::Service<Name> for PublicNames {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = Box<dyn std::error::Error + Send + Sync>;
    type Future = Looking;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Looking {
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            if found.iter().all(|address| is_public(address.ip())) {
                Ok(found.into_iter())
            } else {
                Err(NotPublic.into())
            }
        })
    }
}

/// Whether an address is one of the public internet, by IANA's registries of special purposes.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19));
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(mapped) = address.to_ipv4_mapped() {
        return is_public_v4(mapped);
    }
    let [a, b, ..] = address.segments();
    // Of what is handed out, 2000::/3: not documentation, not what carries an IPv4 address (6to4, Teredo) or is special.
    let special = (a == 0x2001 && (b < 0x200 || b == 0xdb8)) || a == 0x2002 || (a == 0x3fff && b < 0x1000);
    a & 0xe000 == 0x2000 && !special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_public_internet_are_asked() {
        for good in ["8.8.8.8", "203.0.112.1", "2606:4700::1111", "::ffff:8.8.8.8"] {
            assert!(is_public(good.parse().expect("an address")), "{good}");
        }
        for bad in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "255.255.255.255",
            "224.0.0.1",
            "198.18.0.1",
            "192.0.0.170",
            "203.0.113.7",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "::ffff:127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "2001::1",
            "fec0::1",
        ] {
            assert!(!is_public(bad.parse().expect("an address")), "{bad}");
        }
    }

    #[test]
    fn an_address_must_be_https_and_public_as_it_is_written() {
        for good in ["https://hooks.example/a", "https://8.8.8.8/", "https://hooks.example:8443/"] {
            assert!(is_allowed(&good.parse().expect("an address")), "{good}");
        }
        for bad in ["http://hooks.example/", "https://127.0.0.1/", "https://[::1]:8080/", "https://[fd00::1]/", "/a"] {
            assert!(!is_allowed(&bad.parse().expect("an address")), "{bad}");
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_is_refused_before_anything_is_asked() {
        let webhooks = GuardedWebhooks::new().expect("a client");
        let call = |url: &str| WebhookCall {
            id: "run.0".into(),
            url: url.into(),
            body: "{}".into(),
            at: Timestamp::UNIX_EPOCH,
        };
        for url in ["https://localhost:1/", "https://127.0.0.1:1/", "https://169.254.169.254/latest/meta-data"] {
            assert_eq!(webhooks.call(&call(url)).await, Err(WebhookRefused::Forbidden), "{url}");
        }
    }
}
