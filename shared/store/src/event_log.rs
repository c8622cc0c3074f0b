//! What happened in an organization, in the order of time, for 30 days.
//!
//! An entry names its event and says no more of it than what a reader may filter by: the event itself lies with its
//! record, and goes with it where that is purged. Entries lie by the ids of their events, which begin with the time, so
//! that an id leads to its event. They are written by the follower of the table's stream, each any number of times, and
//! go by themselves.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use aws_sdk_dynamodb::types::{PutRequest, WriteRequest};
use domain::webhook::{EventPattern, KEPT};
use domain::{Event, EventId, Grant, OrganizationId, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::cursor::Cursor;
use crate::error::{ReadError, StoreError};
use crate::events;
use crate::item::{Item, bytes, n, s, text};
use crate::keys::{self, Key, attr};
use crate::list::ListPage;
use crate::projections::StreamImage;
use crate::table::Table;

/// A page with a filter looks at so many entries: 125 KB of them at most.
const LOOKED_AT: u32 = 500;

/// An entry of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoggedEvent {
    /// The event.
    #[serde(skip, default = "nobodys")]
    pub id: EventId,
    /// The record.
    #[serde(rename = "s")]
    pub subject: String,
    /// The record's version after it.
    #[serde(rename = "v")]
    pub version: u64,
    /// What happened: `lead.created`.
    #[serde(rename = "k")]
    pub kind: String,
    /// Who did it, where it was a person or a machine of theirs.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<UserId>,
}

const fn nobodys() -> EventId {
    EventId::from_uuid(OrganizationId::PLATFORM.uuid())
}

/// What part of the log is asked for.
#[derive(Debug, Clone)]
pub struct EventLogQuery {
    /// Events of these types.
    pub pattern: Option<EventPattern>,
    /// What this person did, by themselves or by a machine of theirs.
    pub actor: Option<UserId>,
    /// Not before.
    pub since: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
    /// The newest first, or the oldest.
    pub newest_first: bool,
    /// Where to go on.
    pub cursor: Option<Cursor>,
    /// At most so many.
    pub limit: NonZeroU32,
}

impl EventLogQuery {
    const fn is_filtered(&self) -> bool {
        self.pattern.is_some() || self.actor.is_some()
    }

    fn covers(&self, entry: &LoggedEvent) -> bool {
        self.pattern.as_ref().is_none_or(|pattern| pattern.fits(&entry.kind))
            && self.actor.is_none_or(|actor| entry.actor == Some(actor))
    }

    /// The first and the last sort key: without a bound, all that ids can be.
    fn bounds(&self, organization: OrganizationId) -> (String, String) {
        let key = |at: Timestamp| keys::event_log_entry(organization, EventId::at(at, [0; 10])).sk;
        let low = self.since.map_or_else(|| "0".to_owned(), key);
        // `BETWEEN` has both of its ends: the id that begins a moment is nobody's.
        let high = self.until.map_or_else(|| "z".to_owned(), key);
        match (&self.cursor, self.newest_first) {
            (Some(cursor), true) => (low, cursor.after.clone().min(high)),
            (Some(cursor), false) => (cursor.after.clone().max(low), high),
            (None, _) => (low, high),
        }
    }
}

impl Table {
    /// Enters the new events among the changes: 1 write unit each. Entered twice, an event is there once.
    pub async fn log_events(&self, images: &[StreamImage], now: Timestamp) -> Result<usize, StoreError> {
        let mut entries: BTreeMap<(String, String), WriteRequest> = BTreeMap::new();
        for image in images.iter().filter(|image| image.sk.starts_with(keys::EVENT) && image.old.is_none()) {
            let Some(data) = image.new.as_ref().and_then(|new| new.get(attr::DATA)) else { continue };
            let event = events::decode_open(&image.pk, &image.sk, data)?;
            let until = event.at + KEPT;
            if until <= now {
                continue;
            }
            let Key { pk, sk } = keys::event_log_entry(event.organization, event.id);
            let entry = LoggedEvent {
                id: event.id,
                actor: event.actor.user(),
                subject: event.subject,
                version: event.version,
                kind: event.kind,
            };
            let data = serde_json::to_string(&entry).map_err(|error| StoreError::unreadable(&pk, error))?;
            let put = PutRequest::builder()
                .item(attr::PK, s(&pk))
                .item(attr::SK, s(&sk))
                .item(attr::DATA, s(data))
                .item(attr::TTL, n(until.as_second()))
                .build()?;
            entries.insert((pk, sk), WriteRequest::builder().put_request(put).build());
        }
        let entered = entries.len();
        self.write_all(entries.into_values().collect()).await?;
        Ok(entered)
    }

