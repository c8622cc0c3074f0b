//! SNS's own addresses: its certificates, and those that confirm a subscription.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Full, Limited};

use super::{is_certificate, is_sns};
use crate::webhook::{GuardedClient, Reach};

/// What SNS answers is so long at most.
const MAX_ANSWER: usize = 64 * 1_024;
/// So many certificates are remembered; a region has one for years.
const MAX_KNOWN: usize = 16;
/// An answer takes at most so long.
const TIMEOUT: Duration = Duration::from_secs(5);

/// SNS did not answer as it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("SNS did not give what it was asked for")]
pub struct Unfetched;

/// Asks SNS, at its own addresses.
#[async_trait::async_trait]
pub trait SnsWeb: std::fmt::Debug + Send + Sync {
    /// What lies at an address of SNS.
    async fn get(&self, url: &str) -> Result<Bytes, Unfetched>;
}

/// Asks SNS over HTTPS, and remembers its certificates.
#[derive(Debug)]
pub struct GuardedSns {
    client: GuardedClient,
    certificates: Mutex<HashMap<String, Bytes>>,
}

impl GuardedSns {
    /// A client with the system's certificates.
    pub fn new() -> std::io::Result<Self> {
        Ok(Self { client: GuardedClient::keeping(Reach::PUBLIC, TIMEOUT)?, certificates: Mutex::default() })
    }
}

#[async_trait::async_trait]
impl SnsWeb for GuardedSns {
    async fn get(&self, url: &str) -> Result<Bytes, Unfetched> {
        let known = self.certificates.lock().unwrap_or_else(PoisonError::into_inner).get(url).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        if is_sns(url).is_none() {
            return Err(Unfetched);
        }
        let request = Request::get(url).body(Full::default()).map_err(|_| Unfetched)?;
        let answer = self.client.send(request).await.map_err(|_| Unfetched)?;
        let is_good = answer.status().is_success();
        let body = tokio::time::timeout(TIMEOUT, Limited::new(answer.into_body(), MAX_ANSWER).collect()).await;
        let body = body.ok().and_then(Result::ok).filter(|_| is_good).ok_or(Unfetched)?.to_bytes();
        if is_certificate(url) {
            let mut certificates = self.certificates.lock().unwrap_or_else(PoisonError::into_inner);
            if certificates.len() >= MAX_KNOWN {
                certificates.clear();
            }
            certificates.insert(url.to_owned(), body.clone());
        }
        Ok(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nothing_is_asked_but_sns() {
        let sns = GuardedSns::new().expect("a client");
        for url in
            ["https://localhost/SimpleNotificationService-1.pem", "https://example.com/", "http://sns.a.amazonaws.com/"]
        {
            assert_eq!(sns.get(url).await, Err(Unfetched), "{url}");
        }
        assert!(sns.certificates.lock().expect("no test panicked here").is_empty());
    }
}
