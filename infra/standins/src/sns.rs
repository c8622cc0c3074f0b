//! A topic of Amazon SNS to which SES tells what became of e-mails: its messages are signed, and its certificate is where it
//! says, by <https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html> and
//! <https://docs.aws.amazon.com/ses/latest/dg/notification-examples.html>.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use providers::inbound::sns::{SnsWeb, Unfetched};
use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256, RsaKeySize, SigningKey as _};
use serde_json::{Value, json};

use crate::provider::Callback;
use crate::{Clock, Error, Setup};

const NOTIFICATION: &[&str] = &["Message", "MessageId", "Timestamp", "TopicArn", "Type"];
const CONFIRMATION: &[&str] = &["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"];

/// A topic. Clones share its key and what is known of its subscription.
#[derive(Clone)]
pub struct Sns(Arc<Inner>);

struct Inner {
    topic: String,
    host: String,
    key: KeyPair,
    certificate: Bytes,
    clock: Arc<dyn Clock>,
    told: AtomicU64,
    is_confirmed: AtomicBool,
}

impl fmt::Debug for Sns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sns").field("topic", &self.0.topic).finish_non_exhaustive()
    }
}

impl Sns {
    /// A topic (`arn:aws:sns:{region}:{account}:{name}`) with a key of its own, new each time.
    pub fn new(topic: &str, setup: &Setup) -> Result<Self, Error> {
        let broken = |error: rcgen::Error| Error::Definition(error.to_string());
        let region = topic.split(':').nth(3).filter(|region| !region.is_empty());
        let region = region.ok_or_else(|| Error::Definition(format!("{topic} is no topic")))?;
        let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).map_err(broken)?;
        let certificate = CertificateParams::new(["sns.amazonaws.com".to_owned()]).map_err(broken)?;
        let certificate = certificate.self_signed(&key).map_err(broken)?.pem();
        Ok(Self(Arc::new(Inner {
            topic: topic.to_owned(),
            host: format!("https://sns.{region}.amazonaws.com"),
            key,
            certificate: Bytes::from(certificate),
            clock: Arc::clone(&setup.clock),
            told: AtomicU64::new(0),
            is_confirmed: AtomicBool::new(false),
        })))
    }

    /// Whether whoever is told has said that it wants to be.
    pub fn is_confirmed(&self) -> bool {
        self.0.is_confirmed.load(Ordering::SeqCst)
    }

    /// The question whether an address wants to be told.
    pub fn subscription(&self) -> Result<Callback, Error> {
        let Inner { topic, host, .. } = &*self.0;
        let url = format!("{host}/?Action=ConfirmSubscription&TopicArn={topic}&Token=1");
        let more = json!({"Token": "1", "SubscribeURL": url});
        let message =
            format!("You have chosen to subscribe to the topic {topic}.\nVisit the SubscribeURL to confirm it.");
        self.told("SubscriptionConfirmation", CONFIRMATION, &message, &more)
    }

    /// What somebody published.
    pub fn published(&self, message: &str) -> Result<Callback, Error> {
        let more = json!({"UnsubscribeURL": format!("{}/?Action=Unsubscribe", self.0.host)});
        self.told("Notification", NOTIFICATION, message, &more)
    }

    /// SES: the recipient's server took a mail, by the id that SES gave it.
    pub fn delivered(&self, mail: &str, to: &str) -> Result<Callback, Error> {
        let more = json!({"timestamp": self.now(), "processingTimeMillis": 546, "recipients": [to],
            "smtpResponse": "250 ok", "reportingMTA": "a8-70.smtp-out.amazonses.com"});
        self.mail("Delivery", "delivery", mail, to, &more)
    }

    /// SES: a mail came back, for good (`Permanent`) or not (`Transient`, `Undetermined`).
    pub fn bounced(&self, mail: &str, to: &str, kind: &str) -> Result<Callback, Error> {
        let recipient = json!({"emailAddress": to, "status": "5.1.1", "action": "failed",
            "diagnosticCode": format!("smtp; 550 5.1.1 <{to}>... User")});
        let more = json!({"bounceType": kind, "bounceSubType": "General", "bouncedRecipients": [recipient],
            "timestamp": self.now(), "feedbackId": "1", "reportingMTA": "dns; email.example.com"});
        self.mail("Bounce", "bounce", mail, to, &more)
    }

    /// SES: the recipient called a mail unwanted.
    pub fn complained(&self, mail: &str, to: &str) -> Result<Callback, Error> {
        let more = json!({"complainedRecipients": [{"emailAddress": to}], "complaintFeedbackType": "abuse",
            "timestamp": self.now(), "feedbackId": "1"});
        self.mail("Complaint", "complaint", mail, to, &more)
    }

    /// SES: a mail came, which a rule publishes: <https://docs.aws.amazon.com/ses/latest/dg/receiving-email-notifications-examples.html>.
    pub fn received(&self, mail: &str, from: &str, raw: &str) -> Result<Callback, Error> {
        let passed = json!({"status": "PASS"});
        let receipt = json!({"timestamp": self.now(), "processingTimeMillis": 222, "recipients": ["desk@example.com"],
            "spamVerdict": passed, "virusVerdict": passed, "spfVerdict": passed, "dkimVerdict": passed,
            "dmarcVerdict": {"status": "GRAY"},
            "action": {"type": "SNS", "topicArn": self.0.topic, "encoding": "BASE64"}});
        let mail = json!({"timestamp": self.now(), "source": from, "messageId": mail, "destination": ["desk@example.com"],
            "headersTruncated": false});
        let content = STANDARD.encode(raw);
        let received = json!({"notificationType": "Received", "mail": mail, "receipt": receipt, "content": content});
        self.published(&received.to_string())
    }

    fn mail(&self, kind: &str, field: &str, mail: &str, to: &str, more: &Value) -> Result<Callback, Error> {
        let mail = json!({"timestamp": self.now(), "source": "no-reply@example.com", "messageId": mail,
            "destination": [to], "headersTruncated": false});
        self.published(&json!({"notificationType": kind, "mail": mail, field: more}).to_string())
    }

    fn told(&self, kind: &str, signed: &[&str], message: &str, more: &Value) -> Result<Callback, Error> {
        let Inner { topic, host, key, told, .. } = &*self.0;
        let id = format!("22b80b92-fdea-4c2c-8f9d-{:012x}", told.fetch_add(1, Ordering::SeqCst));
        let mut body = json!({"Type": kind, "MessageId": id, "TopicArn": topic, "Message": message, "Timestamp": self.now(),
            "SignatureVersion": "2", "SigningCertURL": certificate_url(host)});
        if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
            body.extend(more.clone());
        }
        let lines = signed.iter().map(|name| format!("{name}\n{}\n", body[*name].as_str().unwrap_or_default()));
        let text: String = lines.collect();
        let signature = key.sign(text.as_bytes()).map_err(|error| Error::Definition(error.to_string()))?;
        body["Signature"] = STANDARD.encode(signature).into();
        let callback = Callback::new("text/plain; charset=UTF-8", body.to_string());
        Ok(callback
            .with("x-amz-sns-message-type", kind)
            .with("x-amz-sns-message-id", &id)
            .with("x-amz-sns-topic-arn", topic))
    }

    fn now(&self) -> String {
        jiff::Timestamp::from_second(self.0.clock.now_unix_secs().cast_signed()).unwrap_or_default().to_string()
    }
}

fn certificate_url(host: &str) -> String {
    format!("{host}/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem")
}

/// What lies at the topic's own addresses.
#[async_trait::async_trait]
impl SnsWeb for Sns {
    async fn get(&self, url: &str) -> Result<Bytes, Unfetched> {
        let Inner { host, certificate, is_confirmed, .. } = &*self.0;
        if url == certificate_url(host) {
            return Ok(certificate.clone());
        }
        if url.starts_with(&format!("{host}/?Action=ConfirmSubscription&")) {
            is_confirmed.store(true, Ordering::SeqCst);
            return Ok(Bytes::from_static(b"<ConfirmSubscriptionResponse/>"));
        }
        Err(Unfetched)
    }
}
