//! Where a request came from.

use std::net::{IpAddr, Ipv6Addr};

use axum::extract::FromRequestParts;
use axum::http::Extensions;
use axum::http::request::Parts;
use lambda_http::request::RequestContext;

use crate::{App, Problem};

/// Where a request came from, as API Gateway saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address(pub String);

impl Address {
    pub(crate) fn of(extensions: &Extensions) -> Self {
        let from_gateway = extensions.get::<RequestContext>().and_then(|context| match context {
            RequestContext::ApiGatewayV2(context) => context.http.source_ip.clone(),
            _ => None,
        });
        Self(from_gateway.unwrap_or_else(|| "unknown".to_owned()))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Address {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self::of(&parts.extensions))
    }
}

impl App {
    /// Under what an address is counted: its keyed hash, as an address is personal data.
    ///
    /// An IPv6 address counts with its whole /64, which is the least that one subscriber is given (RFC 6177): a limit
    /// for each of 2⁶⁴ addresses would be none.
    pub fn address_hash(&self, address: &str) -> String {
        self.table().hash_key().hash(&["address", &network(address)])
    }
}

fn network(address: &str) -> String {
    match address.parse() {
        Ok(IpAddr::V6(address)) => match address.to_ipv4_mapped() {
            Some(address) => address.to_string(),
            None => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).to_string(),
        },
        Ok(IpAddr::V4(_)) | Err(_) => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::network;

    #[test]
    fn an_ipv6_address_counts_with_its_network() {
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), network("2001:db8:1:2::1"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
    }

    #[test]
    fn an_ipv4_address_counts_alone_however_it_is_written() {
        assert_eq!(network("::ffff:192.0.2.1"), "192.0.2.1");
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
        assert_eq!(network("unknown"), "unknown");
    }
}
