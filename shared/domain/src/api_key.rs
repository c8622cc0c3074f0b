//! Keys of machines.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::record::{List, Meta, Record, Slot};
use crate::{ApiKeyId, Authority, BranchId, Change, Permissions, RowReach, Rows, UserId};

/// After a rotation the old secret is good for so long at most.
pub const MAX_OVERLAP: SignedDuration = SignedDuration::from_hours(7 * 24);
/// `last_used_at` is written at most once in this time, so that a busy key costs no write a request.
pub const USE_NOTED: SignedDuration = SignedDuration::from_mins(15);

/// A machine's key to the API. It acts for the person who made it and can never do more than they can.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// What every record carries.
    pub meta: Meta,
    /// Its id; a part of the key's text.
    pub id: ApiKeyId,
    /// What people call it.
    pub name: String,
    /// Whose it is.
    pub user: UserId,
    /// What it may do.
    pub scopes: Permissions,
    /// How far it reaches, at most as far as its owner.
    pub reach: RowReach,
    /// The branches it reaches, where that is less than its owner's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub branches: Vec<BranchId>,
    /// Requests an hour.
    pub requests_per_hour: u32,
    /// SHA-256 of the secret that is good now, in hexadecimal.
    pub secret_hash: String,
    /// The first characters of the key's text, by which people tell keys apart.
    pub prefix: String,
    /// The secret before the last rotation, while it is still good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<PreviousSecret>,
    /// When it ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, to a quarter of an hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<Timestamp>,
}

/// A secret that a rotation has replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviousSecret {
    /// Its SHA-256 in hexadecimal.
    pub hash: String,
    /// Good until then.
    pub until: Timestamp,
}

impl ApiKey {
    /// Whether it opens anything at `now`, with a secret that hashes to one of these.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }

    /// Gives it a new secret; the old one stays good for `overlap`.
    pub fn rotate(self, secret_hash: String, prefix: String, overlap: SignedDuration, now: Timestamp) -> Change<Self> {
        let mut after = self.clone();
        let old = std::mem::replace(&mut after.secret_hash, secret_hash);
        after.prefix = prefix;
        after.previous = (!overlap.is_zero()).then(|| PreviousSecret { hash: old, until: now + overlap });
        after.meta.updated_at = now;
        Change::update(self, after, "api_key.rotated")
    }

    /// The hashes of the secrets that are good at `now`.
    pub fn good_hashes(&self, now: Timestamp) -> impl Iterator<Item = &str> {
        let previous = self.previous.as_ref().filter(move |previous| now < previous.until);
        std::iter::once(self.secret_hash.as_str()).chain(previous.map(|previous| previous.hash.as_str()))
    }

    /// What it may do here and now: its scopes and rows, cut to what its owner may.
    pub fn authority(&self, owner: &Authority) -> Authority {
        let rows = match (self.reach.min(owner.reach), &owner.rows) {
            (RowReach::All, _) => Rows::All,
            (RowReach::Branch, Rows::All) => Rows::Branches { branches: self.branches.clone() },
            (RowReach::Branch, Rows::Branches { branches }) => {
                let kept = branches.iter().filter(|branch| self.branches.is_empty() || self.branches.contains(branch));
                Rows::Branches { branches: kept.copied().collect() }
            }
            (RowReach::Team, Rows::Team { users }) => Rows::Team { users: users.clone() },
            _ => Rows::Own { user: self.user },
        };
        let reach = self.reach.min(owner.reach);
        Authority { permissions: owner.permissions.and(self.scopes), rows, reach, ..owner.clone() }
    }
}

impl Record for ApiKey {
    const KIND: &'static str = "api_key";
    type Id = ApiKeyId;

    fn id(&self) -> ApiKeyId {
        self.id
    }
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }
    fn lists(&self) -> Vec<List> {
        vec![List::new(Slot::One, "all", ""), List::new(Slot::Two, "user", self.user)]
    }
    const DERIVED: &'static [&'static str] = &["secret_hash", "previous", "last_used_at"];
}
