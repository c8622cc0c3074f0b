//! A change is one write: the new state, the event that says what happened, and the claims that
//! come and go with it, in one transaction.

use std::time::Duration;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    CancellationReason, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use domain::{Change, Claim, Count, Event, EventId, Grant, List, OrganizationId, Record, Within};

use crate::error::{CommitError, Refused, StoreError};
use crate::events;
use crate::item::{self, Item, b, n, s};
use crate::keys::{self, attr};
use crate::rests::Rests;
use crate::seal::KeyRing;
use crate::secret::HashKey;
use crate::table::Table;

/// DynamoDB takes at most so many items in a transaction.
pub const MAX_TRANSACTION_ITEMS: usize = 100;

/// Tries of a transaction that crosses another.
const TRIES: u32 = 5;
/// Rests between them: 5, 10, 20, 40 ms.
const RESTS: Rests = Rests::new(Duration::from_millis(5), Duration::from_millis(40));

/// What an item of a transaction is for, so that its refusal gets a name.
#[derive(Debug, Clone, Copy)]
enum Part {
    Create,
    Update,
    Event,
    Claim(&'static str),
    Release,
    Guard,
}

/// Changes that go through together or not at all.
#[derive(Debug)]
pub struct Transaction<'t> {
    table: &'t Table,
    items: Vec<(TransactWriteItem, Part, usize)>,
    changes: usize,
}

impl Table {
    /// Commits one change: the record, its event and its claims, if the record is as it was read.
    /// Returns the record with its new version.
    pub async fn commit<R: Record>(&self, grant: &Grant, change: Change<R>) -> Result<R, CommitError> {
        let mut transaction = self.transaction();
        let after = transaction.push(grant, change)?;
        transaction.commit().await?;
        Ok(after)
    }

    /// Commits a change that nobody did (somebody was seen, a key was used): the record alone, without an event.
    pub async fn commit_unseen<R: Record>(&self, grant: &Grant, change: Change<R>) -> Result<R, CommitError> {
        let mut transaction = self.transaction();
        let after = transaction.push_record(grant, change)?.after;
        transaction.commit().await?;
        Ok(after)
    }

    /// An empty transaction.
    pub const fn transaction(&self) -> Transaction<'_> {
        Transaction { table: self, items: Vec::new(), changes: 0 }
    }
}

