//! Amazon SNS: messages signed with RSA under a certificate that SNS publishes, versions 1 (SHA-1) and 2 (SHA-256), by
//! <https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html>.
//!
//! The certificate is one that SNS itself serves: its address is looked at before anything is fetched. A message may be told
//! again for days, so its time proves nothing; its id is the same each time, and who takes it must do nothing twice.

mod web;

use aws_lc_rs::signature::{
    RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, RsaParameters, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Uri;
use jiff::Timestamp;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::server::ParsedCertificate;
use serde::Deserialize;

use super::{Forged, Unreadable};

pub use web::{GuardedSns, SnsWeb, Unfetched};

/// A message of SNS is so long at most, what signs it included.
const MAX_BODY: usize = 512 * 1_024;
/// Where SNS serves its certificates.
const CERTIFICATE: &str = "/SimpleNotificationService-";

/// A genuine message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// SNS's id of it: the same each time it is told.
    pub id: String,
    /// When it was published.
    pub at: Timestamp,
    /// What it is.
    pub kind: NoticeKind,
}

/// What SNS tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoticeKind {
    /// Something was published.
    Published {
        /// What.
        message: String,
    },
    /// Whoever owns this address is asked whether it wants to be told; it does by asking for this one,
    /// [`SnsWeb::get`].
    Subscription {
        /// The address, which is SNS's own, in the topic's region.
        confirm_at: String,
    },
    /// This address will be told no more.
    Unsubscribed,
}

/// A message is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Untaken {
    /// It is not one of this topic's, and never will be.
    #[error(transparent)]
    Forged(#[from] Forged),
    /// It does not read.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// The certificate could not be fetched; later it may be.
    #[error(transparent)]
    Unfetched(#[from] Unfetched),
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope {
    #[serde(rename = "Type")]
    kind: String,
    message_id: String,
    topic_arn: String,
    message: String,
    timestamp: String,
    subject: Option<String>,
    token: Option<String>,
    #[serde(rename = "SubscribeURL")]
    subscribe_url: Option<String>,
    signature_version: String,
    signature: String,
    #[serde(rename = "SigningCertURL")]
    signing_cert_url: String,
}

/// The genuine message of a topic (`arn:aws:sns:…`): at most 1 `GET` for its certificate.
pub async fn verify(topic: &str, body: &[u8], web: &dyn SnsWeb) -> Result<Notice, Untaken> {
    if body.len() > MAX_BODY {
        return Err(Unreadable("it is too long".to_owned()).into());
    }
    let envelope: Envelope = serde_json::from_slice(body).map_err(Unreadable::from)?;
    if envelope.topic_arn != topic {
        return Err(Forged::Mismatch.into());
    }
    let parameters = match envelope.signature_version.as_str() {
        "1" => &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
        "2" => &RSA_PKCS1_2048_8192_SHA256,
        _ => return Err(Forged::Unsigned.into()),
    };
    if !is_certificate(&envelope.signing_cert_url) {
        return Err(Forged::Unsigned.into());
    }
    let signed = signed(&envelope)?;
    let signature = STANDARD.decode(&envelope.signature).map_err(|_| Forged::Unsigned)?;
    let pem = web.get(&envelope.signing_cert_url).await?;
    check(parameters, &pem, &signed, &signature)?;
    Ok(notice(envelope)?)
}

/// What was found genuine when it came: as [`verify`] reads it, without looking at its signature again.
pub fn read(topic: &str, body: &[u8]) -> Result<Notice, Unreadable> {
    let envelope: Envelope = serde_json::from_slice(body)?;
    if envelope.topic_arn == topic { notice(envelope) } else { Err(Unreadable("it is of another topic".to_owned())) }
}

fn check(parameters: &'static RsaParameters, pem: &[u8], signed: &str, signature: &[u8]) -> Result<(), Forged> {
    let certificate = CertificateDer::from_pem_slice(pem).map_err(|_| Forged::Unsigned)?;
    let key = ParsedCertificate::try_from(&certificate).map_err(|_| Forged::Unsigned)?.subject_public_key_info();
    UnparsedPublicKey::new(parameters, key).verify(signed.as_bytes(), signature).map_err(|_| Forged::Mismatch)
}

/// Names and values, a line each, in the order of names. A subject is signed where there is one.
fn signed(envelope: &Envelope) -> Result<String, Forged> {
    let Envelope { kind, message_id, topic_arn, message, timestamp, subject, token, subscribe_url, .. } = envelope;
    let (subject, url, token) = match kind.as_str() {
        "Notification" => (subject.as_ref(), None, None),
        _ if subscribe_url.is_none() || token.is_none() => return Err(Forged::Unsigned),
        _ => (None, subscribe_url.as_ref(), token.as_ref()),
    };
    let pairs = [
        ("Message", Some(message)),
        ("MessageId", Some(message_id)),
        ("Subject", subject),
        ("SubscribeURL", url),
        ("Timestamp", Some(timestamp)),
        ("Token", token),
        ("TopicArn", Some(topic_arn)),
        ("Type", Some(kind)),
    ];
    let lines = pairs.into_iter().filter_map(|(name, value)| Some(format!("{name}\n{}\n", value?)));
    Ok(lines.collect())
}

fn notice(envelope: Envelope) -> Result<Notice, Unreadable> {
    let Envelope { kind, message_id, topic_arn, message, timestamp, subscribe_url, .. } = envelope;
    let kind = match (kind.as_str(), subscribe_url) {
        ("Notification", _) => NoticeKind::Published { message },
        ("SubscriptionConfirmation", Some(url)) if is_of_region(&topic_arn, &url) => {
            NoticeKind::Subscription { confirm_at: url }
        }
        ("UnsubscribeConfirmation", _) => NoticeKind::Unsubscribed,
        _ => return Err(Unreadable("it is of no kind that is documented".to_owned())),
    };
    let at = timestamp.parse().map_err(|_| Unreadable("its time is none".to_owned()))?;
    Ok(Notice { id: message_id, at, kind })
}

/// Whether an address is SNS's in the region of a topic: `arn:aws:sns:{region}:…`.
fn is_of_region(topic: &str, url: &str) -> bool {
    let region = topic.split(':').nth(3).unwrap_or_default();
    is_sns(url).is_some_and(|uri| uri.host() == Some(format!("sns.{region}.amazonaws.com").as_str()))
}

/// Whether an address is that of a certificate of SNS.
fn is_certificate(url: &str) -> bool {
    let Some(uri) = is_sns(url) else { return false };
    let name = uri.path().strip_prefix(CERTIFICATE).and_then(|path| path.strip_suffix(".pem"));
    let is_word = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    name.is_some_and(is_word) && uri.query().is_none()
}

/// An address of SNS: `https://sns.{region}.amazonaws.com/…`, with nothing else in its authority.
fn is_sns(url: &str) -> Option<Uri> {
    let uri: Uri = url.parse().ok()?;
    let authority = uri.authority()?.as_str();
    let region = authority.strip_prefix("sns.")?.strip_suffix(".amazonaws.com")?;
    let good = !region.is_empty()
        && region.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    (uri.scheme_str() == Some("https") && good).then_some(uri)
}

#[cfg(test)]
mod tests;
