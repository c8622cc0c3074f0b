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

/// A part of what is due in a shard.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DuePage {
    /// The records, oldest first.
    pub due: Vec<Due>,
    /// Behind which place there is more.
    pub next: Option<String>,
}

impl Table {
    /// What is due at `now` in a shard (of [`keys::DUE_SHARDS`]), oldest first, behind a place that an earlier part
    /// ended at: 1 Query, 0.5 read units a 4 KB. It reaches over tenants, so only the clock calls it.
    pub async fn due(&self, shard: u8, now: Timestamp, after: Option<&str>, limit: u16) -> Result<DuePage, StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.name)
            .index_name(index::DUE)
            .key_condition_expression("#pk = :pk AND #sk BETWEEN :after AND :now")
            .expression_attribute_names("#pk", attr::DUEPK)
            .expression_attribute_names("#sk", attr::DUESK)
            .expression_attribute_values(":pk", s(keys::due_shard(shard)))
            // BETWEEN includes its ends, and `!` sorts behind nothing: the place itself is left out.
            .expression_attribute_values(":after", s(after.map_or_else(|| "0".to_owned(), |place| format!("{place}!"))))
            // `$` sorts right behind `#`: what is due at this very microsecond is in.
            .expression_attribute_values(":now", s(format!("{}$", keys::sort_time(now))))
            .limit(i32::from(limit))
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("Query", &error))?;
        let more = answer.last_evaluated_key.is_some();
        let items = answer.items.unwrap_or_default();
        let mut page = DuePage::default();
        for item in &items {
            let Some(pk) = text(item, attr::PK) else { continue };
            let (Some((organization, id)), Some(kind)) = (keys::split_partition(pk), text(item, attr::KIND)) else {
                return Err(StoreError::unreadable(pk, "a due item that is no record"));
            };
            page.due.push(Due { organization, kind: kind.to_owned(), id: id.to_owned() });
        }
        page.next = items.last().filter(|_| more).and_then(|last| text(last, attr::DUESK)).map(str::to_owned);
        Ok(page)
    }
}
