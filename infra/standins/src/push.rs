//! A push service and the devices behind it: it checks who pushes, reads what comes as the device would, and puts it into
//! the outbox.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use providers::push::encrypt::{decrypt, key_from, point_of};
use providers::{PushAnswer, PushRequest, PushService, Unreached};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::faults::Service;
use crate::outbox::Draft;
use crate::{Clock, Fault, Faults, Outbox, Setup};

/// Where its subscriptions lie.
const ORIGIN: &str = "https://push.sampark.example";

/// A push service for tests and for the local platform. Clones share one outbox. A device's keys follow from its name, so
/// that a restart knows them again.
#[derive(Clone)]
pub struct Push {
    outbox: Outbox,
    faults: Faults,
    clock: Arc<dyn Clock>,
    answers: Arc<Mutex<HashMap<String, PushAnswer>>>,
}

impl std::fmt::Debug for Push {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Push").finish_non_exhaustive()
    }
}

/// What a browser gives out of its subscription: `PushSubscription.toJSON()`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subscription {
    /// Where messages go.
    pub endpoint: String,
    /// When it ends; never.
    pub expiration_time: Option<i64>,
    /// What they are encrypted with.
    pub keys: SubscriptionKeys,
}

/// The keys of a subscription, in base64url.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SubscriptionKeys {
    /// The public key.
    pub p256dh: String,
    /// The shared secret.
    pub auth: String,
}

/// The secrets of a device, of its name alone: they guard nothing.
fn secrets(name: &str) -> ([u8; 32], [u8; 16]) {
    let mut key = [1_u8; 32];
    for (place, byte) in name.bytes().enumerate() {
        key[1 + place % 31] = key[1 + place % 31].wrapping_mul(31).wrapping_add(byte);
    }
    let mut auth = [0; 16];
    auth.copy_from_slice(&key[16..]);
    (key, auth)
}

impl Push {
    /// A push service over an outbox.
    pub fn new(outbox: Outbox, setup: &Setup) -> Self {
        let (faults, clock) = (setup.faults.clone(), Arc::clone(&setup.clock));
        Self { outbox, faults, clock, answers: Arc::default() }
    }

    /// The subscription of a device, by a name of letters and digits; the same each time.
    pub fn subscription(name: &str) -> Subscription {
        let (key, auth) = secrets(name);
        let point = key_from(&key).and_then(|key| point_of(&key)).map(|point| URL_SAFE_NO_PAD.encode(point));
        Subscription {
            endpoint: format!("{ORIGIN}/{name}"),
            expiration_time: None,
            keys: SubscriptionKeys { p256dh: point.unwrap_or_default(), auth: URL_SAFE_NO_PAD.encode(auth) },
        }
    }

    /// From now on a device's messages are answered so: 410 where it is gone. `None` takes them again.
    pub fn answer(&self, name: &str, answer: Option<PushAnswer>) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        match answer {
            Some(answer) => answers.insert(name.to_owned(), answer),
            None => answers.remove(name),
        };
    }

    /// What the service makes of a request: its answer, and what the device reads.
    fn take(&self, request: &PushRequest) -> Result<(String, Vec<u8>), u16> {
        let name = request.endpoint.strip_prefix(ORIGIN).and_then(|path| path.strip_prefix('/')).ok_or(404_u16)?;
        self.check(&request.authorization)?;
        let (key, auth) = secrets(name);
        let key = key_from(&key).map_err(|_| 404_u16)?;
        // A real service cannot tell; this one is the device too, which would not understand.
        let text = decrypt(&request.body, &key, &auth).map_err(|_| 400_u16)?;
        Ok((name.to_owned(), text))
    }

    /// Refuses whoever does not prove that they may push (RFC 8292).
    fn check(&self, authorization: &str) -> Result<(), u16> {
        let parts = authorization.strip_prefix("vapid t=").and_then(|rest| rest.split_once(", k="));
        let (token, key) = parts.ok_or(401_u16)?;
        let point = URL_SAFE_NO_PAD.decode(key).map_err(|_| 401_u16)?;
        let mut validation = Validation::new(Algorithm::ES256);
        validation.set_audience(&[ORIGIN]);
        // The clock of tests moves.
        validation.validate_exp = false;
        let claims = jsonwebtoken::decode::<Value>(token, &DecodingKey::from_ec_der(&point), &validation);
        let claims = claims.map_err(|_| 403_u16)?.claims;
        let (until, now) = (claims["exp"].as_u64().ok_or(403_u16)?, self.clock.now_unix_secs());
        let subject = claims["sub"].as_str().unwrap_or_default();
        let named = subject.starts_with("mailto:") || subject.starts_with("https:");
        if named && until > now && until <= now + 86_400 { Ok(()) } else { Err(403) }
    }
}

fn answered(status: u16) -> PushAnswer {
    PushAnswer { status, location: None, retry_after: None }
}

#[async_trait::async_trait]
impl PushService for Push {
    async fn post(&self, request: PushRequest) -> Result<PushAnswer, Unreached> {
        let applies = |fault| !matches!(fault, Fault::Conflict | Fault::Partial);
        let lost = |_| Unreached::Unreachable;
        let fault = self.faults.next(Service::Push, "Post", true, applies).map_err(lost)?;
        if fault == Some(Fault::Throttled) {
            return Ok(PushAnswer { retry_after: Some("60".to_owned()), ..answered(429) });
        }
        let (name, text) = match self.take(&request) {
            Ok(taken) => taken,
            Err(status) => return Ok(answered(status)),
        };
        let told = self.answers.lock().unwrap_or_else(PoisonError::into_inner).get(&name).cloned();
        if let Some(told) = told {
            return Ok(told);
        }
        let shown: Value = serde_json::from_slice(&text).unwrap_or_default();
        let draft = Draft {
            channel: "push".to_owned(),
            from: format!("ttl {}, urgency {}", request.ttl, request.urgency.as_str()),
            to: vec![request.endpoint],
            subject: shown["title"].as_str().unwrap_or_default().to_owned(),
            raw: text,
        };
        let kept = self.outbox.keep(&draft).map_err(|_| Unreached::Unreachable)?;
        self.faults.answered(fault).map_err(|_| Unreached::Unreachable)?;
        Ok(PushAnswer { status: 201, location: Some(format!("{ORIGIN}/message/{kept:016}")), retry_after: None })
    }
}
