//! What changed for a person since they last asked: for clients that work offline.
//!
//! Whoever follows the stream enters each record that changes into the feed of whom it belongs to, and of whom it
//! belonged to before. An entry names the record only: what became of it is read when it is asked for, so an entry may
//! come late, twice or in another order.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use aws_sdk_dynamodb::types::WriteRequest;
use domain::{Grant, Record, UserId};
use jiff::{SignedDuration, Timestamp};

use crate::batch::put;
use crate::cursor::Cursor;
use crate::error::StoreError;
use crate::item::{n, s, text};
use crate::keys::{self, Key, attr};
use crate::list::ListQuery;
use crate::projections::StreamImage;
use crate::table::Table;

/// An entry lives for as long as a deleted record does; who was away for longer begins anew.
pub(crate) const LIFE: SignedDuration = SignedDuration::from_hours(24 * domain::record::RESTORABLE_DAYS);
/// Followers write entries at the same time, each by its clock: an entry may appear this long after its time, so the
/// last part of a feed is told again.
const OVERLAP: SignedDuration = SignedDuration::from_secs(60);

/// A part of what somebody's client must know.
#[derive(Debug, Clone)]
pub struct Feed<R: Record> {
    /// Records as they are now, each once.
    pub records: Vec<R>,
    /// What is no longer theirs: deleted, gone to somebody else, or out of reach.
    pub gone: Vec<R::Id>,
    /// Where to go on.
    pub next: Cursor,
    /// Whether there is more now.
    pub more: bool,
}

/// A feed could not be read.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The cursor is older than the feed goes back: the client must begin anew.
    #[error("the cursor is too old")]
    Expired,
    /// Somebody wanted the client to begin anew.
    #[error("the client shall begin anew")]
    Anew,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Where a client stands: it first reads all there is, then what changed since it began.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Stand {
    /// In the list of what there is, behind a place.
    All { began: Timestamp, after: Option<String> },
    /// In the feed, behind a place; when this part is at its end it goes on from `restart`.
    Changes { after: String, restart: Timestamp },
}

impl Stand {
    fn write(&self) -> Cursor {
        Cursor::after(match self {
            Self::All { began, after } => {
                format!("all {} {}", began.as_microsecond(), after.as_deref().unwrap_or_default())
            }
            Self::Changes { after, restart } => format!("changes {} {after}", restart.as_microsecond()),
        })
    }

    fn read(cursor: &Cursor) -> Option<Self> {
        let (kind, rest) = cursor.after.split_once(' ')?;
        let (time, after) = rest.split_once(' ')?;
        let time = Timestamp::from_microsecond(time.parse().ok()?).ok()?;
        match kind {
            "all" => Some(Self::All { began: time, after: (!after.is_empty()).then(|| after.to_owned()) }),
            "changes" => Some(Self::Changes { after: after.to_owned(), restart: time }),
            _ => None,
        }
    }

    /// The feed from a time on.
    fn from(time: Timestamp) -> Self {
        Self::Changes { after: keys::sort_time(time), restart: time }
    }

    const fn time(&self) -> Timestamp {
        match self {
            Self::All { began, .. } => *began,
            Self::Changes { restart, .. } => *restart,
        }
    }
}

impl Table {
    /// Enters the records that a batch of the stream changed into the feeds of whom they belong to and belonged to:
    /// 1 write unit a record and person.
    pub async fn feed(&self, images: &[StreamImage], now: Timestamp) -> Result<usize, StoreError> {
        let mut entries = BTreeMap::new();
        for image in images.iter().filter(|image| image.sk == keys::RECORD) {
            let Some((organization, id)) = keys::split_partition(&image.pk) else { continue };
            for item in [&image.old, &image.new].into_iter().flatten() {
                let (Some(kind), Some(owner)) = (item.get(attr::KIND), item.get(attr::OWNER)) else { continue };
                let key = keys::feed_entry(organization, kind, owner, now, id);
                entries.insert((key.pk, key.sk), id);
            }
        }
        let writes = entries.into_iter().map(|((pk, sk), id)| entry(Key { pk, sk }, id, now));
        let writes = writes.collect::<Result<Vec<_>, StoreError>>()?;
        let entered = writes.len();
        self.write_all(writes).await?;
        Ok(entered)
    }

    /// Makes `owner`'s clients begin anew with these kinds of records: whoever goes on from a cursor of before is told.
    /// 1 write unit a kind.
    pub async fn begin_anew(
        &self,
        grant: &Grant,
        owner: UserId,
        kinds: &[&str],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        // Whoever asked before goes on from no later than this, and whoever begins now from later.
        let at = now - OVERLAP - SignedDuration::from_micros(1);
        let key = |kind: &str| keys::feed_entry(grant.organization(), kind, &owner.to_string(), at, keys::ANEW);
        let writes = kinds.iter().map(|kind| entry(key(kind), keys::ANEW, now)).collect::<Result<Vec<_>, _>>()?;
        self.write_all(writes).await
    }