    /// A page of the entries of the log: 1 Query, 0.5 read units a 4 KB. With a filter a page looks at 500 entries, and
    /// may be short and still have a `next`.
    pub async fn logged(&self, grant: &Grant, query: &EventLogQuery) -> Result<ListPage<LoggedEvent>, StoreError> {
        let organization = grant.organization();
        let limit = query.limit.get();
        let (low, high) = query.bounds(organization);
        let mut page = ListPage { records: Vec::new(), next: None };
        if low > high {
            return Ok(page);
        }
        // One more for the cursor's own, one to tell whether there is more.
        let read = if query.is_filtered() { LOOKED_AT.max(limit) } else { limit } + 2;
        let answer = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("#pk = :pk AND #sk BETWEEN :low AND :high")
            .expression_attribute_names("#pk", attr::PK)
            .expression_attribute_names("#sk", attr::SK)
            .expression_attribute_values(":pk", s(keys::event_log(organization)))
            .expression_attribute_values(":low", s(low))
            .expression_attribute_values(":high", s(high))
            .scan_index_forward(!query.newest_first)
            .limit(i32::try_from(read).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("Query", &error))?;
        let more = answer.last_evaluated_key.is_some();
        let items = answer.items.unwrap_or_default();
        let mut place = None;
        for item in &items {
            let sk = text(item, attr::SK).unwrap_or_default();
            if query.cursor.as_ref().is_some_and(|cursor| cursor.after == sk) {
                continue;
            }
            let entry = entry_of(item)?;
            if page.records.len() == limit as usize {
                page.next = place.map(Cursor::after);
                return Ok(page);
            }
            place = Some(sk.to_owned());
            if query.covers(&entry) {
                page.records.push(entry);
            }
        }
        page.next = place.filter(|_| more).map(Cursor::after);
        Ok(page)
    }

    /// The same with the events themselves, but for those that went with their record: 1 `BatchGetItem` a 100 more, 0.5
    /// read units each.
    pub async fn logged_events(&self, grant: &Grant, query: &EventLogQuery) -> Result<ListPage<Event>, StoreError> {
        let ListPage { records, next } = self.logged(grant, query).await?;
        let keys: Vec<Key> =
            records.iter().map(|entry| keys::event(grant.organization(), &entry.subject, entry.version)).collect();
        let items = self.batch_get(&keys, false).await?;
        self.learn(items.values()).await?;
        let found = keys.iter().filter_map(|key| Some((key, items.get(&format!("{}\n{}", key.pk, key.sk))?)));
        // One that somebody damaged must not hide the others.
        let read = |(key, item)| {
            let event: Result<Event, StoreError> = self.read_event(key, item);
            event.inspect_err(|error| tracing::error!(%error, "an event cannot be read")).ok()
        };
        Ok(ListPage { records: found.filter_map(read).collect(), next })
    }

    /// An event of the last 30 days, by its id: 2 `GetItem`, 0.5 read units each.
    pub async fn logged_event(&self, grant: &Grant, id: EventId) -> Result<Event, ReadError> {
        let found = self.get_item(&keys::event_log_entry(grant.organization(), id), false).await?;
        let entry = entry_of(&found.ok_or(ReadError::NotFound)?)?;
        self.event_at(grant, &entry.subject, entry.version).await
    }

    /// The event that brought a record to a version: 1 `GetItem`, 0.5 read units a 4 KB. It looks at no grant's rows.
    pub async fn event_at(&self, grant: &Grant, subject: &str, version: u64) -> Result<Event, ReadError> {
        let key = keys::event(grant.organization(), subject, version);
        let item = self.get_item(&key, false).await?.ok_or(ReadError::NotFound)?;
        self.learn([&item]).await?;
        Ok(self.read_event(&key, &item)?)
    }

    fn read_event(&self, key: &Key, item: &Item) -> Result<Event, StoreError> {
        let data = text(item, attr::DATA).ok_or_else(|| StoreError::unreadable(&key.pk, "an event without data"))?;
        events::decode(&self.keys, &key.pk, &key.sk, data, bytes(item, attr::SEALED))
    }
}

fn entry_of(item: &Item) -> Result<LoggedEvent, StoreError> {
    let (sk, data) = (text(item, attr::SK).unwrap_or_default(), text(item, attr::DATA).unwrap_or_default());
    let unreadable = |cause: String| StoreError::unreadable("an entry of the log", cause);
    let mut entry: LoggedEvent = serde_json::from_str(data).map_err(|error| unreadable(error.to_string()))?;
    let id = format!("{}_{sk}", EventId::PREFIX);
    entry.id = id.parse().map_err(|_| unreadable("no event's id".to_owned()))?;
    Ok(entry)
}
