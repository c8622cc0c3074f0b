//! The table, and reading one record.

use aws_sdk_dynamodb::Client;
use domain::{Grant, Record};

use crate::error::{ReadError, StoreError};
use crate::item::{self, Item, s};
use crate::keys::{self, Key, attr};
use crate::seal::KeyRing;
use crate::secret::HashKey;

/// The one table. Cheap to clone; made once in `main`.
#[derive(Debug, Clone)]
pub struct Table {
    pub(crate) client: Client,
    pub(crate) name: String,
    pub(crate) hash_key: HashKey,
    pub(crate) keys: KeyRing,
}

impl Table {
    /// The table of this name; `hash_key` hides identifiers in keys.
    pub fn new(client: Client, name: impl Into<String>, hash_key: HashKey) -> Self {
        Self { client, name: name.into(), hash_key, keys: KeyRing::default() }
    }

    /// The key that hides identifiers.
    pub const fn hash_key(&self) -> &HashKey {
        &self.hash_key
    }

    /// One record to show: 1 `GetItem`, 0.5 read units a 4 KB. A write of the last few milliseconds
    /// may not be in it yet.
    pub async fn get<R: Record>(&self, grant: &Grant, id: R::Id) -> Result<R, ReadError> {
        live(self.read(grant, id, false).await?)
    }

    /// One record to change: as [`get`](Self::get), consistent, at twice the price.
    pub async fn get_to_change<R: Record>(&self, grant: &Grant, id: R::Id) -> Result<R, ReadError> {
        live(self.read(grant, id, true).await?)
    }

    /// One record that was deleted and is not purged yet.
    pub async fn get_deleted<R: Record>(&self, grant: &Grant, id: R::Id) -> Result<R, ReadError> {
        let record: R = self.read(grant, id, true).await?;
        if record.meta().deleted_at.is_some() { Ok(record) } else { Err(ReadError::NotFound) }
    }

    async fn read<R: Record>(&self, grant: &Grant, id: R::Id, consistent: bool) -> Result<R, ReadError> {
        let key = keys::record(grant.organization(), &id.to_string());
        let found = match self.get_item(&key, consistent).await? {
            // The key is the tenant's; the kind is checked because two kinds may share an id's UUID.
            Some(found) if item::text(&found, attr::KIND) == Some(R::KIND) => found,
            Some(_) | None => return Err(ReadError::NotFound),
        };
        self.learn([&found]).await?;
        let record: R = item::decode(&self.keys, &found)?;
        if grant.rows().cover(record.branch(), record.owner()) { Ok(record) } else { Err(ReadError::NotFound) }
    }

    pub(crate) async fn get_item(&self, key: &Key, consistent: bool) -> Result<Option<Item>, StoreError> {
        let found = self
            .client
            .get_item()
            .table_name(&self.name)
            .key(attr::PK, s(&key.pk))
            .key(attr::SK, s(&key.sk))
            .consistent_read(consistent)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("GetItem", &error))?;
        Ok(found.item)
    }

    /// Whether the table answers: for health checks. 1 `GetItem` of the token keys.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.get_item(&keys::signing_keys(), false).await.map(drop)
    }
}

fn live<R: Record>(record: R) -> Result<R, ReadError> {
    if record.meta().deleted_at.is_none() { Ok(record) } else { Err(ReadError::NotFound) }
}
