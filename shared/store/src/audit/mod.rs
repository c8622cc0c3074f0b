//! The audit chain: every event of an organization in one order, which nobody changes unseen.
//!
//! An event is itself the entry of the audit log. What the chain adds is written by the follower of the table's stream:
//! blocks of entries, each of which names its event, says who did what and when, and carries the SHA-256 of the event's
//! item. A block's hash covers its number, its entries and the hash of the block before; its seal is the same under the
//! platform's key, so that whoever can write to the table, and has not the key, cannot build another chain either.
//! Blocks are never deleted. What a purge leaves of a record is the entries of its events and, as the last of them, the
//! purge itself: only that makes up for an event that is gone.
//!
//! Whoever could put an older head in the place of the newest could cut the end off: the head's number and hash are
//! told to whoever verifies, so that they can be kept elsewhere.

mod log;
mod verify;
mod write;

use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{Actor, EventId, OrganizationId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

pub use log::{AuditQuery, AuditRow};
pub use verify::{Break, Broken, Verified};

use crate::error::StoreError;
use crate::events;
use crate::item::{Item, number, text};
use crate::keys::{self, Key, attr};
use crate::secret::HashKey;
use crate::table::Table;

/// Blocks a Query.
const BLOCKS_A_QUERY: u32 = 50;

/// One event in the chain: who did what to which record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// The record's id.
    pub subject: String,
    /// The record's version after the event.
    pub version: u64,
    /// The event.
    pub event: EventId,
    /// When it happened.
    pub at: Timestamp,
    /// What happened: `lead.created`.
    pub action: String,
    /// The kind of record.
    pub record: String,
    /// Who did it.
    pub actor: Actor,
    /// SHA-256 of the event's item.
    pub digest: String,
}

impl AuditEntry {
    /// The entry of an event as it lies in the table.
    fn of(key: &Key, item: &Item) -> Result<Self, StoreError> {
        let data = text(item, attr::DATA).ok_or_else(|| StoreError::unreadable(&key.pk, "an event without data"))?;
        let event = events::decode_open(&key.pk, &key.sk, data)?;
        Ok(Self {
            subject: event.subject,
            version: event.version,
            event: event.id,
            at: event.at,
            action: event.kind,
            record: event.record,
            actor: event.actor,
            digest: digest(&key.pk, item)?,
        })
    }

    /// Where its event lies.
    fn key(&self, organization: OrganizationId) -> Key {
        keys::event(organization, &self.subject, self.version)
    }
}

/// Where the chain ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainHead {
    /// The newest block.
    pub number: u64,
    /// Its hash.
    pub hash: String,
    /// Entries of all blocks.
    pub entries: u64,
    /// When it was written.
    pub at: Timestamp,
}

/// A block of the chain as it lies in the table.
#[derive(Debug)]
struct Block {
    number: u64,
    at: String,
    prev: String,
    /// The entries, as JSON text.
    entries: String,
    hash: String,
    seal: String,
}

impl Block {
    /// The block behind `head`.
    fn behind(
        head: Option<&ChainHead>,
        entries: &[AuditEntry],
        key: &HashKey,
        organization: OrganizationId,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let number = head.map_or(0, |head| head.number) + 1;
        // Clocks of two followers differ a little; the chain's time only goes forward.
        let at = head.map_or(now, |head| head.at.max(now)).to_string();
        let entries = serde_json::to_string(entries).map_err(|error| StoreError::unreadable(keys::AUDIT, error))?;
        let prev = head.map(|head| head.hash.clone()).unwrap_or_default();
        let mut block = Self { number, at, prev, entries, hash: String::new(), seal: String::new() };
        block.hash = block.hashed();
        block.seal = block.sealed(key, organization);
        Ok(block)
    }

    fn read(item: &Item) -> Result<Self, StoreError> {
        let sk = text(item, attr::SK).unwrap_or_default();
        let number = sk.strip_prefix(keys::BLOCK).and_then(|number| number.parse().ok());
        let part = |name| text(item, name).unwrap_or_default().to_owned();
        Ok(Self {
            number: number.ok_or_else(|| StoreError::unreadable(sk, "a block without a number"))?,
            at: part(attr::AT),
            prev: part(attr::PREV),
            entries: part(attr::DATA),
            hash: part(attr::HASH),
            seal: part(attr::SEAL),
        })
    }

