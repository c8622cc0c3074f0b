//! Lists over the overloaded indexes.

use std::collections::HashMap;
use std::num::NonZeroU32;

use domain::{BranchId, Grant, Record, Slot};
use futures::future::try_join_all;
use jiff::Timestamp;

use crate::commit::list_dimension;
use crate::cursor::Cursor;
use crate::error::StoreError;
use crate::item::{self, Item, s, text};
use crate::keys::{self, Key, attr, index};
use crate::table::Table;

/// A page reads at most so many records to fill itself, however selective its filter is.
pub(crate) const MAX_READ: u32 = 2_000;

/// What list, and which part of it.
#[derive(Debug, Clone)]
pub struct ListQuery {
    /// The index.
    pub slot: Slot,
    /// The question: `owner`.
    pub question: &'static str,
    /// The values asked for: their lists are merged by their order. One value is one Query.
    pub values: Vec<String>,
    /// Newest first, or oldest first.
    pub newest_first: bool,
    /// Only what its lists order from this moment on.
    pub since: Option<Timestamp>,
    /// Only what they order before this moment.
    pub until: Option<Timestamp>,
    /// Where to go on.
    pub cursor: Option<Cursor>,
    /// How many records that match to pass over first; bounded by [`MAX_READ`] together with `limit`.
    pub skip: u32,
    /// At most so many records.
    pub limit: NonZeroU32,
}

impl ListQuery {
    /// The first page of one list, newest first.
    pub fn new(slot: Slot, question: &'static str, value: impl Into<String>, limit: NonZeroU32) -> Self {
        Self {
            slot,
            question,
            values: vec![value.into()],
            newest_first: true,
            since: None,
            until: None,
            cursor: None,
            skip: 0,
            limit,
        }
    }

    /// The places between which to read, behind `after`.
    fn bounds(&self, after: Option<&str>) -> (Option<String>, Option<String>) {
        let after = after.map(str::to_owned);
        let since = self.since.map(keys::sort_time);
        let until = self.until.map(keys::sort_time);
        if self.newest_first { (since, after.or(until)) } else { (after.or(since), until) }
    }
}

/// A page of a list.
#[derive(Debug, Clone)]
pub struct ListPage<R> {
    /// The records.
    pub records: Vec<R>,
    /// Where the list goes on; `None` at its end.
    pub next: Option<Cursor>,
}

impl Table {
    /// A page of the records of one or more lists that are in the grant's rows and pass `keep`:
    /// 1 Query for each value, 0.5 read units a 4 KB. Where `keep` drops records, further Queries
    /// follow until the page is full or [`MAX_READ`] records were read; then the page may be short
    /// and still have a `next`.
    pub async fn list<R: Record>(
        &self,
        grant: &Grant,
        query: &ListQuery,
        keep: impl Fn(&R) -> bool,
    ) -> Result<ListPage<R>, StoreError> {
        let mut records = Vec::new();
        let mut after = query.cursor.as_ref().map(|cursor| cursor.after.clone());
        let (mut skip, mut read) = (query.skip, 0);
        let wanted = query.limit.get() as usize;
        loop {
            let missing = u32::try_from(wanted - records.len()).unwrap_or(u32::MAX);
            // One more than asked for tells whether there is more.
            let want = (skip + missing + 1).min(MAX_READ);
            let (rows, ended) = self.read_lists::<R>(grant, query, after.as_deref(), want).await?;
            for (place, record) in rows {
                if records.len() == wanted {
                    return Ok(ListPage { records, next: after.map(Cursor::after) });
                }
                read += 1;
                after = Some(place);
                if !grant.rows().cover(record.branch(), record.owner()) || !keep(&record) {
                    continue;
                }
                if skip > 0 {
                    skip -= 1;
                } else {
                    records.push(record);
                }
            }
            if ended {
                return Ok(ListPage { records, next: None });
            }
            if read >= MAX_READ {
                return Ok(ListPage { records, next: after.map(Cursor::after) });
            }
        }
    }

    /// The next `want` records of the merged lists with their places, and whether that is the end.
    async fn read_lists<R: Record>(
        &self,
        grant: &Grant,
        query: &ListQuery,
        after: Option<&str>,
        want: u32,
    ) -> Result<(Vec<(String, R)>, bool), StoreError> {
        let reads = query.values.iter().map(|value| self.read_list(grant, R::KIND, query, value, after, want));
        let parts = try_join_all(reads).await?;
        let ended = parts.iter().all(|(_, ended)| *ended);
        let mut rows = Vec::new();
        // A list that was cut ends the merge there: what lies behind its end is not known yet.
        let mut bound: Option<String> = None;
        for (items, ended) in &parts {
            if !ended && let Some(last) = items.last().and_then(|item| text(item, attr::PLACE)) {
                let nearer = bound.as_deref().is_none_or(|b| if query.newest_first { last > b } else { last < b });
                if nearer {
                    bound = Some(last.to_owned());
                }
            }
        }
        for item in parts.iter().flat_map(|(items, _)| items) {
            let Some(place) = text(item, attr::PLACE) else { continue };
            let within = bound.as_deref().is_none_or(|b| if query.newest_first { place >= b } else { place <= b });
            if within {
                rows.push((place.to_owned(), item));
            }
        }
        if query.values.len() > 1 {
            rows.sort_by(|(a, _), (b, _)| if query.newest_first { b.cmp(a) } else { a.cmp(b) });
        }
        self.learn(rows.iter().map(|(_, item)| *item)).await?;
        let rows = rows.into_iter().map(|(place, item)| Ok((place, item::decode(&self.keys, item)?)));
        Ok((rows.collect::<Result<_, StoreError>>()?, ended))
    }

