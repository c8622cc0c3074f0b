//! When somebody's clients last asked for what changed, and what came of it.

use std::num::NonZeroU32;

use aws_sdk_dynamodb::types::Select;
use domain::sync::{SyncMode, SyncRun};
use domain::{Grant, UserId};
use jiff::Timestamp;

use crate::batch::put;
use crate::cursor::Cursor;
use crate::error::StoreError;
use crate::feed::LIFE;
use crate::item::{Item, n, s, text};
use crate::keys::{self, Key, attr};
use crate::list::ListPage;
use crate::table::Table;

impl Table {
    /// Remembers a run as the last of its kind of records, and, where it is worth telling later, in the person's
    /// history: 1 write unit each.
    pub async fn sync_ran(&self, grant: &Grant, owner: UserId, run: &SyncRun) -> Result<(), StoreError> {
        let (organization, owner) = (grant.organization(), owner.to_string());
        let data = serde_json::to_string(run).map_err(|error| StoreError::unreadable(&owner, error))?;
        let ttl = (run.at + LIFE).as_second();
        let place = |key: Key| put(key, [(attr::DATA, s(&data)), (attr::TTL, n(ttl))]);
        let mut writes = Vec::new();
        if run.mode != SyncMode::Forced {
            writes.push(place(keys::sync_last(organization, &owner, &run.records))?);
        }
        if run.is_worth_telling() {
            writes.push(place(keys::sync_run(organization, &owner, run.at, &run.id.to_string()))?);
        }
        self.write_all(writes).await
    }

    /// The last run of each kind of records: 1 Query, 0.5 read units.
    pub async fn last_syncs(&self, grant: &Grant, owner: UserId) -> Result<Vec<SyncRun>, StoreError> {
        let pk = keys::syncs(grant.organization(), &owner.to_string());
        let answer = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("#pk = :pk AND begins_with(#sk, :last)")
            .expression_attribute_names("#pk", attr::PK)
            .expression_attribute_names("#sk", attr::SK)
            .expression_attribute_values(":pk", s(&pk))
            .expression_attribute_values(":last", s(keys::SYNC_LAST))
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("Query", &error))?;
        answer.items.unwrap_or_default().iter().map(|item| read(&pk, item)).collect()
    }

    /// A page of the runs worth telling, newest first, back to 30 days: 1 Query, 0.5 read units a 4 KB.
    pub async fn syncs(
        &self,
        grant: &Grant,
        owner: UserId,
        cursor: Option<&Cursor>,
        limit: NonZeroU32,
    ) -> Result<ListPage<SyncRun>, StoreError> {
        let pk = keys::syncs(grant.organization(), &owner.to_string());
        let before = cursor.map_or_else(|| format!("{}$", keys::SYNC_RUN.trim_end_matches('#')), |c| c.after.clone());
        // BETWEEN includes its ends: the cursor's own run is left out below.
        let answer = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("#pk = :pk AND #sk BETWEEN :from AND :before")
            .expression_attribute_names("#pk", attr::PK)
            .expression_attribute_names("#sk", attr::SK)
            .expression_attribute_values(":pk", s(&pk))
            .expression_attribute_values(":from", s(keys::SYNC_RUN))
            .expression_attribute_values(":before", s(&before))
            .scan_index_forward(false)
            .limit(i32::try_from(limit.get() + 2).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("Query", &error))?;
        let items = answer.items.unwrap_or_default();
        let mut items = items.iter().filter(|item| text(item, attr::SK) != Some(&before));
        let most = limit.get() as usize;
        let page: Vec<&Item> = items.by_ref().take(most).collect();
        let next = items.next().and(page.last()).and_then(|item| text(item, attr::SK)).map(Cursor::after);
        Ok(ListPage { records: page.into_iter().map(|item| read(&pk, item)).collect::<Result<_, _>>()?, next })
    }

    /// How many entries a kind's feed got since a time, counted up to `most`: 1 Query, 0.5 read units a 4 KB.
    pub async fn entered_since(
        &self,
        grant: &Grant,
        kind: &str,
        owner: UserId,
        since: Timestamp,
        most: NonZeroU32,
    ) -> Result<u32, StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("#pk = :pk AND #sk > :after")
            .expression_attribute_names("#pk", attr::PK)
            .expression_attribute_names("#sk", attr::SK)
            .expression_attribute_values(":pk", s(keys::feed(grant.organization(), kind, &owner.to_string())))
            .expression_attribute_values(":after", s(keys::sort_time(since)))
            .select(Select::Count)
            .limit(i32::try_from(most.get()).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("Query", &error))?;
        Ok(u32::try_from(answer.count).unwrap_or_default())
    }
}

fn read(pk: &str, item: &Item) -> Result<SyncRun, StoreError> {
    let data = text(item, attr::DATA).ok_or_else(|| StoreError::unreadable(pk, "no data"))?;
    serde_json::from_str(data).map_err(|error| StoreError::unreadable(pk, error))
}
