//! How a record lies in the table.
//!
//! The record travels as one attribute of JSON text: it is always read and written whole, and one
//! long attribute costs fewer bytes, so fewer capacity units, and a fraction of the processor time
//! of a tree of typed ones. Beside it stand only what the table itself must see: keys, version,
//! search terms, time to live. Fields of people ([`Record::SEALED`]) are cut out of the text and lie
//! beside it, encrypted.

use std::collections::HashMap;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::terms::Term;
use domain::{OrganizationId, Record, Slot};

use crate::error::StoreError;
use crate::keys::{self, Key, attr};
use crate::seal::{self, KeyRing};
use crate::secret::HashKey;
use crate::table::Table;

/// An item as the SDK has it.
pub(crate) type Item = HashMap<String, AttributeValue>;

pub(crate) fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

#[expect(clippy::needless_pass_by_value, reason = "numbers are small and made in place")]
pub(crate) fn n(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

pub(crate) fn b(bytes: Vec<u8>) -> AttributeValue {
    AttributeValue::B(Blob::new(bytes))
}

pub(crate) fn bytes<'a>(item: &'a Item, name: &str) -> Option<&'a [u8]> {
    item.get(name).and_then(|value| value.as_b().ok()).map(AsRef::as_ref)
}

pub(crate) fn text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name).and_then(|value| value.as_s().ok()).map(String::as_str)
}

pub(crate) fn number<T: std::str::FromStr>(item: &Item, name: &str) -> Option<T> {
    item.get(name).and_then(|value| value.as_n().ok()).and_then(|value| value.parse().ok())
}

/// The item of a record.
pub(crate) fn encode<R: Record>(table: &Table, record: &R) -> Result<Item, StoreError> {
    let meta = record.meta();
    let id = record.id().to_string();
    let key = keys::record(meta.organization, &id);
    let data = serde_json::to_string(record).map_err(|error| StoreError::unreadable(&key.pk, error))?;
    let mut item = HashMap::with_capacity(16);
    let data = if R::SEALED.is_empty() {
        data
    } else {
        let (open, closed) = seal::cut(&data, R::SEALED).map_err(|error| StoreError::unreadable(&key.pk, error))?;
        if !closed.is_empty() {
            item.insert(attr::SEALED.into(), b(table.keys.seal(&key, &closed)?));
        }
        open
    };
    item.insert(attr::PK.into(), s(key.pk));
    item.insert(attr::SK.into(), s(key.sk));
    item.insert(attr::KIND.into(), s(R::KIND));
    item.insert(attr::VERSION.into(), n(meta.version));
    item.insert(attr::DATA.into(), s(data));
    if let Some(deleted_at) = meta.deleted_at {
        let purged = deleted_at.as_second() + domain::record::RESTORABLE_DAYS * 86_400;
        item.insert(attr::TTL.into(), n(purged));
        return Ok(item);
    }
    for list in record.lists() {
        let pk = match list.slot {
            Slot::One => attr::L1PK,
            Slot::Two => attr::L2PK,
            Slot::Three => attr::L3PK,
        };
        item.insert(pk.into(), s(keys::list(meta.organization, R::KIND, list.question, &list.value)));
        item.entry(attr::PLACE.into()).or_insert_with(|| s(keys::place(record.order(), &id)));
    }
    if let Some(due) = record.due() {
        let (pk, sk) = keys::due(due, meta.organization, &id);
        item.insert(attr::DUEPK.into(), s(pk));
        item.insert(attr::DUESK.into(), s(sk));
    }
    let terms = record.terms();
    if !terms.is_empty() {
        let terms: Vec<String> =
            terms.into_iter().map(|term| stored::<R>(&table.hash_key, meta.organization, term)).collect();
        item.insert(attr::TERMS.into(), s(terms.join("\n")));
        if let Some(branch) = record.branch() {
            item.insert(attr::BRANCH.into(), s(keys::bare(&branch.to_string())));
        }
    }
    if let Some(owner) = record.owner()
        && (item.contains_key(attr::TERMS) || !R::all_of(owner).is_empty())
    {
        item.insert(attr::OWNER.into(), s(keys::bare(&owner.to_string())));
    }
    if let Some(expires) = record.expires() {
        item.insert(attr::TTL.into(), n(expires.as_second()));
    }
    Ok(item)
}

/// How a term lies in the table: a word as it is; an address or a number as a keyed hash of 36 bits: among the
/// numbers of one tenant hardly two share one, and each record that it leads to is looked at. No word begins with its
/// mark.
fn stored<R: Record>(key: &HashKey, organization: OrganizationId, term: Term) -> String {
    match term {
        Term::Word(word) => word,
        Term::Exact(value) => exact_term::<R>(key, organization, &value),
    }
}

/// The same for an address or a number.
pub(crate) fn exact_term<R: Record>(key: &HashKey, organization: OrganizationId, value: &str) -> String {
    let hash = key.hash(&["term", &organization.to_string(), R::KIND, value]);
    format!("{}{}", keys::EXACT, &hash[..6])
}

/// The record of an item. Keys that are not open yet must have been learned.
pub(crate) fn decode<R: Record>(ring: &KeyRing, item: &Item) -> Result<R, StoreError> {
    let key = text(item, attr::PK).unwrap_or_default();
    let data = text(item, attr::DATA).ok_or_else(|| StoreError::unreadable(key, "no data"))?;
    let joined = match bytes(item, attr::SEALED) {
        Some(sealed) => {
            let place = Key { pk: key.to_owned(), sk: text(item, attr::SK).unwrap_or_default().to_owned() };
            let closed = ring.open(&place, sealed)?;
            Some(seal::join(data, &closed).ok_or_else(|| StoreError::unreadable(key, "no object"))?)
        }
        None => None,
    };
    let read = serde_json::from_str(joined.as_deref().unwrap_or(data));
    let mut record: R = read.map_err(|error| StoreError::unreadable(key, error))?;
    let (organization, _) = keys::split_partition(key).ok_or_else(|| StoreError::unreadable(key, "no tenant"))?;
    let version = number(item, attr::VERSION).ok_or_else(|| StoreError::unreadable(key, "no version"))?;
    let meta = record.meta_mut();
    (meta.organization, meta.version) = (organization, version);
    Ok(record)
}
