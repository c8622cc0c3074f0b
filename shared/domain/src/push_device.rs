//! Devices that notifications are pushed to: browsers' subscriptions of the Push API.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::record::{Claim, List, Meta, Record, Slot};
use crate::{Change, DeviceId, HttpsUrl, Invalid, Label, OrganizationId, UserId};

/// Somebody has at most so many devices; a new one takes the place of the one that was used least lately.
pub const MAX_DEVICES: usize = 20;
/// How exactly it is known when a device was last reached.
const USED_TO: SignedDuration = SignedDuration::from_hours(24);

/// A browser's key of P-256: an uncompressed point of 65 bytes, in base 64 for addresses, without padding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PushKeys {
    /// `p256dh`, then a colon, then `auth`: one text, so that both lie sealed as one.
    text: String,
}

impl PushKeys {
    /// The keys of a subscription, as `PushSubscription.toJSON()` spells them: `p256dh`, 65 bytes that begin with 4, and
    /// `auth`, 16 bytes. Whether the point lies on the curve, whoever encrypts finds out.
    pub fn read(p256dh: &str, auth: &str) -> Result<Self, Vec<(&'static str, Invalid)>> {
        let mut wrong = Vec::new();
        let (key, secret) = (plain(p256dh), plain(auth));
        if !is_base64(key, 87) || !key.starts_with('B') {
            wrong.push((
                "p256dh",
                Invalid::new("bad_key", "must be an uncompressed P-256 key of 65 bytes in base64url"),
            ));
        }
        if !is_base64(secret, 22) {
            wrong.push(("auth", Invalid::new("bad_key", "must be 16 bytes in base64url")));
        }
        if wrong.is_empty() { Ok(Self { text: format!("{key}:{secret}") }) } else { Err(wrong) }
    }

    /// The public key, in base64url.
    pub fn p256dh(&self) -> &str {
        self.text.split_once(':').map_or("", |(key, _)| key)
    }

    /// The secret that authenticates, in base64url.
    pub fn auth(&self) -> &str {
        self.text.split_once(':').map_or("", |(_, secret)| secret)
    }
}

fn plain(text: &str) -> &str {
    text.trim().trim_end_matches('=')
}

fn is_base64(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// A device that notifications are pushed to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PushDevice {
    /// What every record carries.
    pub meta: Meta,
    /// Its id.
    pub id: DeviceId,
    /// Whose it is.
    pub user: UserId,
    /// Where its push service takes what is for it: whoever knows it reaches the device.
    pub endpoint: HttpsUrl,
    /// What is for it is encrypted with these.
    pub keys: PushKeys,
    /// What its owner knows it by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Label>,
    /// When its subscription ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// When it was registered or reached, to a day.
    pub used_at: Timestamp,
}

/// What a browser tells of its subscription.
#[derive(Debug, Clone)]
pub struct Subscription {
    /// Where its push service takes what is for it.
    pub endpoint: HttpsUrl,
    /// What is for it is encrypted with these.
    pub keys: PushKeys,
    /// What its owner knows it by.
    pub label: Option<Label>,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
}

impl PushDevice {
    /// A new one.
    pub fn register(
        id: DeviceId,
        organization: OrganizationId,
        user: UserId,
        subscription: Subscription,
        now: Timestamp,
    ) -> Change<Self> {
        let Subscription { endpoint, keys, label, expires_at } = subscription;
        let meta = Meta::new(organization, now);
        let device = Self { meta, id, user, endpoint, keys, label, expires_at, used_at: now };
        Change::create(device, "device.registered")
    }

    /// The same browser registers again. Whoever does has it in their hands: it is theirs from now on.
    pub fn register_again(self, user: UserId, subscription: Subscription, now: Timestamp) -> Change<Self> {
        let Subscription { endpoint, keys, label, expires_at } = subscription;
        let mut after = self.clone();
        (after.user, after.endpoint, after.keys) = (user, endpoint, keys);
        (after.label, after.expires_at) = (label.or(after.label), expires_at);
        (after.used_at, after.meta.updated_at) = (now, now);
        Change::update(self, after, "device.registered")
    }

    /// It was reached; `None` where that is known well enough.
    pub fn reached(self, now: Timestamp) -> Option<Change<Self>> {
        if now < self.used_at + USED_TO {
            return None;
        }
        let mut after = self.clone();
        (after.used_at, after.meta.updated_at) = (now, now);
        Some(Change::update(self, after, "device.reached"))
    }

    /// Its owner takes it off.
    pub fn remove(self, now: Timestamp) -> Change<Self> {
        Change::delete(self, now, "device.removed")
    }

    /// Its push service knows it no more.
    pub fn expired(self, now: Timestamp) -> Change<Self> {
        Change::delete(self, now, "device.expired")
    }

    /// Whether it has ended by itself.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }

    /// The claim on an endpoint.
    pub fn claim(endpoint: &HttpsUrl) -> Claim {
        Claim::new("endpoint", endpoint.as_str())
    }
}

impl Record for PushDevice {
    const KIND: &'static str = "device";
    type Id = DeviceId;

    fn id(&self) -> DeviceId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn lists(&self) -> Vec<List> {
        vec![List::new(Slot::One, "user", self.user)]
    }
    fn claims(&self) -> Vec<Claim> {
        vec![Self::claim(&self.endpoint)]
    }
    const SEALED: &'static [&'static str] = &["endpoint", "keys"];
    const DERIVED: &'static [&'static str] = &["used_at"];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_their_lengths_with_padding_or_without() {
        let (key, secret) = (format!("B{}", "a".repeat(86)), "b".repeat(22));
        let keys = PushKeys::read(&format!("{key}="), &format!("{secret}==")).expect("keys");
        assert_eq!((keys.p256dh(), keys.auth()), (&*key, &*secret));
        let wrong = |key: &str, secret: &str| {
            let wrong = PushKeys::read(key, secret).expect_err("no keys");
            wrong.into_iter().map(|(field, _)| field).collect::<Vec<_>>()
        };
        assert_eq!(wrong(&key[1..], &secret), ["p256dh"]);
        assert_eq!(wrong(&key.replace('B', "A"), &secret), ["p256dh"]);
        assert_eq!(wrong(&key.replace('a', "+"), "short"), ["p256dh", "auth"]);
    }
}
