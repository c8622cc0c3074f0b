//! The public halves of the keys that sign tokens, published by `auth` for every other function.

use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::item::{s, text};
use crate::keys::{self, attr};
use crate::table::Table;

/// A public key that tokens may be signed with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedKey {
    /// Its id: `kid` in a token's header.
    pub kid: String,
    /// The Ed25519 public key, 32 bytes in URL-safe base 64 (`x` of RFC 8037).
    pub x: String,
}

impl Table {
    /// The keys that tokens may be signed with: 1 `GetItem`, 0.5 read units. Each function makes this
    /// one call while it starts; it also opens its connection.
    pub async fn signing_keys(&self) -> Result<Vec<PublishedKey>, StoreError> {
        let key = keys::signing_keys();
        let Some(item) = self.get_item(&key, true).await? else { return Ok(Vec::new()) };
        let data = text(&item, attr::DATA).unwrap_or("[]");
        serde_json::from_str(data).map_err(|error| StoreError::unreadable(&key.pk, error))
    }

    /// Publishes a key beside those that are there: as [`publish_signing_keys`](Self::publish_signing_keys).
    pub async fn publish_signing_key(&self, key: &PublishedKey) -> Result<Vec<PublishedKey>, StoreError> {
        self.publish_signing_keys(std::slice::from_ref(key)).await
    }

    /// Publishes keys, the newest first, before those that are there, at most four in all: 1 read, and 1 write where
    /// that changes anything.
    pub async fn publish_signing_keys(&self, keys: &[PublishedKey]) -> Result<Vec<PublishedKey>, StoreError> {
        let known = self.signing_keys().await?;
        if known.starts_with(keys) {
            return Ok(known);
        }
        let others = known.into_iter().filter(|known| keys.iter().all(|key| key.kid != known.kid));
        let mut published: Vec<PublishedKey> = keys.iter().cloned().chain(others).collect();
        published.truncate(4);
        let place = keys::signing_keys();
        let data = serde_json::to_string(&published).map_err(|error| StoreError::unreadable(&place.pk, error))?;
        self.client
            .put_item()
            .table_name(&self.name)
            .item(attr::PK, s(place.pk))
            .item(attr::SK, s(place.sk))
            .item(attr::DATA, s(data))
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("PutItem", &error))?;
        Ok(published)
    }
}