impl Transaction<'_> {
    /// How many items it has; at most [`MAX_TRANSACTION_ITEMS`] may be committed.
    pub const fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether it is empty.
    pub const fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Adds a change and returns the record as it will be.
    pub fn push<R: Record>(&mut self, grant: &Grant, change: Change<R>) -> Result<R, CommitError> {
        let change = self.push_record(grant, change)?;
        if R::REMEMBERED {
            let event = self.put_event(grant, &change)?;
            self.items.push((event, Part::Event, self.changes - 1));
        }
        Ok(change.after)
    }

    /// Adds a change that nobody did, without an event, and returns the record as it will be.
    pub fn push_unseen<R: Record>(&mut self, grant: &Grant, change: Change<R>) -> Result<R, CommitError> {
        Ok(self.push_record(grant, change)?.after)
    }

    /// Adds the record and its claims, without the event.
    fn push_record<R: Record>(&mut self, grant: &Grant, mut change: Change<R>) -> Result<Change<R>, CommitError> {
        let index = self.changes;
        self.changes += 1;
        let organization = change.after.meta().organization;
        if organization != grant.organization() {
            return Err(CommitError::refused(index, Refused::Gone));
        }
        let reached = change.before.as_ref().unwrap_or(&change.after);
        if !grant.rows().cover(reached.branch(), reached.owner()) {
            return Err(CommitError::refused(index, Refused::Gone));
        }
        let version = change.before.as_ref().map_or(0, |before| before.meta().version);
        change.after.meta_mut().version = version + 1;

        let record = self.put_record(&change.after, change.before.is_some().then_some(version))?;
        self.items.push((record, if change.before.is_some() { Part::Update } else { Part::Create }, index));
        self.push_claims(&change, index)?;
        Ok(change)
    }

    /// Adds the removal of a record for good, if it is as it was read, and returns the steps of its lists' sizes: the
    /// caller's own event carries them. Its claims stay, so only records without any are removed so.
    pub fn remove<R: Record>(&mut self, grant: &Grant, record: &R) -> Result<Vec<Count>, CommitError> {
        let index = self.changes;
        self.changes += 1;
        if record.meta().organization != grant.organization() || !grant.rows().cover(record.branch(), record.owner()) {
            return Err(CommitError::refused(index, Refused::Gone));
        }
        let key = keys::record(grant.organization(), &record.id().to_string());
        let delete = Delete::builder()
            .table_name(&self.table.name)
            .key(attr::PK, s(key.pk))
            .key(attr::SK, s(key.sk))
            .condition_expression("#v = :v")
            .expression_attribute_names("#v", attr::VERSION)
            .expression_attribute_values(":v", n(record.meta().version))
            .build()
            .map_err(StoreError::from)?;
        self.items.push((TransactWriteItem::builder().delete(delete).build(), Part::Update, index));
        let left = |list: &List| Count::gauge("list", None, list_dimension(R::KIND, list.question, &list.value), -1);
        Ok(live_lists(record).iter().map(left).collect())
    }

    /// Adds a write of the store's own beside the records (progress of a job); its refusal is
    /// [`Refused::Guard`].
    pub(crate) fn guard(&mut self, item: TransactWriteItem) {
        self.items.push((item, Part::Guard, self.changes));
    }

    pub(crate) fn table_name(&self) -> &str {
        &self.table.name
    }

    pub(crate) const fn keys(&self) -> &KeyRing {
        &self.table.keys
    }

    fn put_record<R: Record>(&self, after: &R, version: Option<u64>) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder().table_name(&self.table.name).set_item(Some(item::encode(self.table, after)?));
        let put = match version {
            Some(version) => put
                .condition_expression("#v = :v")
                .expression_attribute_names("#v", attr::VERSION)
                .expression_attribute_values(":v", n(version)),
            None => put.condition_expression("attribute_not_exists(#pk)").expression_attribute_names("#pk", attr::PK),
        };
        Ok(TransactWriteItem::builder().put(put.build()?).build())
    }

    fn put_event<R: Record>(&self, grant: &Grant, change: &Change<R>) -> Result<TransactWriteItem, StoreError> {
        let event = event_of(&self.table.hash_key, grant, change);
        let key = keys::event(event.organization, &event.subject, event.version);
        let (data, sealed) = events::encode(&self.table.keys, &key, event, R::SEALED)?;
        let mut put = Put::builder()
            .table_name(&self.table.name)
            .item(attr::PK, s(&key.pk))
            .item(attr::SK, s(&key.sk))
            .item(attr::DATA, s(data))
            // A second event of one version would mean a second truth.
            .condition_expression("attribute_not_exists(#pk)")
            .expression_attribute_names("#pk", attr::PK);
        if let Some(sealed) = sealed {
            put = put.item(attr::SEALED, b(sealed));
        }
        let counts = counts_of(change);
        if !counts.is_empty() {
            put = put.item(attr::COUNTS, s(events::encode_counts(&key.pk, &counts)?));
        }
        Ok(TransactWriteItem::builder().put(put.build()?).build())
    }

    fn push_claims<R: Record>(&mut self, change: &Change<R>, index: usize) -> Result<(), StoreError> {
        let before = change.before.as_ref().map(live_claims).unwrap_or_default();
        let after = live_claims(&change.after);
        let id = change.after.id().to_string();
        let organization = change.after.meta().organization;
        for claim in after.iter().filter(|claim| !before.contains(claim)) {
            let key = self.table.claim_key::<R>(organization, claim);
            // A record of the same transaction may hand its claim over (a merge); a transaction
            // takes one operation an item.
            let from = self.take_release(&key.pk);
            let put = Put::builder()
                .table_name(&self.table.name)
                .item(attr::PK, s(key.pk))
                .item(attr::SK, s(key.sk))
                .item(attr::SUBJECT, s(&id))
                .item(attr::ORGANIZATION, s(organization.to_string()))
                .condition_expression("attribute_not_exists(#pk) OR #subject = :id")
                .expression_attribute_names("#pk", attr::PK)
                .expression_attribute_names("#subject", attr::SUBJECT)
                .expression_attribute_values(":id", s(from.as_ref().unwrap_or(&id)))
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
                .build()?;
            self.items.push((TransactWriteItem::builder().put(put).build(), Part::Claim(claim.field), index));
        }
        for claim in before.iter().filter(|claim| !after.contains(claim)) {
            let key = self.table.claim_key::<R>(organization, claim);
            let delete = Delete::builder()
                .table_name(&self.table.name)
                .key(attr::PK, s(key.pk))
                .key(attr::SK, s(key.sk))
                .condition_expression("attribute_not_exists(#pk) OR #subject = :id")
                .expression_attribute_names("#pk", attr::PK)
                .expression_attribute_names("#subject", attr::SUBJECT)
                .expression_attribute_values(":id", s(&id))
                .build()?;
            self.items.push((TransactWriteItem::builder().delete(delete).build(), Part::Release, index));
        }
        Ok(())
    }

    /// Takes out the release of a claim by another record, and tells whose it was.
    fn take_release(&mut self, pk: &str) -> Option<String> {
        let place = self.items.iter().position(|(item, part, _)| {
            matches!(part, Part::Release)
                && item.delete.as_ref().is_some_and(|delete| item::text(&delete.key, attr::PK) == Some(pk))
        })?;
        let (item, _, _) = self.items.remove(place);
        item.delete
            .and_then(|delete| delete.expression_attribute_values)
            .and_then(|values| values.get(":id").and_then(|id| id.as_s().ok()).cloned())
    }

    /// Writes everything, or nothing and says why.
    pub async fn commit(self) -> Result<(), CommitError> {
        let Self { table, mut items, .. } = self;
        match items.len() {
            0 => Ok(()),
            1 if items[0].0.put.is_some() => {
                let (item, part, index) = items.remove(0);
                table.put_alone(item, part, index).await
            }
            _ => table.write_together(items).await,
        }
    }
}

