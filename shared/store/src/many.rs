//! Several records at once.

use std::collections::HashMap;

use domain::{Grant, Record};

use crate::error::StoreError;
use crate::item::{self, Item, text};
use crate::keys::{self, attr};
use crate::table::Table;

/// Records of three kinds, those that are there.
pub(crate) type Three<A, B, C> = (Option<A>, Option<B>, Option<C>);

impl Table {
    /// Live records of three kinds in the grant's rows, to look at: 1 `BatchGetItem`, 0.5 read units each.
    pub async fn get_three<A: Record, B: Record, C: Record>(
        &self,
        grant: &Grant,
        (a, b, c): (A::Id, B::Id, C::Id),
    ) -> Result<Three<A, B, C>, StoreError> {
        let keys = [a.to_string(), b.to_string(), c.to_string()].map(|id| keys::record(grant.organization(), &id));
        let found = self.batch_get(&keys, false).await?;
        self.learn(found.values()).await?;
        let [a, b, c] = keys.map(|key| found.get(&key.pk));
        Ok((self.one(grant, a)?, self.one(grant, b)?, self.one(grant, c)?))
    }

    /// The live records of these ids that are in the grant's rows, to be changed: one consistent
    /// `BatchGetItem` a 100 ids, 1 read unit a record of 4 KB. What is not there is left out.
    pub async fn get_many_to_change<R: Record>(
        &self,
        grant: &Grant,
        ids: &[R::Id],
    ) -> Result<HashMap<R::Id, R>, StoreError> {
        self.many(grant, ids, true).await
    }

    /// The same, to look at: 0.5 read units each.
    pub async fn get_many<R: Record>(&self, grant: &Grant, ids: &[R::Id]) -> Result<HashMap<R::Id, R>, StoreError> {
        self.many(grant, ids, false).await
    }

    async fn many<R: Record>(
        &self,
        grant: &Grant,
        ids: &[R::Id],
        consistent: bool,
    ) -> Result<HashMap<R::Id, R>, StoreError> {
        let keys: Vec<_> = ids.iter().map(|id| keys::record(grant.organization(), &id.to_string())).collect();
        let mut records = HashMap::with_capacity(ids.len());
        let found = self.batch_get(&keys, consistent).await?;
        self.learn(found.values()).await?;
        for item in found.values() {
            if let Some(record) = self.one::<R>(grant, Some(item))? {
                records.insert(record.id(), record);
            }
        }
        Ok(records)
    }

    /// The live record of an item, where it is one of this kind in the grant's rows.
    fn one<R: Record>(&self, grant: &Grant, item: Option<&Item>) -> Result<Option<R>, StoreError> {
        let Some(item) = item.filter(|item| text(item, attr::KIND) == Some(R::KIND)) else { return Ok(None) };
        let record: R = item::decode(&self.keys, item)?;
        let seen = record.meta().deleted_at.is_none() && grant.rows().cover(record.branch(), record.owner());
        Ok(seen.then_some(record))
    }
}
