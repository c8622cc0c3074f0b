//! The follower's side of the chain.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{Put, TransactWriteItem, Update};
use domain::OrganizationId;
use jiff::Timestamp;

use super::{AuditEntry, Block, ChainHead};
use crate::error::StoreError;
use crate::item::{n, s};
use crate::keys::{self, Key, attr};
use crate::projections::StreamImage;
use crate::rests::Rests;
use crate::table::Table;

/// Events a block: each is marked in the block's transaction, beside the block and the head.
const ENTRIES_A_BLOCK: usize = 90;
/// Tries against other followers, who write to the same end.
const TRIES: u32 = 12;
/// Rests between them.
const RESTS: Rests = Rests::new(Duration::from_millis(3), Duration::from_millis(100));

impl Table {
    /// Adds the new events among the changes to the chains of their organizations, each event once, and tells how many
    /// were added. An event is marked in the same transaction that takes it in, so that a batch may come again, in any
    /// order, to any number of followers. Where the end of a purged record's history is taken in, the rest of it goes.
    pub async fn chain(&self, images: &[StreamImage], now: Timestamp) -> Result<usize, StoreError> {
        let mut known = HashSet::new();
        let mut chains: BTreeMap<OrganizationId, Vec<Key>> = BTreeMap::new();
        for image in images.iter().filter(|image| image.sk.starts_with(keys::EVENT) && image.old.is_none()) {
            let Some((organization, _)) = keys::split_partition(&image.pk) else { continue };
            let key = Key { pk: image.pk.clone(), sk: image.sk.clone() };
            if image.new.is_some() && known.insert(key.clone()) {
                chains.entry(organization).or_default().push(key);
            }
        }
        let mut added = 0;
        for (organization, events) in &chains {
            for events in events.chunks(ENTRIES_A_BLOCK) {
                added += self.chain_block(*organization, events, now).await?;
            }
        }
        self.forget_purged(images).await?;
        Ok(added)
    }

    /// 1 `BatchGetItem`, 1 read, 1 transaction; again where another follower was faster.
    async fn chain_block(
        &self,
        organization: OrganizationId,
        events: &[Key],
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let mut cause = String::new();
        for tried in 0..TRIES {
            let items = self.batch_get(events, true).await?;
            let (mut marked, mut entries) = (Vec::new(), Vec::new());
            for key in events {
                let Some(item) = items.get(&format!("{}\n{}", key.pk, key.sk)) else { continue };
                if !item.contains_key(attr::AUDITED) {
                    entries.push(AuditEntry::of(key, item)?);
                    marked.push(key);
                }
            }
            if entries.is_empty() {
                return Ok(0);
            }
            let head = self.chain_head(organization).await?;
            let block = Block::behind(head.as_ref(), &entries, &self.hash_key, organization, now)?;
            let items = self.block_items(organization, head.as_ref(), &block, &marked)?;
            let sent = self.client.transact_write_items().set_transact_items(Some(items)).send().await;
            let Err(error) = sent else { return Ok(entries.len()) };
            let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error()
            else {
                return Err(StoreError::from_sdk("TransactWriteItems", &error));
            };
            cause = cancelled.to_string();
            tokio::time::sleep(RESTS.whole(tried)).await;
        }
        Err(StoreError::Busy { operation: "TransactWriteItems", cause })
    }

    fn block_items(
        &self,
        organization: OrganizationId,
        head: Option<&ChainHead>,
        block: &Block,
        marked: &[&Key],
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let mut items = Vec::with_capacity(marked.len() + 2);
        let Key { pk, sk } = keys::audit_block(organization, block.number);
        let put = Put::builder()
            .table_name(&self.name)
            .item(attr::PK, s(pk))
            .item(attr::SK, s(sk))
            .item(attr::AT, s(&block.at))
            .item(attr::PREV, s(&block.prev))
            .item(attr::DATA, s(&block.entries))
            .item(attr::HASH, s(&block.hash))
            .item(attr::SEAL, s(&block.seal))
            .condition_expression("attribute_not_exists(#pk)")
            .expression_attribute_names("#pk", attr::PK)
            .build()?;
        items.push(TransactWriteItem::builder().put(put).build());

        let Key { pk, sk } = keys::audit_head(organization);
        let entries = head.map_or(0, |head| head.entries) + marked.len() as u64;
        let put = Put::builder()
            .table_name(&self.name)
            .item(attr::PK, s(pk))
            .item(attr::SK, s(sk))
            .item(attr::N, n(block.number))
            .item(attr::AT, s(&block.at))
            .item(attr::HASH, s(&block.hash))
            .item(attr::ENTRIES, n(entries));
        let put = match head {
            Some(head) => put
                .condition_expression("#n = :n AND #hash = :hash")
                .expression_attribute_names("#n", attr::N)
                .expression_attribute_names("#hash", attr::HASH)
                .expression_attribute_values(":n", n(head.number))
                .expression_attribute_values(":hash", s(&head.hash)),
            None => put.condition_expression("attribute_not_exists(#pk)").expression_attribute_names("#pk", attr::PK),
        };
        items.push(TransactWriteItem::builder().put(put.build()?).build());

        for key in marked {
            let mark = Update::builder()
                .table_name(&self.name)
                .key(attr::PK, s(&key.pk))
                .key(attr::SK, s(&key.sk))
                .update_expression("SET #audited = :block")
                .condition_expression("attribute_exists(#pk) AND attribute_not_exists(#audited)")
                .expression_attribute_names("#pk", attr::PK)
                .expression_attribute_names("#audited", attr::AUDITED)
                .expression_attribute_values(":block", n(block.number))
                .build()?;
            items.push(TransactWriteItem::builder().update(mark).build());
        }
        Ok(items)
    }
}