impl Table {
    /// A single item needs no transaction, which would cost twice as much.
    async fn put_alone(&self, item: TransactWriteItem, part: Part, index: usize) -> Result<(), CommitError> {
        let Some(put) = item.put else { return Ok(()) };
        let sent = self
            .client
            .put_item()
            .table_name(put.table_name)
            .set_item(Some(put.item))
            .set_condition_expression(put.condition_expression)
            .set_expression_attribute_names(put.expression_attribute_names)
            .set_expression_attribute_values(put.expression_attribute_values)
            .send()
            .await;
        match sent {
            Ok(_) => Ok(()),
            Err(SdkError::ServiceError(context))
                if matches!(context.err(), PutItemError::ConditionalCheckFailedException(_)) =>
            {
                Err(CommitError::refused(index, name_refusal(part, None)))
            }
            Err(error) => Err(StoreError::from_sdk("PutItem", &error).into()),
        }
    }

    async fn write_together(&self, items: Vec<(TransactWriteItem, Part, usize)>) -> Result<(), CommitError> {
        let (items, parts): (Vec<_>, Vec<_>) =
            items.into_iter().map(|(item, part, index)| (item, (part, index))).unzip();
        let mut tried = 0;
        loop {
            let sent = self.client.transact_write_items().set_transact_items(Some(items.clone())).send().await;
            let Err(error) = sent else { return Ok(()) };
            let Some(reasons) = cancellation(&error) else {
                return Err(StoreError::from_sdk("TransactWriteItems", &error).into());
            };
            let all = refusals(reasons, &parts);
            if let Some((index, refused)) = all.first().cloned() {
                return Err(CommitError::Refused { index, refused, all });
            }
            // Another transaction was at one of the items: nothing was written, and it is soon over.
            let crossed = reasons.iter().any(|reason| reason.code() == Some("TransactionConflict"));
            if !crossed || tried + 1 == TRIES {
                let codes: Vec<_> = reasons.iter().filter_map(CancellationReason::code).collect();
                let cause = format!("cancelled: {codes:?}");
                return Err(StoreError::Busy { operation: "TransactWriteItems", cause }.into());
            }
            tokio::time::sleep(RESTS.whole(tried)).await;
            tried += 1;
        }
    }

