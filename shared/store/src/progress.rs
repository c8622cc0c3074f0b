//! How far a job's chunks are: moved in the same transaction as the rows they stand for, so that a
//! worker which dies at any point, or a message that comes twice, neither loses nor doubles a row.

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem, Update};
use domain::job::Tally;
use domain::{Grant, JobId};
use serde::{Serialize, de::DeserializeOwned};

use crate::commit::Transaction;
use crate::error::StoreError;
use crate::item::{self, Item, b, bytes, n, s, text};
use crate::keys::{self, Key, attr};
use crate::table::Table;

/// One chunk of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ChunkProgress {
    /// Its number in the job, from 0.
    pub number: u32,
    /// The first of its rows that is not done.
    pub next: u32,
    /// Whether all of them are.
    pub done: bool,
    /// What became of those that are.
    pub tally: Tally,
}

impl Table {
    /// How far a chunk is: 1 `GetItem`, 1 read unit. A chunk that nobody began is at its beginning.
    pub async fn chunk(&self, grant: &Grant, job: JobId, number: u32) -> Result<ChunkProgress, StoreError> {
        let key = keys::chunk(grant.organization(), &job.to_string(), number);
        Ok(self
            .get_item(&key, true)
            .await?
            .map_or(ChunkProgress { number, ..Default::default() }, |item| read(&item, number)))
    }

    /// How far all chunks of a job are: 1 Query, 1 read unit a 4 KB (about 40 chunks).
    pub async fn chunks(&self, grant: &Grant, job: JobId) -> Result<Vec<ChunkProgress>, StoreError> {
        let items = self.parts(grant, job, keys::CHUNK).await?;
        Ok(items
            .iter()
            .filter_map(|item| {
                let number = text(item, attr::SK)?.strip_prefix(keys::CHUNK)?.parse().ok()?;
                Some(read(item, number))
            })
            .collect())
    }

    /// The errors of a job's rows, chunk by chunk, at most `limit`: 1 Query and 1 read unit a 4 KB (about
    /// 25 errors).
    pub async fn row_errors<E: DeserializeOwned>(
        &self,
        grant: &Grant,
        job: JobId,
        limit: usize,
    ) -> Result<Vec<E>, StoreError> {
        let mut errors: Vec<E> = Vec::new();
        let mut start = None;
        loop {
            let (items, next) = self.page_of_parts(grant, job, keys::ROW_ERRORS, start).await?;
            self.learn(&items).await?;
            for item in items {
                let (Some(sk), Some(sealed)) = (text(&item, attr::SK), bytes(&item, attr::SEALED)) else { continue };
                let key = Key { pk: keys::partition(grant.organization(), &job.to_string()), sk: sk.to_owned() };
                let data = self.keys.open(&key, sealed)?;
                let batch: Vec<E> =
                    serde_json::from_str(&data).map_err(|error| StoreError::unreadable(&job.to_string(), error))?;
                errors.extend(batch);
            }
            start = next;
            if start.is_none() || errors.len() >= limit {
                errors.truncate(limit);
                return Ok(errors);
            }
        }
    }

    async fn parts(&self, grant: &Grant, job: JobId, prefix: &str) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::new();
        let mut start = None;
        loop {
            let (page, next) = self.page_of_parts(grant, job, prefix, start).await?;
            items.extend(page);
            start = next;
            if start.is_none() {
                return Ok(items);
            }
        }
    }

    async fn page_of_parts(
        &self,
        grant: &Grant,
        job: JobId,
        prefix: &str,
        start: Option<Item>,
    ) -> Result<(Vec<Item>, Option<Item>), StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("#pk = :pk AND begins_with(#sk, :prefix)")
            .expression_attribute_names("#pk", attr::PK)
            .expression_attribute_names("#sk", attr::SK)
            .expression_attribute_values(":pk", s(keys::partition(grant.organization(), &job.to_string())))
            .expression_attribute_values(":prefix", s(prefix))
            .consistent_read(true)
            .set_exclusive_start_key(start)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("Query", &error))?;
        Ok((answer.items.unwrap_or_default(), answer.last_evaluated_key))
    }
}

impl Transaction<'_> {
    /// Moves a chunk from where it was read to `next` (`done` if that is its end), with what became of the
    /// rows between and their errors. Refused as [`Refused::Guard`](crate::Refused::Guard) where another worker moved it.
    #[expect(clippy::too_many_arguments, reason = "each is a fact of the step, named at the call")]
    pub fn advance_chunk<E: Serialize>(
        &mut self,
        grant: &Grant,
        job: JobId,
        from: ChunkProgress,
        next: u32,
        done: bool,
        tally: Tally,
        errors: &[E],
    ) -> Result<(), StoreError> {
        let job = job.to_string();
        let key = keys::chunk(grant.organization(), &job, from.number);
        let Tally { created, updated, unchanged, rejected } = tally;
        let update = Update::builder()
            .table_name(self.table_name())
            .key(attr::PK, s(&key.pk))
            .key(attr::SK, s(&key.sk))
            .update_expression(
                "SET #next = :next, #done = :done ADD #created :created, #updated :updated, #unchanged :unchanged, #rejected :rejected",
            )
            .condition_expression(if from.next == 0 { "attribute_not_exists(#next) OR #next = :from" } else { "#next = :from" })
            .expression_attribute_names("#next", "next")
            .expression_attribute_names("#done", "done")
            .expression_attribute_names("#created", "created")
            .expression_attribute_names("#updated", "updated")
            .expression_attribute_names("#unchanged", "unchanged")
            .expression_attribute_names("#rejected", "rejected")
            .expression_attribute_values(":from", n(from.next))
            .expression_attribute_values(":next", n(next))
            .expression_attribute_values(":done", AttributeValue::Bool(done))
            .expression_attribute_values(":created", n(created))
            .expression_attribute_values(":updated", n(updated))
            .expression_attribute_values(":unchanged", n(unchanged))
            .expression_attribute_values(":rejected", n(rejected))
            .build()?;
        self.guard(TransactWriteItem::builder().update(update).build());
        if !errors.is_empty() {
            let key = keys::row_errors(grant.organization(), &job, from.number, from.next);
            let data = serde_json::to_string(errors).map_err(|error| StoreError::unreadable(&key.pk, error))?;
            // They quote cells: an address or a number with a slip in it is somebody's still.
            let sealed = self.keys().seal(&key, &data)?;
            let Key { pk, sk } = key;
            let put = Put::builder()
                .table_name(self.table_name())
                .item(attr::PK, s(pk))
                .item(attr::SK, s(sk))
                .item(attr::SEALED, b(sealed))
                .build()?;
            self.guard(TransactWriteItem::builder().put(put).build());
        }
        Ok(())
    }
}

fn read(item: &Item, number: u32) -> ChunkProgress {
    let field = |name| item::number(item, name).unwrap_or(0);
    ChunkProgress {
        number,
        next: field("next"),
        done: item.get("done").is_some_and(|done| done == &AttributeValue::Bool(true)),
        tally: Tally {
            created: field("created"),
            updated: field("updated"),
            unchanged: field("unchanged"),
            rejected: field("rejected"),
        },
    }
}
