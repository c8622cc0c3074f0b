//! Proving that the chain is unbroken.

use std::collections::HashMap;

use domain::{Grant, OrganizationId};

use super::{AuditEntry, BLOCKS_A_QUERY, Block, ChainHead, digest};
use crate::error::StoreError;
use crate::item::{number, text};
use crate::keys::{Key, attr};
use crate::table::Table;

/// Blocks and entries verified at once, at most; a block is taken whole.
const MAX_BLOCKS: u64 = 200;
const MAX_ENTRIES: u64 = 2_000;

/// What was verified of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Blocks found good.
    pub blocks: u64,
    /// Entries in them.
    pub entries: u64,
    /// Those of them whose events went with their records, as the chain itself says.
    pub purged: u64,
    /// The end of the chain; `None` where it has not begun.
    pub head: Option<ChainHead>,
    /// The first thing that is wrong.
    pub broken: Option<Broken>,
    /// The block to go on from.
    pub next: Option<u64>,
}

/// Something that is wrong with the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// In which block.
    pub block: u64,
    /// What it is.
    pub what: Break,
    /// The event it is about, where it is one.
    pub entry: Option<AuditEntry>,
}

/// What can be wrong with the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Break {
    /// A block is not there.
    MissingBlock,
    /// A block does not follow the one before it.
    WrongOrder,
    /// A block does not say what its hash covers.
    WrongHash,
    /// A block was not written by the platform.
    WrongSeal,
    /// An event is gone, and no purge of its record is in the chain.
    MissingEvent,
    /// An event does not say what it said.
    WrongEvent,
    /// The head of the chain is not its newest block.
    WrongHead,
}

const fn broken(block: u64, what: Break) -> Broken {
    Broken { block, what, entry: None }
}

impl Table {
    /// Verifies the chain from one block to another (to its end, where nothing is said), 200 blocks or about 2,000
    /// entries at once: 1 Query for 50 blocks, 1 read unit for each event.
    pub async fn verify_chain(&self, grant: &Grant, from: u64, to: Option<u64>) -> Result<Verified, StoreError> {
        let organization = grant.organization();
        let head = self.chain_head(organization).await?;
        let end = head.as_ref().map_or(0, |head| head.number);
        let to = to.map_or(end, |to| to.min(end));
        let mut verified = Verified { blocks: 0, entries: 0, purged: 0, head, broken: None, next: None };
        let mut block = from.max(1);
        let mut prev = match self.hash_before(organization, block).await? {
            Some(prev) => prev,
            None if block > to => return Ok(verified),
            None => {
                verified.broken = Some(broken(block - 1, Break::MissingBlock));
                return Ok(verified);
            }
        };
        while block <= to {
            let parts = self.blocks(organization, (block, to), false, BLOCKS_A_QUERY).await?;
            if parts.is_empty() {
                verified.broken = Some(broken(block, Break::MissingBlock));
                return Ok(verified);
            }
            for part in parts {
                if verified.blocks >= MAX_BLOCKS || verified.entries >= MAX_ENTRIES {
                    verified.next = Some(block);
                    return Ok(verified);
                }
                match self.check(organization, &part, block, &prev).await? {
                    Ok((entries, purged)) => {
                        verified.blocks += 1;
                        verified.entries += entries;
                        verified.purged += purged;
                    }
                    Err(broken) => {
                        verified.broken = Some(broken);
                        return Ok(verified);
                    }
                }
                prev = part.hash;
                block += 1;
            }
        }
        if to == end {
            verified.broken = self.check_head(organization, verified.head.as_ref(), &prev).await?;
        }
        Ok(verified)
    }

    /// The hash that a block must follow; `None` where the block before is not there.
    async fn hash_before(&self, organization: OrganizationId, block: u64) -> Result<Option<String>, StoreError> {
        if block == 1 {
            return Ok(Some(String::new()));
        }
        let before = self.blocks(organization, (block - 1, block - 1), false, 1).await?;
        Ok(before.first().map(Block::hashed))
    }

    /// A block and its events: how many entries it has, and how many of them lost their events rightly.
    async fn check(
        &self,
        organization: OrganizationId,
        block: &Block,
        expected: u64,
        prev: &str,
    ) -> Result<Result<(u64, u64), Broken>, StoreError> {
        if block.number != expected {
            return Ok(Err(broken(expected, Break::MissingBlock)));
        }
        if block.hashed() != block.hash {
            return Ok(Err(broken(expected, Break::WrongHash)));
        }
        if block.sealed(&self.hash_key, organization) != block.seal {
            return Ok(Err(broken(expected, Break::WrongSeal)));
        }
        if block.prev != prev {
            return Ok(Err(broken(expected, Break::WrongOrder)));
        }
        let entries = block.entries()?;
        let keys: Vec<Key> = entries.iter().map(|entry| entry.key(organization)).collect();
        let items = self.batch_get(&keys, true).await?;
        let mut purges = HashMap::new();
        let (count, mut purged) = (entries.len() as u64, 0);
        for (entry, key) in entries.into_iter().zip(&keys) {
            let what = match items.get(&format!("{}\n{}", key.pk, key.sk)) {
                Some(item) => {
                    let same = digest(&key.pk, item).is_ok_and(|digest| digest == entry.digest)
                        && number(item, attr::AUDITED) == Some(expected);
                    (!same).then_some(Break::WrongEvent)
                }
                None => {
                    if !purges.contains_key(&key.pk) {
                        purges.insert(key.pk.clone(), self.purge_of(organization, &key.pk).await?);
                    }
                    let rightly = purges[&key.pk].is_some_and(|last| entry.version < last);
                    purged += u64::from(rightly);
                    (!rightly).then_some(Break::MissingEvent)
                }
            };
            if let Some(what) = what {
                return Ok(Err(Broken { block: expected, what, entry: Some(entry) }));
            }
        }
        Ok(Ok((count, purged)))
    }

    /// The version at which a record was purged, where the chain says so.
    async fn purge_of(&self, organization: OrganizationId, pk: &str) -> Result<Option<u64>, StoreError> {
        let Some(item) = self.last_event(pk).await? else { return Ok(None) };
        let (Some(sk), Some(block), true) =
            (text(&item, attr::SK), number(&item, attr::AUDITED), item.contains_key(attr::PURGED))
        else {
            return Ok(None);
        };
        let Ok(entry) = AuditEntry::of(&Key { pk: pk.to_owned(), sk: sk.to_owned() }, &item) else { return Ok(None) };
        let blocks = self.blocks(organization, (block, block), false, 1).await?;
        let Some(block) = blocks.first() else { return Ok(None) };
        let stands = block.sealed(&self.hash_key, organization) == block.seal && block.entries()?.contains(&entry);
        Ok(stands.then_some(entry.version))
    }

    async fn check_head(
        &self,
        organization: OrganizationId,
        head: Option<&ChainHead>,
        last: &str,
    ) -> Result<Option<Broken>, StoreError> {
        let end = head.map_or(0, |head| head.number);
        if head.is_some_and(|head| head.hash != last) {
            return Ok(Some(broken(end, Break::WrongHead)));
        }
        let beyond = self.blocks(organization, (end + 1, end + 1), false, 1).await?;
        // The follower may have gone on meanwhile.
        let moved = !beyond.is_empty() && self.chain_head(organization).await?.map_or(0, |head| head.number) > end;
        Ok((!beyond.is_empty() && !moved).then_some(broken(end + 1, Break::WrongHead)))
    }
}