    async fn read_list(
        &self,
        grant: &Grant,
        kind: &str,
        query: &ListQuery,
        value: &str,
        after: Option<&str>,
        want: u32,
    ) -> Result<(Vec<Item>, bool), StoreError> {
        let mut items = Vec::new();
        let mut start = None;
        loop {
            let left = want.saturating_sub(u32::try_from(items.len()).unwrap_or(u32::MAX));
            let mut request = self
                .client
                .query()
                .table_name(&self.name)
                .index_name(index_name(query.slot))
                .expression_attribute_names("#pk", partition_name(query.slot))
                .expression_attribute_values(":pk", s(keys::list(grant.organization(), kind, query.question, value)))
                .scan_index_forward(!query.newest_first)
                .set_exclusive_start_key(start)
                .limit(i32::try_from(left).unwrap_or(i32::MAX));
            // Nothing has the place of a bare time, so that both ends of the range are left out.
            let (low, high) = query.bounds(after);
            if low.is_some() || high.is_some() {
                request = request.expression_attribute_names("#place", attr::PLACE);
            }
            if let Some(low) = &low {
                request = request.expression_attribute_values(":low", s(low));
            }
            if let Some(high) = &high {
                request = request.expression_attribute_values(":high", s(high));
            }
            request = request.key_condition_expression(match (low, high) {
                (None, None) => "#pk = :pk",
                (Some(_), None) => "#pk = :pk AND #place > :low",
                (None, Some(_)) => "#pk = :pk AND #place < :high",
                (Some(_), Some(_)) => "#pk = :pk AND #place BETWEEN :low AND :high",
            });
            let answer = request.send().await.map_err(|error| StoreError::from_sdk("Query", &error))?;
            // BETWEEN includes its ends, and one of them may be the place that a page ended at.
            items.extend(answer.items.unwrap_or_default().into_iter().filter(|item| text(item, attr::PLACE) != after));
            start = answer.last_evaluated_key;
            if start.is_none() || items.len() >= want as usize {
                return Ok((items, start.is_none()));
            }
        }
    }

    /// How many records a list holds, kept by events: 1 `GetItem` a value, 0.5 read units. It follows
    /// a change within moments.
    pub async fn list_size<R: Record>(
        &self,
        grant: &Grant,
        question: &str,
        values: &[String],
    ) -> Result<u64, StoreError> {
        let lists: Vec<String> = values.iter().map(|value| list_dimension(R::KIND, question, value)).collect();
        let total: i64 = self.counts_named(grant, "list", &lists).await?.values().sum();
        Ok(u64::try_from(total).unwrap_or(0))
    }

    /// Every branch of the organization that the grant reaches, newest first; at most 200.
    pub async fn branches_in_reach(&self, grant: &Grant) -> Result<Vec<BranchId>, StoreError> {
        if let domain::Rows::Branches { branches } = grant.rows() {
            return Ok(branches.clone());
        }
        let limit = NonZeroU32::MIN.saturating_add(199);
        let page = self.list::<domain::Branch>(grant, &ListQuery::new(Slot::One, "all", "", limit), |_| true).await?;
        Ok(page.records.iter().map(|branch| branch.id).collect())
    }

    /// Items by key, by their partition and sort key: one `BatchGetItem` a 100, asked again for what
    /// came back unprocessed.
    pub(crate) async fn batch_get(&self, keys: &[Key], consistent: bool) -> Result<HashMap<String, Item>, StoreError> {
        use aws_sdk_dynamodb::types::KeysAndAttributes;

        let mut found = HashMap::with_capacity(keys.len());
        let mut unique: Vec<&Key> = keys.iter().collect();
        unique.sort_by(|a, b| (&a.pk, &a.sk).cmp(&(&b.pk, &b.sk)));
        unique.dedup();
        for chunk in unique.chunks(100) {
            let mut left: Vec<_> = chunk
                .iter()
                .map(|key| HashMap::from([(attr::PK.to_owned(), s(&key.pk)), (attr::SK.to_owned(), s(&key.sk))]))
                .collect();
            let mut tries = 0;
            while !left.is_empty() {
                tries += 1;
                if tries > 8 {
                    let cause = "keys left unprocessed".to_owned();
                    return Err(StoreError::Busy { operation: "BatchGetItem", cause });
                }
                let wanted = KeysAndAttributes::builder().set_keys(Some(left)).consistent_read(consistent).build()?;
                let answer = self
                    .client
                    .batch_get_item()
                    .request_items(&self.name, wanted)
                    .send()
                    .await
                    .map_err(|error| StoreError::from_sdk("BatchGetItem", &error))?;
                for item in answer.responses.unwrap_or_default().into_values().flatten() {
                    if let (Some(pk), Some(sk)) = (text(&item, attr::PK), text(&item, attr::SK)) {
                        // Counters share a partition; records and claims have one each.
                        let name =
                            if sk == keys::RECORD || sk == keys::CLAIM { pk.to_owned() } else { format!("{pk}\n{sk}") };
                        found.insert(name, item);
                    }
                }
                left = answer.unprocessed_keys.unwrap_or_default().into_values().flat_map(|keys| keys.keys).collect();
            }
        }
        Ok(found)
    }
}

const fn index_name(slot: Slot) -> &'static str {
    match slot {
        Slot::One => index::LIST1,
        Slot::Two => index::LIST2,
        Slot::Three => index::LIST3,
    }
}

const fn partition_name(slot: Slot) -> &'static str {
    match slot {
        Slot::One => attr::L1PK,
        Slot::Two => attr::L2PK,
        Slot::Three => attr::L3PK,
    }
}