    /// The next part of what `owner`'s client must know of a kind of record that clients keep: all there is
    /// where `cursor` is `None`, then what changed. 1 Query (of each of the lists that hold [all](Record::all_of)), and
    /// for changes 1 `BatchGetItem` a 100 records. A part may tell again what an earlier one told.
    pub async fn changes_for<R: Record>(
        &self,
        grant: &Grant,
        owner: UserId,
        cursor: Option<&Cursor>,
        limit: NonZeroU32,
        now: Timestamp,
    ) -> Result<Feed<R>, FeedError> {
        let stand = match cursor {
            None => Stand::All { began: now, after: None },
            Some(cursor) => {
                Stand::read(cursor).ok_or_else(|| StoreError::unreadable(&cursor.after, "a cursor of another list"))?
            }
        };
        if stand.time() + LIFE < now {
            return Err(FeedError::Expired);
        }
        match stand {
            Stand::All { began, after } => {
                let lists = R::all_of(owner);
                let Some(first) = lists.first() else { return Err(StoreError::unreadable(R::KIND, "no feed").into()) };
                let mut query = ListQuery::new(first.slot, first.question, "", limit);
                query.values = lists.into_iter().map(|list| list.value).collect();
                query.cursor = after.map(Cursor::after);
                let page = self.list(grant, &query, |_: &R| true).await?;
                let more = page.next.is_some();
                let next = match page.next {
                    Some(place) => Stand::All { began, after: Some(place.after) },
                    None => Stand::from(began - OVERLAP),
                };
                Ok(Feed { records: page.records, gone: Vec::new(), next: next.write(), more })
            }
            Stand::Changes { after, restart } => self.changed(grant, owner, (&after, restart), limit, now).await,
        }
    }

    async fn changed<R: Record>(
        &self,
        grant: &Grant,
        owner: UserId,
        (after, restart): (&str, Timestamp),
        limit: NonZeroU32,
        now: Timestamp,
    ) -> Result<Feed<R>, FeedError> {
        let answer = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("#pk = :pk AND #sk > :after")
            .expression_attribute_names("#pk", attr::PK)
            .expression_attribute_names("#sk", attr::SK)
            .expression_attribute_values(":pk", s(keys::feed(grant.organization(), R::KIND, &owner.to_string())))
            .expression_attribute_values(":after", s(after))
            .consistent_read(true)
            .limit(i32::try_from(limit.get()).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("Query", &error))?;
        let items = answer.items.unwrap_or_default();
        if items.iter().any(|item| text(item, attr::SUBJECT) == Some(keys::ANEW)) {
            return Err(FeedError::Anew);
        }
        let mut ids: Vec<R::Id> = Vec::with_capacity(items.len());
        for id in items.iter().filter_map(|item| text(item, attr::SUBJECT)?.parse().ok()) {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        // What is a moment behind is told again by the next part, as the last part of a feed always is.
        let mut found = self.get_many::<R>(grant, &ids).await?;
        let (mut records, mut gone) = (Vec::new(), Vec::new());
        for id in ids {
            match found.remove(&id).filter(|record| record.owner() == Some(owner)) {
                Some(record) => records.push(record),
                None => gone.push(id),
            }
        }
        // The first part of this round says from where the next round begins.
        let first = after == keys::sort_time(restart);
        let restart = if first { restart.max(now - OVERLAP) } else { restart };
        let last = items.last().and_then(|item| text(item, attr::SK));
        let more = answer.last_evaluated_key.is_some();
        let next = match last.filter(|_| more) {
            Some(last) => Stand::Changes { after: last.to_owned(), restart },
            None => Stand::from(restart),
        };
        Ok(Feed { records, gone, next: next.write(), more })
    }
}

/// An entry that names a subject.
fn entry(key: Key, subject: &str, now: Timestamp) -> Result<WriteRequest, StoreError> {
    put(key, [(attr::SUBJECT, s(subject)), (attr::TTL, n((now + LIFE + OVERLAP).as_second()))])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stand_is_read_as_it_was_written() {
        let time = Timestamp::from_second(1_763_596_800).expect("a time");
        for stand in [
            Stand::All { began: time, after: None },
            Stand::All { began: time, after: Some("0006#x".into()) },
            Stand::from(time),
            Stand::Changes { after: "0006#x".into(), restart: time },
        ] {
            assert_eq!(Stand::read(&stand.write()), Some(stand));
        }
        for text in ["", "all", "all x ", "changes 1", "some 1 x"] {
            assert_eq!(Stand::read(&Cursor::after(text)), None, "{text}");
        }
    }
}
