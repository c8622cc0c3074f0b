//! What was told to those who listen, for those who were away for a moment; and whether anybody listens at all.

use std::collections::{BTreeSet, HashMap};

use domain::OrganizationId;
use domain::realtime::{CONNECTION_LIFE, OVERLAP, Outline, REMEMBERED, Told};
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::batch::put;
use crate::error::StoreError;
use crate::item::{Item, n, number, s, text};
use crate::keys::{self, Key, attr};
use crate::table::Table;

/// A part of what was told.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ToldPage {
    /// What happened, in the order it was entered; each event once.
    pub told: Vec<Told>,
    /// Where there is more.
    pub next: Option<String>,
}

impl Table {
    /// Says that somebody of an organization listens: 1 `PutItem`, 1 write unit. It holds for a connection's life.
    pub async fn listen(&self, organization: OrganizationId, now: Timestamp) -> Result<(), StoreError> {
        let key = keys::listening(organization);
        // Longer than any connection that is opened while this is remembered.
        let until = now + CONNECTION_LIFE + CONNECTION_LIFE;
        self.client
            .put_item()
            .table_name(&self.name)
            .item(attr::PK, s(key.pk))
            .item(attr::SK, s(key.sk))
            .item(attr::TTL, n(until.as_second()))
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("PutItem", &error))?;
        Ok(())
    }

    /// Those of the organizations of which somebody listens: 1 `BatchGetItem` a 100, 1 read unit each. It reads what was
    /// written last: whoever has come before a change hears of it.
    pub async fn listening(
        &self,
        organizations: &BTreeSet<OrganizationId>,
        now: Timestamp,
    ) -> Result<BTreeSet<OrganizationId>, StoreError> {
        let keys: Vec<Key> = organizations.iter().map(|organization| keys::listening(*organization)).collect();
        let found = self.batch_get(&keys, true).await?;
        let live = |item: &&Item| number::<i64>(item, attr::TTL).is_some_and(|ttl| ttl > now.as_second());
        let listening: BTreeSet<&str> = found.values().filter(live).filter_map(|item| text(item, attr::PK)).collect();
        let listens = |organization: &&OrganizationId| listening.contains(keys::listening(**organization).pk.as_str());
        Ok(organizations.iter().filter(listens).copied().collect())
    }

    /// Remembers what is told, for those who are away: 1 write unit each. Entered twice, it is told once.
    pub async fn remember(&self, told: &[Told], now: Timestamp) -> Result<(), StoreError> {
        let ttl = (now + REMEMBERED + OVERLAP).as_second();
        let mut seen = BTreeSet::new();
        let mut writes = Vec::with_capacity(told.len());
        for told in told.iter().filter(|told| seen.insert(told.id.to_string())) {
            let data = serde_json::to_string(told).map_err(|error| StoreError::unreadable(&told.subject, error))?;
            let key = Key { pk: keys::told(told.organization), sk: keys::place(now, &told.id.to_string()) };
            writes.push(put(key, [(attr::DATA, s(data)), (attr::TTL, n(ttl))])?);
        }
        self.write_all(writes).await
    }

    /// What was told from a time on, or behind a place that an earlier part ended at: 1 Query, 1 read unit a 4 KB.
    pub async fn told_since(
        &self,
        organization: OrganizationId,
        since: &ToldFrom,
        limit: u16,
    ) -> Result<ToldPage, StoreError> {
        let after = match since {
            ToldFrom::Time(time) => keys::sort_time(*time),
            ToldFrom::Behind(place) => place.clone(),
        };
        let answer = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("#pk = :pk AND #sk > :after")
            .expression_attribute_names("#pk", attr::PK)
            .expression_attribute_names("#sk", attr::SK)
            .expression_attribute_values(":pk", s(keys::told(organization)))
            .expression_attribute_values(":after", s(after))
            .consistent_read(true)
            .limit(i32::from(limit))
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("Query", &error))?;
        let more = answer.last_evaluated_key.is_some();
        let items = answer.items.unwrap_or_default();
        let next = items.last().filter(|_| more).and_then(|last| text(last, attr::SK)).map(str::to_owned);
        let (mut seen, mut told) = (BTreeSet::new(), Vec::with_capacity(items.len()));
        for item in &items {
            let data = text(item, attr::DATA).unwrap_or_default();
            let one: Told = serde_json::from_str(data).map_err(|error| StoreError::unreadable("told", error))?;
            if seen.insert(one.id.to_string()) {
                told.push(one);
            }
        }
        Ok(ToldPage { told, next })
    }

    /// The open fields of records as they are now, by id: 1 consistent `BatchGetItem` a 100, 1 read unit a 4 KB each. It
    /// looks at no grant: who may hear of a record is decided by what is in it.
    pub async fn outlines(
        &self,
        organization: OrganizationId,
        ids: &BTreeSet<String>,
    ) -> Result<HashMap<String, Outline>, StoreError> {
        let keys: Vec<Key> = ids.iter().map(|id| keys::record(organization, id)).collect();
        let found = self.batch_get(&keys, true).await?;
        let mut outlines = HashMap::with_capacity(found.len());
        for (id, key) in ids.iter().zip(&keys) {
            let Some(item) = found.get(&key.pk) else { continue };
            let unreadable = |cause: &str| StoreError::unreadable(&key.pk, cause);
            let data = text(item, attr::DATA).ok_or_else(|| unreadable("no data"))?;
            let mut fields: Map<String, Value> =
                serde_json::from_str(data).map_err(|error| StoreError::unreadable(&key.pk, error))?;
            let meta = fields.remove("meta");
            let deleted = meta.as_ref().and_then(|meta| meta.get("deleted_at")).is_some_and(|at| !at.is_null());
            let outline = Outline {
                kind: text(item, attr::KIND).ok_or_else(|| unreadable("no kind"))?.to_owned(),
                version: number(item, attr::VERSION).ok_or_else(|| unreadable("no version"))?,
                deleted,
                fields,
            };
            outlines.insert(id.clone(), outline);
        }
        Ok(outlines)
    }
}

/// From where to tell again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ToldFrom {
    /// From a time on.
    Time(Timestamp),
    /// Behind a place.
    Behind(String),
}
