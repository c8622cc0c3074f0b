//! What the clock must look at.

use domain::OrganizationId;
use jiff::Timestamp;

use crate::error::StoreError;
use crate::item::{s, text};
use crate::keys::{self, attr, index};
use crate::table::Table;

/// A record whose time has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The tenant.
    pub organization: OrganizationId,
    /// The kind of record.
    pub kind: String,
    /// Its id.
    pub id: String,
}

impl Table {
    /// What is due at `now`, oldest first in each shard, at most `limit` a shard: 1 Query a shard,
    /// 0.5 read units a 4 KB. It reaches over tenants, so only the clock calls it.
    pub async fn due(&self, now: Timestamp, limit: u16) -> Result<Vec<Due>, StoreError> {
        let mut due = Vec::new();
        for shard in 0..keys::DUE_SHARDS {
            let answer = self
                .client
                .query()
                .table_name(&self.name)
                .index_name(index::DUE)
                .key_condition_expression("#pk = :pk AND #sk < :now")
                .expression_attribute_names("#pk", attr::DUEPK)
                .expression_attribute_names("#sk", attr::DUESK)
                .expression_attribute_values(":pk", s(keys::due_shard(shard)))
                // `$` sorts right behind `#`: what is due at this very microsecond is in.
                .expression_attribute_values(":now", s(format!("{}$", keys::sort_time(now))))
                .limit(i32::from(limit))
                .send()
                .await
                .map_err(|error| StoreError::from_sdk("Query", &error))?;
            for item in answer.items.unwrap_or_default() {
                let Some(pk) = text(&item, attr::PK) else { continue };
                let (Some((organization, id)), Some(kind)) = (keys::split_partition(pk), text(&item, attr::KIND))
                else {
                    return Err(StoreError::unreadable(pk, "a due item that is no record"));
                };
                due.push(Due { organization, kind: kind.to_owned(), id: id.to_owned() });
            }
        }
        Ok(due)
    }
}
