//! Reading the audit log.

use std::num::NonZeroU32;

use domain::{Event, Grant, OrganizationId, UserId};
use jiff::{SignedDuration, Timestamp};

use super::{AuditEntry, BLOCKS_A_QUERY};
use crate::cursor::Cursor;
use crate::error::StoreError;
use crate::events;
use crate::item::{Item, bytes, number, s, text};
use crate::keys::{self, Key, attr};
use crate::list::ListPage;
use crate::table::Table;

/// A page reads at most so many blocks to fill itself, however selective its filter is.
const MAX_BLOCKS: u32 = 100;
/// The follower takes an event in at the latest so long after it happened: the table's stream keeps a day.
const LATEST: SignedDuration = SignedDuration::from_hours(25);
/// Clocks of two functions differ by less.
const SKEW: SignedDuration = SignedDuration::from_mins(1);

/// Which part of the audit log, newest first.
#[derive(Debug, Clone)]
pub struct AuditQuery {
    /// What this person did, by themselves or by a machine of theirs.
    pub actor: Option<UserId>,
    /// What was done to this kind of record.
    pub record: Option<String>,
    /// What was done: `lead.created`, or all that begins `lead.`.
    pub action: Option<String>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before.
    pub to: Option<Timestamp>,
    /// Where to go on.
    pub cursor: Option<Cursor>,
    /// At most so many rows.
    pub limit: NonZeroU32,
}

/// One row of the audit log.
#[derive(Debug, Clone)]
pub struct AuditRow {
    /// What the chain says of it.
    pub entry: AuditEntry,
    /// The block it is in; `None` while it has not been taken in.
    pub block: Option<u64>,
    /// The event itself; `None` where it went with its record.
    pub event: Option<Event>,
}

impl AuditQuery {
    fn covers(&self, entry: &AuditEntry) -> bool {
        let action = |wanted: &String| match wanted.strip_suffix('.') {
            Some(module) => entry.action.split_once('.').is_some_and(|(own, _)| own == module),
            None => entry.action == *wanted,
        };
        self.actor.is_none_or(|actor| entry.actor.user() == Some(actor))
            && self.record.as_ref().is_none_or(|record| entry.record == *record)
            && self.action.as_ref().is_none_or(action)
            && self.from.is_none_or(|from| from <= entry.at)
            && self.to.is_none_or(|to| entry.at < to)
    }
}

/// Where a walk goes on: the entries of a block before this one.
fn place(block: u64, entries: usize) -> Cursor {
    Cursor::after(format!("{block}:{entries}"))
}

fn read_place(cursor: &Cursor) -> Result<(u64, usize), StoreError> {
    let read = || {
        let (block, entries) = cursor.after.split_once(':')?;
        Some((block.parse().ok()?, entries.parse().ok()?))
    };
    read().ok_or_else(|| StoreError::unreadable(&cursor.after, "a cursor of another list"))
}

