//! A record's events.

use std::num::NonZeroU32;

use domain::{Event, Grant, Record};

use crate::cursor::Cursor;
use crate::error::StoreError;
use crate::events;
use crate::item::{Item, bytes, s, text};
use crate::keys::{self, attr};
use crate::list::ListPage;
use crate::table::Table;

impl Table {
    /// A page of the events of a record that the caller has already read, newest first: 1 Query, 0.5
    /// read units a 4 KB.
    pub async fn history<R: Record>(
        &self,
        grant: &Grant,
        record: &R,
        cursor: Option<&Cursor>,
        limit: NonZeroU32,
    ) -> Result<ListPage<Event>, StoreError> {
        let pk = keys::partition(grant.organization(), &record.id().to_string());
        let before = cursor.map_or("event$", |cursor| cursor.after.as_str());
        self.events(&pk, keys::EVENT, before, limit).await
    }

    /// A page of the events of a record of the organization, by its id, newest first: 1 Query, 0.5 read units a 4 KB. It
    /// looks at no grant's rows: for those who reach every record.
    pub async fn events_of(
        &self,
        grant: &Grant,
        subject: &str,
        cursor: Option<&Cursor>,
        limit: NonZeroU32,
    ) -> Result<ListPage<Event>, StoreError> {
        let pk = keys::partition(grant.organization(), subject);
        let before = cursor.map_or("event$", |cursor| cursor.after.as_str());
        self.events(&pk, keys::EVENT, before, limit).await
    }

    /// The events behind version `version` of a record, newest first, and whether that is all of them: at most 100.
    pub async fn events_since<R: Record>(
        &self,
        grant: &Grant,
        record: &R,
        version: u64,
    ) -> Result<(Vec<Event>, bool), StoreError> {
        let id = record.id().to_string();
        let pk = keys::partition(grant.organization(), &id);
        let from = keys::event(grant.organization(), &id, version.saturating_add(1)).sk;
        let page = self.events(&pk, &from, "event$", NonZeroU32::MIN.saturating_add(99)).await?;
        Ok((page.records, page.next.is_none()))
    }

    /// The fields that changed after version `version` of a record, for telling a writer what others
    /// changed meanwhile; looks back at most 100 events.
    pub async fn changed_since<R: Record>(
        &self,
        grant: &Grant,
        record: &R,
        version: u64,
    ) -> Result<Vec<String>, StoreError> {
        let (events, _) = self.events_since(grant, record, version).await?;
        let mut fields: Vec<String> =
            events.into_iter().flat_map(|event| event.changes).map(|change| change.field).collect();
        fields.sort();
        fields.dedup();
        Ok(fields)
    }

    /// The newest event in a record's partition, as it lies there: 1 Query, 1 read unit.
    pub(crate) async fn last_event(&self, pk: &str) -> Result<Option<Item>, StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("#pk = :pk AND begins_with(#sk, :event)")
            .expression_attribute_names("#pk", attr::PK)
            .expression_attribute_names("#sk", attr::SK)
            .expression_attribute_values(":pk", s(pk))
            .expression_attribute_values(":event", s(keys::EVENT))
            .scan_index_forward(false)
            .consistent_read(true)
            .limit(1)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("Query", &error))?;
        Ok(answer.items.unwrap_or_default().pop())
    }

    async fn events(
        &self,
        pk: &str,
        from: &str,
        before: &str,
        limit: NonZeroU32,
    ) -> Result<ListPage<Event>, StoreError> {
        // BETWEEN includes its ends: one more than asked for covers the cursor's own event.
        let answer = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("#pk = :pk AND #sk BETWEEN :from AND :before")
            .expression_attribute_names("#pk", attr::PK)
            .expression_attribute_names("#sk", attr::SK)
            .expression_attribute_values(":pk", s(pk))
            .expression_attribute_values(":from", s(from))
            .expression_attribute_values(":before", s(before))
            .scan_index_forward(false)
            .limit(i32::try_from(limit.get() + 2).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("Query", &error))?;
        let mut page = ListPage { records: Vec::new(), next: None };
        let mut place = None;
        let items = answer.items.unwrap_or_default();
        self.learn(&items).await?;
        for item in &items {
            let (Some(sk), Some(data)) = (text(item, attr::SK), text(item, attr::DATA)) else { continue };
            if sk == before {
                continue;
            }
            if page.records.len() == limit.get() as usize {
                page.next = place.map(Cursor::after);
                break;
            }
            place = Some(sk.to_owned());
            page.records.push(events::decode(&self.keys, pk, sk, data, bytes(item, attr::SEALED))?);
        }
        Ok(page)
    }
}
