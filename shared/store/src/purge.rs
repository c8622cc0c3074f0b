//! What becomes of a record that is gone for good.
//!
//! Its parts and its events go with it, but the audit chain must not lose what it says of them. So the purge is itself
//! the last event of the record, and the events before it go once that one stands in the chain.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use domain::{Actor, Event, EventId};
use jiff::Timestamp;

use crate::batch::delete;
use crate::error::StoreError;
use crate::events;
use crate::item::{Item, s, text};
use crate::keys::{self, Key, attr};
use crate::projections::StreamImage;
use crate::table::Table;

impl Table {
    /// The parts of records that the table purged go, and their events say that they were purged.
    pub(crate) async fn purge_parts(&self, images: &[StreamImage]) -> Result<usize, StoreError> {
        let mut purged = 0;
        for image in images.iter().filter(|image| image.sk == keys::RECORD && image.new.is_none()) {
            let record = Key { pk: image.pk.clone(), sk: image.sk.clone() };
            if self.get_item(&record, true).await?.is_some() {
                continue;
            }
            let last = self.last_event(&image.pk).await?;
            if let Some(last) = last.filter(|last| !last.contains_key(attr::PURGED)) {
                self.put_purge(image, &last).await?;
            }
            // What sorts before the events, and what sorts behind them.
            purged += self.delete_between(&image.pk, None, Some(keys::EVENT)).await?;
            purged += self.delete_between(&image.pk, Some(EVENTS_END), None).await?;
        }
        Ok(purged)
    }

    /// The histories of which the changes bring the end.
    pub(crate) async fn forget_purged(&self, images: &[StreamImage]) -> Result<(), StoreError> {
        for image in images.iter().filter(|image| image.sk.starts_with(keys::EVENT) && image.old.is_none()) {
            if image.new.as_ref().is_some_and(|new| new.contains_key(attr::PURGED)) {
                self.delete_between(&image.pk, Some(keys::EVENT), Some(&image.sk)).await?;
            }
        }
        Ok(())
    }

    /// Says that a record was purged, behind the last of its events.
    async fn put_purge(&self, image: &StreamImage, last: &Item) -> Result<(), StoreError> {
        let (sk, data) = (text(last, attr::SK).unwrap_or_default(), text(last, attr::DATA).unwrap_or_default());
        let last = events::decode_open(&image.pk, sk, data)?;
        let version = last.version + 1;
        let ttl = image.old.as_ref().and_then(|old| old.get(attr::TTL)?.parse().ok());
        let ended = ttl.and_then(|seconds| Timestamp::from_second(seconds).ok());
        let at = image.at.or(ended).unwrap_or(last.at);
        let bits = self.hash_key.id_bits(&["event", &last.subject, &version.to_string()]);
        let event = Event {
            id: EventId::at(at, bits),
            kind: format!("{}.purged", last.record),
            version,
            at,
            actor: Actor::System { name: "events".into() },
            origin: None,
            changes: Vec::new(),
            reason: None,
            data: serde_json::Map::new(),
            ..last
        };
        let key = keys::event(event.organization, &event.subject, version);
        let (data, _nothing_sealed) = events::encode(&self.keys, &key, event, &[])?;
        let sent = self
            .client
            .put_item()
            .table_name(&self.name)
            .item(attr::PK, s(&key.pk))
            .item(attr::SK, s(&key.sk))
            .item(attr::DATA, s(data))
            .item(attr::PURGED, s("1"))
            .condition_expression("attribute_not_exists(#pk)")
            .expression_attribute_names("#pk", attr::PK)
            .send()
            .await;
        match sent {
            Ok(_) => Ok(()),
            Err(SdkError::ServiceError(context))
                if matches!(context.err(), PutItemError::ConditionalCheckFailedException(_)) =>
            {
                Ok(())
            }
            Err(error) => Err(StoreError::from_sdk("PutItem", &error)),
        }
    }

    /// Deletes what lies in a partition behind one sort key and before another, and tells how much it was.
    async fn delete_between(&self, pk: &str, behind: Option<&str>, before: Option<&str>) -> Result<usize, StoreError> {
        let mut deleted = 0;
        loop {
            let mut request = self
                .client
                .query()
                .table_name(&self.name)
                .projection_expression("#pk, #sk")
                .expression_attribute_names("#pk", attr::PK)
                .expression_attribute_names("#sk", attr::SK)
                .expression_attribute_values(":pk", s(pk))
                .consistent_read(true)
                .limit(100);
            if let Some(behind) = behind {
                request = request.expression_attribute_values(":behind", s(behind));
            }
            if let Some(before) = before {
                request = request.expression_attribute_values(":before", s(before));
            }
            let answer = request
                .key_condition_expression(match (behind, before) {
                    (None, None) => "#pk = :pk",
                    (Some(_), None) => "#pk = :pk AND #sk > :behind",
                    (None, Some(_)) => "#pk = :pk AND #sk < :before",
                    (Some(_), Some(_)) => "#pk = :pk AND #sk BETWEEN :behind AND :before",
                })
                .send()
                .await
                .map_err(|error| StoreError::from_sdk("Query", &error))?;
            let keys: Vec<Key> = answer
                .items
                .unwrap_or_default()
                .iter()
                .filter_map(|item| {
                    Some(Key { pk: text(item, attr::PK)?.to_owned(), sk: text(item, attr::SK)?.to_owned() })
                })
                // BETWEEN includes its ends.
                .filter(|key| Some(key.sk.as_str()) != before && Some(key.sk.as_str()) != behind)
                .collect();
            if keys.is_empty() {
                return Ok(deleted);
            }
            deleted += keys.len();
            self.write_all(keys.into_iter().map(delete).collect::<Result<_, _>>()?).await?;
        }
    }
}

/// Sorts behind every event.
const EVENTS_END: &str = "event$";
