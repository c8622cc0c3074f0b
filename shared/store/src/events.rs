//! How an event lies in the table: beside its record, as JSON text without what its key tells already.

use std::collections::BTreeMap;

use domain::{BranchId, Count, Event, FieldChange, OrganizationId, UserId};
use jiff::civil::Date;

use crate::error::StoreError;
use crate::keys::{self, Key, attr};
use crate::projections::StreamImage;
use crate::seal::KeyRing;

/// Counters by branch and person: their ids, which each of them would repeat, once.
type Counters = Vec<(Option<BranchId>, Option<UserId>, Vec<Row>)>;
/// Metric, day, dimension, step, and the steps of the numbers beside it.
type Row = (String, Option<Date>, String, i64, BTreeMap<String, i64>);

pub(crate) fn encode_counts(key: &str, counts: &[Count]) -> Result<String, StoreError> {
    let mut groups: Counters = Vec::new();
    for Count { metric, branch, owner, day, dimension, by, parts } in counts.iter().cloned() {
        let row = (metric, day, dimension, by, parts);
        match groups.iter_mut().find(|(known, whose, _)| (*known, *whose) == (branch, owner)) {
            Some((_, _, rows)) => rows.push(row),
            None => groups.push((branch, owner, vec![row])),
        }
    }
    serde_json::to_string(&groups).map_err(|error| StoreError::unreadable(key, error))
}

pub(crate) fn decode_counts(key: &str, text: &str) -> Result<Vec<Count>, StoreError> {
    let groups: Counters = serde_json::from_str(text).map_err(|error| StoreError::unreadable(key, error))?;
    let counts = groups.into_iter().flat_map(|(branch, owner, rows)| {
        let row = move |(metric, day, dimension, by, parts)| Count { metric, branch, owner, day, dimension, by, parts };
        rows.into_iter().map(row)
    });
    Ok(counts.collect())
}

/// The text of an event, and its changes of fields that are `sealed`.
pub(crate) fn encode(
    ring: &KeyRing,
    key: &Key,
    mut event: Event,
    sealed: &[&str],
) -> Result<(String, Option<Vec<u8>>), StoreError> {
    let unreadable = |error| StoreError::unreadable(&key.pk, error);
    let is_sealed = |change: &FieldChange| sealed.contains(&change.field.as_str());
    let (closed, open): (Vec<_>, Vec<_>) = std::mem::take(&mut event.changes).into_iter().partition(is_sealed);
    event.changes = open;
    let closed = match closed.as_slice() {
        [] => None,
        closed => Some(ring.seal(key, &serde_json::to_string(closed).map_err(unreadable)?)?),
    };
    Ok((serde_json::to_string(&event).map_err(unreadable)?, closed))
}

/// What of an event is not sealed, completed by its key.
pub(crate) fn decode_open(pk: &str, sk: &str, data: &str) -> Result<Event, StoreError> {
    let mut event: Event = serde_json::from_str(data).map_err(|error| StoreError::unreadable(pk, error))?;
    let (organization, subject) = keys::split_partition(pk).ok_or_else(|| StoreError::unreadable(pk, "no tenant"))?;
    let version = sk.strip_prefix(keys::EVENT).and_then(|version| version.parse().ok());
    event.version = version.ok_or_else(|| StoreError::unreadable(pk, "an event without a version"))?;
    event.organization = organization;
    subject.clone_into(&mut event.subject);
    Ok(event)
}

/// The event of an item, completed by its key; the changes that were sealed come last.
pub(crate) fn decode(
    ring: &KeyRing,
    pk: &str,
    sk: &str,
    data: &str,
    sealed: Option<&[u8]>,
) -> Result<Event, StoreError> {
    let mut event = decode_open(pk, sk, data)?;
    if let Some(sealed) = sealed {
        let closed = ring.open(&Key { pk: pk.to_owned(), sk: sk.to_owned() }, sealed)?;
        let closed: Vec<FieldChange> =
            serde_json::from_str(&closed).map_err(|error| StoreError::unreadable(pk, error))?;
        event.changes.extend(closed);
    }
    Ok(event)
}

impl StreamImage {
    /// Whose new event a change of the table brought, where it did.
    pub fn event_of(&self) -> Option<OrganizationId> {
        let is_new = self.sk.starts_with(keys::EVENT) && self.old.is_none() && self.new.is_some();
        if is_new { keys::split_partition(&self.pk).map(|(organization, _)| organization) } else { None }
    }

    /// The event that a change of the table brought, where it is a new one whose text `names` something: most changes
    /// do not concern a listener, and are neither parsed nor decrypted for it. Keys that are not open yet must have
    /// been [learned](crate::Table::learn_data_keys).
    pub fn new_event(&self, keys: &KeyRing, names: impl Fn(&str) -> bool) -> Option<Result<Event, StoreError>> {
        if !self.sk.starts_with(keys::EVENT) || self.old.is_some() {
            return None;
        }
        let text = self.new.as_ref()?.get(attr::DATA)?;
        names(text).then(|| decode(keys, &self.pk, &self.sk, text, self.sealed.as_deref()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_read_back() {
        let branch = Some(BranchId::at(jiff::Timestamp::UNIX_EPOCH, [1; 10]));
        let owner = Some(UserId::at(jiff::Timestamp::UNIX_EPOCH, [2; 10]));
        let counts = [
            Count::gauge("leads", branch, "", 1),
            Count::gauge("list", None, "lead#all#", 1),
            Count::daily("leads_created", branch, jiff::Timestamp::UNIX_EPOCH, "web").of(owner).and("s", 95),
        ];
        let mut read = decode_counts("key", &encode_counts("key", &counts).expect("text")).expect("counts");
        read.sort_by(|a, b| a.metric.cmp(&b.metric));
        assert_eq!(read, [counts[0].clone(), counts[2].clone(), counts[1].clone()]);
    }
}