    pub(crate) fn claim_key<R: Record>(&self, organization: OrganizationId, claim: &Claim) -> keys::Key {
        let organization = match claim.within {
            Within::Organization => organization,
            Within::Platform => OrganizationId::PLATFORM,
        };
        let hash = self.hash_key.hash(&[R::KIND, claim.field, &claim.value]);
        keys::claim(organization, R::KIND, claim.field, &hash)
    }
}

fn cancellation<R>(error: &SdkError<TransactWriteItemsError, R>) -> Option<&[CancellationReason]> {
    match error.as_service_error()? {
        TransactWriteItemsError::TransactionCanceledException(cancelled) => Some(cancelled.cancellation_reasons()),
        _ => None,
    }
}

fn live_claims<R: Record>(record: &R) -> Vec<Claim> {
    if record.meta().deleted_at.is_some() { Vec::new() } else { record.claims() }
}

fn live_lists<R: Record>(record: &R) -> Vec<List> {
    if record.meta().deleted_at.is_some() { Vec::new() } else { record.lists() }
}

fn refusals(reasons: &[CancellationReason], parts: &[(Part, usize)]) -> Vec<(usize, Refused)> {
    reasons
        .iter()
        .zip(parts)
        .filter(|(reason, _)| reason.code() == Some("ConditionalCheckFailed"))
        .map(|(reason, (part, index))| (*index, name_refusal(*part, reason.item())))
        .collect()
}

fn name_refusal(part: Part, old: Option<&Item>) -> Refused {
    match part {
        Part::Create => Refused::Exists,
        Part::Update | Part::Event | Part::Release => Refused::Conflict,
        Part::Claim(field) => {
            Refused::Taken { field, holder: old.and_then(|old| item::text(old, attr::SUBJECT)).map(str::to_owned) }
        }
        Part::Guard => Refused::Guard,
    }
}

fn event_of<R: Record>(hash_key: &HashKey, grant: &Grant, change: &Change<R>) -> Event {
    let meta = change.after.meta();
    let subject = change.after.id().to_string();
    // Derived, so that the same change committed again after a lost answer has the same event.
    let bits = hash_key.id_bits(&["event", &subject, &meta.version.to_string()]);
    Event {
        id: EventId::at(meta.updated_at, bits),
        kind: change.kind.to_owned(),
        organization: meta.organization,
        record: R::KIND.to_owned(),
        subject,
        version: meta.version,
        at: meta.updated_at,
        actor: grant.actor().clone(),
        origin: grant.origin().cloned(),
        changes: change.changes(),
        reason: change.reason.clone(),
        data: change.data.clone(),
    }
}

/// The domain's counters and the sizes of the lists that the record joined or left.
fn counts_of<R: Record>(change: &Change<R>) -> Vec<Count> {
    let before = change.before.as_ref().map(live_lists).unwrap_or_default();
    let after = live_lists(&change.after);
    let size = |list: &List, by| Count::gauge("list", None, list_dimension(R::KIND, list.question, &list.value), by);
    let mut counts = change.counts.clone();
    let same = |a: &List, b: &List| a.slot == b.slot && a.question == b.question && a.value == b.value;
    counts.extend(after.iter().filter(|a| !before.iter().any(|b| same(a, b))).map(|list| size(list, 1)));
    counts.extend(before.iter().filter(|b| !after.iter().any(|a| same(a, b))).map(|list| size(list, -1)));
    counts
}

/// The dimension under which a list's size is counted.
pub(crate) fn list_dimension(kind: &str, question: &str, value: &str) -> String {
    format!("{kind}#{question}#{value}")
}