    fn at(&self) -> Result<Timestamp, StoreError> {
        self.at.parse().map_err(|error| StoreError::unreadable(&format!("block {}", self.number), error))
    }

    fn entries(&self) -> Result<Vec<AuditEntry>, StoreError> {
        serde_json::from_str(&self.entries)
            .map_err(|error| StoreError::unreadable(&format!("block {}", self.number), error))
    }

    /// What its hash must be.
    fn hashed(&self) -> String {
        let mut hash = Sha256::new();
        for part in [self.number.to_string().as_str(), &self.at, &self.prev, &self.entries] {
            add(&mut hash, part.as_bytes());
        }
        URL_SAFE_NO_PAD.encode(hash.finalize())
    }

    /// What its seal must be.
    fn sealed(&self, key: &HashKey, organization: OrganizationId) -> String {
        key.hash(&["audit", &organization.to_string(), &self.number.to_string(), &self.hashed()])
    }
}

/// Each part with its length, so that no two lists of parts look the same.
fn add(hash: &mut Sha256, part: &[u8]) {
    hash.update((part.len() as u64).to_be_bytes());
    hash.update(part);
}

/// SHA-256 over all that an event's item says: every attribute but its key and the follower's own marks.
fn digest(pk: &str, item: &Item) -> Result<String, StoreError> {
    let mut attributes: Vec<_> = item
        .iter()
        .filter(|(name, _)| ![attr::PK, attr::SK, attr::COUNTED, attr::AUDITED].contains(&&***name))
        .collect();
    attributes.sort_by_key(|(name, _)| *name);
    let mut hash = Sha256::new();
    for (name, value) in attributes {
        let (kind, bytes): (&str, &[u8]) = match value {
            AttributeValue::S(text) => ("S", text.as_bytes()),
            AttributeValue::N(number) => ("N", number.as_bytes()),
            AttributeValue::B(bytes) => ("B", bytes.as_ref()),
            AttributeValue::Bool(truth) => ("BOOL", if *truth { b"1" } else { b"0" }),
            _ => return Err(StoreError::unreadable(pk, "an event's attribute is of no type that events have")),
        };
        for part in [name.as_bytes(), kind.as_bytes(), bytes] {
            add(&mut hash, part);
        }
    }
    Ok(URL_SAFE_NO_PAD.encode(hash.finalize()))
}

impl Table {
    /// Where an organization's chain ends; `None` where it has not begun.
    async fn chain_head(&self, organization: OrganizationId) -> Result<Option<ChainHead>, StoreError> {
        let key = keys::audit_head(organization);
        let Some(item) = self.get_item(&key, true).await? else { return Ok(None) };
        let broken = || StoreError::unreadable(&key.pk, "the chain's head is not one");
        Ok(Some(ChainHead {
            number: number(&item, attr::N).ok_or_else(broken)?,
            hash: text(&item, attr::HASH).ok_or_else(broken)?.to_owned(),
            entries: number(&item, attr::ENTRIES).ok_or_else(broken)?,
            at: text(&item, attr::AT).and_then(|at| at.parse().ok()).ok_or_else(broken)?,
        }))
    }

    /// Some of the blocks from one number to another, both included: at most `limit`, from whichever end.
    async fn blocks(
        &self,
        organization: OrganizationId,
        (from, to): (u64, u64),
        newest_first: bool,
        limit: u32,
    ) -> Result<Vec<Block>, StoreError> {
        let (first, last) = (keys::audit_block(organization, from), keys::audit_block(organization, to));
        let answer = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("#pk = :pk AND #sk BETWEEN :from AND :to")
            .expression_attribute_names("#pk", attr::PK)
            .expression_attribute_names("#sk", attr::SK)
            .expression_attribute_values(":pk", crate::item::s(first.pk))
            .expression_attribute_values(":from", crate::item::s(first.sk))
            .expression_attribute_values(":to", crate::item::s(last.sk))
            .scan_index_forward(!newest_first)
            .consistent_read(true)
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("Query", &error))?;
        answer.items.unwrap_or_default().iter().map(Block::read).collect()
    }
}