impl Table {
    /// A page of the audit log: 1 read and 1 Query for 50 blocks, 0.5 read units for 2 KB of them; 0.5 read units for
    /// each row's event. A page reads 100 blocks at most and then may be short and still have a `next`.
    pub async fn audit_log(&self, grant: &Grant, query: &AuditQuery) -> Result<ListPage<AuditRow>, StoreError> {
        let organization = grant.organization();
        let (mut block, mut below) = match &query.cursor {
            Some(cursor) => read_place(cursor)?,
            None => (self.newest_block(organization, query.to).await?, usize::MAX),
        };
        let (mut found, mut read, mut next) = (Vec::new(), 0, None);
        'walk: while block > 0 {
            if read >= MAX_BLOCKS {
                next = Some(place(block, below));
                break;
            }
            let blocks = self.blocks(organization, (1, block), true, BLOCKS_A_QUERY.min(MAX_BLOCKS - read)).await?;
            if blocks.is_empty() {
                break;
            }
            for part in blocks {
                read += 1;
                if query.from.is_some_and(|from| part.at().is_ok_and(|at| at + SKEW < from)) {
                    break 'walk;
                }
                let until = if part.number == block { below } else { usize::MAX };
                for (index, entry) in part.entries()?.into_iter().enumerate().rev() {
                    if index >= until || !query.covers(&entry) {
                        continue;
                    }
                    if found.len() == query.limit.get() as usize {
                        next = Some(place(part.number, index + 1));
                        break 'walk;
                    }
                    found.push((part.number, entry));
                }
                (block, below) = (part.number - 1, usize::MAX);
            }
        }
        Ok(ListPage { records: self.completed(organization, found).await?, next })
    }

    /// The newest block that can hold what happened before `to`: no call more where nothing is said, else a search of
    /// about 20 reads at a million blocks.
    async fn newest_block(&self, organization: OrganizationId, to: Option<Timestamp>) -> Result<u64, StoreError> {
        let Some(head) = self.chain_head(organization).await? else { return Ok(0) };
        let Some(latest) = to.and_then(|to| to.checked_add(LATEST).ok()) else { return Ok(head.number) };
        if head.at <= latest {
            return Ok(head.number);
        }
        // Everything up to `low` was written by then, everything from `high` on later.
        let (mut low, mut high) = (0, head.number);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            let item = self.get_item(&keys::audit_block(organization, middle), false).await?;
            let at = item.as_ref().and_then(|item| text(item, attr::AT)?.parse::<Timestamp>().ok());
            if at.is_some_and(|at| at > latest) { high = middle } else { low = middle }
        }
        Ok(low)
    }

    async fn completed(
        &self,
        organization: OrganizationId,
        found: Vec<(u64, AuditEntry)>,
    ) -> Result<Vec<AuditRow>, StoreError> {
        let keys: Vec<Key> = found.iter().map(|(_, entry)| entry.key(organization)).collect();
        let items = self.batch_get(&keys, false).await?;
        self.learn(items.values()).await?;
        let row = |((block, entry), key): ((u64, AuditEntry), &Key)| {
            let item = items.get(&format!("{}\n{}", key.pk, key.sk));
            let parts = item.and_then(|item| Some((text(item, attr::DATA)?, bytes(item, attr::SEALED))));
            // One that somebody damaged must not hide the others; verifying the chain tells of it.
            let read =
                parts.map(|(data, sealed)| events::decode(&self.keys, &key.pk, &key.sk, data, sealed)).transpose();
            let event = read.inspect_err(|error| tracing::error!(%error, "an event cannot be read")).ok().flatten();
            AuditRow { entry, block: Some(block), event }
        };
        Ok(found.into_iter().zip(&keys).map(row).collect())
    }

    /// A page of what happened to one record, by its id: its own history, newest first. 1 Query, 0.5 read units a 4 KB.
    /// Where a filter drops events the page is short and still has a `next`.
    pub async fn audit_log_of(
        &self,
        grant: &Grant,
        subject: &str,
        query: &AuditQuery,
    ) -> Result<ListPage<AuditRow>, StoreError> {
        let pk = keys::partition(grant.organization(), subject);
        let before = query.cursor.as_ref().map_or("event$", |cursor| cursor.after.as_str());
        let answer = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("#pk = :pk AND #sk BETWEEN :from AND :before")
            .expression_attribute_names("#pk", attr::PK)
            .expression_attribute_names("#sk", attr::SK)
            .expression_attribute_values(":pk", s(&pk))
            .expression_attribute_values(":from", s(keys::EVENT))
            .expression_attribute_values(":before", s(before))
            .scan_index_forward(false)
            // BETWEEN includes the cursor's own event, and one more tells whether there is more.
            .limit(i32::try_from(query.limit.get() + 2).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("Query", &error))?;
        let items = answer.items.unwrap_or_default();
        self.learn(&items).await?;
        let events: Vec<&Item> = items.iter().filter(|item| text(item, attr::SK) != Some(before)).collect();
        let limit = query.limit.get() as usize;
        let mut page = ListPage { records: Vec::new(), next: None };
        for item in events.iter().take(limit) {
            let key = Key { pk: pk.clone(), sk: text(item, attr::SK).unwrap_or_default().to_owned() };
            let entry = AuditEntry::of(&key, item)?;
            let data = text(item, attr::DATA).unwrap_or_default();
            let event = Some(events::decode(&self.keys, &key.pk, &key.sk, data, bytes(item, attr::SEALED))?);
            page.next = (events.len() > limit).then(|| Cursor::after(key.sk));
            if query.covers(&entry) {
                page.records.push(AuditRow { entry, block: number(item, attr::AUDITED), event });
            }
        }
        Ok(page)
    }
}
